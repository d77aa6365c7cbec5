//! How long reports have waited: from the first submission on, without the time it was the holder's turn, wherever it is told.

use chrono::TimeDelta;
use cpe_portal::domain::ids::ActivityId;
use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::store::accounts::Account;

use super::{submit, verdict};
use crate::support::{Browser, Page, TestPortal, day};
use crate::timetable::body::behind_its_back;

const RETURN: [(&str, &str); 3] =
    [("decision", "return"), ("reason_code", "no_evidence"), ("reason", "Send the certificate, please.")];

/// Goes to ten o'clock of a day, where this person is signed in.
fn on(portal: &TestPortal, date: &str, browser: &Browser, person: &Account) {
    portal.clock.set_local(day(date), 10);
    portal.begin_session(browser, person);
}

async fn take_back(browser: &Browser, activity: ActivityId, what: &str, reason: &str) -> Page {
    let page = browser.get(&format!("/staff/activities/{activity}")).await.expect(200);
    let version = page.values("input[name=version]", "value").remove(0);
    let fields = [("version", version.as_str()), ("reason", reason)];
    browser.post(&format!("/staff/activities/{activity}/{what}/removal"), &fields).await.expect(303)
}

#[actix_web::test]
async fn a_question_that_is_taken_back_begins_no_new_wait_and_leaves_the_holders_turn_out() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.clock.set_local(day("2026-11-07"), 10);
    let report = portal.submitted(&people.owner, "A seminar", "2026-10-01", 3);
    let staff = portal.browser(&people.reviewer).await;
    let turn = async |browser: &Browser| {
        let page = browser.get(&format!("/staff/activities/{report}")).await.expect(200);
        page.texts(".heading-actions .muted").join("")
    };
    on(&portal, "2026-11-10", &staff, &people.reviewer);
    verdict(&staff, report, &RETURN).await.expect(303);
    take_back(&staff, report, "return", "").await;
    assert_eq!(turn(&staff).await, "Your turn, since 7 November 2026 (3 days ago).");

    verdict(&staff, report, &RETURN).await.expect(303);
    on(&portal, "2026-11-12", &staff, &people.reviewer);
    assert_eq!(turn(&staff).await, "The holder's turn, since 10 November 2026 (2 days ago).");
    take_back(&staff, report, "return", "").await;
    on(&portal, "2026-11-23", &staff, &people.reviewer);
    let words =
        "Your turn, since 7 November 2026: 14 days, not counting the 2 days when it was the holder's turn.";
    assert_eq!(turn(&staff).await, words);
    let queue = staff.get("/staff/review").await.expect(200).words();
    assert!(queue.contains("14 d 14 days"), "{queue}");
    assert!(queue.contains("The oldest has waited for 14 days."), "{queue}");
    let overview = staff.get("/staff").await.expect(200);
    assert!(overview.words().contains("The oldest has waited for 14 days."), "{}", overview.words());
    let charts = overview.values("svg", "aria-label").join(" ");
    assert!(charts.contains("0 3 to 7 days, 1 8 to 14 days"), "{charts}");
    assert_eq!(staff.get("/staff/review?waiting=14").await.expect(200).texts("tbody th a").len(), 0);
    assert_eq!(staff.get("/staff/review?waiting=7").await.expect(200).texts("tbody th a"), ["A seminar"]);
    let holder = portal.browser(&people.owner).await;
    let page = holder.get(&format!("/activities/{report}")).await.expect(200).words();
    let words = "You reported it on 7 November 2026, and we have it again. It has waited for us 14 days, not counting your own turn.";
    assert!(page.contains(words), "{page}");
    let page = holder.get("/dashboard").await.expect(200).words();
    assert!(page.contains("1 report has been waiting for our review since 7 November 2026."), "{page}");
}

#[actix_web::test]
async fn an_answer_and_a_change_of_the_holder_go_on_with_the_wait_too() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.clock.set_local(day("2026-11-07"), 10);
    let report = portal.submitted(&people.owner, "A seminar", "2026-10-01", 3);
    let staff = portal.browser(&people.reviewer).await;
    on(&portal, "2026-11-08", &staff, &people.reviewer);
    verdict(&staff, report, &RETURN).await.expect(303);
    on(&portal, "2026-11-20", &staff, &people.reviewer);
    let holder = portal.browser(&people.owner).await;
    let page = holder.get(&format!("/activities/{report}")).await.expect(200).words();
    assert!(page.contains("It has been your turn since 8 November 2026."), "{page}");
    submit(&portal, people.owner.id, report, 2);
    on(&portal, "2026-11-23", &staff, &people.reviewer);
    // one day before the question, three after the answer
    let queue = staff.get("/staff/review").await.expect(200).words();
    assert!(queue.contains("4 d 4 days"), "{queue}");
}

#[actix_web::test]
async fn a_verdict_that_is_taken_back_goes_on_with_the_wait() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.clock.set_local(day("2026-11-07"), 10);
    let report = portal.submitted(&people.owner, "A seminar", "2026-10-01", 3);
    let staff = portal.browser(&people.reviewer).await;
    on(&portal, "2026-11-21", &staff, &people.reviewer);
    let reject = [("decision", "reject"), ("reason_code", "no_evidence"), ("reason", "Nothing shows it.")];
    verdict(&staff, report, &reject).await.expect(303);
    portal.clock.advance(TimeDelta::hours(1));
    take_back(&staff, report, "review", "It was another report.").await;
    let page = staff.get(&format!("/staff/activities/{report}")).await.expect(200);
    assert_eq!(
        page.texts(".heading-actions .muted").join(""),
        "Your turn, since 7 November 2026 (14 days ago)."
    );
}

#[actix_web::test]
async fn the_overview_says_of_how_many_reports_its_chart_is() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.submitted(&people.owner, "A seminar", "2026-10-01", 3);
    behind_its_back(
        &portal,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1499)
         INSERT INTO activities (holder_id, status, category, title, organiser, field_id, started_on, completed_on,
            quantity, publication, publication_fold, relevance, not_regular_job, reported_at, queue_rank, queue_deadline, version,
            created_at, updated_at, waiting_since)
         SELECT holder_id, status, category, title || i, organiser, field_id, started_on, completed_on, quantity,
            publication, publication_fold, relevance, not_regular_job, reported_at, queue_rank, queue_deadline, version,
            created_at, updated_at, waiting_since FROM activities, n WHERE activities.id = 1",
    );
    let words = portal.browser(&people.reviewer).await.get("/staff").await.expect(200).words();
    assert!(words.contains("1 500 reports are waiting for review"), "{words}");
    assert!(!words.contains("1 000 or more"), "{words}");
}

#[actix_web::test]
async fn the_months_of_deadlines_keep_their_colours_however_many_there_are() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.submitted(&people.owner, "A lecture of a week", "2026-10-01", 20);
    // 2 100 certificates of the stranger, whose deadline is in the same month
    behind_its_back(
        &portal,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
         INSERT INTO certificates (holder_id, certification_id, number, number_fold, granted_on, created_at)
         SELECT holder_id, certification_id, number || '-' || i, number_fold || i, granted_on, created_at
         FROM certificates, n WHERE certificates.number = 'EHP-2002'",
    );
    behind_its_back(
        &portal,
        "INSERT INTO certification_years (certificate_id, number, starts_on, ends_on, deadline, look_on)
         SELECT id, 1, '2026-03-15', '2027-03-14', '2027-03-14', '2026-12-14' FROM certificates
         WHERE id NOT IN (SELECT certificate_id FROM certification_years WHERE number = 1)",
    );
    let staff = portal.browser(&people.reviewer).await;
    let page = staff.get("/staff/deadlines").await.expect(200);
    assert!(page.words().contains("Where these years stand is worked out overnight"), "{}", page.words());
    let job = TIMETABLE.iter().find(|job| job.name.code() == "figures").unwrap();
    assert!(matches!(tick(&portal, job, &|| false).unwrap(), Tick::Ran(_)));
    let page = staff.get("/staff/deadlines").await.expect(200);
    let legend = page.text(".legend");
    assert!(legend.contains("minimum reached") && legend.contains("credits missing"), "{legend}");
    let months: Vec<String> = page.texts("table.dense tbody tr").into_iter().take(1).collect();
    assert!(months[0].starts_with("March 2027") && months[0].ends_with("2 102012 101"), "{months:?}");
    assert!(page.words().contains("Counted on 23 November 2026"), "{}", page.words());
}

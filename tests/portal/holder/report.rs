use super::*;
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::store::activities::{activity_versions, evidence};
use cpe_portal::store::records::history;

#[actix_web::test]
async fn a_report_with_a_file_is_kept_whole_and_waits_for_review() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let answer = browser.post_files("/activities", &WHOLE, &[("evidence", "Zertifikat é.pdf", PDF)]).await;
    let id = led_to(&answer);
    let activity = kept(&portal, id);
    assert_eq!(activity.status, ActivityStatus::Submitted);
    assert_eq!(activity.facts.title, "Zero trust in practice");
    assert_eq!(activity.facts.quantity.unwrap().amount(), 150);
    assert_eq!(activity.facts.started_on, activity.facts.completed_on, "an empty first day is the last");
    assert_eq!(activity.reported_at, Some(portal.clock.now()));
    let page = browser.follow(answer).await.expect(200);
    assert_eq!(page.text("h1"), "Your report has been sent");
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    assert!(page.words().contains("Waiting for review") && page.words().contains("Zertifikat é.pdf"));
    let amount = "2.50 credits reported, not reviewed yet: they count as waiting until it is reviewed.";
    assert_eq!(page.text(".amount"), amount);
    let told = portal.store.read(|conn| activity_versions::of_activity(conn, id)).unwrap();
    assert_eq!(told.len(), 1);
    assert!(told[0].1.contains("Zero trust in practice"));
}

#[actix_web::test]
async fn one_report_shows_how_it_counts_for_each_certificate_step_by_step() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.certificate(&people.owner, "ITSP", "ITSP-7", "2026-09-01");
    portal.certificate(&people.owner, "DPF", "DPF-8", "2020-01-01");
    portal.certificate(&people.owner, "EHP", "EHP-9", "2026-11-01");
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    decide(
        &portal,
        &people,
        id,
        &GivenVerdict { quantity: "2", reason: "The programme says 2 hours.", ..APPROVE },
    );
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    let words = page.words();
    assert_eq!(page.text(".figure-sentence"), "2.50 reported; 0.50 not accepted; 2 counted.");
    assert!(words.contains("You reported 2 hours 30 minutes; the reviewer awarded 2 hours."), "{words}");
    assert_eq!(page.texts(".steps .total .step-result"), ["2 credits", "2 credits"]);
    assert!(words.contains("This certificate needs no credits."));
    assert!(words.contains("This certificate was granted later, on 1 November 2026."));
    assert!(words.contains("Approved by Rita Reviewer") && words.contains("The programme says 2 hours."));
}

#[actix_web::test]
async fn a_returned_report_says_why_and_is_answered_by_sending_it_again() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    let first_reported = kept(&portal, id).reported_at;
    portal.clock.advance(chrono::TimeDelta::days(2));
    decide(&portal, &people, id, &RETURN);
    let browser = portal.browser(&people.owner).await;
    let page = browser.get("/dashboard").await.expect(200);
    assert!(page.words().contains("we have a question about it"));
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    assert!(page.text(".notice").contains("Please add the certificate of attendance."));
    let form = browser.get(&format!("/activities/{id}/edit")).await.expect(200);
    assert!(form.text(".notice").contains("Please add the certificate of attendance."));
    assert_eq!(form.values("#title", "value"), ["Zero trust in practice"]);
    assert_eq!(form.values("#completed_on", "value"), ["5 October 2026"]);
    assert_eq!(
        (form.values("#hours", "value"), form.values("#minutes", "value")),
        (vec!["2".into()], vec!["30".into()])
    );
    let version = kept(&portal, id).version.to_string();
    let fields = with(&[("version", &version), ("hours", "3"), ("minutes", "")]);
    let answer =
        browser.post_files(&format!("/activities/{id}"), &fields, &[("evidence", "proof.png", PNG)]).await;
    assert_eq!(led_to(&answer), id);
    let activity = kept(&portal, id);
    assert_eq!(activity.status, ActivityStatus::Submitted, "answered");
    assert_eq!(activity.reported_at, first_reported, "the day of the first report is kept");
    assert_eq!(activity.facts.quantity.unwrap().amount(), 180);
    assert_eq!(portal.store.read(|conn| evidence::of_activity(conn, id)).unwrap().len(), 1);
    let about = history::HistoryFilter { activity: Some(id), ..Default::default() };
    let events: Vec<String> = portal
        .store
        .read(|conn| history::list(conn, about, 10))
        .unwrap()
        .into_iter()
        .map(|row| row.event.code().to_owned())
        .collect();
    assert_eq!(events.first().unwrap(), "activity answered");
    assert_eq!(events.last().unwrap(), "activity submitted");
}

#[actix_web::test]
async fn a_rejected_report_says_why_and_can_no_longer_be_changed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    decide(&portal, &people, id, &REJECT);
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    assert!(page.text(".notice.danger").contains("Gardening is not security."));
    assert!(!page.has("a[href$='/edit']") && !page.has("a[href$='/withdrawal']"));
    browser.get(&format!("/activities/{id}/edit")).await.expect(409);
    let version = kept(&portal, id).version.to_string();
    browser.post_files(&format!("/activities/{id}"), &with(&[("version", &version)]), &[]).await.expect(409);
    browser.post(&format!("/activities/{id}/withdrawal"), &[("version", &version)]).await.expect(409);
    assert_eq!(kept(&portal, id).status, ActivityStatus::Rejected);
}

#[actix_web::test]
async fn whoever_changes_a_report_that_was_changed_meanwhile_is_told_so() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    let path = format!("/activities/{id}");
    browser.post_files(&path, &with(&[("version", "1"), ("title", "First")]), &[]).await.expect(303);
    browser.post_files(&path, &with(&[("version", "1"), ("title", "Second")]), &[]).await.expect(409);
    browser.post_files(&path, &with(&[("title", "Without a version")]), &[]).await.expect(409);
    browser.post_files(&path, &with(&[("version", "two"), ("title", "Nonsense")]), &[]).await.expect(409);
    assert_eq!(kept(&portal, id).facts.title, "First");
    // a form that was shown again keeps the version with which it was opened
    let shown =
        browser.post_files(&path, &with(&[("version", "1"), ("intent", "preview")]), &[]).await.expect(200);
    assert_eq!(shown.values("input[name=version]", "value"), ["1"]);
}

#[actix_web::test]
async fn a_withdrawn_report_counts_nothing_and_is_asked_for_first() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    let page = browser.get(&format!("/activities/{id}/withdrawal")).await.expect(200);
    assert!(page.words().contains("What waits (2.50 credits) will not count any more"));
    assert_eq!(kept(&portal, id).status, ActivityStatus::Submitted, "asking changes nothing");
    let version = page.values("input[name=version]", "value").remove(0);
    browser.post(&format!("/activities/{id}/withdrawal"), &[("version", &version)]).await.expect(303);
    assert_eq!(kept(&portal, id).status, ActivityStatus::Withdrawn);
    let dashboard = browser.get("/dashboard").await.expect(200);
    assert!(dashboard.words().contains("Nothing reported for this year yet."));
}

#[actix_web::test]
async fn a_share_of_a_publication_goes_to_the_next_report_when_the_first_is_withdrawn() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let writing = |day, pages| {
        with(&[
            ("category", "writing"),
            ("publication", "The  Book"),
            ("completed_on", day),
            ("pages", pages),
        ])
    };
    let first = led_to(&browser.post_files("/activities", &writing("2026-09-01", "4"), &[]).await);
    let mut later = writing("2026-09-02", "3");
    later.iter_mut().find(|(name, _)| *name == "publication").unwrap().1 = " the book ";
    let second = led_to(&browser.post_files("/activities", &later, &[]).await);
    let total =
        async || browser.get(&format!("/activities/{second}")).await.text(".steps .total .step-result");
    assert_eq!(total().await, "1 credit", "4 of the 5 credits of a publication are taken (G4)");
    let version = kept(&portal, first).version.to_string();
    browser.post(&format!("/activities/{first}/withdrawal"), &[("version", &version)]).await.expect(303);
    assert_eq!(total().await, "3 credits");
}

#[actix_web::test]
async fn what_belongs_to_somebody_else_is_not_there() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    let stranger = portal.browser(&people.stranger).await;
    stranger.get("/activities/new").await.expect(200);
    for path in ["", "/edit", "/withdrawal"] {
        stranger.get(&format!("/activities/{id}{path}")).await.expect(404);
    }
    for path in ["", "/submission", "/withdrawal"] {
        stranger.post(&format!("/activities/{id}{path}"), &with(&[("version", "1")])).await.expect(404);
    }
    stranger.post("/activities/preview", &[("activity", &id.to_string())]).await.expect(404);
    stranger.get(&format!("/certificates/{}", people.owner_certificate)).await.expect(404);
    for nonsense in
        ["/activities/0", "/activities/x", "/activities/99999999999999999999", "/certificates/%00"]
    {
        browser.get(nonsense).await.expect(404);
    }
    assert_eq!(kept(&portal, id).version, 1);
}

#[actix_web::test]
async fn the_list_filters_by_year_and_status_in_the_address() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.activity(&people.owner, ActivityStatus::Approved, "Approved talk", "2026-04-01", 2);
    portal.activity(&people.owner, ActivityStatus::Submitted, "Waiting talk", "2026-05-01", 2);
    portal.activity(&people.owner, ActivityStatus::Submitted, "Older talk", "2025-05-01", 2);
    let browser = portal.browser(&people.owner).await;
    let listed = async |path: &str| browser.get(path).await.expect(200).texts("tbody th a");
    assert_eq!(listed("/activities").await, ["Waiting talk", "Approved talk", "Older talk"]);
    assert_eq!(listed("/activities?year=2026").await, ["Waiting talk", "Approved talk"]);
    assert_eq!(listed("/activities?year=2026&status=approved").await, ["Approved talk"]);
    assert_eq!(listed("/activities?year=x&status=y").await.len(), 3, "nonsense filters nothing");
    let empty = browser.get("/activities?status=returned").await.expect(200);
    assert!(empty.words().contains("Nothing matches"));
    let stranger = portal.browser(&people.stranger).await;
    assert!(stranger.get("/activities").await.words().contains("Nothing reported yet"));
}

//! What stood on a day, as a statement: for staff about a holder or a certificate, and for the holder about their own.

use cpe_portal::actions::certification::decisions::command::{Deciding, SeenVersion};
use cpe_portal::actions::certification::decisions::decide;
use cpe_portal::actions::reviews::reversal::take_verdict_back;
use cpe_portal::actions::reviews::{GivenVerdict, review};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::activities::review::ReviewDecision;
use cpe_portal::domain::certification::ending::EndingKind;
use cpe_portal::domain::ids::CertificateId;

use crate::support::{Page, People, Rights, TestPortal, day};
use crate::timetable::body::{behind_its_back, run_on};

/// The owner reports on 23 November and is approved on the 25th; their year is met. The stranger's year is flagged on 15 March and waived
/// on the 20th.
fn a_year() -> (TestPortal, People) {
    let portal = TestPortal::new();
    let people = portal.people();
    let activity = portal.submitted(&people.owner, "A long course", "2026-06-01", 24);
    portal.clock.set_local(day("2026-11-25"), 10);
    let approve = GivenVerdict { decision: Some(ReviewDecision::Approve), ..GivenVerdict::default() };
    review(&portal, people.reviewer.as_reviewer(), activity, None, &approve).unwrap();
    run_on(&portal, "2027-02-01");
    run_on(&portal, "2027-03-15");
    portal.clock.set_local(day("2027-03-20"), 10);
    decided(&portal, &people, people.stranger_certificate, Deciding::Waive { year: 1 }, "Long illness.");
    portal.clock.set_local(day("2027-03-22"), 10);
    (portal, people)
}

fn decided(portal: &TestPortal, people: &People, id: CertificateId, deciding: Deciding, reason: &str) {
    let by = people.administrator.as_administrator();
    decide(portal, by, id, SeenVersion::default(), deciding, reason).unwrap();
}

/// The rows of the years and of the reports, cell by cell.
fn rows(page: &Page, table: usize) -> Vec<String> {
    let name = ["Certification years", "Reports"][table];
    let cells = format!("[aria-label^='{name}'] tbody tr > *");
    page.texts(&cells)
}

#[actix_web::test]
async fn a_statement_says_what_stood_at_the_end_of_its_day() {
    let (portal, people) = a_year();
    let rita = portal.browser(&people.reviewer).await;
    let about_owner = async |on: &str| {
        rita.get(&format!("/staff/holders/{}/statement?on={on}", people.owner.id)).await.expect(200)
    };

    let page = about_owner("2026-11-24").await;
    assert_eq!(page.text("h1"), "Statement as of 24 November 2026");
    let head = page.text(".statement-head");
    for words in
        ["Institute for Testing", "Olga Owner", "by the end of 24 November 2026", "22 March 2027, 10:00"]
    {
        assert!(head.contains(words), "{words}: {head}");
    }
    let years = rows(&page, 0);
    assert_eq!(years[2..7], ["0.00", "24.00", "0.00", "20.00", "Covered by waiting reports"], "{years:?}");
    assert_eq!(years.len(), 7, "the year that has not begun is not there: {years:?}");
    let reports = rows(&page, 1);
    assert!(reports[0].contains("A long course") && reports[0].contains("reported on 23 November 2026"));
    assert_eq!(reports[1..], ["1 June 2026", "24 hours", "24.00ISP-1001, year 1", "Waiting for review"]);

    let page = about_owner("25+November+2026").await;
    let years = rows(&page, 0);
    assert_eq!(years[2..7], ["24.00", "0.00", "0.00", "20.00", "Minimum reached"], "{years:?}");
    assert_eq!(rows(&page, 1)[4], "Approved");

    let page = about_owner("2027-03-15").await;
    let years = rows(&page, 0);
    assert!(years[0].starts_with("Year 2") && years[7].starts_with("Year 1"), "{years:?}");
    assert_eq!(years[9..14], ["24.00", "0.00", "", "20.00", "RecertifiedOn 15 March 2027"], "{years:?}");

    // without a day it is that of today
    let page = rita.get(&format!("/staff/holders/{}/statement", people.owner.id)).await.expect(200);
    assert_eq!(page.text("h1"), "Statement as of 22 March 2027");
    assert_eq!(page.values("#on", "value"), ["22 March 2027"]);
    assert!(page.text(".statement-head").contains("by 10:00 on 22 March 2027"));
}

#[actix_web::test]
async fn a_flag_and_what_was_decided_stand_from_their_day_on() {
    let (portal, people) = a_year();
    let rita = portal.browser(&people.reviewer).await;
    let id = people.stranger_certificate;
    let on =
        async |day: &str| rita.get(&format!("/staff/certificates/{id}/statement?on={day}")).await.expect(200);
    let year_1 = |page: &Page| {
        let years = rows(page, 0);
        years[years.len() - 7..].to_vec()
    };
    let page = on("2027-03-14").await;
    assert_eq!(year_1(&page)[2..], ["0.00", "0.00", "20.00", "20.00", "Open"]);
    assert_eq!(page.text(".statement-part .tag"), "Open");
    let page = on("2027-03-19").await;
    let flagged = "FlaggedSince 15 March 2027, to be answered until 29 March 2027";
    assert_eq!(year_1(&page)[6], flagged);
    assert_eq!(page.text(".statement-part .tag"), "Flagged");
    assert!(!page.words().contains("Long illness."), "{}", page.words());
    let page = on("2027-03-20").await;
    assert_eq!(year_1(&page)[6], "WaivedOn 20 March 2027");
    assert!(page.words().contains("Waiver for year 1 (EHP-2002)") && page.words().contains("Long illness."));
    assert!(page.text(".statement-part").contains("In force, issued on 23 November 2026"));

    portal.clock.set_local(day("2027-03-21"), 10);
    let wish = Deciding::End { kind: EndingKind::Wish, replaced_by: None };
    decided(&portal, &people, id, wish, "A letter came.");
    portal.clock.set_local(day("2027-03-22"), 10);
    let page = on("2027-03-21").await;
    assert_eq!(page.text(".statement-part .tag"), "Ended: holder's wish");
    assert!(page.text(".statement-part").contains("Withdrawn on 21 March 2027"));
    assert_eq!(on("2027-03-20").await.text(".statement-part .tag"), "Open", "not before");
}

#[actix_web::test]
async fn a_day_that_cannot_be_used_is_refused_beside_its_field_and_kept() {
    let (portal, people) = a_year();
    let rita = portal.browser(&people.reviewer).await;
    for (typed, words) in [
        ("2027-03-23", "23 March 2027 is still to come. Choose today or a day before it."),
        (
            "2026-11-22",
            "The portal knows nothing from before 23 November 2026. Choose that day or a later one.",
        ),
        ("3/4/2026", "“3/4/2026” can be 3 April 2026 or 4 March 2026. Type the month by its name."),
        ("soon", "We cannot read “soon” as a day. Write it like 14 March 2027."),
        ("<b>", "We cannot read “<b>” as a day. Write it like 14 March 2027."),
    ] {
        for about in [
            format!("/staff/holders/{}", people.owner.id),
            format!("/staff/certificates/{}", people.owner_certificate),
        ] {
            let query =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("on", typed).finish();
            let page = rita.get(&format!("{about}/statement?{query}")).await.expect(422);
            assert_eq!(page.error("on"), format!("Error: {words}"), "{typed}");
            assert_eq!(page.values("#on", "value"), [typed]);
            assert!(!page.has(".statement-head"));
        }
    }
    let nobody = rita.get("/staff/holders/999/statement?on=soon").await;
    nobody.expect(404);
    rita.get("/staff/certificates/none/statement").await.expect(404);
}

#[actix_web::test]
async fn holders_read_their_own_and_nothing_of_staff() {
    let (portal, people) = a_year();
    let id = people.stranger_certificate;
    portal.clock.set_local(day("2027-03-21"), 10);
    let misconduct = Deciding::End { kind: EndingKind::Misconduct, replaced_by: None };
    decided(&portal, &people, id, misconduct, "We wrote to you about it.");
    portal.clock.set_local(day("2027-03-22"), 10);
    let stan = portal.browser(&people.stranger).await;
    let page = stan.get(&format!("/certificates/{id}/statement?on=2027-03-21")).await.expect(200);
    assert_eq!(page.text(".statement-part .tag"), "Withdrawn");
    assert!(
        page.words().contains("Withdrawal (EHP-2002)") && page.words().contains("We wrote to you about it.")
    );
    let staffs = page.values("main a", "href").into_iter().filter(|href| href.starts_with("/staff"));
    assert_eq!(staffs.count(), 0);
    for word in ["misconduct", "Ada", "Rita"] {
        assert!(!page.words().contains(word), "{word}");
    }
    // somebody else's is not there, whatever day is asked for
    for on in ["2027-03-21", "soon", ""] {
        let path = format!("/certificates/{}/statement?on={on}", people.owner_certificate);
        stan.get(&path).await.expect(404);
    }
    assert!(
        stan.get(&format!("/certificates/{id}"))
            .await
            .expect(200)
            .html()
            .contains(&format!("/certificates/{id}/statement"))
    );
}

#[actix_web::test]
async fn what_is_not_kept_is_said_and_not_guessed() {
    let (portal, people) = a_year();
    let rita = portal.browser(&people.reviewer).await;
    let owner = format!("/staff/holders/{}/statement?on=2027-03-22", people.owner.id);
    let stranger = format!("/staff/certificates/{}/statement?on=2027-03-16", people.stranger_certificate);
    for path in [&owner, &stranger] {
        assert!(!rita.get(path).await.expect(200).words().contains("Not everything is known"));
    }
    // an import of earlier days did not say what was awarded elsewhere
    let brought = portal.activity(&people.owner, ActivityStatus::Approved, "Brought in", "2027-03-16", 2);
    for trigger in ["activity_versions_are_never_updated", "history_is_never_updated"] {
        behind_its_back(&portal, &format!("DROP TRIGGER {trigger}"));
    }
    behind_its_back(&portal, "UPDATE activity_versions SET facts = json_remove(facts, '$.awarded')");
    let page = rita.get(&owner).await.expect(200);
    assert_eq!(
        rows(&page, 1)[3],
        "2.00ISP-1001, year 2",
        "as long as nothing has changed since, it is known"
    );
    portal.clock.set_local(day("2027-03-23"), 10);
    take_verdict_back(&portal, people.reviewer.as_reviewer(), brought, Some(1), "A slip.").unwrap();
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get(&owner).await.expect(200);
    assert!(page.words().contains("One report came from the records before this portal"), "{}", page.words());
    assert_eq!((rows(&page, 1)[3].as_str(), rows(&page, 1)[4].as_str()), ("", "Approved"));
    // flags of earlier days did not say of which year they were
    behind_its_back(&portal, "UPDATE history SET year = NULL");
    let page = rita.get(&stranger).await.expect(200);
    assert!(page.words().contains("On 15 March 2027 a year of EHP-2002 was flagged"), "{}", page.words());
}

#[actix_web::test]
async fn pages_of_holders_and_certificates_lead_to_it_and_back() {
    let (portal, people) = a_year();
    let rita = portal.browser(&people.reviewer).await;
    for path in [
        format!("/staff/holders/{}", people.owner.id),
        format!("/staff/certificates/{}", people.owner_certificate),
    ] {
        let page = rita.get(&path).await.expect(200);
        assert_eq!(page.texts(&format!("a[href='{path}/statement']")), ["As of a day…"]);
        let page = rita.get(&format!("{path}/statement")).await.expect(200);
        assert!(page.values("main a", "href").contains(&path));
    }
}

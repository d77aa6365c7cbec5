use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::ids::ActivityId;

use super::verdict;
use crate::support::TestPortal;
use crate::timetable::body::{kinds_of, texts};

fn status(portal: &TestPortal, id: ActivityId) -> String {
    texts(portal, &format!("SELECT status AS text FROM activities WHERE id = {id}")).remove(0)
}

#[actix_web::test]
async fn an_approval_counts_tells_the_holder_and_goes_on_to_the_next_report() {
    let portal = TestPortal::new();
    let people = portal.people();
    let first = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let second = portal.submitted(&people.stranger, "A lecture", "2026-05-03", 2);
    let reviewer = portal.browser(&people.reviewer).await;

    let answer = verdict(&reviewer, first, &[("decision", "approve")]).await.expect(303);
    assert_eq!(answer.location(), Some(format!("/staff/activities/{second}")));
    assert!(
        reviewer
            .follow(answer)
            .await
            .words()
            .contains("Approved “A seminar”, 3 credits. The holder is told.")
    );
    assert_eq!(status(&portal, first), "approved");
    assert_eq!(kinds_of(&portal, people.owner.id), ["approved"]);
    let events = texts(&portal, "SELECT event AS text FROM history WHERE activity_id IS NOT NULL");
    assert_eq!(events, ["activity approved"]);

    let answer = verdict(&reviewer, second, &[("decision", "approve")]).await.expect(303);
    assert_eq!(answer.location().as_deref(), Some("/staff/review"));
}

#[actix_web::test]
async fn an_award_other_than_reported_needs_a_reason_and_is_told() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let reviewer = portal.browser(&people.reviewer).await;

    let page = verdict(&reviewer, id, &[("decision", "approve"), ("quantity", "1:30")]).await.expect(422);
    assert_eq!(page.error("reason"), "Error: Say why the quantity differs from what was reported.");
    assert_eq!(page.values("#quantity", "value"), ["1:30"], "what was typed is kept");
    assert_eq!(status(&portal, id), "submitted");

    let fields =
        [("decision", "approve"), ("quantity", "1:30"), ("reason", "Two of the three hours were lunch.")];
    verdict(&reviewer, id, &fields).await.expect(303);
    assert_eq!(texts(&portal, "SELECT CAST(awarded AS TEXT) AS text FROM activities"), ["90"]);
    let mail = texts(&portal, "SELECT body_text AS text FROM mails WHERE kind = 'approved'").remove(0);
    assert!(mail.contains("Two of the three hours were lunch.") && mail.contains("1.50"), "{mail}");
}

#[actix_web::test]
async fn an_award_equal_to_the_report_is_an_approval_as_reported() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let reviewer = portal.browser(&people.reviewer).await;
    verdict(&reviewer, id, &[("decision", "approve"), ("quantity", "3,0")]).await.expect(303);
    assert_eq!(texts(&portal, "SELECT COALESCE(awarded, 'none') AS text FROM activities"), ["none"]);
}

#[actix_web::test]
async fn a_return_and_a_rejection_need_a_reason_in_words_and_tell_it() {
    for (decision, becomes) in [("return", "returned"), ("reject", "rejected")] {
        let portal = TestPortal::new();
        let people = portal.people();
        let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
        let reviewer = portal.browser(&people.reviewer).await;

        let page = verdict(&reviewer, id, &[("decision", decision)]).await.expect(422);
        assert_eq!(page.error("reason_code"), "Error: Choose a reason.");
        assert!(page.error("reason").contains("Say in words"));
        assert_eq!(page.texts(".error-summary li").len(), 2);
        let fields = [("decision", decision), ("reason_code", "nonsense"), ("reason", "Because")];
        assert_eq!(verdict(&reviewer, id, &fields).await.expect(422).text("#reason"), "Because");

        let fields = [
            ("decision", decision),
            ("reason_code", "no_evidence"),
            ("reason", "Please add the certificate of attendance."),
        ];
        verdict(&reviewer, id, &fields).await.expect(303);
        assert_eq!(status(&portal, id), becomes);
        assert_eq!(kinds_of(&portal, people.owner.id), [becomes]);
        let mail = texts(&portal, "SELECT body_text AS text FROM mails").remove(0);
        assert!(mail.contains("Please add the certificate of attendance."), "{mail}");
        assert_eq!(texts(&portal, "SELECT decision AS text FROM reviews"), [decision]);
    }
}

#[actix_web::test]
async fn nonsense_in_a_verdict_changes_nothing_and_is_told_beside_its_field() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let reviewer = portal.browser(&people.reviewer).await;
    let long = "x".repeat(4001);
    for (field, fields) in [
        ("decision", vec![]),
        ("decision", vec![("decision", "perhaps")]),
        ("quantity", vec![("decision", "approve"), ("quantity", "0.33"), ("reason", "r")]),
        ("quantity", vec![("decision", "approve"), ("quantity", "-1"), ("reason", "r")]),
        ("quantity", vec![("decision", "approve"), ("quantity", "0"), ("reason", "r")]),
        ("reason", vec![("decision", "reject"), ("reason_code", "other"), ("reason", "   ")]),
        ("reason", vec![("decision", "reject"), ("reason_code", "other"), ("reason", long.as_str())]),
    ] {
        let page = verdict(&reviewer, id, &fields).await.expect(422);
        assert!(!page.error(field).is_empty(), "{field}: {fields:?}");
    }
    assert_eq!(status(&portal, id), "submitted");
    assert!(texts(&portal, "SELECT kind AS text FROM mails").is_empty());
    assert!(texts(&portal, "SELECT decision AS text FROM reviews").is_empty());
}

#[actix_web::test]
async fn of_two_reviewers_at_once_the_second_is_told_that_somebody_was_first() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let one = portal.browser(&people.reviewer).await;
    let other = portal.browser(&people.administrator).await;
    let path = format!("/staff/activities/{id}");
    let seen_by_other = other.get(&path).await.expect(200).values("input[name=version]", "value").remove(0);
    let reader = people.administrator.id.to_string();
    verdict(&one, id, &[("decision", "approve"), ("take_over", &reader)]).await.expect(303);

    let reject = [
        ("version", seen_by_other.as_str()),
        ("decision", "reject"),
        ("reason_code", "other"),
        ("reason", "No"),
    ];
    let page = other.post(&format!("{path}/review"), &reject).await.expect(409);
    assert_eq!(page.text("h1"), "A colleague was first");
    assert_eq!(status(&portal, id), "approved");
    assert_eq!(texts(&portal, "SELECT decision AS text FROM reviews"), ["approve"]);
    assert_eq!(kinds_of(&portal, people.owner.id), ["approved"]);
}

#[actix_web::test]
async fn a_verdict_on_a_version_that_the_holder_changed_since_is_refused() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff/activities/{id}")).await.expect(200);
    let version = page.values("input[name=version]", "value").remove(0);
    crate::timetable::body::behind_its_back(
        &portal,
        "UPDATE activities SET title = 'Another', version = version + 1",
    );
    let fields = [("version", version.as_str()), ("decision", "approve")];
    reviewer.post(&format!("/staff/activities/{id}/review"), &fields).await.expect(409);
    assert_eq!(status(&portal, id), "submitted");
}

#[actix_web::test]
async fn nobody_reviews_their_own_and_own_reports_are_not_in_the_own_queue() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.certificate(&people.reviewer, "ISP", "ISP-3003", "2026-03-15");
    let own = portal.submitted(&people.reviewer, "My own seminar", "2026-05-02", 3);
    let reviewer = portal.browser(&people.reviewer).await;

    assert!(!reviewer.get("/staff/review").await.expect(200).words().contains("My own seminar"));
    let page = reviewer.get(&format!("/staff/activities/{own}")).await.expect(200);
    assert!(page.words().contains("This is your own report. A colleague has to review it."));
    assert!(!page.has("form[action$='/review']"));
    let page = reviewer
        .post(&format!("/staff/activities/{own}/review"), &[("decision", "approve")])
        .await
        .expect(422);
    assert!(page.text(".error-summary").contains("your own report"));
    assert_eq!(status(&portal, own), "submitted");

    let tick = format!("{own}:1");
    let page = reviewer.post("/staff/review", &[("report", tick.as_str())]).await.expect(200);
    assert!(page.words().contains("This is your own report"), "{}", page.words());
    assert_eq!(status(&portal, own), "submitted");

    let colleague = portal.browser(&people.administrator).await;
    assert!(colleague.get("/staff/review").await.expect(200).words().contains("My own seminar"));
    verdict(&colleague, own, &[("decision", "approve")]).await.expect(303);
}

#[actix_web::test]
async fn what_is_decided_cannot_be_decided_again_and_drafts_are_not_shown_to_staff() {
    let portal = TestPortal::new();
    let people = portal.people();
    let approved = portal.activity(&people.owner, ActivityStatus::Approved, "A seminar", "2026-05-02", 3);
    let draft = portal.activity(&people.owner, ActivityStatus::Draft, "A draft", "2026-05-02", 3);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff/activities/{approved}")).await.expect(200);
    assert!(!page.has("form[action$='/review']"));
    let page =
        reviewer.post(&format!("/staff/activities/{approved}/review"), &[("decision", "approve")]).await;
    assert!(page.expect(422).text(".error-summary").contains("not waiting for review"));
    reviewer.get(&format!("/staff/activities/{draft}")).await.expect(404);
    reviewer.post(&format!("/staff/activities/{draft}/review"), &[("decision", "approve")]).await.expect(404);
    reviewer.get("/staff/activities/999999").await.expect(404);
    assert_eq!(status(&portal, draft), "draft");
}

#[actix_web::test]
async fn several_reports_are_approved_at_once_with_one_mail_for_each_holder_and_stale_ones_are_named() {
    let portal = TestPortal::new();
    let people = portal.people();
    let one = portal.submitted(&people.owner, "First seminar", "2026-05-02", 3);
    let two = portal.submitted(&people.owner, "Second seminar", "2026-05-03", 2);
    let three = portal.submitted(&people.stranger, "A lecture", "2026-05-04", 2);
    let stale = portal.submitted(&people.stranger, "A changed lecture", "2026-05-05", 2);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/review").await.expect(200);
    let ticks = page.values("input[name=report]", "value");
    assert_eq!(ticks.len(), 4);
    let update = format!("UPDATE activities SET version = version + 1 WHERE id = {stale}");
    crate::timetable::body::behind_its_back(&portal, &update);

    let fields: Vec<(&str, &str)> = ticks.iter().map(|tick| ("report", tick.as_str())).collect();
    let page = reviewer.post("/staff/review", &fields).await.expect(200);
    assert!(
        page.words().contains("3 reports have been approved. 1 report was left as it was"),
        "{}",
        page.words()
    );
    let rows = page.texts("tbody tr");
    assert!(
        rows[0].starts_with("A changed lecture Stan Stranger Somebody changed or decided it"),
        "{rows:?}"
    );
    // with what shows each of them, and what its holder ticked
    assert!(rows.iter().all(|row| row.ends_with("Information security No file Not part of it")), "{rows:?}");
    assert_eq!(rows.len(), 4);
    for id in [one, two, three] {
        assert_eq!(status(&portal, id), "approved");
    }
    assert_eq!(status(&portal, stale), "submitted");
    assert_eq!(kinds_of(&portal, people.owner.id), ["approved"], "one mail about both");
    let mail = texts(
        &portal,
        &format!("SELECT body_text AS text FROM mails WHERE account_id = {}", people.owner.id),
    )
    .remove(0);
    assert!(mail.contains("First seminar") && mail.contains("Second seminar"), "{mail}");

    let page = reviewer.post("/staff/review", &[]).await.expect(422);
    assert!(page.text(".error-summary").contains("Tick at least one report"));
    reviewer.post("/staff/review", &fields).await.expect(200);
    assert_eq!(kinds_of(&portal, people.owner.id), ["approved"], "nothing is approved twice");
}

#[actix_web::test]
async fn reaching_the_minimum_is_told_once_for_a_year_and_in_one_mail_for_all_years() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.certificate(&people.owner, "DPP", "DPP-4004", "2026-02-01");
    portal.activity(&people.owner, ActivityStatus::Approved, "A long course", "2026-05-01", 19);
    let last = portal.submitted(&people.owner, "The last hour", "2026-05-02", 1);
    let more = portal.submitted(&people.owner, "One more", "2026-05-03", 1);
    let reviewer = portal.browser(&people.reviewer).await;

    verdict(&reviewer, last, &[("decision", "approve")]).await.expect(303);
    assert_eq!(kinds_of(&portal, people.owner.id), ["approved", "minimum-reached"]);
    let mail = texts(&portal, "SELECT body_text AS text FROM mails WHERE kind = 'minimum-reached'").remove(0);
    assert!(mail.contains("ISP-1001") && mail.contains("DPP-4004"), "{mail}");
    assert_eq!(
        texts(
            &portal,
            "SELECT CAST(year AS TEXT) AS text FROM notices_about_years WHERE kind = 'minimum-reached'"
        )
        .len(),
        2
    );

    verdict(&reviewer, more, &[("decision", "approve")]).await.expect(303);
    assert_eq!(kinds_of(&portal, people.owner.id), ["approved", "minimum-reached", "approved"]);
}

#[actix_web::test]
async fn reaching_the_minimum_by_several_approvals_at_once_is_told_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    let ids = [1, 2, 3].map(|n| portal.submitted(&people.owner, &format!("Course {n}"), "2026-05-02", 8));
    let reviewer = portal.browser(&people.reviewer).await;
    let ticks = ids.map(|id| format!("{id}:1"));
    let fields: Vec<(&str, &str)> = ticks.iter().map(|tick| ("report", tick.as_str())).collect();
    reviewer.post("/staff/review", &fields).await.expect(303);
    assert_eq!(kinds_of(&portal, people.owner.id), ["approved", "minimum-reached"]);
}

#[actix_web::test]
async fn what_a_holder_needs_before_a_near_deadline_stands_on_top_of_the_queue() {
    let portal = TestPortal::new();
    let people = portal.people();
    let near = portal.holder("near@people.test", "Nora Near");
    portal.certificate(&near, "ISP", "ISP-5005", "2025-12-01");
    let safe = portal.holder("safe@people.test", "Sam Safe");
    portal.certificate(&safe, "ISP", "ISP-6006", "2025-11-30");
    portal.activity(&safe, ActivityStatus::Approved, "Everything", "2026-05-01", 20);
    portal.submitted(&safe, "More than needed", "2026-05-02", 1);
    portal.submitted(&people.owner, "Needed next March", "2026-05-02", 1);
    portal.submitted(&near, "Needed next week", "2026-05-02", 1);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/review").await.expect(200);
    let titles = page.texts("tbody th a");
    assert_eq!(titles, ["Needed next week", "Needed next March", "More than needed"]);
    assert!(page.words().contains("due 30 Nov"));
}

#[actix_web::test]
async fn the_queue_is_paged_by_its_order_in_both_directions() {
    let portal = TestPortal::new();
    let people = portal.people();
    for n in 0..120 {
        portal.submitted(&people.owner, &format!("Seminar {n:03}"), "2026-05-02", 1);
    }
    let reviewer = portal.browser(&people.reviewer).await;
    let mut page = reviewer.get("/staff/review").await.expect(200);
    let mut seen = page.texts("tbody th a");
    assert_eq!(seen.len(), 25);
    assert!(!page.has(".pagination [rel=prev]"));
    while let Some(next) = page.values(".pagination [rel=next]", "href").into_iter().next() {
        page = reviewer.get(&next).await.expect(200);
        seen.extend(page.texts("tbody th a"));
    }
    let expected: Vec<String> = (0..120).map(|n| format!("Seminar {n:03}")).collect();
    assert_eq!(seen, expected);
    let back = page.values(".pagination [rel=prev]", "href").remove(0);
    assert_eq!(reviewer.get(&back).await.expect(200).texts("tbody th a"), expected[75..100]);
}

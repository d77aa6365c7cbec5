//! A verdict's mail waits: several become one, and what is taken back meanwhile is told to nobody.

use std::ops::ControlFlow;

use chrono::TimeDelta;
use cpe_portal::actions::ActionError;
use cpe_portal::actions::activities::withdraw;
use cpe_portal::actions::reviews::reversal::{take_question_back, take_verdict_back};
use cpe_portal::actions::reviews::{GivenVerdict, Ticked, approve_all, review};
use cpe_portal::domain::activities::review::{ReasonCode, ReviewDecision};
use cpe_portal::domain::ids::ActivityId;
use cpe_portal::jobs::delivery::deliver;

use super::{submit, verdict};
use crate::support::{Browser, Page, People, Rights, TestPortal};
use crate::timetable::body::{behind_its_back, texts};

fn with_undo() -> (TestPortal, People) {
    let portal = TestPortal::with(|settings| settings.undo_seconds = None);
    let people = portal.people();
    (portal, people)
}

fn decide(portal: &TestPortal, people: &People, report: ActivityId, decision: &str) {
    let given = GivenVerdict {
        decision: ReviewDecision::from_code(decision),
        reason_code: (decision != "approve").then_some(ReasonCode::NoEvidence),
        reason: if decision == "approve" { "" } else { "A word." },
        ..GivenVerdict::default()
    };
    review(portal, people.reviewer.as_reviewer(), report, None, &given).unwrap();
}

fn version_of(portal: &TestPortal, report: ActivityId) -> Option<i64> {
    let sql = format!("SELECT version || '' AS text FROM activities WHERE id = {report}");
    texts(portal, &sql).pop()?.parse().ok()
}

fn take_back(portal: &TestPortal, people: &People, report: ActivityId) {
    take_verdict_back(
        portal,
        people.reviewer.as_reviewer(),
        report,
        version_of(portal, report),
        "I misread the day.",
    )
    .unwrap();
}

fn sent(portal: &TestPortal) -> usize {
    deliver(portal, &mut || ControlFlow::Continue(())).unwrap().sent
}

fn subjects(portal: &TestPortal) -> Vec<String> {
    portal.delivered().iter().map(|mail| format!("{}: {}", mail.kind, mail.subject)).collect()
}

#[test]
fn a_verdict_is_told_after_a_minute_and_its_subject_names_the_report() {
    let (portal, people) = with_undo();
    let report = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 3);
    decide(&portal, &people, report, "approve");
    assert_eq!(sent(&portal), 0);
    portal.clock.advance(TimeDelta::seconds(59));
    assert_eq!(sent(&portal), 0);
    portal.clock.advance(TimeDelta::seconds(1));
    assert_eq!(sent(&portal), 1);
    assert_eq!(subjects(&portal), ["approved: Approved: Autumn academy, 3 credits"]);
}

#[test]
fn who_corrects_themself_within_the_minute_sends_one_mail_with_the_last_word() {
    let (portal, people) = with_undo();
    let report = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 3);
    decide(&portal, &people, report, "approve");
    portal.clock.advance(TimeDelta::seconds(20));
    take_back(&portal, &people, report);
    assert_eq!(
        texts(&portal, "SELECT kind AS text FROM mails"),
        [""; 0],
        "taken back in time, nothing is told at all"
    );
    portal.clock.advance(TimeDelta::seconds(20));
    decide(&portal, &people, report, "reject");
    portal.clock.advance(TimeDelta::seconds(61));
    assert_eq!(sent(&portal), 1);
    assert_eq!(subjects(&portal), ["rejected: Not approved: Autumn academy"]);
}

#[test]
fn a_minimum_that_was_reached_for_a_moment_is_not_told_and_is_told_when_it_is_reached_again() {
    let (portal, people) = with_undo();
    let report = portal.submitted(&people.owner, "A long course", "2026-05-02", 24);
    decide(&portal, &people, report, "approve");
    assert_eq!(texts(&portal, "SELECT kind AS text FROM mails ORDER BY id"), ["approved", "minimum-reached"]);
    take_back(&portal, &people, report);
    portal.clock.advance(TimeDelta::seconds(90));
    assert_eq!((sent(&portal), texts(&portal, "SELECT kind AS text FROM mails").len()), (0, 0));
    decide(&portal, &people, report, "approve");
    portal.clock.advance(TimeDelta::seconds(60));
    assert_eq!(sent(&portal), 2);
}

#[test]
fn several_verdicts_to_one_holder_are_one_mail_that_says_so() {
    let (portal, people) = with_undo();
    let ids: Vec<ActivityId> = ["One", "Two", "Three"]
        .iter()
        .map(|title| portal.submitted(&people.owner, title, "2026-05-02", 2))
        .collect();
    let strangers = portal.submitted(&people.stranger, "Elsewhere", "2026-05-02", 2);
    decide(&portal, &people, ids[0], "approve");
    decide(&portal, &people, strangers, "approve");
    portal.clock.advance(TimeDelta::seconds(30));
    decide(&portal, &people, ids[1], "return");
    decide(&portal, &people, ids[2], "reject");
    portal.clock.advance(TimeDelta::seconds(59));
    assert_eq!(sent(&portal), 1, "the stranger's");
    portal.clock.advance(TimeDelta::seconds(1));
    assert_eq!(sent(&portal), 1);
    assert_eq!(
        subjects(&portal),
        [
            "approved: Approved: Elsewhere, 2 credits",
            "verdicts: 3 of your reports: 2 credits approved, 1 question, 1 not approved"
        ]
    );
    let text = &portal.delivered()[1].text;
    for words in ["Approved: One", "A question about: Two", "Not approved: Three", "> A word."] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("Elsewhere"), "{text}");
}

#[test]
fn taking_back_what_was_told_long_ago_and_deciding_the_same_again_is_one_mail() {
    let (portal, people) = with_undo();
    let report = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 3);
    decide(&portal, &people, report, "approve");
    portal.clock.advance(TimeDelta::hours(1));
    assert_eq!(sent(&portal), 1);
    take_back(&portal, &people, report);
    portal.clock.advance(TimeDelta::seconds(30));
    decide(&portal, &people, report, "reject");
    portal.clock.advance(TimeDelta::seconds(30));
    // and back once more: the holder still has to hear that the approval does not stand
    take_back(&portal, &people, report);
    portal.clock.advance(TimeDelta::seconds(60));
    assert_eq!(sent(&portal), 1);
    assert_eq!(subjects(&portal)[1], "verdict-taken-back: We are looking again: Autumn academy, 3 credits");
    assert!(
        portal.delivered()[1].text.contains("We had approved your report"),
        "{}",
        portal.delivered()[1].text
    );
}

#[test]
fn who_was_told_of_an_approval_reads_that_it_is_taken_back_when_the_answer_is_another_one() {
    for decision in ["reject", "return"] {
        let (portal, people) = with_undo();
        let report = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 3);
        decide(&portal, &people, report, "approve");
        portal.clock.advance(TimeDelta::hours(1));
        assert_eq!(sent(&portal), 1);
        take_back(&portal, &people, report);
        decide(&portal, &people, report, decision);
        portal.clock.advance(TimeDelta::seconds(60));
        assert_eq!(sent(&portal), 1);
        let text = portal.delivered().pop().unwrap().text;
        assert!(text.contains("We had approved it before, and have taken that back."), "{text}");
    }
}

#[test]
fn more_hours_than_the_days_have_are_never_approved_one_by_one_or_with_ticks() {
    let (portal, people) = with_undo();
    let report = portal.submitted(&people.owner, "A long day", "2026-05-02", 25);
    let given = GivenVerdict { decision: Some(ReviewDecision::Approve), ..GivenVerdict::default() };
    let words = "A day has only 24 hours. Approve what counts, or ask the holder.";
    match review(&portal, people.reviewer.as_reviewer(), report, None, &given) {
        Err(ActionError::Invalid(problems)) => assert_eq!(problems, [("quantity", words.to_owned())]),
        other => panic!("{other:?}"),
    }
    let ticked = [Ticked { activity: report, version: version_of(&portal, report).unwrap() }];
    let done = approve_all(&portal, people.reviewer.as_reviewer(), &ticked).unwrap();
    assert_eq!((done.approved.len(), done.skipped.len()), (0, 1));
    assert!(done.skipped[0].1.contains(words), "{:?}", done.skipped);
}

#[test]
fn a_question_taken_back_in_time_is_never_asked() {
    let (portal, people) = with_undo();
    let report = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 3);
    decide(&portal, &people, report, "return");
    take_question_back(&portal, people.reviewer.as_reviewer(), report, version_of(&portal, report)).unwrap();
    portal.clock.advance(TimeDelta::hours(1));
    assert_eq!(sent(&portal), 0);
}

#[test]
fn a_question_that_is_answered_within_the_minute_is_not_mailed_any_more() {
    let (portal, people) = with_undo();
    let asked = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 3);
    let taken_back = portal.submitted(&people.owner, "Spring academy", "2026-05-03", 3);
    let other = portal.submitted(&people.owner, "Summer school", "2026-05-04", 3);
    for report in [asked, taken_back] {
        decide(&portal, &people, report, "return");
    }
    decide(&portal, &people, other, "approve");
    let version = |report| version_of(&portal, report).unwrap();
    submit(&portal, people.owner.id, asked, version(asked));
    withdraw(&portal, people.owner.as_holder(), taken_back, version(taken_back)).unwrap();
    portal.clock.advance(TimeDelta::seconds(60));
    assert_eq!(sent(&portal), 1);
    assert_eq!(subjects(&portal), ["approved: Approved: Summer school, 3 credits"]);
}

#[test]
fn a_mail_in_hand_is_not_taken_back_any_more_and_a_wrong_clock_keeps_none_back() {
    let (portal, people) = with_undo();
    let report = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 3);
    decide(&portal, &people, report, "approve");
    behind_its_back(&portal, "UPDATE mails SET state = 'claimed', claimed_by = 'somebody'");
    take_back(&portal, &people, report);
    assert_eq!(
        texts(&portal, "SELECT kind AS text FROM mails ORDER BY id"),
        ["approved", "verdict-taken-back"]
    );
    behind_its_back(
        &portal,
        "UPDATE mails SET state = 'pending', claimed_by = NULL, waits_until = '2031-01-01 00:00:00'",
    );
    assert_eq!(sent(&portal), 2);
}

/// Decides on the page, and gives the page that follows.
async fn decided(rita: &Browser, report: ActivityId, fields: &[(&str, &str)]) -> Page {
    let answer = verdict(rita, report, fields).await.expect(303);
    rita.follow(answer).await
}

/// Presses Undo on a page that offers it.
async fn undone(rita: &Browser, page: &Page) -> Page {
    let action = page.values("form[data-undo]", "action").remove(0);
    let answer = rita.post(&action, &[]).await.expect(303);
    rita.follow(answer).await
}

fn status(portal: &TestPortal, report: ActivityId) -> String {
    texts(portal, &format!("SELECT status AS text FROM activities WHERE id = {report}")).remove(0)
}

#[actix_web::test]
async fn a_verdict_is_undone_with_one_press_without_a_word_and_nobody_hears_of_it() {
    let (portal, people) = with_undo();
    let rita = portal.browser(&people.reviewer).await;
    for (fields, said) in [
        (&[("decision", "approve")][..], "Approved “Autumn academy”, 3 credits."),
        (
            &[("decision", "return"), ("reason_code", "other"), ("reason", "Why?")],
            "Returned “Autumn academy”.",
        ),
        (
            &[("decision", "reject"), ("reason_code", "other"), ("reason", "No.")],
            "Rejected “Autumn academy”.",
        ),
    ] {
        // marks that the title has are not doubled
        let report = portal.submitted(&people.owner, "“Autumn academy”", "2026-05-02", 3);
        let page = decided(&rita, report, fields).await;
        assert!(page.text(".notice[role=status]").starts_with(said), "{}", page.text(".notice[role=status]"));
        let page = undone(&rita, &page).await;
        assert_eq!(page.text("h1"), "“Autumn academy”");
        assert!(page.text(".notice[role=status]").starts_with("Undone."), "{}", page.words());
        assert!(page.has("#decide"), "it can be decided again");
        assert_eq!(status(&portal, report), "submitted");
        assert!(page.words().contains("taken back by Rita Reviewer"), "the history says so");
        verdict(&rita, report, &[("decision", "approve")]).await.expect(303);
        portal.clock.advance(TimeDelta::seconds(90));
        sent(&portal);
    }
    assert_eq!(
        subjects(&portal),
        ["approved: Approved: “Autumn academy”, 3 credits"; 3],
        "only the last words were told"
    );
}

#[actix_web::test]
async fn a_verdict_whose_email_has_left_a_changed_report_and_a_colleagues_verdict_are_not_undone() {
    let (portal, people) = with_undo();
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;
    let report = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 3);
    let page = decided(&rita, report, &[("decision", "approve")]).await;
    let action = page.values("form[data-undo]", "action").remove(0);
    let answer = ada.post(&action, &[]).await.expect(303);
    assert!(ada.follow(answer).await.words().contains("There is nothing to undo."));
    assert_eq!(status(&portal, report), "approved");

    portal.clock.advance(TimeDelta::seconds(61));
    assert_eq!(sent(&portal), 1);
    let page = undone(&rita, &page).await;
    assert!(page.text(".notice[role=status]").starts_with("It is too late to undo this"), "{}", page.words());
    assert_eq!(status(&portal, report), "approved");

    let other = portal.submitted(&people.owner, "A lecture", "2026-05-02", 3);
    let returned = [("decision", "return"), ("reason_code", "other"), ("reason", "Why?")];
    let page = decided(&rita, other, &returned).await;
    behind_its_back(&portal, &format!("UPDATE activities SET version = version + 1 WHERE id = {other}"));
    let page = undone(&rita, &page).await;
    assert!(page.text(".notice[role=status]").starts_with("It is too late to undo this"), "{}", page.words());
    assert_eq!(status(&portal, other), "returned");

    for nonsense in ["x", "1", "1-", "9999999999999999999-1", "-1--2"] {
        let answer = rita.post(&format!("/staff/review/verdicts/{nonsense}/removal"), &[]).await;
        assert!(matches!(answer.status.as_u16(), 303 | 404), "{nonsense}: {}", answer.status);
    }
}

/// Its holder has read the verdict on the page, and acted on it: that is to be answered, as where a verdict is taken back with a reason.
#[actix_web::test]
async fn a_verdict_is_not_undone_under_a_correction_that_its_holder_has_asked_for() {
    let (portal, people) = with_undo();
    let rita = portal.browser(&people.reviewer).await;
    let owner = portal.browser(&people.owner).await;
    let report = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 3);
    let page = decided(&rita, report, &[("decision", "approve")]).await;
    let path = format!("/activities/{report}/correction");
    let form = owner.get(&path).await.expect(200);
    let version = form.values("[name=version]", "value").remove(0);
    let field = form.values("#field option[selected]", "value").remove(0);
    let wanted = [
        ("version", version.as_str()),
        ("category", "attending"),
        ("title", "Autumn academy"),
        ("organiser", "ISACA"),
        ("field", field.as_str()),
        ("completed_on", "2 May 2026"),
        ("hours", "4"),
        ("not_regular_job", "1"),
        ("reason", "It took longer."),
    ];
    owner.post(&path, &wanted).await.expect(303);
    let page = undone(&rita, &page).await;
    assert!(page.text(".notice[role=status]").starts_with("It is too late to undo this"), "{}", page.words());
    assert_eq!(status(&portal, report), "approved");
    let asked = texts(&portal, "SELECT state AS text FROM corrections");
    assert_eq!(asked, ["asked"], "it waits for its answer");
}

#[actix_web::test]
async fn a_batch_is_undone_with_one_press_and_what_was_sent_stays() {
    let (portal, people) = with_undo();
    let rita = portal.browser(&people.reviewer).await;
    let ids: Vec<ActivityId> = ["One", "Two", "Three"]
        .iter()
        .map(|title| portal.submitted(&people.owner, title, "2026-05-02", 2))
        .collect();
    let page = rita.get("/staff/review").await.expect(200);
    let ticks = page.values("input[name=report]", "value");
    let fields: Vec<(&str, &str)> = ticks.iter().map(|tick| ("report", tick.as_str())).collect();
    let answer = rita.post("/staff/review", &fields).await.expect(303);
    let page = rita.follow(answer).await;
    assert!(page.words().contains("Approved 3 reports of "), "{}", page.words());
    assert!(ids.iter().all(|id| status(&portal, *id) == "approved"));
    let page = undone(&rita, &page).await;
    assert!(page.words().contains("3 reports are waiting for review again"), "{}", page.words());
    assert!(ids.iter().all(|id| status(&portal, *id) == "submitted"));
    portal.clock.advance(TimeDelta::seconds(90));
    assert_eq!((sent(&portal), subjects(&portal).len()), (0, 0));
}

#[actix_web::test]
async fn where_emails_leave_at_once_no_undo_is_offered() {
    let portal = TestPortal::with(|settings| settings.undo_seconds = Some("0".to_owned()));
    let people = portal.people();
    let rita = portal.browser(&people.reviewer).await;
    let report = portal.submitted(&people.owner, "Autumn academy", "2026-05-02", 3);
    let page = decided(&rita, report, &[("decision", "approve")]).await;
    assert!(page.text(".notice[role=status]").starts_with("Approved"));
    assert!(!page.has("form[data-undo]"));
}

//! What has happened since the last visit stands on top of the dashboard, and stays there for the whole of the visit.

use super::*;
use crate::support::Writing;
use chrono::TimeDelta;
use cpe_portal::domain::activities::activity::ActivityStatus;

async fn lines(browser: &Browser) -> Vec<String> {
    browser.get("/dashboard").await.expect(200).texts(".recent li")
}

#[actix_web::test]
async fn verdicts_and_answers_since_the_last_visit_stand_on_top_with_their_reasons() {
    let portal = TestPortal::new();
    let people = portal.people();
    let report = |title: &str| portal.submitted(&people.owner, title, "2026-10-01", 3);
    let [good, less, bad, back] = ["Good", "Less", "Bad", "Back"].map(report);
    let browser = portal.browser(&people.owner).await;
    assert!(lines(&browser).await.is_empty(), "before the first visit there is nothing");
    portal.clock.advance(TimeDelta::days(3));
    decide(&portal, &people, good, &APPROVE);
    portal.clock.advance(TimeDelta::minutes(1));
    let fewer = GivenVerdict { quantity: "2", reason: "The programme says 2 hours.", ..APPROVE };
    decide(&portal, &people, less, &fewer);
    portal.clock.advance(TimeDelta::minutes(1));
    decide(&portal, &people, bad, &REJECT);
    portal.clock.advance(TimeDelta::minutes(1));
    decide(&portal, &people, back, &RETURN);
    let browser = portal.browser(&people.owner).await;
    let page = browser.get("/dashboard").await.expect(200);
    assert_eq!(page.text("#recent"), "Since your last visit on 23 November 2026");
    let expected = [
        "Returned Back Please add the certificate of attendance.",
        "Rejected Bad It is outside your field and its neighbouring fields. Gardening is not security.",
        "Reduced Less 2 of 3 credits. The programme says 2 hours.",
        "Approved Good 3 credits",
    ];
    assert_eq!(page.texts(".recent li"), expected);
    assert_eq!(page.values(".recent li a", "href")[3], format!("/activities/{good}"));

    // loading it again, and coming from another device, take nothing away
    portal.clock.advance(TimeDelta::minutes(50));
    assert_eq!(lines(&portal.browser(&people.owner).await).await.len(), 4);
    portal.clock.advance(TimeDelta::minutes(50));
    let browser = portal.browser(&people.owner).await;
    assert_eq!(lines(&browser).await.len(), 4);
    // a verdict that holds no longer is no news, and neither is one that the last visit told
    portal.clock.advance(TimeDelta::minutes(61));
    let browser = portal.browser(&people.owner).await;
    assert!(lines(&browser).await.is_empty());
    assert!(portal.browser(&people.stranger).await.get("/dashboard").await.texts(".recent li").is_empty());
}

#[actix_web::test]
async fn a_look_of_staff_at_the_holder_is_no_visit() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "Good", "2026-10-01", 3);
    lines(&portal.browser(&people.owner).await).await;
    portal.clock.advance(TimeDelta::days(1));
    decide(&portal, &people, id, &APPROVE);
    let before = portal.texts("SELECT seen_at AS text FROM visits");
    let staff = portal.browser(&people.reviewer).await;
    staff.get(&format!("/staff/holders/{}", people.owner.id)).await.expect(200);
    assert_eq!(portal.texts("SELECT seen_at AS text FROM visits"), before);
    assert_eq!(lines(&portal.browser(&people.owner).await).await, ["Approved Good 3 credits"]);
}

#[actix_web::test]
async fn an_answer_to_would_this_count_is_named_by_its_verdict() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    lines(&owner).await;
    owner.get("/advice/question").await.expect(200);
    let asked = [("category", "attending"), ("title", "A summer school"), ("field", "information_security")];
    let path = owner.post("/advice/question", &asked).await.expect(303).location().unwrap();
    portal.clock.advance(TimeDelta::hours(2));
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff{path}")).await.expect(200);
    let version = page.values("input[name=version]", "value").pop().unwrap();
    let answer = [
        ("version", version.as_str()),
        ("verdict", "conditions"),
        ("answer_words", "Bring the certificate."),
    ];
    reviewer.post(&format!("/staff{path}/answer"), &answer).await.expect(303);
    let owner = portal.browser(&people.owner).await;
    assert_eq!(lines(&owner).await, ["Yes, with conditions A summer school Bring the certificate."]);
}

#[actix_web::test]
async fn five_lines_are_shown_and_the_others_stand_behind_a_link() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    let reports: Vec<ActivityId> =
        (1..=17).map(|n| portal.submitted(&people.owner, &format!("Report {n}"), "2026-10-01", 1)).collect();
    lines(&browser).await;
    portal.clock.advance(TimeDelta::hours(2));
    for id in reports {
        decide(&portal, &people, id, &APPROVE);
    }
    let browser = portal.browser(&people.owner).await;
    let page = browser.get("/dashboard").await.expect(200);
    assert_eq!(page.texts(".recent li").len(), 5);
    assert_eq!(page.text(".recent p a"), "and 12 more");
    let link = page.values(".recent p a", "href").remove(0);
    let page = browser.get(link.split('#').next().unwrap()).await.expect(200);
    assert_eq!(page.texts(".recent li").len(), 17);
    assert_eq!(kept(&portal, ActivityId(1)).status, ActivityStatus::Approved);
    browser.get("/dashboard?since=nonsense").await.expect(200);
}

#[actix_web::test]
async fn a_look_waits_for_nobody_who_writes_and_is_noted_by_the_next_one() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    let seen = |portal: &TestPortal| portal.texts("SELECT seen_at AS text FROM visits");
    // the first one is worth waiting for: what happens from now on is told only to whoever was here before
    owner.get("/dashboard").await.expect(200);
    let first = seen(&portal);
    portal.clock.advance(TimeDelta::minutes(4));
    let other = Writing::begin(&portal);
    let asked = portal.store.lock_requests();
    owner.get("/dashboard").await.expect(200);
    assert!(portal.store.lock_requests() - asked <= 2, "asked once for each, and did not wait");
    assert_eq!(seen(&portal), first);
    // the use of the session is worth as little
    portal.clock.advance(TimeDelta::minutes(30));
    let asked = portal.store.lock_requests();
    owner.get("/dashboard").await.expect(200);
    assert_eq!(portal.store.lock_requests() - asked, 2, "asked once for each");
    other.end();
    owner.get("/dashboard").await.expect(200);
    assert_ne!(seen(&portal), first);
}

#[test]
fn the_first_visit_is_noted_though_somebody_writes_at_that_moment() {
    let portal = TestPortal::new();
    let people = portal.people();
    while_somebody_writes(&portal, || {
        cpe_portal::actions::accounts::visits::look(&portal, people.owner.as_holder()).unwrap();
    });
    assert_eq!(portal.texts("SELECT seen_at AS text FROM visits").len(), 1);
}

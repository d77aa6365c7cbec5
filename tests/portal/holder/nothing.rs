//! Who can report nothing is told so before the form, and by it; and a draft that was a mistake goes away where that is noticed.

use super::*;
use crate::support::day;
use cpe_portal::actions::certification::decisions;
use cpe_portal::actions::certification::decisions::command::{Deciding, SeenVersion};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::certification::ending::EndingKind;
use cpe_portal::store::accounts::Account;

/// Somebody whose first year is still to begin: the clock was set wrong when the certificate was granted.
fn ahead(portal: &TestPortal) -> Account {
    let ahead = portal.holder("ahead@people.test", "Anna Ahead");
    portal.clock.set_local(day("2027-03-15"), 10);
    portal.certificate(&ahead, "ISP", "ISP-3", "2027-03-15");
    portal.clock.set_local(day("2026-11-23"), 10);
    ahead
}

/// Somebody in each of the states in which nothing can be reported, with words of the reason and an address that helps.
fn unable(portal: &TestPortal) -> Vec<(Account, &'static str, &'static str)> {
    let people = portal.people();
    let by = people.administrator.as_administrator();
    let decided = |certificate, deciding| {
        let seen = SeenVersion::default();
        decisions::decide(portal, by, certificate, seen, deciding, "As was written.").unwrap();
    };
    let none = portal.holder("none@people.test", "Nora None");
    let foundation = portal.holder("f@people.test", "Fay Foundation");
    portal.certificate(&foundation, "ISF", "ISF-1", "2026-03-15");
    let ended = portal.holder("ended@people.test", "Enno Ended");
    let certificate = portal.certificate(&ended, "ISP", "ISP-2", "2026-03-15");
    decided(certificate, Deciding::End { kind: EndingKind::Wish, replaced_by: None });
    let ahead = ahead(portal);
    vec![
        (none, "You have no certificate here yet", "/advice/new"),
        (foundation, "A Foundation certificate needs no credits", "/dashboard"),
        (ended, "No certificate of yours that needs credits is in force", "/dashboard"),
        (ahead, "open for reports until 15 March 2027", "/advice/question"),
    ]
}

#[actix_web::test]
async fn the_form_is_not_opened_for_whoever_can_report_nothing_and_the_page_says_why_and_what_else() {
    let portal = TestPortal::new();
    for (holder, why, instead) in unable(&portal) {
        let browser = portal.browser(&holder).await;
        let page = browser.get("/activities/new").await.expect(200);
        assert_eq!(page.text("h1"), "There is nothing to report now", "{}", holder.email);
        assert!(page.text("p.lead").contains(why), "{}: {}", holder.email, page.words());
        assert!(page.has(&format!("main li a[href='{instead}']")), "{}: {}", holder.email, page.words());
        assert!(!page.has("main form"), "no form that is refused at its end");
        for link in page.values("main li a", "href") {
            browser.get(&link).await.expect(200);
        }
        let list = browser.get("/activities").await.expect(200);
        assert!(list.text(".notice").contains(why), "{}", list.words());
        assert!(!list.has("a.button[href='/activities/new']"));
        let transcript = browser.get("/transcript").await.expect(200);
        assert!(transcript.words().contains(why) && !transcript.has("a.button[href='/activities/new']"));
        assert!(!browser.get("/dashboard").await.expect(200).has("main a.button[href='/activities/new']"));
    }
}

#[actix_web::test]
async fn the_form_takes_nothing_that_the_page_would_not_open_for() {
    let portal = TestPortal::new();
    for (holder, why, _) in unable(&portal) {
        let browser = portal.browser(&holder).await;
        let reported =
            || portal.texts(&format!("SELECT title AS text FROM activities WHERE holder_id = {}", holder.id));
        for intent in ["submit", "draft"] {
            let page = browser.post_files("/activities", &with(&[("intent", intent)]), &[]).await.expect(422);
            assert!(page.text(".error-summary").contains(why), "{intent}: {}", page.words());
            assert_eq!(page.values("#title", "value"), ["Zero trust in practice"], "what was typed stays");
        }
        let kept = with(&[("form_key", "0123456789abcdef"), ("intent", "")]);
        browser.post("/activities/drafts", &kept).await.expect(422);
        let file = [("evidence", "proof.pdf", PDF)];
        let page = browser.post_files("/activities/drafts/evidence", &kept, &file).await.expect(422);
        assert!(page.text("[data-refused]").contains(why), "a file begins no draft either: {}", page.words());
        assert_eq!(reported(), Vec::<String>::new(), "{}", holder.email);

        // a draft of better days is read and deleted, and not opened
        let draft = portal.activity(&holder, ActivityStatus::Draft, "Begun before", "2026-05-02", 2);
        let page = browser.get(&format!("/activities/{draft}/edit")).await.expect(200);
        assert!(page.text("p.lead").contains(why) && !page.has("main form"), "{}", page.words());
        assert!(page.has(&format!("main a[href='/activities/{draft}']")));
        let page = browser.get(&format!("/activities/{draft}")).await.expect(200);
        assert!(page.text(".notice").contains(why), "{}", page.words());
        assert!(!page.has(&format!("form[action='/activities/{draft}/submission']")));
        assert!(!page.has(&format!("a.button[href='/activities/{draft}/edit']")));
        browser.post(&format!("/activities/{draft}/submission"), &[("version", "1")]).await.expect(422);
        let change = with(&[("version", "1"), ("intent", "draft")]);
        browser.post_files(&format!("/activities/{draft}"), &change, &[]).await.expect(422);
        assert_eq!(reported(), ["Begun before"]);
        browser.post(&format!("/activities/{draft}/withdrawal"), &[("version", "1")]).await.expect(303);
    }
}

#[actix_web::test]
async fn whoever_can_report_sees_none_of_that() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    assert!(browser.get("/activities/new").await.has("main form[data-autosave]"));
    for path in ["/activities", "/dashboard"] {
        assert!(browser.get(path).await.expect(200).has("a.button[href='/activities/new']"), "{path}");
    }
}

#[actix_web::test]
async fn an_answer_that_counts_offers_the_report_only_to_whoever_can_send_one() {
    let portal = TestPortal::new();
    let people = portal.people();
    let offers = async |account: &Account| {
        let browser = portal.browser(account).await;
        browser.get("/advice/question").await.expect(200);
        let asked = with(&[("relevance", "It is near.")]);
        let page = browser.post("/advice/question", &asked).await.expect(303);
        let talk = page.location().unwrap();
        let staff = portal.browser(&people.reviewer).await;
        staff.get(&format!("/staff{talk}")).await.expect(200);
        staff
            .post(&format!("/staff{talk}/answer"), &[("version", "1"), ("verdict", "yes")])
            .await
            .expect(303);
        browser.get(&talk).await.expect(200)
    };
    let page = offers(&people.owner).await;
    assert!(page.has("a.button[href^='/activities/new?question=']"), "{}", page.words());
    let page = offers(&ahead(&portal)).await;
    assert!(!page.has("a.button[href^='/activities/new?question=']"));
    assert!(page.words().contains("open for reports until 15 March 2027"), "{}", page.words());
}

/// The owner's form with a very long day in it, as it comes back with a hint; and its key.
async fn hinted(browser: &Browser) -> (Page, String) {
    let key =
        browser.get("/activities/new").await.expect(200).values("input[name=form_key]", "value").remove(0);
    let long = with(&[("form_key", &key), ("hours", "16"), ("minutes", "")]);
    let page = browser.post_files("/activities", &long, &[("evidence", "a.pdf", PDF)]).await.expect(200);
    (page, key)
}

#[actix_web::test]
async fn a_draft_that_a_hint_made_a_mistake_of_is_thrown_away_where_the_hint_stands() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    assert!(!browser.get("/activities/new").await.has("button[value=discard]"), "there is nothing yet");
    let (page, key) = hinted(&browser).await;
    assert_eq!(page.texts(".notice button[value=discard]"), ["Throw it away"]);
    // typing goes on meanwhile, and keeps itself
    let typed = with(&[
        ("form_key", &key),
        ("title", "Zero trust"),
        ("hours", "16"),
        ("minutes", ""),
        ("intent", ""),
    ]);
    browser.post("/activities/drafts", &typed).await.expect(200);
    let action = page.values("form:has(button[value=discard])", "action").remove(0);
    let discard = [("form_key", key.as_str()), ("intent", "discard")];
    let answer = browser.post_files(&action, &discard, &[]).await.expect(303);
    let list = browser.follow(answer).await.expect(200);
    assert!(list.text("[role=status]").contains("thrown away"), "{}", list.words());
    assert!(!list.words().contains("Zero trust"));
    assert_eq!(portal.texts("SELECT status AS text FROM activities"), ["withdrawn"]);
    browser.post_files(&action, &discard, &[]).await.expect(409);
}

#[actix_web::test]
async fn what_was_sent_or_is_somebody_elses_is_not_thrown_away() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    let (page, key) = hinted(&browser).await;
    let action = page.values("form:has(button[value=discard])", "action").remove(0);
    let discard = [("form_key", key.as_str()), ("intent", "discard")];
    let stranger = portal.browser(&people.stranger).await;
    stranger.get("/activities/new").await.expect(200);
    stranger.post_files(&action, &discard, &[]).await.expect(404);
    stranger.post_files("/activities", &discard, &[]).await.expect(404);
    browser.post_files(&action, &[("form_key", ""), ("intent", "discard")], &[]).await.expect(404);
    let seen = page.values("input[name=hint_seen]", "value");
    let anyway = with(&[("form_key", &key), ("hours", "16"), ("minutes", ""), ("hint_seen", &seen[0])]);
    led_to(&browser.post_files("/activities", &anyway, &[]).await);
    browser.post_files(&action, &discard, &[]).await.expect(409);
    assert_eq!(portal.texts("SELECT status AS text FROM activities"), ["submitted"]);
}

#[actix_web::test]
async fn whose_turn_it_is_says_until_when_and_never_until_then() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let page = browser.post_files("/activities", &WHOLE, &[]).await;
    let id = led_to(&page);
    let sent = browser.follow(page).await.expect(200);
    decide(&portal, &people, id, &RETURN);
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    assert!(
        page.words().contains("Answer by 14 March 2027, the deadline of the year that it counts for."),
        "{}",
        page.words()
    );
    for page in [sent, page, browser.get("/guide").await] {
        assert!(!page.words().to_lowercase().contains("until then"), "{}", page.words());
    }
}

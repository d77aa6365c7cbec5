//! The end of reporting: what was sent, what it does to each year, what can be done next.

use super::*;
use cpe_portal::domain::activities::activity::ActivityStatus;

#[actix_web::test]
async fn the_end_says_what_was_reported_and_what_is_to_go_and_can_be_opened_again() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.activity(&people.owner, ActivityStatus::Approved, "Earlier", "2026-04-01", 8);
    let browser = at_the_form(&portal, &people).await;
    let sent = browser.post_files("/activities", &WHOLE, &[]).await.expect(303);
    let (address, id) = (sent.location().unwrap(), led_to(&sent));
    assert_eq!(address, format!("/activities/{id}/receipt"));
    for _ in 0..2 {
        let page = browser.get(&address).await.expect(200);
        assert_eq!(page.text("h1"), "Your report has been sent");
        let what = "“Zero trust in practice”, 2 hours 30 minutes on 5 October 2026: 2.50 credits.";
        assert_eq!(page.text("p.lead"), what);
        let bars = page.values("section svg.bar", "aria-label");
        assert_eq!(bars, ["12 to go of 20", "9.50 to go of 20"], "before and now");
        assert!(page.words().contains("9.50 to go of 20 until 14 March 2027; before it was 12."));
        assert!(!page.has(".reached"));
        let links = page.values(".actions a", "href");
        assert_eq!(links, ["/activities/new".to_owned(), format!("/activities/{id}/edit#evidence")]);
    }
    // nobody else's, and later only the way to the report
    portal.browser(&people.stranger).await.get(&address).await.expect(404);
    portal.browser(&people.reviewer).await.get(&address).await.expect(404);
    decide(&portal, &people, id, &APPROVE);
    let later = browser.get(&address).await.expect(303);
    assert_eq!(later.location().unwrap(), format!("/activities/{id}"));
    let draft = portal.activity(&people.owner, ActivityStatus::Draft, "A draft", "2026-04-01", 1);
    browser.get(&format!("/activities/{draft}/receipt")).await.expect(303);
}

#[actix_web::test]
async fn the_minimum_is_marked_by_the_report_that_reaches_it_and_by_no_other() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.activity(&people.owner, ActivityStatus::Approved, "Earlier", "2026-04-01", 18);
    let browser = at_the_form(&portal, &people).await;
    let sent = browser.post_files("/activities", &WHOLE, &[]).await;
    let page = browser.follow(sent).await.expect(200);
    assert!(page.text(".reached").starts_with("That is all this year needs."), "{}", page.words());
    assert_eq!(page.values("section svg.bar", "aria-label")[1], "0 to go of 20");
    browser.get("/activities/new").await.expect(200);
    let more = with(&[("title", "One more"), ("started_on", "2026-10-10"), ("completed_on", "2026-10-12")]);
    let sent = browser.post_files("/activities", &more, &[]).await;
    let page = browser.follow(sent).await.expect(200);
    assert!(page.text("p.lead").contains("from 10 October 2026 to 12 October 2026"), "{}", page.words());
    assert!(!page.has(".reached") && page.words().contains("this year had all that it needs before"));
}

#[actix_web::test]
async fn of_many_certificates_three_have_their_bars_and_the_others_are_counted() {
    let portal = TestPortal::new();
    let people = portal.people();
    for (number, code) in ["ITSP", "CISO", "CDPO", "EHP"].into_iter().enumerate() {
        portal.certificate(&people.owner, code, &format!("{code}-{number}"), "2026-05-01");
    }
    let browser = at_the_form(&portal, &people).await;
    let sent = browser.post_files("/activities", &WHOLE, &[]).await;
    let page = browser.follow(sent).await.expect(200);
    assert_eq!(page.texts("section h2").len(), 3);
    assert!(page.words().contains("It counts for 2 more certificates"), "{}", page.words());
}

#[actix_web::test]
async fn what_is_changed_or_sent_again_has_no_end_of_its_own() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    let path = format!("/activities/{id}");
    let changed = browser.post_files(&path, &with(&[("version", "1"), ("organiser", "Another")]), &[]).await;
    assert_eq!(changed.expect(303).location().unwrap(), path);
    decide(&portal, &people, id, &RETURN);
    let version = kept(&portal, id).version.to_string();
    let again =
        browser.post_files(&path, &with(&[("version", &version), ("organiser", "A third")]), &[]).await;
    assert_eq!(again.expect(303).location().unwrap(), path);
    let page = browser.get(&path).await.expect(200);
    assert!(page.text("[role=status]").starts_with("Your report has been sent again."), "{}", page.words());
}

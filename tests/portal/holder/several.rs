//! A holder of several certificates: one sentence for all of them, then a row each.

use super::*;
use cpe_portal::domain::activities::activity::ActivityStatus;

#[actix_web::test]
async fn one_sentence_says_what_covers_all_certificates_and_it_does() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.certificate(&people.owner, "CISO", "CISO-1", "2026-02-20");
    portal.certificate(&people.owner, "ITSP", "ITSP-1", "2026-06-01");
    portal.certificate(&people.owner, "ISF", "ISF-1", "2020-01-01");
    portal.activity(&people.owner, ActivityStatus::Approved, "Some of it", "2026-10-01", 13);
    let browser = portal.browser(&people.owner).await;
    let page = browser.get("/dashboard").await.expect(200);
    let sentence = "Four conference days by 19 February 2027 would cover all your certificates.";
    assert_eq!(page.text(".combined strong"), sentence);
    assert_eq!(page.words().matches("conference day").count(), 1, "no card counts them again");
    assert_eq!(page.texts(".holdings > li").len(), 4, "a row each");
    let titles = page.texts(".holding-title");
    assert_eq!(titles[0], "Certified Information Security Officer", "the nearest deadline first: {titles:?}");
    let figures = page.texts(".holding-figures");
    assert!(figures[0].contains("27 to go of 40") && figures[0].contains("19 February 2027"), "{figures:?}");
    assert!(figures.iter().any(|row| row == "Valid"), "nothing is missing from a Foundation: {figures:?}");
    let bars = page.values(".holding-bar svg", "aria-label");
    assert_eq!(bars[0], "13 approved, 27 to go of 40");
    assert!(page.has(".holding-words a[href^='/certificates/']"), "each opens, and leads to its page");

    // what the sentence says is true: four days of seven hours on the last of those days
    for day in 1..=4 {
        let title = format!("Conference day {day}");
        portal.activity(&people.owner, ActivityStatus::Approved, &title, "2026-11-20", 7);
    }
    let page = browser.get("/dashboard").await.expect(200);
    assert_eq!(page.text("h1"), "You are safe");
    assert!(!page.has(".combined"));
}

#[actix_web::test]
async fn what_cannot_be_earned_any_more_is_not_promised() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.certificate(&people.owner, "CISO", "CISO-1", "2026-06-01");
    portal.certificate(&people.owner, "ITSP", "ITSP-1", "2026-07-01");
    // the year of the first certificate is over, and nobody has settled it
    portal.clock.set_local("2027-03-20".parse().unwrap(), 9);
    let page = portal.browser(&people.owner).await.get("/dashboard").await.expect(200);
    let sentence = page.text(".combined strong");
    assert_eq!(sentence, "Six conference days by 31 May 2027 would cover every year that is still running.");
    let first = &page.texts(".holdings > li")[0];
    assert!(first.contains("Year 1: 15 March 2026 to 14 March 2027"), "what presses stands on top: {first}");
    assert!(first.contains("You need 20 more credits by 14 March 2028"), "and its next year below: {first}");
}

#[actix_web::test]
async fn one_certificate_has_its_card_and_no_list() {
    let portal = TestPortal::new();
    let people = portal.people();
    let page = portal.browser(&people.owner).await.get("/dashboard").await.expect(200);
    assert!(page.has(".card") && !page.has(".holdings") && !page.has(".combined"));
    assert!(page.text("p.lead").starts_with("Three conference days would do it."));
}

#[actix_web::test]
async fn a_quantity_is_named_wherever_it_is_not_what_was_reported() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let same = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    decide(&portal, &people, same, &APPROVE);
    browser.get("/activities/new").await.expect(200);
    let other = with(&[("title", "Shorter than it was said"), ("completed_on", "2026-10-12")]);
    let other = led_to(&browser.post_files("/activities", &other, &[]).await);
    let verdict = GivenVerdict { quantity: "2", reason: "The programme says 2 hours.", ..APPROVE };
    decide(&portal, &people, other, &verdict);
    for path in ["/activities", "/transcript"] {
        let page = browser.get(path).await.expect(200);
        let rows = page.texts("tbody tr");
        let row = |title: &str| rows.iter().find(|row| row.contains(title)).unwrap().clone();
        let words = row("Shorter than it was said");
        assert!(
            words.contains("2 hours 30 minutes reported") && words.contains("2 hours approved"),
            "{words}"
        );
        let words = row("Zero trust in practice");
        assert!(words.contains("2 hours 30 minutes") && !words.contains("minutes reported"), "{words}");
    }
    let file = browser.get("/transcript.csv").await.expect(200);
    let text = String::from_utf8(file.bytes).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].ends_with("\"Amount approved\""), "{}", lines[0]);
    assert!(lines.iter().any(|line| line.contains("Shorter") && line.ends_with("\"120\"")), "{lines:?}");
}

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

#[actix_web::test]
async fn earlier_years_are_a_line_each_that_leads_to_the_whole_of_them() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.activity(&people.owner, ActivityStatus::Approved, "A course of the first year", "2026-05-01", 20);
    crate::timetable::body::run_on(&portal, "2027-03-20");
    let browser = portal.browser(&people.owner).await;
    let path = format!("/certificates/{}", people.owner_certificate);
    let page = browser.get(&path).await.expect(200);
    let lines = page.texts("li[id^=year]");
    assert!(lines.iter().any(|line| line.starts_with("Year 1 15 March 2026 to 14 March 2027")), "{lines:?}");
    assert!(!page.words().contains("A course of the first year"), "{}", page.words());
    let link = page.values("li#year-1 a", "href").remove(0);
    let page = browser.get(&link).await.expect(200);
    assert!(page.words().contains("A course of the first year"), "{}", page.words());
    for nonsense in ["0", "-1", "99", "x", "9223372036854775808"] {
        browser.get(&format!("{path}?year={nonsense}")).await.expect(200);
    }
}

#[actix_web::test]
async fn reports_are_fifty_a_page_and_found_by_their_words_and_a_transcript_is_that_of_one_certificate() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.certificate(&people.owner, "CISO", "CISO-1", "2026-10-01");
    for number in 1..=60 {
        portal.activity(
            &people.owner,
            ActivityStatus::Approved,
            &format!("Évening {number}"),
            "2026-04-01",
            1,
        );
    }
    portal.activity(&people.owner, ActivityStatus::Approved, "Autumn academy", "2026-11-02", 4);
    let browser = portal.browser(&people.owner).await;
    let page = browser.get("/activities").await.expect(200);
    assert_eq!(page.texts("tbody tr").len(), 50);
    let older = page.values("a[rel=next]", "href").remove(0);
    let page = browser.get(&older).await.expect(200);
    assert_eq!(page.texts("tbody tr").len(), 11);
    let page = browser.get("/activities?q=evening&page=2").await.expect(200);
    assert_eq!(page.texts("tbody tr").len(), 10, "what was looked for goes along");
    assert_eq!(page.values("input[name=q]", "value"), ["evening"]);
    let page = browser.get("/activities?q=AUTUMN").await.expect(200);
    assert_eq!(page.texts("tbody th a"), ["Autumn academy"]);
    assert!(
        browser.get("/activities?q=nothing+like+it").await.expect(200).words().contains("Nothing matches")
    );
    for nonsense in ["0", "-1", "99999999999999999999", "x"] {
        browser.get(&format!("/activities?page={nonsense}")).await.expect(200);
    }
    let choices = browser.get("/transcript").await.expect(200);
    let all = choices.values("option[value$='-all']", "value");
    assert_eq!(all.len(), 2, "each certificate by itself");
    let own = all.iter().find(|code| !code.starts_with(&people.owner_certificate.to_string())).unwrap();
    let page = browser.get(&format!("/transcript?year={own}")).await.expect(200);
    assert!(page.text("p.lead").starts_with("All years of CISO-1"), "{}", page.text("p.lead"));
    assert_eq!(page.texts("h2").iter().filter(|title| title.contains("by certification year")).count(), 1);
    assert_eq!(
        page.texts("table:last-of-type tbody th a").iter().filter(|title| *title == "Autumn academy").count(),
        1
    );
}

#[actix_web::test]
async fn a_past_report_is_reported_again_with_other_days_and_confirmed_anew() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    decide(&portal, &people, id, &APPROVE);
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    let again = page.values("a[href*='again=']", "href").remove(0);
    let form = browser.get(&again).await.expect(200);
    let value = |name: &str| form.values(&format!("input[name={name}]"), "value");
    assert_eq!(value("title"), ["Zero trust in practice"]);
    assert_eq!(value("organiser"), ["Nordic Security Days"]);
    assert_eq!((value("hours"), value("minutes")), (vec!["2".to_owned()], vec!["30".to_owned()]));
    assert_eq!(value("completed_on"), [""], "the days are other ones");
    assert!(!form.has("input[name=not_regular_job][checked]"), "each report is confirmed by itself");
    assert_eq!(
        portal.texts("SELECT status AS text FROM activities"),
        ["approved"],
        "nothing is made by looking"
    );
    // another's report, one that does not exist, and a draft, which is not reported yet
    let stranger = portal.browser(&people.stranger).await;
    stranger.get(&again).await.expect(404);
    let draft = portal.activity(&people.owner, ActivityStatus::Draft, "A draft", "2026-04-01", 1);
    for none in [draft.to_string(), "9999".to_owned(), "x".to_owned()] {
        browser.get(&format!("/activities/new?again={none}")).await.expect(404);
    }
}

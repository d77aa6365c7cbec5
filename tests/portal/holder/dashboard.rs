use super::*;
use chrono::NaiveDate;
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::store::certification::years;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn headline(portal: &TestPortal, people: &People) -> (String, Page) {
    let page = portal.browser(&people.owner).await.get("/dashboard").await.expect(200);
    (page.text("h1"), page)
}

#[actix_web::test]
async fn the_first_screen_says_what_is_missing_and_until_when() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.activity(&people.owner, ActivityStatus::Approved, "Approved", "2026-04-01", 10);
    portal.activity(&people.owner, ActivityStatus::Submitted, "Waiting", "2026-05-01", 3);
    portal.activity(&people.owner, ActivityStatus::Rejected, "Rejected", "2026-06-01", 40);
    let (headline, page) = headline(&portal, &people).await;
    assert_eq!(headline, "You need 7 more credits by 14 March 2027");
    assert_eq!(page.text("p.lead"), "One conference day would do it. There are 111 days left.");
    assert!(!page.has(".figure-sentence"), "nothing differs, so nothing is explained");
    assert!(
        page.words()
            .contains("It is our turn: 1 report has been waiting for our review since 23 November 2026.")
    );
    assert_eq!(page.texts(".year-strip circle").len(), 2, "what was done stands on the strip");
    let legend = page.texts(".legend li");
    assert_eq!(
        legend,
        ["10 approved", "3 waiting for review", "7 to go of 20", "at an even pace, 13.91 by today"]
    );
}

#[actix_web::test]
async fn whoever_has_enough_is_told_to_be_safe() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.activity(&people.owner, ActivityStatus::Approved, "All of it", "2026-04-01", 19);
    portal.activity(&people.owner, ActivityStatus::Submitted, "The rest", "2026-05-01", 1);
    let (said, page) = headline(&portal, &people).await;
    assert_eq!(said, "You have done your part", "nobody is safe on what nobody has reviewed");
    assert!(page.words().contains("Your waiting reports cover what you still need."));
    portal.activity(&people.owner, ActivityStatus::Approved, "And more", "2026-04-02", 30);
    let (said, page) = headline(&portal, &people).await;
    assert_eq!(said, "You are safe");
    assert!(page.words().contains("You have the credits you need for this year."));
}

#[actix_web::test]
async fn after_the_deadline_waiting_reports_are_not_held_against_anybody() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.activity(&people.owner, ActivityStatus::Submitted, "All of it", "2026-04-01", 20);
    portal.clock.set_local(day("2027-03-15"), 9);
    let page = portal.browser(&people.owner).await.get("/dashboard").await.expect(200);
    assert!(page.words().contains("Awaiting review") && page.words().contains("Nothing is held against you"));
}

#[actix_web::test]
async fn a_flagged_year_says_what_is_missing_until_when_to_answer_and_whom_to_ask() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.activity(&people.owner, ActivityStatus::Approved, "Some of it", "2026-04-01", 15);
    portal.clock.set_local(day("2027-03-15"), 9);
    portal
        .store
        .write(|conn| {
            let year = years::of_holders(conn, &[people.owner.id])?.remove(0);
            years::record_flag(conn, &year, day("2027-03-15"))
        })
        .unwrap();
    let (said, page) = headline(&portal, &people).await;
    assert_eq!(said, "The year that ended on 14 March 2027 is 5 credits short");
    let notice = page.text(".notice.danger");
    assert!(notice.contains("Answer by 29 March 2027"), "{notice}");
    assert!(
        notice.contains("or tell us what kept you from it.") && notice.contains("Answer the flag"),
        "{notice}"
    );
    // it can be confirmed from the day after the notice period on
    assert!(page.words().contains("From 30 March 2027 on it can be withdrawn"), "{}", page.words());
}

#[actix_web::test]
async fn a_foundation_certificate_needs_nothing_and_the_next_deadline_of_the_others_comes_first() {
    let portal = TestPortal::new();
    let holder = portal.holder("f@people.test", "Fay Foundation");
    let browser = portal.browser(&holder).await;
    assert_eq!(browser.get("/dashboard").await.expect(200).text("h1"), "You have no certificate here yet");
    portal.certificate(&holder, "ISF", "ISF-1", "2026-03-15");
    let page = browser.get("/dashboard").await.expect(200);
    assert_eq!(page.text("h1"), "There is nothing you have to do");
    assert!(page.words().contains("never expires") && !page.has(".progress"));
    assert!(!page.has("main a[href='/activities/new']"), "no report can count for it");
    portal.certificate(&holder, "ISP", "ISP-1", "2026-06-01");
    portal.certificate(&holder, "CISO", "CISO-1", "2026-02-01");
    let page = browser.get("/dashboard").await.expect(200);
    assert_eq!(page.text("h1"), "You need 40 more credits by 31 January 2027");
    assert!(page.text("p.lead").starts_with("Certified Information Security Officer:"));
}

#[actix_web::test]
async fn what_is_missing_is_rounded_up_and_what_is_there_is_rounded_down() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    // 50 minutes without registration: 5/18 of a credit, 0.2777…
    let fields = with(&[("category", "unregistered"), ("hours", ""), ("minutes", "50")]);
    led_to(&browser.post_files("/activities", &fields, &[]).await);
    let page = browser.get("/dashboard").await.expect(200);
    assert_eq!(page.text("h1"), "You need 19.73 more credits by 14 March 2027");
    assert_eq!(page.texts(".legend li")[1], "0.27 waiting for review");
}

#[actix_web::test]
async fn a_certificate_page_tells_reported_approved_and_counted_apart() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let writing = with(&[("category", "writing"), ("pages", "8"), ("publication", "A book")]);
    let id = led_to(&browser.post_files("/activities", &writing, &[]).await);
    let verdict = GivenVerdict { quantity: "7", reason: "One page was blank.", ..APPROVE };
    decide(&portal, &people, id, &verdict);
    let page = browser.get(&format!("/certificates/{}", people.owner_certificate)).await.expect(200);
    let figures = "8 reported; 1 not accepted; 2 over the limit of one publication.";
    assert_eq!(page.text(".figure-sentence"), figures);
    assert_eq!(page.texts(".legend li"), ["5 approved", "15 to go of 20", "at an even pace, 13.91 by today"]);
    let parts = page.values(".figure-sentence a", "href");
    assert_eq!(parts, [format!("/activities/{id}"), format!("/activities/{id}")], "each leads to its report");
    assert!(page.text("details.counted").contains("One publication earns at most 5 credits"));
    assert!(page.has("a[href^='/badges/']"));
    assert!(page.has("nav.on-page a[href='#badge']") && page.has("#badge [data-copy]"), "the badge is found");
    let alone = browser.get(&format!("/activities/{id}")).await.expect(200);
    let figures = "8 reported; 1 not accepted; 2 over the limit of one publication; 5 counted.";
    assert_eq!(alone.text(".figure-sentence"), figures);
    assert!(!alone.words().contains("Here it went to"), "no other report took anything");

    // the limit is shared, and whoever gets less sees who got it
    let second =
        with(&[("category", "writing"), ("pages", "3"), ("publication", "a BOOK"), ("title", "The sequel")]);
    let second = led_to(&browser.post_files("/activities", &second, &[]).await);
    let page = browser.get(&format!("/activities/{second}")).await.expect(200);
    assert!(page.words().contains("Here it went to: Zero trust in practice, 5 credits"), "{}", page.words());
    assert!(page.has(&format!("main a[href='/activities/{id}']")));
    assert!(browser.get("/dashboard").await.has("a[href$='#badge']"));
}

#[actix_web::test]
async fn advice_names_the_address_the_certificate_and_the_deadline() {
    let portal = TestPortal::new();
    let people = portal.people();
    let page = portal.browser(&people.owner).await.get("/advice").await.expect(200);
    let words = page.words();
    for word in ["advice@portal.test", "ISP-1001", "14 March 2027", "14 days to answer"] {
        assert!(words.contains(word), "{word}: {words}");
    }
}

#[actix_web::test]
async fn a_rejected_report_tells_the_rule_and_what_would_make_it_count() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    assert!(page.words().contains("We have had it since 23 November 2026."), "{}", page.words());
    decide(&portal, &people, id, &REJECT);
    let page = browser.get(&format!("/activities/{id}")).await.expect(200);
    let notice = page.text(".notice.danger");
    for words in
        ["Gardening is not security.", "neighbouring one (G8)", "What would make it count: Tell us how"]
    {
        assert!(notice.contains(words), "{words}: {notice}");
    }
    assert!(page.has("a[href='/guide#readings']"));
}

#[actix_web::test]
async fn years_are_a_row_of_marks_with_words_and_the_ones_in_a_row_are_counted() {
    let portal = TestPortal::new();
    let people = portal.people();
    let path = format!("/certificates/{}", people.owner_certificate);
    let marks = async || {
        let page = portal.browser(&people.owner).await.get(&path).await.expect(200);
        (page.text(".year-row p"), page.texts(".year-mark"))
    };
    assert_eq!(marks().await, (String::new(), Vec::new()), "one year is no row");
    portal.activity(&people.owner, ActivityStatus::Approved, "First", "2026-05-01", 20);
    crate::timetable::body::run_on(&portal, "2027-03-20");
    assert_eq!(marks().await, (String::new(), vec!["2027 met".to_owned(), "2028 in progress".to_owned()]));
    portal.activity(&people.owner, ActivityStatus::Approved, "Second", "2027-05-01", 20);
    crate::timetable::body::run_on(&portal, "2028-03-20");
    let (words, row) = marks().await;
    assert_eq!(words, "2 years in a row");
    assert_eq!(row, ["2027 met", "2028 met", "2029 in progress"]);
    let page = portal.browser(&people.owner).await.get("/dashboard").await.expect(200);
    assert_eq!(page.texts(".year-mark").len(), 3, "the only certificate has them on the dashboard, too");
    crate::timetable::body::run_on(&portal, "2029-03-20");
    let (words, row) = marks().await;
    assert_eq!(row[2], "2029 flagged");
    assert_eq!(words, "2 years in a row", "what is not settled ends nothing yet");
}

#[actix_web::test]
async fn the_pace_is_a_mark_on_the_bar_and_words_while_something_is_missing() {
    let portal = TestPortal::new();
    let people = portal.people();
    let page = portal.browser(&people.owner).await.get("/dashboard").await.expect(200);
    assert_eq!(page.values(".progress .bar .bar-pace", "x1"), ["69.5%"], "254 of 365 days");
    let words = page.values(".progress .bar", "aria-label").remove(0);
    assert!(words.ends_with("20 to go of 20; at an even pace 13.91 by today"), "{words}");
    portal.activity(&people.owner, ActivityStatus::Approved, "All", "2026-05-01", 20);
    let page = portal.browser(&people.owner).await.get("/dashboard").await.expect(200);
    assert!(!page.has(".bar-pace") && !page.has(".pace"), "whoever has enough is told nothing of it");
}

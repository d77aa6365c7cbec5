//! Whose turn it is, until when, and which days count for which year: said on the first screen and on the certificate's page.

use super::*;
use chrono::TimeDelta;
use cpe_portal::actions::certification::decisions::command::{Deciding, SeenVersion};
use cpe_portal::actions::certification::decisions::decide as settle;
use cpe_portal::actions::conversations::{ConversationOpening, ask, reply_as_staff};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::conversations::conversation::{About, ConversationKind};
use cpe_portal::domain::ids::CertificateId;

use crate::support::{Rights, day};
use crate::timetable::body::{practitioner, run_on};

async fn dashboard(portal: &TestPortal, people: &People) -> Page {
    portal.browser(&people.owner).await.get("/dashboard").await.expect(200)
}

/// A report of so many hours, waiting for review.
fn waiting(portal: &TestPortal, people: &People, title: &str, hours: i64) -> ActivityId {
    portal.submitted(&people.owner, title, "2026-05-01", hours)
}

fn decided(portal: &TestPortal, people: &People, certificate: CertificateId, deciding: Deciding) {
    let actor = people.administrator.as_administrator();
    settle(portal, actor, certificate, SeenVersion::default(), deciding, "Because of your letter.").unwrap();
}

#[actix_web::test]
async fn what_came_back_with_a_question_waits_for_the_holder_and_not_for_review() {
    let portal = TestPortal::new();
    let people = portal.people();
    let returned = waiting(&portal, &people, "With a question", 3);
    decide(&portal, &people, returned, &RETURN);
    let page = dashboard(&portal, &people).await;
    assert_eq!(page.texts(".legend li")[1], "3 waiting for your answer");
    assert!(page.values(".progress svg", "aria-label")[0].contains("3 waiting for your answer"));
    assert!(!page.words().contains("waiting for our review"), "{}", page.words());
    waiting(&portal, &people, "Without", 2);
    let page = dashboard(&portal, &people).await;
    assert_eq!(page.texts(".legend li")[1], "5 waiting, 3 of it for your answer");
    assert!(
        page.words().contains("It is our turn: 1 report has been waiting for our review"),
        "{}",
        page.words()
    );
}

#[actix_web::test]
async fn whoever_is_safe_only_by_an_answer_is_asked_for_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.activity(&people.owner, ActivityStatus::Approved, "Most of it", "2026-04-01", 17);
    let returned = waiting(&portal, &people, "The rest", 3);
    assert_eq!(dashboard(&portal, &people).await.text("h1"), "You have done your part");
    decide(&portal, &people, returned, &RETURN);
    let page = dashboard(&portal, &people).await;
    assert_eq!(page.text("h1"), "You have reported enough: please answer our question");
    assert!(page.text("p.lead").contains("3 credits are waiting for your answer, so it is your turn."));
    assert!(page.has(".card.warn"));
    // what covers the year without it makes it safe again; the question still waits
    waiting(&portal, &people, "Something else", 3);
    let page = dashboard(&portal, &people).await;
    assert_eq!(page.text("h1"), "One thing is waiting for your answer");
    assert_eq!(page.text("p.lead"), "Your waiting reports cover what you still need.");
    portal.clock.set_local(day("2027-03-15"), 9);
    let page = dashboard(&portal, &people).await;
    assert!(page.words().contains("We still have to review them."), "{}", page.words());
}

#[actix_web::test]
async fn nobody_is_told_that_there_is_nothing_to_do_above_something_that_waits_for_an_answer() {
    let portal = TestPortal::new();
    let people = portal.people();
    let returned = waiting(&portal, &people, "One more", 3);
    decide(&portal, &people, returned, &RETURN);
    portal.activity(&people.owner, ActivityStatus::Approved, "All of it", "2026-04-02", 20);
    let page = dashboard(&portal, &people).await;
    assert_eq!(page.text("h1"), "One thing is waiting for your answer");
    assert!(!page.text("p.lead").contains("nothing you have to do"), "{}", page.text("p.lead"));
}

#[actix_web::test]
async fn a_year_that_waits_for_an_answer_after_its_deadline_says_so() {
    let portal = TestPortal::new();
    let people = portal.people();
    let returned = waiting(&portal, &people, "All of it", 20);
    decide(&portal, &people, returned, &RETURN);
    portal.clock.set_local(day("2027-03-15"), 9);
    let page = dashboard(&portal, &people).await;
    let headline =
        "The year ended on 14 March 2027, and you have reported enough: please answer our question";
    assert_eq!(page.text("h1"), headline);
    assert!(page.text("p.lead").contains("Nothing is held against you in the meantime"), "{}", page.words());
}

#[actix_web::test]
async fn a_message_that_waits_for_an_answer_stands_on_the_first_screen() {
    let portal = TestPortal::new();
    let people = portal.people();
    let opening = ConversationOpening {
        kind: ConversationKind::Question,
        about: About::default(),
        subject: "Podcasts on the train",
        words: "Do they count?",
    };
    let id = ask(&portal, people.owner.as_holder(), &opening).unwrap();
    assert!(!dashboard(&portal, &people).await.has("#waiting"), "it is our turn");
    let reviewer = people.reviewer.as_reviewer();
    reply_as_staff(&portal, reviewer, id, Some(1), "Which one do you listen to?", true).unwrap();
    let page = dashboard(&portal, &people).await;
    let line = page.text(".card.warn li");
    assert_eq!(
        line,
        "Message Podcasts on the train — we have written to you: your turn since 23 November 2026"
    );
    assert!(!page.words().contains("Which one do you listen to?"), "the words stand where they were written");
    let stranger = portal.browser(&people.stranger).await.get("/dashboard").await.expect(200);
    assert!(!stranger.has("#waiting"));
    let browser = portal.browser(&people.owner).await;
    let address = page.values(".card.warn li a", "href").remove(0);
    browser.get(&address).await.expect(200);
    browser.post(&format!("{address}/messages"), &[("words", "The Dutch one.")]).await.expect(303);
    assert!(!dashboard(&portal, &people).await.has("#waiting"), "answered");
    // an answer that asks for nothing is nobody's turn
    reply_as_staff(&portal, reviewer, id, Some(3), "Yes, that one counts.", false).unwrap();
    assert!(!dashboard(&portal, &people).await.has("#waiting"), "there is nothing to answer");
    let page = browser.get(&address).await.expect(200);
    assert!(page.text(".tag") == "Answered" && page.has(".messages + form"), "{}", page.words());
    assert_eq!(portal.mails_to(&people.owner).last().unwrap().0, "reply", "the holder is told as always");
}

#[actix_web::test]
async fn what_is_usual_is_not_said_as_a_comfort_to_somebody_who_waits_longer() {
    let portal = TestPortal::new();
    let people = portal.people();
    for title in ["One", "Two", "Three"] {
        let id = portal.submitted(&people.stranger, title, "2026-05-01", 1);
        decide(&portal, &people, id, &APPROVE);
    }
    let id = waiting(&portal, &people, "A seminar", 2);
    portal.clock.advance(TimeDelta::days(1));
    let usual = "Reviews are usually done on the same day.";
    let page = dashboard(&portal, &people).await;
    assert!(page.words().contains(usual) && !page.words().contains("we are late"), "{}", page.words());
    portal.clock.advance(TimeDelta::days(8));
    let late = format!("{usual} This time it has been 9 days already: we are late, not you.");
    assert!(dashboard(&portal, &people).await.words().contains(&late));
    let page = portal.browser(&people.owner).await.get(&format!("/activities/{id}")).await.expect(200);
    assert!(page.words().contains(&late), "{}", page.words());
}

#[actix_web::test]
async fn after_an_extension_it_is_said_which_days_count_for_which_year() {
    let portal = TestPortal::new();
    let people = portal.people();
    let certificate = people.owner_certificate;
    let until = day("2027-06-30");
    decided(&portal, &people, certificate, Deciding::Extend { year: 1, until });
    let page = dashboard(&portal, &people).await;
    assert!(
        page.words().contains("15 March 2026 to 14 March 2027, extended to 30 June 2027"),
        "{}",
        page.words()
    );
    let old = "everything you complete until 30 June 2027 counts for this year, and not for year 2 as well";
    assert!(page.words().contains(old), "{}", page.words());
    portal.clock.set_local(day("2027-04-01"), 9);
    let new = "Year 1 has more time: what you complete until 30 June 2027 counts for that year, and only what you complete later counts for this one.";
    for path in ["/dashboard".to_owned(), format!("/certificates/{certificate}")] {
        let page = portal.browser(&people.owner).await.get(&path).await.expect(200);
        assert!(page.words().contains(old) && page.words().contains(new), "{path}: {}", page.words());
    }
    // a certificate whose years nobody moved says nothing of the kind
    let page = portal.browser(&people.stranger).await.get("/dashboard").await.expect(200);
    assert!(!page.words().contains("more time"), "{}", page.words());
}

#[actix_web::test]
async fn a_deadline_that_has_passed_says_until_when_the_holder_can_answer() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.clock.set_local(day("2027-03-15"), 5);
    let page = dashboard(&portal, &people).await;
    assert_eq!(page.text("h1"), "The year ended on 14 March 2027 with 20 credits missing");
    let lead = page.text("p.lead");
    assert!(lead.contains("you will have 14 days to answer: until 29 March 2027 at the earliest"), "{lead}");
    assert!(lead.contains("a person decides"), "{lead}");
    run_on(&portal, "2027-03-15");
    let notice = dashboard(&portal, &people).await.text(".notice.danger");
    assert!(notice.contains("Answer by 29 March 2027"), "and that is what the flag then says: {notice}");
}

#[actix_web::test]
async fn the_headline_is_said_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    let once = |page: &Page| {
        let headline = page.text("h1");
        let (words, lead) = (page.words(), page.text("p.lead"));
        assert_eq!(words.matches(&headline).count(), 1, "{words}");
        assert_eq!(words.matches(&lead).count(), 1, "{words}");
    };
    once(&dashboard(&portal, &people).await);
    portal.certificate(&people.owner, "CISO", "CISO-1", "2026-06-01");
    let page = dashboard(&portal, &people).await;
    once(&page);
    assert!(
        page.text(".year-headline").starts_with("You need 40 more credits"),
        "the other one says its own"
    );
    portal.clock.set_local(day("2027-03-15"), 9);
    run_on(&portal, "2027-03-15");
    once(&dashboard(&portal, &people).await);
}

#[actix_web::test]
async fn years_after_a_withdrawal_are_no_cards_unless_something_was_reported_for_them() {
    let portal = TestPortal::new();
    let people = portal.people();
    run_on(&portal, "2027-03-15");
    portal.clock.set_local(day("2027-04-20"), 10);
    let late = portal.submitted(&people.stranger, "A course in the next year", "2027-04-02", 2);
    for certificate in [people.owner_certificate, people.stranger_certificate] {
        decided(&portal, &people, certificate, Deciding::Decertify { year: 1, acknowledged: true });
    }
    let path = format!("/certificates/{}", people.owner_certificate);
    let page = portal.browser(&people.owner).await.get(&path).await.expect(200);
    assert_eq!(page.texts("main section h2[id^=year]"), ["Year 1"]);
    assert!(page.words().contains("years after a withdrawal do not count"), "{}", page.words());
    let path = format!("/certificates/{}", people.stranger_certificate);
    let page = portal.browser(&people.stranger).await.get(&path).await.expect(200);
    assert_eq!(page.texts("main section h2[id^=year]"), ["Year 2", "Year 1"]);
    assert!(page.has(&format!("a[href='/activities/{late}']")));
    assert!(
        page.words().contains("The certificate ended before this year was over, so the year counts nothing")
    );
    let first = dashboard(&portal, &people).await;
    let appeal = format!("a[href='/advice/new?kind=appeal&certificate={}']", people.owner_certificate);
    assert!(first.has(&appeal), "{}", first.words());
    assert!(!first.has("main a[href='/activities/new']"), "there is nothing that a report could count for");
    for page in [&page, &first] {
        assert!(!page.words().contains("Void"), "{}", page.words());
    }
}

#[actix_web::test]
async fn an_answered_flag_reads_the_same_on_every_page_also_once_reports_cover_it() {
    let portal = TestPortal::new();
    portal.people();
    let (flora, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    let browser = portal.browser(&flora).await;
    browser.get("/advice/new").await.expect(200);
    let id = certificate.to_string();
    let fields = [
        ("kind", "flag_answer"),
        ("certificate", &*id),
        ("year", "1"),
        ("subject", "The flag"),
        ("words", "I was ill."),
    ];
    let path = browser.post("/advice", &fields).await.expect(303).location().unwrap();
    let pages = ["/dashboard".to_owned(), format!("/certificates/{certificate}"), "/advice".to_owned()];
    let link = format!("main a[href='{path}']");
    for page in &pages {
        let page = browser.get(page).await.expect(200);
        assert!(page.words().contains("we have had it since 1 January 2027"), "{}", page.words());
        assert!(page.has(&link) && !page.has(&format!("a[href$='year={id}-1']")), "{}", page.words());
    }
    portal.submitted(&flora, "A long course", "2026-05-02", 20);
    for page in &pages {
        let page = browser.get(page).await.expect(200);
        assert!(page.words().contains("Your waiting reports could cover the year"), "{}", page.words());
        assert!(page.has(&link) && !page.words().contains("can be withdrawn"), "{}", page.words());
    }
}

#[actix_web::test]
async fn what_happened_within_one_second_stands_in_its_order() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = at_the_form(&portal, &people).await;
    let id = led_to(&owner.post_files("/activities", &WHOLE, &[]).await);
    decide(&portal, &people, id, &RETURN);
    let page = owner.get(&format!("/activities/{id}/edit")).await.expect(200);
    let version = page.values("input[name=version]", "value").remove(0);
    let again = with(&[("version", &version), ("explanation", "Here it is.")]);
    owner.post_files(&format!("/activities/{id}"), &again, &[]).await.expect(303);
    decide(&portal, &people, id, &APPROVE);
    let page = owner.get(&format!("/activities/{id}")).await.expect(200);
    let happened: Vec<String> = page
        .texts(".timeline .event-title")
        .iter()
        .map(|title| title.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(happened[0], "Approved by", "{happened:?}");
    assert_eq!(happened[2], "Returned to", "between them it was sent again: {happened:?}");
    let staff =
        portal.browser(&people.reviewer).await.get(&format!("/staff/activities/{id}")).await.expect(200);
    let verdicts = staff.text("details.more");
    let (asked, approved) = (verdicts.find("Returned").unwrap(), verdicts.find("Approved").unwrap());
    assert!(asked < approved, "from the first: {verdicts}");
}

use cpe_portal::actions::conversations::{ConversationOpening, ask};
use cpe_portal::domain::conversations::conversation::{About, ConversationKind};
use cpe_portal::domain::ids::ConversationId;
use cpe_portal::domain::roles::Role;
use cpe_portal::store::accounts::Account;

use crate::support::nonsense::Trial;
use crate::support::{Browser, Page, Rights, TestPortal};

pub fn asked(portal: &TestPortal, holder: &Account, subject: &str) -> ConversationId {
    let opening = ConversationOpening {
        kind: ConversationKind::Question,
        about: About::default(),
        subject,
        words: "How?",
    };
    ask(portal, holder.as_holder(), &opening).unwrap()
}

/// Opens the page of a conversation, then sends a step with the version that the page carried.
pub async fn step(browser: &Browser, id: ConversationId, step: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(&format!("/staff/advice/{id}")).await.expect(200);
    let version = page.values("input[name=version]", "value").pop().unwrap_or_default();
    let mut all = vec![("version", version.as_str())];
    all.extend_from_slice(fields);
    browser.post(&format!("/staff/advice/{id}/{step}"), &all).await
}

#[actix_web::test]
async fn the_inbox_shows_what_waits_longest_first_and_who_looks_after_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let first = asked(&portal, &people.owner, "The first");
    portal.clock.advance(chrono::TimeDelta::hours(1));
    let second = asked(&portal, &people.stranger, "The second");
    let reviewer = portal.browser(&people.reviewer).await;
    let subjects = |page: &Page| page.texts("tbody th a");
    let list = async |show: &str| subjects(&reviewer.get(&format!("/staff/advice?show={show}")).await);
    assert_eq!(list("waiting").await, ["The first", "The second"]);
    assert_eq!(list("unowned").await, ["The first", "The second"]);

    let me = people.reviewer.id.to_string();
    step(&reviewer, second, "owner", &[("owner", &me)]).await.expect(303);
    assert_eq!(list("mine").await, ["The second"]);
    assert_eq!(list("unowned").await, ["The first"]);
    assert!(portal.mails_to(&people.reviewer).is_empty(), "nobody is told of what they did themselves");

    let other = people.administrator.id.to_string();
    step(&reviewer, second, "owner", &[("owner", &other)]).await.expect(303);
    assert!(list("mine").await.is_empty());
    assert_eq!(portal.mails_to(&people.administrator).len(), 1, "a colleague who gets it is told");
    let holder = people.stranger.id.to_string();
    let page = step(&reviewer, first, "owner", &[("owner", &holder)]).await.expect(422);
    assert!(page.error("owner").contains("a colleague who can sign in"), "{}", page.words());

    step(&reviewer, first, "messages", &[("words", "Like this."), ("intent", "send")]).await.expect(303);
    assert_eq!(list("waiting").await, ["The second"]);
    assert_eq!(list("holder").await, ["The first"]);
    step(&reviewer, first, "closing", &[]).await.expect(303);
    assert_eq!(list("closed").await, ["The first"]);
    assert!(list("holder").await.is_empty());
    step(&reviewer, first, "messages", &[("words", "More.")]).await.expect(422);
    portal.clock.advance(chrono::TimeDelta::minutes(1));
    step(&reviewer, first, "reopening", &[]).await.expect(303);
    assert_eq!(list("waiting").await, ["The second", "The first"]);
}

#[actix_web::test]
async fn a_long_inbox_has_pages_that_show_everything_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    for number in 0..120 {
        asked(&portal, &people.owner, &format!("Number {number}"));
        if number % 3 == 0 {
            portal.clock.advance(chrono::TimeDelta::minutes(1));
        }
    }
    let reviewer = portal.browser(&people.reviewer).await;
    let mut seen = Vec::new();
    let mut path = "/staff/advice?show=waiting".to_owned();
    loop {
        let page = reviewer.get(&path).await.expect(200);
        seen.extend(page.texts("tbody th a"));
        match page.values(".pagination [rel=next]", "href").pop() {
            Some(next) => path = next,
            None => break,
        }
    }
    let expected: Vec<String> = (0..120).map(|number| format!("Number {number}")).collect();
    assert_eq!(seen, expected);
    let page = reviewer.get(&path).await;
    let back = page.values(".pagination [rel=prev]", "href").pop().unwrap();
    assert_eq!(reviewer.get(&back).await.texts("tbody th a"), expected[50..100]);
}

#[actix_web::test]
async fn nobody_handles_their_own_conversation() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.certificate(&people.reviewer, "ISP", "ISP-77", "2026-05-01");
    let own = asked(&portal, &people.reviewer, "My own");
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff/advice/{own}")).await.expect(200);
    assert!(page.words().contains("A colleague has to answer it"));
    for (what, fields) in [
        ("messages", vec![("words", "Yes"), ("version", "1")]),
        ("owner", vec![("owner", "1"), ("version", "1")]),
        ("closing", vec![("version", "1")]),
    ] {
        let page = reviewer.post(&format!("/staff/advice/{own}/{what}"), &fields).await.expect(422);
        assert!(page.text(".error-summary").contains("your own conversation"), "{what}");
    }
    assert_eq!(portal.texts("SELECT words AS text FROM messages"), ["How?"]);
    let path = format!("/staff/holders/{}/advice", people.reviewer.id);
    let fields = [("subject", "Hello"), ("words", "Me")];
    reviewer.post(&path, &fields).await.expect(422);
}

#[actix_web::test]
async fn an_answer_to_what_has_changed_meanwhile_is_kept_and_shown_again() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = asked(&portal, &people.owner, "A question");
    let (reviewer, owner) = (portal.browser(&people.reviewer).await, portal.browser(&people.owner).await);
    reviewer.get(&format!("/staff/advice/{id}")).await.expect(200);
    owner.post(&format!("/advice/{id}/messages"), &[("words", "I found it.")]).await.expect(303);
    let fields = [("version", "1"), ("words", "A long answer"), ("intent", "send")];
    let page = reviewer.post(&format!("/staff/advice/{id}/messages"), &fields).await.expect(409);
    assert!(page.text(".error-summary").contains("while you were reading"));
    assert!(page.words().contains("I found it."));
    assert_eq!(page.texts("textarea[name=words]"), ["A long answer"]);
    let version = page.values("input[name=version]", "value").remove(0);
    let fields = [("version", &*version), ("words", "A long answer")];
    reviewer.post(&format!("/staff/advice/{id}/messages"), &fields).await.expect(303);
}

#[actix_web::test]
async fn canned_answers_are_put_into_the_form_mended_by_all_and_added_by_administrators() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = asked(&portal, &people.owner, "A question");
    let (reviewer, administrator) =
        (portal.browser(&people.reviewer).await, portal.browser(&people.administrator).await);
    let fields = [("title", "Thanks"), ("words", "Thank you for asking.")];
    administrator.get("/staff/canned-answers/new").await.expect(200);
    administrator.post("/staff/canned-answers", &fields).await.expect(303);
    reviewer.post("/staff/canned-answers", &fields).await.expect(404);

    let answer = portal.texts("SELECT id || '' AS text FROM canned_answers WHERE title = 'Thanks'").remove(0);
    let fields = [("words", "Dear Olga,"), ("answer", &answer), ("intent", "insert")];
    let page = step(&reviewer, id, "messages", &fields).await.expect(200);
    assert_eq!(page.raw_texts("textarea[name=words]"), ["Dear Olga,\n\nThank you for asking."]);
    assert_eq!(portal.texts("SELECT words AS text FROM messages"), ["How?"], "nothing is sent");
    let page = step(&reviewer, id, "messages", &[("intent", "insert"), ("words", "x")]).await.expect(422);
    assert!(page.error("answer").contains("Choose the answer"));

    let path = format!("/staff/canned-answers/{answer}");
    let change = [("title", "Thanks"), ("words", "Thanks!"), ("version", "1")];
    reviewer.post(&path, &change).await.expect(303);
    reviewer.post(&path, &change).await.expect(409);
    assert!(!reviewer.get(&path).await.has("form[action$=removal]"));
    administrator.post(&format!("{path}/removal"), &[]).await.expect(303);
    administrator.get(&path).await.expect(404);
}

#[actix_web::test]
async fn staff_write_to_a_holder_and_look_after_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let reviewer = portal.browser(&people.reviewer).await;
    let path = format!("/staff/holders/{}/advice", people.owner.id);
    reviewer.get(&path).await.expect(200);
    let page = reviewer.post(&path, &[("subject", ""), ("words", "")]).await.expect(422);
    assert!(page.error("subject").contains("in a few words") && page.error("words").contains("Write"));
    let fields = [("subject", "Your address"), ("words", "Has it changed?"), ("needs_answer", "1")];
    let sent = reviewer.post(&path, &fields).await;
    let page = reviewer.follow(sent.expect(303)).await.expect(200);
    assert!(page.words().contains("Looked after byRita Reviewer"), "{}", page.words());
    assert_eq!(portal.mails_to(&people.owner).pop().unwrap().0, "reply");
    let owner = portal.browser(&people.owner).await;
    assert!(owner.get("/advice").await.words().contains("We have written: your turn"));
    let page = reviewer.get(&format!("/staff/holders/{}", people.owner.id)).await.expect(200);
    assert!(page.text(".plain-list").contains("Your address"));
    reviewer.get("/staff/holders/9999/advice").await.expect(404);
    reviewer.post("/staff/holders/9999/advice", &[("subject", "x"), ("words", "y")]).await.expect(404);
    let closed = portal.account("gone@people.test", "Gone", Role::Reviewer);
    let page = reviewer.get("/staff/advice/1").await;
    assert!(page.has(&format!("option[value='{}']", closed.id)));
}

#[actix_web::test]
async fn nonsense_in_an_answer_is_told_beside_its_field_and_kept() {
    let portal = TestPortal::new();
    let people = portal.people();
    let reviewer = portal.browser(&people.reviewer).await;
    let fresh = |path: &'static str, fields: &'static [(&'static str, &'static str)]| {
        let (portal, owner) = (&portal, &people.owner);
        move || {
            let id = asked(portal, owner, "A question");
            let mut fields = fields.to_vec();
            fields.push(("version", "1"));
            (format!("/staff/advice/{id}/{path}"), fields)
        }
    };
    let messages = fresh("messages", &[("words", "Yes"), ("intent", "send")]);
    Trial { fields: &["words", "intent"], with_files: false, form: &messages }.run(&reviewer).await;
    let insert = fresh("messages", &[("words", "Yes"), ("intent", "insert")]);
    Trial { fields: &["answer"], with_files: false, form: &insert }.run(&reviewer).await;
    let owner = fresh("owner", &[]);
    Trial { fields: &["owner"], with_files: false, form: &owner }.run(&reviewer).await;
    let path = format!("/staff/holders/{}/advice", people.owner.id);
    let write = || (path.clone(), vec![("subject", "A"), ("words", "B")]);
    Trial { fields: &["subject", "words"], with_files: false, form: &write }.run(&reviewer).await;
    let administrator = portal.browser(&people.administrator).await;
    let canned = || ("/staff/canned-answers".to_owned(), vec![("title", "A"), ("words", "B")]);
    Trial { fields: &["title", "words"], with_files: false, form: &canned }.run(&administrator).await;
}

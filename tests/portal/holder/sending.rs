//! Sending the form once, being asked about what is unlikely, and drafts that save themselves.

use super::*;
use cpe_portal::domain::activities::activity::ActivityStatus;

fn key(page: &Page) -> String {
    page.values("input[name=form_key]", "value").remove(0)
}

fn reports(portal: &TestPortal) -> Vec<String> {
    portal.texts("SELECT status || ' ' || title AS text FROM activities ORDER BY id")
}

#[actix_web::test]
async fn the_same_form_sent_twice_makes_one_report() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    let key = key(&browser.get("/activities/new").await.expect(200));
    let form = with(&[("form_key", &key)]);
    let first = led_to(&browser.post_files("/activities", &form, &[]).await);
    let second = led_to(&browser.post_files("/activities", &form, &[]).await);
    assert_eq!(first, second);
    assert_eq!(reports(&portal), ["submitted Zero trust in practice"]);
    assert_eq!(kept(&portal, first).version, 1, "the second time changed nothing");
    // another activity, typed into the same form after going back, is asked about and then reported
    let other = with(&[("form_key", &key), ("title", "Another talk"), ("completed_on", "2026-10-06")]);
    let asked = browser.post_files("/activities", &other, &[]).await.expect(422);
    assert!(asked.text(".error-summary").contains("already sent this form, as “Zero trust in practice”"));
    let fresh = self::key(&asked);
    assert_ne!(fresh, key);
    let again = with(&[("form_key", &fresh), ("title", "Another talk"), ("completed_on", "2026-10-06")]);
    assert_ne!(led_to(&browser.post_files("/activities", &again, &[]).await), first);
    // somebody else's key is only a word
    let stranger = portal.browser(&people.stranger).await;
    let theirs = with(&[("form_key", &key), ("field", "ethical_hacking")]);
    assert_ne!(led_to(&stranger.post_files("/activities", &theirs, &[]).await), first);
}

#[actix_web::test]
async fn a_change_sent_twice_is_one_change() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    let path = format!("/activities/{id}");
    let key = key(&browser.get(&format!("{path}/edit")).await.expect(200));
    let change = with(&[("version", "1"), ("form_key", &key), ("organiser", "Another one")]);
    for _ in 0..2 {
        browser.post_files(&path, &change, &[]).await.expect(303);
    }
    assert_eq!(kept(&portal, id).version, 2);
}

#[actix_web::test]
async fn a_question_is_answered_by_words_a_change_or_a_file_and_the_reviewer_reads_the_words() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    decide(&portal, &people, id, &RETURN);
    let path = format!("/activities/{id}");
    let page = browser.get(&format!("{path}/edit")).await.expect(200);
    assert!(page.text("label[for=explanation]").contains("Your answer to the reviewer"));
    let (key, version) = (key(&page), kept(&portal, id).version.to_string());
    let unchanged = [("version", version.as_str()), ("form_key", key.as_str())];
    let refused = browser.post_files(&path, &with(&unchanged), &[]).await.expect(422);
    assert!(refused.text("#explanation-error").contains("Answer the question here"));
    assert_eq!(kept(&portal, id).status, ActivityStatus::Returned);
    let answered = [unchanged[0], unchanged[1], ("explanation", "The society gives no certificates.")];
    assert_eq!(led_to(&browser.post_files(&path, &with(&answered), &[]).await), id);
    assert_eq!(kept(&portal, id).status, ActivityStatus::Submitted);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff/activities/{id}")).await.expect(200);
    assert!(page.words().contains("The society gives no certificates."));
}

#[actix_web::test]
async fn what_is_typed_saves_itself_as_one_draft_that_is_then_submitted() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    let page = browser.get("/activities/new").await.expect(200);
    let key = key(&page);
    assert_eq!(page.values("form", "data-autosave").concat(), "/activities/drafts");
    let save = async |fields: &[(&str, &str)]| {
        let mut all = vec![("form_key", key.as_str()), ("activity", "0")];
        all.extend_from_slice(fields);
        browser.post("/activities/drafts", &all).await.expect(200)
    };
    assert_eq!(save(&[("title", " ")]).await.text("[data-send]"), "", "nothing typed is no draft");
    assert_eq!(reports(&portal), [] as [&str; 0]);
    let said = save(&[("title", "Zero tr")]).await;
    assert_eq!(said.text("[data-send]"), "Saved as a draft at 10:00.");
    let said = save(&[("title", "Zero trust"), ("completed_on", "5 Oc"), ("hours", "2")]).await;
    assert!(
        said.text("[data-send]")
            .contains("Look again before you send it: the kind of activity, the day completed."),
        "{}",
        said.html()
    );
    assert_eq!(reports(&portal), ["draft Zero trust"], "later ones change the first");
    assert_eq!(
        portal.texts("SELECT event AS text FROM history WHERE event LIKE '%draft%'"),
        ["activity drafted"]
    );
    let id = led_to(&browser.post_files("/activities", &with(&[("form_key", &key)]), &[]).await);
    assert_eq!(
        reports(&portal),
        ["submitted Zero trust in practice"],
        "submitting goes on with the same one"
    );
    // a late one of the script changes nothing
    assert_eq!(save(&[("title", "Late")]).await.text("[data-send]"), "");
    assert_eq!(kept(&portal, id).facts.title, "Zero trust in practice");
}

#[actix_web::test]
async fn a_draft_that_is_opened_twice_is_never_overwritten_unseen() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &with(&[("intent", "draft")]), &[]).await);
    let path = format!("/activities/{id}");
    let one = key(&browser.get(&format!("{path}/edit")).await.expect(200));
    let two = key(&browser.get(&format!("{path}/edit")).await.expect(200));
    let id_text = id.to_string();
    let save = async |key: &str, title: &str| {
        let fields = [("form_key", key), ("activity", &id_text), ("version", "1"), ("title", title)];
        browser.post("/activities/drafts", &fields).await.expect(200).html()
    };
    assert!(save(&one, "From the first window").await.contains("Saved as a draft"));
    assert!(save(&two, "From the second window").await.contains("changed elsewhere"));
    let sent = with(&[("form_key", &two), ("version", "1"), ("title", "From the second window")]);
    let page = browser.post_files(&path, &sent, &[]).await.expect(409);
    assert!(page.text(".error-summary").contains("changed elsewhere"), "{}", page.words());
    assert_eq!(page.values("#title", "value"), ["From the second window"], "and nothing typed is lost");
    let version = page.values("input[name=version]", "value").remove(0);
    let fresh = key(&page);
    let again = with(&[("form_key", &fresh), ("version", &version), ("title", "From the second window")]);
    browser.post_files(&path, &again, &[]).await.expect(303);
    assert_eq!(kept(&portal, id).facts.title, "From the second window");
    assert_eq!(kept(&portal, id).status, ActivityStatus::Submitted);
}

#[actix_web::test]
async fn what_is_unlikely_is_asked_once_and_the_answer_travels_to_the_reviewer() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.owner).await;
    let key = key(&browser.get("/activities/new").await.expect(200));
    let long = with(&[("form_key", &key), ("hours", "16"), ("minutes", "")]);
    let asked = browser.post_files("/activities", &long, &[("evidence", "a.pdf", PDF)]).await.expect(200);
    let hint = "16 hours on 5 October 2026 is a very long day. Check the hours and the days.";
    assert!(asked.text(".notice.info").contains(hint), "{}", asked.words());
    assert_eq!(asked.values("#title", "value"), ["Zero trust in practice"]);
    assert!(asked.texts("button").contains(&"Send anyway".to_owned()));
    assert_eq!(
        reports(&portal),
        ["draft Zero trust in practice"],
        "nothing is sent yet, and nothing is lost"
    );
    let files = "SELECT name || ' of ' || activity_id AS text FROM evidence";
    assert_eq!(portal.texts(files).len(), 1, "its file is the draft's");
    let drafts = browser.get("/activities").await.expect(200);
    assert!(drafts.words().contains("Zero trust in practice"), "whoever goes back finds it");
    let seen = asked.values("input[name=hint_seen]", "value");
    assert_eq!(seen, [hint]);
    let bad = with(&[
        ("form_key", &key),
        ("hours", "16"),
        ("minutes", ""),
        ("hint_seen", hint),
        ("explanation", "a\u{7}b"),
    ]);
    let refused = browser.post_files("/activities", &bad, &[]).await.expect(422);
    assert!(refused.error("explanation").contains("cannot be shown"));
    let why = "It was a hackathon through the night.";
    let anyway = with(&[
        ("form_key", &key),
        ("hours", "16"),
        ("minutes", ""),
        ("hint_seen", hint),
        ("explanation", why),
    ]);
    let id = led_to(&browser.post_files("/activities", &anyway, &[]).await);
    assert_eq!(
        reports(&portal),
        ["submitted Zero trust in practice"],
        "the draft was sent, not a second report"
    );
    assert_eq!(portal.texts(files).len(), 1);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff/activities/{id}")).await.expect(200);
    assert!(page.words().contains(hint) && page.words().contains(why), "{}", page.words());
    let own = browser.get(&format!("/activities/{id}")).await.expect(200);
    assert!(own.words().contains(why), "the holder finds their own words again: {}", own.words());
    let edit = browser.get(&format!("/activities/{id}/edit")).await.expect(200);
    assert_eq!(edit.raw_texts("#explanation"), [why]);
}

#[actix_web::test]
async fn a_script_that_sends_a_form_of_its_own_is_not_asked_but_the_reviewer_still_reads_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    let id = led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get(&format!("/staff/activities/{id}")).await.expect(200);
    assert!(page.words().contains("with this title on 5 October 2026"), "{}", page.words());
    assert!(page.words().contains("sent it without an explanation"));
}

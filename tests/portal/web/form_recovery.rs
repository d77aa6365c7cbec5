//! What was typed before a session ended comes back to the person who typed it, and to nobody else.

use actix_web::http::header::{CONTENT_TYPE, REFERER};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::roles::Role;
use cpe_portal::jobs;

use crate::holder::{APPROVE, PDF, at_the_form, decide, kept, led_to, with};
use crate::support::nonsense::NONSENSE;
use crate::support::{Browser, Page, People, TestPortal};

const PASSWORD: &str = "correct horse battery staple";

/// Sends a form the plain way, as a browser does that shows it on `from`.
async fn post_from(browser: &Browser, from: &str, path: &str, fields: &[(&str, &str)]) -> Page {
    let token = browser.token().await;
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf_token", &token)
        .extend_pairs(fields)
        .finish();
    let request = TestRequest::post()
        .insert_header(("host", "portal.test"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header((REFERER, format!("http://portal.test{from}")))
        .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .set_payload(body);
    browser.send(path, request).await
}

/// Follows to the sign-in page, signs in there, and gives the page that comes after it.
async fn signs_in(browser: &Browser, sent_to: &Page, email: &str) -> Page {
    let sign_in = browser.get(&sent_to.location().unwrap()).await.expect(200);
    let next = sign_in.values("input[name=next]", "value").remove(0);
    let done = browser
        .post("/sign-in", &[("email", email), ("password", PASSWORD), ("next", next.as_str())])
        .await
        .expect(303);
    browser.follow(done).await
}

fn rows(portal: &TestPortal, table: &str) -> usize {
    portal.texts(&format!("SELECT 'x' AS text FROM {table}")).len()
}

fn with_passwords() -> (TestPortal, People) {
    let portal = TestPortal::new();
    let people = portal.people();
    for account in [&people.owner, &people.stranger, &people.reviewer] {
        portal.set_password(account, PASSWORD);
    }
    (portal, people)
}

#[actix_web::test]
async fn a_report_that_came_too_late_comes_back_filled_in_with_its_files_after_signing_in() {
    let (portal, people) = with_passwords();
    let browser = at_the_form(&portal, &people).await;
    portal.clock.advance(TimeDelta::hours(3));
    let typed = with(&[("title", "“Zero” <trust> & 'more'"), ("relevance", "One\n<b>two</b>")]);
    let away = browser.post_files("/activities", &typed, &[("evidence", "proof.pdf", PDF)]).await.expect(303);
    assert!(away.location().unwrap().starts_with("/sign-in?kept=1"), "{:?}", away.location());
    let sign_in = browser.get(&away.location().unwrap()).await.expect(200);
    assert!(sign_in.words().contains("What you typed is kept"), "{}", sign_in.words());
    let form = signs_in(&browser, &away, "owner@people.test").await.expect(200);
    assert!(form.path.starts_with("/activities/new?parked="), "{}", form.path);
    assert!(form.text(".notice.warning").contains("Nothing has been sent yet: check it and send it."));
    assert_eq!(form.values("#title", "value"), ["“Zero” <trust> & 'more'"]);
    assert_eq!(form.raw_texts("#relevance"), ["One\n<b>two</b>"]);
    assert!(form.has(".relevance details[open]"), "what was typed is not folded away");
    assert!(!form.has(".when details[open]"), "and what was not is");
    assert_eq!(form.values("#completed_on", "value"), ["2026-10-05"]);
    assert_eq!(form.values("input[name=category][checked]", "value"), ["attending"]);
    assert_eq!(form.values("#field option[selected]", "value"), ["information_security"]);
    assert!(form.has("#not_regular_job[checked]"));
    assert!(form.words().contains("proof.pdf"), "{}", form.words());
    assert_eq!(rows(&portal, "activities"), 0, "nothing was sent");
    // the page as it stands is sent
    let mut fields = with(&[("title", "“Zero” <trust> & 'more'")]);
    let parked = form.values("input[name=parked]", "value").remove(0);
    let file = form.values("input[name=kept_evidence]", "value").remove(0);
    fields.extend([("parked", parked.as_str()), ("kept_evidence", file.as_str())]);
    let id = led_to(&browser.post_files("/activities", &fields, &[]).await);
    assert_eq!(kept(&portal, id).status, ActivityStatus::Submitted);
    assert!(browser.get(&format!("/activities/{id}")).await.words().contains("proof.pdf"));
    assert_eq!(rows(&portal, "parked_forms"), 0, "it is forgotten when it is sent");
}

#[actix_web::test]
async fn a_new_form_that_has_become_a_draft_by_itself_comes_back_where_the_draft_is_changed() {
    let (portal, people) = with_passwords();
    let browser = portal.browser(&people.owner).await;
    let page = browser.get("/activities/new").await.expect(200);
    let key = page.values("input[name=form_key]", "value").remove(0);
    let typed = [("form_key", key.as_str()), ("activity", "0"), ("title", "Half a talk")];
    let saved = browser.post("/activities/drafts", &typed).await.expect(200);
    let (id, path) = (
        saved.values("[data-send]", "data-activity").remove(0),
        saved.values("[data-send]", "data-send").remove(0),
    );
    portal.clock.advance(TimeDelta::hours(3));
    let fields = with(&[("form_key", &key), ("activity", &id), ("title", "A whole talk")]);
    let away = browser.post_files(&path, &fields, &[("evidence", "proof.pdf", PDF)]).await.expect(303);
    let form = signs_in(&browser, &away, "owner@people.test").await.expect(200);
    assert!(form.path.starts_with(&format!("{path}/edit?parked=")), "{}", form.path);
    assert_eq!(form.values("#title", "value"), ["A whole talk"]);
    let one = |name: &str| form.values(&format!("input[name={name}]"), "value").remove(0);
    let (again, version, file, parked) =
        (one("form_key"), one("version"), one("kept_evidence"), one("parked"));
    let fields = with(&[
        ("form_key", &again),
        ("activity", &id),
        ("version", &version),
        ("kept_evidence", &file),
        ("parked", &parked),
    ]);
    assert_eq!(led_to(&browser.post_files(&path, &fields, &[]).await).to_string(), id);
    assert_eq!(kept(&portal, id.parse().unwrap()).status, ActivityStatus::Submitted);
}

#[actix_web::test]
async fn nobody_else_ever_sees_what_was_typed() {
    let (portal, people) = with_passwords();
    let browser = at_the_form(&portal, &people).await;
    portal.clock.advance(TimeDelta::hours(13));
    let secret = with(&[("title", "My own affair")]);
    let away = browser.post_files("/activities", &secret, &[]).await.expect(303);
    let other = signs_in(&browser, &away, "stranger@people.test").await.expect(200);
    assert!(!other.html().contains("My own affair") && !other.has(".notice.warning"), "{}", other.words());
    // its owner gets it on the next occasion, even without the address
    let own = portal.visitor().await;
    let done = own.post("/sign-in", &[("email", "owner@people.test"), ("password", PASSWORD)]).await;
    let form = own.follow(done).await.expect(200);
    assert_eq!(form.values("#title", "value"), ["My own affair"]);
    let again = portal.visitor().await;
    let done = again.post("/sign-in", &[("email", "owner@people.test"), ("password", PASSWORD)]).await;
    assert_eq!(again.follow(done).await.path, "/dashboard", "once it was seen it does not come by itself");
}

#[actix_web::test]
async fn a_form_from_before_signing_in_again_comes_back_at_once() {
    let (portal, people) = with_passwords();
    let browser = at_the_form(&portal, &people).await;
    let old = browser.token().await;
    browser.post("/sign-out", &[]).await.expect(303);
    portal.begin_session(&browser, &people.owner);
    let mut fields = vec![("csrf_token", old.as_str())];
    fields.extend(with(&[("title", "Typed before")]));
    let page = browser.post_files_bare("/activities", &fields, &[]).await.expect(303);
    let form = browser.follow(page).await.expect(200);
    assert_eq!(form.values("#title", "value"), ["Typed before"]);
    // in the browser of somebody else it is refused, and still kept for its owner
    let stranger = portal.browser(&people.stranger).await;
    stranger.post_files_bare("/activities", &fields, &[]).await.expect(403);
    assert_eq!(portal.texts("SELECT account_id || '' AS text FROM parked_forms").len(), 2);
    let whose = portal.texts("SELECT DISTINCT account_id || '' AS text FROM parked_forms");
    assert_eq!(whose, [people.owner.id.to_string()]);
}

#[actix_web::test]
async fn a_verdict_that_came_too_late_comes_back_on_the_report_it_is_about() {
    let (portal, people) = with_passwords();
    let id = portal.submitted(&people.owner, "A conference", "2026-10-05", 3);
    let page = format!("/staff/activities/{id}");
    let browser = portal.browser(&people.reviewer).await;
    browser.get(&page).await.expect(200);
    portal.clock.advance(TimeDelta::hours(3));
    let verdict = [
        ("decision", "reject"),
        ("reason_code", "duplicate"),
        ("reason", "It is the one of May."),
        ("version", "1"),
    ];
    let away = post_from(&browser, &page, &format!("{page}/review"), &verdict).await.expect(303);
    let back = signs_in(&browser, &away, "reviewer@people.test").await.expect(200);
    assert!(back.path.starts_with(&format!("{page}?parked=")), "{}", back.path);
    assert_eq!(back.raw_texts("textarea[name=reason]"), ["It is the one of May."]);
    assert_eq!(kept(&portal, id).status, ActivityStatus::Submitted);
}

#[actix_web::test]
async fn forms_of_administration_come_back_where_they_stand() {
    let portal = TestPortal::new();
    let administrator = portal.account("ada@people.test", "Ada", Role::Administrator);
    portal.set_password(&administrator, PASSWORD);
    for (from, path, fields) in [
        ("/admin/accounts/new", "/admin/accounts", vec![("name", "Noor Nieuw"), ("email", "noor@x.test")]),
        ("/admin/policies/new", "/admin/policies", vec![("first_day", "1 January 2031")]),
        // shown again after a mistake, the form stands at the address it was sent to
        ("/admin/accounts", "/admin/accounts", vec![("name", "Once more")]),
        ("/staff/holders/new", "/staff/holders", vec![("name", "Hella Houder")]),
    ] {
        let browser = portal.browser(&administrator).await;
        browser.get(from).await.expect(200);
        portal.clock.advance(TimeDelta::hours(3));
        let away = post_from(&browser, from, path, &fields).await.expect(303);
        let back = signs_in(&browser, &away, "ada@people.test").await.expect(200);
        for (name, value) in fields {
            assert_eq!(back.values(&format!("main input[name={name}]"), "value"), [value], "{from}");
        }
    }
}

#[actix_web::test]
async fn where_the_form_no_longer_stands_the_words_are_still_there() {
    let (portal, people) = with_passwords();
    let browser = at_the_form(&portal, &people).await;
    let id = led_to(&browser.post_files("/activities", &with(&[]), &[]).await);
    browser.get(&format!("/activities/{id}/edit")).await.expect(200);
    portal.clock.advance(TimeDelta::hours(3));
    decide(&portal, &people, id, &APPROVE);
    let change = with(&[("version", "1"), ("organiser", "Somebody else altogether")]);
    let away = browser.post_files(&format!("/activities/{id}"), &change, &[]).await.expect(303);
    let page = signs_in(&browser, &away, "owner@people.test").await.expect(409);
    assert!(page.words().contains("This is what you typed"), "{}", page.words());
    assert!(page.words().contains("Somebody else altogether"), "{}", page.words());
}

#[actix_web::test]
async fn passwords_and_forms_with_nothing_typed_are_not_kept() {
    let (portal, people) = with_passwords();
    let browser = portal.browser(&people.owner).await;
    browser.get("/account").await.expect(200);
    portal.clock.advance(TimeDelta::hours(3));
    let fields = [("password", PASSWORD), ("new_password", "something else entirely")];
    for (path, fields) in [("/account/password", &fields[..]), ("/sign-out", &[])] {
        let page = post_from(&browser, "/account", path, fields).await.expect(303);
        assert!(page.location().unwrap().starts_with("/sign-in?ended=1"), "{path}: {:?}", page.location());
    }
    // a token that nobody was given keeps nothing either
    let planted = browser.post_bare("/activities", &[("csrf_token", &"0".repeat(256)), ("title", "x")]).await;
    assert_eq!(planted.expect(303).location().unwrap(), "/sign-in?ended=1");
    assert_eq!(rows(&portal, "parked_forms"), 0);
}

#[actix_web::test]
async fn what_nobody_comes_back_for_is_gone_after_a_day() {
    let (portal, people) = with_passwords();
    let browser = at_the_form(&portal, &people).await;
    portal.clock.advance(TimeDelta::hours(3));
    browser.post_files("/activities", &with(&[]), &[]).await.expect(303);
    let housekeeping = jobs::TIMETABLE.iter().find(|job| job.name.code() == "housekeeping").unwrap();
    portal.clock.advance(TimeDelta::hours(23));
    jobs::manual_run::run_now(&portal, housekeeping).unwrap();
    assert_eq!(rows(&portal, "parked_forms"), 1);
    portal.clock.advance(TimeDelta::hours(2));
    jobs::manual_run::run_now(&portal, housekeeping).unwrap();
    assert_eq!(rows(&portal, "parked_forms"), 0);
}

#[actix_web::test]
async fn nonsense_comes_back_as_it_was_typed() {
    let (portal, people) = with_passwords();
    let browser = at_the_form(&portal, &people).await;
    let old = browser.token().await;
    browser.post("/sign-out", &[]).await.expect(303);
    portal.begin_session(&browser, &people.owner);
    for input in NONSENSE.iter().filter(|input| !input.trim().is_empty() && !input.contains(['\0', '\r'])) {
        let fields = [("csrf_token", old.as_str()), ("title", input), ("relevance", input)];
        let page = browser.post_files_bare("/activities", &fields, &[]).await.expect(303);
        let form = browser.get(&page.location().unwrap()).await.expect(200);
        assert_eq!(form.values("#title", "value"), [*input]);
        assert_eq!(form.raw_texts("#relevance"), [*input]);
    }
    assert_eq!(rows(&portal, "parked_forms"), 20, "only the newest are kept");
}

#[actix_web::test]
async fn a_form_finds_its_way_back_where_the_browser_tells_no_more_than_the_origin() {
    let (portal, people) = with_passwords();
    let id = portal.submitted(&people.owner, "A conference", "2026-10-05", 3);
    let staff = format!("/staff/activities/{id}?from=2026");
    let reviewer = portal.browser(&people.reviewer).await;
    reviewer.get(&staff).await.expect(200);
    let holder = portal.browser(&people.owner).await;
    holder.get(&format!("/advice/new?certificate={}", people.owner_certificate)).await.expect(200);
    portal.clock.advance(TimeDelta::hours(13));
    let verdict = [
        ("decision", "reject"),
        ("reason_code", "duplicate"),
        ("reason", "The one of May."),
        ("version", "1"),
    ];
    let away =
        post_from(&reviewer, "/", &format!("/staff/activities/{id}/review"), &verdict).await.expect(303);
    let back = signs_in(&reviewer, &away, "reviewer@people.test").await.expect(200);
    assert!(back.path.starts_with(&format!("{staff}&parked=")), "{}", back.path);
    assert_eq!(back.raw_texts("#reason"), ["The one of May."]);
    let asked = [("words", "Does reading count?"), ("kind", "question")];
    let away = post_from(&holder, "/", "/advice", &asked).await.expect(303);
    let back = signs_in(&holder, &away, "owner@people.test").await.expect(200);
    let page = format!("/advice/new?certificate={}&parked=", people.owner_certificate);
    assert!(back.path.starts_with(&page), "{}", back.path);
    assert_eq!(back.raw_texts("#words"), ["Does reading count?"]);
}

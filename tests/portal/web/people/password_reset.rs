use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use chrono::TimeDelta;

use super::*;

#[actix_web::test]
async fn the_answer_to_an_unknown_address_is_the_same_page_after_the_same_time() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let browser = portal.visitor().await;
    let mut pages = Vec::new();
    for email in ["olga@people.test", "nobody@people.test"] {
        let started = std::time::Instant::now();
        let page = browser.post("/password-reset", &[("email", email)]).await.expect(200);
        assert!(started.elapsed().as_millis() >= 300, "{email}");
        pages.push(page.words().replace(email, "…"));
    }
    assert_eq!(pages[0], pages[1]);
    let mails = portal.mails_to(&olga);
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].0, "password-reset");
    assert_eq!(portal.texts("SELECT kind AS text FROM mails").len(), 1, "nobody else got one");
}

#[actix_web::test]
async fn what_is_no_address_is_told_beside_the_field() {
    let portal = TestPortal::new();
    let browser = portal.visitor().await;
    for typed in ["", "olga", "olga@", "@people.test", "a@b, c@d", "a b@people.test"] {
        let page = browser.post("/password-reset", &[("email", typed)]).await.expect(422);
        assert!(page.error("email").starts_with("Error: Enter "), "{typed:?}");
        assert_eq!(page.values("#email", "value"), [typed]);
    }
}

#[actix_web::test]
async fn the_link_sets_a_password_once_signs_in_ends_every_session_and_is_told_by_mail() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let elsewhere = portal.browser(&olga).await;
    let browser = portal.visitor().await;
    browser.post("/password-reset", &[("email", " OLGA@people.test ")]).await.expect(200);
    let link = link(&portal.mails_to(&olga)[0].1);
    assert!(link.starts_with("/password-reset/"));

    browser.get(&link).await.expect(200);
    let weak = [("password", "olgaowner2026"), ("password_again", "olgaowner2026")];
    let page = browser.post(&link, &weak).await.expect(422);
    assert!(page.error("password").contains("easy to guess"), "{}", page.error("password"));
    let page = browser
        .post(&link, &[("password", OTHER_PASSWORD), ("password_again", "something else entirely")])
        .await
        .expect(422);
    assert!(page.error("password_again").contains("the same password"));

    let fields = [("password", OTHER_PASSWORD), ("password_again", OTHER_PASSWORD)];
    browser.post(&link, &fields).await.expect(303);
    browser.get("/account").await.expect(200);
    elsewhere.get("/account").await.expect(303);
    let kinds: Vec<String> = portal.mails_to(&olga).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["password-reset", "account-changed"]);

    let again = portal.visitor().await;
    again.get(&link).await.expect(410);
    again.post(&link, &fields).await.expect(410);
    sign_in(&again, "olga@people.test", PASSWORD).await.expect(422);
    sign_in(&again, "olga@people.test", OTHER_PASSWORD).await.expect(303);
}

#[actix_web::test]
async fn a_link_works_for_two_hours_and_a_newer_one_ends_it() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let browser = portal.visitor().await;
    browser.post("/password-reset", &[("email", "olga@people.test")]).await.expect(200);
    let first = link(&portal.mails_to(&olga)[0].1);
    portal.clock.advance(TimeDelta::minutes(119));
    browser.get(&first).await.expect(200);
    browser.post("/password-reset", &[("email", "olga@people.test")]).await.expect(200);
    browser.get(&first).await.expect(410);
    let second = link(&portal.mails_to(&olga)[1].1);
    portal.clock.advance(TimeDelta::minutes(120));
    browser.get(&second).await.expect(410);
    let page = browser.get(&format!("/password-reset/{}", "0".repeat(64))).await.expect(410);
    assert!(page.has("a[href='/password-reset']"));
    browser.get("/password-reset/short").await.expect(410);
}

#[actix_web::test]
async fn a_mailbox_gets_at_most_three_links_an_hour() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let browser = portal.visitor().await;
    for _ in 0..5 {
        browser.post("/password-reset", &[("email", "olga@people.test")]).await.expect(200);
    }
    assert_eq!(portal.mails_to(&olga).len(), 3);
    browser.get(&link(&portal.mails_to(&olga)[2].1)).await.expect(200);
    portal.clock.advance(TimeDelta::minutes(61));
    browser.post("/password-reset", &[("email", "olga@people.test")]).await.expect(200);
    assert_eq!(portal.mails_to(&olga).len(), 4);
}

#[actix_web::test]
async fn the_link_leads_to_the_configured_address_whatever_host_the_request_names() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let browser = portal.visitor().await;
    let token = browser.token().await;
    let body = format!("csrf_token={token}&email=olga%40people.test");
    let request = TestRequest::post()
        .insert_header(("host", "evil.test"))
        .insert_header(("x-forwarded-host", "evil.test"))
        .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .set_payload(body);
    browser.send("/password-reset", request).await.expect(200);
    let (_, text) = portal.mails_to(&olga).remove(0);
    assert!(text.contains("http://portal.test/password-reset/") && !text.contains("evil"), "{text}");
    assert!(!portal.texts("SELECT body_html AS text FROM mails").concat().contains("evil"));
}

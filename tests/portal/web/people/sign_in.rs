use chrono::TimeDelta;
use cpe_portal::actions::accounts;
use cpe_portal::actions::accounts::account_closing::Closing;
use cpe_portal::domain::roles::Role;

use super::*;

#[actix_web::test]
async fn a_person_signs_in_with_address_and_password_and_begins_where_the_role_does() {
    let portal = TestPortal::new();
    for (email, role, first) in [
        ("h@people.test", Role::Holder, "/dashboard"),
        ("r@people.test", Role::Reviewer, "/staff"),
        ("a@people.test", Role::Administrator, "/staff"),
    ] {
        let account = portal.account(email, "A Person", role);
        portal.set_password(&account, PASSWORD);
        let browser = portal.visitor().await;
        let page = sign_in(&browser, &email.to_uppercase(), PASSWORD).await.expect(303);
        assert_eq!(page.location().as_deref(), Some("/"));
        let page = browser.get("/").await.expect(303);
        assert_eq!(page.location().as_deref(), Some(first));
        assert!(browser.get("/account").await.expect(200).words().contains(email));
    }
}

#[actix_web::test]
async fn whatever_is_wrong_with_a_sign_in_the_answer_is_the_same() {
    let portal = TestPortal::new();
    olga(&portal);
    let invited = portal.holder("invited@people.test", "Ina Invited");
    let closed = portal.holder("closed@people.test", "Carl Closed");
    portal.set_password(&closed, PASSWORD);
    let closed = portal.find_account(closed.id);
    let by = invited.as_if_administrator();
    accounts::deactivate(&portal, closed.id, closed.version, by, &Closing::default()).unwrap();
    let mut answers = Vec::new();
    for (email, password) in [
        ("olga@people.test", "not the password"),
        ("nobody@people.test", PASSWORD),
        ("invited@people.test", PASSWORD),
        ("closed@people.test", PASSWORD),
    ] {
        let browser = portal.visitor().await;
        browser.move_to(&format!("203.0.113.{}", answers.len()));
        let page = sign_in(&browser, email, password).await.expect(422);
        assert!(browser.cookie("session").is_none(), "{email}");
        assert_eq!(page.values("#email", "value"), [email], "what was typed stays");
        assert!(page.values("#password", "value").concat().is_empty(), "but never a password");
        assert!(page.has("#password[aria-invalid=true][aria-describedby=password-error]"));
        answers.push((page.error("password"), page.text(".error-summary")));
    }
    assert!(answers[0].0.contains("do not match"));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[actix_web::test]
async fn a_sign_in_form_that_is_not_filled_in_says_what_is_missing() {
    let portal = TestPortal::new();
    let browser = portal.visitor().await;
    let page = sign_in(&browser, " ", "").await.expect(422);
    assert_eq!(page.error("email"), "Error: Enter your email address.");
    assert_eq!(page.error("password"), "Error: Enter your password.");
    assert_eq!(portal.texts("SELECT key AS text FROM sign_in_failures"), Vec::<String>::new());
}

#[actix_web::test]
async fn after_signing_in_the_page_that_was_asked_for_stands_and_never_another_site() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    let page = browser.get("/account?from=mail").await.expect(303);
    assert_eq!(page.location().as_deref(), Some("/sign-in?next=%2Faccount%3Ffrom%3Dmail"));
    let page = browser.follow(page).await.expect(200);
    assert_eq!(page.values("input[name=next]", "value"), ["/account?from=mail"]);
    for (next, goes_to) in [
        ("/account?from=mail", "/account?from=mail"),
        ("", "/"),
        ("https://evil.test/", "/"),
        ("//evil.test/", "/"),
        ("/\\evil.test/", "/"),
        ("\\\\evil.test", "/"),
        ("/\tevil", "/"),
        ("javascript:alert(1)", "/"),
        ("account", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
    ] {
        let browser = portal.visitor().await;
        let shown = browser
            .get(&format!(
                "/sign-in?{}",
                url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish()
            ))
            .await
            .expect(200);
        let kept = shown.values("input[name=next]", "value").concat();
        assert!(kept.is_empty() || kept == goes_to, "{next:?} is offered as {kept:?}");
        let fields = [("email", "olga@people.test"), ("password", PASSWORD), ("next", next)];
        let page = browser.post("/sign-in", &fields).await.expect(303);
        assert_eq!(page.location().as_deref(), Some(goes_to), "{next:?}");
    }
}

#[actix_web::test]
async fn a_session_ends_two_hours_after_its_last_use_and_twelve_hours_after_it_began() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let browser = portal.browser(&olga).await;
    portal.clock.advance(TimeDelta::minutes(119));
    browser.get("/account").await.expect(200);
    portal.clock.advance(TimeDelta::minutes(119));
    browser.get("/account").await.expect(200);
    portal.clock.advance(TimeDelta::minutes(120));
    browser.get("/account").await.expect(303);

    let browser = portal.browser(&olga).await;
    for _ in 0..11 {
        portal.clock.advance(TimeDelta::minutes(60));
        browser.get("/account").await.expect(200);
    }
    portal.clock.advance(TimeDelta::minutes(59));
    browser.get("/account").await.expect(200);
    portal.clock.advance(TimeDelta::minutes(1));
    browser.get("/account").await.expect(303);
}

#[actix_web::test]
async fn a_form_that_is_sent_after_the_session_ended_leads_to_a_sign_in_page_that_explains() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let browser = portal.browser(&olga).await;
    browser.get("/account").await.expect(200);
    portal.clock.advance(TimeDelta::hours(3));
    let before = portal.dump();
    let page = browser.post("/account/password", &[("password", OTHER_PASSWORD)]).await.expect(303);
    assert_eq!(page.location().as_deref(), Some("/sign-in?ended=1"));
    assert_eq!(portal.dump(), before);
    assert!(browser.follow(page).await.expect(200).words().contains("What you sent last was not saved"));
}

#[actix_web::test]
async fn signing_out_ends_the_session_itself_and_not_only_the_cookie() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    sign_in(&browser, "olga@people.test", PASSWORD).await.expect(303);
    let stolen = browser.cookie("session").unwrap();
    browser.get("/account").await.expect(200);
    let page = browser.post("/sign-out", &[]).await.expect(303);
    assert!(browser.cookie("session").is_none());
    let page = browser.follow(page).await.expect(200);
    assert_eq!(page.text("[role=status]"), "You are signed out.");
    browser.set_cookie("session", &stolen);
    browser.get("/account").await.expect(303);
}

#[actix_web::test]
async fn signing_in_begins_a_new_session_and_ends_the_one_the_browser_had() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    browser.set_cookie("session", &"a".repeat(64));
    sign_in(&browser, "olga@people.test", PASSWORD).await.expect(303);
    let first = browser.cookie("session").unwrap();
    assert_ne!(first, "a".repeat(64), "a session that somebody planted is not taken over");
    browser.get("/account").await.expect(200);
    sign_in(&browser, "olga@people.test", PASSWORD).await.expect(303);
    assert_ne!(browser.cookie("session").unwrap(), first);
    browser.set_cookie("session", &first);
    browser.get("/account").await.expect(303);
}

#[actix_web::test]
async fn what_the_database_keeps_of_a_session_opens_nothing() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    sign_in(&browser, "olga@people.test", PASSWORD).await.expect(303);
    let token = browser.cookie("session").unwrap();
    let dump = format!("{:?}", portal.dump());
    assert!(!dump.contains(&token) && !dump.contains(PASSWORD));
    let stored = portal.texts("SELECT token_hash AS text FROM sessions");
    assert_eq!(stored.len(), 1);
    browser.set_cookie("session", &stored[0]);
    browser.get("/account").await.expect(303);
}

#[actix_web::test]
async fn a_message_about_what_happened_stands_once_and_a_made_up_one_is_only_words() {
    let portal = TestPortal::new();
    let browser = portal.browser(&olga(&portal)).await;
    browser.set_cookie("flash", "success=%3Cscript%3Ealert(1)%3C/script%3E");
    let page = browser.get("/account").await.expect(200);
    assert_eq!(page.text("[role=status]"), "<script>alert(1)</script>");
    assert!(!page.has("main script"));
    assert!(!browser.get("/account").await.expect(200).has("[role=status]"), "only once");
    browser.set_cookie("flash", "danger=x");
    assert!(!browser.get("/account").await.expect(200).has("[role=status]"), "not one of ours");
}

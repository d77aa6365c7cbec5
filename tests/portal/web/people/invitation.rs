use chrono::TimeDelta;
use cpe_portal::actions::accounts;
use cpe_portal::actions::accounts::account_closing::Closing;

use super::*;

fn invited(portal: &TestPortal) -> (Account, String) {
    let ina = portal.holder("ina@people.test", "Ina Invited");
    accounts::invite_again(portal, ina.id, ina.as_if_administrator().into()).unwrap();
    let link = link(&portal.mails_to(&ina)[0].1);
    (ina, link)
}

#[actix_web::test]
async fn an_invitation_sets_the_first_password_and_signs_in_once() {
    let portal = TestPortal::new();
    let (ina, link) = invited(&portal);
    assert_eq!(portal.mails_to(&ina)[0].0, "invitation");
    assert!(!format!("{:?}", portal.dump()["tokens"]).contains(link.rsplit('/').next().unwrap()));
    let browser = portal.visitor().await;
    let page = browser.get(&link).await.expect(200);
    assert_eq!(page.text("h1"), "Welcome");
    assert!(page.words().contains("Hello Ina Invited"));
    for (password, says) in [
        ("short", "at least 12 characters"),
        ("password1234", "easy to guess"),
        ("inainvited12", "little more than your name"),
    ] {
        let page =
            browser.post(&link, &[("password", password), ("password_again", password)]).await.expect(422);
        assert!(page.error("password").contains(says), "{password}: {}", page.error("password"));
    }
    let fields = [("password", PASSWORD), ("password_again", PASSWORD)];
    let page = browser.post(&link, &fields).await.expect(303);
    assert_eq!(page.location().as_deref(), Some("/"));
    browser.get("/account").await.expect(200);
    let again = portal.visitor().await;
    let page = again.post(&link, &fields).await.expect(410);
    assert_eq!(page.text("h1"), "This link does not work any more");
    sign_in(&again, "ina@people.test", PASSWORD).await.expect(303);
    let events = portal.texts(&format!("SELECT event AS text FROM history WHERE holder_id = {}", ina.id));
    assert_eq!(events, ["invitation made", "invitation accepted"]);
}

#[actix_web::test]
async fn an_invitation_works_for_fourteen_days_beside_a_newer_one_until_one_of_them_is_used() {
    let portal = TestPortal::new();
    let (ina, first) = invited(&portal);
    let browser = portal.visitor().await;
    portal.clock.advance(TimeDelta::hours(14 * 24 - 1));
    browser.get(&first).await.expect(200);
    accounts::invite_again(&portal, ina.id, ina.as_if_administrator().into()).unwrap();
    let second = link(&portal.mails_to(&ina)[1].1);
    for link in [&first, &second] {
        browser.get(link).await.expect(200);
    }
    portal.clock.advance(TimeDelta::hours(2));
    browser.get(&first).await.expect(410);
    accounts::invite_again(&portal, ina.id, ina.as_if_administrator().into()).unwrap();
    let third = link(&portal.mails_to(&ina)[2].1);
    let fields = [("password", PASSWORD), ("password_again", PASSWORD)];
    browser.post(&second, &fields).await.expect(303);
    portal.visitor().await.get(&third).await.expect(410);
}

#[actix_web::test]
async fn an_invitation_is_no_password_reset_and_a_closed_account_opens_by_neither() {
    let portal = TestPortal::new();
    let (ina, link) = invited(&portal);
    let browser = portal.visitor().await;
    browser.get(&link.replace("/invitation/", "/password-reset/")).await.expect(410);
    let by = ina.as_if_administrator();
    accounts::deactivate(&portal, ina.id, ina.version, by, &Closing::default()).unwrap();
    browser.get(&link).await.expect(410);
    browser.post(&link, &[("password", PASSWORD), ("password_again", PASSWORD)]).await.expect(410);
}

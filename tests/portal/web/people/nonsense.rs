//! Everything that makes no sense, in the forms of accounts: a message beside the field, or success; never a fault.

use std::cell::Cell;

use cpe_portal::actions::accounts;

use super::*;
use crate::support::nonsense::Trial;

/// Another network address each time, so that nothing is slowed down for having been tried often.
fn wander(browser: &Browser, steps: &Cell<u32>) -> u32 {
    let step = steps.get() + 1;
    steps.set(step);
    browser.move_to(&format!("203.0.{}.{}", step / 200, step % 200));
    step
}

#[actix_web::test]
async fn signing_in_answers_nonsense_beside_its_field() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    let steps = Cell::new(0);
    let form = || {
        let step = wander(&browser, &steps);
        // nobody is slowed down for somebody else's attempts
        let email: &str = format!("olga{step}@people.test").leak();
        ("/sign-in".to_owned(), vec![("email", email), ("password", "not the password"), ("next", "/")])
    };
    Trial { fields: &["email", "password", "next"], with_files: false, form: &form }.run(&browser).await;
}

#[actix_web::test]
async fn asking_for_another_password_answers_nonsense_beside_its_field() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let browser = portal.visitor().await;
    let steps = Cell::new(0);
    let form = || {
        wander(&browser, &steps);
        ("/password-reset".to_owned(), vec![])
    };
    Trial { fields: &["email"], with_files: false, form: &form }.run(&browser).await;
    assert!(portal.mails_to(&olga).is_empty());
}

#[actix_web::test]
async fn choosing_a_password_answers_nonsense_beside_its_field_and_uses_up_no_link() {
    let portal = TestPortal::new();
    let ina = portal.holder("ina@people.test", "Ina Invited");
    accounts::invite_again(&portal, ina.id, ina.as_if_administrator().into()).unwrap();
    let invitation = link(&portal.mails_to(&ina)[0].1);
    let olga = olga(&portal);
    let browser = portal.visitor().await;
    browser.post("/password-reset", &[("email", "olga@people.test")]).await.expect(200);
    let reset = link(&portal.mails_to(&olga)[0].1);
    for path in [invitation, reset] {
        let form = || (path.clone(), vec![("password", OTHER_PASSWORD), ("password_again", OTHER_PASSWORD)]);
        let fields = ["password", "password_again"];
        Trial { fields: &fields, with_files: false, form: &form }.run(&browser).await;
        // what was nonsense as one half of a pair has changed nothing
        browser.get(&path).await.expect(200);
    }
}

#[actix_web::test]
async fn changing_the_password_answers_nonsense_beside_its_field() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let browser = portal.browser(&olga).await;
    let form = || {
        let fields = vec![
            ("current_password", PASSWORD),
            ("password", OTHER_PASSWORD),
            ("password_again", OTHER_PASSWORD),
        ];
        ("/account/password".to_owned(), fields)
    };
    let fields = ["current_password", "password", "password_again"];
    Trial { fields: &fields, with_files: false, form: &form }.run(&browser).await;
    sign_in(&portal.visitor().await, "olga@people.test", PASSWORD).await.expect(303);
}

#[actix_web::test]
async fn closing_an_account_answers_nonsense_beside_its_field() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.administrator).await;
    let steps = Cell::new(0);
    let form = || {
        // somebody new each time: whoever is closed is closed
        steps.set(steps.get() + 1);
        let (person, _) =
            crate::timetable::body::practitioner(&portal, &format!("P{}", steps.get()), "2026-01-01");
        let version: &str = person.version.to_string().leak();
        let fields =
            vec![("version", version), ("certificates", "death"), ("reason", "x"), ("conversations", "")];
        (format!("/admin/accounts/{}/deactivation", person.id), fields)
    };
    let fields = ["certificates", "reason", "conversations"];
    Trial { fields: &fields, with_files: false, form: &form }.run(&browser).await;
}

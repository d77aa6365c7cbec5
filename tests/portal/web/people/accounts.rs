use cpe_portal::actions::accounts::{NewAccount, add_by_command};
use cpe_portal::domain::roles::Role;

use super::*;

async fn administrator(portal: &TestPortal) -> (Account, Browser) {
    let ada = portal.account("ada@people.test", "Ada Administrator", Role::Administrator);
    let browser = portal.browser(&ada).await;
    (ada, browser)
}

#[actix_web::test]
async fn an_administrator_adds_a_person_who_is_invited_by_mail() {
    let portal = TestPortal::new();
    let (_, browser) = administrator(&portal).await;
    let form = [("name", " Zoë  Ångström "), ("email", "zoe@people.test"), ("role", "reviewer")];
    let page = browser.post("/admin/accounts", &form).await.expect(303);
    let page = browser.follow(page).await.expect(200);
    assert_eq!(page.text("h1"), "Zoë Ångström");
    assert!(page.words().contains("Reviewer") && page.words().contains("Invited"));
    let page = browser.post("/admin/accounts", &form).await.expect(422);
    assert!(page.error("email").contains("already has an account"));
    assert_eq!(page.values("#name", "value"), [" Zoë  Ångström "]);
    let page = browser
        .post("/admin/accounts", &[("name", " "), ("email", "zoe"), ("role", "reviewer")])
        .await
        .expect(422);
    assert!(page.error("name").contains("Enter the name") && page.error("email").contains("such as"));
    let page = browser.post("/admin/accounts", &[("role", "queen")]).await.expect(422);
    assert!(page.error("role").contains("Choose"));
    assert_eq!(portal.texts("SELECT kind AS text FROM mails"), ["invitation"]);
}

#[actix_web::test]
async fn people_are_found_by_a_part_of_name_or_address_whatever_the_accents() {
    let portal = TestPortal::new();
    let (_, browser) = administrator(&portal).await;
    portal.holder("zoe@people.test", "Zoë Ångström");
    portal.holder("percent@people.test", "100% Percy_");
    let found = async |q: &str| {
        browser.get(&format!("/admin/accounts?q={q}")).await.expect(200).texts("tbody tr td:first-child")
    };
    assert_eq!(found("angstrom").await, ["Zoë Ångström"]);
    assert_eq!(found("ZO%C3%8B").await, ["Zoë Ångström"]);
    assert_eq!(found("100%25").await, ["100% Percy_"]);
    assert_eq!(found("cy_").await, ["100% Percy_"]);
    assert_eq!(found("people.test").await.len(), 3);
    assert!(found("nobody").await.is_empty());
}

#[actix_web::test]
async fn a_long_list_goes_on_without_leaving_anybody_out_or_showing_anybody_twice() {
    let portal = TestPortal::new();
    let (_, browser) = administrator(&portal).await;
    for number in 0..120 {
        portal.holder(&format!("same{number}@people.test"), "Same Name");
    }
    let mut seen = Vec::new();
    let mut next = Some("/admin/accounts".to_owned());
    while let Some(path) = next {
        let page = browser.get(&path).await.expect(200);
        seen.extend(page.values("tbody a", "href"));
        next = page.values("a[rel=next]", "href").into_iter().next();
    }
    assert_eq!(seen.len(), 121);
    assert_eq!(seen.iter().collect::<std::collections::BTreeSet<_>>().len(), 121);
}

#[actix_web::test]
async fn a_changed_role_counts_at_once_and_the_person_signs_in_anew() {
    let portal = TestPortal::new();
    let (_, browser) = administrator(&portal).await;
    let rita = portal.account("rita@people.test", "Rita", Role::Reviewer);
    let ritas = portal.browser(&rita).await;
    ritas.get("/account").await.expect(200);
    let path = format!("/admin/accounts/{}", rita.id);
    let role = format!("{path}/role");
    browser.post(&role, &[("role", "holder"), ("version", "1")]).await.expect(303);
    ritas.get("/account").await.expect(303);
    let page = browser.post(&role, &[("role", "administrator"), ("version", "1")]).await.expect(409);
    assert_eq!(page.text("h1"), "Somebody changed this in the meantime");
    assert_eq!(portal.find_account(rita.id).role, Role::Holder);
}

#[actix_web::test]
async fn the_last_administrator_stays() {
    let portal = TestPortal::new();
    let (ada, browser) = administrator(&portal).await;
    let path = format!("/admin/accounts/{}", ada.id);
    let page =
        browser.post(&format!("{path}/role"), &[("role", "holder"), ("version", "1")]).await.expect(422);
    assert!(page.error("role").contains("last administrator"));
    let page = browser.post(&format!("{path}/deactivation"), &[("version", "1")]).await.expect(422);
    assert!(page.text(".error-summary").contains("last administrator"));
    portal.account("bea@people.test", "Bea", Role::Administrator);
    browser.post(&format!("{path}/role"), &[("role", "holder"), ("version", "1")]).await.expect(303);
    browser.get("/admin/accounts").await.expect(303);
}

#[actix_web::test]
async fn a_closed_account_is_out_at_once_and_can_be_opened_again() {
    let portal = TestPortal::new();
    let (_, browser) = administrator(&portal).await;
    let olga = portal.find_account(olga(&portal).id);
    let olgas = portal.browser(&olga).await;
    let path = format!("/admin/accounts/{}", olga.id);
    let version = olga.version.to_string();
    browser.post(&format!("{path}/deactivation"), &[("version", &version)]).await.expect(303);
    olgas.get("/account").await.expect(303);
    sign_in(&olgas, "olga@people.test", PASSWORD).await.expect(422);
    assert!(browser.get(&path).await.expect(200).words().contains("Closed"));
    let version = portal.find_account(olga.id).version.to_string();
    browser.post(&format!("{path}/reactivation"), &[("version", &version)]).await.expect(303);
    sign_in(&olgas, "olga@people.test", PASSWORD).await.expect(303);
    let events = portal.texts(&format!("SELECT event AS text FROM history WHERE holder_id = {}", olga.id));
    assert_eq!(events, ["password set", "account closed", "account opened again"]);
}

#[actix_web::test]
async fn who_has_a_password_is_not_invited() {
    let portal = TestPortal::new();
    let (_, browser) = administrator(&portal).await;
    let olga = olga(&portal);
    let page = browser.post(&format!("/admin/accounts/{}/invitation", olga.id), &[]).await.expect(422);
    assert!(page.text(".error-summary").contains("already has a password"));
    assert!(portal.mails_to(&olga).is_empty());
}

#[test]
fn the_command_adds_people_invites_imported_holders_and_sets_passwords() {
    let portal = TestPortal::new();
    let imported = portal.holder("imp@people.test", "Imp Orted");
    let new = |email, role| NewAccount { email, name: "Whoever", role };
    let first = add_by_command(&portal, &new("IMP@people.test", Role::Holder), None).unwrap().unwrap();
    assert_eq!(portal.texts("SELECT email AS text FROM accounts").len(), 1);
    assert_eq!(portal.find_account(imported.id).name, "Imp Orted");
    let second = add_by_command(&portal, &new("imp@people.test", Role::Holder), None).unwrap().unwrap();
    assert_ne!(first.expose(), second.expose());
    assert!(add_by_command(&portal, &new("imp@people.test", Role::Reviewer), None).is_err());
    assert!(add_by_command(&portal, &new("imp@people.test", Role::Holder), Some("weak")).is_err());
    assert!(!portal.find_account(imported.id).has_password);
    assert!(
        add_by_command(&portal, &new("imp@people.test", Role::Holder), Some(PASSWORD)).unwrap().is_none()
    );
    assert!(portal.find_account(imported.id).has_password);
    assert!(add_by_command(&portal, &new("imp@people.test", Role::Holder), None).is_err());
    assert!(portal.texts("SELECT kind AS text FROM mails").is_empty(), "the link is printed, not sent");
}

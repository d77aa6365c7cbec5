use crate::support::TestPortal;
use cpe_portal::actions::mail::going_live;
use cpe_portal::domain::roles::Role;

#[actix_web::test]
async fn an_empty_portal_shows_an_administrator_the_first_steps_until_they_are_done() {
    // the first test email goes to a mail server; without one it is a file in a folder, which reaches nobody
    let portal = TestPortal::with(|settings| settings.smtp = Some("smtp://127.0.0.1:2525".parse().unwrap()));
    going_live::hold(&portal, None).unwrap();
    let ada = portal.account("ada@people.test", "Ada Administrator", Role::Administrator);
    let browser = portal.browser(&ada).await;
    let page = browser.get("/staff").await.expect(200);
    assert!(page.has("a[href='/admin/setup']"), "the way to the first steps stands on the first page");
    let page = browser.get("/admin/setup").await.expect(200);
    for word in ["Institute for Testing", "advice@portal.test", "Europe/Amsterdam", "CPE_PORTAL_TIME_ZONE"] {
        assert!(page.words().contains(word), "{word}");
    }
    let tags = |page: &crate::support::Page| page.texts(".card .tag");
    assert_eq!(tags(&page), ["Set", "Open", "Open", "Open", "Open", "Open"]);

    let sent = browser.post("/admin/setup/mail", &[]).await.expect(303);
    // a second press of the same button is the same test
    browser.post("/admin/setup/mail", &[]).await.expect(303);
    assert!(sent.location().unwrap().starts_with("/admin/setup"));
    let delivered = portal.delivered();
    assert_eq!(
        (delivered.len(), &*delivered[0].to_address, &*delivered[0].kind),
        (1, "ada@people.test", "test")
    );
    let page = browser.get("/admin/setup").await.expect(200);
    assert!(page.words().contains("The mail server has accepted it"), "{}", page.words());
    assert_eq!(tags(&page)[1], "Done");

    portal.account("rita@people.test", "Rita", Role::Reviewer);
    let holder = portal.holder("olga@people.test", "Olga");
    portal.certificate(&holder, "ISP", "ISP-1", "2026-03-15");
    let page = browser.get("/admin/setup").await.expect(200);
    assert_eq!(tags(&page)[2..], ["Done", "Done", "Done", "Open"]);
    assert!(!page.words().contains("The portal is ready."));
    crate::support::go_live(&portal);
    let page = browser.get("/admin/setup").await.expect(200);
    assert_eq!(tags(&page)[2..], ["Done", "Done", "Done", "Done"]);
    assert!(page.words().contains("The portal is ready."));
    assert!(!browser.get("/staff").await.has(".tally a[href='/admin/setup']"));
}

#[actix_web::test]
async fn the_first_steps_can_be_put_away_and_fetched_back() {
    let portal = TestPortal::new();
    let ada = portal.account("ada@people.test", "Ada Administrator", Role::Administrator);
    let browser = portal.browser(&ada).await;
    browser.get("/admin/setup").await.expect(200);
    browser.post("/admin/setup/dismissal", &[]).await.expect(303);
    browser.post("/admin/setup/dismissal", &[]).await.expect(303);
    assert!(!browser.get("/staff").await.has(".tally a[href='/admin/setup']"));
    let page = browser.get("/admin/setup").await.expect(200);
    assert!(page.has("input[name=back]"));
    browser.post("/admin/setup/dismissal", &[("back", "1")]).await.expect(303);
    assert!(browser.get("/staff").await.has(".tally a[href='/admin/setup']"));
}

#[actix_web::test]
async fn without_a_mail_server_the_first_test_email_is_told_as_the_file_that_it_is() {
    let portal = TestPortal::new();
    let ada = portal.account("ada@people.test", "Ada Administrator", Role::Administrator);
    let browser = portal.browser(&ada).await;
    browser.get("/admin/setup").await.expect(200);
    browser.post("/admin/setup/mail", &[]).await.expect(303);
    let page = browser.get("/admin/setup").await.expect(200);
    assert!(page.words().contains("It is a file in the folder"), "{}", page.words());
    assert_eq!(page.texts(".card .tag")[1], "Open");
}

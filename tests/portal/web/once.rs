//! The same form sent three times makes one, and every press leads to what the first one led to.

use cpe_portal::domain::roles::Role;
use cpe_portal::store::accounts::Account;

use crate::support::{Browser, TestPortal};

/// Sends a body three times, as a second and a third press would. Gives where each led.
async fn thrice(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Vec<String> {
    let mut led = Vec::new();
    for _ in 0..3 {
        led.push(browser.post(path, fields).await.expect(303).location().unwrap());
    }
    led
}

fn count(portal: &TestPortal, table: &str) -> usize {
    portal.texts(&format!("SELECT 'x' AS text FROM {table}")).len()
}

fn mails(portal: &TestPortal, account: &Account, kind: &str) -> usize {
    portal.mails_to(account).iter().filter(|(one, _)| one == kind).count()
}

#[actix_web::test]
async fn what_a_holder_writes_is_there_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;

    owner.get("/advice/new").await.expect(200);
    let fields = [("subject", "A conference"), ("words", "Was it long enough?")];
    let led = thrice(&owner, "/advice", &fields).await;
    assert_eq!(count(&portal, "conversations"), 1);
    assert!(led.iter().all(|path| *path == led[0] && path.starts_with("/advice/")), "{led:?}");

    owner.get(&led[0]).await.expect(200);
    let path = format!("{}/messages", led[0]);
    thrice(&owner, &path, &[("words", "I could not stay.")]).await;
    assert_eq!(count(&portal, "messages"), 2);
    // the page of before with other words is another message, and so are the same words from a page that was opened again
    owner.post(&path, &[("words", "I stayed after all.")]).await.expect(303);
    assert_eq!(count(&portal, "messages"), 3);
    owner.get(&led[0]).await.expect(200);
    owner.post(&path, &[("words", "I stayed after all.")]).await.expect(303);
    assert_eq!(count(&portal, "messages"), 4);

    owner.get("/advice/question").await;
    let fields = [
        ("category", "attending"),
        ("title", "A summit"),
        ("field", "information_security"),
        ("relevance", "It is near."),
    ];
    let led = thrice(&owner, "/advice/question", &fields).await;
    assert_eq!(count(&portal, "questions"), 1);
    assert!(led.iter().all(|path| *path == led[0]), "{led:?}");
    assert_eq!(count(&portal, "conversations"), 2);
}

#[actix_web::test]
async fn a_file_makes_a_message_another_one() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    owner.get("/advice/new").await.expect(200);
    let fields = [("subject", "A conference"), ("words", "See the programme.")];
    let pdf: &[u8] = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
    for _ in 0..3 {
        owner.post_files("/advice", &fields, &[]).await.expect(303);
    }
    assert_eq!(count(&portal, "conversations"), 1);
    owner.post_files("/advice", &fields, &[("evidence", "programme.pdf", pdf)]).await.expect(303);
    assert_eq!(count(&portal, "conversations"), 2, "the forgotten file came with the second");
}

#[actix_web::test]
async fn what_staff_write_and_whom_they_invite_is_there_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    let rita = portal.browser(&people.reviewer).await;
    rita.get(&format!("/staff/holders/{}/advice", people.owner.id)).await.expect(200);
    let path = format!("/staff/holders/{}/advice", people.owner.id);
    let led = thrice(&rita, &path, &[("subject", "Your report"), ("words", "Which day was it?")]).await;
    assert_eq!(count(&portal, "conversations"), 1);
    assert!(led.iter().all(|path| *path == led[0] && path.starts_with("/staff/advice/")), "{led:?}");
    assert_eq!(mails(&portal, &people.owner, "reply"), 1);

    let page = rita.get(&led[0]).await.expect(200);
    let version = page.values("input[name=version]", "value").remove(0);
    let fields = [("version", &*version), ("words", "And where?"), ("intent", "send")];
    let again = thrice(&rita, &format!("{}/messages", led[0]), &fields).await;
    assert_eq!(again, [led[0].clone(), led[0].clone(), led[0].clone()]);
    assert_eq!((count(&portal, "messages"), mails(&portal, &people.owner, "reply")), (2, 2));

    rita.get(&format!("/staff/holders/{}", people.owner.id)).await.expect(200);
    thrice(&rita, &format!("/staff/holders/{}/invitation", people.owner.id), &[]).await;
    assert_eq!(mails(&portal, &people.owner, "invitation"), 1);

    let ada = portal.browser(&people.administrator).await;
    ada.get(&format!("/admin/accounts/{}", people.stranger.id)).await.expect(200);
    thrice(&ada, &format!("/admin/accounts/{}/invitation", people.stranger.id), &[]).await;
    assert_eq!(mails(&portal, &people.stranger, "invitation"), 1);
}

#[actix_web::test]
async fn whoever_is_added_and_whatever_is_granted_is_there_once_without_a_complaint() {
    let portal = TestPortal::new();
    let people = portal.people();
    let ada = portal.browser(&people.administrator).await;
    ada.get("/admin/accounts/new").await.expect(200);
    let fields = [("email", "new@people.test"), ("name", "Nina New"), ("role", "reviewer")];
    let led = thrice(&ada, "/admin/accounts", &fields).await;
    assert!(led.iter().all(|path| *path == led[0] && path.starts_with("/admin/accounts/")), "{led:?}");

    ada.get("/staff/holders/new").await.expect(200);
    let led = thrice(&ada, "/staff/holders", &[("email", "her@people.test"), ("name", "Hera Holder")]).await;
    assert!(led.iter().all(|path| *path == led[0] && path.starts_with("/staff/holders/")), "{led:?}");

    let form = ada.get(&format!("{}/certificates", led[0])).await.expect(200);
    let isp = form.values("select[name=certification] option", "value").remove(2);
    let fields = [("certification", &*isp), ("number", "X-1"), ("granted_on", "14 March 2026")];
    let led = thrice(&ada, &format!("{}/certificates", led[0]), &fields).await;
    assert!(led.iter().all(|path| *path == led[0] && path.starts_with("/staff/certificates/")), "{led:?}");
    assert_eq!(count(&portal, "certificates"), 3);

    ada.get("/staff/canned-answers").await.expect(200);
    thrice(&ada, "/staff/canned-answers", &[("title", "Breaks"), ("words", "Breaks do not count.")]).await;
    assert_eq!(portal.texts("SELECT title AS text FROM canned_answers WHERE title = 'Breaks'").len(), 1);
}

#[actix_web::test]
async fn two_presses_at_once_make_one_and_lead_to_the_same() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    owner.get("/advice/new").await.expect(200);
    let fields = [("subject", "A conference"), ("words", "Was it long enough?")];
    let (one, two, three) = futures_util::future::join3(
        owner.post("/advice", &fields),
        owner.post("/advice", &fields),
        owner.post("/advice", &fields),
    )
    .await;
    let led: Vec<_> =
        [one, two, three].into_iter().map(|page| page.expect(303).location().unwrap()).collect();
    assert_eq!(count(&portal, "conversations"), 1);
    assert!(led.iter().all(|path| *path == led[0]), "{led:?}");
}

#[actix_web::test]
async fn a_form_of_somebody_else_and_a_refused_one_are_no_first_press() {
    let portal = TestPortal::new();
    let people = portal.people();
    let second = portal.account("second@people.test", "Sam Second", Role::Holder);
    portal.certificate(&second, "ISP", "ISP-S", "2026-03-15");
    let owner = portal.browser(&people.owner).await;
    owner.get("/advice/new").await.expect(200);
    owner.post("/advice", &[("subject", ""), ("words", "Words")]).await.expect(422);
    let fields = [("subject", "Same"), ("words", "Same")];
    owner.post("/advice", &fields).await.expect(303);
    portal.browser(&second).await.post("/advice", &fields).await.expect(303);
    assert_eq!(count(&portal, "conversations"), 2);
}

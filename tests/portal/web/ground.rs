use actix_web::test::TestRequest;

use crate::support::TestPortal;

#[actix_web::test]
async fn an_unknown_page_is_a_page_that_says_so_with_the_headers_of_every_page() {
    let portal = TestPortal::new();
    let browser = portal.visitor().await;
    let page = browser.get("/nothing-here").await.expect(404);
    assert_eq!(page.text("h1"), "There is no page here");
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    assert_eq!(page.header("x-content-type-options").as_deref(), Some("nosniff"));
    assert_eq!(page.header("cache-control").as_deref(), Some("no-cache"));
    assert!(page.header("strict-transport-security").is_none(), "not over plain HTTP");
}

#[actix_web::test]
async fn a_wrong_method_is_told_with_the_right_ones() {
    let portal = TestPortal::new();
    let browser = portal.visitor().await;
    let page = browser.send("/healthz", TestRequest::delete()).await.expect(405);
    assert_eq!(page.header("allow").as_deref(), Some("GET, HEAD"));
    assert_eq!(page.text("h1"), "That cannot be done at this address");
    browser.send("/healthz", TestRequest::default().method("HEAD".parse().unwrap())).await.expect(200);
}

#[actix_web::test]
async fn machines_learn_that_the_portal_lives_and_answers() {
    let portal = TestPortal::new();
    let browser = portal.visitor().await;
    assert_eq!(browser.get("/healthz").await.expect(200).html(), "ok\n");
    assert!(browser.get("/readyz").await.expect(200).html().starts_with("ready\nok   database: answers\n"));
}

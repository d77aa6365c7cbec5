use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;

use super::*;

async fn post_from(browser: &Browser, headers: &[(&str, &str)]) -> Page {
    let token = browser.token().await;
    let mut request = TestRequest::post()
        .insert_header(("host", "portal.test"))
        .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .set_payload(format!(
            "csrf_token={token}&email=olga%40people.test&password=violet+harbour+tractor+moon"
        ));
    for header in headers {
        request = request.insert_header(*header);
    }
    browser.send("/sign-in", request).await
}

#[actix_web::test]
async fn a_form_from_another_site_is_refused_even_with_the_right_token() {
    let portal = TestPortal::new();
    olga(&portal);
    for (headers, status) in [
        (&[("sec-fetch-site", "cross-site")][..], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", "http://portal.test")], 403),
        (&[("origin", "http://evil.test")], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "http://portal.test.evil.test")], 403),
        (&[("sec-fetch-site", "same-origin"), ("origin", "http://portal.test")], 303),
        (&[("origin", "http://portal.test")], 303),
        (&[], 303),
    ] {
        let page = post_from(&portal.visitor().await, headers).await;
        assert_eq!(page.status.as_u16(), status, "{headers:?}");
    }
}

#[actix_web::test]
async fn a_visitors_token_counts_only_with_the_cookie_it_came_with() {
    let portal = TestPortal::new();
    olga(&portal);
    let (one, other) = (portal.visitor().await, portal.visitor().await);
    let token = one.token().await;
    other.token().await;
    let form = [("email", "olga@people.test"), ("password", PASSWORD), ("csrf_token", token.as_str())];
    other.post_bare("/sign-in", &form).await.expect(403);
    other.forget_cookie("csrf");
    other.post_bare("/sign-in", &form).await.expect(403);
    one.post_bare("/sign-in", &form).await.expect(303);
}

#[actix_web::test]
async fn a_sessions_token_is_written_anew_on_every_page_and_counts_in_that_session_only() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let (one, other) = (portal.browser(&olga).await, portal.browser(&olga).await);
    let token = async |browser: &Browser| {
        browser.get("/account").await.values("input[name=csrf_token]", "value").remove(0)
    };
    let (first, second) = (token(&one).await, token(&one).await);
    assert_ne!(first, second);
    other.post_bare("/sign-out", &[("csrf_token", &first)]).await.expect(403);
    one.post_bare("/sign-out", &[("csrf_token", &first)]).await.expect(303);
}

#[actix_web::test]
async fn a_sign_in_page_that_was_open_before_somebody_signed_in_beside_it_still_works() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    let token = browser.token().await;
    sign_in(&browser, "olga@people.test", PASSWORD).await.expect(303);
    let form = [("email", "olga@people.test"), ("password", PASSWORD), ("csrf_token", token.as_str())];
    browser.post_bare("/sign-in", &form).await.expect(303);
    browser.post_bare("/sign-out", &[("csrf_token", &token)]).await.expect(403);
}

#[actix_web::test]
async fn over_tls_the_cookies_are_bound_to_the_host_and_browsers_are_told_to_stay() {
    let portal = TestPortal::with(|settings| settings.url = Some("https://portal.test".into()));
    olga(&portal);
    let browser = portal.visitor().await;
    let page = browser.get("/sign-in").await.expect(200);
    assert_eq!(page.header("strict-transport-security").as_deref(), Some("max-age=31536000"));
    let cookie = page.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-csrf="), "{cookie}");
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie} lacks {part}");
    }
    assert!(!cookie.contains("Domain"));
    let page = sign_in(&browser, "olga@people.test", PASSWORD).await.expect(303);
    let cookie = page.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-session=") && cookie.contains("Secure"), "{cookie}");
    let page = browser.get("/account").await.expect(200);
    assert_eq!(page.header("cache-control").as_deref(), Some("no-store"));
}

#[actix_web::test]
async fn public_pages_without_a_form_set_no_cookie() {
    let portal = TestPortal::new();
    let page = portal.visitor().await.get("/").await.expect(200);
    assert!(page.header("set-cookie").is_none());
}

#[actix_web::test]
async fn a_form_that_is_too_large_or_no_form_at_all_is_told_so() {
    let portal = TestPortal::new();
    let browser = portal.visitor().await;
    let post = |kind: &'static str, body: Vec<u8>| {
        TestRequest::post().insert_header((CONTENT_TYPE, kind)).set_payload(body)
    };
    let form = "application/x-www-form-urlencoded";
    let page = browser.send("/sign-in", post(form, vec![b'&'; 300 * 1024])).await.expect(413);
    assert_eq!(page.text("h1"), "That is more than the portal accepts at once");
    // one endless value is not gathered, and has no token in its beginning
    browser.send("/sign-in", post(form, vec![b'a'; 300 * 1024])).await.expect(403);
    let much: Vec<u8> =
        (0..10).flat_map(|_| [b"a=".to_vec(), vec![b'x'; 30_000], b"&".to_vec()].concat()).collect();
    let page = browser.send("/sign-in", post(form, much)).await.expect(413);
    assert!(page.words().contains("All the text of a form together"), "{}", page.words());
    browser.send("/sign-in", post("application/json", b"{}".to_vec())).await.expect(415);
    browser.send("/sign-in", post(form, vec![0xff, 0xfe, b'%', b'=', 0])).await.expect(403);
    browser.send("/sign-in", TestRequest::post()).await.expect(403);
}

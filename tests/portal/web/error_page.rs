use actix_web::body::to_bytes;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use cpe_portal::web::view::layout::{Flash, FlashKind, Layout, NavItem};
use cpe_portal::web::view::page::{ErrorPage, render};
use scraper::{Html, Selector};

use crate::support::TestPortal;

async fn shown(status: u16, layout: Layout) -> (StatusCode, String) {
    let status = StatusCode::from_u16(status).unwrap();
    let answer = render(status, &ErrorPage::new(status, layout, "req-42"));
    assert_eq!(answer.headers().get(CONTENT_TYPE).unwrap(), "text/html; charset=utf-8");
    let status = answer.status();
    let bytes = to_bytes(answer.into_body()).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

fn layout() -> Layout {
    Layout {
        body: "Institute <b>&</b> Sons".into(),
        contact: "advice@example.org".into(),
        person: Some("Zoë \"Z\" O'Neill".into()),
        nav: vec![NavItem::new("/dashboard", "Dashboard"), NavItem::new("/activities", "Activities")],
        csrf_token: "token-1".into(),
        flash: Some(Flash {
            kind: FlashKind::Success,
            text: "Your report has been sent.".into(),
            links: Vec::new(),
            undo: None,
        }),
        ..Layout::default()
    }
}

#[actix_web::test]
async fn every_error_page_keeps_its_status_says_what_happened_and_gives_the_request_number() {
    let mut titles = std::collections::BTreeSet::new();
    for code in [400, 403, 404, 405, 409, 413, 415, 429, 500, 503, 507] {
        let (status, html) = shown(code, layout()).await;
        assert_eq!(status.as_u16(), code);
        let page = Html::parse_document(&html);
        let texts = |selector: &str| -> Vec<String> {
            page.select(&Selector::parse(selector).unwrap()).map(|found| found.text().collect()).collect()
        };
        assert_eq!(texts("h1").len(), 1);
        assert!(texts("main").concat().contains("req-42"), "{code}");
        assert!(!texts("p.lead").concat().is_empty(), "{code}");
        titles.insert(texts("h1").concat());
    }
    assert_eq!(titles.len(), 11, "each status has words of its own");
}

#[actix_web::test]
async fn the_frame_names_the_body_signs_out_by_post_and_escapes_what_people_typed() {
    let mut layout = layout();
    layout.mark_current("/activities/7");
    let (_, html) = shown(404, layout).await;
    let page = Html::parse_document(&html);
    let one = |selector: &str| page.select(&Selector::parse(selector).unwrap()).next().unwrap();
    assert_eq!(one("a.body-name").text().collect::<String>(), "Institute <b>&</b> Sons");
    assert_eq!(
        one("form[action='/sign-out'][method=post] input[name=csrf_token]").attr("value"),
        Some("token-1")
    );
    assert_eq!(one(".main-nav [aria-current=page]").text().collect::<String>(), "Activities");
    assert_eq!(one("[role=status]").text().collect::<String>().trim(), "Your report has been sent.");
    assert_eq!(one("a.skip").attr("href"), Some("#main"));
    assert_eq!(one("main").attr("id"), Some("main"));
    assert!(html.contains("Zoë &#34;Z&#34; O&#39;Neill"));
}

#[actix_web::test]
async fn without_a_session_there_is_nothing_to_sign_out_of() {
    let (_, html) = shown(404, Layout { body: "Body".into(), ..Layout::default() }).await;
    assert!(!html.contains("/sign-out") && !html.contains("<nav") && !html.contains("mailto:"));
}

#[actix_web::test]
async fn an_address_with_a_nul_is_no_page_and_a_question_with_one_finds_nothing() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (visitor, administrator) = (portal.visitor().await, portal.browser(&people.administrator).await);
    for address in ["/badges/%00", "/badges/a%00b/png", "/verify/%00", "/achievements/%00", "/%00"] {
        visitor.get(address).await.expect(404);
        administrator.get(address).await.expect(404);
    }
    for address in [
        "/admin/accounts?q=%00",
        "/admin/accounts?id=1&after=%00&q=a%00b",
        "/staff/search?q=%00",
        "/staff/holders?q=%00&name=%00",
    ] {
        let page = administrator.get(address).await.expect(200);
        assert!(!page.words().contains("owner@people.test"), "{address}");
    }
    visitor.get("/sign-in?next=%00").await.expect(200);
}

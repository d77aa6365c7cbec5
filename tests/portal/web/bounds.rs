//! What a form may bring: parts, names, values and files are counted for each route, and almost nothing is read before the token.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use cpe_portal::web::routes;

use crate::holder::{PDF, at_the_form, with};
use crate::support::{Browser, Page, TestPortal};

/// The addresses that forms are sent to, with numbers in the places of names.
fn posts() -> Vec<String> {
    let numbered = |part: &str| if part.starts_with('{') { "1".to_owned() } else { part.to_owned() };
    let posts = routes().iter().filter(|route| route.method == "POST");
    posts.map(|route| route.path.split('/').map(numbered).collect::<Vec<_>>().join("/")).collect()
}

async fn send(browser: &Browser, path: &str, kind: &str, body: Vec<u8>) -> Page {
    let request = TestRequest::post()
        .insert_header(("host", "portal.test"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header((CONTENT_TYPE, kind))
        .set_payload(body);
    browser.send(path, request).await
}

const PARTS: &str = "multipart/form-data; boundary=x";

fn part(name: &str, value: &str) -> String {
    format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

async fn parts(browser: &Browser, path: &str, parts: &[String]) -> Page {
    let token = part("csrf_token", &browser.token().await);
    send(browser, path, PARTS, format!("{token}{}--x--\r\n", parts.concat()).into_bytes()).await
}

#[actix_web::test]
async fn a_body_that_is_no_form_gets_an_answer_on_every_address() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browsers = [
        portal.visitor().await,
        portal.browser(&people.owner).await,
        portal.browser(&people.reviewer).await,
        portal.browser(&people.administrator).await,
    ];
    let long = format!("multipart/form-data; boundary={}", "b".repeat(7_000));
    let kinds = [
        PARTS,
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"",
        "multipart/mixed; boundary=x",
        "multipart/;;;",
        "application/json",
        "text/plain",
        "\u{e9}",
        long.as_str(),
    ];
    let nested = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n";
    let flood = format!("--x\r\n{}\r\n\r\n--x--\r\n", "A: b\r\n".repeat(60));
    let unlike = "--x\r\nContent-Disposition: attachment\r\n\r\na\r\n--x--\r\n";
    let bodies = [
        "",
        "nothing of the kind",
        "{\"a\":[",
        "--x",
        "--x\r\n",
        "--x\r\n\r\n",
        "--x--",
        nested,
        &flood,
        unlike,
    ];
    for (nth, path) in posts().iter().enumerate() {
        for (step, kind) in kinds.iter().enumerate() {
            let browser = &browsers[(nth + step) % browsers.len()];
            for body in bodies {
                let page = send(browser, path, kind, body.as_bytes().to_vec()).await;
                let status = page.status.as_u16();
                assert!((300..500).contains(&status), "{path} {kind} {body:?}: {status}");
            }
        }
    }
    // signed in, and with the right token: what follows it is as bad
    for browser in &browsers {
        for path in ["/activities", "/advice", "/admin/import", "/verify"] {
            for body in bodies {
                let body = format!("{}{}", part("csrf_token", &browser.token().await), body);
                let page = send(browser, path, PARTS, body.into_bytes()).await;
                let status = page.status.as_u16();
                assert!((300..500).contains(&status), "{path} {status}");
            }
        }
    }
}

#[actix_web::test]
async fn what_arrives_is_counted_by_parts_names_and_values() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let kept = vec![part("kept_evidence", "1"); 40_000];
    let page = parts(&browser, "/activities", &kept).await.expect(413);
    assert!(page.words().contains("more than the portal accepts at once"), "{}", page.words());
    // names count as much as values do, and none is longer than ours are
    parts(&browser, "/activities", &[part(&"n".repeat(60_000), "")]).await.expect(413);
    parts(&browser, "/activities", &[part(&"n".repeat(101), "")]).await.expect(413);
    let many: Vec<String> = (0..4).map(|nth| part(&format!("hint_seen{nth}"), &"v".repeat(80_000))).collect();
    parts(&browser, "/activities", &vec![many.concat(); 4]).await.expect(413);
    let file = |nth: usize| {
        format!(
            "--x\r\nContent-Disposition: form-data; name=\"evidence\"; filename=\"{nth}.pdf\"\r\n\r\n%PDF-1.4 {nth}\r\n"
        )
    };
    // a few files too many are told by name, hundreds are not
    let page = parts(&browser, "/activities", &(0..12).map(file).collect::<Vec<_>>()).await.expect(422);
    assert!(
        page.words().contains("“10.pdf” was left out: up to 10 files can be sent at once."),
        "{}",
        page.words()
    );
    parts(&browser, "/activities", &(0..400).map(file).collect::<Vec<_>>()).await.expect(413);
    // the plain way
    let many: Vec<(&str, &str)> = vec![("kept_evidence", "1"); 1_001];
    browser.post("/activities", &many).await.expect(413);
    let name = "n".repeat(101);
    browser.post("/activities", &[(name.as_str(), "")]).await.expect(413);
    // each address has its own
    let administrator = portal.browser(&people.administrator).await;
    let page = administrator.post_files(
        "/admin/import",
        &[("kind", "holders")],
        &[("file", "a.csv", b"email\n"), ("file", "b.csv", b"email\n")],
    );
    assert!(page.await.expect(422).words().contains("“b.csv” was left out: one file can be sent at once."));
    let large = vec![b' '; 3 * 1024 * 1024];
    let visitor = portal.visitor().await;
    let page = visitor.post_files("/verify", &[], &[("file", "badge.json", &large)]).await.expect(422);
    assert!(page.words().contains("Badge files have less than 2 MB."), "{}", page.words());
    // what a person sends still goes in, on the same browser
    browser.post_files("/activities", &with(&[]), &[("evidence", "proof.pdf", PDF)]).await.expect(303);
}

#[actix_web::test]
async fn almost_nothing_is_read_before_the_token() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let token = browser.token().await;
    let before = |bytes: usize| {
        let text = part("relevance", &"v".repeat(bytes));
        format!("{text}{}--x--\r\n", part("csrf_token", &token)).into_bytes()
    };
    send(&browser, "/activities", PARTS, before(3_000)).await.expect(422);
    send(&browser, "/activities", PARTS, before(20_000)).await.expect(403);
    let page = send(&browser, "/activities", PARTS, vec![b'-'; 1 << 20]).await.expect(403);
    assert!(page.words().contains("send the form again"), "{}", page.words());
    let filler = "v".repeat(20_000);
    browser.post_bare("/activities", &[("relevance", &filler), ("csrf_token", &token)]).await.expect(403);
    browser.post_bare("/activities", &[("csrf_token", &token), ("relevance", &filler)]).await.expect(422);
}

#[test]
fn what_arrives_from_one_person_counts_until_it_is_recorded_or_gone() {
    use cpe_portal::domain::ids::AccountId;
    use cpe_portal::web::forms::upload_quota::{Arriving, MOST_ARRIVING, bytes_of};

    let (one, other) = (AccountId(-1), AccountId(-2));
    let mut first = Arriving::of(one);
    let mut second = Arriving::of(one);
    assert!(first.add(MOST_ARRIVING - 10) && second.add(10));
    assert!(!second.add(1), "no form of one person goes beyond what they may have on the way");
    assert!(Arriving::of(other).add(MOST_ARRIVING), "nobody else notices");
    assert_eq!(
        (first.bytes(), second.bytes(), bytes_of(one), bytes_of(other)),
        (MOST_ARRIVING - 10, 10, MOST_ARRIVING, 0)
    );
    drop(first);
    assert!(second.add(100));
    drop(second);
    assert_eq!(bytes_of(one), 0);
}

#[actix_web::test]
async fn a_text_that_is_far_too_long_is_told_beside_its_field_and_its_beginning_is_kept() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = at_the_form(&portal, &people).await;
    // of two bytes each, and of six while they are on their way
    let vast = "é".repeat(1_000_000);
    let report = with(&[("relevance", vast.as_str())]);
    let words = [("subject", "A question"), ("words", vast.as_str())];
    for (field, page) in [
        ("relevance", owner.post_files("/activities", &report, &[]).await),
        ("relevance", owner.post("/activities", &report).await),
        ("words", owner.post_files("/advice", &words, &[("evidence", "proof.pdf", PDF)]).await),
        ("words", owner.post("/advice", &words).await),
    ] {
        let page = page.expect(422);
        let told = page.error(field);
        assert!(told.contains("Use at most 4 000 characters."), "{field}: {told}");
        assert!(told.contains("more than 20 000"), "{field}: {told}");
        assert!(!page.words().contains("A file may have up to"), "nobody speaks of files");
        let kept = page.raw_texts(&format!("textarea[name='{field}']")).concat();
        assert_eq!(kept.chars().count(), 20_001, "{field}");
        assert!(kept.chars().all(|letter| letter == 'é'), "{field}: cut between letters");
    }
    // of several such texts together no form takes everything, and that is said of the texts
    let names: Vec<String> = (0..8).map(|nth| format!("{nth}")).collect();
    let several: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), vast.as_str())).collect();
    let page = owner.post_files("/activities", &several, &[]).await.expect(413);
    assert!(page.words().contains("All the text of a form together"), "{}", page.words());
}

#[actix_web::test]
async fn a_text_is_said_to_be_cut_when_it_was_and_not_when_it_was_not() {
    let portal = TestPortal::new();
    let people = portal.people();
    let owner = portal.browser(&people.owner).await;
    // a browser sends each line break as two characters
    let lines = |count: usize| format!("{}\r\n", "a".repeat(99)).repeat(count);
    let whole = format!("{}b", "a".repeat(19_999));
    let spaced = format!("{} {}", "a".repeat(20_000), "b".repeat(500));
    for (words, cut) in [
        (lines(300), true),
        (format!("{}a", lines(200)), true),
        (lines(200), false),
        (lines(199), false),
        (whole.clone(), false),
        (format!("{whole}c"), true),
        (format!("  {whole} \r\n"), false),
        (spaced, true),
    ] {
        let fields = [("subject", "A question"), ("words", words.as_str())];
        let sent = [owner.post("/advice", &fields).await, owner.post_files("/advice", &fields, &[]).await];
        for page in sent {
            let page = page.expect(422);
            let told = page.error("words");
            assert!(told.contains("Use at most 4 000 characters."), "{told}");
            assert_eq!(told.contains("There were more than 20 000"), cut, "{}: {told}", words.len());
            assert_eq!(told.contains("left out"), cut, "{}: {told}", words.len());
        }
    }
}

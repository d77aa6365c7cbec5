use crate::support::{TestPortal, day};
use crate::timetable::body::{approved, practitioner, run_on, texts};

#[actix_web::test]
async fn anybody_can_verify_a_number_and_follow_to_the_badge() {
    let portal = TestPortal::new();
    portal.people();
    let visitor = portal.visitor().await;
    let page = visitor.get("/verify?number=isp-1001%20").await.expect(200);
    assert_eq!(page.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(page.text(".badge h2"), "Valid");
    for words in
        ["Olga Owner", "Information Security Practitioner (ISP)", "ISP-1001", "15 March 2026", "12 June 2027"]
    {
        assert!(page.words().contains(words), "{words}: {}", page.words());
    }
    assert!(!page.html().contains("owner@people.test"), "an address is nobody's business");
    let badge = page.values("a[href^='/badges/']", "href").remove(0);
    let page = visitor.get(&badge).await.expect(200);
    assert_eq!(page.text(".badge h2"), "Valid");
    assert_eq!(page.header("cache-control").as_deref(), Some("no-store"));
}

#[actix_web::test]
async fn a_number_is_found_however_its_dashes_spaces_and_capitals_are_typed() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.certificate(&people.stranger, "ISP", "ISP-20-1", "2026-03-15");
    let visitor = portal.visitor().await;
    for typed in ["ISP1001", "%20isp%201001", "isp%E2%80%931001", "I.S.P./1001", "isp-1001%20"] {
        let page = visitor.get(&format!("/verify?number={typed}")).await.expect(200);
        assert_eq!(page.text(".badge h2"), "Valid", "{typed}: {}", page.words());
        assert!(page.words().contains("ISP-1001"), "{typed}");
    }
    assert!(visitor.get("/verify?number=isp201").await.expect(200).has(".badge"));
    // when two can be meant, only the exact number finds one
    portal.certificate(&people.stranger, "ITSP", "ISP-201", "2026-03-15");
    let page = visitor.get("/verify?number=isp%20201").await.expect(200);
    assert!(page.words().contains("No certificate has the number"), "{}", page.words());
    assert!(visitor.get("/verify?number=isp-201").await.expect(200).has(".badge"));
    for nothing in ["-", "1001", "%25", "ISP"] {
        assert!(
            !visitor.get(&format!("/verify?number={nothing}")).await.expect(200).has(".badge"),
            "{nothing}"
        );
    }
}

#[actix_web::test]
async fn the_address_of_a_badge_is_verified_with_or_without_its_host() {
    let portal = TestPortal::new();
    portal.people();
    let visitor = portal.visitor().await;
    let page = visitor.get("/verify?number=ISP-1001").await.expect(200);
    assert!(page.words().contains("Checked on 23 November 2026 at 10:00."), "{}", page.words());
    let badge = page.values("a[href^='/badges/']", "href").remove(0);
    for typed in [
        badge.clone(),
        badge.trim_start_matches('/').to_owned(),
        format!("http://portal.test{badge}"),
        format!("https://PORTAL.TEST{}", badge.to_uppercase().replace("/BADGES/", "/badges/")),
        format!("portal.test{badge}/"),
        format!("  http://portal.test{badge}.png?from=a#b "),
    ] {
        let typed: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
        let page = visitor.get(&format!("/verify?number={typed}")).await.expect(200);
        assert_eq!(page.text(".badge h2"), "Valid", "{typed}: {}", page.words());
    }
    for (typed, words) in [
        ("/badges/00000000-0000-4000-8000-000000000000", "No badge of ours has this address"),
        ("badges/x", "No badge of ours has this address"),
        (
            "https://elsewhere.test/badges/00000000-0000-4000-8000-000000000000",
            "not the address of a badge of ours",
        ),
        ("http://portal.test/guide", "not the address of a badge of ours"),
        ("http://portal.test.elsewhere.test/badges/x", "not the address of a badge of ours"),
    ] {
        let page = visitor.get(&format!("/verify?number={typed}")).await.expect(200);
        assert!(page.words().contains(words) && !page.has(".badge"), "{typed}: {}", page.words());
    }
}

#[actix_web::test]
async fn an_unknown_number_gets_a_friendly_answer_and_an_unknown_badge_is_not_found() {
    let portal = TestPortal::new();
    let visitor = portal.visitor().await;
    assert!(!visitor.get("/verify").await.expect(200).has(".error-summary"));
    assert!(visitor.get("/verify?number=").await.expect(200).has(".error-summary"));
    let page = visitor.get("/verify?number=%3Cscript%3E").await.expect(200);
    assert!(page.words().contains("No certificate has the number “<script>”"));
    visitor.get("/verify?number=%00%FF").await.expect(200);
    visitor.get("/badges/nothing").await.expect(404);
    visitor.get("/badges/00000000-0000-4000-8000-000000000000").await.expect(404);
}

#[actix_web::test]
async fn a_badge_stays_valid_while_people_wait_and_expires_90_days_after_the_deadline() {
    let portal = TestPortal::new();
    practitioner(&portal, "Flora", "2026-01-01");
    for (today, state) in
        [("2026-12-31", "Valid"), ("2027-01-01", "Valid"), ("2027-03-31", "Valid"), ("2027-04-01", "Expired")]
    {
        portal.clock.set_local(day(today), 10);
        let visitor = portal.visitor().await;
        assert_eq!(
            visitor.get("/verify?number=ISP-Flora").await.expect(200).text(".badge h2"),
            state,
            "{today}"
        );
    }
    // the portal was down; the run signs it again, because the certificate stands
    run_on(&portal, "2027-04-01");
    let visitor = portal.visitor().await;
    assert_eq!(visitor.get("/verify?number=ISP-Flora").await.expect(200).text(".badge h2"), "Valid");
}

#[actix_web::test]
async fn the_last_recertification_is_told_and_a_foundation_badge_does_not_expire() {
    let portal = TestPortal::new();
    let (holder, _) = practitioner(&portal, "Rosa", "2026-01-01");
    portal.certificate(&holder, "ISF", "ISF-1", "2010-02-01");
    approved(&portal, &holder, "2026-05-02", 20);
    run_on(&portal, "2027-01-02");
    let visitor = portal.visitor().await;
    let page = visitor.get("/verify?number=ISP-Rosa").await.expect(200);
    assert!(page.words().contains("Last recertified on2 January 2027"), "{}", page.words());
    let page = visitor.get("/verify?number=ISF-1").await.expect(200);
    assert!(page.words().contains("It does not expire"));
    assert_eq!(texts(&portal, "SELECT id AS text FROM badges WHERE length(id) = 36").len(), 2);
}

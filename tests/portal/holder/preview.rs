use super::*;

/// The amounts that a preview names, by certificate.
fn amounts(page: &Page) -> Vec<String> {
    page.texts("dl.summary dd strong")
        .into_iter()
        .map(|text| text.trim_end_matches(" credits.").trim_end_matches(" credit.").to_owned())
        .collect()
}

#[actix_web::test]
async fn a_preview_says_for_each_certificate_what_the_report_then_really_counts() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.certificate(&people.owner, "ITSE", "ITSE-7", "2026-06-01");
    portal.certificate(&people.owner, "ISF", "ISF-8", "2020-01-01");
    let browser = at_the_form(&portal, &people).await;
    let cases: [&[(&str, &str)]; 6] = [
        &[],
        &[("category", "unregistered"), ("hours", "1"), ("minutes", "")],
        &[("category", "reading"), ("pages", "50")],
        &[("category", "writing"), ("pages", "4"), ("publication", "A book")],
        &[("category", "writing"), ("pages", "4"), ("publication", "a BOOK")],
        &[("completed_on", "2026-05-31")],
    ];
    for changes in cases {
        let fields = with(changes);
        let preview = browser.post("/activities/preview", &fields).await.expect(200);
        assert!(!preview.html().contains("<html"), "only the part of the page");
        let foreseen = amounts(&preview);
        let id = led_to(&browser.post_files("/activities", &fields, &[]).await);
        let page = browser.get(&format!("/activities/{id}")).await.expect(200);
        let counted: Vec<String> = page
            .texts(".steps .total .step-result")
            .into_iter()
            .map(|text| text.trim_end_matches(" credits").trim_end_matches(" credit").to_owned())
            .collect();
        let foreseen_counted: Vec<String> =
            foreseen.iter().filter(|credits| *credits != "0").cloned().collect();
        assert_eq!(foreseen.len(), 3, "{changes:?}: {}", preview.html());
        assert_eq!(foreseen_counted, counted, "{changes:?}");
    }
    // 4 + 4 pages of one publication earn 5 credits together (G4)
    let fields = with(&[("category", "writing"), ("pages", "4"), ("publication", "A book")]);
    let preview = browser.post("/activities/preview", &fields).await.expect(200);
    assert!(preview.html().contains("other reports have taken 5."), "{}", preview.html());
}

#[actix_web::test]
async fn a_preview_of_a_change_replaces_the_report_and_does_not_add_to_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let fields = with(&[("category", "writing"), ("pages", "4"), ("publication", "A book")]);
    let id = led_to(&browser.post_files("/activities", &fields, &[]).await).to_string();
    let fields =
        with(&[("category", "writing"), ("pages", "3"), ("publication", "A book"), ("activity", &id)]);
    let preview = browser.post("/activities/preview", &fields).await.expect(200);
    assert_eq!(amounts(&preview), ["3"]);
}

#[actix_web::test]
async fn one_line_beside_the_button_says_what_it_counts_and_what_is_to_go_then() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let brief = async |changes: &[(&str, &str)]| {
        let page = browser.post("/activities/preview", &with(changes)).await.expect(200);
        page.values("[data-brief]", "data-brief").remove(0)
    };
    assert_eq!(brief(&[]).await, "2.50 credits, then 17.50 to go");
    assert_eq!(brief(&[("hours", "1"), ("minutes", "")]).await, "1 credit, then 19 to go");
    assert_eq!(brief(&[("hours", "20"), ("minutes", "")]).await, "20 credits, then the year is covered");
    assert_eq!(brief(&[("completed_on", "2026-01-01")]).await, "It would not count.");
    for nothing_yet in [("category", ""), ("completed_on", "some day"), ("hours", "two")] {
        assert_eq!(brief(&[nothing_yet]).await, "", "{nothing_yet:?}");
    }
    // without script it stands there after a look ahead
    let page = browser.post_files("/activities", &with(&[("intent", "preview")]), &[]).await.expect(200);
    assert_eq!(page.text(".send .brief"), "2.50 credits, then 17.50 to go");
    assert_eq!(browser.get("/activities/new").await.expect(200).text(".send .brief"), "");

    portal.certificate(&people.owner, "ITSE", "ITSE-7", "2026-06-01");
    portal.certificate(&people.owner, "ISF", "ISF-8", "2020-01-01");
    assert_eq!(brief(&[]).await, "2.50 credits for each of 2 certificates, then up to 37.50 to go");
    let all = [("hours", "40"), ("minutes", ""), ("started_on", "2026-10-01")];
    assert_eq!(brief(&all).await, "40 credits for each of 2 certificates, then every year is covered");
    assert_eq!(brief(&[("completed_on", "2026-05-31")]).await, "2.50 credits, then 17.50 to go");
}

#[actix_web::test]
async fn without_script_the_form_shows_the_preview_and_keeps_what_was_typed_and_uploaded() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let fields = with(&[("intent", "preview")]);
    let page = browser.post_files("/activities", &fields, &[("evidence", "a.pdf", PDF)]).await.expect(200);
    assert!(page.text("#preview").contains("2.50 credits. Year 1, until 14 March 2027."));
    assert!(page.text("#preview").contains("17.50 credits are still missing"));
    assert_eq!(page.values("#title", "value"), ["Zero trust in practice"]);
    assert!(
        page.has("input[name=not_regular_job][checked]") && page.has("#category[value=attending][checked]")
    );
    assert_eq!(page.values("input[name=kept_evidence]", "value").len(), 1);
    assert!(
        browser.get("/activities").await.words().contains("Nothing reported yet"),
        "nothing was reported"
    );
}

#[actix_web::test]
async fn a_preview_tells_why_nothing_counts_and_hints_at_slips() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = at_the_form(&portal, &people).await;
    let asked = async |changes: &[(&str, &str)]| {
        browser.post("/activities/preview", &with(changes)).await.expect(200).html()
    };
    assert!(asked(&[("completed_on", "2026-12-24")]).await.contains("24 December 2026 is in the future"));
    assert!(asked(&[("completed_on", "2026-01-01")]).await.contains("15 March 2026"));
    assert!(asked(&[("category", "")]).await.contains("Choose the kind of activity"));
    assert!(asked(&[("hours", "25")]).await.contains("A day has only 24 hours."));
    assert!(!asked(&[("hours", "25"), ("started_on", "2026-10-01")]).await.contains("only 24 hours"));
    assert!(asked(&[("field", "crisis_management")]).await.contains("why it is relevant"));
    led_to(&browser.post_files("/activities", &WHOLE, &[]).await);
    assert!(asked(&[("title", " zero  TRUST in practice")]).await.contains("Is it the same one?"));
}

//! What search engines and previews of links show of a page.

use std::collections::BTreeSet;

use crate::support::TestPortal;

#[actix_web::test]
async fn every_public_page_says_in_a_sentence_what_it_is() {
    let portal = TestPortal::new();
    let people = portal.people();
    let visitor = portal.visitor().await;
    let found = visitor.get("/verify?number=ISP-1001").await.expect(200);
    let badge = found.values("a[href^='/badges/']", "href").remove(0);
    let mut said = BTreeSet::new();
    for path in [
        "/".to_owned(),
        "/sign-in".to_owned(),
        "/password-reset".to_owned(),
        "/guide".to_owned(),
        "/verify".to_owned(),
        "/achievements/ISP".to_owned(),
        badge,
    ] {
        let page = visitor.get(&path).await.expect(200);
        let [sentence] = &page.values("meta[name=description]", "content")[..] else {
            panic!("{path} has none, or several")
        };
        assert!(
            (40..=200).contains(&sentence.chars().count()) && sentence.ends_with('.'),
            "{path}: {sentence}"
        );
        assert!(said.insert(sentence.clone()), "{path} says what another page says: {sentence}");
    }
    // pages that search engines never see have the one of the portal
    let page = portal.browser(&people.owner).await.get("/dashboard").await.expect(200);
    assert_eq!(page.values("meta[name=description]", "content").len(), 1);
    let lost = visitor.get("/nowhere").await.expect(404);
    assert_eq!(lost.values("meta[name=description]", "content").len(), 1);
}

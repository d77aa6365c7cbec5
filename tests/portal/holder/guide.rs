use super::*;
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::certification::policy::Rate;
use cpe_portal::store::certification::policies;

#[actix_web::test]
async fn anybody_can_read_the_rules_in_force_with_their_figures() {
    let portal = TestPortal::new();
    let page = portal.visitor().await.get("/guide").await.expect(200);
    let words = page.words();
    for fact in [
        "Practitioner 20 credits in each certification year",
        "Expert 40 credits",
        "Certified Officer 40 credits",
        "1 credit for each hour",
        "1 credit for each 150 pages",
        "1 credit for each A4 page",
        "1 credit for every 3 hours",
        "at most 5 credits",
        "90, 60, 30, 14, 7 and 1 day before",
        "14 days to answer",
    ] {
        assert!(words.contains(fact), "{fact}: {words}");
    }
    for rule in 1..=13 {
        assert!(words.contains(&format!("G{rule}")), "G{rule}");
    }
}

#[actix_web::test]
async fn a_version_to_come_is_announced_and_the_page_follows_it_from_its_first_day() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal
        .store
        .write(|conn| {
            let mut next = policies::all(conn)?.newest().clone();
            next.version = 2;
            next.first_day = "2027-01-01".parse().unwrap();
            next.minimums.practitioner = Credits::whole(24);
            next.rates.reading = Rate::new(Category::Reading, 200).unwrap();
            policies::add(conn, &next, people.administrator.id, portal.clock.now())
        })
        .unwrap();
    let words = portal.visitor().await.get("/guide").await.expect(200).words();
    assert!(words.contains("New rules from 1 January 2027"), "{words}");
    assert!(words.contains("24 credits in each certification year (until 31 December 2026: 20)"), "{words}");
    assert!(
        words.contains("1 credit for each 200 pages (until 31 December 2026: 1 credit for each 150 pages)"),
        "{words}"
    );
    assert!(words.contains("Practitioner 20 credits"));
    portal.clock.set_local("2027-01-01".parse().unwrap(), 8);
    let words = portal.visitor().await.get("/guide").await.expect(200).words();
    assert!(!words.contains("New rules from") && words.contains("Practitioner 24 credits"), "{words}");
}

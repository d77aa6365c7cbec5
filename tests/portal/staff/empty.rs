//! A portal in which nothing has happened yet: every list says what it is for and what to do first.

use cpe_portal::domain::roles::Role;

use crate::support::TestPortal;

/// The lists that can be empty.
const LISTS: [&str; 15] = [
    "/staff/review",
    "/staff/review?show=returned",
    "/staff/holders",
    "/staff/flagged",
    "/staff/deadlines",
    "/staff/deadlines?which=passed",
    "/staff/at-risk",
    "/staff/at-risk?show=nothing",
    "/staff/at-risk?show=pending",
    "/staff/advice",
    "/staff/advice?show=closed",
    "/staff/corrections",
    "/staff/mail",
    "/staff/mail?which=stuck",
    "/admin/held-flags",
];

#[actix_web::test]
async fn every_list_of_an_empty_portal_says_what_it_is_for_and_what_to_do_first() {
    let portal = TestPortal::new();
    let administrator = portal.account("ada@portal.test", "Ada Administrator", Role::Administrator);
    let browser = portal.browser(&administrator).await;
    for path in LISTS {
        let page = browser.get(path).await.expect(200);
        let empty = page.texts("main .empty");
        assert_eq!(empty.len(), 1, "{path}: {}", page.words());
        assert!(
            page.text("main .empty p").split_whitespace().count() >= 8,
            "{path} says what it is for: {empty:?}"
        );
        let ways = page.values("main .empty .actions a", "href");
        assert!(!ways.is_empty(), "{path} says what to do first");
        for way in ways {
            browser.get(&way).await.expect(200);
        }
        assert!(!page.has("main table") && !page.has("main .pagination"), "{path}: {}", page.words());
    }
    // what is never empty says at least what it is
    for path in [
        "/staff",
        "/staff/search",
        "/staff/history",
        "/admin/accounts",
        "/admin/jobs",
        "/admin/policies",
        "/admin/certifications",
        "/admin/export",
        "/admin/import",
        "/admin/setup",
        "/staff/prepared-words",
        "/staff/canned-answers",
    ] {
        let page = browser.get(path).await.expect(200);
        assert!(page.words().split_whitespace().count() > 20, "{path}: {}", page.words());
    }
}

#[actix_web::test]
async fn the_first_list_leads_an_administrator_to_the_first_holder_and_a_reviewer_nowhere_in_vain() {
    let portal = TestPortal::new();
    let administrator = portal.account("ada@portal.test", "Ada Administrator", Role::Administrator);
    let reviewer = portal.account("rita@portal.test", "Rita Reviewer", Role::Reviewer);
    let page = portal.browser(&administrator).await.get("/staff/holders").await.expect(200);
    assert_eq!(page.values(".empty .actions a", "href"), ["/staff/holders/new", "/admin/import"]);
    let browser = portal.browser(&reviewer).await;
    for path in LISTS.iter().filter(|path| path.starts_with("/staff")) {
        for way in browser.get(path).await.expect(200).values("main .empty a", "href") {
            browser.get(&way).await.expect(200);
        }
    }
}

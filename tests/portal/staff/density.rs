//! How close rows of lists stand: a setting of one's own, for staff.

use crate::support::{Browser, TestPortal};

async fn set(browser: &Browser, density: &str) {
    browser.post("/account/lists", &[("density", density)]).await.expect(303);
}

#[actix_web::test]
async fn a_list_is_one_line_a_row_until_somebody_wants_more_room_and_that_is_theirs_alone() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;
    let row = "table.queue tbody tr";

    let page = rita.get("/staff/review").await.expect(200);
    assert!(page.has("body.dense-lists"));
    assert!(page.text(row).contains("3 h +3"), "{}", page.text(row));
    assert!(!page.text(row).contains("your turn since today"), "{}", page.text(row));

    set(&rita, "comfortable").await;
    let page = rita.get("/staff/review").await.expect(200);
    assert!(!page.has("body.dense-lists"));
    assert!(page.text(row).contains("3 hours 3 "), "{}", page.text(row));
    assert!(page.text(row).contains("your turn since today"), "{}", page.text(row));
    for path in ["/staff", "/staff/holders", "/staff/mail", "/staff/at-risk", "/staff/review?show=returned"] {
        assert!(!rita.get(path).await.expect(200).has("body.dense-lists"), "{path}");
    }
    assert!(ada.get("/staff/review").await.expect(200).has("body.dense-lists"), "it is nobody else's");

    // it says what is set, and goes back
    let page = rita.get("/account").await.expect(200);
    assert_eq!(page.values("input[name=density][checked]", "value"), ["comfortable"]);
    set(&rita, "dense").await;
    assert!(rita.get("/staff/review").await.expect(200).has("body.dense-lists"));
}

#[actix_web::test]
async fn what_is_no_density_is_refused_beside_the_field_and_holders_are_not_asked() {
    let portal = TestPortal::new();
    let people = portal.people();
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.post("/account/lists", &[("density", "tiny")]).await.expect(422);
    assert_eq!(page.error("density"), "Error: Choose one of the two.");
    let owner = portal.browser(&people.owner).await;
    assert!(!owner.get("/account").await.expect(200).has("#lists"));
    owner.post("/account/lists", &[("density", "dense")]).await.expect(404);
}

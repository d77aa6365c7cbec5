//! The nightly check: its result is kept, shown to administrators, and told in the log.

use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::store::operations::invariant_results;

use crate::support::TestPortal;
use crate::timetable::body::behind_its_back;

#[actix_web::test]
async fn what_the_nightly_check_found_is_kept_and_shown_until_a_later_one_finds_nothing() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.submitted(&people.owner, "A conference", "2026-10-01", 2);
    let admin = portal.browser(&people.administrator).await;
    assert!(admin.get("/admin/check").await.expect(200).words().contains("No check yet"));
    assert_eq!(portal.store.read(invariant_results::last).unwrap(), None);

    let job = TIMETABLE.iter().find(|job| job.name.code() == "check").unwrap();
    let Tick::Ran(done) = tick(&portal, job, &|| false).unwrap() else { panic!("not due") };
    assert!(done.complete && done.summary.contains("invariants hold"), "{done:?}");
    assert!(portal.store.read(invariant_results::last).unwrap().unwrap().ok());
    assert!(admin.get("/admin/check").await.expect(200).words().contains("Everything holds"));

    behind_its_back(&portal, "CREATE TABLE aside AS SELECT * FROM bare_numbers");
    behind_its_back(&portal, "DELETE FROM bare_numbers WHERE certificate_id = 1");
    admin.get("/admin/check").await.expect(200);
    admin.post("/admin/check", &[]).await.expect(303);
    let page = admin.get("/admin/check").await.expect(200);
    assert!(page.words().contains("The data is not sound"), "{}", page.words());
    assert!(page.words().contains("Every certificate is found by its number"), "{}", page.words());
    assert_eq!(page.texts("section.bad li"), ["ISP-1001"]);
    let last = portal.store.read(invariant_results::last).unwrap().unwrap();
    assert!(!last.ok());

    behind_its_back(&portal, "INSERT INTO bare_numbers SELECT * FROM aside WHERE certificate_id = 1");
    admin.post("/admin/check", &[]).await.expect(303);
    let page = admin.get("/admin/check").await.expect(200);
    assert!(
        page.words().contains("Everything holds") && page.words().contains("1 did not hold"),
        "{}",
        page.words()
    );
}

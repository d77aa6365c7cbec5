use crate::support::{TestPortal, day};
use crate::timetable::body::{dump, practitioner, run_on, texts};

#[actix_web::test]
async fn a_rehearsal_says_what_a_run_would_do_and_the_run_does_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    practitioner(&portal, "Flora", "2026-01-01");
    portal.clock.set_local(day("2027-01-01"), 10);
    let administrator = portal.browser(&people.administrator).await;
    let page = administrator.get("/admin/jobs").await.expect(200);
    assert_eq!(page.texts("table:first-of-type tbody th")[..3], ["mail", "bounces", "deadlines"]);
    let before = dump(&portal);
    let page = administrator.get("/admin/jobs/deadlines/rehearsal").await.expect(200);
    assert!(
        page.words().contains("Years to flag 1") && page.words().contains("ISP-Flora"),
        "{}",
        page.words()
    );
    assert_eq!(dump(&portal), before, "a rehearsal changes nothing");
    let answer = administrator.post("/admin/jobs/deadlines", &[]).await.expect(303);
    let page = administrator.follow(answer).await.expect(200);
    assert!(page.words().contains("1 year flagged"), "{}", page.words());
    assert_eq!(texts(&portal, "SELECT job || ' ' || outcome AS text FROM job_runs"), ["deadlines done"]);
    let page = administrator.get("/admin/jobs/deadlines/rehearsal").await.expect(200);
    assert!(!page.words().contains("Years to flag"));
    // what runs all the time has its own page, so that the list shows the others
    administrator.post("/admin/jobs/mail", &[]).await.expect(303);
    let runs = administrator.get("/admin/jobs").await.expect(200).texts("table.dense tbody th");
    assert_eq!(runs, ["deadlines"]);
    assert_eq!(administrator.get("/admin/jobs/mail").await.expect(200).texts("tbody tr").len(), 1);
    let page = administrator.get("/admin/check").await.expect(200);
    assert!(page.words().contains("Every evidence file is there, byte for byte."), "{}", page.words());
    assert_eq!(page.text("nav [aria-current=page]"), "Timetable");
}

#[actix_web::test]
async fn held_flags_are_shown_and_flagged_by_the_next_run_once_an_administrator_confirms_them() {
    let portal = TestPortal::new();
    let people = portal.people();
    for n in 0..12 {
        practitioner(&portal, &format!("H{n:02}"), "2026-01-01");
    }
    let report = run_on(&portal, "2027-01-01");
    assert_eq!((report.flagged.len(), report.held.len()), (0, 12));
    let administrator = portal.browser(&people.administrator).await;
    assert!(
        administrator.get("/staff/flagged").await.expect(200).words().contains("12 years would be flagged")
    );
    let page = administrator.get("/admin/held-flags").await.expect(200);
    assert_eq!(page.texts("tbody tr").len(), 12);
    let answer = administrator.post("/admin/held-flags/confirmation", &[]).await.expect(303);
    assert!(administrator.follow(answer).await.words().contains("12 flags have been confirmed"));
    assert_eq!(
        texts(&portal, "SELECT flagged_on AS text FROM certification_years WHERE flagged_on IS NOT NULL")
            .len(),
        0
    );
    administrator.post("/admin/jobs/deadlines", &[]).await.expect(303);
    assert_eq!(
        texts(&portal, "SELECT flagged_on AS text FROM certification_years WHERE flagged_on IS NOT NULL")
            .len(),
        12
    );
    assert!(
        administrator.get("/admin/held-flags").await.expect(200).words().contains("No flag is held back")
    );
}

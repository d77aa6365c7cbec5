use chrono::TimeDelta;

use super::verdict;
use crate::support::TestPortal;

#[actix_web::test]
async fn returned_reports_have_a_list_that_says_since_when_it_is_their_holders_turn() {
    let portal = TestPortal::new();
    let people = portal.people();
    let rita = portal.browser(&people.reviewer).await;
    let path = "/staff/review?show=returned";
    assert!(rita.get(path).await.expect(200).has(".empty"));
    let back = [("decision", "return"), ("reason_code", "no_evidence"), ("reason", "Where?")];
    for n in 1..=26 {
        let id = portal.submitted(&people.owner, &format!("Course {n:02}"), "2026-05-02", 1);
        verdict(&rita, id, &back).await.expect(303);
        portal.clock.advance(TimeDelta::minutes(1));
    }
    let waiting = portal.submitted(&people.owner, "It waits", "2026-05-02", 1);
    portal.clock.advance(TimeDelta::hours(48));
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get(path).await.expect(200);
    let titles = page.texts("tbody th a");
    assert_eq!((titles.len(), titles[0].as_str(), titles[24].as_str()), (25, "Course 01", "Course 25"));
    let row = page.text("tbody tr");
    assert!(row.contains("23 November 2026") && row.contains("the holder’s turn for 2 days"), "{row}");
    assert!(row.contains("Something that shows it took place is needed"), "{row}");
    let next = page.values(".pagination [rel=next]", "href").remove(0);
    let second = rita.get(&next).await.expect(200);
    assert_eq!(second.texts("tbody th a"), ["Course 26"]);
    let back = second.values(".pagination [rel=prev]", "href").remove(0);
    assert_eq!(rita.get(&back).await.texts("tbody th a"), titles);

    // the overview and the queue lead there; what waits for staff is not in it
    let overview = rita.get("/staff").await.expect(200);
    assert!(overview.values("main a", "href").contains(&path.to_owned()));
    let queue = rita.get("/staff/review").await.expect(200);
    assert!(queue.values(".switcher a", "href").contains(&path.to_owned()));
    assert_eq!(queue.values("tbody th a", "href"), [format!("/staff/activities/{waiting}")]);
}

//! The queue sorted by any head and cut down to a part, and what the menu counts.

use cpe_portal::domain::activities::queue_order::{QueueOrder, QueueSorting};

use super::verdict;
use crate::support::{Browser, People, TestPortal};

/// Three reports of two holders, of which each order makes something else.
fn scene() -> (TestPortal, People) {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.submitted(&people.owner, "Beta", "2026-05-03", 2);
    portal.submitted(&people.stranger, "alpha", "2026-05-01", 4);
    portal.submitted(&people.owner, "Gamma", "2026-05-02", 2);
    (portal, people)
}

async fn titles(browser: &Browser, path: &str) -> Vec<String> {
    browser.get(path).await.expect(200).texts("table.queue tbody th a")
}

#[actix_web::test]
async fn every_head_sorts_and_sorts_the_other_way_round_and_equals_keep_their_order() {
    let (portal, people) = scene();
    let rita = portal.browser(&people.reviewer).await;
    for (sort, expected) in [
        ("by-title", ["alpha", "Beta", "Gamma"]),
        ("-by-title", ["Gamma", "Beta", "alpha"]),
        ("by-credits", ["Beta", "Gamma", "alpha"]),
        ("-by-credits", ["alpha", "Beta", "Gamma"]),
        ("by-quantity", ["Beta", "Gamma", "alpha"]),
        ("by-completion", ["alpha", "Gamma", "Beta"]),
        ("-by-completion", ["Beta", "Gamma", "alpha"]),
        ("by-waiting", ["Beta", "alpha", "Gamma"]),
    ] {
        assert_eq!(titles(&rita, &format!("/staff/review?sort={sort}")).await, expected, "{sort}");
    }
    let usual = titles(&rita, "/staff/review").await;
    let backwards: Vec<String> = usual.iter().rev().cloned().collect();
    assert_eq!(titles(&rita, "/staff/review?sort=-by-urgency").await, backwards);
    assert_eq!(titles(&rita, "/staff/review?sort=nonsense").await, usual, "what is no order is none");

    // the heads say how it is sorted, and lead to the other way round
    let page = rita.get("/staff/review?sort=by-title&waiting=").await.expect(200);
    assert_eq!(page.values("thead th[aria-sort]", "aria-sort"), ["ascending"]);
    assert_eq!(page.values("thead th[aria-sort] a", "href"), ["/staff/review?sort=-by-title"]);
    let page = rita.get("/staff/review").await.expect(200);
    assert_eq!(page.texts("thead th[aria-sort]"), ["Due ↑"]);
    assert_eq!(page.texts("thead th a").len(), QueueOrder::ALL.len());
}

#[actix_web::test]
async fn who_works_through_a_sorted_queue_goes_on_in_its_order() {
    let (portal, people) = scene();
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get("/staff/review?sort=-by-title").await.expect(200);
    let first = page.values("table.queue tbody th a", "href").remove(0);
    assert!(first.ends_with("?sort=-by-title"), "{first}");
    assert_eq!(rita.get(&first).await.expect(200).text("h1"), "Gamma");
    let (path, _) = first.split_once('?').unwrap();
    let next = rita.get(&format!("{path}/next?sort=-by-title")).await.expect(303);
    let beta = rita.follow(next).await;
    assert_eq!(beta.text("h1"), "Beta");
    let back = rita.get(&format!("{}/previous?sort=-by-title", beta.path.split('?').next().unwrap())).await;
    assert_eq!(rita.follow(back).await.text("h1"), "Gamma");

    let version = rita.get(&first).await.values("input[name=version]", "value").remove(0);
    let decided = [("version", version.as_str()), ("decision", "approve")];
    let answer = rita.post(&format!("{path}/review?sort=-by-title"), &decided).await.expect(303);
    assert_eq!(rita.follow(answer).await.text("h1"), "Beta");
}

#[actix_web::test]
async fn the_queue_is_cut_down_to_a_certification_and_to_who_reads() {
    let (portal, people) = scene();
    portal.certificate(&people.stranger, "EHP", "EHP-99", "2026-01-10");
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;
    let ehp = portal.texts("SELECT id || '' AS text FROM certifications WHERE code = 'EHP'").remove(0);
    assert_eq!(titles(&rita, &format!("/staff/review?certification={ehp}")).await, ["alpha"]);
    assert_eq!(titles(&rita, "/staff/review?certification=999").await, [""; 0]);

    let page = rita.get("/staff/review").await.expect(200);
    let alpha = page.values("table.queue tbody th a", "href");
    let place = page.texts("table.queue tbody th a").iter().position(|title| title == "alpha").unwrap();
    ada.get(&alpha[place]).await.expect(200);
    let reader = format!("/staff/review?reader={}", people.administrator.id);
    assert_eq!(titles(&rita, &reader).await, ["alpha"]);
    assert_eq!(titles(&rita, "/staff/review?reader=nobody").await, ["Beta", "Gamma"]);
    let page = rita.get("/staff/review").await.expect(200);
    assert_eq!(page.texts("#reader option"), ["Any reader", "Read by nobody", "Read by Ada Administrator"]);
    let page = ada.get("/staff/review").await.expect(200);
    assert_eq!(page.texts("#reader option"), ["Any reader", "Read by nobody", "Read by you"]);
    // a filter survives an order
    let page = rita.get(&format!("{reader}&sort=by-title")).await.expect(200);
    assert!(page.values("thead th a", "href").iter().all(|href| href.contains("reader=")));
}

#[actix_web::test]
async fn the_menu_of_staff_says_how_much_waits() {
    let (portal, people) = scene();
    let rita = portal.browser(&people.reviewer).await;
    let menu = "nav[aria-label=Main] a[href='/staff/review']";
    assert_eq!(rita.get("/staff/holders").await.expect(200).text(menu), "Review 3 waiting");
    let page = rita.get("/staff/review").await.expect(200);
    for href in page.values("table.queue tbody th a", "href") {
        let id = href.rsplit('/').next().unwrap().parse().unwrap();
        verdict(&rita, cpe_portal::domain::ids::ActivityId(id), &[("decision", "approve")]).await.expect(303);
    }
    assert_eq!(rita.get("/staff").await.expect(200).text(menu), "Review");
    for place in 0..120 {
        portal.submitted(&people.owner, &format!("Report {place}"), "2026-05-03", 1);
    }
    assert_eq!(rita.get("/staff").await.expect(200).text(menu), "Review 99+ waiting");
}

#[actix_web::test]
async fn a_sorted_queue_has_pages_and_each_report_stands_on_one_of_them() {
    let (portal, people) = scene();
    for place in 0..57 {
        portal.submitted(&people.owner, &format!("Report {place:02}"), "2026-05-03", 1);
    }
    let rita = portal.browser(&people.reviewer).await;
    let mut all = Vec::new();
    let mut path = Some("/staff/review?sort=by-title".to_owned());
    while let Some(address) = path {
        let page = rita.get(&address).await.expect(200);
        all.extend(page.texts("table.queue tbody th a"));
        path = page.values(".pagination a[rel=next]", "href").pop();
    }
    assert_eq!(all.len(), 60);
    let mut sorted = all.clone();
    sorted.sort_by_key(|title| title.to_lowercase());
    assert_eq!(all, sorted);
    rita.get("/staff/review?sort=by-title&page=99999999999999999999").await.expect(200);
    assert!(
        !rita.get("/staff/review?sort=by-title&page=400").await.expect(200).texts("tbody th a").is_empty()
    );
}

#[test]
fn an_order_is_read_as_it_is_written() {
    for order in QueueOrder::ALL {
        for descending in [false, true] {
            let sorting = QueueSorting { order, descending };
            assert_eq!(QueueSorting::read(&sorting.written()), sorting);
        }
    }
    for nonsense in ["", "-", "--by-title", "BY-TITLE", "by-title ", "title"] {
        assert_eq!(QueueSorting::read(nonsense), QueueSorting::USUAL, "{nonsense}");
    }
}

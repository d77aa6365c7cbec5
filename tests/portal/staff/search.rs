use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::roles::Role;

use crate::support::{Browser, Page, TestPortal};
use crate::timetable::body::behind_its_back;

async fn found(browser: &Browser, typed: &str) -> Page {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", typed).finish();
    browser.get(&format!("/staff/search?{query}")).await.expect(200)
}

#[actix_web::test]
async fn staff_find_a_name_an_address_a_number_and_a_title_by_their_beginnings() {
    let portal = TestPortal::new();
    let people = portal.people();
    let soren = portal.holder("s.aegir@mail.test", "Søren Ægir");
    portal.certificate(&soren, "ISP", "ISP 100-7", "2026-03-15");
    let title = portal.submitted(&soren, "Webinar: Ünusual threats to the cloud", "2026-05-02", 3);
    portal.activity(&soren, ActivityStatus::Draft, "Webinar that is a draft", "2026-05-02", 3);
    let browser = portal.browser(&people.reviewer).await;
    for typed in
        ["soren", "AEGIR", "ægir", "s.aeg", "s.aegir@mail", "mail", "isp 100", "isp-100", "isp1", "sor aeg"]
    {
        let names = found(&browser, typed).await.texts("table th a");
        assert!(names.contains(&"Søren Ægir".to_owned()), "{typed}: {names:?}");
    }
    for typed in ["cloud", "threats clo", "unusual", "WEBINAR"] {
        let page = found(&browser, typed).await;
        assert_eq!(
            page.values("main a[href*='/activities/']", "href"),
            [format!("/staff/activities/{title}")],
            "{typed}"
        );
    }
    for typed in [
        "rita",
        "xyz",
        "draft",
        "cl",
        "oren",
        "\"",
        "*",
        "NEAR(a b)",
        "a OR b",
        "';--",
        "a:b",
        "^",
        "(",
        "💡",
    ] {
        let page = found(&browser, typed).await;
        assert!(!page.has("main table"), "{typed}: {}", page.words());
    }
    assert!(found(&browser, "").await.words().contains("A few letters are enough"));
    assert_eq!(found(&browser, "ownér").await.texts("table th a"), ["Olga Owner"]);
}

#[actix_web::test]
async fn what_is_found_follows_every_change() {
    let portal = TestPortal::new();
    let people = portal.people();
    let browser = portal.browser(&people.reviewer).await;
    let id = people.owner.id;
    behind_its_back(
        &portal,
        &format!(
            "UPDATE accounts SET name = 'Nele New', name_fold = 'nele new', email_norm = 'n@x.test' WHERE id = {id}"
        ),
    );
    assert!(!found(&browser, "olga").await.has("main table"));
    assert_eq!(found(&browser, "nele").await.texts("table th a"), ["Nele New"]);
    assert_eq!(found(&browser, "isp-100").await.texts("table th a"), ["Nele New"], "the number still finds");
    let report = portal.submitted(&people.owner, "A lecture", "2026-05-02", 1);
    behind_its_back(&portal, &format!("UPDATE activities SET title = 'A masterclass' WHERE id = {report}"));
    assert!(!found(&browser, "lecture").await.has("main table"));
    assert_eq!(found(&browser, "masterc").await.texts("table th a"), ["A masterclass"]);
    // the job takes it into the index, once; changes and later reports are found all the same
    let job = cpe_portal::jobs::TIMETABLE.iter().find(|job| job.name.code() == "search").unwrap();
    for _ in 0..2 {
        cpe_portal::jobs::tick(&portal, job, &|| false).unwrap();
        assert_eq!(found(&browser, "masterc").await.texts("table th a"), ["A masterclass"]);
    }
    behind_its_back(&portal, &format!("UPDATE activities SET title = 'A seminar' WHERE id = {report}"));
    assert!(!found(&browser, "masterc").await.has("main table"));
    assert_eq!(found(&browser, "semin").await.texts("table th a"), ["A seminar"]);
    portal.submitted(&people.owner, "Another séminaire", "2026-05-03", 1);
    assert_eq!(found(&browser, "semin").await.texts("table th a"), ["Another séminaire", "A seminar"]);
    assert_eq!(found(&browser, "another semin").await.texts("table th a"), ["Another séminaire"]);
    cpe_portal::jobs::tick(&portal, job, &|| false).unwrap();
    assert_eq!(found(&browser, "semin").await.texts("table th a"), ["Another séminaire", "A seminar"]);
    // staff who hold a certificate are holders, too
    assert!(!found(&browser, "rita").await.has("main table"));
    portal.certificate(&people.reviewer, "ISP", "ISP-9", "2026-03-15");
    assert_eq!(found(&browser, "rita").await.texts("table th a"), ["Rita Reviewer"]);
}

#[actix_web::test]
async fn the_search_box_stands_on_staff_pages_only_and_answers_while_typing() {
    let portal = TestPortal::new();
    let people = portal.people();
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/review").await.expect(200);
    assert_eq!(page.values("header form[role=search]", "action"), ["/staff/search"]);
    assert!(!portal.browser(&people.owner).await.get("/dashboard").await.has("header form[role=search]"));
    let list = reviewer.get("/staff/search/suggestions?q=stan").await.expect(200);
    assert_eq!(list.values("[data-found]", "data-found"), ["1"]);
    assert!(list.html().contains("EHP-2002") && !list.html().contains("<html"), "{}", list.html());
    let none = reviewer.get("/staff/search/suggestions?q=zzz").await.expect(200);
    assert!(none.html().contains("Nothing begins like that."));
}

#[actix_web::test]
async fn holders_are_sorted_by_any_column_and_cut_down_and_the_address_says_so() {
    let portal = TestPortal::new();
    let people = portal.people();
    for n in 0..60 {
        portal.holder(&format!("h{:02}@people.test", 59 - n), &format!("Holder {n:02}"));
    }
    let reviewer = portal.browser(&people.reviewer).await;
    let names = |page: &Page| page.texts("tbody th a");
    for (sort, first, then) in [
        ("name", "Holder 00", "Holder 50"),
        ("-name", "Stan Stranger", "Holder 11"),
        ("address", "Holder 59", "Holder 09"),
        ("-added", "Holder 59", "Holder 09"),
        ("nonsense", "Holder 00", "Holder 50"),
    ] {
        let page = reviewer.get(&format!("/staff/holders?sort={sort}")).await.expect(200);
        assert_eq!(names(&page)[0], first, "{sort}");
        let next = page.values(".pagination [rel=next]", "href").remove(0);
        let second = reviewer.get(&next).await.expect(200);
        assert_eq!(names(&second)[0], then, "{sort}");
        let back = second.values(".pagination [rel=prev]", "href").remove(0);
        assert_eq!(names(&reviewer.get(&back).await), names(&page), "{sort}, back again");
    }
    let page = reviewer.get("/staff/holders?sort=-address").await.expect(200);
    assert_eq!(page.values("th[aria-sort]", "aria-sort"), ["descending"]);
    let certification =
        portal.texts("SELECT id || '' AS text FROM certifications WHERE code = 'EHP'").remove(0);
    let page =
        reviewer.get(&format!("/staff/holders?certification={certification}&sort=added")).await.expect(200);
    assert_eq!(names(&page), ["Stan Stranger"]);
    assert!(page.values("thead a", "href").iter().all(|href| href.contains("certification=")));
    portal.set_password(&people.owner, "a long password for a test");
    let page = reviewer.get("/staff/holders?state=new&q=people").await.expect(200);
    assert!(!names(&page).contains(&"Olga Owner".to_owned()) && !names(&page).is_empty());
    let page = reviewer.get("/staff/holders?state=closed").await.expect(200);
    assert!(page.words().contains("Nobody found"));
    portal.account("x@people.test", "X", Role::Administrator);
    assert!(!reviewer.get("/staff/holders?q=x@").await.has("tbody"));
}

#[actix_web::test]
async fn a_whole_number_or_address_leads_straight_to_what_it_names_however_it_is_typed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let parts = portal.certificate(&people.owner, "DPP", "DPP-2024/0017.B", "2026-03-15");
    let browser = portal.browser(&people.reviewer).await;
    let goes = async |typed: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", typed).finish();
        browser.get(&format!("/staff/search?{query}")).await.location()
    };
    let own = Some(format!("/staff/certificates/{}", people.owner_certificate));
    for typed in ["ISP-1001", "isp-1001", "isp1001", " ISP 1001 ", "Isp_1001"] {
        assert_eq!(goes(typed).await, own, "{typed}");
    }
    assert_eq!(goes("dpp 2024 0017b").await, Some(format!("/staff/certificates/{parts}")));
    let holder = Some(format!("/staff/holders/{}", people.owner.id));
    assert_eq!(goes("Owner@People.test").await, holder);
    // a beginning, a member of staff without a certificate, nothing at all
    for typed in ["ISP-100", "isp-10010", "owner@people.tes", "reviewer@people.test", "-", ""] {
        assert_eq!(goes(typed).await, None, "{typed}");
    }
    // two that differ only in what sets their parts apart: the one that is typed exactly, otherwise the list
    let twin = portal.certificate(&people.stranger, "ISP", "ISP1001", "2026-03-15");
    assert_eq!(goes("isp-1001").await, own);
    assert_eq!(goes("isp1001").await, Some(format!("/staff/certificates/{twin}")));
    assert_eq!(found(&browser, "isp.1001").await.texts("table th a"), ["Olga Owner", "Stan Stranger"]);
}

#[actix_web::test]
async fn suggestions_put_reports_of_one_title_into_one_line() {
    let portal = TestPortal::new();
    let people = portal.people();
    for n in 1..=9 {
        portal.submitted(
            &people.owner,
            if n % 2 == 0 { "120 articles" } else { "120  Articles" },
            "2026-05-02",
            n,
        );
    }
    portal.submitted(&people.stranger, "120 pages of law", "2026-05-02", 1);
    let browser = portal.browser(&people.reviewer).await;
    let list = browser.get("/staff/search/suggestions?q=120").await.expect(200);
    assert_eq!(list.values("[data-found]", "data-found"), ["2"], "{}", list.html());
    assert_eq!(list.texts("b"), ["120 pages of law", "120 Articles"]);
    assert!(list.html().contains("9 reports, the latest by Olga Owner"), "{}", list.html());
    assert_eq!(list.texts(".found-head"), ["Reports"]);
}

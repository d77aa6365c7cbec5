//! The queue with a report beside it: reading there claims nothing, and a verdict given there comes back there.

use actix_web::test::TestRequest;
use cpe_portal::domain::ids::ActivityId;
use cpe_portal::store::activities::evidence::{self, NewEvidence};

use super::verdict;
use crate::support::{Browser, Page, TestPortal};
use crate::timetable::body::{behind_its_back, texts};

fn claims(portal: &TestPortal) -> usize {
    texts(portal, "SELECT 'claim' AS text FROM review_claims").len()
}

/// What the script of the page asks for.
async fn read(browser: &Browser, path: &str) -> Page {
    let request = TestRequest::get()
        .insert_header(("host", "portal.test"))
        .insert_header(("x-requested-with", "split"))
        .insert_header(("accept", "*/*"));
    browser.send(path, request).await
}

/// What the script of the page sends when somebody begins to judge.
async fn begin(browser: &Browser, id: ActivityId) -> Page {
    let token = browser.token().await;
    let request = TestRequest::post()
        .insert_header(("host", "portal.test"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header(("x-requested-with", "claim"))
        .set_form([("csrf_token", token)]);
    browser.send(&format!("/staff/activities/{id}/claim?waiting=14&beside=1"), request).await
}

/// Sends a verdict as the form beside the list does.
async fn judge(browser: &Browser, page: &Page, fields: &[(&str, &str)]) -> Page {
    let path = page.values(".pane form[data-switch]", "action").remove(0);
    let version = page.values(".pane form[data-switch] input[name=version]", "value").remove(0);
    let mut all = vec![("version", version.as_str())];
    all.extend_from_slice(fields);
    browser.post(&path, &all).await
}

#[actix_web::test]
async fn a_report_is_read_beside_the_list_without_being_claimed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let first = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let second = portal.submitted(&people.stranger, "A lecture", "2026-05-03", 2);
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;

    let list = rita.get("/staff/review").await.expect(200);
    assert!(list.has(".pane .empty") && !list.has("#decide"), "nothing is chosen yet");
    let here = list.values("tbody .beside a", "href");
    assert_eq!(here, [first, second].map(|id| format!("/staff/review?report={id}")));
    let page = rita.get(&here[0]).await.expect(200);
    assert_eq!((page.text("h1"), page.text(".pane h2")), ("Review".to_owned(), "A seminar".to_owned()));
    assert!(page.has(".pane #decide") && page.has(".pane .outcomes"));
    assert!(page.text(".outcomes").starts_with("Gives 3, needs 20 →"), "{}", page.text(".outcomes"));
    assert_eq!(page.values("tbody tr[aria-current]", "data-report"), [first.to_string()]);
    assert_eq!(page.texts("tbody th a"), ["A seminar", "A lecture"]);
    assert!(page.header("content-security-policy").unwrap().contains("frame-src 'self'"));

    // the script reads the same, and only the script does
    let fragment = page.values("tbody tr", "data-fragment").remove(1);
    let part = read(&rita, &fragment).await.expect(200);
    assert_eq!(part.text("h2"), "A lecture");
    assert!(part.has("#decide") && !part.has("html > head > title"));
    let plain = rita.get(&fragment).await.expect(303);
    assert_eq!(plain.location(), Some(format!("/staff/review?report={second}")));

    assert_eq!(claims(&portal), 0);
    assert!(!ada.get("/staff/review").await.words().contains("is reading it"));
    rita.get("/staff/review?report=999").await.expect(200);
    read(&rita, "/staff/activities/999/reading").await.expect(404);

    // opened on its own page it is claimed as ever, and who reads it beside the list is told
    ada.get(&format!("/staff/activities/{first}")).await.expect(200);
    assert_eq!(claims(&portal), 1);
    let told = "Ada Administrator has been reading this report since 10:00";
    let page = rita.get(&here[0]).await.expect(200);
    assert!(page.text(".pane .notice.warning").starts_with(told), "{}", page.words());
    assert_eq!(
        page.values(".pane .notice form", "action"),
        [format!("/staff/activities/{first}/claim?beside=1")]
    );
}

#[actix_web::test]
async fn who_begins_to_judge_beside_the_list_claims_the_report_and_hears_who_reads_it_already() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;
    assert_eq!(begin(&rita, id).await.expect(200).html().trim(), "", "it is hers now");
    assert_eq!(claims(&portal), 1);
    assert!(ada.get("/staff/review").await.words().contains("Rita Reviewer is reading it"));
    let notice = begin(&ada, id).await.expect(200);
    assert_eq!(notice.text(".notice-title"), "Rita Reviewer has been reading this report since 10:00");
    assert_eq!(
        notice.values("form", "action"),
        [format!("/staff/activities/{id}/claim?waiting=14&beside=1")],
        "and comes back to the same part of the queue"
    );
    let path = notice.values("form", "action").remove(0);
    let taken = ada.post(&path, &[("take_over", "1")]).await.expect(303);
    assert_eq!(taken.location(), Some(format!("/staff/review?waiting=14&report={id}")));
    assert!(!ada.follow(taken).await.words().contains("has been reading this report"));
}

#[actix_web::test]
async fn a_verdict_given_beside_the_list_leads_to_the_next_report_there_with_filter_and_undo() {
    let portal = TestPortal::with(|settings| settings.undo_seconds = Some("60".to_owned()));
    let people = portal.people();
    let old = portal.submitted(&people.owner, "An old R&D report, 100%+", "2026-05-02", 3);
    let older = portal.submitted(&people.stranger, "Another old report", "2026-05-02", 3);
    behind_its_back(&portal, "UPDATE activities SET waiting_since = '2026-11-01 10:00:00'");
    portal.submitted(&people.owner, "A new report", "2026-05-03", 3);
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get(&format!("/staff/review?waiting=14&report={old}")).await.expect(200);
    assert_eq!(page.texts("tbody th a"), ["An old R&D report, 100%+", "Another old report"]);
    let answer = judge(&rita, &page, &[("decision", "approve")]).await.expect(303);
    assert_eq!(answer.location(), Some(format!("/staff/review?waiting=14&report={older}")));
    let page = rita.follow(answer).await;
    let told = page.text(".notice[role=status]");
    assert!(told.starts_with("Approved “An old R&D report, 100%+”, 3 credits."), "{told}");
    assert!(told.contains("This is the next report in the queue."), "{told}");
    assert_eq!(page.text(".pane h2"), "Another old report");
    assert_eq!(
        page.values(".notice[role=status] a", "href"),
        [format!("/staff/review?waiting=14&report={old}")]
    );

    // undone, it stands there again
    let undo = page.values("form[data-undo]", "action").remove(0);
    let answer = rita.post(&undo, &[]).await.expect(303);
    assert_eq!(answer.location(), Some(format!("/staff/review?waiting=14&report={old}")));
    let page = rita.follow(answer).await;
    assert_eq!(page.text(".pane h2"), "An old R&D report, 100%+");

    // the last one leads to the list
    let next = rita.follow(judge(&rita, &page, &[("decision", "approve")]).await).await;
    let end = judge(&rita, &next, &[("decision", "approve")]).await.expect(303);
    assert_eq!(end.location().as_deref(), Some("/staff/review?waiting=14"));
    let page = rita.follow(end).await;
    assert!(page.words().contains("Nothing else is waiting for you."), "{}", page.words());
    assert!(page.words().contains("Nothing waiting matches this choice"));
}

#[actix_web::test]
async fn a_verdict_that_has_something_to_mend_keeps_what_was_typed_beside_the_list() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    portal.submitted(&people.owner, "A lecture", "2026-05-03", 3);
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get(&format!("/staff/review?sort=by-title&report={id}")).await.expect(200);
    let typed = [("decision", "return"), ("reason", "What was it about?")];
    let page = judge(&rita, &page, &typed).await.expect(422);
    assert_eq!(page.text("h1"), "Review");
    assert_eq!(page.texts("tbody th a"), ["A lecture", "A seminar"], "in the same order");
    assert!(page.text("title").starts_with("Error: ") && page.has(".error-summary a[href='#reason_code']"));
    assert_eq!(page.text(".pane #reason"), "What was it about?");
    assert_eq!(page.values(".pane [name=decision][checked]", "value"), ["return"]);
    assert_eq!(page.error("reason_code"), "Error: Choose a reason.");

    // ticks, too
    let page = rita.post(&format!("/staff/review?report={id}"), &[]).await.expect(422);
    assert!(page.has("#queue-error") && page.text(".pane h2") == "A seminar");

    // prepared words and another file are links to the same place
    let page = rita.get(&format!("/staff/review?needed=1&report={id}")).await.expect(200);
    let links = page.values(".pane [data-prepared] a[href*=reason_code]", "href");
    let asked = links.iter().find(|link| link.contains("decision=return&reason_code=wrong_date")).unwrap();
    assert!(asked.starts_with(&format!("/staff/review?needed=1&report={id}&decision=")), "{asked}");
    let page = rita.get(asked.trim_end_matches("#reason")).await.expect(200);
    assert!(page.text(".pane #reason").contains("check the day"), "{}", page.text(".pane #reason"));
}

#[actix_web::test]
async fn of_two_at_once_the_second_goes_back_to_the_list() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let other = portal.submitted(&people.owner, "A lecture", "2026-05-03", 3);
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;
    let page = ada.get(&format!("/staff/review?report={id}")).await.expect(200);
    verdict(&rita, id, &[("decision", "approve")]).await.expect(303);
    let page = judge(&ada, &page, &[("decision", "approve")]).await.expect(409);
    assert_eq!(page.values("main .actions a.button", "href"), [format!("/staff/review?report={id}")]);
    let next = page.values("main .actions a:not(.button)", "href").remove(0);
    let answer = ada.get(&next).await.expect(303);
    assert_eq!(answer.location(), Some(format!("/staff/review?report={other}")));
    let page = ada.get(&format!("/staff/review?report={id}")).await.expect(200);
    assert!(page.text(".pane .verdict").contains("nothing to decide now"), "{}", page.words());
}

#[actix_web::test]
async fn the_page_of_the_list_survives_a_verdict_and_turns_where_the_next_report_is_elsewhere() {
    let portal = TestPortal::new();
    let people = portal.people();
    let ids: Vec<ActivityId> = (0..30)
        .map(|n| portal.submitted(&people.owner, &format!("Course {n:02}"), "2026-05-02", 1))
        .collect();
    let rita = portal.browser(&people.reviewer).await;
    let titles = |page: &Page| page.texts("tbody th a");

    // the usual order: the address of a page is the place after which it begins
    let page = rita.get("/staff/review").await.expect(200);
    let second = page.values(".pagination [rel=next]", "href").remove(0);
    let page = rita.get(&second).await.expect(200);
    assert_eq!(titles(&page), ["Course 25", "Course 26", "Course 27", "Course 28", "Course 29"]);
    let page = rita.get(&page.values("tbody .beside a", "href")[0]).await.expect(200);
    assert_eq!((page.text(".pane h2").as_str(), titles(&page).len()), ("Course 25", 5));
    let page = rita.follow(judge(&rita, &page, &[("decision", "approve")]).await.expect(303)).await;
    assert_eq!(page.text(".pane h2"), "Course 26");
    assert_eq!(titles(&page), ["Course 26", "Course 27", "Course 28", "Course 29"], "the same page");
    // after the last one the queue begins again, and so does the list
    let last = format!("{}&report={}", second, ids[29]);
    let page = rita.get(&last).await.expect(200);
    let page = rita.follow(judge(&rita, &page, &[("decision", "approve")]).await.expect(303)).await;
    assert_eq!(page.text(".pane h2"), "Course 00");
    assert_eq!((titles(&page)[0].as_str(), titles(&page).len()), ("Course 00", 25));
    // a report that stands further down brings its page with it
    let page = rita.get(&format!("/staff/review?report={}", ids[27])).await.expect(200);
    assert_eq!(titles(&page), ["Course 27", "Course 28"]);
    assert_eq!(page.values("tbody tr[aria-current]", "data-report"), [ids[27].to_string()]);

    // and any other order
    let page = rita.get("/staff/review?sort=-by-title&page=2").await.expect(200);
    assert_eq!(titles(&page), ["Course 02", "Course 01", "Course 00"]);
    let page = rita.get(&page.values("tbody .beside a", "href")[0]).await.expect(200);
    let page = rita.follow(judge(&rita, &page, &[("decision", "approve")]).await.expect(303)).await;
    assert_eq!(
        (page.text(".pane h2").as_str(), titles(&page)),
        ("Course 01", vec!["Course 01".to_owned(), "Course 00".to_owned()])
    );
    let page = rita.get(&format!("/staff/review?sort=-by-title&report={}", ids[0])).await.expect(200);
    assert_eq!(titles(&page), ["Course 01", "Course 00"]);
}

#[actix_web::test]
async fn a_small_file_is_marked_to_be_fetched_ahead_and_kept_by_a_reviewers_browser_alone() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let stored = portal.files.store(b"%PDF-1.4 a badge").unwrap();
    let now = portal.clock.now();
    let new = NewEvidence {
        holder: people.owner.id,
        activity: Some(id),
        sha256: &stored.sha256,
        name: "badge.pdf",
        media_type: "application/pdf",
        bytes: 16,
    };
    let file = portal.store.write(|conn| evidence::add(conn, &new, now)).unwrap();
    let rita = portal.browser(&people.reviewer).await;
    let fragment = format!("/staff/activities/{id}/reading");
    let ahead = || async { read(&rita, &fragment).await.expect(200).values("[data-ahead]", "data-ahead") };
    let view = format!("/evidence/{file}/view");
    assert_eq!(ahead().await, std::slice::from_ref(&view));
    let kept = |page: Page| page.header("cache-control").unwrap();
    assert_eq!(kept(rita.get(&view).await.expect(200)), "private, max-age=120");
    let vary = rita.get(&view).await.header("vary").unwrap_or_default();
    assert!(vary.to_lowercase().contains("cookie"), "nobody who signs in next is shown it: {vary}");
    let owner = portal.browser(&people.owner).await;
    assert_eq!(kept(owner.get(&view).await.expect(200)), "private, no-store");
    assert_eq!(kept(rita.get(&format!("/evidence/{file}")).await.expect(200)), "private, no-store");
    behind_its_back(&portal, &format!("UPDATE evidence SET bytes = 5000001 WHERE id = {file}"));
    assert!(ahead().await.is_empty(), "what is large is fetched when it is asked for");
}

//! The report to the board: every figure against a body that is small enough to count by hand, and the list that each leads to.

use std::io::{Cursor, Read};

use cpe_portal::actions::overview::board::{board_report, count_for_board};
use cpe_portal::domain::board_figure::{BoardFigure, within};
use cpe_portal::domain::roles::Role;

use super::{decision, verdict};
use crate::demo::filled;
use crate::support::{Browser, Page, People, TestPortal, day};
use crate::timetable::body::{approved, behind_its_back, practitioner, run_on, texts};

/// Years that ended in 2026: Rita and Karl recertified, Wim waived, Dora decertified, Ester extended and open, Nora flagged. Rick was
/// recertified in 2025. All are practitioners of information security.
async fn body(portal: &TestPortal, people: &People) {
    portal.clock.set_local(day("2024-03-01"), 9);
    let (rick, _) = practitioner(portal, "Rick", "2024-03-01");
    approved(portal, &rick, "2024-06-01", 20);
    portal.clock.set_local(day("2025-03-06"), 9);
    let (rita, _) = practitioner(portal, "Rita", "2025-03-01");
    approved(portal, &rita, "2025-06-01", 20);
    let (karl, _) = practitioner(portal, "Karl", "2025-03-02");
    approved(portal, &karl, "2025-06-01", 25);
    let (_, wim) = practitioner(portal, "Wim", "2025-03-03");
    let (_, dora) = practitioner(portal, "Dora", "2025-03-04");
    let (_, ester) = practitioner(portal, "Ester", "2025-03-05");
    practitioner(portal, "Nora", "2025-03-06");
    // Rick has nothing for his second year: it ends on the last day of February 2026
    approved(portal, &rick, "2025-06-02", 20);
    run_on(portal, "2025-03-07");
    run_on(portal, "2026-03-01");
    let administrator = portal.browser(&people.administrator).await;
    let words = [("year", "1"), ("reason", "A year abroad."), ("until", "2026-12-01")];
    decision(&administrator, ester, "extension", &words).await.expect(303);
    run_on(portal, "2026-03-10");
    portal.clock.set_local(day("2026-04-01"), 10);
    let administrator = portal.browser(&people.administrator).await;
    let words = [("reason", "It was an illness.")];
    decision(&administrator, wim, "waiver", &words).await.expect(303);
    decision(&administrator, dora, "decertification", &words).await.expect(303);
}

/// The cells of the last row of the years' table: what is shown, and for the year before.
fn whole(page: &Page) -> Vec<String> {
    page.texts("tr.whole td")
}

async fn rows(browser: &Browser, address: &str) -> Vec<String> {
    browser.get(address).await.expect(200).texts("tbody th a[href^='/staff/holders/']")
}

#[actix_web::test]
async fn every_figure_of_the_board_is_the_number_of_rows_in_its_list() {
    let portal = TestPortal::new();
    let people = portal.people();
    body(&portal, &people).await;
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/board?year=2026").await.expect(200);
    assert!(page.words().contains("Today nothing waits for review."), "{}", page.words());
    let expected = [
        // Rick's second year, Rita, Karl
        ("Recertified", "3", vec!["Rick", "Rita", "Karl"]),
        ("Waived", "1", vec!["Wim"]),
        ("Decertified", "1", vec!["Dora"]),
        ("Not settled yet", "2", vec!["Ester", "Nora"]),
        ("Deadline extended", "1", vec!["Ester"]),
    ];
    for (label, figure, names) in expected {
        let cell = format!("tr.whole td[data-label='{label}'] a");
        assert!(page.text(&cell).starts_with(figure), "{label}: {}", page.text(&cell));
        let [address] = &page.values(&cell, "href")[..] else { panic!("{label} leads nowhere") };
        assert_eq!(rows(&reviewer, address).await, names, "{label}");
        // the same of the level and of the field, and nothing of another one
        for (of, found) in
            [("level-practitioner", names.len()), ("field-1", names.len()), ("level-expert", 0)]
        {
            let listed = rows(&reviewer, &format!("{address}&of={of}")).await;
            assert_eq!(listed.len(), found, "{label} of {of}");
        }
    }
    let recertified = page.text("tr.whole td[data-label='Recertified']");
    assert!(recertified.contains("2025: 1"), "Rick's first year: {recertified}");
    assert_eq!(
        page.texts("table.board tbody th"),
        ["Practitioner", "All"],
        "levels without years are left out"
    );
    let fields = reviewer.get("/staff/board?year=2026&by=by-field").await.expect(200);
    assert_eq!(whole(&fields), whole(&page));
    let certifications = reviewer.get("/staff/board?year=2026&by=by-certification").await.expect(200);
    assert!(certifications.texts("table.board tbody th")[0].starts_with("ISP, "));
    assert_eq!(whole(&certifications), whole(&page));
}

#[actix_web::test]
async fn those_at_risk_are_counted_as_their_list_has_them() {
    let portal = TestPortal::new();
    let people = portal.people();
    body(&portal, &people).await;
    // Ester's deadline of 1 December is near, and nothing is reported
    portal.clock.set_local(day("2026-11-01"), 10);
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/board").await.expect(200);
    let cell = "table.board tbody tr:first-child td[data-label='At risk now'] a";
    assert!(page.text(cell).starts_with('1'), "{}", page.words());
    let [address] = &page.values(cell, "href")[..] else { panic!("no list") };
    assert_eq!(address, "/staff/at-risk?of=level-practitioner");
    assert_eq!(rows(&reviewer, address).await, ["Ester"]);
    assert!(rows(&reviewer, "/staff/at-risk?of=level-expert").await.is_empty());
    assert_eq!(rows(&reviewer, "/staff/at-risk?of=nonsense").await, ["Ester"], "which is no group");
    let before = reviewer.get("/staff/board?year=2025").await.expect(200);
    assert_eq!(before.text("tr.whole td[data-label='At risk now']"), "–");
}

#[actix_web::test]
async fn reminders_are_counted_with_what_followed_within_14_days() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (prompt, _) = practitioner(&portal, "Prompt", "2025-12-01");
    let (late, _) = practitioner(&portal, "Late", "2025-12-01");
    practitioner(&portal, "Silent", "2025-12-01");
    run_on(&portal, "2026-09-02");
    let sent = texts(
        &portal,
        "SELECT holder_id AS text FROM mails JOIN certificates ON holder_id = account_id WHERE kind = 'reminder'",
    );
    assert_eq!(sent.len(), 3, "one stage for each");
    portal.clock.set_local(day("2026-09-10"), 10);
    let report = portal.submitted(&prompt, "A seminar of two days", "2026-09-09", 20);
    portal.clock.set_local(day("2026-09-12"), 10);
    let reviewer = portal.browser(&people.reviewer).await;
    verdict(&reviewer, report, &[("decision", "approve")]).await.expect(303);
    // a day too late
    portal.clock.set_local(day("2026-09-17"), 10);
    portal.submitted(&late, "A seminar of two days", "2026-09-15", 20);

    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/board").await.expect(200);
    let waiting = "Today 1 report waits for review, since 17 September 2026. See the queue";
    assert!(page.words().contains(waiting), "{}", page.words());
    for (label, figure, code, names) in [
        ("Reminders sent", 3, BoardFigure::Reminded, vec!["Prompt", "Late", "Silent"]),
        ("Followed by a report", 1, BoardFigure::Reported, vec!["Prompt"]),
        ("Followed by the minimum", 1, BoardFigure::Reached, vec!["Prompt"]),
    ] {
        let report = board_report(&portal).unwrap();
        assert_eq!(report.figures.of(2026, None, code), figure, "{label}");
        assert!(page.words().contains(label));
        let address = format!("/staff/board/reminders?year=2026&figure={}", code.code());
        assert_eq!(page.values(&format!("a[href='{address}']"), "href").len(), 1, "{label}");
        assert_eq!(rows(&reviewer, &address).await, names, "{label}");
    }
}

#[actix_web::test]
async fn the_time_of_review_leaves_out_what_was_the_holders_turn_and_what_was_imported_decided() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, _) = practitioner(&portal, "Hilde", "2026-01-01");
    approved(&portal, &holder, "2026-02-01", 3);
    let mut reports = Vec::new();
    for number in 1..=10_i64 {
        portal.clock.set_local(day("2026-05-01"), 8);
        reports.push(portal.submitted(
            &holder,
            &format!("Lecture {number} of the spring"),
            "2026-04-01",
            number,
        ));
    }
    for (days, report) in (1..).zip(&reports) {
        portal.clock.set_local(day(&format!("2026-05-{:02}", 1 + days)), 8);
        let reviewer = portal.browser(&people.reviewer).await;
        verdict(&reviewer, *report, &[("decision", "approve")]).await.expect(303);
    }
    let report = board_report(&portal).unwrap();
    let of = |figure| report.figures.of(2026, None, figure);
    let in_days = |figure| of(figure) / (24 * 60);
    assert_eq!(of(BoardFigure::Decided), 10, "and not what the import brought");
    assert_eq!((in_days(BoardFigure::HalfDecided), in_days(BoardFigure::MostDecided)), (5, 9));
    let page = portal.browser(&people.reviewer).await.get("/staff/board").await.expect(200);
    assert!(page.words().contains("Half of them within5 days"), "{}", page.words());
    assert!(page.words().contains("Nine of ten within9 days"), "{}", page.words());
}

#[test]
fn the_middle_and_nine_of_ten_of_some_values() {
    let ten: Vec<i64> = (1..=10).collect();
    for (values, half, most) in [
        (&[][..], None, None),
        (&[7][..], Some(7), Some(7)),
        (&[1, 9][..], Some(1), Some(9)),
        (&[1, 2, 3][..], Some(2), Some(3)),
        (&ten[..], Some(5), Some(9)),
    ] {
        assert_eq!((within(values, 5), within(values, 9)), (half, most), "{values:?}");
    }
}

#[actix_web::test]
async fn the_workbook_has_the_figures_of_the_page_and_no_names() {
    let portal = TestPortal::new();
    let people = portal.people();
    body(&portal, &people).await;
    let reviewer = portal.browser(&people.reviewer).await;
    let file = reviewer.get("/staff/board/figures.xlsx?year=2026").await.expect(200);
    assert!(file.header("content-disposition").unwrap().contains("board-2026.xlsx"));
    let mut archive = zip::ZipArchive::new(Cursor::new(file.bytes.clone())).unwrap();
    let mut words = String::new();
    for index in 0..archive.len() {
        archive.by_index(index).unwrap().read_to_string(&mut words).unwrap();
    }
    assert!(words.contains("Years recertified") && words.contains("Information Security Practitioner"));
    for name in ["Rita", "Dora", "@"] {
        assert!(!words.contains(name), "{name}");
    }
}

#[actix_web::test]
async fn of_a_large_body_the_night_counts_what_a_small_one_counts_at_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    body(&portal, &people).await;
    let now = board_report(&portal).unwrap();
    assert!(count_for_board(&portal, &mut || false).unwrap(), "so few are never counted at night");
    // drafts, which change no figure, but are too many to look through while somebody waits
    behind_its_back(
        &portal,
        &format!(
            "WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 100000) \
             INSERT INTO activities (holder_id, status, title, organiser, publication, publication_fold, relevance, \
             not_regular_job, created_at, updated_at) SELECT {}, 'draft', 'One of many', '', '', '', '', 0, \
             '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM many",
            people.owner.id
        ),
    );
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/board").await.expect(200);
    assert!(page.words().contains("They are counted every night."), "{}", page.words());
    assert!(!count_for_board(&portal, &mut || false).unwrap(), "stopped");
    assert!(board_report(&portal).unwrap().not_counted);
    assert!(count_for_board(&portal, &mut || true).unwrap());
    let kept = board_report(&portal).unwrap();
    assert_eq!(kept.figures, now.figures);
    assert_eq!(kept.counted_on, Some(day("2026-04-01")));
    let page = reviewer.get("/staff/board").await.expect(200);
    assert!(page.words().contains("Counted on 1 April 2026."), "{}", page.words());
}

#[actix_web::test]
async fn nonsense_in_the_address_shows_the_present_year_or_is_not_found() {
    let portal = TestPortal::new();
    let people = portal.people();
    let reviewer = portal.browser(&people.reviewer).await;
    for query in ["year=x", "year=999999999999", "year=1", "by=shoe-size", "year=-5&by="] {
        let page = reviewer.get(&format!("/staff/board?{query}")).await.expect(200);
        assert!(page.words().contains("so far"), "{query}");
    }
    for address in [
        "/staff/board/years",
        "/staff/board/years?figure=reports-decided",
        "/staff/board/reminders?figure=years-waived",
        "/staff/board/appeals?figure=years-waived",
        "/staff/board/appeals?figure=nonsense",
    ] {
        reviewer.get(address).await.expect(404);
    }
    reviewer.get("/staff/board/years?figure=years-waived&after=nonsense").await.expect(200);
    reviewer.get("/staff/board/reminders?figure=reminders-sent&after=nonsense").await.expect(200);
    reviewer.get("/staff/board/reports?year=x&after=nonsense").await.expect(200);
    reviewer.get("/staff/board/appeals?year=-1&before=nonsense").await.expect(200);
}

/// Rows of a list, through all of its pages.
async fn all_rows(browser: &Browser, address: &str) -> usize {
    let (mut rows, mut next) = (0, Some(address.to_owned()));
    while let Some(address) = next {
        let page = browser.get(&address).await.expect(200);
        rows += page.texts("tbody tr").len();
        next = page.values(".pagination a[rel=next]", "href").pop();
    }
    rows
}

/// Every figure of a page that leads somewhere: what is heard of the link, and its list. Each has as many rows as it counts.
async fn lists_agree(browser: &Browser, address: &str) -> Vec<String> {
    let page = browser.get(address).await.expect(200);
    let links = "table td.number a";
    let heard = page.texts(links);
    for (figure, list) in heard.iter().zip(page.values(links, "href")) {
        let amount: usize = figure.split_whitespace().next().unwrap().parse().unwrap();
        assert_eq!(all_rows(browser, &list).await, amount, "{address}: {figure} leads to {list}");
    }
    heard
}

#[actix_web::test]
async fn every_figure_of_the_demonstration_leads_to_as_many_rows_as_it_counts() {
    let (data, sign_ins) = filled("2026-11-23", 60);
    let browser = Browser::new(&data.portal).await;
    let reviewer = sign_ins.iter().find(|one| one.role == Role::Reviewer).unwrap();
    let fields = [("email", reviewer.email.as_str()), ("password", reviewer.password.as_str())];
    browser.post("/sign-in", &fields).await.expect(303);
    let years = browser.get("/staff/board").await.expect(200).values("#year option", "value");
    let mut heard = Vec::new();
    for year in &years {
        for by in ["by-level", "by-field", "by-certification"] {
            heard.extend(lists_agree(&browser, &format!("/staff/board?year={year}&by={by}")).await);
        }
    }
    for what in ["reports decided", "made", "recertified"] {
        assert!(heard.iter().any(|figure| figure.contains(what)), "no figure counts {what}: {heard:?}");
    }
}

#[actix_web::test]
async fn reports_belong_to_the_year_in_which_they_were_decided_and_fill_several_pages() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.clock.set_local(day("2026-01-05"), 8);
    let (holder, _) = practitioner(&portal, "Hilde", "2026-01-01");
    let reports: Vec<_> = (0..53)
        .map(|number| portal.submitted(&holder, &format!("Lecture {number}"), "2026-01-03", 1))
        .collect();
    // the first two within the last hour of the year, as the body counts it, and the others after it
    for (nth, report) in reports.iter().enumerate() {
        match nth {
            0 => portal.clock.set_local(day("2026-12-31"), 23),
            2 => portal.clock.set_local(day("2027-01-01"), 0),
            _ => portal.clock.advance(chrono::TimeDelta::minutes(1)),
        }
        let reviewer = portal.browser(&people.reviewer).await;
        let refusal =
            [("decision", "reject"), ("reason_code", "not_relevant"), ("reason", "It is about gardens.")];
        let words: &[(&str, &str)] = if nth % 2 == 0 { &[("decision", "approve")] } else { &refusal };
        verdict(&reviewer, *report, words).await.expect(303);
    }
    let reviewer = portal.browser(&people.reviewer).await;
    let page = reviewer.get("/staff/board?year=2026").await.expect(200);
    assert!(page.words().contains("Reports decided2 reports decided0"), "{}", page.words());
    lists_agree(&reviewer, "/staff/board?year=2026").await;
    lists_agree(&reviewer, "/staff/board?year=2027").await;
    let first = reviewer.get("/staff/board/reports?year=2027").await.expect(200);
    assert_eq!(first.text("h1"), "Reports decided in 2027");
    let row = first.texts("tbody tr").remove(0);
    assert!(row.contains("Lecture 2") && row.contains("Hilde") && row.contains("Approved"), "{row}");
    assert!(row.starts_with("1 January 2027, 00:00") && row.contains("days"), "{row}");
    let [next] = &first.values(".pagination a[rel=next]", "href")[..] else { panic!("one page only") };
    let second = reviewer.get(next).await.expect(200);
    assert_eq!(second.texts("tbody tr").len(), 1);
    let [back] = &second.values(".pagination a[rel=prev]", "href")[..] else { panic!("no way back") };
    assert_eq!(reviewer.get(back).await.expect(200).texts("tbody tr"), first.texts("tbody tr"));
}

#[test]
fn what_a_figure_counts_is_said_in_the_singular_of_one() {
    assert_eq!(BoardFigure::Appealed.counted(1), "appeal made");
    assert_eq!(BoardFigure::Appealed.counted(2), "appeals made");
    assert_eq!(BoardFigure::Decided.counted(0), "reports decided");
    for figure in BoardFigure::ALL {
        assert_ne!(figure.counted(1), figure.counted(2), "{figure:?}");
    }
}

use super::*;
use cpe_portal::domain::activities::activity::ActivityStatus;

#[actix_web::test]
async fn a_transcript_lists_what_was_reported_and_leaves_drafts_out() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.activity(&people.owner, ActivityStatus::Approved, "A talk", "2026-04-01", 2);
    portal.activity(&people.owner, ActivityStatus::Draft, "A draft", "2026-04-02", 2);
    let page = portal.browser(&people.owner).await.get("/transcript").await.expect(200);
    let words = page.words();
    assert!(words.contains("Olga Owner") && words.contains("ISP-1001") && words.contains("A talk"));
    assert!(!words.contains("A draft") && words.contains("1 report, 1 approved."), "{words}");
}

#[actix_web::test]
async fn the_table_cannot_run_formulas_and_survives_quotes_commas_and_lines() {
    let portal = TestPortal::new();
    let people = portal.people();
    let titles = ["=cmd|' /C calc'!A0", "+1", "-2", "@sum", "plain, \"quoted\"", "Größe 日本"];
    for title in titles {
        portal.activity(&people.owner, ActivityStatus::Approved, title, "2026-04-01", 2);
    }
    let page = portal.browser(&people.owner).await.get("/transcript.csv").await.expect(200);
    assert_eq!(page.header("content-type").unwrap(), "text/csv; charset=utf-8");
    assert!(
        page.header("content-disposition")
            .unwrap()
            .starts_with("attachment; filename=\"transcript-2026-11-23.csv\"")
    );
    let text = page.bytes.strip_prefix("\u{feff}".as_bytes()).expect("spreadsheets see that it is UTF-8");
    let mut table = csv::Reader::from_reader(text);
    let columns = table.headers().unwrap().clone();
    let place = |name: &str| columns.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), titles.len());
    for row in &rows {
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
        assert_eq!(&row[place("How much")], "2 hours");
        assert_eq!(&row[place("Credits counted")], "2.00");
        assert!(row[place("Counts for")].starts_with("ISP-1001: 2.00 (Year 1: 15 March 2026"));
    }
    let read: Vec<&str> = rows.iter().map(|row| &row[place("Title")]).collect();
    assert!(
        read.contains(&"'=cmd|' /C calc'!A0")
            && read.contains(&"plain, \"quoted\"")
            && read.contains(&"Größe 日本")
    );
}

#[actix_web::test]
async fn a_transcript_shows_each_certification_year_with_its_figures_and_one_of_them_alone() {
    let portal = TestPortal::new();
    let people = portal.people();
    // granted long ago: its years before the portal are settled before the takeover
    let flora = portal.holder("flora@people.test", "Flora");
    let isp = portal.certificate(&flora, "ISP", "ISP-77", "2024-06-01");
    portal.activity(&flora, ActivityStatus::Approved, "Course of this year", "2026-07-01", 4);
    portal.activity(&flora, ActivityStatus::Submitted, "Lecture of this year", "2026-08-01", 2);
    portal.activity(&flora, ActivityStatus::Rejected, "Gardening", "2026-08-02", 9);
    portal.activity(&flora, ActivityStatus::Approved, "Course of before", "2025-07-01", 8);
    let browser = portal.browser(&flora).await;
    let page = browser.get("/transcript").await.expect(200);
    let tables = page.texts("table");
    assert!(tables[0].contains("Year 31 June 2026 to 31 May 2027"), "{}", tables[0]);
    // of those there are no figures
    assert!(tables[0].contains("Years 1 to 2"), "{}", tables[0]);
    assert!(tables[0].contains("Settled before this portal"), "{}", tables[0]);
    let row = page.texts("table tbody tr").remove(0);
    assert!(row.contains("6.00") && row.contains("4.00") && row.contains("20.00"), "{row}");
    let total = page.text("tfoot");
    assert_eq!(
        total, "In total, without what was rejected or taken back14.0012.0012.00",
        "rejected reports earn nothing"
    );

    let address = format!("/transcript?year={isp}-3");
    assert_eq!(page.values("table tbody th a", "href").remove(0), address);
    let one = browser.get(&address).await.expect(200);
    assert_eq!(one.text("p.lead"), "Year 3 of ISP-77: 1 June 2026 to 31 May 2027");
    let words = one.words();
    assert!(words.contains("Course of this year") && !words.contains("Course of before"), "{words}");
    assert!(one.text("tfoot").ends_with("6.004.004.00"), "{}", one.text("tfoot"));
    let csv = one.values(".heading a[download]", "href").remove(0);
    let table = browser.get(&csv).await.expect(200);
    assert!(table.header("content-disposition").unwrap().contains("transcript-ISP-77-year-3.csv"));
    let text = String::from_utf8(table.bytes.to_vec()).unwrap();
    assert!(text.contains("Course of this year") && !text.contains("Course of before"), "{text}");
    assert!(
        text.contains("Attending") && text.contains("4 hours") && text.contains(",\"240\",\"minutes\","),
        "{text}"
    );

    // nobody's years but one's own, and nonsense is everything
    let stranger = portal.browser(&people.stranger).await;
    for year in [format!("{isp}-3"), format!("{isp}-99"), "x".to_owned(), "-".to_owned(), "9".repeat(60)] {
        let page = stranger.get(&format!("/transcript?year={year}")).await.expect(200);
        assert!(!page.words().contains("ISP-77"), "{}", page.words());
    }
    assert_eq!(browser.get(&format!("/transcript?year={isp}-99")).await.texts("tfoot"), [total]);
    let listed = browser.get(&format!("/activities?year={isp}-2")).await.expect(200);
    assert_eq!(listed.texts("tbody th a"), ["Course of before"]);
}

#[actix_web::test]
async fn the_credits_of_a_transcript_add_up_to_what_its_page_says() {
    let portal = TestPortal::new();
    let people = portal.people();
    let header = "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n";
    let rows: String = (0..60)
        .map(|n| format!("owner@people.test,unregistered,Podcast {n},X,information_security,,2026-05-0{},1,,approved\n", n % 9 + 1))
        .collect();
    let file = std::io::Cursor::new(format!("{header}{rows}"));
    let choices = cpe_portal::transfer::ImportChoices::default();
    let report =
        cpe_portal::transfer::activities::import_activities(&portal, file, None, &choices, &mut |_| {})
            .unwrap();
    assert_eq!(report.added, 60);
    let browser = portal.browser(&people.owner).await;
    assert!(browser.get("/transcript").await.text("tfoot").ends_with("20.0020.0020.00"));
    let page = browser.get("/transcript.csv").await.expect(200);
    let text = page.bytes.strip_prefix("\u{feff}".as_bytes()).unwrap();
    let mut table = csv::Reader::from_reader(text);
    let columns = table.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    for name in ["Credits reported", "Credits approved", "Credits counted"] {
        let place = columns.iter().position(|column| column == name).unwrap();
        let sum: f64 = rows.iter().map(|row| row[place].parse::<f64>().unwrap()).sum();
        assert!((20.0..20.000_001).contains(&sum), "{name}: {sum}");
    }
}

#[actix_web::test]
async fn a_long_transcript_shows_the_latest_and_is_listed_whole_to_be_printed() {
    let portal = TestPortal::new();
    let people = portal.people();
    for number in 1..=51 {
        let title = format!("Evening {number}");
        portal.activity(&people.owner, ActivityStatus::Approved, &title, "2026-04-01", 1);
    }
    let browser = portal.browser(&people.owner).await;
    let entries = |page: &Page| page.texts("tbody th a[href^='/activities/']").len();
    let page = browser.get("/transcript").await.expect(200);
    assert_eq!(entries(&page), 3);
    assert!(page.words().contains("51 reports, 51 approved."), "the sums are of all of them");
    assert!(page.text("tfoot").ends_with("51.0051.0051.00"), "{}", page.text("tfoot"));
    assert!(!page.has("[data-print]"), "half of it is not printed by mistake");
    let whole = page.values("a[href*='whole=1']", "href");
    assert_eq!(whole.len(), 2);
    let page = browser.get(&whole[0]).await.expect(200);
    assert_eq!(entries(&page), 51);
    assert!(page.has("[data-print]"));
}

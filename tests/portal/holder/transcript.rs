use super::*;
use cpe_portal::domain::activity::ActivityStatus;

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
    let mut table = csv::Reader::from_reader(page.bytes.as_slice());
    let columns = table.headers().unwrap().clone();
    let place = |name: &str| columns.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), titles.len());
    for row in &rows {
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
        assert_eq!(&row[place("quantity")], "2:00");
        assert_eq!(&row[place("credits_counted")], "2.00");
        assert!(row[place("counts_for")].starts_with("ISP-1001: 2.00 (Year 1: 15 March 2026"));
    }
    let read: Vec<&str> = rows.iter().map(|row| &row[place("title")]).collect();
    assert!(
        read.contains(&"'=cmd|' /C calc'!A0")
            && read.contains(&"plain, \"quoted\"")
            && read.contains(&"Größe 日本")
    );
}

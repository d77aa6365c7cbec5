use std::io::Cursor;

use cpe_portal::transfer::export::{Subject, export, export_file};
use cpe_portal::transfer::sheet::Format;

use super::support::{TestData, counts, reasons};

const HOLDERS: &str = "email,name,certification,certificate_number,granted_on\r\n\
    anna@example.org,Zoë Ångström,ISP,A 1,2024-03-01\r\n\
    +bo@example.org,=HYPERLINK(1),CISO,@B,2026-11-23\r\n\
    +bo@example.org,=HYPERLINK(1),ISF,'=C,2020-02-29\r\n";
const ACTIVITIES: &str = "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status,awarded\r\n\
    anna@example.org,attending,\"Talk, \"\"loud\"\"\",ACM,information_security,2026-05-01,2026-05-03,2:30,,approved,1:00\r\n\
    anna@example.org,writing,-Article,=cmd|x,it_security,2026-05-05,2026-05-05,4,+My Book,submitted,\r\n\
    +bo@example.org,reading,本,出版社,secure_software,2026-11-23,2026-11-23,150,,approved,\r\n";

fn body() -> TestData {
    let data = TestData::new();
    assert_eq!(reasons(&data.holders(HOLDERS)), []);
    assert_eq!(reasons(&data.activities(ACTIVITIES)), []);
    data
}

fn csv(data: &TestData, subject: Subject) -> String {
    let mut out = Cursor::new(Vec::new());
    export(&data.portal, (subject, Format::Csv), None, &mut out, &mut |_| {}).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

/// The first columns of every row.
fn first_columns(file: &str, columns: usize) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file.as_bytes());
    reader.records().map(|r| r.unwrap().iter().take(columns).map(str::to_owned).collect()).collect()
}

#[test]
fn an_export_begins_with_the_columns_of_the_import_and_goes_into_an_empty_portal_unchanged() {
    let data = body();
    let holders = csv(&data, Subject::Holders);
    let activities = csv(&data, Subject::Activities);
    assert_eq!(first_columns(&holders, 5)[0].join(","), HOLDERS.lines().next().unwrap());
    assert_eq!(first_columns(&activities, 11)[0].join(","), ACTIVITIES.lines().next().unwrap());

    let other = TestData::new();
    let report = other.holders(&holders);
    assert_eq!((counts(&report), reasons(&report)), ((3, 0, 0, 0), vec![]));
    let report = other.activities(&activities);
    assert_eq!((counts(&report), reasons(&report)), ((3, 0, 0, 0), vec![]));
    assert_eq!(csv(&other, Subject::Holders), holders);
    assert_eq!(first_columns(&csv(&other, Subject::Activities), 13), first_columns(&activities, 13));
    assert_eq!(
        other.ask("SELECT name AS line FROM accounts WHERE email = '+bo@example.org'"),
        ["=HYPERLINK(1)"],
        "the guard came off again"
    );
    // into the portal it came from, it brings nothing new
    let before = data.dump();
    assert_eq!(counts(&data.holders(&holders)), (0, 0, 3, 0));
    assert_eq!(counts(&data.activities(&activities)), (0, 0, 0, 3));
    assert_eq!(data.dump(), before);
}

#[test]
fn no_cell_of_an_export_is_a_formula() {
    let data = body();
    for subject in [Subject::Holders, Subject::Certificates, Subject::Activities, Subject::History] {
        let file = csv(&data, subject);
        let cells: Vec<String> = first_columns(&file, 99).concat();
        assert!(cells.len() > 20, "{subject:?}");
        for cell in cells {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{subject:?}: {cell}");
        }
    }
    assert!(csv(&data, Subject::Activities).contains("'=cmd|x"));
}

#[test]
fn no_part_of_an_export_is_a_formula_where_semicolons_or_tabs_separate() {
    let data = body();
    let row = "anna@example.org,attending,;=cmd|' /C calc'!A0,\"a\t@b\",information_security,2026-05-07,2026-05-07,1:00,,approved,\r\n";
    assert_eq!(reasons(&data.activities(&format!("{}\r\n{row}", ACTIVITIES.lines().next().unwrap()))), []);
    for subject in [Subject::Holders, Subject::Certificates, Subject::Activities, Subject::History] {
        let file = csv(&data, subject);
        let text = file.strip_prefix('\u{feff}').expect("the mark of its encoding");
        for line in text.split_terminator("\r\n") {
            assert!(line.starts_with('"') && line.ends_with('"'), "every cell is quoted: {line}");
        }
        for part in text.split([';', '\t', '\r', '\n', ',']) {
            let cell = part.trim_start_matches('"');
            assert!(!cell.starts_with(['=', '+', '@']), "{subject:?}: {part}");
        }
    }
    let file = csv(&data, Subject::Activities);
    assert!(file.contains("\";'=cmd|' /C calc'!A0\""), "{file}");
    // the guard comes off again
    let other = TestData::new();
    other.holders(&csv(&data, Subject::Holders));
    assert_eq!(reasons(&other.activities(&file)), []);
    assert_eq!(
        other.ask("SELECT title AS line FROM activities WHERE title LIKE '%calc%'"),
        [";=cmd|' /C calc'!A0"]
    );
}

#[test]
fn certificates_tell_the_year_in_progress_with_its_sums_and_the_badge() {
    let data = body();
    let rows = first_columns(&csv(&data, Subject::Certificates), 99);
    let anna = rows.iter().find(|row| row[0] == "anna@example.org").unwrap();
    let told: Vec<&str> = anna[5..17].iter().map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "Information Security Practitioner",
            "practitioner",
            "",
            "3",
            "2026-03-01",
            "2027-02-28",
            "2027-02-28",
            "Open",
            "1.00",
            "4.00",
            "20.00",
            "15.00"
        ]
    );
    assert_eq!(anna[17].len(), 36);
    assert_eq!(anna[18], "2027-05-29");
    let foundation = rows.iter().find(|row| row[2] == "ISF").unwrap();
    assert_eq!(foundation[8..17].concat(), "Never expires");
}

#[test]
fn the_history_comes_from_the_oldest_with_names_instead_of_numbers() {
    let data = body();
    let rows = first_columns(&csv(&data, Subject::History), 99);
    assert_eq!(rows.len(), 1 + data.ask("SELECT 'x' AS line FROM history").len());
    assert_eq!(rows[1][2..4], ["holder imported".to_owned(), "anna@example.org".to_owned()]);
    assert!(rows.iter().any(|row| row[2] == "certificate granted" && row[4] == "A 1"));
}

#[test]
fn an_export_that_fails_leaves_what_was_there() {
    let data = body();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("holders.csv");
    std::fs::write(&target, "before").unwrap();
    data.damage(
        "ALTER TABLE field_neighbours RENAME TO gone; ALTER TABLE certification_years RENAME TO gone_too;",
    );
    assert!(export_file(&data.portal, (Subject::Holders, Format::Csv), None, &target, &mut |_| {}).is_err());
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "before");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

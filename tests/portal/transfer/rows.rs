//! What an import says about a row: everything that is wrong with it, what is unlikely about it, and what it looks like.

use std::io::Cursor;

use cpe_portal::transfer::problems::{packed_problems, write_problems};
use cpe_portal::transfer::{ImportChoices, ImportReport};

use super::support::{TestData, counts, reasons};

const HEADER: &str =
    "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n";

fn anna() -> TestData {
    let data = TestData::new();
    data.holders(
        "email,name,certification,certificate_number,granted_on\nanna@example.org,Anna Jansen,ISP,A,2026-03-01\n",
    );
    data
}

fn file(rows: &[&str]) -> String {
    format!("{HEADER}{}\n", rows.join("\n"))
}

fn both(data: &TestData, file: &str, choices: ImportChoices) -> ImportReport {
    let rehearsed =
        data.activities_with(file.as_bytes(), &ImportChoices { dry_run: true, ..choices }).unwrap();
    let report = data.activities_with(file.as_bytes(), &choices).unwrap();
    assert_eq!(rehearsed, report, "the rehearsal says the same");
    report
}

fn doubts(report: &ImportReport) -> Vec<(u64, &str, &str)> {
    report.doubts.iter().map(|doubt| (doubt.line, doubt.holder.as_str(), doubt.words.as_str())).collect()
}

#[test]
fn more_hours_than_the_days_have_are_refused_and_what_is_unlikely_is_named() {
    let data = anna();
    let rows = file(&[
        "anna@example.org,attending,Congress,X,it_security,,2026-11-20,61,,approved",
        "anna@example.org,attending,Camp,X,it_security,2026-10-01,2026-10-02,48:01,,submitted",
        "anna@example.org,attending,Night,X,it_security,2026-09-01,2026-09-02,48,,approved",
        "anna@example.org,course_material,Module,X,it_security,,2026-08-01,61,,approved",
        "anna@example.org,reading,Books,X,it_security,,2026-07-01,2000,,approved",
        "anna@example.org,attending,Morning,X,it_security,,2026-06-01,8,,approved",
        "anna@example.org,attending,Evening,Y,it_security,,2026-06-01,8,,approved",
        "anna@example.org,attending,Evening,Y,it_security,,2026-06-01,2,,submitted",
    ]);
    let report = both(&data, &rows, ImportChoices::default());
    assert_eq!(
        reasons(&report),
        [
            (2, "The quantity, 61 hours, is more than its days have: 24 hours."),
            (3, "The quantity, 48 hours 1 minute, is more than its days have: 48 hours."),
        ]
    );
    assert_eq!(
        doubts(&report),
        [
            (4, "Anna Jansen", "24 hours on 1 September 2026 is a very long day."),
            (6, "Anna Jansen", "2\u{a0}000 pages on one day is a great deal."),
            (
                8,
                "Anna Jansen",
                "The holder also has “Morning” on 1 June 2026, and both take up much of the day."
            ),
            (
                8,
                "Anna Jansen",
                "16 hours on 1 June 2026, with the holder's other reports, is a very long day."
            ),
            (9, "Anna Jansen", "The holder already has a report with this title on 1 June 2026."),
            (
                9,
                "Anna Jansen",
                "18 hours on 1 June 2026, with the holder's other reports, is a very long day."
            ),
        ]
    );
    assert_eq!(counts(&report), (6, 0, 0, 2));
}

#[test]
fn an_award_above_what_the_days_have_is_refused_too() {
    let data = anna();
    let report = data.activities(
        "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status,awarded\n\
         anna@example.org,attending,Congress,X,it_security,,2026-11-20,6,,approved,60\n",
    );
    assert_eq!(
        reasons(&report),
        [(2, "The awarded quantity, 60 hours, is more than its days have: 24 hours.")]
    );
}

#[test]
fn an_approved_row_that_looks_like_another_is_refused_until_it_is_accepted() {
    let data = anna();
    let first = "anna@example.org,attending,Annual Conference on Resilience 2026,ACM,it_security,,2026-05-05,7,,approved";
    let again = "anna@example.org,attending,Annual  conference on resilience,acm,it_security,,2026-05-05,7,,";
    let rows = file(&[first, &format!("{again}approved")]);
    let report = both(&data, &rows, ImportChoices::default());
    assert_eq!(
        reasons(&report),
        [(
            3,
            "It looks like “Annual Conference on Resilience 2026”, which is there already: same holder, organiser, last \
             day and quantity. If both took place, accept similar rows (--accept-similar)."
        )]
    );
    assert_eq!(report.refused[0].holder, "Anna Jansen");
    // one that a reviewer will see goes in, and is named
    let report = both(&data, &file(&[&format!("{again}submitted")]), ImportChoices::default());
    assert_eq!((counts(&report), report.doubts.len()), ((1, 0, 0, 0), 1));
    assert!(report.doubts[0].words.starts_with("It looks like “Annual Conference"), "{:?}", report.doubts);
    let accepted = ImportChoices { accept_similar: true, ..ImportChoices::default() };
    // a second year makes it another event, except beside the one without
    let third = "anna@example.org,attending,ANNUAL CONFERENCE ON RESILIENCE (2025),,it_security,,2026-05-05,7,,approved";
    let report = both(&data, &file(&[third]), accepted);
    assert_eq!((counts(&report), report.doubts.len()), ((1, 0, 0, 0), 2), "{:?}", report.doubts);
    assert!(report.doubts[0].words.starts_with("It looks like “Annual conference on resilience”"));
    assert!(report.doubts[1].words.starts_with("21 hours on 5 May 2026, with the holder's other reports"));
    // another organiser, day or number makes it another event
    let others = file(&[
        "anna@example.org,attending,Annual conference on resilience,IEEE,it_security,,2026-05-05,1,,approved",
        "anna@example.org,attending,Annual conference on resilience,ACM,it_security,,2026-05-06,7,,approved",
        "anna@example.org,attending,Annual conference on resilience part 2,ACM,it_security,,2026-05-06,7,,approved",
    ]);
    assert_eq!(both(&data, &others, ImportChoices::default()).added, 3);
}

#[test]
fn rows_of_nothing_but_commas_are_empty_lines_also_above_the_header() {
    let data = TestData::new();
    let report = data.holders(
        ",,,,\r\n\" \",,,,\r\nemail,name,certification,certificate_number,granted_on\r\n,,,,\r\n\
         a@example.org,A,ISP,A-1,2026-03-01\r\n , ,,,\r\n,,\r\nb@example.org,B,XXX,B-1,2026-03-01\r\n,,,,\r\n",
    );
    assert_eq!(reasons(&report), [(8, "There is no certification with the code “XXX”.")]);
    assert_eq!(counts(&report), (1, 0, 0, 1));
    let titled = "email,name,certification,certificate_number,granted_on\n\
        c@example.org,C,Information Security Practitioner,C-1,2026-03-01\n";
    assert!(reasons(&data.holders(titled))[0].1.ends_with("Write its code, ISP."));
    assert!(data.try_holders(b",,,,\n,,,,\n", false).unwrap_err().to_string().contains("empty"));
}

#[test]
fn every_fault_of_a_row_is_told_at_once_with_the_holders_name() {
    let data = anna();
    data.activities(&file(&["anna@example.org,attending,Talk,X,it_security,,2026-05-01,1,,approved"]));
    let report = both(
        &data,
        &file(&[
            "nobody@example.org,dancing,,X,cooking,soon,2027-01-01,,,draft",
            "anna@example.org,writing,T,X,it_security,2026-05-03,2026-05-02,x,,approved",
            "anna@example.org,attending,Talk,X,it_security,,2026-02-01,25,,approved",
        ]),
        ImportChoices::default(),
    );
    let told: Vec<(u64, &str)> = report.refused.iter().map(|row| (row.line, row.holder.as_str())).collect();
    assert_eq!(told, [(2, ""), (3, "Anna Jansen"), (4, "Anna Jansen")]);
    for (row, faults) in report.refused.iter().zip([
        &[
            "Nobody here has the address “nobody@example.org”.",
            "“dancing” is not a category.",
            "The title is missing.",
            "“cooking” is not a field.",
            "“soon” is not a day",
            "1 January 2027 is in the future",
            "The quantity is missing.",
            "“draft” is not a status",
        ][..],
        &["It starts on 3 May 2026", "“x” is not a valid quantity for writing", "The publication is missing"],
        &["1 February 2026 is before the holder's first certificate", "The quantity, 25 hours, is more than"],
    ]) {
        for fault in faults {
            assert!(row.reason.contains(fault), "line {}: {} lacks {fault}", row.line, row.reason);
        }
    }
    let holders = "email,name,certification,certificate_number,granted_on\nnowhere,,XXX,,2099-01-01\n";
    let report = data.holders(holders);
    assert_eq!(
        reasons(&report),
        [(
            2,
            "“nowhere” is not an email address. The name is missing. There is no certification with the code “XXX”. The certificate \
             number is missing. The day of the grant, 1 January 2099, is in the future."
        )]
    );
    let other = "email,name,certification,certificate_number,granted_on\nnew@example.org,Anna Jansen,DPP,a,2026-03-02\n";
    let reason = data.holders(other).refused[0].reason.clone();
    for fault in
        ["belongs to another email address, anna@example.org", "another certification", "another day"]
    {
        assert!(reason.contains(fault), "{reason}");
    }
}

#[test]
fn the_file_comes_back_with_a_column_that_says_what_is_wrong() {
    let data = TestData::new();
    let file = "note,email,name,certification,certificate_number,granted_on,problem\n\
        \"a, b\",a@example.org,A,ISP,A-1,2026-03-01,old words\n\
        ,,,,,,\n\
        '=1+1,b@example.org,,XXX,B-1,2026-03-01,\n\
        x,c@example.org,C,ISP\n\
        y,d@example.org,D,ISP,D-1,2026-03-01,,,more\n";
    let report = data.try_holders(file.as_bytes(), true).unwrap();
    let written = |every_row| {
        let mut out = Vec::new();
        write_problems(&mut Cursor::new(file), &report, every_row, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let header = "\u{feff}\"note\",\"email\",\"name\",\"certification\",\"certificate_number\",\"granted_on\",\"problem\"\r\n";
    let good = "\"a, b\",\"a@example.org\",\"A\",\"ISP\",\"A-1\",\"2026-03-01\",\"\"\r\n";
    let refused = "\"'=1+1\",\"b@example.org\",\"\",\"XXX\",\"B-1\",\"2026-03-01\",\"The name is missing. There is no \
        certification “XXX”.\"\r\n\
        \"x\",\"c@example.org\",\"C\",\"ISP\",\"\",\"\",\"The row has fewer columns than the first line.\"\r\n\
        \"y\",\"d@example.org\",\"D\",\"ISP\",\"D-1\",\"2026-03-01\",\"The row has more columns than the first line. Put \
        quotes around a text with a comma.\",\"\",\"more\"\r\n";
    assert_eq!(written(true), format!("{header}{good}{refused}"));
    assert_eq!(written(false), format!("{header}{refused}"));
    // mended, it goes in as it is: the column is passed over
    let mended = written(true).replace("\"\",\"XXX\"", "\"B\",\"ISP\"");
    assert_eq!(data.holders(&mended).added, 2);
    let packed = packed_problems(&mut Cursor::new(file), &report, true).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut text).unwrap();
    assert_eq!(text, written(true));
}

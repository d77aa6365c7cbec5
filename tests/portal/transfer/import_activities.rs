use std::io::Cursor;

use cpe_portal::domain::roles::{Actor, Administrator, Role};
use cpe_portal::store::{Conn, accounts};
use cpe_portal::transfer::ImportChoices;
use cpe_portal::transfer::activities::import_activities;

use super::support::{TestData, counts, reasons};

const HEADER: &str =
    "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n";

/// Anna's year runs from 1 March 2026, Bo's from 23 November 2026; Fay holds a Foundation certificate.
fn people() -> TestData {
    let data = TestData::new();
    data.holders(
        "email,name,certification,certificate_number,granted_on\n\
         anna@example.org,Anna,ISP,A,2024-03-01\n\
         bo@example.org,Bo,ISP,B,2026-11-23\n\
         fay@example.org,Fay,ISF,F,2020-01-01\n",
    );
    data
}

fn file(rows: &[&str]) -> String {
    format!("{HEADER}{}\n", rows.join("\n"))
}

#[test]
fn activities_of_every_category_go_in_with_the_quantities_people_write() {
    let data = people();
    let report = data.activities(&file(&[
        "ANNA@example.org,attending,Conference,ACM,information_security,2026-05-01,2026-05-03,2.5,,approved",
        "anna@example.org,reading,Book,Press,it_security,,2026-05-04,1500,,submitted",
        "anna@example.org,writing,Article,Press,information_security,,2026-05-05,4,My Book,approved",
        "anna@example.org,teaching,Lesson,Uni,information_security,,2026-05-06,\"2,5\",,approved",
        "anna@example.org,course_material,Module,Us,information_security,,2026-05-07,0:45,,approved",
        "anna@example.org,Unregistered,Podcast,,secure_software,,7 May 2026,3,,Submitted",
    ]));
    assert_eq!((counts(&report), reasons(&report)), ((6, 0, 0, 0), vec![]));
    let rows = data.ask(
        "SELECT category || ' ' || started_on || ' ' || completed_on || ' ' || quantity || ' ' || status || ' ' || publication AS line \
         FROM activities ORDER BY id",
    );
    assert_eq!(
        rows,
        [
            "attending 2026-05-01 2026-05-03 150 approved ",
            "reading 2026-05-04 2026-05-04 1500 submitted ",
            "writing 2026-05-05 2026-05-05 4 approved My Book",
            "teaching 2026-05-06 2026-05-06 150 approved ",
            "course_material 2026-05-07 2026-05-07 45 approved ",
            "unregistered 2026-05-07 2026-05-07 180 submitted ",
        ]
    );
    let places = data
        .ask("SELECT queue_rank || ' ' || queue_deadline AS line FROM activities WHERE status = 'submitted'");
    assert_eq!(places, ["0 2027-02-28", "0 2027-02-28"]);
    assert!(data.ask("SELECT 'x' AS line FROM mails").is_empty(), "imports send no mail");
}

#[test]
fn every_bad_row_is_told_with_its_line_and_reason_and_the_others_go_in() {
    let data = people();
    let good = "anna@example.org,attending,Good,X,information_security,,2026-05-01,1,,approved";
    let report = data.activities(&file(&[
        ",attending,T,X,information_security,,2026-05-01,1,,approved",
        "nobody@example.org,attending,T,X,information_security,,2026-05-01,1,,approved",
        "anna@example.org,dancing,T,X,information_security,,2026-05-01,1,,approved",
        "anna@example.org,attending, ,X,information_security,,2026-05-01,1,,approved",
        "anna@example.org,attending,T,X,,,2026-05-01,1,,approved",
        "anna@example.org,attending,T,X,cooking,,2026-05-01,1,,approved",
        "anna@example.org,attending,T,X,information_security,,,1,,approved",
        "anna@example.org,attending,T,X,information_security,,2026-31-01,1,,approved",
        "anna@example.org,attending,T,X,information_security,soon,2026-05-01,1,,approved",
        "anna@example.org,attending,T,X,information_security,2026-05-02,2026-05-01,1,,approved",
        "anna@example.org,attending,T,X,information_security,,2026-11-24,1,,approved",
        "anna@example.org,attending,T,X,information_security,,2026-05-01,,,approved",
        "anna@example.org,attending,T,X,information_security,,2026-05-01,0.33,,approved",
        "anna@example.org,reading,T,X,information_security,,2026-05-01,2.5,,approved",
        "anna@example.org,attending,T,X,information_security,,2026-05-01,0,,approved",
        "anna@example.org,writing,T,X,information_security,,2026-05-01,1, ,approved",
        "anna@example.org,attending,T,X,information_security,,2026-05-01,1,,draft",
        "anna@example.org,attending,T,X,information_security,,2026-05-01,1,,",
        "anna@example.org,attending,T,X,information_security,,2024-02-29,1,,approved",
        "anna@example.org,attending,T,X,information_security,,2026-02-28,1,,approved",
        "bo@example.org,attending,T,X,information_security,,2026-11-22,1,,approved",
        "fay@example.org,attending,T,X,information_security,,2026-05-01,1,,approved",
        "\"anna@example.org\",attending,\"T\n\n\",X,cooking,,2026-05-01,1,,approved",
        good,
        good,
        "anna@example.org,attending,\" gOOd \",Y,it_security,,1 May 2026,1:00,,submitted",
    ]));
    let expected = [
        (2, "The email is missing."),
        (3, "Nobody here has the address “nobody@example.org”."),
        (4, "“dancing” is not a category."),
        (5, "The title is missing."),
        (6, "The field is missing."),
        (7, "“cooking” is not a field."),
        (8, "The day of completion (completed_on) is missing."),
        (9, "“2026-31-01” is not a day"),
        (10, "“soon” is not a day"),
        (11, "It starts on 2 May 2026, after it was completed on 1 May 2026."),
        (12, "24 November 2026 is in the future"),
        (13, "The quantity is missing."),
        (14, "“0.33” is not a valid quantity for attending: That is not a whole number of minutes."),
        (15, "“2.5” is not a valid quantity for reading: Enter pages as a whole number"),
        (16, "“0” is not a valid quantity for attending: Enter more than zero."),
        (17, "The publication is missing"),
        (18, "“draft” is not a status for an import."),
        (19, "The status is missing."),
        (
            20,
            "29 February 2024 is before the holder's first certificate that needs credits was granted, on 1 March 2024.",
        ),
        (
            21,
            "The certification year that contains 28 February 2026 was over before the portal took the certificate over",
        ),
        (22, "22 November 2026 is before the holder's first certificate"),
        (23, "The holder has no certificate that needs CPE credits."),
        (24, "“cooking” is not a field."),
        (28, "This activity is there already"),
        (29, "This activity is there already"),
    ];
    let found = reasons(&report);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((line, reason), (expected_line, said)) in found.iter().zip(expected) {
        assert_eq!(*line, expected_line, "{reason}");
        assert!(reason.starts_with(said), "line {line}: {reason}");
    }
    assert_eq!(counts(&report), (1, 0, 0, 25));
    assert_eq!(data.ask("SELECT title AS line FROM activities"), ["Good"]);
}

#[test]
fn a_far_field_is_accepted_and_a_publication_in_another_category_is_ignored() {
    let data = people();
    let report = data.activities(&file(&[
        "anna@example.org,attending,Far,X,secure_software,,2026-05-01,1,Not a publication,submitted",
    ]));
    assert_eq!(counts(&report), (1, 0, 0, 0));
    assert_eq!(data.ask("SELECT publication || '|' AS line FROM activities"), ["|"]);
}

#[test]
fn the_same_row_in_a_second_file_is_refused_as_a_duplicate() {
    let data = people();
    let rows = file(&[
        "anna@example.org,attending,One,X,information_security,,2026-05-01,1,,approved",
        "anna@example.org,attending,Two,X,information_security,,2026-05-01,1,,submitted",
    ]);
    assert_eq!(counts(&data.activities(&rows)), (2, 0, 0, 0));
    let before = data.dump();
    let again = data.activities(&rows);
    assert_eq!(counts(&again), (0, 0, 0, 2));
    assert!(reasons(&again).iter().all(|(_, reason)| reason.starts_with("This activity is there already")));
    assert_eq!(data.dump(), before);
    // any difference makes it another activity
    let others = file(&[
        "anna@example.org,teaching,One,X,information_security,,2026-05-01,1,,approved",
        "anna@example.org,attending,One,X,information_security,,2026-05-02,1,,approved",
        "anna@example.org,attending,One,X,information_security,,2026-05-01,2,,approved",
        "anna@example.org,attending,One more,X,information_security,,2026-05-01,1,,approved",
    ]);
    assert_eq!(counts(&data.activities(&others)), (4, 0, 0, 0));
}

#[test]
fn a_dry_run_changes_nothing_and_reports_what_the_real_run_then_does() {
    let data = people();
    // more rows than go into one transaction, with the same row far apart
    let mut rows: Vec<String> = (0..2200)
        .map(|n| {
            format!("anna@example.org,attending,Talk {n},X,information_security,,2026-05-01,1,,approved")
        })
        .collect();
    rows.push(rows[0].clone());
    rows.push("anna@example.org,attending,Talk,X,information_security,,2027-05-01,1,,approved".to_owned());
    let rows = file(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let before = data.dump();
    let announced = data.try_activities(rows.as_bytes(), true).unwrap();
    assert_eq!(data.dump(), before);
    assert_eq!(counts(&announced), (2200, 0, 0, 2));
    assert_eq!(data.activities(&rows), announced);
}

#[test]
fn what_a_reviewer_elsewhere_awarded_comes_along() {
    let data = people();
    let report = data.activities(
        "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status,awarded\n\
         anna@example.org,attending,One,X,information_security,,2026-05-01,8,,approved,2:30\n\
         anna@example.org,attending,Two,X,information_security,,2026-05-01,8,,approved,8\n\
         anna@example.org,attending,Three,X,information_security,,2026-05-01,8,,submitted,8\n",
    );
    assert_eq!(reasons(&report), [(4, "Only an approved activity can have an awarded quantity.")]);
    assert_eq!(
        data.ask("SELECT quantity || ' ' || coalesce(awarded, '-') AS line FROM activities ORDER BY id"),
        ["480 150", "480 -"]
    );
}

#[test]
fn every_row_becomes_version_1_of_its_report_by_whoever_imports() {
    let data = people();
    let report = data.activities(&file(&[
        "anna@example.org,attending,One,X,information_security,,2026-05-01,1:30,,approved",
        "anna@example.org,writing,Two,X,it_security,2026-05-01,2026-05-02,4,My Book,submitted",
    ]));
    assert_eq!(counts(&report), (2, 0, 0, 0));
    let kept = "SELECT a.title || ' ' || v.version || ' ' || coalesce(v.changed_by, 'nobody') || ' ' || v.facts AS line \
         FROM activities a JOIN activity_versions v ON v.activity_id = a.id ORDER BY a.id";
    let versions = data.ask(kept);
    for (version, (begins, says)) in versions.iter().zip([
        ("One 1 nobody ", vec!["\"status\":\"approved\"", "\"quantity\":90", "\"not_regular_job\":true"]),
        (
            "Two 1 nobody ",
            vec!["\"status\":\"submitted\"", "\"started_on\":\"2026-05-01\"", "\"publication\":\"My Book\""],
        ),
    ]) {
        assert!(version.starts_with(begins), "{version}");
        assert!(says.iter().all(|told| version.contains(told)), "{version}");
    }
    assert_eq!(versions.len(), 2);

    let now = data.portal.clock.now();
    let add = |conn: &mut Conn<'_>| accounts::add(conn, "ada@example.org", "Ada", Role::Administrator, now);
    let administrator = data.portal.store.write(add).unwrap();
    let row = file(&["bo@example.org,attending,Three,X,information_security,,2026-11-23,1,,submitted"]);
    let (choices, by) =
        (ImportChoices::default(), Administrator::of(Actor { id: administrator, role: Role::Administrator }));
    let report = import_activities(&data.portal, Cursor::new(row), by, &choices, &mut |_| {}).unwrap();
    assert_eq!(counts(&report), (1, 0, 0, 0));
    assert!(data.ask(kept)[2].starts_with(&format!("Three 1 {administrator} ")), "{:?}", data.ask(kept));
}

#[test]
fn of_more_rows_than_one_statement_takes_each_has_its_version_and_its_history() {
    let data = people();
    let rows: Vec<String> = (0..1203)
        .map(|n| {
            format!("anna@example.org,attending,Talk {n},X,information_security,,2026-05-01,1,,approved")
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    assert_eq!(counts(&data.activities(&file(&rows))), (1203, 0, 0, 0));
    let whole = data.ask(
        "SELECT a.title AS line FROM activities a \
         JOIN activity_versions v ON v.activity_id = a.id AND v.version = 1 AND json_extract(v.facts, '$.title') = a.title \
         JOIN history h ON h.activity_id = a.id AND h.event = 'activity imported' AND h.detail = 'approved' ORDER BY h.id",
    );
    let titles: Vec<String> = (0..1203).map(|n| format!("Talk {n}")).collect();
    assert_eq!(whole, titles);
}

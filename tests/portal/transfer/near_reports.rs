//! A row is judged by what its holder reported for its days, however much else there is, and read without the rest.

use cpe_portal::store::activities::import_keys::{Wanted, reported};
use cpe_portal::transfer::ImportReport;

use super::support::{TestData, counts, day, reasons};
use crate::store::plans::{listened_to, statements, steps};
use crate::store::scene::{open, says};

const HEADER: &str =
    "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n";

fn people() -> TestData {
    let data = TestData::new();
    data.holders(
        "email,name,certification,certificate_number,granted_on\n\
         anna@example.org,Anna,ISP,A,2024-03-01\nbo@example.org,Bo,ISP,B,2024-03-01\n",
    );
    data
}

fn row(title: &str, first: &str, last: &str, hours: u32, status: &str) -> String {
    format!("anna@example.org,attending,{title},X,information_security,{first},{last},{hours},,{status}\n")
}

fn doubts(report: &ImportReport) -> Vec<(u64, &str)> {
    report.doubts.iter().map(|doubt| (doubt.line, doubt.words.as_str())).collect()
}

#[test]
fn what_went_on_for_longer_is_beside_a_row_within_its_days() {
    let data = people();
    let long = row("Long course", "2026-10-01", "2026-10-20", 160, "approved");
    assert_eq!(counts(&data.activities(&format!("{HEADER}{long}"))), (1, 0, 0, 0));
    let beside = "The holder also has “Long course” on";
    for (first, last, on) in [
        ("2026-10-10", "2026-10-10", Some("10 October 2026")),
        ("2026-10-01", "2026-10-01", Some("1 October 2026")),
        ("2026-10-20", "2026-10-20", Some("20 October 2026")),
        ("2026-09-30", "2026-10-01", Some("1 October 2026")),
        ("2026-10-19", "2026-10-22", Some("19 October 2026")),
        ("2026-09-20", "2026-10-25", Some("1 October 2026")),
        ("2026-09-29", "2026-09-30", None),
        ("2026-10-21", "2026-10-22", None),
    ] {
        let days = day(last).signed_duration_since(day(first)).num_days() + 1;
        let hours = u32::try_from(days * 8).unwrap();
        let file = format!("{HEADER}{}", row("Another", first, last, hours, "approved"));
        let told = data.try_activities(file.as_bytes(), true).unwrap();
        let told: Vec<_> = doubts(&told).into_iter().filter(|(_, words)| words.starts_with(beside)).collect();
        match on {
            Some(on) => assert!(told.len() == 1 && told[0].1.contains(on), "{first} to {last}: {told:?}"),
            None => assert!(told.is_empty(), "{first} to {last}: {told:?}"),
        }
    }
}

#[test]
fn a_rehearsal_knows_what_an_earlier_portion_would_have_brought_for_the_same_days() {
    let data = people();
    let mut file = format!("{HEADER}{}", row("Long course", "2026-10-01", "2026-10-20", 160, "approved"));
    // the rest of the first portion, somebody else's
    for n in 0..1000 {
        file +=
            &format!("bo@example.org,attending,Talk {n},X,information_security,,2026-05-01,1,,rejected\n");
    }
    file += &row("Another", "2026-10-10", "2026-10-11", 16, "approved");
    file += &row("Long course", "2026-10-01", "2026-10-20", 160, "approved");
    let before = data.dump();
    let told = data.try_activities(file.as_bytes(), true).unwrap();
    assert_eq!(data.dump(), before);
    assert_eq!(doubts(&told).iter().filter(|(line, _)| *line == 1003).count(), 2, "{:?}", doubts(&told));
    assert!(
        reasons(&told).iter().any(|(line, why)| *line == 1004 && why.starts_with("This activity is there"))
    );
    assert_eq!(data.activities(&file), told);
}

#[test]
fn a_row_is_known_again_whatever_its_report_says_by_now() {
    let data = people();
    let file = format!("{HEADER}{}", row("Caf\u{e9}", "2026-10-10", "2026-10-10", 2, "approved"));
    assert_eq!(counts(&data.activities(&file)), (1, 0, 0, 0));
    // another day, as a correction would give it; and the key in the form of earlier days
    for damage in [
        "UPDATE activities SET started_on = '2026-09-01', completed_on = '2026-09-02'".to_owned(),
        "UPDATE activities SET import_key = replace(import_key, char(233), 'e' || char(769))".to_owned(),
    ] {
        data.damage(&damage);
        let again = data.activities(&file);
        assert_eq!(counts(&again), (0, 0, 0, 1), "{damage}");
        assert!(reasons(&again)[0].1.starts_with("This activity is there already"), "{damage}");
    }
}

#[test]
fn what_waits_moves_down_when_an_import_meets_the_minimum() {
    let data = people();
    let ranks =
        || data.ask("SELECT CAST(queue_rank AS TEXT) AS line FROM activities WHERE status = 'submitted'");
    data.activities(&format!("{HEADER}{}", row("Waits", "2026-10-10", "2026-10-10", 2, "submitted")));
    assert_eq!(ranks(), ["0"], "needed reports stand first");
    data.activities(&format!("{HEADER}{}", row("Congress", "2026-09-01", "2026-09-10", 60, "approved")));
    assert_eq!(ranks(), ["1"]);
}

/// What costs nothing where there is little and hours where there is much: a table or an index that is read whole.
#[test]
fn only_the_days_and_the_keys_of_the_rows_are_read() {
    let (portal, people) = listened_to();
    let mut conn = open(&portal);
    let wanted = Wanted {
        holder: people.owner.id,
        first: day("2026-10-01"),
        last: day("2026-10-02"),
        key: "attending|one|2026-10-02|60".to_owned(),
    };
    let asked = statements(&portal, |conn| reported(conn, &[wanted.clone(), wanted.clone()]));
    let read = |conn: &mut _, statement: &String| -> Vec<String> {
        steps(conn, statement)
            .into_iter()
            .filter(|step| step.contains(" a ") || step.ends_with(" a"))
            .collect()
    };
    let steps: Vec<String> = asked.iter().flat_map(|statement| read(&mut conn, statement)).collect();
    assert_eq!(steps.len(), 3, "{asked:?} {steps:?}");
    for (step, index) in steps.iter().zip([
        "activities_of_holder (holder_id=? AND completed_on>? AND completed_on<?)",
        "activities_over_days (holder_id=? AND completed_on>?)",
        "activities_imported_once (holder_id=? AND import_key=?)",
    ]) {
        assert!(step.starts_with("SEARCH a USING") && step.contains(index), "{step}");
    }
    // planted: without the index of long ones, more is read
    says(&mut conn, "DROP INDEX activities_over_days").unwrap();
    assert!(
        asked.iter().flat_map(|one| read(&mut conn, one)).all(|step| !step.contains("activities_over_days"))
    );
}

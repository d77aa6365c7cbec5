//! The order of days is settled for a column: by a row that can be one day only, or by whoever imports.

use cpe_portal::domain::dates::{DayProblem, certain_day};
use cpe_portal::domain::day_order::{DayColumn, DayOrder};
use cpe_portal::transfer::{ImportChoices, ImportReport};

use super::support::{TestData, counts, day, reasons};

fn file(days: &[&str]) -> String {
    let rows: Vec<String> =
        (1..).zip(days).map(|(n, day)| format!("h{n}@example.org,H {n},ISP,N-{n},{day}")).collect();
    format!("email,name,certification,certificate_number,granted_on\n{}\n", rows.join("\n"))
}

fn import(days: &[&str], dates: Option<DayOrder>) -> (TestData, ImportReport) {
    let data = TestData::new();
    let choices = ImportChoices { dates, ..ImportChoices::default() };
    let announced =
        data.holders_with(file(days).as_bytes(), &ImportChoices { dry_run: true, ..choices }).unwrap();
    let report = data.holders_with(file(days).as_bytes(), &choices).unwrap();
    assert_eq!(announced, report, "the rehearsal says the same");
    (data, report)
}

fn granted(data: &TestData) -> Vec<String> {
    data.ask("SELECT number || ' ' || granted_on AS line FROM certificates ORDER BY number")
}

#[test]
fn spaces_and_signs_inside_a_day_do_not_make_it_certain() {
    for typed in ["3/ 4/2026", " 3/ 4/2026", "3. 4. 2026", "3 / 4 / 2026", "03 -04- 2026"] {
        let (_, report) = import(&[typed], None);
        assert!(reasons(&report)[0].1.contains("can be 3 April 2026 or 4 March 2026"), "{typed}: {report:?}");
        let (data, _) = import(&[typed], Some(DayOrder::MonthFirst));
        assert_eq!(granted(&data), ["N-1 2026-03-04"], "{typed}");
        assert!(matches!(certain_day(typed), Err(DayProblem::TwoDays(..))), "{typed}");
    }
    for typed in ["3/4/+2026", "3/4/02026", "3/4-2026", "3//4/2026", "003/4/2026"] {
        assert_eq!(certain_day(typed), Err(DayProblem::of(typed)), "{typed}");
        let (_, report) = import(&[typed], Some(DayOrder::DayFirst));
        assert!(reasons(&report)[0].1.contains("is not a day"), "{typed}: {report:?}");
    }
}

#[test]
fn one_row_that_can_be_one_day_only_settles_its_column() {
    let (data, report) = import(&["3/4/2026", "3/28/2025", "12-1-2020", "2026-05-06", "7 May 2026"], None);
    assert_eq!(reasons(&report), []);
    assert_eq!(
        granted(&data),
        ["N-1 2026-03-04", "N-2 2025-03-28", "N-3 2020-12-01", "N-4 2026-05-06", "N-5 2026-05-07"]
    );
    assert_eq!(
        report.days,
        [
            "granted_on: 3 days are written with the year last: they are read with the month first, as line 3 shows \
          (3/28/2025); 3/4/2026 in line 2 is 4 March 2026."
        ]
    );
    let (data, _) = import(&["3/4/2026", "28.3.2025"], None);
    assert_eq!(granted(&data), ["N-1 2026-04-03", "N-2 2025-03-28"]);
}

#[test]
fn where_nothing_settles_it_rows_that_can_be_two_days_are_refused_with_both() {
    let (data, report) = import(&["3/4/2026", "2026-05-06", "5/5/2025"], None);
    assert_eq!(
        reasons(&report),
        [(
            2,
            "“3/4/2026” can be 3 April 2026 or 4 March 2026: nothing in the column says which. Choose how days are \
             written (--dates) (granted_on)."
        )]
    );
    assert_eq!(granted(&data), ["N-2 2026-05-06", "N-3 2025-05-05"], "5 May is 5 May either way");
    for (order, first) in [(DayOrder::DayFirst, "2026-04-03"), (DayOrder::MonthFirst, "2026-03-04")] {
        let (data, report) = import(&["3/4/2026", "2026-05-06"], Some(order));
        assert_eq!(reasons(&report), []);
        assert_eq!(granted(&data)[0], format!("N-1 {first}"));
        assert!(
            report.days[0].ends_with(&format!("is {}.", cpe_portal::domain::dates::long_date(day(first))))
        );
    }
}

#[test]
fn a_column_has_one_order_and_rows_that_do_not_fit_it_are_refused() {
    let mixed = ["28/3/2025", "3/28/2025", "3/4/2026", "2026-05-06"];
    let (data, report) = import(&mixed, None);
    assert_eq!(report.refused.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 4]);
    assert!(report.refused[2].reason.contains("the day comes first in line 2, the month in line 3"));
    assert_eq!(granted(&data), ["N-4 2026-05-06"]);
    let (data, report) = import(&mixed, Some(DayOrder::MonthFirst));
    assert_eq!(
        reasons(&report),
        [(2, "“28/3/2025” is not a day with the month first, as chosen (granted_on).")]
    );
    assert_eq!(granted(&data), ["N-2 2025-03-28", "N-3 2026-03-04", "N-4 2026-05-06"]);
    let (_, report) = import(&mixed, Some(DayOrder::Iso));
    assert_eq!(counts(&report), (1, 0, 0, 3));
    assert!(report.refused[0].reason.contains("is not a day with the year first, as chosen"));
}

#[test]
fn a_column_looks_at_all_its_rows_also_at_those_that_are_refused() {
    // the witness is on the last of many rows, whose certification is unknown
    let mut days: Vec<&str> = vec!["3/4/2026"; 1500];
    days.push("3/28/2025");
    let text = file(&days).replace(",ISP,N-1501", ",XXX,N-1501");
    let data = TestData::new();
    let report = data.holders(&text);
    assert_eq!(counts(&report), (1500, 0, 0, 1));
    assert_eq!(data.ask("SELECT DISTINCT granted_on || '' AS line FROM certificates"), ["2026-03-04"]);
}

#[test]
fn each_column_of_activities_has_its_own_order() {
    let data = TestData::new();
    data.holders(
        "email,name,certification,certificate_number,granted_on\na@example.org,A,ISP,A,2025-12-01\n",
    );
    let header = "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n";
    let rows = "a@example.org,attending,One,X,it_security,2/3/2026,2/3/2026,5,,approved\n\
        a@example.org,attending,Two,X,it_security,,3/28/2026,1,,approved\n";
    let report = data.activities(&format!("{header}{rows}"));
    assert_eq!(
        reasons(&report),
        [(
            2,
            "“2/3/2026” can be 2 March 2026 or 3 February 2026: nothing in the column says which. Choose how days are \
             written (--dates) (started_on)."
        )]
    );
    assert_eq!(report.days.len(), 2);
    let choices = ImportChoices { dates: Some(DayOrder::MonthFirst), ..ImportChoices::default() };
    let report = data.activities_with(format!("{header}{rows}").as_bytes(), &choices).unwrap();
    assert_eq!(report.added, 1, "{report:?}");
    assert_eq!(
        data.ask("SELECT title || ' ' || completed_on AS line FROM activities ORDER BY title"),
        ["One 2026-02-03", "Two 2026-03-28"]
    );
}

#[test]
fn no_cell_is_read_as_two_different_days_without_a_witness() {
    let column = DayColumn::default();
    for (cell, read) in [
        ("3/4/2026", None),
        ("03.04.2026", None),
        ("3-4-2026", None),
        ("3/3/2026", Some("2026-03-03")),
        ("13/4/2026", Some("2026-04-13")),
        ("4/13/2026", Some("2026-04-13")),
        ("2026/04/03", Some("2026-04-03")),
        (" 3 April 2026 ", Some("2026-04-03")),
        ("3/4/26", None),
        ("3/4-2026", None),
        ("31/31/2026", None),
        ("1-1-1800", None),
        ("+3/4/2026", None),
    ] {
        assert_eq!(column.read(cell).ok(), read.map(day), "{cell}");
    }
}

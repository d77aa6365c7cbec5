//! What happens when a deadline has passed (G11, G12): recertified, awaiting review, flagged, lifted.

use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::certification::certificate::YearOutcome;
use cpe_portal::domain::certification::deadlines::{Findings, JudgedYear, find};
use cpe_portal::domain::ids::CertificateId;
use cpe_portal::domain::ledger::{CertificateFile, HolderFile};

use super::sample::{
    approved, certificate, credits, day, ended, extend, flag, holder, practitioner, report, returned, settle,
    version_1, with_version_2, with_years, written,
};

fn numbers(years: &[JudgedYear]) -> Vec<(i64, i64)> {
    years.iter().map(|judged| (judged.year.certificate.0, judged.year.number)).collect()
}

/// Recertified, lifted, to flag, awaiting: certificate and year of each.
type Judged = [Vec<(i64, i64)>; 4];

fn judged(file: &HolderFile, today: &str) -> Judged {
    let Findings { recertified, lifted, short, awaiting, .. } = find(file, &[], &version_1(), day(today));
    [recertified, lifted, short, awaiting].map(|years| numbers(&years))
}

/// A first year from 1 January to 31 December 2026 with approved and undecided hours.
fn of_2026(today: &str, approved_hours: &str, pending_hours: &str) -> HolderFile {
    with_hours(practitioner("2026-01-01", today), approved_hours, pending_hours)
}

fn with_hours(certificate: CertificateFile, approved_hours: &str, pending_hours: &str) -> HolderFile {
    let mut reports = Vec::new();
    if approved_hours != "0" {
        reports.push(approved(report(1, Category::Attending, "2026-05-01", approved_hours)));
    }
    if pending_hours != "0" {
        reports.push(returned(report(2, Category::Attending, "2026-05-02", pending_hours)));
    }
    holder(vec![certificate], reports)
}

fn none() -> Vec<(i64, i64)> {
    Vec::new()
}

#[test]
fn g11_g12_the_table_at_the_end_of_a_year() {
    for (hours, pending, recertified, short, awaiting) in [
        ("20", "0", true, false, false),
        ("20", "7", true, false, false),
        ("35", "0", true, false, false),
        ("19:59", "0:01", false, false, true),
        ("0", "20", false, false, true),
        ("10", "30", false, false, true),
        ("19:59", "0", false, true, false),
        ("10", "9:59", false, true, false),
        ("0", "0", false, true, false),
    ] {
        let on = |yes: bool| if yes { vec![(1, 1)] } else { none() };
        let expected = [on(recertified), none(), on(short), on(awaiting)];
        assert_eq!(
            judged(&of_2026("2027-01-01", hours, pending), "2027-01-01"),
            expected,
            "{hours} + {pending}"
        );
    }
}

#[test]
fn nothing_is_judged_before_the_deadline_has_passed() {
    for (hours, pending) in [("20", "0"), ("0", "20"), ("0", "0")] {
        let file = of_2026("2026-12-31", hours, pending);
        assert_eq!(judged(&file, "2026-12-31"), [none(), none(), none(), none()], "{hours} + {pending}");
    }
}

#[test]
fn a_flagged_year_stays_flagged_also_when_late_reports_cover_it_until_approved_credits_reach_the_minimum() {
    for (hours, pending, lifted) in
        [("0", "0", false), ("0", "20", false), ("19:59", "40", false), ("20", "0", true), ("20", "3", true)]
    {
        let mut certificate = practitioner("2026-01-01", "2027-01-20");
        flag(&mut certificate, 1, "2027-01-01");
        let file = with_hours(certificate, hours, pending);
        let expected = [none(), if lifted { vec![(1, 1)] } else { none() }, none(), none()];
        assert_eq!(judged(&file, "2027-01-20"), expected, "{hours} + {pending}");
        assert_eq!(
            find(&file, &[], &version_1(), day("2027-01-20")).judged(),
            0,
            "a flagged year is not judged anew"
        );
    }
}

#[test]
fn the_last_day_of_an_extension_is_still_open_and_the_day_after_the_year_is_judged_again() {
    let mut certificate = practitioner("2026-01-01", "2027-03-01");
    extend(&mut certificate, 1, "2027-02-28");
    let mut file = with_hours(certificate, "12", "0");
    assert_eq!(judged(&file, "2027-02-28"), [none(), none(), none(), none()]);
    assert_eq!(judged(&file, "2027-03-01"), [none(), none(), vec![(1, 1)], none()]);
    // eight hours more after the year's end, before the new deadline
    file.reports.push(approved(report(3, Category::Attending, "2027-02-28", "8")));
    assert_eq!(judged(&file, "2027-03-01"), [vec![(1, 1)], none(), none(), none()]);
}

#[test]
fn after_a_long_downtime_every_year_that_has_passed_is_judged() {
    let today = "2028-01-15";
    let file = of_2026(today, "25", "0");
    assert_eq!(judged(&file, today), [vec![(1, 1)], none(), vec![(1, 2)], none()]);
    assert_eq!(find(&file, &[], &version_1(), day(today)).judged(), 2);
}

#[test]
fn what_a_year_carries_over_reaches_the_next_one_in_the_same_run() {
    let policies = with_version_2("2026-01-01", |policy| policy.carry_over = credits("5"));
    let mut file = of_2026("2028-01-15", "25", "0");
    file.reports.push(approved(report(3, Category::Attending, "2027-05-01", "15")));
    let found = find(&file, &[], &policies, day("2028-01-15"));
    assert_eq!(numbers(&found.recertified), [(1, 1), (1, 2)]);
    let second = found.recertified[1].sums;
    assert_eq!((second.approved, second.carried), (credits("20"), credits("5")));
}

#[test]
fn a_decertified_certificate_and_a_settled_year_are_never_judged() {
    let gone = ended(certificate(1, Level::Practitioner, "2026-01-01"), "2027-02-01", None);
    let file = holder(vec![with_years(gone, "2028-02-01")], vec![]);
    assert_eq!(judged(&file, "2028-02-01"), [none(), none(), none(), none()]);
    let mut settled = practitioner("2026-01-01", "2027-02-01");
    settle(&mut settled, 1, YearOutcome::Recertified, "2027-01-01", "20");
    assert_eq!(judged(&holder(vec![settled], vec![]), "2027-02-01"), [none(), none(), none(), none()]);
}

#[test]
fn foundation_is_never_judged_by_type() {
    let file =
        holder(vec![with_years(certificate(1, Level::Foundation, "1999-01-01"), "2027-02-01")], vec![]);
    let found = find(&file, &[], &version_1(), day("2027-02-01"));
    assert_eq!(found, Findings::default());
}

#[test]
fn g10_each_certificate_of_a_holder_is_judged_by_its_own_year_and_minimum() {
    let today = "2027-01-01";
    let file = holder(
        vec![
            with_years(certificate(1, Level::Practitioner, "2026-01-01"), today),
            with_years(certificate(2, Level::Expert, "2026-01-01"), today),
            with_years(certificate(3, Level::Practitioner, "2026-06-01"), today),
            with_years(certificate(4, Level::Practitioner, "2025-12-31"), today),
        ],
        vec![approved(report(1, Category::Attending, "2026-05-01", "20"))],
    );
    let expected = [vec![(1, 1), (4, 1)], none(), vec![(2, 1)], none()];
    assert_eq!(judged(&file, today), expected);
}

#[test]
fn a_settlement_records_what_each_approved_report_counted() {
    let file = holder(
        vec![practitioner("2026-01-01", "2027-01-01")],
        vec![
            approved(report(1, Category::Attending, "2026-05-01", "16")),
            approved(written(2, "2026-06-01", "4", "a")),
            approved(written(3, "2026-07-01", "4", "a")),
            approved(written(4, "2026-08-01", "4", "a")),
            report(5, Category::Attending, "2026-09-01", "7"),
        ],
    );
    let found = find(&file, &[], &version_1(), day("2027-01-01"));
    let year = &found.recertified[0];
    let counted: Vec<(i64, String)> =
        year.counted.iter().map(|(activity, credits)| (activity.0, credits.to_string())).collect();
    let expected =
        [(1, "16.00"), (2, "4.00"), (3, "1.00"), (4, "0.00")].map(|(id, credits)| (id, credits.to_owned()));
    assert_eq!(counted, expected);
    let recorded = year.sums.settlement(YearOutcome::Recertified, day("2027-01-01"));
    assert_eq!((recorded.approved, recorded.required), (credits("21"), credits("20")));
    assert_eq!(year.year.certificate, CertificateId(1));
}

#[test]
fn g1_a_leap_day_grants_year_ends_on_27_or_28_february() {
    for (today, expected) in [
        ("2027-02-27", none()),
        ("2027-02-28", vec![(1, 3)]), // 28 February 2026 – 27 February 2027
        ("2028-02-28", vec![(1, 3)]), // the fourth runs through 28 February 2028
        ("2028-02-29", vec![(1, 3), (1, 4)]),
    ] {
        let mut certificate = practitioner("2024-02-29", today);
        for number in [1, 2] {
            settle(&mut certificate, number, YearOutcome::Recertified, "2026-02-28", "20");
        }
        assert_eq!(judged(&holder(vec![certificate], vec![]), today)[2], expected, "{today}");
    }
}

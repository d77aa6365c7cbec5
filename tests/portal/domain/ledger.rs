//! The one sum: approved, pending, required and missing, and how each report was counted.

use std::sync::LazyLock;

use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::certification::certificate::YearOutcome;
use cpe_portal::domain::certification::policy::Policies;
use cpe_portal::domain::ledger::{HolderFile, Line};

use super::sample::{
    approved, awarded, certificate, counted, credits, day, ended, holder, ledger, practitioner, report,
    returned, settle, sums, version_1, with_years, written,
};

const TODAY: &str = "2026-11-23";

fn lines(file: &HolderFile, number: i64) -> Vec<Line<'_>> {
    static POLICIES: LazyLock<Policies> = LazyLock::new(version_1);
    let certificate = file.certificates[0].certificate.id;
    ledger(file, &POLICIES).year((certificate, number)).unwrap().lines
}

#[test]
fn approved_credits_are_e_and_undecided_ones_are_p() {
    let file = holder(
        vec![practitioner("2026-01-01", TODAY)],
        vec![
            approved(report(1, Category::Attending, "2026-01-01", "7:45")), // 7.75
            awarded(report(2, Category::Attending, "2026-03-01", "8"), "6"), // 6
            report(3, Category::Reading, "2026-04-01", "200"),              // 1.33…
            returned(report(4, Category::Unregistered, "2026-05-01", "5")), // 1.66…
            approved(report(5, Category::Attending, "2025-12-31", "9")),    // the day before the grant
            approved(report(6, Category::Attending, "2027-01-01", "9")),    // next year
        ],
    );
    let sums = sums(&file, 0, 1, &version_1());
    assert_eq!(sums.approved, credits("13.75"));
    // 1⅓ + 1⅔ are exactly 3
    assert_eq!(sums.pending, credits("3"));
    assert_eq!(sums.required, credits("20"));
    assert_eq!(sums.missing(), credits("3.25"));
    assert!(!sums.met() && !sums.covered());
}

#[test]
fn both_days_at_the_ends_of_a_year_count_and_their_neighbours_do_not() {
    let file = holder(
        vec![practitioner("2025-03-15", TODAY)],
        ["2025-03-14", "2025-03-15", "2026-03-14", "2026-03-15"]
            .iter()
            .zip(1..)
            .map(|(on, id)| approved(report(id, Category::Attending, on, "1")))
            .collect(),
    );
    let of_year = |number| lines(&file, number).iter().map(|line| line.report.id.0).collect::<Vec<_>>();
    assert_eq!((of_year(1), of_year(2)), (vec![2, 3], vec![4]));
}

#[test]
fn g10_nothing_counts_while_a_certificate_is_not_active() {
    let gap = ended(certificate(1, Level::Practitioner, "2025-01-01"), "2026-02-01", Some("2026-05-10"));
    let file = holder(
        vec![with_years(gap, TODAY)],
        ["2026-01-31", "2026-02-01", "2026-05-09", "2026-05-10"]
            .iter()
            .zip(1..)
            .map(|(on, id)| approved(report(id, Category::Attending, on, "1")))
            .collect(),
    );
    let counted: Vec<i64> = lines(&file, 2).iter().map(|line| line.report.id.0).collect();
    assert_eq!(counted, [1, 4]);
}

#[test]
fn a_settled_year_keeps_its_figures_whatever_is_decided_later() {
    let mut certificate = practitioner("2025-01-01", TODAY);
    settle(&mut certificate, 1, YearOutcome::Recertified, "2026-01-01", "21");
    let mut file = holder(
        vec![certificate],
        vec![
            approved(report(1, Category::Attending, "2025-05-01", "21")),
            // approved after the settlement
            approved(report(2, Category::Attending, "2025-06-01", "9")),
            report(3, Category::Attending, "2025-07-01", "2"),
        ],
    );
    file.counted = vec![counted(1, 1, 1, "21")];
    let sums = sums(&file, 0, 1, &version_1());
    assert_eq!((sums.approved, sums.pending, sums.required), (credits("21"), Credits::ZERO, credits("20")));
    let counts: Vec<_> = lines(&file, 1).iter().map(|l| (l.report.id.0, l.approved(), l.counts)).collect();
    let expected = [(1, true, credits("21")), (2, true, Credits::ZERO), (3, false, Credits::ZERO)];
    assert_eq!(counts, expected);
}

#[test]
fn the_minimum_is_reached_exactly_and_not_a_page_before() {
    for (pages, met) in [("2999", false), ("3000", true), ("3001", true)] {
        let file = holder(
            vec![practitioner("2026-01-01", TODAY)],
            vec![approved(report(1, Category::Reading, "2026-05-01", pages))],
        );
        let sums = sums(&file, 0, 1, &version_1());
        assert_eq!(sums.met(), met, "{pages} pages");
        assert_eq!(sums.missing().rounded_up(), if met { "0.00" } else { "0.01" }, "{pages} pages");
    }
}

#[test]
fn the_share_of_a_publication_counts_in_the_year_of_each_report() {
    let file = holder(
        vec![practitioner("2025-01-01", TODAY)],
        vec![written(1, "2025-05-01", "4", "a"), approved(written(2, "2026-05-01", "4", "a"))],
    );
    // the approved one is served first, though it was completed a year later
    assert_eq!(sums(&file, 0, 1, &version_1()).pending, credits("1"));
    assert_eq!(sums(&file, 0, 2, &version_1()).approved, credits("4"));
    let line = lines(&file, 1)[0];
    assert_eq!((line.share.raw, line.share.credits), (credits("4"), credits("1")));
    assert_eq!(line.share.cap, Some((credits("5"), credits("4"))));
}

#[test]
fn only_submitted_and_returned_reports_are_undecided() {
    let undecided: Vec<&str> =
        ActivityStatus::ALL.iter().filter(|status| status.undecided()).map(|status| status.code()).collect();
    assert_eq!(undecided, ["submitted", "returned"]);
}

#[test]
fn reports_are_ordered_by_completed_on_then_reported_at_then_id() {
    let mut late = report(1, Category::Attending, "2026-05-01", "1");
    late.reported_at = day("2026-06-01").and_hms_opt(8, 0, 0).unwrap();
    let file = holder(
        vec![practitioner("2026-01-01", TODAY)],
        vec![
            late,
            report(3, Category::Attending, "2026-05-01", "1"),
            report(2, Category::Attending, "2026-05-01", "1"),
            report(9, Category::Attending, "2026-04-01", "1"),
        ],
    );
    let order: Vec<i64> = lines(&file, 1).iter().map(|line| line.report.id.0).collect();
    assert_eq!(order, [9, 2, 3, 1]);
}

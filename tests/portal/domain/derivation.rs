//! How a report was counted, step by step, so that a person can check it.

use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::certification::certificate::YearOutcome;
use cpe_portal::domain::certification::policy::Rate;
use cpe_portal::domain::ids::ActivityId;
use cpe_portal::domain::ledger::HolderFile;
use cpe_portal::domain::ledger::derivation::{rate_in_words, steps};

use super::sample::{
    approved, awarded, counted, extend, holder, ledger, practitioner, report, settle, version_1, written,
};

const TODAY: &str = "2026-11-23";

/// The steps of report `id` in year `number`.
fn told(file: &HolderFile, id: i64, number: i64) -> Vec<String> {
    let policies = version_1();
    let certificate = file.certificates[0].certificate.id;
    let ledger = ledger(file, &policies);
    let year = ledger.year((certificate, number)).unwrap();
    steps(year.line(ActivityId(id)).unwrap(), year.year, &policies)
}

#[test]
fn a_plain_report_says_rate_figure_source_and_year() {
    let file = holder(
        vec![practitioner("2026-03-15", TODAY)],
        vec![approved(report(1, Category::Attending, "2026-05-01", "2:30"))],
    );
    let expected = [
        "2 hours 30 minutes at 1 credit for each hour is 2.50 credits (G2).",
        "Completed on 1 May 2026, which counts for the certification year from 15 March 2026 to 14 March 2027.",
    ];
    assert_eq!(told(&file, 1, 1), expected);
}

#[test]
fn an_undecided_report_says_that_nothing_is_held_against_the_holder() {
    let file = holder(
        vec![practitioner("2026-03-15", TODAY)],
        vec![report(1, Category::Reading, "2026-05-01", "100")],
    );
    let steps = told(&file, 1, 1);
    assert_eq!(steps[0], "100 pages at 1 credit for each 150 pages is 0.66 credits (G3).");
    assert!(steps.last().unwrap().contains("nothing is held against you"), "{steps:?}");
}

#[test]
fn an_award_says_what_was_reported_and_what_the_reviewer_awarded() {
    let file = holder(
        vec![practitioner("2026-03-15", TODAY)],
        vec![awarded(report(1, Category::Unregistered, "2026-05-01", "6"), "4:30")],
    );
    let steps = told(&file, 1, 1);
    assert_eq!(steps[0], "You reported 6 hours; the reviewer awarded 4 hours 30 minutes.");
    assert_eq!(steps[1], "4 hours 30 minutes at 1 credit for every 3 hours is 1.50 credits (G7).");
}

#[test]
fn g4_a_capped_report_says_the_cap_and_what_others_had_taken() {
    let file = holder(
        vec![practitioner("2026-01-01", TODAY)],
        vec![approved(written(1, "2026-02-01", "3", "a")), approved(written(2, "2026-03-01", "4", "a"))],
    );
    assert_eq!(told(&file, 1, 1).len(), 2, "the first one was not capped");
    let steps = told(&file, 2, 1);
    assert_eq!(steps[0], "4 A4 pages at 1 credit for each A4 page is 4 credits (G4).");
    assert_eq!(
        steps[1],
        "One publication earns at most 5 credits over its whole life; other reports had taken 3, so 2 count (G4)."
    );
}

#[test]
fn an_extended_year_is_told_with_its_new_deadline() {
    let mut certificate = practitioner("2025-03-15", TODAY);
    extend(&mut certificate, 1, "2026-06-30");
    let file = holder(vec![certificate], vec![approved(report(1, Category::Teaching, "2026-05-01", "1"))]);
    assert_eq!(
        told(&file, 1, 1)[1],
        "Completed on 1 May 2026, which counts for the certification year from 15 March 2025 to 30 June 2026."
    );
}

#[test]
fn a_settled_year_says_when_and_what_it_counted() {
    let mut certificate = practitioner("2025-01-01", TODAY);
    settle(&mut certificate, 1, YearOutcome::Recertified, "2026-01-01", "21");
    let mut file = holder(
        vec![certificate],
        vec![
            approved(report(1, Category::Attending, "2025-05-01", "21")),
            approved(report(2, Category::Attending, "2025-06-01", "9")),
        ],
    );
    file.counted = vec![counted(1, 1, 1, "21")];
    for (id, counts) in [(1, "counted 21 credits"), (2, "counted 0 credits")] {
        let steps = told(&file, id, 1);
        let last = steps.last().unwrap();
        assert!(last.contains("settled on 1 January 2026") && last.contains(counts), "{last}");
    }
}

#[test]
fn a_rate_is_said_as_a_person_would() {
    for (category, units, said) in [
        (Category::Attending, 60, "1 credit for each hour"),
        (Category::Unregistered, 180, "1 credit for every 3 hours"),
        (Category::Unregistered, 90, "1 credit for every 90 minutes"),
        (Category::Reading, 150, "1 credit for each 150 pages"),
        (Category::Reading, 1, "1 credit for each page"),
        (Category::Writing, 1, "1 credit for each A4 page"),
        (Category::Writing, 2, "1 credit for each 2 A4 pages"),
    ] {
        assert_eq!(rate_in_words(category, Rate::new(category, units).unwrap()), said);
    }
}

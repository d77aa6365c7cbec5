//! Reminder stages with catch-up, and the guard against our own mistakes (G13).

use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::certification::certificate::YearOutcome;
use cpe_portal::domain::certification::deadlines::{StageOutcome, ToldStage, find, guard_holds};
use cpe_portal::domain::ids::CertificateId;
use cpe_portal::domain::ledger::HolderFile;

use super::sample::{
    approved, certificate, day, ended, extend, flag, holder, practitioner, report, settle, version_1,
    with_version_2, with_years,
};

const SENT: StageOutcome = StageOutcome::Sent;
const SUPERSEDED: StageOutcome = StageOutcome::Superseded;
const MET: StageOutcome = StageOutcome::Met;
const COVERED: StageOutcome = StageOutcome::Covered;

fn told(year: i64, deadline: &str, stages: &[i64]) -> Vec<ToldStage> {
    stages
        .iter()
        .map(|&stage| ToldStage { certificate: CertificateId(1), year, deadline: day(deadline), stage })
        .collect()
}

/// Year, stage and outcome of everything a run on `today` evaluates.
fn stages(file: &HolderFile, told: &[ToldStage], today: &str) -> Vec<(i64, i64, StageOutcome)> {
    find(file, told, &version_1(), day(today))
        .stages
        .iter()
        .map(|found| (found.stage.year, found.stage.stage, found.outcome))
        .collect()
}

/// A practitioner whose first year is 1 January to 31 December 2026.
fn of_2026(today: &str) -> HolderFile {
    holder(vec![practitioner("2026-01-01", today)], vec![])
}

#[test]
fn g13_stages_are_due_90_60_30_14_7_and_1_days_before_the_deadline_from_their_day_on() {
    // deadline 31 December: 90 days before is 2 October, 60 is 1 November, 30 is 1 December, 14 is 17, 7 is 24, 1 is 30
    let days = [
        ("2026-10-02", 90),
        ("2026-11-01", 60),
        ("2026-12-01", 30),
        ("2026-12-17", 14),
        ("2026-12-24", 7),
        ("2026-12-30", 1),
    ];
    let mut done = Vec::new();
    for (on, stage) in days {
        let eve = day(on).pred_opt().unwrap().to_string();
        let before = told(1, "2026-12-31", &done);
        assert_eq!(stages(&of_2026(&eve), &before, &eve), [], "the day before {on}");
        assert_eq!(stages(&of_2026(on), &before, on), [(1, stage, SENT)], "{on}");
        done.push(stage);
        assert_eq!(stages(&of_2026(on), &told(1, "2026-12-31", &done), on), [], "{on}, a second run");
    }
    let all = told(1, "2026-12-31", &done);
    assert_eq!(stages(&of_2026("2026-12-31"), &all, "2026-12-31"), []);
}

#[test]
fn g13_a_stage_counts_days_over_a_leap_day() {
    // deadline 14 March 2028; 30 days before is 13 February, because February has 29 days
    let at = |on: &str| holder(vec![practitioner("2027-03-15", on)], vec![]);
    let before = told(1, "2028-03-14", &[90, 60]);
    assert_eq!(stages(&at("2028-02-12"), &before, "2028-02-12"), []);
    assert_eq!(stages(&at("2028-02-13"), &before, "2028-02-13"), [(1, 30, SENT)]);
}

#[test]
fn g13_a_stage_is_due_until_the_deadline_itself_and_after_it_there_are_no_reminders() {
    let before = told(1, "2026-12-31", &[90, 60, 30, 14, 7]);
    assert_eq!(stages(&of_2026("2026-12-31"), &before, "2026-12-31"), [(1, 1, SENT)]);
    assert_eq!(stages(&of_2026("2027-01-01"), &before, "2027-01-01"), []);
}

#[test]
fn g13_of_several_missed_stages_only_the_latest_is_sent_and_the_older_are_superseded() {
    let file = of_2026("2026-12-20");
    assert_eq!(
        stages(&file, &[], "2026-12-20"),
        [(1, 90, SUPERSEDED), (1, 60, SUPERSEDED), (1, 30, SUPERSEDED), (1, 14, SENT)]
    );
    let some = told(1, "2026-12-31", &[90, 30]);
    assert_eq!(stages(&file, &some, "2026-12-20"), [(1, 60, SUPERSEDED), (1, 14, SENT)]);
    // the latest has its row already: what turns up behind it is only recorded
    let latest = told(1, "2026-12-31", &[90, 30, 14]);
    assert_eq!(stages(&file, &latest, "2026-12-20"), [(1, 60, SUPERSEDED)]);
}

#[test]
fn g13_a_stage_is_recorded_as_met_or_covered_when_nothing_is_missing() {
    let at = |hours: &str, pending: &str| {
        let reports = [(hours, true), (pending, false)]
            .into_iter()
            .zip(1..)
            .filter(|((typed, _), _)| *typed != "0")
            .map(|((typed, decided), id)| {
                let report = report(id, Category::Attending, "2026-05-01", typed);
                if decided { approved(report) } else { report }
            })
            .collect();
        holder(vec![practitioner("2026-01-01", "2026-10-02")], reports)
    };
    for (hours, pending, outcome) in [
        ("0", "0", SENT),
        ("19:59", "0", SENT),
        ("20", "0", MET),
        ("21", "5", MET),
        ("10", "9:59", SENT),
        ("10", "10", COVERED),
        ("0", "20", COVERED),
        ("19:59", "0:01", COVERED),
    ] {
        assert_eq!(stages(&at(hours, pending), &[], "2026-10-02"), [(1, 90, outcome)], "{hours} + {pending}");
    }
}

#[test]
fn g13_a_reminder_keeps_the_figures_of_that_moment() {
    let file = holder(
        vec![practitioner("2026-01-01", "2026-10-02")],
        vec![
            approved(report(1, Category::Attending, "2026-05-01", "7:30")),
            report(2, Category::Reading, "2026-05-02", "200"),
        ],
    );
    let found = find(&file, &[], &version_1(), day("2026-10-02"));
    let stage = found.stages[0];
    assert_eq!(stage.year_ends_on, day("2026-12-31"));
    let figures = [stage.sums.approved, stage.sums.pending, stage.sums.required].map(|c| c.to_string());
    assert_eq!(figures, ["7.50", "1.33", "20.00"]);
}

#[test]
fn an_extension_moves_the_reminders_to_the_new_deadline() {
    let mut certificate = practitioner("2026-01-01", "2027-01-20");
    extend(&mut certificate, 1, "2027-02-19");
    let file = holder(vec![certificate], vec![]);
    let before = told(1, "2026-12-31", &[90, 60, 30, 14, 7, 1]);
    // 30 days before 19 February is 20 January; 90 and 60 of the new deadline have passed already
    assert_eq!(
        stages(&file, &before, "2027-01-20"),
        [(1, 90, SUPERSEDED), (1, 60, SUPERSEDED), (1, 30, SENT)]
    );
    assert_eq!(stages(&file, &told(1, "2027-02-19", &[90, 60, 30]), "2027-01-20"), []);
}

#[test]
fn stages_come_from_the_policy_of_the_years_first_day() {
    let policies = with_version_2("2026-06-01", |policy| policy.stages = vec![10]);
    let file = holder(
        vec![
            practitioner("2026-01-01", "2026-12-30"),
            with_years(certificate(2, Level::Practitioner, "2026-06-01"), "2027-05-21"),
        ],
        vec![],
    );
    let found = |today: &str| {
        find(&file, &[], &policies, day(today))
            .stages
            .iter()
            .map(|f| (f.stage.certificate.0, f.stage.stage))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("2026-12-31").len(), 6);
    assert_eq!(
        found("2027-05-21").iter().filter(|(certificate, _)| *certificate == 2).collect::<Vec<_>>(),
        [&(2, 10)]
    );
}

#[test]
fn no_reminder_goes_to_foundation_decertified_settled_or_flagged() {
    let foundation =
        holder(vec![with_years(certificate(1, Level::Foundation, "2026-01-01"), "2026-12-20")], vec![]);
    assert_eq!(stages(&foundation, &[], "2026-12-20"), []);
    let gone = ended(certificate(1, Level::Expert, "2026-01-01"), "2026-12-01", None);
    assert_eq!(stages(&holder(vec![with_years(gone, "2026-12-20")], vec![]), &[], "2026-12-20"), []);
    let mut waived = practitioner("2026-01-01", "2026-12-20");
    settle(&mut waived, 1, YearOutcome::Waived, "2026-12-01", "0");
    assert_eq!(stages(&holder(vec![waived], vec![]), &[], "2026-12-20"), []);
    let mut flagged = practitioner("2026-01-01", "2027-01-05");
    flag(&mut flagged, 1, "2027-01-01");
    assert_eq!(stages(&holder(vec![flagged], vec![]), &[], "2027-01-05"), []);
}

#[test]
fn the_next_years_reminders_start_while_the_year_before_is_still_awaiting_or_flagged() {
    let mut flagged = practitioner("2026-01-01", "2027-10-02");
    flag(&mut flagged, 1, "2027-01-01");
    let file = holder(vec![flagged], vec![]);
    assert_eq!(stages(&file, &[], "2027-10-02"), [(2, 90, SENT)]);
}

#[test]
fn the_guard_holds_more_than_10_certificates_and_more_than_20_percent_of_the_years_judged() {
    for (certificates, years, judged, holds) in [
        (0, 0, 0, false),
        (10, 10, 10, false), // all of them, but only ten
        (10, 20, 20, false), // ten certificates with two years each
        (11, 11, 11, true),
        (11, 11, 54, true),  // 20.4 %
        (11, 11, 55, false), // exactly 20 %
        (11, 11, 56, false),
        (11, 22, 60, true),  // 22 of 60 years are 36.7 %
        (11, 12, 60, false), // 12 of 60 are exactly 20 %
        (200, 200, 1000, false),
        (201, 201, 1000, true),
    ] {
        assert_eq!(guard_holds(certificates, years, judged), holds, "{certificates}, {years} of {judged}");
    }
}

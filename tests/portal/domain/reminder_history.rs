//! Why a reminder was or was not written.

use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::certification::certificate::{CertificationYear, Settlement, YearOutcome};
use cpe_portal::domain::certification::deadlines::StageOutcome;
use cpe_portal::domain::notices::delivery::Delivery;
use cpe_portal::domain::notices::delivery::MailState;
use cpe_portal::domain::notices::reminder_history::{StageFate, StageLine, stage_lines};

use super::sample::{certificate, day, version_1};
use cpe_portal::domain::certification::catalogue::Level;

/// From 1 March 2026 to 28 February 2027, which is its deadline.
fn year() -> CertificationYear {
    CertificationYear::by_calendar(&certificate(1, Level::Practitioner, "2026-03-01"), 1)
}

fn fates(year: &CertificationYear, evaluated: &[(&str, i64, StageOutcome)], today: &str) -> Vec<StageFate> {
    let evaluated: Vec<_> =
        evaluated.iter().map(|(deadline, stage, outcome)| (day(deadline), *stage, *outcome)).collect();
    let lines: Vec<StageLine> = stage_lines(year, &evaluated, &version_1(), day(today));
    lines.iter().map(|line| line.fate).collect()
}

#[test]
fn before_the_first_stage_everything_lies_ahead_in_order() {
    let lines = stage_lines(&year(), &[], &version_1(), day("2026-06-01"));
    let stages: Vec<i64> = lines.iter().map(|line| line.stage).collect();
    assert_eq!(stages, [90, 60, 30, 14, 7, 1]);
    assert!(lines.iter().all(|line| line.fate == StageFate::Ahead));
    assert_eq!(lines[0].due_on, day("2026-11-30"));
    assert_eq!(lines[5].due_on, day("2027-02-27"));
}

#[test]
fn a_stage_without_a_row_is_due_from_its_day_to_the_deadline_and_missed_afterwards() {
    use StageFate::{Ahead, Due, Evaluated, Missed};
    let superseded = ("2027-02-28", 90, StageOutcome::Superseded);
    let sent = ("2027-02-28", 60, StageOutcome::Sent);
    assert_eq!(
        fates(&year(), &[superseded, sent], "2027-01-29"),
        [Evaluated(StageOutcome::Superseded), Evaluated(StageOutcome::Sent), Due, Ahead, Ahead, Ahead]
    );
    assert_eq!(fates(&year(), &[], "2027-02-28"), [Due; 6]);
    assert_eq!(fates(&year(), &[], "2027-03-01"), [Missed; 6]);
}

#[test]
fn what_was_decided_before_a_stage_was_due_leaves_nothing_to_remind_of() {
    let settlement = Settlement {
        outcome: YearOutcome::Waived,
        settled_on: day("2027-01-01"),
        approved: Credits::ZERO,
        required: Credits::whole(20),
        carried: Credits::ZERO,
    };
    let settled = CertificationYear { settlement: Some(settlement), ..year() };
    let sent = ("2027-02-28", 90, StageOutcome::Sent);
    let fates = fates(&settled, &[sent], "2027-01-05");
    assert_eq!(fates[0], StageFate::Evaluated(StageOutcome::Sent));
    assert_eq!(fates[1], StageFate::Missed, "due on 30 December, before it was settled");
    assert_eq!(fates[2..], [StageFate::NotNeeded; 4]);
}

#[test]
fn stages_of_an_earlier_deadline_stay_beside_those_of_the_new_one() {
    let moved = CertificationYear { deadline: day("2027-06-30"), ..year() };
    let sent = ("2027-02-28", 30, StageOutcome::Sent);
    let evaluated = [(day(sent.0), sent.1, sent.2)];
    let lines = stage_lines(&moved, &evaluated, &version_1(), day("2027-02-10"));
    assert_eq!(lines.len(), 7);
    assert_eq!((lines[0].deadline, lines[0].stage), (day("2027-02-28"), 30));
    assert!(lines[1..].iter().all(|line| line.fate == StageFate::Ahead));
}

#[test]
fn only_a_delivered_notice_leaves_no_doubt() {
    assert_eq!(Delivery::doubt(Some(Delivery::of(MailState::Sent, false, None))), None);
    for (state, came_back, words) in [
        ("sent", true, "came back"),
        ("uncertain", false, "may or may not"),
        ("failed", false, "could not be delivered"),
        ("pending", false, "not been delivered yet"),
        ("claimed", false, "not been delivered yet"),
        ("committing", false, "not been delivered yet"),
    ] {
        let doubt =
            Delivery::doubt(Some(Delivery::of(MailState::from_code(state).unwrap(), came_back, None)))
                .unwrap();
        assert!(doubt.contains(words), "{state}: {doubt}");
    }
    assert!(Delivery::doubt(None).unwrap().contains("no record"));
}

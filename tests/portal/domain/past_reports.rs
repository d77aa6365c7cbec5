//! How a report stood at a moment of the past, by hand: several steps in one second, and imports of earlier days.

use chrono::NaiveDateTime;
use cpe_portal::domain::activities::activity::{Activity, ActivityStatus, Facts};
use cpe_portal::domain::activities::category::{Category, Unit};
use cpe_portal::domain::activities::past_reports::{KeptAward, KeptReport, KeptVerdict, KeptVersion};
use cpe_portal::domain::activities::quantity::Quantity;
use cpe_portal::domain::activities::review::ReviewDecision;
use cpe_portal::domain::activities::waiting_time::WaitingTime;
use cpe_portal::domain::ids::ActivityId;

use super::sample::{HOLDER, day};

fn at(text: &str, hour: u32) -> NaiveDateTime {
    day(text).and_hms_opt(hour, 0, 0).unwrap()
}

fn facts(hours: i64) -> Facts {
    Facts {
        category: Some(Category::Attending),
        title: format!("{hours} hours"),
        completed_on: Some(day("2026-03-01")),
        quantity: Some(Quantity::new(hours * 60, Unit::Minutes).unwrap()),
        ..Facts::default()
    }
}

/// A report that is in its `version`, and says `hours`.
fn kept(version: i64, status: ActivityStatus, hours: i64) -> KeptReport {
    let first = at("2026-03-10", 9);
    let now = Activity {
        id: ActivityId(1),
        holder: HOLDER,
        status,
        facts: facts(hours),
        awarded: None,
        reported_at: Some(first),
        decided_at: None,
        waiting: WaitingTime::from_submission(Some(first)),
        version,
        created_at: first,
        updated_at: first,
    };
    KeptReport { now, versions: Vec::new(), verdicts: Vec::new(), taken_back: Vec::new(), imported: None }
}

fn version(number: i64, at: NaiveDateTime, hours: i64) -> KeptVersion {
    let status = ActivityStatus::Submitted;
    KeptVersion { number, at, status, facts: facts(hours), award: KeptAward::Known(None) }
}

fn verdict(on_version: i64, at: NaiveDateTime, decision: ReviewDecision) -> KeptVerdict {
    KeptVerdict { on_version, at, decision, awarded: None }
}

/// Status, title, awarded minutes, and whether all is known, before a moment.
fn stood(report: &KeptReport, until: NaiveDateTime) -> Option<(ActivityStatus, String, Option<i64>, bool)> {
    report.as_on(until).map(|past| {
        let title = past.facts.map(|facts| facts.title).unwrap_or_default();
        (past.status, title, past.awarded.map(Quantity::amount), past.known)
    })
}

#[test]
fn the_numbers_of_versions_say_what_came_last_in_one_second() {
    let second = at("2026-03-12", 9);
    let mut report = kept(7, ActivityStatus::Approved, 5);
    report.versions = vec![version(1, at("2026-03-10", 9), 3), version(4, second, 5)];
    report.verdicts = vec![
        // version 2, taken back as version 3
        verdict(1, second, ReviewDecision::Approve),
        verdict(4, second, ReviewDecision::Return),
        KeptVerdict { awarded: Some(120), ..verdict(6, at("2026-03-20", 9), ReviewDecision::Approve) },
    ];
    report.taken_back = vec![second, at("2026-03-15", 9)];
    let words = |hours: i64| format!("{hours} hours");
    for (until, expected) in [
        (at("2026-03-10", 9), None),
        (at("2026-03-11", 0), Some((ActivityStatus::Submitted, words(3), None, true))),
        (at("2026-03-13", 0), Some((ActivityStatus::Returned, words(5), None, true))),
        (at("2026-03-16", 0), Some((ActivityStatus::Submitted, words(5), None, true))),
        (at("2026-03-21", 0), Some((ActivityStatus::Approved, words(5), Some(120), true))),
    ] {
        assert_eq!(stood(&report, until), expected, "{until}");
    }
    assert_eq!(report.as_on(at("2026-04-01", 0)).unwrap().reported_at, at("2026-03-10", 9));
}

#[test]
fn a_draft_is_not_there_before_it_is_reported_nor_after_it_was_thrown_away() {
    let mut report = kept(3, ActivityStatus::Submitted, 3);
    let draft = KeptVersion { status: ActivityStatus::Draft, ..version(1, at("2026-03-10", 9), 3) };
    report.versions = vec![draft.clone(), version(3, at("2026-03-12", 9), 4)];
    assert_eq!(stood(&report, at("2026-03-12", 0)), None);
    let reported = stood(&report, at("2026-03-13", 0));
    assert_eq!(reported, Some((ActivityStatus::Submitted, "4 hours".to_owned(), None, true)));
    let gone = KeptVersion { status: ActivityStatus::Withdrawn, ..version(2, at("2026-03-12", 9), 3) };
    report.versions = vec![draft, gone];
    assert_eq!(stood(&report, at("2026-04-01", 0)), None);
}

#[test]
fn an_import_without_a_first_version_is_known_as_far_as_nothing_changed_since() {
    let first = at("2026-03-10", 9);
    let later = at("2026-04-01", 0);
    let mut untouched = kept(1, ActivityStatus::Approved, 3);
    untouched.now.awarded = Some(Quantity::new(60, Unit::Minutes).unwrap());
    let known = Some((ActivityStatus::Approved, "3 hours".to_owned(), Some(60), true));
    assert_eq!(stood(&untouched, later), known);

    // the verdict of elsewhere was taken back: what had been awarded is gone, what it said is not
    let mut looked_at = kept(2, ActivityStatus::Submitted, 3);
    looked_at.imported = Some((first, ActivityStatus::Approved));
    looked_at.taken_back = vec![at("2026-03-20", 9)];
    let unknown = Some((ActivityStatus::Approved, "3 hours".to_owned(), None, false));
    assert_eq!(stood(&looked_at, at("2026-03-20", 0)), unknown);
    assert!(looked_at.as_on(at("2026-03-20", 0)).unwrap().report().is_none(), "it is not counted");
    assert_eq!(stood(&looked_at, later), Some((ActivityStatus::Submitted, "3 hours".to_owned(), None, true)));

    // its holder changed it: what it had said before is gone
    let mut changed = kept(2, ActivityStatus::Submitted, 7);
    changed.imported = Some((first, ActivityStatus::Submitted));
    changed.versions = vec![version(2, at("2026-03-20", 9), 7)];
    assert_eq!(
        stood(&changed, at("2026-03-20", 0)),
        Some((ActivityStatus::Submitted, String::new(), None, false))
    );
    assert_eq!(stood(&changed, later), Some((ActivityStatus::Submitted, "7 hours".to_owned(), None, true)));
}

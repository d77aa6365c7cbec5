//! Status is never stored if time alone can change it: the same recorded facts stand differently on different days.

use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::certification::certificate::YearOutcome;
use cpe_portal::domain::certification::standing::{
    BadgeTerm, Judgement, YearStanding, badge_valid_until, judge, year_standing,
};
use cpe_portal::domain::ledger::{CertificateFile, Sums};

use super::sample::{
    certificate, credits, day, extend, flag, practitioner, settle, version_1, with_version_2, with_years,
    year,
};

fn figures(approved: &str, pending: &str) -> Sums {
    Sums {
        approved: credits(approved),
        pending: credits(pending),
        required: credits("20"),
        carried: Credits::ZERO,
    }
}

fn standing(file: &CertificateFile, sums: &Sums, today: &str) -> YearStanding {
    year_standing(year(file, 1), sums, &version_1(), day(today))
}

#[test]
fn a_year_stands_by_its_dates_and_sums() {
    let file = practitioner("2026-01-01", "2026-11-23");
    for (approved, pending, today, expected) in [
        ("0", "0", "2025-12-31", YearStanding::Upcoming),
        ("0", "0", "2026-01-01", YearStanding::Open),
        ("0", "0", "2026-12-31", YearStanding::Open),
        ("25", "0", "2026-12-31", YearStanding::Open),
        ("20", "0", "2027-01-01", YearStanding::Met),
        ("10", "10", "2027-01-01", YearStanding::AwaitingReview),
        ("10", "9.99", "2027-01-01", YearStanding::Short),
    ] {
        assert_eq!(
            standing(&file, &figures(approved, pending), today),
            expected,
            "{approved} + {pending} on {today}"
        );
    }
}

#[test]
fn an_extended_year_stands_as_extended_until_its_new_deadline() {
    let mut file = practitioner("2026-01-01", "2027-02-01");
    extend(&mut file, 1, "2027-02-28");
    let none = figures("0", "0");
    assert_eq!(standing(&file, &none, "2026-06-01"), YearStanding::Extended);
    assert_eq!(standing(&file, &none, "2027-02-28"), YearStanding::Extended);
    assert_eq!(standing(&file, &none, "2027-03-01"), YearStanding::Short);
}

#[test]
fn a_flagged_year_says_since_when_until_when_to_answer_and_from_when_it_is_decided() {
    let mut file = practitioner("2026-01-01", "2027-02-01");
    flag(&mut file, 1, "2027-01-01");
    let expected = YearStanding::Flagged {
        since: day("2027-01-01"),
        answer_until: day("2027-01-15"),
        decide_from: day("2027-01-16"),
    };
    // also when late reports cover it or meet it: until the run lifts the flag
    for (approved, pending) in [("0", "0"), ("0", "20"), ("20", "0")] {
        assert_eq!(standing(&file, &figures(approved, pending), "2027-01-10"), expected);
    }
}

#[test]
fn the_notice_period_is_that_of_the_policy_on_the_years_first_day() {
    let mut file = practitioner("2026-01-01", "2027-02-01");
    flag(&mut file, 1, "2027-01-01");
    let decided_from =
        |policies| match year_standing(year(&file, 1), &figures("0", "0"), &policies, day("2027-01-10")) {
            YearStanding::Flagged { decide_from, .. } => decide_from,
            other => panic!("{other:?}"),
        };
    let thirty = |first_day: &str| with_version_2(first_day, |policy| policy.notice_days = 30);
    assert_eq!(decided_from(thirty("2026-01-01")), day("2027-02-01"));
    assert_eq!(decided_from(thirty("2026-01-02")), day("2027-01-16"));
}

#[test]
fn a_settled_year_stands_as_it_was_settled_on_every_day() {
    for outcome in YearOutcome::ALL {
        let mut file = practitioner("2026-01-01", "2027-02-01");
        settle(&mut file, 1, outcome, "2027-01-01", "20");
        for today in ["2026-01-01", "2030-01-01"] {
            assert_eq!(standing(&file, &figures("0", "0"), today), YearStanding::Settled(outcome));
        }
    }
}

#[test]
fn submission_stops_the_clock() {
    for (approved, pending, expected) in [
        ("20", "0", Judgement::Recertified),
        ("20", "9", Judgement::Recertified),
        ("19.99", "0.01", Judgement::AwaitingReview),
        ("0", "20", Judgement::AwaitingReview),
        ("19.99", "0", Judgement::Short),
        ("0", "19.99", Judgement::Short),
    ] {
        assert_eq!(judge(&figures(approved, pending)), expected, "{approved} + {pending}");
    }
}

#[test]
fn a_badge_is_valid_until_90_days_after_the_deadline_of_the_year_in_progress() {
    let valid = |file: &CertificateFile, today: &str| badge_valid_until(file, day(today));
    let mut file = practitioner("2026-01-01", "2027-02-01");
    // 31 December + 90 days: 31 in January, 28 in February, 31 in March
    assert_eq!(valid(&file, "2026-06-01"), Some(day("2027-03-31")));
    assert_eq!(valid(&file, "2027-01-01"), Some(day("2028-03-30"))); // February 2028 has 29 days
    extend(&mut file, 1, "2027-02-10");
    assert_eq!(valid(&file, "2026-06-01"), Some(day("2027-05-11")));
    // the next year is in progress and ends later than the extension
    assert_eq!(valid(&file, "2027-01-05"), Some(day("2028-03-30")));
}

#[test]
fn why_a_badge_runs_longer_than_its_deadline_is_said_as_of_the_day() {
    let term = BadgeTerm::of(day("2028-03-30"));
    assert_eq!(term.deadline, day("2027-12-31"), "February 2028 has 29 days");
    let words = |today: &str| term.why_longer(day(today));
    let ahead = "The badge itself runs 90 days longer, to 30 March 2028, so that there is time to decide about the next year.";
    assert_eq!(words("2027-12-31"), ahead);
    assert_eq!(
        words("2028-01-01"),
        "That day has passed, and the year is being settled. The badge itself runs 90 days longer, to 30 March 2028, so that there is time for it."
    );
    assert!(words("2028-03-30").starts_with("That day has passed"));
    assert_eq!(words("2028-03-31"), "The badge itself ran 90 days longer, to 30 March 2028.");
}

#[test]
fn an_unsettled_earlier_year_with_the_later_deadline_keeps_the_badge() {
    // granted on 15 March 2024: the fourth year ends on 14 March 2028, 365 days later is 14 March 2029
    let mut file = practitioner("2024-03-15", "2028-06-01");
    extend(&mut file, 4, "2029-03-14");
    assert_eq!(badge_valid_until(&file, day("2028-06-01")), Some(day("2029-06-12")));
}

#[test]
fn a_foundation_badge_never_expires() {
    let file = with_years(certificate(1, Level::Foundation, "2026-01-01"), "2027-02-01");
    assert_eq!(badge_valid_until(&file, day("2030-01-01")), None);
}

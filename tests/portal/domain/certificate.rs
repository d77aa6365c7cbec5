//! Standing of a certificate: active days, minimums by level, gaps after a decertification.

use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::certification::certificate::{CertificationYear, YearOutcome, complete_years};

use super::sample::{certificate, credits, day, ended, guide, practitioner, settle, year};

#[test]
fn g1_foundation_needs_nothing_practitioner_20_expert_40_certified_officer_40() {
    let policy = guide();
    assert_eq!(policy.minimum(Level::Foundation), None);
    assert_eq!(policy.minimum(Level::Practitioner), Some(credits("20")));
    assert_eq!(policy.minimum(Level::Expert), Some(credits("40")));
    assert_eq!(policy.minimum(Level::CertifiedOfficer), Some(credits("40")));
    let needing: Vec<bool> = Level::ALL.iter().map(|level| level.needs_cpe()).collect();
    assert_eq!(needing, [false, true, true, true]);
}

#[test]
fn g10_a_certificate_is_active_from_its_grant_until_the_day_it_is_decertified() {
    let plain = certificate(1, Level::Practitioner, "2026-01-01");
    let gone = ended(plain.clone(), "2027-02-01", None);
    let back = ended(plain.clone(), "2027-02-01", Some("2027-05-10"));
    let same_day = ended(plain.clone(), "2027-02-01", Some("2027-02-01"));
    for (on, active_plain, active_gone, active_back, active_same_day) in [
        ("2025-12-31", false, false, false, false),
        ("2026-01-01", true, true, true, true),
        ("2027-01-31", true, true, true, true),
        ("2027-02-01", true, false, false, true),
        ("2027-05-09", true, false, false, true),
        ("2027-05-10", true, false, true, true),
        ("2030-01-01", true, false, true, true),
    ] {
        let found = [&plain, &gone, &back, &same_day].map(|c| c.active_on(day(on)));
        assert_eq!(found, [active_plain, active_gone, active_back, active_same_day], "{on}");
    }
    assert!(plain.stands() && back.stands() && !gone.stands());
    assert_eq!(gone.ending().map(|ending| ending.ended_on), Some(day("2027-02-01")));
    assert_eq!(back.ending(), None);
}

#[test]
fn a_certificate_can_end_and_be_reinstated_twice() {
    let twice = ended(
        ended(certificate(1, Level::Expert, "2024-01-01"), "2025-02-01", Some("2025-03-01")),
        "2026-02-01",
        None,
    );
    for (on, active) in [
        ("2025-01-31", true),
        ("2025-02-15", false),
        ("2025-03-01", true),
        ("2026-01-31", true),
        ("2026-02-01", false),
    ] {
        assert_eq!(twice.active_on(day(on)), active, "{on}");
    }
    assert!(!twice.stands());
}

#[test]
fn recorded_years_are_completed_from_the_calendar_without_gaps() {
    let mut file = practitioner("2024-05-01", "2026-11-23");
    settle(&mut file, 2, YearOutcome::Recertified, "2026-05-01", "21");
    let only_second: Vec<CertificationYear> = vec![year(&file, 2).clone()];
    let completed = complete_years(&file.certificate, only_second, day("2026-11-23"));
    let numbers: Vec<i64> = completed.iter().map(|y| y.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert_eq!(completed.iter().filter(|y| y.settlement.is_some()).count(), 1);
    assert_eq!(completed, file.years);
}

#[test]
fn recorded_years_beyond_today_are_kept() {
    let file = practitioner("2024-05-01", "2027-11-23");
    assert_eq!(file.years.len(), 5);
    let earlier = complete_years(&file.certificate, file.years.clone(), day("2024-06-01"));
    assert_eq!(earlier, file.years);
}

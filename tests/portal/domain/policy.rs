//! Policies are versions with a first day.

use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::certification::certificate::YearOutcome;
use cpe_portal::domain::certification::policy::{Policies, Policy, PolicyProblem, Rate};

use super::sample::{
    approved, certificate, credits, day, guide, holder, practitioner, report, settle, sums, version_1,
    with_version_2, with_years, year_mut,
};

const TODAY: &str = "2026-11-23";

#[test]
fn a_year_is_judged_by_the_policy_in_force_on_its_first_day() {
    let policies = with_version_2("2026-03-15", |policy| policy.minimums.practitioner = credits("25"));
    let at = |granted: &str| holder(vec![practitioner(granted, TODAY)], vec![]);
    assert_eq!(sums(&at("2026-03-14"), 0, 1, &policies).required, credits("20"));
    assert_eq!(sums(&at("2026-03-15"), 0, 1, &policies).required, credits("25"));
    assert_eq!(sums(&at("2025-03-14"), 0, 2, &policies).required, credits("20"));
    assert_eq!(sums(&at("2025-03-15"), 0, 2, &policies).required, credits("25"));
    assert_eq!(sums(&at("2026-03-14"), 0, 2, &policies).required, credits("25"));
}

#[test]
fn an_activity_is_judged_by_the_policy_in_force_on_the_day_it_was_completed() {
    let policies = with_version_2("2026-06-01", |policy| {
        policy.rates.unregistered = Rate::new(Category::Unregistered, 120).unwrap();
    });
    let file = holder(
        vec![practitioner("2026-01-01", TODAY)],
        vec![
            approved(report(1, Category::Unregistered, "2026-05-31", "6")), // 2 credits by version 1
            approved(report(2, Category::Unregistered, "2026-06-01", "6")), // 3 credits by version 2
        ],
    );
    assert_eq!(sums(&file, 0, 1, &policies).approved, credits("5"));
}

#[test]
fn the_version_in_force_is_the_latest_whose_first_day_has_come() {
    let version = |number, first_day| Policy { version: number, first_day: day(first_day), ..guide() };
    let policies =
        Policies::new(vec![version(3, "2028-01-01"), version(1, "2026-01-01"), version(2, "2027-01-01")])
            .unwrap();
    for (on, number) in [
        ("1999-01-01", 1), // the first version also covers what came before it
        ("2026-12-31", 1),
        ("2027-01-01", 2),
        ("2027-12-31", 2),
        ("2028-01-01", 3),
        ("2099-01-01", 3),
    ] {
        assert_eq!(policies.in_force_on(day(on)).version, number, "{on}");
    }
    assert_eq!(policies.newest().version, 3);
    assert!(Policies::new(vec![]).is_none());
}

#[test]
fn a_rate_that_36_000_cannot_hold_exactly_is_refused_with_the_reason() {
    for units in [50, 60, 90, 100, 120, 150, 180, 200, 240, 250, 300, 360, 400, 480, 500, 1, 36_000] {
        assert!(Rate::new(Category::Reading, units).is_ok(), "{units}");
    }
    for units in [7, 11, 13, 70, 110, 210, 350, 35_999, 36_001, 72_000] {
        let refused = Rate::new(Category::Reading, units).unwrap_err();
        assert_eq!(refused, PolicyProblem::RateNotExact(Category::Reading, units));
        assert!(
            refused.to_string().contains(&units.to_string()) && refused.to_string().contains("36\u{a0}000"),
            "{refused}"
        );
    }
    for units in [0, -60, i64::MIN] {
        assert_eq!(
            Rate::new(Category::Reading, units),
            Err(PolicyProblem::RateNotPositive(Category::Reading)),
            "{units}"
        );
    }
}

#[test]
fn stages_are_different_whole_days_from_far_to_near() {
    assert_eq!(Policy::checked_stages(vec![1, 90, 14]), Ok(vec![90, 14, 1]));
    assert_eq!(Policy::checked_stages(vec![365]), Ok(vec![365]));
    for stages in [vec![], vec![0], vec![-1], vec![366], vec![30, 30], vec![90, 0]] {
        assert_eq!(Policy::checked_stages(stages.clone()), Err(PolicyProblem::Stages), "{stages:?}");
    }
    assert_eq!(version_1().widest_stage(), 90);
    assert_eq!(with_version_2("2030-01-01", |policy| policy.stages = vec![120, 1]).widest_stage(), 120);
}

#[test]
fn version_1_carries_nothing_over() {
    let mut file = practitioner("2025-01-01", TODAY);
    settle(&mut file, 1, YearOutcome::Recertified, "2026-01-01", "35");
    let file = holder(vec![file], vec![]);
    let second = sums(&file, 0, 2, &version_1());
    assert_eq!((second.approved, second.carried), (credits("0"), credits("0")));
}

#[test]
fn a_carry_over_moves_what_a_recertified_year_had_too_much_up_to_the_policys_limit() {
    let policies = with_version_2("2026-01-01", |policy| policy.carry_over = credits("5"));
    for (outcome, earned, carried_in, moved) in [
        (YearOutcome::Recertified, "35", "0", "5"),
        (YearOutcome::Recertified, "23", "0", "3"),
        (YearOutcome::Recertified, "20", "0", "0"),
        // 23 with 22 carried in: only the one it earned itself moves on
        (YearOutcome::Recertified, "23", "22", "1"),
        (YearOutcome::Waived, "35", "0", "0"),
        (YearOutcome::BeforeTakeover, "35", "0", "0"),
    ] {
        let mut file = practitioner("2025-01-01", TODAY);
        settle(&mut file, 1, outcome, "2026-01-01", earned);
        year_mut(&mut file, 1).settlement.as_mut().unwrap().carried = credits(carried_in);
        let file = holder(vec![file], vec![approved(report(1, Category::Attending, "2026-02-01", "2"))]);
        let second = sums(&file, 0, 2, &policies);
        assert_eq!(second.carried, credits(moved), "{outcome:?} {earned}");
        assert_eq!(second.approved, credits(moved) + credits("2"), "{outcome:?} {earned}");
    }
}

#[test]
fn g1_each_level_is_held_to_its_own_minimum() {
    for (level, required) in
        [(Level::Practitioner, "20"), (Level::Expert, "40"), (Level::CertifiedOfficer, "40")]
    {
        let file = holder(vec![with_years(certificate(1, level, "2026-01-01"), TODAY)], vec![]);
        assert_eq!(sums(&file, 0, 1, &version_1()).required, credits(required), "{level:?}");
    }
}

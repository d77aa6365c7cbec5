//! The guard against our own mistakes: too many new flags at once wait until an administrator confirms them.

use cpe_portal::actions::deadlines::confirm_held;
use cpe_portal::domain::roles::{Administrator, Role};

use super::body::{
    announced, approved, assert_same, confirming_on, dry_on, dump, kinds_of, numbers, practitioner, run_on,
    texts,
};
use crate::support::{Rights, TestPortal};

// year 1 ends on 14 March 2027
const GRANTED: &str = "2026-03-15";

#[test]
fn the_guard_lets_10_flags_pass_and_holds_11() {
    for (short, met, flagged) in
        [(10, 0, 10), (11, 0, 0), (11, 43, 0), (11, 44, 11), (12, 48, 12), (12, 47, 0)]
    {
        let portal = TestPortal::new();
        for index in 0..short + met {
            let (holder, _) = practitioner(&portal, &format!("P{index:02}"), GRANTED);
            if index >= short {
                approved(&portal, &holder, "2026-06-01", 20);
            }
        }
        let dry = dry_on(&portal, "2027-03-15");
        let report = run_on(&portal, "2027-03-15");
        assert_eq!(announced(&dry), announced(&report));
        assert_eq!(report.flagged.len(), flagged, "{short} of {}", short + met);
        assert_eq!(report.held.len(), short - flagged, "{short} of {}", short + met);
        // everything else goes ahead
        assert_eq!(report.recertified.len(), met);
    }
}

#[test]
fn held_flags_wait_until_an_administrator_confirms_them() {
    let portal = TestPortal::new();
    let holders: Vec<_> =
        (0..11).map(|index| practitioner(&portal, &format!("P{index:02}"), GRANTED).0).collect();
    let admin = portal.account("ada@people.test", "Ada", Role::Administrator);
    assert_eq!(run_on(&portal, "2027-03-15").held.len(), 11);
    assert_eq!(kinds_of(&portal, holders[0].id), [""; 0]);
    let before = dump(&portal);
    assert_eq!(run_on(&portal, "2027-03-15").held.len(), 11);
    assert_same(&before, &dump(&portal), "again");
    // one is met meanwhile: ten are left, and they still wait; others pass
    approved(&portal, &holders[0], "2027-03-01", 20);
    practitioner(&portal, "Later", "2026-03-16");
    let next = run_on(&portal, "2027-03-17");
    assert_eq!(numbers(&next.recertified), ["ISP-P00"]);
    assert_eq!(next.held.len(), 11);
    assert_eq!(next.flagged.len(), 0, "eleven certificates to flag are too many again");
    let (reviewer, _) = (portal.account("rita@people.test", "Rita", Role::Reviewer), ());
    assert!(Administrator::of(reviewer.actor()).is_none(), "no reviewer can confirm them");
    assert_eq!(confirm_held(&portal, admin.as_administrator()).unwrap(), 11);
    let dry = dry_on(&portal, "2027-03-18");
    let confirmed = run_on(&portal, "2027-03-18");
    assert_eq!(announced(&dry), announced(&confirmed));
    assert_eq!(confirmed.flagged.len(), 11);
    assert!(confirmed.held.is_empty());
    assert_eq!(kinds_of(&portal, holders[1].id), ["flagged"]);
    assert!(texts(&portal, "SELECT 'held' AS text FROM held_flags").is_empty());
}

#[test]
fn a_held_flag_waits_also_when_few_are_left() {
    let portal = TestPortal::new();
    let holders: Vec<_> =
        (0..11).map(|index| practitioner(&portal, &format!("P{index:02}"), GRANTED).0).collect();
    run_on(&portal, "2027-03-15");
    for holder in &holders[..8] {
        approved(&portal, holder, "2027-03-01", 20);
    }
    practitioner(&portal, "Later", "2026-03-16");
    let next = run_on(&portal, "2027-03-17");
    assert_eq!(next.held.len(), 3);
    assert_eq!(numbers(&next.flagged), ["ISP-Later"]);
    let confirmed = confirming_on(&portal, "2027-03-18");
    assert_eq!(confirmed.flagged.len(), 3);
    assert!(texts(&portal, "SELECT 'held' AS text FROM held_flags").is_empty());
}

#[test]
fn two_certificates_of_one_year_count_one_each_for_the_guard() {
    let portal = TestPortal::new();
    // six holders with two overdue years each: six certificates, twelve years
    for index in 0..6 {
        practitioner(&portal, &format!("P{index:02}"), GRANTED);
    }
    assert_eq!(run_on(&portal, "2028-03-15").flagged.len(), 12);
}

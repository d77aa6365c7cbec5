//! The guard against our own mistakes, over a whole run: too many new flags at once are held until an administrator confirms them.

use std::collections::{BTreeMap, BTreeSet};

use super::outcome::RunLine;
use crate::domain::certification::certificate::CertificationYear;
use crate::domain::certification::deadlines::guard_holds;
use crate::domain::ids::HolderId;
use crate::store::certification::held_flags::{FlagKey, Held};

/// A year that is short on credits and not flagged: the guard decides.
pub(super) struct Short {
    pub holder: HolderId,
    pub key: FlagKey,
    pub line: RunLine,
}

/// A year's flag.
pub(super) const fn key(year: &CertificationYear) -> FlagKey {
    (year.certificate, year.number, year.deadline)
}

/// What becomes of each flag of a run.
pub(super) struct Guard {
    flags: BTreeSet<FlagKey>,
    holds: BTreeSet<FlagKey>,
    newly_holds: BTreeSet<FlagKey>,
}

impl Guard {
    /// Decides about the flags of a run that `judged` so many years. A flag that an administrator confirmed passes. One that an earlier run held waits for the confirmation, however few
    /// others there are today. The rest passes unless it is too much at once.
    pub fn decide(shorts: &[Short], judged: usize, held: &[Held], confirm_mass_flag: bool) -> Guard {
        let held: BTreeMap<FlagKey, bool> = held.iter().map(|held| (held.key, held.confirmed)).collect();
        let confirmed = |key: &FlagKey| confirm_mass_flag || held.get(key) == Some(&true);
        let unconfirmed: BTreeSet<_> =
            shorts.iter().map(|short| short.key).filter(|key| !confirmed(key)).collect();
        let certificates: BTreeSet<_> = unconfirmed.iter().map(|(certificate, _, _)| certificate).collect();
        let too_many = guard_holds(certificates.len(), unconfirmed.len(), judged);
        let mut guard =
            Guard { flags: BTreeSet::new(), holds: BTreeSet::new(), newly_holds: BTreeSet::new() };
        for key in shorts.iter().map(|short| short.key) {
            let waits = held.contains_key(&key);
            if confirmed(&key) || !(too_many || waits) {
                guard.flags.insert(key);
            } else {
                guard.holds.insert(key);
                if !waits {
                    guard.newly_holds.insert(key);
                }
            }
        }
        guard
    }

    /// Whether the year is to be flagged in this run.
    pub fn flags(&self, key: &FlagKey) -> bool {
        self.flags.contains(key)
    }

    /// Whether its flag waits.
    pub fn holds(&self, key: &FlagKey) -> bool {
        self.holds.contains(key)
    }

    /// Whether it waits from this run on.
    pub fn newly_holds(&self, key: &FlagKey) -> bool {
        self.newly_holds.contains(key)
    }
}

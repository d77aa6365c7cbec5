//! Policies: versions of the rules' figures, each with a first day. The guide is version 1.

use chrono::NaiveDate;

use super::catalogue::Level;
use crate::domain::activities::category::Category;
use crate::domain::activities::credits::{Credits, PARTS_PER_CREDIT};
use crate::domain::activities::quantity::Quantity;
use crate::domain::dates::long_date;
use crate::domain::ids::PolicyId;

/// How many of a category's unit make one credit: 60 minutes, 150 pages, 1 A4 page, 180 minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    units_per_credit: i64,
}

impl Rate {
    /// A rate that 36 000 parts hold exactly.
    ///
    /// # Errors
    /// `PolicyProblem::RateNotExact` when a unit would not be a whole number of parts, `RateNotPositive` below one.
    pub fn new(category: Category, units_per_credit: i64) -> Result<Rate, PolicyProblem> {
        if units_per_credit < 1 {
            return Err(PolicyProblem::RateNotPositive(category));
        }
        if PARTS_PER_CREDIT % units_per_credit != 0 {
            return Err(PolicyProblem::RateNotExact(category, units_per_credit));
        }
        Ok(Rate { units_per_credit })
    }

    /// Units (minutes, pages) for one credit.
    pub const fn units_per_credit(self) -> i64 {
        self.units_per_credit
    }

    /// Exact credits for a quantity.
    pub fn credits(self, quantity: Quantity) -> Credits {
        Credits::from_parts(quantity.amount().saturating_mul(PARTS_PER_CREDIT / self.units_per_credit))
    }
}

/// Minimum credits in a certification year, by level (G1). Foundation has none, by type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minimums {
    /// Practitioner: 20 in version 1.
    pub practitioner: Credits,
    /// Expert: 40 in version 1.
    pub expert: Credits,
    /// Certified Officer: 40 in version 1.
    pub certified_officer: Credits,
}

/// Rates by category (G2–G7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// G2
    pub attending: Rate,
    /// G3
    pub reading: Rate,
    /// G4
    pub writing: Rate,
    /// G5
    pub teaching: Rate,
    /// G6
    pub course_material: Rate,
    /// G7
    pub unregistered: Rate,
}

/// One version of the rules' figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its identity.
    pub id: PolicyId,
    /// 1, 2 …
    pub version: i64,
    /// The first day it is in force.
    pub first_day: NaiveDate,
    /// Minimum credits by level.
    pub minimums: Minimums,
    /// Units for a credit by category.
    pub rates: Rates,
    /// Most credits one publication can earn over its whole life (G4): 5 in version 1.
    pub publication_cap: Credits,
    /// Days before a deadline on which reminders become due, from far to near.
    pub stages: Vec<i64>,
    /// Days a holder has to answer a flag.
    pub notice_days: i64,
    /// Most credits beyond the minimum that move into the next year; the guide has none.
    pub carry_over: Credits,
}

/// Why a policy cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyProblem {
    /// Below one unit.
    #[error("Enter at least 1.")]
    RateNotPositive(Category),
    /// A unit would be no whole number of parts, so credits would have to be rounded.
    #[error(
        "{1} cannot be used: the portal counts exactly, in 36\u{a0}000 parts of a credit, and 36\u{a0}000 is not divisible by {1}. Numbers such as 50, 60, 90, 100, 120, 150, 180, 200 or 240 work."
    )]
    RateNotExact(Category, i64),
    /// The first day must be after today, and after every version before.
    #[error("Choose a first day after {}: a version that is already in force is never changed.", long_date(*.0))]
    FirstDayTooEarly(NaiveDate),
    /// No stages, or stages outside 1 to 365 days, or one named twice.
    #[error("Enter different whole numbers of days from 1 to 365, such as 90, 60, 30, 14, 7, 1.")]
    Stages,
    /// Outside 1 to 365 days.
    #[error("Enter a whole number of days from 1 to 365.")]
    NoticeDays,
}

impl Policy {
    /// The minimum for a year at a level, `None` where no CPE is needed (G1).
    pub const fn minimum(&self, level: Level) -> Option<Credits> {
        match level {
            Level::Foundation => None,
            Level::Practitioner => Some(self.minimums.practitioner),
            Level::Expert => Some(self.minimums.expert),
            Level::CertifiedOfficer => Some(self.minimums.certified_officer),
        }
    }

    /// The rate of a category (G2–G7).
    pub const fn rate(&self, category: Category) -> Rate {
        match category {
            Category::Attending => self.rates.attending,
            Category::Reading => self.rates.reading,
            Category::Writing => self.rates.writing,
            Category::Teaching => self.rates.teaching,
            Category::CourseMaterial => self.rates.course_material,
            Category::Unregistered => self.rates.unregistered,
        }
    }

    /// Checks stages: different whole days from 1 to 365. Gives them from far to near.
    ///
    /// # Errors
    /// `PolicyProblem::Stages`.
    pub fn checked_stages(mut stages: Vec<i64>) -> Result<Vec<i64>, PolicyProblem> {
        stages.sort_unstable_by(|a, b| b.cmp(a));
        let all = stages.len();
        stages.dedup();
        let fits = !stages.is_empty() && all == stages.len() && stages.iter().all(|d| (1..=365).contains(d));
        if fits { Ok(stages) } else { Err(PolicyProblem::Stages) }
    }
}

/// All versions, in order of their first day.
#[derive(Clone, Debug)]
pub struct Policies {
    first: Policy,
    later: Vec<Policy>,
}

impl Policies {
    /// From all versions; `None` without any.
    pub fn new(mut versions: Vec<Policy>) -> Option<Policies> {
        versions.sort_by_key(|policy| policy.first_day);
        let mut versions = versions.into_iter();
        let first = versions.next()?;
        Some(Policies { first, later: versions.collect() })
    }

    /// The version in force on a day. A year is judged by the one of its first day, an activity by the one of the day it
    /// was completed.
    pub fn in_force_on(&self, day: NaiveDate) -> &Policy {
        self.later.iter().rev().find(|policy| policy.first_day <= day).unwrap_or(&self.first)
    }

    /// The minimum of a year that starts on a day, for a certificate of a level (G1); none for Foundation.
    pub fn minimum_from(&self, year_starts_on: NaiveDate, level: Level) -> Credits {
        self.in_force_on(year_starts_on).minimum(level).unwrap_or_default()
    }

    /// Every version, from the oldest.
    pub fn all(&self) -> impl Iterator<Item = &Policy> {
        std::iter::once(&self.first).chain(self.later.iter())
    }

    /// The newest version, in force or to come.
    pub fn newest(&self) -> &Policy {
        self.later.last().unwrap_or(&self.first)
    }

    /// The earliest reminder of any version, in days before a deadline: how far ahead the run must look.
    pub fn widest_stage(&self) -> i64 {
        self.all().flat_map(|policy| policy.stages.iter().copied()).max().unwrap_or(0)
    }
}

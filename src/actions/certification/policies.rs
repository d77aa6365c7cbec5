//! Policy versions: a change of the rules' figures is a new version with a first day; what is in force is never edited.

use chrono::NaiveDate;

use crate::actions::ActionError;
use crate::domain::activities::category::Category;
use crate::domain::activities::credits::Credits;
use crate::domain::certification::policy::{Minimums, Policy, PolicyProblem, Rate, Rates};
use crate::domain::dates::long_date;
use crate::domain::dates::{DayProblem, certain_day};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::PolicyId;
use crate::domain::roles::Administrator;
use crate::portal::Portal;
use crate::store::certification::policies;
use crate::store::records::history::{self, Event};

/// A policy as the form gives it: everything as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenPolicy {
    /// The first day it is in force.
    pub first_day: String,
    /// Credits a year for practitioners.
    pub minimum_practitioner: String,
    /// Credits a year for experts.
    pub minimum_expert: String,
    /// Credits a year for certified officers.
    pub minimum_certified_officer: String,
    /// Minutes for a credit (G2).
    pub rate_attending: String,
    /// Pages for a credit (G3).
    pub rate_reading: String,
    /// A4 pages for a credit (G4).
    pub rate_writing: String,
    /// Minutes for a credit (G5).
    pub rate_teaching: String,
    /// Minutes for a credit (G6).
    pub rate_course_material: String,
    /// Minutes for a credit (G7).
    pub rate_unregistered: String,
    /// Most credits for one publication (G4).
    pub publication_cap: String,
    /// Days before a deadline, with commas.
    pub stages: String,
    /// Days to answer a flag.
    pub notice_days: String,
    /// Most credits that move into the next year.
    pub carry_over: String,
}

impl GivenPolicy {
    /// A form that is filled with a policy's figures, without a first day.
    pub fn like(policy: &Policy) -> GivenPolicy {
        let credits = |credits: Credits| {
            let shown = credits.to_string();
            shown.strip_suffix(".00").map_or_else(|| shown.clone(), str::to_owned)
        };
        let rate = |category| policy.rate(category).units_per_credit().to_string();
        GivenPolicy {
            first_day: String::new(),
            minimum_practitioner: credits(policy.minimums.practitioner),
            minimum_expert: credits(policy.minimums.expert),
            minimum_certified_officer: credits(policy.minimums.certified_officer),
            rate_attending: rate(Category::Attending),
            rate_reading: rate(Category::Reading),
            rate_writing: rate(Category::Writing),
            rate_teaching: rate(Category::Teaching),
            rate_course_material: rate(Category::CourseMaterial),
            rate_unregistered: rate(Category::Unregistered),
            publication_cap: credits(policy.publication_cap),
            stages: policy.stages.iter().map(i64::to_string).collect::<Vec<_>>().join(", "),
            notice_days: policy.notice_days.to_string(),
            carry_over: credits(policy.carry_over),
        }
    }
}

/// Collects what is wrong, in the order of the form.
#[derive(Default)]
struct Reading(Vec<(&'static str, String)>);

impl Reading {
    fn credits(&mut self, field: &'static str, text: &str) -> Credits {
        match Credits::parse(text) {
            Ok(credits) => credits,
            Err(problem) => {
                self.0.push((field, problem.to_string()));
                Credits::ZERO
            }
        }
    }

    fn rate(&mut self, field: &'static str, category: Category, text: &str) -> Option<Rate> {
        let Ok(units) = text.trim().parse() else {
            self.0.push((field, "Enter a whole number, such as 60 or 150.".to_owned()));
            return None;
        };
        Rate::new(category, units).map_err(|problem| self.0.push((field, problem.to_string()))).ok()
    }

    /// A day after `earliest`.
    fn first_day(&mut self, text: &str, earliest: NaiveDate) -> Option<NaiveDate> {
        let problem = match certain_day(text) {
            Ok(day) if day > earliest => return Some(day),
            Ok(_) => PolicyProblem::FirstDayTooEarly(earliest).to_string(),
            Err(DayProblem::Missing) => "Enter a day, such as 1 January 2028.".to_owned(),
            Err(problem) => problem.to_string(),
        };
        self.0.push(("first_day", problem));
        None
    }

    fn minimums(&mut self, given: &GivenPolicy) -> Minimums {
        Minimums {
            practitioner: self.credits("minimum_practitioner", &given.minimum_practitioner),
            expert: self.credits("minimum_expert", &given.minimum_expert),
            certified_officer: self.credits("minimum_certified_officer", &given.minimum_certified_officer),
        }
    }

    fn rates(&mut self, given: &GivenPolicy) -> Option<Rates> {
        let attending = self.rate("rate_attending", Category::Attending, &given.rate_attending);
        let reading = self.rate("rate_reading", Category::Reading, &given.rate_reading);
        let writing = self.rate("rate_writing", Category::Writing, &given.rate_writing);
        let teaching = self.rate("rate_teaching", Category::Teaching, &given.rate_teaching);
        let course_material =
            self.rate("rate_course_material", Category::CourseMaterial, &given.rate_course_material);
        let unregistered = self.rate("rate_unregistered", Category::Unregistered, &given.rate_unregistered);
        Some(Rates {
            attending: attending?,
            reading: reading?,
            writing: writing?,
            teaching: teaching?,
            course_material: course_material?,
            unregistered: unregistered?,
        })
    }

    /// Days before a deadline, from far to near.
    fn stages(&mut self, text: &str) -> Vec<i64> {
        let stages = text.split([',', ';', ' ']).map(str::trim).filter(|days| !days.is_empty());
        stages
            .map(|days| days.parse().map_err(|_| PolicyProblem::Stages))
            .collect::<Result<Vec<i64>, _>>()
            .and_then(Policy::checked_stages)
            .map_err(|problem| self.0.push(("stages", problem.to_string())))
            .unwrap_or_default()
    }

    fn notice_days(&mut self, text: &str) -> i64 {
        let days = text.trim().parse().unwrap_or(0);
        if !(1..=365).contains(&days) {
            self.0.push(("notice_days", PolicyProblem::NoticeDays.to_string()));
        }
        days
    }
}

/// Parses a form into a version; it begins after `earliest`.
fn parsed(given: &GivenPolicy, version: i64, earliest: NaiveDate) -> Result<Policy, ActionError> {
    let mut read = Reading::default();
    let first_day = read.first_day(&given.first_day, earliest);
    let minimums = read.minimums(given);
    let rates = read.rates(given);
    let publication_cap = read.credits("publication_cap", &given.publication_cap);
    let stages = read.stages(&given.stages);
    let notice_days = read.notice_days(&given.notice_days);
    let carry_over = read.credits("carry_over", &given.carry_over);
    match (first_day, rates) {
        (Some(first_day), Some(rates)) if read.0.is_empty() => Ok(Policy {
            id: PolicyId(0),
            version,
            first_day,
            minimums,
            rates,
            publication_cap,
            stages,
            notice_days,
            carry_over,
        }),
        _ => Err(ActionError::Invalid(read.0)),
    }
}

/// Adds a version. Its first day is after today and after every other version's.
///
/// # Errors
/// `ActionError::Invalid` with every message beside its field.
pub fn add(portal: &Portal, by: Administrator, given: &GivenPolicy) -> Result<PolicyId, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let versions = policies::all(conn)?;
        let earliest = versions.newest().first_day.max(today);
        let number = versions.all().map(|policy| policy.version).max().unwrap_or(0).saturating_add(1);
        let policy = parsed(given, number, earliest)?;
        let id = policies::add(conn, &policy, by.id, now)?;
        let event = Event {
            actor: Some(by.id),
            detail: format!("version {number}, in force from {}", long_date(policy.first_day)),
            ..Event::of(HistoryEvent::PolicyAdded)
        };
        history::record(conn, &event, now)?;
        Ok(id)
    })
}

/// Takes back a version that is not in force yet.
///
/// # Errors
/// `NotFound` when there is no such version; `StoreError::Changed` when it is in force by now.
pub fn take_back(portal: &Portal, by: Administrator, id: PolicyId) -> Result<(), ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let versions = policies::all(conn)?;
        let policy = versions.all().find(|policy| policy.id == id).ok_or(ActionError::NotFound)?;
        policies::remove_future(conn, id, today)?;
        let event = Event {
            actor: Some(by.id),
            detail: format!(
                "version {}, that would have been in force from {}",
                policy.version,
                long_date(policy.first_day)
            ),
            ..Event::of(HistoryEvent::PolicyWithdrawn)
        };
        Ok(history::record(conn, &event, now)?)
    })
}

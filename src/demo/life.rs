//! How a life is planned: certificates held, things done and reported, verdicts and decisions, each on its day.

use chrono::{Months, NaiveDate};

use super::agenda::{Agenda, Proof, Step, address};
use super::people::Person;
use super::random::Random;
use super::reports::{Deed, deed, field_of};
use crate::actions::certification::decisions::command::Deciding;
use crate::actions::imports::HolderRow;
use crate::actions::reviews::GivenVerdict;
use crate::domain::activities::category::Category;
use crate::domain::activities::review::ReviewDecision;
use crate::domain::activities::submission::Intent;
use crate::domain::dates::{plus_days, year_end, year_number_on, year_start};

/// Approval of what was reported, as it was reported.
pub(super) const APPROVED: GivenVerdict<'static> = GivenVerdict {
    decision: Some(ReviewDecision::Approve),
    quantity: "",
    reason_code: None,
    reason: "",
    more: false,
    take_over: None,
};

/// A certification year of somebody's certificate.
#[derive(Clone)]
pub(super) struct Year {
    pub(super) certificate: String,
    pub(super) number: i64,
    pub(super) field: &'static str,
    pub(super) starts: NaiveDate,
    pub(super) ends: NaiveDate,
}

/// One person's life, as it is planned.
pub(super) struct Life<'a> {
    pub(super) agenda: &'a mut Agenda,
    pub(super) person: Person,
    pub(super) random: &'a mut Random,
    pub(super) number: usize,
}

/// Half credits that a certification needs in a year (version 1 of the policy).
pub(super) fn needed(certification: &str) -> i64 {
    match certification {
        code if code.ends_with('F') => 0,
        "ISP" | "ITSP" | "DPP" | "BCP" | "CMP" | "EHP" | "SPP" => 40,
        _ => 80,
    }
}

impl Life<'_> {
    pub(super) fn day(&self, from_today: i64) -> NaiveDate {
        plus_days(self.agenda.today, from_today)
    }

    pub(super) fn sign_in(&mut self, situation: &'static str) {
        self.agenda.sign_ins.push((self.person, situation));
    }

    pub(super) fn row(&mut self, certification: &str, granted_on: NaiveDate) -> String {
        let letter =
            char::from(b'A'.saturating_add(u8::try_from(self.agenda.holders.len() % 26).unwrap_or(0)));
        let certificate = format!("{certification}-{}{:03}{letter}", granted_on.format("%y"), self.number);
        self.agenda.holders.push(HolderRow {
            email: address(&self.person),
            name: self.person.0.to_owned(),
            certification: certification.to_owned(),
            certificate_number: certificate.clone(),
            granted_on: granted_on.to_string(),
            decertified_on: String::new(),
        });
        certificate
    }

    /// A certificate whose year ends about so many days from today (before today: a negative number). What earlier years needed was met.
    pub(super) fn hold(&mut self, certification: &'static str, ends_from_today: i64) -> Year {
        let next = self.day(ends_from_today + 1);
        // granted before the portal was there, so that it is taken over
        let years = u32::try_from(self.random.between(3, 7)).unwrap_or(3);
        let granted_on = next.checked_sub_months(Months::new(12 * years)).unwrap_or(next);
        self.hold_since(certification, granted_on, ends_from_today)
    }

    pub(super) fn hold_since(
        &mut self,
        certification: &'static str,
        granted_on: NaiveDate,
        ends_from_today: i64,
    ) -> Year {
        let certificate = self.row(certification, granted_on);
        let inside = self.day(ends_from_today - 20);
        let number = year_number_on(granted_on, inside).unwrap_or(1);
        let year = Year {
            certificate,
            number,
            field: field_of(certification),
            starts: year_start(granted_on, number),
            ends: year_end(granted_on, number),
        };
        let first_day = self.agenda.first_day;
        let at_takeover = year_number_on(granted_on, first_day).unwrap_or(1);
        if at_takeover < number {
            // approved on paper before the portal was there
            self.bring(year.field, needed(certification), year_start(granted_on, at_takeover), first_day);
        }
        year
    }

    pub(super) fn bring(&mut self, field: &'static str, halves: i64, from: NaiveDate, to: NaiveDate) {
        let mut left = halves;
        let mut number = 0;
        while left > 0 {
            number += 1;
            let (mut deed, worth) = deed(field, left, from, to, self.random);
            deed.title = format!("{} (paper file {number})", deed.title);
            self.agenda.brought.push(deed.row(&address(&self.person), "approved"));
            left -= worth;
        }
    }

    pub(super) fn proof(&mut self) -> Proof {
        match self.random.between(1, 10) {
            1..=6 => Proof::Pdf,
            7 | 8 => Proof::Picture,
            _ => Proof::Nothing,
        }
    }

    pub(super) fn report(&mut self, deed: Deed, on: NaiveDate) -> usize {
        let proof = self.proof();
        self.report_with(deed, on, proof, Intent::Submit)
    }

    pub(super) fn report_with(&mut self, deed: Deed, on: NaiveDate, proof: Proof, intent: Intent) -> usize {
        let key = self.agenda.key();
        let on = on.max(deed.completed_on);
        self.agenda.put(on, Step::Report { key, person: self.person, deed, proof, intent });
        key
    }

    pub(super) fn review(&mut self, key: usize, on: NaiveDate, verdict: GivenVerdict<'static>) {
        self.agenda.put(on, Step::Review { key, verdict });
    }

    pub(super) fn decide(&mut self, year: &Year, on: NaiveDate, deciding: Deciding, reason: &'static str) {
        self.agenda.put(on, Step::Decide { number: year.certificate.clone(), deciding, reason });
    }

    /// Reports so many half credits, completed and reported from `from` to `to`, and approved by `approved_by` when it is given.
    pub(super) fn earn(&mut self, year: &Year, halves: i64, to: NaiveDate, approved_by: Option<NaiveDate>) {
        let from = year.starts.max(plus_days(self.agenda.first_day, 1));
        let mut left = halves;
        while left > 0 && from <= to {
            let (deed, worth) = deed(year.field, left, from, to, self.random);
            let reported = plus_days(deed.completed_on, self.random.between(0, 4)).min(to);
            let key = self.report(deed, reported);
            if let Some(latest) = approved_by {
                let reviewed = plus_days(reported, self.random.between(1, 8)).min(latest).max(reported);
                self.review(key, reviewed, APPROVED);
            }
            left -= worth;
        }
    }

    /// Earns until lately, all of it approved.
    pub(super) fn earn_lately(&mut self, year: &Year, halves: i64) {
        let (to, by) = (self.day(-6), self.day(-2));
        self.earn(year, halves, to, Some(by));
    }

    /// Reports lately what nobody has looked at yet.
    pub(super) fn wait_for_review(&mut self, year: &Year, halves: i64) {
        let to = self.day(-2);
        self.earn(year, halves, to, None);
    }

    /// A year that is over, with so much earned in time.
    pub(super) fn over(&mut self, certification: &'static str, ends_from_today: i64, halves: i64) -> Year {
        let year = self.hold(certification, ends_from_today);
        let (to, by) = (plus_days(year.ends, -9), plus_days(year.ends, -1));
        self.earn(&year, halves, to, Some(by));
        year
    }

    /// Something done inside a year that is over, reported late.
    pub(super) fn late(&mut self, year: &Year, halves: i64, on: NaiveDate) -> usize {
        let (deed, _) =
            deed(year.field, 16, plus_days(year.ends, -30), plus_days(year.ends, -5), self.random);
        let deed = Deed {
            category: Category::Attending,
            title: "Autumn academy, all modules".to_owned(),
            amount: halves * 30,
            ..deed
        };
        self.report_with(deed, on, Proof::Pdf, Intent::Submit)
    }
}

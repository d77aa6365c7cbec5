//! A certificate and its years as they stood on a day of the past: what is kept of it is gone through again from the day on which the
//! portal took it over. Years follow the calendar, decisions and flags change them, and the figures of a settled year are those it was
//! settled with.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::certificate::{Certificate, CertificationYear, Ending, Settlement, YearOutcome, complete_years};
use super::certificate_correction::{CertificateFacts, corrected_years};
use super::ending::EndingKind;
use super::policy::Policies;
use crate::domain::ledger::{CertificateFile, Sums, years_taken_over};

/// What is kept of a certificate's life.
#[derive(Clone, Debug)]
pub struct KeptCertificate {
    /// The certificate as it is now.
    pub now: Certificate,
    /// The day on which the portal took it over.
    pub taken_over_on: NaiveDate,
    /// Its recorded years as they are now.
    pub years: Vec<CertificationYear>,
    /// What changed it, in order.
    pub steps: Vec<DatedStep>,
}

/// Something that changed a certificate, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedStep {
    /// The day.
    pub on: NaiveDate,
    /// What.
    pub step: CertificateStep,
}

/// Something that changed a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateStep {
    /// A year was flagged, or its flag counts from that day; `None` when it is not kept which year.
    Flagged(Option<i64>),
    /// A run settled a year as met; `None` when it is not kept which year.
    Recertified(Option<i64>),
    /// A year counts as met, by a decision.
    Waived(i64),
    /// A year has another deadline.
    Extended(i64, NaiveDate),
    /// A year cost the certificate.
    Decertified(i64),
    /// It ended otherwise.
    Ended(EndingKind),
    /// It is in force again.
    Reinstated,
    /// It says something else.
    Corrected {
        /// What it said.
        before: CertificateFacts,
        /// What it says.
        after: CertificateFacts,
    },
}

/// Something that is not kept, so that what stood cannot be told for certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YearDoubt {
    /// On this day a year was flagged, and nobody wrote down which.
    Flag(NaiveDate),
    /// What a correction on this day made of the years cannot be worked out again.
    Correction(NaiveDate),
}

/// A certificate as it stood.
#[derive(Clone, Debug)]
pub struct PastCertificate {
    /// With its years through the one after that day.
    pub file: CertificateFile,
    /// Years that had been settled by what they counted.
    pub counted: BTreeSet<i64>,
    /// What is not certain.
    pub doubts: Vec<YearDoubt>,
}

impl KeptCertificate {
    /// The certificate as it stood at the end of `day`; `None` before the portal knew it.
    #[must_use]
    pub fn as_on(&self, day: NaiveDate, policies: &Policies) -> Option<PastCertificate> {
        if day < self.taken_over_on {
            return None;
        }
        let mut replay = Replay::begin(self, policies);
        for dated in self.steps.iter().filter(|dated| dated.on <= day) {
            replay.reach(dated.on);
            replay.take(dated);
        }
        replay.reach(day);
        // where the history does not say which year a run settled, the year itself says when
        replay.recertify_until(day);
        let Replay { certificate, years, counted, doubts, .. } = replay;
        Some(PastCertificate { file: CertificateFile { certificate, years }, counted, doubts })
    }

    /// What it said on the day it was taken over.
    fn first_facts(&self) -> CertificateFacts {
        let corrected = self.steps.iter().find_map(|dated| match &dated.step {
            CertificateStep::Corrected { before, .. } => Some(before.clone()),
            _ => None,
        });
        corrected.unwrap_or_else(|| CertificateFacts::of(&self.now))
    }

    /// How a year was settled on `day`, if it was and is still kept so.
    fn settled_on(&self, number: i64, day: NaiveDate) -> Option<Settlement> {
        let year = self.years.iter().find(|year| year.number == number)?;
        year.settlement.filter(|settled| settled.settled_on == day)
    }
}

/// A certificate on its way through what is kept of it.
struct Replay<'a> {
    kept: &'a KeptCertificate,
    policies: &'a Policies,
    certificate: Certificate,
    years: Vec<CertificationYear>,
    counted: BTreeSet<i64>,
    doubts: Vec<YearDoubt>,
}

impl<'a> Replay<'a> {
    fn begin(kept: &'a KeptCertificate, policies: &'a Policies) -> Replay<'a> {
        let certificate = Certificate { endings: Vec::new(), ..kept.first_facts().applied_to(&kept.now) };
        let years = years_taken_over(&certificate, policies, kept.taken_over_on);
        Replay { kept, policies, certificate, years, counted: BTreeSet::new(), doubts: Vec::new() }
    }

    /// The calendar goes on.
    fn reach(&mut self, day: NaiveDate) {
        self.years = complete_years(&self.certificate, std::mem::take(&mut self.years), day);
    }

    fn take(&mut self, dated: &DatedStep) {
        let on = dated.on;
        match &dated.step {
            CertificateStep::Flagged(Some(number)) => self.flag(*number, on),
            CertificateStep::Flagged(None) => self.doubts.push(YearDoubt::Flag(on)),
            CertificateStep::Recertified(Some(number)) => self.recertify(*number),
            CertificateStep::Recertified(None) => {}
            CertificateStep::Waived(number) => self.settle(*number, YearOutcome::Waived, on),
            CertificateStep::Extended(number, until) => self.extend(*number, *until),
            CertificateStep::Decertified(number) => {
                self.settle(*number, YearOutcome::Decertified, on);
                self.counted.insert(*number);
                self.end(EndingKind::Credits, on);
            }
            CertificateStep::Ended(kind) => self.end(*kind, on),
            CertificateStep::Reinstated => self.reinstate(on),
            CertificateStep::Corrected { after, .. } => self.correct(after, on),
        }
    }

    fn flag(&mut self, number: i64, on: NaiveDate) {
        let open = |year: &&mut CertificationYear| year.number == number && year.settlement.is_none();
        if let Some(year) = self.years.iter_mut().find(open) {
            year.flagged_on = Some(on);
        }
    }

    fn extend(&mut self, number: i64, until: NaiveDate) {
        if let Some(year) = self.years.iter_mut().find(|year| year.number == number) {
            (year.deadline, year.flagged_on) = (until, None);
        }
    }

    /// With the figures it was settled with, where it still has them; else without credits, as every decision but one settles.
    fn settle(&mut self, number: i64, outcome: YearOutcome, on: NaiveDate) {
        let Some(index) = self.years.iter().position(|year| year.number == number) else { return };
        let level = self.certificate.certification.level;
        let Some(year) = self.years.get_mut(index) else { return };
        let settled = self.kept.settled_on(number, on).map_or_else(
            || {
                let required = self.policies.minimum_from(year.starts_on, level);
                Sums::without_credits(required).settlement(outcome, on)
            },
            |settled| Settlement { outcome, ..settled },
        );
        (year.settlement, year.flagged_on) = (Some(settled), None);
    }

    fn end(&mut self, kind: EndingKind, on: NaiveDate) {
        for number in self.numbers(|year| year.settlement.is_none()) {
            self.settle(number, YearOutcome::Void, on);
        }
        self.certificate.endings.push(Ending { kind, ended_on: on, reinstated_on: None });
    }

    fn numbers(&self, which: impl Fn(&CertificationYear) -> bool) -> Vec<i64> {
        self.years.iter().filter(|year| which(year)).map(|year| year.number).collect()
    }

    /// As a reinstatement does it: what is over counts as met, what is not is open again.
    fn reinstate(&mut self, on: NaiveDate) {
        for number in self.numbers(|year| year.settlement.is_none() && year.ends_on < on) {
            self.settle(number, YearOutcome::Waived, on);
        }
        for year in &mut self.years {
            let over = year.ends_on < on;
            match year.settlement.as_mut() {
                Some(settled) if settled.outcome == YearOutcome::Void && !over => year.settlement = None,
                Some(settled) if matches!(settled.outcome, YearOutcome::Decertified | YearOutcome::Void) => {
                    settled.outcome = YearOutcome::Waived;
                }
                _ => {}
            }
        }
        if let Some(ending) = self.certificate.endings.last_mut() {
            ending.reinstated_on = Some(on);
        }
    }

    fn correct(&mut self, facts: &CertificateFacts, on: NaiveDate) {
        if let Some(before) = on.pred_opt() {
            self.recertify_until(before);
        }
        let before = CertificateFile { certificate: self.certificate.clone(), years: self.years.clone() };
        self.certificate = facts.applied_to(&self.certificate);
        let (since, policies) = (self.kept.taken_over_on, self.policies);
        match corrected_years(&before, &self.certificate, since, policies, on) {
            Ok(years) => self.years = years,
            Err(_) => self.doubts.push(YearDoubt::Correction(on)),
        }
    }

    /// A year that a run settled as met: nothing changes it any more.
    fn recertify(&mut self, number: i64) {
        let row = self.kept.years.iter().find(|row| row.number == number);
        let settled = row.and_then(|row| row.settlement);
        let settled = settled.filter(|settled| settled.outcome == YearOutcome::Recertified);
        let year = self.years.iter_mut().find(|year| year.number == number);
        if let (Some(settled), Some(year)) = (settled, year) {
            (year.settlement, year.flagged_on) = (Some(settled), None);
            self.counted.insert(number);
        }
    }

    fn recertify_until(&mut self, day: NaiveDate) {
        let met = |year: &&CertificationYear| {
            year.settlement.is_some_and(|settled| {
                settled.outcome == YearOutcome::Recertified && settled.settled_on <= day
            })
        };
        let numbers: Vec<i64> = self.kept.years.iter().filter(met).map(|year| year.number).collect();
        for number in numbers {
            self.recertify(number);
        }
    }
}

//! The deadline run, decided purely: which reminder stages are due, which years are settled, flagged, lifted or awaiting review.
//!
//! A run looks at one holder at a time and at nothing but recorded facts and the day, so it is safe to run twice, late or in two
//! processes at once: what has a row already is not due any more.

use chrono::NaiveDate;

use super::certificate::{CertificationYear, YearOutcome};
use super::policy::Policies;
use super::standing::{Judgement, judge};
use crate::domain::activities::credits::Credits;
use crate::domain::codes::codes;
use crate::domain::dates::plus_days;
use crate::domain::ids::{ActivityId, CertificateId};
use crate::domain::ledger::{CertificateFile, HolderFile, Share, Sums, shares, year_ledger};

/// A reminder stage that has its row already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToldStage {
    /// The certificate.
    pub certificate: CertificateId,
    /// The year's number.
    pub year: i64,
    /// The deadline it was for; an extension makes a new one.
    pub deadline: NaiveDate,
    /// Days before the deadline.
    pub stage: i64,
}

codes! {
    /// What became of a due stage.
    pub enum StageOutcome {
        /// E + P is below the minimum: a reminder goes out.
        Sent = "sent",
        /// A later stage is due as well; only the latest can be sent.
        Superseded = "superseded",
        /// The minimum is met.
        Met = "met",
        /// Reports waiting for review cover what is missing.
        Covered = "covered",
    }
}

/// A due stage, evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvaluatedStage {
    /// Which stage of which year's deadline.
    pub stage: ToldStage,
    /// The year's last day.
    pub year_ends_on: NaiveDate,
    /// What became of it.
    pub outcome: StageOutcome,
    /// The figures of that moment.
    pub sums: Sums,
}

/// A year that the run says something about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedYear {
    /// The year, as it was before the run.
    pub year: CertificationYear,
    /// Its sums.
    pub sums: Sums,
    /// What each approved report counted; recorded when the year is settled.
    pub counted: Vec<(ActivityId, Credits)>,
}

/// What one run finds for one holder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Every due stage without a row.
    pub stages: Vec<EvaluatedStage>,
    /// Years to settle as recertified.
    pub recertified: Vec<JudgedYear>,
    /// Flagged years to settle as recertified: the flag is lifted.
    pub lifted: Vec<JudgedYear>,
    /// Years to flag, unless the guard holds them.
    pub short: Vec<JudgedYear>,
    /// Years whose deadline has passed and whose undecided reports could meet the minimum, flagged ones not among them.
    pub awaiting: Vec<JudgedYear>,
}

impl Findings {
    /// How many years were judged: deadline passed, not settled, not flagged before. The guard's share is taken of these.
    pub fn judged(&self) -> usize {
        self.recertified.len() + self.short.len() + self.awaiting.len()
    }
}

/// Looks at one holder on `today`. `told` are the stages that have a row, in any order.
pub fn find(file: &HolderFile, told: &[ToldStage], policies: &Policies, today: NaiveDate) -> Findings {
    let mut findings = Findings::default();
    let shares = shares(file, policies);
    for certificate in &file.certificates {
        // a decertified certificate has no deadlines any more; Foundation has no years
        if certificate.certificate.stands() && certificate.certificate.needs_cpe() {
            find_for_certificate(file, &shares, certificate.clone(), told, policies, today, &mut findings);
        }
    }
    findings
}

fn find_for_certificate(
    file: &HolderFile,
    shares: &[Share],
    mut certificate: CertificateFile,
    told: &[ToldStage],
    policies: &Policies,
    today: NaiveDate,
    findings: &mut Findings,
) {
    for index in 0..certificate.years.len() {
        let Some(year) = certificate.years.get(index).cloned() else { continue };
        if year.settlement.is_some() || today < year.starts_on {
            continue;
        }
        if today <= year.deadline {
            if year.flagged_on.is_none() {
                find_stages(file, shares, &certificate, index, &year, told, policies, today, findings);
            }
            continue;
        }
        let ledger = year_ledger(file, shares, &certificate, index, policies);
        let sums = ledger.sums;
        let counted = ledger.lines.iter().filter(|l| l.approved()).map(|l| (l.report.id, l.counts)).collect();
        let flagged = year.flagged_on.is_some();
        let judged = JudgedYear { year, sums, counted };
        match judge(&sums) {
            Judgement::Recertified => {
                // the next year of the same certificate is judged after this one, in the same run
                if let Some(slot) = certificate.years.get_mut(index) {
                    slot.settlement = Some(sums.settlement(YearOutcome::Recertified, today));
                }
                if flagged { findings.lifted.push(judged) } else { findings.recertified.push(judged) }
            }
            Judgement::AwaitingReview if !flagged => findings.awaiting.push(judged),
            Judgement::Short if !flagged => findings.short.push(judged),
            // a flagged year stays flagged until approved credits reach the minimum
            Judgement::AwaitingReview | Judgement::Short => {}
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one holder's file, read from one place, with nothing to bundle"
)]
fn find_stages(
    file: &HolderFile,
    shares: &[Share],
    certificate: &CertificateFile,
    index: usize,
    year: &CertificationYear,
    told: &[ToldStage],
    policies: &Policies,
    today: NaiveDate,
    findings: &mut Findings,
) {
    let Some(latest) = due_stages(year, policies, today).map(|stage| stage.stage).min() else { return };
    let fresh = |stage: &ToldStage| !told.contains(stage);
    if !due_stages(year, policies, today).any(|stage| fresh(&stage)) {
        return;
    }
    let sums = year_ledger(file, shares, certificate, index, policies).sums;
    for stage in due_stages(year, policies, today).filter(fresh) {
        let outcome = if stage.stage > latest {
            StageOutcome::Superseded
        } else if sums.met() {
            StageOutcome::Met
        } else if sums.covered() {
            StageOutcome::Covered
        } else {
            StageOutcome::Sent
        };
        findings.stages.push(EvaluatedStage { stage, year_ends_on: year.ends_on, outcome, sums });
    }
}

/// The stages of a year that are due on `today`, by the policy in force on its first day; from far to near.
fn due_stages(
    year: &CertificationYear,
    policies: &Policies,
    today: NaiveDate,
) -> impl Iterator<Item = ToldStage> {
    let deadline = year.deadline;
    let (certificate, number) = (year.certificate, year.number);
    let stages = policies.in_force_on(year.starts_on).stages.iter().copied();
    stages.filter(move |days| plus_days(deadline, -days) <= today).map(move |stage| ToldStage {
        certificate,
        year: number,
        deadline,
        stage,
    })
}

/// Whether [`find`] looks at the sums of this year on `today`: its deadline has passed, or a stage is due that has no row yet. What
/// it says no to needs no reports to be read.
pub fn needs_sums(
    year: &CertificationYear,
    told: &[ToldStage],
    policies: &Policies,
    today: NaiveDate,
) -> bool {
    if year.settlement.is_some() || today < year.starts_on {
        return false;
    }
    today > year.deadline
        || (year.flagged_on.is_none()
            && due_stages(year, policies, today).any(|stage| !told.contains(&stage)))
}

/// The next day on which a run has something to look at in an unsettled year whose stages up to `today` are done: the day the next
/// stage becomes due, or the day after the deadline.
pub fn look_next_on(year: &CertificationYear, policies: &Policies, today: NaiveDate) -> NaiveDate {
    let stages = policies.in_force_on(year.starts_on).stages.iter();
    stages
        .map(|days| plus_days(year.deadline, -days))
        .filter(|day| *day > today)
        .min()
        .unwrap_or_else(|| plus_days(year.deadline, 1))
}

/// The guard against our own mistakes: a run that would newly flag more than 10 certificates, and more than 20 % of the years it
/// judges, flags none of them. A certificate with two overdue years is one certificate and two years.
pub fn guard_holds(certificates_to_flag: usize, years_to_flag: usize, years_judged: usize) -> bool {
    certificates_to_flag > 10 && years_to_flag.saturating_mul(5) > years_judged
}

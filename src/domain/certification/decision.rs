//! The decisions about certificates: who may take them, on what, and when. The portal flags; people decide.

use chrono::NaiveDate;

use super::certificate::{Certificate, CertificationYear, YearOutcome};
use super::ending::EndingKind;
use super::notice_period::NoticePeriod;
use super::policy::Policies;
use crate::domain::codes::codes;
use crate::domain::dates::{long_date, plus_days};
use crate::domain::ids::AccountId;
use crate::domain::ledger::Sums;
use crate::domain::roles::{Actor, not_their_own};

/// Most days that an extension can reach beyond the year's last day.
pub const LONGEST_EXTENSION_DAYS: i64 = 365;

codes! {
    /// A dated decision about a certificate.
    pub enum DecisionKind {
        /// The certificate ends; its badge is revoked (G12).
        Decertification = "decertification",
        /// The flagged year counts as met, without credits.
        Waiver = "waiver",
        /// The year's deadline moves.
        Extension = "extension",
        /// A certificate that has ended stands again.
        Reinstatement = "reinstatement",
        /// The certificate ends otherwise than for missing credits.
        Ending = "ending",
        /// What it says is put right: its number, its day of grant or its certification.
        Correction = "correction",
    }
}

impl DecisionKind {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            DecisionKind::Decertification => "Decertification",
            DecisionKind::Waiver => "Waiver",
            DecisionKind::Extension => "Extension",
            DecisionKind::Reinstatement => "Reinstatement",
            DecisionKind::Ending => "Ending",
            DecisionKind::Correction => "Correction",
        }
    }
}

/// Why a decision is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionRefusal {
    /// Only administrators decide.
    #[error("Only an administrator can decide about certificates.")]
    NotAdministrator,
    /// Nobody decides their own.
    #[error("This is your own certificate. A colleague has to decide.")]
    OwnCertificate,
    /// No reason given.
    #[error("Give the reason. The holder reads it.")]
    ReasonMissing,
    /// The year is settled.
    #[error("This year is already settled.")]
    Settled,
    /// No such year.
    #[error("This certificate has no such year.")]
    NoSuchYear,
    /// Not flagged.
    #[error("This year is not flagged.")]
    NotFlagged,
    /// Within the notice period.
    #[error("The holder can still answer: the flag can be confirmed from {} on.", long_date(*.0))]
    NoticeRunning(NaiveDate),
    /// E reaches the minimum: the next run lifts the flag.
    #[error("Approved credits now meet the minimum. The next run of the timetable lifts the flag.")]
    MinimumMet,
    /// E + P reaches the minimum: review first.
    #[error("Reports waiting for review could still meet the minimum. Review those first.")]
    PendingCouldMeet,
    /// Nobody can be sure that the holder was told about the flag, and the administrator did not say that they know.
    #[error("{0} Tick the box if you want to decide anyway.")]
    NotSurelyTold(&'static str),
    /// The holder wrote to the flag after the administrator had looked.
    #[error(
        "The holder has written about the flag since you opened this page. Read it first; what you typed is kept."
    )]
    AnswerUnread,
    /// The certificate has ended.
    #[error("{}", has_ended(*.0))]
    Ended(EndingKind),
    /// Missing credits have a procedure of their own.
    #[error("A certificate ends for missing credits only when a flag is confirmed.")]
    ConfirmFlag,
    /// Nothing named that replaces it, or something that does not.
    #[error(
        "Choose the certificate that takes its place: of the same holder and field, at a higher level, and in force."
    )]
    NotHigher,
    /// A correction that says what the certificate says already.
    #[error("This is what the certificate already says. Change at least one of the three.")]
    Unchanged,
    /// A settled year would get other days or another minimum.
    #[error(
        "Year {number} is settled ({}), and this correction would change it. End the certificate as granted by mistake, and grant the right one with another number.",
        .outcome.label().to_lowercase()
    )]
    SettledWouldChange {
        /// The year's number.
        number: i64,
        /// How it was settled.
        outcome: YearOutcome,
    },
    /// An extension does not fit the days of the year as they would be.
    #[error(
        "The deadline of year {number} was extended until {}, which does not fit the year as it would be. Extend it to a day that fits both first.",
        long_date(*.deadline)
    )]
    ExtensionWouldChange {
        /// The year's number.
        number: i64,
        /// Its extended deadline.
        deadline: NaiveDate,
    },
    /// A certificate without years cannot keep what was recorded about one.
    #[error(
        "A Foundation certificate has no certification years, and something is recorded about a year of this one. End it as granted by mistake and grant the right one."
    )]
    YearsInUse,
    /// The certificate stands.
    #[error("This certificate is in force; there is nothing to reinstate.")]
    Stands,
    /// Not after today.
    #[error("Choose a day after today.")]
    NotAfterToday,
    /// Not after the present deadline.
    #[error("Choose a day after the current deadline, {}.", long_date(*.0))]
    NotAfterDeadline(NaiveDate),
    /// More than 365 days after the year's end.
    #[error("Choose a day no later than {}: an extension reaches at most 365 days after the year's end.", long_date(*.0))]
    TooFar(NaiveDate),
    /// A later year that is settled has counted those days, and no day counts twice for one certificate.
    #[error("The year that starts on {} is settled and has counted its days, so this year cannot reach into it.", long_date(*.0))]
    SettledAfter(NaiveDate),
}

fn has_ended(kind: EndingKind) -> &'static str {
    match kind {
        EndingKind::Credits => "This certificate is decertified.",
        EndingKind::Death
        | EndingKind::Wish
        | EndingKind::Mistake
        | EndingKind::Misconduct
        | EndingKind::Replaced => "This certificate has ended.",
    }
}

/// Checks what every decision needs: an administrator, not about their own certificate, with a reason.
fn check_actor(actor: Actor, holder: AccountId, reason: &str) -> Result<(), DecisionRefusal> {
    if !actor.role.administers() {
        Err(DecisionRefusal::NotAdministrator)
    } else if not_their_own(actor.id, holder).is_err() {
        Err(DecisionRefusal::OwnCertificate)
    } else if reason.trim().is_empty() {
        Err(DecisionRefusal::ReasonMissing)
    } else {
        Ok(())
    }
}

/// May `actor` confirm the flag of this year today? From the day after the notice period on, and not while undecided reports could
/// still meet the minimum (G12).
///
/// # Errors
/// The `DecisionRefusal` to show.
pub fn check_decertification(
    actor: Actor,
    certificate: &Certificate,
    year: &CertificationYear,
    sums: &Sums,
    policies: &Policies,
    today: NaiveDate,
    reason: &str,
) -> Result<(), DecisionRefusal> {
    check_actor(actor, certificate.holder, reason)?;
    let flagged_on = check_flagged(certificate, year)?;
    if sums.met() {
        return Err(DecisionRefusal::MinimumMet);
    }
    if sums.covered() {
        return Err(DecisionRefusal::PendingCouldMeet);
    }
    let NoticePeriod { decide_from, .. } = NoticePeriod::of(year.starts_on, flagged_on, policies);
    if today < decide_from { Err(DecisionRefusal::NoticeRunning(decide_from)) } else { Ok(()) }
}

/// May `actor` waive this year? Flagged years only: a waiver answers a flag.
///
/// # Errors
/// The `DecisionRefusal` to show.
pub fn check_waiver(
    actor: Actor,
    certificate: &Certificate,
    year: &CertificationYear,
    reason: &str,
) -> Result<(), DecisionRefusal> {
    check_actor(actor, certificate.holder, reason)?;
    check_flagged(certificate, year).map(|_| ())
}

/// May `actor` move this year's deadline to `until`? Any unsettled year; a day after today, after the present deadline, and at most 365
/// days after the year's end.
///
/// # Errors
/// The `DecisionRefusal` to show.
pub fn check_extension(
    actor: Actor,
    certificate: &Certificate,
    year: &CertificationYear,
    until: NaiveDate,
    today: NaiveDate,
    reason: &str,
) -> Result<(), DecisionRefusal> {
    check_actor(actor, certificate.holder, reason)?;
    check_stands(certificate)?;
    if year.settlement.is_some() {
        return Err(DecisionRefusal::Settled);
    }
    let latest = plus_days(year.ends_on, LONGEST_EXTENSION_DAYS);
    if until <= today {
        Err(DecisionRefusal::NotAfterToday)
    } else if until <= year.deadline {
        Err(DecisionRefusal::NotAfterDeadline(year.deadline))
    } else if until > latest {
        Err(DecisionRefusal::TooFar(latest))
    } else {
        Ok(())
    }
}

/// May `actor` end this certificate in this way? `replacing` is what takes its place, when a higher one does.
///
/// # Errors
/// The `DecisionRefusal` to show.
pub fn check_ending(
    actor: Actor,
    certificate: &Certificate,
    kind: EndingKind,
    replacing: Option<&Certificate>,
    reason: &str,
) -> Result<(), DecisionRefusal> {
    check_actor(actor, certificate.holder, reason)?;
    check_stands(certificate)?;
    match kind {
        EndingKind::Credits => Err(DecisionRefusal::ConfirmFlag),
        EndingKind::Replaced if !replacing.is_some_and(|other| replaces(other, certificate)) => {
            Err(DecisionRefusal::NotHigher)
        }
        EndingKind::Death
        | EndingKind::Wish
        | EndingKind::Mistake
        | EndingKind::Misconduct
        | EndingKind::Replaced => Ok(()),
    }
}

/// Whether one certificate can take the place of another: same holder, same field, a higher level, and in force.
pub fn replaces(other: &Certificate, certificate: &Certificate) -> bool {
    other.id != certificate.id
        && other.holder == certificate.holder
        && other.stands()
        && other.certification.field == certificate.certification.field
        && other.certification.level > certificate.certification.level
}

/// May `actor` correct what this certificate says? What becomes of its years is `certificate_correction::corrected_years`.
///
/// # Errors
/// The `DecisionRefusal` to show.
pub fn check_correction(
    actor: Actor,
    certificate: &Certificate,
    reason: &str,
) -> Result<(), DecisionRefusal> {
    check_actor(actor, certificate.holder, reason)?;
    check_stands(certificate)
}

/// May `actor` reinstate this certificate?
///
/// # Errors
/// The `DecisionRefusal` to show.
pub fn check_reinstatement(
    actor: Actor,
    certificate: &Certificate,
    reason: &str,
) -> Result<(), DecisionRefusal> {
    check_actor(actor, certificate.holder, reason)?;
    if certificate.stands() { Err(DecisionRefusal::Stands) } else { Ok(()) }
}

fn check_stands(certificate: &Certificate) -> Result<(), DecisionRefusal> {
    certificate.ending().map_or(Ok(()), |ending| Err(DecisionRefusal::Ended(ending.kind)))
}

fn check_flagged(certificate: &Certificate, year: &CertificationYear) -> Result<NaiveDate, DecisionRefusal> {
    check_stands(certificate)?;
    if year.settlement.is_some() {
        return Err(DecisionRefusal::Settled);
    }
    year.flagged_on.ok_or(DecisionRefusal::NotFlagged)
}

//! The four decisions about certificates. The portal flags; people decide, on fresh sums.
//!
//! Decision, years, badge, history, mail and the queue's order commit together. The version of the certificate, as the administrator saw
//! it, is a condition, so two administrators cannot both decide.

use chrono::{NaiveDate, NaiveDateTime};

use super::appeals::check_reinstated_by_another;
use super::certificates::add_missing_years;
use super::deciding::{Deciding, Seen};
use super::post::post;
use super::year_lines::{certificate_line, year_line};
use super::{ActionError, badge_signing, flag_answers, queue};
use crate::domain::calendar::long_date;
use crate::domain::certificate::{CertificationYear, Outcome, Settlement};
use crate::domain::credits::Credits;
use crate::domain::deadlines::settlement;
use crate::domain::decision::{
    DecisionKind, Refusal, check_decertification, check_extension, check_reinstatement, check_waiver,
};
use crate::domain::delivery::Delivery;
use crate::domain::ids::{ActivityId, CertificateId};
use crate::domain::ledger::{CertificateFile, HolderFile, YearLedger, required, shares, year_ledger};
use crate::domain::policy::Policies;
use crate::domain::roles::Actor;
use crate::domain::standing::badge_valid_until;
use crate::mail::{Decertified, Extended, Letter, Notice, Reinstated, Waived};
use crate::portal::Portal;
use crate::store::certificates::Decision;
use crate::store::history::Event;
use crate::store::{
    Conn, StoreError, accounts, badges, certificates, files, held_flags, history, policies, year_notices,
    years,
};

/// Most characters of a reason.
const LONGEST_REASON: usize = 4000;

/// Decides about a certificate, under the condition that it is as the administrator has `seen` it.
///
/// # Errors
/// `ActionError::Refused` with what to say, `NotFound`, and `StoreError::Changed` when somebody was first.
pub fn decide(
    portal: &Portal,
    actor: Actor,
    certificate: CertificateId,
    seen: Seen<'_>,
    deciding: Deciding,
    reason: &str,
) -> Result<(), ActionError> {
    let (today, now) = (portal.clock.today(), portal.clock.now());
    portal.store.write(|conn| {
        let present = certificates::version(conn, certificate)?.ok_or(ActionError::NotFound)?;
        if seen.version.is_some_and(|seen| seen != present) {
            return Err(StoreError::Changed.into());
        }
        if let Some((year, read)) = deciding.year().zip(seen.answers) {
            flag_answers::check_read(conn, certificate, year, read).map_err(beside_its_field)?;
        }
        if deciding == Deciding::Reinstate {
            check_reinstated_by_another(conn, actor, certificate)?;
        }
        decide_within(conn, portal, actor, certificate, deciding, reason, today, now)
            .map_err(beside_its_field)
    })
}

/// Says a refusal that the form can mend beside the field that mends it.
fn beside_its_field(error: ActionError) -> ActionError {
    let field = match &error {
        ActionError::Refused(Refusal::ReasonMissing) => "reason",
        ActionError::Refused(
            Refusal::NotAfterToday
            | Refusal::NotAfterDeadline(_)
            | Refusal::TooFar(_)
            | Refusal::SettledAfter(_),
        ) => "until",
        ActionError::Refused(Refusal::NoSuchYear | Refusal::AnswerUnread) => "year",
        ActionError::Refused(Refusal::NotSurelyTold(_)) => "acknowledged",
        _ => return error,
    };
    match error {
        ActionError::Refused(refusal) => ActionError::invalid(field, refusal.to_string()),
        other => other,
    }
}

/// The part of a write that decides.
///
/// # Errors
/// As [`decide`].
#[expect(
    clippy::too_many_arguments,
    reason = "who decides what about which certificate when; nothing to bundle"
)]
pub fn decide_within(
    conn: &mut Conn<'_>,
    portal: &Portal,
    actor: Actor,
    certificate: CertificateId,
    deciding: Deciding,
    reason: &str,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let reason = reason.trim();
    if reason.chars().count() > LONGEST_REASON {
        return Err(ActionError::invalid("reason", format!("Use at most {LONGEST_REASON} characters.")));
    }
    let policies = policies::all(conn)?;
    let found = certificates::find(conn, certificate)?.ok_or(ActionError::NotFound)?;
    let file = files::of_holder(conn, found.holder, today)?;
    let before =
        file.certificates.iter().find(|c| c.certificate.id == certificate).ok_or(ActionError::NotFound)?;
    let case = Case { portal, policies: &policies, actor, file: &file, before, reason, today, now };
    let (year, notice, detail) = match deciding {
        Deciding::Decertify { year, acknowledged } => case.decertify(conn, year, acknowledged)?,
        Deciding::Waive { year } => case.waive(conn, year)?,
        Deciding::Extend { year, until } => case.extend(conn, year, until)?,
        Deciding::Reinstate => case.reinstate(conn)?,
    };
    case.tell(conn, deciding, year, &notice, detail)
}

/// The year a decision is recorded about, the mail about it, and a line for the history.
type Done = (i64, Notice, String);

/// What a decision looks at.
struct Case<'a> {
    portal: &'a Portal,
    policies: &'a Policies,
    actor: Actor,
    file: &'a HolderFile,
    before: &'a CertificateFile,
    reason: &'a str,
    today: NaiveDate,
    now: NaiveDateTime,
}

impl Case<'_> {
    fn decertify(&self, conn: &mut Conn<'_>, number: i64, acknowledged: bool) -> Result<Done, ActionError> {
        let (year, ledger) = self.year(number)?;
        check_decertification(
            self.actor,
            &self.before.certificate,
            year,
            &ledger.sums,
            self.policies,
            self.today,
            self.reason,
        )?;
        let notice = year_notices::flag_notice(conn, self.before.certificate.id, number)?;
        let doubt = Delivery::doubt(notice.map(|mail| mail.delivery));
        if let Some(doubt) = doubt.filter(|_| !acknowledged) {
            return Err(Refusal::NotSurelyTold(doubt).into());
        }
        add_missing_years(conn, self.before, self.policies)?;
        let counted: Vec<(ActivityId, Credits)> =
            ledger.lines.iter().filter(|l| l.approved).map(|l| (l.activity, l.counts)).collect();
        years::settle(conn, year, &settlement(Outcome::Decertified, &ledger.sums, self.today), &counted)?;
        // the certificate has ended: nothing else of it can be settled by credits any more
        for other in self.before.years.iter().filter(|y| y.number != number && y.settlement.is_none()) {
            years::settle(conn, other, &self.without_credits(Outcome::Void, other), &[])?;
            held_flags::clear_year(conn, other.certificate, other.number)?;
        }
        self.record(conn, DecisionKind::Decertification, number, None)?;
        badge_signing::revoke(conn, self.portal, self.before.certificate.id, self.today)?;
        let notice = Decertified {
            certificate: certificate_line(self.before),
            decided_on: self.today,
            year_starts_on: year.starts_on,
            year_ends_on: year.ends_on,
            reason: self.reason.to_owned(),
        };
        let known = doubt.map(|doubt| format!(" {doubt} The administrator knew.")).unwrap_or_default();
        Ok((number, notice.into(), format!("year {number}: {}{known}", self.reason)))
    }

    fn waive(&self, conn: &mut Conn<'_>, number: i64) -> Result<Done, ActionError> {
        let (year, ledger) = self.year(number)?;
        check_waiver(self.actor, &self.before.certificate, year, self.reason)?;
        add_missing_years(conn, self.before, self.policies)?;
        years::settle(conn, year, &self.without_credits(Outcome::Waived, year), &[])?;
        self.record(conn, DecisionKind::Waiver, number, None)?;
        self.renew_badge(conn)?;
        let line = year_line(self.before, year, &ledger.sums);
        let notice = Waived { year: line, reason: self.reason.to_owned() };
        Ok((number, notice.into(), format!("year {number}: {}", self.reason)))
    }

    fn extend(&self, conn: &mut Conn<'_>, number: i64, until: NaiveDate) -> Result<Done, ActionError> {
        let (year, _) = self.year(number)?;
        check_extension(self.actor, &self.before.certificate, year, until, self.today, self.reason)?;
        let reaches_into = |later: &&CertificationYear| {
            later.number > number && later.starts_on <= until && later.settlement.is_some()
        };
        if let Some(later) = self.before.years.iter().find(reaches_into) {
            return Err(Refusal::SettledAfter(later.starts_on).into());
        }
        add_missing_years(conn, self.before, self.policies)?;
        years::extend(conn, year, until, self.today)?;
        self.record(conn, DecisionKind::Extension, number, Some(until))?;
        self.renew_badge(conn)?;
        // the old year counts more days now: its figures are told as they are after the decision
        let file = files::of_holder(conn, self.file.holder, self.today)?;
        let (after, moved, ledger) = year_of(&file, self.before.certificate.id, number, self.policies)?;
        let notice = Extended {
            year: year_line(after, moved, &ledger.sums),
            old_deadline: year.deadline,
            reason: self.reason.to_owned(),
        };
        Ok((number, notice.into(), format!("year {number} until {}: {}", long_date(until), self.reason)))
    }

    fn reinstate(&self, conn: &mut Conn<'_>) -> Result<Done, ActionError> {
        check_reinstatement(self.actor, &self.before.certificate, self.reason)?;
        add_missing_years(conn, self.before, self.policies)?;
        let cost_it = |year: &&CertificationYear| {
            year.settlement.is_some_and(|settled| settled.outcome == Outcome::Decertified)
        };
        let cost = self.before.years.iter().find(cost_it).ok_or(Refusal::NoSuchYear)?.number;
        for year in &self.before.years {
            let over = year.ends_on < self.today;
            match year.settlement.map(|settled| settled.outcome) {
                Some(Outcome::Decertified) => {
                    years::waive_after_reinstatement(conn, year.certificate, year.number)?;
                }
                Some(Outcome::Void) if over => {
                    years::waive_after_reinstatement(conn, year.certificate, year.number)?;
                }
                Some(Outcome::Void) => years::reopen(conn, year.certificate, year.number)?,
                // the calendar went on without rows while the certificate was ended
                None if over => {
                    years::settle(conn, year, &self.without_credits(Outcome::Waived, year), &[])?;
                }
                _ => {}
            }
        }
        self.record(conn, DecisionKind::Reinstatement, cost, None)?;
        let file = files::of_holder(conn, self.file.holder, self.today)?;
        let after = certificate_of(&file, self.before.certificate.id)?;
        let badge = uuid::Uuid::new_v4().to_string();
        let valid_until = badge_valid_until(after, self.today);
        badges::issue(conn, &badge, self.before.certificate.id, self.today, valid_until)?;
        badge_signing::sign(conn, self.portal, &badge)?;
        let open = after.current_year(self.today).ok_or(Refusal::NoSuchYear)?.number;
        let (after, year, ledger) = year_of(&file, self.before.certificate.id, open, self.policies)?;
        let notice =
            Reinstated { year: year_line(after, year, &ledger.sums), reason: self.reason.to_owned() };
        Ok((cost, notice.into(), format!("year {open} is open: {}", self.reason)))
    }

    /// The year, with its sums as they are now.
    fn year(&self, number: i64) -> Result<(&CertificationYear, YearLedger), ActionError> {
        let (_, year, ledger) = year_of(self.file, self.before.certificate.id, number, self.policies)?;
        Ok((year, ledger))
    }

    fn without_credits(&self, outcome: Outcome, year: &CertificationYear) -> Settlement {
        Settlement {
            outcome,
            settled_on: self.today,
            approved: Credits::ZERO,
            required: required(self.before, year, self.policies),
            carried: Credits::ZERO,
        }
    }

    fn record(
        &self,
        conn: &mut Conn<'_>,
        kind: DecisionKind,
        year: i64,
        until: Option<NaiveDate>,
    ) -> Result<(), ActionError> {
        held_flags::clear_year(conn, self.before.certificate.id, year)?;
        let decision = Decision {
            certificate: self.before.certificate.id,
            year,
            kind,
            reason: self.reason.to_owned(),
            until,
            decided_by: self.actor.id,
            decided_on: self.today,
            decided_at: self.now,
        };
        Ok(certificates::record_decision(conn, &decision)?)
    }

    /// Signs the badge again, with the deadlines as they are after the decision.
    fn renew_badge(&self, conn: &mut Conn<'_>) -> Result<(), ActionError> {
        let file = files::of_holder(conn, self.file.holder, self.today)?;
        let after = certificate_of(&file, self.before.certificate.id)?;
        let valid_until = badge_valid_until(after, self.today);
        badges::renew(conn, self.before.certificate.id, self.today, valid_until)?;
        badge_signing::sign_certificate(conn, self.portal, self.before.certificate.id)
    }

    fn tell(
        &self,
        conn: &mut Conn<'_>,
        deciding: Deciding,
        year: i64,
        notice: &Notice,
        detail: String,
    ) -> Result<(), ActionError> {
        let kind = deciding.kind();
        let event = match kind {
            DecisionKind::Decertification => "certificate decertified",
            DecisionKind::Waiver => "year waived",
            DecisionKind::Extension => "year extended",
            DecisionKind::Reinstatement => "certificate reinstated",
        };
        let event = Event {
            actor: Some(self.actor.id),
            event,
            holder: Some(self.file.holder),
            certificate: Some(self.before.certificate.id),
            detail,
            ..Event::default()
        };
        history::record(conn, &event, self.now)?;
        let words = answer_words(deciding, self.reason);
        flag_answers::close(conn, self.before.certificate.id, year, self.actor.id, &words, self.now)?;
        let account = accounts::find(conn, self.file.holder)?.ok_or(ActionError::NotFound)?;
        let rendered = notice.render(&Letter::new(&account.name, &self.portal.config))?;
        let mail = post(conn, self.portal, &account, &rendered, self.now)?;
        year_notices::record(conn, (self.before.certificate.id, year), mail)?;
        tracing::info!(certificate = self.before.certificate.id.0, year, kind = kind.code(), "decided");
        let file = files::of_holder(conn, self.file.holder, self.today)?;
        queue::refresh(conn, &file, self.policies)
    }
}

/// What stands in the holder's answer to the flag once it is decided: what was decided, and why.
fn answer_words(deciding: Deciding, reason: &str) -> String {
    let what = match deciding {
        Deciding::Decertify { .. } => "We have decided to withdraw the certificate.".to_owned(),
        Deciding::Waive { .. } => {
            "We have accepted this certification year without the missing credits.".to_owned()
        }
        Deciding::Extend { until, .. } => {
            format!("We have given you more time for this certification year, until {}.", long_date(until))
        }
        Deciding::Reinstate => "We have decided that the certificate stands again.".to_owned(),
    };
    format!("{what} Our reason:\n\n{reason}")
}

fn certificate_of(file: &HolderFile, id: CertificateId) -> Result<&CertificateFile, ActionError> {
    file.certificates.iter().find(|c| c.certificate.id == id).ok_or(ActionError::NotFound)
}

fn year_of<'a>(
    file: &'a HolderFile,
    id: CertificateId,
    number: i64,
    policies: &Policies,
) -> Result<(&'a CertificateFile, &'a CertificationYear, YearLedger), ActionError> {
    let certificate = certificate_of(file, id)?;
    let index = certificate.index_of(number).ok_or(Refusal::NoSuchYear)?;
    let year = certificate.years.get(index).ok_or(Refusal::NoSuchYear)?;
    let ledger = year_ledger(file, &shares(file, policies), certificate, index, policies);
    Ok((certificate, year, ledger))
}

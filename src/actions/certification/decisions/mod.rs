//! The decisions about certificates. The portal flags; people decide, on fresh sums.
//!
//! Decision, years, badge, history, mail and the queue's order commit together. The version of the certificate, as the administrator saw
//! it, is a condition, so two administrators cannot both decide.

pub mod command;
pub mod correction;
pub(in crate::actions) mod ending;
mod submission;

use chrono::{NaiveDate, NaiveDateTime};

use self::command::Deciding;
pub use self::submission::decide;
use super::grant::add_missing_years;
use crate::actions::ActionError;
use crate::actions::badges::signing;
use crate::actions::conversations::flag_answer;
use crate::actions::deadlines::year_lines::{certificate_line, letter, year_line};
use crate::actions::impartiality::check_impartial;
use crate::actions::mail::outbox::post;
use crate::actions::reviews::queue;
use crate::domain::activities::credits::Credits;
use crate::domain::activities::review::LONGEST_REASON;
use crate::domain::certification::certificate::{CertificationYear, Settlement, YearOutcome};
use crate::domain::certification::decision::{
    DecisionKind, DecisionRefusal, check_decertification, check_extension, check_waiver,
};
use crate::domain::certification::policy::Policies;
use crate::domain::certification::standing::badge_valid_until;
use crate::domain::dates::long_date;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{ActivityId, CertificateId, DecisionId};
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::ledger::{CertificateFile, HolderFile, Sums, required};
use crate::domain::notices::delivery::Delivery;
use crate::domain::roles::Administrator;
use crate::domain::text::too_long;
use crate::mail::{Decertified, Extended, Notice, Waived, YearLine};
use crate::portal::Portal;
use crate::store::certification::certificates::Decision;
use crate::store::certification::{certificates, held_flags, policies, years};
use crate::store::mail::year_notices;
use crate::store::records::history::Event;
use crate::store::records::{history, holder_records};
use crate::store::{Conn, accounts, badges};

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
    actor: Administrator,
    certificate: CertificateId,
    deciding: Deciding,
    reason: &str,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let reason = checked_reason(reason)?;
    let policies = policies::all(conn)?;
    let found = certificates::find(conn, certificate)?.ok_or(ActionError::NotFound)?;
    check_impartial(conn, actor.id, found.holder)?;
    let file = holder_records::of_holder(conn, found.holder, today)?;
    let before = certificate_of(&file, certificate)?;
    let case = Case { portal, policies: &policies, actor, file: &file, before, reason, today, now };
    let (year, notice, detail) = match deciding {
        Deciding::Decertify { year, acknowledged } => case.decertify(conn, year, acknowledged)?,
        Deciding::Waive { year } => case.waive(conn, year)?,
        Deciding::Extend { year, until } => case.extend(conn, year, until)?,
        Deciding::Reinstate => case.reinstate(conn)?,
        Deciding::End { kind, replaced_by } => case.end(conn, kind, replaced_by)?,
    };
    let words = answer_words(deciding, reason);
    case.tell(conn, deciding.kind(), year, notice.as_ref(), (detail, &words))
}

/// The reason without spaces around it. Whether there is one is for the rules of each decision to say.
pub(in crate::actions) fn checked_reason(reason: &str) -> Result<&str, ActionError> {
    let reason = reason.trim();
    let length = reason.chars().count();
    if length > LONGEST_REASON {
        return Err(ActionError::invalid("reason", too_long(LONGEST_REASON, length)));
    }
    Ok(reason)
}

/// What is wrong with a reason: for a form of which something else is wrong, too.
#[must_use]
pub fn reason_problem(reason: &str) -> Option<(&'static str, String)> {
    match checked_reason(reason) {
        Ok("") => Some(("reason", DecisionRefusal::ReasonMissing.to_string())),
        Err(ActionError::Invalid(problems)) => problems.into_iter().next(),
        Ok(_) | Err(_) => None,
    }
}

/// The year a decision is recorded about, the mail about it, and a line for the history.
pub(in crate::actions) type Done = (Option<i64>, Option<Notice>, String);

/// What a decision looks at.
pub(in crate::actions) struct Case<'a> {
    pub portal: &'a Portal,
    pub policies: &'a Policies,
    pub actor: Administrator,
    pub file: &'a HolderFile,
    pub before: &'a CertificateFile,
    pub reason: &'a str,
    pub today: NaiveDate,
    pub now: NaiveDateTime,
}

impl Case<'_> {
    fn decertify(&self, conn: &mut Conn<'_>, number: i64, acknowledged: bool) -> Result<Done, ActionError> {
        let found = self.year(number)?;
        let year = found.year;
        check_decertification(
            *self.actor,
            &self.before.certificate,
            year,
            &found.sums,
            self.policies,
            self.today,
            self.reason,
        )?;
        let notice = year_notices::flag_notice(conn, self.before.certificate.id, number)?;
        let doubt = Delivery::doubt(notice.map(|mail| mail.delivery));
        if let Some(doubt) = doubt.filter(|_| !acknowledged) {
            return Err(DecisionRefusal::NotSurelyTold(doubt).into());
        }
        add_missing_years(conn, self.before, self.policies)?;
        let counted: Vec<(ActivityId, Credits)> =
            found.lines.iter().filter(|l| l.approved()).map(|l| (l.report.id, l.counts)).collect();
        years::settle(conn, year, &found.sums.settlement(YearOutcome::Decertified, self.today), &counted)?;
        // the certificate has ended: nothing else of it can be settled by credits any more
        self.void_years(conn, Some(number))?;
        self.record(conn, DecisionKind::Decertification, Some(number), None)?;
        signing::revoke(conn, self.portal, self.before.certificate.id, self.today)?;
        let notice = Decertified {
            certificate: certificate_line(self.before),
            decided_on: self.today,
            year_starts_on: year.starts_on,
            year_ends_on: year.ends_on,
            reason: self.reason.to_owned(),
        };
        let known = doubt.map(|doubt| format!(" {doubt} The administrator knew.")).unwrap_or_default();
        Ok((Some(number), Some(notice.into()), format!("year {number}: {}{known}", self.reason)))
    }

    /// Nothing of a certificate that has ended can be settled by credits any more.
    pub(in crate::actions) fn void_years(
        &self,
        conn: &mut Conn<'_>,
        except: Option<i64>,
    ) -> Result<(), ActionError> {
        let open = |year: &&CertificationYear| Some(year.number) != except && year.settlement.is_none();
        for year in self.before.years.iter().filter(open) {
            years::settle(conn, year, &self.without_credits(YearOutcome::Void, year), &[])?;
            held_flags::clear_year(conn, year.certificate, year.number)?;
        }
        Ok(())
    }

    fn waive(&self, conn: &mut Conn<'_>, number: i64) -> Result<Done, ActionError> {
        let found = self.year(number)?;
        let year = found.year;
        check_waiver(*self.actor, &self.before.certificate, year, self.reason)?;
        add_missing_years(conn, self.before, self.policies)?;
        years::settle(conn, year, &self.without_credits(YearOutcome::Waived, year), &[])?;
        self.record(conn, DecisionKind::Waiver, Some(number), None)?;
        self.renew_badge(conn)?;
        let notice = Waived { year: year_line(&found), reason: self.reason.to_owned() };
        Ok((Some(number), Some(notice.into()), format!("year {number}: {}", self.reason)))
    }

    fn extend(&self, conn: &mut Conn<'_>, number: i64, until: NaiveDate) -> Result<Done, ActionError> {
        let year = self.year(number)?.year;
        self.check_extension(year, until)?;
        let reaches_into = |later: &&CertificationYear| {
            later.number > number && later.starts_on <= until && later.settlement.is_some()
        };
        if let Some(later) = self.before.years.iter().find(reaches_into) {
            return Err(DecisionRefusal::SettledAfter(later.starts_on).into());
        }
        add_missing_years(conn, self.before, self.policies)?;
        years::extend(conn, year, until, self.today)?;
        self.record(conn, DecisionKind::Extension, Some(number), Some(until))?;
        self.renew_badge(conn)?;
        // the old year counts more days now: its figures are told as they are after the decision
        let file = holder_records::of_holder(conn, self.file.holder, self.today)?;
        let moved = self.year_in(&file, number)?;
        let notice =
            Extended { year: year_line(&moved), old_deadline: year.deadline, reason: self.reason.to_owned() };
        let detail = format!("year {number} until {}: {}", long_date(until), self.reason);
        Ok((Some(number), Some(notice.into()), detail))
    }

    /// That a deadline may move; a day that cannot be is told together with a reason that is missing.
    fn check_extension(&self, year: &CertificationYear, until: NaiveDate) -> Result<(), ActionError> {
        use DecisionRefusal::{NotAfterDeadline, NotAfterToday, ReasonMissing, TooFar};
        let check = |reason: &str| {
            check_extension(*self.actor, &self.before.certificate, year, until, self.today, reason)
        };
        match (check(self.reason), check("A reason.")) {
            (Err(ReasonMissing), Err(day @ (NotAfterToday | NotAfterDeadline(_) | TooFar(_)))) => {
                let missing = ReasonMissing.to_string();
                Err(ActionError::Invalid(vec![("until", day.to_string()), ("reason", missing)]))
            }
            (checked, _) => Ok(checked?),
        }
    }

    /// The year, with its sums as they are now.
    fn year(&self, number: i64) -> Result<LedgerYear<'_>, ActionError> {
        self.year_in(self.file, number)
    }

    /// A year of the certificate in another reading of the holder's file, with its sums.
    fn year_in<'b>(&'b self, file: &'b HolderFile, number: i64) -> Result<LedgerYear<'b>, ActionError> {
        let ledger = HolderLedger::new(file, self.policies, self.today);
        Ok(ledger.year((self.before.certificate.id, number)).ok_or(DecisionRefusal::NoSuchYear)?)
    }

    /// The year in progress of the certificate in another reading of the holder's file, as mails tell it.
    pub(in crate::actions) fn current_line(&self, file: &HolderFile) -> Option<YearLine> {
        let ledger = HolderLedger::new(file, self.policies, self.today);
        ledger.current_year(self.before.certificate.id).map(|year| year_line(&year))
    }

    pub(in crate::actions) fn without_credits(
        &self,
        outcome: YearOutcome,
        year: &CertificationYear,
    ) -> Settlement {
        Sums::without_credits(required(self.before, year, self.policies)).settlement(outcome, self.today)
    }

    pub(in crate::actions) fn record(
        &self,
        conn: &mut Conn<'_>,
        kind: DecisionKind,
        year: Option<i64>,
        until: Option<NaiveDate>,
    ) -> Result<DecisionId, ActionError> {
        let decision = Decision { year, until, ..self.decision(kind) };
        self.record_decision(conn, &decision)
    }

    /// A decision about the certificate as a whole, by this person, for this reason, today.
    pub(in crate::actions) fn decision(&self, kind: DecisionKind) -> Decision {
        Decision {
            certificate: self.before.certificate.id,
            year: None,
            kind,
            ending: None,
            replaced_by: None,
            reason: self.reason.to_owned(),
            until: None,
            decided_by: self.actor.id,
            decided_on: self.today,
            decided_at: self.now,
        }
    }

    pub(in crate::actions) fn record_decision(
        &self,
        conn: &mut Conn<'_>,
        decision: &Decision,
    ) -> Result<DecisionId, ActionError> {
        if let Some(year) = decision.year {
            held_flags::clear_year(conn, decision.certificate, year)?;
        }
        Ok(certificates::record_decision(conn, decision)?)
    }

    /// Signs the badge again, with the deadlines as they are after the decision.
    pub(in crate::actions) fn renew_badge(&self, conn: &mut Conn<'_>) -> Result<(), ActionError> {
        let file = holder_records::of_holder(conn, self.file.holder, self.today)?;
        let after = certificate_of(&file, self.before.certificate.id)?;
        let valid_until = badge_valid_until(after, self.today);
        badges::renew(conn, self.before.certificate.id, self.today, valid_until)?;
        signing::sign_certificate(conn, self.portal, self.before.certificate.id)
    }

    pub(in crate::actions) fn tell(
        &self,
        conn: &mut Conn<'_>,
        kind: DecisionKind,
        year: Option<i64>,
        notice: Option<&Notice>,
        (detail, words): (String, &str),
    ) -> Result<(), ActionError> {
        let id = self.before.certificate.id;
        let event = match kind {
            DecisionKind::Decertification => HistoryEvent::CertificateDecertified,
            DecisionKind::Waiver => HistoryEvent::YearWaived,
            DecisionKind::Extension => HistoryEvent::YearExtended,
            DecisionKind::Reinstatement => HistoryEvent::CertificateReinstated,
            DecisionKind::Ending => HistoryEvent::CertificateEnded,
            DecisionKind::Correction => HistoryEvent::CertificateCorrected,
        };
        let event = Event {
            actor: Some(self.actor.id),
            holder: Some(self.file.holder),
            certificate: Some(id),
            year,
            detail,
            ..Event::of(event)
        };
        history::record(conn, &event, self.now)?;
        // the end of a certificate answers whatever was written to a flag of it
        let ends = |year: &&CertificationYear| kind == DecisionKind::Ending && year.flagged_on.is_some();
        let flagged = self.before.years.iter().filter(ends).map(|year| year.number);
        for answered in year.into_iter().chain(flagged) {
            flag_answer::close(conn, id, answered, self.actor.id, words, self.now)?;
        }
        let account = accounts::find(conn, self.file.holder)?.ok_or(ActionError::NotFound)?;
        let file = holder_records::of_holder(conn, self.file.holder, self.today)?;
        // nobody reads the mails of a closed account
        if let Some(notice) = notice.filter(|_| !account.deactivated) {
            let ledger = HolderLedger::new(&file, self.policies, self.today);
            let rendered = notice.render(&letter(self.portal, &account.name, &ledger))?;
            let mail = post(conn, self.portal, &account, &rendered, self.now)?;
            if let Some(year) = year {
                year_notices::record(conn, (id, year), mail)?;
            }
        }
        tracing::info!(certificate = id.0, year, kind = kind.code(), "decided");
        queue::refresh(conn, &file, self.policies, self.today)
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
        Deciding::Reinstate => "We have decided that the certificate is in force again.".to_owned(),
        Deciding::End { kind, .. } if kind.withdrawn() => {
            "We have decided to withdraw the certificate.".to_owned()
        }
        Deciding::End { .. } => "The certificate has ended.".to_owned(),
    };
    format!("{what} Our reason:\n\n{reason}")
}

pub(in crate::actions) fn certificate_of(
    file: &HolderFile,
    id: CertificateId,
) -> Result<&CertificateFile, ActionError> {
    file.certificate(id).ok_or(ActionError::NotFound)
}

//! Correcting what a certificate says: its number, its day of grant or its certification. A decision like the others: reason, who, old and
//! new, the years worked out anew, the badge signed anew in its place, the holder told, all in one transaction.

use chrono::NaiveDate;

use super::command::SeenVersion;
use super::{Case, certificate_of, checked_reason};
use crate::actions::ActionError;
use crate::actions::certification::grant::{TWIN, add_missing_years, read_facts, twin_words};
use crate::actions::deadlines::year_lines::{certificate_line, year_line};
use crate::actions::impartiality::check_impartial;
use crate::domain::certification::catalogue::Certification;
use crate::domain::certification::certificate_correction::{CertificateFacts, corrected_years};
use crate::domain::certification::decision::{DecisionKind, DecisionRefusal, check_correction};
use crate::domain::dates::long_date;
use crate::domain::ids::CertificateId;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::ledger::required;
use crate::domain::roles::Administrator;
use crate::mail::{Corrected, Notice};
use crate::portal::Portal;
use crate::store::certification::certificate_corrections::{self, CertificateChange};
use crate::store::certification::{catalogue, certificates, held_flags, policies};
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError, badges};

/// What the certificate should say, as it was typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenCorrection<'a> {
    /// The number printed on it.
    pub number: &'a str,
    /// The certification's identity.
    pub certification: &'a str,
    /// The day it was granted.
    pub granted_on: &'a str,
    /// That a second certificate of one certification is meant.
    pub twin: bool,
    /// Why; the holder reads it.
    pub reason: &'a str,
}

/// Corrects a certificate, under the condition that it is as the administrator has `seen` it.
///
/// # Errors
/// `ActionError::Invalid` for `number`, `certification`, `granted_on`, `twin` and `reason`; `Refused` with what to say, `NotFound`, and
/// `StoreError::Changed` when somebody was first.
pub fn correct(
    portal: &Portal,
    actor: Administrator,
    id: CertificateId,
    seen: SeenVersion<'_>,
    given: &GivenCorrection<'_>,
) -> Result<(), ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let present = certificates::version(conn, id)?.ok_or(ActionError::NotFound)?;
        if seen.version.is_some_and(|seen| seen != present) {
            return Err(StoreError::Changed.into());
        }
        let found = certificates::find(conn, id)?.ok_or(ActionError::NotFound)?;
        // who may not decide hears that first, whatever was typed
        match check_correction(*actor, &found, given.reason) {
            Ok(()) | Err(DecisionRefusal::ReasonMissing) => {}
            Err(refusal) => return Err(refusal.into()),
        }
        check_impartial(conn, actor.id, found.holder)?;
        let facts = read(conn, given, today)?;
        let reason = checked_reason(given.reason)?;
        let policies = policies::all(conn)?;
        let file = holder_records::of_holder(conn, found.holder, today)?;
        let before = certificate_of(&file, id)?;
        let case = Case { portal, policies: &policies, actor, file: &file, before, reason, today, now };
        case.correct(conn, &facts, given.twin)
    })
}

/// What was typed, with every fault beside its field.
fn read(
    conn: &mut Conn<'_>,
    given: &GivenCorrection<'_>,
    today: NaiveDate,
) -> Result<CertificateFacts, ActionError> {
    let mut problems = Vec::new();
    let certification = certification(conn, given.certification)?;
    if certification.is_none() {
        problems.push(("certification", "Choose the certification.".to_owned()));
    }
    let facts = read_facts(given.number, given.granted_on, today, &mut problems);
    match checked_reason(given.reason) {
        Err(ActionError::Invalid(more)) => problems.extend(more),
        Err(other) => return Err(other),
        Ok("") => problems.push(("reason", DecisionRefusal::ReasonMissing.to_string())),
        Ok(_) => {}
    }
    match (certification, facts) {
        (Some(certification), Some((number, granted_on))) if problems.is_empty() => {
            Ok(CertificateFacts { number, certification, granted_on })
        }
        _ => Err(ActionError::Invalid(problems)),
    }
}

fn certification(conn: &mut Conn<'_>, typed: &str) -> Result<Option<Certification>, StoreError> {
    let all = catalogue::certifications(conn)?;
    Ok(all.into_iter().find(|certification| certification.id.to_string() == typed.trim()))
}

impl Case<'_> {
    fn correct(&self, conn: &mut Conn<'_>, facts: &CertificateFacts, twin: bool) -> Result<(), ActionError> {
        let id = self.before.certificate.id;
        let old = CertificateFacts::of(&self.before.certificate);
        if *facts == old {
            return Err(ActionError::invalid("number", DecisionRefusal::Unchanged.to_string()));
        }
        let other = certificate_corrections::twin(conn, self.file.holder, facts.certification.id, Some(id))?;
        if let Some(other) = other.filter(|_| !twin && facts.certification.id != old.certification.id) {
            return Err(ActionError::invalid(TWIN, twin_words(&other)));
        }
        let after = facts.applied_to(&self.before.certificate);
        let taken_over_on = badges::of_certificate(conn, id)?.iter().map(|badge| badge.issued_on).min();
        let taken_over_on = taken_over_on.unwrap_or(self.today);
        let years = corrected_years(self.before, &after, taken_over_on, self.policies, self.today)?;
        add_missing_years(conn, self.before, self.policies)?;
        if years.is_empty() && certificate_corrections::years_in_use(conn, id)? {
            return Err(DecisionRefusal::YearsInUse.into());
        }
        let decision = self.record_decision(conn, &self.decision(DecisionKind::Correction))?;
        certificate_corrections::record(conn, decision, &old, facts)?;
        certificate_corrections::apply(conn, id, facts).map_err(|error| match error {
            StoreError::Constraint(_) => {
                ActionError::invalid("number", "Another certificate already has this number.")
            }
            other => ActionError::Store(other),
        })?;
        for moved in self.before.years.iter().filter(|year| !years.contains(year)) {
            held_flags::clear_year(conn, id, moved.number)?;
        }
        certificate_corrections::replace_years(conn, id, &years, self.policies.widest_stage())?;
        self.renew_badge(conn)?;
        let changes = certificate_corrections::of_certificate(conn, id)?.pop().unwrap_or_default();
        let told: Vec<_> = changes.iter().map(in_words).collect();
        let detail = told
            .iter()
            .map(|(what, before, after)| format!("{} from {before} to {after}", what.to_lowercase()));
        let detail = format!("{}: {}", detail.collect::<Vec<_>>().join(", "), self.reason);
        let notice = Notice::from(self.corrected(conn, told)?);
        // no year is decided, so no answer to a flag is
        self.tell(conn, DecisionKind::Correction, None, Some(&notice), (detail, ""))
    }

    fn corrected(
        &self,
        conn: &mut Conn<'_>,
        changes: Vec<(&'static str, String, String)>,
    ) -> Result<Corrected, ActionError> {
        let id = self.before.certificate.id;
        let file = holder_records::of_holder(conn, self.file.holder, self.today)?;
        let after = certificate_of(&file, id)?;
        let was = self
            .before
            .current_year(self.today)
            .map(|was| (was.starts_on, was.deadline, required(self.before, was, self.policies)));
        let ledger = HolderLedger::new(&file, self.policies, self.today);
        let current = ledger.current_year(id);
        let moved =
            current.filter(|now| was != Some((now.year.starts_on, now.year.deadline, now.sums.required)));
        let year = moved.map(|year| year_line(&year));
        Ok(Corrected { certificate: certificate_line(after), changes, year, reason: self.reason.to_owned() })
    }
}

/// What was changed, as mails and lists tell it: the thing, before, after.
pub fn in_words(change: &CertificateChange) -> (&'static str, String, String) {
    match change {
        CertificateChange::Number(before, after) => ("Number", before.clone(), after.clone()),
        CertificateChange::Certification(before, after) => ("Certification", before.clone(), after.clone()),
        CertificateChange::GrantedOn(before, after) => ("Granted on", long_date(*before), long_date(*after)),
    }
}

//! The end of a certificate otherwise than for missing credits: by death, by its holder's wish, because it should never have been granted,
//! for misconduct, or because a higher one takes its place. It ends on the day of the decision, and its badge with it. And the
//! reinstatement that undoes any end.

use super::{Case, Done, certificate_of};
use crate::actions::ActionError;
use crate::actions::badges::signing;
use crate::actions::certification::grant::add_missing_years;
use crate::actions::deadlines::year_lines::certificate_line;
use crate::domain::certification::certificate::{CertificationYear, YearOutcome};
use crate::domain::certification::decision::{
    DecisionKind, DecisionRefusal, check_ending, check_reinstatement,
};
use crate::domain::certification::ending::EndingKind;
use crate::domain::certification::standing::badge_valid_until;
use crate::domain::ids::CertificateId;
use crate::mail::{Ended, Notice, Reinstated};
use crate::store::certification::certificates::Decision;
use crate::store::certification::years;
use crate::store::records::holder_records;
use crate::store::{Conn, badges};

impl Case<'_> {
    pub(in crate::actions) fn end(
        &self,
        conn: &mut Conn<'_>,
        kind: EndingKind,
        replaced_by: Option<CertificateId>,
    ) -> Result<Done, ActionError> {
        let replaced_by = replaced_by.filter(|_| kind == EndingKind::Replaced);
        let replacing = self.file.certificates.iter().find(|own| Some(own.certificate.id) == replaced_by);
        let holds = &self.before.certificate;
        check_ending(*self.actor, holds, kind, replacing.map(|own| &own.certificate), self.reason)?;
        add_missing_years(conn, self.before, self.policies)?;
        self.void_years(conn, None)?;
        let decision = Decision { ending: Some(kind), replaced_by, ..self.decision(DecisionKind::Ending) };
        self.record_decision(conn, &decision)?;
        signing::revoke(conn, self.portal, holds.id, self.today)?;
        let place = match (kind, replacing) {
            (EndingKind::Replaced, None) => return Err(DecisionRefusal::NotHigher.into()),
            (_, replacing) => replacing.map(certificate_line),
        };
        let by = place.as_ref().map(|line| format!(" by {}", line.certificate_number)).unwrap_or_default();
        let detail = format!("{}{by}: {}", kind.label(), self.reason);
        let notice = kind.told().then(|| {
            Notice::from(Ended {
                certificate: certificate_line(self.before),
                kind,
                ended_on: self.today,
                replaced_by: place,
                reason: self.reason.to_owned(),
            })
        });
        Ok((None, notice, detail))
    }

    /// Puts a certificate in force again that has ended, whichever way.
    pub(in crate::actions) fn reinstate(&self, conn: &mut Conn<'_>) -> Result<Done, ActionError> {
        check_reinstatement(*self.actor, &self.before.certificate, self.reason)?;
        add_missing_years(conn, self.before, self.policies)?;
        let cost_it = |year: &&CertificationYear| {
            year.settlement.is_some_and(|settled| settled.outcome == YearOutcome::Decertified)
        };
        // only missing credits are the matter of a year
        let cost = self.before.years.iter().find(cost_it).map(|year| year.number);
        for year in &self.before.years {
            let over = year.ends_on < self.today;
            match year.settlement.map(|settled| settled.outcome) {
                Some(YearOutcome::Decertified) => {
                    years::waive_after_reinstatement(conn, year.certificate, year.number)?;
                }
                Some(YearOutcome::Void) if over => {
                    years::waive_after_reinstatement(conn, year.certificate, year.number)?;
                }
                Some(YearOutcome::Void) => years::reopen(conn, year.certificate, year.number)?,
                // the calendar went on without rows while the certificate was ended
                None if over => {
                    years::settle(conn, year, &self.without_credits(YearOutcome::Waived, year), &[])?;
                }
                _ => {}
            }
        }
        self.record(conn, DecisionKind::Reinstatement, cost, None)?;
        let file = holder_records::of_holder(conn, self.file.holder, self.today)?;
        let after = certificate_of(&file, self.before.certificate.id)?;
        let badge = uuid::Uuid::new_v4().to_string();
        let valid_until = badge_valid_until(after, self.today);
        badges::issue(conn, &badge, self.before.certificate.id, self.today, valid_until)?;
        signing::sign(conn, self.portal, &badge)?;
        let current = after.current_year(self.today).map(|year| year.number);
        let opened = current.map(|open| format!("year {open} is open: ")).unwrap_or_default();
        let notice = Reinstated {
            certificate: certificate_line(after),
            year: self.current_line(&file),
            reason: self.reason.to_owned(),
        };
        Ok((cost, Some(notice.into()), format!("{opened}{}", self.reason)))
    }
}

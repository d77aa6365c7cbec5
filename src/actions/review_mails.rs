//! What a review tells: the verdict, and that a year reached its minimum by it.

use chrono::NaiveDateTime;

use super::ActionError;
use super::certificates::add_missing_years;
use super::post::post;
use super::verdict_mails;
use super::year_lines::year_line;
use crate::domain::activity::Activity;
use crate::domain::ids::{ActivityId, CertificateId, HolderId, MailId};
use crate::domain::ledger::{HolderFile, shares, year_ledger};
use crate::domain::policy::Policies;
use crate::domain::quantity::Quantity;
use crate::domain::review::Verdict;
use crate::mail::{Letter, MinimumReached, Notice};
use crate::portal::Portal;
use crate::store::accounts::{self, Account};
use crate::store::verdict_mails::{self as verdict_mails_store, Said, ToldVerdict};
use crate::store::{Conn, reviews};

/// What the mails of a review need.
pub(in crate::actions) struct ReviewMails<'a> {
    pub portal: &'a Portal,
    pub policies: &'a Policies,
    pub now: NaiveDateTime,
}

impl ReviewMails<'_> {
    pub fn tell_verdict(
        &self,
        conn: &mut Conn<'_>,
        after: &HolderFile,
        activity: &Activity,
        verdict: &Verdict,
    ) -> Result<(), ActionError> {
        let (said, code, reason) = match verdict {
            Verdict::Approve { awarded, reason } => {
                let awarded = awarded.map(|awarded| (awarded, reason.clone()));
                return self.tell_approved(conn, after, &[(activity, awarded)]);
            }
            Verdict::Return { code, reason } => (Said::Returned, *code, reason.clone()),
            Verdict::Reject { code, reason } => (Said::Rejected, *code, reason.clone()),
        };
        let told = ToldVerdict { code: Some(code), reason, ..told(activity.id, said) };
        verdict_mails::tell(conn, self.portal, activity.holder, vec![told], self.now).map(|_| ())
    }

    /// One mail about all reports of a holder that were approved together.
    pub fn tell_approved(
        &self,
        conn: &mut Conn<'_>,
        after: &HolderFile,
        approved: &[(&Activity, Option<(Quantity, String)>)],
    ) -> Result<(), ActionError> {
        let shares = shares(after, self.policies);
        let earned = |id: ActivityId| {
            let found = after.reports.iter().zip(&shares).find(|(report, _)| report.id == id);
            found.map_or_else(Default::default, |(_, share)| share.credits)
        };
        let verdicts = approved
            .iter()
            .map(|(activity, award)| ToldVerdict {
                credits: Some(earned(activity.id)),
                awarded: award.as_ref().map(|(awarded, _)| awarded.amount()),
                reason: award.as_ref().map(|(_, reason)| reason.clone()).unwrap_or_default(),
                ..told(activity.id, Said::Approved)
            })
            .collect();
        verdict_mails::tell(conn, self.portal, after.holder, verdicts, self.now).map(|_| ())
    }

    /// Reaching the minimum for a year by an approval is confirmed once for that year, in one mail for all years that reached theirs.
    pub fn tell_minimums(
        &self,
        conn: &mut Conn<'_>,
        before: &HolderFile,
        after: &HolderFile,
    ) -> Result<(), ActionError> {
        let mut unmet_before = unmet_years(before, self.policies);
        let unmet_after = unmet_years(after, self.policies);
        let met = |year: &(CertificateId, i64)| !unmet_after.contains(year);
        let waiting = verdict_mails_store::waiting_minimums(conn, after.holder, self.now)?;
        if waiting.iter().all(met) && !unmet_before.iter().any(met) {
            return Ok(());
        }
        // what waits to be told goes with the same mail, as far as it is still true
        verdict_mails_store::take_minimums_back(conn, after.holder, self.now)?;
        unmet_before.extend(waiting);
        unmet_before.sort_unstable();
        unmet_before.dedup();
        let shares = shares(after, self.policies);
        let mut reached = Vec::new();
        let mut lines = Vec::new();
        for (certificate_id, number) in unmet_before.into_iter().filter(|year| !unmet_after.contains(year)) {
            let certificate = after.certificates.iter().find(|c| c.certificate.id == certificate_id);
            let Some(certificate) = certificate else { continue };
            let Some(index) = certificate.index_of(number) else { continue };
            let Some(year) = certificate.years.get(index).filter(|year| year.settlement.is_none()) else {
                continue;
            };
            if reviews::minimum_was_told(conn, certificate_id, number)? {
                continue;
            }
            // after a long pause the calendar may be ahead of the rows
            add_missing_years(conn, certificate, self.policies)?;
            let sums = year_ledger(after, &shares, certificate, index, self.policies).sums;
            lines.push(year_line(certificate, year, &sums));
            reached.push((certificate_id, number));
        }
        if reached.is_empty() {
            return Ok(());
        }
        let mail = self.send(conn, after.holder, &MinimumReached { years: lines }.into())?;
        verdict_mails_store::wait(conn, mail, self.now + self.portal.config.undo)?;
        for (certificate, number) in reached {
            reviews::record_minimum_told(conn, certificate, number, mail, self.now)?;
        }
        Ok(())
    }

    fn send(&self, conn: &mut Conn<'_>, holder: HolderId, notice: &Notice) -> Result<MailId, ActionError> {
        let account: Account = accounts::find(conn, holder)?.ok_or(ActionError::NotFound)?;
        let rendered = notice.render(&Letter::new(&account.name, &self.portal.config))?;
        post(conn, self.portal, &account, &rendered, self.now)
    }
}

/// What is said about a report, with nothing more to it yet.
pub(in crate::actions) fn told(activity: ActivityId, said: Said) -> ToldVerdict {
    ToldVerdict {
        activity,
        said,
        code: None,
        reason: String::new(),
        credits: None,
        awarded: None,
        was_approved: false,
        told_before: false,
    }
}

/// Unsettled years whose approved credits are below their minimum.
fn unmet_years(file: &HolderFile, policies: &Policies) -> Vec<(CertificateId, i64)> {
    let shares = shares(file, policies);
    let mut unmet = Vec::new();
    for certificate in &file.certificates {
        for (index, year) in certificate.years.iter().enumerate() {
            if year.settlement.is_none()
                && !year_ledger(file, &shares, certificate, index, policies).sums.met()
            {
                unmet.push((year.certificate, year.number));
            }
        }
    }
    unmet
}

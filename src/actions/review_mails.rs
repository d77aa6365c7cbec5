//! What a review tells: the verdict, and that a year reached its minimum by it.

use chrono::{NaiveDate, NaiveDateTime};

use super::ActionError;
use super::certificates::add_missing_years;
use super::post::post;
use super::year_lines::year_line;
use crate::domain::activity::Activity;
use crate::domain::ids::{ActivityId, CertificateId, HolderId, MailId};
use crate::domain::ledger::{HolderFile, shares, year_ledger};
use crate::domain::policy::Policies;
use crate::domain::review::Verdict;
use crate::mail::{Approved, ApprovedActivity, Award, Letter, MinimumReached, Notice, Rejected, Returned};
use crate::portal::Portal;
use crate::store::accounts::{self, Account};
use crate::store::{Conn, reviews};

/// What the mails of a review need.
pub(in crate::actions) struct ReviewMails<'a> {
    pub portal: &'a Portal,
    pub policies: &'a Policies,
    pub now: NaiveDateTime,
    pub today: NaiveDate,
}

impl ReviewMails<'_> {
    pub fn tell_verdict(
        &self,
        conn: &mut Conn<'_>,
        after: &HolderFile,
        activity: &Activity,
        verdict: &Verdict,
    ) -> Result<(), ActionError> {
        let title = activity.facts.title.clone();
        let notice = match verdict {
            Verdict::Approve { awarded, reason } => {
                let award = awarded.zip(activity.facts.quantity).map(|(awarded, reported)| Award {
                    reported,
                    awarded,
                    reason: reason.clone(),
                });
                return self.tell_approved(conn, after, &[(activity, award)]);
            }
            Verdict::Return { code, reason } => {
                Notice::from(Returned { activity: activity.id, title, code: *code, reason: reason.clone() })
            }
            Verdict::Reject { code, reason } => {
                Notice::from(Rejected { activity: activity.id, title, code: *code, reason: reason.clone() })
            }
        };
        self.send(conn, activity.holder, &notice).map(|_| ())
    }

    /// One mail about all reports of a holder that were approved together.
    pub fn tell_approved(
        &self,
        conn: &mut Conn<'_>,
        after: &HolderFile,
        approved: &[(&Activity, Option<Award>)],
    ) -> Result<(), ActionError> {
        let shares = shares(after, self.policies);
        let earned = |id: ActivityId| {
            let found = after.reports.iter().zip(&shares).find(|(report, _)| report.id == id);
            found.map_or_else(Default::default, |(_, share)| share.credits)
        };
        let activities = approved
            .iter()
            .map(|(activity, award)| ApprovedActivity {
                title: activity.facts.title.clone(),
                completed_on: activity.facts.completed_on.unwrap_or(self.today),
                credits: earned(activity.id),
                award: award.clone(),
            })
            .collect();
        self.send(conn, after.holder, &Approved { activities }.into()).map(|_| ())
    }

    /// Reaching the minimum for a year by an approval is confirmed once for that year, in one mail for all years that reached theirs.
    pub fn tell_minimums(
        &self,
        conn: &mut Conn<'_>,
        before: &HolderFile,
        after: &HolderFile,
    ) -> Result<(), ActionError> {
        let unmet_before = unmet_years(before, self.policies);
        let unmet_after = unmet_years(after, self.policies);
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

//! What a review tells: the verdict, and that a year reached its minimum by it.

use chrono::NaiveDateTime;

use super::verdict_mails;
use crate::actions::ActionError;
use crate::actions::certification::grant::add_missing_years;
use crate::actions::deadlines::year_lines::{letter, year_line};
use crate::actions::mail::outbox::post;
use crate::domain::activities::activity::Activity;
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::review::Verdict;
use crate::domain::certification::policy::Policies;
use crate::domain::ids::{ActivityId, MailId, YearId};
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::mail::{MinimumReached, Notice};
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::accounts::{self, Account};
use crate::store::mail::verdict_mails::{
    ToldVerdict, VerdictWords, take_minimums_back, wait, waiting_minimums,
};
use crate::store::mail::year_notices;

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
        after: &HolderLedger<'_>,
        activity: &Activity,
        verdict: &Verdict,
    ) -> Result<(), ActionError> {
        let (said, code, reason) = match verdict {
            Verdict::Approve { awarded, reason } => {
                let awarded = awarded.map(|awarded| (awarded, reason.clone()));
                return self.tell_approved(conn, after, &[(activity, awarded)]);
            }
            Verdict::Return { code, reason } => (VerdictWords::Returned, *code, reason.clone()),
            Verdict::Reject { code, reason } => (VerdictWords::Rejected, *code, reason.clone()),
        };
        let told = ToldVerdict { code: Some(code), reason, ..told(activity.id, said) };
        verdict_mails::tell(conn, self.portal, after, vec![told], self.now).map(|_| ())
    }

    /// One mail about all reports of a holder that were approved together.
    pub fn tell_approved(
        &self,
        conn: &mut Conn<'_>,
        after: &HolderLedger<'_>,
        approved: &[(&Activity, Option<(Quantity, String)>)],
    ) -> Result<(), ActionError> {
        let earned = |id: ActivityId| after.line(id).map_or_else(Default::default, |line| line.share.credits);
        let verdicts = approved
            .iter()
            .map(|(activity, award)| ToldVerdict {
                credits: Some(earned(activity.id)),
                awarded: award.as_ref().map(|(awarded, _)| awarded.amount()),
                reason: award.as_ref().map(|(_, reason)| reason.clone()).unwrap_or_default(),
                ..told(activity.id, VerdictWords::Approved)
            })
            .collect();
        verdict_mails::tell(conn, self.portal, after, verdicts, self.now).map(|_| ())
    }

    /// Reaching the minimum for a year by an approval is confirmed once for that year, in one mail for all years that reached theirs.
    pub fn tell_minimums(
        &self,
        conn: &mut Conn<'_>,
        before: &HolderLedger<'_>,
        after: &HolderLedger<'_>,
    ) -> Result<(), ActionError> {
        let mut unmet_before: Vec<YearId> = before.unmet().map(|year| year.id()).collect();
        let unmet_after: Vec<YearId> = after.unmet().map(|year| year.id()).collect();
        let met = |year: &YearId| !unmet_after.contains(year);
        let holder = after.record().holder;
        let waiting = waiting_minimums(conn, holder, self.now)?;
        if waiting.iter().all(met) && !unmet_before.iter().any(met) {
            return Ok(());
        }
        // what waits to be told goes with the same mail, as far as it is still true
        take_minimums_back(conn, holder, self.now)?;
        unmet_before.extend(waiting);
        unmet_before.sort_unstable();
        unmet_before.dedup();
        let mut reached = Vec::new();
        let mut lines = Vec::new();
        for id in unmet_before.into_iter().filter(met) {
            let found = after.year(id).filter(|found| found.year.settlement.is_none());
            let Some(year) = found else { continue };
            if year_notices::minimum_was_told(conn, id.0, id.1)? {
                continue;
            }
            // after a long pause the calendar may be ahead of the rows
            add_missing_years(conn, year.certificate, self.policies)?;
            lines.push(year_line(&year));
            reached.push(id);
        }
        if reached.is_empty() {
            return Ok(());
        }
        let mail = self.send(conn, after, &MinimumReached { years: lines }.into())?;
        wait(conn, mail, self.now + self.portal.config.undo)?;
        for (certificate, number) in reached {
            year_notices::record_minimum_told(conn, certificate, number, mail, self.now)?;
        }
        Ok(())
    }

    fn send(
        &self,
        conn: &mut Conn<'_>,
        after: &HolderLedger<'_>,
        notice: &Notice,
    ) -> Result<MailId, ActionError> {
        let account: Account = accounts::find(conn, after.record().holder)?.ok_or(ActionError::NotFound)?;
        let rendered = notice.render(&letter(self.portal, &account.name, after))?;
        post(conn, self.portal, &account, &rendered, self.now)
    }
}

/// What is said about a report, with nothing more to it yet.
pub(in crate::actions) fn told(activity: ActivityId, said: VerdictWords) -> ToldVerdict {
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

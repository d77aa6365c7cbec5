//! Recording a run: chunk by chunk, each one write that reads and decides again, so that what changed since the plan is never overrun.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use super::guard::{Guard, key};
use super::outcome::{RunCounts, RunReport};
use super::plan::{Plan, Step};
use super::run::Run;
use super::year_lines::letter;
use super::{RunLine, RunProgress, WRITE_AT_ONCE, notices};
use crate::actions::ActionError;
use crate::actions::badges::signing;
use crate::actions::certification::grant;
use crate::actions::mail::outbox;
use crate::actions::reviews::queue;
use crate::domain::certification::certificate::{CertificationYear, YearOutcome};
use crate::domain::certification::deadlines::{JudgedYear, StageOutcome};
use crate::domain::certification::standing::badge_valid_until;
use crate::domain::dates::long_date;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{CertificateId, HolderId, MailId};
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::mail::{Notice, NoticeContext};
use crate::store::accounts::{self, Account};
use crate::store::certification::held_flags::{self, FlagKey, Held};
use crate::store::certification::years;
use crate::store::engine::leases::Lease;
use crate::store::mail::{reminders, year_notices};
use crate::store::records::deadline_records::{self, DueFile};
use crate::store::records::history::{self, Event};
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError, badges};

/// Between two writes others get their turn.
const LET_OTHERS: Duration = Duration::from_millis(2);

/// A holder of whom something is due.
#[derive(Clone, Copy)]
struct DueHolder<'a> {
    due: &'a DueFile,
    step: &'a Step,
    account: &'a Account,
}

/// Who gets the mails of a run about one holder, with what each of them says.
struct Recipient<'a> {
    account: &'a Account,
    letter: NoticeContext,
}

impl Run<'_> {
    /// Records what is due for some holders. One whose affairs cannot be recorded never stops the rest.
    pub(super) fn record(
        &self,
        holders: &[HolderId],
        lease: &Lease,
        (plan, guard): (&Plan, &Guard),
        report: &mut RunReport,
        progress: RunProgress<'_>,
    ) -> Result<(), ActionError> {
        for (done, chunk) in holders.chunks(WRITE_AT_ONCE).enumerate() {
            if progress(done * WRITE_AT_ONCE, holders.len()).is_break() {
                report.counts.stopped = true;
                return Ok(());
            }
            match self.record_chunk(chunk, lease, plan, guard) {
                Ok(recorded) => report.add(recorded),
                Err(ActionError::Store(StoreError::Changed)) => {
                    // the lease went to another process: it does the rest
                    report.counts.stopped = true;
                    return Ok(());
                }
                Err(error) => {
                    tracing::warn!(%error, "a chunk of the deadline run failed; its holders are tried one by one");
                    for holder in chunk {
                        match self.record_chunk(&[*holder], lease, plan, guard) {
                            Ok(recorded) => report.add(recorded),
                            Err(error) => {
                                tracing::error!(holder = holder.0, %error, "the deadline run could not be recorded");
                                report.counts.failed += 1;
                            }
                        }
                    }
                }
            }
            thread::sleep(LET_OTHERS);
        }
        Ok(())
    }

    fn record_chunk(
        &self,
        holders: &[HolderId],
        lease: &Lease,
        plan: &Plan,
        guard: &Guard,
    ) -> Result<RunReport, ActionError> {
        self.portal.store.write(|conn| {
            if !lease.renew(conn, self.portal.clock.machine_now())? {
                return Err(StoreError::Changed.into());
            }
            let mut report = RunReport::default();
            let dues = deadline_records::of_holders(conn, holders, &self.policies, self.options.today)?;
            let ids: Vec<HolderId> = dues.iter().map(|due| due.file.holder).collect();
            let accounts = accounts::find_several(conn, &ids)?;
            let steps: Vec<Step> = dues
                .iter()
                .zip(&accounts)
                .map(|(due, account)| Step::of(due, &self.policies, self.options.today, account.deactivated))
                .collect();
            let mut wholes = self.whole_records(conn, &steps, &ids)?;
            for ((due, step), account) in dues.iter().zip(&steps).zip(&accounts) {
                let whole = wholes.remove(&due.file.holder);
                self.record_holder(
                    conn,
                    &DueHolder { due, step, account },
                    whole,
                    (plan, guard),
                    &mut report,
                )?;
            }
            Ok(report)
        })
    }

    /// Everything that is known about those who get a mail, read together: it says where they stand, and a due file is cut down.
    fn whole_records(
        &self,
        conn: &mut Conn<'_>,
        steps: &[Step],
        holders: &[HolderId],
    ) -> Result<BTreeMap<HolderId, HolderFile>, ActionError> {
        let told = steps.iter().zip(holders).filter(|(step, _)| step.writes()).map(|(_, holder)| *holder);
        let told: Vec<HolderId> = told.collect();
        if told.is_empty() {
            return Ok(BTreeMap::new());
        }
        let files = holder_records::of_holders(conn, &told, self.options.today)?;
        Ok(files.into_iter().map(|file| (file.holder, file)).collect())
    }

    fn record_holder(
        &self,
        conn: &mut Conn<'_>,
        about: &DueHolder<'_>,
        whole: Option<HolderFile>,
        (plan, guard): (&Plan, &Guard),
        report: &mut RunReport,
    ) -> Result<(), ActionError> {
        let today = self.options.today;
        let DueHolder { due, step, account } = *about;
        let file = &due.file;
        let findings = &step.findings;
        if step.rows_missing {
            for certificate in &file.certificates {
                grant::add_missing_years(conn, certificate, &self.policies)?;
            }
        }
        for (certificate, number, day) in &step.looks {
            years::look_next_on(conn, *certificate, *number, *day)?;
        }
        for judged in findings.recertified.iter().chain(&findings.lifted) {
            let settlement = judged.sums.settlement(YearOutcome::Recertified, today);
            years::settle(conn, &judged.year, &settlement, &judged.counted)?;
            let lifted = judged.year.flagged_on.is_some();
            self.tell_history(
                conn,
                file,
                judged,
                if lifted { HistoryEvent::FlagLifted } else { HistoryEvent::YearRecertified },
            )?;
        }
        self.renew_badges(conn, file, step, plan, report)?;
        let flags: Vec<&JudgedYear> =
            findings.short.iter().filter(|short| guard.flags(&key(&short.year))).collect();
        for short in &flags {
            years::record_flag(conn, &short.year, today)?;
            self.tell_history(conn, file, short, HistoryEvent::YearFlagged)?;
        }
        for short in findings.short.iter().filter(|short| guard.holds(&key(&short.year))) {
            if held_flags::hold(conn, key(&short.year), today)? {
                self.tell_history(conn, file, short, HistoryEvent::FlagHeld)?;
            }
            report.held.push(RunLine::new(file, short, account));
        }
        report.flagged.extend(flags.iter().map(|short| RunLine::new(file, short, account)));
        report.add_findings(file, findings, account);
        if findings.recertified.is_empty() && findings.lifted.is_empty() {
            return self.write_mails(conn, about, &flags, whole.as_ref(), &mut report.counts);
        }
        // what waits for review is needed for other years now, and their figures are others
        let whole = holder_records::of_holder(conn, file.holder, today)?;
        self.write_mails(conn, about, &flags, Some(&whole), &mut report.counts)?;
        queue::refresh(conn, &whole, &self.policies, today)?;
        Ok(())
    }

    /// A badge is signed again when its year is recertified, and whenever few days are left while the certificate stands.
    fn renew_badges(
        &self,
        conn: &mut Conn<'_>,
        file: &HolderFile,
        step: &Step,
        plan: &Plan,
        report: &mut RunReport,
    ) -> Result<(), ActionError> {
        let today = self.options.today;
        let settled = || step.findings.recertified.iter().chain(&step.findings.lifted);
        let of = |judged: &JudgedYear, id: CertificateId| judged.year.certificate == id;
        for certificate in &file.certificates {
            let id = certificate.certificate.id;
            let ending = plan.renewals.contains(&id);
            if !ending && !settled().any(|judged| of(judged, id)) {
                continue;
            }
            let mut certificate = certificate.clone();
            for judged in settled().filter(|judged| of(judged, id)) {
                if let Some(year) =
                    certificate.index_of(judged.year.number).and_then(|i| certificate.years.get_mut(i))
                {
                    year.settlement = Some(judged.sums.settlement(YearOutcome::Recertified, today));
                }
            }
            badges::renew(conn, id, today, badge_valid_until(&certificate, today))?;
            signing::sign_certificate(conn, self.portal, id)?;
            if ending {
                report.counts.badges_renewed += 1;
            }
        }
        Ok(())
    }

    fn write_mails(
        &self,
        conn: &mut Conn<'_>,
        about: &DueHolder<'_>,
        flags: &[&JudgedYear],
        whole: Option<&HolderFile>,
        counts: &mut RunCounts,
    ) -> Result<(), ActionError> {
        let today = self.options.today;
        let DueHolder { due, step, account } = *about;
        let (file, findings) = (&due.file, &step.findings);
        if !step.writes() {
            return self.record_stages(conn, step, None);
        }
        let ledger = HolderLedger::new(whole.unwrap_or(file), &self.policies, today);
        let to = &Recipient { account, letter: letter(self.portal, &account.name, &ledger) };
        let reminder = notices::reminder(file, findings, today);
        let reminder_id = self.write_mail(conn, to, reminder.map(Notice::from), counts)?;
        self.record_stages(conn, step, reminder_id)?;
        let recertified = notices::recertified(file, findings).map(Notice::from);
        self.tell(conn, to, recertified, findings.recertified.iter(), counts)?;
        let lifted = notices::flag_lifted(file, findings).map(Notice::from);
        self.tell(conn, to, lifted, findings.lifted.iter(), counts)?;
        let flagged = notices::flagged(file, flags, &self.policies, today).map(Notice::from);
        self.tell(conn, to, flagged, flags.iter().copied(), counts)
    }

    fn record_stages(
        &self,
        conn: &mut Conn<'_>,
        step: &Step,
        reminder: Option<MailId>,
    ) -> Result<(), ActionError> {
        for evaluated in &step.findings.stages {
            let mail = reminder.filter(|_| evaluated.outcome == StageOutcome::Sent);
            reminders::record(conn, evaluated, mail, self.options.today, self.options.now)?;
        }
        Ok(())
    }

    /// Writes a mail about some years, and records which.
    fn tell<'y>(
        &self,
        conn: &mut Conn<'_>,
        to: &Recipient<'_>,
        notice: Option<Notice>,
        years: impl Iterator<Item = &'y JudgedYear>,
        counts: &mut RunCounts,
    ) -> Result<(), ActionError> {
        if let Some(mail) = self.write_mail(conn, to, notice, counts)? {
            for judged in years {
                year_notices::record(conn, (judged.year.certificate, judged.year.number), mail)?;
            }
        }
        Ok(())
    }

    /// Writes a mail and counts it.
    fn write_mail(
        &self,
        conn: &mut Conn<'_>,
        to: &Recipient<'_>,
        notice: Option<Notice>,
        counts: &mut RunCounts,
    ) -> Result<Option<MailId>, ActionError> {
        let Some(notice) = notice else { return Ok(None) };
        let rendered = notice.render(&to.letter)?;
        let mail = outbox::post(conn, self.portal, to.account, &rendered, self.options.now)?;
        counts.mails += 1;
        Ok(Some(mail))
    }

    fn tell_history(
        &self,
        conn: &mut Conn<'_>,
        file: &HolderFile,
        judged: &JudgedYear,
        event: HistoryEvent,
    ) -> Result<(), StoreError> {
        let event = Event {
            holder: Some(file.holder),
            certificate: Some(judged.year.certificate),
            year: Some(judged.year.number),
            detail: detail(&judged.year, judged),
            ..Event::of(event)
        };
        history::record(conn, &event, self.options.now)
    }

    /// Held flags that are flagged now, or have nothing to flag any more.
    pub(super) fn forget_held(&self, held: &[Held], guard: &Guard) -> Result<(), StoreError> {
        // a run on an earlier day does not see what was held since
        let seen = held.iter().filter(|held| held.held_on <= self.options.today);
        let gone: Vec<FlagKey> = seen.map(|held| held.key).filter(|key| !guard.holds(key)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        self.portal.store.write(|conn| held_flags::forget(conn, &gone))
    }
}

fn detail(year: &CertificationYear, judged: &JudgedYear) -> String {
    format!(
        "year {} to {}, deadline {}: {} approved, {} pending, {} required",
        long_date(year.starts_on),
        long_date(year.ends_on),
        long_date(year.deadline),
        judged.sums.approved,
        judged.sums.pending,
        judged.sums.required,
    )
}

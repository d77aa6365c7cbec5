//! The plan of a run: what every due holder's file says, read in chunks.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::guard::{Guard, Short, key};
use super::notices;
use super::outcome::{RunLine, RunReport};
use super::run::Run;
use crate::actions::ActionError;
use crate::domain::certification::certificate::CertificationYear;
use crate::domain::certification::deadlines::{Findings, StageOutcome, find, look_next_on};
use crate::domain::certification::policy::Policies;
use crate::domain::dates::plus_days;
use crate::domain::ids::{CertificateId, HolderId};
use crate::store::accounts::{self, Account};
use crate::store::badges::BadgeEnding;
use crate::store::records::deadline_records::{self, DueFile};

/// What the run will say and do, before the guard has spoken.
pub(super) struct Plan {
    pub shorts: Vec<Short>,
    /// Years judged: deadline passed, not settled, not flagged before.
    pub judged: usize,
    /// Certificates whose badges are signed again because few days are left.
    pub renewals: BTreeSet<CertificateId>,
    said: RunReport,
    /// Of holders with something to record whatever the guard says.
    to_record: BTreeSet<HolderId>,
    /// Holders whose accounts are closed: their badges go on, and nobody is reminded or flagged.
    closed: BTreeSet<HolderId>,
}

impl Plan {
    pub fn new(renewals: Vec<BadgeEnding>, closed: BTreeSet<HolderId>) -> Plan {
        Plan {
            shorts: Vec::new(),
            judged: 0,
            renewals: renewals.into_iter().map(|ending| ending.certificate).collect(),
            said: RunReport::default(),
            to_record: BTreeSet::new(),
            closed,
        }
    }

    /// Reads some holders and adds what is due for them.
    pub fn add(&mut self, run: &Run<'_>, holders: &[HolderId]) -> Result<(), ActionError> {
        let today = run.options.today;
        run.portal.store.read(|conn| {
            let mut telling = Vec::new();
            for due in deadline_records::of_holders(conn, holders, &run.policies, today)? {
                let closed = self.closed.contains(&due.file.holder);
                let step = Step::of(&due, &run.policies, today, closed);
                self.judged += step.findings.judged();
                self.said.counts.looked_at += 1;
                let renews = due
                    .file
                    .certificates
                    .iter()
                    .filter(|certificate| self.renewals.contains(&certificate.certificate.id))
                    .count();
                // a holder is reported in one place: here, or when the flag is recorded
                let both = !step.findings.short.is_empty() && !step.findings.awaiting.is_empty();
                if step.records() || renews > 0 || both {
                    self.to_record.insert(due.file.holder);
                }
                if run.options.dry_run {
                    self.said.counts.badges_renewed += renews;
                }
                if step.says() {
                    telling.push((due, step.findings));
                }
            }
            let ids: Vec<HolderId> = telling.iter().map(|(due, _)| due.file.holder).collect();
            let accounts = accounts::find_several(conn, &ids)?;
            for ((due, findings), account) in telling.into_iter().zip(accounts) {
                self.say(run, &due, findings, &account);
            }
            Ok(())
        })
    }

    fn say(&mut self, run: &Run<'_>, due: &DueFile, findings: Findings, account: &Account) {
        for short in &findings.short {
            self.shorts.push(Short {
                holder: due.file.holder,
                key: key(&short.year),
                line: RunLine::new(&due.file, short, account),
            });
        }
        // a holder who is recorded is read and reported again then, from fresh data
        if run.options.dry_run || !self.to_record.contains(&due.file.holder) {
            self.said.add_findings(&due.file, &findings, account);
        }
        if run.options.dry_run {
            self.said.counts.mails += notices::announced(&findings);
        }
    }

    /// What is said so far. In a dry run of everybody; in a real one of those about whom there is nothing to record.
    pub fn report(&mut self, guard: &Guard, today: NaiveDate, dry_run: bool) -> RunReport {
        let mut report = std::mem::take(&mut self.said);
        report.as_of = today;
        report.dry_run = dry_run;
        // holders who are recorded are read and reported again then, from fresh data
        let recorded: BTreeSet<HolderId> =
            if dry_run { BTreeSet::new() } else { self.to_record(guard).into_iter().collect() };
        let mut flagged = BTreeSet::new();
        for short in self.shorts.iter().filter(|short| !recorded.contains(&short.holder)) {
            if guard.flags(&short.key) {
                report.flagged.push(short.line.clone());
                flagged.insert(short.holder);
            } else {
                report.held.push(short.line.clone());
            }
        }
        if dry_run {
            // one about all new flags of a holder
            report.counts.mails += flagged.len();
        }
        report
    }

    /// Holders with something to record, in order of their id.
    pub fn to_record(&self, guard: &Guard) -> Vec<HolderId> {
        let flags = self
            .shorts
            .iter()
            .filter(|short| guard.flags(&short.key) || guard.newly_holds(&short.key))
            .map(|short| short.holder);
        let all: BTreeSet<HolderId> = self.to_record.iter().copied().chain(flags).collect();
        all.into_iter().collect()
    }
}

/// What one holder's file says on the day of the run.
pub(super) struct Step {
    pub findings: Findings,
    /// Open years whose next day to look at is to be noted.
    pub looks: Vec<(CertificateId, i64, NaiveDate)>,
    /// Whether a certificate has years without a row that the calendar has reached.
    pub rows_missing: bool,
}

impl Step {
    /// While an account is `closed`, what a run would remind of, flag or ask is left for when it is open again.
    pub fn of(due: &DueFile, policies: &Policies, today: NaiveDate, closed: bool) -> Step {
        let mut findings = find(&due.file, &due.told, policies, today);
        // what a run on a later day has passed over already is not made up by one on an earlier day
        findings.stages.retain(|evaluated| {
            let stage = evaluated.stage;
            due.look_on(stage.certificate, stage.year).is_none_or(|day| day <= today)
        });
        let settles = |year: &CertificationYear| {
            findings.recertified.iter().chain(&findings.lifted).any(|judged| key(&judged.year) == key(year))
        };
        let mut looks = Vec::new();
        let mut rows_missing = false;
        for certificate in &due.file.certificates {
            let last_row = due.last_row(certificate.certificate.id);
            let open = |year: &&CertificationYear| year.settlement.is_none() && !settles(year);
            for year in certificate.years.iter().filter(open) {
                rows_missing |= year.number > last_row;
                let noted = due.look_on(year.certificate, year.number);
                let next = if year.starts_on <= today && today <= year.deadline {
                    noted.is_none_or(|day| day <= today).then(|| look_next_on(year, policies, today))
                } else {
                    // a year that waits for people is looked at by every run after its deadline
                    let after = plus_days(year.deadline, 1);
                    (after <= today && noted.is_none_or(|day| day < after)).then_some(after)
                };
                looks.extend(next.map(|day| (year.certificate, year.number, day)));
            }
        }
        if closed {
            let Findings { recertified, lifted, .. } = findings;
            findings = Findings { recertified, lifted, ..Findings::default() };
            looks.clear();
        }
        Step { findings, looks, rows_missing }
    }

    /// Whether there is something to record, whatever the guard says about flags.
    fn records(&self) -> bool {
        let Findings { stages, recertified, lifted, short: _, awaiting: _ } = &self.findings;
        self.rows_missing
            || !self.looks.is_empty()
            || !stages.is_empty()
            || !recertified.is_empty()
            || !lifted.is_empty()
    }

    /// Whether its holder gets a mail, unless the guard holds the flags that it would be about.
    pub fn writes(&self) -> bool {
        let Findings { stages, recertified, lifted, short, awaiting: _ } = &self.findings;
        let reminds = stages.iter().any(|evaluated| evaluated.outcome == StageOutcome::Sent);
        reminds || !(recertified.is_empty() && lifted.is_empty() && short.is_empty())
    }

    /// Whether there is something to report.
    fn says(&self) -> bool {
        let Findings { stages, recertified, lifted, short, awaiting } = &self.findings;
        !(stages.is_empty()
            && recertified.is_empty()
            && lifted.is_empty()
            && short.is_empty()
            && awaiting.is_empty())
    }
}

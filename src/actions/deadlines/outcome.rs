//! What a run says: who got what and why.

use std::cmp::Reverse;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use crate::domain::activities::credits::Credits;
use crate::domain::certification::deadlines::{EvaluatedStage, Findings, JudgedYear, StageOutcome};
use crate::domain::ids::CertificateId;
use crate::domain::ledger::HolderFile;
use crate::domain::plural::counted;
use crate::store::accounts::Account;

/// The report of a run; its JSON is part of the outside interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunReport {
    /// The day.
    pub as_of: NaiveDate,
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Every stage that was evaluated, by certificate, then stage from large to small.
    pub reminders: Vec<ReminderLine>,
    /// Years settled as recertified that were not flagged, by certificate.
    pub recertified: Vec<RunLine>,
    /// Years flagged, by certificate.
    pub flagged: Vec<RunLine>,
    /// Flagged years settled as recertified, by certificate.
    pub lifted: Vec<RunLine>,
    /// Years whose flag the guard holds, by certificate.
    pub held: Vec<RunLine>,
    /// Years that wait for review after the run, by certificate.
    pub awaiting_review: Vec<RunLine>,
    /// Figures for people.
    #[serde(skip)]
    pub counts: RunCounts,
}

/// Figures of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Holders looked at.
    pub looked_at: usize,
    /// Mails written; by a dry run those that a real one would write.
    pub mails: usize,
    /// Badges signed again because few days were left.
    pub badges_renewed: usize,
    /// Holders whose affairs could not be recorded; the log says why, and the next run tries again.
    pub failed: usize,
    /// Whether the run was stopped before its end.
    pub stopped: bool,
}

/// An evaluated reminder stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReminderLine {
    /// The holder's address.
    pub holder: String,
    /// The certificate's number.
    pub certificate: String,
    /// The year's last day.
    pub year_ends_on: NaiveDate,
    /// Its deadline.
    pub deadline: NaiveDate,
    /// Days before the deadline.
    pub stage: i64,
    /// E.
    #[serde(serialize_with = "two_decimals")]
    pub approved: Credits,
    /// P.
    #[serde(serialize_with = "two_decimals")]
    pub pending: Credits,
    /// The minimum.
    #[serde(serialize_with = "two_decimals")]
    pub required: Credits,
    /// Whether a reminder goes out.
    pub sent: bool,
    /// Why not; none when sent.
    #[serde(serialize_with = "code_or_nothing")]
    pub reason: Option<StageOutcome>,
}

/// A certification year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunLine {
    /// The certificate's number.
    pub certificate: String,
    /// The holder's address.
    pub holder: String,
    /// The year's last day.
    pub year_ends_on: NaiveDate,
    /// Its deadline.
    pub deadline: NaiveDate,
    /// E.
    #[serde(serialize_with = "two_decimals")]
    pub approved: Credits,
    /// P.
    #[serde(serialize_with = "two_decimals")]
    pub pending: Credits,
    /// The minimum.
    #[serde(serialize_with = "two_decimals")]
    pub required: Credits,
}

fn two_decimals<S: Serializer>(credits: &Credits, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(credits)
}

fn code_or_nothing<S: Serializer>(outcome: &Option<StageOutcome>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.map_or("", StageOutcome::code))
}

fn number_of(file: &HolderFile, id: CertificateId) -> String {
    let certificate = file.certificates.iter().find(|certificate| certificate.certificate.id == id);
    certificate.map(|certificate| certificate.certificate.number.clone()).unwrap_or_default()
}

impl ReminderLine {
    fn new(file: &HolderFile, evaluated: &EvaluatedStage, account: &Account) -> ReminderLine {
        let sent = evaluated.outcome == StageOutcome::Sent;
        ReminderLine {
            holder: account.email.clone(),
            certificate: number_of(file, evaluated.stage.certificate),
            year_ends_on: evaluated.year_ends_on,
            deadline: evaluated.stage.deadline,
            stage: evaluated.stage.stage,
            approved: evaluated.sums.approved,
            pending: evaluated.sums.pending,
            required: evaluated.sums.required,
            sent,
            reason: (!sent).then_some(evaluated.outcome),
        }
    }
}

impl RunLine {
    pub(super) fn new(file: &HolderFile, judged: &JudgedYear, account: &Account) -> RunLine {
        RunLine {
            certificate: number_of(file, judged.year.certificate),
            holder: account.email.clone(),
            year_ends_on: judged.year.ends_on,
            deadline: judged.year.deadline,
            approved: judged.sums.approved,
            pending: judged.sums.pending,
            required: judged.sums.required,
        }
    }
}

impl RunReport {
    /// The report of a run that was stopped before it did anything.
    pub(super) fn stopped(as_of: NaiveDate, dry_run: bool) -> RunReport {
        let counts = RunCounts { stopped: true, ..RunCounts::default() };
        RunReport { as_of, dry_run, counts, ..RunReport::default() }
    }

    /// Adds what was found for one holder, all but the short years: about those the guard decides.
    pub(super) fn add_findings(&mut self, file: &HolderFile, findings: &Findings, account: &Account) {
        let line = |judged: &JudgedYear| RunLine::new(file, judged, account);
        self.reminders
            .extend(findings.stages.iter().map(|evaluated| ReminderLine::new(file, evaluated, account)));
        self.recertified.extend(findings.recertified.iter().map(line));
        self.lifted.extend(findings.lifted.iter().map(line));
        self.awaiting_review.extend(findings.awaiting.iter().map(line));
    }

    /// Adds what one chunk recorded.
    pub(super) fn add(&mut self, chunk: RunReport) {
        self.reminders.extend(chunk.reminders);
        self.recertified.extend(chunk.recertified);
        self.flagged.extend(chunk.flagged);
        self.lifted.extend(chunk.lifted);
        self.held.extend(chunk.held);
        self.awaiting_review.extend(chunk.awaiting_review);
        self.counts.mails += chunk.counts.mails;
        self.counts.badges_renewed += chunk.counts.badges_renewed;
    }

    pub(super) fn sort(&mut self) {
        self.reminders.sort_by(|a, b| {
            (&a.certificate, Reverse(a.stage), a.deadline).cmp(&(
                &b.certificate,
                Reverse(b.stage),
                b.deadline,
            ))
        });
        for list in [
            &mut self.recertified,
            &mut self.flagged,
            &mut self.lifted,
            &mut self.held,
            &mut self.awaiting_review,
        ] {
            list.sort_by(|a, b| (&a.certificate, a.year_ends_on).cmp(&(&b.certificate, b.year_ends_on)));
        }
    }

    /// How many reminders go out, counting each certificate's.
    pub fn reminders_sent(&self) -> usize {
        self.reminders.iter().filter(|line| line.sent).count()
    }

    /// One line for logs and the list of runs.
    pub fn summary(&self) -> String {
        let RunCounts { looked_at, mails, badges_renewed, failed, stopped } = self.counts;
        let sent = self.reminders_sent();
        let mut text = counted(looked_at, "holder looked at", "holders looked at");
        let done = [
            (sent, "reminder to send", "reminders to send"),
            (self.reminders.len().saturating_sub(sent), "stage without one", "stages without one"),
            (self.recertified.len(), "year recertified", "years recertified"),
            (self.flagged.len(), "year flagged", "years flagged"),
            (self.lifted.len(), "flag lifted", "flags lifted"),
            (self.held.len(), "flag held back", "flags held back"),
            (self.awaiting_review.len(), "year that awaits review", "years that await review"),
            (badges_renewed, "badge renewed", "badges renewed"),
            (mails, "email written", "emails written"),
        ];
        let done = done.into_iter().filter(|(many, ..)| *many > 0);
        let done: Vec<String> = done.map(|(amount, one, many)| counted(amount, one, many)).collect();
        text.push_str(": ");
        text.push_str(&if done.is_empty() { "nothing to do".to_owned() } else { done.join(", ") });
        if failed > 0 {
            let people = counted(failed, "person", "people");
            text.push_str(&format!("; not recorded for {people}, see the log"));
        }
        if stopped {
            text.push_str("; stopped before the end, the next run does the rest");
        }
        text
    }
}

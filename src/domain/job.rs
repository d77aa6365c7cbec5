//! What the portal does by itself, by name, and how a run of it ends.

use super::codes::codes;

codes! {
    /// A job of the timetable. Its code is its name in logs, addresses and the list of runs.
    pub enum JobName {
        /// Delivers the outbox.
        Mail = "mail",
        /// Fetches mails that came back.
        Bounces = "bounces",
        /// Reminds, settles and flags.
        Deadlines = "deadlines",
        /// Clears what has expired.
        Housekeeping = "housekeeping",
        /// Takes new reports into the search index.
        Search = "search",
        /// Signs badges and their status list.
        Badges = "badges",
        /// Counts what charts show.
        Figures = "figures",
        /// Writes a backup.
        Backup = "backup",
        /// Verifies the invariants of the data.
        Check = "check",
    }
}

codes! {
    /// What only one process does at a time. Its code is the name of its lease.
    pub enum LeaseName {
        /// Delivering the outbox, by the job or by a command.
        Delivery = "mail",
        /// A deadline run, by the job or by a command.
        DeadlineRun = "deadlines",
        /// Reading the mailbox of bounces, by the job or by a command.
        Mailbox = "mailbox",
        /// Running the job `mail` from the timetable or because somebody asks.
        MailJob = "job mail",
        /// The same of `bounces`.
        BouncesJob = "job bounces",
        /// The same of `deadlines`.
        DeadlinesJob = "job deadlines",
        /// The same of `housekeeping`.
        HousekeepingJob = "job housekeeping",
        /// The same of `search`.
        SearchJob = "job search",
        /// The same of `badges`.
        BadgesJob = "job badges",
        /// The same of `figures`.
        FiguresJob = "job figures",
        /// The same of `backup`.
        BackupJob = "job backup",
        /// The same of `check`.
        CheckJob = "job check",
    }
}

impl JobName {
    /// The lease of whoever runs the job.
    #[must_use]
    pub const fn lease(self) -> LeaseName {
        match self {
            JobName::Mail => LeaseName::MailJob,
            JobName::Bounces => LeaseName::BouncesJob,
            JobName::Deadlines => LeaseName::DeadlinesJob,
            JobName::Housekeeping => LeaseName::HousekeepingJob,
            JobName::Search => LeaseName::SearchJob,
            JobName::Badges => LeaseName::BadgesJob,
            JobName::Figures => LeaseName::FiguresJob,
            JobName::Backup => LeaseName::BackupJob,
            JobName::Check => LeaseName::CheckJob,
        }
    }
}

codes! {
    /// Where a run of a job stands.
    pub enum RunOutcome {
        /// It goes on, or its process died.
        Running = "running",
        /// It came to its end with everything done.
        Done = "done",
        /// It did not.
        Failed = "failed",
    }
}

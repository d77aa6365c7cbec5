//! What the portal does by itself, by name, and how a run of it ends.

use super::codes::codes;

codes! {
    /// A job of the timetable. Its code is its name in logs, addresses and the list of runs.
    pub enum JobName {
        /// Delivers the outbox.
        Mail = "mail",
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

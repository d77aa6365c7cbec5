//! A job, and what one run of it gives back.

use std::ops::ControlFlow;

use super::schedule::Schedule;
use crate::actions::ActionError;
use crate::domain::job::JobName;
use crate::portal::Portal;

/// Something the portal does by itself.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// Its name.
    pub name: JobName,
    /// When it is due.
    pub schedule: Schedule,
    /// What it is for, for people.
    pub purpose: &'static str,
    /// Does it.
    pub run: fn(&Portal, Watch<'_>) -> Result<JobReport, ActionError>,
}

/// What a job did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobReport {
    /// For people; empty when there was nothing to do.
    pub summary: String,
    /// Whether it came to its end with everything done.
    pub complete: bool,
}

/// Asked by a job between two steps. `Break` means: stop, what is done stays done.
pub type Watch<'a> = &'a mut dyn FnMut() -> ControlFlow<()>;

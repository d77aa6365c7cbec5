//! Why a reminder was or was not written: every stage of a year's deadline, whatever became of it (G13).

use chrono::NaiveDate;

use crate::domain::certification::certificate::CertificationYear;
use crate::domain::certification::deadlines::StageOutcome;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::plus_days;

/// What became of a reminder stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageFate {
    /// A run decided about it, and recorded how.
    Evaluated(StageOutcome),
    /// It is due on a day to come.
    Ahead,
    /// It is due, and the next run decides.
    Due,
    /// The year was settled, or flagged, before it was due.
    NotNeeded,
    /// It was due, and no run of that time knew this year.
    Missed,
}

/// A reminder stage of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageLine {
    /// Days before the deadline.
    pub stage: i64,
    /// The deadline it is for.
    pub deadline: NaiveDate,
    /// The first day it can be sent.
    pub due_on: NaiveDate,
    /// What became of it.
    pub fate: StageFate,
}

/// Every stage of a year: those that have a row (`evaluated`: deadline, stage, outcome; an extension made a new deadline, and the stages
/// for the old one stay), and those of its present deadline that have none. By deadline, then from far to near.
pub fn stage_lines(
    year: &CertificationYear,
    evaluated: &[(NaiveDate, i64, StageOutcome)],
    policies: &Policies,
    today: NaiveDate,
) -> Vec<StageLine> {
    let due_on = |deadline, stage: i64| plus_days(deadline, -stage);
    let mut lines: Vec<StageLine> = evaluated
        .iter()
        .map(|&(deadline, stage, outcome)| StageLine {
            stage,
            deadline,
            due_on: due_on(deadline, stage),
            fate: StageFate::Evaluated(outcome),
        })
        .collect();
    for &stage in &policies.in_force_on(year.starts_on).stages {
        if evaluated.iter().any(|(deadline, known, _)| (*deadline, *known) == (year.deadline, stage)) {
            continue;
        }
        let due = due_on(year.deadline, stage);
        let settled_before = year.settlement.is_some_and(|settled| settled.settled_on <= due);
        let fate = if settled_before || year.flagged_on.is_some_and(|flagged| flagged <= due) {
            StageFate::NotNeeded
        } else if today < due {
            if year.settlement.is_some() { StageFate::NotNeeded } else { StageFate::Ahead }
        } else if today <= year.deadline && year.settlement.is_none() && year.flagged_on.is_none() {
            StageFate::Due
        } else {
            StageFate::Missed
        };
        lines.push(StageLine { stage, deadline: year.deadline, due_on: due, fate });
    }
    lines.sort_by_key(|line| (line.deadline, line.due_on));
    lines
}

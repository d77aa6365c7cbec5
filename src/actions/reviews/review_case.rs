//! All that a reviewer looks at before a verdict on one report.

use chrono::NaiveDate;

use crate::actions::ActionError;
use crate::domain::activities::activity::Activity;
use crate::domain::activities::eligibility::relevance_on;
use crate::domain::activities::relevance::Relevance;
use crate::domain::certification::catalogue::Field;
use crate::domain::certification::policy::Policies;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::ActivityId;
use crate::domain::ledger::HolderFile;
use crate::store::Conn;
use crate::store::accounts::{self, Account};
use crate::store::activities::evidence::{self, Evidence};
use crate::store::activities::reviews::{self, Review};
use crate::store::activities::submission_notes::{self, Remarks};
use crate::store::activities::{self, activity_versions};
use crate::store::certification::{catalogue, policies};
use crate::store::records::history::{self, HistoryFilter, HistoryRow};
use crate::store::records::holder_records;

/// Events of one report that are looked through.
const MOST_EVENTS: i64 = 200;

/// A report with its surroundings.
#[derive(Clone, Debug)]
pub struct ReviewCase {
    /// The report.
    pub activity: Activity,
    /// Whose it is.
    pub holder: Account,
    /// The holder's file, this report in it while it counts or may count.
    pub file: HolderFile,
    /// Every version of the policy.
    pub policies: Policies,
    /// The field it belongs to.
    pub field: Option<Field>,
    /// How that field relates to the holder's certificates (G8).
    pub relevance: Option<Relevance>,
    /// Whether the holder said that it was not part of the regular job (G9): who imports a report cannot say it for them.
    pub confirmed: bool,
    /// Proof files.
    pub evidence: Vec<Evidence>,
    /// Verdicts so far, from the first.
    pub reviews: Vec<Review>,
    /// What the holder was asked before sending, and said to it, version by version.
    pub remarks: Vec<Remarks>,
    /// The events of verdicts, and of what was taken back, the latest first.
    pub verdict_events: Vec<HistoryRow>,
    /// The holder's other reports, drafts left out, the latest first.
    pub others: Vec<Activity>,
}

/// Whether an event is a verdict, or takes one back.
const fn of_verdict(event: HistoryEvent) -> bool {
    matches!(
        event,
        HistoryEvent::ActivityApproved
            | HistoryEvent::ActivityReturned
            | HistoryEvent::ActivityRejected
            | HistoryEvent::QuestionTakenBack
            | HistoryEvent::VerdictTakenBack
    )
}

/// The case of a report. Drafts are the holder's own affair: staff find none.
///
/// # Errors
/// `ActionError::NotFound`.
pub fn find(conn: &mut Conn<'_>, id: ActivityId, today: NaiveDate) -> Result<ReviewCase, ActionError> {
    let activity = activities::find(conn, id)?
        .filter(|activity| activity.reported_at.is_some())
        .ok_or(ActionError::NotFound)?;
    let holder = accounts::find(conn, activity.holder)?.ok_or(ActionError::NotFound)?;
    let file = holder_records::of_holder(conn, activity.holder, today)?;
    let neighbours = catalogue::neighbours(conn)?;
    let facts = &activity.facts;
    let field = catalogue::fields(conn)?.into_iter().find(|field| Some(field.id) == facts.field);
    let relevance =
        facts.field.zip(facts.completed_on).map(|(field, day)| relevance_on(&file, field, day, &neighbours));
    let others = activities::of_holder(conn, activity.holder)?
        .into_iter()
        .filter(|other| other.id != id && other.reported_at.is_some())
        .collect();
    Ok(ReviewCase {
        field,
        relevance,
        confirmed: facts.not_regular_job && !activity_versions::is_import_only(conn, id)?,
        evidence: evidence::of_activity(conn, id)?,
        reviews: reviews::of_activity(conn, id)?,
        remarks: submission_notes::of_activity(conn, id)?,
        verdict_events: {
            let about = HistoryFilter { activity: Some(id), ..HistoryFilter::default() };
            let mut rows = history::list(conn, about, MOST_EVENTS)?;
            rows.retain(|row| row.event.known().is_some_and(of_verdict));
            rows
        },
        policies: policies::all(conn)?,
        others,
        holder,
        file,
        activity,
    })
}

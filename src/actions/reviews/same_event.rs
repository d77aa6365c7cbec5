//! Reports of the same event: the same title, day and organiser, told by different holders. They can be approved together.

use crate::actions::ActionError;
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::publication::fold_title;
use crate::domain::ids::ActivityId;
use crate::domain::roles::Reviewer;
use crate::store::activities::same_event::{SameDay, completed_on};
use crate::store::{Conn, activities};

/// Reports of one day that are looked at; an event with more visitors is approved in several rounds.
const MOST: i64 = 500;

/// Reports waiting for review that tell of the same event as this one, which is not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SameEvent {
    /// Those that the reviewer could decide.
    pub others: Vec<SameDay>,
    /// How many are of holders whom the reviewer knows.
    pub known: usize,
}

/// Reports waiting for review and tell of the same event as this one. The reviewer's own are left out.
///
/// # Errors
/// `ActionError::Store`.
pub fn others(
    conn: &mut Conn<'_>,
    reviewer: Reviewer,
    activity: &Activity,
) -> Result<SameEvent, ActionError> {
    let facts = &activity.facts;
    let Some(day) = facts.completed_on.filter(|_| activity.status == ActivityStatus::Submitted) else {
        return Ok(SameEvent::default());
    };
    let (title, organiser) = (fold_title(&facts.title), fold_title(&facts.organiser));
    let same = |other: &SameDay| {
        other.id != activity.id
            && Some(other.category) == facts.category
            && fold_title(&other.title) == title
            && fold_title(&other.organiser) == organiser
    };
    let found = completed_on(conn, reviewer.id, day, MOST)?.into_iter().filter(same);
    let (known, others): (Vec<SameDay>, Vec<SameDay>) = found.partition(|other| other.known);
    Ok(SameEvent { others, known: known.len() })
}

/// The report with the others of its event.
///
/// # Errors
/// `ActionError::NotFound` for drafts and what is not there.
pub fn find(
    conn: &mut Conn<'_>,
    reviewer: Reviewer,
    id: ActivityId,
) -> Result<(Activity, SameEvent), ActionError> {
    let activity = activities::find(conn, id)?
        .filter(|activity| activity.reported_at.is_some())
        .ok_or(ActionError::NotFound)?;
    let others = others(conn, reviewer, &activity)?;
    Ok((activity, others))
}

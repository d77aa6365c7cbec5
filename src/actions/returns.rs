//! Taking a question back: a report that was returned by mistake waits for review again, as if nothing had been asked.

use chrono::NaiveDateTime;

use super::post::post;
use super::{ActionError, queue};
use crate::domain::activity::{Activity, ActivityStatus};
use crate::domain::ids::ActivityId;
use crate::domain::review::VerdictError;
use crate::domain::roles::Actor;
use crate::mail::{Letter, Notice, QuestionTakenBack};
use crate::portal::Portal;
use crate::store::activities::Change;
use crate::store::history::{self, Event};
use crate::store::{Conn, StoreError, accounts, activities, files, policies};

/// Takes back the question that a returned report waits with. Its holder is told that no answer is needed; the review that asked stays
/// in the history.
///
/// # Errors
/// `ActionError::NotFound`, `Verdict` for one's own report and for one that nobody has returned, and `StoreError::Changed` when the
/// holder or a colleague was first.
pub fn take_back(
    portal: &Portal,
    reviewer: Actor,
    id: ActivityId,
    version: Option<i64>,
) -> Result<(), ActionError> {
    let (today, now) = (portal.clock.today(), portal.clock.now());
    portal.store.write(|conn| {
        let before = activities::find(conn, id)?.ok_or(ActionError::NotFound)?;
        if !reviewer.role.reviews() {
            return Err(VerdictError::NotStaff.into());
        }
        if reviewer.id == before.holder {
            return Err(VerdictError::OwnReport.into());
        }
        if version != Some(before.version) {
            return Err(StoreError::Changed.into());
        }
        if before.status != ActivityStatus::Returned {
            return Err(VerdictError::NotReturned.into());
        }
        let change = Change {
            before: &before,
            status: ActivityStatus::Submitted,
            facts: &before.facts,
            awarded: None,
            reported_at: before.reported_at,
            decided_at: None,
        };
        activities::change(conn, &change, now)?;
        let event = Event {
            actor: Some(reviewer.id),
            event: "question taken back",
            holder: Some(before.holder),
            activity: Some(id),
            ..Event::default()
        };
        history::record(conn, &event, now)?;
        let file = files::of_holder(conn, before.holder, today)?;
        let policies = policies::all(conn)?;
        queue::refresh(conn, &file, &policies)?;
        tell(conn, portal, before, now)
    })
}

fn tell(
    conn: &mut Conn<'_>,
    portal: &Portal,
    report: Activity,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let account = accounts::find(conn, report.holder)?.ok_or(ActionError::NotFound)?;
    let notice = QuestionTakenBack { activity: report.id, title: report.facts.title };
    let rendered = Notice::from(notice).render(&Letter::new(&account.name, &portal.config))?;
    post(conn, portal, &account, &rendered, now).map(|_| ())
}

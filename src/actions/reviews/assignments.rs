//! A report that waits for review is given to a colleague, who finds it at the top of the overview. As a claim it forbids nothing: anybody
//! may still decide it, and give it on or hand it back.

use chrono::NaiveDateTime;

use crate::actions::ActionError;
use crate::actions::impartiality::check_impartial;
use crate::actions::staff_notes::{LONGEST_NOTE, write_within};
use crate::actions::text::FormTexts;
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::review::VerdictError;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::domain::roles::{Reviewer, may_be_given, not_their_own};
use crate::portal::Portal;
use crate::store::accounts::{self, Account, acquaintances};
use crate::store::activities::assignments::{self, NewAssignment};
use crate::store::activities::{self, review_claims};
use crate::store::records::history::{self, Event};
use crate::store::records::staff_notes::NoteSubject;
use crate::store::{Conn, StoreError};

/// To whom a report is given, as it was typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenAssignment<'a> {
    /// The colleague's identity.
    pub colleague: &'a str,
    /// A word to the colleague; it is kept as a note for staff.
    pub words: &'a str,
    /// Who had it when the page was read.
    pub seen: Option<AccountId>,
}

/// Gives a report that waits for review to a colleague, or takes it oneself. Gives the colleague's name.
///
/// # Errors
/// `ActionError::Invalid` for `colleague` and `for_colleague`; `Verdict` for one's own and for one that does not wait; `Acquainted`;
/// `NotFound`; `StoreError::Changed` when somebody else has it meanwhile.
pub fn give(
    portal: &Portal,
    reviewer: Reviewer,
    id: ActivityId,
    given: &GivenAssignment<'_>,
) -> Result<String, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let activity = waiting(conn, reviewer, id)?;
        let mut checked = FormTexts::default();
        let words = checked.text("for_colleague", given.words, LONGEST_NOTE, "");
        let colleague = colleague(conn, given.colleague, activity.holder)?;
        if colleague.is_none() {
            let problem = "Choose a colleague who can sign in and may decide about this holder.";
            checked.0.insert(0, ("colleague", problem.to_owned()));
        }
        let Some(colleague) = colleague.filter(|_| checked.0.is_empty()) else {
            return Err(ActionError::Invalid(checked.0));
        };
        let before = assignments::find(conn, id)?.map(|before| before.assignee);
        if before != given.seen {
            return Err(StoreError::Changed.into());
        }
        if before == Some(colleague.id) && words.is_empty() {
            return Ok(colleague.name);
        }
        let subject = NoteSubject { holder: activity.holder, activity: Some(id), conversation: None };
        let note = match words.is_empty() {
            true => None,
            false => Some(write_within(conn, reviewer, subject, &words, now)?),
        };
        assignments::put(
            conn,
            &NewAssignment { activity: id, assignee: colleague.id, by: reviewer.id, note },
            now,
        )?;
        // whoever gives it away does not read it any more
        if colleague.id != reviewer.id {
            review_claims::release(conn, id, reviewer.id)?;
        }
        let detail = format!("to {}", colleague.name);
        record(conn, reviewer.id, (id, activity.holder), HistoryEvent::ReportGiven, detail, now)?;
        Ok(colleague.name)
    })
}

/// The report is everybody's again.
///
/// # Errors
/// As [`give`].
pub fn hand_back(
    portal: &Portal,
    reviewer: Reviewer,
    id: ActivityId,
    seen: Option<AccountId>,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let activity = waiting(conn, reviewer, id)?;
        let before = assignments::find(conn, id)?;
        let Some(before) = before.filter(|before| Some(before.assignee) == seen) else {
            return Err(StoreError::Changed.into());
        };
        assignments::clear(conn, id)?;
        let detail = format!("from {}", before.assignee_name);
        record(conn, reviewer.id, (id, activity.holder), HistoryEvent::ReportHandedBack, detail, now)
    })
}

/// What a colleague has goes back to everybody: all of it, or what is of one holder. Must run inside a write. Gives how many.
///
/// # Errors
/// `ActionError::Store`.
pub(in crate::actions) fn hand_all_back(
    conn: &mut Conn<'_>,
    colleague: &Account,
    of: Option<HolderId>,
    by: AccountId,
    now: NaiveDateTime,
) -> Result<i64, ActionError> {
    let mut many = 0;
    for (id, holder) in assignments::of_assignee(conn, colleague.id)? {
        if of.is_some_and(|of| of != holder) {
            continue;
        }
        assignments::clear(conn, id)?;
        let detail = format!("from {}", colleague.name);
        record(conn, by, (id, holder), HistoryEvent::ReportHandedBack, detail, now)?;
        many += 1;
    }
    Ok(many)
}

/// The colleagues to whom a holder's reports can be given, by name.
///
/// # Errors
/// `StoreError`.
pub fn colleagues(conn: &mut Conn<'_>, holder: HolderId) -> Result<Vec<(AccountId, String)>, StoreError> {
    let known_by = acquaintances::known_by(conn, holder)?;
    let mut staff = accounts::staff(conn)?;
    staff.retain(|one| may_be_given(one.actor(), one.deactivated, holder, &known_by));
    Ok(staff.into_iter().map(|one| (one.id, one.name)).collect())
}

/// A report that waits, and that this person may hand to somebody: whoever may not decide it does not choose who does.
fn waiting(conn: &mut Conn<'_>, reviewer: Reviewer, id: ActivityId) -> Result<Activity, ActionError> {
    let activity = activities::find(conn, id)?
        .filter(|activity| activity.reported_at.is_some())
        .ok_or(ActionError::NotFound)?;
    not_their_own(reviewer.id, activity.holder).map_err(|_| VerdictError::OwnReport)?;
    check_impartial(conn, reviewer.id, activity.holder)?;
    if activity.status == ActivityStatus::Submitted {
        Ok(activity)
    } else {
        Err(VerdictError::NotWaiting.into())
    }
}

fn colleague(conn: &mut Conn<'_>, typed: &str, holder: HolderId) -> Result<Option<Account>, ActionError> {
    let Ok(id) = typed.trim().parse().map(AccountId) else { return Ok(None) };
    let known_by = acquaintances::known_by(conn, holder)?;
    let found = accounts::find(conn, id)?;
    Ok(found.filter(|one| may_be_given(one.actor(), one.deactivated, holder, &known_by)))
}

fn record(
    conn: &mut Conn<'_>,
    by: AccountId,
    (id, holder): (ActivityId, HolderId),
    event: HistoryEvent,
    detail: String,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let event =
        Event { actor: Some(by), holder: Some(holder), activity: Some(id), detail, ..Event::of(event) };
    Ok(history::record(conn, &event, now)?)
}

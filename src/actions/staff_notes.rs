//! Notes that only staff read: about a holder, a report or a conversation. Nothing about them is mailed, and no page of holders asks for them.

use chrono::NaiveDateTime;

use super::ActionError;
use super::text::FormTexts;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{ActivityId, ConversationId, HolderId};
use crate::domain::roles::{Reviewer, not_their_own};
use crate::portal::Portal;
use crate::store::records::history::{self, Event};
use crate::store::records::staff_notes::{self, NoteSubject};
use crate::store::{Conn, accounts, activities, conversations};

/// Most characters of a note.
pub const LONGEST_NOTE: usize = 4_000;

/// What somebody writes a note about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteAbout {
    /// A holder.
    Holder(HolderId),
    /// A report.
    Report(ActivityId),
    /// A conversation.
    Conversation(ConversationId),
}

impl NoteAbout {
    /// What a note that was written is about.
    #[must_use]
    pub fn of(subject: NoteSubject) -> NoteAbout {
        match (subject.activity, subject.conversation) {
            (Some(report), _) => NoteAbout::Report(report),
            (None, Some(conversation)) => NoteAbout::Conversation(conversation),
            (None, None) => NoteAbout::Holder(subject.holder),
        }
    }

    fn subject(self, conn: &mut Conn<'_>) -> Result<NoteSubject, ActionError> {
        let (holder, activity, conversation) = match self {
            NoteAbout::Holder(id) => {
                let account = accounts::find(conn, id)?.ok_or(ActionError::NotFound)?;
                (account.id, None, None)
            }
            NoteAbout::Report(id) => {
                let found = activities::find(conn, id)?.filter(|found| found.reported_at.is_some());
                (found.ok_or(ActionError::NotFound)?.holder, Some(id), None)
            }
            NoteAbout::Conversation(id) => {
                let found = conversations::find(conn, id)?.ok_or(ActionError::NotFound)?;
                (found.holder, None, Some(id))
            }
        };
        Ok(NoteSubject { holder, activity, conversation })
    }
}

/// Writes a note for staff. Whoever it is about, being staff too, neither writes nor reads it.
///
/// # Errors
/// `ActionError::Invalid` for `note`, `Own` for a note about oneself, `NotFound`.
pub fn write(portal: &Portal, by: Reviewer, about: NoteAbout, typed: &str) -> Result<(), ActionError> {
    let now = portal.clock.now();
    let mut checked = FormTexts::default();
    let words = checked.text("note", typed, LONGEST_NOTE, "Write the note.");
    if !checked.0.is_empty() {
        return Err(ActionError::Invalid(checked.0));
    }
    portal.store.write(|conn| {
        let subject = about.subject(conn)?;
        write_within(conn, by, subject, &words, now).map(|_| ())
    })
}

/// Writes a note whose words were read. Must run inside a write. Gives its identity.
///
/// # Errors
/// `ActionError::Own`.
pub(in crate::actions) fn write_within(
    conn: &mut Conn<'_>,
    by: Reviewer,
    subject: NoteSubject,
    words: &str,
    now: NaiveDateTime,
) -> Result<i64, ActionError> {
    not_their_own(by.id, subject.holder)?;
    let id = staff_notes::add(conn, subject, by.id, words, now)?;
    note(conn, by, subject, HistoryEvent::StaffNoteWritten, now)?;
    Ok(id)
}

/// Takes the words of a note out again, for its author or an administrator; that there was one stays. Gives what it was about.
///
/// # Errors
/// `ActionError::NotFound` for somebody else's, too; `Own` for a note about oneself.
pub fn remove(portal: &Portal, by: Reviewer, id: i64) -> Result<NoteAbout, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let found = staff_notes::find(conn, id)?.ok_or(ActionError::NotFound)?;
        if found.author != by.id && !by.role.administers() {
            return Err(ActionError::NotFound);
        }
        not_their_own(by.id, found.subject.holder)?;
        if found.removed_at.is_none() {
            staff_notes::remove(conn, id, now)?;
            note(conn, by, found.subject, HistoryEvent::StaffNoteRemoved, now)?;
        }
        Ok(NoteAbout::of(found.subject))
    })
}

/// The history says that there is a note and never what it says: that can be taken out.
fn note(
    conn: &mut Conn<'_>,
    by: Reviewer,
    subject: NoteSubject,
    event: HistoryEvent,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let event = Event {
        actor: Some(by.id),
        holder: Some(subject.holder),
        activity: subject.activity,
        detail: if subject.conversation.is_some() {
            "about a conversation".to_owned()
        } else {
            String::new()
        },
        ..Event::of(event)
    };
    Ok(history::record(conn, &event, now)?)
}

//! Answers that staff give again and again: every reviewer mends their words, administrators add and remove them.

use crate::actions::ActionError;
use crate::actions::text::FormTexts;
use crate::domain::conversations::conversation::{LONGEST_MESSAGE, LONGEST_SUBJECT};
use crate::domain::history_event::HistoryEvent;
use crate::domain::roles::{Administrator, Reviewer};
use crate::portal::Portal;
use crate::store::conversations::canned_answers;
use crate::store::records::history;
use crate::store::records::history::Event;
use crate::store::{Conn, StoreError};

/// An answer as it was typed.
#[derive(Clone, Copy, Debug)]
pub struct CannedAnswerWords<'a> {
    /// How staff find it.
    pub title: &'a str,
    /// The words.
    pub words: &'a str,
}

impl CannedAnswerWords<'_> {
    fn read(&self) -> Result<(String, String), ActionError> {
        let mut checked = FormTexts::default();
        let title = checked.line(
            "title",
            self.title,
            LONGEST_SUBJECT,
            "Give it a title by which colleagues can find it.",
        );
        let words = checked.text("words", self.words, LONGEST_MESSAGE, "Write the answer.");
        if checked.0.is_empty() { Ok((title, words)) } else { Err(ActionError::Invalid(checked.0)) }
    }
}

/// Adds an answer.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form.
pub fn add(portal: &Portal, by: Administrator, given: &CannedAnswerWords<'_>) -> Result<i64, ActionError> {
    let (title, words) = given.read()?;
    portal.store.write(|conn| {
        let id = canned_answers::add(conn, &title, &words)?;
        note(conn, portal, by.into(), HistoryEvent::CannedAnswerAdded, title)?;
        Ok(id)
    })
}

/// Changes an answer, if nobody changed it since `version`.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form; `StoreError::Changed` when somebody was first.
pub fn update(
    portal: &Portal,
    by: Reviewer,
    id: i64,
    version: Option<i64>,
    given: &CannedAnswerWords<'_>,
) -> Result<(), ActionError> {
    let (title, words) = given.read()?;
    portal.store.write(|conn| {
        canned_answers::find(conn, id)?.ok_or(ActionError::NotFound)?;
        canned_answers::update(conn, id, version.ok_or(StoreError::Changed)?, &title, &words)?;
        note(conn, portal, by, HistoryEvent::CannedAnswerChanged, title)
    })
}

/// Removes an answer. What was sent with its words stays.
///
/// # Errors
/// `ActionError::NotFound`.
pub fn remove(portal: &Portal, by: Administrator, id: i64) -> Result<(), ActionError> {
    portal.store.write(|conn| {
        let answer = canned_answers::find(conn, id)?.ok_or(ActionError::NotFound)?;
        canned_answers::remove(conn, id)?;
        note(conn, portal, by.into(), HistoryEvent::CannedAnswerRemoved, answer.title)
    })
}

fn note(
    conn: &mut Conn<'_>,
    portal: &Portal,
    by: Reviewer,
    event: HistoryEvent,
    detail: String,
) -> Result<(), ActionError> {
    let event = Event { actor: Some(by.id), detail, ..Event::of(event) };
    Ok(history::record(conn, &event, portal.clock.now())?)
}

//! Exports: whoever takes a copy of personal data along stands in the history.

use super::ActionError;
use crate::domain::history_event::HistoryEvent;
use crate::domain::roles::Administrator;
use crate::portal::Portal;
use crate::store::records::history::{self, Event};

/// Notes that somebody exported `file`.
pub fn note_export(portal: &Portal, by: Administrator, file: &str) -> Result<(), ActionError> {
    let event =
        Event { actor: Some(by.id), detail: file.to_owned(), ..Event::of(HistoryEvent::DataExported) };
    Ok(portal.store.write(|conn| history::record(conn, &event, portal.clock.now()))?)
}

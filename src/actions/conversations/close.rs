//! The end of a conversation: staff close and reopen it, a holder says that an answer is enough.

use super::{handled, note};
use crate::actions::ActionError;
use crate::actions::impartiality::check_impartial;
use crate::domain::conversations::conversation::{ConversationKind, ConversationRefusal, Turn};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::ConversationId;
use crate::domain::roles::{Holder, Reviewer};
use crate::portal::Portal;
use crate::store::conversations::{self, Standing};

/// Closes a conversation that is answered. An appeal is closed by its outcome.
///
/// # Errors
/// `ActionError::NotFound`, `Conversation` with what to say, and `StoreError::Changed` when somebody was first.
pub fn close(
    portal: &Portal,
    actor: Reviewer,
    id: ConversationId,
    version: Option<i64>,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let before = handled(conn, actor, id, version)?;
        if before.kind == ConversationKind::Appeal {
            return Err(ConversationRefusal::NeedsOutcome.into());
        }
        if before.closed_at.is_some() {
            return Err(ConversationRefusal::Closed.into());
        }
        // to close what asks for a decision is to decide it
        if before.kind.decides() {
            check_impartial(conn, actor.id, before.holder)?;
        }
        let after = Standing { closed_at: Some(now), ..Standing::of(&before) };
        conversations::change(conn, &before, &after)?;
        note(conn, &before, actor.id, HistoryEvent::ConversationClosed, now)
    })
}

/// The holder says that an answer is enough: it waits for nobody any more, and opens again when somebody writes.
///
/// # Errors
/// `ActionError::NotFound` for somebody else's, `Conversation` for an appeal or the answer to a flag, which staff decide, and for one
/// that waits for us.
pub fn close_as_holder(portal: &Portal, holder: Holder, id: ConversationId) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let before = conversations::find_of_holder(conn, holder.id, id)?.ok_or(ActionError::NotFound)?;
        if before.closed_at.is_some() {
            return Ok(());
        }
        if !before.holder_may_close() {
            return Err(ConversationRefusal::WaitsForUs.into());
        }
        let after = Standing { closed_at: Some(now), ..Standing::of(&before) };
        conversations::change(conn, &before, &after)?;
        note(conn, &before, holder.id, HistoryEvent::ConversationClosed, now)
    })
}

/// Opens a closed conversation again; it is the body's turn then.
///
/// # Errors
/// As [`close`].
pub fn reopen(
    portal: &Portal,
    actor: Reviewer,
    id: ConversationId,
    version: Option<i64>,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let before = handled(conn, actor, id, version)?;
        if before.kind == ConversationKind::Appeal {
            return Err(ConversationRefusal::OutcomeRecorded.into());
        }
        if before.closed_at.is_none() {
            return Err(ConversationRefusal::Open.into());
        }
        let after = Standing { closed_at: None, turn: Turn::Body, turn_since: now, ..Standing::of(&before) };
        conversations::change(conn, &before, &after)?;
        note(conn, &before, actor.id, HistoryEvent::ConversationReopened, now)
    })
}

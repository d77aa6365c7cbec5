//! The staff's lists of conversations: what waits, who looks after it, what is closed.

use chrono::NaiveDateTime;

use super::{Conversation, Found, Row, columns, conversation, owners, with_names};
use crate::domain::conversations::conversation::{ConversationKind, Turn};
use crate::domain::ids::AccountId;
use crate::store::engine::paging::{Page, Place};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, conversations};
use crate::store::{Conn, StoreError};

/// Which conversations the staff's list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inbox {
    /// Open, and the body has to write next.
    #[default]
    WaitingForUs,
    /// Open, and the holder has to write next.
    WaitingForHolder,
    /// Open, looked after by this person.
    Of(AccountId),
    /// Open, looked after by nobody.
    Unowned,
    /// Closed, the latest first.
    Closed,
}

/// Where a conversation stands in the staff's list: since when, and which.
pub type InboxKey = (NaiveDateTime, i64);

/// The key of a conversation in one of the lists.
#[must_use]
pub fn key_in(inbox: Inbox, row: &Conversation) -> InboxKey {
    match (inbox, row.closed_at) {
        (Inbox::Closed, Some(closed_at)) => (closed_at, row.id.0),
        _ => (row.turn_since, row.id.0),
    }
}

/// A page of the staff's list: what has waited longest stands first.
pub fn list(
    conn: &mut Conn<'_>,
    inbox: Inbox,
    kind: Option<ConversationKind>,
    place: &Place<InboxKey>,
    size: i64,
) -> Result<Page<Conversation>, StoreError> {
    let rows: Vec<Found> = boxed!(conn.0, Engine, load, {
        let mut query = with_names().select(columns!()).limit(size.saturating_add(1)).into_boxed::<Engine>();
        if let Some(kind) = kind {
            query = query.filter(conversations::kind.eq(kind.code()));
        }
        query = match inbox {
            Inbox::Closed => query.filter(conversations::closed_at.is_not_null()),
            _ => query.filter(conversations::closed_at.is_null()),
        };
        query = match inbox {
            Inbox::WaitingForUs => query.filter(conversations::turn.eq(Turn::Body.code())),
            Inbox::WaitingForHolder => query.filter(conversations::turn.eq(Turn::Holder.code())),
            Inbox::Of(owner) => query.filter(conversations::owner_id.eq(owner.0)),
            Inbox::Unowned => query.filter(conversations::owner_id.is_null()),
            Inbox::Closed => query,
        };
        if inbox == Inbox::Closed {
            let later = |(at, id): InboxKey| {
                conversations::closed_at
                    .gt(at)
                    .or(conversations::closed_at.eq(at).and(conversations::id.gt(id)))
                    .assume_not_null()
            };
            let earlier = |(at, id): InboxKey| {
                conversations::closed_at
                    .lt(at)
                    .or(conversations::closed_at.eq(at).and(conversations::id.lt(id)))
                    .assume_not_null()
            };
            match place {
                Place::Start => query.order((conversations::closed_at.desc(), conversations::id.desc())),
                Place::After(key) => query
                    .filter(earlier(*key))
                    .order((conversations::closed_at.desc(), conversations::id.desc())),
                Place::Before(key) => {
                    query.filter(later(*key)).order((conversations::closed_at, conversations::id))
                }
            }
        } else {
            let later = |(at, id): InboxKey| {
                conversations::turn_since
                    .gt(at)
                    .or(conversations::turn_since.eq(at).and(conversations::id.gt(id)))
            };
            let earlier = |(at, id): InboxKey| {
                conversations::turn_since
                    .lt(at)
                    .or(conversations::turn_since.eq(at).and(conversations::id.lt(id)))
            };
            match place {
                Place::Start => query.order((conversations::turn_since, conversations::id)),
                Place::After(key) => {
                    query.filter(later(*key)).order((conversations::turn_since, conversations::id))
                }
                Place::Before(key) => query
                    .filter(earlier(*key))
                    .order((conversations::turn_since.desc(), conversations::id.desc())),
            }
        }
    })?;
    let rows = rows.into_iter().map(conversation).collect::<Result<_, _>>()?;
    Ok(Page::new(rows, place, size))
}

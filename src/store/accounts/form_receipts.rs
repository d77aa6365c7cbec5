//! Forms that have made something: the same form sent twice makes one, and leads to what the first one led to.
//!
//! The form is recorded in the write that makes the thing, so that two presses at once cannot both be the first.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDateTime;

use crate::domain::ids::AccountId;
use crate::store::engine::prelude::*;
use crate::store::schema::sent_forms;
use crate::store::{Conn, StoreError};

/// A form as it was sent.
#[derive(Clone, Debug)]
pub struct SentForm {
    account: AccountId,
    key: Arc<str>,
    now: NaiveDateTime,
    /// Whether this very press is the first, so that its later writes are no repetition.
    first: Arc<AtomicBool>,
}

impl SentForm {
    /// The form with this key, sent by this person.
    #[must_use]
    pub fn new(account: AccountId, key: &str, now: NaiveDateTime) -> Self {
        Self { account, key: key.into(), now, first: Arc::default() }
    }

    /// Whether a write was made for it.
    #[must_use]
    pub fn has_written(&self) -> bool {
        self.first.load(Ordering::SeqCst)
    }

    /// The first part of a write: records the form, or says that it has been sent before.
    ///
    /// # Errors
    /// `StoreError::SentBefore`.
    pub(in crate::store) fn record(&self, conn: &mut Conn<'_>) -> Result<(), StoreError> {
        if self.has_written() {
            return Ok(());
        }
        let added = diesel::insert_into(sent_forms::table)
            .values((
                sent_forms::account_id.eq(self.account.0),
                sent_forms::form_key.eq(&*self.key),
                sent_forms::used_at.eq(self.now),
            ))
            .on_conflict_do_nothing()
            .execute(conn.0)?;
        if added == 1 { Ok(()) } else { Err(StoreError::SentBefore) }
    }

    pub(in crate::store) fn written(&self) {
        self.first.store(true, Ordering::SeqCst);
    }

    /// Notes where it led.
    pub fn note(&self, conn: &mut Conn<'_>, leads_to: &str) -> Result<(), StoreError> {
        diesel::update(sent_forms::table.find((self.account.0, &*self.key)))
            .set(sent_forms::leads_to.eq(leads_to))
            .execute(conn.0)?;
        Ok(())
    }

    /// Forgets it, so that it can be sent again.
    pub fn forget(&self, conn: &mut Conn<'_>) -> Result<(), StoreError> {
        diesel::delete(sent_forms::table.find((self.account.0, &*self.key))).execute(conn.0)?;
        Ok(())
    }

    /// Where the first press led, if that is known.
    pub fn leads_to(&self, conn: &mut Conn<'_>) -> Result<Option<String>, StoreError> {
        Ok(sent_forms::table
            .find((self.account.0, &*self.key))
            .select(sent_forms::leads_to)
            .first(conn.0)
            .optional()?
            .flatten())
    }
}

/// Forgets forms sent before `moment`. Gives their number.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(sent_forms::table.filter(sent_forms::used_at.lt(moment))).execute(conn.0)?)
}

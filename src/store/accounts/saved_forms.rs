//! Forms that arrived after their session had ended: kept for the account of that session, for a day.

use chrono::NaiveDateTime;

use crate::domain::ids::AccountId;
use crate::store::engine::prelude::*;
use crate::store::schema::parked_forms;
use crate::store::{Conn, StoreError};

/// Most forms kept for one account; older ones make room.
const MOST: i64 = 20;

/// A form that waits for its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedForm {
    /// The page on which the form stands.
    pub page: String,
    /// The address that it is sent to.
    pub path: String,
    /// Names and values, in the order they were sent.
    pub fields: Vec<(String, String)>,
}

/// Keeps a form for an account, and gives its identity.
pub fn add(
    conn: &mut Conn<'_>,
    account: AccountId,
    form: &ParkedForm,
    now: NaiveDateTime,
) -> Result<i64, StoreError> {
    let fields =
        serde_json::to_string(&form.fields).map_err(|_| StoreError::Unreadable("fields of a form"))?;
    let id: i64 = diesel::insert_into(parked_forms::table)
        .values((
            parked_forms::account_id.eq(account.0),
            parked_forms::page.eq(&form.page),
            parked_forms::path.eq(&form.path),
            parked_forms::fields.eq(fields),
            parked_forms::parked_at.eq(now),
        ))
        .returning(parked_forms::id)
        .get_result(conn.0)?;
    let oldest_kept: Option<i64> = parked_forms::table
        .filter(parked_forms::account_id.eq(account.0))
        .order(parked_forms::id.desc())
        .offset(MOST - 1)
        .select(parked_forms::id)
        .first(conn.0)
        .optional()?;
    if let Some(oldest) = oldest_kept {
        let older = parked_forms::table
            .filter(parked_forms::account_id.eq(account.0))
            .filter(parked_forms::id.lt(oldest));
        diesel::delete(older).execute(conn.0)?;
    }
    Ok(id)
}

/// A form that waits for this account.
pub fn find(conn: &mut Conn<'_>, account: AccountId, id: i64) -> Result<Option<ParkedForm>, StoreError> {
    let row: Option<(String, String, String)> = parked_forms::table
        .find(id)
        .filter(parked_forms::account_id.eq(account.0))
        .select((parked_forms::page, parked_forms::path, parked_forms::fields))
        .first(conn.0)
        .optional()?;
    row.map(|(page, path, fields)| {
        let fields = serde_json::from_str(&fields).map_err(|_| StoreError::Unreadable("fields of a form"))?;
        Ok(ParkedForm { page, path, fields })
    })
    .transpose()
}

/// The newest form that waits for this account and that it has not seen again: identity and page.
pub fn unseen(conn: &mut Conn<'_>, account: AccountId) -> Result<Option<(i64, String)>, StoreError> {
    Ok(parked_forms::table
        .filter(parked_forms::account_id.eq(account.0))
        .filter(parked_forms::shown_at.is_null())
        .order(parked_forms::id.desc())
        .select((parked_forms::id, parked_forms::page))
        .first(conn.0)
        .optional()?)
}

/// Records that its owner has it on the screen again.
pub fn shown(conn: &mut Conn<'_>, id: i64, now: NaiveDateTime) -> Result<(), StoreError> {
    let unseen = parked_forms::table.find(id).filter(parked_forms::shown_at.is_null());
    diesel::update(unseen).set(parked_forms::shown_at.eq(Some(now))).execute(conn.0)?;
    Ok(())
}

/// Removes a form that has been sent.
pub fn remove(conn: &mut Conn<'_>, account: AccountId, id: i64) -> Result<(), StoreError> {
    let own = parked_forms::table.find(id).filter(parked_forms::account_id.eq(account.0));
    diesel::delete(own).execute(conn.0)?;
    Ok(())
}

/// Removes forms kept before `moment`. Gives their number.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(parked_forms::table.filter(parked_forms::parked_at.lt(moment))).execute(conn.0)?)
}

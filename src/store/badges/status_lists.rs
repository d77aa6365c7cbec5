//! Status lists as they were signed last, and what is revoked in them.

use chrono::NaiveDateTime;

use crate::store::engine::prelude::*;
use crate::store::schema::{badges, signed_badges, status_lists};
use crate::store::{Conn, StoreError};

/// A signed status list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    /// Its number, from 1.
    pub number: i64,
    /// The text, served as it is.
    pub document: String,
    /// The whole address of the key that signed it.
    pub signed_with: String,
    /// When (UTC).
    pub signed_at: NaiveDateTime,
}

type Row = (i64, String, String, NaiveDateTime);

fn status_list((number, document, signed_with, signed_at): Row) -> StatusList {
    StatusList { number, document, signed_with, signed_at }
}

/// A list.
pub fn find(conn: &mut Conn<'_>, number: i64) -> Result<Option<StatusList>, StoreError> {
    let row: Option<Row> = status_lists::table.find(number).first(conn.0).optional()?;
    Ok(row.map(status_list))
}

/// Whether a list was ever signed.
pub fn exists(conn: &mut Conn<'_>, number: i64) -> Result<bool, StoreError> {
    let found: Option<i64> =
        status_lists::table.find(number).select(status_lists::number).first(conn.0).optional()?;
    Ok(found.is_some())
}

/// All lists.
pub fn list(conn: &mut Conn<'_>) -> Result<Vec<StatusList>, StoreError> {
    let rows: Vec<Row> = status_lists::table.order(status_lists::number).load(conn.0)?;
    Ok(rows.into_iter().map(status_list).collect())
}

/// When the list that waits longest was signed (UTC); `None` when there is no list.
pub fn oldest_signed_at(conn: &mut Conn<'_>) -> Result<Option<NaiveDateTime>, StoreError> {
    Ok(status_lists::table.select(diesel::dsl::min(status_lists::signed_at)).first(conn.0)?)
}

/// Keeps the newest text of a list.
pub fn keep(conn: &mut Conn<'_>, list: &StatusList) -> Result<(), StoreError> {
    let values = (
        status_lists::document.eq(&list.document),
        status_lists::signed_with.eq(&list.signed_with),
        status_lists::signed_at.eq(list.signed_at),
    );
    let updated = diesel::update(status_lists::table.find(list.number)).set(values).execute(conn.0)?;
    if updated == 0 {
        diesel::insert_into(status_lists::table)
            .values((status_lists::number.eq(list.number), values))
            .execute(conn.0)?;
    }
    Ok(())
}

/// The positions of a list that are revoked.
pub fn revoked(conn: &mut Conn<'_>, number: i64) -> Result<Vec<i64>, StoreError> {
    let positions = badges::table
        .inner_join(signed_badges::table.on(signed_badges::badge_id.eq(badges::id)))
        .filter(badges::revoked_on.is_not_null())
        .filter(signed_badges::list_number.eq(number))
        .select(signed_badges::list_position)
        .load(conn.0)?;
    Ok(positions)
}

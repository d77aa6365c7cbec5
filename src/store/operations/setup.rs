//! What is there already in a portal that begins, and whether the set-up page was put away.

use chrono::NaiveDateTime;

use crate::domain::ids::AccountId;
use crate::domain::roles::Role;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, certificates, policies, setup};
use crate::store::{Conn, StoreError};

/// What is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beginnings {
    /// Another person on the staff beside one's own account.
    pub colleague: bool,
    /// A holder with a certificate.
    pub holder: bool,
    /// A policy beside the one that the portal brought along.
    pub policy: bool,
    /// Whether the page was put away.
    pub dismissed: bool,
}

impl Beginnings {
    /// Whether somebody should be shown the way: it was not put away, and a colleague or holders are missing.
    #[must_use]
    pub const fn unfinished(&self) -> bool {
        let under_way = self.colleague && self.holder;
        !self.dismissed && !under_way
    }
}

/// What is there, seen by one of the administrators.
pub fn beginnings(conn: &mut Conn<'_>, me: AccountId) -> Result<Beginnings, StoreError> {
    let colleague = accounts::table
        .filter(accounts::role.ne(Role::Holder.code()))
        .filter(accounts::deactivated_at.is_null())
        .filter(accounts::id.ne(me.0));
    let policy = policies::table.filter(policies::version.gt(1));
    Ok(Beginnings {
        colleague: diesel::select(diesel::dsl::exists(colleague)).get_result(conn.0)?,
        holder: diesel::select(diesel::dsl::exists(certificates::table.select(certificates::id)))
            .get_result(conn.0)?,
        policy: diesel::select(diesel::dsl::exists(policy)).get_result(conn.0)?,
        dismissed: diesel::select(diesel::dsl::exists(setup::table.select(setup::id))).get_result(conn.0)?,
    })
}

/// Puts the set-up page away.
pub fn dismiss(conn: &mut Conn<'_>, by: AccountId, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::insert_into(setup::table)
        .values((setup::id.eq(1), setup::dismissed_by.eq(by.0), setup::dismissed_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(conn.0)?;
    Ok(())
}

/// Fetches the set-up page back.
pub fn fetch_back(conn: &mut Conn<'_>) -> Result<(), StoreError> {
    diesel::delete(setup::table).execute(conn.0)?;
    Ok(())
}

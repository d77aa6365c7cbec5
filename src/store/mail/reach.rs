//! Whom mail reaches now: what holds it, for one mail and for whoever would get one.

use std::collections::BTreeMap;

use diesel::dsl::exists;

use crate::domain::ids::AccountId;
use crate::domain::notices::delivery::{HeldBy, Reach};
use crate::domain::roles::Role;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, holder_mail_holds, mail_holds};
use crate::store::{Conn, StoreError};

/// The holds that are in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Holds {
    /// No mail leaves.
    all: bool,
    /// None to a holder does.
    to_holders: bool,
}

impl Holds {
    /// Reads them.
    pub(in crate::store) fn in_force(conn: &mut Conn<'_>) -> Result<Holds, StoreError> {
        let all = mail_holds::table.filter(mail_holds::ended_at.is_null());
        let to_holders = holder_mail_holds::table.filter(holder_mail_holds::ended_at.is_null());
        let (all, to_holders) = diesel::select((
            exists(all.select(mail_holds::id)),
            exists(to_holders.select(holder_mail_holds::id)),
        ))
        .get_result(conn.0)?;
        Ok(Holds { all, to_holders })
    }

    /// What holds a mail that waits.
    pub(in crate::store) const fn of(self, to_holder: bool, uninvited: bool) -> Option<HeldBy> {
        if self.all {
            Some(HeldBy::Everything)
        } else if self.to_holders && to_holder {
            Some(HeldBy::NotLive)
        } else if uninvited {
            Some(HeldBy::Uninvited)
        } else {
            None
        }
    }
}

/// What becomes of mails that are written to these people now, other than invitations and the like. Whoever is not there has a closed account.
pub fn of_people(
    conn: &mut Conn<'_>,
    people: &[AccountId],
) -> Result<BTreeMap<AccountId, Reach>, StoreError> {
    let holds = Holds::in_force(conn)?;
    let ids: Vec<i64> = people.iter().map(|id| id.0).collect();
    let rows: Vec<(i64, String, bool, bool)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .select((
            accounts::id,
            accounts::role,
            accounts::password_hash.is_not_null().or(accounts::invited_at.is_not_null()),
            accounts::deactivated_at.is_not_null(),
        ))
        .load(conn.0)?;
    let found = rows.into_iter().map(|(id, role, invited, closed)| {
        let role = Role::from_code(&role).ok_or(StoreError::Unreadable("accounts.role"))?;
        let to_holder = role == Role::Holder;
        let held = holds.of(to_holder, to_holder && !invited);
        let reach = if closed { Reach::Closed } else { held.map_or(Reach::Leaves, Reach::Held) };
        Ok((AccountId(id), reach))
    });
    found.collect()
}

/// The same of one person.
pub fn of_one(conn: &mut Conn<'_>, person: AccountId) -> Result<Reach, StoreError> {
    Ok(of_people(conn, &[person])?.remove(&person).unwrap_or(Reach::Closed))
}

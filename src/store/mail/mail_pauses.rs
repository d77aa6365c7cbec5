//! Domains that take no mail for now, and the mail server when it is itself that takes none: each rests for a while, longer each time in
//! a row, and a restart knows it.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};

use crate::store::engine::prelude::*;
use crate::store::schema::mail_pauses;
use crate::store::{Conn, StoreError};

/// In place of a domain: the mail server as a whole.
pub const WHOLE_SERVER: &str = "";

/// Longer than any pause. One that ends later was written by a clock that was wrong, and binds nobody.
const BEYOND_ANY_PAUSE: TimeDelta = TimeDelta::hours(2);

/// A pause of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct MailPause {
    /// The domain, without case; [`WHOLE_SERVER`] for the mail server.
    pub domain: String,
    /// How often in a row.
    pub times: i64,
    /// Since when (UTC).
    pub began_at: NaiveDateTime,
    /// Until when (UTC).
    pub ends_at: NaiveDateTime,
    /// What the mail server said.
    pub words: String,
}

impl MailPause {
    /// Whether nothing is sent because of it.
    pub fn in_force(&self, now: NaiveDateTime) -> bool {
        self.ends_at > now && self.ends_at <= now + BEYOND_ANY_PAUSE
    }
}

/// All pauses by their domain, also those that are over and wait for a mail to be taken.
pub fn all(conn: &mut Conn<'_>) -> Result<BTreeMap<String, MailPause>, StoreError> {
    let pauses: Vec<MailPause> = mail_pauses::table.order(mail_pauses::domain).load(conn.0)?;
    Ok(pauses.into_iter().map(|pause| (pause.domain.clone(), pause)).collect())
}

/// The pauses in force, that of the whole server first.
pub fn in_force(conn: &mut Conn<'_>, now: NaiveDateTime) -> Result<Vec<MailPause>, StoreError> {
    Ok(all(conn)?.into_values().filter(|pause| pause.in_force(now)).collect())
}

/// Begins a pause, or the next one in a row.
pub fn begin(conn: &mut Conn<'_>, pause: &MailPause) -> Result<(), StoreError> {
    let values = (
        mail_pauses::times.eq(pause.times),
        mail_pauses::began_at.eq(pause.began_at),
        mail_pauses::ends_at.eq(pause.ends_at),
        mail_pauses::words.eq(&pause.words),
    );
    diesel::insert_into(mail_pauses::table)
        .values((mail_pauses::domain.eq(&pause.domain), values))
        .on_conflict(mail_pauses::domain)
        .do_update()
        .set(values)
        .execute(conn.0)?;
    Ok(())
}

/// A mail was taken: whatever pause there was is over and forgotten.
pub fn end(conn: &mut Conn<'_>, domain: &str) -> Result<(), StoreError> {
    diesel::delete(mail_pauses::table.find(domain)).execute(conn.0)?;
    Ok(())
}

/// Forgets pauses that ended before `moment`, of domains to which nothing was sent since. Gives their number.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(mail_pauses::table.filter(mail_pauses::ends_at.lt(moment))).execute(conn.0)?)
}

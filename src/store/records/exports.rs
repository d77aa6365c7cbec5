//! What exports ask: everything, page by page, in an order that does not change while they read.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::history::readable_by;
use crate::domain::activities::activity::Activity;
use crate::domain::codes::Stored;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, CertificateId, HolderId};
use crate::store::accounts::{Account, AccountRow};
use crate::store::activities::ActivityRow;
use crate::store::badges::Badge;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, badges, certificates, history};
use crate::store::{Conn, StoreError};

/// The holders after this one, in order of their id.
pub fn holders_after(conn: &mut Conn<'_>, after: HolderId, limit: i64) -> Result<Vec<HolderId>, StoreError> {
    let ids: Vec<i64> = certificates::table
        .filter(certificates::holder_id.gt(after.0))
        .select(certificates::holder_id)
        .distinct()
        .order(certificates::holder_id)
        .limit(limit)
        .load(conn.0)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Some accounts, by id.
pub fn accounts_of(
    conn: &mut Conn<'_>,
    ids: &[AccountId],
) -> Result<BTreeMap<AccountId, Account>, StoreError> {
    accounts::table
        .filter(accounts::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
        .select(AccountRow::as_select())
        .load::<AccountRow>(conn.0)?
        .into_iter()
        .map(|row| Account::try_from(row).map(|account| (account.id, account)))
        .collect()
}

/// The live badges of some holders' certificates, by certificate.
pub fn live_badges_of_holders(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
) -> Result<BTreeMap<CertificateId, Badge>, StoreError> {
    let rows: Vec<crate::store::badges::Row> = badges::table
        .inner_join(certificates::table.on(certificates::id.eq(badges::certificate_id)))
        .filter(certificates::holder_id.eq_any(holders.iter().map(|id| id.0).collect::<Vec<_>>()))
        .filter(badges::revoked_on.is_null())
        .select(badges::all_columns)
        .load(conn.0)?;
    Ok(rows.into_iter().map(crate::store::badges::badge).map(|badge| (badge.certificate, badge)).collect())
}

/// The holders after this one who have ever reported anything, in order of their id.
pub fn reporters_after(
    conn: &mut Conn<'_>,
    after: HolderId,
    limit: i64,
) -> Result<Vec<HolderId>, StoreError> {
    let ids: Vec<i64> = activities::table
        .filter(activities::holder_id.gt(after.0))
        .filter(activities::reported_at.is_not_null())
        .select(activities::holder_id)
        .distinct()
        .order(activities::holder_id)
        .limit(limit)
        .load(conn.0)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Everything that some holders have ever reported, holder by holder, in order of its id.
pub fn reported_of(conn: &mut Conn<'_>, holders: &[HolderId]) -> Result<Vec<Activity>, StoreError> {
    activities::table
        .filter(activities::holder_id.eq_any(holders.iter().map(|id| id.0).collect::<Vec<_>>()))
        .filter(activities::reported_at.is_not_null())
        .select(ActivityRow::as_select())
        .order((activities::holder_id, activities::id))
        .load::<ActivityRow>(conn.0)?
        .into_iter()
        .map(Activity::try_from)
        .collect()
}

/// A row of the history as a file tells it.
#[derive(Clone, Debug)]
pub struct HistoryLine {
    /// Its place.
    pub id: i64,
    /// When (UTC).
    pub at: NaiveDateTime,
    /// Who did it, by name; `None` for the timetable and commands.
    pub actor: Option<String>,
    /// What happened.
    pub event: Stored<HistoryEvent>,
    /// The address of the holder whose affair it is.
    pub holder: Option<String>,
    /// The certificate's number.
    pub certificate: Option<String>,
    /// The activity's id.
    pub activity: Option<i64>,
    /// More, in words.
    pub detail: String,
}

/// The history after this row, from the oldest; nothing of what staff keep among themselves about the reader, if somebody reads it.
pub fn history_after(
    conn: &mut Conn<'_>,
    reader: Option<AccountId>,
    after: i64,
    limit: i64,
) -> Result<Vec<HistoryLine>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        id: i64,
        at: NaiveDateTime,
        actor: Option<String>,
        event: String,
        holder: Option<String>,
        certificate: Option<String>,
        activity: Option<i64>,
        detail: String,
    }
    let actor = diesel::alias!(accounts as actor);
    let rows: Vec<Row> = boxed!(conn.0, Engine, load, {
        let mut query = history::table
            .left_join(actor.on(history::actor_id.eq(actor.field(accounts::id).nullable())))
            .left_join(accounts::table.on(history::holder_id.eq(accounts::id.nullable())))
            .left_join(certificates::table.on(history::certificate_id.eq(certificates::id.nullable())))
            .filter(history::id.gt(after))
            .select((
                history::id,
                history::at,
                actor.field(accounts::name).nullable(),
                history::event,
                accounts::email.nullable(),
                certificates::number.nullable(),
                history::activity_id,
                history::detail,
            ))
            .order(history::id)
            .limit(limit)
            .into_boxed::<Engine>();
        if let Some(reader) = reader {
            query = query.filter(readable_by(reader));
        }
        query
    })?;
    let line = |Row { id, at, actor, event, holder, certificate, activity, detail }: Row| HistoryLine {
        id,
        at,
        actor,
        event: Stored::of(event),
        holder,
        certificate,
        activity,
        detail,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Whether there is any account at all.
pub fn anybody(conn: &mut Conn<'_>) -> Result<bool, StoreError> {
    Ok(diesel::select(diesel::dsl::exists(accounts::table.select(accounts::id))).get_result(conn.0)?)
}

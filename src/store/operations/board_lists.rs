//! The reports and the appeals behind figures of the report to the board, a page at a time.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::sql_types::{BigInt, Nullable, Timestamp};

use crate::domain::activities::activity_status::ActivityStatus;
use crate::domain::codes::codes_of;
use crate::domain::conversations::conversation::{AppealOutcome, ConversationKind};
use crate::domain::ids::{AccountId, ActivityId, CertificateId, ConversationId};
use crate::store::engine::codes::read;
use crate::store::engine::keyset::{after, before};
use crate::store::engine::paging::{Page, Place};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, appeal_outcomes, certificates, conversations};
use crate::store::{Conn, StoreError};

/// A decided report's place in the list: when it was decided (UTC), and which it is.
pub type DecidedPlace = (NaiveDateTime, ActivityId);

/// A report that was approved or rejected, in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedReport {
    /// When it was decided (UTC), and which it is.
    pub place: DecidedPlace,
    /// Its title.
    pub title: String,
    /// How it was decided.
    pub status: ActivityStatus,
    /// Since when it had waited (UTC), without the time it was its holder's turn.
    pub waiting_since: NaiveDateTime,
    /// Whose, and their name.
    pub holder: (AccountId, String),
}

#[derive(Queryable)]
struct DecidedRow {
    id: i64,
    title: String,
    status: String,
    decided_at: Option<NaiveDateTime>,
    waiting_since: Option<NaiveDateTime>,
    holder: i64,
    holder_name: String,
}

/// Reports decided at `from` or later, and before `until` (UTC): what `board_figures::decided_reports` counts, in the order of the verdicts.
pub fn decided(
    conn: &mut Conn<'_>,
    (from, until): (NaiveDateTime, NaiveDateTime),
    place: &Place<DecidedPlace>,
    size: i64,
) -> Result<Page<DecidedReport>, StoreError> {
    let statuses = codes_of(&[ActivityStatus::Approved, ActivityStatus::Rejected]);
    let order = (activities::decided_at, activities::id);
    let values =
        |(at, id): DecidedPlace| (Some(at).into_sql::<Nullable<Timestamp>>(), id.0.into_sql::<BigInt>());
    let rows: Vec<DecidedRow> = boxed!(conn.0, Engine, load, {
        let mut query = activities::table
            .inner_join(accounts::table.on(accounts::id.eq(activities::holder_id)))
            .filter(activities::status.eq_any(statuses))
            // what an import brings decided has both from the moment of the import
            .filter(activities::decided_at.gt(activities::waiting_since))
            .limit(size.saturating_add(1))
            .into_boxed::<Engine>();
        // of several ends of a range SQLite takes the first that it is told, and the place is the nearest
        query = match place {
            Place::Start => query,
            Place::After(place) => query.filter(after(order, values(*place))),
            Place::Before(place) => query.filter(before(order, values(*place))),
        };
        query = query.filter(activities::decided_at.ge(from)).filter(activities::decided_at.lt(until));
        query = match place.backwards() {
            true => query.order((activities::decided_at.desc(), activities::id.desc())),
            false => query.order((activities::decided_at, activities::id)),
        };
        query.select((
            activities::id,
            activities::title,
            activities::status,
            activities::decided_at,
            activities::waiting_since,
            accounts::id,
            accounts::name,
        ))
    })?;
    let listed = |row: DecidedRow| {
        let unreadable = StoreError::Unreadable("activities.decided_at");
        let (at, waiting_since) = row.decided_at.zip(row.waiting_since).ok_or(unreadable)?;
        Ok(DecidedReport {
            place: (at, ActivityId(row.id)),
            title: row.title,
            status: read(&row.status, "activities.status")?,
            waiting_since,
            holder: (AccountId(row.holder), row.holder_name),
        })
    };
    Ok(Page::new(rows.into_iter().map(listed).collect::<Result<_, StoreError>>()?, place, size))
}

/// Which appeals are asked for.
#[derive(Clone, Copy, Debug)]
pub enum AppealSearch {
    /// Those that were made at `from` or later, and before `until` (UTC).
    Made {
        /// The first moment.
        from: NaiveDateTime,
        /// The first moment after it.
        until: NaiveDateTime,
    },
    /// Those that ended like this, from one day through another.
    Ended {
        /// How.
        outcome: AppealOutcome,
        /// The first day.
        from: NaiveDate,
        /// The last day.
        to: NaiveDate,
    },
}

/// An appeal in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAppeal {
    /// Its conversation.
    pub id: ConversationId,
    /// What that is about, in words.
    pub subject: String,
    /// When it was made (UTC).
    pub begun_at: NaiveDateTime,
    /// The certificate, and its number.
    pub certificate: Option<(CertificateId, String)>,
    /// Whose, and their name.
    pub holder: (AccountId, String),
    /// The day and the way it ended, if it has.
    pub ended: Option<(NaiveDate, AppealOutcome)>,
}

#[derive(Queryable)]
struct AppealRow {
    id: i64,
    subject: String,
    begun_at: NaiveDateTime,
    certificate: Option<(i64, String)>,
    holder: i64,
    holder_name: String,
    ended: Option<(NaiveDate, String)>,
}

/// A page of appeals, in the order in which they were made.
pub fn appeals(
    conn: &mut Conn<'_>,
    search: AppealSearch,
    place: &Place<ConversationId>,
    size: i64,
) -> Result<Page<ListedAppeal>, StoreError> {
    let rows: Vec<AppealRow> = boxed!(conn.0, Engine, load, {
        let mut query = conversations::table
            .inner_join(accounts::table.on(accounts::id.eq(conversations::holder_id)))
            .left_join(certificates::table.on(certificates::id.nullable().eq(conversations::certificate_id)))
            .left_join(appeal_outcomes::table.on(appeal_outcomes::conversation_id.eq(conversations::id)))
            .filter(conversations::kind.eq(ConversationKind::Appeal.code()))
            .limit(size.saturating_add(1))
            .into_boxed::<Engine>();
        query = match search {
            AppealSearch::Made { from, until } => {
                query.filter(conversations::begun_at.ge(from)).filter(conversations::begun_at.lt(until))
            }
            AppealSearch::Ended { outcome, from, to } => query
                .filter(appeal_outcomes::outcome.nullable().eq(outcome.code()))
                .filter(appeal_outcomes::decided_on.nullable().between(from, to)),
        };
        query = match place {
            Place::Start => query.order(conversations::id),
            Place::After(id) => query.filter(conversations::id.gt(id.0)).order(conversations::id),
            Place::Before(id) => query.filter(conversations::id.lt(id.0)).order(conversations::id.desc()),
        };
        query.select((
            conversations::id,
            conversations::subject,
            conversations::begun_at,
            (certificates::id, certificates::number).nullable(),
            accounts::id,
            accounts::name,
            (appeal_outcomes::decided_on, appeal_outcomes::outcome).nullable(),
        ))
    })?;
    let listed = |row: AppealRow| {
        let ended =
            row.ended.map(|(day, outcome)| Ok::<_, StoreError>((day, read(&outcome, "appeal_outcomes")?)));
        Ok(ListedAppeal {
            id: ConversationId(row.id),
            subject: row.subject,
            begun_at: row.begun_at,
            certificate: row.certificate.map(|(id, number)| (CertificateId(id), number)),
            holder: (AccountId(row.holder), row.holder_name),
            ended: ended.transpose()?,
        })
    };
    Ok(Page::new(rows.into_iter().map(listed).collect::<Result<_, StoreError>>()?, place, size))
}

//! History: who did what to which thing, when. Append-only; the database refuses changes.

use chrono::NaiveDateTime;

use crate::domain::codes::{Stored, codes_of};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, ActivityId, CertificateId, HolderId};
use crate::store::engine::codes::read;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, history};
use crate::store::{Conn, StoreError};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Who did it; `None` for the timetable and commands.
    pub actor: Option<AccountId>,
    /// What happened.
    pub event: HistoryEvent,
    /// Whose affair it is.
    pub holder: Option<HolderId>,
    /// About which certificate.
    pub certificate: Option<CertificateId>,
    /// About which year of the certificate.
    pub year: Option<i64>,
    /// About which activity.
    pub activity: Option<ActivityId>,
    /// More, in words for staff.
    pub detail: String,
}

impl Event {
    /// An event by nobody, about nothing, until more is said.
    #[must_use]
    pub const fn of(event: HistoryEvent) -> Event {
        Event {
            actor: None,
            event,
            holder: None,
            certificate: None,
            year: None,
            activity: None,
            detail: String::new(),
        }
    }

    /// An event about an account, done by `actor`; `detail` says more in words.
    #[must_use]
    pub fn about_account(
        actor: Option<AccountId>,
        account: AccountId,
        event: HistoryEvent,
        detail: String,
    ) -> Event {
        Event { actor, holder: Some(account), detail, ..Event::of(event) }
    }
}

/// A row of the history, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// Its place.
    pub id: i64,
    /// When (UTC).
    pub at: NaiveDateTime,
    /// Who did it, by name; `None` for the timetable and commands.
    pub actor_name: Option<String>,
    /// What happened.
    pub event: Stored<HistoryEvent>,
    /// Whose affair it is.
    pub holder: Option<HolderId>,
    /// About which certificate.
    pub certificate: Option<CertificateId>,
    /// About which activity.
    pub activity: Option<ActivityId>,
    /// More, in words.
    pub detail: String,
}

/// What a row of the history is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventSubject {
    /// A report.
    Activities,
    /// A certificate or one of its years.
    Certificates,
    /// Neither: the account.
    Account,
}

/// Which rows of the history to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct HistoryFilter {
    /// Only about this holder.
    pub holder: Option<HolderId>,
    /// Only about this certificate.
    pub certificate: Option<CertificateId>,
    /// Only about this activity.
    pub activity: Option<ActivityId>,
    /// Only rows about such things.
    pub about: Option<EventSubject>,
    /// Only rows older than this one (keyset paging).
    pub before: Option<i64>,
    /// Who reads it: what staff keep among themselves about this person is left out.
    pub reader: Option<AccountId>,
}

/// Most rows of one statement: more of them save hardly anything.
const AT_ONCE: usize = 200;

/// Records what happened.
pub fn record(conn: &mut Conn<'_>, event: &Event, at: NaiveDateTime) -> Result<(), StoreError> {
    record_all(conn, std::slice::from_ref(event), at)
}

/// Records several things that happened, in their order.
pub fn record_all(conn: &mut Conn<'_>, events: &[Event], at: NaiveDateTime) -> Result<(), StoreError> {
    for chunk in events.chunks(AT_ONCE) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|event| {
                (
                    history::at.eq(at),
                    history::actor_id.eq(event.actor.map(|id| id.0)),
                    history::event.eq(event.event.code()),
                    history::holder_id.eq(event.holder.map(|id| id.0)),
                    history::certificate_id.eq(event.certificate.map(|id| id.0)),
                    history::year.eq(event.year),
                    history::activity_id.eq(event.activity.map(|id| id.0)),
                    history::detail.eq(&event.detail),
                )
            })
            .collect();
        let table = diesel::insert_into(history::table);
        match rows.as_slice() {
            // prepared once and kept
            [one] => table.values(one).execute(conn.0)?,
            several => table.values(several).execute(conn.0)?,
        };
    }
    Ok(())
}

#[derive(Queryable)]
struct Row {
    id: i64,
    at: NaiveDateTime,
    actor_name: Option<String>,
    event: String,
    holder: Option<i64>,
    certificate: Option<i64>,
    activity: Option<i64>,
    detail: String,
}

impl Row {
    fn shown(self) -> HistoryRow {
        let Row { id, at, actor_name, event, holder, certificate, activity, detail } = self;
        HistoryRow {
            id,
            at,
            actor_name,
            event: Stored::of(event),
            holder: holder.map(AccountId),
            certificate: certificate.map(CertificateId),
            activity: activity.map(ActivityId),
            detail,
        }
    }
}

/// What a [`Row`] is read from.
#[diesel::dsl::auto_type]
fn rows() -> _ {
    history::table.left_join(accounts::table.on(history::actor_id.eq(accounts::id.nullable()))).select((
        history::id,
        history::at,
        accounts::name.nullable(),
        history::event,
        history::holder_id,
        history::certificate_id,
        history::activity_id,
        history::detail,
    ))
}

/// The events of some kind.
pub(super) fn events(which: impl Fn(HistoryEvent) -> bool) -> Vec<&'static str> {
    let events: Vec<HistoryEvent> = HistoryEvent::ALL.into_iter().filter(|event| which(*event)).collect();
    codes_of(&events)
}

/// What somebody on staff reads: nothing of what their colleagues keep among themselves about them.
#[diesel::dsl::auto_type]
pub(super) fn readable_by(reader: AccountId) -> _ {
    let kept: Vec<&'static str> = events(HistoryEvent::is_kept_from_subject);
    let person: i64 = reader.0;
    history::holder_id
        .is_null()
        .or(history::holder_id.assume_not_null().ne(person))
        .or(history::event.ne_all(kept))
}

/// Some rows by their places, the latest first.
pub(super) fn with_ids(conn: &mut Conn<'_>, ids: &[i64]) -> Result<Vec<HistoryRow>, StoreError> {
    let found: Vec<Row> = rows().filter(history::id.eq_any(ids)).order(history::id.desc()).load(conn.0)?;
    Ok(found.into_iter().map(Row::shown).collect())
}

/// The history, the latest first.
pub fn list(conn: &mut Conn<'_>, filter: HistoryFilter, limit: i64) -> Result<Vec<HistoryRow>, StoreError> {
    let found: Vec<Row> = boxed!(conn.0, Engine, load, {
        let mut query = rows().order(history::id.desc()).limit(limit).into_boxed::<Engine>();
        if let Some(holder) = filter.holder {
            query = query.filter(history::holder_id.eq(holder.0));
        }
        if let Some(certificate) = filter.certificate {
            query = query.filter(history::certificate_id.eq(certificate.0));
        }
        if let Some(activity) = filter.activity {
            query = query.filter(history::activity_id.eq(activity.0));
        }
        match filter.about {
            None => {}
            Some(EventSubject::Activities) => query = query.filter(history::activity_id.is_not_null()),
            Some(EventSubject::Certificates) => query = query.filter(history::certificate_id.is_not_null()),
            Some(EventSubject::Account) => {
                query =
                    query.filter(history::activity_id.is_null()).filter(history::certificate_id.is_null());
            }
        }
        if let Some(before) = filter.before {
            query = query.filter(history::id.lt(before));
        }
        if let Some(reader) = filter.reader {
            query = query.filter(readable_by(reader));
        }
        query
    })?;
    Ok(found.into_iter().map(Row::shown).collect())
}

/// An event of a holder's that says in what order things came, with what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    /// When (UTC).
    pub at: NaiveDateTime,
    /// What happened.
    pub event: HistoryEvent,
    /// About which certificate.
    pub certificate: Option<CertificateId>,
    /// About which year of it, where that is kept.
    pub year: Option<i64>,
    /// About which activity.
    pub activity: Option<ActivityId>,
    /// More, in words.
    pub detail: String,
}

/// The events of these kinds in a holder's affairs, from the first.
pub fn of_holder(
    conn: &mut Conn<'_>,
    holder: HolderId,
    kinds: &[HistoryEvent],
) -> Result<Vec<KeptEvent>, StoreError> {
    #[derive(Queryable)]
    struct Found {
        at: NaiveDateTime,
        event: String,
        certificate: Option<i64>,
        year: Option<i64>,
        activity: Option<i64>,
        detail: String,
    }
    let rows: Vec<Found> = history::table
        .filter(history::holder_id.eq(holder.0))
        .filter(history::event.eq_any(codes_of(kinds)))
        .order(history::id)
        .select((
            history::at,
            history::event,
            history::certificate_id,
            history::year,
            history::activity_id,
            history::detail,
        ))
        .load(conn.0)?;
    rows.into_iter()
        .map(|Found { at, event, certificate, year, activity, detail }| {
            Ok(KeptEvent {
                at,
                event: read(&event, "history.event")?,
                certificate: certificate.map(CertificateId),
                year,
                activity: activity.map(ActivityId),
                detail,
            })
        })
        .collect()
}

//! The review queue, as staff see it: what a holder needs before a near deadline stands on top.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::exists;
use diesel::sql_types::{BigInt, Date, Nullable, Timestamp};

use crate::domain::activities::category::Category;
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::queue_place::{NO_DEADLINE, QueuePlace};
use crate::domain::ids::{AccountId, ActivityId, CertificationId, FieldId, HolderId};
use crate::store::engine::keyset::{after, before};
use crate::store::engine::paging::{Page, Place};
use crate::store::engine::prelude::*;
use crate::store::schema::{
    accounts, acquaintances, activities, assignments, certificates, evidence, review_claims,
};
use crate::store::{Conn, StoreError};

/// Those of some holders for whom something waits for review.
pub fn with_waiting(conn: &mut Conn<'_>, holders: &[HolderId]) -> Result<Vec<HolderId>, StoreError> {
    let ids: Vec<i64> = activities::table
        .filter(activities::queue_rank.is_not_null())
        .filter(activities::holder_id.eq_any(holders.iter().map(|holder| holder.0).collect::<Vec<_>>()))
        .select(activities::holder_id)
        .distinct()
        .load(conn.0)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// A report in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The report.
    pub id: ActivityId,
    /// Its version, so that a verdict on an older one is refused.
    pub version: i64,
    /// Its title.
    pub title: String,
    /// Its kind.
    pub category: Category,
    /// How much was reported.
    pub quantity: Quantity,
    /// The last day of the activity.
    pub completed_on: NaiveDate,
    /// When it was first reported (UTC).
    pub reported_at: NaiveDateTime,
    /// Since when it has waited (UTC), counted without the time it was the holder's turn.
    pub waiting_since: NaiveDateTime,
    /// Whose it is.
    pub holder: HolderId,
    /// Their name.
    pub holder_name: String,
    /// The same as it is sorted: without case and accents.
    pub holder_fold: String,
    /// Whether the holder explained the relevance, because the field is far.
    pub explained: bool,
    /// How many proof files it has.
    pub files: i64,
    /// Its place in the queue.
    pub place: QueuePlace,
    /// The colleague who reads it now.
    pub read_by: Option<String>,
    /// To whom it was given, by id and name.
    pub given_to: Option<(AccountId, String)>,
    /// Whether whoever looks said that they know its holder, and so does not decide it.
    pub known: bool,
}

#[derive(Queryable)]
struct Row {
    id: i64,
    version: i64,
    title: String,
    category: Option<String>,
    quantity: Option<i64>,
    completed_on: Option<NaiveDate>,
    reported_at: Option<NaiveDateTime>,
    waiting_since: Option<NaiveDateTime>,
    holder: i64,
    name: String,
    name_fold: String,
    relevance: String,
    placed: PlaceRow,
    files: Option<i64>,
    read_by: Option<String>,
    assignee: Option<i64>,
    assignee_name: Option<String>,
    known: bool,
}

/// Rank, deadline, when it was reported, the report.
type PlaceRow = (Option<i64>, Option<NaiveDate>, Option<NaiveDateTime>, i64);

/// The columns by which the queue is sorted: those of the index `activities_queue`, in its order; it ends in the id by itself.
macro_rules! order {
    () => {
        (activities::queue_rank, activities::queue_deadline, activities::reported_at, activities::id)
    };
}

/// The same from the end.
macro_rules! backwards {
    () => {
        (
            activities::queue_rank.desc(),
            activities::queue_deadline.desc(),
            activities::reported_at.desc(),
            activities::id.desc(),
        )
    };
}

/// A place as the values of those columns.
macro_rules! values {
    ($place:expr) => {{
        let place: &QueuePlace = $place;
        (
            Some(place.rank()).into_sql::<Nullable<BigInt>>(),
            Some(place.sorted_by()).into_sql::<Nullable<Date>>(),
            Some(place.reported_at).into_sql::<Nullable<Timestamp>>(),
            place.report.0.into_sql::<BigInt>(),
        )
    }};
}

/// The place that a row says; none for a report that does not wait.
fn place((rank, deadline, reported_at, report): PlaceRow) -> Option<QueuePlace> {
    Some(QueuePlace {
        needed: rank? == 0,
        deadline: deadline.filter(|day| *day != NO_DEADLINE),
        reported_at: reported_at?,
        report: ActivityId(report),
    })
}

fn waiting(row: Row) -> Result<Waiting, StoreError> {
    let unreadable = || StoreError::Unreadable("activities");
    let Row {
        id,
        version,
        title,
        category,
        quantity,
        completed_on,
        reported_at,
        waiting_since,
        holder,
        name,
        name_fold,
        relevance,
        placed,
        files,
        read_by,
        assignee,
        assignee_name,
        known,
    } = row;
    let category = category.as_deref().and_then(Category::from_code).ok_or_else(unreadable)?;
    let amount = quantity.ok_or_else(unreadable)?;
    Ok(Waiting {
        id: ActivityId(id),
        version,
        title,
        category,
        quantity: Quantity::new(amount, category.unit()).map_err(|_| unreadable())?,
        completed_on: completed_on.ok_or_else(unreadable)?,
        reported_at: reported_at.ok_or_else(unreadable)?,
        waiting_since: waiting_since.or(reported_at).ok_or_else(unreadable)?,
        holder: AccountId(holder),
        holder_name: name,
        holder_fold: name_fold,
        explained: !relevance.trim().is_empty(),
        files: files.unwrap_or_default(),
        place: place(placed).ok_or_else(unreadable)?,
        read_by,
        given_to: assignee.map(AccountId).zip(assignee_name),
        known,
    })
}

/// In whose hands a report is: who reads it now, or to whom it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InHands {
    /// Nobody.
    Nobody,
    /// Somebody on staff.
    Staff(AccountId),
}

/// Which reports of the queue to show. Empty shows all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReviewFilter {
    /// Only this kind.
    pub category: Option<Category>,
    /// Only this field.
    pub field: Option<FieldId>,
    /// Only those that have waited since before this moment (UTC).
    pub waiting_before: Option<NaiveDateTime>,
    /// Only those that some year needs for its minimum.
    pub needed: bool,
    /// Only those whose holder has a certificate of this programme.
    pub certification: Option<CertificationId>,
    /// Only those that this person reads now, or that nobody does.
    pub read_by: Option<InHands>,
    /// Only those that were given to this person, or to nobody.
    pub given_to: Option<InHands>,
}

/// Who looks at the queue, when, and at which part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Who: their own reports are left out, because nobody reviews their own.
    pub reviewer: AccountId,
    /// The moment (UTC), by which a colleague's claim may have ended.
    pub now: NaiveDateTime,
    /// The part.
    pub filter: ReviewFilter,
}

macro_rules! seen {
    ($engine:ty, $query:expr, $view:expr, $place:expr) => {{
        let view: &View = $view;
        let mut query = $query.filter(activities::queue_rank.is_not_null()).into_boxed::<$engine>();
        // of several ends of a range SQLite takes the first that it is told, and the place is the nearest
        match $place {
            Place::Start => {}
            Place::After(place) => query = query.filter(after(order!(), values!(place))),
            Place::Before(place) => query = query.filter(before(order!(), values!(place))),
        }
        query = query.filter(activities::holder_id.ne(view.reviewer.0));
        if let Some(category) = view.filter.category {
            query = query.filter(activities::category.eq(category.code()));
        }
        if let Some(field) = view.filter.field {
            query = query.filter(activities::field_id.eq(field.0));
        }
        if let Some(moment) = view.filter.waiting_before {
            query = query.filter(activities::waiting_since.lt(moment));
        }
        if view.filter.needed {
            query = query.filter(activities::queue_rank.lt(1));
        }
        if let Some(certification) = view.filter.certification {
            let holds = certificates::table
                .filter(certificates::holder_id.eq(activities::holder_id))
                .filter(certificates::certification_id.eq(certification.0));
            query = query.filter(exists(holds));
        }
        if let Some(read_by) = view.filter.read_by {
            let claims = diesel::alias!(review_claims as claims);
            let reading = claims
                .filter(claims.field(review_claims::ends_at).gt(view.now))
                .select(claims.field(review_claims::activity_id));
            query = match read_by {
                InHands::Nobody => query.filter(activities::id.ne_all(reading)),
                InHands::Staff(who) => query.filter(
                    activities::id.eq_any(reading.filter(claims.field(review_claims::reviewer_id).eq(who.0))),
                ),
            };
        }
        if let Some(given_to) = view.filter.given_to {
            let given = diesel::alias!(assignments as given);
            let reports = given.select(given.field(assignments::activity_id));
            query = match given_to {
                InHands::Nobody => query.filter(activities::id.ne_all(reports)),
                InHands::Staff(who) => query.filter(
                    activities::id.eq_any(reports.filter(given.field(assignments::assignee_id).eq(who.0))),
                ),
            };
        }
        query
    }};
}

/// Whether the person who looks said that they know the holder of a report.
macro_rules! known {
    ($view:expr) => {
        exists(
            acquaintances::table
                .filter(acquaintances::holder_id.eq(activities::holder_id))
                .filter(acquaintances::reviewer_id.eq($view.reviewer.0))
                .filter(acquaintances::ended_at.is_null()),
        )
    };
}

/// A page of the queue.
pub fn list(
    conn: &mut Conn<'_>,
    view: &View,
    at: &Place<QueuePlace>,
    size: i64,
) -> Result<Page<Waiting>, StoreError> {
    let (readers, assignees) = diesel::alias!(accounts as readers, accounts as assignees);
    let claimed = review_claims::activity_id
        .eq(activities::id)
        .and(review_claims::ends_at.gt(view.now))
        .and(review_claims::reviewer_id.ne(view.reviewer.0));
    let rows = activities::table
        .inner_join(accounts::table)
        .left_join(review_claims::table.on(claimed))
        .left_join(
            readers.on(readers.field(accounts::id).nullable().eq(review_claims::reviewer_id.nullable())),
        )
        .left_join(assignments::table.on(assignments::activity_id.eq(activities::id)))
        .left_join(
            assignees.on(assignees.field(accounts::id).nullable().eq(assignments::assignee_id.nullable())),
        )
        .select((
            activities::id,
            activities::version,
            activities::title,
            activities::category,
            activities::quantity,
            activities::completed_on,
            activities::reported_at,
            activities::waiting_since,
            activities::holder_id,
            accounts::name,
            accounts::name_fold,
            activities::relevance,
            order!(),
            // one statement that stays prepared; a list of fifty ids would not
            evidence::table
                .filter(evidence::activity_id.eq(activities::id.nullable()))
                .filter(evidence::removed_at.is_null())
                .count()
                .single_value(),
            readers.field(accounts::name).nullable(),
            assignments::assignee_id.nullable(),
            assignees.field(accounts::name).nullable(),
            known!(view),
        ));
    let rows: Vec<Row> = boxed!(conn.0, Engine, load, {
        let query = seen!(Engine, rows, view, at).limit(size.saturating_add(1));
        if at.backwards() { query.order(backwards!()) } else { query.order(order!()) }
    })?;
    let rows = rows.into_iter().map(waiting).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::new(rows, at, size))
}

/// Those that are for whoever looks: no colleague reads them, none has them unless it is asked for, and their holders are strangers.
macro_rules! unclaimed {
    ($engine:ty, $view:expr, $place:expr) => {{
        let view: &View = $view;
        let by_a_colleague = review_claims::table
            .filter(review_claims::activity_id.eq(activities::id))
            .filter(review_claims::ends_at.gt(view.now))
            .filter(review_claims::reviewer_id.ne(view.reviewer.0));
        let mut query = seen!($engine, activities::table.select(activities::id), view, $place)
            .filter(diesel::dsl::not(exists(by_a_colleague)))
            .filter(diesel::dsl::not(known!(view)));
        if view.filter.given_to.is_none() {
            let to_a_colleague = assignments::table
                .filter(assignments::activity_id.eq(activities::id))
                .filter(assignments::assignee_id.ne(view.reviewer.0));
            query = query.filter(diesel::dsl::not(exists(to_a_colleague)));
        }
        query
    }};
}

/// The first report after a place that no colleague reads or has; from the top when there is none after it.
pub fn next(
    conn: &mut Conn<'_>,
    view: &View,
    place: Option<QueuePlace>,
) -> Result<Option<ActivityId>, StoreError> {
    if let Some(place) = place {
        let found: Option<i64> =
            boxed!(conn.0, Engine, first, unclaimed!(Engine, view, &Place::After(place)).order(order!()))
                .optional()?;
        if let Some(id) = found {
            return Ok(Some(ActivityId(id)));
        }
    }
    let first: Option<i64> =
        boxed!(conn.0, Engine, first, unclaimed!(Engine, view, &Place::Start).order(order!())).optional()?;
    Ok(first.map(ActivityId))
}

/// The last report before a place that no colleague reads or has.
pub fn previous(
    conn: &mut Conn<'_>,
    view: &View,
    place: QueuePlace,
) -> Result<Option<ActivityId>, StoreError> {
    let found: Option<i64> =
        boxed!(conn.0, Engine, first, unclaimed!(Engine, view, &Place::Before(place)).order(backwards!()))
            .optional()?;
    Ok(found.map(ActivityId))
}

/// The place of a report in the queue, while it waits there.
pub fn place_of(conn: &mut Conn<'_>, id: ActivityId) -> Result<Option<QueuePlace>, StoreError> {
    let row: Option<PlaceRow> = activities::table.find(id.0).select(order!()).first(conn.0).optional()?;
    Ok(row.and_then(place))
}

/// Since when the report that waits longest does (UTC), counted without the time it was the holder's turn.
pub fn oldest(conn: &mut Conn<'_>) -> Result<Option<NaiveDateTime>, StoreError> {
    let oldest: Option<Option<NaiveDateTime>> = activities::table
        .filter(activities::queue_rank.is_not_null())
        .order(activities::waiting_since)
        .select(activities::waiting_since)
        .first(conn.0)
        .optional()?;
    Ok(oldest.flatten())
}

/// How many reports have waited since a moment from `from` until before `until` (UTC), counted without the time it was the holder's turn.
pub fn waiting_between(
    conn: &mut Conn<'_>,
    from: NaiveDateTime,
    until: NaiveDateTime,
) -> Result<i64, StoreError> {
    Ok(activities::table
        .filter(activities::queue_rank.is_not_null())
        .filter(activities::waiting_since.ge(from))
        .filter(activities::waiting_since.lt(until))
        .count()
        .get_result(conn.0)?)
}

/// How many reports wait, counted up to `most`; and since when the oldest does.
pub fn size_up_to(conn: &mut Conn<'_>, most: i64) -> Result<(i64, Option<NaiveDateTime>), StoreError> {
    let waiting: Vec<i64> = activities::table
        .filter(activities::queue_rank.is_not_null())
        .select(activities::id)
        .limit(most)
        .load(conn.0)?;
    Ok((i64::try_from(waiting.len()).unwrap_or(most), oldest(conn)?))
}

/// How many reports were returned and wait for their holders, counted up to `most`.
pub fn returned_up_to(conn: &mut Conn<'_>, most: i64) -> Result<i64, StoreError> {
    // said literally, so that the partial index serves it
    let returned: Vec<i64> = activities::table
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("status = 'returned'"))
        .select(activities::id)
        .limit(most)
        .load(conn.0)?;
    Ok(i64::try_from(returned.len()).unwrap_or(most))
}

//! Activities: what holders report, and the review queue's order.

pub mod activity_versions;
pub mod assignments;
pub mod corrections;
pub mod draft_texts;
pub mod evidence;
pub mod form_keys;
pub mod import_keys;
pub mod prepared_words;
pub mod returned;
pub mod review_claims;
pub mod review_queue;
pub mod reviews;
pub mod same_event;
pub mod submission_notes;
pub mod waiting_times;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use self::waiting_times::WaitingColumns;
use super::schema::activities;
use super::{Conn, StoreError};
use crate::domain::activities::activity::{Activity, ActivityStatus, Facts, Report};
use crate::domain::activities::category::Category;
use crate::domain::activities::publication::fold_title;
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::queue_place::QueuePlace;
use crate::domain::activities::waiting_time::WaitingTime;
use crate::domain::ids::{AccountId, ActivityId, FieldId, HolderId};
use crate::store::engine::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = activities)]
struct ReportRow {
    id: i64,
    holder_id: i64,
    status: String,
    category: Option<String>,
    completed_on: Option<NaiveDate>,
    quantity: Option<i64>,
    awarded: Option<i64>,
    publication_fold: String,
    reported_at: Option<NaiveDateTime>,
}

impl ReportRow {
    fn report(self) -> Result<(HolderId, Report), StoreError> {
        let unreadable = || StoreError::Unreadable("activities");
        let category = self.category.as_deref().and_then(Category::from_code).ok_or_else(unreadable)?;
        let quantity = |amount| Quantity::new(amount, category.unit()).map_err(|_| unreadable());
        let report = Report {
            id: ActivityId(self.id),
            status: ActivityStatus::from_code(&self.status).ok_or_else(unreadable)?,
            category,
            completed_on: self.completed_on.ok_or_else(unreadable)?,
            reported_at: self.reported_at.ok_or_else(unreadable)?,
            reported: quantity(self.quantity.ok_or_else(unreadable)?)?,
            awarded: self.awarded.map(quantity).transpose()?,
            publication: (category == Category::Writing).then(|| fold_title(&self.publication_fold)),
        };
        Ok((AccountId(self.holder_id), report))
    }
}

/// What the ledger counts ([`ActivityStatus::counts`]). Spelt out, because a list of values would have the statement prepared anew each time.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn counted_status() -> _ {
    let submitted: &'static str = ActivityStatus::Submitted.code();
    let returned: &'static str = ActivityStatus::Returned.code();
    let approved: &'static str = ActivityStatus::Approved.code();
    activities::status.eq(submitted).or(activities::status.eq(returned)).or(activities::status.eq(approved))
}

/// Reports that the ledger counts (submitted, returned, approved) of some holders, by holder and in the order (completed on,
/// reported at, id).
pub fn reports_of_holders(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
) -> Result<Vec<(HolderId, Report)>, StoreError> {
    let query = activities::table.filter(counted_status()).select(ReportRow::as_select());
    let rows: Vec<ReportRow> = match holders {
        [one] => query.filter(activities::holder_id.eq(one.0)).load(conn.0)?,
        many => query
            .filter(activities::holder_id.eq_any(many.iter().map(|h| h.0).collect::<Vec<_>>()))
            .load(conn.0)?,
    };
    let mut reports = rows.into_iter().map(ReportRow::report).collect::<Result<Vec<_>, _>>()?;
    reports.sort_unstable_by_key(|(holder, report)| (*holder, report.order()));
    Ok(reports)
}

/// The reports among some activities that the ledger counts, as [`reports_of_holders`] gives them.
///
/// # Errors
/// `StoreError::Unreadable` when one of them lacks what every report has.
pub(in crate::store) fn reports_among(all: &[Activity]) -> Result<Vec<(HolderId, Report)>, StoreError> {
    let report = |activity: &Activity| {
        let report = activity.facts.report(activity.id, activity.status, activity.reported_at?)?;
        Some((activity.holder, Report { awarded: activity.awarded, ..report }))
    };
    let mut reports = all
        .iter()
        .filter(|activity| activity.status.counts())
        .map(|activity| report(activity).ok_or(StoreError::Unreadable("activities")))
        .collect::<Result<Vec<_>, _>>()?;
    reports.sort_unstable_by_key(|(holder, report)| (*holder, report.order()));
    Ok(reports)
}

/// Every report of a publication that the ledger counts, of some holders, whenever it was completed: a cap holds over a publication's
/// whole life (G4). In no order.
pub fn publications_of_holders(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
) -> Result<Vec<(HolderId, Report)>, StoreError> {
    let rows: Vec<ReportRow> = activities::table
        .filter(activities::holder_id.eq_any(holders.iter().map(|h| h.0).collect::<Vec<_>>()))
        .filter(activities::category.eq(Category::Writing.code()))
        .filter(counted_status())
        .select(ReportRow::as_select())
        .load(conn.0)?;
    rows.into_iter().map(ReportRow::report).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = activities)]
pub(in crate::store) struct ActivityRow {
    id: i64,
    holder_id: i64,
    status: String,
    category: Option<String>,
    title: String,
    organiser: String,
    field_id: Option<i64>,
    started_on: Option<NaiveDate>,
    completed_on: Option<NaiveDate>,
    quantity: Option<i64>,
    awarded: Option<i64>,
    publication: String,
    relevance: String,
    not_regular_job: bool,
    reported_at: Option<NaiveDateTime>,
    decided_at: Option<NaiveDateTime>,
    version: i64,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    waiting_since: Option<NaiveDateTime>,
    returned_at: Option<NaiveDateTime>,
    holders_turn: i64,
}

impl TryFrom<ActivityRow> for Activity {
    type Error = StoreError;
    fn try_from(row: ActivityRow) -> Result<Self, StoreError> {
        let unreadable = || StoreError::Unreadable("activities");
        let category = row
            .category
            .as_deref()
            .map(|code| Category::from_code(code).ok_or_else(unreadable))
            .transpose()?;
        let quantity = |amount: Option<i64>| match (amount, category) {
            (Some(amount), Some(category)) => {
                Quantity::new(amount, category.unit()).map(Some).map_err(|_| unreadable())
            }
            _ => Ok(None),
        };
        Ok(Activity {
            id: ActivityId(row.id),
            holder: AccountId(row.holder_id),
            status: ActivityStatus::from_code(&row.status).ok_or_else(unreadable)?,
            facts: Facts {
                category,
                title: row.title,
                organiser: row.organiser,
                field: row.field_id.map(FieldId),
                started_on: row.started_on,
                completed_on: row.completed_on,
                quantity: quantity(row.quantity)?,
                publication: row.publication,
                relevance: row.relevance,
                not_regular_job: row.not_regular_job,
            },
            awarded: quantity(row.awarded)?,
            reported_at: row.reported_at,
            decided_at: row.decided_at,
            waiting: WaitingTime {
                since: row.waiting_since.or(row.reported_at),
                returned_at: row.returned_at,
                holders_turn: TimeDelta::try_seconds(row.holders_turn).unwrap_or_default(),
            },
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The activity, whoever's it is: for staff.
pub fn find(conn: &mut Conn<'_>, id: ActivityId) -> Result<Option<Activity>, StoreError> {
    activities::table
        .find(id.0)
        .select(ActivityRow::as_select())
        .first::<ActivityRow>(conn.0)
        .optional()?
        .map(Activity::try_from)
        .transpose()
}

/// The activity, if it is this holder's.
pub fn find_of_holder(
    conn: &mut Conn<'_>,
    holder: HolderId,
    id: ActivityId,
) -> Result<Option<Activity>, StoreError> {
    Ok(find(conn, id)?.filter(|activity| activity.holder == holder))
}

/// Every activity of a holder, the latest first.
pub fn of_holder(conn: &mut Conn<'_>, holder: HolderId) -> Result<Vec<Activity>, StoreError> {
    activities::table
        .filter(activities::holder_id.eq(holder.0))
        // drafts without a day come last
        .order((
            per_engine(activities::completed_on.desc(), activities::completed_on.desc().nulls_last()),
            activities::id.desc(),
        ))
        .select(ActivityRow::as_select())
        .load::<ActivityRow>(conn.0)?
        .into_iter()
        .map(Activity::try_from)
        .collect()
}

/// What the holder tells, as the columns say it.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = activities, treat_none_as_null = true, treat_none_as_default_value = false)]
struct FactColumns<'a> {
    // not 'static: the derive gives a row one lifetime
    category: Option<&'a str>,
    title: &'a str,
    organiser: &'a str,
    field_id: Option<i64>,
    started_on: Option<NaiveDate>,
    completed_on: Option<NaiveDate>,
    quantity: Option<i64>,
    publication: &'a str,
    publication_fold: String,
    relevance: &'a str,
    not_regular_job: bool,
}

impl<'a> From<&'a Facts> for FactColumns<'a> {
    fn from(facts: &'a Facts) -> FactColumns<'a> {
        FactColumns {
            category: facts.category.map(Category::code),
            title: facts.title.trim(),
            organiser: facts.organiser.trim(),
            field_id: facts.field.map(|field| field.0),
            started_on: facts.started_on,
            completed_on: facts.completed_on,
            quantity: facts.quantity.map(Quantity::amount),
            publication: facts.publication.trim(),
            publication_fold: fold_title(&facts.publication),
            relevance: facts.relevance.trim(),
            not_regular_job: facts.not_regular_job,
        }
    }
}

/// What a row says of an activity, whether it is new or changed.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = activities, treat_none_as_null = true, treat_none_as_default_value = false)]
struct ActivityColumns<'a> {
    status: &'a str,
    #[diesel(embed)]
    facts: FactColumns<'a>,
    awarded: Option<i64>,
    reported_at: Option<NaiveDateTime>,
    decided_at: Option<NaiveDateTime>,
    #[diesel(embed)]
    place: PlaceColumns,
    updated_at: NaiveDateTime,
    #[diesel(embed)]
    waiting: WaitingColumns,
}

/// A place in the queue as its columns say it, together with `reported_at` and the id.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = activities, treat_none_as_null = true, treat_none_as_default_value = false)]
struct PlaceColumns {
    queue_rank: Option<i64>,
    queue_deadline: Option<NaiveDate>,
}

impl PlaceColumns {
    fn of(place: &QueuePlace) -> PlaceColumns {
        PlaceColumns { queue_rank: Some(place.rank()), queue_deadline: Some(place.sorted_by()) }
    }

    /// Until [`place_in_queue`] gives the real one, what waits comes last and has no day; what does not wait has no place.
    fn provisional(status: ActivityStatus) -> PlaceColumns {
        let queue_rank = (status == ActivityStatus::Submitted).then_some(1);
        PlaceColumns { queue_rank, queue_deadline: None }
    }
}

/// A new activity, as it is to be kept.
#[derive(Clone, Debug)]
pub struct NewActivity<'a> {
    /// Whose.
    pub holder: HolderId,
    /// Draft, submitted or (imports) approved.
    pub status: ActivityStatus,
    /// What the holder tells.
    pub facts: &'a Facts,
    /// What was awarded elsewhere, when that differs from what was reported; approved imports only.
    pub awarded: Option<Quantity>,
    /// When it is reported; `None` for a draft.
    pub reported_at: Option<NaiveDateTime>,
    /// When it is decided; approved imports only.
    pub decided_at: Option<NaiveDateTime>,
    /// For imports: see `imports::import_key`.
    pub import_key: Option<&'a str>,
}

/// Keeps a new activity. A submitted one gets a provisional place in the queue; [`place_in_queue`] gives the real one.
///
/// # Errors
/// `StoreError::Constraint` when an import brings the same row again.
pub fn add(conn: &mut Conn<'_>, new: &NewActivity<'_>, now: NaiveDateTime) -> Result<ActivityId, StoreError> {
    let columns = ActivityColumns {
        status: new.status.code(),
        facts: new.facts.into(),
        awarded: new.awarded.map(Quantity::amount),
        reported_at: new.reported_at,
        decided_at: new.decided_at,
        place: PlaceColumns::provisional(new.status),
        updated_at: now,
        waiting: WaitingTime::from_submission(new.reported_at).into(),
    };
    let id = diesel::insert_into(activities::table)
        .values((
            activities::holder_id.eq(new.holder.0),
            activities::import_key.eq(new.import_key),
            activities::version.eq(1),
            activities::created_at.eq(now),
            columns,
        ))
        .returning(activities::id)
        .get_result(conn.0)?;
    Ok(ActivityId(id))
}

/// A change to an activity: all of it is written, under the condition that nobody changed it since it was read.
#[derive(Clone, Debug)]
pub struct ActivityChange<'a> {
    /// The activity as it was read.
    pub before: &'a Activity,
    /// Its new status.
    pub status: ActivityStatus,
    /// Its new facts.
    pub facts: &'a Facts,
    /// What a reviewer awarded, when that differs from what was reported.
    pub awarded: Option<Quantity>,
    /// When it was first reported; kept over later changes.
    pub reported_at: Option<NaiveDateTime>,
    /// When it was last decided.
    pub decided_at: Option<NaiveDateTime>,
}

/// Writes a change.
///
/// # Errors
/// `StoreError::Changed` when somebody changed the activity since it was read.
pub fn change(
    conn: &mut Conn<'_>,
    change: &ActivityChange<'_>,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let columns = ActivityColumns {
        status: change.status.code(),
        facts: change.facts.into(),
        awarded: change.awarded.map(Quantity::amount),
        reported_at: change.reported_at,
        decided_at: change.decided_at,
        place: PlaceColumns::provisional(change.status),
        updated_at: now,
        waiting: change.before.waiting.changed(change.before.status, change.status, now).into(),
    };
    let unchanged = activities::table
        .filter(activities::id.eq(change.before.id.0))
        .filter(activities::version.eq(change.before.version))
        .filter(activities::status.eq(change.before.status.code()));
    let changed = diesel::update(unchanged)
        .set((activities::version.eq(activities::version + 1), columns))
        .execute(conn.0)?;
    if changed != 1 {
        return Err(StoreError::Changed);
    }
    // whose turn it was among staff is over with the wait, whatever ended it
    if change.status == ActivityStatus::Submitted {
        Ok(())
    } else {
        assignments::clear(conn, change.before.id)
    }
}

/// Gives a submitted activity its place in the review queue.
pub fn place_in_queue(conn: &mut Conn<'_>, place: &QueuePlace) -> Result<(), StoreError> {
    let columns = PlaceColumns::of(place);
    // only where it differs: most places stay as they are
    let differs = activities::queue_rank
        .is_null()
        .or(activities::queue_deadline.is_null())
        .or(activities::queue_rank.ne(columns.queue_rank))
        .or(activities::queue_deadline.ne(columns.queue_deadline));
    let waiting = activities::table
        .find(place.report.0)
        .filter(activities::status.eq(ActivityStatus::Submitted.code()))
        .filter(differs);
    diesel::update(waiting).set(columns).execute(conn.0)?;
    Ok(())
}

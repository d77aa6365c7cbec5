//! What the holder told, version by version. Append-only.

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

use crate::domain::activities::activity::{ActivityStatus, Facts};
use crate::domain::activities::category::Category;
use crate::domain::activities::past_reports::{KeptAward, KeptVersion};
use crate::domain::activities::quantity::Quantity;
use crate::domain::ids::{AccountId, ActivityId, FieldId, HolderId};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, activity_versions};
use crate::store::{Conn, StoreError};

/// Most rows of one statement: more of them save hardly anything.
const AT_ONCE: usize = 200;

/// What an activity says in a version, as it is to be kept.
#[derive(Clone, Copy, Debug)]
pub struct NewVersion<'a> {
    /// Of which activity.
    pub activity: ActivityId,
    /// 1, 2 …
    pub number: i64,
    /// Where the activity stands with it.
    pub status: ActivityStatus,
    /// What it says.
    pub facts: &'a Facts,
    /// What an import says was awarded, when that differs from what was reported.
    pub awarded: Option<Quantity>,
    /// Who wrote it; nobody for the first version of a report that a command imported.
    pub by: Option<AccountId>,
}

impl NewVersion<'_> {
    /// What it says, as JSON. Only what is approved from its beginning says what was awarded: verdicts say it of the rest.
    fn told(&self) -> Result<String, StoreError> {
        let awarded = (self.status == ActivityStatus::Approved).then(|| self.awarded.map(Quantity::amount));
        Told { awarded, ..Told::of(self.status.code(), self.facts) }.json()
    }
}

/// What a version says, in the order in which its names are kept.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    awarded: Option<Option<i64>>,
    category: Option<&'static str>,
    completed_on: Option<NaiveDate>,
    field_id: Option<i64>,
    not_regular_job: bool,
    organiser: &'a str,
    publication: &'a str,
    quantity: Option<i64>,
    relevance: &'a str,
    started_on: Option<NaiveDate>,
    status: &'a str,
    title: &'a str,
}

impl<'a> Told<'a> {
    fn of(status: &'a str, facts: &'a Facts) -> Told<'a> {
        Told {
            awarded: None,
            category: facts.category.map(Category::code),
            completed_on: facts.completed_on,
            field_id: facts.field.map(|field| field.0),
            not_regular_job: facts.not_regular_job,
            organiser: &facts.organiser,
            publication: &facts.publication,
            quantity: facts.quantity.map(Quantity::amount),
            relevance: &facts.relevance,
            started_on: facts.started_on,
            status,
            title: &facts.title,
        }
    }

    fn json(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|_| StoreError::Unreadable("versions of activities"))
    }
}

/// Keeps what an activity says in a version.
///
/// # Errors
/// `StoreError::Constraint` when this version is kept already.
pub fn add(conn: &mut Conn<'_>, version: &NewVersion<'_>, now: NaiveDateTime) -> Result<(), StoreError> {
    add_all(conn, std::slice::from_ref(version), now)
}

/// Keeps several versions, as [`add`] keeps one.
///
/// # Errors
/// As [`add`].
pub fn add_all(
    conn: &mut Conn<'_>,
    versions: &[NewVersion<'_>],
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    for chunk in versions.chunks(AT_ONCE) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|version| {
                Ok((
                    activity_versions::activity_id.eq(version.activity.0),
                    activity_versions::version.eq(version.number),
                    activity_versions::changed_by.eq(version.by.map(|by| by.0)),
                    activity_versions::changed_at.eq(now),
                    activity_versions::facts.eq(version.told()?),
                ))
            })
            .collect::<Result<_, StoreError>>()?;
        let table = diesel::insert_into(activity_versions::table);
        match rows.as_slice() {
            // prepared once and kept
            [one] => table.values(one).execute(conn.0)?,
            several => table.values(several).execute(conn.0)?,
        };
    }
    Ok(())
}

/// The versions kept of an activity, from the first: number and what it said, as JSON.
pub fn of_activity(conn: &mut Conn<'_>, activity: ActivityId) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(activity_versions::table
        .filter(activity_versions::activity_id.eq(activity.0))
        .order(activity_versions::version)
        .select((activity_versions::version, activity_versions::facts))
        .load(conn.0)?)
}

/// Whether nobody but an import has said what an activity says: its holder has confirmed nothing yet. Its first version is the import's;
/// imports of earlier days kept none.
pub fn is_import_only(conn: &mut Conn<'_>, activity: ActivityId) -> Result<bool, StoreError> {
    let later = activity_versions::table
        .filter(activity_versions::activity_id.eq(activity.0))
        .filter(activity_versions::version.gt(1));
    let imported = activities::table.find(activity.0).filter(activities::import_key.is_not_null());
    let only = imported.filter(diesel::dsl::not(diesel::dsl::exists(later)));
    Ok(diesel::select(diesel::dsl::exists(only)).get_result(conn.0)?)
}

/// What a version says, as JSON.
///
/// # Errors
/// `StoreError::Unreadable` for what cannot be written, which is nothing that can be kept.
pub(in crate::store) fn told(status: &str, facts: &Facts) -> Result<String, StoreError> {
    Told::of(status, facts).json()
}

/// Where a version says what was awarded.
const AWARDED: &str = "awarded";

/// The facts of a version, read again.
///
/// # Errors
/// `StoreError::Unreadable`.
pub fn facts_of(told: &str) -> Result<Facts, StoreError> {
    let unreadable = || StoreError::Unreadable("versions of activities");
    let told: serde_json::Value = serde_json::from_str(told).map_err(|_| unreadable())?;
    let text = |name: &str| told.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let number = |name: &str| told.get(name).and_then(serde_json::Value::as_i64);
    let category = Category::from_code(&text("category"));
    let quantity = match (number("quantity"), category) {
        (Some(amount), Some(category)) => {
            Some(Quantity::new(amount, category.unit()).map_err(|_| unreadable())?)
        }
        _ => None,
    };
    Ok(Facts {
        category,
        title: text("title"),
        organiser: text("organiser"),
        field: number("field_id").map(FieldId),
        started_on: text("started_on").parse().ok(),
        completed_on: text("completed_on").parse().ok(),
        quantity,
        publication: text("publication"),
        relevance: text("relevance"),
        not_regular_job: told.get("not_regular_job").and_then(serde_json::Value::as_bool).unwrap_or(false),
    })
}

/// A version of an activity, as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// 1, 2 …
    pub number: i64,
    /// What it said.
    pub facts: Facts,
    /// Who wrote it, by name; `None` when a command imported it.
    pub by: Option<String>,
    /// When (UTC).
    pub at: NaiveDateTime,
}

/// Every version kept of an activity, from the first.
pub fn read_all(conn: &mut Conn<'_>, activity: ActivityId) -> Result<Vec<Version>, StoreError> {
    let rows: Vec<(i64, String, Option<String>, NaiveDateTime)> = activity_versions::table
        .left_join(accounts::table.on(activity_versions::changed_by.eq(accounts::id.nullable())))
        .filter(activity_versions::activity_id.eq(activity.0))
        .order(activity_versions::version)
        .select((
            activity_versions::version,
            activity_versions::facts,
            accounts::name.nullable(),
            activity_versions::changed_at,
        ))
        .load(conn.0)?;
    rows.into_iter()
        .map(|(number, told, by, at)| Ok(Version { number, facts: facts_of(&told)?, by, at }))
        .collect()
}

/// Every version kept of a holder's activities, each with its activity, from the first.
pub fn of_holder(
    conn: &mut Conn<'_>,
    holder: HolderId,
) -> Result<Vec<(ActivityId, KeptVersion)>, StoreError> {
    let rows: Vec<(i64, i64, NaiveDateTime, String)> = activity_versions::table
        .inner_join(activities::table.on(activity_versions::activity_id.eq(activities::id)))
        .filter(activities::holder_id.eq(holder.0))
        .order((activity_versions::activity_id, activity_versions::version))
        .select((
            activity_versions::activity_id,
            activity_versions::version,
            activity_versions::changed_at,
            activity_versions::facts,
        ))
        .load(conn.0)?;
    rows.into_iter()
        .map(|(activity, number, at, told)| {
            let (status, award) = standing_of(&told)?;
            let facts = facts_of(&told)?;
            Ok((ActivityId(activity), KeptVersion { number, at, status, facts, award }))
        })
        .collect()
}

/// Where a version stood, and what it says was awarded.
fn standing_of(told: &str) -> Result<(ActivityStatus, KeptAward), StoreError> {
    let unreadable = || StoreError::Unreadable("versions of activities");
    let told: serde_json::Value = serde_json::from_str(told).map_err(|_| unreadable())?;
    let status = told.get("status").and_then(serde_json::Value::as_str);
    let status = status.and_then(ActivityStatus::from_code).ok_or_else(unreadable)?;
    let award = match (told.get(AWARDED), status) {
        (Some(awarded), _) => KeptAward::Known(awarded.as_i64()),
        (None, ActivityStatus::Approved) => KeptAward::Unknown,
        (None, _) => KeptAward::Known(None),
    };
    Ok((status, award))
}

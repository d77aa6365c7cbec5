//! What only imports ask: which certificates and reports are here already.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Text};
use unicode_normalization::UnicodeNormalization;

use crate::domain::activities::activity::{ActivityStatus, Facts};
use crate::domain::activities::category::Category;
use crate::domain::activities::publication::fold_title;
use crate::domain::activities::quantity::Quantity;
use crate::domain::codes::codes_of;
use crate::domain::ids::{AccountId, CertificationId, HolderId};
use crate::domain::roles::Role;
use crate::domain::text::composed;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, certificates};
use crate::store::{Conn, StoreError};

/// What makes two imported rows of one holder the same: category, title, last day and quantity.
pub fn import_key(facts: &Facts) -> String {
    let category = facts.category.map_or("", Category::code);
    let day = facts.completed_on.map(|day| day.to_string()).unwrap_or_default();
    let quantity = facts.quantity.map_or(0, Quantity::amount);
    format!("{category}|{}|{day}|{quantity}", fold_title(&facts.title))
}

/// Something that a holder has reported or imported, as far as later rows are judged by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// See [`import_key`].
    pub key: String,
    /// Kind, title, organiser, days and quantity; nothing else is filled in.
    pub facts: Facts,
    /// Whether it counts or may count.
    pub counts: bool,
}

/// What a report is unless it is a draft, or its holder withdrew it.
const REPORTED: [ActivityStatus; 4] =
    [ActivityStatus::Submitted, ActivityStatus::Returned, ActivityStatus::Approved, ActivityStatus::Rejected];

/// A row of a file, as far as it says which reports it is judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Whose.
    pub holder: HolderId,
    /// The first day of what was done.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
    /// See [`import_key`].
    pub key: String,
}

/// Rows in one statement; each has three values for the days.
const AT_ONCE: usize = 1000;

/// What the holders of some rows have reported or imported, as far as the rows are judged by it: what took place on one of the
/// days of a row of the same holder, and what an import brought under its key; except what they withdrew themselves. It takes as long as the
/// rows are many, not as their holders have reports.
pub fn reported(conn: &mut Conn<'_>, rows: &[Wanted]) -> Result<Vec<(HolderId, Reported)>, StoreError> {
    let mut ids = BTreeSet::new();
    for rows in rows.chunks(AT_ONCE) {
        ids.extend(of_their_days(conn, rows)?);
        ids.extend(of_their_keys(conn, rows)?);
    }
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.into_iter().collect::<Vec<i64>>().chunks(AT_ONCE) {
        found.extend(with_ids(conn, ids)?);
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Reports whose last day is one of a row's days, and those that ended later and had begun by then.
fn of_their_days(conn: &mut Conn<'_>, rows: &[Wanted]) -> Result<Vec<i64>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = conn.0.rows_of_values(rows.len(), 3);
    // the order of the two is given: the rows are few, whatever is known about the table
    let found: Vec<Id> = boxed!(conn.0, Engine, load, {
        let mut statement = sql_query(format!(
            "WITH wanted (holder, first, last) AS (VALUES {wanted}) \
         SELECT a.id AS id FROM wanted CROSS JOIN activities AS a WHERE a.holder_id = wanted.holder \
         AND a.completed_on >= wanted.first AND a.completed_on <= wanted.last \
         UNION \
         SELECT a.id AS id FROM wanted CROSS JOIN activities AS a WHERE a.holder_id = wanted.holder \
         AND a.started_on < a.completed_on AND a.completed_on > wanted.last AND a.started_on <= wanted.last"
        ))
        .into_boxed::<Engine>();
        for row in rows {
            statement = statement
                .bind::<BigInt, _>(row.holder.0)
                .bind::<Date, _>(row.first.min(row.last))
                .bind::<Date, _>(row.last);
        }
        statement
    })?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

/// What imports brought under a row's key, whatever it says by now. A key of earlier days may be kept decomposed.
fn of_their_keys(conn: &mut Conn<'_>, rows: &[Wanted]) -> Result<Vec<i64>, StoreError> {
    let kept = rows.iter().map(|row| (row.holder, row.key.clone()));
    let decomposed = rows.iter().filter(|row| !row.key.is_ascii());
    let decomposed = decomposed.map(|row| (row.holder, row.key.nfd().collect::<String>()));
    let keys: Vec<(HolderId, String)> = kept.chain(decomposed).filter(|(_, key)| !key.is_empty()).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = conn.0.rows_of_values(keys.len(), 2);
    let found: Vec<Id> = boxed!(conn.0, Engine, load, {
        let mut statement = sql_query(format!(
            "WITH wanted (holder, import_key) AS (VALUES {wanted}) \
         SELECT a.id AS id FROM wanted CROSS JOIN activities AS a WHERE a.holder_id = wanted.holder \
         AND a.import_key IS NOT NULL AND a.import_key = wanted.import_key"
        ))
        .into_boxed::<Engine>();
        for (holder, key) in keys {
            statement = statement.bind::<BigInt, _>(holder.0).bind::<Text, _>(key);
        }
        statement
    })?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

fn with_ids(conn: &mut Conn<'_>, ids: &[i64]) -> Result<Vec<(HolderId, Reported)>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        holder: i64,
        status: String,
        key: Option<String>,
        category: Option<String>,
        title: String,
        organiser: String,
        started_on: Option<NaiveDate>,
        completed_on: Option<NaiveDate>,
        quantity: Option<i64>,
    }
    let rows: Vec<Row> = activities::table
        .filter(activities::id.eq_any(ids))
        .filter(activities::import_key.is_not_null().or(activities::status.eq_any(codes_of(&REPORTED))))
        .select((
            activities::holder_id,
            activities::status,
            activities::import_key,
            activities::category,
            activities::title,
            activities::organiser,
            activities::started_on,
            activities::completed_on,
            activities::quantity,
        ))
        .load(conn.0)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let Row { holder, status, key, category, title, organiser, started_on, completed_on, quantity } =
                row;
            let category = category.as_deref().and_then(Category::from_code);
            let quantity = category.zip(quantity);
            let quantity = quantity.and_then(|(kind, amount)| Quantity::new(amount, kind.unit()).ok());
            let status = ActivityStatus::from_code(&status);
            let counts = status.is_some_and(ActivityStatus::counts);
            let facts =
                Facts { category, title, organiser, started_on, completed_on, quantity, ..Facts::default() };
            // a key of earlier days may be kept in another form of the same letters
            let key = key.map_or_else(|| import_key(&facts), |key| composed(&key).into_owned());
            (AccountId(holder), Reported { key, facts, counts })
        })
        .collect())
}

/// A certificate that is here, as far as a row about it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// Whose it is; none in a rehearsal, for somebody whom it would have brought.
    pub holder: Option<AccountId>,
    /// Their address, as it is compared.
    pub email: String,
    /// What their account is for.
    pub role: Role,
    /// The programme.
    pub certification: CertificationId,
    /// The day of the grant.
    pub granted_on: NaiveDate,
}

/// Those of some numbers (as `folded_number` gives them) that certificates have.
pub fn known_numbers(conn: &mut Conn<'_>, numbers: &[String]) -> Result<BTreeSet<String>, StoreError> {
    let known: Vec<String> = certificates::table
        .filter(certificates::number_fold.eq_any(numbers))
        .select(certificates::number_fold)
        .load(conn.0)?;
    Ok(known.into_iter().collect())
}

/// The certificates of some numbers (as `folded_number` gives them), by number.
pub fn owned_by_numbers(conn: &mut Conn<'_>, numbers: &[String]) -> Result<Vec<(String, Owned)>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        number: String,
        holder: i64,
        email: String,
        role: String,
        certification: i64,
        granted_on: NaiveDate,
    }
    let rows: Vec<Row> = certificates::table
        .inner_join(accounts::table)
        .filter(certificates::number_fold.eq_any(numbers))
        .select((
            certificates::number_fold,
            accounts::id,
            accounts::email_norm,
            accounts::role,
            certificates::certification_id,
            certificates::granted_on,
        ))
        .load(conn.0)?;
    rows.into_iter()
        .map(|Row { number, holder, email, role, certification, granted_on }| {
            let owned = Owned {
                holder: Some(AccountId(holder)),
                email,
                role: Role::from_code(&role).ok_or(StoreError::Unreadable("accounts.role"))?,
                certification: CertificationId(certification),
                granted_on,
            };
            Ok((number, owned))
        })
        .collect()
}

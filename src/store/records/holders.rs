//! Holders, as staff look for them.

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::sql_types::{Bool, Text};

use super::search::{HolderQuestion, all_begun, end_of, holders_questions};
use crate::domain::ids::{AccountId, CertificationId, HolderId};
use crate::domain::roles::Role;
use crate::store::accounts::{Account, AccountRow, normal_email};
use crate::store::certification::certificates::folded_number;
use crate::store::engine::paging::{Page, Place};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, certificates};
use crate::store::{Conn, StoreError, containing, containing_exactly};

/// By what holders are sorted. Every column has an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortColumn {
    /// By name, without case and accents.
    #[default]
    Name,
    /// By address.
    Address,
    /// By when they were added.
    Added,
}

/// Which accounts of holders to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// All of them.
    #[default]
    Any,
    /// Those who cannot sign in yet: no password was chosen.
    NotSignedIn,
    /// Closed accounts.
    Closed,
}

/// Which holders to list, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HolderFilter {
    /// What is looked for in names, addresses and certificate numbers: the beginnings of words, and letters in the middle of a word
    /// when no word begins like that. Empty finds all.
    pub search: String,
    /// Whether letters in the middle of words count, too.
    pub anywhere: bool,
    /// The state of their account.
    pub state: State,
    /// Only holders of a certificate of this programme.
    pub certification: Option<CertificationId>,
    /// The column they are sorted by.
    pub column: SortColumn,
    /// Whether the last comes first.
    pub descending: bool,
}

/// A page of holders: accounts with the role holder or with certificates. Places are accounts.
pub fn list(
    conn: &mut Conn<'_>,
    filter: &HolderFilter,
    place: &Place<AccountId>,
    size: i64,
) -> Result<Page<Account>, StoreError> {
    // the same question for every page; the first page is the look that finds it
    let most = if *place == Place::Start { size } else { 1 };
    match (first_that_finds(conn, filter, most)?, place) {
        (Some((_, found)), Place::Start) => Ok(found),
        (Some((question, _)), _) => page(conn, filter, Some(question), place, size),
        (None, _) => page(conn, filter, None, place, size),
    }
}

/// Cuts a boxed question about accounts down to what the filter says.
macro_rules! narrowed {
    ($query:expr, $filter:expr, $question:expr) => {{
        let (mut query, filter, question): (_, &HolderFilter, Option<HolderQuestion>) =
            ($query, $filter, $question);
        match filter.state {
            State::Any => {}
            State::NotSignedIn => {
                query = query
                    .filter(accounts::password_hash.is_null())
                    .filter(accounts::deactivated_at.is_null());
            }
            State::Closed => query = query.filter(accounts::deactivated_at.is_not_null()),
        }
        if let Some(certification) = filter.certification {
            query = query.filter(diesel::dsl::exists(
                certificates::table
                    .filter(certificates::holder_id.eq(accounts::id))
                    .filter(certificates::certification_id.eq(certification.0)),
            ));
        }
        if let Some(HolderQuestion::Words(words, frequent)) = question {
            query = query.filter(per_engine(
                sql::<Bool>("accounts.id IN (SELECT rowid FROM holder_search WHERE holder_search MATCH ")
                    .bind::<Text, _>(all_begun(&words))
                    .sql(")"),
                // many are met on the way along the list; few are gathered first
                sql::<Bool>(if frequent { "accounts.id IN (" } else { "accounts.id = ANY(ARRAY(" })
                    .sql("SELECT id FROM holder_search WHERE words @@ begun_words(")
                    .bind::<Text, _>(words.join(" "))
                    .sql(if frequent { "))" } else { ")))" }),
            ));
        } else if let Some(HolderQuestion::Number(number)) = question {
            let address = normal_email(&filter.search);
            // each half by its own index, before anything is put in order
            query = query.filter(
                sql::<Bool>(
                    "accounts.id IN (SELECT certificates.holder_id FROM bare_numbers \
                     JOIN certificates ON certificates.id = bare_numbers.certificate_id WHERE bare_numbers.bare < ",
                )
                .bind::<Text, _>(end_of(&number))
                .sql(" AND bare_numbers.bare >= ")
                .bind::<Text, _>(number)
                .sql(" UNION ALL SELECT addressed.id FROM accounts AS addressed WHERE addressed.email_norm < ")
                .bind::<Text, _>(end_of(&address))
                .sql(" AND addressed.email_norm >= ")
                .bind::<Text, _>(address)
                .sql(")"),
            );
        } else if !filter.search.trim().is_empty() {
            let name = containing(&filter.search);
            let address = containing_exactly(&normal_email(&filter.search));
            let number = containing_exactly(&folded_number(&filter.search));
            let with_number = certificates::table
                .filter(certificates::number_fold.like(number).escape('\\'))
                .select(certificates::holder_id);
            query = query.filter(
                accounts::name_fold
                    .like(name)
                    .escape('\\')
                    .or(accounts::email_norm.like(address).escape('\\'))
                    .or(accounts::id.eq_any(with_number)),
            );
        }
        query
    }};
}

/// What a list is sorted by at the account at which a page begins or ends; none where that is its number alone.
fn place_of(
    conn: &mut Conn<'_>,
    column: SortColumn,
    place: &Place<AccountId>,
) -> Result<Option<(String, i64)>, StoreError> {
    let (Place::After(id) | Place::Before(id)) = place else { return Ok(None) };
    let account = accounts::table.find(id.0);
    Ok(match column {
        SortColumn::Name => account.select((accounts::name_fold, accounts::id)).first(conn.0).optional()?,
        SortColumn::Address => {
            account.select((accounts::email_norm, accounts::id)).first(conn.0).optional()?
        }
        SortColumn::Added => None,
    })
}

fn page(
    conn: &mut Conn<'_>,
    filter: &HolderFilter,
    question: Option<HolderQuestion>,
    place: &Place<AccountId>,
    size: i64,
) -> Result<Page<Account>, StoreError> {
    // whoever holds nothing any more has nothing to sign in for, and may have died
    let holds = diesel::dsl::exists(
        certificates::table
            .filter(certificates::holder_id.eq(accounts::id))
            .filter(certificates::decertified_on.is_null()),
    );
    let upwards = filter.descending == place.backwards();
    let sorted_by = place_of(conn, filter.column, place)?;
    macro_rules! ordered_by {
        ($query:expr, $column:expr) => {{
            let query = match sorted_by {
                None => $query,
                Some((text, id)) => {
                    let same = $column.eq(text.clone());
                    if upwards {
                        $query.filter($column.gt(text).or(same.and(accounts::id.gt(id))))
                    } else {
                        $query.filter($column.lt(text).or(same.and(accounts::id.lt(id))))
                    }
                }
            };
            if upwards {
                query.order(($column, accounts::id))
            } else {
                query.order(($column.desc(), accounts::id.desc()))
            }
        }};
    }
    let rows: Vec<AccountRow> = boxed!(conn.0, Engine, load, {
        let query = accounts::table
            .filter(accounts::role.eq(Role::Holder.code()).or(holds))
            .limit(size.saturating_add(1))
            .select(AccountRow::as_select())
            .into_boxed::<Engine>();
        let query = narrowed!(query, filter, question);
        match (filter.column, place) {
            (SortColumn::Name, _) => ordered_by!(query, accounts::name_fold),
            (SortColumn::Address, _) => ordered_by!(query, accounts::email_norm),
            (SortColumn::Added, Place::Start) if upwards => query.order(accounts::id),
            (SortColumn::Added, Place::Start) => query.order(accounts::id.desc()),
            (SortColumn::Added, Place::After(id) | Place::Before(id)) if upwards => {
                query.filter(accounts::id.gt(id.0)).order(accounts::id)
            }
            (SortColumn::Added, Place::After(id) | Place::Before(id)) => {
                query.filter(accounts::id.lt(id.0)).order(accounts::id.desc())
            }
        }
    })?;
    let rows = rows.into_iter().map(Account::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::new(rows, place, size))
}

/// Some holders by their ids, in any order.
pub fn named(conn: &mut Conn<'_>, ids: &[HolderId]) -> Result<Vec<Account>, StoreError> {
    accounts::table
        .filter(accounts::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
        .select(AccountRow::as_select())
        .load::<AccountRow>(conn.0)?
        .into_iter()
        .map(Account::try_from)
        .collect()
}

/// Whom of the holders that a filter finds to invite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitable<'a> {
    /// The filter of the list.
    pub filter: &'a HolderFilter,
    /// Leaves out those who were invited after this moment; none leaves nobody out.
    pub invited_before: Option<NaiveDateTime>,
    /// Only these, when somebody chose some.
    pub ticked: Option<&'a [AccountId]>,
}

/// Holders with certificates who cannot sign in yet (no password, account not closed) and are to be invited, in order of their id, after
/// `after`.
pub fn invitable(
    conn: &mut Conn<'_>,
    wanted: &Invitable<'_>,
    after: AccountId,
    limit: i64,
) -> Result<Vec<AccountId>, StoreError> {
    let question = first_that_finds(conn, wanted.filter, 1)?.map(|(question, _)| question);
    let holds = diesel::dsl::exists(certificates::table.filter(certificates::holder_id.eq(accounts::id)));
    let ids: Vec<i64> = boxed!(conn.0, Engine, load, {
        let mut query = accounts::table
            .filter(holds)
            .filter(accounts::id.gt(after.0))
            .filter(accounts::password_hash.is_null())
            .filter(accounts::deactivated_at.is_null())
            .order(accounts::id)
            .limit(limit)
            .select(accounts::id)
            .into_boxed::<Engine>();
        if let Some(moment) = wanted.invited_before {
            query = query.filter(accounts::invited_at.is_null().or(accounts::invited_at.le(moment)));
        }
        if let Some(ticked) = wanted.ticked {
            query = query.filter(accounts::id.eq_any(ticked.iter().map(|id| id.0).collect::<Vec<_>>()));
        }
        narrowed!(query, wanted.filter, question)
    })?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// The first question with which the list finds somebody, and the beginning of what it finds; none where it looks letter by letter. The
/// index knows words by their beginnings, at once; only what it does not know is looked for letter by letter.
fn first_that_finds(
    conn: &mut Conn<'_>,
    filter: &HolderFilter,
    size: i64,
) -> Result<Option<(HolderQuestion, Page<Account>)>, StoreError> {
    if filter.anywhere || filter.search.trim().is_empty() {
        return Ok(None);
    }
    for question in holders_questions(conn, &filter.search)? {
        match page(conn, filter, Some(question.clone()), &Place::Start, size) {
            Ok(found) if found.rows.is_empty() => {}
            Ok(found) => return Ok(Some((question, found))),
            Err(error) if error.is_no_question() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Corrects a holder's name and address, under the condition that nobody changed the account since it was read.
///
/// # Errors
/// `StoreError::Constraint` when another account has the address, `StoreError::Changed` when somebody was first.
pub fn correct(
    conn: &mut Conn<'_>,
    id: HolderId,
    version: i64,
    name: &str,
    email: &str,
) -> Result<(), StoreError> {
    let unchanged = accounts::table.filter(accounts::id.eq(id.0)).filter(accounts::version.eq(version));
    let changed = diesel::update(unchanged)
        .set((
            accounts::name.eq(name),
            accounts::name_fold.eq(crate::store::fold(name)),
            accounts::email.eq(crate::domain::address::kept(email)),
            accounts::email_norm.eq(crate::store::accounts::normal_email(email)),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(conn.0)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Changed) }
}

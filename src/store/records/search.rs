//! Finding anything by a few letters: the one place that knows how text is searched. Holders are found by the beginnings of the words of
//! their name and address and of a certificate's number, reports by the beginnings of the words of their title.

use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Text};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::activities::activity::ActivityStatus;
use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::domain::roles::Role;
use crate::store::accounts::{Account, AccountRow, normal_email};
use crate::store::certification::certificates::bare_number;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, bare_numbers, certificates, report_search_reach};
use crate::store::{Conn, StoreError, fold};

/// Words of a search beyond these are not looked at.
const MOST_WORDS: usize = 8;
/// What makes a question of words on a server: for the words themselves, and for their beginnings.
const WHOLE: &str = "whole_words";
const BEGUN: &str = "begun_words";
/// Rows of an index of words that a server looks through before it asks the index itself.
const LOOKED_THROUGH: i64 = 5_000;
/// A title is looked for from this many letters on: fewer would be in half of all titles.
const FEWEST_LETTERS: usize = 3;

/// A holder that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundHolder {
    /// The account.
    pub account: Account,
    /// The numbers of their certificates.
    pub numbers: Vec<String>,
}

/// A report that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundReport {
    /// The report.
    pub id: ActivityId,
    /// Its title.
    pub title: String,
    /// Its state.
    pub status: ActivityStatus,
    /// The last day of the activity.
    pub completed_on: Option<NaiveDate>,
    /// Whose it is.
    pub holder: HolderId,
    /// Their name.
    pub holder_name: String,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The words of a search, as the index takes them apart: without accents and other marks.
fn words(typed: &str) -> Vec<String> {
    let bare: String = typed.nfkd().filter(|c| !is_combining_mark(*c)).nfc().collect();
    bare.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .map(str::to_owned)
        .collect()
}

/// A question for the words of an index.
struct WordQuestion<'a> {
    index: WordIndex,
    /// As `SQLite` is asked for them.
    file: &'a str,
    /// The function that makes a question of them on a server, and they themselves.
    server: (&'static str, &'a str),
}

/// An index of words, with the order in which it gives what it finds.
#[derive(Clone, Copy)]
enum WordIndex {
    /// Holders, those first who were added first.
    Holders,
    /// Titles of reports, the latest first.
    Titles,
}

impl WordIndex {
    const fn parts(self) -> (&'static str, &'static str) {
        match self {
            WordIndex::Holders => ("holder_search", "ASC"),
            WordIndex::Titles => ("report_search", "DESC"),
        }
    }
}

/// What the index answers. What it cannot take for words (it knows fewer letters than Unicode has by now) it has not got.
fn asked(conn: &mut Conn<'_>, question: &WordQuestion<'_>, most: i64) -> Result<Vec<i64>, StoreError> {
    let (table, order) = question.index.parts();
    if conn.0.is_server() {
        return asked_server(conn, question, most);
    }
    let statement =
        format!("SELECT rowid AS id FROM {table} WHERE {table} MATCH $1 ORDER BY rowid {order} LIMIT $2");
    match ids(conn, &statement, question.file, most) {
        Err(error) if error.is_no_question() => Ok(Vec::new()),
        found => found,
    }
}

/// A server cannot know how often the beginning of a word occurs. What is frequent stands among the first of the order, which are looked
/// through; only what is rare there is left to the index of words, and the sum keeps the server from walking along the order after all.
fn asked_server(conn: &mut Conn<'_>, question: &WordQuestion<'_>, most: i64) -> Result<Vec<i64>, StoreError> {
    let (table, order) = question.index.parts();
    let (function, words) = question.server;
    let first = format!(
        "SELECT id FROM (SELECT id, words FROM {table} ORDER BY id {order} LIMIT {LOOKED_THROUGH}) AS first \
         WHERE words @@ {function}($1) ORDER BY id {order} LIMIT $2"
    );
    let found = ids(conn, &first, words, most)?;
    if i64::try_from(found.len()).is_ok_and(|found| found >= most) {
        return Ok(found);
    }
    let all =
        format!("SELECT id FROM {table} WHERE words @@ {function}($1) ORDER BY id + 0 {order} LIMIT $2");
    ids(conn, &all, words, most)
}

fn ids(conn: &mut Conn<'_>, statement: &str, words: &str, most: i64) -> Result<Vec<i64>, StoreError> {
    let found: Vec<Id> =
        diesel::sql_query(statement).bind::<Text, _>(words).bind::<BigInt, _>(most).load(conn.0)?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

/// Whether so many holders are found by words that walking along their list finds a page of them at once; a server is asked for them otherwise.
fn is_frequent(conn: &mut Conn<'_>, words: &[String]) -> Result<bool, StoreError> {
    const PAGE: i64 = 50;
    if !conn.0.is_server() {
        return Ok(false);
    }
    let first = format!(
        "SELECT id FROM (SELECT id, words FROM holder_search ORDER BY id LIMIT {LOOKED_THROUGH}) AS first \
         WHERE words @@ begun_words($1) LIMIT $2"
    );
    let found = ids(conn, &first, &words.join(" "), PAGE)?;
    Ok(i64::try_from(found.len()).is_ok_and(|found| found >= PAGE))
}

/// "Every one of these words, the last ones at least begun": words in quotes mean themselves, whatever is in them.
pub(in crate::store) fn all_begun(words: &[String]) -> String {
    words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" ")
}

/// The end of all texts that begin with `text`.
pub(in crate::store) fn end_of(text: &str) -> String {
    format!("{text}\u{10FFFF}")
}

/// How holders are looked for.
#[derive(Clone, Debug)]
pub(in crate::store) enum HolderQuestion {
    /// By the beginning of a certificate's number, letters and digits alone, and of an address as it was typed.
    Number(String),
    /// By the beginnings of words, and whether a server finds many by them.
    Words(Vec<String>, bool),
}

/// How holders are looked for who match what was typed, what is asked first first; none when there is no word in it. What some
/// certificate's number begins with is a number: the index of words would put together everybody whose number begins with the same letters
/// before it looked at the digits. It is asked when nobody is found by the number.
pub(in crate::store) fn holders_questions(
    conn: &mut Conn<'_>,
    typed: &str,
) -> Result<Vec<HolderQuestion>, StoreError> {
    let mut questions = Vec::new();
    if let Some(number) = number_in(typed) {
        let known = bare_numbers::table
            .filter(bare_numbers::bare.ge(&number))
            .filter(bare_numbers::bare.lt(end_of(&number)));
        if diesel::select(diesel::dsl::exists(known)).get_result(conn.0)? {
            questions.push(HolderQuestion::Number(number));
        }
    }
    let words = words(&fold(typed));
    if !words.is_empty() {
        let frequent = is_frequent(conn, &words)?;
        questions.push(HolderQuestion::Words(words, frequent));
    }
    Ok(questions)
}

/// What was typed as the beginning of a certificate's number, if it could be one that is of no use as a word: letters, and then a digit.
fn number_in(typed: &str) -> Option<String> {
    let number = bare_number(typed);
    (number.starts_with(char::is_alphabetic) && number.contains(char::is_numeric)).then_some(number)
}

/// Up to `most` people, staff included, whose name, address or certificate's number begins with what was typed.
pub fn people(conn: &mut Conn<'_>, typed: &str, most: i64) -> Result<Vec<AccountId>, StoreError> {
    let mut people: Vec<AccountId> =
        holders(conn, typed, most)?.into_iter().map(|found| found.account.id).collect();
    let (name, email) = (fold(typed), normal_email(typed));
    let others: Vec<i64> = accounts::table
        .filter(accounts::name_fold.ge(&name).and(accounts::name_fold.lt(end_of(&name))))
        .or_filter(accounts::email_norm.eq(&email))
        .order(accounts::id)
        .select(accounts::id)
        .limit(most)
        .load(conn.0)?;
    people.extend(others.into_iter().map(AccountId));
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// Up to `most` holders, those first whose certificate's number or whose name begins with what was typed.
pub fn holders(conn: &mut Conn<'_>, typed: &str, most: i64) -> Result<Vec<FoundHolder>, StoreError> {
    among(conn, typed, most, |account, numbers| account.role == Role::Holder || !numbers.is_empty())
}

/// The same among everybody who has an account, colleagues without certificates as well: whoever gets emails.
pub fn recipients(conn: &mut Conn<'_>, typed: &str, most: i64) -> Result<Vec<FoundHolder>, StoreError> {
    among(conn, typed, most, |_, _| true)
}

fn among(
    conn: &mut Conn<'_>,
    typed: &str,
    most: i64,
    is_meant: impl Fn(&Account, &[String]) -> bool,
) -> Result<Vec<FoundHolder>, StoreError> {
    let words = words(&fold(typed));
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids = numbered(conn, &bare_number(typed), most)?;
    let enough = usize::try_from(most).is_ok_and(|most| ids.len() >= most);
    let by_number = enough || (number_in(typed).is_some() && !ids.is_empty());
    let name = fold(typed);
    let named: Vec<i64> = accounts::table
        .filter(accounts::name_fold.ge(&name))
        .filter(accounts::name_fold.lt(end_of(&name)))
        .order((accounts::name_fold, accounts::id))
        .select(accounts::id)
        .limit(most)
        .load(conn.0)?;
    ids.extend(named);
    if by_number {
        ids.extend(addressed(conn, typed, most)?);
    }
    // more than asked for, because staff without certificates are among them
    let more = most.saturating_mul(2).saturating_add(20);
    if !by_number {
        let question = WordQuestion {
            index: WordIndex::Holders,
            file: &all_begun(&words),
            server: (BEGUN, &fold(typed)),
        };
        ids.extend(asked(conn, &question, more)?);
    }
    let rows: Vec<AccountRow> =
        accounts::table.filter(accounts::id.eq_any(&ids)).select(AccountRow::as_select()).load(conn.0)?;
    let found = rows.into_iter().map(Account::try_from).collect::<Result<Vec<_>, _>>()?;
    let numbers: Vec<(i64, String)> = certificates::table
        .filter(certificates::holder_id.eq_any(&ids))
        .order(certificates::number)
        .select((certificates::holder_id, certificates::number))
        .load(conn.0)?;
    let mut holders: Vec<FoundHolder> = Vec::new();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    for id in ids {
        if holders.len() == most || holders.iter().any(|holder| holder.account.id.0 == id) {
            continue;
        }
        let Some(account) = found.iter().find(|account| account.id.0 == id) else { continue };
        let numbers: Vec<String> =
            numbers.iter().filter(|(holder, _)| *holder == id).map(|(_, number)| number.clone()).collect();
        if is_meant(account, &numbers) {
            holders.push(FoundHolder { account: account.clone(), numbers });
        }
    }
    Ok(holders)
}

/// Up to `most` holders, each once, whose certificates' numbers begin like this, in the order of the numbers.
fn numbered(conn: &mut Conn<'_>, number: &str, most: i64) -> Result<Vec<i64>, StoreError> {
    // few people hold more certificates than this whose numbers begin alike
    const CERTIFICATES: i64 = 4;
    let holders: Vec<i64> = bare_numbers::table
        .inner_join(certificates::table)
        .filter(bare_numbers::bare.ge(number))
        .filter(bare_numbers::bare.lt(end_of(number)))
        .order(bare_numbers::bare)
        .select(certificates::holder_id)
        .limit(most.saturating_mul(CERTIFICATES))
        .load(conn.0)?;
    let mut each: Vec<i64> = Vec::new();
    for holder in holders {
        if !each.contains(&holder) && i64::try_from(each.len()).is_ok_and(|found| found < most) {
            each.push(holder);
        }
    }
    Ok(each)
}

/// Up to `most` people whose address begins like this: it may begin as a number does.
fn addressed(conn: &mut Conn<'_>, typed: &str, most: i64) -> Result<Vec<i64>, StoreError> {
    let email = normal_email(typed);
    Ok(accounts::table
        .filter(accounts::email_norm.ge(&email))
        .filter(accounts::email_norm.lt(end_of(&email)))
        .order(accounts::email_norm)
        .select(accounts::id)
        .limit(most)
        .load(conn.0)?)
}

/// Up to `most` reports by the words of their title, the latest first.
pub fn reports(conn: &mut Conn<'_>, typed: &str, most: i64) -> Result<Vec<FoundReport>, StoreError> {
    let words = words(typed);
    if words.iter().all(|word| word.chars().count() < FEWEST_LETTERS) {
        return Ok(Vec::new());
    }
    // whole words are found at once in the order of the index; only when they give too little are they taken as beginnings
    let whole = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ");
    let mut ids: Vec<i64> = Vec::new();
    for (file, function) in [(whole, WHOLE), (all_begun(&words), BEGUN)] {
        if i64::try_from(ids.len()).unwrap_or(i64::MAX) >= most {
            break;
        }
        let question = WordQuestion { index: WordIndex::Titles, file: &file, server: (function, typed) };
        ids.extend(asked(conn, &question, most)?);
    }
    ids.extend(not_indexed_yet(conn, &words)?);
    #[derive(Queryable)]
    struct Row {
        id: i64,
        title: String,
        status: String,
        completed_on: Option<NaiveDate>,
        holder: i64,
        holder_name: String,
    }
    let rows: Vec<Row> = activities::table
        .inner_join(accounts::table)
        .filter(activities::id.eq_any(&ids))
        .filter(activities::reported_at.is_not_null())
        .order(activities::id.desc())
        .select((
            activities::id,
            activities::title,
            activities::status,
            activities::completed_on,
            accounts::id,
            accounts::name,
        ))
        .limit(most)
        .load(conn.0)?;
    rows.into_iter()
        .map(|Row { id, title, status, completed_on, holder, holder_name }| {
            let status = ActivityStatus::from_code(&status).ok_or(StoreError::Unreadable("activities"))?;
            let (id, holder) = (ActivityId(id), AccountId(holder));
            Ok(FoundReport { id, title, status, completed_on, holder, holder_name })
        })
        .collect()
}

/// Takes up to `most` newer activities into the index of titles and tells how many. A report itself does not wait for that. On a server each
/// takes its own in, and there is never anything to do.
pub fn reach_on(conn: &mut Conn<'_>, most: i64) -> Result<usize, StoreError> {
    if conn.0.is_server() {
        return Ok(0);
    }
    let from: i64 = report_search_reach::table.select(report_search_reach::last_activity).first(conn.0)?;
    let newer: Vec<i64> = activities::table
        .filter(activities::id.gt(from))
        .order(activities::id)
        .select(activities::id)
        .limit(most)
        .load(conn.0)?;
    let Some(until) = newer.last() else { return Ok(0) };
    diesel::sql_query(
        "INSERT INTO report_search (rowid, title) \
         SELECT id, title FROM activities WHERE id > $1 AND id <= $2 AND reported_at IS NOT NULL",
    )
    .bind::<BigInt, _>(from)
    .bind::<BigInt, _>(*until)
    .execute(conn.0)?;
    diesel::update(report_search_reach::table)
        .set(report_search_reach::last_activity.eq(*until))
        .execute(conn.0)?;
    Ok(newer.len())
}

/// Whether there is anything for [`reach_on`].
pub fn lags(conn: &mut Conn<'_>) -> Result<bool, StoreError> {
    if conn.0.is_server() {
        return Ok(false);
    }
    let from: i64 = report_search_reach::table.select(report_search_reach::last_activity).first(conn.0)?;
    Ok(diesel::select(diesel::dsl::exists(activities::table.filter(activities::id.gt(from))))
        .get_result(conn.0)?)
}

/// The latest reports whose titles the index does not know yet: so few that they are looked through.
fn not_indexed_yet(conn: &mut Conn<'_>, words: &[String]) -> Result<Vec<i64>, StoreError> {
    const LATEST: i64 = 1_000;
    let from: i64 = report_search_reach::table.select(report_search_reach::last_activity).first(conn.0)?;
    let titles: Vec<(i64, String)> = activities::table
        .filter(activities::id.gt(from))
        .filter(activities::reported_at.is_not_null())
        .order(activities::id.desc())
        .select((activities::id, activities::title))
        .limit(LATEST)
        .load(conn.0)?;
    let wanted: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let matches = |title: &str| {
        let title = fold(title);
        let begun = |word: &String| {
            title.split(|c: char| !c.is_alphanumeric()).any(|found| found.starts_with(word.as_str()))
        };
        wanted.iter().all(begun)
    };
    Ok(titles.into_iter().filter(|(_, title)| matches(title)).map(|(id, _)| id).collect())
}

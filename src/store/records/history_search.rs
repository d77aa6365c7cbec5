//! Looking for something in the history: by what it is about, by days, by who did it or whose affair it is, and by words.
//!
//! Nothing of this has an index, because every report would pay for it. So each look goes through a bounded part of the history and says how far
//! it came.

use chrono::{NaiveDateTime, TimeDelta};

use super::history::{HistoryFilter, HistoryRow, events, readable_by, with_ids};
use crate::domain::history_event::HistoryEvent;
use crate::domain::history_topic::HistoryTopic;
use crate::domain::ids::AccountId;
use crate::store::engine::folding::containing_exactly;
use crate::store::engine::prelude::*;
use crate::store::schema::history;
use crate::store::{Conn, StoreError};

/// Rows that one look goes through: some hundredths of a second.
const MOST_LOOKED_AT: i64 = 200_000;
/// A row says when its command began, so it can be so much older than the rows around it.
const LONGEST_COMMAND: TimeDelta = TimeDelta::days(1);

/// What is looked for; everything that is given has to fit.
#[derive(Clone, Debug, Default)]
pub struct HistorySearch {
    /// About which thing, and where to go on.
    pub filter: HistoryFilter,
    /// What it is about.
    pub topic: Option<HistoryTopic>,
    /// The words that were typed, and the people whom they find.
    pub words: Option<(String, Vec<AccountId>)>,
    /// Not before this moment (UTC).
    pub from: Option<NaiveDateTime>,
    /// Before this moment (UTC).
    pub until: Option<NaiveDateTime>,
}

impl HistorySearch {
    /// Whether it asks for what has no index.
    const fn walks(&self) -> bool {
        self.topic.is_some() || self.words.is_some() || self.from.is_some() || self.until.is_some()
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryFound {
    /// The rows, the latest first.
    pub rows: Vec<HistoryRow>,
    /// The row from which on (older ones) nothing was looked at, with its moment (UTC); none when everything was.
    pub reached: Option<(i64, NaiveDateTime)>,
}

/// Up to `limit` rows that fit, the latest first.
pub fn search(conn: &mut Conn<'_>, search: &HistorySearch, limit: i64) -> Result<HistoryFound, StoreError> {
    let part = Part::of(conn, search)?;
    let ids: Vec<i64> = boxed!(conn.0, Engine, load, {
        let mut query =
            history::table.select(history::id).order(history::id.desc()).limit(limit).into_boxed::<Engine>();
        let HistoryFilter { holder, certificate, activity, reader, .. } = search.filter;
        if let Some(reader) = reader {
            query = query.filter(readable_by(reader));
        }
        if let Some(holder) = holder {
            query = query.filter(history::holder_id.eq(holder.0));
        }
        if let Some(certificate) = certificate {
            query = query.filter(history::certificate_id.eq(certificate.0));
        }
        if let Some(activity) = activity {
            query = query.filter(history::activity_id.eq(activity.0));
        }
        if let Some(begin) = part.begin {
            query = query.filter(history::id.ge(begin));
        }
        if let Some(end) = part.end {
            query = query.filter(history::id.lt(end));
        }
        if let Some(topic) = search.topic {
            query = query.filter(history::event.eq_any(events(|event| event.topic() == topic)));
        }
        if let Some((words, people)) = &search.words {
            let people: Vec<i64> = people.iter().map(|person| person.0).collect();
            // what a draft says is its holder's own affair, also for whoever guesses it
            let told = in_any_case!(history::detail, containing_exactly(words))
                .and(history::event.ne_all(events(HistoryEvent::is_of_draft)));
            let theirs = history::holder_id.eq_any(people.clone()).or(history::actor_id.eq_any(people));
            query = query.filter(theirs.assume_not_null().or(told));
        }
        if let Some(from) = search.from {
            query = query.filter(history::at.ge(from));
        }
        if let Some(until) = search.until {
            query = query.filter(history::at.lt(until));
        }
        query
    })?;
    let full = i64::try_from(ids.len()).unwrap_or(limit) >= limit;
    let reached = match part.begin.filter(|_| part.goes_on && !full) {
        Some(id) => history::table.find(id).select((history::id, history::at)).first(conn.0).optional()?,
        None => None,
    };
    Ok(HistoryFound { rows: with_ids(conn, &ids)?, reached })
}

/// The part of the history that one look goes through.
struct Part {
    /// From this row on.
    begin: Option<i64>,
    /// Up to before this one.
    end: Option<i64>,
    /// Whether something that could fit lies before it.
    goes_on: bool,
}

impl Part {
    fn of(conn: &mut Conn<'_>, search: &HistorySearch) -> Result<Part, StoreError> {
        let before = search.filter.before;
        if !search.walks() {
            return Ok(Part { begin: None, end: before, goes_on: false });
        }
        let end = match search.until.and_then(|until| until.checked_add_signed(LONGEST_COMMAND)) {
            Some(until) => first_since(conn, until)?,
            None => last_id(conn)?.saturating_add(1),
        };
        let end = before.map_or(end, |before| before.min(end));
        let first = match search.from.and_then(|from| from.checked_sub_signed(LONGEST_COMMAND)) {
            Some(from) => first_since(conn, from)?,
            None => 1,
        };
        let begin = first.max(end.saturating_sub(MOST_LOOKED_AT));
        Ok(Part { begin: Some(begin), end: Some(end), goes_on: begin > first })
    }
}

fn last_id(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    Ok(history::table.select(diesel::dsl::max(history::id)).first::<Option<i64>>(conn.0)?.unwrap_or(0))
}

/// The first row of a moment or later, by halves: rows stand in the order in which they were written. One behind the last when there is none.
fn first_since(conn: &mut Conn<'_>, at: NaiveDateTime) -> Result<i64, StoreError> {
    let (mut low, mut high) = (1, last_id(conn)?.saturating_add(1));
    while low < high {
        let middle = low + (high - low) / 2;
        let next: Option<NaiveDateTime> = history::table
            .filter(history::id.ge(middle))
            .order(history::id)
            .select(history::at)
            .first(conn.0)
            .optional()?;
        if next.is_none_or(|next| next >= at) { high = middle } else { low = middle + 1 }
    }
    Ok(low)
}

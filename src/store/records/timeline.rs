//! Everything that happened to one holder, the latest first: history and mails in one list.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::history::{self, EventSubject, HistoryFilter, HistoryRow};
use crate::domain::ids::{AccountId, ActivityId, HolderId, MailId};
use crate::store::engine::paging::Place;
use crate::store::engine::prelude::*;
use crate::store::mail::mail_log;
use crate::store::mail::mail_log::{LoggedMail, Which};
use crate::store::schema::activities;
use crate::store::{Conn, StoreError};

/// Which part of it to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    #[default]
    All,
    /// Reports and what became of them.
    Reports,
    /// Certificates, certification years and decisions.
    Certificates,
    /// The account: invitations, passwords, corrections.
    Account,
    /// Mails.
    Mails,
}

/// From where to go on: the last event and the last mail that were listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// The last event of the history.
    pub event: Option<i64>,
    /// The last mail.
    pub mail: Option<i64>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimelineEntry {
    /// An event, with the title of the report that it is about.
    Event(HistoryRow, Option<String>),
    /// A mail that was written.
    Mail(LoggedMail),
}

impl TimelineEntry {
    fn at(&self) -> NaiveDateTime {
        match self {
            TimelineEntry::Event(row, _) => row.at,
            TimelineEntry::Mail(mail) => mail.created_at,
        }
    }
}

/// A page of it as `reader` reads it, and from where to go on when there is more.
pub fn of_holder(
    conn: &mut Conn<'_>,
    (holder, reader): (HolderId, AccountId),
    part: Part,
    reached: Reached,
    size: usize,
) -> Result<(Vec<TimelineEntry>, Option<Reached>), StoreError> {
    let about = match part {
        Part::All | Part::Mails => None,
        Part::Reports => Some(EventSubject::Activities),
        Part::Certificates => Some(EventSubject::Certificates),
        Part::Account => Some(EventSubject::Account),
    };
    let limit = i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1);
    let mut entries: Vec<TimelineEntry> = Vec::new();
    if part != Part::Mails {
        let filter = HistoryFilter {
            holder: Some(holder),
            before: reached.event,
            about,
            reader: Some(reader),
            ..HistoryFilter::default()
        };
        let rows = history::list(conn, filter, limit)?;
        let titles = titles(conn, &rows)?;
        entries.extend(rows.into_iter().map(|row| {
            let title = row.activity.and_then(|id| titles.get(&id).cloned());
            TimelineEntry::Event(row, title)
        }));
    }
    if matches!(part, Part::All | Part::Mails) {
        let place = reached.mail.map_or(Place::Start, |id| Place::After(MailId(id)));
        let mails = mail_log::list(conn, Which::To(holder), &place, limit)?;
        entries.extend(mails.rows.into_iter().map(TimelineEntry::Mail));
    }
    // what caused a mail stands before it, read from the bottom
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.at(), matches!(entry, TimelineEntry::Mail(_)))));
    let more = entries.len() > size;
    entries.truncate(size);
    let mut last = reached;
    for entry in &entries {
        match entry {
            TimelineEntry::Event(row, _) => last.event = Some(last.event.map_or(row.id, |id| id.min(row.id))),
            TimelineEntry::Mail(mail) => {
                last.mail = Some(last.mail.map_or(mail.id.0, |id| id.min(mail.id.0)))
            }
        }
    }
    Ok((entries, more.then_some(last)))
}

fn titles(conn: &mut Conn<'_>, rows: &[HistoryRow]) -> Result<BTreeMap<ActivityId, String>, StoreError> {
    let mut ids: Vec<i64> = rows.iter().filter_map(|row| row.activity).map(|id| id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    // drafts are the holder's own affair
    let titles: Vec<(i64, String)> = activities::table
        .filter(activities::id.eq_any(ids))
        .filter(activities::reported_at.is_not_null())
        .select((activities::id, activities::title))
        .load(conn.0)?;
    Ok(titles.into_iter().map(|(id, title)| (ActivityId(id), title)).collect())
}

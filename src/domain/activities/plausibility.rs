//! What looks unlikely about a report, told to its holder before it is sent: hints, never refusals. A reviewer reads the same words.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

use super::activity::Facts;
use super::category::{Category, Unit};
use super::publication::fold_title;
use super::quantity::Quantity;
use crate::domain::dates::{days_between, long_date};
use crate::domain::plural::counted;

/// More than these hours on one day are a very long day, over all that a holder reports.
const LONG_DAY_MINUTES: i64 = 14 * 60;
/// Two events that take at least so much of a day each, and more than the second figure together, hardly fit into it.
const HALF_DAY_MINUTES: i64 = 4 * 60;
const TWO_EVENTS_MINUTES: i64 = 10 * 60;
/// More pages than these a day are fast, for a reader and for a writer.
const MOST_PAGES_READ: i64 = 300;
const MOST_PAGES_WRITTEN: i64 = 40;
/// Longest span that is looked at day by day.
const LONGEST_SPAN: usize = 400;
/// Who reports so late may have mistaken the year.
const LONG_AGO_DAYS: i64 = 365;

/// Something that looks unlikely. Shows as a sentence for the holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Another report has this title on this day.
    SameTitle(NaiveDate),
    /// Another event took place at the same time, on this day.
    TwoAtOnce(String, NaiveDate),
    /// So much on one day: minutes, and whether other reports are part of it.
    LongDay(NaiveDate, i64, bool),
    /// So many pages, in so many days.
    Pace(Quantity, i64),
    /// Completed more than a year ago.
    LongAgo(NaiveDate),
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hint::SameTitle(day) => write!(
                f,
                "You already have a report with this title on {}. Is it the same one? Then you need not send it again.",
                long_date(*day)
            ),
            Hint::TwoAtOnce(title, day) => write!(
                f,
                "You also reported “{title}” on {}, and both take up much of the day. Were they at different times?",
                long_date(*day)
            ),
            Hint::LongDay(day, minutes, together) => {
                let with = if *together { ", with what you reported before," } else { "" };
                let day = long_date(*day);
                match Quantity::new(*minutes, Unit::Minutes) {
                    Ok(time) => {
                        write!(f, "{time} on {day}{with} is a very long day. Check the hours and the days.")
                    }
                    Err(_) => write!(f, "{day}{with} is a very long day. Check the hours and the days."),
                }
            }
            Hint::Pace(quantity, 1) => {
                write!(f, "{quantity} on one day is a great deal. If it took longer, fill in the first day.")
            }
            Hint::Pace(quantity, days) => write!(
                f,
                "{quantity} in {days} days is a great deal. If it took longer, check the first day; if it was less, check the pages."
            ),
            Hint::LongAgo(day) => {
                write!(f, "{} is more than a year ago. Check the year that you typed.", long_date(*day))
            }
        }
    }
}

impl Hint {
    /// The same for whoever imports a file: a row, and somebody else's reports.
    pub fn about_a_row(&self) -> String {
        match self {
            Hint::SameTitle(day) => {
                format!("The holder already has a report with this title on {}.", long_date(*day))
            }
            Hint::TwoAtOnce(title, day) => format!(
                "The holder also has “{title}” on {}, and both take up much of the day.",
                long_date(*day)
            ),
            Hint::LongDay(day, minutes, together) => {
                let with = if *together { ", with the holder's other reports," } else { "" };
                let time = Quantity::new(*minutes, Unit::Minutes).map(|time| format!("{time} on "));
                format!("{}{}{with} is a very long day.", time.unwrap_or_default(), long_date(*day))
            }
            Hint::Pace(quantity, 1) => format!("{quantity} on one day is a great deal."),
            Hint::Pace(quantity, days) => format!("{quantity} in {days} days is a great deal."),
            Hint::LongAgo(day) => format!("{} is more than a year ago.", long_date(*day)),
        }
    }
}

/// The hours that the days of an activity have, when `quantity` is more than they have. Course material counts what it teaches, not what it took.
pub fn more_than_its_days(facts: &Facts, quantity: Quantity) -> Option<i64> {
    let (first, last) = span(facts)?;
    if quantity.unit() != Unit::Minutes || facts.category == Some(Category::CourseMaterial) {
        return None;
    }
    let hours = days_between(first, last).saturating_add(1).max(1).saturating_mul(24);
    (quantity.amount() > hours.saturating_mul(60)).then_some(hours)
}

/// How many hours the days of a report have, to whoever entered more: "A day has only 24 hours."
#[must_use]
pub fn hours_in_words(hours: i64) -> String {
    match hours {
        ..=24 => "A day has only 24 hours.".to_owned(),
        _ => format!("{} have only {}.", counted(hours / 24, "day", "days"), counted(hours, "hour", "hours")),
    }
}

/// Why facts cannot be reported: more hours than their days have. A reviewer could never approve them.
#[must_use]
pub fn too_long_for_its_days(facts: &Facts) -> Option<String> {
    let hours = more_than_its_days(facts, facts.quantity?)?;
    let advice = match hours {
        ..=24 => "Check the hours, or say that it took several days.",
        _ => "Check the hours and the days.",
    };
    Some(format!("{} {advice}", hours_in_words(hours)))
}

/// What looks unlikely about `facts`, beside everything else that the holder reports. Facts with gaps give the hints that they
/// can.
#[must_use]
pub fn hints(facts: &Facts, others: &[Facts], today: NaiveDate) -> Vec<Hint> {
    let Some((first, last)) = span(facts) else { return Vec::new() };
    let mut hints = Vec::new();
    let title = fold_title(&facts.title);
    let same = |other: &&Facts| {
        other.completed_on == Some(last)
            && other.category == facts.category
            && fold_title(&other.title) == title
    };
    if !title.is_empty() && others.iter().any(|other| same(&other)) {
        hints.push(Hint::SameTitle(last));
    }
    let days = days_between(first, last).saturating_add(1).max(1);
    let own = minutes_a_day(facts);
    if let Some((quantity, own)) = facts.quantity.zip(own) {
        hints.extend(two_at_once(facts, own, others).filter(|_| !others.iter().any(|other| same(&other))));
        // more than the days have is no slip to be explained, but refused (see `too_long_for_its_days`)
        if more_than_its_days(facts, quantity).is_none() {
            hints.extend(long_day(facts, own, others));
        }
    }
    if let Some(quantity) = facts.quantity {
        let most = match quantity.unit() {
            Unit::Pages => days.saturating_mul(MOST_PAGES_READ),
            Unit::A4Pages => days.saturating_mul(MOST_PAGES_WRITTEN),
            Unit::Minutes => i64::MAX,
        };
        if quantity.amount() > most {
            hints.push(Hint::Pace(quantity, days));
        }
    }
    if days_between(last, today) > LONG_AGO_DAYS {
        hints.push(Hint::LongAgo(last));
    }
    hints
}

fn span(facts: &Facts) -> Option<(NaiveDate, NaiveDate)> {
    let last = facts.completed_on?;
    Some((facts.started_on.unwrap_or(last).min(last), last))
}

/// The time that an activity takes of each of its days, rounded up. Course material counts what it teaches, not what it took.
fn minutes_a_day(facts: &Facts) -> Option<i64> {
    let (first, last) = span(facts)?;
    let quantity = facts.quantity.filter(|quantity| quantity.unit() == Unit::Minutes)?;
    if facts.category? == Category::CourseMaterial {
        return None;
    }
    let days = days_between(first, last).saturating_add(1).max(1);
    Some(quantity.amount().saturating_add(days - 1) / days)
}

fn is_event(facts: &Facts) -> bool {
    matches!(facts.category, Some(Category::Attending | Category::Teaching))
}

fn two_at_once(facts: &Facts, own: i64, others: &[Facts]) -> Option<Hint> {
    let (first, last) = span(facts)?;
    if !is_event(facts) || own < HALF_DAY_MINUTES {
        return None;
    }
    others.iter().filter(|other| is_event(other)).find_map(|other| {
        let (from, to) = span(other)?;
        let theirs = minutes_a_day(other)?;
        let day = first.max(from);
        let overlaps = day <= last.min(to);
        let full = theirs >= HALF_DAY_MINUTES && own.saturating_add(theirs) > TWO_EVENTS_MINUTES;
        (overlaps && full).then(|| Hint::TwoAtOnce(other.title.clone(), day))
    })
}

/// The longest day of the span, if it is too long for one.
fn long_day(facts: &Facts, own: i64, others: &[Facts]) -> Option<Hint> {
    let (first, last) = span(facts)?;
    let mut sums: BTreeMap<NaiveDate, i64> =
        first.iter_days().take_while(|day| *day <= last).take(LONGEST_SPAN).map(|day| (day, own)).collect();
    for other in others {
        let (Some((from, to)), Some(minutes)) = (span(other), minutes_a_day(other)) else { continue };
        if from > last || to < first {
            continue;
        }
        for (_, sum) in sums.range_mut(from..=to) {
            *sum = sum.saturating_add(minutes);
        }
    }
    let (day, minutes) = sums.into_iter().rev().max_by_key(|(_, minutes)| *minutes)?;
    (minutes > LONG_DAY_MINUTES).then_some(Hint::LongDay(day, minutes, minutes > own))
}

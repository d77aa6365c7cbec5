//! The table of the queue: its heads, by which it is sorted, and its rows.

use chrono::NaiveDate;

use super::queue_address::QueueAddress;
use super::queue_filter::QueueFilter;
use crate::actions::reviews::queue::earns;
use crate::domain::activities::queue_order::{QueueOrder, QueueSorting};
use crate::domain::certification::policy::Policies;
use crate::domain::dates::{days_between, long_date, short_date};
use crate::domain::ids::AccountId;
use crate::portal::Portal;
use crate::store::activities::review_queue::Waiting;
use crate::web::forms::errors::Choice;
use crate::web::staff::certificates::figures::{counted, distance};
use crate::web::view::tags::Tag;

/// A head of the table.
pub struct QueueHead {
    /// What a person reads.
    pub label: &'static str,
    /// Where the table is sorted by it.
    pub href: String,
    /// `ascending`, `descending` or empty, for `aria-sort`.
    pub sorted: &'static str,
    /// Whether figures stand below it.
    pub number: bool,
    /// Whether there is no room for it beside a report.
    pub spare: bool,
}

/// The heads, in the order of the columns.
const HEADS: [(QueueOrder, &str); 7] = [
    (QueueOrder::Title, "Report"),
    (QueueOrder::Holder, "Holder"),
    (QueueOrder::Quantity, "How much"),
    (QueueOrder::Credits, "Credits"),
    (QueueOrder::Urgency, "Due"),
    (QueueOrder::Completed, "Completed"),
    (QueueOrder::Waiting, "Waiting"),
];

/// The heads as this part of the queue is sorted.
pub fn heads(filter: &QueueFilter) -> Vec<QueueHead> {
    let sorting = filter.sorting();
    let head = |(order, label): (QueueOrder, &'static str)| QueueHead {
        label,
        href: format!("/staff/review{}", filter.sorted_by(sorting.after_pressing(order)).suffix()),
        sorted: match (sorting.order == order, sorting.descending) {
            (true, false) => "ascending",
            (true, true) => "descending",
            (false, _) => "",
        },
        number: order == QueueOrder::Credits,
        spare: !matches!(order, QueueOrder::Title | QueueOrder::Holder | QueueOrder::Urgency),
    };
    HEADS.into_iter().map(head).collect()
}

/// The orders as a list to choose from, for a window that is too narrow for heads.
pub fn orders(filter: &QueueFilter) -> Vec<Choice> {
    let sorting = filter.sorting();
    let choice = |(order, label): (QueueOrder, &str)| {
        let usual = order == QueueOrder::Urgency;
        Choice::new(if usual { "" } else { order.code() }, format!("Sorted by: {}", label.to_lowercase()))
    };
    let mut all: Vec<Choice> = HEADS.into_iter().map(choice).collect();
    if sorting.descending {
        let label = HEADS.iter().find(|(order, _)| *order == sorting.order).map_or("", |(_, label)| *label);
        all.push(Choice::new(sorting.written(), format!("Sorted by: {}, backwards", label.to_lowercase())));
    }
    all
}

/// By what the queue is sorted, in words: every column may be out of sight. Empty for the usual order.
pub fn sorted_by(filter: &QueueFilter) -> String {
    let sorting = filter.sorting();
    if sorting == QueueSorting::USUAL {
        return String::new();
    }
    let label = HEADS.iter().find(|(order, _)| *order == sorting.order).map_or("", |(_, label)| *label);
    format!("{}{}", label.to_lowercase(), if sorting.descending { ", backwards" } else { "" })
}

/// A report as a row.
pub struct QueueRow {
    /// Its identity.
    pub id: i64,
    /// The value of its box: the report and its version.
    pub tick: String,
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub holder: i64,
    /// Their name.
    pub holder_name: String,
    /// Its kind, in words.
    pub category: &'static str,
    /// How much was reported, in words.
    pub quantity: String,
    /// The same, as short as it can be.
    pub amount: String,
    /// What it earns before any limit.
    pub credits: String,
    /// When it was completed.
    pub completed: String,
    /// The same, short.
    pub completed_short: String,
    /// When it was reported.
    pub reported: String,
    /// Since when it is the reader's turn, or has waited, in words.
    pub turn: String,
    /// For how many days it has been staff's turn.
    pub days: i64,
    /// The colleague who reads it now.
    pub read_by: Option<String>,
    /// Whose it is: "yours", "with Mara Jong"; empty when it was given to nobody.
    pub with: String,
    /// Whether whoever looks knows its holder, and so does not decide it.
    pub known: bool,
    /// Whether whoever looks may decide it and nobody else has it or reads it: the list is read from the first of these.
    pub open: bool,
    /// How many files it has, in words; empty without any.
    pub files: String,
    /// Whether the holder explained the relevance.
    pub explained: bool,
    /// How pressing it is.
    pub tag: Tag,
    /// The same in words.
    pub urgency: String,
    /// The deadline, short: "due 3 Dec"; empty when it presses nobody.
    pub due: String,
    /// Where it is read beside the list.
    pub beside: String,
    /// The same for a script.
    pub fragment: String,
}

/// A row of the table.
pub fn row(
    waiting: Waiting,
    me: AccountId,
    policies: &Policies,
    (portal, address): (&Portal, &QueueAddress),
) -> QueueRow {
    let today = portal.clock.today();
    let (tag, urgency, due) = urgency(&waiting, today);
    let days = days_between(portal.clock.day_of(waiting.waiting_since), today).max(0);
    // nor is it their turn who know the holder, or whose colleague has it
    let yours = !waiting.known && waiting.given_to.as_ref().is_none_or(|(who, _)| *who == me);
    QueueRow {
        id: waiting.id.0,
        beside: address.report(waiting.id),
        fragment: address.fragment(waiting.id),
        tick: format!("{}:{}", waiting.id, waiting.version),
        credits: earns(&waiting, policies).plain(),
        title: waiting.title,
        holder: waiting.holder.0,
        holder_name: waiting.holder_name,
        category: waiting.category.label(),
        quantity: waiting.quantity.to_string(),
        amount: waiting.quantity.short(),
        completed: long_date(waiting.completed_on),
        completed_short: short_date(waiting.completed_on, today),
        reported: long_date(portal.clock.day_of(waiting.reported_at)),
        turn: match (yours, days) {
            (true, 0) => "your turn since today".to_owned(),
            (true, days) => format!("your turn for {}", counted(days, "day", "days")),
            (false, 0) => "waiting since today".to_owned(),
            (false, days) => format!("waiting for {}", counted(days, "day", "days")),
        },
        days,
        open: yours && waiting.read_by.is_none(),
        read_by: waiting.read_by,
        with: match waiting.given_to {
            Some((who, _)) if who == me => "yours".to_owned(),
            Some((_, name)) => format!("with {name}"),
            None => String::new(),
        },
        known: waiting.known,
        files: if waiting.files == 0 { String::new() } else { counted(waiting.files, "file", "files") },
        explained: waiting.explained,
        tag,
        urgency,
        due,
    }
}

fn urgency(waiting: &Waiting, today: NaiveDate) -> (Tag, String, String) {
    let tag = |kind, label| Tag { kind, label };
    match (waiting.place.needed, waiting.place.deadline) {
        (true, Some(day)) if day < today => (
            tag("bad", "Overdue"),
            format!("the deadline was {}", long_date(day)),
            format!("was {}", short_date(day, today)),
        ),
        (true, Some(day)) => (
            tag("action", "Needed"),
            format!("by {}, {}", long_date(day), distance(today, day)),
            format!("due {}", short_date(day, today)),
        ),
        (false, Some(_)) => {
            (tag("off", "Not pressing"), "the minimum is reached without it".to_owned(), String::new())
        }
        (_, None) => (tag("off", "Not pressing"), "no open year counts it".to_owned(), String::new()),
    }
}

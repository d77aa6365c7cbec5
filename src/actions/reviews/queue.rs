//! The review queue's order: what a holder needs before a near deadline stands on top.
//!
//! A place changes only by reports, verdicts, decisions and settlements, never by time alone, so it is stored with the report and
//! renewed in the transaction of its cause.

use chrono::NaiveDate;

use crate::actions::ActionError;
use crate::domain::activities::activity::ActivityStatus;
use crate::domain::activities::credits::Credits;
use crate::domain::activities::publication::fold_title;
use crate::domain::activities::queue_order::{MOST_SORTED, QueueOrder, QueueSorting};
use crate::domain::activities::queue_place::QueuePlace;
use crate::domain::certification::policy::Policies;
use crate::domain::ids::ActivityId;
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::store::activities;
use crate::store::activities::review_queue::{self, View, Waiting};
use crate::store::certification::policies;
use crate::store::engine::paging::Place;
use crate::store::{Conn, StoreError};

/// Gives every submitted report of a holder its place: needed ones (some unsettled year they count for has not met its minimum by
/// approved credits) first, by the earliest such deadline, then by when they were reported.
///
/// # Errors
/// `ActionError::Store`.
pub fn refresh(
    conn: &mut Conn<'_>,
    file: &HolderFile,
    policies: &Policies,
    today: NaiveDate,
) -> Result<(), ActionError> {
    let waiting = || file.reports.iter().filter(|report| report.status == ActivityStatus::Submitted);
    if waiting().next().is_none() {
        return Ok(());
    }
    let ledger = HolderLedger::new(file, policies, today);
    for report in waiting() {
        let mut needed_by = None;
        let mut useful_by = None;
        for certificate in &file.certificates {
            let found = ledger.year_for(certificate, report.completed_on);
            let Some(year) = found.filter(|found| found.year.settlement.is_none()) else { continue };
            let deadline = year.year.deadline;
            let by = if year.sums.met() { &mut useful_by } else { &mut needed_by };
            *by = Some(by.map_or(deadline, |day: NaiveDate| deadline.min(day)));
        }
        let place = QueuePlace {
            needed: needed_by.is_some(),
            deadline: needed_by.or(useful_by),
            reported_at: report.reported_at,
            report: report.id,
        };
        activities::place_in_queue(conn, &place)?;
    }
    Ok(())
}

/// What a report earns before any limit, by the rules of the day on which it was completed.
#[must_use]
pub fn earns(waiting: &Waiting, policies: &Policies) -> Credits {
    policies.in_force_on(waiting.completed_on).rate(waiting.category).credits(waiting.quantity)
}

/// A queue that is sorted by somebody's wish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SortedQueue {
    /// The reports in that order; of equals, the one that was reported to the portal first.
    pub rows: Vec<Waiting>,
    /// Whether more wait than were sorted: these are the ones that press most.
    pub more: bool,
}

/// The most pressing reports of a view, at most [`MOST_SORTED`], in an order.
///
/// # Errors
/// `StoreError`.
pub fn sorted(
    conn: &mut Conn<'_>,
    view: &View,
    sorting: QueueSorting,
    policies: &Policies,
) -> Result<SortedQueue, StoreError> {
    let most = i64::try_from(MOST_SORTED).unwrap_or(i64::MAX);
    let page = review_queue::list(conn, view, &Place::Start, most)?;
    let mut rows = page.rows;
    match sorting.order {
        QueueOrder::Urgency if sorting.descending => rows.reverse(),
        QueueOrder::Urgency => {}
        QueueOrder::Title => by(&mut rows, sorting, |row| fold_title(&row.title)),
        QueueOrder::Holder => by(&mut rows, sorting, |row| row.holder_fold.clone()),
        QueueOrder::Quantity => {
            by(&mut rows, sorting, |row| (row.category.unit(), row.quantity.amount()));
        }
        QueueOrder::Credits => by(&mut rows, sorting, |row| earns(row, policies).parts()),
        QueueOrder::Completed => by(&mut rows, sorting, |row| row.completed_on),
        QueueOrder::Waiting => by(&mut rows, sorting, |row| row.waiting_since),
    }
    Ok(SortedQueue { rows, more: page.after })
}

/// Sorts by a key that is worked out once for each row; of equals, by the id.
fn by<K: Ord>(rows: &mut Vec<Waiting>, sorting: QueueSorting, key: impl Fn(&Waiting) -> K) {
    let mut keyed: Vec<(K, Waiting)> = rows.drain(..).map(|row| (key(&row), row)).collect();
    keyed.sort_by(|(one, row), (other, beside)| {
        sorting.directed(one.cmp(other)).then(row.id.0.cmp(&beside.id.0))
    });
    rows.extend(keyed.into_iter().map(|(_, row)| row));
}

/// The report beside one in a queue that somebody sorted, that is theirs to decide and no colleague reads or has: the one after it, or from the top when there is none;
/// or the one before it.
///
/// # Errors
/// `ActionError::Store`.
pub fn beside(
    conn: &mut Conn<'_>,
    view: &View,
    sorting: QueueSorting,
    id: ActivityId,
    onwards: bool,
) -> Result<Option<ActivityId>, ActionError> {
    let policies = policies::all(conn)?;
    let rows = sorted(conn, view, sorting, &policies)?.rows;
    let elsewhere = |row: &Waiting| {
        let asked_for = view.filter.given_to.is_some();
        !asked_for && row.given_to.as_ref().is_some_and(|(who, _)| *who != view.reviewer)
    };
    let for_them = |row: &&Waiting| row.read_by.is_none() && !row.known && !elsewhere(row);
    let free: Vec<ActivityId> =
        rows.iter().filter(|row| row.id == id || for_them(row)).map(|row| row.id).collect();
    let place = free.iter().position(|found| *found == id);
    let found = match (place, onwards) {
        (Some(place), true) => free.get(place + 1).or(free.first()),
        (Some(place), false) => place.checked_sub(1).and_then(|before| free.get(before)),
        (None, true) => free.first(),
        (None, false) => None,
    };
    Ok(found.copied().filter(|found| *found != id))
}

/// Where a reviewer goes on from a report: looked up before it is decided, and found when it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onwards {
    /// The queue is worked off in its own order; the report stood there.
    Usual(Option<QueuePlace>),
    /// The queue is sorted, and this one follows.
    Sorted(Option<ActivityId>),
}

impl Onwards {
    /// Looks up where a report stands.
    ///
    /// # Errors
    /// `ActionError::Store`.
    pub fn of(
        conn: &mut Conn<'_>,
        view: &View,
        sorting: QueueSorting,
        id: ActivityId,
    ) -> Result<Onwards, ActionError> {
        if sorting == QueueSorting::USUAL {
            return Ok(Onwards::Usual(review_queue::place_of(conn, id)?));
        }
        Ok(Onwards::Sorted(beside(conn, view, sorting, id, true)?))
    }

    /// The report that follows.
    ///
    /// # Errors
    /// `StoreError`.
    pub fn next(self, conn: &mut Conn<'_>, view: &View) -> Result<Option<ActivityId>, StoreError> {
        match self {
            Onwards::Usual(place) => review_queue::next(conn, view, place),
            Onwards::Sorted(next) => Ok(next),
        }
    }
}

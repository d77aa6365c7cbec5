//! The page of the queue: the list, and one of its reports beside it.

use askama::Template;
use chrono::NaiveDateTime;

use super::case::{CaseData, CaseShown};
use super::evidence::Way;
use super::form::ReviewForm;
use super::queue_address::QueueAddress;
use super::queue_filter::QueueFilter;
use super::queue_table::{QueueHead, QueueRow, heads, orders, row, sorted_by};
use crate::actions::ActionError;
use crate::actions::reviews::queue::sorted;
use crate::domain::activities::category::Category;
use crate::domain::activities::queue_order::QueueSorting;
use crate::domain::activities::queue_place::QueuePlace;
use crate::domain::certification::catalogue::{Certification, Field};
use crate::domain::certification::policy::Policies;
use crate::domain::dates::days_between;
use crate::domain::ids::{AccountId, ActivityId, EvidenceId};
use crate::domain::roles::Reviewer;
use crate::portal::Portal;
use crate::store::activities::assignments;
use crate::store::activities::review_claims;
use crate::store::activities::review_queue::{self, View, Waiting};
use crate::store::certification::{catalogue, policies};
use crate::store::engine::paging::{Page, Place};
use crate::store::{Conn, StoreError};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::Person;
use crate::web::staff::certificates::figures::counted;
use crate::web::view::layout::Layout;
use crate::web::view::paging::{Pager, place};

/// Reports on one page: what somebody reads in one go.
const PAGE: i64 = 25;

/// The list, and one of its reports beside it.
#[derive(Template)]
#[template(path = "staff/review/index.html")]
pub struct QueuePage {
    page: Layout,
    errors: FieldErrors,
    rows: Vec<QueueRow>,
    /// The report that is read beside the list.
    chosen: Option<CaseShown>,
    pager: Pager,
    first: bool,
    /// Whether more wait than were sorted.
    cut_off: bool,
    heads: Vec<QueueHead>,
    orders: Vec<Choice>,
    /// By what the list is sorted, when that is not the usual order: "holder, backwards".
    sorted_by: String,
    /// The list in the usual order.
    unsorted: String,
    filter: QueueFilter,
    categories: Vec<Choice>,
    fields: Vec<Choice>,
    certifications: Vec<Choice>,
    readers: Vec<Choice>,
    with: Vec<Choice>,
    waiting: Vec<Choice>,
    /// How long the oldest has waited, in words; empty when nothing waits.
    age: String,
    /// What follows the addresses of reports on pages of their own.
    queue: String,
    /// The list's own address, with its page.
    list: String,
}

/// What was sent and has something to mend.
#[derive(Default)]
pub struct QueueInput {
    /// The verdict on the chosen report.
    pub verdict: Option<(ReviewForm, FieldErrors)>,
    /// What is wrong with the ticks of the list.
    pub ticks: FieldErrors,
}

impl QueueInput {
    /// Whether there is nothing to mend.
    pub fn is_fine(&self) -> bool {
        self.verdict.is_none() && self.ticks.is_empty()
    }
}

/// What is to be seen: which page of which order, and which report beside it.
pub struct Selection {
    sorting: QueueSorting,
    /// The page of the usual order.
    place: Place<QueuePlace>,
    /// The number of the page of any other.
    number: usize,
    chosen: Option<ActivityId>,
    /// Which of its files.
    file: Option<EvidenceId>,
}

impl Selection {
    /// Reads an address.
    pub fn read(query: &Fields, address: &QueueAddress, chosen: Option<ActivityId>) -> Selection {
        let sorting = address.filter.sorting();
        let usual = sorting == QueueSorting::USUAL;
        Selection {
            sorting,
            place: if usual { place(query, |key| key.parse().ok()) } else { Place::Start },
            number: query.one("page").parse().unwrap_or(1),
            chosen,
            file: query.one("file").parse().ok(),
        }
    }
}

/// What the page needs, read together.
pub struct QueuePageData {
    /// A page of the list; of a sorted queue, all of what was sorted.
    page: Page<Waiting>,
    /// The number of the page of a sorted queue.
    number: usize,
    /// Whether the first page was asked for.
    first: bool,
    chosen: Option<CaseData>,
    policies: Policies,
    fields: Vec<Field>,
    certifications: Vec<Certification>,
    /// Who reads something now.
    readers: Vec<(AccountId, String)>,
    /// To whom something was given.
    assignees: Vec<(AccountId, String)>,
    /// Since when the report that waits longest does (UTC).
    oldest: Option<NaiveDateTime>,
}

impl QueuePageData {
    /// Reads it.
    ///
    /// # Errors
    /// `ActionError::Store`.
    pub fn load(
        portal: &Portal,
        actor: Reviewer,
        view: &View,
        asked: &Selection,
    ) -> Result<Self, ActionError> {
        portal.store.read(|conn| {
            let policies = policies::all(conn)?;
            let page = if asked.sorting == QueueSorting::USUAL {
                page_with(conn, view, &asked.place, asked.chosen)?
            } else {
                let found = sorted(conn, view, asked.sorting, &policies)?;
                Page { rows: found.rows, before: false, after: found.more }
            };
            let chosen = asked.chosen.map(|id| CaseData::looked_at(conn, portal, actor, id, asked.file));
            let chosen = match chosen.transpose() {
                // the list is shown without what is not there
                Err(ActionError::NotFound) => None,
                found => found?,
            };
            Ok(Self {
                number: number_of(&page.rows, asked),
                first: asked.place == Place::Start && asked.number <= 1,
                page,
                chosen,
                policies,
                fields: catalogue::fields(conn)?,
                certifications: catalogue::certifications(conn)?,
                readers: review_claims::readers(conn, view.now)?,
                assignees: assignments::assignees(conn)?,
                oldest: review_queue::oldest(conn)?,
            })
        })
    }
}

/// The page of the usual order that was asked for; when the chosen report is not on it, because the reviewer went on from its end or
/// from the queue's, the one that it is on.
fn page_with(
    conn: &mut Conn<'_>,
    view: &View,
    asked: &Place<QueuePlace>,
    chosen: Option<ActivityId>,
) -> Result<Page<Waiting>, StoreError> {
    let has = |page: &Page<Waiting>| chosen.is_none_or(|id| page.rows.iter().any(|row| row.id == id));
    let page = review_queue::list(conn, view, asked, PAGE)?;
    if has(&page) {
        return Ok(page);
    }
    let standing = chosen.map(|id| review_queue::place_of(conn, id)).transpose()?.flatten();
    let Some(standing) = standing else { return Ok(page) };
    for other in [Place::Start, Place::After(standing.just_before())] {
        let found = review_queue::list(conn, view, &other, PAGE)?;
        if has(&found) {
            return Ok(found);
        }
    }
    Ok(page)
}

fn page_size() -> usize {
    usize::try_from(PAGE).unwrap_or(1)
}

/// The number of the page of a sorted queue: the one with the chosen report.
fn number_of(rows: &[Waiting], asked: &Selection) -> usize {
    let at = asked.chosen.and_then(|id| rows.iter().position(|row| row.id == id));
    at.map_or(asked.number, |at| at / page_size() + 1)
}

impl QueuePage {
    /// The page of what was read, with what was typed when there is something to mend.
    pub fn new(
        staff: &Person,
        portal: &Portal,
        data: QueuePageData,
        (address, query): (QueueAddress, &Fields),
        typed: QueueInput,
    ) -> QueuePage {
        let filter = address.filter.clone();
        let usual = filter.sorting() == QueueSorting::USUAL;
        let cut_off = !usual && data.page.after;
        let (rows, pager) = if usual {
            let pager =
                Pager::new("/staff/review", &filter.kept(), &data.page, |waiting| waiting.place.to_string());
            (data.page.rows, pager)
        } else {
            numbered(data.page.rows, &filter, data.number)
        };
        let title = |one: Certification| Choice::new(one.id.to_string(), one.title);
        let verdict = typed.verdict.ok_or(query);
        let chosen = data.chosen.map(|case| CaseShown::new(staff, portal, case, &address, verdict));
        let me = staff.account.id;
        let shown = |waiting| row(waiting, me, &data.policies, (portal, &address));
        QueuePage {
            page: staff.layout("Review"),
            errors: typed.ticks,
            rows: rows.into_iter().map(shown).collect(),
            chosen,
            pager,
            first: data.first,
            cut_off,
            heads: heads(&filter),
            orders: orders(&filter),
            sorted_by: sorted_by(&filter),
            unsorted: format!("/staff/review{}", filter.sorted_by(QueueSorting::USUAL).suffix()),
            categories: Category::ALL.iter().map(|c| Choice::new(c.code(), c.label())).collect(),
            fields: data
                .fields
                .into_iter()
                .map(|field| Choice::new(field.id.to_string(), field.title))
                .collect(),
            certifications: data.certifications.into_iter().map(title).collect(),
            readers: QueueFilter::reader_choices(data.readers, staff.account.id),
            with: QueueFilter::with_choices(data.assignees, staff.account.id),
            waiting: QueueFilter::waiting_choices(),
            age: data.oldest.map(|at| age(at, portal)).unwrap_or_default(),
            queue: filter.suffix(),
            list: address.list(),
            filter,
        }
    }

    /// Whether there is anything to stand beside something.
    fn is_split(&self) -> bool {
        !self.rows.is_empty() || self.chosen.is_some()
    }

    /// Whether something that was sent has to be mended.
    fn is_refused(&self) -> bool {
        !self.errors.is_empty() || self.chosen.as_ref().is_some_and(|case| !case.errors.is_empty())
    }

    /// The report that is read first: the first that whoever looks may decide.
    fn first_open(&self) -> Option<&QueueRow> {
        self.rows.iter().find(|row| row.open).or(self.rows.first())
    }

    /// Whether this report is the one beside the list.
    fn is_chosen(&self, row: &QueueRow) -> bool {
        self.chosen.as_ref().is_some_and(|case| case.id == row.id)
    }
}

/// How long the oldest has waited, in words.
fn age(oldest: NaiveDateTime, portal: &Portal) -> String {
    match days_between(portal.clock.day_of(oldest), portal.clock.today()) {
        ..=0 => "The oldest came today.".to_owned(),
        days => format!("The oldest has waited for {}.", counted(days, "day", "days")),
    }
}

/// Page `number` of a sorted queue, which is read whole.
fn numbered(rows: Vec<Waiting>, filter: &QueueFilter, number: usize) -> (Vec<Waiting>, Pager) {
    let size = page_size();
    let last = rows.len().div_ceil(size).max(1);
    let number = number.clamp(1, last);
    let pager = Pager::numbered("/staff/review", &filter.kept(), number, last);
    (rows.into_iter().skip((number - 1).saturating_mul(size)).take(size).collect(), pager)
}

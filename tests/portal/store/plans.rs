//! How SQLite goes about the statements that must stay quick however long the lists are: taken from the store itself as it asks, and
//! explained.

use std::cell::RefCell;
use std::sync::Once;

use chrono::NaiveDateTime;
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::queue_place::QueuePlace;
use cpe_portal::domain::ids::{ActivityId, MailId};
use cpe_portal::store::activities::review_queue::{self, ReviewFilter, View};
use cpe_portal::store::engine::paging::Place;
use cpe_portal::store::mail::{friendly_reminders, reminders, year_notices};
use cpe_portal::store::{Conn, StoreError};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;

use super::scene::{open, says};
use crate::support::{People, TestPortal, day};

thread_local! {
    /// The statements of this thread, while somebody listens.
    static HEARD: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Notes every statement of the thread that listens.
struct Listener;

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            HEARD.with_borrow_mut(|heard| {
                if let Some(heard) = heard {
                    heard.push(query.to_string());
                }
            });
        }
    }
}

/// A portal whose connections are listened to.
pub fn listened_to() -> (TestPortal, People) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| set_default_instrumentation(|| Some(Box::new(Listener))).unwrap());
    let portal = TestPortal::new();
    let people = portal.people();
    (portal, people)
}

/// The statements that the store makes of a question.
pub fn statements<T>(
    portal: &TestPortal,
    question: impl FnOnce(&mut Conn<'_>) -> Result<T, StoreError>,
) -> Vec<String> {
    HEARD.set(Some(Vec::new()));
    portal.store.read(question).unwrap();
    let heard = HEARD.take().unwrap();
    let selects = heard
        .into_iter()
        .filter(|statement| statement.starts_with("SELECT") || statement.starts_with("WITH"));
    selects.map(|statement| statement.split(" -- binds:").next().unwrap().to_owned()).collect()
}

/// The steps of a statement, as SQLite means to take them.
pub fn steps(conn: &mut SqliteConnection, statement: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(conn).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

/// What is wrong with the way through the queue: another index than the queue's, a list that is sorted first, or a page that is not entered
/// at its place.
fn detours(steps: &[String], entered_by: &str) -> Vec<String> {
    let mut wrong: Vec<String> = steps
        .iter()
        .filter(|step| step.contains("TEMP B-TREE") || step.starts_with("SCAN"))
        .cloned()
        .collect();
    let enters = |step: &&String| step.contains("INDEX activities_queue ") && step.contains(entered_by);
    if !steps.iter().any(|step| enters(&step)) {
        wrong.push(format!("nothing enters the queue by {entered_by:?}: {steps:?}"));
    }
    wrong
}

fn place() -> QueuePlace {
    let reported_at: NaiveDateTime = day("2026-10-01").and_hms_opt(12, 0, 0).unwrap();
    QueuePlace { needed: true, deadline: Some(day("2027-03-14")), reported_at, report: ActivityId(7) }
}

const AFTER: &str = "((queue_rank,queue_deadline,reported_at)>(?,?,?)";
const BEFORE: &str = "(queue_rank,queue_deadline,reported_at)<(?,?,?)";

#[test]
fn the_queue_is_read_in_the_order_of_its_index_from_the_place_on() {
    let (portal, people) = listened_to();
    let mut conn = open(&portal);
    let filters = [
        ReviewFilter::default(),
        ReviewFilter { needed: true, ..ReviewFilter::default() },
        ReviewFilter {
            category: Some(Category::Writing),
            waiting_before: Some(portal.clock.now()),
            ..ReviewFilter::default()
        },
    ];
    let mut asked = 0;
    for filter in filters {
        let view = View { reviewer: people.reviewer.id, now: portal.clock.now(), filter };
        for (at, entered_by) in [
            (Place::Start, "activities_queue (queue_rank"),
            (Place::After(place()), AFTER),
            (Place::Before(place()), BEFORE),
        ] {
            for statement in statements(&portal, |conn| review_queue::list(conn, &view, &at, 50)) {
                let wrong = detours(&steps(&mut conn, &statement), entered_by);
                assert!(wrong.is_empty(), "{filter:?}, {at:?}: {wrong:?}\n{statement}");
                asked += 1;
            }
        }
        // none after the place: the top is asked for, too
        let next = statements(&portal, |conn| review_queue::next(conn, &view, Some(place())));
        let previous = statements(&portal, |conn| review_queue::previous(conn, &view, place()));
        assert_eq!((next.len(), previous.len()), (2, 1));
        for (statement, entered_by) in
            next.iter().zip([AFTER, "activities_queue (queue_rank"]).chain([(&previous[0], BEFORE)])
        {
            let wrong = detours(&steps(&mut conn, statement), entered_by);
            assert!(wrong.is_empty(), "{filter:?}: {wrong:?}\n{statement}");
            asked += 1;
        }
    }
    assert_eq!(asked, 18, "every statement was heard");
}

#[test]
fn what_years_were_told_is_found_by_an_index_whatever_is_asked() {
    let (portal, people) = listened_to();
    let mut conn = open(&portal);
    let (certificate, holder) = (people.owner_certificate, people.owner.id);
    let from = day("2026-03-15");
    let mut asked = vec![
        (
            "notices_about_years_stages",
            statements(&portal, |conn| reminders::of_certificates(conn, &[certificate], from)),
        ),
        (
            "notices_about_years_of_holder",
            statements(&portal, |conn| friendly_reminders::since(conn, &[holder], from)),
        ),
        ("notices_about_years_of_mail", statements(&portal, |conn| year_notices::causes(conn, MailId(1)))),
        (
            "notices_about_years_of_mail",
            statements(&portal, |conn| year_notices::certificates_of_mail(conn, MailId(1))),
        ),
    ];
    let of_certificate = [
        statements(&portal, |conn| year_notices::mails_about(conn, certificate)),
        statements(&portal, |conn| year_notices::flag_notice(conn, certificate, 1)),
        statements(&portal, |conn| year_notices::minimum_was_told(conn, certificate, 1)),
        statements(&portal, |conn| year_notices::stages(conn, certificate)),
    ];
    asked.extend(of_certificate.map(|statements| ("(certificate_id=?", statements)));
    for (found_by, statements) in asked {
        let statements: Vec<String> =
            statements.into_iter().filter(|statement| statement.contains("notices_about_years")).collect();
        assert_eq!(statements.len(), 1, "{statements:?}");
        let steps = steps(&mut conn, &statements[0]);
        let table = steps.iter().find(|step| step.contains("notices_about_years")).unwrap();
        assert!(table.starts_with("SEARCH") && table.contains(found_by), "{table}\n{}", statements[0]);
    }
    // planted: without its index, the whole table is read
    let of_mail = statements(&portal, |conn| year_notices::causes(conn, MailId(1)));
    says(&mut conn, "DROP INDEX notices_about_years_of_mail").unwrap();
    assert!(steps(&mut conn, &of_mail[0]).iter().any(|step| step.starts_with("SCAN notices_about_years")));
}

#[test]
fn a_queue_without_its_index_and_one_in_another_order_are_noticed() {
    let (portal, people) = listened_to();
    let view =
        View { reviewer: people.reviewer.id, now: portal.clock.now(), filter: ReviewFilter::default() };
    let page = statements(&portal, |conn| review_queue::list(conn, &view, &Place::After(place()), 50));
    let mut conn = open(&portal);
    assert!(detours(&steps(&mut conn, &page[0]), AFTER).is_empty());
    says(&mut conn, "DROP INDEX activities_queue").unwrap();
    let wrong = detours(&steps(&mut conn, &page[0]), AFTER);
    assert!(wrong.iter().any(|step| step.contains("TEMP B-TREE")), "{wrong:?}");
    says(
        &mut conn,
        "CREATE INDEX activities_queue ON activities (queue_deadline, queue_rank, reported_at, id) \
         WHERE queue_rank IS NOT NULL",
    )
    .unwrap();
    assert!(!detours(&steps(&mut conn, &page[0]), AFTER).is_empty());
}

//! A page that lists things asks the database as often for fifty of them as for one.
//!
//! Statements are counted where they leave for SQLite, on the connections of the portal under test alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use cpe_portal::actions::accounts::invite_again;
use cpe_portal::actions::conversations::{ConversationOpening, ask};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::conversations::conversation::{About, ConversationKind};
use cpe_portal::store::accounts::Account;
use cpe_portal::store::activities::{self, corrections};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

use crate::support::{Browser, People, Rights, TestPortal, day};
use crate::timetable::body::behind_its_back;

/// What was asked, statement by statement.
type Asked = Arc<Mutex<Vec<String>>>;

/// Whose statements are counted, by the folder that the database is in.
static COUNTED: LazyLock<Mutex<BTreeMap<String, Asked>>> = LazyLock::new(Mutex::default);

/// Counts the statements of one connection, if its database is counted.
#[derive(Default)]
struct Counter(Option<Asked>);

impl Instrumentation for Counter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                let counted = COUNTED.lock().unwrap();
                self.0 = counted
                    .iter()
                    .find(|(folder, _)| url.starts_with(*folder))
                    .map(|(_, asked)| asked.clone());
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                let Some(asked) = &self.0 else { return };
                let statement = query.to_string();
                // a connection that is opened in between sets itself up
                if !statement.starts_with("PRAGMA") {
                    asked.lock().unwrap().push(statement);
                }
            }
            _ => {}
        }
    }
}

/// A portal whose statements are counted.
fn counted() -> (TestPortal, Asked) {
    set_default_instrumentation(|| Some(Box::new(Counter::default()))).unwrap();
    let asked = Asked::default();
    let watch =
        |folder: &Path| COUNTED.lock().unwrap().insert(folder.to_str().unwrap().to_owned(), asked.clone());
    let portal = TestPortal::with(|settings| {
        watch(settings.data.as_deref().unwrap());
    });
    (portal, asked)
}

/// What a page asks. It is opened once before, because some figures are worked out once and kept.
async fn asked_by(browser: &Browser, path: &str, asked: &Asked) -> (usize, Vec<String>) {
    browser.get(path).await.expect(200);
    asked.lock().unwrap().clear();
    let page = browser.get(path).await.expect(200);
    (page.html().len(), std::mem::take(&mut *asked.lock().unwrap()))
}

/// One more of everything: a holder at risk with a certificate, reports, a conversation, a request for a correction and mails; and the
/// same for `owner`, who has many.
fn grow(portal: &TestPortal, people: &People, place: usize) {
    let name = format!("Grown {place:02}");
    let holder = portal.holder(&format!("grown{place}@people.test"), &name);
    portal.certificate(&holder, "ISP", &format!("ISP-G{place}"), "2026-03-15");
    invite_again(portal, holder.id, people.administrator.as_reviewer()).unwrap();
    add_reports(portal, &holder, place);
    portal.certificate(&people.owner, "EHP", &format!("EHP-G{place}"), "2026-01-10");
    add_reports(portal, &people.owner, place);
    invite_again(portal, people.owner.id, people.administrator.as_reviewer()).unwrap();
}

fn add_reports(portal: &TestPortal, holder: &Account, place: usize) {
    let waiting = portal.submitted(holder, &format!("Waiting {place}"), "2026-05-02", 1);
    portal.activity(holder, ActivityStatus::Returned, &format!("Returned {place}"), "2026-05-03", 1);
    let decided =
        portal.activity(holder, ActivityStatus::Approved, &format!("Decided {place}"), "2026-05-04", 1);
    let opening = ConversationOpening {
        kind: ConversationKind::Question,
        about: About { activity: Some(waiting), ..About::default() },
        subject: "Does it count?",
        words: "Tell me, please.",
    };
    ask(portal, holder.as_holder(), &opening).unwrap();
    let now = portal.clock.now();
    let asks = portal.store.write(|conn| {
        let facts = activities::find(conn, decided)?.unwrap().facts;
        corrections::add(conn, (decided, 1, holder.id), &facts, "A slip.", now)
    });
    asks.unwrap();
}

/// Pages with lists, as an administrator reads them.
const STAFF: [&str; 26] = [
    "/staff",
    "/staff/review",
    "/staff/review?report=1",
    "/staff/review?show=returned",
    "/staff/holders",
    "/staff/advice",
    "/staff/advice?show=unowned",
    "/staff/corrections",
    "/staff/mail",
    "/staff/mail?which=stuck",
    "/staff/history",
    "/staff/deadlines",
    "/staff/flagged",
    "/staff/at-risk",
    "/staff/board",
    "/staff/board/years?figure=years-undecided",
    "/staff/board/reminders?figure=reminders-sent",
    "/staff/board/reports?year=2026",
    "/staff/board/appeals?year=2026",
    "/staff/search?q=grown",
    "/staff/search?q=waiting",
    "/admin/accounts",
    "/admin/certifications",
    "/admin/policies",
    "/admin/jobs",
    "/admin/held-flags",
];

/// Pages whose lists are not made longer here.
const KNOWN_TO_STAY: [&str; 10] = [
    "/staff",
    "/staff/board",
    "/staff/board/reminders?figure=reminders-sent",
    "/staff/board/reports?year=2026",
    "/staff/board/appeals?year=2026",
    "/admin/accounts",
    "/admin/certifications",
    "/admin/policies",
    "/admin/jobs",
    "/admin/held-flags",
];

/// The same, as a holder with much of everything reads them.
const HOLDER: [&str; 5] = ["/dashboard", "/activities", "/advice", "/transcript", "/account/mail"];

/// What each page asks on a day on which the years of `owner` are flagged, with the length of the page.
async fn measure(portal: &TestPortal, people: &People, asked: &Asked) -> Vec<(String, usize, Vec<String>)> {
    behind_its_back(portal, "UPDATE mails SET state = 'failed', last_error = 'no such mailbox'");
    behind_its_back(portal, "UPDATE activities SET returned_at = reported_at WHERE status = 'returned'");
    behind_its_back(
        portal,
        "UPDATE certification_years SET flagged_on = '2027-01-15' WHERE number = 1 AND certificate_id IN \
         (SELECT id FROM certificates WHERE number LIKE 'EHP-G%')",
    );
    portal.clock.set_local(day("2027-01-20"), 10);
    let administrator = portal.browser(&people.administrator).await;
    let owner = portal.browser(&people.owner).await;
    let about_owner = [
        format!("/staff/holders/{}", people.owner.id),
        format!("/staff/holders/{}?part=mails", people.owner.id),
        format!("/staff/mail?to={}", people.owner.id),
    ];
    let of_staff = STAFF.map(str::to_owned).into_iter().chain(about_owner).map(|path| (path, &administrator));
    let of_holder = HOLDER.map(|path| (path.to_owned(), &owner));
    let mut measured = Vec::new();
    for (path, browser) in of_staff.chain(of_holder) {
        let (bytes, statements) = asked_by(browser, &path, asked).await;
        measured.push((path, bytes, statements));
    }
    portal.clock.set_local(day("2026-11-23"), 10);
    measured
}

#[actix_web::test]
async fn lists_ask_as_often_for_fifty_rows_as_for_one() {
    let (portal, asked) = counted();
    let people = portal.people();
    grow(&portal, &people, 0);
    let before = measure(&portal, &people, &asked).await;
    for place in 1..50 {
        grow(&portal, &people, place);
    }
    let after = measure(&portal, &people, &asked).await;
    let mut wrong = Vec::new();
    for ((path, bytes, few), (_, more_bytes, many)) in before.iter().zip(&after) {
        if few.len() != many.len() || few.is_empty() {
            wrong.push(format!(
                "{path}: {} statements, then {}:\n{}",
                few.len(),
                many.len(),
                many.join("\n")
            ));
        }
        if !KNOWN_TO_STAY.contains(&path.as_str()) && *more_bytes < bytes + 1_000 {
            wrong.push(format!("{path}: {bytes} bytes, then {more_bytes}: the list did not grow"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[actix_web::test]
async fn a_statement_for_each_row_is_noticed() {
    let (portal, asked) = counted();
    let people = portal.people();
    let ask = |times: usize| {
        asked.lock().unwrap().clear();
        portal
            .store
            .read(|conn| {
                for _ in 0..times {
                    cpe_portal::store::accounts::find(conn, people.owner.id)?;
                }
                Ok::<_, cpe_portal::store::StoreError>(())
            })
            .unwrap();
        asked.lock().unwrap().iter().filter(|statement| statement.contains("accounts")).count()
    };
    assert_eq!((ask(1), ask(50)), (1, 50));
}

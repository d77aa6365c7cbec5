//! What the pages of the workbench say and offer: whose turn it is, who is told, what is sorted, and what colleagues keep to themselves.

use cpe_portal::actions::accounts::acquaintances::declare;
use cpe_portal::actions::reviews::assignments::{GivenAssignment, give};
use cpe_portal::actions::reviews::{Ticked, approve_all};
use cpe_portal::actions::staff_notes::{NoteAbout, write};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::history_event::HistoryEvent;
use cpe_portal::domain::ids::ActivityId;
use cpe_portal::domain::roles::Role;
use cpe_portal::store::certification::year_lists::{self, EndedKind, EndedSearch, ListedYear, YearPlace};
use cpe_portal::store::engine::paging::{Page, Place};
use cpe_portal::store::records::history::{self, Event};
use cpe_portal::store::{Conn, StoreError};

use crate::support::{Browser, Rights, TestPortal, day};
use crate::timetable::body::{behind_its_back, texts};

async fn turn(browser: &Browser, id: ActivityId) -> String {
    browser
        .get(&format!("/staff/activities/{id}"))
        .await
        .expect(200)
        .texts(".heading-actions .muted")
        .join("")
}

#[actix_web::test]
async fn the_page_of_a_report_says_truly_whose_turn_it_is_and_the_menu_how_much_is_yours() {
    let portal = TestPortal::new();
    let people = portal.people();
    let petra = portal.account("petra@people.test", "Petra Peer", Role::Reviewer);
    portal.certificate(&petra, "ISP", "ISP-P", "2026-03-15");
    let given = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let own = portal.submitted(&petra, "Of Petra", "2026-05-03", 3);
    let known = portal.submitted(&people.stranger, "Of Stan", "2026-05-03", 3);
    let colleague = petra.id.to_string();
    let wanted = GivenAssignment { colleague: &colleague, ..GivenAssignment::default() };
    give(&portal, people.reviewer.as_reviewer(), given, &wanted).unwrap();
    declare(&portal, people.reviewer.as_reviewer(), people.stranger.id, "").unwrap();
    let rita = portal.browser(&people.reviewer).await;
    let hers = portal.browser(&petra).await;
    assert_eq!(turn(&rita, given).await, "With Petra Peer, waiting since today.");
    assert_eq!(turn(&hers, given).await, "Your turn, since today.");
    assert_eq!(turn(&hers, own).await, "Yours: somebody else reviews it. Waiting since today.");
    assert_eq!(turn(&rita, own).await, "Your turn, since today.");
    assert_eq!(turn(&rita, known).await, "You know this holder: a colleague’s turn, since today.");
    let menu = hers.get("/staff").await.expect(200).text("nav a[href='/staff/review']");
    assert_eq!(menu, "Review 3 waiting · 1 yours");
    let menu = rita.get("/staff").await.expect(200).text("nav a[href='/staff/review']");
    assert_eq!(menu, "Review 3 waiting");
}

#[actix_web::test]
async fn several_approvals_leave_out_what_a_colleague_reads_and_the_message_names_who_is_told() {
    let portal = TestPortal::with(|settings| settings.undo_seconds = None);
    let people = portal.people();
    let names = ["Anna Berg", "Jan de Vries", "Kim Laan", "Lex Moor"];
    let ids: Vec<ActivityId> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let holder = portal.holder(&format!("h{at}@people.test"), name);
            portal.certificate(&holder, "ISP", &format!("ISP-{at}"), "2026-03-15");
            portal.submitted(&holder, "A seminar", "2026-05-02", 3)
        })
        .collect();
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;
    ada.get(&format!("/staff/activities/{}", ids[3])).await.expect(200);
    let ticks: Vec<String> = ids.iter().map(|id| format!("{id}:1")).collect();
    let read = [("report", ticks[3].as_str())];
    let page = rita.post("/staff/review", &read).await.expect(200);
    let words = "A seminar Lex Moor Ada Administrator is reading this report.";
    assert!(page.words().contains(words), "{}", page.words());
    let status = "SELECT status AS text FROM activities ORDER BY id DESC LIMIT 1";
    assert_eq!(texts(&portal, status), ["submitted"]);
    let done =
        approve_all(&portal, people.administrator.as_reviewer(), &[Ticked { activity: ids[3], version: 1 }]);
    assert_eq!(done.unwrap().approved.len(), 1, "who reads it approves it");

    let fields: Vec<(&str, &str)> = ticks[..3].iter().map(|tick| ("report", tick.as_str())).collect();
    let answer = rita.post("/staff/review", &fields).await.expect(303);
    let page = rita.follow(answer).await;
    let words = "Approved 3 reports of Anna Berg, Jan de Vries and 1 more. They are told in a minute. Undo";
    assert!(page.words().contains(words), "{}", page.words());
}

#[actix_web::test]
async fn the_order_in_force_is_named_with_a_way_back() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let rita = portal.browser(&people.reviewer).await;
    assert!(!rita.get("/staff/review?category=attending").await.expect(200).has(".order-line"));
    for (sort, words) in
        [("by-holder", "Sorted by holder."), ("-by-waiting", "Sorted by waiting, backwards.")]
    {
        let page = rita.get(&format!("/staff/review?category=attending&sort={sort}")).await.expect(200);
        assert!(page.text(".order-line").starts_with(words), "{}", page.text(".order-line"));
        assert_eq!(page.values(".order-line a", "href"), ["/staff/review?category=attending"]);
    }
}

#[actix_web::test]
async fn giving_a_note_and_knowing_a_holder_are_there_beside_the_list_and_lead_back_to_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    portal.submitted(&people.owner, "Another", "2026-05-03", 3);
    let rita = portal.browser(&people.reviewer).await;
    let here = format!("/staff/review?category=attending&report={id}");
    let page = rita.get(&here).await.expect(200);
    let action = |part: &str| page.values(&format!("#colleagues {part} form"), "action").remove(0);
    let (give, note, know) = (action("#give"), action("#notes"), action("#acquaintance"));
    let refused = rita.post(&note, &[("note", " ")]).await.expect(422);
    assert!(refused.has("[data-pane] #colleagues[open] #notes[open]"), "it is mended where it was typed");
    let refused = rita.post(&give, &[("colleague", "")]).await.expect(422);
    assert!(refused.has("[data-pane] #colleagues[open] #give[open]"));
    let done = rita.post(&note, &[("note", "Asked by telephone.")]).await.expect(303);
    assert_eq!(done.location(), Some(format!("{here}#notes")));
    let page = rita.get(&here).await.expect(200);
    let removal = page.values("#notes form[action*='removal']", "action").remove(0);
    assert_eq!(rita.post(&removal, &[]).await.expect(303).location(), Some(format!("{here}#notes")));
    let me = people.reviewer.id.to_string();
    let done = rita.post(&give, &[("colleague", me.as_str())]).await.expect(303);
    assert_eq!(done.location().as_deref(), Some(here.as_str()));
    let refused = rita.post(&know, &[]).await.expect(422);
    assert!(refused.has("[data-pane] #colleagues[open] #acquaintance[open] #known_sure"));
    let done = rita.post(&know, &[("known_sure", "1")]).await.expect(303);
    let list = "/staff/review?category=attending";
    assert_eq!(done.location().as_deref(), Some(list), "both are of the same holder");
    let page = rita.get(&here).await.expect(200);
    assert!(!page.has("#decide") && page.words().contains("You said that you know this holder."));
}

#[actix_web::test]
async fn older_notes_are_a_press_away() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    for note in 1..=120 {
        write(&portal, people.reviewer.as_reviewer(), NoteAbout::Report(id), &format!("Note {note}."))
            .unwrap();
    }
    let rita = portal.browser(&people.reviewer).await;
    for path in [format!("/staff/activities/{id}"), format!("/staff/holders/{}", people.owner.id)] {
        let (mut at, mut all) = (path.clone(), Vec::new());
        loop {
            let page = rita.get(&at).await.expect(200);
            all.extend(page.texts("#notes[open] .typed"));
            assert_eq!(page.has("#notes .pagination a[rel=prev]"), at != path, "{at}");
            let Some(older) = page.values("#notes .pagination a[rel=next]", "href").pop() else { break };
            at = older;
        }
        let wanted: Vec<String> = (1..=120).rev().map(|note| format!("Note {note}.")).collect();
        assert_eq!(all, wanted, "{path}");
    }
}

#[actix_web::test]
async fn who_is_staff_and_holds_a_certificate_reads_nothing_of_what_colleagues_keep_about_them() {
    let portal = TestPortal::new();
    let people = portal.people();
    let petra = portal.account("petra@people.test", "Petra Peer", Role::Reviewer);
    let report = portal.activity(&petra, ActivityStatus::Submitted, "Of Petra", "2026-05-03", 3);
    let now = portal.clock.now();
    // every event there is, about Petra and about somebody else
    for about in [petra.id, people.owner.id] {
        let all: Vec<Event> = HistoryEvent::ALL
            .into_iter()
            .map(|event| Event {
                holder: Some(about),
                ..Event::about_account(None, about, event, String::new())
            })
            .collect();
        portal.store.write(|conn| history::record_all(conn, &all, now)).unwrap();
    }
    write(&portal, people.reviewer.as_reviewer(), NoteAbout::Report(report), "A word.").unwrap();
    let kept: Vec<&str> = HistoryEvent::ALL
        .into_iter()
        .filter(|event| event.is_kept_from_subject())
        .map(|event| event.words().staff)
        .collect();
    assert_eq!(kept.len(), 4);
    let hers = portal.browser(&petra).await;
    let rita = portal.browser(&people.reviewer).await;
    let lists = |id| {
        [
            format!("/staff/history?holder={id}"),
            format!("/staff/history?holder={id}&q=Pe"),
            format!("/staff/holders/{id}?part=account"),
            format!("/staff/holders/{id}?part=reports"),
        ]
    };
    let reads = async |browser: &Browser, path: &str| {
        let mut words = String::new();
        let mut at = path.to_owned();
        loop {
            let page = browser.get(&at).await.expect(200);
            words += &page.words();
            let Some(older) = page.values("a[rel=next]", "href").pop() else { return words };
            at = older;
        }
    };
    for path in lists(petra.id) {
        let words = reads(&hers, &path).await;
        for event in &kept {
            assert!(!words.contains(event), "{path}: {event}");
        }
        if path.ends_with("account") {
            assert!(
                words.contains("role changed") && words.contains("password set"),
                "{path}: the rest is there"
            );
        }
    }
    let all = reads(&rita, &format!("/staff/history?holder={}", petra.id)).await;
    let others = reads(&hers, &format!("/staff/history?holder={}", people.owner.id)).await;
    for event in &kept {
        assert!(all.contains(event) && others.contains(event), "colleagues read it: {event}");
    }
}

#[actix_web::test]
async fn what_happened_to_a_holder_says_the_title_of_a_report_once() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar of note", "2026-05-02", 3);
    let now = portal.clock.now();
    let event = Event {
        holder: Some(people.owner.id),
        activity: Some(id),
        detail: "A seminar of note".to_owned(),
        ..Event::of(HistoryEvent::ActivitySubmitted)
    };
    portal.store.write(|conn| history::record(conn, &event, now)).unwrap();
    let rita = portal.browser(&people.reviewer).await;
    let page = rita.get(&format!("/staff/holders/{}?part=reports", people.owner.id)).await.expect(200);
    let lines = page.texts("#timeline ~ .timeline > li");
    let line = lines.iter().find(|line| line.contains("activity submitted")).unwrap();
    assert_eq!(line.matches("A seminar of note").count(), 1, "{line}");
}

#[actix_web::test]
async fn what_an_approval_leaves_to_go_is_said_with_and_without_what_waits() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let rita = portal.browser(&people.reviewer).await;
    let outcome = async || rita.get(&format!("/staff/activities/{id}")).await.expect(200).text(".outcomes");
    assert_eq!(outcome().await, "Gives 3, needs 20 → 17 to go");
    portal.submitted(&people.owner, "A course", "2026-05-04", 6);
    assert_eq!(outcome().await, "Gives 3, needs 20 → 17 to go, or 11 with the others that wait");
    for day in 5..9 {
        portal.submitted(&people.owner, &format!("Course {day}"), &format!("2026-05-0{day}"), 6);
    }
    assert_eq!(outcome().await, "Gives 3, needs 20 → 17 to go, or none with the others that wait");
}

/// Reads one of the lists from a place on.
type List = fn(
    &mut Conn<'_>,
    &Place<YearPlace>,
    i64,
) -> Result<(Page<ListedYear>, Vec<chrono::NaiveDate>), StoreError>;

#[test]
fn each_list_of_years_is_the_same_forwards_and_backwards_whatever_the_size_of_its_pages() {
    let portal = TestPortal::new();
    let people = portal.people();
    for at in 0..9 {
        // three and three share a day
        portal.certificate(&people.owner, "ISP", &format!("ISP-{at}"), &format!("2025-0{}-15", at / 3 + 1));
    }
    behind_its_back(
        &portal,
        "UPDATE certification_years SET flagged_on = date(deadline, '+1 day') WHERE outcome IS NULL",
    );
    let lists: [List; 3] = [
        |conn, place, size| {
            let page = year_lists::by_deadline(conn, day("2020-01-01"), day("2040-01-01"), place, size)?;
            let days = page.rows.iter().map(|row| row.deadline).collect();
            Ok((page, days))
        },
        |conn, place, size| {
            let page = year_lists::flagged(conn, place, size)?;
            let days = page.rows.iter().filter_map(|row| row.flagged_on).collect();
            Ok((page, days))
        },
        |conn, place, size| {
            let search = EndedSearch {
                from: day("2020-01-01"),
                to: day("2040-01-01"),
                which: EndedKind::Outcome(None),
                group: None,
            };
            let Page { rows, before, after } = year_lists::ended(conn, &search, place, size)?;
            let days = rows.iter().map(|row| row.ends_on).collect();
            Ok((Page { rows: rows.into_iter().map(|row| row.listed).collect(), before, after }, days))
        },
    ];
    for (number, list) in lists.into_iter().enumerate() {
        let read =
            |place: &Place<YearPlace>, size| portal.store.read(|conn| list(conn, place, size)).unwrap();
        let key = |row: &ListedYear, day| (day, row.certificate, row.number);
        let keys = |(page, days): &(Page<ListedYear>, Vec<chrono::NaiveDate>)| -> Vec<YearPlace> {
            page.rows.iter().zip(days).map(|(row, day)| key(row, *day)).collect()
        };
        let all = keys(&read(&Place::Start, 1000));
        assert!(all.len() >= 9 && all.is_sorted(), "list {number}: {all:?}");
        for size in [1, 2, 4] {
            let (mut found, mut place) = (Vec::new(), Place::Start);
            loop {
                let page = read(&place, size);
                let here = keys(&page);
                found.extend_from_slice(&here);
                match here.last() {
                    Some(last) if page.0.after => place = Place::After(*last),
                    _ => break,
                }
            }
            assert_eq!(found, all, "list {number} forwards by {size}");
            let mut backwards: Vec<YearPlace> = vec![*all.last().unwrap()];
            loop {
                let page = read(&Place::Before(backwards[0]), size);
                let here = keys(&page);
                let more = page.0.before;
                backwards.splice(0..0, here);
                if !more {
                    break;
                }
            }
            assert_eq!(backwards, all, "list {number} backwards by {size}");
        }
    }
}

//! Notes that only staff read: who writes, who reads, who takes them out, and that no holder ever sees one.

use std::collections::{BTreeSet, VecDeque};

use cpe_portal::actions::conversations::{ConversationOpening, ask};
use cpe_portal::actions::staff_notes::{NoteAbout, write};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::conversations::conversation::{About, ConversationKind};
use cpe_portal::domain::ids::{ActivityId, ConversationId};
use cpe_portal::domain::roles::Role;

use crate::support::{Browser, People, Rights, TestPortal};
use crate::timetable::body::{behind_its_back, texts};

/// Words that stand nowhere else.
const UNIQUE: &str = "heliotrope-quagga";

fn question(portal: &TestPortal, people: &People) -> ConversationId {
    let opening = ConversationOpening {
        kind: ConversationKind::Question,
        about: About::default(),
        subject: "Reading at work",
        words: "Does it count?",
    };
    ask(portal, people.owner.as_holder(), &opening).unwrap()
}

/// The addresses of the three pages that have notes.
fn pages(people: &People, report: ActivityId, talk: ConversationId) -> [String; 3] {
    [
        format!("/staff/activities/{report}"),
        format!("/staff/holders/{}", people.owner.id),
        format!("/staff/advice/{talk}"),
    ]
}

#[actix_web::test]
async fn a_note_stands_with_who_and_when_on_the_page_of_what_it_is_about_and_on_its_holders() {
    let portal = TestPortal::new();
    let people = portal.people();
    let report = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let talk = question(&portal, &people);
    let rita = portal.browser(&people.reviewer).await;
    let ada = portal.browser(&people.administrator).await;
    for (place, path) in pages(&people, report, talk).iter().enumerate() {
        let page = rita.get(path).await.expect(200);
        // the page of the holder has the one about the report already
        assert_eq!(page.has("#notes[open]"), place == 1, "{path}: folded while there is none");
        let words = format!("Note {place}\nof two lines");
        let done = rita.post(&format!("{path}/notes"), &[("note", words.as_str())]).await.expect(303);
        assert_eq!(done.location().as_deref(), Some(format!("{path}#notes").as_str()));
        let page = ada.get(path).await.expect(200);
        let shown = page.text("#notes[open] ol");
        assert!(shown.contains(&format!("Note {place} of two lines")), "{path}: {shown}");
        assert!(
            shown.contains("Rita Reviewer") && shown.contains("23 November 2026, 10:00"),
            "{path}: {shown}"
        );
    }
    let page = ada.get(&format!("/staff/holders/{}", people.owner.id)).await.expect(200);
    assert_eq!(page.texts("#notes .typed").len(), 3, "the page of the holder has all of them");
    let about = page.values("#notes .event-title a", "href");
    assert_eq!(about, [format!("/staff/advice/{talk}"), format!("/staff/activities/{report}")]);
    let events = texts(&portal, "SELECT detail AS text FROM history WHERE event = 'staff note written'");
    assert_eq!(events, ["", "", "about a conversation"], "the history never says what it says");
}

#[actix_web::test]
async fn a_note_that_cannot_be_kept_is_refused_beside_its_field_with_what_was_typed() {
    let portal = TestPortal::new();
    let people = portal.people();
    let report = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let talk = question(&portal, &people);
    let rita = portal.browser(&people.reviewer).await;
    let long = "é".repeat(4_001);
    for path in pages(&people, report, talk) {
        for (typed, problem) in [
            ("  ", "Write the note."),
            (long.as_str(), "Use at most 4 000 characters. There are 4 001 now."),
            ("a\u{7}b", "This contains characters that cannot be shown."),
        ] {
            let page = rita.post(&format!("{path}/notes"), &[("note", typed)]).await.expect(422);
            assert!(page.error("note").contains(problem), "{path}: {}", page.error("note"));
            assert_eq!(page.raw_texts("textarea[name=note]"), [typed], "{path}");
            assert!(page.has("#notes[open]"), "{path}");
        }
        let whole = "é".repeat(4_000);
        rita.post(&format!("{path}/notes"), &[("note", whole.as_str())]).await.expect(303);
    }
    assert_eq!(texts(&portal, "SELECT words AS text FROM staff_notes").len(), 3);
    let draft = portal.activity(&people.owner, ActivityStatus::Draft, "Draft", "2026-05-04", 1);
    rita.post(&format!("/staff/activities/{draft}/notes"), &[("note", "x")]).await.expect(404);
}

#[actix_web::test]
async fn its_author_and_an_administrator_take_the_words_out_and_nobody_else() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mara = portal.account("mara@people.test", "Mara Jong", Role::Reviewer);
    let report = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    for words in ["First", "Second"] {
        write(&portal, people.reviewer.as_reviewer(), NoteAbout::Report(report), words).unwrap();
    }
    let path = format!("/staff/activities/{report}");
    let hers = portal.browser(&mara).await;
    assert!(!hers.get(&path).await.expect(200).has("form[action*='/staff/notes/']"));
    hers.post("/staff/notes/1/removal", &[]).await.expect(404);
    let rita = portal.browser(&people.reviewer).await;
    rita.get(&path).await.expect(200);
    let done = rita.post("/staff/notes/1/removal", &[]).await.expect(303);
    let page = rita.follow(done).await.expect(200);
    assert_eq!(page.texts("#notes .event-words > p"), ["Second", "Removed."]);
    rita.post("/staff/notes/1/removal", &[]).await.expect(303);
    let ada = portal.browser(&people.administrator).await;
    ada.post("/staff/notes/2/removal", &[]).await.expect(303);
    let kept = texts(&portal, "SELECT words || removed_at AS text FROM staff_notes ORDER BY id");
    assert_eq!(kept, ["2026-11-23 09:00:00", "2026-11-23 09:00:00"]);
    let events = "SELECT p.name AS text FROM history h JOIN accounts p ON p.id = h.actor_id \
        WHERE h.event = 'staff note removed' ORDER BY h.id";
    assert_eq!(texts(&portal, events), ["Rita Reviewer", "Ada Administrator"], "once each");
}

/// Everything that somebody can reach from some pages, page by page.
async fn crawl(browser: &Browser, starts: &[&str]) -> Vec<(String, String)> {
    let mut queue: VecDeque<String> = starts.iter().map(|start| (*start).to_owned()).collect();
    let mut seen = BTreeSet::new();
    let mut pages = Vec::new();
    while let Some(path) = queue.pop_front() {
        if !seen.insert(path.clone()) || path.starts_with("/static") || seen.len() > 300 {
            continue;
        }
        let page = browser.get(&path).await;
        if page.is_html() {
            queue.extend(
                page.values("a[href^='/']", "href")
                    .into_iter()
                    .map(|href| href.split('#').next().unwrap_or_default().to_owned()),
            );
        }
        pages.push((path, page.html()));
    }
    pages
}

#[actix_web::test]
async fn no_page_of_its_holder_no_mail_and_no_public_page_ever_shows_a_note() {
    let portal = TestPortal::new();
    let people = portal.people();
    let report = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let talk = question(&portal, &people);
    let rita = portal.browser(&people.reviewer).await;
    for path in pages(&people, report, talk) {
        let note = format!("{UNIQUE} {path}");
        rita.post(&format!("{path}/notes"), &[("note", note.as_str())]).await.expect(303);
    }
    let fields = [("known_reason", UNIQUE), ("known_sure", "1")];
    rita.post(&format!("/staff/holders/{}/acquaintance", people.owner.id), &fields).await.expect(303);
    let found = |pages: &[(String, String)]| -> Vec<String> {
        pages.iter().filter(|(_, html)| html.contains(UNIQUE)).map(|(path, _)| path.clone()).collect()
    };
    // the crawl finds them where they stand
    let ada = portal.browser(&people.administrator).await;
    let staff = crawl(&ada, &["/staff/holders"]).await;
    assert!(found(&staff).len() >= 3, "{:?}", found(&staff));

    let olga = portal.browser(&people.owner).await;
    let hers = crawl(&olga, &["/dashboard", "/activities", "/advice", "/transcript", "/account"]).await;
    for reached in [format!("/activities/{report}"), format!("/advice/{talk}"), "/transcript.csv".to_owned()]
    {
        assert!(hers.iter().any(|(path, _)| *path == reached), "the crawl reaches {reached}");
    }
    assert_eq!(found(&hers), Vec::<String>::new());
    let nobody = portal.visitor().await;
    assert_eq!(
        found(&crawl(&nobody, &["/", "/verify?number=ISP-1001", "/guide"]).await),
        Vec::<String>::new()
    );
    let mails = texts(&portal, "SELECT subject || body_text || body_html AS text FROM mails");
    assert!(mails.iter().all(|mail| !mail.contains(UNIQUE)));

    // a holder who is staff, too, reads none about themselves
    behind_its_back(
        &portal,
        &format!("UPDATE accounts SET role = 'reviewer' WHERE id = {}", people.owner.id),
    );
    let olga = portal.browser(&people.owner).await;
    for path in pages(&people, report, talk) {
        let page = olga.get(&path).await.expect(200);
        assert!(!page.html().contains(UNIQUE) && !page.has("#notes"), "{path}");
        let page = olga.post(&format!("{path}/notes"), &[("note", "About me")]).await.expect(422);
        assert!(page.words().contains("about your own account"), "{path}: {}", page.words());
    }
    olga.post("/staff/notes/1/removal", &[]).await.expect(404);
    let about = format!("/staff/history?holder={}", people.owner.id);
    assert!(!olga.get(&about).await.expect(200).html().contains(UNIQUE));
}

#[actix_web::test]
async fn the_export_tells_what_was_noted_about_a_holder_and_nothing_that_was_taken_out() {
    let portal = TestPortal::new();
    let people = portal.people();
    let report = portal.submitted(&people.owner, "A seminar", "2026-05-02", 3);
    let talk = question(&portal, &people);
    let by = people.reviewer.as_reviewer();
    write(&portal, by, NoteAbout::Holder(people.owner.id), "=SUM(1) about the person").unwrap();
    write(&portal, by, NoteAbout::Report(report), "About the report").unwrap();
    write(&portal, by, NoteAbout::Conversation(talk), "About the talk").unwrap();
    write(&portal, by, NoteAbout::Report(report), "A slip").unwrap();
    let ada = portal.browser(&people.administrator).await;
    ada.post("/staff/notes/4/removal", &[]).await.expect(303);
    let page = ada.get("/admin/export").await.expect(200);
    assert!(page.values("td a", "href").contains(&"/admin/export/notes.csv".to_owned()));
    let file = ada.get("/admin/export/notes.csv").await.expect(200).html();
    let rows: Vec<String> = file
        .trim_start_matches('\u{feff}')
        .lines()
        .map(|row| row.trim_matches('"').replace("\",\"", "|"))
        .collect();
    let at = "2026-11-23T09:00:00Z|Rita Reviewer|owner@people.test";
    assert_eq!(
        rows,
        [
            "at|author|holder|activity|conversation|about|note".to_owned(),
            format!("{at}||||'=SUM(1) about the person"),
            format!("{at}|{report}||A seminar|About the report"),
            format!("{at}||{talk}|Reading at work|About the talk"),
        ]
    );
    let rita = portal.browser(&people.reviewer).await;
    rita.get("/admin/export/notes.csv").await.expect(404);
}

#[actix_web::test]
async fn an_export_keeps_from_an_administrator_what_colleagues_noted_about_them() {
    let portal = TestPortal::new();
    let people = portal.people();
    let admin = &people.administrator;
    portal.certificate(admin, "ISP", "ISP-A", "2026-03-15");
    let report = portal.submitted(admin, "A seminar", "2026-05-02", 3);
    let by = people.reviewer.as_reviewer();
    let other = portal.account("carl@people.test", "Carl Colleague", Role::Administrator);
    write(&portal, by, NoteAbout::Holder(admin.id), UNIQUE).unwrap();
    write(&portal, by, NoteAbout::Report(report), UNIQUE).unwrap();
    write(&portal, by, NoteAbout::Holder(people.owner.id), "About the owner").unwrap();
    cpe_portal::actions::accounts::acquaintances::declare(&portal, by, admin.id, "My sister").unwrap();

    let browser = portal.browser(admin).await;
    let notes = browser.get("/admin/export/notes.csv").await.expect(200).html();
    assert!(!notes.contains(UNIQUE), "{notes}");
    assert!(notes.contains("About the owner"), "{notes}");
    let kept = ["staff note written", "acquaintance declared"];
    let about_me = |file: &str, event: &str| {
        file.lines().any(|row| row.contains(event) && row.contains(admin.email.as_str()))
    };
    let history = browser.get("/admin/export/history.csv").await.expect(200).html();
    for event in kept {
        assert!(!about_me(&history, event), "{event}: {history}");
    }
    assert!(history.contains("staff note written"), "of others it is there: {history}");

    // a colleague's has all of it
    let browser = portal.browser(&other).await;
    let notes = browser.get("/admin/export/notes.csv").await.expect(200).html();
    assert_eq!(notes.matches(UNIQUE).count(), 2, "{notes}");
    let history = browser.get("/admin/export/history.csv").await.expect(200).html();
    for event in kept {
        assert!(about_me(&history, event), "{event}: {history}");
    }
}

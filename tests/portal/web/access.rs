//! Every route × {nobody, holder, other holder, reviewer, administrator}; and no form without its token.

use std::collections::BTreeSet;

use cpe_portal::actions::accounts;
use cpe_portal::actions::activities::form::Typed;
use cpe_portal::actions::badges::badge_sharing;
use cpe_portal::actions::conversations::inquiry::{self, GivenAnswer};
use cpe_portal::actions::conversations::{self, ConversationOpening};
use cpe_portal::actions::overview::calendar;
use cpe_portal::actions::staff_notes::{self, NoteAbout};
use cpe_portal::domain::conversations::conversation::{About, ConversationKind};
use cpe_portal::store::activities::evidence::{self, NewEvidence};
use cpe_portal::store::activities::{self, corrections};
use cpe_portal::web::http::assets;
use cpe_portal::web::routes;

use super::access_table::TABLE;
use crate::support::{Browser, Page, People, Rights, TestPortal};

/// A portal in which every address of the table stands for something of the owner's.
pub(super) struct Fixture {
    pub(super) portal: TestPortal,
    pub(super) people: People,
    names: Vec<(&'static str, String)>,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let portal = TestPortal::new();
        let people = portal.people();
        let activity = portal.submitted(&people.owner, "A conference", "2026-10-05", 3);
        let stored = portal.files.store(b"%PDF-1.4 proof").unwrap();
        let now = portal.clock.now();
        let evidence = portal
            .store
            .write(|conn| {
                let new = NewEvidence {
                    holder: people.owner.id,
                    activity: Some(activity),
                    sha256: &stored.sha256,
                    name: "proof.pdf",
                    media_type: "application/pdf",
                    bytes: 14,
                };
                evidence::add(conn, &new, now)
            })
            .unwrap();
        accounts::invite_again(&portal, people.stranger.id, people.administrator.as_reviewer()).unwrap();
        let opening = ConversationOpening {
            kind: ConversationKind::Question,
            about: About::default(),
            subject: "Reading at work",
            words: "Does it count?",
        };
        let conversation = conversations::ask(&portal, people.owner.as_holder(), &opening).unwrap();
        let typed = Typed {
            category: "attending".to_owned(),
            title: "A course".to_owned(),
            field: "it_security".to_owned(),
            ..Typed::default()
        };
        let question = inquiry::ask_beforehand(&portal, people.owner.as_holder(), &typed).unwrap();
        let given = GivenAnswer { verdict: "yes", ..GivenAnswer::default() };
        let reviewer = people.administrator.as_reviewer();
        inquiry::answer(&portal, reviewer, question, Some(1), &given).unwrap();
        let correction = portal
            .store
            .write(|conn| {
                let facts = activities::find(conn, activity)?.unwrap().facts;
                corrections::add(conn, (activity, 1, people.owner.id), &facts, "A slip.", now)
            })
            .unwrap();
        badge_sharing::share(&portal, people.owner.as_holder(), people.owner_certificate, true).unwrap();
        let note = NoteAbout::Report(activity);
        staff_notes::write(&portal, people.reviewer.as_reviewer(), note, "Ask for the programme.").unwrap();
        let one = |sql: &str| portal.texts(sql).remove(0);
        let names = vec![
            ("ACTIVITY", activity.to_string()),
            ("EVIDENCE", evidence.to_string()),
            ("CORRECTION", correction.to_string()),
            ("CERTIFICATE", people.owner_certificate.to_string()),
            ("OWNER", people.owner.id.to_string()),
            ("CONVERSATION", conversation.to_string()),
            ("CALENDAR", calendar::make(&portal, people.owner.actor()).unwrap().expose().to_owned()),
            ("QUESTION", question.to_string()),
            ("MAIL", one("SELECT id || '' AS text FROM mails")),
            (
                "BADGE",
                one(&format!(
                    "SELECT id AS text FROM badges WHERE certificate_id = {}",
                    people.owner_certificate
                )),
            ),
            ("NOTE", one("SELECT id || '' AS text FROM staff_notes")),
            ("TOKEN", "0".repeat(64)),
            ("STATIC", assets::url("app.css").to_owned()),
        ];
        Self { portal, people, names }
    }

    pub(super) fn address(&self, example: &str) -> String {
        let owner = self.people.owner.id;
        let session = self
            .portal
            .texts(&format!("SELECT id || '' AS text FROM sessions WHERE account_id = {owner} ORDER BY id"));
        let session = session.first().cloned().unwrap_or_else(|| "0".to_owned());
        let named = self.names.iter().fold(example.to_owned(), |text, (name, id)| text.replace(name, id));
        named.replace("SESSION", &session)
    }

    /// Nobody, the owner, the other holder, the reviewer, the administrator.
    pub(super) async fn browsers(&self) -> Vec<(&'static str, Browser)> {
        let People { owner, stranger, reviewer, administrator, .. } = &self.people;
        let nobody = self.portal.visitor().await;
        let signed_in = |who, account| {
            let browser = nobody.beside();
            self.portal.begin_session(&browser, account);
            (who, browser)
        };
        let mut browsers = vec![
            signed_in("owner", owner),
            signed_in("stranger", stranger),
            signed_in("reviewer", reviewer),
            signed_in("administrator", administrator),
        ];
        browsers.insert(0, ("nobody", nobody));
        browsers
    }
}

fn what_happened(page: &Page) -> char {
    match page.status.as_u16() {
        404 => '-',
        303 if page.location().is_some_and(|path| path.starts_with("/sign-in")) => '>',
        200 | 303 | 409 | 410 | 422 => '+',
        _ => '!',
    }
}

#[test]
fn the_table_lists_every_route_once_and_no_other() {
    let listed: BTreeSet<&str> = TABLE.iter().map(|row| row.0).collect();
    assert_eq!(listed.len(), TABLE.len(), "a route is listed twice");
    let lines: Vec<String> =
        routes().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let all: BTreeSet<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(all.len(), lines.len(), "a route is in the portal twice");
    let missing: Vec<_> = all.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&all).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "not in the table: {missing:?}; not in the portal: {gone:?}"
    );
}

#[test]
fn what_the_routes_command_says_is_what_the_table_expects() {
    for (line, _, expected) in TABLE {
        let route =
            routes().iter().find(|route| format!("{} {}", route.method, route.path) == *line).unwrap();
        let who = route.who_words();
        let says = |word: &str| who.split(',').any(|one| one == word || one == "public");
        let codes: Vec<char> = expected.chars().collect();
        assert_eq!(codes[0] == '+', route.is_public(), "{line}");
        for (place, word) in [(1, "holder"), (2, "holder"), (3, "reviewer"), (4, "administrator")] {
            assert!(codes[place] != '+' || says(word), "{line} serves a {word} and does not say so");
        }
        assert!(codes.iter().skip(1).any(|code| *code == '+'), "{line} serves nobody who could be signed in");
    }
}

/// Whatever a row gives to somebody other than the table says.
async fn differences(
    fixture: &Fixture,
    browsers: &[(&'static str, Browser)],
    (line, example, expected): &(&str, &str, &str),
) -> Vec<String> {
    let mut wrong = Vec::new();
    for ((who, browser), code) in browsers.iter().zip(expected.chars()) {
        let address = fixture.address(example);
        let page = match line.starts_with("GET") {
            true => browser.get(&address).await,
            false => browser.post(&address, &[]).await,
        };
        if what_happened(&page) != code {
            wrong.push(format!("{who}: {line} gives {} instead of {code}", page.status));
        }
    }
    wrong
}

#[actix_web::test]
async fn every_page_serves_whom_it_should_and_nobody_else() {
    let fixture = Fixture::new();
    let browsers = fixture.browsers().await;
    let mut wrong = Vec::new();
    for row in TABLE.iter().filter(|(line, ..)| line.starts_with("GET")) {
        wrong.extend(differences(&fixture, &browsers, row).await);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[actix_web::test]
async fn every_form_serves_whom_it_should_and_nobody_else() {
    let mut wrong = Vec::new();
    for row in TABLE.iter().filter(|(line, ..)| line.starts_with("POST")) {
        // what one person changes must not decide about the next row
        let fixture = Fixture::new();
        let browsers = fixture.browsers().await;
        wrong.extend(differences(&fixture, &browsers, row).await);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[actix_web::test]
async fn every_form_without_its_token_is_refused_and_changes_nothing() {
    let fixture = Fixture::new();
    let browsers = fixture.browsers().await;
    // the reviewer's own token, which is nobody else's
    let foreign = browsers[3].1.token().await;
    let evidence = |fixture: &Fixture| fixture.portal.files.list().unwrap();
    let (before, files) = (fixture.portal.dump(), evidence(&fixture));
    for (line, example, expected) in TABLE.iter().filter(|(line, ..)| line.starts_with("POST")) {
        let address = fixture.address(example);
        for ((who, browser), code) in browsers.iter().zip(expected.chars()) {
            if code != '+' {
                continue;
            }
            browser.post_bare(&address, &[]).await.expect(403);
            browser.post_bare(&address, &[("csrf_token", "")]).await.expect(403);
            browser.post_bare(&address, &[("csrf_token", &"0".repeat(256))]).await.expect(403);
            if *who != "reviewer" {
                browser.post_bare(&address, &[("csrf_token", &foreign)]).await.expect(403);
            }
            let page =
                browser.post_files_bare(&address, &[], &[("evidence", "a.pdf", b"%PDF-1.4 planted")]).await;
            assert!(matches!(page.status.as_u16(), 403 | 415), "{who}: {line} gives {}", page.status);
        }
    }
    assert_eq!(fixture.portal.dump(), before);
    assert_eq!(evidence(&fixture), files, "no file was kept");
}

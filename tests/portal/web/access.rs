//! Every route × {nobody, holder, other holder, reviewer, administrator}; and no form without its token.

use std::collections::BTreeSet;

use cpe_portal::actions::accounts;
use cpe_portal::actions::advice::{self, Opening};
use cpe_portal::actions::badge_sharing;
use cpe_portal::actions::calendar;
use cpe_portal::actions::questions::{self, GivenAnswer};
use cpe_portal::actions::report_form::Typed;
use cpe_portal::domain::conversation::{About, ConversationKind};
use cpe_portal::domain::roles::Actor;
use cpe_portal::store::evidence::{self, NewEvidence};
use cpe_portal::store::{activities, corrections};
use cpe_portal::web::{assets, routes};

use crate::support::{Browser, Page, People, TestPortal};

/// Method and pattern as `cpe-portal routes` prints them, an address that stands for it, and what happens to nobody,
/// the owner, another holder, a reviewer and an administrator: `+` is served, `-` finds no page, `>` has to sign in.
const TABLE: &[(&str, &str, &str)] = &[
    // public
    ("GET /", "/", "+++++"),
    ("GET /sign-in", "/sign-in", "+++++"),
    ("POST /sign-in", "/sign-in", "+++++"),
    ("POST /sign-out", "/sign-out", ">++++"),
    ("GET /password-reset", "/password-reset", "+++++"),
    ("POST /password-reset", "/password-reset", "+++++"),
    ("GET /password-reset/{token}", "/password-reset/TOKEN", "+++++"),
    ("POST /password-reset/{token}", "/password-reset/TOKEN", "+++++"),
    ("GET /invitation/{token}", "/invitation/TOKEN", "+++++"),
    ("POST /invitation/{token}", "/invitation/TOKEN", "+++++"),
    ("GET /account", "/account", ">++++"),
    ("GET /account/mail", "/account/mail", ">++++"),
    ("POST /account/address", "/account/address", ">++++"),
    ("POST /account/password", "/account/password", ">++++"),
    ("POST /account/sessions/{id}/removal", "/account/sessions/SESSION/removal", ">+---"),
    ("POST /account/calendar", "/account/calendar", ">++++"),
    ("POST /account/calendar/removal", "/account/calendar/removal", ">++++"),
    ("GET /calendar/{token}.ics", "/calendar/CALENDAR.ics", "+++++"),
    ("GET /guide", "/guide", "+++++"),
    ("GET /precedents", "/precedents", ">++++"),
    ("GET /verify", "/verify?number=ISP-1001", "+++++"),
    ("POST /verify", "/verify", "+++++"),
    ("GET /badges/{id}.json", "/badges/BADGE.json", "+++++"),
    ("GET /badges/{id}.png", "/badges/BADGE.png", "+++++"),
    ("GET /badges/{id}.svg", "/badges/BADGE.svg", "+++++"),
    ("GET /badges/{id}/qr.svg", "/badges/BADGE/qr.svg", "+++++"),
    ("GET /badges/{id}", "/badges/BADGE", "+++++"),
    ("GET /status/{number}", "/status/1", "+++++"),
    ("GET /.well-known/did.json", "/.well-known/did.json", "+++++"),
    ("GET /achievements/{code}", "/achievements/ISP", "+++++"),
    ("GET /achievements/{code}/image.png", "/achievements/ISP/image.png", "+++++"),
    ("GET /ob2/issuer", "/ob2/issuer", "+++++"),
    ("GET /ob2/badges/{code}", "/ob2/badges/ISP", "+++++"),
    ("GET /ob2/assertions/{id}", "/ob2/assertions/BADGE", "+++++"),
    ("GET /healthz", "/healthz", "+++++"),
    ("GET /readyz", "/readyz", "+++++"),
    ("GET /static/{name}", "STATIC", "+++++"),
    // holders
    ("GET /dashboard", "/dashboard", ">++--"),
    ("GET /activities", "/activities", ">++--"),
    ("GET /activities/new", "/activities/new", ">++--"),
    ("POST /activities", "/activities", ">++--"),
    ("POST /activities/preview", "/activities/preview", ">++--"),
    ("POST /activities/drafts", "/activities/drafts", ">++--"),
    ("GET /activities/{id}", "/activities/ACTIVITY", ">+---"),
    ("POST /activities/{id}", "/activities/ACTIVITY", ">+---"),
    ("GET /activities/{id}/edit", "/activities/ACTIVITY/edit", ">+---"),
    ("POST /activities/{id}/submission", "/activities/ACTIVITY/submission", ">+---"),
    ("GET /activities/{id}/correction", "/activities/ACTIVITY/correction", ">+---"),
    ("POST /activities/{id}/correction", "/activities/ACTIVITY/correction", ">+---"),
    ("GET /activities/{id}/versions", "/activities/ACTIVITY/versions", ">+---"),
    ("GET /activities/{id}/withdrawal", "/activities/ACTIVITY/withdrawal", ">+---"),
    ("POST /activities/{id}/withdrawal", "/activities/ACTIVITY/withdrawal", ">+---"),
    ("GET /evidence/{id}", "/evidence/EVIDENCE", ">+-++"),
    ("GET /evidence/{id}/view", "/evidence/EVIDENCE/view", ">+-++"),
    ("POST /evidence/{id}/removal", "/evidence/EVIDENCE/removal", ">+---"),
    ("GET /certificates/{id}", "/certificates/CERTIFICATE", ">+---"),
    ("GET /certificates/{id}/certificate.pdf", "/certificates/CERTIFICATE/certificate.pdf", ">+---"),
    ("POST /certificates/{id}/sharing", "/certificates/CERTIFICATE/sharing", ">+---"),
    ("GET /transcript", "/transcript", ">++--"),
    ("GET /transcript.csv", "/transcript.csv", ">++--"),
    ("GET /advice", "/advice", ">++--"),
    ("POST /advice", "/advice", ">++--"),
    ("GET /advice/new", "/advice/new", ">++--"),
    ("GET /advice/question", "/advice/question", ">++--"),
    ("POST /advice/question", "/advice/question", ">++--"),
    ("GET /advice/{id}", "/advice/CONVERSATION", ">+---"),
    ("POST /advice/{id}/messages", "/advice/CONVERSATION/messages", ">+---"),
    ("POST /advice/{id}/closing", "/advice/CONVERSATION/closing", ">+---"),
    // staff
    ("GET /staff", "/staff", ">--++"),
    ("GET /staff/advice", "/staff/advice", ">--++"),
    ("GET /staff/advice/{id}", "/staff/advice/CONVERSATION", ">--++"),
    ("POST /staff/advice/{id}/messages", "/staff/advice/CONVERSATION/messages", ">--++"),
    ("POST /staff/advice/{id}/owner", "/staff/advice/CONVERSATION/owner", ">--++"),
    ("POST /staff/advice/{id}/closing", "/staff/advice/CONVERSATION/closing", ">--++"),
    ("POST /staff/advice/{id}/reopening", "/staff/advice/CONVERSATION/reopening", ">--++"),
    ("POST /staff/advice/{id}/answer", "/staff/advice/QUESTION/answer", ">--++"),
    ("POST /staff/advice/{id}/answer/removal", "/staff/advice/QUESTION/answer/removal", ">--++"),
    ("POST /staff/advice/{id}/outcome", "/staff/advice/CONVERSATION/outcome", ">---+"),
    ("GET /staff/canned-answers", "/staff/canned-answers", ">--++"),
    ("POST /staff/canned-answers", "/staff/canned-answers", ">---+"),
    ("GET /staff/canned-answers/new", "/staff/canned-answers/new", ">---+"),
    ("GET /staff/canned-answers/{id}", "/staff/canned-answers/1", ">--++"),
    ("POST /staff/canned-answers/{id}", "/staff/canned-answers/1", ">--++"),
    ("POST /staff/canned-answers/{id}/removal", "/staff/canned-answers/1/removal", ">---+"),
    ("GET /staff/activities/{id}", "/staff/activities/ACTIVITY", ">--++"),
    ("POST /staff/activities/{id}/return/removal", "/staff/activities/ACTIVITY/return/removal", ">--++"),
    ("POST /staff/activities/{id}/review/removal", "/staff/activities/ACTIVITY/review/removal", ">--++"),
    ("POST /staff/activities/{id}/claim", "/staff/activities/ACTIVITY/claim", ">--++"),
    ("GET /staff/activities/{id}/next", "/staff/activities/ACTIVITY/next", ">--++"),
    ("GET /staff/activities/{id}/previous", "/staff/activities/ACTIVITY/previous", ">--++"),
    ("POST /staff/activities/{id}/release", "/staff/activities/ACTIVITY/release", ">--++"),
    ("GET /staff/activities/{id}/same-event", "/staff/activities/ACTIVITY/same-event", ">--++"),
    ("POST /staff/activities/{id}/same-event", "/staff/activities/ACTIVITY/same-event", ">--++"),
    ("POST /staff/activities/{id}/review", "/staff/activities/ACTIVITY/review", ">--++"),
    ("GET /staff/at-risk", "/staff/at-risk", ">--++"),
    ("GET /staff/at-risk/letter", "/staff/at-risk/letter?everybody=1", ">--++"),
    ("POST /staff/at-risk/letter", "/staff/at-risk/letter", ">--++"),
    ("GET /staff/certificates/{id}", "/staff/certificates/CERTIFICATE", ">--++"),
    (
        "GET /staff/certificates/{id}/certificate.pdf",
        "/staff/certificates/CERTIFICATE/certificate.pdf",
        ">--++",
    ),
    (
        "GET /staff/certificates/{id}/decertification",
        "/staff/certificates/CERTIFICATE/decertification?year=1",
        ">---+",
    ),
    (
        "POST /staff/certificates/{id}/decertification",
        "/staff/certificates/CERTIFICATE/decertification",
        ">---+",
    ),
    ("GET /staff/certificates/{id}/extension", "/staff/certificates/CERTIFICATE/extension?year=1", ">---+"),
    ("POST /staff/certificates/{id}/extension", "/staff/certificates/CERTIFICATE/extension", ">---+"),
    (
        "GET /staff/certificates/{id}/reinstatement",
        "/staff/certificates/CERTIFICATE/reinstatement?year=1",
        ">---+",
    ),
    ("POST /staff/certificates/{id}/reinstatement", "/staff/certificates/CERTIFICATE/reinstatement", ">---+"),
    ("GET /staff/certificates/{id}/waiver", "/staff/certificates/CERTIFICATE/waiver?year=1", ">---+"),
    ("POST /staff/certificates/{id}/waiver", "/staff/certificates/CERTIFICATE/waiver", ">---+"),
    ("GET /staff/activities/{id}/versions", "/staff/activities/ACTIVITY/versions", ">--++"),
    ("GET /staff/corrections", "/staff/corrections", ">--++"),
    ("GET /staff/corrections/{id}", "/staff/corrections/CORRECTION", ">--++"),
    ("POST /staff/corrections/{id}", "/staff/corrections/CORRECTION", ">--++"),
    ("GET /staff/deadlines", "/staff/deadlines", ">--++"),
    ("GET /staff/flagged", "/staff/flagged", ">--++"),
    ("GET /staff/history", "/staff/history", ">--++"),
    ("GET /staff/holders", "/staff/holders", ">--++"),
    ("POST /staff/holders", "/staff/holders", ">---+"),
    ("GET /staff/holders/new", "/staff/holders/new", ">---+"),
    ("POST /staff/holders/invitations", "/staff/holders/invitations", ">---+"),
    ("GET /staff/holders/{id}", "/staff/holders/OWNER", ">--++"),
    ("POST /staff/holders/{id}", "/staff/holders/OWNER", ">---+"),
    ("GET /staff/holders/{id}/edit", "/staff/holders/OWNER/edit", ">---+"),
    ("GET /staff/holders/{id}/advice", "/staff/holders/OWNER/advice", ">--++"),
    ("POST /staff/holders/{id}/advice", "/staff/holders/OWNER/advice", ">--++"),
    ("GET /staff/holders/{id}/certificates", "/staff/holders/OWNER/certificates", ">---+"),
    ("POST /staff/holders/{id}/certificates", "/staff/holders/OWNER/certificates", ">---+"),
    ("POST /staff/holders/{id}/invitation", "/staff/holders/OWNER/invitation", ">--++"),
    ("GET /staff/mail", "/staff/mail", ">--++"),
    ("GET /staff/mail/hold", "/staff/mail/hold", ">--++"),
    ("POST /staff/mail/hold", "/staff/mail/hold", ">---+"),
    ("GET /staff/mail/{id}", "/staff/mail/MAIL", ">--++"),
    ("POST /staff/mail/{id}/arrival", "/staff/mail/MAIL/arrival", ">--++"),
    ("POST /staff/mail/{id}/dispatch", "/staff/mail/MAIL/dispatch", ">--++"),
    ("POST /staff/mail/{id}/return", "/staff/mail/MAIL/return", ">--++"),
    ("POST /staff/mail/{id}/return/removal", "/staff/mail/MAIL/return/removal", ">--++"),
    ("GET /staff/prepared-words", "/staff/prepared-words", ">--++"),
    ("POST /staff/prepared-words", "/staff/prepared-words", ">--++"),
    ("GET /staff/review", "/staff/review", ">--++"),
    ("POST /staff/review", "/staff/review", ">--++"),
    ("GET /staff/search", "/staff/search?q=owner", ">--++"),
    ("GET /staff/search/suggestions", "/staff/search/suggestions?q=owner", ">--++"),
    // administration
    ("GET /admin/setup", "/admin/setup", ">---+"),
    ("POST /admin/setup/mail", "/admin/setup/mail", ">---+"),
    ("POST /admin/setup/dismissal", "/admin/setup/dismissal", ">---+"),
    ("GET /admin/accounts", "/admin/accounts", ">---+"),
    ("POST /admin/accounts", "/admin/accounts", ">---+"),
    ("GET /admin/accounts/new", "/admin/accounts/new", ">---+"),
    ("GET /admin/accounts/{id}", "/admin/accounts/OWNER", ">---+"),
    ("POST /admin/accounts/{id}/role", "/admin/accounts/OWNER/role", ">---+"),
    ("POST /admin/accounts/{id}/invitation", "/admin/accounts/OWNER/invitation", ">---+"),
    ("POST /admin/accounts/{id}/deactivation", "/admin/accounts/OWNER/deactivation", ">---+"),
    ("POST /admin/accounts/{id}/reactivation", "/admin/accounts/OWNER/reactivation", ">---+"),
    ("GET /admin/certifications", "/admin/certifications", ">---+"),
    ("POST /admin/certifications", "/admin/certifications", ">---+"),
    ("GET /admin/certifications/new", "/admin/certifications/new", ">---+"),
    ("GET /admin/certifications/{id}", "/admin/certifications/1", ">---+"),
    ("POST /admin/certifications/{id}", "/admin/certifications/1", ">---+"),
    ("POST /admin/fields", "/admin/fields", ">---+"),
    ("GET /admin/fields/new", "/admin/fields/new", ">---+"),
    ("GET /admin/fields/{id}", "/admin/fields/1", ">---+"),
    ("POST /admin/fields/{id}", "/admin/fields/1", ">---+"),
    ("GET /admin/check", "/admin/check", ">---+"),
    ("POST /admin/check", "/admin/check", ">---+"),
    ("GET /admin/export", "/admin/export", ">---+"),
    ("GET /admin/export/{file}", "/admin/export/holders.csv", ">---+"),
    ("GET /admin/import", "/admin/import", ">---+"),
    ("POST /admin/import", "/admin/import", ">---+"),
    ("GET /admin/held-flags", "/admin/held-flags", ">---+"),
    ("POST /admin/held-flags/confirmation", "/admin/held-flags/confirmation", ">---+"),
    ("GET /admin/jobs", "/admin/jobs", ">---+"),
    ("GET /admin/jobs/deadlines/rehearsal", "/admin/jobs/deadlines/rehearsal", ">---+"),
    ("GET /admin/jobs/{name}", "/admin/jobs/housekeeping", ">---+"),
    ("POST /admin/jobs/{name}", "/admin/jobs/housekeeping", ">---+"),
    ("GET /admin/policies", "/admin/policies", ">---+"),
    ("POST /admin/policies", "/admin/policies", ">---+"),
    ("GET /admin/policies/new", "/admin/policies/new", ">---+"),
    ("POST /admin/policies/{id}/removal", "/admin/policies/1/removal", ">---+"),
];

/// A portal in which every address of the table stands for something of the owner's.
struct Fixture {
    portal: TestPortal,
    people: People,
    names: Vec<(&'static str, String)>,
}

impl Fixture {
    fn new() -> Self {
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
        accounts::invite_again(&portal, people.stranger.id, people.administrator.id).unwrap();
        let opening = Opening {
            kind: ConversationKind::Question,
            about: About::default(),
            subject: "Reading at work",
            words: "Does it count?",
        };
        let conversation = advice::ask(&portal, people.owner.id, &opening).unwrap();
        let typed = Typed {
            category: "attending".to_owned(),
            title: "A course".to_owned(),
            field: "it_security".to_owned(),
            ..Typed::default()
        };
        let question = questions::ask_beforehand(&portal, people.owner.id, &typed).unwrap();
        let given = GivenAnswer { verdict: "yes", ..GivenAnswer::default() };
        let reviewer = Actor { id: people.administrator.id, role: people.administrator.role };
        questions::answer(&portal, reviewer, question, Some(1), &given).unwrap();
        let correction = portal
            .store
            .write(|conn| {
                let facts = activities::find(conn, activity)?.unwrap().facts;
                corrections::add(conn, (activity, 1, people.owner.id), &facts, "A slip.", now)
            })
            .unwrap();
        badge_sharing::share(&portal, people.owner.id, people.owner_certificate, true).unwrap();
        let one = |sql: &str| portal.texts(sql).remove(0);
        let names = vec![
            ("ACTIVITY", activity.to_string()),
            ("EVIDENCE", evidence.to_string()),
            ("CORRECTION", correction.to_string()),
            ("CERTIFICATE", people.owner_certificate.to_string()),
            ("OWNER", people.owner.id.to_string()),
            ("CONVERSATION", conversation.to_string()),
            ("CALENDAR", calendar::make(&portal, people.owner.id).unwrap().expose().to_owned()),
            ("QUESTION", question.to_string()),
            ("MAIL", one("SELECT id || '' AS text FROM mails")),
            (
                "BADGE",
                one(&format!(
                    "SELECT id AS text FROM badges WHERE certificate_id = {}",
                    people.owner_certificate
                )),
            ),
            ("TOKEN", "0".repeat(64)),
            ("STATIC", assets::url("app.css").to_owned()),
        ];
        Self { portal, people, names }
    }

    fn address(&self, example: &str) -> String {
        let owner = self.people.owner.id;
        let session = self
            .portal
            .texts(&format!("SELECT id || '' AS text FROM sessions WHERE account_id = {owner} ORDER BY id"));
        let session = session.first().cloned().unwrap_or_else(|| "0".to_owned());
        let named = self.names.iter().fold(example.to_owned(), |text, (name, id)| text.replace(name, id));
        named.replace("SESSION", &session)
    }

    /// Nobody, the owner, the other holder, the reviewer, the administrator.
    async fn browsers(&self) -> Vec<(&'static str, Browser)> {
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

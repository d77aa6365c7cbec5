//! Where somebody is signed in: told apart, ended one by one or all at once, and kept on a device for a holder who asks for it.

use chrono::TimeDelta;
use cpe_portal::actions::accounts;
use cpe_portal::actions::accounts::account_closing::Closing;
use cpe_portal::actions::accounts::sessions as account_sessions;
use cpe_portal::domain::roles::Role;
use cpe_portal::store::accounts::sessions::{self as stored_sessions, KEPT_DAYS};

use super::*;

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

/// Signs somebody in with the tick; gives what came back, too.
async fn kept(portal: &TestPortal, email: &str) -> (Browser, Page) {
    let browser = portal.visitor().await;
    let fields = [("email", email), ("password", PASSWORD), ("keep", "1")];
    let page = browser.post("/sign-in", &fields).await.expect(303);
    (browser, page)
}

/// The line with which the session's cookie was set.
fn cookie(page: &Page) -> String {
    let lines = page.headers.get_all("set-cookie").map(|line| line.to_str().unwrap().to_owned());
    lines.filter(|line| line.starts_with("session=")).collect::<Vec<_>>().remove(0)
}

/// A session of somebody on a device of this name.
fn begin(portal: &TestPortal, browser: &Browser, account: &Account, device: &str) {
    let now = portal.clock.now();
    let token = portal.store.write(|conn| account_sessions::begin(conn, account.id, device, now)).unwrap();
    browser.set_cookie("session", token.expose());
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/account").await.status == 200
}

#[actix_web::test]
async fn a_holder_who_asks_for_it_stays_signed_in_for_thirty_days_and_not_a_moment_longer() {
    let portal = TestPortal::new();
    olga(&portal);
    let (browser, page) = kept(&portal, "olga@people.test").await;
    let set = cookie(&page);
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(set.contains(part), "{set}");
    }
    let page = browser.get("/account").await.expect(200);
    assert!(page.text("tbody tr").contains("Signed in until 23 December 2026"), "{}", page.words());
    // through nights and weekends, used or not
    for days in [1, 5, 6, 10, 7] {
        portal.clock.advance(TimeDelta::days(days));
        assert!(is_signed_in(&browser).await, "after {days} days more");
    }
    portal.clock.advance(TimeDelta::days(1) - TimeDelta::seconds(1));
    assert!(is_signed_in(&browser).await, "use moves nothing: the end is fixed");
    portal.clock.advance(TimeDelta::seconds(1));
    assert!(!is_signed_in(&browser).await);
    assert_eq!(KEPT_DAYS, 30);
}

#[actix_web::test]
async fn without_the_tick_the_cookie_ends_with_the_browser_and_the_session_with_the_day() {
    let portal = TestPortal::new();
    olga(&portal);
    for keep in ["", "0", "no"] {
        let browser = portal.visitor().await;
        let fields = [("email", "olga@people.test"), ("password", PASSWORD), ("keep", keep)];
        let page = browser.post("/sign-in", &fields).await.expect(303);
        assert!(!cookie(&page).contains("Max-Age"), "{keep:?}");
        portal.clock.advance(TimeDelta::hours(2));
        assert!(!is_signed_in(&browser).await, "{keep:?}");
    }
}

#[actix_web::test]
async fn the_tick_stands_again_after_a_wrong_password_and_says_what_it_does() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    let page = browser.get("/sign-in").await.expect(200);
    assert!(page.has("#keep[type=checkbox]") && !page.has("#keep[checked]"));
    assert!(page.text("#keep-hint").contains("30 days"), "{}", page.words());
    let fields = [("email", "olga@people.test"), ("password", "wrong"), ("keep", "1")];
    assert!(browser.post("/sign-in", &fields).await.expect(422).has("#keep[checked]"));
}

#[actix_web::test]
async fn staff_are_never_kept_signed_in_whatever_is_sent() {
    let portal = TestPortal::new();
    for (email, role) in [("r@people.test", Role::Reviewer), ("a@people.test", Role::Administrator)] {
        let account = portal.account(email, "A Colleague", role);
        portal.set_password(&account, PASSWORD);
        // a certificate of one's own changes nothing
        portal.certificate(&account, "ISP", &format!("ISP-{email}"), "2026-03-15");
        let (browser, page) = kept(&portal, email).await;
        assert!(!cookie(&page).contains("Max-Age"), "{email}");
        let page = browser.get("/account").await.expect(200);
        assert!(page.text("[role=status]").contains("do not stay signed in"), "{}", page.words());
        assert!(!page.words().contains("Signed in until") && !page.words().contains("30 days"));
        portal.clock.advance(TimeDelta::hours(2));
        assert!(!is_signed_in(&browser).await, "{email}");
    }
    assert!(portal.texts("SELECT kept_until AS text FROM sessions WHERE kept_until IS NOT NULL").is_empty());
}

#[actix_web::test]
async fn a_kept_session_ends_with_another_role_another_password_and_a_closed_account() {
    let portal = TestPortal::new();
    let people = portal.people();
    let by = people.administrator.as_administrator();
    let olga = olga(&portal);
    let version = || portal.find_account(olga.id).version;

    let (browser, _) = kept(&portal, &olga.email).await;
    accounts::change_role(&portal, olga.id, version(), Role::Reviewer, by).unwrap();
    assert!(!is_signed_in(&browser).await);
    accounts::change_role(&portal, olga.id, version(), Role::Holder, by).unwrap();
    assert!(!is_signed_in(&browser).await, "and does not come back with the role");

    // nor is one in force that would somehow be left to somebody who is staff
    let (browser, _) = kept(&portal, &olga.email).await;
    crate::timetable::body::behind_its_back(
        &portal,
        &format!("UPDATE accounts SET role = 'reviewer' WHERE id = {}", olga.id),
    );
    assert!(!is_signed_in(&browser).await);
    crate::timetable::body::behind_its_back(
        &portal,
        &format!("UPDATE accounts SET role = 'holder' WHERE id = {}", olga.id),
    );

    let (here, _) = kept(&portal, &olga.email).await;
    let (there, _) = kept(&portal, &olga.email).await;
    here.get("/account").await.expect(200);
    let change =
        [("current_password", PASSWORD), ("password", OTHER_PASSWORD), ("password_again", OTHER_PASSWORD)];
    here.post("/account/password", &change).await.expect(303);
    assert!(is_signed_in(&here).await && !is_signed_in(&there).await);

    accounts::deactivate(&portal, olga.id, version(), by, &Closing::default()).unwrap();
    assert!(!is_signed_in(&here).await);
}

#[actix_web::test]
async fn devices_are_told_apart_by_plain_words_and_first_and_last_use() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let phone = portal.visitor().await;
    begin(&portal, &phone, &olga, SAFARI);
    portal.clock.advance(TimeDelta::minutes(50));
    phone.get("/account").await.expect(200);
    let here = phone.beside();
    begin(&portal, &here, &olga, FIREFOX);
    let page = here.get("/account").await.expect(200);
    assert_eq!(
        page.texts("tbody tr"),
        [
            "Firefox on Windows23 November 2026, 10:5023 November 2026, 10:50 This device",
            "Safari on iPhone23 November 2026, 10:0023 November 2026, 10:50 \
             Sign out on Safari on iPhone, first used 23 November 2026, 10:00",
        ]
    );
    assert_eq!(page.values("tbody td[data-label]", "data-label")[..2], ["First used", "Last used"]);
}

#[actix_web::test]
async fn what_a_program_calls_itself_is_never_shown_and_never_kept_whole() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let browser = portal.visitor().await;
    begin(&portal, &browser, &olga, "");
    let long = format!("<script>alert(1)</script>\u{7}{}", "é".repeat(5_000));
    begin(&portal, &browser, &olga, &long);
    let page = browser.get("/account").await.expect(200);
    assert_eq!(page.texts("tbody th"), ["Another program", "Another program"]);
    assert!(!page.html().contains("alert(1)"));
    assert_eq!(
        portal.texts("SELECT MAX(LENGTH(browser)) || '' AS text FROM sessions"),
        ["200"],
        "in characters"
    );
}

#[actix_web::test]
async fn a_device_that_is_signed_out_stays_so_also_for_whoever_copied_its_cookie() {
    let portal = TestPortal::new();
    olga(&portal);
    let (lost, _) = kept(&portal, "olga@people.test").await;
    let copy = lost.cookie("session").unwrap();
    let (here, _) = kept(&portal, "olga@people.test").await;
    let page = here.get("/account").await.expect(200);
    let removal = page.values("form[action$='/removal'][action*='/sessions/1']", "action").remove(0);
    let page = here.post(&removal, &[]).await.expect(303);
    assert!(here.follow(page).await.text("[role=status]").contains("signed out"));
    assert!(!is_signed_in(&lost).await);
    let thief = portal.visitor().await;
    thief.set_cookie("session", &copy);
    assert!(!is_signed_in(&thief).await);
    assert!(is_signed_in(&here).await);
    here.post(&removal, &[]).await.expect(404);
}

#[actix_web::test]
async fn every_other_device_is_signed_out_at_once_and_nobody_elses() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let stan = portal.browser(&portal.holder("stan@people.test", "Stan Stranger")).await;
    let (here, _) = kept(&portal, "olga@people.test").await;
    let page = here.get("/account").await.expect(200);
    assert!(!page.has("form[action='/account/sessions/removal']"), "there is nothing else to sign out of");
    let (phone, _) = kept(&portal, "olga@people.test").await;
    let office = portal.browser(&olga).await;
    assert!(here.get("/account").await.has("form[action='/account/sessions/removal']"));
    let page = here.post("/account/sessions/removal", &[]).await.expect(303);
    let page = here.follow(page).await.expect(200);
    assert!(page.text("[role=status]").contains("signed out everywhere else"), "{}", page.words());
    assert_eq!(page.texts("tbody tr").len(), 1);
    assert!(!is_signed_in(&phone).await && !is_signed_in(&office).await);
    assert!(is_signed_in(&here).await && is_signed_in(&stan).await);
    let page = here.post("/account/sessions/removal", &[]).await.expect(303);
    assert!(here.follow(page).await.text("[role=status]").contains("nowhere else"));
}

#[actix_web::test]
async fn a_cookie_that_was_changed_opens_nothing() {
    let portal = TestPortal::new();
    olga(&portal);
    let (browser, _) = kept(&portal, "olga@people.test").await;
    let whole = browser.cookie("session").unwrap();
    let other = if whole.starts_with('0') { "1" } else { "0" };
    for changed in [
        format!("{other}{}", &whole[1..]),
        whole[..63].to_owned(),
        format!("{whole}0"),
        whole.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A"),
        String::new(),
    ] {
        let thief = portal.visitor().await;
        thief.set_cookie("session", &changed);
        assert!(!is_signed_in(&thief).await, "{changed}");
    }
    assert!(is_signed_in(&browser).await);
}

#[actix_web::test]
async fn pages_in_a_row_write_the_use_of_a_session_once_in_some_minutes() {
    let portal = TestPortal::new();
    let browser = portal.browser(&olga(&portal)).await;
    let seen = || portal.texts("SELECT seen_at AS text FROM sessions").remove(0);
    let begun = seen();
    for _ in 0..5 {
        portal.clock.advance(TimeDelta::seconds(30));
        browser.get("/account").await.expect(200);
    }
    assert_eq!(seen(), begun, "two and a half minutes of pages write nothing");
    portal.clock.advance(TimeDelta::seconds(30));
    browser.get("/account").await.expect(200);
    assert_ne!(seen(), begun);
}

#[actix_web::test]
async fn what_has_ended_is_cleared_away_and_what_is_kept_is_not() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let (browser, _) = kept(&portal, "olga@people.test").await;
    portal.browser(&olga).await;
    let left = |days: i64| {
        portal.clock.advance(TimeDelta::days(days));
        let now = portal.clock.now();
        portal.store.write(|conn| stored_sessions::clear_ended(conn, now)).unwrap();
        portal.texts("SELECT 'x' AS text FROM sessions").len()
    };
    assert_eq!(left(0), 2);
    assert_eq!(left(1), 1);
    assert!(is_signed_in(&browser).await);
    assert_eq!(left(29), 0);
}

#[actix_web::test]
async fn a_form_of_a_kept_session_is_sent_as_usual_days_later_and_kept_when_it_comes_too_late() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.set_password(&people.owner, PASSWORD);
    let (browser, _) = kept(&portal, &people.owner.email).await;
    browser.get("/advice/new").await.expect(200);
    portal.clock.advance(TimeDelta::days(3));
    let page =
        browser.post("/advice", &[("subject", "A book"), ("words", "Does it count?")]).await.expect(303);
    assert!(page.location().unwrap().starts_with("/advice/"), "{:?}", page.location());
    browser.get("/advice/new").await.expect(200);
    portal.clock.advance(TimeDelta::days(28));
    let page =
        browser.post("/advice", &[("subject", "A talk"), ("words", "Does it, too?")]).await.expect(303);
    assert!(page.location().unwrap().starts_with("/sign-in"), "{:?}", page.location());
    browser.follow(page).await.expect(200);
    let page = sign_in(&browser, &people.owner.email, PASSWORD).await.expect(303);
    let page = browser.follow(page).await.expect(200);
    assert_eq!(page.values("#subject", "value"), ["A talk"]);
}

#[test]
fn the_use_of_a_session_that_would_end_soon_is_noted_though_somebody_writes_at_that_moment() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let now = portal.clock.now();
    let token = portal.store.write(|conn| account_sessions::begin(conn, olga.id, FIREFOX, now)).unwrap();
    let seen = || portal.texts("SELECT seen_at AS text FROM sessions").remove(0);
    let begun = seen();
    let uses = || {
        while_somebody_writes(&portal, || {
            assert!(account_sessions::current(&portal, &token).unwrap().is_some());
        });
        seen()
    };
    portal.clock.advance(TimeDelta::minutes(59));
    assert_eq!(uses(), begun, "there is time for that");
    portal.clock.advance(TimeDelta::minutes(2));
    assert_ne!(uses(), begun);
}

//! An address that only takes a form is a page nowhere. Whoever opens it all the same, because the page that answered the form is reloaded or
//! a tab is restored, is led to the page on which the form stands, and never told "405".

use std::collections::{BTreeMap, BTreeSet};

use actix_web::test::TestRequest;
use cpe_portal::web::routes;

use super::access::Fixture;
use super::access_table::TABLE;
use crate::support::{Browser, Page};

/// Each form without a page at its address, and where it stands. What stands in the path of both is the same thing.
const STANDS_ON: &[(&str, &str)] = &[
    ("/sign-out", "/"),
    ("/account/address", "/account"),
    ("/account/lists", "/account"),
    ("/account/password", "/account"),
    ("/account/sessions/removal", "/account"),
    ("/account/sessions/{id}/removal", "/account"),
    ("/account/calendar", "/account"),
    ("/account/calendar/removal", "/account"),
    ("/activities/preview", "/activities/new"),
    ("/activities/drafts", "/activities/new"),
    ("/activities/drafts/evidence", "/activities/new"),
    ("/evidence", "/activities/new"),
    ("/activities/{id}/answer", "/activities/{id}"),
    ("/activities/{id}/submission", "/activities/{id}"),
    ("/evidence/{id}/removal", "/activities"),
    ("/certificates/{id}/sharing", "/certificates/{id}"),
    ("/advice/{id}/messages", "/advice/{id}"),
    ("/advice/{id}/closing", "/advice/{id}"),
    ("/staff/advice/{id}/messages", "/staff/advice/{id}"),
    ("/staff/advice/{id}/notes", "/staff/advice/{id}"),
    ("/staff/advice/{id}/owner", "/staff/advice/{id}"),
    ("/staff/advice/{id}/closing", "/staff/advice/{id}"),
    ("/staff/advice/{id}/reopening", "/staff/advice/{id}"),
    ("/staff/advice/{id}/answer", "/staff/advice/{id}"),
    ("/staff/advice/{id}/answer/removal", "/staff/advice/{id}"),
    ("/staff/advice/{id}/outcome", "/staff/advice/{id}"),
    ("/staff/canned-answers/{id}/removal", "/staff/canned-answers/{id}"),
    ("/staff/activities/{id}/assignment", "/staff/activities/{id}"),
    ("/staff/activities/{id}/assignment/removal", "/staff/activities/{id}"),
    ("/staff/activities/{id}/notes", "/staff/activities/{id}"),
    ("/staff/holders/{id}/acquaintance", "/staff/holders/{id}"),
    ("/staff/holders/{id}/acquaintance/removal", "/staff/holders/{id}"),
    ("/staff/holders/{id}/notes", "/staff/holders/{id}"),
    ("/staff/notes/{id}/removal", "/staff/holders"),
    ("/staff/activities/{id}/claim", "/staff/activities/{id}"),
    ("/staff/activities/{id}/release", "/staff/activities/{id}"),
    ("/staff/activities/{id}/return/removal", "/staff/activities/{id}"),
    ("/staff/activities/{id}/review/removal", "/staff/activities/{id}"),
    ("/staff/activities/{id}/review", "/staff/activities/{id}"),
    ("/staff/review/verdicts/{range}/removal", "/staff/review"),
    ("/staff/holders/invitations", "/staff/holders"),
    ("/staff/holders/{id}/invitation", "/staff/holders/{id}"),
    ("/staff/mail/{id}/arrival", "/staff/mail/{id}"),
    ("/staff/mail/{id}/dispatch", "/staff/mail/{id}"),
    ("/staff/mail/{id}/return", "/staff/mail/{id}"),
    ("/staff/mail/{id}/return/removal", "/staff/mail/{id}"),
    ("/admin/setup/mail", "/admin/setup"),
    ("/admin/setup/dismissal", "/admin/setup"),
    ("/admin/accounts/{id}/role", "/admin/accounts/{id}"),
    ("/admin/accounts/{id}/invitation", "/admin/accounts/{id}"),
    ("/admin/accounts/{id}/deactivation", "/admin/accounts/{id}"),
    ("/admin/accounts/{id}/reactivation", "/admin/accounts/{id}"),
    ("/admin/fields", "/admin/certifications"),
    ("/admin/held-flags/confirmation", "/admin/held-flags"),
    ("/admin/policies/{id}/removal", "/admin/policies"),
];

/// The paths of the table that take a form and show no page.
fn lone_forms() -> BTreeSet<&'static str> {
    let paths = |method: &str| -> BTreeSet<&'static str> {
        routes().iter().filter(|route| route.method == method).map(|route| route.path).collect()
    };
    paths("POST").difference(&paths("GET")).copied().collect()
}

async fn head(browser: &Browser, path: &str) -> Page {
    browser.send(path, TestRequest::with_uri(path).method("HEAD".parse().unwrap())).await
}

#[test]
fn the_list_names_every_form_without_a_page_once_and_each_leads_to_a_page_for_the_same_people() {
    let listed: BTreeMap<&str, &str> = STANDS_ON.iter().copied().collect();
    assert_eq!(listed.len(), STANDS_ON.len(), "one is listed twice");
    assert_eq!(listed.keys().copied().collect::<BTreeSet<_>>(), lone_forms());
    for (form, page) in STANDS_ON {
        let form = routes().iter().find(|route| route.method == "POST" && route.path == *form).unwrap();
        let page = routes().iter().find(|route| route.method == "GET" && route.path == *page).unwrap();
        let admits = |word: &str| page.who_words().split(',').any(|who| who == word || who == "public");
        for who in form.who_words().split(',') {
            assert!(admits(who), "{who} may send {} and not see {}", form.path, page.path);
        }
    }
}

#[actix_web::test]
async fn whoever_opens_the_address_of_a_form_is_led_to_its_page_and_nobody_else_is() {
    let fixture = Fixture::new();
    let browsers = fixture.browsers().await;
    let pages: BTreeMap<&str, &str> = STANDS_ON.iter().copied().collect();
    let mut led = 0;
    for (line, example, expected) in TABLE {
        let Some(page) = line.strip_prefix("POST ").and_then(|path| pages.get(path)) else { continue };
        let address = fixture.address(example);
        let parts: Vec<&str> = address.split('/').take(page.split('/').count()).collect();
        let of_one_thing = page.contains('{');
        let page = if of_one_thing { parts.join("/") } else { (*page).to_owned() };
        for ((who, browser), code) in browsers.iter().zip(expected.chars()) {
            let answer = browser.get(&address).await;
            let told = format!("{who}: GET {address} gives {} {:?}", answer.status, answer.location());
            assert_ne!(answer.status, 405, "{told}");
            let location = answer.location();
            match code {
                '>' => assert!(location.is_some_and(|path| path.starts_with("/sign-in?next=")), "{told}"),
                // somebody else's, or gone: the page says so, as it would say of anything
                '-' if answer.status == 303 => {
                    assert_eq!(location.as_deref(), Some(page.as_str()), "{told}");
                    browser.get(&page).await.expect(if of_one_thing { 404 } else { 200 });
                }
                '-' => assert_eq!(answer.status, 404, "{told}"),
                _ => {
                    assert_eq!(
                        (answer.status.as_u16(), location.as_deref()),
                        (303, Some(page.as_str())),
                        "{told}"
                    );
                    let shown = browser.get(&page).await;
                    let shown = browser.follow(shown).await;
                    assert!(matches!(shown.status.as_u16(), 200 | 404), "{told}, then {}", shown.status);
                    led += 1;
                }
            }
            assert_eq!(head(browser, &address).await.status, 405, "{who}: HEAD {address}");
        }
    }
    assert!(led >= STANDS_ON.len(), "{led} were led on");
}

#[actix_web::test]
async fn a_method_that_nothing_answers_is_still_refused_and_told_what_is() {
    let fixture = Fixture::new();
    let browser = fixture.portal.browser(&fixture.people.administrator).await;
    for (line, example, _) in TABLE {
        let address = fixture.address(example);
        let answer = browser.send(&address, TestRequest::delete()).await;
        assert_eq!(answer.status, 405, "DELETE at {line}");
        let allowed = answer.header("allow").unwrap();
        let path = line.split_once(' ').unwrap().1;
        let takes_forms = routes().iter().any(|route| route.method == "POST" && route.path == path);
        assert_eq!(allowed.contains("POST"), takes_forms, "{line}: {allowed}");
        assert!(allowed.contains("GET"), "every address answers a browser: {line}: {allowed}");
        assert_eq!(allowed.contains("HEAD"), !lone_forms().contains(path), "{line}: {allowed}");
    }
}

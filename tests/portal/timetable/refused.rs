//! A mail that the mail server refuses because of its address is told like one that came back, and seen wherever failures are.

use std::ops::ControlFlow;

use chrono::TimeDelta;
use cpe_portal::domain::roles::Role;
use cpe_portal::jobs::TIMETABLE;
use cpe_portal::jobs::delivery::deliver;
use cpe_portal::jobs::manual_run::run_now;

use super::body::{behind_its_back, texts};
use super::delivery::{with_server, write};
use super::server::Step;
use crate::support::TestPortal;

#[actix_web::test]
async fn a_refused_address_is_asked_about_on_the_dashboard_and_the_task_ends_with_nothing_to_be_done() {
    let (portal, ann, _server) = with_server(vec![Step::Recipient(550), Step::LoseAnswer]);
    portal.certificate(&ann, "ISP", "ISP-1", "2026-03-15");
    write(&portal, &ann, &["reminder", "approved"]);
    let mail = TIMETABLE.iter().find(|job| job.name.code() == "mail").unwrap();
    let report = run_now(&portal, mail).unwrap();
    assert!(!report.complete, "a run with a failed mail is not as it should be");

    let ready = portal.visitor().await.get("/readyz").await.expect(200).html();
    assert!(ready.contains("look mail: none waiting, 1 failed for good, 1 uncertain"), "{ready}");
    let browser = portal.browser(&ann).await;
    let page = browser.get("/dashboard").await.expect(200);
    assert!(
        page.words().contains("An email to you came backIt went to ann@people.test."),
        "{}",
        page.words()
    );
    browser.post("/account/address", &[]).await.expect(303);

    let rob = portal.account("rob@people.test", "Rob", Role::Reviewer);
    let staff = portal.browser(&rob).await;
    assert!(staff.get("/staff/mail?which=returned").await.expect(200).has("a[href='/staff/mail/1']"));
    let page = staff.get("/staff/mail/1").await.expect(200);
    let words = page.words();
    assert!(
        words.contains("The mail server refused it") && words.contains("the address ann@people.test"),
        "{words}"
    );
    assert!(words.contains("Ann says that the address is right"), "{words}");
    staff.post("/staff/mail/1/return/removal", &[]).await.expect(303);
    staff.post("/staff/mail/2/arrival", &[]).await.expect(303);
    let ready = portal.visitor().await.get("/readyz").await.expect(200).html();
    assert!(ready.contains("ok   mail: none waiting\n"), "{ready}");
    staff.get("/staff/mail/1").await.expect(200);
}

#[actix_web::test]
async fn a_refused_mail_is_sent_again_and_refused_again() {
    let (portal, ann, _server) = with_server(vec![Step::Recipient(550), Step::Recipient(550)]);
    write(&portal, &ann, &["reminder"]);
    let rob = portal.account("rob@people.test", "Rob", Role::Reviewer);
    let staff = portal.browser(&rob).await;
    for _ in 0..2 {
        assert_eq!(deliver(&portal, &mut || ControlFlow::Continue(())).unwrap().failed, 1);
        let ready = portal.visitor().await.get("/readyz").await.expect(200).html();
        assert!(ready.contains("1 failed for good"), "{ready}");
        staff.post("/staff/mail/1/dispatch", &[]).await.expect(303);
    }
    assert_eq!(deliver(&portal, &mut || ControlFlow::Continue(())).unwrap().sent, 1);
    let bounces =
        texts(&portal, "SELECT resolution || coalesce(noted_by, '') AS text FROM bounces ORDER BY id");
    assert_eq!(bounces, ["sent_again", "sent_again"]);
}

#[actix_web::test]
async fn the_set_up_page_tells_an_uncertain_test_mail_truthfully() {
    let (portal, _ann, _server) = with_server(vec![Step::LoseAnswer]);
    let ada = portal.account("ada@people.test", "Ada", Role::Administrator);
    let browser = portal.browser(&ada).await;
    browser.post("/admin/setup/mail", &[]).await.expect(303);
    let words = browser.get("/admin/setup").await.expect(200).words();
    assert!(words.contains("Uncertain") && words.contains("It may or may not have arrived"), "{words}");
    assert!(!words.contains("It failed"), "{words}");
}

#[actix_web::test]
async fn a_mail_of_which_nothing_can_be_made_fails_after_the_usual_attempts_and_stops_no_other() {
    let portal = TestPortal::new();
    let ann = portal.holder("ann@people.test", "Ann");
    write(&portal, &ann, &["reminder", "approved"]);
    // no message has a date beyond the year 9999: the library that writes it panics
    behind_its_back(&portal, "UPDATE mails SET created_at = '+12000-01-01 00:00:00' WHERE id = 1");
    let deliver_now = || deliver(&portal, &mut || ControlFlow::Continue(())).unwrap();
    let first = deliver_now();
    assert_eq!((first.sent, first.postponed), (1, 1));
    let states = || texts(&portal, "SELECT state || ' ' || attempts AS text FROM mails ORDER BY id");
    assert_eq!(states(), ["pending 1", "sent 1"]);
    for _ in 0..73 {
        portal.clock.advance(TimeDelta::hours(1));
        assert_eq!(deliver_now().postponed, 1);
    }
    portal.clock.advance(TimeDelta::hours(1));
    assert_eq!(deliver_now().failed, 1);
    assert_eq!(states(), ["failed 75", "sent 1"]);
    let rob = portal.account("rob@people.test", "Rob", Role::Reviewer);
    let page = portal.browser(&rob).await.get("/staff/mail/1").await.expect(200);
    assert!(page.words().contains("The portal failed while it made this email"), "{}", page.words());
}

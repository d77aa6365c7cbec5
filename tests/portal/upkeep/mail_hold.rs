//! A restored portal mails nothing before an administrator has said what becomes of what waits.

use std::fs;
use std::ops::ControlFlow;

use cpe_portal::clock::Clock;
use cpe_portal::config::PasswordCost;
use cpe_portal::domain::roles::Role;
use cpe_portal::jobs::delivery::{Delivered, deliver};
use cpe_portal::mail::Mailer;
use cpe_portal::portal::Portal;
use cpe_portal::store::accounts;
use cpe_portal::store::mail::mail_holds;
use cpe_portal::upkeep::backup::backup;

use super::backup::put_back;
use super::{check, to_the_end};
use crate::support::TestPortal;
use crate::timetable::body::{behind_its_back, practitioner, run_on, texts};

fn deliver_all(portal: &Portal) -> Delivered {
    deliver(portal, &mut || ControlFlow::Continue(())).unwrap()
}

/// A portal with a reminder in the outbox, lost after that reminder was sent, and put back from the backup of before.
fn put_back_one() -> TestPortal {
    let lost = TestPortal::new();
    practitioner(&lost, "Ann", "2025-12-20");
    lost.account("admin@portal.test", "Ada", Role::Administrator);
    lost.account("reviewer@portal.test", "Rob", Role::Reviewer);
    run_on(&lost, "2026-11-23");
    assert_eq!(texts(&lost, "SELECT kind AS text FROM mails WHERE state = 'pending'"), ["reminder"]);
    let file = lost.folder.path().join("backup.zip");
    backup(&lost, &file, &mut to_the_end).unwrap();
    assert_eq!(deliver_all(&lost).sent, 1, "the lost portal sent it");

    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    put_back(&file, &data).unwrap();
    let mut config = (*lost.config).clone();
    config.data.clone_from(&data);
    config.backups = data.join("backups");
    config.password_cost = PasswordCost::Cheap;
    let clock = Clock::manual(config.time_zone, lost.clock.now());
    let mailer = Mailer::memory(config.mail_from.clone());
    let mut portal = Portal::open(config, clock).unwrap();
    portal.mailer = mailer;
    TestPortal { portal, folder, database: None }
}

fn who(portal: &TestPortal, email: &str) -> accounts::Account {
    let id: i64 = texts(portal, &format!("SELECT id || '' AS text FROM accounts WHERE email = '{email}'"))[0]
        .parse()
        .unwrap();
    portal.find_account(cpe_portal::domain::ids::AccountId(id))
}

#[actix_web::test]
async fn after_a_restore_nothing_leaves_until_an_administrator_has_decided_and_nothing_is_sent_twice() {
    let portal = put_back_one();
    assert!(portal.store.read(mail_holds::in_force).unwrap().is_some());
    assert_eq!(deliver_all(&portal), Delivered::default());
    // what the portal writes since waits, too
    run_on(&portal, "2026-12-06");
    portal.clock.advance(chrono::TimeDelta::days(2));
    assert_eq!(deliver_all(&portal), Delivered::default());
    assert_eq!(portal.delivered().len(), 0);
    let waiting = texts(&portal, "SELECT kind || ' ' || state AS text FROM mails ORDER BY id");
    assert_eq!(waiting, ["reminder pending", "reminder pending"]);

    let reviewer = portal.browser(&who(&portal, "reviewer@portal.test")).await;
    for page in ["/staff", "/staff/review", "/staff/mail", "/account"] {
        assert!(reviewer.get(page).await.expect(200).words().contains("Mail is held"), "{page}");
    }
    let page = reviewer.get("/staff/mail/hold").await.expect(200);
    assert!(page.words().contains("An administrator has to decide") && !page.has("input[name=discard]"));
    reviewer.post("/staff/mail/hold", &[("seen", "99")]).await.expect(404);
    let holder = portal.browser(&who(&portal, "ann@people.test")).await;
    assert!(!holder.get("/dashboard").await.expect(200).words().contains("Mail is held"));

    let admin = portal.browser(&who(&portal, "admin@portal.test")).await;
    let page = admin.get("/staff/mail/hold").await.expect(200);
    assert_eq!(page.values("input[name=discard]", "value"), ["backup.reminder", "since.reminder"]);
    assert_eq!(page.values("input[name=discard][checked]", "value"), ["backup.reminder"]);
    assert!(page.words().contains("2 emails are waiting"), "{}", page.words());
    admin.post("/staff/mail/hold", &[("seen", "x")]).await.expect(422);
    admin.post("/staff/mail/hold", &[("seen", "9"), ("discard", "other.reminder")]).await.expect(400);
    let seen = page.values("input[name=seen]", "value").remove(0);
    // one more is written while the administrator reads: nobody has seen it, so it is not discarded
    behind_its_back(
        &portal,
        "INSERT INTO mails (account_id, kind, to_name, to_address, subject, body_text, body_html, message_id, state, attempts, \
         next_attempt_at, created_at, updated_at) SELECT account_id, kind, to_name, to_address, subject, body_text, body_html, replace(message_id, '@', 'x@'), \
         state, attempts, next_attempt_at, created_at, updated_at FROM mails WHERE id = 2",
    );
    let decided = [("seen", seen.as_str()), ("discard", "backup.reminder"), ("discard", "since.reminder")];
    admin.post("/staff/mail/hold", &decided).await.expect(303);
    admin.post("/staff/mail/hold", &decided).await.expect(409);
    assert!(!admin.get("/staff").await.expect(200).words().contains("Mail is held"));
    assert!(portal.store.read(mail_holds::in_force).unwrap().is_none());
    assert_eq!(deliver_all(&portal).sent, 1);
    let states = texts(
        &portal,
        "SELECT state || ' ' || (id IN (SELECT mail_id FROM discarded_mails)) AS text FROM mails ORDER BY id",
    );
    assert_eq!(states, ["failed 1", "failed 1", "sent 0"]);

    // they say why, are no task, and can be sent after all
    assert!(!admin.get("/staff").await.expect(200).words().contains("is stuck"));
    let log = admin.get("/staff/mail").await.expect(200);
    assert!(log.words().contains("Not sent"), "{}", log.words());
    let page = admin.get("/staff/mail/1").await.expect(200);
    assert!(page.words().contains("may have been sent since that was made"), "{}", page.words());
    admin.post("/staff/mail/1/dispatch", &[]).await.expect(303);
    assert_eq!(deliver_all(&portal).sent, 1);
    assert!(admin.get("/staff/history").await.expect(200).words().contains("held email released"));
    // the one that was written by hand belongs to no stage
    behind_its_back(&portal, "UPDATE mails SET kind = 'approved' WHERE id = 3");
    let broken: Vec<_> = check(&portal).into_iter().filter(|found| !found.problems.is_empty()).collect();
    assert_eq!(broken, []);
}

#[actix_web::test]
async fn what_an_administrator_lets_go_is_sent_once() {
    let portal = put_back_one();
    let admin = portal.browser(&who(&portal, "admin@portal.test")).await;
    let page = admin.get("/staff/mail/hold").await.expect(200);
    let seen = page.values("input[name=seen]", "value").remove(0);
    admin.post("/staff/mail/hold", &[("seen", seen.as_str())]).await.expect(303);
    assert!(
        admin.get("/staff/mail").await.expect(200).words().contains("1 email on the way, 0 emails not sent")
    );
    assert_eq!((deliver_all(&portal).sent, deliver_all(&portal).sent), (1, 0));
    let page = admin.get("/staff/mail/hold").await.expect(200);
    assert!(page.words().contains("Mail is not held"), "{}", page.words());
}

#[test]
fn mails_that_were_on_their_way_when_the_backup_was_made_are_uncertain_and_claimed_ones_wait() {
    let lost = TestPortal::new();
    for name in ["Ann", "Ben"] {
        practitioner(&lost, name, "2025-12-20");
    }
    run_on(&lost, "2026-11-23");
    behind_its_back(
        &lost,
        "UPDATE mails SET state = CASE id WHEN 1 THEN 'claimed' ELSE 'committing' END, claimed_by = 'the lost one'",
    );
    let file = lost.folder.path().join("backup.zip");
    backup(&lost, &file, &mut to_the_end).unwrap();
    let folder = tempfile::tempdir().unwrap();
    put_back(&file, &folder.path().join("data")).unwrap();
    let portal = crate::transfer::support::open(&folder.path().join("data"), "2026-11-23");
    let states = crate::transfer::support::ask(
        portal.store.file().unwrap(),
        "SELECT state AS line FROM mails ORDER BY id",
    );
    assert_eq!(states, ["pending", "uncertain"]);
}

#[test]
fn the_command_mail_says_that_mail_is_held_and_ends_with_1() {
    let portal = put_back_one();
    let data = portal.config.data.clone();
    drop(portal.portal);
    let said = crate::support::process::command(&data, &["mail"])
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(1));
    let words = String::from_utf8(said.stderr).unwrap();
    assert!(
        words.contains("Mail is held: this portal was restored from a backup of 23 November 2026"),
        "{words}"
    );
    assert!(!data.join("mail").exists() || fs::read_dir(data.join("mail")).unwrap().next().is_none());
}

//! A database that comes without its note, as from a replica or a copied disk: mail is held before anything leaves.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use cpe_portal::domain::notices::delivery::HoldCause;
use cpe_portal::domain::roles::Role;
use cpe_portal::jobs::delivery::deliver;
use cpe_portal::portal::Portal;
use cpe_portal::store::mail::mail_holds;

use crate::support::TestPortal;
use crate::support::process::command;
use crate::timetable::body::{practitioner, run_on, texts};
use crate::transfer::support::{ask, damage, open};

const DAY: &str = "2026-11-23";

fn sent(portal: &Portal) -> usize {
    deliver(portal, &mut || ControlFlow::Continue(())).unwrap().sent
}

/// A data folder in which there is nothing but a replica of a portal's database, made while a reminder waited that the portal then sent.
fn replicated() -> (tempfile::TempDir, TestPortal) {
    let lost = TestPortal::new();
    practitioner(&lost, "Ann", "2025-12-20");
    lost.account("admin@portal.test", "Ada", Role::Administrator);
    run_on(&lost, DAY);
    assert_eq!(texts(&lost, "SELECT kind AS text FROM mails WHERE state = 'pending'"), ["reminder"]);
    let folder = tempfile::tempdir().unwrap();
    lost.store.copy_to(&folder.path().join("portal.sqlite")).unwrap();
    assert_eq!(sent(&lost), 1, "the lost portal sent it");
    (folder, lost)
}

fn holds(data: &Path) -> Vec<String> {
    ask(
        &data.join("portal.sqlite"),
        "SELECT cause || (ended_at IS NOT NULL) AS line FROM mail_holds ORDER BY id",
    )
}

#[actix_web::test]
async fn a_replica_begins_with_mail_held_and_an_administrator_says_what_leaves() {
    let (folder, lost) = replicated();
    let mut portal = open(folder.path(), DAY);
    portal.mailer = cpe_portal::mail::Mailer::memory(portal.config.mail_from.clone());
    let portal = TestPortal { portal, folder, database: None };
    let hold = portal.store.read(mail_holds::in_force).unwrap().unwrap();
    assert_eq!(hold.cause, HoldCause::Takeover);
    let last_known = texts(&lost, "SELECT max(at) AS text FROM history");
    assert_eq!(hold.backup_made_at.to_string(), last_known[0].trim_end_matches(".000000"));
    assert_eq!(sent(&portal), 0);
    let id = texts(&portal, "SELECT id || '' AS text FROM accounts WHERE email = 'admin@portal.test'");
    let ada = portal.find_account(cpe_portal::domain::ids::AccountId(id[0].parse().unwrap()));
    let ada = portal.browser(&ada).await;
    let page = ada.get("/staff/mail/hold").await.expect(200);
    let words = page.words();
    assert!(
        words.contains("this portal was started on a copy of its database, which knows what happened until"),
        "{words}"
    );
    assert!(words.contains("1 reminder from the copy"), "{words}");
    assert!(
        words.contains("a certificate that was withdrawn is in force here, and its badge is good"),
        "{words}"
    );
    assert!(page.has("a[href='/staff/history?from=2026-11-23&to=2026-11-23']"));
    let seen = page.values("input[name=seen]", "value");
    ada.post("/staff/mail/hold", &[("seen", &seen[0]), ("discard", "backup.reminder")]).await.expect(303);
    assert_eq!(sent(&portal), 0, "what the lost portal sent is not sent again");
    let told = texts(&portal, "SELECT last_error AS text FROM mails");
    assert!(told[0].starts_with("Not sent: it came with the copy of 23 November 2026"), "{told:?}");
}

#[test]
fn it_is_held_once_and_by_whatever_opens_the_folder_to_write() {
    let (folder, _lost) = replicated();
    // whoever only looks changes nothing
    for looks in [["check"].as_slice(), &["export", "holders"], &["deadlines", "--dry-run"]] {
        command(folder.path(), looks).status().unwrap();
        assert_eq!(holds(folder.path()), [""; 0], "{looks:?}");
    }
    let said = command(folder.path(), &["mail"]).stderr(std::process::Stdio::piped()).output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    let words = String::from_utf8(said.stderr).unwrap();
    assert!(words.contains("Mail is held: this portal was started on a copy of its database"), "{words}");
    assert_eq!(holds(folder.path()), ["takeover0"]);
    // a start that was killed before the note: found held, once
    fs::remove_file(folder.path().join("portal.sqlite-mark")).unwrap();
    drop(open(folder.path(), DAY));
    assert_eq!(holds(folder.path()), ["takeover0"]);
    // with its note it is a portal like any other
    drop(open(folder.path(), DAY));
    assert_eq!(holds(folder.path()), ["takeover0"]);
}

#[test]
fn an_upgrade_on_the_way_notes_nothing_before_the_mail_is_held() {
    let (folder, _lost) = replicated();
    let database = folder.path().join("portal.sqlite");
    // as if an older version had made it: the next start migrates before it looks at the mail
    damage(
        &database,
        "DELETE FROM __diesel_schema_migrations WHERE version = '20261130001081'; ALTER TABLE mail_holds DROP COLUMN cause",
    );
    command(folder.path(), &["check"]).status().unwrap();
    let noted = fs::read(folder.path().join("portal.sqlite-mark")).unwrap();
    assert!(!noted.starts_with(b"database"), "whoever only looks leaves it as it came");
    drop(open(folder.path(), DAY));
    assert_eq!(holds(folder.path()), ["takeover0"]);
    let noted = fs::read(folder.path().join("portal.sqlite-mark")).unwrap();
    assert!(noted.starts_with(b"database"));
}

#[test]
fn a_first_start_that_was_cut_off_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), DAY));
    let note = folder.path().join("portal.sqlite-mark");
    fs::remove_file(&note).unwrap();
    drop(open(folder.path(), DAY));
    assert_eq!(holds(folder.path()), [""; 0]);
    // and the first change is noted: whatever is killed from then on is known
    let add = ["account", "add", "--email", "ada@portal.test", "--name", "Ada", "--role", "administrator"];
    assert!(command(folder.path(), &add).status().unwrap().success());
    assert!(fs::read_to_string(&note).unwrap().starts_with("database "));
    assert_eq!(holds(folder.path()), [""; 0]);
}

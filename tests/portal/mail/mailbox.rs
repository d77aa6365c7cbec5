//! The mailbox to which mail comes back: the real Dovecot, and servers that mean harm.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use cpe_portal::actions::mail::stuck_mails::send_again;
use cpe_portal::config::{Config, Settings};
use cpe_portal::domain::ids::MailId;
use cpe_portal::domain::roles::Role;
use cpe_portal::jobs::delivery::deliver;
use cpe_portal::jobs::health::{Condition, vitals};
use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::mail::Mailbox;
use cpe_portal::store::accounts::Account;

use super::dovecot::{Dovecot, Fate, WRITTEN_PASSWORD, line_to};
use super::imap_server::{ImapServer, Mischief, imap_server_that_gives};
use super::reports::{COPY, FAILED, dsn, heads, plain, whole};
use crate::support::process::command;
use crate::support::{Rights, TestPortal};
use crate::timetable::body::{behind_its_back, texts};
use crate::timetable::delivery::write;

/// Longer than anything on loopback takes, and no longer than a test may wait for what stalls.
const LIMIT: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_secs(2);

/// The mailbox at this address, trusting this authority.
fn mailbox(scheme: &str, password: &str, port: u16, query: &str, dovecot: &Dovecot) -> Mailbox {
    let url = format!("{scheme}://bounces%40portal.test:{password}@localhost:{port}/INBOX{query}");
    at(&url).trusting(dovecot.authority.clone())
}

fn at(url: &str) -> Mailbox {
    let settings = Settings { bounces: Some(url.parse().unwrap()), ..Settings::default() };
    Mailbox::new(Config::check(&settings).unwrap().bounces.unwrap()).with_limit(LIMIT)
}

fn encrypted(dovecot: &Dovecot) -> Option<Mailbox> {
    Some(mailbox("imaps", WRITTEN_PASSWORD, dovecot.tls_port, "", dovecot))
}

/// In clear, by way of a line that a test can break.
fn by_line(dovecot: &Dovecot, fate: impl Fn(&str) -> Fate + Send + Sync + 'static) -> Option<Mailbox> {
    Some(mailbox("imap", WRITTEN_PASSWORD, line_to(dovecot.port, fate), "", dovecot).with_limit(SHORT))
}

/// Holders of these names, with a mail to each that was sent, and the Message-IDs.
fn sent(portal: &TestPortal, names: &[&str]) -> (Vec<Account>, Vec<String>) {
    let add = |name: &&str| {
        let holder = portal.holder(&format!("{}@people.test", name.to_lowercase()), name);
        write(portal, &holder, &["reminder"]);
        holder
    };
    let holders: Vec<Account> = names.iter().map(add).collect();
    assert_eq!(deliver(portal, &mut || ControlFlow::Continue(())).unwrap().sent, names.len());
    (holders, texts(portal, "SELECT message_id AS text FROM mails ORDER BY id"))
}

/// What a round says of itself; empty when it said nothing.
fn round(portal: &TestPortal) -> String {
    let job = TIMETABLE.iter().find(|job| job.name.code() == "bounces").unwrap();
    match tick(portal, job, &|| false).unwrap() {
        Tick::Ran(report) => report.summary,
        _ => String::new(),
    }
}

fn noted(portal: &TestPortal) -> Vec<String> {
    texts(portal, "SELECT address AS text FROM bounces ORDER BY id")
}

fn condition(portal: &TestPortal) -> Condition {
    vitals(portal).into_iter().find(|vital| vital.name == "bounces").unwrap().condition
}

const FROM_A_DAEMON: &str = "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.people.test\r\n";

fn of_qmail(id: &str) -> String {
    let text = format!(
        "Hi. This is the qmail-send program at mx.people.test.\nThis is a permanent error; I've given up.\n\n<bob@people.test>:\n\
         Sorry, no mailbox here by that name. (#5.1.1)\n\n{COPY}"
    );
    plain(FROM_A_DAEMON, &text).replace("<1@portal.test>", id)
}

fn of_exim(id: &str) -> String {
    let heads = "X-Failed-Recipients: cyd@people.test\r\nAuto-Submitted: auto-replied\r\n\
                 From: Mail Delivery System <Mailer-Daemon@mx.people.test>\r\n";
    let text =
        format!("  cyd@people.test\n    550 5.1.1 no such user\n\n------ This is a copy ------\n\n{COPY}");
    plain(heads, &text).replace("<1@portal.test>", id)
}

fn away(id: &str) -> String {
    let heads = format!(
        "From: Dan <dan@people.test>\r\nAuto-Submitted: auto-replied (vacation)\r\nIn-Reply-To: {id}\r\n"
    );
    plain(&heads, "I am away until 5.1.2027. Room 550.\n")
}

fn spam() -> String {
    plain(
        "From: Mailer-Daemon <mailer-daemon@spam.test>\r\n",
        "550 5.1.1 dan@people.test does not exist. Click here!\n",
    )
}

#[actix_web::test]
async fn reports_of_three_makers_end_on_the_page_and_in_the_banner_and_nothing_else_is_touched() {
    let dovecot = Dovecot::start();
    let mut portal = TestPortal::new();
    let (holders, ids) = sent(&portal, &["Ann", "Bob", "Cyd", "Dan"]);
    portal.portal.mailbox = encrypted(&dovecot);
    assert_eq!(condition(&portal), Condition::Attention, "it was not read yet");
    let reports = [dsn(FAILED, &whole(&ids[0])), of_qmail(&ids[1]), of_exim(&ids[2])];
    let others = [away(&ids[3]), spam(), dsn(FAILED, &heads("<elsewhere@desk.test>"))];
    for text in [&others[0], &reports[0], &others[1], &reports[1], &reports[2], &others[2]] {
        dovecot.deliver(text);
    }
    assert_eq!(
        round(&portal),
        "Delivery reports noted 3, known already 0, not final 0, about other emails 2; other messages 1."
    );
    assert_eq!(noted(&portal), ["ann@people.test", "bob@people.test", "cyd@people.test"]);
    let (read, unread) = dovecot.read_and_unread();
    assert_eq!((read.len(), unread.len()), (3, 3));
    assert!(reports.iter().all(|report| read.contains(report)), "{read:?}");

    assert_eq!(round(&portal), "", "nothing is new");
    dovecot.deliver(&dsn(FAILED, &whole(&ids[0])));
    assert!(round(&portal).contains("noted 0, known already 1,"));
    assert_eq!(noted(&portal).len(), 3);
    let rae = portal.account("rae@people.test", "Rae", Role::Reviewer);
    let staff = portal.browser(&rae).await;
    let page = staff.get("/staff/mail?which=returned").await.expect(200);
    for (holder, there) in holders.iter().zip([true, true, true, false]) {
        assert_eq!(page.words().contains(&holder.name), there, "{}: {}", holder.name, page.words());
        let dashboard = portal.browser(holder).await.get("/dashboard").await.expect(200);
        assert_eq!(dashboard.words().contains("An email to you came back"), there, "{}", holder.name);
    }
    let ready = portal.visitor().await.get("/readyz").await.expect(200).html();
    assert!(ready.contains("ok   bounces: the mailbox is read"), "{ready}");
}

#[test]
fn a_mailbox_is_read_by_starttls_too_and_other_numbers_of_its_messages_note_nothing_twice() {
    let dovecot = Dovecot::start();
    let mut portal = TestPortal::new();
    let (_, ids) = sent(&portal, &["Ann", "Bob"]);
    portal.portal.mailbox = Some(mailbox("imap", WRITTEN_PASSWORD, dovecot.port, "?tls=required", &dovecot));
    dovecot.deliver(&dsn(FAILED, &whole(&ids[0])));
    assert!(round(&portal).contains("noted 1,"));
    dovecot.forget_numbers();
    dovecot.deliver(&dsn(FAILED, &whole(&ids[1])));
    let said = round(&portal);
    assert!(said.contains("noted 1, known already 1,"), "{said}");
    assert_eq!(noted(&portal), ["ann@people.test", "bob@people.test"]);
}

#[test]
fn a_portal_that_is_killed_between_noting_and_marking_notes_nothing_twice_and_marks_later() {
    let dovecot = Dovecot::start();
    let portal = TestPortal::new();
    let (_, ids) = sent(&portal, &["Ann", "Bob"]);
    let rae = portal.account("rae@people.test", "Rae", Role::Reviewer);
    for id in &ids {
        dovecot.deliver(&dsn(FAILED, &whole(id)));
    }
    // the first mark kills the process before the server hears of it
    let process = Arc::new(AtomicU32::new(0));
    let killed = Arc::new(AtomicBool::new(false));
    let (of_line, by_line) = (Arc::clone(&process), Arc::clone(&killed));
    let port = line_to(dovecot.port, move |said| {
        if !said.contains("STORE") || by_line.swap(true, Ordering::SeqCst) {
            return Fate::GoesOn;
        }
        let id = of_line.load(Ordering::SeqCst).to_string();
        assert!(std::process::Command::new("kill").args(["-9", &id]).status().unwrap().success());
        Fate::Breaks
    });
    let url = format!("imap://bounces%40portal.test:{WRITTEN_PASSWORD}@127.0.0.1:{port}");
    let data = portal.folder.path().join("data");
    let read = || {
        let mut command = command(&data, &["bounce", "--mailbox"]);
        let child = command.env("CPE_PORTAL_BOUNCES", &url).spawn().unwrap();
        process.store(child.id(), Ordering::SeqCst);
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(read(), (None, String::new()));
    assert!(killed.load(Ordering::SeqCst));
    assert_eq!(noted(&portal), ["ann@people.test"]);
    assert_eq!(dovecot.read_and_unread().0.len(), 0);

    // were the report read again now, it would count for the mail that was sent again
    portal.clock.advance(TimeDelta::days(400));
    send_again(&portal, rae.as_reviewer(), MailId(1)).unwrap();
    assert_eq!(deliver(&portal, &mut || ControlFlow::Continue(())).unwrap().sent, 1);
    // the lease of the one that died ends by itself
    behind_its_back(&portal, "DELETE FROM leases");
    let (code, said) = read();
    assert!(code == Some(0) && said.contains("noted 1, known already 0,"), "{code:?} {said}");
    assert_eq!(noted(&portal), ["ann@people.test", "bob@people.test"]);
    assert_eq!(dovecot.read_and_unread().0.len(), 2, "what could not be marked is marked now");
}

#[test]
fn what_keeps_a_mailbox_shut_is_told_once_and_nothing_is_lost() {
    let dovecot = Dovecot::start();
    let mut portal = TestPortal::new();
    let (_, ids) = sent(&portal, &["Ann", "Bob"]);
    dovecot.deliver(&dsn(FAILED, &whole(&ids[0])));
    let right = encrypted(&dovecot);
    let untrusted =
        at(&format!("imaps://bounces%40portal.test:{WRITTEN_PASSWORD}@localhost:{}", dovecot.tls_port));
    let wrong = mailbox("imaps", "guess", dovecot.tls_port, "", &dovecot);
    let stalling = by_line(&dovecot, |said| if said.contains("FETCH") { Fate::Stalls } else { Fate::GoesOn });
    let silent = by_line(&dovecot, |_| Fate::Stalls);
    let breaking = by_line(&dovecot, |said| if said.contains("FETCH") { Fate::Breaks } else { Fate::GoesOn });
    for (shut, words) in [
        (Some(wrong), "did not accept the sign-in: NO [AUTHENTICATIONFAILED]"),
        (Some(untrusted), "invalid peer certificate"),
        (stalling, "a message: the mail server took too long"),
        (silent, "CAPABILITY: the mail server took too long"),
        (breaking, "a message: the mail server closed the connection"),
    ] {
        portal.portal.mailbox = shut;
        let said = round(&portal);
        assert!(said.contains("could not be read to its end") && said.contains(words), "{words}: {said}");
        assert!(!said.contains("guess") && !said.contains("s3cret"), "{said}");
        assert_eq!(round(&portal), "", "the same again fills no list: {words}");
        assert_eq!(noted(&portal), Vec::<String>::new(), "{words}");
    }
    // one of the same name, so that it is the same mailbox
    portal.clock.advance(TimeDelta::minutes(61));
    portal.portal.mailbox = Some(mailbox("imaps", "guess", dovecot.tls_port, "", &dovecot));
    round(&portal);
    assert_eq!(condition(&portal), Condition::Attention);
    portal.clock.advance(TimeDelta::hours(24));
    assert_eq!(condition(&portal), Condition::Bad);
    portal.portal.mailbox = right;
    assert!(round(&portal).contains("noted 1,"));
    assert_eq!(condition(&portal), Condition::Good);
    assert_eq!(noted(&portal), ["ann@people.test"]);
    portal.clock.advance(TimeDelta::hours(2));
    assert_eq!(condition(&portal), Condition::Attention, "nobody has read it for two hours");
}

#[test]
fn a_message_at_which_reading_always_ends_is_passed_over_after_an_hour_and_said() {
    let dovecot = Dovecot::start();
    let mut portal = TestPortal::new();
    let (_, ids) = sent(&portal, &["Ann"]);
    dovecot.deliver(&away("<1@portal.test>"));
    dovecot.deliver(&dsn(FAILED, &whole(&ids[0])));
    portal.portal.mailbox =
        by_line(&dovecot, |said| if said.contains("UID FETCH 1 ") { Fate::Breaks } else { Fate::GoesOn });
    for _ in 0..12 {
        round(&portal);
        assert!(noted(&portal).is_empty());
    }
    let said = round(&portal);
    assert!(said.contains("noted 1,") && said.contains("number 1 could not be read in 12 rounds"), "{said}");
    assert_eq!(noted(&portal), ["ann@people.test"]);
    assert_eq!(round(&portal), "");
}

#[test]
fn a_mail_server_that_gives_nothing_for_hours_has_no_message_passed_over() {
    let dovecot = Dovecot::start();
    let mut portal = TestPortal::new();
    let (_, ids) = sent(&portal, &["Ann", "Bob", "Cyd"]);
    for id in &ids {
        dovecot.deliver(&dsn(FAILED, &whole(id)));
    }
    let broken = Arc::new(AtomicBool::new(true));
    let breaks = Arc::clone(&broken);
    let fate = move |said: &str| match said.contains("FETCH") && breaks.load(Ordering::SeqCst) {
        true => Fate::Breaks,
        false => Fate::GoesOn,
    };
    portal.portal.mailbox = by_line(&dovecot, fate);
    for _ in 0..30 {
        round(&portal);
    }
    broken.store(false, Ordering::SeqCst);
    let said = round(&portal);
    assert!(said.contains("noted 3,") && !said.contains("passed over"), "{said}");
    assert_eq!(noted(&portal).len(), 3);
}

#[test]
fn two_messages_that_cannot_be_read_one_after_another_are_each_passed_over_when_a_later_one_can() {
    let dovecot = Dovecot::start();
    let mut portal = TestPortal::new();
    let (_, ids) = sent(&portal, &["Ann"]);
    for _ in 0..2 {
        dovecot.deliver(&away("<1@portal.test>"));
    }
    let bad = |said: &str| said.contains("UID FETCH 1 ") || said.contains("UID FETCH 2 ");
    portal.portal.mailbox =
        by_line(&dovecot, move |said| if bad(said) { Fate::Breaks } else { Fate::GoesOn });
    for _ in 0..20 {
        assert!(!round(&portal).contains("passed over"), "the server gives nothing else");
    }
    dovecot.deliver(&dsn(FAILED, &whole(&ids[0])));
    let said = round(&portal);
    assert!(said.contains("number 1 could not be read") && !said.contains("number 2"), "{said}");
    for _ in 0..11 {
        assert!(!round(&portal).contains("number 2"), "it has tries of its own");
    }
    assert!(round(&portal).contains("number 2 could not be read"));
    assert_eq!(noted(&portal), ["ann@people.test"]);
}

#[test]
fn a_mailbox_that_cannot_be_opened_now_and_then_takes_no_try_from_a_message() {
    let dovecot = Dovecot::start();
    let mut portal = TestPortal::new();
    let (_, ids) = sent(&portal, &["Ann"]);
    dovecot.deliver(&away("<1@portal.test>"));
    dovecot.deliver(&dsn(FAILED, &whole(&ids[0])));
    let shut = Arc::new(AtomicBool::new(false));
    let is_shut = Arc::clone(&shut);
    portal.portal.mailbox = by_line(&dovecot, move |said| {
        match said.contains("UID FETCH 1 ") || is_shut.load(Ordering::SeqCst) {
            true => Fate::Breaks,
            false => Fate::GoesOn,
        }
    });
    for nth in 0..24 {
        shut.store(nth % 2 == 1, Ordering::SeqCst);
        assert!(!round(&portal).contains("passed over"), "{nth}");
    }
    shut.store(false, Ordering::SeqCst);
    let said = round(&portal);
    assert!(said.contains("noted 1,") && said.contains("number 1 could not be read in 12 rounds"), "{said}");
}

#[test]
fn a_mail_server_that_breaks_off_at_each_mark_keeps_no_report_from_being_noted() {
    let dovecot = Dovecot::start();
    let mut portal = TestPortal::new();
    let (_, ids) = sent(&portal, &["Ann", "Bob", "Cyd"]);
    for id in &ids {
        dovecot.deliver(&dsn(FAILED, &whole(id)));
    }
    portal.portal.mailbox =
        by_line(&dovecot, |said| if said.contains("STORE") { Fate::Breaks } else { Fate::GoesOn });
    assert!(round(&portal).contains("noted 3,"));
    assert_eq!(noted(&portal).len(), 3);
    dovecot.deliver(&dsn(FAILED, &whole(&ids[0])));
    assert!(round(&portal).contains("known already 1,"));
    assert_eq!(condition(&portal), Condition::Good);
}

#[test]
fn a_report_that_waits_to_be_marked_is_tried_once_more_and_holds_up_nothing() {
    let dovecot = Dovecot::start();
    let mut portal = TestPortal::new();
    let (_, ids) = sent(&portal, &["Ann"]);
    dovecot.deliver(&away("<1@portal.test>"));
    dovecot.deliver(&dsn(FAILED, &whole(&ids[0])));
    let marks = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&marks);
    portal.portal.mailbox = by_line(&dovecot, move |said| match said.contains("STORE") {
        true => {
            counted.fetch_add(1, Ordering::SeqCst);
            Fate::Breaks
        }
        false => Fate::GoesOn,
    });
    let validity = {
        round(&portal);
        texts(&portal, "SELECT uid_validity || '' AS text FROM bounce_mailboxes").remove(0)
    };
    // as a portal leaves it that is killed between noting a report and marking it
    let left = format!("UPDATE bounce_mailboxes SET uid_validity = {validity}, last_uid = 1, to_mark = 1");
    behind_its_back(&portal, &left);
    marks.store(0, Ordering::SeqCst);
    round(&portal);
    let waiting = "SELECT to_mark || '' AS text FROM bounce_mailboxes WHERE to_mark IS NOT NULL";
    assert!(texts(&portal, waiting).is_empty());
    assert_eq!(texts(&portal, "SELECT last_uid || '' AS text FROM bounce_mailboxes"), ["2"]);
    assert_eq!(marks.load(Ordering::SeqCst), 2, "the one that waited, and the one that was read now");
}

#[test]
fn what_a_mail_server_says_about_a_message_besides_does_not_take_the_place_of_the_message() {
    let mut portal = TestPortal::new();
    let (_, ids) = sent(&portal, &["Ann"]);
    let report = dsn(FAILED, &whole(&ids[0]));
    let body = format!("* 1 FETCH (UID 1 BODY[]<0> {{{}}}\r\n{report})\r\n", report.len());
    let marks = "* 1 FETCH (FLAGS (\\Recent) UID 1)\r\n";
    for fetched in [format!("{marks}{body}"), format!("{body}{marks}"), format!("{body}{marks}{marks}")] {
        behind_its_back(&portal, "DELETE FROM bounce_mailboxes");
        let port = imap_server_that_gives(fetched.clone());
        portal.portal.mailbox = Some(at(&format!("imap://u:p@127.0.0.1:{port}")).with_limit(SHORT));
        let said = round(&portal);
        assert!(said.contains("noted 1,") || said.contains("known already 1,"), "{fetched}: {said}");
    }
    assert_eq!(noted(&portal), ["ann@people.test"]);
    // an empty message is one, and marks alone are none
    let read = |said: &str| cpe_portal::mail::mailbox_responses(said.as_bytes()).remove(0).1;
    assert_eq!(read("* 1 FETCH (UID 1 BODY[]<0> NIL)\r\n"), Some(Vec::new()));
    assert_eq!(read("* 1 FETCH (UID 1 BODY[] \"\" FLAGS ())\r\n"), Some(Vec::new()));
    assert_eq!(read(marks), None);
    assert_eq!(read("* 1 FETCH (UID 1 FLAGS (\\Seen) X \"BODY[]\")\r\n"), None);
}

#[test]
fn a_report_that_was_quicker_than_our_own_mail_server_is_read_in_a_later_round() {
    let dovecot = Dovecot::start();
    let mut portal = TestPortal::new();
    let (_, ids) = sent(&portal, &["Ann", "Bob"]);
    for id in &ids {
        dovecot.deliver(&dsn(FAILED, &whole(id)));
    }
    portal.portal.mailbox = encrypted(&dovecot);
    behind_its_back(&portal, "UPDATE mails SET state = 'committing' WHERE id = 1");
    assert_eq!(round(&portal), "");
    behind_its_back(&portal, "UPDATE mails SET state = 'sent' WHERE id = 1");
    assert!(round(&portal).contains("noted 2,"));
}

#[test]
fn a_mail_server_that_means_harm_costs_neither_time_nor_memory() {
    for mischief in Mischief::ALL {
        let server = ImapServer::start(mischief);
        let url = format!("imap://u:p@127.0.0.1:{}{}", server.port, mischief.query());
        let mut portal = TestPortal::new();
        portal.portal.mailbox = Some(at(&url).with_limit(SHORT));
        let begun = std::time::Instant::now();
        let said = round(&portal);
        assert!(said.contains("could not be read to its end"), "{mischief:?}: {said}");
        assert!(begun.elapsed() < 6 * SHORT, "{mischief:?} took {:?}", begun.elapsed());
        assert!(server.sent() < 16 << 20, "{mischief:?}: {} bytes were read", server.sent());
        assert!(texts(&portal, "SELECT name AS text FROM leases").is_empty());
    }
}

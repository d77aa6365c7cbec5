//! Delivery reports: what a mail server writes when a mail comes back, of many servers, and what strangers write to silence somebody.

use std::io::Write;
use std::ops::ControlFlow;
use std::process::Stdio;

use chrono::TimeDelta;
use cpe_portal::actions::mail::bounce::{ReportResult, note_report};
use cpe_portal::actions::mail::stuck_mails::send_again;
use cpe_portal::domain::ids::MailId;
use cpe_portal::domain::roles::Role;
use cpe_portal::jobs::delivery::deliver;
use cpe_portal::mail::{DeliveryReport, LARGEST_REPORT, ReportEnding, read_report};
use cpe_portal::store::accounts::Account;

use crate::support::process::command;
use crate::support::{Rights, TestPortal};
use crate::timetable::body::{behind_its_back, texts};
use crate::timetable::delivery::write;

const BOUNDARY: &str = "B_1";

/// A report as RFC 3464 has it, with these fields about the recipient and this returned part.
pub(super) fn dsn(fields: &str, returned: &str) -> String {
    format!(
        "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.people.test>\r\nTo: advice@portal.test\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"{BOUNDARY}\"\r\n\r\n\
         --{BOUNDARY}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nI'm sorry to have to inform you.\r\n\r\n\
         --{BOUNDARY}\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.people.test\r\n\r\n{fields}\r\n\
         --{BOUNDARY}\r\n{returned}\r\n--{BOUNDARY}--\r\n"
    )
}

pub(super) const FAILED: &str = "Final-Recipient: rfc822; ann@people.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\
                      Diagnostic-Code: smtp; 550 5.1.1 <ann@people.test>: user\r\n unknown here\r\n";

pub(super) fn whole(id: &str) -> String {
    format!(
        "Content-Type: message/rfc822\r\n\r\nMessage-ID: {id}\r\nFrom: advice@portal.test\r\nTo: ann@people.test\r\n\
         Subject: A subject\r\n\r\nThe text."
    )
}

pub(super) fn heads(id: &str) -> String {
    format!("Content-Type: text/rfc822-headers\r\n\r\nFrom: advice@portal.test\r\nMessage-Id: {id}\r\n")
}

fn report(text: &str) -> DeliveryReport {
    read_report(text.as_bytes()).unwrap().unwrap()
}

#[test]
fn a_report_names_the_mail_that_it_returns_whole_or_by_its_head() {
    for returned in [whole("<1@portal.test>"), heads("<1@portal.test>")] {
        let read = report(&dsn(FAILED, &returned));
        assert_eq!(read.message_ids, ["<1@portal.test>"]);
        assert_eq!(read.ending, ReportEnding::Failed);
        assert_eq!(read.words, "550 5.1.1 <ann@people.test>: user unknown here");
    }
}

#[test]
fn what_is_delayed_delivered_or_passed_on_did_not_come_back() {
    for (fields, ending) in [
        ("Action: delayed\r\nStatus: 4.4.1\r\n", ReportEnding::Delayed),
        ("Action: delivered\r\nStatus: 2.0.0\r\n", ReportEnding::Other),
        ("Action: relayed\r\nStatus: 2.0.0\r\n", ReportEnding::Other),
        ("Status: 4.2.2\r\n", ReportEnding::Delayed),
        // who gave up after days says so by the action
        ("Action: failed\r\nStatus: 4.4.7\r\nDiagnostic-Code: smtp; 451 no answer\r\n", ReportEnding::Failed),
        ("ACTION:FAILED\r\nstatus:5.2.1 (disabled)\r\n", ReportEnding::Failed),
        ("Status: 5.0.0\r\n", ReportEnding::Failed),
        ("Action: delayed\r\nStatus: 4.0.0\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n", ReportEnding::Failed),
        ("", ReportEnding::Other),
    ] {
        assert_eq!(report(&dsn(fields, &heads("<1@portal.test>"))).ending, ending, "{fields}");
    }
}

/// Of servers that write no such fields.
pub(super) fn plain(heads: &str, text: &str) -> String {
    format!("{heads}To: advice@portal.test\r\nSubject: failure notice\r\n\r\n{text}").replace("\r\n", "\n")
}

pub(super) const COPY: &str = "--- Below this line is a copy of the message.\n\nReturn-Path: <advice@portal.test>\n\
                    Message-ID: <1@portal.test>\nSubject: A subject\n\nThe text.\n";

#[test]
fn the_words_of_servers_without_such_fields_are_understood() {
    let qmail = plain(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.people.test\r\n",
        &format!(
            "Hi. This is the qmail-send program at mx.people.test.\nI'm afraid I wasn't able to deliver your message.\n\
             This is a permanent error; I've given up. Sorry it didn't work out.\n\n<ann@people.test>:\n\
             Sorry, no mailbox here by that name. (#5.1.1)\n\n{COPY}"
        ),
    );
    let exim = plain(
        "X-Failed-Recipients: ann@people.test\r\nAuto-Submitted: auto-generated\r\nFrom: Mail Delivery System <Mailer-Daemon@mx.people.test>\r\n",
        &format!(
            "A message that you sent could not be delivered to one or more of its recipients.\n\n  ann@people.test\n\
             \x20   host mx [192.0.2.1]: 550 no such user\n\n------ This is a copy of your message. ------\n\n{COPY}"
        ),
    );
    for text in [qmail, exim] {
        let read = report(&text);
        assert_eq!(
            (read.ending, read.message_ids),
            (ReportEnding::Failed, vec!["<1@portal.test>".to_owned()])
        );
    }
    let later = plain(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.people.test\r\n",
        &format!(
            "Your message is delayed. It will be retried for 4 days (5.1.1.7 did not answer).\n\n{COPY}"
        ),
    );
    assert_eq!(report(&later).ending, ReportEnding::Delayed);
}

#[test]
fn answers_of_people_and_of_their_machines_are_no_reports() {
    for heads in [
        "From: Ann <ann@people.test>\r\nIn-Reply-To: <1@portal.test>\r\n",
        "Return-Path: <>\r\nFrom: Ann <ann@people.test>\r\nAuto-Submitted: auto-replied (vacation)\r\nIn-Reply-To: <1@portal.test>\r\n",
    ] {
        let text = plain(
            heads,
            &format!("I am away, room 550, until 5.1.2027. A permanent error? 5.1.1!\n\n{COPY}"),
        );
        assert_eq!(read_report(text.as_bytes()).unwrap(), None, "{heads}");
    }
    assert_eq!(read_report(b"").unwrap(), None);
    assert_eq!(read_report(b"\xff\xfe\0\0").unwrap(), None);
}

#[test]
fn a_note_of_exchange_that_somebody_is_away_is_no_report() {
    let away = plain(
        "Return-Path: <>\r\nFrom: Ann <ann@people.test>\r\nAuto-Submitted: auto-generated\r\n\
         X-Auto-Response-Suppress: All\r\nIn-Reply-To: <1@portal.test>\r\nReferences: <1@portal.test>\r\n",
        "I am out of the office until 5.12.26. Letters reach me at 550 Main Street.\n",
    );
    assert_eq!(read_report(away.as_bytes()).unwrap(), None);
    // and of what a system answers in its own words, only what it returns counts
    let answer = plain(
        "Return-Path: <>\r\nFrom: postmaster@people.test\r\nIn-Reply-To: <1@portal.test>\r\n",
        "The help desk at 550 Main Street has received your request.\n",
    );
    assert!(report(&answer).message_ids.is_empty());
}

#[test]
fn a_report_of_exim_calls_itself_an_answer_and_names_who_failed() {
    let exim = plain(
        "Return-path: <>\r\nX-Failed-Recipients: ann@people.test\r\nAuto-Submitted: auto-replied\r\n\
         From: Mail Delivery System <Mailer-Daemon@mx.people.test>\r\n",
        &format!("  ann@people.test\n    550 5.1.1 no such user\n\n------ This is a copy ------\n\n{COPY}"),
    );
    let read = report(&exim);
    assert_eq!((read.ending, read.message_ids), (ReportEnding::Failed, vec!["<1@portal.test>".to_owned()]));
}

#[test]
fn a_report_without_end_or_bottom_is_read_as_far_as_it_matters() {
    let mut long = dsn(FAILED, &whole("<1@portal.test>"));
    long.push_str(&"x".repeat(4 * LARGEST_REPORT));
    assert_eq!(report(&long).message_ids, ["<1@portal.test>"]);
    // messages in messages, as deep as fits
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(LARGEST_REPORT / 30);
    read_report(nested.as_bytes()).unwrap();
    // inside an encoded one each of them becomes a copy of the whole
    let encoded = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
    read_report(format!("{encoded}{nested}").as_bytes()).unwrap();
    read_report(format!("{}{nested}", encoded.repeat(5)).as_bytes()).unwrap();
    let digest: String =
        (0..4000).map(|n| format!("Content-Type: multipart/digest; boundary=b{n}\n\n--b{n}\n\n")).collect();
    read_report(digest.as_bytes()).unwrap();
    let parts = format!("--{BOUNDARY}\r\n\r\nx\r\n").repeat(5_000);
    let many = dsn(FAILED, &whole("<1@portal.test>")).replacen(&format!("--{BOUNDARY}\r\n"), &parts, 1);
    assert_eq!(read_report(many.as_bytes()).unwrap(), None);
    let ids = "Message-ID: <x@y>\n".repeat(10_000);
    assert_eq!(report(&dsn(FAILED, &heads(&format!("<1@portal.test>\n{ids}")))).message_ids.len(), 2);
}

/// A mail to Ann that was sent, and its Message-ID.
fn sent(portal: &TestPortal) -> (Account, String) {
    let ann = portal.holder("ann@people.test", "Ann");
    write(portal, &ann, &["reminder"]);
    assert_eq!(deliver(portal, &mut || ControlFlow::Continue(())).unwrap().sent, 1);
    let id = texts(portal, "SELECT message_id AS text FROM mails").remove(0);
    (ann, id)
}

fn bounces(portal: &TestPortal) -> Vec<String> {
    texts(portal, "SELECT words AS text FROM bounces ORDER BY id")
}

#[actix_web::test]
async fn a_permanent_failure_ends_in_the_page_and_the_banner_of_returned_mail() {
    let portal = TestPortal::new();
    let (ann, id) = sent(&portal);
    let rae = portal.account("rae@people.test", "Rae", Role::Reviewer);
    let failed = report(&dsn(FAILED, &whole(&id)));
    assert_eq!(note_report(&portal, &failed).unwrap(), ReportResult::Noted);
    assert_eq!(note_report(&portal, &failed).unwrap(), ReportResult::KnownAlready);
    assert_eq!(bounces(&portal), ["550 5.1.1 <ann@people.test>: user unknown here"]);
    let staff = portal.browser(&rae).await;
    let page = staff.get("/staff/mail/1").await.expect(200);
    for words in ["It came back", "A mail server reported on 23 November 2026", "user unknown here"] {
        assert!(page.words().contains(words), "{words}: {}", page.words());
    }
    let list = staff.get("/staff/mail?which=returned").await.expect(200);
    assert!(list.words().contains("A subject"), "{}", list.words());
    assert!(staff.get("/staff").await.expect(200).words().contains("1 email came back"));
    let holder = portal.browser(&ann).await;
    assert!(holder.get("/dashboard").await.expect(200).words().contains("An email to you came back"));
    assert_eq!(
        texts(&portal, "SELECT event AS text FROM history WHERE event = 'mail noted as come back'").len(),
        1
    );
    // whoever looked after it is not asked again by the same report
    cpe_portal::actions::mail::bounce::put_away(
        &portal,
        rae.as_reviewer(),
        cpe_portal::domain::ids::MailId(1),
    )
    .unwrap();
    assert_eq!(note_report(&portal, &failed).unwrap(), ReportResult::KnownAlready);
}

#[test]
fn a_report_that_is_read_again_says_nothing_about_a_mail_that_was_sent_again_meanwhile() {
    let with_id = |id: &str| format!("Message-ID: <report-1@mx.people.test>\r\n{}", dsn(FAILED, &whole(id)));
    let dated = |id: &str| format!("Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n{}", dsn(FAILED, &whole(id)));
    for written in [&with_id as &dyn Fn(&str) -> String, &dated] {
        let portal = TestPortal::new();
        let (_, id) = sent(&portal);
        let rae = portal.account("rae@people.test", "Rae", Role::Reviewer);
        let failed = report(&written(&id));
        assert_eq!(note_report(&portal, &failed).unwrap(), ReportResult::Noted);
        portal.clock.advance(TimeDelta::minutes(1));
        send_again(&portal, rae.as_reviewer(), MailId(1)).unwrap();
        // read while it waits, and after it left: it came in two ways, or the mailbox was read anew
        assert_eq!(note_report(&portal, &failed).unwrap(), ReportResult::KnownAlready);
        assert_eq!(deliver(&portal, &mut || ControlFlow::Continue(())).unwrap().sent, 1);
        assert_eq!(note_report(&portal, &failed).unwrap(), ReportResult::KnownAlready);
        assert_eq!(bounces(&portal).len(), 1);
        // another one is about the new sending
        let another = report(&written(&id).replace("report-1", "report-2").replace("09:00", "10:01"));
        assert_eq!(note_report(&portal, &another).unwrap(), ReportResult::Noted);
    }
}

#[test]
fn only_the_message_id_of_a_mail_that_was_sent_counts() {
    let portal = TestPortal::new();
    let (_, id) = sent(&portal);
    let stranger = |text: &str| note_report(&portal, &report(text)).unwrap();
    // it names her address, our sender, her name and the subject
    assert_eq!(stranger(&dsn(FAILED, &whole("<mail-999@portal.test>"))), ReportResult::NotOurs);
    assert_eq!(
        stranger(&dsn(FAILED, "Content-Type: text/plain\r\n\r\nann@people.test")),
        ReportResult::NotOurs
    );
    let delayed = dsn("Action: delayed\r\nStatus: 4.4.1\r\n", &whole(&id));
    assert_eq!(stranger(&delayed), ReportResult::NotFinal);
    assert!(bounces(&portal).is_empty());
    behind_its_back(&portal, "UPDATE mails SET state = 'pending'");
    assert_eq!(stranger(&dsn(FAILED, &whole(&id))), ReportResult::KnownAlready);
    assert!(bounces(&portal).is_empty());
}

#[test]
fn an_uncertain_mail_that_came_back_had_left_and_one_on_its_way_is_asked_about_later() {
    let portal = TestPortal::new();
    let (_, id) = sent(&portal);
    let failed = report(&dsn(FAILED, &whole(&id)));
    behind_its_back(&portal, "UPDATE mails SET state = 'committing'");
    assert!(note_report(&portal, &failed).is_err());
    behind_its_back(&portal, "UPDATE mails SET state = 'uncertain'");
    assert_eq!(note_report(&portal, &failed).unwrap(), ReportResult::Noted);
    assert_eq!(texts(&portal, "SELECT state AS text FROM mails"), ["sent"]);
}

/// What `cpe-portal bounce` says of a message, and its exit code.
fn piped(data: &std::path::Path, text: &str) -> (Option<i32>, String) {
    let mut command = command(data, &["--wait", "1", "bounce"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let ended = child.wait_with_output().unwrap();
    (ended.status.code(), String::from_utf8(ended.stdout).unwrap())
}

#[test]
fn a_mail_server_pipes_a_report_in_and_keeps_it_while_the_portal_cannot_read_it() {
    let portal = TestPortal::new();
    let (_, id) = sent(&portal);
    let data = portal.folder.path().join("data");
    let failed = dsn(FAILED, &whole(&id));
    let long = format!("{failed}{}", "x".repeat(3_000_000));
    let (code, said) = piped(&data, "From: ann@people.test\r\n\r\nThank you.");
    assert_eq!((code, said.as_str()), (Some(0), "Not a delivery report. Nothing was changed.\n"));
    // 75 is EX_TEMPFAIL: the mail server keeps the message
    let nowhere = portal.folder.path().join("nowhere");
    assert_eq!(piped(&nowhere, &failed).0, Some(75));
    assert!(!nowhere.exists());
    portal
        .store
        .write(|_| {
            assert_eq!(piped(&data, &failed).0, Some(75), "while the database is busy");
            Ok::<_, cpe_portal::store::StoreError>(())
        })
        .unwrap();
    assert_eq!(piped(&data, &long), (Some(0), "Noted: the email came back.\n".to_owned()));
    assert_eq!(piped(&data, &failed).0, Some(0));
    assert_eq!(bounces(&portal).len(), 1);
}

//! Domains that take no mail for now rest, and so does a mail server that turns everybody away: longer each time, and nobody else waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::TimeDelta;
use cpe_portal::domain::roles::Role;
use cpe_portal::jobs::delivery::Delivered;
use cpe_portal::jobs::health::vitals;
use cpe_portal::store::mail::mail_pauses::{self, MailPause};

use super::body::texts;
use super::delivery::write;
use super::sessions::{deliver_now, portal_of};
use crate::mail::smtp_server::{Act, SmtpServer, Step};
use crate::support::TestPortal;

/// A server that refuses one domain with these words as long as the switch is on.
fn refusing(words: &'static str) -> (TestPortal, SmtpServer, Arc<AtomicBool>, Arc<AtomicUsize>) {
    let (refuses, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let (switch, counter) = (Arc::clone(&refuses), Arc::clone(&asked));
    let (portal, _ann, server) = portal_of(4, move |step, line| {
        let theirs = step == Step::Rcpt && line.contains("@down.test");
        if theirs {
            counter.fetch_add(1, Ordering::SeqCst);
        }
        (theirs && switch.load(Ordering::SeqCst)).then(|| match words.starts_with("421") {
            true => Act::SayAndDrop(words),
            false => Act::Say(words),
        })
    });
    (portal, server, refuses, asked)
}

fn pauses(portal: &TestPortal) -> Vec<String> {
    texts(
        portal,
        "SELECT domain || ' ' || times || ' ' || CAST(ROUND((julianday(ends_at) - julianday(began_at)) * 1440) AS INTEGER) AS text \
         FROM mail_pauses ORDER BY domain",
    )
}

fn mail_vital(portal: &TestPortal) -> String {
    vitals(portal).into_iter().find(|vital| vital.name == "mail").unwrap().words
}

#[test]
fn a_domain_that_closes_the_line_rests_at_once_and_the_others_go_on() {
    let (portal, server, refuses, asked) = refusing("421 4.7.0 try again later");
    let (dan, eve) = (portal.holder("dan@down.test", "Dan"), portal.holder("eve@up.test", "Eve"));
    write(&portal, &dan, &["reminder"; 30]);
    write(&portal, &eve, &["reminder"; 30]);
    assert_eq!(deliver_now(&portal), Delivered { sent: 30, postponed: 30, ..Delivered::default() });
    assert_eq!((asked.load(Ordering::SeqCst), server.mails().len()), (1, 30));
    assert_eq!(pauses(&portal), ["down.test 1 1"]);
    // what is written meanwhile waits with the rest, and does not ask either
    write(&portal, &dan, &["approved"]);
    write(&portal, &eve, &["approved"]);
    assert_eq!(deliver_now(&portal).sent, 1);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(mail_vital(&portal).contains("1 domain takes no mail for now"), "{}", mail_vital(&portal));
    // one mail asks again, and the pause grows: 1, 5, 15, 60, 60 minutes
    for (times, minutes) in [(2, 5), (3, 15), (4, 60), (5, 60)] {
        portal.clock.advance(TimeDelta::hours(1));
        assert_eq!(deliver_now(&portal).postponed, 31);
        assert_eq!(asked.load(Ordering::SeqCst), times);
        assert_eq!(pauses(&portal), [format!("down.test {times} {minutes}")]);
    }
    // a restart knows it: what is known stands in the database, and a success forgets it
    refuses.store(false, Ordering::SeqCst);
    portal.clock.advance(TimeDelta::hours(1));
    assert_eq!(deliver_now(&portal), Delivered { sent: 31, ..Delivered::default() });
    assert!(pauses(&portal).is_empty());
    assert!(!mail_vital(&portal).contains("domain"), "{}", mail_vital(&portal));
}

#[test]
fn a_mail_that_was_never_offered_does_not_fail_because_it_waited() {
    let (portal, _server, _refuses, asked) = refusing("451 4.4.1 no answer from the host");
    let dan = portal.holder("dan@down.test", "Dan");
    write(&portal, &dan, &["reminder"]);
    let state = || texts(&portal, "SELECT state || ' ' || attempts AS text FROM mails");
    for times in 1..=80 {
        let now = portal.clock.now();
        let pause = MailPause {
            domain: "down.test".to_owned(),
            times,
            began_at: now,
            ends_at: now + TimeDelta::hours(1),
            words: "451 not now".to_owned(),
        };
        portal.store.write(|conn| mail_pauses::begin(conn, &pause)).unwrap();
        assert_eq!(deliver_now(&portal), Delivered::default());
        portal.clock.advance(TimeDelta::hours(1));
    }
    assert_eq!((asked.load(Ordering::SeqCst), state()), (0, vec!["pending 1".to_owned()]));
    // and the first time that it is offered is not its last
    assert_eq!(deliver_now(&portal).postponed, 1);
    assert_eq!((asked.load(Ordering::SeqCst), state()), (1, vec!["pending 2".to_owned()]));
}

#[test]
fn three_refusals_in_a_row_are_about_the_domain_and_one_is_not() {
    let (portal, _server, _refuses, asked) = refusing("451 4.4.1 no answer from the host");
    let dan = portal.holder("dan@down.test", "Dan");
    write(&portal, &dan, &["reminder"; 2]);
    assert_eq!(deliver_now(&portal).postponed, 2);
    assert!(pauses(&portal).is_empty());
    write(&portal, &dan, &["reminder"; 20]);
    assert_eq!(deliver_now(&portal).postponed, 20);
    assert_eq!((asked.load(Ordering::SeqCst), pauses(&portal)), (5, vec!["down.test 1 1".to_owned()]));
}

#[test]
fn a_full_mailbox_is_no_trouble_of_its_domain() {
    let (portal, _server, _refuses, asked) = refusing("452 4.2.2 the mailbox is full");
    let dan = portal.holder("dan@down.test", "Dan");
    write(&portal, &dan, &["reminder"; 12]);
    assert_eq!(deliver_now(&portal).postponed, 12);
    assert_eq!((asked.load(Ordering::SeqCst), pauses(&portal).len()), (12, 0));
}

#[test]
fn a_server_that_turns_everybody_away_is_left_alone_for_longer_each_time() {
    let (away, greeted) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let (switch, counter) = (Arc::clone(&away), Arc::clone(&greeted));
    let (portal, ann, _server) = portal_of(4, move |step, _| {
        if step != Step::Greeting {
            return None;
        }
        counter.fetch_add(1, Ordering::SeqCst);
        switch.load(Ordering::SeqCst).then_some(Act::SayAndDrop("421 too busy"))
    });
    write(&portal, &ann, &["reminder"; 30]);
    for (times, minutes) in [(1, 1), (2, 5), (3, 15), (4, 60)] {
        assert_eq!(deliver_now(&portal).postponed, 30);
        assert_eq!(greeted.load(Ordering::SeqCst), times, "one attempt stands for all");
        assert_eq!(pauses(&portal), [format!(" {times} {minutes}")]);
        // a new mail does not ask either
        assert_eq!(deliver_now(&portal), Delivered::default());
        assert!(
            mail_vital(&portal).contains("the mail server takes none for now"),
            "{}",
            mail_vital(&portal)
        );
        portal.clock.advance(TimeDelta::hours(1));
    }
    away.store(false, Ordering::SeqCst);
    assert_eq!(deliver_now(&portal).sent, 30);
    assert!(pauses(&portal).is_empty());
}

#[test]
fn a_pause_from_a_clock_that_was_wrong_binds_nobody() {
    let (portal, _server, refuses, _asked) = refusing("421 not now");
    let dan = portal.holder("dan@down.test", "Dan");
    write(&portal, &dan, &["reminder"; 3]);
    portal.clock.advance(TimeDelta::days(400));
    assert_eq!(deliver_now(&portal).postponed, 3);
    portal.clock.advance(TimeDelta::days(-400));
    refuses.store(false, Ordering::SeqCst);
    assert_eq!(deliver_now(&portal).sent, 3);
}

#[actix_web::test]
async fn staff_see_who_takes_no_mail_and_for_how_long() {
    let (portal, _server, _refuses, _asked) = refusing("421 not now");
    let rae = portal.account("rae@portal.test", "Rae", Role::Reviewer);
    let dan = portal.holder("dan@down.test", "Dan");
    write(&portal, &dan, &["reminder"; 3]);
    deliver_now(&portal);
    let browser = portal.browser(&rae).await;
    let page = browser.get("/staff/mail").await.expect(200);
    assert!(page.words().contains("down.test takes no emails for now"), "{}", page.words());
    assert!(page.words().contains("10:01"), "{}", page.words());
    portal.clock.advance(TimeDelta::minutes(1));
    let page = browser.get("/staff/mail").await.expect(200);
    assert!(!page.words().contains("takes no emails for now"), "{}", page.words());
}

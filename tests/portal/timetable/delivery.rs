//! The outbox: its states, what a crash leaves behind, two deliverers at once.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use cpe_portal::domain::notices::notice_kind::NoticeKind;
use cpe_portal::jobs::delivery::{Delivered, deliver};
use cpe_portal::mail::{Mailer, Server, Smtp};
use cpe_portal::store::accounts::Account;
use cpe_portal::store::mail::outbox::{self, NewMail};
use cpe_portal::store::mail::outbox_delivery::{self, WantedMails};

use super::body::{behind_its_back, texts};
use super::server::{Scripted, Step};
use crate::support::TestPortal;

/// Mails written for one holder, as whatever kind.
pub fn write(portal: &TestPortal, to: &Account, kinds: &[&str]) {
    let now = portal.clock.now();
    portal
        .store
        .write(|conn| {
            for kind in kinds {
                let id = format!("<{}@portal.test>", uuid(portal));
                let mail = NewMail {
                    account: to.id,
                    kind: NoticeKind::from_code(kind).unwrap(),
                    to_name: &to.name,
                    to_address: &to.email,
                    subject: "A subject",
                    text: "The text with a link",
                    html: "<p>The text with a link</p>",
                    message_id: &id,
                };
                outbox::add(conn, &mail, now)?;
            }
            Ok::<_, cpe_portal::store::StoreError>(())
        })
        .unwrap();
}

fn uuid(_: &TestPortal) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("mail-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn deliver_now(portal: &TestPortal) -> Delivered {
    deliver(portal, &mut || ControlFlow::Continue(())).unwrap()
}

fn states(portal: &TestPortal) -> Vec<String> {
    texts(portal, "SELECT state || ' ' || attempts AS text FROM mails ORDER BY id")
}

pub(super) fn with_server(script: Vec<Step>) -> (TestPortal, Account, Scripted) {
    // one session, so that the script has an order
    let mut portal = TestPortal::with(|settings| settings.mail_sessions = Some("1".into()));
    let server = Scripted::start(script);
    let url = format!("smtp://127.0.0.1:{}", server.port).parse().unwrap();
    portal.portal.mailer = Mailer::Smtp(
        Smtp::new(Server::parse(&url).unwrap(), &portal.config).with_limit(std::time::Duration::from_secs(5)),
    );
    let ann = portal.holder("ann@people.test", "Ann");
    (portal, ann, server)
}

#[test]
fn every_mail_is_delivered_once_and_secret_links_do_not_stay() {
    let portal = TestPortal::new();
    let ann = portal.holder("ann@people.test", "Ann");
    write(&portal, &ann, &["reminder", "invitation", "password-reset"]);
    assert_eq!(deliver_now(&portal), Delivered { sent: 3, ..Delivered::default() });
    assert_eq!(deliver_now(&portal), Delivered::default());
    assert_eq!(portal.delivered().len(), 3);
    assert_eq!(portal.delivered()[1].text, "The text with a link");
    assert_eq!(states(&portal), ["sent 1", "sent 1", "sent 1"]);
    assert_eq!(
        texts(&portal, "SELECT kind || ' ' || body_text || body_html AS text FROM mails ORDER BY id"),
        ["reminder The text with a link<p>The text with a link</p>", "invitation ", "password-reset "]
    );
    assert!(texts(&portal, "SELECT name AS text FROM leases").is_empty());
}

#[test]
fn a_mail_written_on_a_rehearsed_day_is_delivered_today() {
    let portal = TestPortal::new();
    let ann = portal.holder("ann@people.test", "Ann");
    let today = portal.clock.now();
    portal.clock.advance(TimeDelta::days(400));
    write(&portal, &ann, &["reminder"]);
    portal.clock.set(today);
    assert_eq!(deliver_now(&portal).sent, 1);
}

#[test]
fn a_temporary_refusal_waits_1_5_15_60_minutes() {
    let refusals = vec![Step::Recipient(450); 5];
    let (portal, ann, _server) = with_server(refusals);
    write(&portal, &ann, &["reminder"]);
    for (attempt, minutes) in [1, 5, 15, 60, 60].into_iter().enumerate() {
        assert_eq!(deliver_now(&portal).postponed, 1, "attempt {attempt}");
        portal.clock.advance(TimeDelta::seconds(minutes * 60 - 1));
        assert_eq!(deliver_now(&portal), Delivered::default(), "too early after attempt {attempt}");
        portal.clock.advance(TimeDelta::seconds(1));
    }
    assert_eq!(deliver_now(&portal).sent, 1);
    assert_eq!(states(&portal), ["sent 6"]);
}

#[test]
fn after_about_three_days_a_mail_fails_for_good() {
    let (portal, ann, _server) = with_server(vec![Step::Recipient(450); 3]);
    write(&portal, &ann, &["reminder"]);
    behind_its_back(&portal, "UPDATE mails SET attempts = 72");
    portal.clock.advance(TimeDelta::days(3));
    assert_eq!(deliver_now(&portal).postponed, 1);
    portal.clock.advance(TimeDelta::hours(1));
    assert_eq!(deliver_now(&portal).postponed, 1);
    portal.clock.advance(TimeDelta::hours(1));
    assert_eq!(deliver_now(&portal).failed, 1);
    assert_eq!(states(&portal), ["failed 75"]);
    portal.clock.advance(TimeDelta::days(9));
    assert_eq!(deliver_now(&portal), Delivered::default());
}

#[test]
fn a_mail_that_is_not_three_days_old_never_fails_however_often_it_was_tried() {
    let (portal, ann, _server) = with_server(vec![Step::Recipient(450); 2]);
    write(&portal, &ann, &["reminder"]);
    behind_its_back(&portal, "UPDATE mails SET attempts = 90");
    portal.clock.advance(TimeDelta::hours(71));
    assert_eq!(deliver_now(&portal).postponed, 1);
    portal.clock.advance(TimeDelta::hours(1));
    assert_eq!(deliver_now(&portal).failed, 1);
}

#[test]
fn one_bad_recipient_never_stops_the_rest_and_a_lost_answer_is_uncertain() {
    let (portal, ann, server) =
        with_server(vec![Step::Recipient(550), Step::Take, Step::LoseAnswer, Step::Take]);
    write(&portal, &ann, &["reminder", "flagged", "recertified", "approved"]);
    assert_eq!(deliver_now(&portal), Delivered { sent: 2, failed: 1, uncertain: 1, postponed: 0 });
    assert_eq!(states(&portal), ["failed 1", "sent 1", "uncertain 1", "sent 1"]);
    portal.clock.advance(TimeDelta::days(30));
    assert_eq!(deliver_now(&portal), Delivered::default(), "never a blind retry");
    assert_eq!(server.bodies(), 3);
}

#[test]
fn one_connection_serves_several_mails() {
    let (portal, ann, server) = with_server(Vec::new());
    write(&portal, &ann, &["reminder"; 45]);
    assert_eq!(deliver_now(&portal).sent, 45);
    assert_eq!((server.connections(), server.bodies()), (1, 45));
}

#[test]
fn a_server_that_cannot_be_reached_is_tried_once_for_all() {
    let (portal, ann, server) = with_server(Vec::new());
    drop(server);
    write(&portal, &ann, &["reminder"; 45]);
    assert_eq!(deliver_now(&portal).postponed, 45);
    assert!(states(&portal).iter().all(|state| state == "pending 1"));
    assert_eq!(deliver_now(&portal), Delivered::default());
    // the first one finds out for the others, which wait as long and come no nearer to their end
    for (minutes, attempts) in [(1, 2), (5, 3), (15, 4), (60, 5)] {
        portal.clock.advance(TimeDelta::minutes(minutes) - TimeDelta::seconds(1));
        assert_eq!(deliver_now(&portal), Delivered::default());
        portal.clock.advance(TimeDelta::seconds(1));
        assert_eq!(deliver_now(&portal).postponed, 45);
        let states = states(&portal);
        assert_eq!(states[0], format!("pending {attempts}"));
        assert!(states[1..].iter().all(|state| state == "pending 1"), "{states:?}");
    }
}

#[test]
fn what_a_dead_process_had_in_hand_goes_back_or_becomes_uncertain() {
    let portal = TestPortal::new();
    let ann = portal.holder("ann@people.test", "Ann");
    write(&portal, &ann, &["reminder", "flagged", "approved"]);
    behind_its_back(&portal, "UPDATE mails SET state = 'claimed', claimed_by = 'dead' WHERE id = 1");
    behind_its_back(&portal, "UPDATE mails SET state = 'committing', claimed_by = 'dead' WHERE id = 2");
    // while its lease runs nobody touches them
    let until = (portal.clock.now() + TimeDelta::seconds(90)).format("%Y-%m-%d %H:%M:%S");
    behind_its_back(&portal, &format!("INSERT INTO leases VALUES ('mail', 'dead', '{until}')"));
    assert!(deliver(&portal, &mut || ControlFlow::Continue(())).is_err());
    assert_eq!(states(&portal), ["claimed 0", "committing 0", "pending 0"]);
    portal.clock.advance(TimeDelta::seconds(90));
    assert_eq!(deliver_now(&portal), Delivered { sent: 2, uncertain: 1, ..Delivered::default() });
    assert_eq!(states(&portal), ["sent 1", "uncertain 0", "sent 1"]);
    let kinds: Vec<String> = portal.delivered().into_iter().map(|mail| mail.kind).collect();
    assert_eq!(kinds, ["reminder", "approved"]);
}

#[test]
fn a_process_that_lost_its_mail_never_sends_it_and_its_certain_answer_still_counts() {
    let portal = TestPortal::new();
    let ann = portal.holder("ann@people.test", "Ann");
    write(&portal, &ann, &["reminder", "flagged"]);
    let now = portal.clock.now();
    let two = WantedMails { limit: 2, passing_over: &[] };
    let claimed = portal.store.write(|conn| outbox_delivery::claim(conn, "slow", now, two)).unwrap();
    assert_eq!(claimed.len(), 2);
    portal.store.write(|conn| outbox_delivery::commit(conn, claimed[1].id, "slow", now)).unwrap();
    assert_eq!(portal.store.write(|conn| outbox_delivery::recover(conn, "next", now)).unwrap(), (1, 1));
    assert!(portal.store.write(|conn| outbox_delivery::commit(conn, claimed[0].id, "slow", now)).is_err());
    assert_eq!(states(&portal), ["pending 0", "uncertain 0"]);
    portal
        .store
        .write(|conn| outbox_delivery::sent(conn, claimed[1].id, &claimed[1].kind, "slow", now))
        .unwrap();
    assert_eq!(states(&portal), ["pending 0", "sent 1"]);
}

#[test]
fn when_our_own_commit_fails_nothing_is_sent_and_the_mail_waits() {
    let portal = TestPortal::new();
    let ann = portal.holder("ann@people.test", "Ann");
    write(&portal, &ann, &["reminder"]);
    behind_its_back(
        &portal,
        "CREATE TRIGGER no BEFORE UPDATE ON mails WHEN NEW.state = 'committing' BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let mut asked = 0;
    let delivered = deliver(&portal, &mut || {
        asked += 1;
        if asked > 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!(delivered, Delivered::default());
    assert!(
        asked <= 3,
        "asked {asked} times: a mail that cannot be attempted must not be taken again in the same round"
    );
    assert!(portal.delivered().is_empty());
    assert_eq!(states(&portal), ["pending 0"]);
    behind_its_back(&portal, "DROP TRIGGER no");
    assert_eq!(deliver_now(&portal).sent, 1);
}

#[test]
fn several_deliverers_at_once_send_each_mail_once() {
    let portal = TestPortal::new();
    let ann = portal.holder("ann@people.test", "Ann");
    write(&portal, &ann, &["reminder"; 60]);
    let sent: usize = std::thread::scope(|scope| {
        let deliverers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut sent = 0;
                    for _ in 0..30 {
                        // an error means that another one has the lease
                        sent +=
                            deliver(&portal, &mut || ControlFlow::Continue(())).map_or(0, |done| done.sent);
                        std::thread::sleep(std::time::Duration::from_millis(2));
                    }
                    sent
                })
            })
            .collect();
        deliverers.into_iter().map(|deliverer| deliverer.join().unwrap()).sum()
    });
    assert_eq!(sent, 60);
    let mut ids: Vec<String> = portal.delivered().into_iter().map(|mail| mail.message_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), portal.delivered().len()), (60, 60));
}

#[test]
fn a_stopped_delivery_gives_back_what_it_did_not_begin() {
    let portal = TestPortal::new();
    let ann = portal.holder("ann@people.test", "Ann");
    write(&portal, &ann, &["reminder"; 5]);
    let mut asked = 0;
    let stopped = deliver(&portal, &mut || {
        asked += 1;
        if asked > 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(stopped.unwrap().sent, 2);
    assert_eq!(states(&portal), ["sent 1", "sent 1", "pending 0", "pending 0", "pending 0"]);
    assert_eq!(deliver_now(&portal).sent, 3);
}

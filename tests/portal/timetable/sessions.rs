//! Several sessions with the mail server at once: never more than are allowed, no more than there is to send, and everything that stops
//! mail stops all of them.

use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use cpe_portal::actions::mail::going_live;
use cpe_portal::jobs::delivery::{Delivered, deliver};
use cpe_portal::mail::{Mailer, Server, Smtp};
use cpe_portal::store::accounts::Account;
use cpe_portal::store::engine::leases::{Lease, Term};

use super::body::{behind_its_back, texts};
use super::delivery::write;
use crate::mail::smtp_server::{Act, SmtpServer, Step};
use crate::support::TestPortal;

/// So long a test waits for what has to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many mails are between their recipient and their end at this moment, and the most that there ever were.
#[derive(Default)]
struct Inside {
    now: Mutex<(usize, usize)>,
    changed: Condvar,
}

impl Inside {
    fn enter(&self) {
        let mut now = self.now.lock().unwrap();
        now.0 += 1;
        now.1 = now.1.max(now.0);
        self.changed.notify_all();
    }

    fn leave(&self) {
        self.now.lock().unwrap().0 -= 1;
        self.changed.notify_all();
    }

    /// Waits until so many were inside at once.
    fn wait_for(&self, many: usize) -> bool {
        let now = self.now.lock().unwrap();
        !self.changed.wait_timeout_while(now, PATIENCE, |now| now.1 < many).unwrap().1.timed_out()
    }

    fn most(&self) -> usize {
        self.now.lock().unwrap().1
    }
}

/// A portal with so many sessions to a server that follows a script.
pub(super) fn portal_of(
    sessions: usize,
    script: impl Fn(Step, &str) -> Option<Act> + Send + Sync + 'static,
) -> (TestPortal, Account, SmtpServer) {
    let mut portal = TestPortal::with(|settings| settings.mail_sessions = Some(sessions.to_string()));
    let server = SmtpServer::start(script);
    reach(&mut portal, &server);
    let ann = portal.holder("ann@people.test", "Ann");
    (portal, ann, server)
}

fn reach(portal: &mut TestPortal, server: &SmtpServer) {
    let url = format!("smtp://{}", server.address).parse().unwrap();
    let smtp = Smtp::new(Server::parse(&url).unwrap(), &portal.config).with_limit(Duration::from_secs(30));
    portal.portal.mailer = Mailer::Smtp(smtp);
}

pub(super) fn deliver_now(portal: &TestPortal) -> Delivered {
    deliver(portal, &mut || ControlFlow::Continue(())).unwrap()
}

fn states(portal: &TestPortal) -> Vec<String> {
    let counted = "SELECT state || ' ' || COUNT(*) AS text FROM mails GROUP BY state ORDER BY state";
    texts(portal, counted)
}

/// A server at which a mail waits after its recipient until so many others do.
fn crowded(sessions: usize, meet: usize) -> (TestPortal, SmtpServer, Arc<Inside>) {
    let inside = Arc::new(Inside::default());
    let theirs = Arc::clone(&inside);
    let (portal, _ann, server) = portal_of(sessions, move |step, _| {
        match step {
            Step::Rcpt => {
                theirs.enter();
                // the first finds out alone whether the server is there
                if theirs.now.lock().unwrap().1 > 1 {
                    theirs.wait_for(meet);
                }
            }
            Step::BodyEnds => theirs.leave(),
            _ => {}
        }
        None
    });
    // of as many domains as meet: none of them is waited for
    let people: Vec<Account> = ["one", "two", "three", "four"]
        .map(|domain| portal.holder(&format!("{domain}@{domain}.test"), domain))
        .to_vec();
    for _ in 0..15 {
        for person in &people {
            write(&portal, person, &["reminder"]);
        }
    }
    (portal, server, inside)
}

#[test]
fn four_sessions_deliver_at_once_and_never_five() {
    let (portal, server, inside) = crowded(4, 4);
    assert_eq!(deliver_now(&portal), Delivered { sent: 60, ..Delivered::default() });
    assert_eq!((inside.most(), server.connections(), server.mails().len()), (4, 4, 60));
    assert_eq!(states(&portal), ["sent 60"]);
    assert_eq!(server.heard("QUIT").len(), 4, "every session says goodbye");
    assert!(texts(&portal, "SELECT name AS text FROM leases").is_empty());
}

#[test]
fn each_mail_of_several_sessions_is_sent_once() {
    let (portal, ann, server) = portal_of(20, |_, _| None);
    write(&portal, &ann, &["reminder"; 300]);
    assert_eq!(deliver_now(&portal).sent, 300);
    let id = |mail: &Vec<u8>| {
        let text = String::from_utf8_lossy(mail).into_owned();
        text.lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned()
    };
    let mut ids: Vec<String> = server.mails().iter().map(id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), server.mails().len()), (300, 300));
    assert!(server.connections() <= 20, "{}", server.connections());
}

#[test]
fn few_mails_open_no_more_sessions_than_they_need() {
    for (mails, most) in [(1, 1), (5, 1), (9, 2)] {
        let (portal, ann, server) = portal_of(4, |_, _| None);
        write(&portal, &ann, &vec!["reminder"; mails]);
        assert_eq!(deliver_now(&portal).sent, mails);
        assert!(server.connections() <= most, "{mails} mails by {} sessions", server.connections());
    }
}

#[test]
fn one_session_is_one_connection_in_the_order_of_the_outbox() {
    let (portal, ann, server) = portal_of(1, |_, _| None);
    write(&portal, &ann, &["reminder"; 45]);
    assert_eq!(deliver_now(&portal).sent, 45);
    assert_eq!(server.connections(), 1);
    let sent: Vec<String> = server.mails().iter().map(|mail| String::from_utf8_lossy(mail).into()).collect();
    let written = texts(&portal, "SELECT message_id AS text FROM mails ORDER BY id");
    assert!(sent.iter().zip(&written).all(|(mail, id)| mail.contains(id.as_str())));
}

#[test]
fn a_server_that_lets_two_in_is_served_by_two() {
    let greeted = Mutex::new(0);
    let (portal, ann, server) = portal_of(4, move |step, _| {
        if step != Step::Greeting {
            return None;
        }
        let mut greeted = greeted.lock().unwrap();
        *greeted += 1;
        (*greeted > 2).then_some(Act::SayAndDrop("421 too many connections from you"))
    });
    write(&portal, &ann, &["reminder"; 60]);
    assert_eq!(deliver_now(&portal), Delivered { sent: 60, ..Delivered::default() });
    assert!(server.connections() <= 4, "after it said so it is not asked again in the same round");
    assert!(texts(&portal, "SELECT domain AS text FROM mail_pauses").is_empty());
    assert_eq!(texts(&portal, "SELECT DISTINCT attempts || '' AS text FROM mails"), ["1"]);
}

#[test]
fn what_stops_mail_stops_every_session() {
    type Stop = fn(&TestPortal);
    let stops: [(&str, Stop); 3] = [
        ("all mail is held after a takeover", |portal| {
            behind_its_back(
                portal,
                "INSERT INTO mail_holds (cause, backup_made_at, held_at, last_mail) \
                 SELECT 'takeover', MAX(created_at), MAX(created_at), MAX(id) FROM mails",
            );
        }),
        ("emails to holders are held", |portal| going_live::hold(portal, None).unwrap()),
        ("another one took the lease", |portal| {
            behind_its_back(portal, "DELETE FROM leases");
            let term = Term { lasts: chrono::TimeDelta::seconds(120), renew_after: Duration::from_secs(10) };
            let name = cpe_portal::domain::job::LeaseName::Delivery;
            let now = portal.clock.machine_now();
            portal.store.write(|conn| Lease::take(conn, name, term, now)).unwrap().unwrap();
            let owner = "(SELECT owner FROM leases)";
            behind_its_back(
                portal,
                &format!("UPDATE mails SET claimed_by = {owner} WHERE state = 'claimed'"),
            );
        }),
    ];
    for (why, stop) in stops {
        let (portal, server, inside) = crowded(4, 5);
        let delivered = std::thread::scope(|scope| {
            let delivering = scope.spawn(|| deliver_now(&portal));
            assert!(inside.wait_for(4), "{why}");
            stop(&portal);
            // whoever waits there goes on
            inside.enter();
            delivering.join().unwrap()
        });
        // one found out whether the server is there; nobody of those that waited at the recipient was allowed to go on
        let begun = server.mails().len();
        assert_eq!(delivered.sent, begun, "{why}");
        assert!(begun <= 6, "{why}: {begun} mails were sent");
        assert_eq!((delivered.uncertain, delivered.failed), (0, 0), "{why}");
    }
}

#[test]
fn a_round_that_is_stopped_finishes_what_has_begun_and_gives_back_the_rest() {
    let (portal, server, inside) = crowded(4, 4);
    let delivered = deliver(&portal, &mut || match inside.most() {
        4 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .unwrap();
    assert_eq!(delivered.sent, server.mails().len());
    assert!(delivered.sent < 60, "it was stopped");
    assert_eq!(delivered, Delivered { sent: delivered.sent, ..Delivered::default() });
    assert_eq!(
        states(&portal),
        [format!("pending {}", 60 - delivered.sent), format!("sent {}", delivered.sent)]
    );
    assert_eq!(deliver_now(&portal).sent, 60 - delivered.sent);
}

#[test]
fn a_domain_that_stalls_holds_one_session_and_the_others_go_on() {
    let (stalling, finished) = (Arc::new(Inside::default()), Arc::new(Inside::default()));
    let (stall, finish) = (Arc::clone(&stalling), Arc::clone(&finished));
    let (portal, _ann, server) = portal_of(4, move |step, line| {
        if step == Step::Rcpt && line.contains("@slow.test") {
            // until everybody else's mail is through
            if finish.most() < 40 {
                stall.enter();
                assert!(finish.wait_for(40));
                stall.leave();
            }
        } else if step == Step::Rcpt {
            finish.enter();
        }
        None
    });
    // the mails of the domain that stalls come first, more of them than are claimed in one go
    let slow = portal.holder("sam@slow.test", "Sam");
    write(&portal, &slow, &["reminder"; 120]);
    for domain in ["one.test", "two.test"] {
        let quick = portal.holder(&format!("quinn@{domain}"), "Quinn");
        write(&portal, &quick, &["reminder"; 20]);
    }
    assert_eq!(deliver_now(&portal).sent, 160);
    assert_eq!(stalling.most(), 1, "sessions that the stalling domain held at once while others waited");
    assert_eq!(server.mails().len(), 160);
}

#[test]
fn a_session_that_lost_its_server_never_costs_another_ones_mail() {
    let taken = Mutex::new(0);
    let (portal, ann, server) = portal_of(4, move |step, _| {
        if step != Step::BodyEnds {
            return None;
        }
        let mut taken = taken.lock().unwrap();
        *taken += 1;
        // every seventh mail is taken, and the line is cut after the answer
        (*taken % 7 == 0).then_some(Act::SayAndDrop("250 taken"))
    });
    write(&portal, &ann, &["reminder"; 60]);
    assert_eq!(deliver_now(&portal), Delivered { sent: 60, ..Delivered::default() });
    assert_eq!(server.mails().len(), 60);
}

//! Two things at once: somebody signs in while the owner is being rid of them. Real threads, one database.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use cpe_portal::actions::accounts::account_closing::Closing;
use cpe_portal::actions::accounts::passwords::{self, NewPassword};
use cpe_portal::actions::accounts::sign_in::{Attempt, SignIn, sign_in};
use cpe_portal::actions::accounts::{self, sessions};
use cpe_portal::domain::roles::Role;
use cpe_portal::store::accounts::Account;
use cpe_portal::store::accounts::sessions as stored_sessions;
use cpe_portal::store::accounts::tokens::{self, Purpose};

use super::*;

const TRIALS: usize = 4;
const THREADS: usize = 4;

/// While `THREADS` sign in with the old password again and again, `change` happens. Gives the account's sessions after it, beside those
/// that `change` says are its own.
fn sessions_after(portal: &TestPortal, olga: &Account, change: impl FnOnce() -> Option<i64> + Send) -> usize {
    let (start, over) = (Barrier::new(THREADS + 1), AtomicBool::new(false));
    let own = thread::scope(|scope| {
        for number in 0..THREADS {
            let (start, over, email) = (&start, &over, olga.email.clone());
            scope.spawn(move || {
                start.wait();
                for round in 0..200 {
                    if over.load(Ordering::SeqCst) {
                        break;
                    }
                    // from ever another place, so that no guess is slowed down
                    let address = format!("198.51.{number}.{round}");
                    let attempt = Attempt {
                        email: &email,
                        password: PASSWORD,
                        address: &address,
                        browser: "Old",
                        keep: false,
                    };
                    drop(sign_in(portal, &attempt));
                }
            });
        }
        start.wait();
        let own = change();
        // those under way come to their end
        over.store(true, Ordering::SeqCst);
        own
    });
    let left = sessions::list(portal, olga.id).unwrap();
    left.iter().filter(|session| Some(session.id) != own).count()
}

fn own_session(portal: &TestPortal, olga: &Account) -> i64 {
    let now = portal.clock.now();
    let token = portal.store.write(|conn| sessions::begin(conn, olga.id, "Own", now)).unwrap();
    let found = portal.store.read(|conn| stored_sessions::find(conn, &token.hash(), now)).unwrap();
    found.unwrap().id
}

const NEW: NewPassword<'_> = NewPassword { password: OTHER_PASSWORD, password_again: OTHER_PASSWORD };

#[test]
fn a_sign_in_under_way_does_not_survive_a_change_of_the_password() {
    for trial in 0..TRIALS {
        let portal = TestPortal::new();
        let olga = olga(&portal);
        let session = own_session(&portal, &olga);
        let left = sessions_after(&portal, &olga, || {
            passwords::change(&portal, olga.actor(), session, PASSWORD, NEW).unwrap();
            Some(session)
        });
        assert_eq!(left, 0, "trial {trial}");
    }
}

#[test]
fn a_sign_in_under_way_does_not_survive_a_password_by_link() {
    for trial in 0..TRIALS {
        let portal = TestPortal::new();
        let olga = olga(&portal);
        let now = portal.clock.now();
        let token = cpe_portal::secrets::Token::random().unwrap();
        let until = now + chrono::TimeDelta::hours(1);
        portal
            .store
            .write(|conn| tokens::add(conn, olga.id, Purpose::PasswordReset, &token.hash(), now, until))
            .unwrap();
        let left = sessions_after(&portal, &olga, || {
            let new = passwords::set_by_link(&portal, Purpose::PasswordReset, token.expose(), NEW, "Own");
            let hash = new.unwrap().hash();
            let found = portal.store.read(|conn| stored_sessions::find(conn, &hash, now)).unwrap();
            Some(found.unwrap().id)
        });
        assert_eq!(left, 0, "trial {trial}");
    }
}

#[test]
fn a_sign_in_under_way_does_not_survive_the_closing_of_the_account() {
    for trial in 0..TRIALS {
        let portal = TestPortal::new();
        let ada = portal.account("ada@people.test", "Ada", Role::Administrator);
        let olga = olga(&portal);
        let left = sessions_after(&portal, &olga, || {
            let version = portal.find_account(olga.id).version;
            let by = ada.as_if_administrator();
            accounts::deactivate(&portal, olga.id, version, by, &Closing::default()).unwrap();
            None
        });
        assert_eq!(left, 0, "trial {trial}");
    }
}

#[test]
fn a_sign_in_under_way_does_not_survive_a_password_set_at_the_command_line() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let left = sessions_after(&portal, &olga, || {
        portal.set_password(&olga, OTHER_PASSWORD);
        None
    });
    assert_eq!(left, 0);
}

#[test]
fn of_two_changes_of_one_password_only_the_first_counts() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let (first, second) = (own_session(&portal, &olga), own_session(&portal, &olga));
    let third = "nine patient rivers humming";
    let start = Barrier::new(2);
    let done: Vec<bool> = thread::scope(|scope| {
        let change = |session, password: &'static str| {
            let (portal, start, olga) = (&portal, &start, &olga);
            scope.spawn(move || {
                start.wait();
                let new = NewPassword { password, password_again: password };
                passwords::change(portal, olga.actor(), session, PASSWORD, new).is_ok()
            })
        };
        let threads = [change(first, OTHER_PASSWORD), change(second, third)];
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
    let right = if done[0] { OTHER_PASSWORD } else { third };
    let attempt = Attempt {
        email: &olga.email,
        password: right,
        address: "198.51.100.9",
        browser: "A test",
        keep: false,
    };
    assert!(matches!(sign_in(&portal, &attempt).unwrap(), SignIn::Done(_)), "whoever was told so gets in");
}

#[test]
fn a_session_that_has_ended_changes_no_password() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let session = own_session(&portal, &olga);
    sessions::end(&portal, olga.actor(), session).unwrap();
    assert!(passwords::change(&portal, olga.actor(), session, PASSWORD, NEW).is_err());
    assert!(portal.mails_to(&olga).is_empty());
}

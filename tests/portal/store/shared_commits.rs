//! Writes that share a commit: each is whole or not there, and nobody is told "done" before it is on the disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use cpe_portal::domain::roles::Role;
use cpe_portal::store::{Conn, Store, StoreError, accounts};

use crate::support::TestPortal;

const WRITERS: usize = 8;
const WRITES: usize = 25;

fn add(conn: &mut Conn<'_>, email: &str, portal: &TestPortal) -> Result<(), StoreError> {
    accounts::add(conn, email, "Ann", Role::Holder, portal.clock.now()).map(|_| ())
}

/// Asks through a store of its own, as another process would.
fn is_there(other: &Store, email: &str) -> bool {
    other.read(|conn| accounts::find_by_email(conn, email)).unwrap().is_some()
}

#[test]
fn what_many_writers_were_told_is_there_for_everybody_and_what_was_refused_left_no_trace() {
    let portal = TestPortal::new();
    let other = Store::open(portal.store.file().unwrap()).unwrap();
    let refused = AtomicUsize::new(0);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (portal, other, refused) = (&portal, &other, &refused);
            scope.spawn(move || {
                for nth in 0..WRITES {
                    let email = format!("w{writer}.{nth}@people.test");
                    let fails = nth % 5 == 4;
                    let told = portal.store.write(|conn| {
                        add(conn, &email, portal)?;
                        if fails { Err(StoreError::Changed) } else { Ok(()) }
                    });
                    assert_eq!(told.is_ok(), !fails, "{told:?}");
                    refused.fetch_add(usize::from(fails), Ordering::Relaxed);
                    // at once, not a moment later: what somebody was told is committed
                    assert_eq!(is_there(other, &email), !fails, "{email}");
                }
            });
        }
    });
    assert_eq!(refused.into_inner(), WRITERS * WRITES / 5);
}

#[test]
fn a_write_that_breaks_a_once_takes_only_itself_back() {
    let portal = TestPortal::new();
    portal.store.write(|conn| add(conn, "first@people.test", &portal)).unwrap();
    let together = Barrier::new(WRITERS);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (portal, together) = (&portal, &together);
            scope.spawn(move || {
                together.wait();
                let told = portal.store.write(|conn| {
                    add(conn, &format!("before.{writer}@people.test"), portal)?;
                    add(conn, if writer % 2 == 0 { "first@people.test" } else { "x@people.test" }, portal)
                });
                if writer % 2 == 0 {
                    assert!(matches!(told, Err(StoreError::Constraint(_))), "{told:?}");
                }
            });
        }
    });
    for writer in (0..WRITERS).step_by(2) {
        assert!(!is_there(&portal.store, &format!("before.{writer}@people.test")));
    }
    // of those that wanted the same address exactly one got it, with what it wrote before
    let kept = (1..WRITERS)
        .step_by(2)
        .filter(|writer| is_there(&portal.store, &format!("before.{writer}@people.test")))
        .count();
    assert_eq!(kept, 1);
}

#[test]
fn a_panic_in_a_write_tells_those_who_shared_it_that_nothing_was_kept_and_lets_the_next_one_in() {
    let portal = TestPortal::new();
    let (in_turn, panicking) = (Barrier::new(2), AtomicUsize::new(0));
    thread::scope(|scope| {
        let (portal, in_turn, panicking) = (&portal, &in_turn, &panicking);
        let sharing = scope.spawn(move || {
            portal.store.write(|conn| {
                in_turn.wait();
                // until the other one waits for its turn
                while panicking.load(Ordering::SeqCst) == 0 {
                    thread::sleep(Duration::from_millis(1));
                }
                thread::sleep(Duration::from_millis(2));
                add(conn, "shared@people.test", portal)
            })
        });
        in_turn.wait();
        panicking.store(1, Ordering::SeqCst);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            portal.store.write(|_| -> Result<(), StoreError> { panic!("a mistake in a write") })
        }));
        assert!(panicked.is_err());
        // told "done" exactly when it is there
        let told = sharing.join().unwrap();
        assert_eq!(told.is_ok(), is_there(&portal.store, "shared@people.test"), "{told:?}");
    });
    portal.store.write(|conn| add(conn, "next@people.test", &portal)).unwrap();
    assert!(is_there(&portal.store, "next@people.test"));
}

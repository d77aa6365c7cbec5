//! One writer, several readers; what was acknowledged is on the disk.

use std::sync::Barrier;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use cpe_portal::domain::history_event::HistoryEvent;
use cpe_portal::domain::roles::Role;
use cpe_portal::store::engine::sqlite::settings::{ConnectionSettings, log_pages, settings};
use cpe_portal::store::records::history;
use cpe_portal::store::{StoreError, accounts};

use crate::support::TestPortal;

const READERS: usize = 7;

#[test]
fn every_connection_has_the_promised_settings() {
    let portal = TestPortal::with(|settings| {
        settings.sizes.readers = Some(READERS.to_string());
        settings.sizes.checkpoint_mib = Some("8".into());
    });
    let promised = |reads_only| ConnectionSettings {
        journal_mode: "wal".to_owned(),
        synchronous: 2, // FULL
        foreign_keys: true,
        // whoever writes asks again and again by itself
        busy_timeout: if reads_only { 5000 } else { 20 },
        reads_only,
    };
    assert_eq!(portal.store.write(settings).unwrap(), promised(false));
    assert_eq!(portal.store.write(log_pages).unwrap(), 2_000);
    // all readers at the same time, so that none is asked twice
    let all_of_them = || {
        let together = Barrier::new(READERS);
        thread::scope(|scope| {
            let asked: Vec<_> = (0..READERS)
                .map(|_| {
                    scope.spawn(|| {
                        portal.store.read(|conn| {
                            together.wait();
                            settings(conn)
                        })
                    })
                })
                .collect();
            for answer in asked {
                assert_eq!(answer.join().unwrap().unwrap(), promised(true));
            }
        });
    };
    all_of_them();
    // a copy needs a connection that may write; it is given back as it was
    portal.store.copy_to(&portal.folder.path().join("copy.sqlite")).unwrap();
    portal.store.tidy().unwrap();
    all_of_them();
}

#[test]
fn a_reader_cannot_write() {
    let portal = TestPortal::new();
    let now = portal.clock.now();
    let refused = portal.store.read(|conn| accounts::add(conn, "a@b.test", "Ann", Role::Holder, now));
    assert!(matches!(refused, Err(StoreError::Database { .. })), "{refused:?}");
    let found = portal.store.read(|conn| accounts::find_by_email(conn, "a@b.test")).unwrap();
    assert!(found.is_none());
}

#[test]
fn a_write_that_fails_changes_nothing_of_what_it_did_before() {
    let portal = TestPortal::new();
    let now = portal.clock.now();
    let failed: Result<(), StoreError> = portal.store.write(|conn| {
        accounts::add(conn, "a@b.test", "Ann", Role::Holder, now)?;
        accounts::add(conn, " A@B.test ", "Ann again", Role::Holder, now)?;
        Ok(())
    });
    assert!(matches!(failed, Err(StoreError::Constraint(_))), "{failed:?}");
    assert!(portal.store.read(|conn| accounts::find_by_email(conn, "a@b.test")).unwrap().is_none());
    // and the writer is free again
    portal.store.write(|conn| accounts::add(conn, "a@b.test", "Ann", Role::Holder, now)).unwrap();
}

#[test]
fn readers_see_one_consistent_view_while_somebody_writes_and_do_not_wait() {
    let portal = TestPortal::new();
    let now = portal.clock.now();
    let (begun, wait_for_begin) = mpsc::channel();
    let (finish, wait_for_finish) = mpsc::channel::<()>();
    let count = || {
        portal.store.read(|conn| history::list(conn, history::HistoryFilter::default(), 100)).unwrap().len()
    };
    let before = count();
    thread::scope(|scope| {
        let store = portal.store.clone();
        let writing = scope.spawn(move || {
            store.write(|conn| {
                history::record(conn, &history::Event::of(HistoryEvent::DataExported), now)?;
                begun.send(()).unwrap();
                wait_for_finish.recv_timeout(Duration::from_secs(20)).unwrap();
                Ok::<_, StoreError>(())
            })
        });
        wait_for_begin.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(count(), before, "not committed yet");
        portal
            .store
            .read(|conn| {
                let list = |conn: &mut _| {
                    history::list(conn, history::HistoryFilter::default(), 100).map(|rows| rows.len())
                };
                assert_eq!(list(conn)?, before);
                finish.send(()).unwrap();
                writing.join().unwrap()?;
                // this view was opened before the commit, so it stays as it was
                assert_eq!(list(conn)?, before);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
    assert_eq!(count(), before + 1);
}

#[test]
fn many_writers_at_once_take_their_turns_and_lose_nothing() {
    let portal = TestPortal::new();
    let now = portal.clock.now();
    thread::scope(|scope| {
        for writer in 0..8 {
            let store = portal.store.clone();
            scope.spawn(move || {
                for nth in 0..10 {
                    let email = format!("w{writer}-{nth}@b.test");
                    store.write(|conn| accounts::add(conn, &email, "Ann", Role::Holder, now)).unwrap();
                }
            });
        }
    });
    for writer in 0..8 {
        for nth in 0..10 {
            let email = format!("w{writer}-{nth}@b.test");
            let found = portal.store.read(|conn| accounts::find_by_email(conn, &email)).unwrap();
            assert!(found.is_some(), "{email}");
        }
    }
}

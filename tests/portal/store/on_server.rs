//! A database on a server: which ones are refused, and that nothing is told to be done that is not.

use std::sync::Barrier;
use std::thread;

use chrono::NaiveDateTime;
use cpe_portal::domain::roles::Role;
use cpe_portal::store::accounts;
use cpe_portal::store::{Conn, Store, StoreError};

use crate::support::postgres::{Database, Server, open_server};
use crate::support::tls_files;

fn add(store: &Store, email: &str) -> Result<(), StoreError> {
    let add =
        |conn: &mut Conn<'_>| accounts::add(conn, email, "Somebody", Role::Holder, NaiveDateTime::default());
    store.write(add).map(|_| ())
}

#[test]
fn a_database_of_another_order_or_encoding_is_refused_in_words() {
    let ordered =
        Database::made_as("ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' LC_COLLATE 'C' LC_CTYPE 'C'");
    let words = ordered.open().err().unwrap().to_string();
    assert!(words.contains("orders text") && words.contains("LC_COLLATE 'C'"), "{words}");
    let latin = Database::made_as("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    let words = latin.open().err().unwrap().to_string();
    assert!(words.contains("LATIN1") && words.contains("needs UTF8"), "{words}");
}

#[test]
fn a_server_that_is_not_there_is_told_without_the_password() {
    let words = open_server("postgres://cpe:secret@127.0.0.1:1/cpe").err().unwrap().to_string();
    assert!(words.contains("cpe on 127.0.0.1 cannot be reached") && !words.contains("secret"), "{words}");
}

#[test]
fn connections_that_the_server_ended_are_made_anew() {
    let database = Database::of_a_portal();
    let store = database.open().unwrap();
    add(&store, "first@people.test").unwrap();
    database.lines(
        "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    thread::sleep(std::time::Duration::from_millis(200));
    assert!(store.read(|conn| accounts::find_by_email(conn, "first@people.test")).unwrap().is_some());
    add(&store, "second@people.test").unwrap();
}

#[test]
fn an_error_that_nobody_heard_is_not_told_to_be_done() {
    let database = Database::of_a_portal();
    let store = database.open().unwrap();
    add(&store, "taken@people.test").unwrap();
    let deaf = |conn: &mut Conn<'_>| {
        let now = NaiveDateTime::default();
        accounts::add(conn, "new@people.test", "New", Role::Holder, now)?;
        // refused, and nobody says so
        let _ = accounts::add(conn, "taken@people.test", "Taken", Role::Holder, now);
        Ok::<_, StoreError>(())
    };
    store.write_rows(deaf).unwrap_err();
    store.write(deaf).unwrap_err();
    assert!(store.read(|conn| accounts::find_by_email(conn, "new@people.test")).unwrap().is_none());
}

#[test]
fn two_portals_that_count_at_once_lose_nothing() {
    let database = Database::of_a_portal();
    let first = database.open().unwrap();
    let account = first
        .write(|conn| accounts::add(conn, "busy@people.test", "Busy", Role::Holder, NaiveDateTime::default()))
        .unwrap();
    const WRITERS: usize = 8;
    const EACH: usize = 25;
    let begin = Barrier::new(WRITERS);
    let stores: Vec<Store> = (0..2).map(|_| database.open().unwrap()).collect();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (store, begin) = (&stores[writer % 2], &begin);
            scope.spawn(move || {
                begin.wait();
                for _ in 0..EACH {
                    // what was read stays true until it is written
                    let count = |conn: &mut Conn<'_>| {
                        let found = accounts::find(conn, account)?.unwrap();
                        let counted: usize = found.name.parse().unwrap_or(0) + 1;
                        accounts::rename(conn, account, &counted.to_string())
                    };
                    store.write(count).unwrap();
                }
            });
        }
    });
    let name = first.read(|conn| accounts::find(conn, account)).unwrap().unwrap().name;
    assert_eq!(name, (WRITERS * EACH).to_string());
}

#[test]
fn over_a_network_only_a_server_whose_certificate_and_name_are_right_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    tls_files(folder.path());
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let server = Server::start(&[&certificate, &key]);
    let by_number = server.database("portal");
    let by_name = by_number.replace("127.0.0.1", "localhost");
    let believing = format!("sslmode=verify-full&sslrootcert={}", certificate.display());

    let store = open_server(&format!("{by_name}?{believing}")).unwrap();
    add(&store, "first@people.test").unwrap();
    let refused = |address: &str| open_server(address).err().unwrap().to_string();
    let words = refused(&format!("{by_name}?sslmode=verify-full"));
    assert!(words.contains("certificate"), "an authority that nobody named: {words}");
    let words = refused(&format!("{by_number}?{believing}"));
    assert!(words.contains("certificate"), "another name: {words}");
    let plain = Database::of_a_portal().address().replace("127.0.0.1", "localhost");
    let words = refused(&format!("{plain}?{believing}"));
    assert!(words.contains("TLS"), "a server that cannot encrypt: {words}");
}

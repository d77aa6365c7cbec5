//! A database on a server: which ones are refused, and that nothing is told to be done that is not.

use std::process::Stdio;
use std::sync::Barrier;
use std::thread;

use chrono::NaiveDateTime;
use cpe_portal::domain::roles::Role;
use cpe_portal::store::accounts;
use cpe_portal::store::{Conn, Store, StoreError};

use crate::support::postgres::{Database, Server, open_server};
use crate::support::process;
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
fn a_command_that_looks_makes_nothing_and_nothing_is_made_among_tables_of_something_else() {
    let empty = Database::empty();
    let folder = tempfile::tempdir().unwrap();
    let mut command = process::command(folder.path(), &["check"]);
    let command = command.env("CPE_PORTAL_DATABASE", empty.address()).stderr(Stdio::piped());
    let said = command.output().unwrap();
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!said.status.success() && words.contains("there is no portal in"), "{words}");
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(empty.lines(tables), [""; 0]);
    empty.lines("CREATE TABLE somebody_elses (id INTEGER)");
    let words = empty.open().err().unwrap().to_string();
    assert!(words.contains("tables of something else"), "{words}");
    assert_eq!(empty.lines(tables), ["somebody_elses"]);
}

#[test]
fn a_connection_that_reads_refuses_to_write() {
    let database = Database::of_a_portal();
    let store = database.open().unwrap();
    let add = |conn: &mut Conn<'_>| {
        accounts::add(conn, "new@people.test", "New", Role::Holder, NaiveDateTime::default())
    };
    let words = store.ask(add).unwrap_err().to_string();
    assert!(words.contains("read-only"), "{words}");
}

#[test]
fn mail_is_held_when_somebody_says_that_the_database_went_back() {
    let database = Database::of_a_portal();
    database.lines(
        "INSERT INTO accounts (email, email_norm, name, name_fold, role, version, created_at) \
         VALUES ('owner@people.test', 'owner@people.test', 'O', 'o', 'administrator', 1, '2026-11-01 10:00:00'); \
         INSERT INTO mails (account_id, kind, to_name, to_address, subject, body_text, body_html, message_id, state, attempts, \
         next_attempt_at, created_at, updated_at) SELECT id, 'reminder', 'O', 'owner@people.test', 's', 't', 'h', 'one@portal.test', \
         'pending', 0, '2026-11-01 10:00:00', '2026-11-01 10:00:00', '2026-11-01 10:00:00' FROM accounts",
    );
    let folder = tempfile::tempdir().unwrap();
    let mail = |more: &[&str]| {
        let mut command = process::command(folder.path(), &[&["mail"], more].concat());
        command.env("CPE_PORTAL_DATABASE", database.address()).stderr(Stdio::piped()).output().unwrap()
    };
    let said = mail(&["--hold"]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let said = mail(&[]);
    assert!(String::from_utf8_lossy(&said.stderr).contains("Mail is held"), "{said:?}");
    assert_eq!(database.lines("SELECT state FROM mails"), ["pending"]);
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

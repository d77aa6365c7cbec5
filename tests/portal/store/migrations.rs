//! Migrations go up, down and up again, and what lies below the ones taken back survives.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::earlier::as_it_was;
use super::scene::{columns_of, lived_in, open, open_path, rows_in, rows_of, says, texts};
use crate::proofs::upgrades::{VERSIONS, unpack};
use crate::support::TestPortal;
use crate::transfer::support::ask;
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::store::Store;
use cpe_portal::store::accounts::sessions;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

fn tables(conn: &mut SqliteConnection) -> Vec<String> {
    texts(
        conn,
        "SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
         AND name <> '__diesel_schema_migrations' ORDER BY name",
    )
}

/// Everything that makes up the schema, in words.
fn schema(conn: &mut SqliteConnection) -> Vec<String> {
    texts(
        conn,
        "SELECT type || ' ' || name || ': ' || coalesce(sql, '') AS text FROM sqlite_master ORDER BY 1",
    )
    .into_iter()
    .filter(|line| !line.contains("sqlite_stat"))
    .collect()
}

fn contents(conn: &mut SqliteConnection) -> Vec<(String, Vec<String>)> {
    tables(conn).into_iter().map(|table| (table.clone(), rows_of(conn, &table))).collect()
}

/// The index of titles is made from the reports: it is made again, not kept.
fn is_data((table, _): &&(String, Vec<String>)) -> bool {
    !(table.starts_with("report_search") && table != "report_search_reach")
}

/// What waits for review, in its order.
fn queue(conn: &mut SqliteConnection) -> Vec<String> {
    texts(
        conn,
        "SELECT title || ', rank ' || queue_rank || ', ' || queue_deadline AS text FROM activities \
         WHERE queue_rank IS NOT NULL ORDER BY queue_rank, queue_deadline, reported_at, id",
    )
}

/// The lived-in folder with reports that wait: two that a year needs, by different deadlines, and one that helps none any more.
fn with_a_queue() -> TestPortal {
    let (portal, people) = lived_in();
    portal.submitted(&people.stranger, "Needed later", "2027-03-15", 2);
    portal.submitted(&people.owner, "Helps none", "2026-07-01", 2);
    let next = portal.submitted(&people.owner, "Needed next", "2027-03-15", 3);
    portal.activity(&people.owner, ActivityStatus::Draft, "Not sent", "2027-03-15", 1);
    // the deadline of one year was moved: the queue has more than one
    let deadline = format!("UPDATE activities SET queue_deadline = '2028-01-31' WHERE id = {next}");
    diesel::sql_query(deadline).execute(&mut open(&portal)).unwrap();
    let places = [
        "Needed next, rank 0, 2028-01-31",
        "Needed later, rank 0, 2028-03-14",
        "Helps none, rank 1, 9999-12-31",
    ];
    assert_eq!(queue(&mut open(&portal)), places);
    says(
        &mut open(&portal),
        &format!(
            "INSERT INTO notices_about_years (certificate_id, year, kind, day, at, mail_id, holder_id, sent_by) \
             SELECT {}, 2, 'friendly-reminder', '2027-03-15', '2027-03-15 10:00:00', MAX(id), {}, {} FROM mails",
            people.owner_certificate, people.owner.id, people.reviewer.id
        ),
    )
    .unwrap();
    let kinds = "SELECT DISTINCT kind AS text FROM notices_about_years ORDER BY 1";
    assert_eq!(
        texts(&mut open(&portal), kinds),
        ["friendly-reminder", "mail", "minimum-reached", "reminder-stage"]
    );
    portal
}

#[test]
fn migrations_go_up_and_down_and_up_again_and_the_data_below_survives() {
    let all = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).unwrap().len();
    for taken_back in 1..=all {
        let portal = with_a_queue();
        let mut conn = open(&portal);
        let schema_before = schema(&mut conn);
        let copy = portal.folder.path().join("before.sqlite");
        diesel::sql_query(format!("VACUUM INTO '{}'", copy.display())).execute(&mut conn).unwrap();
        let mut before = open_path(copy.to_str().unwrap());
        for _ in 0..taken_back {
            conn.revert_last_migration(MIGRATIONS).unwrap();
        }
        let below = contents(&mut conn);
        let columns_below: BTreeMap<String, Vec<String>> =
            below.iter().map(|(table, _)| (table.clone(), columns_of(&mut conn, table))).collect();
        for (table, rows) in below.iter().filter(is_data) {
            let columns = columns_of(&mut conn, table);
            let same = rows_in(&mut before, &as_it_was(table), &columns);
            assert_eq!(rows, &same, "{table} after {taken_back} were taken back");
        }
        assert_ne!(schema(&mut conn), schema_before, "{taken_back} migrations take something away");
        if taken_back == all {
            assert_eq!(below, [], "nothing is left behind");
        }
        conn.run_pending_migrations(MIGRATIONS).unwrap();
        assert_eq!(schema(&mut conn), schema_before, "after {taken_back} were taken back");
        for (table, rows) in below.iter().filter(is_data) {
            let columns = columns_below[table].clone();
            assert_eq!(
                &rows_in(&mut conn, &as_it_was(table), &columns),
                rows,
                "{table} after {taken_back} were applied again"
            );
        }
        if columns_below.contains_key("activities") {
            assert_eq!(queue(&mut conn), queue(&mut before), "the queue, after {taken_back} were taken back");
        }
        assert!(texts(&mut conn, "SELECT \"table\" AS text FROM pragma_foreign_key_check").is_empty());
    }
}

#[test]
fn only_the_first_versions_of_imports_go_when_the_portal_goes_back_to_the_day_before_them() {
    let (portal, people) = lived_in();
    let owner = people.owner.id;
    let mut conn = open(&portal);
    let version = |number: i64, by: &str| {
        format!(
            "INSERT INTO activity_versions SELECT id, {number}, {by}, '2026-01-01 00:00:00', 'told' FROM activities \
             WHERE import_key IS NOT NULL"
        )
    };
    let imported = "INSERT INTO activities (holder_id, status, title, organiser, publication, publication_fold, relevance, \
         not_regular_job, import_key, version, created_at, updated_at) \
         SELECT holder_id, 'draft', 'Imported', '', '', '', '', 1, 'key', 2, created_at, updated_at FROM activities LIMIT 1";
    for sql in [imported, &version(1, "NULL"), &version(2, &owner.to_string())] {
        assert_eq!(says(&mut conn, sql), Ok(1), "{sql}");
    }
    assert!(says(&mut conn, &version(3, "NULL")).is_err(), "somebody wrote every later version");
    let versions = "SELECT v.activity_id || ' ' || version AS text FROM activity_versions v ORDER BY 1";
    let before = texts(&mut conn, versions);
    loop {
        let reverted = conn.revert_last_migration(MIGRATIONS).unwrap().to_string();
        if reverted.starts_with("20261129000921") {
            break;
        }
    }
    let kept = texts(&mut conn, versions);
    assert_eq!(kept.len(), before.len() - 1);
    assert!(kept.iter().all(|version| before.contains(version)));
    conn.run_pending_migrations(MIGRATIONS).unwrap();
    assert_eq!(texts(&mut conn, versions), kept);
}

#[test]
fn a_session_of_an_earlier_version_goes_on_as_it_was_and_is_kept_on_no_device() {
    let portal = TestPortal::new();
    let holder = portal.holder("olga@people.test", "Olga Owner");
    let (began, now) = (portal.clock.now(), portal.clock.now() + TimeDelta::minutes(119));
    let mut conn = open(&portal);
    while !conn.revert_last_migration(MIGRATIONS).unwrap().to_string().starts_with("20261129000961") {}
    let session = format!(
        "INSERT INTO sessions (token_hash, account_id, csrf_token, browser, created_at, seen_at) \
         VALUES ('hash', {}, 'token', 'Firefox', '{began}', '{began}')",
        holder.id
    );
    says(&mut conn, &session).unwrap();
    let store = Store::open(portal.store.file().unwrap()).unwrap();
    let found =
        |at| store.read(|conn| sessions::find(conn, "hash", at)).unwrap().map(|found| found.account.id);
    assert_eq!(found(now), Some(holder.id));
    assert_eq!(found(now + TimeDelta::minutes(1)), None, "it ends as it would have");
    let listed = store.read(|conn| sessions::of_account(conn, holder.id, now)).unwrap();
    assert_eq!(listed.iter().map(|session| session.kept_until).collect::<Vec<_>>(), [None]);
}

#[test]
fn opening_a_data_folder_twice_changes_nothing() {
    let (portal, _) = lived_in();
    let mut conn = open(&portal);
    let before = (schema(&mut conn), contents(&mut conn));
    let again = Store::open(portal.store.file().unwrap()).unwrap();
    assert_eq!((schema(&mut conn), contents(&mut conn)), before);
    // tidying is counted, so that nothing of ours stands in the log without our count; it changes nothing else
    again.tidy().unwrap();
    let uncounted = |mut contents: Vec<(String, Vec<String>)>| {
        contents.retain(|(table, _)| table != "database_marks");
        contents
    };
    assert_eq!((schema(&mut conn), uncounted(contents(&mut conn))), (before.0, uncounted(before.1)));
}

#[test]
fn a_data_folder_of_an_older_version_is_brought_up_to_date_with_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.sqlite");
    let mut conn = open_path(path.to_str().unwrap());
    let first = conn.run_next_migration(MIGRATIONS).unwrap().to_string();
    diesel::sql_query(
        "INSERT INTO accounts (email, email_norm, name, name_fold, role, created_at) \
         VALUES ('a@b.test', 'a@b.test', 'Ann', 'ann', 'holder', '2026-01-01 00:00:00')",
    )
    .execute(&mut conn)
    .unwrap();
    assert!(!tables(&mut conn).contains(&"certificates".to_owned()), "only {first} was there");
    drop(Store::open(&path).unwrap());
    assert!(tables(&mut conn).contains(&"certificates".to_owned()));
    assert_eq!(texts(&mut conn, "SELECT name AS text FROM accounts"), ["Ann"]);
}

#[test]
fn folders_of_earlier_versions_keep_the_order_of_their_queue_and_what_years_were_told() {
    for (name, _) in VERSIONS {
        let folder = tempfile::tempdir().unwrap();
        unpack(name, folder.path());
        let database = folder.path().join("portal.sqlite");
        let before = ask(
            &database,
            "SELECT queue_key AS line FROM activities WHERE queue_key IS NOT NULL ORDER BY queue_key",
        );
        assert!(before.len() > 5, "{name}: only {} reports wait", before.len());
        let rows = |table: &str, from: &str| {
            let columns = "certificate_id || ' ' || year || ' ' || mail_id || ' '";
            let columns = match table {
                "reminders" => "certificate_id || ' ' || year || ' ' || deadline || ' ' || stage || ' ' || outcome || ' ' || approved || ' ' \
                     || pending || ' ' || required || ' ' || evaluated_on || ' ' || evaluated_at || ' ' || COALESCE(mail_id, '')".to_owned(),
                "minimums_reached" => format!("{columns} || reached_at"),
                "friendly_reminders" => {
                    format!("{columns} || sent_on || ' ' || holder_id || ' ' || sent_by || ' ' || sent_at")
                }
                _ => columns.to_owned(),
            };
            ask(&database, &format!("SELECT {columns} AS line FROM {from} ORDER BY 1"))
        };
        let tables = ["reminders", "minimums_reached", "friendly_reminders", "year_notices"];
        let there = |table: &str| {
            !ask(&database, &format!("SELECT name AS line FROM sqlite_schema WHERE name = '{table}'"))
                .is_empty()
        };
        let told: Vec<(&str, Vec<String>)> = tables
            .into_iter()
            .filter(|table| there(table))
            .map(|table| (table, rows(table, table)))
            .collect();
        assert!(told.iter().map(|(_, rows)| rows.len()).sum::<usize>() > 10, "{name}: {told:?}");
        drop(Store::open(&database).unwrap());
        let after = format!(
            "SELECT queue_key AS line FROM {} WHERE queue_rank IS NOT NULL \
             ORDER BY queue_rank, queue_deadline, reported_at, id",
            as_it_was("activities")
        );
        assert_eq!(ask(&database, &after), before, "{name}");
        for (table, before) in told {
            assert!(!there(table), "{name}: {table} is gone");
            assert_eq!(rows(table, &as_it_was(table)), before, "{name}: {table}");
        }
    }
}

#[test]
fn what_is_no_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.sqlite");
    std::fs::write(
        &path,
        "This is a letter, and not a database at all, however long it may be. ".repeat(100),
    )
    .unwrap();
    assert!(Store::open(&path).is_err());
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("This is a letter"));
}

#[test]
fn of_which_year_the_history_speaks_is_read_in_its_words() {
    let (portal, _) = lived_in();
    let mut conn = open(&portal);
    let years = |conn: &mut SqliteConnection| {
        let sql = "SELECT id || ' ' || event || ' ' || coalesce(year, '-') AS text FROM history \
                   WHERE event IN ('year flagged', 'year recertified') ORDER BY id";
        texts(conn, sql)
    };
    let before = years(&mut conn);
    assert!(before.len() == 2 && before.iter().all(|line| line.ends_with(" 1")), "{before:?}");
    for sql in [
        include_str!("../../../migrations/sqlite/2026-11-30-001031_years_of_events/down.sql"),
        include_str!("../../../migrations/sqlite/2026-11-30-001031_years_of_events/up.sql"),
    ] {
        conn.batch_execute(sql).unwrap();
    }
    assert_eq!(years(&mut conn), before);
    assert!(conn.batch_execute("UPDATE history SET year = 2").is_err(), "the history is as closed as before");
}

//! Data folders of earlier versions, kept as those versions left them (tests/fixtures/versions: backups that the binaries of that time
//! made of their demonstration body), brought up to date by the binary of today, which is killed in the middle of that.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::trials;
use crate::store::earlier::as_it_was;
use crate::support::faked::FakedClock;
use crate::support::process::command;
use crate::transfer::support::ask;

/// A kept data folder: its file, and how many migrations it has.
pub const VERSIONS: [(&str, i64); 3] =
    [("2026-11-23.zip", 5), ("2026-11-24.zip", 13), ("2026-11-25.zip", 17)];
/// The day on which they were made, at noon (UTC).
pub const MADE: &str = "2026-11-27T12:00:00";

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/versions").join(name)
}

/// Puts a kept folder where the binary finds it, as that version had it.
pub fn unpack(name: &str, data: &Path) {
    let mut zip = zip::ZipArchive::new(fs::File::open(kept(name)).unwrap()).unwrap();
    for part in 0..zip.len() {
        let mut part = zip.by_index(part).unwrap();
        let name = part.name().unwrap().into_owned();
        if name == "cpe-portal-backup.json" {
            continue;
        }
        let place = match name.strip_prefix("evidence/") {
            Some(sha256) => data.join("evidence").join(&sha256[..2]).join(&sha256[2..]),
            None => data.join(&name),
        };
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        fs::write(place, bytes).unwrap();
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    migrations: i64,
}

/// How many migrations a database has; `None` while nobody may look.
pub fn migrations(data: &Path) -> Option<i64> {
    let path = data.join("portal.sqlite");
    let mut conn = SqliteConnection::establish(&format!("file:{}?mode=ro", path.to_str().unwrap())).ok()?;
    let counted: Count = diesel::sql_query("SELECT COUNT(*) AS migrations FROM __diesel_schema_migrations")
        .get_result(&mut conn)
        .ok()?;
    Some(counted.migrations)
}

/// Every row of the tables that this version knew, in the columns that it knew.
pub fn rows(data: &Path, tables: &[(String, String)]) -> Vec<String> {
    rows_from(data, tables, &str::to_owned)
}

/// The same of a folder that was brought up to date: where today says it otherwise, as this version said it.
pub fn rows_today(data: &Path, tables: &[(String, String)]) -> Vec<String> {
    rows_from(data, tables, &as_it_was)
}

fn rows_from(data: &Path, tables: &[(String, String)], from: &dyn Fn(&str) -> String) -> Vec<String> {
    let database = data.join("portal.sqlite");
    tables
        .iter()
        .flat_map(|(table, columns)| {
            ask(
                &database,
                &format!("SELECT '{table}: ' || {columns} AS line FROM {} ORDER BY 1", from(table)),
            )
        })
        .collect()
}

/// The tables of a database with an expression that shows their columns. What is only an index of other rows is left out.
pub fn tables(data: &Path) -> Vec<(String, String)> {
    let database = data.join("portal.sqlite");
    let names = ask(
        &database,
        "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
         AND name NOT LIKE 'report_search%' AND name NOT LIKE '__diesel%' ORDER BY name",
    );
    names
        .into_iter()
        .map(|table| {
            let columns = ask(
                &database,
                &format!("SELECT group_concat('quote(\"' || name || '\")', ' || '','' || ') AS line FROM pragma_table_info('{table}')"),
            );
            (table, columns[0].clone())
        })
        .collect()
}

fn check(clock: &FakedClock, data: &Path) -> Command {
    clock.rule(command(data, &["check"]))
}

/// Starts the binary of today on an old folder and kills it a moment after it has opened the database. Gives how many migrations there are
/// then, and whether it was at work still.
fn killed_after(clock: &FakedClock, data: &Path, moment: Duration) -> (i64, bool) {
    let mut child = check(clock, data).spawn().unwrap();
    let log = data.join("portal.sqlite-wal");
    let patience = Instant::now() + Duration::from_secs(30);
    while !log.exists() && Instant::now() < patience && child.try_wait().unwrap().is_none() {}
    std::thread::sleep(moment);
    let at_work = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    (migrations(data).unwrap(), at_work)
}

#[test]
fn an_old_data_folder_survives_kill_9_in_the_middle_of_its_migration_with_nothing_changed() {
    let folder = tempfile::tempdir().unwrap();
    let clock = FakedClock::showing(folder.path(), MADE.parse::<NaiveDateTime>().unwrap());
    // beside a folder for each migration stands what is to be read about them
    let migrations_here = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite")).unwrap();
    let folders = migrations_here.filter(|entry| entry.as_ref().unwrap().file_type().unwrap().is_dir());
    let all = i64::try_from(folders.count()).unwrap();
    let rounds = trials(3, 20);
    let mut all_in_all = 0;
    for (name, had) in VERSIONS {
        let mut in_the_middle = 0;
        // a kill that came too late proves nothing and is not counted
        for round in 0..rounds * 10 {
            if in_the_middle == rounds {
                break;
            }
            let data = folder.path().join("data");
            unpack(name, &data);
            assert_eq!(migrations(&data), Some(had), "{name}");
            let tables = tables(&data);
            let before = rows(&data, &tables);
            assert!(before.len() > 1000, "{name} is too empty to prove anything: {}", before.len());
            let moment = Duration::from_micros(900 * u64::try_from(round % 10).unwrap());
            let (made, at_work) = killed_after(&clock, &data, moment);
            assert!(made == had || made == all, "{name}, round {round}: all or nothing, and not {made}");
            in_the_middle += usize::from(at_work && made < all);
            let checked = check(&clock, &data).output().unwrap();
            let said = String::from_utf8_lossy(&checked.stdout);
            assert!(checked.status.success(), "{name}, round {round}: {said}");
            assert_eq!(migrations(&data), Some(all), "{name}, round {round}");
            let after = rows_today(&data, &tables);
            assert_eq!(after.len(), before.len(), "{name}, round {round}");
            for (before, after) in before.iter().zip(&after) {
                assert_eq!(before, after, "{name}, round {round}");
            }
            fs::remove_dir_all(&data).unwrap();
        }
        // the fewer migrations are missing, the shorter is the time to hit
        assert!(in_the_middle > 0, "{name}: no kill fell into the migration");
        all_in_all += in_the_middle;
    }
    assert!(all_in_all >= 2 * rounds, "only {all_in_all} kills fell into a migration");
}

#[test]
fn a_backup_of_an_earlier_version_is_put_back_and_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let clock = FakedClock::showing(folder.path(), MADE.parse::<NaiveDateTime>().unwrap());
    for (name, _) in VERSIONS {
        let data = folder.path().join(name);
        let done = clock.rule(command(&data, &["restore", kept(name).to_str().unwrap()])).output().unwrap();
        assert!(done.status.success(), "{name}: {done:?}");
        let checked = check(&clock, &data).output().unwrap();
        assert!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stdout));
    }
}

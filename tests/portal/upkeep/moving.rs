//! The database moved to a server and back: every row, however often that is cut off, and nothing begins on what is not whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::demo::filled;
use crate::store::scene::{lived_in, open_path, says, texts};
use crate::support::TestPortal;
use crate::support::postgres::Database;
use crate::support::process::{command, started};
use crate::transfer::support::{TestData, ask};

const CATALOGUE: &str = include_str!("../store/two_schemas/catalogue.sql");

/// A data folder, and an empty database on a server that its owner, who is nobody else, has made.
struct Place {
    _folder: TempDir,
    data: PathBuf,
    server: Database,
}

impl Place {
    fn of_demonstration() -> Place {
        let (TestData { folder, portal, .. }, _) = filled("2026-11-23", 28);
        drop(portal);
        Place { data: folder.path().to_owned(), _folder: folder, server: Database::empty() }
    }

    fn of_scene() -> Place {
        let (TestPortal { portal, folder, .. }, _) = lived_in();
        let data = portal.config.data.clone();
        drop(portal);
        Place { _folder: folder, data, server: Database::empty() }
    }

    fn file(&self) -> PathBuf {
        self.data.join("portal.sqlite")
    }

    /// A command while the database is the file.
    fn on_file(&self, arguments: &[&str]) -> Command {
        let mut run = command(&self.data, arguments);
        run.stderr(Stdio::piped());
        run
    }

    /// A command while the database is on the server.
    fn on_server(&self, arguments: &[&str]) -> Command {
        let mut run = self.on_file(arguments);
        run.env("CPE_PORTAL_DATABASE", self.server.address());
        run
    }

    fn there(&self) -> Command {
        self.on_file(&["move", "--to", &self.server.address()])
    }

    fn back(&self) -> Command {
        self.on_server(&["move", "--to", "file"])
    }

    /// Puts the file away that has left, as whoever runs the portal does.
    fn put_away(&self) -> PathBuf {
        let away = self.data.join("away");
        fs::create_dir(&away).unwrap();
        for entry in fs::read_dir(&self.data).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_str().unwrap().starts_with("portal.sqlite") {
                fs::rename(entry.path(), away.join(entry.file_name())).unwrap();
            }
        }
        away.join("portal.sqlite")
    }

    /// How many rows of a table are on the server so far.
    fn arrived(&self, table: &str) -> usize {
        let counted = self.server.says(&format!("SELECT count(*) FROM {table}"));
        counted.ok().and_then(|lines| lines[0].parse().ok()).unwrap_or_default()
    }
}

fn words(said: &Output) -> String {
    String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr)
}

#[track_caller]
fn ends_with(mut run: Command, code: i32, expected: &[&str]) -> String {
    let said = run.output().unwrap();
    let words = words(&said);
    assert_eq!(said.status.code(), Some(code), "{words}");
    for part in expected {
        assert!(words.contains(part), "{part:?} is not in\n{words}");
    }
    assert!(!words.contains("postgres://portal"), "an address with its password was told: {words}");
    words
}

/// Lets a command run until something is so, and kills it; whether it was still running then.
fn killed_when(mut run: Command, is_so: impl Fn() -> bool) -> bool {
    let mut child = run.spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while !is_so() && child.try_wait().unwrap().is_none() && Instant::now() < patience {
        thread::sleep(Duration::from_millis(2));
    }
    let running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    running
}

/// Every row that moves, as text: without what each place makes for itself, the hold that a move begins, and a fraction of a second that
/// says nothing; neither the planner's figures nor what commands of these tests checked are looked at.
fn rows(file: &Path) -> Vec<String> {
    let tables = "SELECT name AS line FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' \
                  AND name NOT IN ('sqlite_schema', 'database_marks', 'report_search_reach', 'mail_holds') \
                  AND name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' AND name NOT LIKE 'data\\_check%' ESCAPE '\\' ORDER BY name";
    let tables = ask(file, tables);
    assert!(tables.len() > 50, "{tables:?}");
    let mut rows = Vec::new();
    for table in tables {
        let columns = format!(
            "SELECT group_concat('quote(\"' || name || '\")', ' || '','' || ') AS line FROM pragma_table_info('{table}')"
        );
        let columns = ask(file, &columns).concat();
        let found = ask(file, &format!("SELECT {columns} AS line FROM \"{table}\" ORDER BY 1"));
        rows.extend(found.into_iter().map(|row| format!("{table}: {}", row.replace(".000000'", "'"))));
    }
    rows
}

/// All that makes the schema of a file, its refusals above all.
fn schema(file: &Path) -> Vec<String> {
    let sql = "SELECT COALESCE(sql, name) AS line FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name";
    ask(file, sql)
}

#[track_caller]
fn assert_same(before: &[String], after: &[String]) {
    for (one, other) in before.iter().zip(after) {
        assert_eq!(one, other);
    }
    assert_eq!(before.len(), after.len());
}

#[test]
fn a_demonstration_moves_to_a_server_and_back_and_nothing_is_otherwise() {
    let place = Place::of_demonstration();
    let (before, made) = (rows(&place.file()), schema(&place.file()));
    ends_with(
        place.there(),
        0,
        &[
            "holds the portal: ",
            "each compared with",
            "Mail is held",
            "Start the portal with CPE_PORTAL_DATABASE",
            "is still needed",
        ],
    );
    // the schema is that of any other portal, refusals and all
    assert_same(&Database::of_a_portal().lines(CATALOGUE), &place.server.lines(CATALOGUE));
    assert_eq!(
        place.server.lines("SELECT cause, ended_at IS NULL FROM mail_holds ORDER BY id DESC LIMIT 1"),
        ["restore|t"]
    );
    for table in ["accounts", "history", "mails", "holder_mail_holds", "fields", "mail_holds"] {
        let sql = format!("SELECT nextval(pg_get_serial_sequence('{table}', 'id')) > max(id) FROM {table}");
        assert_eq!(place.server.lines(&sql), ["t"], "{table}");
    }
    // the file is as it was, and nothing begins on it
    assert_same(&before, &rows(&place.file()));
    for arguments in [&["check"][..], &["serve"], &["mail"], &["badges", "keys"], &["live"]] {
        ends_with(
            place.on_file(arguments),
            1,
            &["the database was moved to", "CPE_PORTAL_DATABASE", "portal.sqlite-moved"],
        );
    }
    ends_with(place.there(), 2, &["was moved to", "already"]);

    ends_with(place.back(), 2, &["portal.sqlite is there already", "Move it away"]);
    place.put_away();
    ends_with(
        place.back(),
        0,
        &["holds the portal: ", "Start the portal without CPE_PORTAL_DATABASE", "Mail is held"],
    );
    assert_same(&before, &rows(&place.file()));
    assert_same(&made, &schema(&place.file()));
    ends_with(place.on_file(&["check"]), 0, &[]);
    ends_with(place.on_file(&["mail"]), 1, &["Mail is held"]);
    ends_with(place.on_server(&["check"]), 1, &["this database was moved to", "portal.sqlite"]);
    let holds = "SELECT count(*) || '' AS line FROM mail_holds WHERE ended_at IS NULL";
    assert_eq!(ask(&place.file(), holds), ["1"]);
    let left: Vec<String> = fs::read_dir(&place.data)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("arriving") || name.contains("moved"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn a_move_that_is_killed_goes_on_and_nothing_begins_before_it_is_whole() {
    let place = Place::of_demonstration();
    let before = rows(&place.file());
    let mut cut_off = 0;
    for table in ["fields", "accounts", "history", "activities", "evidence", "mails", "notices_about_years"] {
        if !killed_when(place.there(), || place.arrived(table) > 0) {
            continue;
        }
        cut_off += 1;
        ends_with(place.on_server(&["check"]), 1, &["is being moved here", "cpe-portal move once more"]);
        ends_with(place.on_server(&["serve"]), 1, &["is being moved here"]);
    }
    assert!(cut_off > 3, "killed {cut_off} times");
    // the old place is as it was all the time
    assert_same(&before, &rows(&place.file()));
    ends_with(place.there(), 0, &["Going on: ", "holds the portal"]);
    ends_with(place.on_server(&["check"]), 0, &[]);

    place.put_away();
    let arriving = place.data.join("portal.sqlite-arriving");
    let mut cut_off = 0;
    for milliseconds in [200, 350, 500, 700, 900, 1200] {
        let begun = Instant::now();
        let late = || arriving.exists() && begun.elapsed() > Duration::from_millis(milliseconds);
        if killed_when(place.back(), late) && !place.file().exists() {
            cut_off += 1;
            ends_with(
                place.on_file(&["check"]),
                1,
                &["is being moved here from a server", "move --to file once more"],
            );
            ends_with(place.on_file(&["serve"]), 1, &["is not whole yet"]);
        }
    }
    assert!(cut_off > 1, "killed {cut_off} times");
    if !place.file().exists() {
        ends_with(place.back(), 0, &["holds the portal"]);
    }
    assert_same(&before, &rows(&place.file()));
    ends_with(place.on_file(&["check"]), 0, &[]);
}

#[test]
fn what_changed_since_is_copied_anew() {
    let place = Place::of_demonstration();
    assert!(killed_when(place.there(), || place.arrived("history") > 0));
    let add = ["account", "add", "--email", "late@portal.test", "--name", "Late", "--role", "reviewer"];
    ends_with(place.on_file(&add), 0, &[]);
    ends_with(place.there(), 0, &["everything is copied once more", "holds the portal"]);
    let late = "SELECT count(*) FROM accounts WHERE email = 'late@portal.test'";
    assert_eq!(place.server.lines(late), ["1"]);
}

#[test]
fn a_row_that_is_not_as_it_was_sent_is_found_and_named() {
    let mut place = Place::of_demonstration();
    for (planted, named) in [
        ("UPDATE accounts SET name = name || ' ' WHERE id = 3", "accounts 3 (name)"),
        (
            "UPDATE accounts SET deactivated_at = '2026-01-01 00:00:00' WHERE id = 2",
            "accounts 2 (deactivated_at)",
        ),
        ("DELETE FROM field_neighbours WHERE field_id = 2 AND neighbour_id = 6", "field_neighbours 2, 6"),
        ("INSERT INTO fields (id, code, title) VALUES (-9, 'x', 'X')", "fields -9"),
    ] {
        place.server = Database::empty();
        assert!(killed_when(place.there(), || place.arrived("history") > 0));
        place.server.lines(planted);
        ends_with(place.there(), 1, &["was not moved", named, "arrived as something else"]);
        ends_with(place.on_server(&["check"]), 1, &["is not whole yet"]);
    }
    ends_with(place.on_file(&["live"]), 0, &[]);
    ends_with(place.there(), 0, &["everything is copied once more", "holds the portal"]);
}

#[test]
fn a_place_with_a_portal_in_it_and_one_that_is_in_use_are_refused() {
    let place = Place::of_scene();
    let before = rows(&place.file());
    ends_with(place.on_file(&["move", "--to", "file"]), 2, &["is the file", "already"]);
    ends_with(place.on_file(&["move", "--to", "somewhere"]), 2, &["--to", "or file"]);
    ends_with(
        place.on_server(&["move", "--to", &place.server.address()]),
        2,
        &["on a server already", "pg_dump"],
    );

    // somebody else's
    let other = Database::of_a_portal();
    other.lines("INSERT INTO history (at, event) VALUES ('2026-01-01 00:00:00', 'something')");
    let there = place.on_file(&["move", "--to", &other.address()]);
    ends_with(there, 2, &["A portal has written to", "(in history)", "empty"]);
    assert_eq!(other.lines("SELECT count(*) FROM history"), ["1"]);
    let newer = Database::of_a_portal();
    newer.lines("INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000001')");
    ends_with(place.on_file(&["move", "--to", &newer.address()]), 2, &["another version of the portal"]);

    assert_same(&before, &rows(&place.file()));
    let (mut serving, _) = started(&mut place.on_file(&["serve"]));
    ends_with(place.there(), 2, &["A portal uses the data folder", "Stop it first"]);
    end(&mut serving);
    assert_eq!(place.arrived("accounts"), 0);
}

fn end(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_server_that_a_portal_of_another_folder_uses_is_not_moved_from() {
    let place = Place::of_scene();
    ends_with(place.there(), 0, &["holds the portal"]);
    place.put_away();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::create_dir(elsewhere.path().join("keys")).unwrap();
    let keys = Path::new("keys").join("badges.json");
    fs::copy(place.data.join(&keys), elsewhere.path().join(&keys)).unwrap();
    let mut serve = command(elsewhere.path(), &["serve"]);
    serve.env("CPE_PORTAL_DATABASE", place.server.address());
    let (mut serving, _) = started(&mut serve);
    ends_with(place.back(), 2, &["A portal uses", "Stop it first"]);
    end(&mut serving);
    ends_with(place.back(), 0, &["holds the portal"]);
}

#[test]
fn unusual_values_arrive_as_they_are() {
    let place = Place::of_scene();
    let file = &mut open_path(place.file().to_str().unwrap());
    let planted = [
        "UPDATE accounts SET name = 'Zoë Müller 👩🏽‍🚀 𝔘 ﷽ ' || char(1114109) || char(9, 13, 10) || ' it''s \\ \"q\" % _' WHERE id = 1",
        "UPDATE accounts SET created_at = '0001-01-01 00:00:00.000001' WHERE id = 1",
        "UPDATE accounts SET created_at = '9999-12-31 23:59:59.999999', invited_at = '2026-02-28T23:59:59' WHERE id = 2",
        "INSERT INTO bounce_mailboxes (mailbox, to_mark, hindering_uid) VALUES ('é', -9223372036854775808, 9223372036854775807), ('e', 0, NULL), \
         ('Z', -1, 1), ('😀', NULL, NULL)",
        "INSERT INTO import_problems (account_id, file_name, made_at, content) SELECT id, '', '2026-01-01 00:00:00', CASE id WHEN 1 \
         THEN x'00ff10275c000a0d' WHEN 2 THEN zeroblob(3000000) ELSE x'' END FROM accounts",
        "INSERT INTO history (id, at, event, detail) VALUES (9223372036854775807, '2026-01-01 00:00:00', 'last', ''), \
         (-9223372036854775808, '2026-01-01 00:00:00', 'first', ' ')",
        "INSERT INTO policies (version, first_day, minimum_practitioner, minimum_expert, minimum_certified_officer, rate_attending, \
         rate_reading, rate_writing, rate_teaching, rate_course_material, rate_unregistered, publication_cap, stages, notice_days, carry_over, \
         created_at) SELECT 90 + day.key, day.value, minimum_practitioner, minimum_expert, 9223372036854775807, rate_attending, \
         rate_reading, rate_writing, rate_teaching, rate_course_material, rate_unregistered, publication_cap, stages, notice_days, carry_over, \
         created_at FROM policies, json_each('[\"0001-01-01\", \"9999-12-31\"]') AS day WHERE version = 1",
        "INSERT INTO parked_forms (account_id, page, path, fields, parked_at) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n \
         WHERE n < 777) SELECT 1, '', '/', hex(randomblob(200)), '2026-01-01 00:00:00' FROM n",
    ];
    for sql in planted {
        says(file, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    // moments stand in a file in one form only, once they were written anew
    let unified = |rows: Vec<String>| -> Vec<String> {
        rows.into_iter().map(|row| row.replace("2026-02-28T23", "2026-02-28 23")).collect()
    };
    let before = unified(rows(&place.file()));
    ends_with(place.there(), 0, &["holds the portal"]);
    let server = &place.server;
    let name = texts(file, "SELECT hex(name) AS text FROM accounts WHERE id = 1");
    assert_eq!(
        server.lines("SELECT upper(encode(convert_to(name, 'UTF8'), 'hex')) FROM accounts WHERE id = 1"),
        name
    );
    assert_eq!(
        server.lines("SELECT created_at FROM accounts WHERE id IN (1, 2) ORDER BY id"),
        ["0001-01-01 00:00:00.000001", "9999-12-31 23:59:59.999999"]
    );
    assert_eq!(
        server.lines("SELECT to_mark, hindering_uid FROM bounce_mailboxes ORDER BY mailbox"),
        ["-1|1", "0|", "-9223372036854775808|9223372036854775807", "|"]
    );
    assert_eq!(
        server.lines("SELECT first_day FROM policies WHERE version >= 90 ORDER BY version"),
        ["0001-01-01", "9999-12-31"]
    );
    assert_eq!(
        server.lines("SELECT length(content) FROM import_problems ORDER BY account_id LIMIT 2"),
        ["8", "3000000"]
    );
    assert_eq!(server.lines("SELECT id FROM history WHERE event IN ('first', 'last') ORDER BY id").len(), 2);
    place.put_away();
    ends_with(place.back(), 0, &["holds the portal"]);
    assert_same(&before, &rows(&place.file()));
}

#[test]
fn a_text_that_no_server_can_hold_is_named_and_an_unreadable_value_too() {
    for (planted, named) in [
        ("UPDATE accounts SET name = 'A' || char(0) || 'B' WHERE id = 1", "accounts 1 has a NUL in name"),
        (
            "UPDATE accounts SET created_at = 'yesterday' WHERE id = 1",
            "accounts 1: unreadable value in created_at",
        ),
        ("UPDATE accounts SET version = 'many' WHERE id = 1", "accounts 1: unreadable value in version"),
        ("UPDATE accounts SET name = CAST(x'41ff42' AS TEXT) WHERE id = 1", "a text that is not UTF-8"),
    ] {
        let place = Place::of_scene();
        says(&mut open_path(place.file().to_str().unwrap()), planted).unwrap();
        ends_with(place.there(), 1, &[named, "Nothing was lost"]);
        ends_with(place.on_server(&["check"]), 1, &["is not whole yet"]);
    }
}

#[test]
fn a_log_of_another_database_beside_the_place_is_refused_and_an_old_note_is_in_nobodys_way() {
    let place = Place::of_scene();
    let before = rows(&place.file());
    ends_with(place.there(), 0, &["holds the portal"]);
    // only the file itself is put away: the note that it has left stays
    let away = place.data.join("away");
    fs::rename(place.file(), &away).unwrap();
    let log = place.data.join("portal.sqlite-wal");
    fs::write(&log, "the log of another one").unwrap();
    ends_with(place.back(), 1, &["portal.sqlite-wal belongs to another database", "Move it away"]);
    assert!(!place.file().exists());
    fs::remove_file(&log).unwrap();
    ends_with(place.back(), 0, &["holds the portal"]);
    ends_with(place.on_file(&["check"]), 0, &[]);
    assert_same(&before, &rows(&place.file()));
    ends_with(place.back(), 2, &["It is done", "holds the portal"]);
}

#[test]
fn a_portal_that_was_cut_off_while_its_database_left_finds_that_it_has_left() {
    let database = Database::of_a_portal();
    let store = database.open().unwrap();
    let known = || store.read(|conn| cpe_portal::store::accounts::find_by_email(conn, "nobody@people.test"));
    assert!(known().unwrap().is_none());
    database.lines(
        "CREATE TABLE database_transfer (state TEXT NOT NULL, mark TEXT NOT NULL, standing TEXT NOT NULL, place TEXT NOT NULL); \
         INSERT INTO database_transfer VALUES ('left', 'm', 's', '/srv/portal.sqlite'); \
         SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    thread::sleep(Duration::from_millis(200));
    assert!(known().is_err(), "it reads no more");
    let write = |_: &mut cpe_portal::store::Conn<'_>| Ok::<_, cpe_portal::store::StoreError>(());
    assert!(store.write(write).is_err(), "and writes no more");
}

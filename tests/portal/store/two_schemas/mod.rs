//! PostgreSQL has the same schema as SQLite: tables, columns, keys, checks, references, triggers and indexes. SQLite's is said in
//! PostgreSQL's words and made there beside the real one, so that PostgreSQL itself puts both into the same form.

mod conversion;
mod working;

use std::collections::{BTreeMap, BTreeSet};

use cpe_portal::store::Store;
use diesel::SqliteConnection;

use super::scene::{open_path, texts};
use crate::support::postgres::Database;
use conversion::{ONLY_IN_POSTGRES, converted};

const CATALOGUE: &str = include_str!("catalogue.sql");

/// What a new portal begins with, beside a mark that is drawn.
const BEGINNING: [&str; 7] = [
    "fields",
    "field_neighbours",
    "certifications",
    "policies",
    "canned_answers",
    "holder_mail_holds",
    "accounts",
];

fn new_sqlite(folder: &tempfile::TempDir) -> SqliteConnection {
    let path = folder.path().join("portal.sqlite");
    drop(Store::open(&path).unwrap());
    open_path(path.to_str().unwrap())
}

/// What the one has and the other has not, and the other way round.
fn differences(expected: &Database, found: &Database) -> Vec<String> {
    let lines = |database: &Database| -> BTreeSet<String> { database.lines(CATALOGUE).into_iter().collect() };
    let (expected, found) = (lines(expected), lines(found));
    let missing = expected.difference(&found).map(|line| format!("missing: {line}"));
    let strange = found
        .difference(&expected)
        .filter(|line| ONLY_IN_POSTGRES.iter().all(|(only, _)| only != line))
        .map(|line| format!("only in PostgreSQL: {line}"));
    let gone = ONLY_IN_POSTGRES
        .iter()
        .filter(|(line, _)| !found.contains(*line))
        .map(|(line, why)| format!("an exception without need ({why}): {line}"));
    missing.chain(strange).chain(gone).collect()
}

#[test]
fn both_databases_have_the_same_tables_keys_checks_triggers_and_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let as_sqlite = Database::empty();
    as_sqlite.lines(&converted(&mut new_sqlite(&folder)));
    let real = Database::new();
    let looked_at = real.lines(CATALOGUE);
    assert!(looked_at.len() > 700, "only {} lines", looked_at.len());
    let found = differences(&as_sqlite, &real);
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));

    // each kind of difference is seen
    real.lines(
        "ALTER TABLE accounts DROP CONSTRAINT accounts_role_check;
         ALTER TABLE history ALTER COLUMN event DROP NOT NULL;
         ALTER TABLE mails ALTER COLUMN attempts TYPE INTEGER;
         ALTER TABLE sessions ALTER COLUMN browser SET DEFAULT '';
         ALTER TABLE data_check_findings DROP CONSTRAINT data_check_findings_check_id_fkey;
         ALTER TABLE data_check_findings ADD FOREIGN KEY (check_id) REFERENCES data_checks (id);
         DROP INDEX badges_one_live;
         CREATE INDEX badges_one_live ON badges (certificate_id) WHERE revoked_on IS NULL;
         DROP TRIGGER history_is_never_truncated ON history;
         ALTER TABLE reviews DISABLE TRIGGER reviews_are_never_deleted;
         ALTER TABLE decisions ENABLE TRIGGER decisions_are_never_updated;
         CREATE OR REPLACE FUNCTION is_ending(decision BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE
            BEGIN ATOMIC SELECT EXISTS (SELECT 1 FROM decisions d WHERE d.id = decision); END;
         CREATE TABLE notes (id BIGINT);",
    );
    let found = differences(&as_sqlite, &real).join("\n");
    for planted in [
        "missing: constraint of accounts: CHECK ((role = ANY",
        "missing: column history.event, number 4: text NOT NULL",
        "only in PostgreSQL: column mails.attempts, number 11: integer NOT NULL",
        "only in PostgreSQL: column sessions.browser, number 5: text NOT NULL DEFAULT",
        "REFERENCES data_checks(id) ON DELETE CASCADE",
        "missing: CREATE UNIQUE INDEX badges_one_live",
        "missing: CREATE TRIGGER history_is_never_truncated",
        "refuse('reviews are append-only'), switched off",
        "missing: CREATE TRIGGER decisions_are_never_updated",
        "missing: function is_ending(decision bigint)",
        "only in PostgreSQL: column notes.id, number 1: bigint",
    ] {
        assert!(found.contains(planted), "{planted} is not in\n{found}");
    }
}

/// The tables as Diesel names them: columns with their types, and the key.
fn tables_of_diesel() -> BTreeMap<String, (Vec<(String, String)>, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/schema");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let text: String = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let mut tables = BTreeMap::new();
    for part in text.split("diesel::table! {").skip(1) {
        let (name, rest) = part.trim_start().split_once(" (").unwrap();
        let (key, rest) = rest.split_once(") {").unwrap();
        let (columns, _) = rest.split_once('}').unwrap();
        let columns = columns.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "));
        let columns = columns.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect();
        tables.insert(name.to_owned(), (columns, key.to_owned()));
    }
    tables
}

#[test]
fn diesel_knows_every_column_of_postgres_by_its_type() {
    let types = BTreeMap::from([
        ("BigInt", "bigint"),
        ("Text", "text"),
        ("Bool", "boolean"),
        ("Date", "date"),
        ("Timestamp", "timestamp without time zone"),
        ("Binary", "bytea"),
    ]);
    let mut expected = BTreeSet::new();
    for (table, (columns, key)) in tables_of_diesel() {
        for (number, (column, kind)) in columns.iter().enumerate() {
            let needed = kind.strip_prefix("Nullable<").map(|kind| kind.trim_end_matches('>'));
            let (kind, null) = needed.map_or((kind.as_str(), ""), |kind| (kind, " or nothing"));
            expected.insert(format!("{table}.{column}, number {}: {}{null}", number + 1, types[kind]));
        }
        expected.insert(format!("{table} by {key}"));
    }
    let sql = "SELECT format('%s.%s, number %s: %s%s', c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod),
                   CASE WHEN a.attnotnull THEN '' ELSE ' or nothing' END)
               FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('holder_search', 'report_search')
               UNION ALL
               SELECT format('%s by %s', conrelid::regclass, substring(pg_get_constraintdef(oid) FROM '\\((.*)\\)'))
               FROM pg_constraint WHERE contype = 'p' AND connamespace = 'public'::regnamespace
                   AND conrelid::regclass::TEXT NOT IN ('holder_search', 'report_search')";
    let found: BTreeSet<String> = Database::new().lines(sql).into_iter().collect();
    assert_eq!(expected.symmetric_difference(&found).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn a_new_portal_begins_with_the_same_on_both() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sqlite, postgres) = (new_sqlite(&folder), Database::new());
    for table in BEGINNING {
        let columns = texts(&mut sqlite, &format!("SELECT name AS text FROM pragma_table_info('{table}')"));
        let columns: Vec<String> =
            columns.iter().map(|column| format!("COALESCE(CAST({column} AS TEXT), '-')")).collect();
        let rows = format!("SELECT {} AS text FROM {table} ORDER BY 1", columns.join(" || '|' || "));
        assert_eq!(postgres.lines(&rows), texts(&mut sqlite, &rows), "{table}");
    }
    // the next id is free
    let next = "INSERT INTO fields (code, title) VALUES ('a', 'A');
                INSERT INTO canned_answers (title, words) VALUES ('A', 'A');
                INSERT INTO certifications (code, title, field_id, level) VALUES ('A', 'A', 1, 'expert') RETURNING id";
    assert_eq!(postgres.lines(next), ["29"]);
}

#[test]
fn what_never_changes_refuses_on_postgres_in_the_same_words() {
    let postgres = Database::new();
    postgres.lines(
        "INSERT INTO accounts (email, email_norm, name, name_fold, role, created_at)
             VALUES ('a@b.test', 'a@b.test', 'Ann', 'ann', 'holder', '2026-01-01 00:00:00');
         INSERT INTO history (at, event) VALUES ('2026-01-01 00:00:00', 'something');
         INSERT INTO certificates (number, number_fold, holder_id, certification_id, granted_on, created_at)
             VALUES ('ISP-1', 'isp-1', 1, 2, '2026-01-01', '2026-01-01 00:00:00');
         INSERT INTO certification_years
                 (certificate_id, number, starts_on, ends_on, deadline, outcome, settled_on, approved, required, carried, look_on)
             VALUES (1, 1, '2025-01-01', '2025-12-31', '2025-12-31', 'recertified', '2026-01-01', 5, 5, 0, '2026-01-01'),
                    (1, 2, '2026-01-01', '2026-12-31', '2026-12-31', 'before_takeover', '2026-01-01', 5, 5, 0, '2026-01-01');
         INSERT INTO badges (id, certificate_id, issued_on, renewed_on, revoked_on)
             VALUES ('b', 1, '2026-01-01', '2026-01-01', '2026-02-01');",
    );
    for (sql, words) in [
        ("UPDATE history SET detail = 'another'", "history is append-only"),
        ("DELETE FROM history", "history is append-only"),
        ("TRUNCATE history", "history is append-only"),
        ("TRUNCATE accounts CASCADE", "append-only"),
        ("UPDATE certification_years SET approved = 6", "a settled year never changes"),
        ("DELETE FROM certification_years", "a settled year never changes"),
        ("TRUNCATE certification_years CASCADE", "never changes"),
        ("UPDATE badges SET revoked_on = NULL", "a revoked badge stays revoked"),
        ("DELETE FROM badges", "badges are never deleted"),
        ("SET session_replication_role = replica; DELETE FROM history", "permission denied"),
        (
            "CREATE TEMPORARY TABLE decisions (certificate_id, kind) AS VALUES (1::BIGINT, 'correction');
             DELETE FROM certification_years WHERE number = 2",
            "a settled year never changes",
        ),
        (
            "INSERT INTO endings (decision_id, kind) VALUES (1, 'wish')",
            "an ending belongs to a decision of that kind",
        ),
    ] {
        let refusal = postgres.says(sql).expect_err(sql);
        assert!(refusal.contains(words), "{sql}: {refusal}");
    }
    // when the run looks at it next is no fact about the year, and a correction opens what was before the takeover
    postgres.lines(
        "UPDATE certification_years SET look_on = '2099-01-01';
         INSERT INTO decisions (certificate_id, kind, reason, decided_by, decided_on, decided_at)
             VALUES (1, 'correction', 'A', 1, '2026-01-01', '2026-01-01 00:00:00');
         DELETE FROM certification_years WHERE number = 2;",
    );
}

#[test]
fn everything_that_the_baseline_made_is_taken_back() {
    let postgres = Database::new();
    postgres.lines(include_str!("../../../../migrations/postgres/2026-12-01-002001_baseline/down.sql"));
    let left = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace";
    assert_eq!(postgres.lines(left), Vec::<String>::new());
}

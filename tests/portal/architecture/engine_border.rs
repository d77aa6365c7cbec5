//! The border of the store's engine: nothing outside of it names a connection to a database, and what only one of the two databases says
//! stands in named files.

use super::rust_source::tokens;
use super::{none, sources};

/// Connections, and what is only done with one.
const CONNECTIONS: [&str; 8] = [
    "SqliteConnection",
    "PgConnection",
    "AsyncPgConnection",
    "AsyncConnectionWrapper",
    "EngineConnection",
    "ServerConnection",
    "MigrationHarness",
    "AnsiTransactionManager",
];
const ENGINE: &str = "src/store/engine/";

/// Words of SQL that only `SQLite` knows, as they stand in a text.
const WORDS_OF_ONE: [&str; 7] = ["rowid", " date(", "strftime", " GLOB ", "fts5", " MATCH ", "PRAGMA "];
/// Where they may stand besides `engine/sqlite/`, and why.
const NAMED_FILES: [(&str, &str); 6] = [
    ("src/store/records/search.rs", "both full-text indexes"),
    ("src/store/records/holders.rs", "a list of those that the full-text index finds"),
    ("src/store/operations/invariants.rs", "a day before another, with the words for both"),
    ("src/store/engine/error.rs", "what the engines say"),
    ("src/store/engine/database.rs", "how much memory a file's connections take"),
    ("src/store/engine/writer.rs", "how long a file's lock is asked for"),
];

fn connection_violations(path: &str, source: &str) -> Vec<String> {
    if path.starts_with(ENGINE) {
        return Vec::new();
    }
    let named = tokens(source).into_iter().filter(|token| CONNECTIONS.contains(&token.text.as_str()));
    named.map(|token| format!("{path}:{}: `{}` is the engine's", token.line, token.text)).collect()
}

fn sql_violations(path: &str, source: &str) -> Vec<String> {
    let sqlite = format!("{ENGINE}sqlite/");
    if !path.starts_with("src/store/")
        || path.starts_with(&sqlite)
        || NAMED_FILES.iter().any(|(file, _)| *file == path)
    {
        return Vec::new();
    }
    let code = source.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let found = code.flat_map(|(at, line)| {
        WORDS_OF_ONE.iter().filter(move |word| line.contains(*word)).map(move |word| (at + 1, word.trim()))
    });
    found
        .map(|(line, word)| format!("{path}:{line}: `{word}` is said by one of the databases only"))
        .collect()
}

#[test]
fn nothing_outside_the_engine_names_a_connection() {
    none(sources().iter().flat_map(|(path, source)| connection_violations(path, source)).collect());
}

#[test]
fn what_only_one_database_says_stands_in_named_files() {
    let sources = sources();
    none(sources.iter().flat_map(|(path, source)| sql_violations(path, source)).collect());
    // a file that needs no exception any more has none
    let needless = NAMED_FILES.iter().filter(|(file, _)| {
        !sources
            .iter()
            .any(|(path, source)| path == file && WORDS_OF_ONE.iter().any(|word| source.contains(word)))
    });
    none(needless.map(|(file, _)| format!("{file} says nothing that only one database knows")).collect());
}

#[test]
fn planted_words_beyond_the_border_are_found() {
    let path = "src/store/mail/outbox.rs";
    assert_eq!(connection_violations(path, "fn f(conn: &mut SqliteConnection) {}").len(), 1);
    assert_eq!(connection_violations("src/web/mod.rs", "use x::EngineConnection;").len(), 1);
    none(connection_violations("src/store/engine/pool.rs", "fn f(conn: &mut SqliteConnection) {}"));
    none(connection_violations(path, "// a SqliteConnection\nfn f(conn: &mut Conn<'_>) {}"));
    assert_eq!(sql_violations(path, "let a = \"SELECT rowid FROM mails WHERE x MATCH $1\";").len(), 2);
    none(sql_violations(path, "// rowid\nlet a = update(years);"));
    none(sql_violations("src/store/engine/sqlite/opening.rs", "\"PRAGMA optimize\""));
}

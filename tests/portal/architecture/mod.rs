//! Reads the sources and fails on whatever breaks the house's order: ranks, owners of foreign crates, the one clock,
//! names and lengths of files, and what templates may hold. The rules are the tables below; each has a planted
//! violation in `planted`, so that the check is known to be able to fail.

mod codes;
mod columns;
mod dependencies;
mod engine_border;
mod functions;
mod imports;
mod limits;
mod names;
mod papers;
mod permission;
mod planted;
mod plurals;
mod rust_source;
mod template;
mod tree;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rust_source::{Token, tokens};

/// A module names only modules of lower ranks, and of its own rank only itself.
const RANKS: [(&str, u8); 18] = [
    ("domain", 0),
    ("config", 0),
    ("clock", 0),
    ("store", 1),
    ("mail", 1),
    ("files", 1),
    ("secrets", 1),
    ("badges", 1),
    ("portal", 2),
    ("actions", 3),
    ("upkeep", 3),
    ("jobs", 4),
    ("transfer", 4),
    ("demo", 4),
    ("web", 5),
    ("scheduler", 5),
    ("cli", 6),
    ("main", 7),
];

/// Foreign crates (whole names, or families that end in `_`) and the only modules that may name them.
const OWNERS: [(&str, &[&str]); 18] = [
    ("diesel", &["store"]),
    ("diesel_", &["store"]),
    ("r2d2", &["store"]),
    ("libsqlite3_sys", &["store"]),
    ("tokio_postgres", &["store"]),
    ("tokio_postgres_rustls", &["store"]),
    ("actix", &["web"]),
    ("actix_", &["web"]),
    ("askama", &["web", "mail"]),
    ("lettre", &["mail"]),
    ("rustls", &["mail", "store"]),
    ("ureq", &["files"]),
    ("hmac", &["files"]),
    ("roxmltree", &["files"]),
    ("tokio_cron_scheduler", &["scheduler"]),
    // Async lives in web and scheduler; the rest is plain sync, though a runtime drives each of the store's connections to a server.
    ("tokio", &["web", "scheduler", "store"]),
    ("async", &["web", "scheduler"]),
    ("await", &["web", "scheduler"]),
];

/// Who asks the machine for the time of day, and who may measure how long something takes (`mail` and `files` limit their
/// dialogue with a server, `store` its waiting, `cli` tells how long a run took).
const ASKS_THE_TIME: [(&str, &str, &[&str]); 4] = [
    ("Utc", "now", &["clock"]),
    ("Local", "now", &["clock"]),
    ("SystemTime", "now", &["clock"]),
    ("Instant", "now", &["scheduler", "jobs", "web", "mail", "store", "files", "cli"]),
];

/// The only crates the rules may use, and the parts of the standard library that reach outside.
const DOMAIN_CRATES: [&str; 5] = ["std", "core", "chrono", "thiserror", "unicode_normalization"];
const OUTSIDE_OF_STD: [&str; 7] = ["fs", "io", "net", "env", "process", "thread", "time"];

/// A file is split where a concept ends; beyond this there is a second one in it.
const LONGEST_FILE: usize = 500;
/// Files that may be longer, each with its reason. Empty is how it should be.
const MAY_BE_LONGER: [&str; 0] = [];

const NAMES_THAT_SAY_NOTHING: [&str; 14] = [
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "manager",
    "managers",
    "service",
    "services",
    "model",
    "models",
    "misc",
    "shared",
    "base_utils",
];

/// Templates in which a value goes out unescaped, each with its reason. Empty is how it should be.
const MAY_BE_UNESCAPED: [&str; 0] = [];
/// Addresses outside that pages may link to (links only, nothing that a browser loads by itself).
const LINKS_OUTSIDE: [&str; 0] = [];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder`, as (path from the repository's root with forward slashes, content).
fn files_below(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if name != "node_modules" && !name.starts_with(".venv-") {
                    walk(&path, found);
                }
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    let named = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        String::from_utf8(fs::read(&path).unwrap()).ok().map(|text| (name, text))
    };
    found.into_iter().filter_map(named).collect()
}

fn ending_in(endings: &[&str], files: Vec<(String, String)>) -> Vec<(String, String)> {
    files.into_iter().filter(|(path, _)| endings.iter().any(|ending| path.ends_with(ending))).collect()
}

fn rank(module: &str) -> Option<u8> {
    RANKS.iter().find(|(name, _)| *name == module).map(|(_, rank)| *rank)
}

/// The top module a source file belongs to: `src/web/holder/x.rs` → `web`, `src/clock.rs` → `clock`.
fn module_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let first = inside.split('/').next().unwrap_or(inside);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// How many `super`s lead from the file's module to the crate's root.
fn depth_of(path: &str) -> usize {
    let inside = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs").trim_end_matches("/mod");
    inside.split('/').count()
}

/// Imports against the ranks, wherever in the code a path from the crate's root stands.
fn rank_violations(path: &str, source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let (own, depth) = (module_of(path), depth_of(path));
    let mut found = Vec::new();
    let mut say = |token: &Token, what: String| found.push(format!("{path}:{}: {what}", token.line));
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let mut supers = 0;
    // Each open brace, and whether it opened a module inside the file: that is one `super` more to the root.
    let mut braces: Vec<bool> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let from_root = match token.text.as_str() {
            "{" => {
                braces.push(index > 1 && text(index - 2) == "mod");
                false
            }
            "}" => {
                braces.pop();
                false
            }
            "crate" => !matches!(text(index + 1), ")"),
            "cpe_portal" => text(index + 1) == "::",
            "super" => {
                let follows = index > 1 && text(index - 2) == "super" && text(index - 1) == "::";
                supers = if follows { supers + 1 } else { 1 };
                let depth = depth + braces.iter().filter(|inner| **inner).count();
                supers >= depth && text(index + 2) != "super" && text(index + 1) == "::"
            }
            _ => false,
        };
        if !from_root {
            continue;
        }
        if text(index + 1) != "::" {
            say(token, "the whole crate under another name hides what is imported".into());
            continue;
        }
        let named = text(index + 2);
        match (rank(own), rank(named)) {
            _ if named == "{" || named == "*" => {
                say(
                    token,
                    "several modules in one brace: write one `use crate::a::b;` for each module".into(),
                );
            }
            _ if named == own => {}
            (_, None) => {
                say(token, format!("`{named}` has no rank; give it one in tests/portal/architecture/mod.rs"))
            }
            (Some(mine), Some(theirs)) if theirs < mine => {}
            (mine, Some(theirs)) => {
                let mine = mine.map_or("no rank".into(), |mine| format!("rank {mine}"));
                say(token, format!("`{own}` ({mine}) names `{named}` (rank {theirs})"));
            }
        }
    }
    found
}

/// Foreign crates named outside their owners, and the time asked outside the clock.
fn owner_violations(path: &str, source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let own = module_of(path);
    let mut found = Vec::new();
    let mut say = |token: &Token, what: String| found.push(format!("{path}:{}: {what}", token.line));
    for (index, token) in tokens.iter().enumerate() {
        for (name, owners) in OWNERS {
            let named = token.text == name || name.ends_with('_') && token.text.starts_with(name);
            if named && !owners.contains(&own) {
                say(token, format!("`{}` belongs to {}", token.text, owners.join(" and ")));
            }
        }
        let next = |offset: usize| tokens.get(index + offset).map_or("", |token| token.text.as_str());
        for (kind, function, owners) in ASKS_THE_TIME {
            if token.text == kind && next(1) == "::" && next(2) == function && !owners.contains(&own) {
                say(
                    token,
                    format!(
                        "`{kind}::{function}` belongs to {}; take the time as a parameter",
                        owners.join(", ")
                    ),
                );
            }
        }
    }
    found
}

/// What the rules name beside themselves, the standard library's inner parts, chrono, thiserror and unicode-normalization.
fn purity_violations(path: &str, source: &str, dependencies: &BTreeSet<String>) -> Vec<String> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let text = |offset: usize| tokens.get(index + offset).map_or("", |token| token.text.as_str());
        let before = index
            .checked_sub(1)
            .and_then(|before| tokens.get(before))
            .map_or("", |token| token.text.as_str());
        let begins_a_path = before == "use" || text(1) == "::" && before != "::";
        let name = token.text.as_str();
        if begins_a_path && dependencies.contains(name) && !DOMAIN_CRATES.contains(&name) {
            found.push(format!("{path}:{}: the rules do not use `{name}`", token.line));
        }
        if begins_a_path && name == "std" && text(1) == "::" {
            let braced = text(2) == "{";
            let end = if braced {
                tokens[index..].iter().position(|token| token.text == "}").unwrap_or(3)
            } else {
                3
            };
            for inner in 2..end {
                if OUTSIDE_OF_STD.contains(&text(inner))
                    && (inner == 2 || matches!(text(inner - 1), "{" | ","))
                {
                    found.push(format!(
                        "{path}:{}: the rules do not reach outside: std::{}",
                        token.line,
                        text(inner)
                    ));
                }
            }
        }
    }
    found
}

fn length_violation(path: &str, source: &str) -> Option<String> {
    let lines = source.lines().count();
    (lines > LONGEST_FILE && !MAY_BE_LONGER.contains(&path))
        .then(|| format!("{path}: {lines} lines, {LONGEST_FILE} are allowed; it wants a second noun"))
}

fn name_violation(path: &str) -> Option<String> {
    let mut parts = path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    parts
        .any(|part| NAMES_THAT_SAY_NOTHING.contains(&part))
        .then(|| format!("{path}: the name says nothing about what is inside"))
}

/// The time asked by SQL itself.
fn sql_time_violations(path: &str, text: &str) -> Vec<String> {
    let asks = |line: &str| {
        let line = line.to_lowercase();
        line.contains("current_timestamp") || line.contains("current_date") || line.contains("'now'")
    };
    let lines = text.lines().enumerate().filter(|(_, line)| asks(line));
    lines.map(|(number, _)| format!("{path}:{}: SQL asks for the time", number + 1)).collect()
}

/// Modules that a template names: templates belong to `web`, those below templates/mail to `mail`.
fn template_rank_violations(path: &str, text: &str) -> Vec<String> {
    let own = if path.starts_with("templates/mail/") { "mail" } else { "web" };
    let name = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let named = text.match_indices("crate::").map(|(at, found)| name(&text[at + found.len()..]));
    let wrong =
        named.filter(|named| named != own && rank(named).is_none_or(|theirs| Some(theirs) >= rank(own)));
    wrong.map(|named| format!("{path}: a template of `{own}` names `{named}`")).collect()
}

/// Names of the crates in `[dependencies]`, as code writes them.
fn dependencies() -> BTreeSet<String> {
    dependencies::dependencies(&fs::read_to_string(root().join("Cargo.toml")).unwrap(), "dependencies")
}

fn none(found: Vec<String>) {
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

fn sources() -> Vec<(String, String)> {
    let sources = ending_in(&[".rs"], files_below("src"));
    assert!(sources.len() > 15, "the sources were not found");
    sources
}

#[test]
fn every_module_names_only_modules_of_lower_ranks() {
    let sources = sources().into_iter().filter(|(path, _)| path != "src/lib.rs");
    none(sources.flat_map(|(path, text)| rank_violations(&path, &text)).collect());
    none(
        files_below("templates")
            .iter()
            .flat_map(|(path, text)| template_rank_violations(path, text))
            .collect(),
    );
}

#[test]
fn every_module_of_the_crate_has_a_rank() {
    let library = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let declared: BTreeSet<&str> =
        library.lines().filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let ranked: BTreeSet<&str> = RANKS.iter().map(|(name, _)| *name).filter(|name| *name != "main").collect();
    assert_eq!(declared, ranked);
    let program = fs::read_to_string(root().join("src/program.rs")).unwrap();
    let looked_at: BTreeSet<&str> =
        program.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    assert_eq!(looked_at, declared, "src/program.rs looks for unused items in every module");
}

#[test]
fn foreign_crates_and_the_clock_are_named_by_their_owners_only() {
    none(sources().iter().flat_map(|(path, text)| owner_violations(path, text)).collect());
}

#[test]
fn the_rules_use_nothing_but_the_inner_standard_library_and_three_crates_that_know_no_outside() {
    let dependencies = dependencies();
    assert!(dependencies.contains("actix_web") && dependencies.contains("chrono"), "{dependencies:?}");
    let sources = sources().into_iter().filter(|(path, _)| path.starts_with("src/domain/"));
    none(sources.flat_map(|(path, text)| purity_violations(&path, &text, &dependencies)).collect());
}

#[test]
fn no_source_file_is_longer_than_500_lines() {
    // the list of tables is as long as there are tables
    let counted = |path: &str| path != "src/store/schema/mod.rs";
    let sources = sources();
    let counted = sources.iter().filter(|(path, _)| counted(path));
    none(counted.filter_map(|(path, text)| length_violation(path, text)).collect());
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    let folders = ["src", "tests", "templates", "static", "benches"];
    none(folders.into_iter().flat_map(files_below).filter_map(|(path, _)| name_violation(&path)).collect());
}

#[test]
fn sql_never_asks_for_the_time() {
    let mut files = files_below("migrations");
    files.extend(files_below("src/store"));
    none(files.iter().flat_map(|(path, text)| sql_time_violations(path, text)).collect());
}

#[test]
fn templates_escape_everything_and_hold_no_script_style_or_foreign_resource() {
    let templates = files_below("templates");
    none(templates.iter().flat_map(|(path, text)| template::violations(path, text)).collect());
}

#[test]
fn styles_and_scripts_load_nothing_from_elsewhere() {
    let assets = ending_in(&[".css", ".js", ".mjs", ".svg"], files_below("static"));
    none(assets.iter().flat_map(|(path, text)| template::asset_violations(path, text)).collect());
}

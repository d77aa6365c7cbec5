//! Every dependency is named by a line of code: in `src/` those of the portal, beside it those of its tests only.

use std::collections::BTreeSet;
use std::fs;

use super::rust_source::tokens;
use super::{ending_in, files_below, none, root};

/// Dependencies that no line names, each with what it is there for.
const UNNAMED: [&str; 1] = [
    // brings SQLite itself, built with the flags of .cargo/config.toml, for Diesel
    "libsqlite3_sys",
];

/// The dependencies of a section of Cargo.toml, as code writes their names.
pub fn dependencies(manifest: &str, section: &str) -> BTreeSet<String> {
    let head = format!("\n[{section}]\n");
    let body = manifest.split(head.as_str()).nth(1).unwrap_or_default();
    let body = body.split("\n[").next().unwrap_or_default();
    let lines = body.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('=')).map(|(name, _)| name.trim().replace('-', "_")).collect()
}

/// Names of `wanted` that no file has as a word of its code.
fn unnamed(wanted: &BTreeSet<String>, files: &[(String, String)]) -> Vec<String> {
    let mut rest = wanted.clone();
    for (_, source) in files {
        for token in tokens(source) {
            rest.remove(&token.text);
        }
    }
    rest.into_iter().map(|name| format!("Cargo.toml: no line of code names `{name}`")).collect()
}

#[test]
fn every_dependency_is_named_by_a_line_of_code() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let rust = |folder| ending_in(&[".rs"], files_below(folder));
    let mut portal = dependencies(&manifest, "dependencies");
    assert!(portal.len() > 30, "{portal:?}");
    for name in UNNAMED {
        assert!(portal.remove(name), "{name} is no dependency any more");
    }
    let mut found = unnamed(&portal, &rust("src"));
    let tests = dependencies(&manifest, "dev-dependencies");
    assert!(tests.contains("tempfile"), "{tests:?}");
    let mut beside = rust("tests");
    beside.extend(rust("benches"));
    found.extend(unnamed(&tests, &beside));
    none(found);
}

#[test]
fn a_planted_dependency_that_nobody_names_is_found() {
    let manifest = "[package]\n\n[dependencies]\n# pages\na-b = \"1\"\nc = { version = \"2\" }\n\n[dev-dependencies]\nd = \"1\"\n";
    let wanted = dependencies(manifest, "dependencies");
    assert_eq!(wanted.iter().map(String::as_str).collect::<Vec<_>>(), ["a_b", "c"]);
    let named = |source: &str| unnamed(&wanted, &[("src/a.rs".to_owned(), source.to_owned())]).len();
    assert_eq!(named("use a_b::C; // c::d"), 1);
    assert_eq!(named("use a_b::C; fn f() { c::d(\"a_b\") }"), 0);
}

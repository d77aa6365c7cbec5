//! What there is to be named in a paper.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use super::super::{ending_in, files_below, root};

/// One command of the portal, as its help tells it.
#[derive(Default)]
pub(super) struct Help {
    pub(super) commands: BTreeSet<String>,
    /// Flags, and whether a value follows.
    pub(super) flags: BTreeMap<String, bool>,
    pub(super) takes_arguments: bool,
}

/// What there is to be named.
pub(super) struct House {
    pub(super) files: BTreeSet<String>,
    /// By the words that lead to it: "", "account", "account add".
    pub(super) commands: BTreeMap<String, Help>,
    /// Whole names: `staff::reviews::an_award_…`.
    pub(super) tests: BTreeSet<String>,
    pub(super) parts_of_the_bench: BTreeSet<String>,
    /// Names after `name =` in the manifest.
    pub(super) targets: BTreeSet<String>,
    /// Every word of the code.
    pub(super) words: BTreeSet<String>,
    pub(super) settings: BTreeSet<String>,
}

pub(super) static HOUSE: LazyLock<House> = LazyLock::new(House::look);

pub(super) fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

pub(super) fn quoted_after(text: &str, before: &str) -> BTreeSet<String> {
    let rest = |at: usize| text[at + before.len()..].split('"').next().unwrap_or_default().to_owned();
    text.match_indices(before).map(|(at, _)| rest(at)).collect()
}

impl House {
    fn look() -> House {
        let mut files = BTreeSet::new();
        paths_below(&root(), &mut files);
        let mut commands = BTreeMap::new();
        help(&mut commands, &[]);
        let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
        let code =
            ["src", "tests", "benches"].map(|folder| ending_in(&[".rs", ".mjs", ".py"], files_below(folder)));
        let code: Vec<_> = code.into_iter().flatten().collect();
        // what is planted below must not make itself true
        let others = || code.iter().filter(|(path, _)| !path.starts_with("tests/portal/architecture/papers"));
        let mut settings: BTreeSet<String> = BTreeSet::new();
        for text in
            others().map(|(_, text)| text.as_str()).chain([read("tests/run").as_str(), &read("tests/prove")])
        {
            settings.extend(words_of(text).filter(|word| word.starts_with("CPE_PORTAL_")).map(str::to_owned));
        }
        House {
            files,
            commands,
            tests: code.iter().flat_map(|(path, text)| tests_of(path, text)).collect(),
            parts_of_the_bench: quoted_after(&read("benches/portal/main.rs"), "wanted(\""),
            targets: quoted_after(&read("Cargo.toml"), "\nname = \""),
            words: others().flat_map(|(_, text)| words_of(text)).map(str::to_owned).collect(),
            settings,
        }
    }

    /// Whether there is a file or folder, by its path from the repository's root.
    pub(super) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let below = |folder: &str| {
            self.files.range(folder.to_owned()..).next().is_some_and(|next| next.starts_with(folder))
        };
        (!path.ends_with('/') && self.files.contains(path)) || below(&folder)
    }
}

fn paths_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let made =
            ["node_modules", "target", "data", "screenshots", "test-results", ".git"].contains(&&*name);
        if made || name.starts_with(".venv-") {
            continue;
        }
        if path.is_dir() {
            paths_below(&path, found);
        } else {
            found.insert(path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/"));
        }
    }
}

/// Reads the help of a command and of those below it.
fn help(commands: &mut BTreeMap<String, Help>, path: &[&str]) {
    let said = Command::new(env!("CARGO_BIN_EXE_cpe-portal")).args(path).arg("--help").output().unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    let (mut section, mut help_of) = ("", Help::default());
    for line in text.lines() {
        let first = line.split_whitespace().next().unwrap_or_default();
        match line {
            "Commands:" | "Arguments:" | "Options:" => section = line,
            _ if section == "Commands:" && !first.is_empty() => {
                help_of.commands.insert(first.to_owned());
            }
            _ if section == "Arguments:" => help_of.takes_arguments = true,
            _ if section == "Options:" => {
                let flag = line.split_whitespace().find(|word| word.starts_with("--"));
                let flag = flag.filter(|_| line.trim_start().starts_with('-'));
                help_of.flags.extend(flag.map(|flag| (flag.to_owned(), line.contains(&format!("{flag} <")))));
            }
            _ => {}
        }
    }
    for below in help_of.commands.clone().iter().filter(|below| *below != "help") {
        help(commands, &[path, &[below]].concat());
    }
    commands.insert(path.join(" "), help_of);
}

/// The names of a file's tests, as `cargo test` tells them.
fn tests_of(path: &str, text: &str) -> Vec<String> {
    let Some(inside) = path.strip_prefix("tests/portal/") else {
        return Vec::new();
    };
    let module = inside.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
    let mut names = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim_start) {
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some(rest) = rest.filter(|_| is_test) {
            names.push(format!("{module}::{}", words_of(rest).next().unwrap_or_default()));
        }
        let attribute = line.starts_with("#[") || line.starts_with("//");
        is_test = line.starts_with("#[") && line.contains("test]") || is_test && attribute;
    }
    names
}

//! The papers are true as far as a machine can tell: whatever path, command, flag, address, setting or name of the code they mention is
//! there, and the README keeps its size. What a paper says stands between backticks, in `sh` blocks and in links; other blocks are for
//! other programs, and only their settings are looked at.

mod house;
mod planted;

use std::collections::BTreeSet;
use std::fs;

use cpe_portal::web::http::route::find_in;
use cpe_portal::web::routes;

use super::{none, root};
use house::{HOUSE, quoted_after, words_of};

const PAPERS: [&str; 10] = [
    "README.md",
    "src/ARCHITECTURE.md",
    "src/domain/RULES.md",
    "src/upkeep/OPERATING.md",
    "templates/WORDS.md",
    "migrations/README.md",
    "tests/README.md",
    "benches/README.md",
    ".ci/CONTRIBUTING.md",
    ".ci/CHANGELOG.md",
];

/// What somebody who has never seen the portal reads before deciding whether to go on.
const MOST_LINES_OF_THE_README: usize = 150;
const WIDEST_LINE_OF_THE_README: usize = 100;

/// A picture is looked at by somebody who waits for it.
const HEAVIEST_PICTURE: u64 = 120 * 1024;

/// Programs of others that a paper may name, and what of cargo it may use.
const OTHER_PROGRAMS: [&str; 7] = ["cd", "git", "grep", "npm", "rm", "rustup", "sqlite3"];
const CARGO: [&str; 7] = ["bench", "build", "check", "clippy", "fmt", "run", "test"];
const CARGO_FLAGS: [&str; 6] = ["--all-targets", "--check", "--locked", "--no-run", "--release", "--version"];
const TEST_FLAGS: [&str; 3] = ["--exact", "--list", "--nocapture"];
/// What looks like an address or a path and is none of ours, each with its reason.
const OF_OTHERS: [(&str, &str); 3] = [
    ("/metrics", "stands on a listener of its own"),
    ("/etc/systemd/system/cpe-portal.service", "a place of the system"),
    ("Europe/Amsterdam", "a time zone"),
];
/// Endings by which a word is the name of a file of ours.
const ENDINGS: [&str; 9] = [".css", ".html", ".js", ".md", ".mjs", ".rs", ".sql", ".svg", ".toml"];

/// A word that stands for what a person puts there: `FILE`, `DATA/mail/`, `N`, or a text in quotes.
fn is_placeholder(word: &str) -> bool {
    let first = word.split('/').next().unwrap_or_default();
    !first.is_empty() && first.chars().all(|c| c.is_ascii_uppercase() || c == '_') || word.starts_with('"')
}

/// Words of a command line; a text in quotes is one.
fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        quoted ^= c == '"';
        match c.is_whitespace() && !quoted {
            true => words.push(String::new()),
            false => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A command of the portal, without its name.
fn portal_command(words: &[&str]) -> Option<String> {
    let mut path: Vec<&str> = Vec::new();
    let mut words = words.iter().copied().peekable();
    if words.next_if_eq(&"help").is_some() {
        let named: Vec<&str> = words.collect();
        return (!HOUSE.commands.contains_key(&named.join(" ")))
            .then(|| format!("no command `{}`", named.join(" ")));
    }
    while let Some(word) = words.next() {
        let here = &HOUSE.commands[&path.join(" ")];
        if word == "…" || is_placeholder(word) && (here.takes_arguments || path.is_empty()) {
            continue;
        }
        if let Some(flag) = word.strip_prefix("--").map(|_| word.split('=').next().unwrap_or(word)) {
            match here.flags.get(flag) {
                None => return Some(format!("`{}` has no flag {flag}", path.join(" "))),
                Some(true) if !word.contains('=') => {
                    words.next();
                }
                Some(_) => {}
            }
        } else if here.commands.contains(word) {
            path.push(word);
        } else if !here.takes_arguments {
            return Some(format!("`{}` has no command {word}", path.join(" ")));
        }
    }
    None
}

fn filter(word: &str) -> Option<String> {
    let named = HOUSE.tests.iter().any(|test| test.contains(word));
    (!named).then(|| format!("no test is called {word}"))
}

fn cargo_command(words: &[&str]) -> Option<String> {
    let (own, inner) = match words.iter().position(|word| *word == "--") {
        Some(at) => (&words[..at], &words[at + 1..]),
        None => (words, &[][..]),
    };
    let command = own.first().copied().unwrap_or_default();
    if !CARGO.contains(&command) {
        return Some(format!("cargo {command} is not among what the papers use"));
    }
    let mut rest = own[1..].iter().copied();
    while let Some(word) = rest.next() {
        let wrong = match word {
            "--test" | "--bench" => {
                let target = rest.next().unwrap_or_default();
                (!HOUSE.targets.contains(target)).then(|| format!("Cargo.toml has no target {target}"))
            }
            _ if word.starts_with("--") => {
                (!CARGO_FLAGS.contains(&word)).then(|| format!("cargo {command} with {word}"))
            }
            _ if command == "test" => filter(word),
            _ => Some(format!("cargo {command} with {word}")),
        };
        if wrong.is_some() {
            return wrong;
        }
    }
    let words = || inner.iter().copied().filter(|word| !is_placeholder(word));
    match command {
        "run" => portal_command(inner),
        "test" => words().filter(|word| !TEST_FLAGS.contains(word)).find_map(filter),
        "bench" => words()
            .find(|word| !HOUSE.parts_of_the_bench.contains(*word))
            .map(|part| format!("no part {part} of the bench")),
        _ => None,
    }
}

/// A script run by `bash` or `node` from a folder.
fn script(words: &[&str], folder: &str) -> Option<String> {
    let mut words = words.iter().copied().skip_while(|word| *word == "--test");
    let path = within(folder, words.next()?);
    if !HOUSE.files.contains(&path) {
        return Some(format!("no script {path}"));
    }
    let text = fs::read_to_string(root().join(&path)).unwrap();
    let mut words = words.filter(|word| !is_placeholder(word));
    match path.as_str() {
        "tests/prove" => words.find_map(|word| match word.starts_with("proofs::") {
            true => filter(word),
            false => Some(format!("{word} is not among the proofs")),
        }),
        "tests/fuzz/run" => words
            .find(|word| word.parse::<u64>().is_err() && !HOUSE.has(&format!("tests/fuzz/corpus/{word}")))
            .map(|word| format!("no reader {word}")),
        _ => words
            .find(|word| !text.contains(word.split_inclusive('=').next().unwrap_or(word)))
            .map(|word| format!("{path} knows no {word}")),
    }
}

fn within(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

/// One line for a shell, with what follows `&&`. Words in front such as `NAME=value` are settings of the command.
fn shell(line: &str) -> Vec<String> {
    let line = line.split(" #").next().unwrap_or_default();
    let mut folder = String::new();
    let mut found = Vec::new();
    for command in line.split("&&").map(split) {
        let words: Vec<&str> =
            command.iter().map(String::as_str).skip_while(|word| word.starts_with("CPE_PORTAL_")).collect();
        let Some((name, rest)) = words.split_first() else {
            continue;
        };
        found.extend(match *name {
            "cargo" => cargo_command(rest),
            "cpe-portal" => portal_command(rest),
            "bash" | "node" => script(rest, &folder),
            "cd" => {
                folder = rest.join(" ");
                (!HOUSE.has(&folder)).then(|| format!("no folder {folder}"))
            }
            name if OTHER_PROGRAMS.contains(&name) => None,
            name => Some(format!("{name} is not among the programs that the papers use")),
        });
    }
    found
}

fn address(method: Option<&str>, path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or(path);
    let fits = |of: &str| {
        find_in(routes(), of, path).is_some()
            || routes().iter().any(|route| route.method == of && route.path == path)
    };
    let served = match (method, path.strip_suffix('…')) {
        (_, Some(begins)) => routes().iter().any(|route| route.path.starts_with(begins)),
        (Some(method), None) => fits(method),
        (None, None) => fits("GET") || fits("POST"),
    };
    (!served).then(|| format!("no route {} {path}", method.unwrap_or_default()))
}

/// What stands between two backticks, in a paper of a folder.
fn span(text: &str, folder: &str) -> Vec<String> {
    let owned = split(text);
    let words: Vec<&str> = owned.iter().map(String::as_str).collect();
    let Some((first, rest)) = words.split_first() else {
        return vec!["empty backticks".to_owned()];
    };
    let one = |wrong: Option<String>| wrong.into_iter().collect();
    match *first {
        "cargo" | "cpe-portal" | "bash" | "node" | "cd" | "npm" | "git" | "rm" if !rest.is_empty() => {
            return shell(text);
        }
        "GET" | "POST" if rest.len() == 1 => return one(address(Some(first), rest[0])),
        command if !rest.is_empty() && HOUSE.commands[""].commands.contains(command) => {
            return one(portal_command(&words));
        }
        flag if flag.starts_with("--") => {
            let known = HOUSE.commands.values().any(|help| help.flags.contains_key(flag));
            return one((!known).then(|| format!("no command has the flag {flag}")));
        }
        _ => {}
    }
    let word = *first;
    if !rest.is_empty() || OF_OTHERS.iter().any(|(other, _)| *other == word) {
        return Vec::new();
    }
    let all = |allowed: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || allowed.contains(c));
    // figures for whoever watches carry the program's name in front
    let known = |name: &str| HOUSE.words.contains(name.strip_prefix("cpe_portal_").unwrap_or(name));
    if word.starts_with('/') {
        return one(address(None, word));
    }
    if word.contains('/') && all("_./-") {
        let there = HOUSE.has(word) || HOUSE.has(&within(folder, word));
        return one((!there && !is_placeholder(word)).then(|| format!("no file or folder {word}")));
    }
    if all("_.-") && ENDINGS.iter().any(|ending| word.ends_with(ending) && word.len() > ending.len()) {
        let there = HOUSE.files.iter().any(|path| path.rsplit('/').next() == Some(word));
        return one((!there).then(|| format!("no file is called {word}")));
    }
    let camel = word.chars().filter(char::is_ascii_uppercase).count() > 1
        && word.chars().any(|c| c.is_ascii_lowercase());
    let snake = word.contains('_') && !word.starts_with('_') && !word.ends_with('_');
    if all("_:") && (word.contains("::") || camel && !word.contains('_') || snake && !is_placeholder(word)) {
        return words_of(word)
            .filter(|name| !known(name))
            .map(|name| format!("nothing is called {name}"))
            .collect();
    }
    Vec::new()
}

/// What a heading is called in a link to it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn link(target: &str, folder: &str, text: &str) -> Option<String> {
    let (path, place) = target.split_once('#').unwrap_or((target, ""));
    if path.starts_with("http") {
        return None;
    }
    let aimed = if path.is_empty() {
        Some(text.to_owned())
    } else {
        fs::read(root().join(folder).join(path))
            .ok()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let Some(aimed) = aimed else {
        return Some(format!("the link to {target} leads nowhere"));
    };
    let headings = aimed
        .lines()
        .filter_map(|line| line.strip_prefix('#').map(|line| anchor(line.trim_start_matches('#'))));
    (!place.is_empty() && !headings.into_iter().any(|heading| heading == place))
        .then(|| format!("no heading for {target}"))
}

/// Everything in a paper that is not there.
fn violations(path: &str, text: &str) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    let mut say = |line: usize, what: String| found.push(format!("{path}:{line}: {what}"));
    let mut fence: Option<&str> = None;
    let mut block = (1, String::new());
    for (number, line) in text.lines().chain([""]).enumerate().map(|(index, line)| (index + 1, line)) {
        for setting in
            words_of(line).filter(|word| word.starts_with("CPE_PORTAL_") && !HOUSE.settings.contains(*word))
        {
            say(number, format!("no setting {setting}"));
        }
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(kind) };
            continue;
        }
        match fence {
            Some("sh") => shell(line).into_iter().for_each(|what| say(number, what)),
            Some(_) => {}
            // a span may go over the end of a line, but not over a block's
            None if line.trim().is_empty()
                || line.starts_with('|')
                || line.trim_start().starts_with("- ") =>
            {
                spans_of(&block.1, folder).into_iter().for_each(|what| say(block.0, what));
                block = (number, line.to_owned());
            }
            None => block.1 = format!("{} {line}", block.1),
        }
        if fence.is_none() {
            let inline = line
                .match_indices("](")
                .map(|(at, found)| line[at + found.len()..].split(')').next().unwrap_or_default());
            let defined =
                line.strip_prefix('[').and_then(|line| line.split_once("]: ")).map(|(_, target)| target);
            inline
                .chain(defined)
                .filter_map(|target| link(target, folder, text))
                .for_each(|what| say(number, what));
        }
    }
    spans_of(&block.1, folder).into_iter().for_each(|what| say(block.0, what));
    found
}

fn spans_of(block: &str, folder: &str) -> Vec<String> {
    let parts: Vec<&str> = block.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return vec!["an odd number of backticks".to_owned()];
    }
    parts.iter().skip(1).step_by(2).flat_map(|text| span(text, folder)).collect()
}

fn size_violations(text: &str) -> Vec<String> {
    let lines = text.lines().count();
    let long = (lines > MOST_LINES_OF_THE_README).then(|| format!("README.md has {lines} lines"));
    let width = |line: &str| line.chars().count();
    let wide = text.lines().enumerate().filter(|(_, line)| width(line) > WIDEST_LINE_OF_THE_README);
    let wide = wide.map(|(at, line)| format!("README.md:{}: {} characters", at + 1, width(line)));
    long.into_iter().chain(wide).collect()
}

fn read(paper: &str) -> String {
    fs::read_to_string(root().join(paper)).unwrap_or_else(|error| panic!("{paper}: {error}"))
}

#[test]
fn every_path_command_and_name_in_the_papers_exists() {
    none(PAPERS.iter().flat_map(|paper| violations(paper, &read(paper))).collect());
}

#[test]
fn every_paper_is_looked_at() {
    let there: BTreeSet<&str> =
        HOUSE.files.iter().map(String::as_str).filter(|path| path.ends_with(".md")).collect();
    assert_eq!(there, PAPERS.into_iter().collect());
    let linked = read("README.md");
    none(
        PAPERS[1..]
            .iter()
            .filter(|paper| !linked.contains(&format!("]({paper})")))
            .map(|paper| format!("README.md does not lead to {paper}"))
            .collect(),
    );
}

#[test]
fn the_readme_keeps_its_size() {
    none(size_violations(&read("README.md")));
    assert_eq!(size_violations(&"a line\n".repeat(151)).len(), 1);
    assert_eq!(
        size_violations(&format!("short\n{}\n{}", "é".repeat(101), "é".repeat(100))),
        ["README.md:2: 101 characters"]
    );
}

fn weight_violation(picture: &str, bytes: u64) -> Option<String> {
    (bytes > HEAVIEST_PICTURE).then(|| format!("{picture} weighs {bytes} bytes"))
}

#[test]
fn the_pictures_are_light() {
    let pictures = HOUSE.files.iter().filter(|path| path.ends_with(".webp") || path.ends_with(".png"));
    let weighed: Vec<(&str, u64)> =
        pictures.map(|path| (path.as_str(), fs::metadata(root().join(path)).unwrap().len())).collect();
    assert!(weighed.len() > 1, "{weighed:?}");
    none(weighed.iter().filter_map(|(path, bytes)| weight_violation(path, *bytes)).collect());
    assert!(weight_violation("a.webp", 120 * 1024 + 1).is_some());
}

#[test]
fn the_readme_names_every_setting() {
    let readme = read("README.md");
    let settings = quoted_after(&read("src/config/mod.rs"), "env = \"");
    assert!(settings.len() > 10, "{settings:?}");
    none(settings.into_iter().filter(|setting| !readme.contains(&format!("`{setting}`"))).collect());
}

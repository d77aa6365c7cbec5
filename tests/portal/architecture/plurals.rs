//! A count never stands before a plural without a word for one: "1 credits" is what a machine says. `domain::plural::counted` and
//! `Credits::counted` know both; a branch that asks for one beside the sentence does as well.

use super::{ending_in, files_below, none, sources};

/// What is counted on pages, in mails and in what commands say.
const COUNTED: [&str; 40] = [
    "accounts",
    "activities",
    "answers",
    "attempts",
    "badges",
    "certificates",
    "characters",
    "conditions",
    "credits",
    "days",
    "deadlines",
    "devices",
    "domains",
    "emails",
    "files",
    "flags",
    "holders",
    "hours",
    "invariants",
    "lines",
    "messages",
    "minutes",
    "months",
    "notes",
    "pages",
    "people",
    "problems",
    "publications",
    "questions",
    "reminders",
    "reports",
    "rows",
    "seconds",
    "sessions",
    "things",
    "units",
    "weeks",
    "words",
    "years",
    "others",
];

/// Words after which the noun does not belong to the number: "3 of your reports", "2 to holders", "who takes no emails".
const APART: [&str; 16] = [
    "a", "as", "at", "by", "depend", "for", "in", "is", "no", "not", "of", "on", "takes", "than", "to",
    "with",
];

/// What shows that the sentence is for several only.
const ASKED_FOR_ONE: [&str; 13] = [
    "== 1", "!= 1", "> 1", "< 2", ">= 2", "2..", "1 =>", "1) =>", "(1, ", "[one]", "[only]", "[_]", "many =>",
];
/// So far before the count that may stand, in bytes.
const BEFORE: usize = 600;

/// Counts that are never one, each with the reason.
const NEVER_ONE: [(&str, &str, &str); 14] = [
    ("templates/public/new_password.html", "{} characters", "no password has one"),
    ("templates/public/account.html", "{} characters", "no password has one"),
    ("templates/public/sign_in.html", "{} days", "how long a device is kept is no setting"),
    ("templates/admin/accounts/new.html", "{{ days }} days", "how long links work is no setting"),
    ("templates/admin/check.html", "{{ check.invariants }} invariants", "there are many"),
    ("templates/public/account.html", "{{ days }} days", "how long a device is kept is no setting"),
    ("templates/public/password_reset.html", "{{ hours }} hours", "how long links work is no setting"),
    ("src/actions/text.rs", "{longest} characters", "no limit is one character"),
    ("src/domain/text.rs", "{most} characters", "no limit is one character"),
    ("src/cli/progress.rs", "{human_pos} rows", "a bar that counts up"),
    ("src/cli/deadlines.rs", "{len} holders", "a bar that counts up"),
    ("src/jobs/check.rs", "{} invariants", "there are many"),
    ("src/jobs/health.rs", "{} invariants", "there are many"),
    ("src/upkeep/check.rs", "{containing} years", "said when it is not one"),
];

/// The plural that follows a count at the beginning of `rest`, with what stands between.
fn plural_after(rest: &str) -> Option<&str> {
    let mut at = 0;
    while rest[at..].starts_with("</") {
        at += rest[at..].find('>')? + 1;
    }
    let space =
        |text: &str| [" ", "\u{a0}", "\\u{a0}", "&nbsp;"].into_iter().find(|space| text.starts_with(space));
    for _ in 0..3 {
        at += space(&rest[at..])?.len();
        let word: String = rest[at..].chars().take_while(char::is_ascii_lowercase).collect();
        if word.is_empty() || APART.contains(&word.as_str()) {
            return None;
        }
        at += word.len();
        if COUNTED.contains(&word.as_str()) {
            return Some(&rest[..at]);
        }
    }
    None
}

/// Where a count stands before a plural and nothing asks for one.
fn bare_plurals(path: &str, source: &str) -> Vec<String> {
    let template = path.starts_with("templates/");
    let mut found = bare_plurals_after(path, source, "{", "}");
    if template {
        // values, and places of the filter `format`
        found.retain(|line| line.contains("`{} "));
        found.extend(bare_plurals_after(path, source, "{{", "}}"));
    }
    found
}

fn bare_plurals_after(path: &str, source: &str, open: &str, close: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (end, _) in source.match_indices(close) {
        let Some(start) = source[..end].rfind(open) else { continue };
        let inside = &source[start + open.len()..end];
        let line = source[..start].rfind('\n').map_or(0, |at| at + 1);
        // a limit that has a name is none of one
        let limit = inside.contains(char::is_alphabetic) && !inside.contains(|c: char| c.is_lowercase());
        let comment = source[line..start].trim_start().starts_with("//");
        // code between braces is no place in a sentence
        let is_place = open == "{{" || inside.chars().all(|c| c.is_ascii_alphanumeric() || "_.:".contains(c));
        let Some(plural) =
            plural_after(&source[end + close.len()..]).filter(|_| is_place && !comment && !limit)
        else {
            continue;
        };
        let sentence = format!("{open}{inside}{close}{plural}");
        let from =
            (start.saturating_sub(BEFORE)..start).find(|at| source.is_char_boundary(*at)).unwrap_or(start);
        let before = &source[from..start];
        let asked = ASKED_FOR_ONE.iter().any(|mark| before.contains(mark));
        let never_one = NEVER_ONE.iter().any(|(file, words, _)| *file == path && *words == sentence);
        if !asked && !never_one {
            let number = source[..start].matches('\n').count() + 1;
            found.push(format!(
                "{path}:{number}: `{sentence}` can say “1 {plural}”; use domain::plural::counted"
            ));
        }
    }
    found
}

fn sentences() -> Vec<(String, String)> {
    let mut files = sources();
    files.extend(ending_in(&[".html", ".txt"], files_below("templates")));
    files
}

#[test]
fn a_count_stands_before_a_plural_only_where_it_is_never_one() {
    let files = sentences();
    none(files.iter().flat_map(|(path, text)| bare_plurals(path, text)).collect());
    for (path, words, _) in NEVER_ONE {
        let there = files.iter().any(|(file, text)| file == path && text.contains(words));
        assert!(there, "{path} does not say `{words}` any more");
    }
}

#[test]
fn planted_plurals_of_one_are_found() {
    for (path, source) in [
        ("src/web/a.rs", "format!(\"You need {} credits.\", missing)"),
        ("src/web/a.rs", "format!(\"{days} more days\")"),
        ("src/web/a.rs", "format!(\"{}\\u{a0}hours\", hours)"),
        ("templates/a.html", "<p>{{ year.missing.plain() }} credits are missing.</p>"),
        ("templates/a.html", "<p><b>{{ amount }}</b> approved credits</p>"),
        ("templates/a.html", "{% call bar(b, \"{}: {} reports\"|format(a, n)) %}"),
    ] {
        assert_eq!(bare_plurals(path, source).len(), 1, "{source}");
    }
    for (path, source) in [
        ("src/web/a.rs", "1 => one(), many => format!(\"{many} reports\")"),
        ("src/web/a.rs", "// {} credits"),
        ("src/web/a.rs", "Some(Page { days } days)"),
        ("src/web/a.rs", "format!(\"{} of your reports\", many)"),
        ("templates/a.html", "{% if n == 1 %}1 report{% else %}{{ n }} reports{% endif %}"),
        ("templates/a.html", "{{ year.missing.counted() }} are missing, {{ day }}. Reports wait."),
    ] {
        none(bare_plurals(path, source));
    }
}

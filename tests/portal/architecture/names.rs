//! Files of tests are called after what they test: by the words of the sources, or by one that says what the test is about, and never by a
//! word that was given up because it stood for nothing.

use std::collections::BTreeSet;

use super::{ending_in, files_below, none};

/// Words that stand for no thing: participles and everyday verbs, and names that meant two things. Each with what it is called instead.
const GIVEN_UP: [(&str, &str); 26] = [
    ("again", "the noun for what is done again"),
    ("almanac", "icalendar"),
    ("around", "the noun for what stands around"),
    ("asked", "inquiry or query"),
    ("beside", "the noun for what stands beside"),
    ("book", "ledger"),
    ("comparing", "comparison"),
    ("counted", "plural"),
    ("deciding", "decision"),
    ("forecast", "suggestions"),
    ("held", "hold"),
    ("kept", "saved_forms, chart_snapshots or snapshots"),
    ("letters", "glyphs, deadline notices or friendly reminders"),
    ("outlook", "risk"),
    ("parked", "saved_forms"),
    ("parking", "form_recovery"),
    ("passed", "the noun for what has passed"),
    ("question", "inquiry, return or query"),
    ("remarks", "submission_notes"),
    ("reminding", "reminder_history"),
    ("reporting", "reports"),
    ("said", "the noun for what was said"),
    ("seen", "visit or receipt"),
    ("sent", "outbox or delivery"),
    ("stakes", "impact"),
    ("told", "notice_log"),
];

fn given_up(paths: &[String]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for path in paths {
        let names = path.trim_start_matches("tests/portal/").trim_end_matches(".rs").split('/');
        for name in names {
            let last = name.rsplit('_').next().unwrap_or(name);
            if let Some((word, instead)) = GIVEN_UP.iter().find(|(word, _)| *word == last) {
                found.insert(format!("{path}: “{word}” stands for nothing; call it {instead}"));
            }
        }
    }
    found.into_iter().collect()
}

#[test]
fn files_of_tests_are_called_after_what_they_test() {
    let paths: Vec<String> =
        ending_in(&[".rs"], files_below("tests/portal")).into_iter().map(|(path, _)| path).collect();
    none(given_up(&paths));
    let planted =
        ["tests/portal/staff/told.rs", "tests/portal/web/forms_kept.rs", "tests/portal/asked/mod.rs"];
    assert_eq!(given_up(&planted.map(str::to_owned)).len(), 3);
    let sound = ["tests/portal/staff/notice_log.rs", "tests/portal/holder/transcript.rs"];
    none(given_up(&sound.map(str::to_owned)));
}

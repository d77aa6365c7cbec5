//! One text in two forms (é as one character, or as e and an accent) is one text.

use super::support::{TestData, counts};

const HOLDERS: &str = "email,name,certification,certificate_number,granted_on\n";
const COMPOSED: &str = "Jos\u{e9} \u{c5}ngstr\u{f6}m";
const DECOMPOSED: &str = "Jose\u{301} A\u{30a}ngstro\u{308}m";

#[test]
fn a_name_in_two_forms_is_one_name_in_one_file_and_in_two() {
    let data = TestData::new();
    let file = format!(
        "{HOLDERS}jose@example.org,{COMPOSED},ISP,ISP-1,2026-03-15\n\
         jose@example.org,{DECOMPOSED},EHP,EHP-1,2026-03-15\n"
    );
    assert_eq!(counts(&data.holders(&file)), (2, 0, 0, 0));
    let before = data.dump();
    for name in [DECOMPOSED, COMPOSED, DECOMPOSED] {
        let file = format!("{HOLDERS}jose@example.org,{name},ISP,ISP-1,2026-03-15\n");
        assert_eq!(counts(&data.holders(&file)), (0, 0, 1, 0));
        assert_eq!(data.dump(), before);
    }
    assert_eq!(data.ask("SELECT name AS line FROM accounts"), [COMPOSED]);
}

#[test]
fn a_name_that_was_kept_decomposed_is_not_renamed() {
    let data = TestData::new();
    data.holders(&format!("{HOLDERS}jose@example.org,{COMPOSED},ISP,ISP-1,2026-03-15\n"));
    data.damage(&format!("UPDATE accounts SET name = '{DECOMPOSED}'"));
    let before = data.dump();
    for name in [DECOMPOSED, COMPOSED] {
        let file = format!("{HOLDERS}jose@example.org,{name},ISP,ISP-1,2026-03-15\n");
        assert_eq!(counts(&data.holders(&file)), (0, 0, 1, 0));
    }
    assert_eq!(data.dump(), before);
}

#[test]
fn titles_organisers_and_publications_are_compared_composed() {
    let data = TestData::new();
    data.holders(&format!("{HOLDERS}jose@example.org,Jos\u{e9},ISP,ISP-1,2026-03-15\n"));
    let head = "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n";
    let row = |title: &str, publication: &str| {
        format!(
            "{head}jose@example.org,writing,{title},Universite\u{301},information_security,,2026-10-01,3,{publication},submitted\n"
        )
    };
    let report = data.activities(&row("Caf\u{e9}", "R\u{e9}sum\u{e9}"));
    assert_eq!(counts(&report), (1, 0, 0, 0));
    let report = data.activities(&row("Cafe\u{301}", "Re\u{301}sume\u{301}"));
    assert_eq!(counts(&report), (0, 0, 0, 1), "the same row again");
    let report = data.activities(&row("Another", "Re\u{301}sume\u{301}"));
    assert_eq!(counts(&report), (1, 0, 0, 0));
    assert_eq!(
        data.ask("SELECT DISTINCT organiser || publication || publication_fold AS line FROM activities"),
        ["Universit\u{e9}R\u{e9}sum\u{e9}r\u{e9}sum\u{e9}"],
        "one publication"
    );
}

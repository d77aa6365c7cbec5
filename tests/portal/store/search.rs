//! Searching and sorting: without case, without accents, and with the wildcards of SQL meaning nothing.

use cpe_portal::domain::roles::Role;
use cpe_portal::store::engine::paging::Place;
use cpe_portal::store::fold;
use cpe_portal::store::records::holders;
use cpe_portal::store::records::holders::HolderFilter;
use cpe_portal::store::records::search;

use crate::support::TestPortal;

#[test]
fn text_is_folded_to_small_letters_without_accents_and_with_single_spaces() {
    for (text, folded) in [
        ("Ann", "ann"),
        ("  Ann   Marie ", "ann marie"),
        ("Ångström", "angstrom"),
        ("Zoë Müller-Ibáñez", "zoe muller-ibanez"),
        ("Nguyễn Thị Hương", "nguyen thi huong"),
        ("İlker", "ilker"),
        ("Łukasz Wójcik", "lukasz wojcik"),
        ("Søren Ægir", "soren aegir"),
        ("Đorđe", "dorde"),
        ("Weiß", "weiss"),
        ("Œuvre", "oeuvre"),
        ("Þóra", "thora"),
        ("Ελένη", "ελενη"),
        ("Юрий", "юрии"),
        ("王小明", "王小明"),
        ("ｆｕｌｌ", "full"),
        ("ﬁne", "fine"),
        ("", ""),
    ] {
        assert_eq!(fold(text), folded, "{text:?}");
        assert_eq!(fold(&fold(text)), folded, "folding again changes nothing: {text:?}");
    }
}

fn found(portal: &TestPortal, search: &str) -> Vec<String> {
    let filter = HolderFilter { search: search.to_owned(), ..HolderFilter::default() };
    let page = portal.store.read(|conn| holders::list(conn, &filter, &Place::Start, 50)).unwrap();
    page.rows.into_iter().map(|account| account.name).collect()
}

#[test]
fn holders_are_found_by_name_address_and_number_however_it_is_typed() {
    let portal = TestPortal::new();
    let soren = portal.holder("s.aegir@people.test", "Søren Ægir");
    portal.certificate(&soren, "ISP", "ISP 100-7", "2026-03-15");
    portal.holder("zoe@people.test", "Zoë Müller");
    portal.holder("josé@people.test", "José Ibáñez");
    portal.account("rita@body.test", "Rita Reviewer", Role::Reviewer);
    for (search, names) in [
        ("soren", vec!["Søren Ægir"]),
        ("SØREN", vec!["Søren Ægir"]),
        ("aegir", vec!["Søren Ægir"]),
        ("muller", vec!["Zoë Müller"]),
        ("MÜLLER", vec!["Zoë Müller"]),
        ("zoe@", vec!["Zoë Müller"]),
        ("josé@people", vec!["José Ibáñez"]),
        ("isp100-7", vec!["Søren Ægir"]),
        ("ISP 100", vec!["Søren Ægir"]),
        ("people.test", vec!["José Ibáñez", "Søren Ægir", "Zoë Müller"]),
        ("rita", vec![]),
        ("nobody", vec![]),
    ] {
        assert_eq!(found(&portal, search), names, "{search:?}");
    }
}

#[test]
fn wildcards_and_quotes_in_a_search_mean_themselves() {
    let portal = TestPortal::new();
    portal.holder("percent@people.test", "Percy 100%");
    portal.holder("plain@people.test", "Plain O'Hara \\ Co");
    portal.holder("under_score@people.test", "Una");
    for (search, names) in [
        ("%", vec!["Percy 100%"]),
        ("100%", vec!["Percy 100%"]),
        ("_", vec!["Una"]),
        ("r_s", vec!["Una"]),
        ("p%y", vec![]),
        ("o'hara", vec!["Plain O'Hara \\ Co"]),
        ("\\", vec!["Plain O'Hara \\ Co"]),
        ("'; DROP TABLE accounts; --", vec![]),
    ] {
        assert_eq!(found(&portal, search), names, "{search:?}");
    }
    assert_eq!(found(&portal, "").len(), 3);
}

#[test]
fn what_a_certificates_number_begins_with_is_a_number_and_no_word() {
    let portal = TestPortal::new();
    let one = portal.holder("one@people.test", "Ona First");
    portal.certificate(&one, "ISP", "ISP-000123-1", "2026-03-15");
    portal.certificate(&one, "CISO", "ISP-000123-2", "2026-03-15");
    let two = portal.holder("two@people.test", "Twan Second");
    portal.certificate(&two, "ISP", "ISP-000124-1", "2026-03-15");
    // the index of words knows this one by the same beginnings: it shows whether the index was asked
    let word = portal.holder("word@people.test", "Isp 000123 Word");
    portal.certificate(&word, "DPP", "X-9", "2026-03-15");
    let quick = |typed: &str, most| {
        let found = portal.store.read(|conn| search::holders(conn, typed, most)).unwrap();
        found.into_iter().map(|holder| holder.account.name).collect::<Vec<_>>()
    };
    for typed in ["isp-000123", "ISP 000123 1", "isp000123"] {
        assert_eq!(found(&portal, typed), ["Ona First"], "{typed:?}");
    }
    // the beginning of a name is still looked for beside the numbers
    assert_eq!(quick("isp 000123", 5), ["Ona First", "Isp 000123 Word"]);
    assert_eq!(quick("isp-000124", 5), ["Twan Second"]);
    // letters alone, and what no number begins with, are words
    assert_eq!(quick("isp", 5), ["Ona First", "Twan Second", "Isp 000123 Word"]);
    assert_eq!(quick("isp", 2), ["Ona First", "Twan Second"], "whoever holds two is found once");
    assert_eq!(quick("000123 word", 5), ["Isp 000123 Word"]);
    assert_eq!(
        quick("000123", 5),
        ["Ona First", "Isp 000123 Word"],
        "digits may stand in the middle of a number"
    );
    assert_eq!(found(&portal, "word 000123"), ["Isp 000123 Word"]);
}

#[test]
fn every_page_of_a_list_that_was_searched_letter_by_letter_has_its_rows() {
    let portal = TestPortal::new();
    for nth in 0..7 {
        portal.holder(&format!("p{nth}@people.test"), &format!("Xylander {nth}"));
    }
    let filter = HolderFilter { search: "lander".to_owned(), ..HolderFilter::default() };
    let mut names = Vec::new();
    let mut place = Place::Start;
    for rows in [3, 3, 1] {
        let page = portal.store.read(|conn| holders::list(conn, &filter, &place, 3)).unwrap();
        assert_eq!(page.rows.len(), rows, "after {names:?}");
        place = Place::After(page.rows.last().unwrap().id);
        names.extend(page.rows.into_iter().map(|account| account.name));
    }
    assert_eq!(names, (0..7).map(|nth| format!("Xylander {nth}")).collect::<Vec<_>>());
    let Place::After(last) = place else { unreachable!() };
    let place = Place::Before(last);
    let page = portal.store.read(|conn| holders::list(conn, &filter, &place, 3)).unwrap();
    assert_eq!(page.rows.len(), 3, "and back");
}

#[test]
fn what_a_number_begins_with_may_be_the_beginning_of_an_address_or_a_word_too() {
    let portal = TestPortal::new();
    let one = portal.holder("one@people.test", "Ona First");
    portal.certificate(&one, "ISP", "ISP-000123-1", "2026-03-15");
    portal.holder("isp000123@people.test", "Twan Second");
    let word = portal.holder("word@people.test", "Isp Word 000123");
    portal.certificate(&word, "DPP", "X-9", "2026-03-15");
    assert_eq!(found(&portal, "isp000123"), ["Ona First", "Twan Second"]);
    let quick = portal.store.read(|conn| search::holders(conn, "isp000123", 5)).unwrap();
    let names: Vec<String> = quick.into_iter().map(|holder| holder.account.name).collect();
    assert_eq!(names, ["Ona First", "Twan Second"]);

    // nobody with such a number is among those who are listed: then the words are asked, which know them in any order
    let certification = portal
        .store
        .read(cpe_portal::store::certification::catalogue::certifications)
        .unwrap()
        .into_iter()
        .find(|certification| certification.code == "DPP")
        .unwrap()
        .id;
    let filter = HolderFilter {
        search: "isp 000123".to_owned(),
        certification: Some(certification),
        ..HolderFilter::default()
    };
    let page = portal.store.read(|conn| holders::list(conn, &filter, &Place::Start, 50)).unwrap();
    let names: Vec<String> = page.rows.into_iter().map(|account| account.name).collect();
    assert_eq!(names, ["Isp Word 000123"]);
}

use cpe_portal::transfer::ImportError;
use cpe_portal::transfer::table::{Record, Table, guarded, unguarded};

fn rows(file: &[u8]) -> Vec<(u64, Result<Vec<String>, &'static str>)> {
    let mut table = Table::open(file, &["a", "b"]).unwrap();
    let mut rows = Vec::new();
    while let Some(Record { line, cells }) = table.next_row().unwrap() {
        rows.push((line, cells));
    }
    rows
}

fn good(line: u64, a: &str, b: &str) -> (u64, Result<Vec<String>, &'static str>) {
    (line, Ok(vec![a.to_owned(), b.to_owned()]))
}

#[test]
fn rows_are_the_same_with_every_line_ending_and_with_or_without_a_byte_order_mark() {
    let expected = vec![good(2, "1", "2"), good(3, "3", "4")];
    for file in [
        "a,b\n1,2\n3,4\n",
        "a,b\r\n1,2\r\n3,4\r\n",
        "a,b\r1,2\r3,4",
        "a,b\n1,2\r\n3,4",
        "\u{feff}a,b\r\n1,2\r\n3,4",
    ] {
        assert_eq!(rows(file.as_bytes()), expected, "{file:?}");
    }
}

#[test]
fn a_record_over_several_lines_knows_where_it_begins_and_so_does_the_next() {
    for newline in ["\n", "\r\n"] {
        let file =
            ["a,b", "\"one", "", "two\",x", "", "", "y,\"say \"\"hi\"\", then\"", "z,z", ""].join(newline);
        let expected = vec![good(2, "one\n\ntwo", "x"), good(7, "y", "say \"hi\", then"), good(8, "z", "z")];
        assert_eq!(rows(file.as_bytes()), expected);
    }
}

#[test]
fn rows_with_other_numbers_of_cells_or_an_open_quote_are_told_by_line() {
    let found = rows(b"a,b\n1\n1,2,3\n,\n1,\"2\n3,4\n");
    assert_eq!(found.len(), 3, "what a spreadsheet leaves, nothing but commas, is no row");
    assert_eq!((found[0].0, found[0].1.clone()), (2, Err("The row has fewer columns than the first line.")));
    assert_eq!(found[1].0, 3);
    assert!(found[1].1.as_ref().unwrap_err().contains("more columns"));
    assert_eq!((found[2].0, found[2].1.clone()), (5, Err("A quote is opened in this row and never closed.")));
}

#[test]
fn a_header_that_lacks_a_column_or_names_one_twice_is_refused_with_its_name() {
    for (file, said) in [
        ("", "The file is empty"),
        ("a,c\n", "the column b"),
        ("x,y\n", "the columns a, b"),
        ("a;b\n1;2\n", "commas between the columns"),
        ("a,b,A\n", "the column a more than once"),
    ] {
        match Table::open(file.as_bytes(), &["a", "b"]).map(|_| ()) {
            Err(ImportError::Unreadable(message)) => assert!(message.contains(said), "{file:?}: {message}"),
            other => panic!("{file:?}: {other:?}"),
        }
    }
    assert_eq!(rows(b" B ,x,A\n2,,1\n"), vec![(2, Ok(vec!["2".into(), String::new(), "1".into()]))]);
}

#[test]
fn a_row_of_a_thousand_columns_and_more_is_refused_and_not_kept() {
    let file = format!("a,b\n1,2\n{}\n3,4\n", ",".repeat(2_000_000));
    let read = rows(file.as_bytes());
    assert_eq!(read.len(), 3);
    assert_eq!(read[1], (3, Err("The row has more than 1000 columns.")));
    assert_eq!(read[2].0, 4, "the next row is read");
}

#[test]
fn a_guarded_cell_is_no_formula_and_comes_back_as_it_was() {
    for cell in ["=1+1", "+31", "-2", "@x", "\tx", "\rx", "'=1", "''-x", "＝1", "＠x"] {
        assert!(guarded(cell).starts_with('\''), "{cell:?}");
        assert_eq!(unguarded(&guarded(cell)), cell);
    }
    for cell in
        ["", "plain", "'tis", "''", "a=b", "’", "a; b", "two\nlines", "two\r\nlines", "a, -b", "a;b=c"]
    {
        assert_eq!(guarded(cell), cell);
        assert_eq!(unguarded(cell), cell);
    }
}

#[test]
fn a_cell_that_other_separators_cut_in_two_has_no_formula_in_any_part() {
    for (cell, expected) in [
        (";=cmd|' /C calc'!A0", ";'=cmd|' /C calc'!A0"),
        ("=1;=2", "'=1;'=2"),
        ("a\t@b", "a\t'@b"),
        ("a\n+b\r\n-c\r=d", "a\n'+b\r\n'-c\r'=d"),
        ("a;'=b", "a;''=b"),
        (";;=b", ";;'=b"),
        ("\t=b", "'\t'=b"),
        // the doubled quote opens a cell there and closes it again
        ("a;\"=cmd|' /C calc'!A0;x", "a;\"'=cmd|' /C calc'!A0;x"),
        ("a;\"\"-b", "a;\"\"'-b"),
        ("a;\"'=b", "a;\"''=b"),
        ("a\t\"@b", "a\t\"'@b"),
    ] {
        assert_eq!(guarded(cell), expected, "{cell:?}");
        assert_eq!(unguarded(expected), cell, "{expected:?}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_is_guarded_comes_back_and_no_part_of_it_is_a_formula(cell in "[a;=+@'\\-\t\r\n＝ \"]{0,12}") {
        let out = guarded(&cell);
        proptest::prop_assert_eq!(unguarded(&out).into_owned(), cell);
        for part in out.split([';', '\t', '\r', '\n']).skip(1) {
            let part = part.trim_start_matches('"');
            proptest::prop_assert!(!part.starts_with(['=', '+', '-', '@', '＝']), "{:?}", out);
        }
        for part in out.split([';', '\t', '\r', '\n']) {
            proptest::prop_assert!(!part.starts_with(['=', '+', '-', '@', '＝']), "{:?}", out);
        }
    }
}

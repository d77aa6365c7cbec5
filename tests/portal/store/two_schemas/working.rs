//! What PostgreSQL does by itself where SQLite does: it keeps the indexes of words, and the form tokens of sessions that have ended.

use cpe_portal::store::fold;

use crate::support::postgres::Database;

const PEOPLE: &str = "
    INSERT INTO accounts (email, email_norm, name, name_fold, role, created_at) VALUES
        ('S.Aegir@people.test', 's.aegir@people.test', 'Søren Ægir', 'soren aegir', 'holder', '2026-01-01 00:00:00'),
        ('zoe@people.test', 'zoe@people.test', 'Zoë Müller', 'zoe muller', 'holder', '2026-01-01 00:00:00');
    INSERT INTO certificates (number, number_fold, holder_id, certification_id, granted_on, created_at) VALUES
        ('ISP-100-7', 'isp-100-7', 1, 2, '2026-01-01', '2026-01-01 00:00:00'),
        ('CISO 9É', 'ciso 9e', 1, 4, '2026-01-01', '2026-01-01 00:00:00');";

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn holders(postgres: &Database, typed: &str) -> Vec<String> {
    let sql =
        format!("SELECT id FROM holder_search WHERE words @@ begun_words({}) ORDER BY id", quoted(typed));
    postgres.lines(&sql)
}

#[test]
fn words_are_folded_as_the_portal_folds_them() {
    let postgres = Database::new();
    for text in [
        "Zoë Müller-Ibáñez",
        "Nguyễn Thị Hương",
        "İlker IŞIK",
        "Łukasz Wójcik",
        "Søren Ægir Đorđe Þóra Œuvre Weiß ẞ",
        "ISO/IEC-27001:2022, 1e5 + -3.5 & a@b.test http://c.test/d?e=f",
        "Ελένη Юрий 王小明 ｆｕｌｌ ﬁne",
        "it's \"quoted\" \\ :* | ! ( )",
        "\t ... --- \n",
        "",
    ] {
        let folded = fold(text);
        let words: Vec<&str> =
            folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let said = postgres.lines(&format!("SELECT array_to_string(words_in({}), ' ')", quoted(text)));
        assert_eq!(said, [words.join(" ")], "{text:?}");
    }
    assert_eq!(postgres.lines("SELECT words_in('ΟΔΟΣ') = words_in('οδός')"), ["t"]);
    // no title is too long for the index
    let long = "SELECT length(array_to_tsvector(words_in(repeat('ж', 3000))))";
    assert_eq!(postgres.lines(long), ["1"]);
}

#[test]
fn holders_are_known_by_the_beginnings_of_all_their_words() {
    let postgres = Database::new();
    postgres.lines(PEOPLE);
    for (typed, found) in [
        ("soren", vec!["1"]),
        ("ÆG sør", vec!["1"]),
        ("isp 100", vec!["1"]),
        ("ciso-9é", vec!["1"]),
        ("people", vec!["1", "2"]),
        ("zoe isp", vec![]),
        ("oren", vec![]),
        ("...", vec![]),
        ("' | '' :* \\", vec![]),
    ] {
        assert_eq!(holders(&postgres, typed), found, "{typed}");
    }
    postgres.lines(
        "UPDATE certificates SET number = 'ITSE-5' WHERE id = 1;
         UPDATE accounts SET name_fold = 'zoe meyer' WHERE id = 2;",
    );
    for (typed, found) in
        [("isp", vec![]), ("itse 5", vec!["1"]), ("ciso", vec!["1"]), ("mu", vec![]), ("mey", vec!["2"])]
    {
        assert_eq!(holders(&postgres, typed), found, "{typed}");
    }
}

#[test]
fn a_title_is_known_with_its_report_and_of_a_draft_nothing() {
    let postgres = Database::new();
    postgres.lines(PEOPLE);
    let report = |title: &str, reported: &str| {
        format!(
            "INSERT INTO activities (holder_id, status, category, title, organiser, field_id, started_on, completed_on, quantity,
                 publication, publication_fold, relevance, not_regular_job, reported_at, queue_rank, created_at, updated_at)
             VALUES (1, {}, 'attending', {}, '', 1, '2026-01-01', '2026-01-01', 60, '', '', '', TRUE, {reported}, {},
                 '2026-01-01 00:00:00', '2026-01-01 00:00:00');",
            if reported == "NULL" { "'draft'" } else { "'submitted'" },
            quoted(title),
            if reported == "NULL" { "NULL" } else { "0" },
        )
    };
    let reports = |question: &str| {
        postgres.lines(&format!("SELECT id FROM report_search WHERE words @@ {question} ORDER BY id DESC"))
    };
    postgres.lines(&report("Straßen sicher machen", "'2026-01-01 00:00:00'"));
    postgres.lines(&report("Sicherheit", "'2026-01-01 00:00:00'"));
    postgres.lines(&report("Sicherer Entwurf", "NULL"));
    assert_eq!(reports("begun_words('SICHER')"), ["2", "1"]);
    assert_eq!(reports("whole_words('sicher')"), ["1"]);
    assert_eq!(reports("whole_words('strassen machen')"), ["1"]);
    postgres.lines("UPDATE activities SET status = 'submitted', queue_rank = 0, reported_at = '2026-01-02 00:00:00' WHERE id = 3");
    assert_eq!(reports("begun_words('sicher')"), ["3", "2", "1"]);
    postgres.lines("UPDATE activities SET title = 'Another' WHERE id = 2");
    assert_eq!(reports("begun_words('sicher')"), ["3", "1"]);
    // nothing is left to catch up with
    let behind = "SELECT count(*) FROM activities WHERE id > (SELECT last_activity FROM report_search_reach)";
    assert_eq!(postgres.lines(behind), ["0"]);
}

#[test]
fn a_session_that_ends_leaves_its_form_token() {
    let postgres = Database::new();
    postgres.lines(PEOPLE);
    let session = "INSERT INTO sessions (token_hash, account_id, csrf_token, browser, created_at, seen_at)
                   VALUES ('hash', 1, 'token', '', '2026-01-01 00:00:00', '2026-01-01 10:00:00');
                   DELETE FROM sessions;";
    postgres.lines(session);
    postgres.lines(session);
    assert_eq!(postgres.lines("SELECT * FROM past_sessions"), ["token|1|2026-01-01 10:00:00"]);
}

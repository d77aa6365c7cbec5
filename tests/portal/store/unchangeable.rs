//! History, verdicts, decisions, reminders and settled years cannot be changed, not even by a hand in the file.

use super::scene::{assert_refused, lived_in, open, rows_of, says, texts};

/// Table, a column that could be changed to itself, and the words of the refusal.
const APPEND_ONLY: [(&str, &str, &str); 6] = [
    ("history", "detail = 'nothing'", "append-only"),
    ("decisions", "reason = 'another'", "append-only"),
    ("reviews", "reason = 'another'", "append-only"),
    ("notices_about_years", "approved = 0", "append-only"),
    ("activity_versions", "facts = ''", "append-only"),
    ("year_counts", "credits = 0", "never changes"),
];

#[test]
fn append_only_tables_refuse_every_update_and_delete() {
    let (portal, _) = lived_in();
    let mut conn = open(&portal);
    for (table, change, because) in APPEND_ONLY {
        let before = rows_of(&mut conn, table);
        assert!(!before.is_empty(), "{table} has something to lose");
        assert_refused(&mut conn, &format!("UPDATE {table} SET {change}"), because);
        assert_refused(&mut conn, &format!("DELETE FROM {table}"), because);
        assert_eq!(rows_of(&mut conn, table), before, "{table}");
    }
}

#[test]
fn a_settled_year_never_changes() {
    let (portal, _) = lived_in();
    let mut conn = open(&portal);
    let settled = texts(
        &mut conn,
        "SELECT outcome AS text FROM certification_years WHERE outcome IS NOT NULL ORDER BY 1",
    );
    assert_eq!(settled, ["recertified", "waived"]);
    let before = rows_of(&mut conn, "certification_years");
    for change in [
        "outcome = 'void'",
        "outcome = 'waived', approved = 0",
        "outcome = NULL, settled_on = NULL, approved = NULL, required = NULL, carried = NULL",
        "approved = approved + 1",
        "required = 0",
        "carried = 5",
        "settled_on = '2020-01-01'",
        "deadline = '2028-01-01'",
        "starts_on = '2020-01-01'",
        "ends_on = '2027-03-13'",
        "number = 77",
    ] {
        let sql =
            format!("UPDATE certification_years SET {change} WHERE outcome IS NOT NULL AND approved > 0");
        assert_refused(&mut conn, &sql, "a settled year never changes");
    }
    // the figures of a waived year stay as well
    assert_refused(
        &mut conn,
        "UPDATE certification_years SET approved = 720000 WHERE outcome = 'waived'",
        "a settled year never changes",
    );
    assert_refused(
        &mut conn,
        "DELETE FROM certification_years WHERE outcome IS NOT NULL",
        "a settled year never changes",
    );
    assert_eq!(rows_of(&mut conn, "certification_years"), before);
    // when the run looks at it next is no fact about the year
    assert_eq!(
        says(&mut conn, "UPDATE certification_years SET look_on = '2099-01-01' WHERE outcome = 'waived'"),
        Ok(1)
    );
}

#[test]
fn only_a_reinstatement_can_turn_decertified_and_void_years_and_only_into_waived_or_open() {
    let (portal, _) = lived_in();
    let mut conn = open(&portal);
    let settle = |outcome: &str| {
        format!(
            "UPDATE certification_years SET outcome = '{outcome}', settled_on = '2027-05-01', approved = 0, required = 720000, \
             carried = 0 WHERE outcome IS NULL AND number = 2 AND certificate_id = (SELECT max(certificate_id) FROM certification_years)"
        )
    };
    assert_eq!(says(&mut conn, &settle("void")), Ok(1));
    assert_refused(
        &mut conn,
        "UPDATE certification_years SET outcome = 'recertified' WHERE outcome = 'void'",
        "a settled year never changes",
    );
    let reopen = "UPDATE certification_years SET outcome = NULL, settled_on = NULL, approved = NULL, required = NULL, \
                  carried = NULL WHERE outcome = 'void'";
    assert_eq!(says(&mut conn, reopen), Ok(1));
    assert_eq!(says(&mut conn, &settle("decertified")), Ok(1));
    let reopen = reopen.replace("'void'", "'decertified'");
    assert_refused(&mut conn, &reopen, "a settled year never changes");
    let waive = "UPDATE certification_years SET outcome = 'waived' WHERE outcome = 'decertified'";
    assert_eq!(says(&mut conn, waive), Ok(1));
}

#[test]
fn a_revoked_badge_stays_revoked_and_no_badge_is_ever_deleted() {
    let (portal, people) = lived_in();
    let mut conn = open(&portal);
    let revoke = format!(
        "UPDATE badges SET revoked_on = '2027-05-01' WHERE certificate_id = {}",
        people.owner_certificate
    );
    assert_eq!(says(&mut conn, &revoke), Ok(1));
    assert_refused(
        &mut conn,
        "UPDATE badges SET revoked_on = NULL WHERE revoked_on IS NOT NULL",
        "stays revoked",
    );
    assert_refused(
        &mut conn,
        "UPDATE badges SET valid_until = '2099-01-01' WHERE revoked_on IS NOT NULL",
        "stays revoked",
    );
    assert_refused(&mut conn, "DELETE FROM badges", "never deleted");
}

#[test]
fn a_file_is_sent_only_with_a_message_of_its_own_holder_and_stays() {
    let (portal, people) = lived_in();
    let mut conn = open(&portal);
    for holder in [people.owner.id, people.stranger.id] {
        says(&mut conn, &format!(
            "INSERT INTO evidence (holder_id, sha256, name, media_type, bytes, added_at) VALUES ({holder}, '{:064x}', 'a.pdf', 'application/pdf', 1, '2026-11-23 09:00:00')",
            holder.0
        )).unwrap();
    }
    says(&mut conn, &format!(
        "INSERT INTO conversations (id, holder_id, kind, subject, turn, turn_since, begun_at, begun_by, version) \
         VALUES (900, {0}, 'question', 'A', 'body', '2026-11-23 09:00:00', '2026-11-23 09:00:00', {0}, 1)",
        people.owner.id
    )).unwrap();
    says(
        &mut conn,
        &format!(
            "INSERT INTO messages (id, conversation_id, author_id, from_body, words, written_at) \
         VALUES (900, 900, {}, 0, 'A', '2026-11-23 09:00:00')",
            people.owner.id
        ),
    )
    .unwrap();
    let send = |holder| {
        format!(
            "INSERT INTO message_files (evidence_id, message_id) SELECT id, 900 FROM evidence WHERE holder_id = {holder} AND name = 'a.pdf'"
        )
    };
    assert_refused(&mut conn, &send(people.stranger.id), "the holder of its conversation");
    says(&mut conn, &send(people.owner.id)).unwrap();
    assert_refused(&mut conn, "UPDATE message_files SET message_id = 900", "append-only");
    assert_refused(&mut conn, "DELETE FROM message_files", "append-only");
}

#[test]
fn a_note_for_staff_can_only_be_emptied_and_an_acquaintance_only_be_ended_and_each_once() {
    let (portal, people) = lived_in();
    let mut conn = open(&portal);
    let (holder, staff) = (people.owner.id, people.reviewer.id);
    let note = |words: &str, author: i64| {
        format!(
            "INSERT INTO staff_notes (holder_id, author_id, words, written_at) VALUES ({holder}, {author}, '{words}', '2026-11-23 09:00:00')"
        )
    };
    let knows = |who: i64| {
        format!(
            "INSERT INTO acquaintances (reviewer_id, holder_id, reason, declared_at) VALUES ({who}, {holder}, '', '2026-11-23 09:00:00')"
        )
    };
    assert_eq!(says(&mut conn, &note("Words", staff.0)), Ok(1));
    assert_refused(&mut conn, &note("", staff.0), "CHECK");
    assert_refused(&mut conn, &note("About oneself", holder.0), "CHECK");
    for change in [
        "words = 'Others'",
        "written_at = '2020-01-01 00:00:00'",
        "author_id = 1, words = '', removed_at = '2027-01-01 00:00:00'",
    ] {
        assert_refused(&mut conn, &format!("UPDATE staff_notes SET {change}"), "append-only");
    }
    assert_refused(&mut conn, "DELETE FROM staff_notes", "append-only");
    let removal = "UPDATE staff_notes SET words = '', removed_at = '2026-11-24 09:00:00'";
    assert_eq!(says(&mut conn, removal), Ok(1));
    assert_refused(&mut conn, removal, "append-only");

    assert_eq!(says(&mut conn, &knows(staff.0)), Ok(1));
    assert_refused(&mut conn, &knows(staff.0), "UNIQUE");
    assert_refused(&mut conn, &knows(holder.0), "CHECK");
    assert_refused(&mut conn, "UPDATE acquaintances SET reason = 'Another'", "append-only");
    assert_refused(&mut conn, "DELETE FROM acquaintances", "append-only");
    assert_eq!(says(&mut conn, "UPDATE acquaintances SET ended_at = '2026-11-24 09:00:00'"), Ok(1));
    assert_refused(&mut conn, "UPDATE acquaintances SET ended_at = NULL", "append-only");
    assert_eq!(says(&mut conn, &knows(staff.0)), Ok(1), "said again, it is said anew");
}

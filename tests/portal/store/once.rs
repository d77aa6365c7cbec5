//! CHECK, UNIQUE and foreign keys say the rules too.

use super::scene::{assert_refused, lived_in, open, says, texts};

#[test]
fn a_certificate_has_at_most_one_live_badge() {
    let (portal, people) = lived_in();
    let mut conn = open(&portal);
    let certificate = people.owner_certificate;
    let another = format!(
        "INSERT INTO badges (id, certificate_id, issued_on, renewed_on) VALUES ('x', {certificate}, '2027-05-01', '2027-05-01')"
    );
    assert_refused(&mut conn, &another, "UNIQUE");
    says(
        &mut conn,
        &format!("UPDATE badges SET revoked_on = '2027-05-01' WHERE certificate_id = {certificate}"),
    )
    .unwrap();
    assert_eq!(says(&mut conn, &another), Ok(1), "after a revocation there can be a new one");
}

#[test]
fn a_reminder_stage_has_at_most_one_row_for_each_deadline() {
    let (portal, _) = lived_in();
    let mut conn = open(&portal);
    let again = |deadline: &str| {
        format!(
            "INSERT INTO notices_about_years (certificate_id, year, kind, deadline, stage, outcome, approved, pending, required, \
             day, at) SELECT certificate_id, year, kind, {deadline}, stage, 'met', 0, 0, 0, day, at FROM notices_about_years \
             WHERE stage = 90 LIMIT 1"
        )
    };
    assert_refused(&mut conn, &again("deadline"), "UNIQUE");
    assert_eq!(says(&mut conn, &again("'2027-06-30'")), Ok(1), "an extension makes a new deadline");
}

#[test]
fn a_year_is_told_once_of_its_minimum_once_a_day_in_a_friendly_way_and_once_by_a_mail() {
    let (portal, people) = lived_in();
    let mut conn = open(&portal);
    let (year, mail) = (people.owner_certificate, "(SELECT MIN(id) FROM mails)");
    let minimum = format!(
        "INSERT INTO notices_about_years (certificate_id, year, kind, at, mail_id) \
         VALUES ({year}, 2, 'minimum-reached', '2027-05-01 09:00:00', {mail})"
    );
    let friendly = |day: &str| {
        format!(
            "INSERT INTO notices_about_years (certificate_id, year, kind, day, at, mail_id, holder_id, sent_by) \
             VALUES ({year}, 2, 'friendly-reminder', '{day}', '2027-05-01 09:00:00', {mail}, {0}, {0})",
            people.owner.id
        )
    };
    let about = format!(
        "INSERT INTO notices_about_years (certificate_id, year, kind, mail_id) VALUES ({year}, 2, 'mail', {mail})"
    );
    for once in [&minimum, &friendly("2027-05-01"), &about] {
        assert_eq!(says(&mut conn, once), Ok(1));
        assert_refused(&mut conn, once, "UNIQUE");
    }
    assert_eq!(says(&mut conn, &friendly("2027-05-02")), Ok(1));
    // only the mail about a minimum can be taken back
    assert_refused(
        &mut conn,
        "DELETE FROM notices_about_years WHERE kind <> 'minimum-reached'",
        "append-only",
    );
    let taken_back = format!(
        "DELETE FROM notices_about_years WHERE kind = 'minimum-reached' AND certificate_id = {year} AND year = 2"
    );
    assert_eq!(says(&mut conn, &taken_back), Ok(1));
}

#[test]
fn numbers_addresses_versions_and_keys_are_unique() {
    let (portal, _) = lived_in();
    let mut conn = open(&portal);
    for sql in [
        "INSERT INTO certificates (number, number_fold, holder_id, certification_id, granted_on, created_at) \
         SELECT number, number_fold, holder_id, certification_id, granted_on, created_at FROM certificates LIMIT 1",
        "INSERT INTO accounts (email, email_norm, name, name_fold, role, created_at) \
         SELECT 'OWNER@people.test', email_norm, name, name_fold, role, created_at FROM accounts LIMIT 1",
        "INSERT INTO policies SELECT id + 1, version, '2030-01-01', minimum_practitioner, minimum_expert, \
         minimum_certified_officer, rate_attending, rate_reading, rate_writing, rate_teaching, rate_course_material, \
         rate_unregistered, publication_cap, stages, notice_days, carry_over, created_at, created_by FROM policies LIMIT 1",
        "INSERT INTO mails (account_id, kind, to_name, to_address, subject, body_text, body_html, message_id, state, \
         next_attempt_at, created_at, updated_at) SELECT account_id, kind, to_name, to_address, subject, body_text, body_html, \
         message_id, state, next_attempt_at, created_at, updated_at FROM mails LIMIT 1",
        "INSERT INTO year_counts SELECT * FROM year_counts",
        "INSERT INTO certification_years SELECT * FROM certification_years",
    ] {
        assert_refused(&mut conn, sql, "UNIQUE");
    }
}

#[test]
fn the_schema_refuses_values_that_the_rules_do_not_know() {
    let (portal, _) = lived_in();
    let mut conn = open(&portal);
    says(
        &mut conn,
        "INSERT INTO activities (id, holder_id, status, title, organiser, publication, publication_fold, relevance, \
         not_regular_job, created_at, updated_at) SELECT 900, id, 'draft', '', '', '', '', '', 0, created_at, created_at \
         FROM accounts LIMIT 1",
    )
    .unwrap();
    for sql in [
        "UPDATE accounts SET role = 'king'",
        "UPDATE accounts SET name = ''",
        "UPDATE activities SET status = 'lost' WHERE id <> 900",
        "UPDATE activities SET category = 'napping' WHERE id <> 900",
        "UPDATE activities SET quantity = 0 WHERE id <> 900",
        "UPDATE activities SET quantity = -60 WHERE id <> 900",
        "UPDATE activities SET awarded = 0 WHERE id <> 900",
        "UPDATE activities SET started_on = '2026-06-02' WHERE id <> 900",
        // what is reported has no gaps and the holder's word
        "UPDATE activities SET category = NULL WHERE id <> 900",
        "UPDATE activities SET completed_on = NULL WHERE id <> 900",
        "UPDATE activities SET quantity = NULL WHERE id <> 900",
        "UPDATE activities SET not_regular_job = 0 WHERE id <> 900",
        "UPDATE activities SET title = '' WHERE id <> 900",
        "UPDATE activities SET category = 'writing' WHERE id <> 900",
        "UPDATE activities SET reported_at = NULL WHERE id <> 900",
        "UPDATE activities SET status = 'submitted' WHERE id = 900",
        "UPDATE activities SET reported_at = created_at WHERE id = 900",
        // a place in the queue exactly while it waits
        "UPDATE activities SET status = 'submitted' WHERE id <> 900",
        "UPDATE activities SET queue_rank = 0 WHERE id <> 900",
        "UPDATE activities SET queue_rank = 2, status = 'submitted' WHERE id <> 900",
        "UPDATE activities SET queue_deadline = '2027-01-01' WHERE id <> 900",
        // only what is approved has an award
        "UPDATE activities SET awarded = 60 WHERE id = 900",
        "UPDATE certification_years SET deadline = '2027-01-01' WHERE outcome IS NULL",
        "UPDATE certification_years SET flagged_on = deadline WHERE outcome IS NULL",
        "UPDATE certification_years SET outcome = 'waived' WHERE outcome IS NULL",
        "UPDATE certification_years SET outcome = 'lost', settled_on = '2027-01-01', approved = 0, required = 0, carried = 0 \
         WHERE outcome IS NULL",
        "UPDATE certification_years SET outcome = 'recertified', settled_on = '2027-01-01', approved = 719999, required = 720000, \
         carried = 0 WHERE outcome IS NULL",
        "UPDATE policies SET rate_reading = 70",
        "UPDATE policies SET rate_reading = 0",
        "UPDATE policies SET notice_days = 0",
        "UPDATE policies SET carry_over = -1",
        "UPDATE policies SET stages = ''",
        "UPDATE mails SET state = 'lost'",
        "UPDATE certifications SET level = 'grand_master'",
        "INSERT INTO field_neighbours (field_id, neighbour_id) VALUES (5, 1)",
        "INSERT INTO field_neighbours (field_id, neighbour_id) VALUES (3, 3)",
        "INSERT INTO decisions (certificate_id, year, kind, reason, until, decided_by, decided_on, decided_at) \
         SELECT certificate_id, year, 'extension', 'x', NULL, decided_by, decided_on, decided_at FROM decisions",
        "INSERT INTO decisions (certificate_id, year, kind, reason, until, decided_by, decided_on, decided_at) \
         SELECT certificate_id, year, 'waiver', '', NULL, decided_by, decided_on, decided_at FROM decisions",
        "INSERT INTO reviews (activity_id, activity_version, decision, reason, reviewed_at) \
         SELECT activity_id, 9, 'reject', 'no', reviewed_at FROM reviews",
        "INSERT INTO reviews (activity_id, activity_version, decision, quantity, reason, reviewed_at) \
         SELECT activity_id, 9, 'approve', 60, '', reviewed_at FROM reviews",
        "INSERT INTO notices_about_years (certificate_id, year, kind, deadline, stage, outcome, approved, pending, required, day, at) \
         SELECT certificate_id, year, kind, deadline, 5, 'sent', 0, 0, 0, day, at FROM notices_about_years WHERE stage = 90 LIMIT 1",
        // of a stage all figures, and of nothing else any
        "INSERT INTO notices_about_years (certificate_id, year, kind, deadline, stage, outcome, approved, pending, day, at) \
         SELECT certificate_id, year, kind, deadline, 5, 'met', 0, 0, day, at FROM notices_about_years WHERE stage = 90 LIMIT 1",
        "INSERT INTO notices_about_years (certificate_id, year, kind, mail_id, approved) \
         SELECT certificate_id, year, 'mail', mail_id, 0 FROM notices_about_years WHERE mail_id IS NOT NULL LIMIT 1",
        "INSERT INTO notices_about_years (certificate_id, year, kind) SELECT certificate_id, year, 'mail' FROM notices_about_years LIMIT 1",
        "INSERT INTO notices_about_years (certificate_id, year, kind, mail_id) \
         SELECT certificate_id, year, 'rumour', mail_id FROM notices_about_years WHERE mail_id IS NOT NULL LIMIT 1",
    ] {
        assert_refused(&mut conn, sql, "CHECK");
    }
}

#[test]
fn nothing_points_to_what_is_not_there() {
    let (portal, _) = lived_in();
    let mut conn = open(&portal);
    for sql in [
        "UPDATE certificates SET holder_id = 99999",
        "UPDATE activities SET holder_id = 99999",
        "UPDATE certificates SET certification_id = 99999",
        "INSERT INTO year_counts (certificate_id, year, activity_id, credits) VALUES (99999, 1, 1, 0)",
        "INSERT INTO held_flags (certificate_id, year, deadline, held_on) VALUES (1, 99, '2027-01-01', '2027-01-02')",
        "DELETE FROM accounts WHERE role = 'holder'",
        "DELETE FROM certificates",
        "DELETE FROM fields",
    ] {
        assert_refused(&mut conn, sql, "FOREIGN KEY");
    }
    assert!(texts(&mut conn, "SELECT \"table\" AS text FROM pragma_foreign_key_check").is_empty());
    assert_eq!(texts(&mut conn, "SELECT integrity_check AS text FROM pragma_integrity_check"), ["ok"]);
}

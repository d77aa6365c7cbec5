//! Every invariant goes red when it is broken, and stays green in a portal that people have lived in.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cpe_portal::demo::{Watching, fill};
use cpe_portal::portal::Portal;
use cpe_portal::store::operations::invariants::INVARIANTS;

use super::check;
use crate::transfer::support::{TODAY, TestData, ask, damage, open};

/// Damage to the database, and the beginning of the invariant's name that must notice.
const DAMAGES: [(&str, &str); 48] = [
    (
        "Friendly reminders went",
        "INSERT INTO notices_about_years (certificate_id, year, kind, day, at, mail_id, holder_id, sent_by) \
        SELECT y.certificate_id, y.number, 'friendly-reminder', '2001-01-01', '2001-01-01 00:00:00', \
        (SELECT MIN(id) FROM mails WHERE kind <> 'friendly-reminder'), c.holder_id, c.holder_id \
        FROM certification_years y JOIN certificates c ON c.id = y.certificate_id LIMIT 1",
    ),
    (
        "Every row that names",
        "INSERT INTO evidence (holder_id, sha256, name, media_type, bytes, added_at) \
        VALUES (9999, 'x', 'x', 'x', 1, '2026-01-01 00:00:00')",
    ),
    ("Every certificate has rows", "DELETE FROM certification_years WHERE number = 1"),
    (
        "Every certificate has rows",
        "UPDATE certificates SET years_until = '2020-01-01' WHERE years_until IS NOT NULL",
    ),
    (
        "Settled years show",
        "UPDATE certification_years SET approved = approved + 1 WHERE outcome = 'recertified'",
    ),
    ("Settled years show", "DELETE FROM year_counts"),
    (
        "Only settled years",
        "INSERT INTO year_counts SELECT y.certificate_id, y.number, a.id, 0 FROM certification_years y \
        JOIN certificates c ON c.id = y.certificate_id JOIN activities a ON a.holder_id = c.holder_id \
        WHERE y.outcome IS NULL AND a.status = 'approved' LIMIT 1",
    ),
    (
        "Only settled years",
        "UPDATE activities SET status = 'rejected', awarded = NULL WHERE id IN (SELECT activity_id FROM year_counts)",
    ),
    (
        "No report counts in two",
        "INSERT INTO year_counts SELECT n.certificate_id, n.year + 1, n.activity_id, 0 FROM year_counts n LIMIT 1",
    ),
    (
        "Every settled year counted only",
        "UPDATE activities SET started_on = '2001-01-01', completed_on = '2001-01-01' \
        WHERE id = (SELECT MIN(activity_id) FROM year_counts)",
    ),
    (
        "Recertified years met",
        "UPDATE certification_years SET required = approved + 1 WHERE outcome = 'recertified'",
    ),
    (
        "Flagged years are",
        "UPDATE certification_years SET flagged_on = deadline WHERE flagged_on IS NOT NULL",
    ),
    (
        "Decertified certificates have no open",
        "UPDATE certification_years SET outcome = NULL WHERE outcome = 'void'",
    ),
    ("A certificate is decertified exactly", "UPDATE certificates SET decertified_on = NULL"),
    ("A certificate is decertified exactly", "UPDATE certificates SET times_decertified = 7 WHERE id = 1"),
    ("Every decertification has", "UPDATE decisions SET reason = ' ' WHERE kind = 'decertification'"),
    (
        "Every decertification has",
        "DELETE FROM mails WHERE kind = 'flagged'; DELETE FROM history WHERE event = 'year flagged'",
    ),
    ("Every other ending has", "UPDATE decisions SET kind = 'ending' WHERE kind = 'decertification'"),
    (
        "Every other ending has",
        "UPDATE decisions SET kind = 'ending' WHERE kind = 'decertification'; \
        INSERT INTO endings SELECT id, 'death', NULL FROM decisions WHERE kind = 'ending'; \
        UPDATE mails SET kind = 'ended' WHERE kind = 'decertified'",
    ),
    (
        "Every certificate says what its last",
        "UPDATE decisions SET kind = 'correction' WHERE kind = 'waiver'",
    ),
    (
        "Nobody with a closed account",
        "UPDATE accounts SET deactivated_at = '2026-01-01 00:00:00' \
        WHERE id = (SELECT account_id FROM mails WHERE state = 'pending' LIMIT 1)",
    ),
    (
        "Nobody with a closed account",
        "UPDATE accounts SET deactivated_at = '2026-01-01 00:00:00' WHERE id = 1; \
        INSERT INTO assignments SELECT MIN(id), 1, 1, NULL, '2026-01-01 00:00:00' FROM activities WHERE status = 'submitted'",
    ),
    (
        "Every report that was given",
        "UPDATE accounts SET role = 'reviewer' WHERE id = 1; \
        INSERT INTO assignments SELECT MIN(id), 1, 1, NULL, '2026-01-01 00:00:00' FROM activities \
        WHERE status = 'approved' AND holder_id <> 1",
    ),
    (
        "Every report that was given",
        "UPDATE accounts SET role = 'reviewer' WHERE id = 1; \
        INSERT INTO assignments SELECT MIN(id), 1, 1, NULL, '2026-01-01 00:00:00' FROM activities \
        WHERE status = 'submitted' AND holder_id <> 1; \
        INSERT INTO acquaintances (reviewer_id, holder_id, reason, declared_at) \
        SELECT 1, a.holder_id, '', '2026-01-01 00:00:00' FROM activities a JOIN assignments g ON g.activity_id = a.id",
    ),
    (
        "Decertified certificates show no valid",
        "UPDATE badges SET revoked_on = NULL WHERE revoked_on IS NOT NULL",
    ),
    ("Every reminder that was sent", "UPDATE mails SET account_id = 1 WHERE kind = 'reminder'"),
    (
        "Mails about a certification year",
        "UPDATE mails SET account_id = 1 WHERE id IN (SELECT mail_id FROM notices_about_years WHERE kind = 'mail')",
    ),
    ("Mails that were sent", "UPDATE mails SET state = 'sent' WHERE state = 'pending'"),
    ("Reports waiting", "UPDATE activities SET queue_rank = NULL WHERE status = 'submitted'"),
    ("Reports waiting", "UPDATE activities SET queue_deadline = NULL WHERE status = 'submitted'"),
    ("Everything reported is whole", "UPDATE activities SET title = '' WHERE status = 'approved'"),
    ("Every report that no import", "DELETE FROM activity_versions WHERE version = 1"),
    ("Evidence belongs", "UPDATE evidence SET holder_id = 1"),
    (
        "Nobody reviewed",
        "UPDATE reviews SET reviewer_id = (SELECT holder_id FROM activities WHERE id = activity_id)",
    ),
    (
        "Conversations have messages",
        "INSERT INTO conversations (holder_id, kind, subject, turn, turn_since, begun_at, begun_by) \
        VALUES (1, 'question', 'x', 'body', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1)",
    ),
    (
        "An appeal is closed",
        "INSERT INTO conversations (id, holder_id, kind, subject, turn, turn_since, begun_at, begun_by) \
        VALUES (999, 1, 'question', 'x', 'body', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1); \
        INSERT INTO appeal_outcomes VALUES (999, 'upheld', 'x', 1, '2026-01-01', '2026-01-01 00:00:00')",
    ),
    ("Corrections are asked", "UPDATE corrections SET holder_id = 1"),
    (
        "Corrections are asked",
        "UPDATE corrections SET activity_version = activity_version - 1 WHERE state = 'asked'",
    ),
    ("Remarks on hints", "UPDATE remarks SET version = version + 7"),
    (
        "Settled years were judged",
        "UPDATE certification_years SET approved = required WHERE outcome = 'decertified'",
    ),
    ("Every settled year counted each", "DELETE FROM year_counts"),
    ("Every mail that reminds", "UPDATE mails SET kind = 'reminder' WHERE kind = 'approved'"),
    ("Every withdrawn badge", "DELETE FROM status_lists"),
    (
        "Mails are held",
        "INSERT INTO mail_holds (backup_made_at, held_at, last_mail) VALUES \
        ('2026-01-01 00:00:00', '2026-01-01 00:00:00', 0), ('2026-01-02 00:00:00', '2026-01-02 00:00:00', 0)",
    ),
    (
        "No settled year changes",
        "UPDATE certification_years SET required = required - 1 WHERE outcome = 'recertified'",
    ),
    (
        "No settled year changes",
        "UPDATE activities SET awarded = NULL, quantity = quantity + 60 WHERE category = 'attending' \
        AND id IN (SELECT activity_id FROM year_counts)",
    ),
    ("Every certificate is found", "DELETE FROM bare_numbers WHERE certificate_id = 1"),
    (
        "No publication earns",
        "INSERT INTO year_counts SELECT c.id, 1, a.id, 999999 FROM activities a \
        JOIN certificates c ON c.holder_id = a.holder_id WHERE a.category = 'writing' LIMIT 1",
    ),
];

/// The names of the invariants that are broken.
fn broken(portal: &Portal) -> Vec<&'static str> {
    check(portal).into_iter().filter(|c| !c.problems.is_empty()).map(|c| c.name).collect()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|e| (e.path(), e.file_name())).unwrap();
        if path.is_dir() {
            copy_folder(&path, &to.join(name))
        } else {
            fs::copy(&path, to.join(name)).map(|_| ()).unwrap()
        }
    }
}

#[test]
fn every_invariant_goes_red_when_it_is_broken() {
    let data = TestData::new();
    let mut watching = Watching { deliver: &mut |_| Ok(()), progress: &mut |_, _| {} };
    fill(&data.portal, 14, &mut watching).unwrap();
    assert_eq!(broken(&data.portal), Vec::<&str>::new());

    let mut seen = BTreeSet::new();
    let mut expect = |beginning: &str, change: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        data.portal.store.copy_to(&folder.path().join("portal.sqlite")).unwrap();
        copy_folder(&data.folder.path().join("evidence"), &folder.path().join("evidence"));
        change(folder.path());
        let found = broken(&open(folder.path(), TODAY));
        assert!(found.iter().any(|name| name.starts_with(beginning)), "{beginning}: {found:?}");
        seen.insert(*found.iter().find(|name| name.starts_with(beginning)).unwrap());
    };
    for (beginning, sql) in DAMAGES {
        expect(beginning, &|folder| damage(&folder.join("portal.sqlite"), sql));
    }
    let shifted =
        format!("UPDATE certification_years SET starts_on = '2026-01-01' WHERE starts_on > '{TODAY}'");
    expect("Every standing certificate", &|folder| damage(&folder.join("portal.sqlite"), &shifted));
    expect("Certification years follow", &|folder| damage(&folder.join("portal.sqlite"), &shifted));
    // a day as a number sorts before all days as texts, so that what pages look up by day passes it over
    let numbered = "UPDATE activities SET started_on = julianday(started_on), completed_on = julianday(completed_on) \
        WHERE status = 'approved' AND id NOT IN (SELECT activity_id FROM year_counts)";
    expect("What a year shows", &|folder| damage(&folder.join("portal.sqlite"), numbered));
    // a report of the year in progress that an earlier, settled one has counted
    let twice = "INSERT INTO year_counts SELECT o.certificate_id, s.number, a.id, 0 FROM certification_years o \
        JOIN certification_years s ON s.certificate_id = o.certificate_id AND s.outcome IS NOT NULL \
        JOIN certificates c ON c.id = o.certificate_id JOIN activities a ON a.holder_id = c.holder_id AND a.status = 'approved' \
            AND a.completed_on BETWEEN o.starts_on AND o.ends_on \
        WHERE o.outcome IS NULL LIMIT 1";
    expect("No day counts twice", &|folder| damage(&folder.join("portal.sqlite"), twice));
    expect("No settled year counted more", &|folder| {
        damage(&folder.join("portal.sqlite"), "UPDATE year_counts SET credits = credits + 1");
    });
    expect("Every status list", &|folder| {
        // somebody changes the register, and nobody signs
        let sql = "UPDATE badges SET revoked_on = '2026-01-01' WHERE id = (SELECT MIN(id) FROM badges WHERE revoked_on IS NULL)";
        damage(&folder.join("portal.sqlite"), sql);
    });
    expect("Every evidence file", &|folder| {
        let shelf = fs::read_dir(folder.join("evidence")).unwrap().map(|e| e.unwrap().path());
        let shelf = shelf.filter(|path| !path.ends_with("incoming")).min().unwrap();
        fs::remove_dir_all(shelf).unwrap();
    });
    expect("Every evidence file", &|folder| {
        damage(&folder.join("portal.sqlite"), "UPDATE evidence SET bytes = bytes + 1");
    });
    expect("The database file", &|folder| {
        let database = folder.join("portal.sqlite");
        damage(
            &database,
            "CREATE TABLE page (number); INSERT INTO page SELECT rootpage FROM sqlite_schema WHERE name = 'accounts_by_name'",
        );
        let page: usize = ask(&database, "SELECT number || '' AS line FROM page")[0].parse().unwrap();
        let mut bytes = fs::read(&database).unwrap();
        bytes[(page - 1) * 4096..page * 4096].fill(0);
        fs::write(&database, bytes).unwrap();
    });
    let all: BTreeSet<&str> = check(&data.portal).into_iter().map(|c| c.name).collect();
    assert_eq!(seen, all, "every invariant has been broken once");
    assert!(all.len() > INVARIANTS.len());
}

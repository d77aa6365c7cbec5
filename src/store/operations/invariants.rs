//! Questions about the whole of the data whose answer should be "nothing": each gives the rows that break an invariant, in words.
//!
//! The schema refuses most of this already. The checks read what is there nevertheless: after a restore, a repaired disk or a hand in the
//! file, nobody has to take it on trust.

use diesel::sql_types::Text;

use crate::store::engine::prelude::*;
use crate::store::{Conn, StoreError};

/// Something the data must never show, with the SQL that would find it. Each statement is portable and gives one text column, `found`.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// What holds, in one sentence.
    pub name: &'static str,
    sql: &'static str,
}

/// The invariants that one statement can check.
pub const INVARIANTS: [Invariant; 33] = [
    Invariant {
        name: "Settled years show the credits that their reports counted, and what was carried over",
        sql: "SELECT c.number || ', year ' || y.number AS found
              FROM certification_years y JOIN certificates c ON c.id = y.certificate_id
              WHERE y.outcome IS NOT NULL AND y.approved <> y.carried + COALESCE((
                  SELECT SUM(n.credits) FROM year_counts n WHERE n.certificate_id = y.certificate_id AND n.year = y.number), 0)
              ORDER BY c.number, y.number",
    },
    Invariant {
        name: "Only settled years have recorded what they counted, and only of approved reports of their holder",
        sql: "SELECT c.number || ', year ' || n.year || ', report ' || n.activity_id AS found
              FROM year_counts n
              JOIN certificates c ON c.id = n.certificate_id
              JOIN certification_years y ON y.certificate_id = n.certificate_id AND y.number = n.year
              JOIN activities a ON a.id = n.activity_id
              WHERE y.outcome IS NULL OR a.status <> 'approved' OR a.holder_id <> c.holder_id
              ORDER BY c.number, n.year, n.activity_id",
    },
    Invariant {
        name: "No report counts in two years of one certificate",
        sql: "SELECT c.number || ', report ' || n.activity_id AS found
              FROM year_counts n JOIN certificates c ON c.id = n.certificate_id
              GROUP BY c.number, n.certificate_id, n.activity_id HAVING COUNT(*) > 1
              ORDER BY c.number, n.activity_id",
    },
    Invariant {
        name: "Every settled year counted only reports from its own days",
        sql: "SELECT c.number || ', year ' || n.year || ', report ' || n.activity_id AS found
              FROM year_counts n
              JOIN certificates c ON c.id = n.certificate_id
              JOIN certification_years y ON y.certificate_id = n.certificate_id AND y.number = n.year
              JOIN activities a ON a.id = n.activity_id
              LEFT JOIN certification_years b ON b.certificate_id = n.certificate_id AND b.number = n.year - 1
              WHERE a.completed_on < y.starts_on OR a.completed_on > y.deadline OR a.completed_on <= b.deadline
              ORDER BY c.number, n.year, n.activity_id",
    },
    Invariant {
        name: "Recertified years met their minimum",
        sql: "SELECT c.number || ', year ' || y.number AS found
              FROM certification_years y JOIN certificates c ON c.id = y.certificate_id
              WHERE y.outcome = 'recertified' AND y.approved < y.required ORDER BY c.number, y.number",
    },
    Invariant {
        name: "Flagged years are unsettled years of standing certificates, past their deadline",
        sql: "SELECT c.number || ', year ' || y.number AS found
              FROM certification_years y JOIN certificates c ON c.id = y.certificate_id
              WHERE y.flagged_on IS NOT NULL
                  AND (y.outcome IS NOT NULL OR c.decertified_on IS NOT NULL OR y.flagged_on <= y.deadline)
              ORDER BY c.number, y.number",
    },
    Invariant {
        name: "Decertified certificates have no open years",
        sql: "SELECT c.number || ', year ' || y.number AS found
              FROM certification_years y JOIN certificates c ON c.id = y.certificate_id
              WHERE c.decertified_on IS NOT NULL AND y.outcome IS NULL ORDER BY c.number, y.number",
    },
    Invariant {
        name: "A certificate is decertified exactly when its last such decision says so",
        sql: "SELECT c.number AS found FROM certificates c
              WHERE (c.decertified_on IS NOT NULL) <> COALESCE((
                      SELECT d.kind <> 'reinstatement' FROM decisions d WHERE d.id = (
                          SELECT MAX(l.id) FROM decisions l
                          WHERE l.certificate_id = c.id AND l.kind IN ('decertification', 'ending', 'reinstatement'))), FALSE)
                  OR c.times_decertified <> (
                      SELECT COUNT(*) FROM decisions d
                      WHERE d.certificate_id = c.id AND d.kind IN ('decertification', 'ending'))
              ORDER BY c.number",
    },
    Invariant {
        name: "Every decertification has a person, a reason, a warning before it, and a withdrawn badge",
        sql: "SELECT c.number || ', decided on ' || d.decided_on AS found
              FROM decisions d
              JOIN certificates c ON c.id = d.certificate_id
              LEFT JOIN accounts p ON p.id = d.decided_by
              WHERE d.kind = 'decertification' AND (
                  p.id IS NULL OR TRIM(d.reason) = '' OR p.id = c.holder_id
                  OR NOT EXISTS (SELECT 1 FROM badges b WHERE b.certificate_id = c.id AND b.revoked_on = d.decided_on)
                  OR NOT (
                      EXISTS (SELECT 1 FROM mails m
                              WHERE m.account_id = c.holder_id AND m.kind = 'flagged' AND m.created_at <= d.decided_at)
                      OR EXISTS (SELECT 1 FROM history h
                              WHERE h.certificate_id = c.id AND h.event = 'year flagged' AND h.at <= d.decided_at)))
              ORDER BY c.number, d.id",
    },
    Invariant {
        name: "Every other ending has another person, a reason and a withdrawn badge, and of a death no mail was written",
        sql: "SELECT c.number || ', decided on ' || d.decided_on AS found
              FROM decisions d
              JOIN certificates c ON c.id = d.certificate_id
              LEFT JOIN accounts p ON p.id = d.decided_by
              LEFT JOIN endings e ON e.decision_id = d.id
              LEFT JOIN certificates r ON r.id = e.replaced_by
              WHERE d.kind = 'ending' AND (
                  e.kind IS NULL OR p.id IS NULL OR TRIM(d.reason) = '' OR p.id = c.holder_id OR r.holder_id <> c.holder_id
                  OR NOT EXISTS (SELECT 1 FROM badges b WHERE b.certificate_id = c.id AND b.revoked_on = d.decided_on)
                  OR (e.kind = 'death' AND EXISTS (
                      SELECT 1 FROM mails m
                      WHERE m.account_id = c.holder_id AND m.kind = 'ended' AND m.created_at = d.decided_at)))
              ORDER BY c.number, d.id",
    },
    Invariant {
        name: "Every certificate says what its last correction says, and somebody else made it",
        sql: "SELECT c.number || ', decided on ' || d.decided_on AS found
              FROM decisions d
              JOIN certificates c ON c.id = d.certificate_id
              LEFT JOIN certificate_corrections k ON k.decision_id = d.id
              WHERE d.kind = 'correction' AND (
                  k.decision_id IS NULL OR d.decided_by = c.holder_id
                  OR (d.id = (SELECT MAX(l.id) FROM decisions l WHERE l.certificate_id = c.id AND l.kind = 'correction')
                      AND (k.new_number <> c.number OR k.new_certification_id <> c.certification_id
                          OR k.new_granted_on <> c.granted_on)))
              ORDER BY c.number, d.id",
    },
    Invariant {
        name: "Nobody with a closed account is signed in, has a report in hand or a mail that is still to leave",
        sql: "SELECT 'account ' || a.id AS found FROM accounts a
              WHERE a.deactivated_at IS NOT NULL AND (
                  EXISTS (SELECT 1 FROM sessions s WHERE s.account_id = a.id)
                  OR EXISTS (SELECT 1 FROM review_claims r WHERE r.reviewer_id = a.id)
                  OR EXISTS (SELECT 1 FROM assignments g WHERE g.assignee_id = a.id)
                  OR EXISTS (SELECT 1 FROM mails m WHERE m.account_id = a.id AND m.state = 'pending'))
              ORDER BY a.id",
    },
    Invariant {
        name: "Every report that was given to a colleague is waiting for review, and the colleague may decide it",
        sql: "SELECT 'report ' || g.activity_id AS found
              FROM assignments g
              JOIN activities a ON a.id = g.activity_id
              JOIN accounts p ON p.id = g.assignee_id
              WHERE a.status <> 'submitted' OR p.role = 'holder' OR p.id = a.holder_id
                  OR EXISTS (SELECT 1 FROM acquaintances k
                      WHERE k.reviewer_id = p.id AND k.holder_id = a.holder_id AND k.ended_at IS NULL)
              ORDER BY g.activity_id",
    },
    Invariant {
        name: "Decertified certificates show no valid badge, and standing ones show one",
        sql: "SELECT c.number AS found FROM certificates c
              WHERE (SELECT COUNT(*) FROM badges b WHERE b.certificate_id = c.id AND b.revoked_on IS NULL)
                  <> CASE WHEN c.decertified_on IS NULL THEN 1 ELSE 0 END
              ORDER BY c.number",
    },
    Invariant {
        name: "Every reminder that was sent has its mail to the holder",
        sql: "SELECT c.number || ', year ' || r.year || ', ' || r.stage || ' days before ' || r.deadline AS found
              FROM notices_about_years r
              JOIN certificates c ON c.id = r.certificate_id
              LEFT JOIN mails m ON m.id = r.mail_id
              WHERE r.stage IS NOT NULL AND r.outcome = 'sent' AND (m.id IS NULL OR m.kind <> 'reminder' OR m.account_id <> c.holder_id)
              ORDER BY c.number, r.year, r.stage",
    },
    Invariant {
        name: "Mails about a certification year went to the holder of the certificate, and those that came back are noted for their recipient",
        sql: "SELECT c.number || ', year ' || n.year || ', mail ' || m.id AS found
              FROM notices_about_years n JOIN certificates c ON c.id = n.certificate_id JOIN mails m ON m.id = n.mail_id
              WHERE n.kind = 'mail' AND m.account_id <> c.holder_id
              UNION ALL
              SELECT 'mail ' || b.mail_id AS found FROM bounces b JOIN mails m ON m.id = b.mail_id
              WHERE b.account_id <> m.account_id",
    },
    Invariant {
        name: "Mails that were sent say when, and others do not",
        sql: "SELECT 'mail ' || id AS found FROM mails WHERE (state = 'sent') <> (sent_at IS NOT NULL) ORDER BY id",
    },
    Invariant {
        name: "Reports waiting for review, and no others, have a place in the queue",
        sql: "SELECT 'report ' || id AS found FROM activities
              WHERE (status = 'submitted') <> (queue_rank IS NOT NULL) OR (queue_rank IS NOT NULL AND queue_deadline IS NULL)
              ORDER BY id",
    },
    Invariant {
        name: "Everything reported is whole: category, title, field, days, quantity, and a publication for writing",
        sql: "SELECT 'report ' || id AS found FROM activities
              WHERE (reported_at IS NOT NULL AND (category IS NULL OR title = '' OR field_id IS NULL OR started_on IS NULL
                      OR completed_on IS NULL OR started_on > completed_on OR quantity IS NULL OR quantity <= 0
                      OR (category = 'writing' AND publication_fold = '')))
                  OR (reported_at IS NULL AND status NOT IN ('draft', 'withdrawn')) ORDER BY id",
    },
    Invariant {
        name: "Every report that no import brought has its first version",
        sql: "SELECT 'report ' || a.id AS found FROM activities a
              LEFT JOIN activity_versions v ON v.activity_id = a.id AND v.version = 1
              WHERE a.import_key IS NULL AND v.activity_id IS NULL ORDER BY a.id",
    },
    Invariant {
        name: "Evidence belongs to the holder whose report it proves",
        sql: "SELECT 'evidence ' || e.id AS found FROM evidence e JOIN activities a ON a.id = e.activity_id
              WHERE e.holder_id <> a.holder_id ORDER BY e.id",
    },
    Invariant {
        name: "Nobody reviewed their own report",
        sql: "SELECT 'report ' || a.id AS found FROM reviews r JOIN activities a ON a.id = r.activity_id
              WHERE r.reviewer_id = a.holder_id ORDER BY a.id",
    },
    Invariant {
        name: "Conversations have messages, of their holder or of staff, and are about something of their holder's",
        sql: "SELECT 'conversation ' || c.id AS found FROM conversations c
              LEFT JOIN activities a ON a.id = c.activity_id
              LEFT JOIN certificates t ON t.id = c.certificate_id
              WHERE a.holder_id <> c.holder_id OR t.holder_id <> c.holder_id
                  OR NOT EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id)
                  OR EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id
                      AND m.from_body = (m.author_id = c.holder_id)) ORDER BY c.id",
    },
    Invariant {
        name: "An appeal is closed exactly when its outcome is recorded, and nobody judged their own",
        sql: "SELECT 'conversation ' || c.id AS found FROM conversations c
              LEFT JOIN appeal_outcomes o ON o.conversation_id = c.id
              WHERE (c.kind = 'appeal' AND (c.closed_at IS NULL) <> (o.conversation_id IS NULL))
                  OR (c.kind <> 'appeal' AND o.conversation_id IS NOT NULL)
                  OR o.decided_by = c.holder_id ORDER BY c.id",
    },
    Invariant {
        name: "Friendly reminders went to the holder of the certificate, in a mail of that kind",
        sql: "SELECT c.number || ', year ' || f.year || ', ' || f.day AS found
              FROM notices_about_years f
              JOIN certificates c ON c.id = f.certificate_id
              LEFT JOIN mails m ON m.id = f.mail_id
              WHERE f.kind = 'friendly-reminder' AND (c.holder_id <> f.holder_id OR m.id IS NULL
                  OR m.account_id <> f.holder_id OR m.kind <> 'friendly-reminder')
              ORDER BY c.number, f.year, f.day",
    },
    Invariant {
        name: "Corrections are asked by the holder of a report, about a version that it has had, and answered by somebody else",
        sql: "SELECT 'correction ' || k.id AS found FROM corrections k
              JOIN activities a ON a.id = k.activity_id
              WHERE k.holder_id <> a.holder_id OR k.answered_by = k.holder_id
                  OR k.activity_version > a.version
                  OR (k.state = 'asked' AND (k.activity_version <> a.version OR a.status NOT IN ('approved', 'rejected')))
              ORDER BY k.id",
    },
    Invariant {
        name: "Remarks on hints belong to a version that their report has had",
        sql: "SELECT 'report ' || r.activity_id || ', version ' || r.version AS found FROM remarks r
              JOIN activities a ON a.id = r.activity_id
              WHERE r.version < 1 OR r.version > a.version ORDER BY r.activity_id, r.version",
    },
    Invariant {
        name: "Settled years were judged by their minimum: recertified ones met it, and those that cost a certificate did not",
        sql: "SELECT c.number || ', year ' || y.number AS found
              FROM certification_years y JOIN certificates c ON c.id = y.certificate_id
              WHERE y.outcome = 'decertified' AND y.approved >= y.required ORDER BY c.number, y.number",
    },
    Invariant {
        name: "Every settled year counted each approved report of its days that was decided before it was settled",
        sql: "SELECT c.number || ', year ' || y.number || ', report ' || a.id AS found
              FROM certification_years y
              JOIN certificates c ON c.id = y.certificate_id
              JOIN activities a ON a.holder_id = c.holder_id
              LEFT JOIN certification_years b ON b.certificate_id = y.certificate_id AND b.number = y.number - 1
              WHERE y.outcome = 'recertified' AND a.status = 'approved'
                  AND a.completed_on >= y.starts_on AND a.completed_on <= y.deadline
                  AND (b.deadline IS NULL OR a.completed_on > b.deadline)
                  AND a.decided_at < date(y.settled_on, '-1 day')
                  AND c.times_decertified = 0
                  AND NOT EXISTS (SELECT 1 FROM year_counts n WHERE n.certificate_id = y.certificate_id
                      AND n.year = y.number AND n.activity_id = a.id)
              ORDER BY c.number, y.number, a.id",
    },
    Invariant {
        name: "Every mail that reminds belongs to a stage that was recorded as sent",
        sql: "SELECT 'mail ' || m.id AS found FROM mails m
              WHERE m.kind = 'reminder'
                  AND NOT EXISTS (SELECT 1 FROM notices_about_years r WHERE r.mail_id = m.id AND r.outcome = 'sent') ORDER BY m.id",
    },
    Invariant {
        name: "Every withdrawn badge has a place in a status list that is signed",
        sql: "SELECT b.id AS found FROM badges b
              JOIN signed_badges s ON s.badge_id = b.id
              LEFT JOIN status_lists l ON l.number = s.list_number
              WHERE b.revoked_on IS NOT NULL AND l.number IS NULL ORDER BY b.id",
    },
    Invariant {
        name: "Mails are held by one restore at a time, and a mail that was put aside has failed and says why, or nobody knows of it",
        sql: "SELECT 'mail ' || id AS found FROM mails
              WHERE id IN (SELECT mail_id FROM discarded_mails)
                  AND state <> 'uncertain' AND (state <> 'failed' OR last_error = '')
              UNION ALL
              SELECT 'hold ' || h.id AS found FROM mail_holds h
              WHERE h.ended_at IS NULL AND h.id <> (SELECT MAX(l.id) FROM mail_holds l)",
    },
    Invariant {
        name: "Every certificate is found by its number without dashes",
        sql: "SELECT c.number AS found FROM certificates c
              LEFT JOIN bare_numbers b ON b.certificate_id = c.id
              WHERE b.bare IS NULL OR b.bare LIKE '%-%' OR length(b.bare) > length(c.number_fold) ORDER BY c.number",
    },
];

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    found: String,
}

/// Most findings of one statement: whatever is broken, the memory stays bounded.
pub const MOST_FINDINGS: usize = 1000;

/// The day before a year was settled, as it stands in an invariant, and as a server is asked for it.
const DAY_BEFORE: (&str, &str) = ("date(y.settled_on, '-1 day')", "(y.settled_on - 1)");

/// Gives at most one more than [`MOST_FINDINGS`], so that it shows when there are more.
fn ask_some(conn: &mut Conn<'_>, sql: &str) -> Result<Vec<String>, StoreError> {
    let sql = format!("SELECT found FROM ({sql}) AS findings LIMIT {}", MOST_FINDINGS + 1);
    let sql = if conn.0.is_server() { sql.replace(DAY_BEFORE.0, DAY_BEFORE.1) } else { sql };
    let rows: Vec<Found> = diesel::sql_query(sql).load(conn.0)?;
    Ok(rows.into_iter().map(|row| row.found).collect())
}

/// The rows that break an invariant.
pub fn breaking(conn: &mut Conn<'_>, invariant: &Invariant) -> Result<Vec<String>, StoreError> {
    ask_some(conn, invariant.sql)
}

/// Damage to the database file itself. A server looks after its own files.
pub fn damage(conn: &mut Conn<'_>) -> Result<Vec<String>, StoreError> {
    Ok(conn.0.damage()?)
}

/// Rows that name another row which is not there. A server never has any: it checks references whoever writes.
pub fn loose_ends(conn: &mut Conn<'_>) -> Result<Vec<String>, StoreError> {
    if conn.0.is_server() {
        return Ok(Vec::new());
    }
    ask_some(
        conn,
        "SELECT \"table\" || ', row ' || COALESCE(rowid, 0) || ', names a missing row of ' || parent AS found
         FROM pragma_foreign_key_check",
    )
}

/// The last recorded year of each certificate, as (number, how many rows, last number, `years_until` agrees).
pub fn gaps_in_years(conn: &mut Conn<'_>) -> Result<Vec<String>, StoreError> {
    ask_some(
        conn,
        "SELECT c.number AS found
         FROM certificates c
         JOIN certifications p ON p.id = c.certification_id
         LEFT JOIN (
             SELECT certificate_id, COUNT(*) AS years, MAX(number) AS last, MAX(ends_on) AS until
             FROM certification_years GROUP BY certificate_id
         ) y ON y.certificate_id = c.id
         WHERE CASE WHEN p.level = 'foundation' THEN y.years IS NOT NULL OR c.years_until IS NOT NULL
             ELSE y.years IS NULL OR y.years <> y.last OR c.years_until IS NULL OR c.years_until <> y.until END
         ORDER BY c.number",
    )
}

/// The evidence that is named, each hash once, with the smallest and the largest size in bytes as recorded: the next few after a hash.
pub fn evidence_named(
    conn: &mut Conn<'_>,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, i64, i64)>, StoreError> {
    use crate::store::schema::evidence;
    type Row = (String, Option<i64>, Option<i64>);
    let rows: Vec<Row> = evidence::table
        .filter(evidence::removed_at.is_null())
        .filter(evidence::sha256.gt(after))
        .group_by(evidence::sha256)
        .select((evidence::sha256, diesel::dsl::min(evidence::bytes), diesel::dsl::max(evidence::bytes)))
        .order(evidence::sha256)
        .limit(limit)
        .load(conn.0)?;
    Ok(rows
        .into_iter()
        .map(|(sha256, least, most)| (sha256, least.unwrap_or_default(), most.unwrap_or_default()))
        .collect())
}

/// How many evidence files are named, content that several reports name once.
pub fn evidence_files(conn: &mut Conn<'_>) -> Result<usize, StoreError> {
    use crate::store::schema::evidence;
    let files: i64 = evidence::table
        .filter(evidence::removed_at.is_null())
        .select(diesel::dsl::count(evidence::sha256).aggregate_distinct())
        .first(conn.0)?;
    Ok(usize::try_from(files).unwrap_or_default())
}

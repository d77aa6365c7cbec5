//! What earlier versions said in tables and columns that are gone: today's rows, shown as those versions had them.

/// A table of an earlier version, and the rows of today that say the same.
const AS_THEY_WERE: [(&str, &str); 5] = [
    (
        "activities",
        "SELECT *, CASE WHEN queue_rank IS NOT NULL THEN queue_rank || '|' || queue_deadline || '|' \
     || strftime('%Y%m%d%H%M%S', reported_at) || '|' || printf('%012d', id) END AS queue_key FROM activities",
    ),
    (
        "reminders",
        "SELECT certificate_id, year, deadline, stage, outcome, approved, pending, required, day AS evaluated_on, \
         at AS evaluated_at, mail_id FROM notices_about_years WHERE kind = 'reminder-stage'",
    ),
    (
        "minimums_reached",
        "SELECT certificate_id, year, mail_id, at AS reached_at FROM notices_about_years WHERE kind = 'minimum-reached'",
    ),
    (
        "friendly_reminders",
        "SELECT certificate_id, year, day AS sent_on, holder_id, mail_id, sent_by, at AS sent_at \
         FROM notices_about_years WHERE kind = 'friendly-reminder'",
    ),
    ("year_notices", "SELECT certificate_id, year, mail_id FROM notices_about_years WHERE kind = 'mail'"),
];

/// What to select from, in a database of today, to get the rows of a table of any version.
pub fn as_it_was(table: &str) -> String {
    AS_THEY_WERE
        .iter()
        .find(|(earlier, _)| *earlier == table)
        .map_or_else(|| table.to_owned(), |(_, rows)| format!("({rows})"))
}

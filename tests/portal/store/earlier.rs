//! What earlier versions said in tables and columns that are gone: today's rows, shown as those versions had them.

/// A table of an earlier version, and the rows of today that say the same.
const AS_THEY_WERE: [(&str, &str); 1] = [(
    "activities",
    "SELECT *, CASE WHEN queue_rank IS NOT NULL THEN queue_rank || '|' || queue_deadline || '|' \
     || strftime('%Y%m%d%H%M%S', reported_at) || '|' || printf('%012d', id) END AS queue_key FROM activities",
)];

/// What to select from, in a database of today, to get the rows of a table of any version.
pub fn as_it_was(table: &str) -> String {
    AS_THEY_WERE
        .iter()
        .find(|(earlier, _)| *earlier == table)
        .map_or_else(|| table.to_owned(), |(_, rows)| format!("({rows})"))
}

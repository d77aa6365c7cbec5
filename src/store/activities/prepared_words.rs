//! The words that the review form offers for each reason of a return and of a rejection, where staff have changed them.

use chrono::NaiveDateTime;

use crate::domain::activities::review::{ReasonCode, Refused};
use crate::domain::ids::AccountId;
use crate::store::engine::prelude::*;
use crate::store::schema::{prepared_rejections, prepared_words};
use crate::store::{Conn, StoreError};

/// Words for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// For a return or for a rejection.
    pub refused: Refused,
    /// The reason.
    pub code: ReasonCode,
    /// The words; empty where nothing is offered.
    pub words: String,
}

/// The words for every reason, in the order of the form, those of a return before those of a rejection: staff's own, or the first
/// ones.
pub fn list(conn: &mut Conn<'_>) -> Result<Vec<Prepared>, StoreError> {
    let returned: Vec<(String, String)> =
        prepared_words::table.select((prepared_words::reason_code, prepared_words::words)).load(conn.0)?;
    let rejected: Vec<(String, String)> = prepared_rejections::table
        .select((prepared_rejections::reason_code, prepared_rejections::words))
        .load(conn.0)?;
    let words = |refused: Refused, code: ReasonCode| {
        let changed = match refused {
            Refused::Returned => &returned,
            Refused::Rejected => &rejected,
        };
        let own = changed.iter().find(|(reason, _)| reason == code.code());
        own.map_or_else(|| code.first_words(refused).to_owned(), |(_, words)| words.clone())
    };
    let both = ReasonCode::ALL.into_iter().flat_map(|code| Refused::ALL.map(|refused| (refused, code)));
    Ok(both.map(|(refused, code)| Prepared { refused, code, words: words(refused, code) }).collect())
}

/// Keeps words for a reason; none takes staff's own away, so that the first ones are offered again.
pub fn keep(
    conn: &mut Conn<'_>,
    (refused, code): (Refused, ReasonCode),
    words: Option<&str>,
    by: AccountId,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    macro_rules! keep_in {
        ($table:ident) => {{
            diesel::delete($table::table.find(code.code())).execute(conn.0)?;
            if let Some(words) = words {
                diesel::insert_into($table::table)
                    .values((
                        $table::reason_code.eq(code.code()),
                        $table::words.eq(words),
                        $table::changed_by.eq(by.0),
                        $table::changed_at.eq(now),
                    ))
                    .execute(conn.0)?;
            }
        }};
    }
    match refused {
        Refused::Returned => keep_in!(prepared_words),
        Refused::Rejected => keep_in!(prepared_rejections),
    }
    Ok(())
}

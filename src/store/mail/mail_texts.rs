//! Texts of mails that nobody needs any more: those with a secret link go at once, the others after a while. What the mail was, to whom it
//! went and when stays.

use chrono::NaiveDateTime;
use diesel::dsl::{exists, sql};
use diesel::expression::SqlLiteral;
use diesel::sql_types::Bool;

use super::mail_log::{RETURNED, STUCK};
use crate::domain::codes::codes_of;
use crate::domain::ids::MailId;
use crate::domain::notices::delivery::MailState;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::store::engine::prelude::*;
use crate::store::schema::{bounces, discarded_mails, mails};
use crate::store::{Conn, StoreError};

/// Mails that are looked at in one write: others wait for it.
const AT_ONCE: i64 = 500;

/// Mails that have ended and still have their text, said literally so that the partial index serves it.
fn ended_with_text() -> SqlLiteral<Bool> {
    sql("mails.state IN ('sent', 'failed') AND mails.body_text <> ''")
}

/// Blanks the texts of mails with secret links that were sent before `moment`, also those that staff marked as delivered.
pub fn blank_secrets_sent_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    let secret = mails::table
        .filter(ended_with_text())
        .filter(mails::kind.eq_any(codes_of(&NoticeKind::SECRET)))
        .filter(mails::state.eq(MailState::Sent.code()))
        .filter(mails::sent_at.lt(Some(moment)));
    Ok(diesel::update(secret).set((mails::body_text.eq(""), mails::body_html.eq(""))).execute(conn.0)?)
}

/// How far the blanking of old texts came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlankedTexts {
    /// How many were blanked.
    pub blanked: usize,
    /// The last mail that was looked at, to go on after it; none when there are no more.
    pub last: Option<(NaiveDateTime, MailId)>,
}

/// Blanks the texts of the next few mails after a place that were sent or ended before `moment`. One that still asks somebody for a
/// decision keeps its text, and so does one about which somebody decided since then: it may be sent again.
pub fn blank_ended_before(
    conn: &mut Conn<'_>,
    moment: NaiveDateTime,
    after: Option<(NaiveDateTime, MailId)>,
) -> Result<BlankedTexts, StoreError> {
    let rows: Vec<(NaiveDateTime, i64)> = boxed!(conn.0, Engine, load, {
        let mut ended = mails::table
            .filter(ended_with_text())
            .filter(mails::updated_at.lt(moment))
            .into_boxed::<Engine>();
        if let Some((at, id)) = after {
            // the first part alone is what the index can begin with
            let behind = mails::updated_at.gt(at).or(mails::id.gt(id.0));
            ended = ended.filter(mails::updated_at.ge(at)).filter(behind);
        }
        ended.order((mails::updated_at, mails::id)).limit(AT_ONCE).select((mails::updated_at, mails::id))
    })?;
    let decided = mails::table
        .filter(mails::id.eq_any(rows.iter().map(|(_, id)| *id).collect::<Vec<_>>()))
        .filter(diesel::dsl::not(sql::<Bool>(&format!("({STUCK})"))))
        .filter(diesel::dsl::not(sql::<Bool>(&format!("({RETURNED})"))))
        // what was decided lately may be decided otherwise: another try is a button of its page as long as there is a text
        .filter(diesel::dsl::not(exists(
            bounces::table.filter(bounces::mail_id.eq(mails::id)).filter(bounces::resolved_at.ge(moment)),
        )))
        .filter(diesel::dsl::not(exists(
            discarded_mails::table
                .filter(discarded_mails::mail_id.eq(mails::id))
                .filter(discarded_mails::discarded_at.ge(moment)),
        )));
    let blanked =
        diesel::update(decided).set((mails::body_text.eq(""), mails::body_html.eq(""))).execute(conn.0)?;
    Ok(BlankedTexts { blanked, last: rows.last().map(|(at, id)| (*at, MailId(*id))) })
}

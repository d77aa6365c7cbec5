//! Appeals: the decision that one is against, and how it ended.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::certification::decision::DecisionKind;
use crate::domain::certification::ending::EndingKind;
use crate::domain::conversations::conversation::AppealOutcome;
use crate::domain::ids::{AccountId, CertificateId, ConversationId, DecisionId};
use crate::store::accounts::acquaintances;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, appeal_outcomes, decisions, endings};
use crate::store::{Conn, StoreError};

/// The decision that an appeal is against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appealed {
    /// The decision.
    pub decision: DecisionId,
    /// The year that cost the certificate; none when it was withdrawn for another reason.
    pub year: Option<i64>,
    /// Who took it.
    pub decided_by: AccountId,
    /// When.
    pub decided_on: NaiveDate,
}

/// How an appeal ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppealResult {
    /// The outcome.
    pub outcome: AppealOutcome,
    /// Why; the holder reads it.
    pub reason: String,
    /// The name of whoever decided.
    pub decided_by_name: String,
    /// The day, in the body's time zone.
    pub decided_on: NaiveDate,
}

/// The decision with which a certificate was withdrawn last, if there is one: a decertification, or an ending that the holder did not
/// ask for.
pub fn withdrawal(conn: &mut Conn<'_>, certificate: CertificateId) -> Result<Option<Appealed>, StoreError> {
    let appealable = EndingKind::ALL.into_iter().filter(|kind| kind.appealable()).map(EndingKind::code);
    let row: Option<Row> = decisions::table
        .left_join(endings::table)
        .filter(decisions::certificate_id.eq(certificate.0))
        .filter(
            decisions::kind
                .eq(DecisionKind::Decertification.code())
                .nullable()
                .or(endings::kind.nullable().eq_any(appealable)),
        )
        .order(decisions::id.desc())
        .select((decisions::id, decisions::year, decisions::decided_by, decisions::decided_on))
        .first(conn.0)
        .optional()?;
    Ok(row.map(appealed))
}

/// A decision that is appealed against.
pub fn decision(conn: &mut Conn<'_>, id: DecisionId) -> Result<Option<Appealed>, StoreError> {
    let row: Option<Row> = decisions::table
        .find(id.0)
        .select((decisions::id, decisions::year, decisions::decided_by, decisions::decided_on))
        .first(conn.0)
        .optional()?;
    Ok(row.map(appealed))
}

type Row = (i64, Option<i64>, i64, NaiveDate);

fn appealed((decision, year, by, decided_on): Row) -> Appealed {
    Appealed { decision: DecisionId(decision), year, decided_by: AccountId(by), decided_on }
}

/// Whether anybody else could judge: an administrator who can sign in, is none of these two, and has not said that they know the holder; or
/// whom the decider put out of the way since a moment (UTC), which is when they decided.
pub fn other_administrators(
    conn: &mut Conn<'_>,
    decider: AccountId,
    holder: AccountId,
    since: NaiveDateTime,
) -> Result<bool, StoreError> {
    acquaintances::others_could(conn, decider, holder, since)
}

/// Records how an appeal ended, once.
///
/// # Errors
/// `StoreError::Constraint` when an outcome is recorded already.
pub fn record(
    conn: &mut Conn<'_>,
    conversation: ConversationId,
    outcome: AppealOutcome,
    reason: &str,
    by: AccountId,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(appeal_outcomes::table)
        .values((
            appeal_outcomes::conversation_id.eq(conversation.0),
            appeal_outcomes::outcome.eq(outcome.code()),
            appeal_outcomes::reason.eq(reason),
            appeal_outcomes::decided_by.eq(by.0),
            appeal_outcomes::decided_on.eq(today),
            appeal_outcomes::decided_at.eq(now),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// How an appeal ended, if it has.
pub fn outcome(
    conn: &mut Conn<'_>,
    conversation: ConversationId,
) -> Result<Option<AppealResult>, StoreError> {
    let row: Option<(String, String, String, NaiveDate)> = appeal_outcomes::table
        .inner_join(accounts::table.on(accounts::id.eq(appeal_outcomes::decided_by)))
        .filter(appeal_outcomes::conversation_id.eq(conversation.0))
        .select((
            appeal_outcomes::outcome,
            appeal_outcomes::reason,
            accounts::name,
            appeal_outcomes::decided_on,
        ))
        .first(conn.0)
        .optional()?;
    row.map(|(outcome, reason, decided_by_name, decided_on)| {
        let outcome = AppealOutcome::from_code(&outcome).ok_or(StoreError::Unreadable("appeal_outcomes"))?;
        Ok(AppealResult { outcome, reason, decided_by_name, decided_on })
    })
    .transpose()
}

//! How an appeal against a decertification ends (G12): once, dated, with a reason that the holder reads.

use chrono::{NaiveDate, NaiveDateTime};

use super::ActionError;
use super::advice::{answer_within, handled, note};
use super::deciding::Deciding;
use super::decisions::decide_within;
use super::wording::Checked;
use crate::domain::conversation::{AppealOutcome, ConversationKind, LONGEST_MESSAGE, Refusal, check_outcome};
use crate::domain::ids::ConversationId;
use crate::domain::roles::Actor;
use crate::portal::Portal;
use crate::store::conversations::{self, Standing};
use crate::store::{Conn, appeals, certificates};

/// Records how an appeal ended, and closes it. The outcome "reinstated" reinstates the certificate in the same moment, unless that was
/// decided already on its own page. The holder is told, and reads the reason as the last message.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form, `Conversation` and `Refused` with what to say, `NotFound`, and
/// `StoreError::Changed` when somebody was first.
pub fn decide_appeal(
    portal: &Portal,
    actor: Actor,
    id: ConversationId,
    version: Option<i64>,
    outcome: &str,
    reason: &str,
) -> Result<AppealOutcome, ActionError> {
    let (today, now) = (portal.clock.today(), portal.clock.now());
    portal
        .store
        .write(|conn| decide_appeal_within(conn, portal, actor, id, version, (outcome, reason), today, now))
}

#[expect(clippy::too_many_arguments, reason = "who decides what about which appeal when; nothing to bundle")]
fn decide_appeal_within(
    conn: &mut Conn<'_>,
    portal: &Portal,
    actor: Actor,
    id: ConversationId,
    version: Option<i64>,
    (outcome, reason): (&str, &str),
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<AppealOutcome, ActionError> {
    let before = handled(conn, actor, id, version)?;
    if before.kind != ConversationKind::Appeal {
        return Err(Refusal::NoAppeal.into());
    }
    if before.closed_at.is_some() {
        return Err(Refusal::OutcomeRecorded.into());
    }
    let decision = before.decision.ok_or(ActionError::NotFound)?;
    let appealed = appeals::decision(conn, decision)?.ok_or(ActionError::NotFound)?;
    let others = appeals::other_administrators(conn, appealed.decided_by, before.holder)?;
    check_outcome(actor, before.holder, appealed.decided_by, others)?;
    let mut checked = Checked::default();
    let outcome = AppealOutcome::from_code(outcome.trim());
    if outcome.is_none() {
        checked.0.push(("outcome", "Choose how the appeal ends.".to_owned()));
    }
    let reason = checked.text("reason", reason, LONGEST_MESSAGE, "Give the reason. The holder reads it.");
    let Some(outcome) = outcome.filter(|_| checked.0.is_empty()) else {
        return Err(ActionError::Invalid(checked.0));
    };
    let certificate = before.about.certificate.ok_or(ActionError::NotFound)?;
    let stands = certificates::find(conn, certificate)?.ok_or(ActionError::NotFound)?.stands();
    if outcome == AppealOutcome::Reinstated && !stands {
        decide_within(conn, portal, actor, certificate, Deciding::Reinstate, &reason, today, now)?;
    }
    appeals::record(conn, id, outcome, &reason, actor.id, today, now)?;
    answer_within(conn, portal, actor, &before, &format!("{}.\n\n{reason}", outcome.label()), now)?;
    let answered = conversations::find(conn, id)?.ok_or(ActionError::NotFound)?;
    let after = Standing { closed_at: Some(now), ..Standing::of(&answered) };
    conversations::change(conn, &answered, &after)?;
    note(conn, &answered, actor.id, "appeal decided", now)?;
    Ok(outcome)
}

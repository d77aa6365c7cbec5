//! How an appeal against a decertification ends (G12): once, dated, with a reason that the holder reads.

use chrono::{NaiveDate, NaiveDateTime};

use super::{answer_within, handled};
use crate::actions::ActionError;
use crate::actions::certification::decisions::command::Deciding;
use crate::actions::certification::decisions::decide_within;
use crate::actions::impartiality::check_impartial;
use crate::actions::text::FormTexts;
use crate::domain::conversations::conversation::{
    AppealOutcome, ConversationKind, ConversationRefusal, LONGEST_MESSAGE, check_outcome,
};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{CertificateId, ConversationId};
use crate::domain::roles::Administrator;
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::certification::certificates;
use crate::store::conversations::appeals;
use crate::store::conversations::{self, Standing};
use crate::store::records::history::{self, Event};

/// What the history adds when whoever decertified judged the appeal, too.
pub const DECIDED_ALONE: &str =
    "judged by the administrator who decertified, as there was no other one. The administrator knew.";

/// How an appeal ends, as the form gives it.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenOutcome<'a> {
    /// A code of `AppealOutcome`.
    pub outcome: &'a str,
    /// In words; the holder reads it.
    pub reason: &'a str,
    /// Whoever decertified says that they know that they judge their own decision, as nobody else can.
    pub alone: bool,
}

/// Records how an appeal ended, and closes it. The outcome "reinstated" reinstates the certificate in the same moment, unless that was
/// decided already on its own page. The holder is told, and reads the reason as the last message.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form, `Conversation` and `Refused` with what to say, `NotFound`, and
/// `StoreError::Changed` when somebody was first.
pub fn decide_appeal(
    portal: &Portal,
    actor: Administrator,
    id: ConversationId,
    version: Option<i64>,
    given: GivenOutcome<'_>,
) -> Result<AppealOutcome, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| decide_appeal_within(conn, portal, actor, id, version, given, today, now))
}

#[expect(clippy::too_many_arguments, reason = "who decides what about which appeal when; nothing to bundle")]
fn decide_appeal_within(
    conn: &mut Conn<'_>,
    portal: &Portal,
    actor: Administrator,
    id: ConversationId,
    version: Option<i64>,
    given: GivenOutcome<'_>,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<AppealOutcome, ActionError> {
    let before = handled(conn, actor.into(), id, version)?;
    check_impartial(conn, actor.id, before.holder)?;
    if before.kind != ConversationKind::Appeal {
        return Err(ConversationRefusal::NoAppeal.into());
    }
    if before.closed_at.is_some() {
        return Err(ConversationRefusal::OutcomeRecorded.into());
    }
    let decision = before.decision.ok_or(ActionError::NotFound)?;
    let appealed = appeals::decision(conn, decision)?.ok_or(ActionError::NotFound)?;
    let since = portal.clock.start_of(appealed.decided_on);
    let others = appeals::other_administrators(conn, appealed.decided_by, before.holder, since)?;
    let mut checked = FormTexts::default();
    let alone = match check_outcome(*actor, before.holder, appealed.decided_by, others, given.alone) {
        Err(refusal @ ConversationRefusal::Alone) => {
            checked.0.push(("alone", refusal.to_string()));
            true
        }
        judged => judged?,
    };
    let outcome = AppealOutcome::from_code(given.outcome.trim());
    if outcome.is_none() {
        checked.0.push(("outcome", "Choose how the appeal ends.".to_owned()));
    }
    let reason =
        checked.text("reason", given.reason, LONGEST_MESSAGE, "Give the reason. The holder reads it.");
    let Some(outcome) = outcome.filter(|_| checked.0.is_empty()) else {
        return Err(ActionError::Invalid(checked.0));
    };
    let certificate = before.about.certificate.ok_or(ActionError::NotFound)?;
    let stands = certificates::find(conn, certificate)?.ok_or(ActionError::NotFound)?.stands();
    if outcome == AppealOutcome::Upheld && stands {
        let problem = "The certificate is in force again, so the decision does not stand. Record that it was reinstated.";
        return Err(ActionError::invalid("outcome", problem));
    }
    if outcome == AppealOutcome::Reinstated && !stands {
        decide_within(conn, portal, actor, certificate, Deciding::Reinstate, &reason, today, now)?;
    }
    appeals::record(conn, id, outcome, &reason, actor.id, today, now)?;
    let message = format!("{}.\n\n{reason}", outcome.label());
    answer_within(conn, portal, actor.into(), &before, (&message, false), now)?;
    let answered = conversations::find(conn, id)?.ok_or(ActionError::NotFound)?;
    let after = Standing { closed_at: Some(now), ..Standing::of(&answered) };
    conversations::change(conn, &answered, &after)?;
    let event = Event {
        actor: Some(actor.id),
        event: HistoryEvent::AppealDecided,
        holder: Some(answered.holder),
        certificate: answered.about.certificate,
        year: answered.about.year,
        activity: answered.about.activity,
        detail: if alone {
            format!("{}: {DECIDED_ALONE}", answered.subject)
        } else {
            answered.subject.clone()
        },
    };
    history::record(conn, &event, now)?;
    Ok(outcome)
}

/// Whoever decertified cannot answer an open appeal by a reinstatement on the certificate's own page: somebody else judges it, or, where
/// nobody else could, they do so where the appeal stands and the history says so.
///
/// # Errors
/// `ActionError::Conversation`.
pub(in crate::actions) fn check_reinstated_by_another(
    conn: &mut Conn<'_>,
    portal: &Portal,
    actor: Administrator,
    certificate: CertificateId,
) -> Result<(), ActionError> {
    let Some(appeal) = conversations::open_appeal(conn, certificate)? else { return Ok(()) };
    let Some(decision) = appeal.decision else { return Ok(()) };
    let appealed = appeals::decision(conn, decision)?.ok_or(ActionError::NotFound)?;
    let since = portal.clock.start_of(appealed.decided_on);
    let others = appeals::other_administrators(conn, appealed.decided_by, appeal.holder, since)?;
    match check_outcome(*actor, appeal.holder, appealed.decided_by, others, false) {
        Err(ConversationRefusal::Alone) => Err(ConversationRefusal::UnderAppeal.into()),
        other => Ok(other.map(|_| ())?),
    }
}

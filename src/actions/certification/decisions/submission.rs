//! A decision as the page of a certificate sends it: on the version that the administrator saw, with refusals beside their fields.

use super::command::{Deciding, SeenVersion};
use super::decide_within;
use crate::actions::ActionError;
use crate::actions::accounts::account_closing::Closing;
use crate::actions::accounts::close;
use crate::actions::conversations::appeal::check_reinstated_by_another;
use crate::actions::conversations::flag_answer;
use crate::domain::certification::decision::DecisionRefusal;
use crate::domain::certification::ending::EndingKind;
use crate::domain::ids::CertificateId;
use crate::domain::roles::Administrator;
use crate::portal::Portal;
use crate::store::accounts::Account;
use crate::store::certification::certificates;
use crate::store::{Conn, StoreError, accounts};

/// Decides about a certificate, under the condition that it is as the administrator has `seen` it.
///
/// # Errors
/// `ActionError::Refused` with what to say, `NotFound`, and `StoreError::Changed` when somebody was first.
pub fn decide(
    portal: &Portal,
    actor: Administrator,
    certificate: CertificateId,
    seen: SeenVersion<'_>,
    deciding: Deciding,
    reason: &str,
) -> Result<(), ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let present = certificates::version(conn, certificate)?.ok_or(ActionError::NotFound)?;
        if seen.version.is_some_and(|seen| seen != present) {
            return Err(StoreError::Changed.into());
        }
        if let Some((year, read)) = deciding.year().zip(seen.answers) {
            flag_answer::check_read(conn, certificate, year, read).map_err(beside_its_field)?;
        }
        if deciding == Deciding::Reinstate {
            check_reinstated_by_another(conn, portal, actor, certificate)?;
        }
        if matches!(deciding, Deciding::End { kind: EndingKind::Death, .. })
            && let Some(account) = open_account_of(conn, certificate)?
        {
            // nobody is left to hold another certificate, to be reminded of it or to sign in
            let closing = Closing { certificates: EndingKind::Death.code(), reason, ..Closing::default() };
            return close(conn, portal, &account, account.version, actor, &closing);
        }
        decide_within(conn, portal, actor, certificate, deciding, reason, today, now)
            .map_err(beside_its_field)
    })
}

/// The account of a standing certificate's holder, when it is open.
fn open_account_of(conn: &mut Conn<'_>, id: CertificateId) -> Result<Option<Account>, ActionError> {
    let found = certificates::find(conn, id)?.ok_or(ActionError::NotFound)?;
    let account = accounts::find(conn, found.holder)?.ok_or(ActionError::NotFound)?;
    Ok(Some(account).filter(|account| found.stands() && !account.deactivated))
}

/// Says a refusal that the form can mend beside the field that mends it.
fn beside_its_field(error: ActionError) -> ActionError {
    let field = match &error {
        ActionError::Refused(DecisionRefusal::ReasonMissing) => "reason",
        ActionError::Refused(
            DecisionRefusal::NotAfterToday
            | DecisionRefusal::NotAfterDeadline(_)
            | DecisionRefusal::TooFar(_)
            | DecisionRefusal::SettledAfter(_),
        ) => "until",
        ActionError::Refused(DecisionRefusal::NoSuchYear | DecisionRefusal::AnswerUnread) => "year",
        ActionError::Refused(DecisionRefusal::NotSurelyTold(_)) => "acknowledged",
        ActionError::Refused(DecisionRefusal::ConfirmFlag) => "ending",
        ActionError::Refused(DecisionRefusal::NotHigher) => "replaced_by",
        _ => return error,
    };
    match error {
        ActionError::Refused(refusal) => ActionError::invalid(field, refusal.to_string()),
        other => other,
    }
}

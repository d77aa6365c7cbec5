//! What becomes of the certificates and the work of somebody whose account closes: a holder who died, a colleague who left.

use chrono::NaiveDateTime;

use crate::actions::ActionError;
use crate::actions::certification::decisions::command::Deciding;
use crate::actions::certification::decisions::decide_within;
use crate::actions::conversations::{may_look_after, note};
use crate::actions::reviews::assignments;
use crate::domain::certification::certificate::Certificate;
use crate::domain::certification::decision::DecisionRefusal;
use crate::domain::certification::ending::EndingKind;
use crate::domain::conversations::conversation;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::AccountId;
use crate::domain::plural::counted;
use crate::domain::roles::Administrator;
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::accounts::{self, Account};
use crate::store::activities;
use crate::store::activities::review_claims;
use crate::store::certification::certificates;
use crate::store::conversations::{self, Standing};
use crate::store::mail::outbox_delivery;

/// Ways in which the certificates of a closed account can end with it. What the body takes away is decided on the page of the certificate,
/// while its holder can still be told.
pub const ENDINGS: [EndingKind; 2] = [EndingKind::Death, EndingKind::Wish];

/// What becomes of what an account has, as it was typed; nothing typed is the careful choice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Closing<'a> {
    /// How its certificates end; empty or `stay` when they stand as before.
    pub certificates: &'a str,
    /// Why; asked for when they end.
    pub reason: &'a str,
    /// The colleague who takes over its conversations; empty when nobody looks after them for now.
    pub conversations: &'a str,
}

/// What an account has that its closing is asked about.
#[derive(Clone, Debug, Default)]
pub struct InHand {
    /// Certificates that stand.
    pub certificates: Vec<Certificate>,
    /// Open conversations that it looks after.
    pub conversations: usize,
    /// Reports that it has claimed.
    pub claims: i64,
    /// Reports that were given to it.
    pub assignments: i64,
    /// Who could take the conversations over.
    pub colleagues: Vec<Account>,
}

/// What an account has in hand.
///
/// # Errors
/// `ActionError::Store`.
pub fn in_hand(portal: &Portal, id: AccountId) -> Result<InHand, ActionError> {
    portal.store.read(|conn| {
        let conversations = conversations::looked_after_by(conn, id)?.len();
        Ok(InHand {
            certificates: standing(conn, id)?,
            conversations,
            claims: review_claims::count(conn, id)?,
            assignments: activities::assignments::count(conn, id)?,
            colleagues: if conversations > 0 { colleagues(conn, id)? } else { Vec::new() },
        })
    })
}

fn standing(conn: &mut Conn<'_>, id: AccountId) -> Result<Vec<Certificate>, ActionError> {
    let mut certificates = certificates::of_holders(conn, &[id])?;
    certificates.retain(Certificate::stands);
    Ok(certificates)
}

fn colleagues(conn: &mut Conn<'_>, except: AccountId) -> Result<Vec<Account>, ActionError> {
    let mut staff = accounts::staff(conn)?;
    staff.retain(|account| account.id != except);
    Ok(staff)
}

/// Does what was said about an account that has just closed. Gives it in words, for the history.
///
/// # Errors
/// `ActionError::Invalid` for `certificates`, `reason` and `conversations`; as a decision about a certificate.
pub(in crate::actions) fn settle(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: &Account,
    actor: Administrator,
    closing: &Closing<'_>,
) -> Result<String, ActionError> {
    let now = portal.clock.now();
    let mut done = Vec::new();
    let ended = ending(closing.certificates).and_then(|kind| match kind {
        Some(kind) => {
            end_all(conn, portal, account.id, actor, kind, closing.reason).map(|ended| Some((kind, ended)))
        }
        None => Ok(None),
    });
    // who looks after none is not asked for somebody who takes them over
    let heir = match conversations::looked_after_by(conn, account.id)?.is_empty() {
        true => Ok(None),
        false => heir(conn, account.id, closing.conversations),
    };
    let (ended, heir) = ActionError::both(ended, heir)?;
    if let Some((kind, ended)) = ended {
        done.push(format!("{}: {}", counted(ended, "certificate", "certificates"), kind.label()));
    } else {
        let stay = i64::try_from(standing(conn, account.id)?.len()).unwrap_or(i64::MAX);
        if stay > 0 {
            done.push(counted(stay, "certificate stands as before", "certificates stand as before"));
        }
    }
    done.extend(hand_back(conn, account, heir.as_ref(), actor, now)?);
    outbox_delivery::discard_for_closed(conn, account.id, now)?;
    Ok(done.join("; "))
}

/// Gives everything back that a colleague has in hand: the conversations to whoever takes them over, or to nobody, the reports to everybody.
/// Must run inside the write that closes the account or takes its role away. Gives it in words, for the history.
pub(in crate::actions) fn hand_back(
    conn: &mut Conn<'_>,
    colleague: &Account,
    heir: Option<&Account>,
    by: Administrator,
    now: NaiveDateTime,
) -> Result<Vec<String>, ActionError> {
    let mut done = Vec::new();
    let looked_after = conversations::looked_after_by(conn, colleague.id)?;
    for talk in &looked_after {
        let owner = match heir {
            // neither what they asked themselves, nor what is decided about somebody they know
            Some(heir) => may_look_after(conn, talk, heir.id)?.map(|_| heir.id),
            None => None,
        };
        conversations::change(conn, talk, &Standing { owner, ..Standing::of(talk) })?;
        note(conn, talk, by.id, HistoryEvent::ConversationHandedOver, now)?;
    }
    if !looked_after.is_empty() {
        let to = heir.map_or("nobody", |heir| &heir.name);
        let many = i64::try_from(looked_after.len()).unwrap_or(i64::MAX);
        done.push(format!("{} to {to}", counted(many, "conversation", "conversations")));
    }
    let given = assignments::hand_all_back(conn, colleague, None, by.id, now)?;
    if given > 0 {
        done.push(counted(given, "given report handed back", "given reports handed back"));
    }
    let released = i64::try_from(review_claims::release_all(conn, colleague.id)?).unwrap_or(i64::MAX);
    if released > 0 {
        done.push(counted(released, "claimed report released", "claimed reports released"));
    }
    Ok(done)
}

fn ending(typed: &str) -> Result<Option<EndingKind>, ActionError> {
    match typed.trim() {
        "" | "stay" => Ok(None),
        code => EndingKind::from_code(code)
            .filter(|kind| ENDINGS.contains(kind))
            .map(Some)
            .ok_or_else(|| ActionError::invalid("certificates", "Choose what becomes of the certificates.")),
    }
}

fn end_all(
    conn: &mut Conn<'_>,
    portal: &Portal,
    holder: AccountId,
    actor: Administrator,
    kind: EndingKind,
    reason: &str,
) -> Result<i64, ActionError> {
    let beside = |error| match error {
        ActionError::Refused(DecisionRefusal::ReasonMissing) => {
            ActionError::invalid("reason", "Give the reason. It stays in the records.")
        }
        ActionError::Refused(DecisionRefusal::OwnCertificate) => ActionError::invalid(
            "certificates",
            "Nobody ends their own certificates. A colleague has to close this account in that way.",
        ),
        ActionError::Acquainted(refusal) => ActionError::invalid("certificates", refusal.to_string()),
        other => other,
    };
    let mut ended = 0;
    for certificate in standing(conn, holder)? {
        let deciding = Deciding::End { kind, replaced_by: None };
        let (today, now) = portal.clock.today_and_now();
        decide_within(conn, portal, actor, certificate.id, deciding, reason, today, now).map_err(beside)?;
        ended += 1;
    }
    Ok(ended)
}

/// Who takes the conversations over.
fn heir(conn: &mut Conn<'_>, from: AccountId, typed: &str) -> Result<Option<Account>, ActionError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let found = match typed.parse().map(AccountId) {
        Ok(id) => accounts::find(conn, id)?,
        Err(_) => None,
    };
    let fit = |account: &Account| account.role.reviews() && !account.deactivated && account.id != from;
    let refused =
        || ActionError::invalid("conversations", conversation::ConversationRefusal::NoOwner.to_string());
    found.filter(fit).map(Some).ok_or_else(refused)
}

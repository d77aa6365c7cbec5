//! Conversations between holders and the body (G13): beginning, writing, looking after.
//!
//! The message, the turn, the history and the mail to the other side commit together. Mails say only that something was written.

pub mod appeal;
pub mod canned_answers;
pub mod close;
pub mod flag_answer;
pub mod inquiry;

use chrono::{NaiveDate, NaiveDateTime};

use super::ActionError;
use super::activities::evidence::{self, Proofs};
use super::deadlines::year_lines::letter;
use super::mail::outbox::post;
use super::text::FormTexts;
use crate::domain::conversations::conversation::{
    About, ConversationKind, ConversationRefusal, LONGEST_MESSAGE, LONGEST_SUBJECT, Turn, check_handling,
};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, ConversationId, HolderId};
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::roles::{Actor, Holder, Reviewer, may_be_given};
use crate::mail::{Notice, NoticeContext, Reply};
use crate::portal::Portal;
use crate::store::accounts::{self, acquaintances};
use crate::store::certification::{certificates, policies};
use crate::store::conversations::{self, Conversation, NewConversation, Standing};
use crate::store::conversations::{appeals, messages};
use crate::store::records::history::{self, Event};
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError, activities};

/// What begins a conversation, as it was typed.
#[derive(Clone, Copy, Debug)]
pub struct ConversationOpening<'a> {
    /// What it is.
    pub kind: ConversationKind,
    /// What it is about.
    pub about: About,
    /// What it is about, in words.
    pub subject: &'a str,
    /// The first message.
    pub words: &'a str,
}

impl ConversationOpening<'_> {
    fn read(&self) -> Result<(String, String), ActionError> {
        let mut checked = FormTexts::default();
        let subject =
            checked.line("subject", self.subject, LONGEST_SUBJECT, "Say in a few words what it is about.");
        let words = checked.text("words", self.words, LONGEST_MESSAGE, "Write your message.");
        if checked.0.is_empty() { Ok((subject, words)) } else { Err(ActionError::Invalid(checked.0)) }
    }
}

/// A holder writes to the body about something of their own.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form, `NotFound` when it is about somebody else's, `Conversation` for an appeal
/// that cannot be made.
pub fn ask(
    portal: &Portal,
    holder: Holder,
    opening: &ConversationOpening<'_>,
) -> Result<ConversationId, ActionError> {
    ask_with(portal, holder, opening, &Proofs::default())
}

/// The same with files.
///
/// # Errors
/// As [`ask`], and `ActionError::Invalid` for files that cannot be taken.
pub fn ask_with(
    portal: &Portal,
    holder: Holder,
    opening: &ConversationOpening<'_>,
    proofs: &Proofs<'_>,
) -> Result<ConversationId, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    let (subject, words) = with_files(opening.read(), proofs)?;
    portal.store.write(|conn| {
        let beginning = Beginning { subject, words, by: *holder, from_body: false, needs_answer: true };
        let (id, message) = begin(conn, holder.id, opening, &beginning, today, now)?;
        evidence::send_with(conn, holder.id, message, proofs, now)?;
        Ok(id)
    })
}

/// What was read, or everything that is wrong: with the words, and with the files.
fn with_files<T>(read: Result<T, ActionError>, proofs: &Proofs<'_>) -> Result<T, ActionError> {
    let refused = proofs.refused.iter().map(|message| ("evidence", message.clone()));
    match read {
        Err(ActionError::Invalid(mut problems)) => {
            problems.extend(refused);
            Err(ActionError::Invalid(problems))
        }
        Ok(_) if !proofs.refused.is_empty() => Err(ActionError::Invalid(refused.collect())),
        read => read,
    }
}

/// Staff write to a holder, who gets a mail that says so. Whoever begins looks after it. `needs_answer`: whether it asks for an answer.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form, `NotFound`, `Conversation` for somebody's own.
pub fn write_to(
    portal: &Portal,
    actor: Reviewer,
    holder: HolderId,
    opening: &ConversationOpening<'_>,
    needs_answer: bool,
) -> Result<ConversationId, ActionError> {
    check_handling(*actor, holder)?;
    let (today, now) = portal.clock.today_and_now();
    let (subject, words) = opening.read()?;
    portal.store.write(|conn| {
        accounts::find(conn, holder)?.ok_or(ActionError::NotFound)?;
        let beginning = Beginning { subject, words, by: *actor, from_body: true, needs_answer };
        let (id, _) = begin(conn, holder, opening, &beginning, today, now)?;
        tell(conn, portal, holder, Reply { conversation: id, to_staff: false }, now)?;
        Ok(id)
    })
}

/// A beginning that was read.
pub(in crate::actions) struct Beginning {
    pub subject: String,
    pub words: String,
    pub by: Actor,
    pub from_body: bool,
    /// Whether the other side has to answer.
    pub needs_answer: bool,
}

/// The part of a write that begins a conversation: without a mail. Gives it and its first message.
pub(in crate::actions) fn begin(
    conn: &mut Conn<'_>,
    holder: HolderId,
    opening: &ConversationOpening<'_>,
    beginning: &Beginning,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<(ConversationId, i64), ActionError> {
    let about = opening.about;
    check_matter(conn, holder, opening, today)?;
    let mut decision = None;
    if opening.kind == ConversationKind::Appeal {
        let id = about.certificate.ok_or(ActionError::NotFound)?;
        let certificate = certificates::find(conn, id)?.ok_or(ActionError::NotFound)?;
        match certificate.ending() {
            None => return Err(ConversationRefusal::Stands.into()),
            Some(ending) if !ending.kind.appealable() => return Err(ConversationRefusal::NotWithdrawn.into()),
            Some(_) => decision = appeals::withdrawal(conn, id)?.map(|appealed| appealed.decision),
        }
    }
    let new = NewConversation {
        holder,
        kind: opening.kind,
        subject: &beginning.subject,
        about,
        decision,
        owner: beginning.from_body.then_some(beginning.by.id),
        turn: if beginning.from_body { asked(beginning.needs_answer) } else { Turn::Body },
        begun_by: beginning.by.id,
    };
    let id = match conversations::add(conn, &new, now) {
        Err(StoreError::Constraint(_)) => return Err(ConversationRefusal::AppealOpen.into()),
        other => other?,
    };
    let message = messages::add(conn, id, beginning.by.id, beginning.from_body, &beginning.words, now)?;
    let event = match opening.kind {
        ConversationKind::Appeal => HistoryEvent::AppealMade,
        ConversationKind::WouldCount => HistoryEvent::InquiryMade,
        ConversationKind::Question | ConversationKind::FlagAnswer => HistoryEvent::ConversationBegun,
    };
    let event = Event {
        actor: Some(beginning.by.id),
        event,
        holder: Some(holder),
        certificate: about.certificate,
        year: about.year,
        activity: about.activity,
        detail: beginning.subject.clone(),
    };
    history::record(conn, &event, now)?;
    Ok((id, message))
}

/// What a conversation is about has to be the holder's own.
fn check_matter(
    conn: &mut Conn<'_>,
    holder: HolderId,
    opening: &ConversationOpening<'_>,
    today: NaiveDate,
) -> Result<(), ActionError> {
    let about = opening.about;
    if let Some(activity) = about.activity {
        activities::find_of_holder(conn, holder, activity)?.ok_or(ActionError::NotFound)?;
    }
    if let Some(id) = about.certificate {
        let file = holder_records::of_holder(conn, holder, today)?;
        let own = file.certificates.iter().find(|own| own.certificate.id == id);
        let own = own.ok_or(ActionError::NotFound)?;
        if about.year.is_some_and(|number| own.index_of(number).is_none()) {
            return Err(ActionError::NotFound);
        }
    }
    Ok(())
}

/// The holder writes in a conversation of their own. One that was closed is open again, unless it is an appeal with an outcome.
///
/// # Errors
/// `ActionError::NotFound` for somebody else's, `Invalid` with what is wrong in the form, `Conversation` when it is over.
pub fn reply_as_holder(
    portal: &Portal,
    holder: Holder,
    id: ConversationId,
    typed: &str,
    proofs: &Proofs<'_>,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let before = conversations::find_of_holder(conn, holder.id, id)?.ok_or(ActionError::NotFound)?;
        let words = with_files(read_words(typed), proofs)?;
        if before.kind == ConversationKind::Appeal && before.closed_at.is_some() {
            return Err(ConversationRefusal::OutcomeRecorded.into());
        }
        let message = messages::add(conn, id, holder.id, false, &words, now)?;
        evidence::send_with(conn, holder.id, message, proofs, now)?;
        // what has waited for an answer goes on waiting since it began to
        let since =
            if before.turn == Turn::Body && before.closed_at.is_none() { before.turn_since } else { now };
        let after =
            Standing { turn: Turn::Body, turn_since: since, closed_at: None, ..Standing::of(&before) };
        conversations::change(conn, &before, &after)?;
        note(conn, &before, holder.id, HistoryEvent::MessageWritten, now)?;
        match before.owner {
            Some(owner) => tell(conn, portal, owner, Reply { conversation: id, to_staff: true }, now),
            None => Ok(()),
        }
    })
}

/// Staff answer. Whoever answers first looks after it from then on. `needs_answer`: whether the holder is asked for something again.
///
/// # Errors
/// `ActionError::NotFound`, `Invalid` with what is wrong in the form, `Conversation` for one's own or a closed one, and
/// `StoreError::Changed` when somebody wrote or changed something since `version`.
pub fn reply_as_staff(
    portal: &Portal,
    actor: Reviewer,
    id: ConversationId,
    version: Option<i64>,
    typed: &str,
    needs_answer: bool,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let before = handled(conn, actor, id, version)?;
        let words = read_words(typed)?;
        if before.closed_at.is_some() {
            return Err(ConversationRefusal::Closed.into());
        }
        answer_within(conn, portal, actor, &before, (&words, needs_answer), now)?;
        note(conn, &before, actor.id, HistoryEvent::MessageWritten, now)
    })
}

/// Whose turn it is after staff have written.
const fn asked(needs_answer: bool) -> Turn {
    if needs_answer { Turn::Holder } else { Turn::Nobody }
}

/// The part of a write in which staff answer: the message with whether it asks for an answer, the turn and the mail.
pub(in crate::actions) fn answer_within(
    conn: &mut Conn<'_>,
    portal: &Portal,
    actor: Reviewer,
    before: &Conversation,
    (words, needs_answer): (&str, bool),
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    messages::add(conn, before.id, actor.id, true, words, now)?;
    let may = may_look_after(conn, before, actor.id)?.is_some();
    let owner = before.owner.or_else(|| may.then_some(actor.id));
    // what somebody writes who may not decide it answers nothing: it still waits for those who may
    let (turn, turn_since) = if may { (asked(needs_answer), now) } else { (before.turn, before.turn_since) };
    let after = Standing { owner, turn, turn_since, ..Standing::of(before) };
    conversations::change(conn, before, &after)?;
    tell(conn, portal, before.holder, Reply { conversation: before.id, to_staff: false }, now)
}

/// Gives a conversation to a colleague, to oneself, or to nobody. A colleague who gets it is told by mail.
///
/// # Errors
/// `ActionError::NotFound`, `Conversation` with what to say, and `StoreError::Changed` when somebody was first.
pub fn hand_over(
    portal: &Portal,
    actor: Reviewer,
    id: ConversationId,
    version: Option<i64>,
    owner: Option<AccountId>,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let before = handled(conn, actor, id, version)?;
        if before.closed_at.is_some() {
            return Err(ConversationRefusal::Closed.into());
        }
        let mut to = "nobody".to_owned();
        if let Some(owner) = owner {
            let refused = || ActionError::invalid("owner", ConversationRefusal::NoOwner.to_string());
            to = may_look_after(conn, &before, owner)?.ok_or_else(refused)?;
        }
        if owner == before.owner {
            return Ok(());
        }
        conversations::change(conn, &before, &Standing { owner, ..Standing::of(&before) })?;
        let event = Event {
            actor: Some(actor.id),
            event: HistoryEvent::ConversationHandedOver,
            holder: Some(before.holder),
            certificate: before.about.certificate,
            year: before.about.year,
            activity: before.about.activity,
            detail: format!("{}: to {to}", before.subject),
        };
        history::record(conn, &event, now)?;
        match owner.filter(|owner| *owner != actor.id) {
            Some(owner) => tell(conn, portal, owner, Reply { conversation: id, to_staff: true }, now),
            None => Ok(()),
        }
    })
}

/// The name of somebody who may look after a conversation. What is decided in it about its holder is nothing for whoever knows them.
pub(in crate::actions) fn may_look_after(
    conn: &mut Conn<'_>,
    conversation: &Conversation,
    who: AccountId,
) -> Result<Option<String>, ActionError> {
    let holder = conversation.holder;
    let known_by =
        if conversation.kind.decides() { acquaintances::known_by(conn, holder)? } else { Vec::new() };
    let found = accounts::find(conn, who)?;
    let fit = found.filter(|one| may_be_given(one.actor(), one.deactivated, holder, &known_by));
    Ok(fit.map(|one| one.name))
}

/// Those who may look after a conversation, by name.
///
/// # Errors
/// `StoreError`.
pub fn colleagues(
    conn: &mut Conn<'_>,
    conversation: &Conversation,
) -> Result<Vec<(AccountId, String)>, StoreError> {
    let holder = conversation.holder;
    let known_by =
        if conversation.kind.decides() { acquaintances::known_by(conn, holder)? } else { Vec::new() };
    let mut staff = accounts::staff(conn)?;
    staff.retain(|one| may_be_given(one.actor(), one.deactivated, holder, &known_by));
    Ok(staff.into_iter().map(|one| (one.id, one.name)).collect())
}

/// A conversation that this person may handle, as it was when they looked at it.
pub(in crate::actions) fn handled(
    conn: &mut Conn<'_>,
    actor: Reviewer,
    id: ConversationId,
    version: Option<i64>,
) -> Result<Conversation, ActionError> {
    let found = conversations::find(conn, id)?.ok_or(ActionError::NotFound)?;
    check_handling(*actor, found.holder)?;
    if version != Some(found.version) {
        return Err(StoreError::Changed.into());
    }
    Ok(found)
}

fn read_words(typed: &str) -> Result<String, ActionError> {
    let mut checked = FormTexts::default();
    let words = checked.text("words", typed, LONGEST_MESSAGE, "Write your message.");
    if checked.0.is_empty() { Ok(words) } else { Err(ActionError::Invalid(checked.0)) }
}

pub(in crate::actions) fn note(
    conn: &mut Conn<'_>,
    about: &Conversation,
    by: AccountId,
    event: HistoryEvent,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let event = Event {
        actor: Some(by),
        event,
        holder: Some(about.holder),
        certificate: about.about.certificate,
        year: about.about.year,
        activity: about.about.activity,
        detail: about.subject.clone(),
    };
    Ok(history::record(conn, &event, now)?)
}

/// Tells somebody by mail that something was written. Closed accounts get no mail.
fn tell(
    conn: &mut Conn<'_>,
    portal: &Portal,
    to: AccountId,
    reply: Reply,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let account = accounts::find(conn, to)?.ok_or(ActionError::NotFound)?;
    if account.deactivated {
        return Ok(());
    }
    let notice = Notice::from(reply);
    let rendered = if reply.to_staff {
        notice.render(&NoticeContext::new(&account.name, &portal.config))?
    } else {
        let today = portal.clock.today();
        let (file, policies) = (holder_records::of_holder(conn, to, today)?, policies::all(conn)?);
        notice.render(&letter(portal, &account.name, &HolderLedger::new(&file, &policies, today)))?
    };
    post(conn, portal, &account, &rendered, now).map(|_| ())
}

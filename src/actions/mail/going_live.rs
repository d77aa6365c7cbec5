//! Going live: mails to holders are held until an administrator says that they leave, from the first day of a portal on and whenever
//! somebody holds them. Nobody is written to who was never invited.
//!
//! What was held for a while may not be true any more. When mails leave, a holder gets one reminder with the figures of that day, and only
//! while credits are missing before a deadline ahead; a flag that was lifted is not told, and one that stands counts from the day on which
//! its holder can be told, so that everybody has the whole notice period; a letter of another day is not sent, nor congratulations on a certificate that has ended. What has happened (a
//! verdict, a decision, an answer) leaves as it was written, unless the administrator says otherwise.

use crate::actions::ActionError;
use crate::actions::deadlines::year_lines::{letter, year_line};
use crate::domain::certification::notice_period::NoticePeriod;
use crate::domain::certification::policy::Policies;
use crate::domain::codes::Stored;
use crate::domain::dates::long_date;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, MailId};
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::notices::notice_kind::{NoticeKind, Perishable};
use crate::domain::roles::Administrator;
use crate::mail::{Flagged, FlaggedYear, Notice, Reminder, YearLine};
use crate::portal::Portal;
use crate::store::accounts::{self, Account};
use crate::store::certification::{policies, years};
use crate::store::mail::holder_holds::{self, HeldKind, HeldMail, HolderHold};
use crate::store::mail::mail_holds;
use crate::store::records::history::{self, Event};
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError};

/// People whose mails are looked at in one write.
const AT_ONCE: i64 = 50;

/// Whether the portal is live, and what waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderMails {
    /// The hold; none when mails to holders leave.
    pub hold: Option<HolderHold>,
    /// What waits for it to end, by kind.
    pub waiting: Vec<HeldKind>,
    /// Waiting mails until their recipient is invited.
    pub uninvited: i64,
    /// The last mail that this counts: what is written later is not discarded unseen.
    pub seen: MailId,
}

impl HolderMails {
    /// Waiting mails for the portal to be live, of all kinds.
    #[must_use]
    pub fn held(&self) -> i64 {
        if self.hold.is_some() { self.waiting.iter().map(|kind| kind.mails).sum() } else { 0 }
    }
}

/// What came of going live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WentLive {
    /// Mails that go out from now on.
    pub leaving: i64,
    /// Mails that are not sent: an administrator said so, or they are not true any more.
    pub discarded: usize,
}

/// Whether mails to holders leave, and what waits.
///
/// # Errors
/// `ActionError::Store`.
pub fn holder_mails(portal: &Portal) -> Result<HolderMails, ActionError> {
    Ok(portal.store.read(|conn| {
        let hold = holder_holds::in_force(conn)?;
        let waiting = if hold.is_some() { holder_holds::waiting(conn)? } else { Vec::new() };
        let uninvited = holder_holds::uninvited_up_to(conn, holder_holds::MOST_COUNTED)?;
        Ok::<_, StoreError>(HolderMails { hold, waiting, uninvited, seen: mail_holds::last_written(conn)? })
    })?)
}

/// Holds mails to holders from now on. `by` is none for a command.
///
/// # Errors
/// `StoreError::Changed` when they are held already.
pub fn hold(portal: &Portal, by: Option<Administrator>) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        if holder_holds::is_held(conn)? {
            return Err(StoreError::Changed.into());
        }
        let by = by.map(|by| by.id);
        holder_holds::begin(conn, by, now)?;
        let event = Event { actor: by, ..Event::of(HistoryEvent::HolderMailHeld) };
        Ok(history::record(conn, &event, now)?)
    })
}

/// Lets mails to holders leave. The named kinds, as far as they were `seen`, are not sent; nor is what is not true any more. `by` is none
/// for a command.
///
/// # Errors
/// `StoreError::Changed` when they leave already; `Invalid` when nobody says what was seen.
/// Killed or failing in between, mails are held as before, and going live again does the rest.
pub fn go_live(
    portal: &Portal,
    by: Option<Administrator>,
    discards: &[Stored<NoticeKind>],
    seen: Option<MailId>,
) -> Result<WentLive, ActionError> {
    if portal.store.read(|conn| Ok::<_, StoreError>(!holder_holds::is_held(conn)?))? {
        return Err(StoreError::Changed.into());
    }
    let unseen = "Open the page again: it did not say which emails were seen.";
    let seen = seen.ok_or_else(|| ActionError::invalid("seen", unseen))?;
    let mut discarded = 0;
    for kind in discards {
        discarded += portal.store.write(|conn| discard_kind(conn, portal, kind, seen))?;
    }
    discarded += freshen_all(portal)?;
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let by = by.map(|by| by.id);
        let leaving = holder_holds::waiting(conn)?.iter().map(|kind| kind.mails).sum();
        // what a try that was stopped on the way has put aside counts, too
        let discarded = holder_holds::discarded_since_held(conn)?.max(discarded);
        holder_holds::end(conn, by, discarded, now)?;
        let detail = format!("{leaving} on the way, {discarded} not sent");
        history::record(
            conn,
            &Event { actor: by, detail, ..Event::of(HistoryEvent::HolderMailReleased) },
            now,
        )?;
        Ok(WentLive { leaving, discarded })
    })
}

fn discard_kind(
    conn: &mut Conn<'_>,
    portal: &Portal,
    kind: &Stored<NoticeKind>,
    seen: MailId,
) -> Result<usize, ActionError> {
    if !holder_holds::is_held(conn)? {
        return Err(StoreError::Changed.into());
    }
    let now = portal.clock.now();
    let reason = format!(
        "Not sent: it was held, and on {} it was decided that it should not be sent.",
        long_date(portal.clock.today())
    );
    let mails = holder_holds::of_kind(conn, kind, seen)?;
    for mail in &mails {
        holder_holds::discard(conn, *mail, &reason, now)?;
    }
    Ok(mails.len())
}

/// Goes through everybody to whom something is held that may not be true any more, some in each write. Gives how many mails are not sent.
fn freshen_all(portal: &Portal) -> Result<usize, ActionError> {
    let policies = portal.store.read(policies::all)?;
    let mut after = AccountId(0);
    let mut discarded = 0;
    loop {
        let people = portal
            .store
            .read(|conn| holder_holds::recipients(conn, &NoticeKind::perishable(), after, AT_ONCE))?;
        let Some(last) = people.last() else { return Ok(discarded) };
        after = *last;
        discarded += portal.store.write(|conn| {
            // somebody else was first: what waits now waits for the mail server, and is none of ours
            if !holder_holds::is_held(conn)? {
                return Err(StoreError::Changed.into());
            }
            let mut discarded = 0;
            for account in accounts::find_several(conn, &people)? {
                discarded += freshen(conn, portal, &account, &policies)?;
            }
            Ok::<_, ActionError>(discarded)
        })?;
    }
}

/// Makes true what waits for somebody who is invited now. Part of a write, before [`accounts::set_invited`] lets it leave.
///
/// # Errors
/// `ActionError::Store`.
pub(in crate::actions) fn before_first_invitation(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: &Account,
) -> Result<(), ActionError> {
    if holder_holds::waits_for_invitation(conn, account.id)? {
        let policies = policies::all(conn)?;
        freshen(conn, portal, account, &policies)?;
    }
    Ok(())
}

/// What is held for one person, made true as of today. Gives how many mails are not sent.
fn freshen(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: &Account,
    policies: &Policies,
) -> Result<usize, ActionError> {
    let held = holder_holds::of_account(conn, account.id, &NoticeKind::perishable())?;
    let (today, now) = portal.clock.today_and_now();
    let file = holder_records::of_holder(conn, account.id, today)?;
    let untrue = format!("Not sent: it was held, and on {} it was no longer true.", long_date(today));
    let mut discarded = freshen_reminders(conn, portal, account, &held, (&file, policies))?;
    for mail in &held {
        let still_true = match mail.kind.known().and_then(NoticeKind::perishes) {
            Some(Perishable::Flag) => flag_anew(conn, portal, account, mail.id, (&file, policies))?,
            Some(Perishable::Grant) => holder_holds::grant_stands(conn, mail.id)?,
            Some(Perishable::FriendlyReminder) => portal.clock.day_of(mail.created_at) == today,
            Some(Perishable::Reminder) | None => true,
        };
        if !still_true {
            holder_holds::discard(conn, mail.id, &untrue, now)?;
            discarded += 1;
        }
    }
    Ok(discarded)
}

/// Of all reminders that are held for one person, one leaves, with the figures of today; none when nothing is missing any more.
fn freshen_reminders(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: &Account,
    held: &[HeldMail],
    (file, policies): (&HolderFile, &Policies),
) -> Result<usize, ActionError> {
    let mut reminders: Vec<MailId> =
        held.iter().filter(|mail| mail.kind.is(NoticeKind::Reminder)).map(|mail| mail.id).collect();
    if reminders.is_empty() {
        return Ok(0);
    }
    let (today, now) = portal.clock.today_and_now();
    let ledger = HolderLedger::new(file, policies, today);
    let years = short_years(conn, &reminders, &ledger)?;
    let mut reason = format!(
        "Not sent: it was held, and on {} nothing was missing any more before a coming deadline.",
        long_date(today)
    );
    if !years.is_empty()
        && let Some(newest) = reminders.pop()
    {
        rewrite(conn, portal, account, newest, Reminder { today, years }.into(), &ledger)?;
        reason = format!(
            "Not sent: it was held, and one reminder with the figures of {} goes instead.",
            long_date(today)
        );
    }
    for mail in &reminders {
        holder_holds::discard(conn, *mail, &reason, now)?;
    }
    Ok(reminders.len())
}

fn rewrite(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: &Account,
    mail: MailId,
    notice: Notice,
    ledger: &HolderLedger<'_>,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    let rendered = notice.render(&letter(portal, &account.name, ledger))?;
    let words = (rendered.subject.as_str(), rendered.text.as_str(), rendered.html.as_str());
    Ok(holder_holds::rewrite(conn, mail, words, now)?)
}

/// The years of some reminders that still lack credits before a deadline ahead, with the figures of today, the nearest deadline first.
fn short_years(
    conn: &mut Conn<'_>,
    reminders: &[MailId],
    ledger: &HolderLedger<'_>,
) -> Result<Vec<YearLine>, StoreError> {
    let today = ledger.today();
    let mut years = Vec::new();
    for (id, number, deadline) in holder_holds::reminded_years(conn, reminders)? {
        let Some(found) = ledger.year((id, number)) else { continue };
        let year = found.year;
        let open = year.settlement.is_none() && year.deadline == deadline && today <= year.deadline;
        if open && found.certificate.certificate.active_on(today) && !found.sums.missing().is_zero() {
            years.push(year_line(&found));
        }
    }
    years.sort_by(|a, b| (a.deadline, &a.certificate_number).cmp(&(b.deadline, &b.certificate_number)));
    Ok(years)
}

/// What a held mail about flags names and is flagged still counts as flagged from today, and the mail is written anew: until when its
/// holder can answer would otherwise have passed before they heard of it. Gives whether a flag stands.
fn flag_anew(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: &Account,
    mail: MailId,
    (file, policies): (&HolderFile, &Policies),
) -> Result<bool, ActionError> {
    let told = holder_holds::told_years(conn, mail)?;
    if told.is_empty() {
        return Ok(true);
    }
    let (today, now) = portal.clock.today_and_now();
    let ledger = HolderLedger::new(file, policies, today);
    let mut flagged = Vec::new();
    for (id, number) in told {
        let Some(found) = ledger.year((id, number)) else { continue };
        let year = found.year;
        let Some(flagged_on) = year.flagged_on.filter(|_| year.settlement.is_none()) else { continue };
        if flagged_on < today {
            years::flag_anew(conn, (id, number), today)?;
            let event = Event {
                holder: Some(file.holder),
                certificate: Some(id),
                year: Some(number),
                detail: format!(
                    "year {number}: flagged on {}, and the email about it was held until now",
                    long_date(flagged_on)
                ),
                ..Event::of(HistoryEvent::NoticePeriodRestarted)
            };
            history::record(conn, &event, now)?;
        }
        flagged.push(FlaggedYear {
            year: year_line(&found),
            answer_by: NoticePeriod::of(year.starts_on, today, policies).answer_until,
        });
    }
    if flagged.is_empty() {
        return Ok(false);
    }
    rewrite(conn, portal, account, mail, Flagged { years: flagged }.into(), &ledger)?;
    Ok(true)
}

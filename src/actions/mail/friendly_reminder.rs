//! Friendly letters: staff write to holders whose credits are missing some time before the deadline (G13). Each letter is written into
//! the outbox once: nobody gets two about one year within seven days, however often a button is pressed.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::outbox::post;
use crate::actions::ActionError;
use crate::actions::deadlines::year_lines::{figures_line, letter};
use crate::actions::overview::risk::{YearOutlook, chunk, of_listed};
use crate::actions::text::FormTexts;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::{long_date, plus_days};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{CertificateId, HolderId};
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::notices::delivery::{Delivery, HeldBy, Reach};
use crate::domain::roles::Reviewer;
use crate::mail::{FriendlyReminder, Notice, Rendered};
use crate::portal::Portal;
use crate::store::certification::year_lists::{ListedYear, YearPlace};
use crate::store::certification::{policies, year_lists};
use crate::store::mail::friendly_reminders::{self, YearLetter};
use crate::store::mail::{holder_holds, reach};
use crate::store::records::history::{self, Event};
use crate::store::records::holder_records;
use crate::store::{Conn, accounts};

/// How far ahead deadlines are looked at, in days.
pub const AHEAD: i64 = 90;
/// Nobody is written to about the same year again within so many days.
pub const PAUSE: i64 = 7;
/// Most characters of what somebody adds in words of their own.
pub const LONGEST_WORDS: usize = 400;
/// Holders who are written to at once, about: with more, those with the nearest deadlines come first, and the others are written to by
/// asking again.
const MOST_HOLDERS: usize = 1000;
/// Holders who are written to in one write.
const AT_ONCE: usize = 100;

/// Whom to write to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Everybody whose credits are missing.
    Everybody,
    /// About these years.
    Years(Vec<(CertificateId, i64)>),
}

/// What would be, or was, written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letters {
    /// Holders who get a letter.
    pub holders: usize,
    /// Years that the letters are about.
    pub years: usize,
    /// Years about which somebody wrote within the last seven days.
    pub told: usize,
    /// Years that were asked for and need no letter any more.
    pub fine: usize,
    /// What holds the letters that were written and do not leave yet, one for each.
    pub held: Vec<HeldBy>,
    /// Whether more people could be written to than are at once.
    pub more: bool,
    /// The names of those who get one, of a preview.
    pub people: Vec<String>,
    /// The first letter, as it would be read.
    pub example: Option<ReminderExample>,
}

/// A letter as it would be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReminderExample {
    /// Who gets it.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// The days that a list of years at risk covers.
pub fn days_ahead(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    (today, plus_days(today, AHEAD))
}

/// The first day of the pause that ends today.
fn pause_from(today: NaiveDate) -> NaiveDate {
    plus_days(today, 1 - PAUSE)
}

/// Whether nobody writes about a year now because of a letter: it has left, is about to, or may have left, as one that is held after a restore
/// or a takeover. One that is held otherwise, or could not be delivered, keeps nobody from writing on another day.
pub fn is_enough(letter: YearLetter, today: NaiveDate) -> bool {
    let never_left =
        matches!(letter.delivery, Delivery::Held(HeldBy::NotLive | HeldBy::Uninvited) | Delivery::Failed);
    letter.day == today || !never_left
}

/// The last letter about each of some years, within the pause.
///
/// # Errors
/// `ActionError::Store`.
pub fn told_lately(
    conn: &mut Conn<'_>,
    years: &[YearOutlook],
    today: NaiveDate,
) -> Result<BTreeMap<(CertificateId, i64), YearLetter>, ActionError> {
    let mut holders: Vec<HolderId> = years.iter().map(|year| year.listed.holder).collect();
    holders.sort_unstable();
    holders.dedup();
    Ok(friendly_reminders::since(conn, &holders, pause_from(today))?)
}

/// What somebody adds in words of their own, tidied; empty for nothing.
///
/// # Errors
/// `ActionError::Invalid` at `words`.
pub fn checked_words(typed: &str) -> Result<String, ActionError> {
    let mut checked = FormTexts::default();
    let words = checked.text("words", typed, LONGEST_WORDS, "");
    if checked.0.is_empty() { Ok(words) } else { Err(ActionError::Invalid(checked.0)) }
}

/// The years that are meant, by holder.
type ByHolder = BTreeMap<HolderId, Vec<ListedYear>>;

/// What would be written, with the first letter as an example. Nothing is written.
///
/// # Errors
/// `ActionError::Invalid` at `words`, `ActionError::Store`, `ActionError::Render`.
pub fn preview(portal: &Portal, by: Reviewer, whom: &Whom, words: &str) -> Result<Letters, ActionError> {
    let words = &checked_words(words)?;
    let mut letters = Letters::default();
    let meant = meant(portal, whom, &mut letters)?;
    let (today, now) = portal.clock.today_and_now();
    portal.store.read(|conn| {
        let policies = policies::all(conn)?;
        let from = accounts::find(conn, by.id)?.map(|account| account.name).unwrap_or_default();
        for (holder, years) in meant.iter().take(1) {
            let desk = Desk { portal, policies: &policies, by, from: &from, words, today, now };
            let years = desk.still_at_risk(conn, years.clone())?;
            let file = holder_records::of_holder(conn, *holder, today)?;
            if let Some((account, rendered)) = desk.letter(conn, &file, &years)? {
                letters.example = Some(ReminderExample {
                    to: account.name,
                    subject: rendered.subject,
                    text: rendered.text,
                });
            }
        }
        Ok::<_, ActionError>(())
    })?;
    letters.people = meant.values().filter_map(|years| Some(years.first()?.holder_name.clone())).collect();
    letters.holders = meant.len();
    letters.years = meant.values().map(Vec::len).sum();
    Ok(letters)
}

/// Writes the letters. Every year is looked at once more before, so that nobody is told what is no longer true.
///
/// # Errors
/// `ActionError::Invalid` at `words`, `ActionError::Store`, `ActionError::Render`; letters of earlier hundreds of holders stay written.
pub fn send(portal: &Portal, by: Reviewer, whom: &Whom, words: &str) -> Result<Letters, ActionError> {
    let words = &checked_words(words)?;
    let mut letters = Letters::default();
    let meant: Vec<(HolderId, Vec<ListedYear>)> = meant(portal, whom, &mut letters)?.into_iter().collect();
    let (today, now) = portal.clock.today_and_now();
    for some in meant.chunks(AT_ONCE) {
        let written = portal.store.write(|conn| {
            let policies = policies::all(conn)?;
            let from = accounts::find(conn, by.id)?.map(|account| account.name).unwrap_or_default();
            let desk = Desk { portal, policies: &policies, by, from: &from, words, today, now };
            let ids: Vec<HolderId> = some.iter().map(|(holder, _)| *holder).collect();
            let files: BTreeMap<HolderId, HolderFile> = holder_records::of_holders(conn, &ids, today)?
                .into_iter()
                .map(|file| (file.holder, file))
                .collect();
            let mut written = (0, 0, Vec::new());
            for (holder, years) in some {
                let years = desk.still_at_risk(conn, years.clone())?;
                let Some(file) = files.get(holder) else { continue };
                if let Some((account, rendered)) = desk.letter(conn, file, &years)? {
                    desk.replace_held(conn, *holder, &years)?;
                    let mail = post(conn, portal, &account, &rendered, now)?;
                    desk.record(conn, &years, mail)?;
                    written.0 += 1;
                    written.1 += years.len();
                    if let Reach::Held(by) = reach::of_one(conn, account.id)? {
                        written.2.push(by);
                    }
                }
            }
            Ok::<_, ActionError>(written)
        })?;
        letters.holders += written.0;
        letters.years += written.1;
        letters.held.extend(written.2);
    }
    Ok(letters)
}

/// Those of the years that are meant whose credits are missing and about which nobody wrote lately. Counts the others.
fn meant(portal: &Portal, whom: &Whom, letters: &mut Letters) -> Result<ByHolder, ActionError> {
    let today = portal.clock.today();
    let mut by_holder = ByHolder::new();
    match whom {
        Whom::Years(wanted) => portal.store.read(|conn| {
            let policies = policies::all(conn)?;
            let (from, to) = days_ahead(today);
            let listed = year_lists::some(conn, wanted, from, to)?;
            let years = of_listed(conn, listed, &policies, today)?;
            letters.fine = years.iter().filter(|year| !year.outlook.needs_a_word()).count();
            sort_out(conn, years, today, &mut by_holder, letters)
        })?,
        Whom::Everybody => {
            let mut place: Option<YearPlace> = None;
            loop {
                place = portal.store.read(|conn| {
                    let policies = policies::all(conn)?;
                    let (years, more) = chunk(conn, days_ahead(today), place, &policies, today)?;
                    sort_out(conn, years, today, &mut by_holder, letters)?;
                    Ok::<_, ActionError>(more)
                })?;
                letters.more = place.is_some() && by_holder.len() >= MOST_HOLDERS;
                if place.is_none() || letters.more {
                    break;
                }
            }
        }
    }
    Ok(by_holder)
}

fn is_told(told: &BTreeMap<(CertificateId, i64), YearLetter>, year: &YearOutlook, today: NaiveDate) -> bool {
    let letter = told.get(&(year.listed.certificate, year.listed.number));
    letter.is_some_and(|letter| is_enough(*letter, today))
}

fn sort_out(
    conn: &mut Conn<'_>,
    years: Vec<YearOutlook>,
    today: NaiveDate,
    by_holder: &mut ByHolder,
    letters: &mut Letters,
) -> Result<(), ActionError> {
    let told = told_lately(conn, &years, today)?;
    for year in years.into_iter().filter(|year| year.outlook.needs_a_word()) {
        if is_told(&told, &year, today) {
            letters.told += 1;
        } else {
            by_holder.entry(year.listed.holder).or_default().push(year.listed);
        }
    }
    Ok(())
}

/// What one letter needs beside its reader.
struct Desk<'a> {
    portal: &'a Portal,
    policies: &'a Policies,
    by: Reviewer,
    from: &'a str,
    words: &'a str,
    today: NaiveDate,
    now: NaiveDateTime,
}

impl Desk<'_> {
    fn still_at_risk(
        &self,
        conn: &mut Conn<'_>,
        years: Vec<ListedYear>,
    ) -> Result<Vec<YearOutlook>, ActionError> {
        let mut years = of_listed(conn, years, self.policies, self.today)?;
        let told = told_lately(conn, &years, self.today)?;
        years.retain(|year| {
            year.outlook.needs_a_word() && year.year.settlement.is_none() && !is_told(&told, year, self.today)
        });
        Ok(years)
    }

    /// The letter about a holder's years; none when there is nothing to say, or the account is closed.
    fn letter(
        &self,
        conn: &mut Conn<'_>,
        file: &HolderFile,
        years: &[YearOutlook],
    ) -> Result<Option<(accounts::Account, Rendered)>, ActionError> {
        let account = accounts::find(conn, file.holder)?.filter(|account| !account.deactivated);
        let Some(account) = account.filter(|_| !years.is_empty()) else { return Ok(None) };
        let lines =
            years.iter().map(|year| figures_line(&year.certificate, &year.year, &year.sums)).collect();
        let notice: Notice = FriendlyReminder {
            today: self.today,
            from: self.from.to_owned(),
            words: self.words.to_owned(),
            years: lines,
        }
        .into();
        let ledger = HolderLedger::new(file, self.policies, self.today);
        let rendered = notice.render(&letter(self.portal, &account.name, &ledger))?;
        Ok(Some((account, rendered)))
    }

    /// A letter that is still held says figures of an earlier day: this one goes in its place.
    fn replace_held(
        &self,
        conn: &mut Conn<'_>,
        holder: HolderId,
        years: &[YearOutlook],
    ) -> Result<(), ActionError> {
        let about: Vec<_> = years.iter().map(|year| (year.listed.certificate, year.listed.number)).collect();
        let reason = format!(
            "Not sent: it was held, and one with the figures of {} goes instead.",
            long_date(self.today)
        );
        for mail in friendly_reminders::waiting_about(conn, holder, &about)? {
            holder_holds::discard(conn, mail, &reason, self.now)?;
        }
        Ok(())
    }

    fn record(
        &self,
        conn: &mut Conn<'_>,
        years: &[YearOutlook],
        mail: crate::domain::ids::MailId,
    ) -> Result<(), ActionError> {
        for year in years {
            let listed = &year.listed;
            let key = (listed.certificate, listed.number);
            let sent = (self.today, self.now);
            friendly_reminders::record(conn, key, listed.holder, mail, self.by.id, sent)?;
            let event = Event {
                actor: Some(self.by.id),
                holder: Some(listed.holder),
                certificate: Some(listed.certificate),
                detail: format!(
                    "{} missing, deadline {}.",
                    year.sums.missing().counted_up(),
                    long_date(listed.deadline)
                ),
                ..Event::of(HistoryEvent::FriendlyReminderSent)
            };
            history::record(conn, &event, self.now)?;
        }
        Ok(())
    }
}

//! Holders, as staff look after them: adding, correcting, granting, inviting.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::ActionError;
use super::accounts::NewAccount;
use super::badges::signing;
use super::certification::grant::{Grant, grant, read_facts};
use super::deadlines::year_lines::{certificate_line, letter, year_line};
use super::mail::outbox::post;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, CertificateId, CertificationId, HolderId};
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::roles::{Administrator, Role, not_their_own};
use crate::domain::text::composed;
use crate::mail::{AccountChange, AccountChanged, Granted, Notice, NoticeContext};
use crate::portal::Portal;
use crate::store::accounts::tokens;
use crate::store::accounts::{self, Account};
use crate::store::certification::{catalogue, policies};
use crate::store::mail::{bounces, holder_holds, outbox};
use crate::store::records::history::{self, Event};
use crate::store::records::holders::{HolderFilter, Invitable};
use crate::store::records::{holder_records, holders};
use crate::store::{Conn, StoreError};

/// Invitations written in one go; each is a mail.
const INVITED_AT_ONCE: i64 = 100;
/// Invitations of one wave.
pub const WAVE: usize = 500;
/// Whoever is still to be invited is counted up to so many.
pub const MOST_COUNTED: i64 = 10_000;

/// A certificate as the form gives it. All empty means none.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenCertificate<'a> {
    /// The certification's identity.
    pub certification: &'a str,
    /// The number printed on it.
    pub number: &'a str,
    /// The day it was granted.
    pub granted_on: &'a str,
    /// Whether the holder is told.
    pub tell: bool,
    /// That a second certificate of one certification is meant.
    pub twin: bool,
    /// That a certificate for a closed account is meant.
    pub closed: bool,
}

impl GivenCertificate<'_> {
    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        [self.certification, self.number, self.granted_on].iter().all(|text| text.trim().is_empty())
    }
}

/// A holder as the form gives it.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenHolder<'a> {
    /// The name.
    pub name: &'a str,
    /// The address.
    pub email: &'a str,
    /// Whether the holder is invited at once.
    pub invite: bool,
    /// A first certificate.
    pub certificate: GivenCertificate<'a>,
}

/// Adds a holder, with a first certificate if one is given, and an invitation if wanted.
///
/// # Errors
/// `ActionError::Invalid` with every message beside its field.
pub fn add(portal: &Portal, by: Administrator, given: &GivenHolder<'_>) -> Result<HolderId, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    let wanted = (!given.certificate.is_empty()).then(|| read(&given.certificate, today));
    let mut problems = Vec::new();
    problems.extend(super::accounts::checked_name(given.name).err().map(|message| ("name", message)));
    problems.extend(super::accounts::checked_email(given.email).err().map(|message| ("email", message)));
    if let Some(Err(ActionError::Invalid(more))) = &wanted {
        problems.extend(more.iter().cloned());
    }
    if !problems.is_empty() {
        return Err(ActionError::Invalid(problems));
    }
    portal.store.write(|conn| {
        let new = NewAccount { email: given.email, name: given.name, role: Role::Holder };
        let account = super::accounts::add(conn, &new, Some(by), now)?;
        if let Some(certificate) = wanted {
            grant_within(conn, portal, &account, certificate?, given.certificate.tell, by, today)?;
        }
        if given.invite {
            super::accounts::invite(conn, portal, &account, Some(by.into()), now)?;
        }
        Ok(account.id)
    })
}

/// Grants a certificate to a holder, and tells them if wanted.
///
/// # Errors
/// `ActionError::Invalid` for `certification`, `number` and `granted_on`; `NotFound` for an unknown holder and
/// for the own account.
pub fn grant_certificate(
    portal: &Portal,
    by: Administrator,
    holder: HolderId,
    given: &GivenCertificate<'_>,
) -> Result<CertificateId, ActionError> {
    not_their_own(by.id, holder)?;
    let today = portal.clock.today();
    let wanted = read(given, today)?;
    portal.store.write(|conn| {
        let account = accounts::find(conn, holder)?.ok_or(ActionError::NotFound)?;
        grant_within(conn, portal, &account, wanted, given.tell, by, today)
    })
}

/// Corrects a holder's name and address, under the condition that nobody changed the account since. A changed address is told at the old
/// and at the new one.
///
/// # Errors
/// `ActionError::Invalid` for `name` and `email`; `StoreError::Changed`.
pub fn correct(
    portal: &Portal,
    by: Administrator,
    holder: HolderId,
    version: Option<i64>,
    name: &str,
    email: &str,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    let (name, email) = super::accounts::checked_person(name, email)?;
    portal.store.write(|conn| {
        let before = accounts::find(conn, holder)?.ok_or(ActionError::NotFound)?;
        if before.role != Role::Holder {
            return Err(ActionError::invalid("", "Accounts of staff are looked after under Administration."));
        }
        let renamed = composed(&before.name) != name;
        if !renamed && before.email == email {
            return Ok(());
        }
        holders::correct(conn, holder, version.unwrap_or(before.version), &name, &email).map_err(
            |error| match error {
                StoreError::Constraint(_) => {
                    ActionError::invalid("email", "Another account has this address.")
                }
                other => ActionError::Store(other),
            },
        )?;
        let mut changes = Vec::new();
        if renamed {
            signing::sign_holder(conn, portal, holder)?;
            changes.push(format!("name from {} to {name}", before.name));
        }
        if before.email != email {
            changes.push("address".to_owned());
            let after = Account { name: name.clone(), email: email.clone(), ..before.clone() };
            tell_new_address(conn, portal, &before, &after, now)?;
        }
        let event = Event {
            actor: Some(by.id),
            holder: Some(holder),
            detail: changes.join(", "),
            ..Event::of(HistoryEvent::HolderCorrected)
        };
        Ok(history::record(conn, &event, now)?)
    })
}

/// Gives a holder another address: part of a write, for imports. Recorded, and told at both addresses.
///
/// # Errors
/// `StoreError::Constraint` when it is another account's.
pub(in crate::actions) fn move_address(
    conn: &mut Conn<'_>,
    portal: &Portal,
    before: &Account,
    email: &str,
    by: Option<Administrator>,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    holders::correct(conn, before.id, before.version, &before.name, email)?;
    let after = Account { email: email.to_owned(), ..before.clone() };
    tell_new_address(conn, portal, before, &after, now)?;
    let event = Event {
        actor: by.map(|by| by.id),
        holder: Some(before.id),
        detail: "address, by an import".to_owned(),
        ..Event::of(HistoryEvent::HolderCorrected)
    };
    Ok(history::record(conn, &event, now)?)
}

/// What goes with another address: links that went to the old one stop working, and both are told.
fn tell_new_address(
    conn: &mut Conn<'_>,
    portal: &Portal,
    before: &Account,
    after: &Account,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    tokens::retire(conn, before.id, None, now)?;
    bounces::address_changed(conn, before.id, now)?;
    outbox::readdress(conn, after.id, (&after.name, &after.email), now)?;
    let notice = Notice::from(AccountChanged { change: AccountChange::Address, changed_at: now });
    let rendered = notice.render(&NoticeContext::new(&after.name, &portal.config))?;
    for account in [before, after] {
        post(conn, portal, account, &rendered, now)?;
    }
    // the link of an invitation went to the old address and works no more: they are to be invited again
    Ok(accounts::forget_invitation(conn, before.id)?)
}

/// Whom to invite.
#[derive(Clone, Debug, Default)]
pub struct Wave {
    /// The filter of the list.
    pub filter: HolderFilter,
    /// Those who were ticked, when only they are meant.
    pub ticked: Option<Vec<AccountId>>,
    /// Also those who were invited within the last day.
    pub again: bool,
}

/// What came of a wave of invitations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Invited {
    /// Invited now.
    pub invited: usize,
    /// Who are left for another wave, counted up to a bound.
    pub left: i64,
}

/// How many a wave would invite, and how many it leaves out because they were invited within the last day. Both up to [`MOST_COUNTED`].
///
/// # Errors
/// `ActionError::Store`.
pub fn to_invite(portal: &Portal, filter: &HolderFilter) -> Result<(i64, i64), ActionError> {
    let lately = portal.clock.now() - TimeDelta::days(1);
    Ok(portal.store.read(|conn| {
        let all = Invitable { filter, invited_before: None, ticked: None };
        let due = Invitable { invited_before: Some(lately), ..all };
        let all = count(conn, &all)?;
        let due = count(conn, &due)?;
        Ok::<_, StoreError>((due, all - due))
    })?)
}

fn count(conn: &mut Conn<'_>, wanted: &Invitable<'_>) -> Result<i64, StoreError> {
    let found = holders::invitable(conn, wanted, AccountId(0), MOST_COUNTED)?;
    Ok(i64::try_from(found.len()).unwrap_or(MOST_COUNTED))
}

/// Invites holders with certificates who cannot sign in yet: a wave of at most [`WAVE`], some in each write. Whoever was invited within
/// the last day is left out unless that is asked for. Links of earlier invitations go on working.
///
/// # Errors
/// `ActionError::Store`; those invited before stay invited.
pub fn invite_wave(portal: &Portal, by: Administrator, wave: &Wave) -> Result<Invited, ActionError> {
    let now = portal.clock.now();
    let wanted = Invitable {
        filter: &wave.filter,
        invited_before: (!wave.again).then_some(now - TimeDelta::days(1)),
        ticked: wave.ticked.as_deref(),
    };
    let (mut after, mut done) = (AccountId(0), Invited::default());
    while done.invited < WAVE {
        let (invited, last) = portal.store.write(|conn| {
            // read in the write itself: what another click has invited meanwhile is left out
            let ids = holders::invitable(conn, &wanted, after, INVITED_AT_ONCE)?;
            for account in holders::named(conn, &ids)? {
                super::accounts::invite(conn, portal, &account, Some(by.into()), now)?;
            }
            Ok::<_, ActionError>((ids.len(), ids.last().copied()))
        })?;
        let Some(last) = last else { return Ok(done) };
        after = last;
        done.invited += invited;
    }
    let left = portal.store.read(|conn| holders::invitable(conn, &wanted, after, MOST_COUNTED))?;
    Ok(Invited { left: i64::try_from(left.len()).unwrap_or(MOST_COUNTED), ..done })
}

/// A certificate that was read from a form.
struct Wanted {
    certification: CertificationId,
    number: String,
    granted_on: NaiveDate,
    twin: bool,
    closed: bool,
}

fn read(given: &GivenCertificate<'_>, today: NaiveDate) -> Result<Wanted, ActionError> {
    let mut problems = Vec::new();
    let certification = given.certification.trim().parse().ok();
    if certification.is_none() {
        problems.push(("certification", "Choose the certification.".to_owned()));
    }
    match (certification, read_facts(given.number, given.granted_on, today, &mut problems)) {
        (Some(certification), Some((number, granted_on))) if problems.is_empty() => {
            Ok(Wanted { certification, number, granted_on, twin: given.twin, closed: given.closed })
        }
        _ => Err(ActionError::Invalid(problems)),
    }
}

fn grant_within(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: &Account,
    wanted: Wanted,
    tell: bool,
    by: Administrator,
    today: NaiveDate,
) -> Result<CertificateId, ActionError> {
    let now = portal.clock.now();
    let policies = policies::all(conn)?;
    let certification = catalogue::certifications(conn)?
        .into_iter()
        .find(|certification| certification.id == wanted.certification)
        .ok_or_else(|| ActionError::invalid("certification", "Choose the certification."))?;
    let new = Grant {
        holder: account.id,
        certification: &certification,
        number: &wanted.number,
        granted_on: wanted.granted_on,
        by: Some(by),
        twin: wanted.twin,
        closed: wanted.closed,
    };
    let id = grant(conn, portal, &new, &policies, today, now)?;
    // nobody reads the mails of a closed account
    if tell && !account.deactivated {
        let file = holder_records::of_holder(conn, account.id, today)?;
        let certificate = file.certificate(id).ok_or(ActionError::NotFound)?;
        let ledger = HolderLedger::new(&file, &policies, today);
        let current = ledger.current_year(id);
        let notice = Notice::from(Granted {
            certificate: certificate_line(certificate),
            granted_on: wanted.granted_on,
            year: current.map(|year| year_line(&year)),
        });
        let rendered = notice.render(&letter(portal, &account.name, &ledger))?;
        let mail = post(conn, portal, account, &rendered, now)?;
        holder_holds::record_grant(conn, mail, id)?;
    }
    Ok(id)
}

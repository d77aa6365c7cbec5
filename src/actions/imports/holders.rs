//! Holders and their certificates, taken over in good standing from another system.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::holder_row::{HolderRow, Parsed, name_in, read};
use super::{Effect, ImportTerms, Note, RowOutcome, shown};
use crate::actions::ActionError;
use crate::actions::badges::batch::{BadgePress, SignedAhead};
use crate::actions::badges::signing;
use crate::actions::certification::bulk_grant::{InBulk, grant_in_bulk};
use crate::actions::holders::move_address;
use crate::badges::glyphs::unprintable;
use crate::domain::certification::catalogue::Certification;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::long_date;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, CertificationId, HolderId};
use crate::domain::roles::{Acquainted, Role, not_their_own};
use crate::domain::text::composed;
use crate::portal::Portal;
use crate::store::accounts::{self, acquaintances, normal_email};
use crate::store::activities::import_keys::{self, Owned};
use crate::store::certification::certificates::folded_number;
use crate::store::certification::{catalogue, certificate_corrections, policies};
use crate::store::records::history::{self, Event};
use crate::store::{Conn, StoreError};

/// Somebody who is here, or whom a rehearsal would have brought by now.
#[derive(Clone, Debug)]
struct Person {
    /// None in a rehearsal, for whom it would have brought.
    id: Option<AccountId>,
    name: String,
    role: Role,
    /// Whether these very rows brought them, so that nothing of theirs is here.
    new: bool,
}

/// What rows need that takes long to make and can be made ahead, on any processor: badges.
pub struct RowBadges<'a> {
    press: BadgePress<'a>,
    certifications: Arc<BTreeMap<String, Certification>>,
    terms: ImportTerms,
}

impl RowBadges<'_> {
    /// Signs the badges of rows that will bring certificates, as far as it can be told. What cannot be signed here is signed, or refused, when the
    /// row is brought in.
    pub fn sign(&self, rows: &[(u64, HolderRow)]) -> Vec<Option<SignedAhead>> {
        if self.terms.dry_run {
            return vec![None; rows.len()];
        }
        let parsed: Vec<Option<Parsed<'_>>> =
            rows.iter().map(|(_, row)| read(row, &self.certifications, &self.terms).ok()).collect();
        let numbers: Vec<String> = parsed.iter().flatten().map(|row| folded_number(&row.number)).collect();
        let known = self.press.portal().store.read(|conn| import_keys::known_numbers(conn, &numbers));
        let Ok(mut seen) = known else { return vec![None; rows.len()] };
        let sign = |row: Option<Parsed<'_>>| {
            let row = row?;
            // the second of two rows with one number brings nothing
            seen.insert(folded_number(&row.number))
                .then(|| self.press.sign(&row.grant(AccountId(0), None), &row.name).ok())
                .flatten()
        };
        parsed.into_iter().map(sign).collect()
    }
}

/// An import of holders in progress.
pub struct HolderImport<'a> {
    portal: &'a Portal,
    badges: Arc<RowBadges<'a>>,
    policies: Policies,
    terms: ImportTerms,
    /// The name that the file gave an address, and where.
    names: BTreeMap<String, (u64, String)>,
    /// Addresses that the file moved: the line, and the new address.
    moved: BTreeMap<String, (u64, String)>,
    /// Addresses that would be new ones for known certificates, and where; these rows were refused.
    unmoved: BTreeMap<String, u64>,
    /// Certificates by folded number: those of the rows at hand, and in a rehearsal all that it would have brought.
    known: BTreeMap<String, Owned>,
    /// People by compared address, in the same way.
    people: BTreeMap<String, Person>,
    /// Numbers that lines above brought, by compared address and certification, in the same way.
    granted: BTreeMap<(String, CertificationId), String>,
    /// Holders whom whoever imports knows.
    acquaintances: BTreeSet<HolderId>,
}

impl<'a> HolderImport<'a> {
    /// Begins an import.
    ///
    /// # Errors
    /// `ActionError::Store`.
    pub fn begin(portal: &'a Portal, conn: &mut Conn<'_>, terms: ImportTerms) -> Result<Self, ActionError> {
        let certifications =
            catalogue::certifications(conn)?.into_iter().map(|c| (c.code.to_uppercase(), c)).collect();
        let policies = policies::all(conn)?;
        let badges = RowBadges {
            press: BadgePress::begin(portal, conn, policies.clone(), terms.today)?,
            certifications: Arc::new(certifications),
            terms: terms.clone(),
        };
        Ok(HolderImport {
            portal,
            badges: Arc::new(badges),
            policies,
            names: BTreeMap::new(),
            moved: BTreeMap::new(),
            unmoved: BTreeMap::new(),
            known: BTreeMap::new(),
            people: BTreeMap::new(),
            granted: BTreeMap::new(),
            acquaintances: match terms.by_id() {
                Some(by) => acquaintances::known_to(conn, by)?,
                None => BTreeSet::new(),
            },
            terms,
        })
    }

    /// What can be made ahead for the rows.
    #[must_use]
    pub fn badges(&self) -> Arc<RowBadges<'a>> {
        Arc::clone(&self.badges)
    }

    /// Takes rows over, each with its line in the file, and with the badge that was signed for it, if one was. A dry run only says what would become
    /// of them. Rows about certificates that are here already go first: an address that moves has moved before a new certificate names it.
    ///
    /// # Errors
    /// `ActionError` when the database refuses; what is wrong with a row is no error.
    pub fn rows(
        &mut self,
        conn: &mut Conn<'_>,
        rows: &[(u64, HolderRow)],
        mut signed: Vec<Option<SignedAhead>>,
    ) -> Result<Vec<RowOutcome>, ActionError> {
        let badges = Arc::clone(&self.badges);
        signed.resize(rows.len(), None);
        let parsed: Vec<Result<Parsed<'_>, Vec<String>>> =
            rows.iter().map(|(_, row)| read(row, &badges.certifications, &self.terms)).collect();
        self.look_up(conn, parsed.iter().flatten())?;
        let (first, then): (Vec<_>, Vec<_>) =
            rows.iter().zip(parsed).enumerate().partition(|(_, (_, parsed))| {
                parsed.as_ref().is_ok_and(|row| self.known.contains_key(&folded_number(&row.number)))
            });
        let mut outcomes = BTreeMap::new();
        for (at, ((line, row), parsed)) in first.into_iter().chain(then) {
            let badge = signed.get_mut(at).and_then(Option::take);
            let outcome = match parsed {
                Ok(parsed) => self.row(conn, *line, &parsed, badge)?,
                Err(faults) => RowOutcome::refused(&name_in(row), faults),
            };
            outcomes.insert(at, outcome);
        }
        Ok(outcomes.into_values().collect())
    }

    /// Reads what is here about the rows at hand. What a rehearsal would have changed by now stays as it would be.
    fn look_up<'r>(
        &mut self,
        conn: &mut Conn<'_>,
        rows: impl Iterator<Item = &'r Parsed<'r>>,
    ) -> Result<(), ActionError> {
        if !self.terms.dry_run {
            self.known.clear();
            self.people.clear();
            self.granted.clear();
        }
        let (mut numbers, mut emails) = (BTreeSet::new(), BTreeSet::new());
        for row in rows {
            numbers.insert(folded_number(&row.number));
            emails.insert(normal_email(&row.email));
        }
        numbers.retain(|number| !self.known.contains_key(number));
        let numbers: Vec<String> = numbers.into_iter().collect();
        for (number, mut owned) in import_keys::owned_by_numbers(conn, &numbers)? {
            while let Some((_, to)) = self.moved.get(&owned.email).filter(|_| self.terms.dry_run) {
                owned.email.clone_from(to);
            }
            self.known.insert(number, owned);
        }
        // an address that a rehearsal moved is nobody's any more
        emails.retain(|email| !self.people.contains_key(email) && !self.moved.contains_key(email));
        for account in accounts::of_emails(conn, &emails.into_iter().collect::<Vec<_>>())? {
            let person = Person { id: Some(account.id), name: account.name, role: account.role, new: false };
            self.people.insert(normal_email(&account.email), person);
        }
        Ok(())
    }

    fn row(
        &mut self,
        conn: &mut Conn<'_>,
        line: u64,
        row: &Parsed<'_>,
        badge: Option<SignedAhead>,
    ) -> Result<RowOutcome, ActionError> {
        let email_norm = normal_email(&row.email);
        let known = self.known.get(&folded_number(&row.number)).cloned();
        let moves = known.as_ref().is_some_and(|known| known.email != email_norm);
        if let Some(faults) = self.refused(conn, line, row, &email_norm, known.as_ref())? {
            return Ok(RowOutcome::refused(&row.name, faults));
        }
        let mut notes = Vec::new();
        if let Some(known) = known.as_ref().filter(|_| moves) {
            self.relocate(conn, line, row, known, &email_norm)?;
            notes.push(Note::Moved { from: known.email.clone(), to: row.email.clone() });
        }
        self.names.insert(email_norm.clone(), (line, row.name.clone()));
        let person = self.person(conn, row, &email_norm)?;
        // a name of earlier days may be kept in another form of the same letters: that is no other name
        if composed(&person.name) != row.name {
            if let Some(id) = person.id.filter(|_| !self.terms.dry_run) {
                self.rename(conn, id, &person.name, &row.name)?;
            }
            notes.push(Note::Renamed { from: person.name.clone(), to: row.name.clone() });
        }
        if known.is_none() {
            notes.extend(self.doubts(conn, row, &email_norm, &person)?.into_iter().map(Note::Doubt));
            self.grant(conn, row, &email_norm, &person, badge)?;
        }
        self.people.insert(email_norm, Person { name: row.name.clone(), ..person });
        let effect = match (known, notes.is_empty()) {
            (None, _) => Effect::Added,
            (Some(_), false) => Effect::Changed,
            (Some(_), true) => Effect::Unchanged,
        };
        let holder = if notes.is_empty() { String::new() } else { row.name.clone() };
        Ok(RowOutcome { holder, result: Ok(effect), notes })
    }

    /// Why a row is not brought in, if it is not.
    fn refused(
        &mut self,
        conn: &mut Conn<'_>,
        line: u64,
        row: &Parsed<'_>,
        email_norm: &str,
        known: Option<&Owned>,
    ) -> Result<Option<Vec<String>>, ActionError> {
        let here = self.people.get(email_norm).and_then(|person| person.id);
        let concerned = [here, known.and_then(|known| known.holder)];
        let own = concerned.into_iter().flatten().find_map(|id| not_their_own(self.terms.by_id(), id).err());
        if let Some(own) = own {
            return Ok(Some(vec![own.to_string()]));
        }
        if here.is_some_and(|id| known.is_none() && self.acquaintances.contains(&id)) {
            return Ok(Some(vec![Acquainted.to_string()]));
        }
        let faults = self.faults(line, row, email_norm, known);
        if !faults.is_empty() {
            return Ok(Some(faults));
        }
        if let Some(id) = here.filter(|_| known.is_none())
            && accounts::is_closed(conn, id)?
        {
            return Ok(Some(vec![format!(
                "The account of {} is closed. Open it first, or grant the certificate on the page of the holder.",
                row.email
            )]));
        }
        Ok(None)
    }

    /// What somebody should look at before a certificate is brought in.
    fn doubts(
        &mut self,
        conn: &mut Conn<'_>,
        row: &Parsed<'_>,
        email_norm: &str,
        person: &Person,
    ) -> Result<Vec<String>, ActionError> {
        let mut doubts = Vec::new();
        let unprintable = unprintable(&row.name);
        if !unprintable.is_empty() {
            doubts.push(format!(
                "The portal has no letters for “{unprintable}”: the certificate's PDF shows boxes in their place."
            ));
        }
        doubts.extend(self.twin(conn, row, email_norm, person)?);
        Ok(doubts)
    }

    /// Grants the certificate of a row, unless this is a rehearsal, and remembers whose it is.
    fn grant(
        &mut self,
        conn: &mut Conn<'_>,
        row: &Parsed<'_>,
        email_norm: &str,
        person: &Person,
        badge: Option<SignedAhead>,
    ) -> Result<(), ActionError> {
        if let Some(holder) = person.id.filter(|_| !self.terms.dry_run) {
            let bulk = InBulk { press: &self.badges.press, holder: &row.name, nothing_reported: person.new };
            let when = (self.terms.today, self.terms.now);
            grant_in_bulk(conn, &row.grant(holder, self.terms.by), &self.policies, when, bulk, badge)?;
        }
        let owned = Owned {
            holder: person.id,
            email: email_norm.to_owned(),
            role: person.role,
            certification: row.certification.id,
            granted_on: row.granted_on,
        };
        self.known.insert(folded_number(&row.number), owned);
        Ok(())
    }

    /// Whether the holder has a certificate of this certification already, here or in a line above: in words, because a number with a typo
    /// makes a second certificate.
    fn twin(
        &mut self,
        conn: &mut Conn<'_>,
        row: &Parsed<'_>,
        email_norm: &str,
        person: &Person,
    ) -> Result<Option<String>, ActionError> {
        let certification = row.certification.id;
        let above = self.granted.insert((email_norm.to_owned(), certification), row.number.clone());
        let other = match (above, person.id.filter(|_| !person.new)) {
            (Some(number), _) => Some(number),
            (None, Some(holder)) => certificate_corrections::twin(conn, holder, certification, None)?,
            (None, None) => None,
        };
        Ok(other.map(|number| {
            format!(
                "{} already has certificate {number} of this certification. Is {} a second one, or the same with another number?",
                row.name, row.number
            )
        }))
    }

    /// Everything that keeps a row with good cells out.
    fn faults(
        &mut self,
        line: u64,
        row: &Parsed<'_>,
        email_norm: &str,
        known: Option<&Owned>,
    ) -> Vec<String> {
        let mut faults = Vec::new();
        if let Some((other_line, name)) = self.names.get(email_norm).filter(|(_, name)| *name != row.name) {
            faults.push(format!(
                "Line {other_line} gives {} the name {}; one person has one name.",
                row.email,
                shown(name)
            ));
        }
        if let Some((other_line, to)) = self.moved.get(email_norm) {
            faults.push(format!("Line {other_line} gives the person with this address another one, {to}."));
        }
        let Some(known) = known else {
            if let Some(other_line) =
                self.unmoved.get(email_norm).filter(|_| !self.people.contains_key(email_norm))
            {
                faults.push(format!(
                    "Line {other_line} has this address for a certificate of somebody who is here with another one."
                ));
            }
            return faults;
        };
        let number = shown(&row.number);
        if known.email != email_norm
            && let Err(words) = self.may_move(known, email_norm, &number)
        {
            self.unmoved.insert(email_norm.to_owned(), line);
            faults.push(words);
        }
        if known.certification != row.certification.id {
            faults.push(format!("Certificate {number} is for another certification."));
        }
        if known.granted_on != row.granted_on {
            let day = long_date(known.granted_on);
            faults.push(format!("Certificate {number} was granted on another day, {day}."));
        }
        faults
    }

    /// Whether the address of a known certificate's holder may become another one. Two accounts are never made one.
    fn may_move(&self, known: &Owned, to: &str, number: &str) -> Result<(), String> {
        let from = &known.email;
        if let Some((line, _)) = self.names.get(from) {
            return Err(format!(
                "Certificate {number} belongs to {from}, which line {line} has, too; one person has one address."
            ));
        }
        if let Some(other) = self.people.get(to) {
            return Err(format!(
                "Certificate {number} belongs to {from}; {to} is another account, that of {}. Two accounts are never \
                 made one by an import.",
                shown(&other.name)
            ));
        }
        if !self.terms.move_addresses {
            return Err(format!(
                "Certificate {number} belongs to another email address, {from}. If this is its holder's new one, move \
                 addresses (--move-addresses)."
            ));
        }
        if known.role != Role::Holder {
            return Err(format!(
                "Certificate {number} belongs to {from}, an account of staff. Its address is changed under \
                 Administration."
            ));
        }
        Ok(())
    }

    /// Moves a holder's address, here and in what is known of the rows at hand.
    fn relocate(
        &mut self,
        conn: &mut Conn<'_>,
        line: u64,
        row: &Parsed<'_>,
        known: &Owned,
        email_norm: &str,
    ) -> Result<(), ActionError> {
        let from = known.email.clone();
        if let Some(id) = known.holder.filter(|_| !self.terms.dry_run) {
            let before = accounts::find(conn, id)?.ok_or(ActionError::NotFound)?;
            move_address(conn, self.portal, &before, &row.email, self.terms.by, self.terms.now)?;
        }
        let name = match (self.people.remove(&from), known.holder) {
            (Some(person), _) => person.name,
            (None, Some(id)) => accounts::find(conn, id)?.ok_or(ActionError::NotFound)?.name,
            (None, None) => row.name.clone(),
        };
        self.people
            .insert(email_norm.to_owned(), Person { id: known.holder, name, role: known.role, new: false });
        for owned in self.known.values_mut().filter(|owned| owned.email == from) {
            email_norm.clone_into(&mut owned.email);
        }
        self.moved.insert(from, (line, email_norm.to_owned()));
        Ok(())
    }

    /// Whose address it is: somebody who is here, or somebody new.
    fn person(
        &mut self,
        conn: &mut Conn<'_>,
        row: &Parsed<'_>,
        email_norm: &str,
    ) -> Result<Person, ActionError> {
        if let Some(person) = self.people.get(email_norm) {
            return Ok(person.clone());
        }
        let id = match self.terms.dry_run {
            true => None,
            false => Some(self.add_account(conn, row)?),
        };
        Ok(Person { id, name: row.name.clone(), role: Role::Holder, new: true })
    }

    fn add_account(&self, conn: &mut Conn<'_>, row: &Parsed<'_>) -> Result<AccountId, StoreError> {
        let id = accounts::add(conn, &row.email, &row.name, Role::Holder, self.terms.now)?;
        let by = self.terms.by_id();
        let event = Event { actor: by, holder: Some(id), ..Event::of(HistoryEvent::HolderImported) };
        history::record(conn, &event, self.terms.now)?;
        Ok(id)
    }

    fn rename(
        &self,
        conn: &mut Conn<'_>,
        holder: AccountId,
        before: &str,
        name: &str,
    ) -> Result<(), ActionError> {
        accounts::rename(conn, holder, name)?;
        signing::sign_holder(conn, self.portal, holder)?;
        let event = Event {
            actor: self.terms.by_id(),
            holder: Some(holder),
            detail: format!("from {before} to {name}, by an import"),
            ..Event::of(HistoryEvent::HolderRenamed)
        };
        Ok(history::record(conn, &event, self.terms.now)?)
    }
}

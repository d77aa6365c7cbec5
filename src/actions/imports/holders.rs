//! Holders and their certificates, taken over in good standing from another system.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::{RowOutcome, not_a_day, shown};
use crate::actions::accounts::{LONGEST_NAME, checked_email};
use crate::actions::certificates::{Grant, LONGEST_NUMBER, grant};
use crate::actions::one_line::one_line;
use crate::actions::{ActionError, badge_signing};
use crate::domain::calendar::{long_date, parse_day};
use crate::domain::catalogue::Certification;
use crate::domain::ids::{AccountId, CertificationId};
use crate::domain::policy::Policies;
use crate::domain::roles::Role;
use crate::portal::Portal;
use crate::store::accounts::{self, normal_email};
use crate::store::certificates::folded_number;
use crate::store::history::{self, Event};
use crate::store::{Conn, StoreError, catalogue, certificates, policies};

/// A row as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HolderRow {
    /// The holder's address.
    pub email: String,
    /// The holder's name.
    pub name: String,
    /// The certification's code, such as ISP.
    pub certification: String,
    /// The number printed on the certificate.
    pub certificate_number: String,
    /// The day it was granted.
    pub granted_on: String,
    /// The day it was decertified, where a file says so; such a certificate is not taken over.
    pub decertified_on: String,
}

/// A row whose cells are good, each on its own.
struct Parsed<'a> {
    email: String,
    name: String,
    certification: &'a Certification,
    number: String,
    granted_on: NaiveDate,
}

/// What is known about a certificate already.
struct Known {
    email: String,
    certification: CertificationId,
    granted_on: NaiveDate,
}

/// An import of holders in progress.
pub struct HolderImport<'a> {
    portal: &'a Portal,
    certifications: BTreeMap<String, Certification>,
    policies: Policies,
    today: NaiveDate,
    now: NaiveDateTime,
    by: Option<AccountId>,
    dry_run: bool,
    /// The name that the file gave an address, and where.
    names: BTreeMap<String, (u64, String)>,
    /// What a dry run would have brought by now, as the database does not know it: certificates by number, accounts by address.
    would_know: BTreeMap<String, Known>,
    would_be_named: BTreeMap<String, String>,
}

impl<'a> HolderImport<'a> {
    /// Begins an import. `by` is the administrator who runs it; a command has none.
    ///
    /// # Errors
    /// `ActionError::Store`.
    pub fn begin(
        portal: &'a Portal,
        conn: &mut Conn<'_>,
        by: Option<AccountId>,
        dry_run: bool,
        today: NaiveDate,
        now: NaiveDateTime,
    ) -> Result<Self, ActionError> {
        let certifications =
            catalogue::certifications(conn)?.into_iter().map(|c| (c.code.to_uppercase(), c)).collect();
        Ok(HolderImport {
            portal,
            certifications,
            policies: policies::all(conn)?,
            today,
            now,
            by,
            dry_run,
            names: BTreeMap::new(),
            would_know: BTreeMap::new(),
            would_be_named: BTreeMap::new(),
        })
    }

    /// Takes rows over, each with its line in the file. A dry run only says what would become of them.
    ///
    /// # Errors
    /// `ActionError` when the database refuses; what is wrong with a row is no error.
    pub fn rows(
        &mut self,
        conn: &mut Conn<'_>,
        rows: &[(u64, HolderRow)],
    ) -> Result<Vec<RowOutcome>, ActionError> {
        let certifications = std::mem::take(&mut self.certifications);
        let outcomes = rows
            .iter()
            .map(|(line, row)| match parse(row, &certifications, self.today) {
                Ok(parsed) => self.row(conn, *line, &parsed),
                Err(reason) => Ok(RowOutcome::Refused(reason)),
            })
            .collect();
        self.certifications = certifications;
        outcomes
    }

    fn row(&mut self, conn: &mut Conn<'_>, line: u64, row: &Parsed<'_>) -> Result<RowOutcome, ActionError> {
        let email_norm = normal_email(&row.email);
        if let Some((other_line, name)) = self.names.get(&email_norm).filter(|(_, name)| *name != row.name) {
            return Ok(RowOutcome::Refused(format!(
                "Line {other_line} gives {} the name {}; one person has one name.",
                row.email,
                shown(name)
            )));
        }
        let known = self.known(conn, &row.number)?;
        if let Some(reason) = known.as_ref().and_then(|known| difference(known, row, &email_norm)) {
            return Ok(RowOutcome::Refused(reason));
        }
        self.names.insert(email_norm.clone(), (line, row.name.clone()));
        let account = accounts::find_by_email(conn, &row.email)?;
        let name_before = match self.would_be_named.get(&email_norm) {
            Some(name) => Some(name.clone()),
            None => account.as_ref().map(|account| account.name.clone()),
        };
        let renamed = name_before.filter(|name| *name != row.name);
        if self.dry_run {
            self.would_be_named.insert(email_norm.clone(), row.name.clone());
            let certification = row.certification.id;
            self.would_know.insert(
                folded_number(&row.number),
                Known { email: email_norm, certification, granted_on: row.granted_on },
            );
        } else {
            let holder = match account {
                Some(account) => account.id,
                None => self.add_account(conn, row)?,
            };
            if let Some(before) = &renamed {
                self.rename(conn, holder, before, &row.name)?;
            }
            if known.is_none() {
                let certificate = Grant {
                    holder,
                    certification: row.certification,
                    number: &row.number,
                    granted_on: row.granted_on,
                    by: self.by,
                };
                grant(conn, self.portal, &certificate, &self.policies, self.today, self.now)?;
            }
        }
        Ok(match (known.is_none(), renamed) {
            (added, Some(from)) => RowOutcome::Renamed { added, from, to: row.name.clone() },
            (true, None) => RowOutcome::Added,
            (false, None) => RowOutcome::Unchanged,
        })
    }

    fn known(&self, conn: &mut Conn<'_>, number: &str) -> Result<Option<Known>, ActionError> {
        if let Some(known) = self.would_know.get(&folded_number(number)) {
            let Known { email, certification, granted_on } = known;
            return Ok(Some(Known {
                email: email.clone(),
                certification: *certification,
                granted_on: *granted_on,
            }));
        }
        let Some(certificate) = certificates::find_by_number(conn, number)? else { return Ok(None) };
        let holder = accounts::find(conn, certificate.holder)?.ok_or(ActionError::NotFound)?;
        Ok(Some(Known {
            email: normal_email(&holder.email),
            certification: certificate.certification.id,
            granted_on: certificate.granted_on,
        }))
    }

    fn add_account(&self, conn: &mut Conn<'_>, row: &Parsed<'_>) -> Result<AccountId, StoreError> {
        let id = accounts::add(conn, &row.email, &row.name, Role::Holder, self.now)?;
        let event = Event { actor: self.by, event: "holder imported", holder: Some(id), ..Event::default() };
        history::record(conn, &event, self.now)?;
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
        badge_signing::sign_holder(conn, self.portal, holder)?;
        let event = Event {
            actor: self.by,
            event: "holder renamed",
            holder: Some(holder),
            detail: format!("from {before} to {name}, by an import"),
            ..Event::default()
        };
        Ok(history::record(conn, &event, self.now)?)
    }
}

fn parse<'a>(
    row: &HolderRow,
    certifications: &'a BTreeMap<String, Certification>,
    today: NaiveDate,
) -> Result<Parsed<'a>, String> {
    let email = row.email.trim().to_owned();
    if email.is_empty() {
        return Err("The email is missing.".to_owned());
    }
    if checked_email(&email).is_err() {
        return Err(format!("{} is not an email address.", shown(&email)));
    }
    let name = one_line("The name", &row.name, LONGEST_NAME)?;
    if name.is_empty() {
        return Err("The name is missing.".to_owned());
    }
    let code = row.certification.trim();
    if code.is_empty() {
        return Err("The certification is missing.".to_owned());
    }
    let certification = certifications
        .get(&code.to_uppercase())
        .ok_or_else(|| format!("There is no certification {}.", shown(code)))?;
    let number = one_line("The certificate number", &row.certificate_number, LONGEST_NUMBER)?;
    if number.is_empty() {
        return Err("The certificate number is missing.".to_owned());
    }
    if row.granted_on.trim().is_empty() {
        return Err("The day of the grant (granted_on) is missing.".to_owned());
    }
    let granted_on = parse_day(&row.granted_on).ok_or_else(|| not_a_day(&row.granted_on, "granted_on"))?;
    if granted_on > today {
        return Err(format!("The day of the grant, {}, is in the future.", long_date(granted_on)));
    }
    if !row.decertified_on.trim().is_empty() {
        return Err(
            "This certificate is decertified. Only certificates in good standing are taken over.".to_owned()
        );
    }
    Ok(Parsed { email, name, certification, number, granted_on })
}

/// In what the row differs from the certificate that has its number: a name may change, nothing else may.
fn difference(known: &Known, row: &Parsed<'_>, email_norm: &str) -> Option<String> {
    let number = shown(&row.number);
    if known.email != email_norm {
        Some(format!("Certificate {number} belongs to another email address."))
    } else if known.certification != row.certification.id {
        Some(format!("Certificate {number} is for another certification."))
    } else if known.granted_on != row.granted_on {
        Some(format!("Certificate {number} was granted on another day, {}.", long_date(known.granted_on)))
    } else {
        None
    }
}

//! A row of holders, read cell by cell: every cell that is not right is told, not only the first.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{ImportTerms, day_in, shown};
use crate::actions::accounts::{LONGEST_NAME, checked_email};
use crate::actions::certification::grant::{Grant, LONGEST_NUMBER};
use crate::actions::text::one_line;
use crate::domain::address;
use crate::domain::certification::catalogue::Certification;
use crate::domain::dates::long_date;
use crate::domain::ids::HolderId;
use crate::domain::roles::Administrator;
use crate::store::fold;

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
#[derive(Clone, Debug)]
pub(super) struct Parsed<'a> {
    pub email: String,
    pub name: String,
    pub certification: &'a Certification,
    pub number: String,
    pub granted_on: NaiveDate,
}

impl Parsed<'_> {
    /// The certificate that it brings.
    pub(super) fn grant(&self, holder: HolderId, by: Option<Administrator>) -> Grant<'_> {
        let (certification, number, granted_on) = (self.certification, self.number.as_str(), self.granted_on);
        // a register that lists two of one certification means two; what a portal exports can be imported
        Grant { holder, certification, number, granted_on, by, twin: true, closed: false }
    }
}

/// Reads a row.
///
/// # Errors
/// Everything that is wrong with its cells, in the order of the columns.
pub(super) fn read<'a>(
    row: &HolderRow,
    certifications: &'a BTreeMap<String, Certification>,
    terms: &ImportTerms,
) -> Result<Parsed<'a>, Vec<String>> {
    let mut faults = Vec::new();
    let email = address::kept(&row.email);
    if email.is_empty() {
        faults.push("The email is missing.".to_owned());
    } else if checked_email(&email).is_err() {
        faults.push(format!("{} is not an email address.", shown(&email)));
    }
    let line = |what: &str, cell: &str, most: usize| match one_line(what, cell, most) {
        Ok(text) if text.is_empty() => Err(format!("{what} is missing.")),
        other => other,
    };
    let name = line("The name", &row.name, LONGEST_NAME);
    faults.extend(name.as_ref().err().cloned());
    let code = row.certification.trim();
    let certification = certifications.get(&code.to_uppercase());
    if code.is_empty() {
        faults.push("The certification is missing.".to_owned());
    } else if certification.is_none() {
        let titled = certifications.values().find(|one| fold(&one.title) == fold(code));
        let advice = titled.map(|one| format!(" Write its code, {}.", one.code)).unwrap_or_default();
        faults.push(format!("There is no certification with the code {}.{advice}", shown(code)));
    }
    let number = line("The certificate number", &row.certificate_number, LONGEST_NUMBER);
    faults.extend(number.as_ref().err().cloned());
    let granted_on = granted_on(row, terms);
    faults.extend(granted_on.as_ref().err().cloned());
    if !row.decertified_on.trim().is_empty() {
        faults.push(
            "This certificate is decertified. Only certificates in good standing are taken over.".to_owned(),
        );
    }
    match (name, certification, number, granted_on) {
        (Ok(name), Some(certification), Ok(number), Ok(granted_on)) if faults.is_empty() => {
            Ok(Parsed { email, name, certification, number, granted_on })
        }
        _ => Err(faults),
    }
}

fn granted_on(row: &HolderRow, terms: &ImportTerms) -> Result<NaiveDate, String> {
    if row.granted_on.trim().is_empty() {
        return Err("The day of the grant (granted_on) is missing.".to_owned());
    }
    let day = day_in(&terms.days, "granted_on", &row.granted_on)?;
    if day > terms.today {
        return Err(format!("The day of the grant, {}, is in the future.", long_date(day)));
    }
    Ok(day)
}

/// The name in a row, for whoever reads what was wrong with it.
pub(super) fn name_in(row: &HolderRow) -> String {
    let name: String = row.name.split_whitespace().collect::<Vec<_>>().join(" ");
    name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}

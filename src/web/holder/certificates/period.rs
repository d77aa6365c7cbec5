//! What part of a holder's record is looked at: one certification year, one certificate, one calendar year, or all of it.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use crate::domain::certification::certificate::CertificationYear;
use crate::domain::dates::long_date;
use crate::domain::ledger::{CertificateFile, HolderFile};
use crate::web::forms::errors::{Choice, ChoiceGroup};

/// Stands for all years of a certificate in an address.
const ALL: &str = "all";

/// The part that was asked for.
#[derive(Clone, Copy, Debug)]
pub enum Period<'a> {
    /// Everything, for ever.
    All,
    /// A calendar year.
    Calendar(i32),
    /// All years of a certificate.
    Certificate(&'a CertificateFile),
    /// A certification year: the certificate, and where the year stands in its `years`.
    Certification(&'a CertificateFile, usize),
}

impl<'a> Period<'a> {
    /// Reads `?year=`: "2026", "12-all" for certificate 12, or "12-3" for its year 3. What the holder does not have is everything.
    #[must_use]
    pub fn read(typed: &str, file: &'a HolderFile, today: NaiveDate) -> Period<'a> {
        if let Some((certificate, number)) = typed.split_once('-') {
            let own = file.certificates.iter().find(|own| own.certificate.id.to_string() == certificate);
            if let Some(own) = own.filter(|_| number == ALL) {
                return Period::Certificate(own);
            }
            let index = number.parse().ok().zip(own).and_then(|(number, own)| own.index_of(number));
            let begun = |own: &CertificateFile, index: usize| {
                own.years.get(index).is_some_and(|year| year.starts_on <= today)
            };
            return match own.zip(index) {
                Some((own, index)) if begun(own, index) => Period::Certification(own, index),
                _ => Period::All,
            };
        }
        typed.parse().map_or(Period::All, Period::Calendar)
    }

    /// Whether an activity that was completed on a day belongs to it.
    #[must_use]
    pub fn covers(self, completed_on: Option<NaiveDate>) -> bool {
        match self {
            Period::All => true,
            Period::Calendar(year) => completed_on.is_some_and(|day| day.year() == year),
            Period::Certificate(own) => completed_on.is_some_and(|day| own.year_for(day).is_some()),
            Period::Certification(own, index) => {
                completed_on.is_some_and(|day| own.year_for(day) == Some(index))
            }
        }
    }

    /// The certification year, if it is one.
    #[must_use]
    pub fn year(self) -> Option<(&'a CertificateFile, &'a CertificationYear)> {
        match self {
            Period::Certification(own, index) => Some((own, own.years.get(index)?)),
            Period::All | Period::Certificate(_) | Period::Calendar(_) => None,
        }
    }

    /// What the address says for it; empty for everything.
    #[must_use]
    pub fn code(self) -> String {
        match self {
            Period::All => String::new(),
            Period::Calendar(year) => year.to_string(),
            Period::Certificate(own) => format!("{}-{ALL}", own.certificate.id),
            Period::Certification(..) => self
                .year()
                .map(|(own, year)| format!("{}-{}", own.certificate.id, year.number))
                .unwrap_or_default(),
        }
    }
}

/// What can be asked for: for each certificate its certification years that have begun, the latest first, and all of them together where
/// there are several certificates; and the calendar years in which something was completed.
#[must_use]
pub fn choices(
    file: &HolderFile,
    completed: impl Iterator<Item = NaiveDate>,
    today: NaiveDate,
) -> Vec<ChoiceGroup> {
    let needing: Vec<_> = file.certificates.iter().filter(|own| own.certificate.needs_cpe()).collect();
    let several = needing.len() > 1;
    let of_certificate = |own: &&CertificateFile| {
        let held = &own.certificate;
        let label = if several {
            format!("{}, {}", held.number, held.certification.title)
        } else {
            "Certification years".to_owned()
        };
        let all = several
            .then(|| Choice::new(format!("{}-{ALL}", held.id), format!("All years of {}", held.number)));
        let years = own.years.iter().rev().filter(|year| year.starts_on <= today).map(|year| {
            let days = format!("{} to {}", long_date(year.starts_on), long_date(year.ends_on));
            Choice::new(format!("{}-{}", held.id, year.number), format!("Year {}: {days}", year.number))
        });
        ChoiceGroup { label, choices: all.into_iter().chain(years).collect(), far: false }
    };
    let calendar: BTreeSet<i32> = completed.map(|day| day.year()).collect();
    let calendar = calendar.iter().rev().map(|year| Choice::new(year.to_string(), year.to_string()));
    let calendar =
        ChoiceGroup { label: "Calendar years".to_owned(), choices: calendar.collect(), far: false };
    let groups = needing.iter().map(of_certificate).chain([calendar]);
    groups.filter(|group| !group.choices.is_empty()).collect()
}

//! Notices about decisions: decertified, reinstated, extended, waived. Each tells the reason in the decider's own words.

use chrono::NaiveDate;

use super::notice::{CertificateLine, YearLine};
use super::words::{filters, three_templates};

/// A certificate was decertified (G12).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decertified {
    /// Which one.
    pub certificate: CertificateLine,
    /// The day from which it no longer stands.
    pub decided_on: NaiveDate,
    /// First day of the year that cost it.
    pub year_starts_on: NaiveDate,
    /// Last day of that year.
    pub year_ends_on: NaiveDate,
    /// Why, in the administrator's words.
    pub reason: String,
}

/// A decertified certificate stands again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reinstated {
    /// The year that is open now, with its certificate.
    pub year: YearLine,
    /// Why, in the administrator's words.
    pub reason: String,
}

/// The deadline of a year was moved.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Extended {
    /// The year with its new deadline.
    pub year: YearLine,
    /// The deadline before.
    pub old_deadline: NaiveDate,
    /// Why, in the administrator's words.
    pub reason: String,
}

/// A flagged year counts as met.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Waived {
    /// The year.
    pub year: YearLine,
    /// Why, in the administrator's words.
    pub reason: String,
}

three_templates!(
    Decertified,
    "decertified",
    "mail/decertified.subject.txt",
    "mail/decertified.txt",
    "mail/decertified.html"
);
three_templates!(
    Reinstated,
    "reinstated",
    "mail/reinstated.subject.txt",
    "mail/reinstated.txt",
    "mail/reinstated.html"
);
three_templates!(
    Extended,
    "extended",
    "mail/extended.subject.txt",
    "mail/extended.txt",
    "mail/extended.html"
);
three_templates!(Waived, "waived", "mail/waived.subject.txt", "mail/waived.txt", "mail/waived.html");

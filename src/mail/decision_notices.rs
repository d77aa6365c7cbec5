//! Notices about decisions: decertified, ended otherwise, reinstated, extended, waived, corrected. Each tells the reason in the decider's own
//! words.

use chrono::NaiveDate;

use super::lines::{CertificateLine, YearLine};
use super::words::{filters, three_templates};
use crate::domain::certification::ending::EndingKind;

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

/// A certificate ended otherwise than for missing credits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ended {
    /// Which one.
    pub certificate: CertificateLine,
    /// How. Of a death nobody is told.
    pub kind: EndingKind,
    /// The day from which it no longer stands.
    pub ended_on: NaiveDate,
    /// What takes its place, when a higher certificate does.
    pub replaced_by: Option<CertificateLine>,
    /// Why, in the administrator's words.
    pub reason: String,
}

/// What a certificate says was corrected.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Corrected {
    /// The certificate, as it says now.
    pub certificate: CertificateLine,
    /// What was changed: the name of the thing, before, after.
    pub changes: Vec<(&'static str, String, String)>,
    /// The year in progress, when its days or its minimum are others now.
    pub year: Option<YearLine>,
    /// Why, in the administrator's words.
    pub reason: String,
}

/// A certificate that had ended stands again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reinstated {
    /// Which one.
    pub certificate: CertificateLine,
    /// The year that is open now; none for Foundation.
    pub year: Option<YearLine>,
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
    "mail/decertified.subject.txt",
    "mail/decertified.txt",
    "mail/decertified.html"
);
three_templates!(Reinstated, "mail/reinstated.subject.txt", "mail/reinstated.txt", "mail/reinstated.html");
three_templates!(Extended, "mail/extended.subject.txt", "mail/extended.txt", "mail/extended.html");
three_templates!(Waived, "mail/waived.subject.txt", "mail/waived.txt", "mail/waived.html");
three_templates!(Ended, "mail/ended.subject.txt", "mail/ended.txt", "mail/ended.html");
three_templates!(Corrected, "mail/corrected.subject.txt", "mail/corrected.txt", "mail/corrected.html");

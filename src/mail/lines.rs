//! Certificates and their years, as notices name them.

use chrono::NaiveDate;

use crate::domain::activities::credits::Credits;
use crate::domain::dates::days_between;

/// One certification year in a notice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct YearLine {
    /// The title that the certificate gives.
    pub certification_title: String,
    /// The number printed on the certificate.
    pub certificate_number: String,
    /// First day of the year.
    pub year_starts_on: NaiveDate,
    /// Last day of the year.
    pub year_ends_on: NaiveDate,
    /// Its deadline: the last day, or later when it was extended.
    pub deadline: NaiveDate,
    /// E: approved credits that count.
    pub approved: Credits,
    /// P: credits that wait for review.
    pub pending: Credits,
    /// The minimum.
    pub required: Credits,
    /// What is missing when everything pending is approved; shown rounded up.
    pub missing: Credits,
}

impl YearLine {
    /// How long is left from `today` on: "14 days left", "today is the last day".
    pub(super) fn time_left(&self, today: &NaiveDate) -> String {
        match days_between(*today, self.deadline) {
            days if days < 0 => "the deadline has passed".to_owned(),
            0 => "today is the last day".to_owned(),
            1 => "1 day left".to_owned(),
            days => format!("{days} days left"),
        }
    }
}

/// A certificate in a notice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateLine {
    /// The title that it gives.
    pub certification_title: String,
    /// The number printed on it.
    pub certificate_number: String,
}

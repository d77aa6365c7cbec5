//! Certificates and their years, as notices name them.

use chrono::{Datelike, NaiveDate};

use crate::domain::activities::credits::Credits;
use crate::domain::dates::{days_between, long_date};
use crate::domain::ids::{CertificateId, YearId};

/// A deadline so many days ahead is named without its year in a subject.
const SAME_SEASON: i64 = 300;

/// One certification year in a notice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct YearLine {
    /// Its certificate and number.
    pub id: YearId,
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

    /// What is missing by when, for a subject: "9.50 credits by 18 December".
    pub(super) fn asked_by(&self, today: &NaiveDate) -> String {
        let full = long_date(self.deadline);
        let far = days_between(*today, self.deadline) > SAME_SEASON;
        let year = format!(" {}", self.deadline.year());
        let day = if far { full.as_str() } else { full.strip_suffix(&year).unwrap_or(&full) };
        format!("{} by {day}", self.missing.counted_up())
    }

    /// The same with the day in full.
    pub(super) fn asked_by_day(&self) -> String {
        format!("{} by {}", self.missing.counted_up(), long_date(self.deadline))
    }

    /// The path of the form by which its holder writes about the year, or answers its flag.
    pub(super) fn answer_path(&self) -> String {
        format!("/advice/new?year={}-{}", self.id.0, self.id.1)
    }

    /// What counts on `today`, what waits, what is missing, until when.
    pub(super) fn standing(&self, today: NaiveDate) -> String {
        let credits = |amount: Credits| amount.counted_as("credit counts", "credits count");
        let mut words = if self.approved > self.required {
            let needed = self.required.counted_as("is needed", "are needed");
            format!("{} and {needed}", credits(self.approved))
        } else {
            format!("{} of {}", self.approved.plain(), credits(self.required))
        };
        if !self.pending.is_zero() {
            let waiting = self.pending.plain();
            let are = if waiting == "1" { "is" } else { "are" };
            words.push_str(&format!(", {waiting} {are} waiting for review"));
        }
        let missing = match (self.missing.is_zero(), self.pending.is_zero()) {
            (true, true) => "nothing is missing".to_owned(),
            (true, false) => "nothing else is missing".to_owned(),
            (false, _) => format!("{} missing", self.missing.plain_up()),
        };
        let deadline = long_date(self.deadline);
        if today <= self.deadline {
            format!("{words}, {missing}, until {deadline}")
        } else {
            format!("{words}, {missing}; the deadline was {deadline}")
        }
    }
}

/// A certificate in a notice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateLine {
    /// Its identity.
    pub id: CertificateId,
    /// The title that it gives.
    pub certification_title: String,
    /// The number printed on it.
    pub certificate_number: String,
}

impl CertificateLine {
    /// The path of its page.
    pub(super) fn path(&self) -> String {
        format!("/certificates/{}", self.id)
    }

    /// The path of the form for an appeal against its end.
    pub(super) fn appeal_path(&self) -> String {
        format!("/advice/new?kind=appeal&certificate={}", self.id)
    }

    /// The path of the form for writing about it.
    pub(super) fn question_path(&self) -> String {
        format!("/advice/new?certificate={}", self.id)
    }
}

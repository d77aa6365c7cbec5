//! Notices about certification years: reminder, minimum reached, recertified, flagged, flag lifted. One mail covers all of a
//! holder's certificates concerned.

use chrono::NaiveDate;

use super::lines::YearLine;
use super::words::{filters, three_templates};

/// Credits are missing and a deadline is near (G13).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reminder {
    /// The day of the run, from which days left are counted.
    pub today: NaiveDate,
    /// The years concerned, most urgent first.
    pub years: Vec<YearLine>,
}

/// A person of the body writes to somebody whose credits are missing some time before the deadline (G13).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FriendlyReminder {
    /// The day on which it is written, from which days left are counted.
    pub today: NaiveDate,
    /// The name of the person who writes.
    pub from: String,
    /// What that person adds in words of their own; empty for nothing.
    pub words: String,
    /// The years concerned, the nearest deadline first.
    pub years: Vec<YearLine>,
}

/// An approval reached the minimum of one or more years.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MinimumReached {
    /// The years that reached it.
    pub years: Vec<YearLine>,
}

/// A year that was settled as met.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecertifiedYear {
    /// The year that was met.
    pub year: YearLine,
    /// The deadline of the year for which it recertifies: the next one (G11). It is the day that badge and paper say, too.
    pub recertified_until: NaiveDate,
}

/// Years were settled as met (G11).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recertified {
    /// The years.
    pub years: Vec<RecertifiedYear>,
}

/// A year that was flagged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FlaggedYear {
    /// The year, with what is missing.
    pub year: YearLine,
    /// Last day of the notice period.
    pub answer_by: NaiveDate,
}

/// Years were flagged: the deadline passed and credits are missing (G12).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Flagged {
    /// The years.
    pub years: Vec<FlaggedYear>,
}

/// Flags were lifted and the years settled as met; one mail says both.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FlagLifted {
    /// The years.
    pub years: Vec<RecertifiedYear>,
}

impl Reminder {
    /// The year with the nearest deadline.
    fn first(&self) -> Option<&YearLine> {
        nearest(&self.years)
    }
}

impl FriendlyReminder {
    /// The year with the nearest deadline.
    fn first(&self) -> Option<&YearLine> {
        nearest(&self.years)
    }
}

impl Recertified {
    fn first(&self) -> Option<&RecertifiedYear> {
        self.years.iter().min_by_key(|settled| settled.recertified_until)
    }
}

impl FlagLifted {
    fn first(&self) -> Option<&RecertifiedYear> {
        self.years.iter().min_by_key(|settled| settled.recertified_until)
    }
}

impl Flagged {
    /// The year whose answer is due first.
    fn first(&self) -> Option<&FlaggedYear> {
        self.years.iter().min_by_key(|flagged| flagged.answer_by)
    }

    /// The other years.
    fn rest(&self) -> Vec<&FlaggedYear> {
        let first = self.first().map(|flagged| flagged.year.id);
        self.years.iter().filter(|flagged| Some(flagged.year.id) != first).collect()
    }
}

fn nearest(years: &[YearLine]) -> Option<&YearLine> {
    years.iter().min_by_key(|year| (year.deadline, std::cmp::Reverse(year.missing)))
}

three_templates!(Reminder, "mail/reminder.subject.txt", "mail/reminder.txt", "mail/reminder.html");
three_templates!(
    FriendlyReminder,
    "mail/friendly-reminder.subject.txt",
    "mail/friendly-reminder.txt",
    "mail/friendly-reminder.html"
);
three_templates!(
    MinimumReached,
    "mail/minimum-reached.subject.txt",
    "mail/minimum-reached.txt",
    "mail/minimum-reached.html"
);
three_templates!(
    Recertified,
    "mail/recertified.subject.txt",
    "mail/recertified.txt",
    "mail/recertified.html"
);
three_templates!(Flagged, "mail/flagged.subject.txt", "mail/flagged.txt", "mail/flagged.html");
three_templates!(FlagLifted, "mail/flag-lifted.subject.txt", "mail/flag-lifted.txt", "mail/flag-lifted.html");

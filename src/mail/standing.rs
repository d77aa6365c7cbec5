//! Where a holder stands when a mail is written: what counts, what waits, what is missing, until when.

use chrono::NaiveDate;

use super::lines::YearLine;
use crate::domain::dates::long_date;
use crate::domain::plural::counted;

/// Most years that a mail lists; the others are on the dashboard.
const MOST_LINES: usize = 4;

/// Where a holder stands on a day: the years of their certificates that have begun and are not settled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StandingLines {
    today: NaiveDate,
    years: Vec<YearLine>,
}

impl StandingLines {
    /// The years: those that wait to be settled, then those whose credits are missing, each by deadline; `None` without any.
    #[must_use]
    pub fn new(today: NaiveDate, mut years: Vec<YearLine>) -> Option<StandingLines> {
        years.sort_by(|a, b| {
            let place = |year: &YearLine| (today <= year.deadline && year.missing.is_zero(), year.deadline);
            place(a).cmp(&place(b)).then_with(|| a.certificate_number.cmp(&b.certificate_number))
        });
        (!years.is_empty()).then_some(StandingLines { today, years })
    }

    /// A mail may be held for days, so it says of which day this is.
    pub(super) fn day(&self) -> String {
        long_date(self.today)
    }

    /// A line for each year, as far as they fit.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |year: &YearLine| {
            let (title, number) = (&year.certification_title, &year.certificate_number);
            format!("{title}, certificate {number}: {}", year.standing(self.today))
        };
        self.years.iter().take(MOST_LINES).map(line).collect()
    }

    /// How many more there are, in words; empty when none are left out.
    pub(super) fn more(&self) -> String {
        match self.years.len().saturating_sub(MOST_LINES) {
            0 => String::new(),
            more => {
                let more = u32::try_from(more).unwrap_or(u32::MAX);
                format!("and {} on your dashboard", counted(more, "more year", "more years"))
            }
        }
    }
}

//! Exact credits: a whole number of parts, never a float.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use crate::domain::plural::grouped;

/// How many parts make one credit. 36 000 divides evenly by 60, 150 and 180 (G2–G7) and by most rates a body would set.
pub const PARTS_PER_CREDIT: i64 = 36_000;

/// Decimals of an exact amount in a file. A part is 0.0000277…, so a million amounts rounded at the twelfth stay far below one.
const MOST_DECIMALS: u32 = 12;

/// Parts in a hundredth of a credit, the smallest amount that is shown.
const PARTS_PER_HUNDREDTH: i64 = 360;

/// An exact amount of credits. Adding and comparing never round, so sixty reports of 50 pages are exactly 20 credits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Credits(i64);

/// Why a typed amount is no amount of credits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreditsError {
    /// Not a number with at most two decimals.
    #[error("Enter a number of credits with at most two decimals, such as 20 or 7.5.")]
    NotANumber,
    /// More than any policy could mean.
    #[error("Enter at most 100\u{a0}000 credits.")]
    TooMany,
}

impl Credits {
    /// No credits.
    pub const ZERO: Credits = Credits(0);

    /// An amount from its parts (1/36 000 of a credit each).
    pub const fn from_parts(parts: i64) -> Self {
        Credits(parts)
    }

    /// A whole number of credits.
    pub const fn whole(credits: i64) -> Self {
        Credits(credits.saturating_mul(PARTS_PER_CREDIT))
    }

    /// The amount in parts, as the database keeps it.
    pub const fn parts(self) -> i64 {
        self.0
    }

    /// Whether there are none.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// What is left after taking `other` away, never below zero.
    pub fn less(self, other: Credits) -> Credits {
        Credits(self.0.saturating_sub(other.0).max(0))
    }

    /// Two decimals, rounded **up**: how a missing amount is shown, so that nobody stops short of the minimum.
    pub fn rounded_up(self) -> String {
        let hundredths = self.0.saturating_add(PARTS_PER_HUNDREDTH - 1).div_euclid(PARTS_PER_HUNDREDTH);
        format_hundredths(hundredths)
    }

    /// As it stands in a sentence: "20", "7.50"; rounded **down** like every amount that is shown. Figures in tables keep their decimals.
    pub fn plain(self) -> String {
        without_zeros(self.to_string())
    }

    /// A missing amount in a sentence: "10", "9.50"; rounded **up**.
    pub fn plain_up(self) -> String {
        without_zeros(self.rounded_up())
    }

    /// An amount with its word: "1 credit", "7.50 credits"; rounded **down**.
    pub fn counted(self) -> String {
        with_word(self.plain())
    }

    /// A missing amount with its word; rounded **up**.
    pub fn counted_up(self) -> String {
        with_word(self.plain_up())
    }

    /// An amount with the words that follow one credit, or any other amount: "1 credit is", "7.50 credits are"; rounded **down**.
    pub fn counted_as(self, one: &str, many: &str) -> String {
        with_words(self.plain(), one, many)
    }

    /// The same of a missing amount; rounded **up**.
    pub fn counted_up_as(self, one: &str, many: &str) -> String {
        with_words(self.plain_up(), one, many)
    }

    /// For files that others add up: a decimal number that is never less than the amount, and more by less than a millionth of a part. It has
    /// two decimals, or as many as it needs, at most twelve; thirds have no end, so their last decimal is rounded **up**. However many of them
    /// a spreadsheet adds, the sum cut to two decimals is the one that the portal shows: sixty times a third is 20.00.
    pub fn exact(self) -> String {
        let whole = self.0.div_euclid(PARTS_PER_CREDIT);
        let rest = i128::from(self.0.rem_euclid(PARTS_PER_CREDIT)) * 10_i128.pow(MOST_DECIMALS);
        let parts = i128::from(PARTS_PER_CREDIT);
        let decimals = rest.div_euclid(parts) + i128::from(rest.rem_euclid(parts) != 0);
        let decimals = format!("{decimals:012}");
        format!("{whole}.{:0<2}", decimals.trim_end_matches('0'))
    }

    /// Reads "20", "7.5" or "7,25": at most two decimals, so that what was typed is exactly what is kept.
    ///
    /// # Errors
    /// `NotANumber` for anything else, `TooMany` above 100 000.
    pub fn parse(text: &str) -> Result<Credits, CreditsError> {
        let text = text.trim().replace(',', ".");
        let (whole, decimals) = text.split_once('.').unwrap_or((text.as_str(), ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || decimals.len() > 2 || !all_digits(whole) || !all_digits(decimals) {
            return Err(CreditsError::NotANumber);
        }
        let whole: i64 = whole.parse().map_err(|_| CreditsError::TooMany)?;
        let hundredths: i64 = format!("{decimals:0<2}").parse().map_err(|_| CreditsError::NotANumber)?;
        if whole > 100_000 {
            return Err(CreditsError::TooMany);
        }
        Ok(Credits(whole * PARTS_PER_CREDIT + hundredths * PARTS_PER_HUNDREDTH))
    }
}

fn format_hundredths(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths.div_euclid(100), hundredths.rem_euclid(100))
}

fn without_zeros(shown: String) -> String {
    shown.strip_suffix(".00").map(str::to_owned).unwrap_or(shown)
}

fn with_word(amount: String) -> String {
    let ending = if amount == "1" { "" } else { "s" };
    format!("{} credit{ending}", grouped(amount))
}

fn with_words(amount: String, one: &str, many: &str) -> String {
    let words = if amount == "1" { one } else { many };
    format!("{} {words}", grouped(amount))
}

impl fmt::Display for Credits {
    /// Two decimals, rounded **down**: 19.999 shows as 19.99, never as 20.00.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_hundredths(self.0.div_euclid(PARTS_PER_HUNDREDTH)))
    }
}

impl Add for Credits {
    type Output = Credits;
    fn add(self, other: Credits) -> Credits {
        Credits(self.0.saturating_add(other.0))
    }
}

impl Sub for Credits {
    type Output = Credits;
    fn sub(self, other: Credits) -> Credits {
        Credits(self.0.saturating_sub(other.0))
    }
}

impl Sum for Credits {
    fn sum<I: Iterator<Item = Credits>>(iter: I) -> Credits {
        iter.fold(Credits::ZERO, Add::add)
    }
}

//! The bar that shows credits against the minimum of a year: where its parts begin and end, in whole thousandths.

use std::fmt;

use crate::domain::activities::credits::Credits;

/// A place on a bar or a width, in thousandths of the whole bar. Shows as a percentage for SVG, such as `45.3%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Thousandths(pub i64);

impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}%", self.0 / 10, self.0 % 10)
    }
}

/// The parts of a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bar {
    /// Width of the approved credits, drawn first.
    pub approved: Thousandths,
    /// Width of the credits that wait for a review, drawn next.
    pub pending: Thousandths,
    /// Where these end.
    pub pending_end: Thousandths,
    /// Where the minimum stands, when there is more than the minimum.
    pub minimum: Option<Thousandths>,
    /// Where one would stand today if credits came evenly, while that says something.
    pub pace: Option<Pace>,
}

/// Where one would stand today if credits came evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// Its place on the bar.
    pub at: Thousandths,
    /// How much that is.
    pub credits: Credits,
}

impl Bar {
    /// The bar for amounts in any one unit (parts of a credit); the whole bar is the minimum, or the sum if that is
    /// more. Widths are rounded down, so that only a full minimum looks full; what is more than nothing is visible.
    #[must_use]
    pub fn new(approved: i64, pending: i64, minimum: i64) -> Self {
        Self::within(approved, pending, minimum, 0)
    }

    /// The same where a full bar stands for at least `whole`, so that two bars can be compared.
    #[must_use]
    pub fn within(approved: i64, pending: i64, minimum: i64, whole: i64) -> Self {
        let (approved, pending, minimum) = (approved.max(0), pending.max(0), minimum.max(0));
        let whole = approved.saturating_add(pending).max(minimum).max(whole).max(1);
        let width = |amount: i64| {
            i64::try_from(i128::from(amount) * 1000 / i128::from(whole)).map_or(1000, |exact| exact.min(1000))
        };
        let visible = |amount: i64| if amount == 0 { 0 } else { width(amount).max(8) };
        let pending_width = visible(pending);
        let approved_width = visible(approved).min(1000 - pending_width);
        Self {
            approved: Thousandths(approved_width),
            pending: Thousandths(pending_width),
            pending_end: Thousandths(approved_width + pending_width),
            minimum: (minimum > 0 && minimum < whole).then(|| Thousandths(width(minimum))),
            pace: None,
        }
    }

    /// The same with a mark where an amount stands on a bar that stands for `minimum`.
    #[must_use]
    pub fn paced(self, credits: Credits, minimum: Credits) -> Self {
        let exact = i128::from(credits.parts()) * 1000 / i128::from(minimum.parts().max(1));
        let at = Thousandths(i64::try_from(exact).map_or(1000, |at| at.clamp(0, 1000)));
        Self { pace: Some(Pace { at, credits }), ..self }
    }
}

/// One part of a stacked bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The kind, as for status tags: good, wait, action, bad, off, info.
    pub kind: &'static str,
    /// What a person reads, such as "at risk".
    pub label: &'static str,
    /// How many.
    pub amount: i64,
    /// Where it begins.
    pub start: Thousandths,
    /// How wide it is.
    pub width: Thousandths,
}

/// Places counted parts side by side. `whole` is what a full bar stands for (the largest total of a chart); a
/// smaller one than the sum of the parts is taken as that sum.
#[must_use]
pub fn stack(parts: &[(&'static str, &'static str, i64)], whole: i64) -> Vec<Segment> {
    let sum = parts.iter().fold(0_i64, |sum, (_, _, amount)| sum.saturating_add((*amount).max(0)));
    let whole = i128::from(sum.max(whole).max(1));
    let place = |amount: i64| i64::try_from(i128::from(amount) * 1000 / whole).unwrap_or(1000);
    let mut before = 0_i64;
    parts
        .iter()
        .map(|&(kind, label, amount)| {
            let amount = amount.max(0);
            let start = place(before);
            before = before.saturating_add(amount);
            Segment {
                kind,
                label,
                amount,
                start: Thousandths(start),
                width: Thousandths(place(before) - start),
            }
        })
        .collect()
}

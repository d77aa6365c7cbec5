//! How a state looks: the kind (colour and shape) and the words of a status tag.

use crate::domain::activities::activity::ActivityStatus;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::certification::ending::EndingKind;
use crate::domain::certification::standing::YearStanding;
use crate::domain::certification::year_status::YearStatus;

/// A status tag: see `c::tag` in templates/components.html.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// good, wait, action, bad, off or info.
    pub kind: &'static str,
    /// What it says.
    pub label: &'static str,
}

/// The tag of a report, as its holder reads it.
#[must_use]
pub const fn activity_tag(status: ActivityStatus) -> Tag {
    match status {
        ActivityStatus::Draft => Tag { kind: "info", label: "Draft" },
        ActivityStatus::Submitted => Tag { kind: "wait", label: "Waiting for review" },
        ActivityStatus::Returned => Tag { kind: "action", label: "Returned to you" },
        ActivityStatus::Approved => Tag { kind: "good", label: "Approved" },
        ActivityStatus::Rejected => Tag { kind: "bad", label: "Rejected" },
        ActivityStatus::Withdrawn => Tag { kind: "off", label: "Taken back" },
    }
}

/// The tag of a report, as staff read it.
pub fn staff_tag(status: ActivityStatus) -> Tag {
    let kind = match status {
        ActivityStatus::Draft => "info",
        ActivityStatus::Submitted => "wait",
        ActivityStatus::Returned => "action",
        ActivityStatus::Approved => "good",
        ActivityStatus::Rejected => "bad",
        ActivityStatus::Withdrawn => "off",
    };
    Tag { kind, label: status.label() }
}

/// The tag of a certificate that has ended, as staff read it.
#[must_use]
pub const fn ending_tag(kind: EndingKind) -> Tag {
    Tag { kind: kind.shade(), label: kind.label() }
}

/// The same as its holder and everybody else read it.
#[must_use]
pub const fn public_ending_tag(kind: EndingKind) -> Tag {
    Tag { kind: kind.shade(), label: kind.public_label() }
}

/// The tag of a certification year.
#[must_use]
pub const fn year_tag(standing: YearStanding) -> Tag {
    let kind = match standing {
        YearStanding::Upcoming => "off",
        YearStanding::Open | YearStanding::Extended => "info",
        YearStanding::Met => "good",
        YearStanding::AwaitingReview => "wait",
        YearStanding::Short => "action",
        YearStanding::Flagged { .. } => "bad",
        YearStanding::Settled(YearOutcome::Recertified) => "good",
        YearStanding::Settled(YearOutcome::Waived) => "info",
        YearStanding::Settled(YearOutcome::Decertified) => "bad",
        YearStanding::Settled(YearOutcome::Void | YearOutcome::BeforeTakeover) => "off",
    };
    Tag { kind, label: standing.label() }
}

/// The same before the deadline by what the year still needs; after it, by its standing.
#[must_use]
pub const fn status_tag(status: YearStatus) -> Tag {
    match status {
        YearStatus::Reached => Tag { kind: "good", label: status.label() },
        YearStatus::Covered => Tag { kind: "wait", label: status.label() },
        YearStatus::Standing(standing) => year_tag(standing),
    }
}

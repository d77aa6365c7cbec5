//! The figures that a board asks for: how years came out, how long reports waited, what reminders brought, how appeals ended.

use super::certification::certificate::YearOutcome;
use super::codes::codes;
use super::conversations::conversation::AppealOutcome;

/// Days after a reminder within which what its holder does is taken to follow from it.
pub const FOLLOWS_WITHIN_DAYS: i64 = 14;

codes! {
    /// One figure of a calendar year.
    pub enum BoardFigure {
        /// Certification years that ended in it and were settled as met.
        Recertified = "years-recertified",
        /// Those that count as met by a decision.
        Waived = "years-waived",
        /// Those that cost the certificate.
        Decertified = "years-decertified",
        /// Those that nothing was decided about yet.
        Undecided = "years-undecided",
        /// Those whose deadline was moved, whatever came of them.
        Extended = "years-extended",
        /// Years with a deadline in the next 90 days whose credits are missing, as of the day of counting.
        AtRisk = "years-at-risk",
        /// Reports that were approved or rejected in it.
        Decided = "reports-decided",
        /// Within how many minutes half of them were.
        HalfDecided = "minutes-for-half",
        /// Within how many minutes nine of ten of them were.
        MostDecided = "minutes-for-most",
        /// Reminders that went out in it, counted by certification year.
        Reminded = "reminders-sent",
        /// Those whose holder reported something within 14 days.
        Reported = "reminders-answered",
        /// Those whose year reached its minimum within 14 days.
        Reached = "reminders-reached",
        /// Appeals that were made in it.
        Appealed = "appeals-made",
        /// Appeals that ended in it, and the decision stands.
        Upheld = "appeals-upheld",
        /// Those that gave the certificate back.
        Reinstated = "appeals-reinstated",
        /// Those that were taken back.
        Withdrawn = "appeals-withdrawn",
    }
}

impl BoardFigure {
    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            BoardFigure::Recertified => "Recertified",
            BoardFigure::Waived => "Waived",
            BoardFigure::Decertified => "Decertified",
            BoardFigure::Undecided => "Not settled yet",
            BoardFigure::Extended => "Deadline extended",
            BoardFigure::AtRisk => "At risk now",
            BoardFigure::Decided => "Reports decided",
            BoardFigure::HalfDecided => "Half of them within",
            BoardFigure::MostDecided => "Nine of ten within",
            BoardFigure::Reminded => "Reminders sent",
            BoardFigure::Reported => "Followed by a report",
            BoardFigure::Reached => "Followed by the minimum",
            BoardFigure::Appealed => "Appeals made",
            BoardFigure::Upheld => "Decision stands",
            BoardFigure::Reinstated => "Certificate reinstated",
            BoardFigure::Withdrawn => "Taken back",
        }
    }

    /// What it counts, behind its amount: "1 appeal made", "3 years recertified". The amount is not in it.
    #[must_use]
    pub fn counted(self, amount: i64) -> String {
        let (thing, of) = match self {
            BoardFigure::Recertified => ("year", " recertified"),
            BoardFigure::Waived => ("year", " waived"),
            BoardFigure::Decertified => ("year", " decertified"),
            BoardFigure::Undecided => ("year", " not settled yet"),
            BoardFigure::Extended => ("year", " with an extended deadline"),
            BoardFigure::AtRisk => ("year", " at risk now"),
            BoardFigure::Decided => ("report", " decided"),
            BoardFigure::HalfDecided | BoardFigure::MostDecided => ("minute", ""),
            BoardFigure::Reminded => ("reminder", " sent"),
            BoardFigure::Reported => ("reminder", " followed by a report"),
            BoardFigure::Reached => ("reminder", " followed by the minimum"),
            BoardFigure::Appealed => ("appeal", " made"),
            BoardFigure::Upheld => ("appeal", " after which the decision stands"),
            BoardFigure::Reinstated => ("appeal", " after which the certificate was reinstated"),
            BoardFigure::Withdrawn => ("appeal", " taken back"),
        };
        format!("{thing}{}{of}", if amount == 1 { "" } else { "s" })
    }

    /// What it is called in a file, where the unit and the subject have to be said.
    #[must_use]
    pub const fn for_files(self) -> &'static str {
        match self {
            BoardFigure::Recertified => "Years recertified",
            BoardFigure::Waived => "Years waived",
            BoardFigure::Decertified => "Years decertified",
            BoardFigure::Undecided => "Years not settled yet",
            BoardFigure::Extended => "Years with an extended deadline",
            BoardFigure::AtRisk => "Years at risk",
            BoardFigure::Decided => "Reports decided",
            BoardFigure::HalfDecided => "Minutes until half of the reports were decided",
            BoardFigure::MostDecided => "Minutes until nine of ten reports were decided",
            BoardFigure::Reminded => "Reminders sent",
            BoardFigure::Reported => "Reminders followed by a report within 14 days",
            BoardFigure::Reached => "Reminders followed by the minimum within 14 days",
            BoardFigure::Appealed => "Appeals made",
            BoardFigure::Upheld => "Appeals after which the decision stands",
            BoardFigure::Reinstated => "Appeals after which the certificate was reinstated",
            BoardFigure::Withdrawn => "Appeals taken back",
        }
    }

    /// The figures about certification years, in the order of a table.
    pub const OF_YEARS: [BoardFigure; 6] = [
        BoardFigure::Recertified,
        BoardFigure::Waived,
        BoardFigure::Decertified,
        BoardFigure::Undecided,
        BoardFigure::Extended,
        BoardFigure::AtRisk,
    ];

    /// How a year of a settlement counts. None for what nobody decided about: a year before the takeover, and one whose certificate had
    /// ended.
    #[must_use]
    pub const fn of_outcome(outcome: Option<YearOutcome>) -> Option<BoardFigure> {
        match outcome {
            Some(YearOutcome::Recertified) => Some(BoardFigure::Recertified),
            Some(YearOutcome::Waived) => Some(BoardFigure::Waived),
            Some(YearOutcome::Decertified) => Some(BoardFigure::Decertified),
            None => Some(BoardFigure::Undecided),
            Some(YearOutcome::Void | YearOutcome::BeforeTakeover) => None,
        }
    }

    /// How the end of an appeal counts.
    #[must_use]
    pub const fn of_appeal(outcome: AppealOutcome) -> BoardFigure {
        match outcome {
            AppealOutcome::Upheld => BoardFigure::Upheld,
            AppealOutcome::Reinstated => BoardFigure::Reinstated,
            AppealOutcome::Withdrawn => BoardFigure::Withdrawn,
        }
    }
}

/// The value below which `share` of ten of the sorted values lie: the middle for five. `None` without values.
#[must_use]
pub fn within(sorted: &[i64], share: usize) -> Option<i64> {
    let place = sorted.len().saturating_mul(share).div_ceil(10).saturating_sub(1);
    sorted.get(place).copied()
}

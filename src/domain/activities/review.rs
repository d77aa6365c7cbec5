//! Review: staff's verdict on one activity.

use super::activity::{ActivityStatus, Facts};
use super::plausibility::{hours_in_words, more_than_its_days};
use super::quantity::Quantity;
use crate::domain::codes::codes;
use crate::domain::ids::AccountId;
use crate::domain::roles::{Actor, not_their_own};

/// Most characters of a reason, of a verdict as well as of a decision.
pub const LONGEST_REASON: usize = 4000;

codes! {
    /// Why a report was returned or rejected, or awarded less.
    pub enum ReasonCode {
        /// Outside the holder's field and its neighbours (G8).
        NotRelevant = "not_relevant",
        /// Part of the regular job (G9).
        RegularJob = "regular_job",
        /// Nothing shows that it took place.
        NoEvidence = "no_evidence",
        /// A file cannot be opened.
        CannotOpen = "cannot_open",
        /// Hours or pages are not right.
        WrongQuantity = "wrong_quantity",
        /// Reported before.
        Duplicate = "duplicate",
        /// The dates are not right.
        WrongDate = "wrong_date",
        /// Something else, told in words.
        Other = "other",
    }
}

impl ReasonCode {
    /// What the holder reads.
    pub const fn label(self) -> &'static str {
        match self {
            ReasonCode::NotRelevant => "It is outside your field and its neighbouring fields",
            ReasonCode::RegularJob => "It is part of the regular job",
            ReasonCode::NoEvidence => "Something that shows it took place is needed",
            ReasonCode::CannotOpen => "A file cannot be opened",
            ReasonCode::WrongQuantity => "The hours or pages do not match",
            ReasonCode::Duplicate => "It was reported before",
            ReasonCode::WrongDate => "The dates do not match",
            ReasonCode::Other => "Another reason",
        }
    }

    /// The same in a word or two, for a list of all of them.
    pub const fn brief(self) -> &'static str {
        match self {
            ReasonCode::NotRelevant => "field",
            ReasonCode::RegularJob => "job",
            ReasonCode::NoEvidence => "evidence",
            ReasonCode::CannotOpen => "file",
            ReasonCode::WrongQuantity => "amount",
            ReasonCode::Duplicate => "twice",
            ReasonCode::WrongDate => "dates",
            ReasonCode::Other => "words",
        }
    }
}

impl ReasonCode {
    /// The rule behind it, in a sentence for the holder.
    pub const fn rule(self) -> &'static str {
        match self {
            ReasonCode::NotRelevant => {
                "An activity counts when it belongs to your own field or a neighbouring one (G8)."
            }
            ReasonCode::RegularJob => {
                "What belongs to your regular job earns no credits; professional development beside it does (G9)."
            }
            ReasonCode::NoEvidence | ReasonCode::CannotOpen => {
                "A reviewer has to be able to see that it took place."
            }
            ReasonCode::WrongQuantity => "Credits follow from hours or pages (G2 to G7).",
            ReasonCode::Duplicate => {
                "One report counts for all of your certificates, and once for each (G10)."
            }
            ReasonCode::WrongDate => {
                "An activity counts for the year that contains the day it was completed (G11)."
            }
            ReasonCode::Other => "The rules that apply are in the guide.",
        }
    }

    /// What would make it count.
    pub const fn remedy(self) -> &'static str {
        match self {
            ReasonCode::NotRelevant => {
                "Tell us how it bears on the field of your certificate, or name the field that it really belongs to."
            }
            ReasonCode::RegularJob => "Tell us which part of it went beyond your regular work.",
            ReasonCode::NoEvidence => {
                "Add a certificate of attendance, a programme with your name, a photo of the cover, or a link."
            }
            ReasonCode::CannotOpen => "Send the file again as a PDF or a photo.",
            ReasonCode::WrongQuantity => "Ask for a correction with the right hours or pages.",
            ReasonCode::Duplicate => "If it was another event, tell us what was different about it.",
            ReasonCode::WrongDate => "Ask for a correction with the right days.",
            ReasonCode::Other => "The reviewer's words say what is missing.",
        }
    }

    /// Words that say it kindly and say what the holder can do: what the form offers until staff have put it their own way.
    pub const fn first_words(self, refusal: Refused) -> &'static str {
        match refusal {
            Refused::Returned => self.words_of_a_return(),
            Refused::Rejected => self.words_of_a_rejection(),
        }
    }

    const fn words_of_a_return(self) -> &'static str {
        match self {
            ReasonCode::NotRelevant => {
                "This activity is outside your field and the fields next to it, so we cannot see how it keeps your \
                 knowledge up to date. If it does, please tell us how: two or three sentences are enough."
            }
            ReasonCode::RegularJob => {
                "This looks like part of your regular work, which earns no credits. If it was more than that, for example \
                 a training or a talk outside your usual tasks, please tell us what was different."
            }
            ReasonCode::NoEvidence => {
                "Please add something that shows the activity took place and how long it was, for example a certificate \
                 of attendance, a programme with your name, or an email that confirms your registration."
            }
            ReasonCode::CannotOpen => {
                "We could not open the file that came with this report. It may be damaged or locked with a password. \
                 Please add it again, preferably as a PDF without a password or as a photo (JPEG or PNG). Nothing else has to change."
            }
            ReasonCode::WrongQuantity => {
                "The hours or pages you reported do not match what the evidence shows. Please check them (breaks do not \
                 count) and correct the report, or tell us how you counted."
            }
            ReasonCode::Duplicate => {
                "You have already reported this activity. One report is enough: it counts for all of your active \
                 certificates. If this is another activity, please tell us what is different."
            }
            ReasonCode::WrongDate => {
                "The dates you reported do not match what the evidence shows. Please check the day on which the activity \
                 ended and correct the report."
            }
            ReasonCode::Other => "",
        }
    }

    const fn words_of_a_rejection(self) -> &'static str {
        match self {
            ReasonCode::NotRelevant => {
                "This activity is outside your field and the fields next to it, so it does not count. If it does bear on \
                 your field, write to us from the page of this report and tell us how, in two or three sentences. We will \
                 then look at it again."
            }
            ReasonCode::RegularJob => {
                "This was part of your regular work, which earns no credits, so it does not count. If a part of it went \
                 beyond your usual tasks, write to us from the page of this report and tell us which. We will then look at \
                 it again."
            }
            ReasonCode::NoEvidence => {
                "Nothing shows that this activity took place and how long it was, so it does not count. When you find \
                 something that does, ask for a correction on the page of this report: you can then add it, and the report \
                 is reviewed again."
            }
            ReasonCode::CannotOpen => {
                "We could not open the file that came with this report, so we cannot see what it shows, and the report does \
                 not count. If you have it as a PDF without a password or as a photo, ask for a correction on the page of \
                 this report: you can then add it, and the report is reviewed again."
            }
            ReasonCode::WrongQuantity => {
                "The hours or pages you reported do not match what the evidence shows, so the report does not count as it \
                 stands. Ask for a correction on the page of this report with the ones that fit, and it is reviewed again."
            }
            ReasonCode::Duplicate => {
                "You have already reported this activity, so this second report does not count. You lose nothing: the first \
                 one counts for all of your active certificates. If this was another activity, write to us from the page of \
                 this report and tell us what was different."
            }
            ReasonCode::WrongDate => {
                "The dates you reported do not match what the evidence shows, so the report does not count as it stands. Ask \
                 for a correction on the page of this report with the right days, and it is reviewed again."
            }
            ReasonCode::Other => "",
        }
    }
}

/// A verdict that is no approval: it needs a reason, and words that the holder reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// Back to the holder with a question.
    Returned,
    /// It does not count.
    Rejected,
}

impl Refused {
    /// Both, the milder one first.
    pub const ALL: [Refused; 2] = [Refused::Returned, Refused::Rejected];

    /// The verdict that it is.
    pub const fn decision(self) -> ReviewDecision {
        match self {
            Refused::Returned => ReviewDecision::Return,
            Refused::Rejected => ReviewDecision::Reject,
        }
    }

    /// The one of a verdict; `None` for an approval.
    pub const fn of(decision: ReviewDecision) -> Option<Refused> {
        match decision {
            ReviewDecision::Return => Some(Refused::Returned),
            ReviewDecision::Reject => Some(Refused::Rejected),
            ReviewDecision::Approve => None,
        }
    }
}

codes! {
    /// What a verdict decides.
    pub enum ReviewDecision {
        /// It counts.
        Approve = "approve",
        /// Back to the holder with a question.
        Return = "return",
        /// It does not count.
        Reject = "reject",
    }
}

/// What a reviewer decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It counts, whole or with another quantity than was reported.
    Approve {
        /// The quantity that counts, when it differs from the reported one.
        awarded: Option<Quantity>,
        /// Why it differs; empty otherwise.
        reason: String,
    },
    /// Back to the holder with a question; it stays undecided.
    Return {
        /// The kind of reason.
        code: ReasonCode,
        /// In words.
        reason: String,
    },
    /// It does not count.
    Reject {
        /// The kind of reason.
        code: ReasonCode,
        /// In words.
        reason: String,
    },
}

impl Verdict {
    /// The status it leads to.
    pub const fn status(&self) -> ActivityStatus {
        match self {
            Verdict::Approve { .. } => ActivityStatus::Approved,
            Verdict::Return { .. } => ActivityStatus::Returned,
            Verdict::Reject { .. } => ActivityStatus::Rejected,
        }
    }

    /// What it decides.
    pub const fn decision(&self) -> ReviewDecision {
        match self {
            Verdict::Approve { .. } => ReviewDecision::Approve,
            Verdict::Return { .. } => ReviewDecision::Return,
            Verdict::Reject { .. } => ReviewDecision::Reject,
        }
    }
}

/// What is wrong with a verdict, and beside which form field it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerdictError {
    /// Nobody reviews their own.
    #[error("This is your own report. A colleague has to review it.")]
    OwnReport,
    /// Only staff review.
    #[error("Only reviewers and administrators review reports.")]
    NotStaff,
    /// Not submitted: already decided, returned, withdrawn or a draft.
    #[error("This report is not waiting for review any more.")]
    NotWaiting,
    /// Only a question that waits for its holder can be taken back.
    #[error("This report is not waiting for an answer any more, so there is no question to take back.")]
    NotReturned,
    /// Only a verdict can be taken back.
    #[error("This report has not been decided, so there is no verdict to take back.")]
    NotDecided,
    /// Awarding other than reported needs words.
    #[error("Say why the quantity differs from what was reported.")]
    AwardNeedsReason,
    /// More than the days of the report have.
    #[error("{} Approve what counts, or ask the holder.", hours_in_words(*.0))]
    MoreThanItsDays(i64),
    /// Returning or rejecting needs a code.
    #[error("Choose a reason.")]
    CodeMissing,
    /// Returning or rejecting needs words.
    #[error("Say in words what is the matter, so that the holder can act on it.")]
    ReasonMissing,
}

/// A colleague reads the report at this moment: whoever decides it takes it over first, knowing that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is reading this report. Take it over first, or leave it to them.")]
pub struct ReadByColleague(pub String);

/// Checks a verdict before it is recorded, and gives it tidied: an award equal to what was reported is none.
///
/// # Errors
/// A `VerdictError` with what to say.
pub fn checked_verdict(
    verdict: Verdict,
    reviewer: Actor,
    holder: AccountId,
    status: ActivityStatus,
    facts: &Facts,
) -> Result<Verdict, VerdictError> {
    if !reviewer.role.reviews() {
        return Err(VerdictError::NotStaff);
    }
    not_their_own(reviewer.id, holder).map_err(|_| VerdictError::OwnReport)?;
    if status != ActivityStatus::Submitted {
        return Err(VerdictError::NotWaiting);
    }
    match verdict {
        Verdict::Approve { awarded, reason } => {
            let awarded = awarded.filter(|awarded| Some(*awarded) != facts.quantity);
            if awarded.is_some() && reason.trim().is_empty() {
                return Err(VerdictError::AwardNeedsReason);
            }
            let counted = awarded.or(facts.quantity);
            match counted.and_then(|quantity| more_than_its_days(facts, quantity)) {
                Some(hours) => Err(VerdictError::MoreThanItsDays(hours)),
                None => Ok(Verdict::Approve { awarded, reason }),
            }
        }
        Verdict::Return { ref reason, .. } | Verdict::Reject { ref reason, .. } => {
            if reason.trim().is_empty() { Err(VerdictError::ReasonMissing) } else { Ok(verdict) }
        }
    }
}

//! What an administrator decides about a certificate, and what had been looked at before.

use chrono::NaiveDate;

use crate::domain::certification::decision::DecisionKind;
use crate::domain::certification::ending::EndingKind;
use crate::domain::ids::CertificateId;

/// What an administrator decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deciding {
    /// Confirms the flag of a year: the certificate ends and its badge is revoked (G12).
    Decertify {
        /// The flagged year.
        year: i64,
        /// The administrator knows that the mail about the flag may not have been read: asked for unless it was delivered.
        acknowledged: bool,
    },
    /// The flagged year counts as met, without credits.
    Waive {
        /// The flagged year.
        year: i64,
    },
    /// The year's deadline moves.
    Extend {
        /// An unsettled year.
        year: i64,
        /// The new deadline.
        until: NaiveDate,
    },
    /// The certificate that has ended stands again.
    Reinstate,
    /// The certificate ends otherwise than for missing credits.
    End {
        /// How.
        kind: EndingKind,
        /// The certificate that takes its place, when a higher one does.
        replaced_by: Option<CertificateId>,
    },
}

impl Deciding {
    /// The certification year it is about, by its number; none when it is about the certificate as a whole.
    pub const fn year(&self) -> Option<i64> {
        match self {
            Deciding::Decertify { year, .. } | Deciding::Waive { year } | Deciding::Extend { year, .. } => {
                Some(*year)
            }
            Deciding::Reinstate | Deciding::End { .. } => None,
        }
    }

    /// Which kind of decision it is.
    pub const fn kind(&self) -> DecisionKind {
        match self {
            Deciding::Decertify { .. } => DecisionKind::Decertification,
            Deciding::Waive { .. } => DecisionKind::Waiver,
            Deciding::Extend { .. } => DecisionKind::Extension,
            Deciding::Reinstate => DecisionKind::Reinstatement,
            Deciding::End { .. } => DecisionKind::Ending,
        }
    }
}

/// What an administrator had looked at before deciding; what is not given is not checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeenVersion<'a> {
    /// The version of the certificate.
    pub version: Option<i64>,
    /// The holder's open answers to the flag, as `flag_answers::as_read` gives them.
    pub answers: Option<&'a str>,
}

//! Publications (G4): several reports may name one; together they earn at most the cap, over its whole life.

use super::credits::Credits;
use crate::domain::text::{on_one_line, without_case};

/// A publication's title as it is compared: trimmed, composed, without case, inner spaces as one.
pub fn fold_title(title: &str) -> String {
    without_case(&on_one_line(title))
}

/// One report's claim on its publication's cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicationClaim {
    /// What the report would earn without the cap.
    pub raw: Credits,
    /// What a settled year has counted of it already; never taken back.
    pub settled: Credits,
    /// The cap in force on the day it was completed.
    pub cap: Credits,
    /// Approved ones are served before undecided ones.
    pub approved: bool,
}

/// One report's part of the cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allotment {
    /// What it earns.
    pub share: Credits,
    /// What others had taken of the cap before it.
    pub taken_before: Credits,
}

/// Shares a publication's cap out (G4): first to what settled years have counted, then to approved reports in the given
/// order (completed on, reported at, id), then to undecided ones in the same order.
pub fn allot(claims: &[PublicationClaim]) -> Vec<Allotment> {
    let mut taken: Credits = claims.iter().map(|claim| claim.settled).sum();
    let mut allotments: Vec<Allotment> =
        claims.iter().map(|claim| Allotment { share: claim.settled, taken_before: Credits::ZERO }).collect();
    for approved in [true, false] {
        for (claim, allotment) in
            claims.iter().zip(&mut allotments).filter(|(claim, _)| claim.approved == approved)
        {
            allotment.taken_before = taken.less(claim.settled);
            let more = claim.raw.less(claim.settled).min(claim.cap.less(taken));
            allotment.share = claim.settled + more;
            taken = taken + more;
        }
    }
    allotments
}

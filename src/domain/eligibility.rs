//! Which certification years could still use an activity of a given day.

use chrono::NaiveDate;

use super::calendar::long_date;
use super::catalogue::Neighbours;
use super::certificate::Outcome;
use super::ids::{CertificateId, FieldId};
use super::ledger::HolderFile;
use super::relevance::{Relevance, relevance};

/// Why no unsettled year can use an activity; said to the holder, with the date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Completed after today.
    #[error("{} is in the future. Report an activity when it is completed.", long_date(*.0))]
    Future(NaiveDate),
    /// The holder has no certificate that needs credits.
    #[error("You have no certificate that needs CPE credits.")]
    NothingNeedsCpe,
    /// Before every grant.
    #[error("{} is before your first certificate that needs credits was granted, on {}.", long_date(*.0), long_date(*.1))]
    BeforeGrant(NaiveDate, NaiveDate),
    /// No certificate was active on that day.
    #[error("No certificate of yours that needs credits was active on {}.", long_date(*.0))]
    NotActive(NaiveDate),
    /// Every year that contains the day is settled.
    #[error("The certification year that contains {} was settled on {}, so it can no longer count anything.", long_date(*.0), long_date(*.1))]
    Settled(NaiveDate, NaiveDate),
    /// Every year that contains the day was over before the portal took the certificate over. Nobody settled it here, so there is no
    /// day to tell.
    #[error("The certification year that contains {} was over before your certificate came to this portal, so it can no longer count anything.", long_date(*.0))]
    BeforeTakeover(NaiveDate),
}

/// A year that an activity would count for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsableYear {
    /// The certificate.
    pub certificate: CertificateId,
    /// The year's number.
    pub year: i64,
}

/// The unsettled years that could use an activity completed on `day`: for every certificate that was active and needs CPE on that
/// day, the one year whose days include it (G10).
///
/// # Errors
/// `Unusable` with the reason and the date when there is none.
pub fn usable_years(
    file: &HolderFile,
    day: NaiveDate,
    today: NaiveDate,
) -> Result<Vec<UsableYear>, Unusable> {
    if day > today {
        return Err(Unusable::Future(day));
    }
    let needing = || file.certificates.iter().filter(|c| c.certificate.needs_cpe());
    let first_grant = needing().map(|c| c.certificate.granted_on).min().ok_or(Unusable::NothingNeedsCpe)?;
    if day < first_grant {
        return Err(Unusable::BeforeGrant(day, first_grant));
    }
    let mut usable = Vec::new();
    let (mut settled_on, mut before_takeover) = (None, false);
    for certificate in needing() {
        let year = certificate.year_for(day).and_then(|index| certificate.years.get(index));
        match year.map(|year| (year, year.settlement)) {
            Some((_, Some(settlement))) if settlement.outcome == Outcome::BeforeTakeover => {
                before_takeover = true;
            }
            Some((_, Some(settlement))) => settled_on = settled_on.max(Some(settlement.settled_on)),
            Some((year, None)) => {
                usable.push(UsableYear { certificate: year.certificate, year: year.number })
            }
            None => {}
        }
    }
    match (usable.is_empty(), settled_on) {
        (false, _) => Ok(usable),
        (true, Some(settled_on)) => Err(Unusable::Settled(day, settled_on)),
        (true, None) if before_takeover => Err(Unusable::BeforeTakeover(day)),
        (true, None) => Err(Unusable::NotActive(day)),
    }
}

/// How an activity's field relates to the certificates that were active on its day (G8).
pub fn relevance_on(file: &HolderFile, field: FieldId, day: NaiveDate, neighbours: &Neighbours) -> Relevance {
    let own: Vec<FieldId> = file
        .certificates
        .iter()
        .filter(|c| c.certificate.active_on(day))
        .map(|c| c.certificate.certification.field)
        .collect();
    relevance(field, &own, neighbours)
}

//! Which certification years could still use an activity of a given day.

use chrono::NaiveDate;

use super::relevance::{Relevance, relevance};
use crate::domain::certification::catalogue::Neighbours;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::dates::long_date;
use crate::domain::ids::{CertificateId, FieldId};
use crate::domain::ledger::{CertificateFile, HolderFile};

/// Why a day's activity counts nothing: for one certificate, or for a holder, of whose certificates the nearest reason is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Completed after today.
    Future,
    /// Foundation needs no credits (G1); a holder has no certificate that does.
    NothingNeedsCpe,
    /// Before the (first) grant, on this day.
    BeforeGrant(NaiveDate),
    /// Not active on that day (G10).
    NotActive,
    /// The year that contains the day was settled, on this day.
    Settled(NaiveDate),
    /// The year that contains the day was over before the portal took the certificate over. Nobody settled it here, so there is no
    /// day to tell.
    BeforeTakeover,
}

/// That no certification year of a holder can use an activity of a day; said to the holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.in_words())]
pub struct UnusableDay {
    /// The day it was completed.
    pub day: NaiveDate,
    /// Why.
    pub why: Unusable,
}

impl UnusableDay {
    fn in_words(&self) -> String {
        let day = long_date(self.day);
        match self.why {
            Unusable::Future => format!("{day} is in the future. Report an activity when it is completed."),
            Unusable::NothingNeedsCpe => "You have no certificate that needs CPE credits.".to_owned(),
            Unusable::BeforeGrant(granted) => format!(
                "{day} is before your first certificate that needs credits was granted, on {}.",
                long_date(granted)
            ),
            Unusable::NotActive => format!("No certificate of yours that needs credits was active on {day}."),
            Unusable::Settled(on) => format!(
                "The certification year that contains {day} was settled on {}, so it can no longer count anything.",
                long_date(on)
            ),
            Unusable::BeforeTakeover => format!(
                "The certification year that contains {day} was over before your certificate came to this portal, so it can no longer count anything."
            ),
        }
    }
}

impl CertificateFile {
    /// Where the year stands in `years` that an activity completed on `day` falls into, settled or not (G10).
    ///
    /// # Errors
    /// `Unusable` when there is none: [`NothingNeedsCpe`](Unusable::NothingNeedsCpe), [`BeforeGrant`](Unusable::BeforeGrant) or
    /// [`NotActive`](Unusable::NotActive).
    pub fn falls_into(&self, day: NaiveDate) -> Result<usize, Unusable> {
        let held = &self.certificate;
        if !held.needs_cpe() {
            Err(Unusable::NothingNeedsCpe)
        } else if day < held.granted_on {
            Err(Unusable::BeforeGrant(held.granted_on))
        } else {
            self.year_for(day).ok_or(Unusable::NotActive)
        }
    }

    /// The unsettled year that could use an activity completed on `day`, as its place in `years`.
    ///
    /// # Errors
    /// `Unusable` when there is none.
    pub fn usable_year(&self, day: NaiveDate, today: NaiveDate) -> Result<usize, Unusable> {
        if self.certificate.needs_cpe() && day > today {
            return Err(Unusable::Future);
        }
        let index = self.falls_into(day)?;
        match self.years.get(index).and_then(|year| year.settlement) {
            None => Ok(index),
            Some(settled) if settled.outcome == YearOutcome::BeforeTakeover => Err(Unusable::BeforeTakeover),
            Some(settled) => Err(Unusable::Settled(settled.settled_on)),
        }
    }
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
/// `UnusableDay` when there is none.
pub fn usable_years(
    file: &HolderFile,
    day: NaiveDate,
    today: NaiveDate,
) -> Result<Vec<UsableYear>, UnusableDay> {
    let mut usable = Vec::new();
    let mut nearest = if day > today { Unusable::Future } else { Unusable::NothingNeedsCpe };
    for certificate in &file.certificates {
        match certificate.usable_year(day, today) {
            Ok(index) => usable.extend(
                certificate
                    .years
                    .get(index)
                    .map(|year| UsableYear { certificate: year.certificate, year: year.number }),
            ),
            Err(why) => nearest = nearest.or_nearer(why),
        }
    }
    if usable.is_empty() { Err(UnusableDay { day, why: nearest }) } else { Ok(usable) }
}

impl Unusable {
    /// Which of two certificates' reasons tells the holder more: the one that came nearest to counting.
    fn or_nearer(self, other: Unusable) -> Unusable {
        let nearness = |why: Unusable| match why {
            Unusable::NothingNeedsCpe => 0,
            Unusable::BeforeGrant(_) => 1,
            Unusable::NotActive => 2,
            Unusable::BeforeTakeover => 3,
            Unusable::Settled(_) => 4,
            Unusable::Future => 5,
        };
        match (self, other) {
            (Unusable::BeforeGrant(one), Unusable::BeforeGrant(two)) => Unusable::BeforeGrant(one.min(two)),
            (Unusable::Settled(one), Unusable::Settled(two)) => Unusable::Settled(one.max(two)),
            _ if nearness(other) > nearness(self) => other,
            _ => self,
        }
    }
}

/// That a holder can report nothing at all today, whatever was done and on whatever day; said to the holder, before the form and by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NothingToReport {
    /// There is no certificate yet.
    #[error("You have no certificate here yet, so there is nothing that a report could count for.")]
    NoCertificate,
    /// Foundation needs no credits (G1).
    #[error("A Foundation certificate needs no credits and never expires, so there is nothing to report.")]
    OnlyFoundation,
    /// None that needs credits is in force, and nothing of the time before is open.
    #[error("No certificate of yours that needs credits is in force, so a report could not count for any.")]
    NoneInForce,
    /// What has begun is settled already, or nothing has begun; from this day on there is a year to report for.
    #[error(
        "No certification year of yours is open for reports until {}. From that day on you can report what you complete in the year that begins then.",
        long_date(*.0)
    )]
    UntilNextYear(NaiveDate),
}

/// Whether a holder can report anything at all on `today`: some day up to today has a year that could use it, see [`usable_years`]. The form is
/// not opened for anybody else, and takes nothing from them.
///
/// # Errors
/// `NothingToReport`.
pub fn may_report(file: &HolderFile, today: NaiveDate) -> Result<(), NothingToReport> {
    if file.certificates.iter().any(|certificate| certificate.takes_reports(today)) {
        return Ok(());
    }
    let needing = || file.certificates.iter().filter(|own| own.certificate.needs_cpe());
    let next = needing().filter(|own| own.certificate.stands()).filter_map(|own| {
        let ahead = own.years.iter().filter(|year| year.settlement.is_none() && year.starts_on > today);
        ahead.map(|year| year.starts_on).min()
    });
    Err(match next.min() {
        Some(day) => NothingToReport::UntilNextYear(day),
        None if file.certificates.is_empty() => NothingToReport::NoCertificate,
        None if needing().next().is_none() => NothingToReport::OnlyFoundation,
        None => NothingToReport::NoneInForce,
    })
}

impl CertificateFile {
    /// Whether any day up to `today` has a year that could use it. Within a year that changes only where the year begins and ends, and where
    /// the certificate ended or was reinstated: those days stand for all.
    fn takes_reports(&self, today: NaiveDate) -> bool {
        let endings = self.certificate.endings.iter();
        let changes = endings.flat_map(|ending| [ending.ended_on.pred_opt(), ending.reinstated_on]).flatten();
        let windows = (0..self.years.len()).filter_map(|index| self.window(index));
        let edges = windows.flat_map(|(from, to)| [from, to]);
        edges
            .chain(changes)
            .chain([self.certificate.granted_on, today])
            .any(|day| self.usable_year(day.min(today), today).is_ok())
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

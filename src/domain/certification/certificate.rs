//! One holder's certificate and its certification years.

use chrono::NaiveDate;

use super::catalogue::Certification;
use super::ending::EndingKind;
use crate::domain::activities::credits::Credits;
use crate::domain::codes::codes;
use crate::domain::dates::{year_end, year_number_on, year_start};
use crate::domain::ids::{CertificateId, HolderId};

/// A certificate: who holds what since when, and whether it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its identity.
    pub id: CertificateId,
    /// The number printed on it, unique.
    pub number: String,
    /// Whose it is.
    pub holder: HolderId,
    /// The programme.
    pub certification: Certification,
    /// The day it was granted; certification years count from it.
    pub granted_on: NaiveDate,
    /// When and how it ended, and when it was reinstated if it was, in order.
    pub endings: Vec<Ending>,
}

/// The end of a certificate, and the reinstatement that undid it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// How it ended.
    pub kind: EndingKind,
    /// From this day on the certificate was not active.
    pub ended_on: NaiveDate,
    /// From this day on it was active again.
    pub reinstated_on: Option<NaiveDate>,
}

impl Certificate {
    /// Whether its level needs credits at all (G1).
    pub const fn needs_cpe(&self) -> bool {
        self.certification.level.needs_cpe()
    }

    /// Whether it stands: not ended, or reinstated since.
    pub fn stands(&self) -> bool {
        self.ending().is_none()
    }

    /// The ending that is in force, if one is.
    pub fn ending(&self) -> Option<Ending> {
        self.endings.last().filter(|ending| ending.reinstated_on.is_none()).copied()
    }

    /// The ending with which a badge was withdrawn on `day`, if it was one.
    pub fn ending_on(&self, day: NaiveDate) -> Option<Ending> {
        self.endings.iter().rev().find(|ending| ending.ended_on == day).copied()
    }

    /// Whether the holder held it on `day`: granted, and not between an ending and its reinstatement. An
    /// activity counts only for certificates that were active on the day it was completed (G10).
    pub fn active_on(&self, day: NaiveDate) -> bool {
        let ended = |ending: &Ending| {
            ending.ended_on <= day && ending.reinstated_on.is_none_or(|reinstated| day < reinstated)
        };
        self.granted_on <= day && !self.endings.iter().any(ended)
    }
}

codes! {
    /// How a certification year ended. Recorded once; only a reinstatement turns `Decertified` and `Void` into `Waived`.
    pub enum YearOutcome {
        /// The minimum was met.
        Recertified = "recertified",
        /// Settled as if it had been met, without credits, by a decision.
        Waived = "waived",
        /// The year that cost the certificate.
        Decertified = "decertified",
        /// The certificate had ended before it was settled.
        Void = "void",
        /// Before the portal took the certificate over, in good standing.
        BeforeTakeover = "before_takeover",
    }
}

impl YearOutcome {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            YearOutcome::Recertified => "Recertified",
            YearOutcome::Waived => "Waived",
            YearOutcome::Decertified => "Decertified",
            YearOutcome::Void => "Void",
            YearOutcome::BeforeTakeover => "Settled before takeover",
        }
    }
}

/// The figures with which a year was settled; they never change afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// How it ended.
    pub outcome: YearOutcome,
    /// The day it was settled.
    pub settled_on: NaiveDate,
    /// Credits that counted, carried-over ones included.
    pub approved: Credits,
    /// The minimum it was judged by.
    pub required: Credits,
    /// Carried over from the year before, within `approved`.
    pub carried: Credits,
}

/// One certificate's dated year: its deadline, its flag, its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificationYear {
    /// Whose certificate.
    pub certificate: CertificateId,
    /// 1, 2 … from the grant.
    pub number: i64,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// The last day to complete activities for it: `ends_on`, or later by an extension.
    pub deadline: NaiveDate,
    /// The day it was flagged, while the flag stands.
    pub flagged_on: Option<NaiveDate>,
    /// How it was settled, once it was.
    pub settlement: Option<Settlement>,
}

impl CertificationYear {
    /// The year as the calendar makes it, with nothing recorded yet.
    pub fn by_calendar(certificate: &Certificate, number: i64) -> CertificationYear {
        let ends_on = year_end(certificate.granted_on, number);
        CertificationYear {
            certificate: certificate.id,
            number,
            starts_on: year_start(certificate.granted_on, number),
            ends_on,
            deadline: ends_on,
            flagged_on: None,
            settlement: None,
        }
    }

    /// Whether its deadline was moved.
    pub fn extended(&self) -> bool {
        self.deadline > self.ends_on
    }

    /// Whether `day` lies in it by the calendar.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.starts_on <= day && day <= self.ends_on
    }
}

/// Completes recorded years to a list without gaps: year 1 through the year after the one that contains `today`. Years that nothing
/// was recorded about yet come from the calendar, so nothing depends on a job having run.
pub fn complete_years(
    certificate: &Certificate,
    recorded: Vec<CertificationYear>,
    today: NaiveDate,
) -> Vec<CertificationYear> {
    if !certificate.needs_cpe() {
        return Vec::new();
    }
    let current = year_number_on(certificate.granted_on, today).unwrap_or(1);
    let last = recorded.iter().map(|year| year.number).max().unwrap_or(0).max(current.saturating_add(1));
    let mut recorded = recorded.into_iter().peekable();
    let mut years = Vec::with_capacity(usize::try_from(last).unwrap_or(0));
    for number in 1..=last {
        match recorded.next_if(|year| year.number == number) {
            Some(year) => years.push(year),
            None => years.push(CertificationYear::by_calendar(certificate, number)),
        }
    }
    years
}

/// Goes on from some of a certificate's recorded years, the last one among them, to the year after the one that contains `today`; what has
/// no row yet comes from the calendar.
pub fn years_from(
    certificate: &Certificate,
    recorded: Vec<CertificationYear>,
    today: NaiveDate,
) -> Vec<CertificationYear> {
    if !certificate.needs_cpe() {
        return Vec::new();
    }
    let current = year_number_on(certificate.granted_on, today).unwrap_or(1);
    let last = recorded.last().map_or(0, |year| year.number);
    let by_calendar = last.saturating_add(1)..=current.saturating_add(1);
    let mut years = recorded;
    years.extend(by_calendar.map(|number| CertificationYear::by_calendar(certificate, number)));
    years
}

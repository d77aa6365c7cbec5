//! A correction of what a certificate says: its years are worked out anew, and what was settled never changes.

use chrono::NaiveDate;

use super::catalogue::Certification;
use super::certificate::{Certificate, CertificationYear, YearOutcome, complete_years};
use super::decision::{DecisionRefusal, LONGEST_EXTENSION_DAYS};
use super::policy::Policies;
use crate::domain::dates::{plus_days, year_number_on};
use crate::domain::ledger::{CertificateFile, before_takeover};

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The number printed on it.
    pub number: String,
    /// The programme.
    pub certification: Certification,
    /// The day it was granted.
    pub granted_on: NaiveDate,
}

impl CertificateFacts {
    /// What a certificate says now.
    pub fn of(certificate: &Certificate) -> CertificateFacts {
        CertificateFacts {
            number: certificate.number.clone(),
            certification: certificate.certification.clone(),
            granted_on: certificate.granted_on,
        }
    }

    /// The certificate as it will say it.
    pub fn applied_to(&self, certificate: &Certificate) -> Certificate {
        Certificate {
            number: self.number.clone(),
            certification: self.certification.clone(),
            granted_on: self.granted_on,
            ..certificate.clone()
        }
    }
}

/// The years of a certificate after a correction, complete and in order; none for Foundation. Those before the one that contains the day
/// of the takeover are settled before it, as a grant would have settled them on that day.
///
/// # Errors
/// The `DecisionRefusal` to show: a year that the portal has settled would change, or an extension would not fit any more.
pub fn corrected_years(
    before: &CertificateFile,
    after: &Certificate,
    taken_over_on: NaiveDate,
    policies: &Policies,
    today: NaiveDate,
) -> Result<Vec<CertificationYear>, DecisionRefusal> {
    let required =
        |year: &CertificationYear| policies.minimum_from(year.starts_on, after.certification.level);
    let first_open = year_number_on(after.granted_on, taken_over_on).unwrap_or(1);
    let anew = |number: i64| {
        let mut year = CertificationYear::by_calendar(after, number);
        if number < first_open {
            year.settlement = Some(before_takeover(after, &year, policies, taken_over_on));
        }
        year
    };
    let mut years = Vec::new();
    for old in &before.years {
        let mut year = anew(old.number);
        let same_days = (year.starts_on, year.ends_on) == (old.starts_on, old.ends_on);
        if let Some(settled) = old.settlement.filter(|s| s.outcome != YearOutcome::BeforeTakeover) {
            if !after.needs_cpe() || !same_days || required(old) != settled.required {
                return Err(DecisionRefusal::SettledWouldChange {
                    number: old.number,
                    outcome: settled.outcome,
                });
            }
            year = old.clone();
        } else if same_days && old.settlement.is_none() {
            year = old.clone();
        } else if old.extended() {
            let latest = plus_days(year.ends_on, LONGEST_EXTENSION_DAYS);
            if year.settlement.is_some() || old.deadline < year.ends_on || latest < old.deadline {
                return Err(DecisionRefusal::ExtensionWouldChange {
                    number: old.number,
                    deadline: old.deadline,
                });
            }
            year.deadline = old.deadline;
        }
        years.push(year);
    }
    if !after.needs_cpe() {
        return Ok(Vec::new());
    }
    let all = complete_years(after, years, today);
    let known = before.years.len();
    Ok(all
        .into_iter()
        .enumerate()
        .map(|(index, year)| if index < known { year } else { anew(year.number) })
        .collect())
}

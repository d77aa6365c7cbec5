//! The one sum: what a certification year has, what is pending, what it needs, and how each report was counted.
//!
//! Everything that shows or decides anything about credits asks here, so that a screen, a mail and the year end can never
//! disagree.

pub mod derivation;
pub mod holder_ledger;
pub mod impact;
pub mod past_record;
pub mod preview;
pub mod suggestions;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::activities::activity::{ActivityStatus, Report};
use super::activities::category::Category;
use super::activities::credits::Credits;
use super::activities::publication::{Allotment, PublicationClaim, allot};
use super::certification::certificate::{
    Certificate, CertificationYear, Settlement, YearOutcome, complete_years,
};
use super::certification::policy::Policies;
use super::dates::year_number_on;
use super::ids::{ActivityId, CertificateId, HolderId};

/// All that the rules need to know about one holder.
#[derive(Clone, Debug)]
pub struct HolderFile {
    /// Whose.
    pub holder: HolderId,
    /// Every certificate with its years, complete and in order.
    pub certificates: Vec<CertificateFile>,
    /// Reports that may count ([`ActivityStatus::counts`]) in the order (completed on, reported at, id).
    pub reports: Vec<Report>,
    /// What settled years have counted.
    pub counted: Vec<Counted>,
}

/// A certificate and its years.
#[derive(Clone, Debug)]
pub struct CertificateFile {
    /// The certificate.
    pub certificate: Certificate,
    /// Year 1 through the one after today's, in order; empty for Foundation.
    pub years: Vec<CertificationYear>,
}

/// What a settled year counted of one report; recorded at settlement, never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The certificate.
    pub certificate: CertificateId,
    /// Its year.
    pub year: i64,
    /// The report.
    pub activity: ActivityId,
    /// How much counted.
    pub credits: Credits,
}

/// The sums of one year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// E: approved credits that count, carried-over ones included.
    pub approved: Credits,
    /// P: credits reported and still undecided.
    pub pending: Credits,
    /// The minimum.
    pub required: Credits,
    /// Carried over from the year before, within `approved`.
    pub carried: Credits,
}

impl Sums {
    /// What is missing when everything pending is approved: minimum − E − P, never below zero.
    pub fn missing(&self) -> Credits {
        self.required.less(self.approved).less(self.pending)
    }

    /// E ≥ minimum.
    pub fn met(&self) -> bool {
        self.approved >= self.required
    }

    /// E + P ≥ minimum.
    pub fn covered(&self) -> bool {
        self.approved + self.pending >= self.required
    }

    /// Sums of a year that nothing counts for.
    pub const fn without_credits(required: Credits) -> Sums {
        Sums { approved: Credits::ZERO, pending: Credits::ZERO, required, carried: Credits::ZERO }
    }

    /// The settlement that these sums make.
    pub const fn settlement(&self, outcome: YearOutcome, settled_on: NaiveDate) -> Settlement {
        Settlement {
            outcome,
            settled_on,
            approved: self.approved,
            required: self.required,
            carried: self.carried,
        }
    }
}

/// What one report earns before the question of which year it falls into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// By rate alone, of what the holder reported.
    pub reported: Credits,
    /// By rate alone, of what the reviewer awarded; as reported while nobody has.
    pub raw: Credits,
    /// After the publication cap.
    pub credits: Credits,
    /// The cap and what others had taken of it, for a publication.
    pub cap: Option<(Credits, Credits)>,
}

/// The sums of one year, and how each report was counted in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct YearLedger<'a> {
    /// The sums.
    pub sums: Sums,
    /// How each report was counted, in order.
    pub lines: Vec<Line<'a>>,
}

/// One report in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The report.
    pub report: &'a Report,
    /// What it earns by rate and cap.
    pub share: Share,
    /// What it counts; differs from the share only in settled years.
    pub counts: Credits,
}

impl Line<'_> {
    /// Whether it is approved; else it is pending.
    pub fn approved(&self) -> bool {
        self.report.status == ActivityStatus::Approved
    }
}

/// Works out what every report of a holder earns: rate, then publication cap (G2–G7). In the order of `file.reports`.
pub(super) fn shares(file: &HolderFile, policies: &Policies) -> Vec<Share> {
    let mut settled: BTreeMap<ActivityId, Credits> = BTreeMap::new();
    for counted in &file.counted {
        // the same report in the settled years of two certificates claims the cap once
        let most = settled.entry(counted.activity).or_default();
        *most = (*most).max(counted.credits);
    }
    let mut shares: Vec<Share> = Vec::with_capacity(file.reports.len());
    let mut publications: BTreeMap<&str, Vec<(usize, PublicationClaim)>> = BTreeMap::new();
    for (index, report) in file.reports.iter().enumerate() {
        let policy = policies.in_force_on(report.completed_on);
        let rate = policy.rate(report.category);
        let reported = rate.credits(report.reported);
        let raw = report.awarded.map_or(reported, |awarded| rate.credits(awarded));
        shares.push(Share { reported, raw, credits: raw, cap: None });
        if let (Category::Writing, Some(title)) = (report.category, &report.publication) {
            let claim = PublicationClaim {
                raw,
                settled: settled.get(&report.id).copied().unwrap_or_default(),
                cap: policy.publication_cap,
                approved: report.status == ActivityStatus::Approved,
            };
            publications.entry(title).or_default().push((index, claim));
        }
    }
    for claims in publications.into_values() {
        let (indexes, claims): (Vec<usize>, Vec<PublicationClaim>) = claims.into_iter().unzip();
        for ((index, claim), Allotment { share, taken_before }) in
            indexes.into_iter().zip(&claims).zip(allot(&claims))
        {
            if let Some(slot) = shares.get_mut(index) {
                slot.credits = share;
                slot.cap = Some((claim.cap, taken_before));
            }
        }
    }
    shares
}

impl HolderFile {
    /// The certificate with this identity, if it is the holder's.
    pub fn certificate(&self, id: CertificateId) -> Option<&CertificateFile> {
        self.certificates.iter().find(|held| held.certificate.id == id)
    }

    /// The report with this identity, if it may count.
    pub fn report(&self, id: ActivityId) -> Option<&Report> {
        self.reports.iter().find(|report| report.id == id)
    }
}

impl CertificateFile {
    /// The days whose activities count for year `index` (position in `years`): from its start, or the day after the deadline of
    /// an extended year before, through its deadline. No day counts twice for one certificate.
    pub fn window(&self, index: usize) -> Option<(NaiveDate, NaiveDate)> {
        let year = self.years.get(index)?;
        let before = index.checked_sub(1).and_then(|before| self.years.get(before));
        let from = before.map_or(year.starts_on, |before| {
            year.starts_on.max(before.deadline.succ_opt().unwrap_or(before.deadline))
        });
        Some((from, year.deadline))
    }

    /// Where the year that `day` counts for stands in `years`, whether or not it is settled; `None` when the
    /// certificate was not active on that day or needs no CPE (G10).
    pub fn year_for(&self, day: NaiveDate) -> Option<usize> {
        if !self.certificate.active_on(day) {
            return None;
        }
        (0..self.years.len())
            .find(|&index| self.window(index).is_some_and(|(from, to)| from <= day && day <= to))
    }

    /// Where year `number` stands in `years`.
    pub fn index_of(&self, number: i64) -> Option<usize> {
        self.years.iter().position(|year| year.number == number)
    }

    /// The year in progress on `today`, by the calendar.
    pub fn current_year(&self, today: NaiveDate) -> Option<&CertificationYear> {
        self.years.iter().find(|year| year.contains(today))
    }
}

/// The ledger of one year (`index` in `certificate.years`), from shares worked out by [`shares`]. For a settled year the
/// recorded figures stand, whatever was reported or decided since.
pub(super) fn year_ledger<'a>(
    file: &'a HolderFile,
    shares: &[Share],
    certificate: &CertificateFile,
    index: usize,
    policies: &Policies,
) -> YearLedger<'a> {
    let (Some(year), Some((from, to))) = (certificate.years.get(index), certificate.window(index)) else {
        return YearLedger { sums: Sums::default(), lines: Vec::new() };
    };
    let first = file.reports.partition_point(|report| report.completed_on < from);
    let in_window = file
        .reports
        .iter()
        .zip(shares)
        .skip(first)
        .take_while(|(report, _)| report.completed_on <= to)
        .filter(|(report, _)| certificate.certificate.active_on(report.completed_on));
    if let Some(settlement) = year.settlement {
        let recorded = |activity: ActivityId| {
            file.counted
                .iter()
                .find(|c| {
                    c.certificate == year.certificate && c.year == year.number && c.activity == activity
                })
                .map_or(Credits::ZERO, |c| c.credits)
        };
        let line = |(report, share): (&'a Report, &Share)| Line {
            report,
            share: *share,
            counts: recorded(report.id),
        };
        let sums = Sums {
            approved: settlement.approved,
            pending: Credits::ZERO,
            required: settlement.required,
            carried: settlement.carried,
        };
        return YearLedger { sums, lines: in_window.map(line).collect() };
    }
    let lines: Vec<Line<'a>> =
        in_window.map(|(report, share)| Line { report, share: *share, counts: share.credits }).collect();
    let carried = carried_into(certificate, index, policies);
    let sum = |approved: bool| {
        lines.iter().filter(|line| line.approved() == approved).map(|line| line.counts).sum::<Credits>()
    };
    let sums = Sums {
        approved: carried + sum(true),
        pending: sum(false),
        required: required(certificate, year, policies),
        carried,
    };
    YearLedger { sums, lines }
}

/// The minimum of a year: by the policy in force on its first day (G1).
pub fn required(certificate: &CertificateFile, year: &CertificationYear, policies: &Policies) -> Credits {
    policies.minimum_from(year.starts_on, certificate.certificate.certification.level)
}

/// Credits carried into a year: what the year before earned itself beyond its minimum, up to the policy's carry-over (0 in
/// version 1), once that year is settled as recertified.
fn carried_into(certificate: &CertificateFile, index: usize, policies: &Policies) -> Credits {
    let year = certificate.years.get(index);
    let before = index
        .checked_sub(1)
        .and_then(|before| certificate.years.get(before))
        .and_then(|before| before.settlement)
        .filter(|settlement| settlement.outcome == YearOutcome::Recertified);
    let (Some(year), Some(before)) = (year, before) else {
        return Credits::ZERO;
    };
    let most = policies.in_force_on(year.starts_on).carry_over;
    before.approved.less(before.required).min(before.approved.less(before.carried)).min(most)
}

/// The settlement of a year that was over when the portal took its certificate over: nobody knows what counted in it.
pub fn before_takeover(
    certificate: &Certificate,
    year: &CertificationYear,
    policies: &Policies,
    taken_over_on: NaiveDate,
) -> Settlement {
    let required = policies.minimum_from(year.starts_on, certificate.certification.level);
    Sums::without_credits(required).settlement(YearOutcome::BeforeTakeover, taken_over_on)
}

/// The years of a certificate that is taken over: earlier ones than the one in progress are settled.
pub fn years_taken_over(
    certificate: &Certificate,
    policies: &Policies,
    today: NaiveDate,
) -> Vec<CertificationYear> {
    let mut years = complete_years(certificate, Vec::new(), today);
    let current = year_number_on(certificate.granted_on, today).unwrap_or(1);
    for year in years.iter_mut().filter(|year| year.number < current) {
        year.settlement = Some(before_takeover(certificate, year, policies, today));
    }
    years
}

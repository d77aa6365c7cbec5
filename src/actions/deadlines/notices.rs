//! The mails of a run: at most one of a kind for a holder, covering all of their certificates concerned.

use chrono::NaiveDate;

use crate::actions::deadlines::year_lines::figures_line;
use crate::domain::certification::certificate::CertificationYear;
use crate::domain::certification::deadlines::{Findings, JudgedYear, StageOutcome};
use crate::domain::certification::notice_period::NoticePeriod;
use crate::domain::certification::policy::Policies;
use crate::domain::ledger::HolderFile;
use crate::mail::{FlagLifted, Flagged, FlaggedYear, Recertified, RecertifiedYear, Reminder};

/// How many mails a run writes about what it found for one holder, without the one about new flags. A dry run announces them; a real one
/// counts where it writes.
pub(super) fn announced(findings: &Findings) -> usize {
    let reminds = findings.stages.iter().any(|evaluated| evaluated.outcome == StageOutcome::Sent);
    [reminds, !findings.recertified.is_empty(), !findings.lifted.is_empty()]
        .into_iter()
        .filter(|mail| *mail)
        .count()
}

/// The reminder of all stages that are sent, the nearest deadline first; `None` without any.
pub(super) fn reminder(file: &HolderFile, findings: &Findings, today: NaiveDate) -> Option<Reminder> {
    let mut years: Vec<_> = findings
        .stages
        .iter()
        .filter(|evaluated| evaluated.outcome == StageOutcome::Sent)
        .filter_map(|evaluated| {
            let certificate = file.certificate(evaluated.stage.certificate)?;
            let year = certificate.years.get(certificate.index_of(evaluated.stage.year)?)?;
            Some(figures_line(certificate, year, &evaluated.sums))
        })
        .collect();
    years.sort_by(|a, b| (a.deadline, &a.certificate_number).cmp(&(b.deadline, &b.certificate_number)));
    (!years.is_empty()).then_some(Reminder { today, years })
}

/// The confirmation of years that were settled as met; `None` without any.
pub(super) fn recertified(file: &HolderFile, findings: &Findings) -> Option<Recertified> {
    let years = recertified_years(file, &findings.recertified);
    (!years.is_empty()).then_some(Recertified { years })
}

/// The one mail that says that a flag is lifted and the year met; `None` without any.
pub(super) fn flag_lifted(file: &HolderFile, findings: &Findings) -> Option<FlagLifted> {
    let years = recertified_years(file, &findings.lifted);
    (!years.is_empty()).then_some(FlagLifted { years })
}

fn recertified_years(file: &HolderFile, judged: &[JudgedYear]) -> Vec<RecertifiedYear> {
    let year = |judged: &JudgedYear| {
        let certificate = file.certificate(judged.year.certificate)?;
        let number = judged.year.number.saturating_add(1);
        let next = certificate
            .index_of(number)
            .and_then(|index| certificate.years.get(index).cloned())
            .unwrap_or_else(|| CertificationYear::by_calendar(&certificate.certificate, number));
        Some(RecertifiedYear {
            year: figures_line(certificate, &judged.year, &judged.sums),
            recertified_until: next.deadline,
        })
    };
    judged.iter().filter_map(year).collect()
}

/// The mail about new flags: what is missing and until when to answer; `None` without any.
pub(super) fn flagged(
    file: &HolderFile,
    flagged: &[&JudgedYear],
    policies: &Policies,
    today: NaiveDate,
) -> Option<Flagged> {
    let year = |judged: &&JudgedYear| {
        let certificate = file.certificate(judged.year.certificate)?;
        Some(FlaggedYear {
            year: figures_line(certificate, &judged.year, &judged.sums),
            answer_by: NoticePeriod::of(judged.year.starts_on, today, policies).answer_until,
        })
    };
    let years: Vec<_> = flagged.iter().filter_map(year).collect();
    (!years.is_empty()).then_some(Flagged { years })
}

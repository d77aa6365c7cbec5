//! What is kept of one holder, put together so that any day of the past can be worked out from it: versions, verdicts, decisions, flags,
//! settled years. The history says in which order they came.

use std::collections::BTreeMap;

use crate::clock::Clock;
use crate::domain::activities::activity::ActivityStatus;
use crate::domain::activities::past_reports::KeptReport;
use crate::domain::certification::certificate::CertificationYear;
use crate::domain::certification::certificate_correction::CertificateFacts;
use crate::domain::certification::decision::DecisionKind;
use crate::domain::certification::past_years::{CertificateStep, DatedStep, KeptCertificate};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{ActivityId, CertificateId, HolderId};
use crate::domain::ledger::past_record::KeptRecord;
use crate::store::activities::{activity_versions, reviews};
use crate::store::certification::certificates::Decision;
use crate::store::certification::{certificate_corrections, certificates, years};
use crate::store::records::history::{self, KeptEvent};
use crate::store::{Conn, StoreError, activities};

/// Events that say what changed a certificate, and when what was said about a report was taken back.
const KINDS: [HistoryEvent; 13] = [
    HistoryEvent::YearFlagged,
    HistoryEvent::FlagLifted,
    HistoryEvent::YearRecertified,
    HistoryEvent::NoticePeriodRestarted,
    HistoryEvent::CertificateDecertified,
    HistoryEvent::CertificateEnded,
    HistoryEvent::CertificateReinstated,
    HistoryEvent::CertificateCorrected,
    HistoryEvent::YearWaived,
    HistoryEvent::YearExtended,
    HistoryEvent::ActivityImported,
    HistoryEvent::QuestionTakenBack,
    HistoryEvent::VerdictTakenBack,
];

/// What a correction changed: before and after.
type Corrections = BTreeMap<CertificateId, Vec<(CertificateFacts, CertificateFacts)>>;

/// Everything that is kept of a holder.
///
/// # Errors
/// `StoreError`.
pub fn of_holder(conn: &mut Conn<'_>, clock: &Clock, holder: HolderId) -> Result<KeptRecord, StoreError> {
    let events = history::of_holder(conn, holder, &KINDS)?;
    Ok(KeptRecord {
        holder,
        certificates: kept_certificates(conn, clock, holder, &events)?,
        reports: kept_reports(conn, holder, &events)?,
        counted: years::counted_of_holders(conn, &[holder])?
            .into_iter()
            .map(|(_, counted)| counted)
            .collect(),
    })
}

fn kept_certificates(
    conn: &mut Conn<'_>,
    clock: &Clock,
    holder: HolderId,
    events: &[KeptEvent],
) -> Result<Vec<KeptCertificate>, StoreError> {
    let mut recorded: BTreeMap<CertificateId, Vec<CertificationYear>> = BTreeMap::new();
    for year in years::of_holders(conn, &[holder])? {
        recorded.entry(year.certificate).or_default().push(year);
    }
    let mut corrections = Corrections::new();
    for (certificate, before, after) in certificate_corrections::facts_of_holder(conn, holder)? {
        corrections.entry(certificate).or_default().push((before, after));
    }
    let mut decisions: BTreeMap<CertificateId, Vec<Decision>> = BTreeMap::new();
    for decision in certificates::decisions_of_holder(conn, holder)? {
        decisions.entry(decision.certificate).or_default().push(decision);
    }
    let taken_over = certificates::taken_over_at(conn, holder)?;
    let mut kept = Vec::new();
    for now in certificates::of_holders(conn, &[holder])? {
        let id = now.id;
        let taken_over_at = taken_over.get(&id).ok_or(StoreError::Unreadable("certificates"))?;
        let decided = decided_steps(
            decisions.remove(&id).unwrap_or_default(),
            corrections.remove(&id).unwrap_or_default(),
        );
        let about = events.iter().filter(|event| event.certificate == Some(id));
        kept.push(KeptCertificate {
            now,
            taken_over_on: clock.day_of(*taken_over_at),
            years: recorded.remove(&id).unwrap_or_default(),
            steps: in_order(about, decided, clock),
        });
    }
    Ok(kept)
}

/// What each decision changed, from the first. A decision that names no year where one is needed changes nothing.
fn decided_steps(
    decisions: Vec<Decision>,
    corrections: Vec<(CertificateFacts, CertificateFacts)>,
) -> Vec<DatedStep> {
    let mut corrections = corrections.into_iter();
    let mut steps = Vec::new();
    for decision in decisions {
        let step = match decision.kind {
            DecisionKind::Decertification => decision.year.map(CertificateStep::Decertified),
            DecisionKind::Waiver => decision.year.map(CertificateStep::Waived),
            DecisionKind::Extension => {
                decision.year.zip(decision.until).map(|(year, until)| CertificateStep::Extended(year, until))
            }
            DecisionKind::Reinstatement => Some(CertificateStep::Reinstated),
            DecisionKind::Ending => decision.ending.map(CertificateStep::Ended),
            DecisionKind::Correction => {
                corrections.next().map(|(before, after)| CertificateStep::Corrected { before, after })
            }
        };
        steps.extend(step.map(|step| DatedStep { on: decision.decided_on, step }));
    }
    steps
}

/// What runs did among the decisions, in the order of the history: each decision has its event there.
fn in_order<'a>(
    events: impl Iterator<Item = &'a KeptEvent>,
    decided: Vec<DatedStep>,
    clock: &Clock,
) -> Vec<DatedStep> {
    let mut decided = decided.into_iter();
    let mut steps = Vec::new();
    for event in events {
        let step = match event.event {
            HistoryEvent::YearFlagged | HistoryEvent::NoticePeriodRestarted => {
                CertificateStep::Flagged(event.year)
            }
            HistoryEvent::YearRecertified | HistoryEvent::FlagLifted => {
                CertificateStep::Recertified(event.year)
            }
            _ => {
                steps.extend(decided.next());
                continue;
            }
        };
        steps.push(DatedStep { on: clock.day_of(event.at), step });
    }
    steps.extend(decided);
    // the day decides where the history of an earlier version has no event for a decision
    steps.sort_by_key(|dated| dated.on);
    steps
}

fn kept_reports(
    conn: &mut Conn<'_>,
    holder: HolderId,
    events: &[KeptEvent],
) -> Result<Vec<KeptReport>, StoreError> {
    let mut kept: BTreeMap<ActivityId, KeptReport> = activities::of_holder(conn, holder)?
        .into_iter()
        .map(|now| {
            let (versions, verdicts, taken_back) = (Vec::new(), Vec::new(), Vec::new());
            (now.id, KeptReport { now, versions, verdicts, taken_back, imported: None })
        })
        .collect();
    for (id, version) in activity_versions::of_holder(conn, holder)? {
        if let Some(report) = kept.get_mut(&id) {
            report.versions.push(version);
        }
    }
    for (id, verdict) in reviews::of_holder(conn, holder)? {
        if let Some(report) = kept.get_mut(&id) {
            report.verdicts.push(verdict);
        }
    }
    for event in events {
        let Some(report) = event.activity.and_then(|id| kept.get_mut(&id)) else { continue };
        match event.event {
            HistoryEvent::ActivityImported => {
                let status = ActivityStatus::from_code(&event.detail);
                report.imported = status.map(|status| (event.at, status));
            }
            _ => report.taken_back.push(event.at),
        }
    }
    Ok(kept.into_values().collect())
}

//! The lines of a statement: certificates, their years, reports and decisions as they stood on its day.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::tags::{Tag, activity_tag, ending_tag, public_ending_tag, staff_tag, status_tag};
use crate::clock::Clock;
use crate::domain::activities::category::Category;
use crate::domain::activities::past_reports::PastReport;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::certification::certificate_correction::CertificateFacts;
use crate::domain::certification::certificate_status::CertificateStatus;
use crate::domain::certification::decision::DecisionKind;
use crate::domain::certification::past_years::YearDoubt;
use crate::domain::certification::policy::Policies;
use crate::domain::certification::standing::YearStanding;
use crate::domain::dates::long_date;
use crate::domain::ids::{ActivityId, CertificateId};
use crate::domain::ledger::CertificateFile;
use crate::domain::ledger::derivation::Reader;
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::ledger::past_record::PastRecord;
use crate::portal::Portal;
use crate::store::accounts::Account;
use crate::store::badges::Badge;
use crate::store::certification::certificates::Decision;
use crate::web::view::dates::instant;

/// What a statement is made of.
pub struct StatementFacts {
    /// Its day.
    pub day: NaiveDate,
    /// The one certificate, if it is about one.
    pub only: Option<CertificateId>,
    /// The holder, as they are called today.
    pub holder: Account,
    /// What stood on that day.
    pub record: PastRecord,
    /// Every version of the policy.
    pub policies: Policies,
    /// Decisions up to that day, from the first.
    pub decisions: Vec<Decision>,
    /// What each correction changed, in the order of the decisions.
    pub corrections: Vec<(CertificateId, CertificateFacts, CertificateFacts)>,
    /// Every badge.
    pub badges: Vec<Badge>,
    /// The first day after it on which the holder's name or address was corrected.
    pub renamed_on: Option<NaiveDate>,
}

/// A statement as it is shown.
pub struct StatementShown {
    /// The holder's name.
    pub holder: String,
    /// Its day.
    pub day: String,
    /// Until when, in words: the end of that day, unless it is not over.
    pub until: String,
    /// When it was made.
    pub made: String,
    /// The certificates, the earliest first.
    pub certificates: Vec<CertificatePart>,
    /// What had been reported, the latest first.
    pub reports: Vec<ReportLine>,
    /// What had been decided, the latest first.
    pub decisions: Vec<DecisionLine>,
    /// What is not kept, so that it cannot be told.
    pub doubts: Vec<String>,
}

/// A certificate as it stood.
pub struct CertificatePart {
    /// Its page.
    pub href: String,
    /// The certification.
    pub title: String,
    /// The number it had.
    pub number: String,
    /// When it was granted.
    pub granted: String,
    /// Where it stood.
    pub tag: Tag,
    /// Since when it had ended; empty while it stood.
    pub ended: String,
    /// What could be said of its badge.
    pub badge: String,
    /// Whether it needs credits at all.
    pub needs_cpe: bool,
    /// Years settled before the portal took it over, in words; empty without any.
    pub before_takeover: String,
    /// Its years that had begun, the latest first.
    pub years: Vec<PastYearLine>,
}

/// A certification year as it stood.
pub struct PastYearLine {
    /// Which of the certificate's.
    pub number: i64,
    /// From when to when.
    pub span: String,
    /// Its deadline.
    pub deadline: String,
    /// Whether that had been moved.
    pub extended: bool,
    /// Approved, waiting, missing and needed; none where credits say nothing.
    pub figures: Option<[String; 4]>,
    /// Where it stood.
    pub tag: Tag,
    /// More about that; empty where the tag says all.
    pub words: String,
}

/// A report as it stood.
pub struct ReportLine {
    /// Its page.
    pub href: String,
    /// Its title then.
    pub title: String,
    /// Its kind then, and when it was reported.
    pub more: String,
    /// The day it was completed.
    pub completed: String,
    /// How much was reported, or awarded.
    pub quantity: String,
    /// How much it counted, and for which year.
    pub counts: Vec<(String, String)>,
    /// Where it stood.
    pub tag: Tag,
}

/// A decision up to that day.
pub struct DecisionLine {
    /// The day.
    pub day: String,
    /// What was decided, about which certificate.
    pub title: String,
    /// What a correction changed; empty otherwise.
    pub changes: String,
    /// The reason, which the holder reads, too.
    pub reason: String,
}

impl StatementShown {
    /// The statement for a reader.
    #[must_use]
    pub fn new(facts: &StatementFacts, reader: Reader, portal: &Portal) -> StatementShown {
        let ledger = HolderLedger::new(&facts.record.file, &facts.policies, facts.day);
        let about = |id: CertificateId| facts.only.is_none_or(|only| only == id);
        let shown: Vec<&CertificateFile> =
            ledger.record().certificates.iter().filter(|own| about(own.certificate.id)).collect();
        let now = portal.clock.now();
        let mut counts = counts(&ledger, &shown);
        let reports = facts.record.reports.iter().filter_map(|past| {
            let counts = counts.remove(&past.id).unwrap_or_default();
            // of a certificate only what fell into its years
            let belongs = facts.only.is_none() || !counts.is_empty();
            belongs.then(|| report_line(past, counts, reader, portal))
        });
        StatementShown {
            holder: facts.holder.name.clone(),
            day: long_date(facts.day),
            until: until_words(facts.day, now, &portal.clock),
            made: instant(&portal.clock, now),
            reports: reports.collect(),
            decisions: decisions(facts, reader),
            doubts: doubts(facts),
            certificates: shown
                .iter()
                .map(|own| certificate_line(&ledger, own, &facts.badges, reader))
                .collect(),
        }
    }
}

fn until_words(day: NaiveDate, now: NaiveDateTime, clock: &Clock) -> String {
    let local = clock.to_local(now);
    if local.date() > day {
        format!("the end of {}", long_date(day))
    } else {
        format!("{} on {}", local.format("%H:%M"), long_date(day))
    }
}

fn certificate_line(
    ledger: &HolderLedger<'_>,
    own: &CertificateFile,
    badges: &[Badge],
    reader: Reader,
) -> CertificatePart {
    let (holds, day) = (&own.certificate, ledger.today());
    let begun = |found: &LedgerYear<'_>| found.year.starts_on <= day && !before_takeover(found);
    let taken_over = ledger.years_of(own).filter(before_takeover).count();
    CertificatePart {
        href: match reader {
            Reader::Staff => format!("/staff/certificates/{}", holds.id),
            Reader::Holder => format!("/certificates/{}", holds.id),
        },
        title: holds.certification.title.clone(),
        number: holds.number.clone(),
        granted: long_date(holds.granted_on),
        tag: state(ledger, own, reader),
        ended: holds.ending().map(|ending| long_date(ending.ended_on)).unwrap_or_default(),
        badge: badge_words(badges, holds.id, day),
        needs_cpe: holds.needs_cpe(),
        before_takeover: match taken_over {
            0 => String::new(),
            1 => "Year 1 was settled before the portal took the certificate over.".to_owned(),
            many => format!("Years 1 to {many} were settled before the portal took the certificate over."),
        },
        years: ledger.years_of(own).rev().filter(begun).map(|found| year_line(&found)).collect(),
    }
}

fn before_takeover(found: &LedgerYear<'_>) -> bool {
    found.standing == YearStanding::Settled(YearOutcome::BeforeTakeover)
}

/// Where a certificate stood, by the most pressing of its years. Only staff read why it ended.
fn state(ledger: &HolderLedger<'_>, own: &CertificateFile, reader: Reader) -> Tag {
    let status = CertificateStatus::of(ledger, own);
    match (status, reader) {
        (CertificateStatus::Ended(kind), Reader::Staff) => ending_tag(kind),
        (CertificateStatus::Ended(kind), Reader::Holder) => public_ending_tag(kind),
        (CertificateStatus::NeverExpires, _) => Tag { kind: "good", label: status.label() },
        (CertificateStatus::Year(_, year, _), _) => status_tag(year),
        (CertificateStatus::NotBegun, _) => Tag { kind: "info", label: status.label() },
    }
}

fn badge_words(badges: &[Badge], certificate: CertificateId, day: NaiveDate) -> String {
    let issued = || badges.iter().filter(|badge| badge.certificate == certificate && badge.issued_on <= day);
    if let Some(live) = issued().find(|badge| badge.revoked_on.is_none_or(|on| on > day)) {
        return format!("In force, issued on {}", long_date(live.issued_on));
    }
    let withdrawn = issued().filter_map(|badge| badge.revoked_on).max();
    withdrawn.map(|on| format!("Withdrawn on {}", long_date(on))).unwrap_or_default()
}

fn year_line(found: &LedgerYear<'_>) -> PastYearLine {
    let (year, sums) = (found.year, &found.sums);
    let unsettled = year.settlement.is_none();
    let void = found.standing == YearStanding::Settled(YearOutcome::Void);
    let figures = (!void).then(|| {
        let missing = if unsettled { sums.missing().rounded_up() } else { String::new() };
        [sums.approved.to_string(), sums.pending.to_string(), missing, sums.required.to_string()]
    });
    PastYearLine {
        number: year.number,
        span: format!("{} to {}", long_date(year.starts_on), long_date(year.ends_on)),
        deadline: long_date(year.deadline),
        extended: year.extended(),
        figures,
        tag: status_tag(found.status()),
        words: standing_words(found),
    }
}

fn standing_words(found: &LedgerYear<'_>) -> String {
    let settled = found.year.settlement.map(|settled| long_date(settled.settled_on));
    match (found.standing, settled) {
        (YearStanding::Flagged { since, answer_until, .. }, _) => {
            format!("Since {}, to be answered until {}", long_date(since), long_date(answer_until))
        }
        (YearStanding::Settled(_), Some(on)) => format!("On {on}"),
        _ => String::new(),
    }
}

/// For which years of some certificates each report counted, with how much.
fn counts(
    ledger: &HolderLedger<'_>,
    shown: &[&CertificateFile],
) -> BTreeMap<ActivityId, Vec<(String, String)>> {
    let mut counts: BTreeMap<ActivityId, Vec<(String, String)>> = BTreeMap::new();
    for found in shown.iter().flat_map(|own| ledger.years_of(own)) {
        let (number, year) = (&found.certificate.certificate.number, found.year.number);
        for line in &found.lines {
            let counted = (line.counts.to_string(), format!("{number}, year {year}"));
            counts.entry(line.report.id).or_default().push(counted);
        }
    }
    counts
}

fn report_line(
    past: &PastReport,
    counts: Vec<(String, String)>,
    reader: Reader,
    portal: &Portal,
) -> ReportLine {
    let facts = past.facts.as_ref();
    let reported = format!("reported on {}", long_date(portal.clock.day_of(past.reported_at)));
    let kind = facts.and_then(|facts| facts.category).map(Category::label);
    let quantity = past.awarded.or_else(|| facts.and_then(|facts| facts.quantity));
    ReportLine {
        href: match reader {
            Reader::Staff => format!("/staff/activities/{}", past.id),
            Reader::Holder => format!("/activities/{}", past.id),
        },
        title: facts.map_or_else(|| "What it said then is not kept".to_owned(), |facts| facts.title.clone()),
        more: kind.map_or_else(|| reported.clone(), |kind| format!("{kind}, {reported}")),
        completed: facts.and_then(|facts| facts.completed_on).map(long_date).unwrap_or_default(),
        quantity: quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        counts,
        tag: match reader {
            Reader::Staff => staff_tag(past.status),
            Reader::Holder => activity_tag(past.status),
        },
    }
}

fn decisions(facts: &StatementFacts, reader: Reader) -> Vec<DecisionLine> {
    let mut corrections = facts.corrections.iter();
    let mut lines: Vec<DecisionLine> = Vec::new();
    for decision in &facts.decisions {
        let changed = if decision.kind == DecisionKind::Correction { corrections.next() } else { None };
        if facts.only.is_some_and(|only| only != decision.certificate) {
            continue;
        }
        let of = |own: &&CertificateFile| own.certificate.id == decision.certificate;
        let number =
            facts.record.file.certificates.iter().find(of).map(|own| own.certificate.number.as_str());
        lines.push(DecisionLine {
            day: long_date(decision.decided_on),
            title: format!("{} ({})", decision_words(decision, reader), number.unwrap_or_default()),
            changes: changed.map(|(_, before, after)| changes(before, after)).unwrap_or_default(),
            reason: decision.reason.clone(),
        });
    }
    lines.reverse();
    lines
}

/// "Extension until 30 June 2026 for year 2".
fn decision_words(decision: &Decision, reader: Reader) -> String {
    let what = match (decision.ending, reader) {
        (Some(kind), Reader::Staff) => kind.label().to_owned(),
        (Some(kind), Reader::Holder) if kind.withdrawn() => "Withdrawal".to_owned(),
        _ => decision.kind.label().to_owned(),
    };
    let until = decision.until.map(|day| format!(" until {}", long_date(day))).unwrap_or_default();
    let year = decision.year.map(|year| format!(" for year {year}")).unwrap_or_default();
    format!("{what}{until}{year}")
}

/// What a correction changed, in words.
fn changes(before: &CertificateFacts, after: &CertificateFacts) -> String {
    let (was, is) = (&before.certification.title, &after.certification.title);
    let (day_was, day_is) = (long_date(before.granted_on), long_date(after.granted_on));
    let lines = [
        ("Number", &before.number, &after.number),
        ("Certification", was, is),
        ("Granted on", &day_was, &day_is),
    ];
    let changed = lines.into_iter().filter(|(_, was, is)| was != is);
    changed
        .map(|(what, was, is)| format!("{what}: {is} (it said {was}). "))
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// What is not kept, in words for whoever reads the statement.
fn doubts(facts: &StatementFacts) -> Vec<String> {
    let certificates = &facts.record.file.certificates;
    let about = |id: &CertificateId| facts.only.is_none_or(|only| only == *id);
    let mut doubts = Vec::new();
    for (id, doubt) in facts.record.doubts.iter().filter(|(id, _)| about(id)) {
        let found = certificates.iter().find(|own| own.certificate.id == *id);
        let number = found.map_or("a certificate", |own| own.certificate.number.as_str());
        doubts.push(match doubt {
            YearDoubt::Flag(on) => format!(
                "On {} a year of {number} was flagged, and it was not yet written down which. Its flag is missing here.",
                long_date(*on)
            ),
            YearDoubt::Correction(on) => format!(
                "{number} was corrected on {}. What that made of its years cannot be worked out again, so they stand here as before.",
                long_date(*on)
            ),
        });
    }
    let unknown = facts.record.reports.iter().filter(|past| !past.known).count();
    if unknown > 0 {
        let reports = if unknown == 1 { "One report" } else { "Some reports" };
        doubts.push(format!(
            "{reports} came from the records before this portal and were changed later. What they said on this day is not kept, so they are not counted here."
        ));
    }
    if let Some(on) = facts.renamed_on {
        doubts.push(format!(
            "The holder's name or address was corrected on {}. The name stands here as it is today.",
            long_date(on)
        ));
    }
    doubts
}

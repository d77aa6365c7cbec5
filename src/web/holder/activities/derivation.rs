//! How a report is counted for each certificate, step by step, in words.

use chrono::NaiveDate;

use crate::actions::activities::preview::Outlook;
use crate::domain::activities::activity::Facts;
use crate::domain::activities::credits::Credits;
use crate::domain::activities::eligibility::Unusable;
use crate::domain::dates::{days_between, full_date, long_date};
use crate::domain::ids::ActivityId;
use crate::domain::ledger::derivation::steps;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::ledger::preview::{Preview, PreviewCounts};
use crate::domain::plural::counted;
use crate::web::holder::certificates::figures::{FigurePart, of_report};

/// How a report counts for one certificate.
#[derive(Clone, Debug)]
pub struct Counting {
    /// The certificate's title.
    pub title: String,
    /// The certificate's number.
    pub number: String,
    /// The year it counts for, in words; empty when it counts nowhere.
    pub year: String,
    /// From what was reported to what counts.
    pub steps: Vec<String>,
    /// What counts in the end.
    pub credits: Credits,
    /// Why it counts nothing; empty when it counts.
    pub why_not: String,
}

/// The three amounts of one report.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    /// By what the holder reported.
    pub reported: String,
    /// The same for a sentence: "3", "2.50".
    pub brief: String,
    /// By what the reviewer awarded; empty while undecided.
    pub approved: String,
    /// After the publication's cap; empty while undecided.
    pub counted: String,
    /// Why what counts differs from what was reported; empty while it does not.
    pub figures: Vec<FigurePart>,
}

/// The reported, approved and counted credits of a report in the file.
#[must_use]
pub fn amounts(ledger: &HolderLedger<'_>, id: ActivityId) -> Option<Amounts> {
    let line = ledger.line(id)?;
    let (share, reported, approved) = (line.share, line.share.reported, line.approved());
    let when_approved = |credits: Credits| if approved { credits.to_string() } else { String::new() };
    Some(Amounts {
        figures: if approved { of_report(&line) } else { Vec::new() },
        reported: reported.to_string(),
        brief: reported.plain(),
        approved: when_approved(share.raw),
        counted: when_approved(share.credits),
    })
}

/// The same three amounts with all their decimals, for files that others add up: reported, approved, counted. Empty where there is none.
#[must_use]
pub fn exact_amounts(ledger: &HolderLedger<'_>, id: ActivityId) -> [String; 3] {
    let Some(line) = ledger.line(id) else { return Default::default() };
    let when_approved = |credits: Credits| if line.approved() { credits.exact() } else { String::new() };
    let share = line.share;
    [share.reported.exact(), when_approved(share.raw), when_approved(share.credits)]
}

/// How a report counts for each of the holder's certificates; nothing when it cannot count.
#[must_use]
pub fn countings(ledger: &HolderLedger<'_>, id: ActivityId) -> Vec<Counting> {
    let Some(report) = ledger.record().report(id) else { return Vec::new() };
    let counting = |certificate: &crate::domain::ledger::CertificateFile| {
        let holds = &certificate.certificate;
        let mut counting = Counting {
            title: holds.certification.title.clone(),
            number: holds.number.clone(),
            year: String::new(),
            steps: Vec::new(),
            credits: Credits::ZERO,
            why_not: String::new(),
        };
        let day = report.completed_on;
        let found = match certificate.falls_into(day) {
            Ok(index) => ledger.year_at(certificate, index),
            Err(why) => {
                counting.why_not = not_counted(why, day);
                return counting;
            }
        };
        if let Some((year, line)) = found.as_ref().and_then(|found| Some((found.year, found.line(id)?))) {
            counting.steps = steps(line, year, ledger.policies());
            counting.credits = line.counts;
            counting.year = year_in_words(year.number, year.starts_on, year.deadline);
        }
        counting
    };
    ledger.record().certificates.iter().map(counting).collect()
}

/// What a report would count for, ready to be shown.
#[derive(Clone, Debug, Default)]
pub struct OutlookView {
    /// All of it in one line, beside the button that sends: "2.50 credits, then 9.50 to go"; empty while there is nothing to say.
    pub brief: String,
    /// The rate that applies, in words.
    pub rate: String,
    /// For each certificate.
    pub lines: Vec<OutlookLine>,
    /// When it took place as it was read, with days of the week, to be checked; empty while there is no day.
    pub day: String,
    /// What was typed and cannot be read yet.
    pub unread: Vec<String>,
    /// Why no certification year could use it.
    pub unusable: String,
    /// What looks like a slip, or will be asked for.
    pub hints: Vec<String>,
}

/// What a report would count for one certificate.
#[derive(Clone, Debug)]
pub struct OutlookLine {
    /// The certificate's title.
    pub title: String,
    /// What it would count: "2.50 credits".
    pub credits: String,
    /// For which year, or why for none, and why less than the rate says.
    pub words: String,
}

impl OutlookView {
    /// From what the action found.
    #[must_use]
    pub fn new(outlook: Outlook, facts: &Facts) -> OutlookView {
        let completed_on = facts.completed_on;
        let brief = brief(&outlook.previews);
        let lines = outlook.previews.into_iter().map(|preview| {
            let title = preview.certificate.certification.title;
            match preview.counts {
                Ok(counts) => {
                    let mut words =
                        format!("Year {}, until {}.", counts.year.number, long_date(counts.year.deadline));
                    let (share, sums) = (counts.share, counts.sums);
                    if let Some((cap, taken)) = share.cap.filter(|_| share.credits < share.raw) {
                        words.push_str(&format!(
                            " By the rate alone it would be {}, but one publication earns at most {} over its whole life",
                            share.raw.plain(),
                            cap.counted()
                        ));
                        words.push_str(&match taken.is_zero() {
                            true => ".".to_owned(),
                            false => format!(", and other reports have taken {}.", taken.plain()),
                        });
                    }
                    let missing = sums.missing();
                    if missing.is_zero() {
                        words.push_str(" With it you have reported what this year needs.");
                    } else {
                        words.push_str(&format!(
                            " With it, {} still missing.",
                            missing.counted_up_as("credit is", "credits are")
                        ));
                    }
                    let credits = counts.credits;
                    OutlookLine { title, credits: credits.counted(), words }
                }
                Err(why) => OutlookLine {
                    title,
                    credits: Credits::ZERO.counted(),
                    words: completed_on.map(|day| not_counted(why, day)).unwrap_or_default(),
                },
            }
        });
        OutlookView {
            brief,
            lines: lines.collect(),
            rate: outlook.rate,
            day: when(facts),
            unread: outlook.unread,
            unusable: outlook.unusable.unwrap_or_default(),
            hints: outlook.hints,
        }
    }
}

/// "Completed on Thursday 26 November 2026.", or from which day to which, and how many that are.
fn when(facts: &Facts) -> String {
    match (facts.started_on, facts.completed_on) {
        (Some(first), Some(last)) if first < last => {
            let days = counted(days_between(first, last).saturating_add(1), "day", "days");
            format!("From {} to {}: {days}.", full_date(first), full_date(last))
        }
        (_, Some(last)) => format!("Completed on {}.", full_date(last)),
        (_, None) => String::new(),
    }
}

/// What a report would count and what is to go then, in one line. Of several certificates, the one that needs most speaks for all.
fn brief(previews: &[Preview]) -> String {
    let counts: Vec<&PreviewCounts> =
        previews.iter().filter_map(|preview| preview.counts.as_ref().ok()).collect();
    let most = counts.iter().map(|one| one.credits).max();
    let (Some(most), Some(missing)) = (most, counts.iter().map(|one| one.sums.missing()).max()) else {
        return if previews.is_empty() { String::new() } else { "It would not count.".to_owned() };
    };
    let several = counts.len() > 1;
    let credits = match several {
        true if counts.iter().all(|one| one.credits == most) => {
            format!("{} for each of {} certificates", most.counted(), counts.len())
        }
        true => format!("Up to {}", most.counted()),
        false => most.counted(),
    };
    match (missing.is_zero(), several) {
        (true, true) => format!("{credits}, then every year is covered"),
        (true, false) => format!("{credits}, then the year is covered"),
        (false, true) => format!("{credits}, then up to {} to go", missing.plain_up()),
        (false, false) => format!("{credits}, then {} to go", missing.plain_up()),
    }
}

fn not_counted(why: Unusable, day: NaiveDate) -> String {
    match why {
        Unusable::NothingNeedsCpe => "This certificate needs no credits.".to_owned(),
        Unusable::BeforeGrant(granted) => {
            format!("This certificate was granted later, on {}.", long_date(granted))
        }
        Unusable::NotActive => format!("This certificate was not in force on {}.", long_date(day)),
        Unusable::Settled(on) => {
            format!("The year that contains {} was settled on {}.", long_date(day), long_date(on))
        }
        Unusable::BeforeTakeover => format!(
            "The year that contains {} was over before this certificate came to this portal.",
            long_date(day)
        ),
        Unusable::Future => format!("{} is in the future.", long_date(day)),
    }
}

fn year_in_words(number: i64, starts_on: NaiveDate, deadline: NaiveDate) -> String {
    format!("Year {number}: {} to {}", long_date(starts_on), long_date(deadline))
}

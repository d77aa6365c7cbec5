//! One certification year as its holder sees it: am I safe, what is missing, until when.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::year_picture::YearPicture;
use super::year_words::{Said, Undecided, forecast, more_time, said, span, why_approved, why_counted};
use crate::domain::activity::ActivityStatus;
use crate::domain::calendar::long_date;
use crate::domain::certificate::Outcome;
use crate::domain::credits::Credits;
use crate::domain::forecast::{Example, examples};
use crate::domain::ids::ActivityId;
use crate::domain::ledger::{CertificateFile, HolderFile, Line, Share, YearLedger, year_ledger};
use crate::domain::policy::Policies;
use crate::domain::standing::{YearStanding, year_standing};
use crate::web::bar::Bar;
use crate::web::state::{Tag, year_tag};

/// A certification year, ready to be shown.
#[derive(Clone, Debug)]
pub struct YearCard {
    /// 1, 2 … from the grant.
    pub number: i64,
    /// "1 March 2026 to 28 February 2027", and until when it has more time.
    pub span: String,
    /// Its last day to complete something, in words.
    pub deadline: String,
    /// Where it stands.
    pub tag: Tag,
    /// How urgent: good, wait, info, action, bad, off.
    pub kind: &'static str,
    /// What matters, in one sentence.
    pub headline: String,
    /// What follows from it, in one or two more.
    pub advice: String,
    /// The way to answer a flag; empty unless flagged.
    pub answer: String,
    /// The conversation in which the holder answered, and whose turn it is there.
    pub answered: Option<(i64, String)>,
    /// Which days count for it, when an extension moved them; else empty.
    pub more_time: String,
    /// Whether the page says all of that in its headline already.
    pub told: bool,
    /// The progress bar, unless there is nothing to reach.
    pub bar: Option<Bar>,
    /// Credits approved that count: E.
    pub approved: String,
    /// Credits waiting for a review: P.
    pub pending: String,
    /// Whom these wait for: "waiting for review", "waiting for your answer".
    pub waits: String,
    /// Credits missing, rounded up.
    pub missing: String,
    /// The minimum.
    pub required: String,
    /// What was reported for this year, before reviews and caps.
    pub reported: String,
    /// What reviewers approved for this year, before caps.
    pub reviewed: String,
    /// How much of `approved` was carried over; empty when nothing was.
    pub carried: String,
    /// How many reports were approved.
    pub approved_reports: usize,
    /// How many reports wait.
    pub pending_reports: usize,
    /// Why what was approved differs from what was reported.
    pub why_approved: String,
    /// Why what counts differs from what was approved.
    pub why_counted: String,
    /// What it comes to if nothing else, and if everything that waits is approved; empty when these are the same.
    pub forecast: String,
    /// Ways to earn what is missing.
    pub examples: Vec<Example>,
    /// The year as a picture.
    pub picture: YearPicture,
    /// The last day, for sorting.
    pub deadline_on: NaiveDate,
}

/// What a card is made of.
#[derive(Clone, Copy, Debug)]
pub struct Book<'a> {
    /// The holder's file.
    pub file: &'a HolderFile,
    /// What each of its reports earns.
    pub shares: &'a [Share],
    /// The rules' figures.
    pub policies: &'a Policies,
    /// The day it is shown.
    pub today: NaiveDate,
    /// The titles of the holder's activities.
    pub titles: &'a BTreeMap<ActivityId, String>,
}

impl YearCard {
    /// The card of year `index` of a certificate, with its ledger.
    pub fn new(
        book: Book<'_>,
        certificate: &CertificateFile,
        index: usize,
    ) -> Option<(YearCard, YearLedger)> {
        let year = certificate.years.get(index)?;
        let ledger = year_ledger(book.file, book.shares, certificate, index, book.policies);
        let sums = ledger.sums;
        let standing = year_standing(year, &sums, book.policies, book.today);
        let reported = reported_of(book, &ledger, |_| true);
        let reviewed =
            ledger.lines.iter().filter(|line| line.approved).map(|line| line.share.raw).sum::<Credits>();
        let undecided = undecided_of(book, &ledger);
        let Said { kind, headline, advice, answer } = said(book, year, &sums, standing, undecided);
        let settled = matches!(standing, YearStanding::Settled(_));
        let missing = if settled { Default::default() } else { sums.missing() };
        let waiting = reported_of(book, &ledger, |line| !line.approved);
        let decided = reported.less(waiting);
        let counted = sums.approved.less(sums.carried);
        let today = book.policies.in_force_on(book.today);
        let card = YearCard {
            number: year.number,
            span: span(year),
            deadline: long_date(year.deadline),
            tag: match standing {
                // the word of the records says nothing to its holder
                YearStanding::Settled(Outcome::Void) => Tag { kind: "off", label: "Counts nothing" },
                YearStanding::Settled(Outcome::BeforeTakeover) => {
                    Tag { kind: "off", label: "Settled before this portal" }
                }
                standing => year_tag(standing),
            },
            kind,
            headline,
            advice,
            answer,
            answered: None,
            more_time: if settled { String::new() } else { more_time(year, certificate.years.get(..index)) },
            told: false,
            bar: (!sums.required.is_zero())
                .then(|| Bar::new(sums.approved.parts(), sums.pending.parts(), sums.required.parts())),
            approved: sums.approved.to_string(),
            pending: sums.pending.to_string(),
            waits: undecided.waits(),
            missing: missing.rounded_up(),
            required: sums.required.to_string(),
            reported: reported.to_string(),
            reviewed: reviewed.to_string(),
            carried: if sums.carried.is_zero() { String::new() } else { sums.carried.to_string() },
            approved_reports: ledger.lines.iter().filter(|line| line.approved).count(),
            pending_reports: ledger.lines.iter().filter(|line| !line.approved).count(),
            why_approved: why_approved(waiting, undecided, decided, reviewed),
            why_counted: match standing {
                YearStanding::Settled(Outcome::Void) => {
                    "the certificate has ended, so nothing counts".to_owned()
                }
                _ => why_counted(reviewed, counted, sums.carried),
            },
            forecast: if settled { String::new() } else { forecast(&sums) },
            examples: if year.starts_on <= book.today { examples(missing, today) } else { Vec::new() },
            picture: YearPicture::new(book, year, &ledger, book.titles),
            deadline_on: year.deadline,
        };
        Some((card, ledger))
    }
}

impl YearCard {
    /// The title of what asks for an answer: what the page has said already is not said again.
    #[must_use]
    pub fn asks(&self) -> &str {
        match (self.told, &self.answered) {
            (false, _) => &self.headline,
            (true, None) => "Your answer is needed",
            (true, Some(_)) => "You have answered the flag",
        }
    }
}

/// Credits by what was reported, of some of a year's reports.
fn reported_of(book: Book<'_>, ledger: &YearLedger, which: impl Fn(&Line) -> bool) -> Credits {
    ledger
        .lines
        .iter()
        .filter(|line| which(line))
        .filter_map(|line| book.file.reports.iter().find(|report| report.id == line.activity))
        .map(|report| {
            book.policies.in_force_on(report.completed_on).rate(report.category).credits(report.reported)
        })
        .sum()
}

/// Which of the undecided credits wait for us, and which for the holder.
fn undecided_of(book: Book<'_>, ledger: &YearLedger) -> Undecided {
    let mut undecided = Undecided::default();
    for line in ledger.lines.iter().filter(|line| !line.approved) {
        let report = book.file.reports.iter().find(|report| report.id == line.activity);
        if report.is_some_and(|report| report.status == ActivityStatus::Returned) {
            undecided.returned = undecided.returned + line.counts;
            undecided.questions = undecided.questions.saturating_add(1);
        } else {
            undecided.submitted = undecided.submitted + line.counts;
        }
    }
    undecided
}

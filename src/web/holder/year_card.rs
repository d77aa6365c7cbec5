//! One certification year as its holder sees it: am I safe, what is missing, until when.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::year_picture::YearPicture;
use crate::domain::calendar::{days_between, long_date, plus_days};
use crate::domain::certificate::{CertificationYear, Outcome};
use crate::domain::credits::Credits;
use crate::domain::forecast::{Example, examples, in_a_sentence};
use crate::domain::ids::ActivityId;
use crate::domain::ledger::{CertificateFile, HolderFile, Line, Share, Sums, YearLedger, year_ledger};
use crate::domain::policy::Policies;
use crate::domain::standing::{YearStanding, year_standing};
use crate::web::bar::Bar;
use crate::web::state::{Tag, year_tag};

/// A certification year, ready to be shown.
#[derive(Clone, Debug)]
pub struct YearCard {
    /// 1, 2 … from the grant.
    pub number: i64,
    /// "1 March 2026 to 28 February 2027".
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
    /// The progress bar, unless there is nothing to reach.
    pub bar: Option<Bar>,
    /// Credits approved that count: E.
    pub approved: String,
    /// Credits waiting for a review: P.
    pub pending: String,
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
    /// Whom to ask.
    pub contact: &'a str,
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
        let said = said(book, year, &ledger, standing);
        let settled = matches!(standing, YearStanding::Settled(_));
        let missing = if settled { Default::default() } else { sums.missing() };
        let waiting = reported_of(book, &ledger, |line| !line.approved);
        let decided = reported.less(waiting);
        let counted = sums.approved.less(sums.carried);
        let today = book.policies.in_force_on(book.today);
        let card = YearCard {
            number: year.number,
            span: format!("{} to {}", long_date(year.starts_on), long_date(year.ends_on)),
            deadline: long_date(year.deadline),
            tag: year_tag(standing),
            kind: said.kind,
            headline: said.headline,
            advice: said.advice,
            answer: said.answer,
            bar: (!sums.required.is_zero())
                .then(|| Bar::new(sums.approved.parts(), sums.pending.parts(), sums.required.parts())),
            approved: sums.approved.to_string(),
            pending: sums.pending.to_string(),
            missing: missing.rounded_up(),
            required: sums.required.to_string(),
            reported: reported.to_string(),
            reviewed: reviewed.to_string(),
            carried: if sums.carried.is_zero() { String::new() } else { sums.carried.to_string() },
            approved_reports: ledger.lines.iter().filter(|line| line.approved).count(),
            pending_reports: ledger.lines.iter().filter(|line| !line.approved).count(),
            why_approved: why_approved(waiting, decided, reviewed),
            why_counted: why_counted(reviewed, counted, sums.carried),
            forecast: if settled { String::new() } else { forecast(&sums) },
            examples: if year.starts_on <= book.today { examples(missing, today) } else { Vec::new() },
            picture: YearPicture::new(book, year, &ledger, book.titles),
            deadline_on: year.deadline,
        };
        Some((card, ledger))
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

fn why_approved(waiting: Credits, decided: Credits, reviewed: Credits) -> String {
    let mut why = Vec::new();
    if !waiting.is_zero() {
        why.push(format!("{waiting} of it waits for review"));
    }
    if reviewed < decided {
        why.push(format!("a reviewer approved {} less than you reported", decided.less(reviewed)));
    } else if reviewed > decided {
        why.push(format!("a reviewer approved {} more than you reported", reviewed.less(decided)));
    }
    if why.is_empty() { "all of what you reported".to_owned() } else { why.join("; ") }
}

fn why_counted(reviewed: Credits, counted: Credits, carried: Credits) -> String {
    let mut why = if counted < reviewed {
        format!("{} is over what one publication can earn", reviewed.less(counted))
    } else {
        "all of what is approved".to_owned()
    };
    if !carried.is_zero() {
        why.push_str(&format!("; {carried} is carried over from the year before"));
    }
    why
}

/// The worst and the likely end of a year.
fn forecast(sums: &Sums) -> String {
    if sums.pending.is_zero() || sums.met() {
        return String::new();
    }
    format!(
        "Approved so far: {} of {}. If all that waits is approved: {}.",
        sums.approved,
        sums.required,
        sums.approved + sums.pending
    )
}

struct Said {
    kind: &'static str,
    headline: String,
    advice: String,
    answer: String,
}

fn said(book: Book<'_>, year: &CertificationYear, ledger: &YearLedger, standing: YearStanding) -> Said {
    let sums = ledger.sums;
    let missing = sums.missing().rounded_up();
    let (ended, deadline) = (long_date(year.deadline), long_date(year.deadline));
    let say = |kind, headline: String, advice: String| Said { kind, headline, advice, answer: String::new() };
    match standing {
        YearStanding::Upcoming => {
            say("off", format!("This year starts on {}.", long_date(year.starts_on)), String::new())
        }
        YearStanding::Open | YearStanding::Extended => {
            let mut advice = if sums.met() {
                "All of it is approved. There is nothing you have to do before the next year starts.".to_owned()
            } else if sums.covered() {
                format!("{} credits are waiting for review. If they are approved, there is nothing else you have to do.", sums.pending)
            } else {
                let do_it = in_a_sentence(sums.missing(), book.policies.in_force_on(book.today));
                format!("{do_it} {}", days_left(days_between(book.today, year.deadline)))
            };
            if standing == YearStanding::Extended {
                advice = format!("Your deadline was moved to {deadline}. {advice}");
            }
            if sums.met() {
                say("good", "You have the credits you need for this year.".to_owned(), advice)
            } else if sums.covered() {
                let headline = "Your waiting reports cover what you still need.".to_owned();
                say("good", headline, advice)
            } else {
                let soon = book.policies.in_force_on(year.starts_on).stages.iter().copied().max().unwrap_or(0);
                let near = book.today >= plus_days(year.deadline, -soon);
                let kind = if near { "action" } else { "info" };
                say(kind, format!("You need {missing} more credits by {deadline}."), advice)
            }
        }
        YearStanding::Met => say(
            "good",
            format!("You have the credits you needed by {ended}."),
            "The year is about to be settled as recertified.".to_owned(),
        ),
        YearStanding::AwaitingReview => say(
            "wait",
            format!("The year ended on {ended}, and your waiting reports cover what it needs."),
            "We still have to review them. Nothing is held against you meanwhile, and your certificate stands.".to_owned(),
        ),
        YearStanding::Short => say(
            "action",
            format!("The year ended on {ended} with {missing} credits missing."),
            format!("You can still report what you completed by {ended}."),
        ),
        YearStanding::Flagged { answer_until, decide_from, .. } => {
            let headline = if sums.met() {
                format!("You now have the credits the year that ended on {ended} needed.")
            } else if sums.covered() {
                format!("Your waiting reports could cover the year that ended on {ended}.")
            } else {
                format!("The year that ended on {ended} is {missing} credits short.")
            };
            let advice = if sums.met() {
                "The flag is about to be lifted. There is nothing else you have to do.".to_owned()
            } else if sums.covered() {
                "We review them first. No decision is taken before that.".to_owned()
            } else {
                format!(
                    "Your certificate still stands. From {} on it can be withdrawn, by a person and with a reason.",
                    long_date(decide_from)
                )
            };
            let answer = if sums.covered() {
                String::new()
            } else {
                let until = if book.today <= answer_until {
                    format!("Answer by {}", long_date(answer_until))
                } else {
                    "Answer now".to_owned()
                };
                format!(
                    "{until}: report what you completed from {} to {ended}, or write to {} if something kept you from it.",
                    long_date(year.starts_on),
                    book.contact,
                )
            };
            Said { kind: "bad", headline, advice, answer }
        }
        YearStanding::Settled(outcome) => {
            let on = year.settlement.map(|s| long_date(s.settled_on)).unwrap_or_default();
            match outcome {
                Outcome::Recertified => {
                    say("good", format!("Recertified on {on}."), String::new())
                }
                Outcome::Waived => say("info", format!("Waived on {on}: it counts as met."), String::new()),
                Outcome::Decertified => {
                    say("bad", format!("The certificate was withdrawn for this year on {on}."), String::new())
                }
                Outcome::Void => {
                    say("off", "Void, because the certificate had ended.".to_owned(), String::new())
                }
                Outcome::BeforeTakeover => say(
                    "off",
                    "Settled before your certificate came to this portal.".to_owned(),
                    String::new(),
                ),
            }
        }
    }
}

fn days_left(days: i64) -> String {
    match days {
        ..=0 => "Today is the last day. Activities completed today still count.".to_owned(),
        1 => "There is 1 day left.".to_owned(),
        days => format!("There are {days} days left."),
    }
}

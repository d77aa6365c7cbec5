//! A certification year in words, as they are said to its holder.

use chrono::NaiveDate;

use crate::domain::activities::activity::ActivityStatus;
use crate::domain::activities::credits::Credits;
use crate::domain::certification::certificate::{CertificationYear, YearOutcome};
use crate::domain::certification::notice_period::NoticePeriod;
use crate::domain::certification::standing::YearStanding;
use crate::domain::dates::{days_between, long_date, plus_days};
use crate::domain::ledger::Sums;
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::ledger::suggestions::in_a_sentence;
use crate::domain::plural::counted;

/// The undecided credits of a year, by whose turn it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undecided {
    /// They wait for a review.
    pub submitted: Credits,
    /// They came back to the holder with a question.
    pub returned: Credits,
    /// How many reports came back.
    pub questions: usize,
}

impl Undecided {
    /// What is undecided about a year.
    #[must_use]
    pub fn of(found: &LedgerYear<'_>) -> Undecided {
        let mut undecided = Undecided::default();
        for line in found.lines.iter().filter(|line| !line.approved()) {
            if line.report.status == ActivityStatus::Returned {
                undecided.returned = undecided.returned + line.counts;
                undecided.questions = undecided.questions.saturating_add(1);
            } else {
                undecided.submitted = undecided.submitted + line.counts;
            }
        }
        undecided
    }

    /// Whether what waits for us covers a year: returned reports do so only when they are answered, and that is the holder's turn.
    fn ours_cover(self, sums: &Sums) -> bool {
        sums.approved + self.submitted >= sums.required
    }

    /// Whom they wait for, behind their number.
    #[must_use]
    pub fn waits(self) -> String {
        match (self.submitted.is_zero(), self.returned.is_zero()) {
            (_, true) => "waiting for review".to_owned(),
            (true, false) => "waiting for your answer".to_owned(),
            (false, false) => format!("waiting, {} of it for your answer", self.returned.plain()),
        }
    }

    /// "answer our question", "answer our questions".
    fn answer_us(self) -> &'static str {
        if self.questions == 1 { "answer our question" } else { "answer our questions" }
    }
}

/// The days of a year: "1 March 2026 to 28 February 2027", and until when it has more time.
#[must_use]
pub fn span(year: &CertificationYear) -> String {
    let days = format!("{} to {}", long_date(year.starts_on), long_date(year.ends_on));
    if year.extended() { format!("{days}, extended to {}", long_date(year.deadline)) } else { days }
}

/// Which days count for a year, when its own deadline was moved or that of the year before it; else nothing. `before`: the year before it.
#[must_use]
pub fn more_time(year: &CertificationYear, before: Option<&CertificationYear>) -> String {
    let mut words = Vec::new();
    let reaching = before.filter(|last| last.deadline >= year.starts_on);
    if let Some(last) = reaching {
        words.push(format!(
            "Year {} has more time: what you complete until {} counts for that year, and only what you complete later counts for this one.",
            last.number,
            long_date(last.deadline)
        ));
    }
    if year.extended() {
        words.push(format!(
            "You have more time: everything you complete until {} counts for this year, and not for year {} as well.",
            long_date(year.deadline),
            year.number.saturating_add(1)
        ));
    }
    words.join(" ")
}

/// What is said about a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearWords {
    /// How urgent: good, wait, info, action, bad, off.
    pub kind: &'static str,
    /// What matters, in one sentence.
    pub headline: String,
    /// What would earn what is missing, in a sentence; empty where nothing can or need.
    pub do_it: String,
    /// What follows from it, in one or two more.
    pub advice: String,
    /// The way to answer a flag; empty unless flagged.
    pub answer: String,
    /// What can still be done once it is answered; empty unless flagged.
    pub answer_more: String,
}

/// Says where a year stands.
#[must_use]
pub fn said(ledger: &HolderLedger<'_>, found: &LedgerYear<'_>, undecided: Undecided) -> YearWords {
    let (year, sums) = (found.year, found.sums);
    let ended = long_date(year.deadline);
    match found.standing {
        YearStanding::Upcoming => {
            say("off", format!("This year starts on {}.", long_date(year.starts_on)), String::new())
        }
        YearStanding::Open | YearStanding::Extended => said_of_open(ledger, found, undecided),
        YearStanding::Met => say(
            "good",
            format!("You have the credits you needed by {ended}."),
            "The year is about to be settled as recertified.".to_owned(),
        ),
        YearStanding::AwaitingReview if !undecided.ours_cover(&sums) => say(
            "action",
            format!("The year ended on {ended}, and you have reported enough: please {}.", undecided.answer_us()),
            format!("{} waiting for your answer, so it is your turn. Nothing is held against you in the meantime, and your certificate stays in force.", undecided.returned.counted_as("credit is", "credits are")),
        ),
        YearStanding::AwaitingReview => say(
            "wait",
            format!("The year ended on {ended}, and your waiting reports cover what it needs."),
            "We still have to review them. Nothing is held against you in the meantime, and your certificate stays in force.".to_owned(),
        ),
        YearStanding::Short => {
            let notice = NoticePeriod::of(year.starts_on, ledger.today(), ledger.policies());
            let until = long_date(notice.answer_until);
            let missing = sums.missing().counted_up();
            say(
                "action",
                format!("The year ended on {ended} with {missing} missing."),
                format!("You can still report what you completed by {ended}. If credits are still missing when we look at the year, we will write to you, and you will have {} to answer: until {until} at the earliest. After that a person decides, never the portal.", days(notice.days)),
            )
        }
        YearStanding::Flagged { decide_from, .. } if sums.covered() => {
            said_of_flagged(year, &sums, undecided, decide_from)
        }
        YearStanding::Flagged { answer_until, decide_from, .. } => {
            let (answer, answer_more) = answer_to_flag(year, answer_until, ledger.today());
            YearWords { answer, answer_more, ..said_of_flagged(year, &sums, undecided, decide_from) }
        }
        YearStanding::Settled(outcome) => said_of_settled(year, outcome),
    }
}

fn say(kind: &'static str, headline: String, advice: String) -> YearWords {
    YearWords {
        kind,
        headline,
        do_it: String::new(),
        advice,
        answer: String::new(),
        answer_more: String::new(),
    }
}

/// A year that has begun and whose deadline has not passed.
fn said_of_open(ledger: &HolderLedger<'_>, found: &LedgerYear<'_>, undecided: Undecided) -> YearWords {
    let (year, sums) = (found.year, found.sums);
    let (policies, today) = (ledger.policies(), ledger.today());
    let ours_cover = undecided.ours_cover(&sums);
    let deadline = long_date(year.deadline);
    let mut do_it = String::new();
    let mut advice = if sums.met() {
        "All of it is approved. There is nothing you have to do before the next year starts.".to_owned()
    } else if ours_cover {
        format!(
            "{} waiting for review. If that is approved, there is nothing else you have to do.",
            undecided.submitted.counted_as("credit is", "credits are")
        )
    } else if sums.covered() {
        format!(
            "{} waiting for your answer, so it is your turn. Nothing is held against you in the meantime.",
            undecided.returned.counted_as("credit is", "credits are")
        )
    } else {
        do_it = in_a_sentence(sums.missing(), policies.in_force_on(today));
        days_left(days_between(today, year.deadline))
    };
    if found.standing == YearStanding::Extended {
        advice = format!("Your deadline was moved to {deadline}. {advice}");
    }
    if sums.met() {
        say("good", "You have the credits you need for this year.".to_owned(), advice)
    } else if ours_cover {
        say("wait", "Your waiting reports cover what you still need.".to_owned(), advice)
    } else if sums.covered() {
        say("action", format!("You have reported enough: please {}.", undecided.answer_us()), advice)
    } else {
        let soon = policies.in_force_on(year.starts_on).stages.iter().copied().max().unwrap_or(0);
        let near = today >= plus_days(year.deadline, -soon);
        let kind = if near { "action" } else { "info" };
        let missing = sums.missing().counted_up_as("more credit", "more credits");
        let headline = format!("You need {missing} by {deadline}.");
        YearWords { do_it, ..say(kind, headline, advice) }
    }
}

fn said_of_flagged(
    year: &CertificationYear,
    sums: &Sums,
    undecided: Undecided,
    decide_from: NaiveDate,
) -> YearWords {
    let ended = long_date(year.deadline);
    let headline = if sums.met() {
        format!("You now have the credits the year that ended on {ended} needed.")
    } else if sums.covered() {
        format!("Your waiting reports could cover the year that ended on {ended}.")
    } else {
        format!("The year that ended on {ended} is {} short.", sums.missing().counted_up())
    };
    let advice = if sums.met() {
        "The flag is about to be lifted. There is nothing else you have to do.".to_owned()
    } else if undecided.ours_cover(sums) {
        "We review them first. No decision is taken before that.".to_owned()
    } else if sums.covered() {
        format!(
            "{} waiting for your answer: please {}. No decision is taken before that is reviewed.",
            undecided.returned.counted_as("credit is", "credits are"),
            undecided.answer_us()
        )
    } else {
        format!(
            "Your certificate is still in force. From {} on it can be withdrawn, by a person and with a reason.",
            long_date(decide_from)
        )
    };
    say("bad", headline, advice)
}

/// How to answer a flag, and what can still be done once it is answered. Neither is said when what waits covers the year.
fn answer_to_flag(year: &CertificationYear, until: NaiveDate, today: NaiveDate) -> (String, String) {
    let by = if today <= until { format!("Answer by {}", long_date(until)) } else { "Answer now".to_owned() };
    let own = format!(
        "what you completed from {} to {} and have not reported yet",
        long_date(year.starts_on),
        long_date(year.deadline)
    );
    let answer = format!("{by}: report {own}, ask for more time, or tell us what kept you from it.");
    (answer, format!("You can still report {own}, until somebody decides."))
}

fn said_of_settled(year: &CertificationYear, outcome: YearOutcome) -> YearWords {
    let on = year.settlement.map(|s| long_date(s.settled_on)).unwrap_or_default();
    let (kind, headline) = match outcome {
        YearOutcome::Recertified => ("good", format!("Recertified on {on}.")),
        YearOutcome::Waived => {
            ("info", format!("Accepted on {on} without the missing credits: it counts as met."))
        }
        YearOutcome::Decertified => ("bad", format!("The certificate was withdrawn for this year on {on}.")),
        YearOutcome::Void => {
            let headline = "The certificate ended before this year was over, so the year counts nothing.";
            ("off", headline.to_owned())
        }
        YearOutcome::BeforeTakeover => {
            ("off", "Settled before your certificate came to this portal.".to_owned())
        }
    };
    say(kind, headline, String::new())
}

fn days_left(days: i64) -> String {
    match days {
        ..=0 => "Today is the last day. Activities completed today still count.".to_owned(),
        1 => "There is 1 day left.".to_owned(),
        days => format!("There are {days} days left."),
    }
}

fn days(days: i64) -> String {
    counted(days, "day", "days")
}

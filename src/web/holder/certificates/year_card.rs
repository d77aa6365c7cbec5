//! One certification year as its holder sees it: am I safe, what is missing, until when.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::figures::{FigurePart, of_year};
use super::year_chart::YearPicture;
use super::year_words::{Undecided, YearWords, more_time, said, span};
use crate::domain::activities::credits::Credits;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::certification::standing::YearStanding;
use crate::domain::conversations::conversation::Turn;
use crate::domain::dates::long_date;
use crate::domain::ids::ActivityId;
use crate::domain::ledger::Sums;
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::ledger::suggestions::{Example, even_pace, examples};
use crate::web::holder::conversations::turns::FlagAnswer;
use crate::web::view::bar::Bar;
use crate::web::view::tags::{Tag, year_tag};

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
    /// What would earn what is missing, in a sentence; empty where nothing can or need.
    pub do_it: String,
    /// What follows from it, in one or two more.
    pub advice: String,
    /// The way to answer a flag; empty unless flagged.
    pub answer: String,
    /// What can still be done after it was answered; empty unless flagged.
    pub answer_more: String,
    /// The conversation in which the holder answered, and whose turn it is there.
    pub answered: Option<FlagAnswer>,
    /// Which days count for it, when an extension moved them; else empty.
    pub more_time: String,
    /// Whether the page says all of that in its headline already.
    pub told: bool,
    /// Whether the page has said what would cover this year together with others.
    pub combined: bool,
    /// The progress bar, unless there is nothing to reach.
    pub bar: Option<Bar>,
    /// Credits approved that count: E.
    pub approved: String,
    /// Its sums.
    pub sums: Sums,
    /// What is missing; nothing once it is settled.
    pub missing: Credits,
    /// Whom its undecided credits wait for: "waiting for review", "waiting for your answer".
    pub waits: String,
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
    /// Why what counts or waits differs from what was reported; empty when it does not.
    pub figures: Vec<FigurePart>,
    /// Ways to earn what is missing.
    pub examples: Vec<Example>,
    /// The year as a picture.
    pub picture: YearPicture,
    /// The last day, for sorting.
    pub deadline_on: NaiveDate,
}

impl YearCard {
    /// The card of a year. `titles`: those of the holder's activities.
    pub fn new(
        ledger: &HolderLedger<'_>,
        found: &LedgerYear<'_>,
        titles: &BTreeMap<ActivityId, String>,
    ) -> YearCard {
        let (year, sums, standing) = (found.year, found.sums, found.standing);
        let approved = || found.lines.iter().filter(|line| line.approved());
        let waits = || found.lines.iter().filter(|line| !line.approved());
        let reported = found.lines.iter().map(|line| line.share.reported).sum::<Credits>();
        let reviewed = approved().map(|line| line.share.raw).sum::<Credits>();
        let undecided = Undecided::of(found);
        let YearWords { kind, headline, do_it, advice, answer, answer_more } = said(ledger, found, undecided);
        let settled = matches!(standing, YearStanding::Settled(_));
        let missing = if settled { Default::default() } else { sums.missing() };
        let policy = ledger.policies().in_force_on(ledger.today());
        let bar = (!sums.required.is_zero())
            .then(|| Bar::new(sums.approved.parts(), sums.pending.parts(), sums.required.parts()));
        // whoever has reported everything need not be told how far one should be
        let pace = even_pace(year, sums.required, ledger.today()).filter(|_| !missing.is_zero());
        YearCard {
            number: year.number,
            span: span(year),
            deadline: long_date(year.deadline),
            tag: match standing {
                // the word of the records says nothing to its holder
                YearStanding::Settled(YearOutcome::Void) => Tag { kind: "off", label: "Counts nothing" },
                YearStanding::Settled(YearOutcome::BeforeTakeover) => {
                    Tag { kind: "off", label: "Settled before this portal" }
                }
                standing => year_tag(standing),
            },
            kind,
            headline,
            do_it,
            advice,
            answer,
            answer_more,
            answered: None,
            more_time: if settled { String::new() } else { more_time(year, found.before()) },
            told: false,
            combined: false,
            bar: bar.map(|bar| pace.map_or(bar, |pace| bar.paced(pace, sums.required))),
            approved: sums.approved.to_string(),
            sums,
            missing,
            waits: undecided.waits(),
            required: sums.required.to_string(),
            reported: reported.to_string(),
            reviewed: reviewed.to_string(),
            carried: if sums.carried.is_zero() { String::new() } else { sums.carried.to_string() },
            approved_reports: approved().count(),
            pending_reports: waits().count(),
            figures: of_year(found),
            // what can still be done counts only in a year that runs
            examples: if (year.starts_on..=year.deadline).contains(&ledger.today()) {
                examples(missing, policy)
            } else {
                Vec::new()
            },
            picture: YearPicture::new(ledger, found, titles),
            deadline_on: year.deadline,
        }
    }
}

impl YearCard {
    /// The title of what asks for an answer: what the page has said already is not said again.
    #[must_use]
    pub fn asks(&self) -> &str {
        match (self.told, self.answered.as_ref().map(|answer| answer.turn)) {
            (false, _) => &self.headline,
            (true, None) => "Your answer is needed",
            (true, Some(Turn::Body)) => "You have answered the flag",
            (true, Some(Turn::Holder)) => "We have a question about the flag",
            (true, Some(Turn::Nobody)) => "We have answered you about the flag",
        }
    }

    /// How loud that is: whoever has answered is not called again, unless we have asked something.
    #[must_use]
    pub fn loudness(&self) -> &'static str {
        let answered = self.answered.as_ref().is_some_and(|answer| answer.turn != Turn::Holder);
        if answered { "info" } else { "danger" }
    }

    /// What can be done about a flag: how to answer it, or what can still be added to the answer.
    #[must_use]
    pub fn flag_words(&self) -> &str {
        if self.answered.is_some() { &self.answer_more } else { &self.answer }
    }
}

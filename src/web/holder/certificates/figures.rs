//! From what was reported to what counts: one sentence, only where the figures differ.

use crate::domain::activities::credits::Credits;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::certification::standing::YearStanding;
use crate::domain::ids::ActivityId;
use crate::domain::ledger::Line;
use crate::domain::ledger::holder_ledger::LedgerYear;

/// One part of the sentence: "3.13 not accepted in 2 reports".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigurePart {
    /// What it says.
    pub words: String,
    /// Where it can be looked up; empty where it is no place of its own.
    pub href: String,
}

/// What reports lose or gain on the way, and which.
#[derive(Debug, Default)]
struct Change {
    credits: Credits,
    reports: Vec<ActivityId>,
}

impl Change {
    fn note(&mut self, line: &Line<'_>, credits: Credits) {
        if !credits.is_zero() {
            self.credits = self.credits + credits;
            self.reports.push(line.report.id);
        }
    }

    /// Nothing when nothing changed. `all`: where all these reports are listed.
    fn part(&self, what: &str, all: &str) -> Option<FigurePart> {
        let credits = self.credits.plain();
        let (words, href) = match self.reports.as_slice() {
            [] => return None,
            [one] => (format!("{credits} {what}"), format!("/activities/{one}")),
            many => (format!("{credits} {what} in {} reports", many.len()), all.to_owned()),
        };
        Some(FigurePart { words, href })
    }
}

/// What happened to the credits of some reports on their way to what counts.
#[derive(Debug, Default)]
struct Changes {
    reported: Credits,
    refused: Change,
    added: Change,
    over: Change,
    settled_less: Change,
    settled_more: Change,
}

impl Changes {
    fn of(lines: &[Line<'_>]) -> Changes {
        let mut changes = Changes::default();
        for line in lines {
            let share = line.share;
            changes.reported = changes.reported + share.reported;
            changes.refused.note(line, share.reported.less(share.raw));
            changes.added.note(line, share.raw.less(share.reported));
            changes.over.note(line, share.raw.less(share.credits));
            // a settled year keeps what it counted, also when the rules have changed since
            changes.settled_less.note(line, share.credits.less(line.counts));
            changes.settled_more.note(line, line.counts.less(share.credits));
        }
        changes
    }

    fn parts(&self, all: &str) -> Vec<FigurePart> {
        let parts = [
            self.refused.part("not accepted", all),
            self.added.part("more accepted than reported", all),
            self.over.part("over the limit of one publication", all),
            self.settled_less.part("not counted when the year was settled", all),
            self.settled_more.part("more counted when the year was settled", all),
        ];
        parts.into_iter().flatten().collect()
    }
}

fn plain(words: String) -> FigurePart {
    FigurePart { words, href: String::new() }
}

/// Why the figures of a year differ: "45.63 reported", "3.13 not accepted in 2 reports", "7 over the limit of one publication". Nothing when
/// all that was reported counts or waits.
#[must_use]
pub fn of_year(found: &LedgerYear<'_>) -> Vec<FigurePart> {
    let changes = Changes::of(&found.lines);
    let reported = plain(format!("{} reported", changes.reported.plain()));
    if matches!(found.standing, YearStanding::Settled(YearOutcome::Void)) && !changes.reported.is_zero() {
        return vec![reported, plain("nothing counts, because the certificate has ended".to_owned())];
    }
    let (certificate, number) = found.id();
    let mut parts = changes.parts(&format!("/certificates/{certificate}?year={number}#year-{number}"));
    if !found.sums.carried.is_zero() {
        parts.push(plain(format!("{} carried over from the year before", found.sums.carried.plain())));
    }
    if !parts.is_empty() {
        parts.insert(0, reported);
    }
    parts
}

/// The same of one report, which ends with what counts; nothing when all of it counts.
#[must_use]
pub fn of_report(line: &Line<'_>) -> Vec<FigurePart> {
    let changes = Changes::of(std::slice::from_ref(line));
    let mut parts: Vec<FigurePart> = changes.parts("").into_iter().map(|part| plain(part.words)).collect();
    if !parts.is_empty() {
        parts.insert(0, plain(format!("{} reported", changes.reported.plain())));
        parts.push(plain(format!("{} counted", line.counts.plain())));
    }
    parts
}

//! What has happened since the holder's last visit: verdicts, and what was written to them.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use crate::clock::Clock;
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::review::{ReasonCode, ReviewDecision};
use crate::domain::dates::long_date;
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::text::excerpt;
use crate::store::activities::reviews::{self, RecentVerdict};
use crate::store::conversations::messages::{self, RecentMessage};
use crate::store::{Conn, StoreError};
use crate::web::view::inquiry_view::verdict_tag;
use crate::web::view::tags::Tag;

/// Lines on the dashboard; all of them stand behind a link.
const LINES: usize = 5;
/// Most characters of a reason in a line.
const LONGEST_REASON: usize = 160;

/// What was read, before it becomes lines.
#[derive(Clone, Debug)]
pub struct RecentFacts {
    since: NaiveDateTime,
    verdicts: Vec<(ActivityId, RecentVerdict)>,
    messages: Vec<RecentMessage>,
}

impl RecentFacts {
    /// Reads what happened after a moment (UTC).
    pub fn load(
        conn: &mut Conn<'_>,
        holder: HolderId,
        since: NaiveDateTime,
    ) -> Result<RecentFacts, StoreError> {
        let verdicts = reviews::of_holder_since(conn, holder, since)?;
        Ok(RecentFacts { since, verdicts, messages: messages::to_holder_since(conn, holder, since)? })
    }
}

/// What has happened since the last visit, the latest first.
#[derive(Clone, Debug, Default)]
pub struct RecentEvents {
    /// The day of that visit.
    pub since: String,
    /// The lines that are shown.
    pub lines: Vec<EventLine>,
    /// How many more there are.
    pub more: usize,
}

/// One thing that has happened.
#[derive(Clone, Debug)]
pub struct EventLine {
    at: NaiveDateTime,
    /// What happened.
    pub tag: Tag,
    /// Where it is.
    pub href: String,
    /// What it is about.
    pub title: String,
    /// How much, or why; may be empty.
    pub words: String,
}

impl RecentEvents {
    /// The lines of the first screen, or `all` of them.
    #[must_use]
    pub fn new(
        facts: RecentFacts,
        activities: &[Activity],
        ledger: &HolderLedger<'_>,
        clock: &Clock,
        all: bool,
    ) -> RecentEvents {
        // the latest word about each thing is the one that holds
        let (mut reports, mut talks) = (BTreeSet::new(), BTreeSet::new());
        let verdicts = facts.verdicts.into_iter().filter(|(id, _)| reports.insert(*id));
        let verdicts = verdicts.filter_map(|(id, verdict)| {
            verdict_line(ledger, activities.iter().find(|activity| activity.id == id)?, verdict)
        });
        let messages = facts.messages.into_iter().filter(|message| talks.insert(message.conversation));
        let mut lines: Vec<EventLine> = verdicts.chain(messages.map(message_line)).collect();
        lines.sort_by_key(|line| Reverse(line.at));
        let more = if all { 0 } else { lines.len().saturating_sub(LINES) };
        lines.truncate(lines.len().saturating_sub(more));
        RecentEvents { since: long_date(clock.day_of(facts.since)), lines, more }
    }
}

/// None for a verdict that holds no longer: it was taken back, or the holder has answered.
fn verdict_line(ledger: &HolderLedger<'_>, activity: &Activity, verdict: RecentVerdict) -> Option<EventLine> {
    let holds = match verdict.decision {
        ReviewDecision::Approve => ActivityStatus::Approved,
        ReviewDecision::Return => ActivityStatus::Returned,
        ReviewDecision::Reject => ActivityStatus::Rejected,
    };
    if activity.status != holds {
        return None;
    }
    let reason = excerpt(&verdict.reason, LONGEST_REASON);
    let (tag, words) = match verdict.decision {
        ReviewDecision::Approve => approval(ledger, activity.id, &reason),
        ReviewDecision::Return => (Tag { kind: "action", label: "Returned" }, reason),
        ReviewDecision::Reject => {
            let rule = verdict.code.filter(|code| *code != ReasonCode::Other);
            let rule = rule.map(|code| format!("{}. ", code.label())).unwrap_or_default();
            (Tag { kind: "bad", label: "Rejected" }, format!("{rule}{reason}"))
        }
    };
    Some(EventLine {
        at: verdict.reviewed_at,
        tag,
        href: format!("/activities/{}", activity.id),
        title: activity.facts.title.clone(),
        words,
    })
}

fn approval(ledger: &HolderLedger<'_>, id: ActivityId, reason: &str) -> (Tag, String) {
    let Some(share) = ledger.line(id).map(|line| line.share) else {
        return (Tag { kind: "good", label: "Approved" }, reason.to_owned());
    };
    let (credits, reported) = (share.credits, share.reported);
    if credits >= reported {
        return (
            Tag { kind: "good", label: "Approved" },
            format!("{}. {reason}", credits.counted()).trim_end_matches([' ', '.']).to_owned(),
        );
    }
    let limit = match share.cap.filter(|_| credits < share.raw) {
        Some((cap, _)) => format!(" One publication earns at most {}.", cap.counted()),
        None => String::new(),
    };
    let words = format!("{} of {}.{limit} {reason}", credits.plain(), reported.counted());
    (Tag { kind: "action", label: "Reduced" }, words.trim_end().to_owned())
}

fn message_line(message: RecentMessage) -> EventLine {
    EventLine {
        at: message.written_at,
        tag: message.verdict.map_or(Tag { kind: "info", label: "Answered" }, verdict_tag),
        href: format!("/advice/{}", message.conversation),
        // the answer repeats what the tag says
        words: match message.verdict {
            Some(verdict) => {
                let words = message.words.strip_prefix(verdict.label()).unwrap_or(&message.words);
                excerpt(words.trim_start_matches('.'), LONGEST_REASON)
            }
            None => excerpt(&message.words, LONGEST_REASON),
        },
        title: message.subject,
    }
}

//! One report as a reviewer reads it, wherever that is: what was told, what shows it, what it counts for, and the verdict.

use chrono::NaiveDateTime;

use super::derivation::{CountShown, OutcomeShown, counts, outcomes, stakes};
use super::evidence::{Viewer, viewer};
use super::form::ReviewForm;
use super::parts::{
    AssignmentShown, FactsShown, OthersShown, ReviewShown, ReviewTurn, assignment_shown, facts, hints, hours,
    others, shown, turn,
};
use super::queue_address::QueueAddress;
use crate::actions::ActionError;
use crate::actions::activities::correction::is_decided;
use crate::actions::reviews::assignments::colleagues;
use crate::actions::reviews::claims::{Reading, claim, look};
use crate::actions::reviews::reversal::no_year_can_use;
use crate::actions::reviews::review_case;
use crate::actions::reviews::review_case::ReviewCase;
use crate::actions::reviews::same_event;
use crate::actions::staff_notes::NoteAbout;
use crate::domain::activities::activity::ActivityStatus;
use crate::domain::activities::review::{ReasonCode, Refused, ReviewDecision};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, ActivityId, EvidenceId};
use crate::domain::ledger::derivation::Reader;
use crate::domain::roles::Reviewer;
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::activities::assignments::{self, Assignment};
use crate::store::activities::prepared_words::{self, Prepared};
use crate::store::activities::submission_notes::Remarks;
use crate::store::conversations::{self, Conversation};
use crate::store::records::staff_notes::{self, StaffNote};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::Person;
use crate::web::staff::certificates::figures::counted;
use crate::web::view::acquaintances::{AcquaintanceData, AcquaintanceShown};
use crate::web::view::conversation::ConversationLine;
use crate::web::view::dates::instant;
use crate::web::view::inquiry_view::{self, Beside};
use crate::web::view::staff_notes::{NotesPlace, NotesShown, READ};
use crate::web::view::tags::{Tag, staff_tag};

/// A report as it is shown to a reviewer.
pub struct CaseShown {
    /// What is wrong with a verdict that was sent.
    pub errors: FieldErrors,
    /// The verdict as it was typed.
    pub form: ReviewForm,
    /// The report.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub holder: i64,
    /// Their name.
    pub holder_name: String,
    /// Its state.
    pub tag: Tag,
    /// Whose turn it is, and since when.
    pub turn: String,
    /// Why there is no form, when there is none.
    pub closed: Option<&'static str>,
    /// The colleague who reads it, if one does.
    pub read_by: Option<ReaderShown>,
    /// Who has it, when it was given to somebody. What colleagues write about it is not for whoever reported it.
    pub with: Option<AssignmentShown>,
    /// To whom it can be given.
    pub colleagues: Vec<Choice>,
    /// Notes that only staff read.
    pub notes: Option<NotesShown>,
    /// Whether the reader knows the holder, and who else does.
    pub acquaintance: Option<AcquaintanceShown>,
    /// What the holder told.
    pub facts: FactsShown,
    /// Something that deserves a second look.
    pub hints: Vec<String>,
    /// What the holder was asked before sending, and said to it.
    pub remarks: Vec<Remarks>,
    /// What shows it.
    pub viewer: Viewer,
    /// What it counts for.
    pub counts: Vec<CountShown>,
    /// What an approval would do for each certificate; empty when nothing is to be decided.
    pub outcomes: Vec<OutcomeShown>,
    /// Years that need this report to reach their minimum.
    pub stakes: Vec<String>,
    /// Verdicts so far.
    pub reviews: Vec<ReviewShown>,
    /// Other reports of the same holder.
    pub others: OthersShown,
    /// What was answered before about something like it.
    pub beside: Beside,
    /// "7 others report the same event", when there are any.
    pub same_event: Option<String>,
    /// The verdicts to choose from.
    pub decisions: Vec<Choice>,
    /// The reasons to choose from.
    pub reasons: Vec<Choice>,
    /// Words for each reason.
    pub prepared: Vec<PreparedShown>,
    /// What holder and staff write to each other about it.
    pub conversations: Vec<ConversationLine>,
    /// Whether it is with its holder.
    pub returned: bool,
    /// Whether a verdict stands that only a correction can change.
    pub decided: bool,
    /// Whether its certification year is settled, so that the verdict stands.
    pub settled: bool,
    /// The words for a file that cannot be opened.
    pub cannot_open: String,
    /// What its quantity is told in.
    pub unit: &'static str,
    /// What an empty quantity means.
    pub quantity_hint: String,
    /// What follows the addresses of its forms.
    pub queue: String,
    /// What the addresses of its claims begin with.
    pub claims: String,
    /// Where it is opened on a page of its own.
    pub whole: String,
    /// Its own address, with room for a file or prepared words.
    pub here: String,
    /// Whether it stands beside the list.
    pub beside_list: bool,
}

/// A colleague who reads a report.
pub struct ReaderShown {
    /// Who.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Since when: the time of day.
    pub since: String,
}

/// Words that can be put into the form.
pub struct PreparedShown {
    /// The verdict they are for, as the form says it.
    pub decision: &'static str,
    /// The reason they are for, as the form says it.
    pub code: &'static str,
    /// What the link says that puts them in.
    pub link: &'static str,
    /// The reason, as the holder reads it.
    pub label: &'static str,
    /// The words.
    pub words: String,
}

/// What showing a report needs.
pub struct CaseData {
    reading: Reading,
    case: ReviewCase,
    /// How many others report the same event.
    alike: usize,
    beside: Beside,
    conversations: Vec<Conversation>,
    assignment: Option<Assignment>,
    colleagues: Vec<(AccountId, String)>,
    notes: Vec<StaffNote>,
    /// The note before which they were asked for.
    notes_before: Option<i64>,
    /// Who knows the holder.
    known: AcquaintanceData,
    /// Prepared words.
    words: Vec<Prepared>,
    viewer: Viewer,
}

impl CaseData {
    /// Opens a report wholly: that claims it, unless a colleague reads it.
    ///
    /// # Errors
    /// `ActionError::NotFound` for drafts and what is not there.
    pub fn claimed(
        portal: &Portal,
        actor: Reviewer,
        id: ActivityId,
        (file, notes_before): (Option<EvidenceId>, Option<i64>),
    ) -> Result<Self, ActionError> {
        let reading = claim(portal, actor, id, false)?;
        portal.store.read(|conn| Self::load(conn, portal, reading, (actor, id), (file, notes_before)))
    }

    /// Reads a report beside the list, without claiming it.
    ///
    /// # Errors
    /// `ActionError::NotFound` for drafts and what is not there.
    pub fn looked_at(
        conn: &mut Conn<'_>,
        portal: &Portal,
        actor: Reviewer,
        id: ActivityId,
        file: Option<EvidenceId>,
    ) -> Result<Self, ActionError> {
        let reading = look(conn, actor, id, portal.clock.now())?;
        Self::load(conn, portal, reading, (actor, id), (file, None))
    }

    fn load(
        conn: &mut Conn<'_>,
        portal: &Portal,
        reading: Reading,
        (actor, id): (Reviewer, ActivityId),
        (file, notes_before): (Option<EvidenceId>, Option<i64>),
    ) -> Result<Self, ActionError> {
        let case = review_case::find(conn, id, portal.clock.today())?;
        Ok(Self {
            reading,
            alike: same_event::others(conn, actor, &case.activity)?.others.len(),
            assignment: assignments::find(conn, id)?,
            colleagues: colleagues(conn, case.activity.holder)?,
            notes: staff_notes::about_report(conn, id, notes_before, READ)?,
            notes_before,
            known: AcquaintanceData::load(conn, case.activity.holder, actor.id)?,
            beside: inquiry_view::beside(conn, portal, &case.activity)?,
            conversations: conversations::about_activity(conn, id)?,
            words: prepared_words::list(conn)?,
            viewer: viewer(portal, &case.evidence, file),
            case,
        })
    }
}

impl CaseShown {
    /// The keys of the reasons, as many as there are digits: a digit, and the reason in a word or two.
    pub fn reason_keys(&self) -> Vec<(usize, &'static str)> {
        (1..=9).zip(ReasonCode::ALL.iter().map(|code| code.brief())).collect()
    }

    /// The report with what was typed, when there is something to mend, or else with what the address asks for.
    pub fn new(
        staff: &Person,
        portal: &Portal,
        data: CaseData,
        address: &QueueAddress,
        typed: Result<(ReviewForm, FieldErrors), &Fields>,
    ) -> CaseShown {
        let (mut form, errors) =
            typed.unwrap_or_else(|query| (asked_for(query, &data.words), FieldErrors::new()));
        form.version = data.case.activity.version.to_string();
        form.held_by = data.assignment.as_ref().map(|given| given.assignee.to_string()).unwrap_or_default();
        let (case, today) = (&data.case, portal.clock.today());
        let activity = &case.activity;
        let me = staff.account.id;
        let (own, known) = (activity.holder == me, data.known.includes(me));
        let closed = closed(activity.status, own, known);
        let whose = ReviewTurn::of((own, known), data.assignment.as_ref(), me);
        let queue = address.suffix();
        let leads_back = format!("?report={}{}", activity.id, queue.replacen('?', "&", 1));
        let whole = format!("/staff/activities/{}{}", activity.id, address.filter.suffix());
        let (about, before) = (NoteAbout::Report(activity.id), data.notes_before);
        let notes = NotesPlace { about, suffix: &queue, here: &whole, before };
        let holder = (case.holder.id, case.holder.name.as_str());
        CaseShown {
            errors,
            form,
            with: data.assignment.filter(|_| !own).map(|given| assignment_shown(given, me, portal)),
            colleagues: data.colleagues.into_iter().map(|one| colleague(one, me)).collect(),
            notes: NotesShown::of(data.notes, &notes, own, staff, portal),
            acquaintance: AcquaintanceShown::of(&data.known, holder, staff, leads_back, portal),
            queue,
            claims: format!("/staff/activities/{}", activity.id),
            whole,
            here: address.report_with(activity.id),
            beside_list: address.is_beside(),
            id: activity.id.0,
            title: activity.facts.title.clone(),
            holder: case.holder.id.0,
            holder_name: case.holder.name.clone(),
            tag: staff_tag(activity.status),
            turn: turn(case, &whose, portal, today),
            closed,
            read_by: read_by(data.reading, portal),
            facts: facts(case, portal),
            // what the holder was asked already says it better
            hints: if case.remarks.is_empty() { hints(case) } else { Vec::new() },
            remarks: case.remarks.clone(),
            viewer: data.viewer,
            counts: counts(case, today),
            outcomes: if closed.is_none() { outcomes(case, today) } else { Vec::new() },
            stakes: if closed.is_none() { stakes(case, today) } else { Vec::new() },
            reviews: verdicts_shown(case, portal),
            others: others(case),
            beside: data.beside,
            same_event: (data.alike > 0).then(|| {
                let many = i64::try_from(data.alike).unwrap_or(i64::MAX);
                counted(many, "other person reports", "other people report")
            }),
            decisions: decisions(),
            reasons: ReasonCode::ALL.iter().map(|code| Choice::new(code.code(), code.label())).collect(),
            conversations: lines(&data.conversations, portal),
            returned: activity.status == ActivityStatus::Returned && !own && !known,
            settled: no_year_can_use(&case.file, activity, today),
            decided: is_decided(activity.status) && !own && !known,
            cannot_open: words_for(Refused::Returned, ReasonCode::CannotOpen, &data.words).to_owned(),
            unit: if hours(case) { "hours" } else { "pages" },
            quantity_hint: quantity_hint(case),
            prepared: prepared_shown(data.words),
        }
    }
}

/// Why there is nothing to decide; nothing when there is.
fn closed(status: ActivityStatus, own: bool, known: bool) -> Option<&'static str> {
    match status {
        _ if own => Some("This is your own report. A colleague has to review it."),
        _ if known => Some("You said that you know this holder. A colleague decides about this report."),
        ActivityStatus::Submitted => None,
        _ => Some("This report is not waiting for review, so there is nothing to decide now."),
    }
}

fn lines(conversations: &[Conversation], portal: &Portal) -> Vec<ConversationLine> {
    conversations.iter().map(|row| ConversationLine::new(row, Reader::Staff, portal)).collect()
}

fn colleague((id, name): (AccountId, String), me: AccountId) -> Choice {
    Choice::new(id.to_string(), if id == me { "You".to_owned() } else { name })
}

/// The colleague who reads it, if one does.
pub fn read_by(reading: Reading, portal: &Portal) -> Option<ReaderShown> {
    match reading {
        Reading::Colleague(claim) => Some(ReaderShown {
            id: claim.reviewer.to_string(),
            name: claim.name,
            since: portal.clock.to_local(claim.claimed_at).format("%H:%M").to_string(),
        }),
        Reading::Yours | Reading::Free | Reading::Nobody => None,
    }
}

fn quantity_hint(case: &ReviewCase) -> String {
    format!(
        "Empty: {}, as reported. If only part counts: {}, and say why below.",
        case.activity.facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        if hours(case) { "hours such as 2.5 or 2:30" } else { "pages" },
    )
}

/// The form as a link to prepared words asks for it.
fn asked_for(query: &Fields, words: &[Prepared]) -> ReviewForm {
    let Some(code) = ReasonCode::from_code(query.one("reason_code")) else { return ReviewForm::default() };
    let refused =
        ReviewDecision::from_code(query.one("decision")).and_then(Refused::of).unwrap_or(Refused::Returned);
    ReviewForm {
        decision: refused.decision().code().to_owned(),
        reason_code: code.code().to_owned(),
        reason: words_for(refused, code, words).to_owned(),
        ..ReviewForm::default()
    }
}

fn words_for(refused: Refused, code: ReasonCode, words: &[Prepared]) -> &str {
    let found = words.iter().find(|each| (each.refused, each.code) == (refused, code));
    found.map_or("", |found| found.words.as_str())
}

/// The prepared words that there are; a reason may have none.
fn prepared_shown(words: Vec<Prepared>) -> Vec<PreparedShown> {
    let shown = |prepared: Prepared| PreparedShown {
        decision: prepared.refused.decision().code(),
        code: prepared.code.code(),
        link: match prepared.refused {
            Refused::Returned => "Return with these words",
            Refused::Rejected => "Reject with these words",
        },
        label: prepared.code.label(),
        words: prepared.words,
    };
    words.into_iter().filter(|each| !each.words.is_empty()).map(shown).collect()
}

/// Every verdict and what was taken back, from the first; for a report that was brought in approved, that it was.
fn verdicts_shown(case: &ReviewCase, portal: &Portal) -> Vec<ReviewShown> {
    let activity = &case.activity;
    if case.reviews.is_empty() && activity.status == ActivityStatus::Approved {
        return vec![ReviewShown {
            title: "Approved elsewhere, and brought in by an import".to_owned(),
            kind: "good",
            at: instant(&portal.clock, activity.decided_at.unwrap_or(activity.updated_at)),
            words: String::new(),
        }];
    }
    // within one second the history alone knows the order, so each verdict stands where its event stands
    let mut verdicts = case.reviews.iter().rev();
    let mut all: Vec<(NaiveDateTime, ReviewShown)> = Vec::new();
    for row in &case.verdict_events {
        let what = match row.event.known() {
            Some(HistoryEvent::VerdictTakenBack) => "Verdict",
            Some(HistoryEvent::QuestionTakenBack) => "Question",
            _ => {
                all.extend(verdicts.next().map(|review| (review.reviewed_at, shown(review, case, portal))));
                continue;
            }
        };
        let by = row.actor_name.as_deref().unwrap_or_default();
        let title = format!("{what} taken back by {by}");
        let words = row.detail.clone();
        all.push((row.at, ReviewShown { title, kind: "", at: instant(&portal.clock, row.at), words }));
    }
    all.extend(verdicts.map(|review| (review.reviewed_at, shown(review, case, portal))));
    all.reverse();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, shown)| shown).collect()
}

fn decisions() -> Vec<Choice> {
    vec![
        Choice::new(ReviewDecision::Approve.code(), "Approve"),
        Choice::new(ReviewDecision::Return.code(), "Return"),
        Choice::new(ReviewDecision::Reject.code(), "Reject"),
    ]
}

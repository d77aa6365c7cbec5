//! "Would this count?": a holder asks before the event, staff answer, and the answer becomes a precedent (G8, G13).

use chrono::NaiveDate;

use super::{Beginning, ConversationOpening, answer_within, begin, handled, note};
use crate::actions::ActionError;
use crate::actions::activities::form::{ParsedForm, Typed, parse};
use crate::actions::impartiality::check_impartial;
use crate::actions::text::FormTexts;
use crate::domain::activities::activity::Facts;
use crate::domain::conversations::conversation::{
    About, ConversationKind, LONGEST_MESSAGE, LONGEST_SUBJECT, check_handling,
};
use crate::domain::conversations::precedent::{Asked, InquiryVerdict, LONGEST_PUBLIC_TITLE};
use crate::domain::dates::Lean;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{ActivityId, ConversationId, HolderId};
use crate::domain::roles::{Holder, Reviewer};
use crate::portal::Portal;
use crate::store::certification::catalogue;
use crate::store::conversations::inquiries;
use crate::store::conversations::precedents::{self, NewAnswer};
use crate::store::conversations::{self, Standing};
use crate::store::{Conn, fold};

/// Parts of a name with fewer letters are words, too: "de", "al".
const SHORTEST_NAME: usize = 3;

/// Asks whether something would count. Days may lie ahead, and days and quantity may be open still.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form.
pub fn ask_beforehand(portal: &Portal, holder: Holder, typed: &Typed) -> Result<ConversationId, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    let fields = portal.store.read(catalogue::fields)?;
    let asked = read_question(parse(typed, &fields, today, Lean::Ahead))?;
    portal.store.write(|conn| {
        let subject: String = asked.title.chars().take(LONGEST_SUBJECT).collect();
        let words =
            if asked.relevance.is_empty() { "Would this count?".to_owned() } else { asked.relevance.clone() };
        let opening = ConversationOpening {
            kind: ConversationKind::WouldCount,
            about: About::default(),
            subject: &subject,
            words: &words,
        };
        let beginning = Beginning {
            subject: subject.clone(),
            words: words.clone(),
            by: *holder,
            from_body: false,
            needs_answer: true,
        };
        let (id, _) = begin(conn, holder.id, &opening, &beginning, today, now)?;
        inquiries::add(conn, id, &asked)?;
        Ok(id)
    })
}

fn read_question(parsed: ParsedForm) -> Result<Asked, ActionError> {
    let mut errors = parsed.draft_problems();
    let facts = parsed.facts;
    let mut need = |field: &'static str, missing: bool, message: &str| {
        if missing && errors.iter().all(|(name, _)| *name != field) {
            errors.push((field, message.to_owned()));
        }
    };
    need("category", facts.category.is_none(), "Choose the kind of activity.");
    need("title", facts.title.is_empty(), "Enter a title, such as the name of the event or the book.");
    need("field", facts.field.is_none(), "Choose the field that it belongs to.");
    match (facts.category, facts.field) {
        (Some(category), Some(field)) if errors.is_empty() => Ok(Asked {
            category,
            title: facts.title,
            organiser: facts.organiser,
            field,
            started_on: facts.started_on,
            completed_on: facts.completed_on,
            quantity: facts.quantity,
            relevance: facts.relevance,
        }),
        _ => {
            let place = |name: &str| {
                ["category", "title", "organiser", "field"].iter().position(|field| *field == name)
            };
            errors.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
            Err(ActionError::Invalid(errors))
        }
    }
}

/// An answer as it was typed.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenAnswer<'a> {
    /// A verdict's code.
    pub verdict: &'a str,
    /// The words for the holder.
    pub words: &'a str,
    /// Whether others may find it.
    pub public: bool,
    /// What it was, in public words.
    pub public_title: &'a str,
    /// The answer, in public words; empty means as for the holder.
    pub public_words: &'a str,
}

/// Answers a question. The holder is told, the conversation closed; with public words it becomes a precedent. A second answer takes the
/// place of the first.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form, `Conversation` for one's own, `NotFound`, and `StoreError::Changed` when
/// somebody was first.
pub fn answer(
    portal: &Portal,
    actor: Reviewer,
    id: ConversationId,
    version: Option<i64>,
    given: &GivenAnswer<'_>,
) -> Result<InquiryVerdict, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let before = handled(conn, actor, id, version)?;
        check_impartial(conn, actor.id, before.holder)?;
        let asked = inquiries::find(conn, id)?.ok_or(ActionError::NotFound)?;
        let (verdict, words, public) = read_answer(given, &before.holder_name)?;
        let public = public.as_ref().map(|(title, words)| (title.as_str(), words.as_str()));
        let new = NewAnswer { verdict, words: &words, public, by: actor.id };
        precedents::add(conn, id, &asked, &new, now)?;
        let message = if words.is_empty() {
            format!("{}.", verdict.label())
        } else {
            format!("{}.\n\n{words}", verdict.label())
        };
        answer_within(conn, portal, actor, &before, (&message, false), now)?;
        let answered = conversations::find(conn, id)?.ok_or(ActionError::NotFound)?;
        conversations::change(
            conn,
            &answered,
            &Standing { closed_at: Some(now), ..Standing::of(&answered) },
        )?;
        note(conn, &answered, actor.id, HistoryEvent::InquiryAnswered, now)?;
        Ok(verdict)
    })
}

type Read = (InquiryVerdict, String, Option<(String, String)>);

/// Whether a public text has a part of somebody's name in it, and which.
fn name_in<'a>(text: &str, name: &'a str) -> Option<&'a str> {
    let said: Vec<String> = fold(text).split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    let long = |part: &&str| part.chars().count() >= SHORTEST_NAME;
    let parts = name.split(|c: char| !c.is_alphanumeric()).filter(long);
    parts.into_iter().find(|part| said.contains(&fold(part)))
}

fn read_answer(given: &GivenAnswer<'_>, holder_name: &str) -> Result<Read, ActionError> {
    let mut checked = FormTexts::default();
    let verdict = InquiryVerdict::from_code(given.verdict.trim());
    if verdict.is_none() {
        checked.0.push(("verdict", "Choose whether it would count.".to_owned()));
    }
    let missing = match verdict {
        Some(InquiryVerdict::Conditions) => "Say what the conditions are.",
        Some(InquiryVerdict::No) => "Say why it would not count, and what would make it count.",
        Some(InquiryVerdict::Yes) | None => "",
    };
    let words = checked.text("answer_words", given.words, LONGEST_MESSAGE, missing);
    let mut public = None;
    if given.public {
        let needed = "Say in a few words what it was, without names.";
        let title = checked.line("public_title", given.public_title, LONGEST_PUBLIC_TITLE, needed);
        let typed = given.public_words;
        let needed = "Everybody can read this answer: take out what is personal, then answer again.";
        let nothing = typed.trim().is_empty();
        let said = match verdict {
            Some(InquiryVerdict::Yes) if nothing && words.is_empty() => "It counts.".to_owned(),
            // what is missing is said once, where it is missing first
            _ if nothing && checked.0.iter().any(|(field, _)| *field == "answer_words") => String::new(),
            _ => checked.text("public_words", typed, LONGEST_MESSAGE, needed),
        };
        for (field, text) in [("public_title", &title), ("public_words", &said)] {
            if let Some(part) = name_in(text, holder_name) {
                let problem = format!(
                    "Everybody can read this, and it names “{part}”. Say it without the holder's name."
                );
                checked.0.push((field, problem));
            }
        }
        public = Some((title, said));
    } else {
        // not published, and all the same not cut without a word
        checked.text("public_words", given.public_words, LONGEST_MESSAGE, "");
    }
    match verdict {
        Some(verdict) if checked.0.is_empty() => Ok((verdict, words, public)),
        _ => Err(ActionError::Invalid(checked.0)),
    }
}

/// Takes a precedent back: nobody finds it any more, and no report refers to it. The message to the holder stays.
///
/// # Errors
/// `ActionError::NotFound` without such a question, `Conversation` for one's own.
pub fn retire(portal: &Portal, actor: Reviewer, id: ConversationId) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let found = conversations::find(conn, id)?.ok_or(ActionError::NotFound)?;
        check_handling(*actor, found.holder)?;
        check_impartial(conn, actor.id, found.holder)?;
        // somebody else took it back already
        if precedents::in_force(conn, id)?.is_none() {
            return Ok(());
        }
        precedents::retire_of(conn, id, now)?;
        note(conn, &found, actor.id, HistoryEvent::AnswerTakenBack, now)
    })
}

/// The part of a write that notes that a report is about what its holder asked beforehand; `typed` is the question's number, or nothing.
///
/// # Errors
/// `ActionError::Store`.
pub(in crate::actions) fn attach(
    conn: &mut Conn<'_>,
    holder: HolderId,
    activity: ActivityId,
    typed: &str,
) -> Result<(), ActionError> {
    let Ok(id) = typed.trim().parse::<ConversationId>() else { return Ok(()) };
    if conversations::find_of_holder(conn, holder, id)?.is_none() || inquiries::find(conn, id)?.is_none() {
        return Ok(());
    }
    Ok(inquiries::attach(conn, activity, id)?)
}

/// The question as the report form would have it typed.
///
/// # Errors
/// `ActionError::NotFound` when it is no question of this holder's.
pub fn as_report(
    conn: &mut Conn<'_>,
    holder: HolderId,
    id: ConversationId,
    today: NaiveDate,
) -> Result<Typed, ActionError> {
    conversations::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?;
    let asked = inquiries::find(conn, id)?.ok_or(ActionError::NotFound)?;
    let facts = Facts {
        category: Some(asked.category),
        title: asked.title,
        organiser: asked.organiser,
        field: Some(asked.field),
        started_on: asked.started_on,
        completed_on: asked.completed_on.filter(|day| *day <= today),
        quantity: asked.quantity,
        // what was asked about it is no reason why it is relevant
        ..Facts::default()
    };
    Ok(Typed { question: id.to_string(), ..Typed::of(&facts, &catalogue::fields(conn)?) })
}

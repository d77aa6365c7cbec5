//! What a report will count for, while it is being typed.

use super::form::{ParsedForm, Setting, Typed, parse};
use super::submission::unlikely;
use crate::actions::ActionError;
use crate::domain::activities::activity::Facts;
use crate::domain::activities::eligibility::{relevance_on, usable_years};
use crate::domain::activities::plausibility::{Hint, too_long_for_its_days};
use crate::domain::activities::relevance::Relevance;
use crate::domain::dates::Lean;
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::ledger::derivation::rate_in_words;
use crate::domain::ledger::preview::{Preview, preview};
use crate::portal::Portal;
use crate::store::activities;

/// What can be said about a report that is not submitted yet.
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// For each certificate; empty while the kind, the day or the quantity is missing.
    pub previews: Vec<Preview>,
    /// The rate that applies, in words; empty while the kind is missing.
    pub rate: String,
    /// What was typed about the day and the quantity and cannot be read, in words.
    pub unread: Vec<String>,
    /// Why no certification year could use it.
    pub unusable: Option<String>,
    /// What looks like a slip, or will be asked for: hints, never refusals.
    pub hints: Vec<String>,
}

/// The fields that the look ahead needs to be readable.
const SHAPES_THE_SUM: [&str; 6] = ["category", "started_on", "completed_on", "hours", "minutes", "pages"];

/// Looks ahead: what the form, as far as it is filled in, would count for. Changes nothing. Gives what could be read, too.
///
/// # Errors
/// `ActionError::NotFound` when `changing` is somebody else's activity.
pub fn look_ahead(
    portal: &Portal,
    holder: HolderId,
    typed: &Typed,
    changing: Option<ActivityId>,
) -> Result<(ParsedForm, Outlook), ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.read(|conn| {
        let before = match changing {
            Some(id) => Some(activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?),
            None => None,
        };
        let setting = Setting::load(conn, holder, today)?;
        let parsed = parse(typed, &setting.fields, today, Lean::Back);
        let facts = &parsed.facts;
        let mut outlook = Outlook::default();
        if let Some(category) = facts.category {
            let policy = setting.policies.in_force_on(facts.completed_on.unwrap_or(today));
            outlook.rate = rate_in_words(category, policy.rate(category));
        }
        if let Some(day) = facts.completed_on {
            outlook.unusable =
                usable_years(&setting.file, day, today).err().map(|unusable| unusable.to_string());
        }
        let shown = |field: &str| SHAPES_THE_SUM.contains(&field);
        let unread = parsed.draft_problems().into_iter().filter(|(field, _)| shown(field));
        outlook.unread = unread.map(|(_, message)| message).collect();
        // what cannot be reported counts for nothing
        let too_long = too_long_for_its_days(facts);
        if too_long.is_none()
            && let Some(report) = parsed.would_be(before.as_ref(), now)
        {
            outlook.previews = preview(&setting.file, &report, &setting.policies, today);
        }
        outlook.unread.extend(too_long);
        let unlikely = unlikely(conn, &setting, facts, changing)?;
        outlook.hints = unlikely.iter().map(Hint::to_string).collect();
        outlook.hints.extend(asked_for(facts, &setting));
        Ok((parsed, outlook))
    })
}

/// What will be asked for.
fn asked_for(facts: &Facts, setting: &Setting) -> Option<String> {
    if let (Some(field), Some(day), true) = (facts.field, facts.completed_on, facts.relevance.is_empty())
        && relevance_on(&setting.file, field, day, &setting.neighbours) == Relevance::NeedsExplanation
    {
        return Some(
            "This field is neither yours nor a neighbouring one: say in a few words why it is relevant (G8)."
                .to_owned(),
        );
    }
    None
}

//! What a report will count for, while it is being typed.

use chrono::NaiveDate;

use super::ActionError;
use super::report_form::{Reading, Setting, Strictness, Typed, read};
use crate::domain::activity::{ActivityStatus, Facts};
use crate::domain::calendar::{days_between, long_date};
use crate::domain::category::Unit;
use crate::domain::eligibility::{relevance_on, usable_years};
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::preview::{Preview, preview};
use crate::domain::publication::fold_title;
use crate::domain::relevance::Relevance;
use crate::domain::steps::rate_in_words;
use crate::portal::Portal;
use crate::store::{Conn, StoreError, activities};

/// More pages than this on one day are probably a slip of the pen.
const MOST_PAGES_A_DAY: i64 = 500;

/// What can be said about a report that is not submitted yet.
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// For each certificate; empty while the kind, the day or the quantity is missing.
    pub previews: Vec<Preview>,
    /// The rate that applies, in words; empty while the kind is missing.
    pub rate: String,
    /// Why no certification year could use it.
    pub unusable: Option<String>,
    /// What looks like a slip, or will be asked for: hints, never refusals.
    pub hints: Vec<String>,
}

/// Looks ahead: what the form, as far as it is filled in, would count for. Changes nothing. Gives what could be read, too.
///
/// # Errors
/// `ActionError::NotFound` when `changing` is somebody else's activity.
pub fn look_ahead(
    portal: &Portal,
    holder: HolderId,
    typed: &Typed,
    changing: Option<ActivityId>,
) -> Result<(Reading, Outlook), ActionError> {
    let (today, now) = (portal.clock.today(), portal.clock.now());
    portal.store.read(|conn| {
        let before = match changing {
            Some(id) => Some(activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?),
            None => None,
        };
        let setting = Setting::load(conn, holder, today)?;
        let reading = read(typed, &setting, Strictness::Draft);
        let facts = &reading.facts;
        let mut outlook = Outlook::default();
        if let Some(category) = facts.category {
            let policy = setting.policies.in_force_on(facts.completed_on.unwrap_or(today));
            outlook.rate = rate_in_words(category, policy.rate(category));
        }
        if let Some(day) = facts.completed_on {
            outlook.unusable =
                usable_years(&setting.file, day, today).err().map(|unusable| unusable.to_string());
        }
        if let Some(report) = reading.would_be(before.as_ref(), now) {
            outlook.previews = preview(&setting.file, &report, &setting.policies, today);
        }
        outlook.hints = hints(facts, &setting);
        outlook.hints.extend(same_again(conn, holder, facts, changing)?);
        Ok((reading, outlook))
    })
}

fn hints(facts: &Facts, setting: &Setting) -> Vec<String> {
    let mut hints = Vec::new();
    let days = facts
        .started_on
        .zip(facts.completed_on)
        .map_or(1, |(first, last)| days_between(first, last).saturating_add(1).max(1));
    if let Some(quantity) = facts.quantity {
        let (most, many) = match quantity.unit() {
            Unit::Minutes => (days.saturating_mul(24 * 60), "more than 24 hours a day"),
            Unit::Pages | Unit::A4Pages => (days.saturating_mul(MOST_PAGES_A_DAY), "a great deal"),
        };
        if quantity.amount() > most {
            let over = match facts.started_on.zip(facts.completed_on) {
                Some((first, last)) if first != last => {
                    format!(" from {} to {}", long_date(first), long_date(last))
                }
                Some((_, last)) => format!(" on {}", long_date(last)),
                None => String::new(),
            };
            hints.push(format!("{quantity}{over} is {many}. Please check the numbers and the days."));
        }
    }
    if let (Some(field), Some(day), true) = (facts.field, facts.completed_on, facts.relevance.is_empty())
        && relevance_on(&setting.file, field, day, &setting.neighbours) == Relevance::NeedsExplanation
    {
        hints.push(
            "This field is neither yours nor a neighbouring one: say in a few words why it is relevant (G8)."
                .to_owned(),
        );
    }
    hints
}

/// The same title on the same day, reported before, is most likely the same thing.
fn same_again(
    conn: &mut Conn<'_>,
    holder: HolderId,
    facts: &Facts,
    changing: Option<ActivityId>,
) -> Result<Option<String>, StoreError> {
    let Some(day) = facts.completed_on.filter(|_| !facts.title.is_empty()) else { return Ok(None) };
    let title = fold_title(&facts.title);
    let again = activities::of_holder_on(conn, holder, day)?.into_iter().any(|other| {
        Some(other.id) != changing
            && !matches!(other.status, ActivityStatus::Withdrawn | ActivityStatus::Rejected)
            && other.facts.category == facts.category
            && fold_title(&other.facts.title) == title
    });
    Ok(again.then(|| same_again_in_words(day)))
}

fn same_again_in_words(day: NaiveDate) -> String {
    format!("You have an activity with this title on {} already. Is it the same one?", long_date(day))
}

//! How addresses and pages refer to an activity.

use crate::actions::activities::form::LONGEST_LINE;
use crate::domain::activities::activity::Activity;
use crate::domain::ids::ActivityId;
use crate::domain::text::excerpt;
use crate::web::http::error::WebError;

/// What a list calls an activity; a draft can be without a title.
pub(super) fn title_or_nameless(title: String) -> String {
    match title.chars().count() {
        0 => "Draft without a title".to_owned(),
        ..=LONGEST_LINE => title,
        // a draft keeps whatever was typed, and is not to push everything else off a page
        _ => excerpt(&title, LONGEST_LINE),
    }
}

/// The activity that an address names.
pub(super) fn activity_id(text: &str) -> Result<ActivityId, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}

/// How much a reviewer awarded; empty where that is what was reported, or nobody has.
#[must_use]
pub(super) fn awarded_otherwise(activity: &Activity) -> String {
    let otherwise = activity.awarded.filter(|awarded| activity.facts.quantity != Some(*awarded));
    otherwise.map(|awarded| awarded.to_string()).unwrap_or_default()
}

//! How addresses and pages refer to an activity.

use crate::domain::activities::activity::Activity;
use crate::domain::ids::ActivityId;
use crate::web::http::error::WebError;

/// What a list calls an activity; a draft can be without a title.
pub(super) fn title_or_nameless(title: String) -> String {
    if title.is_empty() { "Draft without a title".to_owned() } else { title }
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

//! How addresses and pages refer to an activity.

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

//! What staff typed into a conversation: a step of it, or the answer to "Would this count?".

use actix_web::web;
use serde::Deserialize;

use crate::domain::conversations::conversation::LONGEST_MESSAGE;
use crate::domain::text::too_long;
use crate::portal::Portal;
use crate::store::conversations::canned_answers;
use crate::web::forms::errors::FieldErrors;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;

/// Whatever a form on the page sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StepForm {
    pub(super) version: String,
    pub(super) words: String,
    /// Whether the holder has to answer.
    pub(super) needs_answer: String,
    pub(super) intent: String,
    pub(super) answer: String,
    pub(super) owner: String,
    pub(super) outcome: String,
    pub(super) reason: String,
    pub(super) alone: String,
    /// A note for staff.
    pub(super) note: String,
}

/// An answer as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct InquiryForm {
    pub(super) version: String,
    /// A verdict's code.
    pub verdict: String,
    /// The words for the holder.
    pub answer_words: String,
    /// Whether others may find it.
    pub public: String,
    /// What it was, in public words.
    pub public_title: String,
    /// The answer, in public words.
    pub public_words: String,
    /// A prepared answer to begin from.
    pub prepared: String,
    pub(super) intent: String,
}

/// Words with a prepared answer put behind them; `None` when there is no such answer.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub(super) async fn put_in(
    portal: &web::Data<Portal>,
    chosen: &str,
    words: &str,
) -> Result<Option<String>, WebError> {
    let chosen = chosen.trim().parse().unwrap_or(0);
    let found =
        blocking(portal, move |portal| Ok(portal.store.read(|conn| canned_answers::find(conn, chosen))?));
    Ok(found.await?.map(|answer| match words.trim_end() {
        "" => answer.words,
        typed => format!("{typed}\n\n{}", answer.words),
    }))
}

/// What is wrong when no prepared answer was chosen.
const CHOOSE_ONE: &str = "Choose the answer to begin from.";

/// Says that no answer to begin from was chosen in the `choice`, and of words that are too long that, too: only their beginning came back.
pub(super) fn none_chosen(choice: &'static str, (field, words): (&'static str, &str)) -> FieldErrors {
    let mut errors = FieldErrors::of(choice, CHOOSE_ONE);
    let length = words.chars().count();
    if length > LONGEST_MESSAGE {
        errors.push(field, too_long(LONGEST_MESSAGE, length));
    }
    errors
}

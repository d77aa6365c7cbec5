//! The one bridge from the async server to the plain rest of the portal.

use actix_web::web;

use crate::actions::ActionError;
use crate::portal::Portal;
use crate::store::Conn;
use crate::web::forms::errors::FieldErrors;
use crate::web::http::error::WebError;

/// Runs `work` on a thread where it may wait for the database, the disk and password hashing.
///
/// # Errors
/// What `work` gives; `WebError::Interrupted` when it did not come to an end.
pub async fn blocking<T: Send + 'static>(
    portal: &web::Data<Portal>,
    work: impl FnOnce(&Portal) -> Result<T, ActionError> + Send + 'static,
) -> Result<T, WebError> {
    let portal = portal.clone();
    match web::block(move || work(&portal)).await {
        Ok(done) => done.map_err(WebError::Action),
        Err(_) => Err(WebError::Interrupted),
    }
}

/// Looks up one row by its key, for answers that are asked for by machines in great numbers: at once when a reader is free, which costs
/// less than handing it to another thread; on a thread that may wait otherwise.
///
/// # Errors
/// As [`blocking`].
pub async fn looked_up<T: Send + 'static>(
    portal: &web::Data<Portal>,
    question: impl Fn(&mut Conn<'_>) -> Result<T, ActionError> + Send + 'static,
) -> Result<T, WebError> {
    match portal.store.ask_if_free(&question) {
        Some(found) => found.map_err(WebError::Action),
        None => blocking(portal, move |portal| portal.store.ask(question)).await,
    }
}

/// Parts what a person can mend in the form from everything else.
pub trait OrCorrections<T> {
    /// `Ok(Err(errors))` is for showing the form again with status 422; a refusal without a field of its own stands in
    /// the summary only.
    ///
    /// # Errors
    /// Whatever no typing can mend.
    fn or_corrections(self) -> Result<Result<T, FieldErrors>, WebError>;
}

impl<T> OrCorrections<T> for Result<T, WebError> {
    fn or_corrections(self) -> Result<Result<T, FieldErrors>, WebError> {
        let error = match self {
            Ok(done) => return Ok(Ok(done)),
            Err(error) => error,
        };
        match error {
            WebError::Action(ActionError::Invalid(problems)) => {
                let mut errors = FieldErrors::new();
                for (field, message) in problems {
                    errors.push(field, message);
                }
                Ok(Err(errors))
            }
            WebError::Action(ActionError::Refused(refusal)) => {
                Ok(Err(FieldErrors::of("", refusal.to_string())))
            }
            WebError::Action(ActionError::Own(refusal)) => Ok(Err(FieldErrors::of("", refusal.to_string()))),
            WebError::Action(ActionError::Acquainted(refusal)) => {
                Ok(Err(FieldErrors::of("", refusal.to_string())))
            }
            WebError::Action(ActionError::ReadByColleague(refusal)) => {
                Ok(Err(FieldErrors::of("take_over", refusal.to_string())))
            }
            WebError::Action(ActionError::Conversation(refusal)) => {
                Ok(Err(FieldErrors::of("", refusal.to_string())))
            }
            WebError::Action(ActionError::Verdict(refusal)) => {
                Ok(Err(FieldErrors::of("", refusal.to_string())))
            }
            WebError::Action(ActionError::Unusable(refusal)) => {
                Ok(Err(FieldErrors::of("completed_on", refusal.to_string())))
            }
            WebError::Action(ActionError::NothingToReport(refusal)) => {
                Ok(Err(FieldErrors::of("", refusal.to_string())))
            }
            other => Err(other),
        }
    }
}

//! What can go wrong with a request, and the status that says so. The page itself is made in one place
//! ([`crate::web::http::middleware`]), which also writes the one line in the log.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;

use crate::actions::ActionError;
use crate::files::FilesError;
use crate::secrets::SecretsError;
use crate::store::StoreError;

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// There is no such page, or not for this person: the two look the same on purpose.
    #[error("not found")]
    NotFound,
    /// Somebody has to sign in first; the address of the sign-in page.
    #[error("not signed in")]
    SignIn(String),
    /// The form is kept; the address where it comes back.
    #[error("the form is kept")]
    Elsewhere(String),
    /// A form without its token, or sent by another site.
    #[error("the form is not one of ours: {0}")]
    Forged(&'static str),
    /// Something that cannot be read.
    #[error("unreadable: {0}")]
    Unreadable(&'static str),
    /// More than the portal accepts at once.
    #[error("too large")]
    TooLarge,
    /// More text than a form may have in all.
    #[error("too much text")]
    TooMuchText,
    /// A body that is no form.
    #[error("not a form")]
    NotAForm,
    /// The body took too long to arrive.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// Too many ask for the same thing at once.
    #[error("too many ask for this at once")]
    Crowded,
    /// More at once than one person can have.
    #[error("too much at once for one person")]
    TooManyAtOnce,
    /// The path exists with other methods, which are named.
    #[error("method not allowed; allowed: {0}")]
    MethodNotAllowed(String),
    /// What an action gave.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// Work that was cut off before its end.
    #[error("the work was interrupted")]
    Interrupted,
    /// A server's own fault, in words for the log.
    #[error("{0}")]
    Fault(String),
}

const TOO_MUCH_TEXT: &str = "All the text of a form together was more than the portal takes at once. \
    Shorten the longest part; what is long by itself can be added as a file.";

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        Self::Action(error.into())
    }
}

impl From<FilesError> for WebError {
    fn from(error: FilesError) -> Self {
        Self::Action(error.into())
    }
}

impl From<SecretsError> for WebError {
    fn from(error: SecretsError) -> Self {
        Self::Action(error.into())
    }
}

impl WebError {
    /// The refusal of a decision or an input that reached no form, in words for the person.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        match self {
            Self::TooMuchText => Some(TOO_MUCH_TEXT.to_owned()),
            Self::Action(ActionError::Refused(refusal)) => Some(refusal.to_string()),
            Self::Action(ActionError::Own(refusal)) => Some(refusal.to_string()),
            Self::Action(ActionError::Acquainted(refusal)) => Some(refusal.to_string()),
            Self::Action(ActionError::ReadByColleague(refusal)) => Some(refusal.to_string()),
            Self::Action(ActionError::Conversation(refusal)) => Some(refusal.to_string()),
            Self::Action(ActionError::Verdict(refusal)) => Some(refusal.to_string()),
            Self::Action(ActionError::Unusable(refusal)) => Some(refusal.to_string()),
            Self::Action(ActionError::NothingToReport(refusal)) => Some(refusal.to_string()),
            Self::Action(ActionError::Invalid(problems)) => {
                Some(problems.iter().map(|(_, message)| message.as_str()).collect::<Vec<_>>().join(" "))
            }
            _ => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignIn(_) | Self::Elsewhere(_) => StatusCode::SEE_OTHER,
            Self::Forged(_) => StatusCode::FORBIDDEN,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge | Self::TooMuchText => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooManyAtOnce => StatusCode::TOO_MANY_REQUESTS,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Action(error) => of_action(error),
            Self::Crowded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Interrupted | Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

fn of_action(error: &ActionError) -> StatusCode {
    match error {
        ActionError::NotFound => StatusCode::NOT_FOUND,
        ActionError::Invalid(_)
        | ActionError::Refused(_)
        | ActionError::Own(_)
        | ActionError::Acquainted(_)
        | ActionError::ReadByColleague(_)
        | ActionError::Conversation(_)
        | ActionError::Verdict(_)
        | ActionError::Unusable(_)
        | ActionError::NothingToReport(_) => StatusCode::UNPROCESSABLE_ENTITY,
        // a "once" of the schema that no action foresaw: somebody was first
        ActionError::Store(StoreError::Changed | StoreError::Constraint(_) | StoreError::SentBefore) => {
            StatusCode::CONFLICT
        }
        ActionError::Store(StoreError::Busy | StoreError::UnderWay) => StatusCode::SERVICE_UNAVAILABLE,
        ActionError::Store(StoreError::Full)
        | ActionError::Files(FilesError::Full { .. } | FilesError::Reserve) => {
            StatusCode::INSUFFICIENT_STORAGE
        }
        ActionError::Store(error) if error.is_disk_trouble() => StatusCode::SERVICE_UNAVAILABLE,
        ActionError::Files(FilesError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
        ActionError::Files(_) | ActionError::Secrets(_) | ActionError::Badge(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        ActionError::Store(_) | ActionError::Render(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl actix_web::ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status();
        let mut response = HttpResponse::build(status);
        match self {
            Self::SignIn(address) | Self::Elsewhere(address) => {
                response.insert_header((header::LOCATION, address.as_str()));
            }
            Self::MethodNotAllowed(allowed) => {
                response.insert_header((header::ALLOW, allowed.as_str()));
            }
            _ if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) => {
                response.insert_header((header::RETRY_AFTER, "5"));
            }
            _ => {}
        }
        response.finish()
    }
}

//! What machines ask: does the portal live, and does it fare well?

use actix_web::{HttpResponse, web};

use crate::jobs::health::{Condition, vitals};
use crate::portal::Portal;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;

/// `GET /healthz`: the process lives.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: how the portal fares, a line for each thing that is watched. 503 when one of them has to be mended; what is only worth a
/// look says so and changes nothing.
///
/// # Errors
/// `WebError::Interrupted` when there was no answer.
pub async fn ready(portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let vitals = blocking(&portal, |portal| Ok(vitals(portal))).await?;
    let worst = vitals.iter().map(|vital| vital.condition).max().unwrap_or(Condition::Bad);
    let (mut answer, first) = match worst {
        Condition::Bad => (HttpResponse::ServiceUnavailable(), "not ready"),
        Condition::Attention | Condition::Good => (HttpResponse::Ok(), "ready"),
    };
    let lines = vitals.iter().map(|vital| {
        let condition = match vital.condition {
            Condition::Good => "ok",
            Condition::Attention => "look",
            Condition::Bad => "BAD",
        };
        format!("{condition:4} {}: {}\n", vital.name, vital.words)
    });
    let text = format!("{first}\n{}", lines.collect::<String>());
    Ok(answer.content_type("text/plain; charset=utf-8").body(text))
}

//! Accepting an invitation: the first password.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::portal::Portal;
use crate::store::accounts::tokens::Purpose;
use crate::web::forms::plain::CheckedForm;
use crate::web::http::auth::Visitor;
use crate::web::http::error::WebError;
use crate::web::public::new_password::{self, NewPasswordForm};

/// `GET /invitation/{token}`
pub async fn show(
    visitor: Visitor,
    portal: web::Data<Portal>,
    token: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    new_password::show(visitor, portal, Purpose::Invitation, token.into_inner()).await
}

/// `POST /invitation/{token}`
pub async fn update(
    visitor: Visitor,
    request: HttpRequest,
    portal: web::Data<Portal>,
    token: web::Path<String>,
    form: CheckedForm<NewPasswordForm>,
) -> Result<HttpResponse, WebError> {
    new_password::set(visitor, request, portal, Purpose::Invitation, token.into_inner(), form.0).await
}

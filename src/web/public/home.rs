//! The first page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::web::http::auth::Visitor;
use crate::web::view::flash::see_other;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "public/home.html")]
struct HomePage {
    page: Layout,
}

/// `GET /`: sends people who are signed in to where they begin, and tells others what this is.
pub async fn show(visitor: Visitor) -> HttpResponse {
    match &visitor.person {
        Some(person) => see_other(person.first_page()),
        None => {
            render(StatusCode::OK, &HomePage { page: visitor.layout("Your certificate and its credits") })
        }
    }
}

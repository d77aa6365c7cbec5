//! The first page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::web::flash::see_other;
use crate::web::layout::Layout;
use crate::web::page::render;
use crate::web::session::Visitor;

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

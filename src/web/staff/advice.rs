//! What holders see when they ask for advice; the conversation itself comes later.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::portal::Portal;
use crate::web::layout::Layout;
use crate::web::page::render;
use crate::web::session::AsReviewer;

#[derive(Template)]
#[template(path = "staff/advice.html")]
struct AdvicePage {
    page: Layout,
    contact: String,
}

/// GET /staff/advice
pub async fn show(staff: AsReviewer, portal: web::Data<Portal>) -> HttpResponse {
    let page = AdvicePage { page: staff.layout("Advice"), contact: portal.config.contact.clone() };
    render(StatusCode::OK, &page)
}

//! An address that takes a form and shows no page. Whoever opens it (the page that answered the form is reloaded, a tab is restored, the
//! address is sent on) is led to the page on which the form stands.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::web::http::auth;
use crate::web::http::error::WebError;
use crate::web::http::route::Route;
use crate::web::view::flash::see_other;

/// What answers GET at the address of a form. `page` is the pattern of the page on which it stands, as [`page_of`] gives it.
///
/// [`page_of`]: crate::web::http::route::page_of
pub fn answer(route: Route, page: &'static str) -> actix_web::Route {
    web::get().to(move |request: HttpRequest| lead_to_page(route, page, request))
}

/// Refuses whom the form would refuse; who would be led to sign in comes back here.
async fn lead_to_page(
    route: Route,
    page: &'static str,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    if !route.is_public() {
        auth::admitted_to(&request, Some(&route)).await?;
    }
    Ok(see_other(address(page, request.path())))
}

/// The page's address: its pattern begins the form's, so what stands for its parameters is taken from there.
fn address(page: &str, path: &str) -> String {
    if !page.contains('{') {
        return page.to_owned();
    }
    let parts: Vec<&str> = path.split('/').take(page.split('/').count()).collect();
    parts.join("/")
}

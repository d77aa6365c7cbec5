//! The table of routes: each area lists its lines once, and from these come both what the server answers and what
//! `cpe-portal routes` prints.

use std::sync::OnceLock;

use actix_web::guard::{self, Guard};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::store::accounts::sessions::Session;
use crate::web::http::access::{self, Who};
use crate::web::http::bounds::Bounds;
use crate::web::http::error::WebError;

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`. A GET line answers HEAD too.
    pub method: &'static str,
    /// The pattern, such as `/activities/{id}`.
    pub path: &'static str,
    /// Who may use it.
    pub who: &'static [Who],
    /// How much its form may bring.
    pub takes: Bounds,
    /// The pattern of the page on which its form stands, where its own path does not say it; see [`page_of`].
    pub page: Option<&'static str>,
}

impl Route {
    /// Whether it needs nobody to be signed in.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.who.contains(&Who::Public)
    }

    /// Whether somebody with this session may use it.
    #[must_use]
    pub fn admits(&self, session: &Session) -> bool {
        access::admits(self.who, session)
    }

    /// Who may use it, as `cpe-portal routes` says it: `holder`, `reviewer,administrator`.
    #[must_use]
    pub fn who_words(&self) -> String {
        let mut who = self.who.to_vec();
        // an administrator may do what a reviewer may
        if who.contains(&Who::Reviewer) {
            who.push(Who::Administrator);
        }
        who.sort_unstable();
        who.dedup();
        who.into_iter().map(Who::word).collect::<Vec<_>>().join(",")
    }
}

/// A line with the handler that answers it.
pub struct RouteEntry {
    /// The line.
    pub route: Route,
    /// What answers.
    pub handler: actix_web::Route,
}

/// Admits GET and HEAD.
pub fn get_or_head() -> impl Guard {
    guard::Any(guard::Get()).or(guard::Head())
}

/// The lines of the server, once it has been built: handed over and not looked up, because the handlers behind them ask about lines, too.
static TABLE: OnceLock<Vec<Route>> = OnceLock::new();

/// Every line, in the order of the areas; none before the server is built.
pub(in crate::web) fn table() -> &'static [Route] {
    TABLE.get().map_or(&[], Vec::as_slice)
}

/// The pattern of the page on which a form stands: the one that its line names, or else the longest beginning of its path that is a page;
/// the first page, if there is none.
#[must_use]
pub fn page_of(table: &[Route], form: &Route) -> &'static str {
    if let Some(page) = form.page {
        return page;
    }
    let mut path = form.path;
    while let Some((shorter, _)) = path.rsplit_once('/').filter(|(shorter, _)| !shorter.is_empty()) {
        path = shorter;
        if table.iter().any(|route| route.method == "GET" && route.path == path) {
            return path;
        }
    }
    "/"
}

/// Hands the table to the server: one resource for each path, so that a wrong method is told as such. Paths without a
/// parameter come first: `/activities/new` is not an activity called "new". Where a path has a form and no page, `lone_form` makes what
/// answers GET, from the form's line and the page on which it stands.
pub fn register(
    config: &mut ServiceConfig,
    mut entries: Vec<RouteEntry>,
    lone_form: fn(Route, &'static str) -> actix_web::Route,
) {
    let table: Vec<Route> = entries.iter().map(|entry| entry.route).collect();
    let _ = TABLE.set(table.clone());
    entries.sort_by_key(|entry| entry.route.path.contains('{'));
    while !entries.is_empty() {
        let path = entries.first().map_or("", |entry| entry.route.path);
        let (same, others) = entries.into_iter().partition::<Vec<_>, _>(|entry| entry.route.path == path);
        entries = others;
        let mut methods: Vec<&str> = same.iter().map(|entry| entry.route.method).collect();
        let mut resource = web::resource(path);
        if methods.contains(&"GET") {
            methods.push("HEAD");
        } else if let Some(form) = same.first().map(|entry| entry.route) {
            methods.push("GET");
            resource = resource.route(lone_form(form, page_of(&table, &form)));
        }
        let allowed = methods.join(", ");
        for entry in same {
            resource = resource.route(entry.handler);
        }
        config.service(resource.default_service(web::to(move || {
            let allowed = allowed.clone();
            async move { Err::<HttpResponse, _>(WebError::MethodNotAllowed(allowed)) }
        })));
    }
}

/// The line that a request came in by. HEAD goes by the line of GET.
#[must_use]
pub fn of_request(request: &HttpRequest) -> Option<&'static Route> {
    let pattern = request.match_pattern()?;
    let method = if request.method() == "HEAD" { "GET" } else { request.method().as_str() };
    table().iter().find(|route| route.path == pattern && route.method == method)
}

/// How much the form of a request may bring.
#[must_use]
pub fn bounds_of(request: &HttpRequest) -> Bounds {
    let line = of_request(request).or_else(|| find(request.method().as_str(), request.path()));
    line.map_or(Bounds::PLAIN, |line| line.takes)
}

/// The line that answers a path, found by the table alone. A line that names the path word by word goes before one with a
/// parameter.
#[must_use]
pub fn find(method: &str, path: &str) -> Option<&'static Route> {
    find_in(table(), method, path)
}

/// The same in a table that is at hand.
#[must_use]
pub fn find_in<'a>(table: &'a [Route], method: &str, path: &str) -> Option<&'a Route> {
    let fits = |route: &&Route| {
        let (mut pattern, mut words) = (route.path.split('/'), path.split('/'));
        route.method == method
            && loop {
                match (pattern.next(), words.next()) {
                    (None, None) => break true,
                    (Some(part), Some(word)) if part == word => {}
                    (Some(part), Some(word)) if part.starts_with('{') && !word.is_empty() => {}
                    _ => break false,
                }
            }
    };
    table.iter().filter(fits).min_by_key(|route| route.path.matches('{').count())
}

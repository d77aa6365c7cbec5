//! The pages. All routes are listed in the tables of the four areas (`public`, `holder`, `staff`, `admin`); [`routes`]
//! puts them together.
//!
//! A handler fails with [`http::error::WebError`] when the database cannot answer; it names its errors only where it refuses on purpose.

pub mod forms;
pub mod http;
pub mod view;

pub mod admin;
pub mod holder;
pub mod public;
pub mod staff;

use std::sync::LazyLock;

use crate::web::http::route::{Route, RouteEntry};

pub use http::server::{Listeners, app, serve};

/// Every route, in the order of the areas.
#[must_use]
pub fn routes() -> &'static [Route] {
    static ROUTES: LazyLock<Vec<Route>> =
        LazyLock::new(|| [public::ROUTES, holder::ROUTES, staff::ROUTES, admin::ROUTES].concat());
    &ROUTES
}

fn entries() -> Vec<RouteEntry> {
    [public::entries(), holder::entries(), staff::entries(), admin::entries()].into_iter().flatten().collect()
}

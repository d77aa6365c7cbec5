//! The pages. All routes are listed in the tables of the four areas (`public`, `holder`, `staff`, `admin`); [`routes`]
//! puts them together.
//!
//! A handler fails with [`error::WebError`] when the database cannot answer; it names its errors only where it refuses on purpose.

pub mod admin;
pub mod arriving;
pub mod assets;
pub mod bar;
pub mod blocking;
pub mod bounds;
pub mod checked;
pub mod client;
pub mod conversation;
pub mod cookie;
pub mod csrf;
pub mod download;
pub mod error;
pub mod flash;
pub mod form;
pub mod holder;
pub mod instant;
pub mod layout;
pub mod meter;
pub mod metrics;
pub mod navigation;
pub mod once;
pub mod page;
pub mod paging;
pub mod paper;
pub mod parking;
pub mod public;
pub mod question;
pub mod refill;
pub mod route;
pub mod server;
pub mod session;
pub mod staff;
pub mod state;
pub mod told;
pub mod upload;
pub mod versions;
pub mod watch;

use std::sync::LazyLock;

use crate::web::route::{Entry, Route};

pub use server::{Listeners, app, serve};

/// Every route, in the order of the areas.
#[must_use]
pub fn routes() -> &'static [Route] {
    static ROUTES: LazyLock<Vec<Route>> =
        LazyLock::new(|| [public::ROUTES, holder::ROUTES, staff::ROUTES, admin::ROUTES].concat());
    &ROUTES
}

fn entries() -> Vec<Entry> {
    [public::entries(), holder::entries(), staff::entries(), admin::entries()].into_iter().flatten().collect()
}

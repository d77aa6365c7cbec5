//! The server, routes, middleware, sign-in and bounds: what every answer goes through.

pub mod access;
pub mod answer_counts;
pub mod assets;
pub mod auth;
pub mod blocking;
pub mod bounds;
pub mod client;
pub mod cookie;
pub mod csrf;
pub mod download;
pub mod error;
pub mod form_address;
pub mod metrics;
pub mod middleware;
pub mod route;
pub mod routes;
pub mod server;

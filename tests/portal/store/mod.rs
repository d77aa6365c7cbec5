//! The store: what the schema itself promises, whatever the code above it does.

mod connections;
pub mod earlier;
mod migrations;
mod on_server;
mod once;
mod operation;
pub mod plans;
pub mod scene;
mod search;
mod seeds;
mod shared_commits;
mod two_schemas;
mod unchangeable;

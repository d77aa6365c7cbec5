//! The store: what the schema itself promises, whatever the code above it does.

mod connections;
mod migrations;
mod once;
mod operation;
mod scene;
mod search;
mod seeds;
mod shared_commits;
mod unchangeable;

//! The one integration-test binary: modules mirror `src`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::panic
)]

// first by name, so that the longest test does not run alone at the end
mod a_year_of_a_body;
mod admin;
mod architecture;
mod badges;
mod bucket;
mod cli;
mod clock;
mod config;
mod corpus;
mod demo;
mod domain;
mod files;
mod holder;
mod mail;
mod proofs;
mod public;
mod secrets;
mod staff;
mod store;
mod support;
mod timetable;
mod transfer;
mod upkeep;
mod web;

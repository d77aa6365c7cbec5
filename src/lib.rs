//! cpe-portal: the administrative portal of a body that certifies professionals.
//!
//! Modules stand in ranks (see the map in `src/ARCHITECTURE.md`); a module names only modules of lower ranks.

// rank 0
pub mod clock;
pub mod config;
pub mod domain;
// rank 1
pub mod badges;
pub mod files;
pub mod mail;
pub mod secrets;
pub mod store;
// rank 2
pub mod portal;
// rank 3
pub mod actions;
pub mod upkeep;
// rank 4
pub mod demo;
pub mod jobs;
pub mod transfer;
// rank 5
pub mod scheduler;
pub mod web;
// rank 6
pub mod cli;

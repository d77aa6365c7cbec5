//! Badges: signing, files, sharing, verification.

pub mod batch;
pub mod files;
pub mod sharing;
pub mod signing;
pub mod verification;

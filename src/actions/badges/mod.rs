//! Badges: signing, files, sharing, verification.

pub mod badge_files;
pub mod badge_sharing;
pub mod batch;
pub mod signing;
pub mod verification;

//! The running portal: jobs, invariants, chart snapshots, the board's figures, set-up, whose the bucket of proofs is.

pub mod board_figures;
pub mod board_lists;
pub mod bucket_owner;
pub mod chart_snapshots;
pub mod import_problems;
pub mod invariant_results;
pub mod invariants;
pub mod job_runs;
pub mod setup;

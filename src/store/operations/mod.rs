//! The running portal: jobs, invariants, chart snapshots, set-up.

pub mod chart_snapshots;
pub mod import_problems;
pub mod invariant_results;
pub mod invariants;
pub mod job_runs;
pub mod setup;

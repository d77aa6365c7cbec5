//! The promises of `tests/README.md`, each tried on the real binary: killed, cut off, starved, put
//! back, with its clock moved. Every proof runs in its short form with the other tests, and in its long form by
//! `bash tests/prove`, which sets `CPE_PORTAL_PROOFS=long`.

mod backup;
mod badges;
mod clock;
pub mod faults;
mod greedy;
mod hostile;
mod load;
mod mail;
mod past_days;
mod power;
pub mod reports;
mod restarts;
mod starts;
pub mod upgrades;
mod verification;

/// How often a proof repeats its trial: `short` with the other tests, `long` when somebody asked for the long form.
#[must_use]
pub fn trials(short: usize, long: usize) -> usize {
    match std::env::var("CPE_PORTAL_PROOFS").as_deref() {
        Ok("long") => long,
        _ => short,
    }
}

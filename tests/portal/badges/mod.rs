//! Badges as documents: what is signed, what is refused, what a verifier of ours says. Verifiers that others wrote are asked by
//! `tests/badges`.

pub mod attack;
mod copies;
mod documents;
mod guards;
mod keys;
mod life;
mod paper;
mod two_dates;

//! The rules, each with a named test: G1–G13 and the readings of the guide. Every expected figure was worked out by hand.

mod category;
mod certificate;
mod codes;
mod credits;
mod dates;
mod deadlines;
mod decision;
mod derivation;
mod eligibility;
mod ledger;
mod past_reports;
mod plausibility;
mod policy;
mod properties;
mod publication;
mod quantity;
mod queue_place;
mod relevance;
mod reminder_history;
mod review;
mod sample;
mod standing;
mod suggestions;
mod year_end;

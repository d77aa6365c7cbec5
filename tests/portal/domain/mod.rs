//! The rules, each with a named test: G1–G13 and the readings of the guide. Every expected figure was worked out by hand.

mod calendar;
mod category;
mod certificate;
mod codes;
mod credits;
mod deadlines;
mod decision;
mod eligibility;
mod forecast;
mod ledger;
mod past_reports;
mod plausibility;
mod policy;
mod properties;
mod publication;
mod quantity;
mod queue_place;
mod relevance;
mod reminding;
mod review;
mod sample;
mod standing;
mod steps;
mod year_end;

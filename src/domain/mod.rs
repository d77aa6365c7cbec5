//! The rules, pure: credits, categories, calendar, policy, certificates and their years, the ledger (the one sum), deadlines, review,
//! decisions, relevance, roles. Knows no database, no pages, no files and no clock: the day is always a parameter.

pub mod activity;
pub mod address;
pub mod almanac;
pub mod calendar;
pub mod catalogue;
pub mod category;
pub mod certificate;
pub mod conversation;
pub mod counted;
pub mod credits;
pub mod day_order;
pub mod deadlines;
pub mod decision;
pub mod delivery;
pub mod eligibility;
pub mod forecast;
pub mod ids;
pub mod ledger;
pub mod outlook;
pub mod plausibility;
pub mod policy;
pub mod precedent;
pub mod preview;
pub mod publication;
pub mod quantity;
pub mod relevance;
pub mod reminding;
pub mod retention;
pub mod review;
pub mod roles;
pub mod same_event;
pub mod stakes;
pub mod standing;
pub mod steps;
pub mod text;

//! Activities as reported and reviewed: categories, quantities, credits, plausibility.

pub mod activity;
pub mod activity_status;
pub mod category;
pub mod correction;
pub mod credits;
pub mod eligibility;
pub mod past_reports;
pub mod plausibility;
pub mod publication;
pub mod quantity;
pub mod queue_order;
pub mod queue_place;
pub mod relevance;
pub mod review;
pub mod same_event;
pub mod submission;
pub mod waiting_time;

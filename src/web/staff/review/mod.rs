//! The review: queue, page, verdict, claims.

pub mod assignments;
pub mod case;
pub mod claims;
pub mod corrections;
pub mod derivation;
pub mod evidence;
pub mod form;
pub mod page;
pub mod parts;
pub mod prepared_words;
pub mod queue;
pub mod queue_address;
pub mod queue_filter;
pub mod queue_page;
pub mod queue_table;
pub mod returned;
pub mod same_event;
pub mod verdict;

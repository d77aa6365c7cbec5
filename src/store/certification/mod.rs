//! Certifications, policies, certificates and their years, and the decisions about them.

pub mod catalogue;
pub mod certificate_corrections;
pub mod certificates;
pub mod held_flags;
pub mod policies;
pub mod year_lists;
pub mod years;

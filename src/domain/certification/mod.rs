//! Certifications, certificates and their years, policies, decisions and deadlines.

pub mod catalogue;
pub mod certificate;
pub mod certificate_correction;
pub mod certificate_status;
pub mod deadlines;
pub mod decision;
pub mod ending;
pub mod notice_period;
pub mod past_years;
pub mod policy;
pub mod risk;
pub mod standing;
pub mod year_status;

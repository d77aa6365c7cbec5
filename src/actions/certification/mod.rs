//! The catalogue, the policies, grants, and the decisions about certificates.

pub mod bulk_grant;
pub mod catalogue;
pub mod decisions;
pub mod grant;
pub mod policies;

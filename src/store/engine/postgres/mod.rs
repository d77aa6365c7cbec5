//! What is a server's business: the way to it, its opening, and the order in which processes write.

pub(in crate::store) mod connection;
pub(in crate::store) mod opening;
pub(in crate::store) mod runtime;
pub(in crate::store) mod server;
pub(in crate::store) mod transfer;

//! web

pub mod assets;
pub mod bar;
pub mod form;
pub mod layout;
pub mod page;

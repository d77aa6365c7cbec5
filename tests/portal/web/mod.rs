mod assets;
mod bar;
mod error_page;
mod form;
mod layout;
mod templates;

mod assets;
mod bar;
mod error_page;
mod form;
mod ground;
mod layout;
mod people;
mod templates;

//! `routes`

use std::process::ExitCode;

use super::error::CliResult;
use crate::web;

/// Prints every route: method, path, who may use it.
pub(super) fn run() -> CliResult {
    for route in web::routes() {
        say!("{} {} {}", route.method, route.path, route.who_words());
    }
    Ok(ExitCode::SUCCESS)
}

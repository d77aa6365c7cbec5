//! The one binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    cpe_portal::cli::main()
}

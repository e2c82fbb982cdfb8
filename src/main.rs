//! The command `hookswitch`: arguments in, an exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(hookswitch::cli::run())
}

//! The command `hookswitch`: arguments in, an exit code out.

use std::process::ExitCode;

/// A turn makes some two hundred small allocations, which the C library's allocator takes a fifth of its time for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(hookswitch::cli::run())
}

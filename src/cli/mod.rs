//! What is typed at a terminal: a file a subcommand, and the exit codes. The only room that prints.

pub mod signature;

/// Exit codes of every subcommand.
pub mod exit {
    /// All is well.
    pub const WELL: u8 = 0;
    /// Faults were found: a failed test, a flow with errors, a wrong signature.
    pub const FAULTS: u8 = 1;
    /// The command was not understood.
    pub const USAGE: u8 = 2;
    /// The surroundings are at fault: no file, no server, a port that is taken.
    pub const SURROUNDINGS: u8 = 3;
}

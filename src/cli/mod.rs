//! What is typed at a terminal: a file a subcommand, and the exit codes. The only room that prints.

pub mod signature;

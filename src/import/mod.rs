//! What others wrote, as ours: webhooks recorded on another system become drafts of test calls.
//!
//! It reads texts and gives values; whoever writes files is the command line.

pub mod webhooks;

//! Turns what other programs wrote into ours: webhooks recorded on another system become drafts of test calls, opening hours
//! files of ours (`hours`), and flows of Twilio Studio flows of ours (`studio`).
//!
//! It reads texts and gives values; whoever opens and writes files is the command line. `entries` takes a log apart, an
//! entry at a time, so that a log of any size is read in little memory; `format` recognizes an entry by its content, one
//! file per format; `story` makes a call of the requests.

mod entries;
mod fields;
mod format;
pub mod hours;
mod story;
pub mod studio;
pub mod webhooks;

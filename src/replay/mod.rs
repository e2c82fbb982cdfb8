//! Calls as tests: a call is a file that reads like a conversation and is played on a simulated carrier.
//!
//! Owns the form of such files, how a played call is compared with one, and what its failure says. Sees URLs and TwiML
//! and knows nothing of flows, so the same files test anyone's application. The command line prints.

mod actor;
mod amend;
mod bless;
mod brackets;
pub mod draft;
mod end;
mod example;
mod hears;
mod judge;
pub mod load;
mod play;
mod read;
mod reader;
mod schema;
mod script;
mod submitted;
mod texted;
mod world;

pub use actor::Stretch;
pub use bless::bless;
pub use example::example;
pub use hears::{Difference, Hears, Wanted};
pub use judge::{Failure, judge};
pub use play::{AfterCall, Destination, Played, play};
pub use read::read;
pub use reader::Named;
pub use schema::schema;
pub use script::{Answers, End, EndsBy, Script, Submission, Turn};
pub use world::read_world;

//! Opening hours: what a file of them says, and whether somebody is open at a moment.
//!
//! Reads the text of a file into [`Hours`], or into its faults, and answers for any moment, with a switch that beats the
//! file for a while. Knows nothing of flows, has no clock and reads no disk: who asks says when.

mod calendar;
mod day;
mod everywhere;
mod keys;
mod range;
mod read;
mod state;
mod switch;
#[cfg(test)]
mod tests;
mod zone;

pub use calendar::{DatedDay, Hours};
pub use day::weekday_name;
pub use everywhere::open_everywhere;
pub use keys::schema;
pub use range::{OpenRange, ranges_text};
pub use read::read;
pub use state::HoursState;
pub use switch::HoursSwitch;
pub use zone::zone_named;

//! What people write, as written: TOML with the place of every value, and the faults in it.
//!
//! Flows and test calls are read with the same hands, so that a fault looks the same in both. Knows no key of either: who
//! reads a file brings its keys, and [`Faults`] to note what is wrong. The codes of all faults are here ([`Code`]), and
//! telephone numbers are read here too ([`number`]).

mod act;
pub mod carrier_fields;
mod code;
pub mod diag;
mod field;
pub mod keys;
pub mod number;
mod placed;
pub mod recognisers;
pub mod syntax;
mod table;
mod text;
mod time;
pub mod voices;

/// The longest file that is read, in bytes. What stands in it takes up to four hundred times as much while it is read.
pub const MAX_SOURCE: usize = 512 * 1024;

pub use act::{CallerAct, Utterance};
pub use code::Code;
pub use diag::Explain;
pub use field::{Field, Scalar, TextField};
pub use placed::PlacedOutcome;
pub use syntax::plain_name;
pub use table::{Faults, Item, NOTE, Table};
pub use text::{NotText, is_name, masked, text_of, unmarked};
pub use time::{TIME, TIMES, parse_time};

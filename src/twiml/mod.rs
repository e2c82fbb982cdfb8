//! TwiML: the engine's verbs in the carrier's markup, within the carrier's limits. Pure: values in, a document out.
//!
//! Leaves to others what is said and when (engine), and which URL a turn has (web).

mod beside;
mod calm;
mod carrier_pace;
mod connect;
mod document;
mod element;
mod escape;
mod indent;
pub mod limits;
pub mod pace;
mod pay;
pub mod read;
mod say;
mod schema;
mod text;
pub mod verbs;
mod voice;
mod write;

pub use calm::{EMPTY, apology, hold};
pub use carrier_pace::{CarrierPace, Heard, Pace};
pub use document::Links;
pub use indent::indent;
pub use voice::Family;
pub use write::render;

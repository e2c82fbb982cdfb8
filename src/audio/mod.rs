//! The audio manifest: what every prompt says in every language, as text and, where there is one, as a recording.
//!
//! Reads files and tells their faults with places, and how long recordings last. Leaves to others which prompts a flow
//! uses (engine) and how a recording reaches the carrier (web).

mod bounds;
mod format;
mod length;
mod library;
mod manifest;
mod recording;
mod schema;

pub use bounds::{leads_out, read_bounded};
pub use length::length;
pub use library::{Library, LibraryError, load_folder};
pub use manifest::{Manifest, ManifestEntry, ManifestFault, NamedRecording, Span};
pub use recording::{Recording, content_type};
pub use schema::schema;

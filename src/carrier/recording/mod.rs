//! What becomes of a recording once it is complete: it is copied to the operator's own place, and erased at the carrier.

mod archive;
mod copy;
mod erase;
mod terms;
mod wave;

pub use archive::{Archive, ArchiveAccess, ArchiveError, Kept, RecordingName};
pub use copy::{CopyError, copy};
pub use erase::{EraseError, erase};
pub use terms::{NewRecording, RecordingTerms};

//! Erasing a recording at the carrier: once it is copied, or when the time for which it is kept is over.

use jiff::Timestamp;

use super::archive::{Archive, RecordingName};
use crate::twilio::rest::{Erased, Rest, RestError};

/// Why a recording was not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The carrier.
    #[error("the carrier: {0}")]
    Carrier(#[from] RestError),
    /// It is not copied yet, and its time is not over.
    #[error("it is not copied yet")]
    NotCopied,
    /// The place where copies are kept.
    #[error("the place of copies: {0}")]
    Archive(#[from] object_store::Error),
}

/// Erases a recording at the carrier. With `unless_copied_until` it must be copied first; from that time on it is erased
/// even so, since nobody was promised that it would be kept longer.
///
/// # Errors
/// When it must not be erased yet, or either side fails.
pub async fn erase(
    rest: &Rest,
    archive: Option<&Archive>,
    name: &RecordingName,
    unless_copied_until: Option<Timestamp>,
    now: Timestamp,
) -> Result<Erased, EraseError> {
    if unless_copied_until.is_some_and(|until| now < until) {
        let kept = match archive {
            Some(archive) => archive.kept(name).await?,
            None => None,
        };
        if kept.is_none() {
            return Err(EraseError::NotCopied);
        }
    }
    Ok(rest.erase_recording(&name.account, &name.recording).await?)
}

//! Copying a recording: fetched by its SID, measured and hashed on its way, read back from where it was written.

use object_store::buffered::BufWriter;
use tokio::io::AsyncWriteExt as _;

use super::archive::{Archive, Kept, RecordingName, Sum};
use super::wave::WaveHead;
use crate::twilio::rest::{RecordingState, Rest, RestError};

/// Why a recording was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The carrier.
    #[error("the carrier: {0}")]
    Carrier(#[from] RestError),
    /// The recording is of another call than the one that named it.
    #[error("the recording is of another call")]
    Foreign,
    /// It is not complete.
    #[error("the recording is not complete yet")]
    NotYet,
    /// There is nothing to copy: it failed, or there was nothing to record.
    #[error("there is no sound: the recording is absent, or failed")]
    Nothing,
    /// What came is not sound.
    #[error("what came is no WAV file")]
    NotSound,
    /// Less came than the file says that it holds.
    #[error("{came} bytes came, and the file says that it has {said}")]
    Truncated {
        /// What came.
        came: u64,
        /// What its head says.
        said: u64,
    },
    /// What is in the place is not what was written.
    #[error("what was read back is not what was written")]
    Changed,
    /// The place where copies are kept.
    #[error("the place of copies: {0}")]
    Archive(#[from] object_store::Error),
    /// The same, while a sound was written.
    #[error("the place of copies: {0}")]
    Write(#[from] std::io::Error),
}

/// Copies a recording, unless that was done before. A copy that was broken off is made again, so that it may be asked for
/// any number of times, by any number of nodes at once.
///
/// # Errors
/// When the recording is not of that call, not complete or not whole, or either side fails. Nothing counts as copied
/// then.
pub async fn copy(rest: &Rest, archive: &Archive, name: &RecordingName) -> Result<Kept, CopyError> {
    if let Some(kept) = archive.kept(name).await? {
        return Ok(kept);
    }
    let recording = rest.recording(&name.account, &name.recording).await?;
    if recording.call_sid.as_deref() != Some(name.call.as_str()) {
        return Err(CopyError::Foreign);
    }
    match recording.status {
        RecordingState::Completed => {}
        RecordingState::Absent | RecordingState::Failed => return Err(CopyError::Nothing),
        _ => return Err(CopyError::NotYet),
    }
    let mut writer = archive.writer(name);
    let sum = match fetch(rest, name, &mut writer).await {
        Ok(sum) => sum,
        Err(error) => {
            // Parts that were sent already are paid for until they are given up.
            let _ = writer.abort().await;
            return Err(error);
        }
    };
    writer.shutdown().await?;
    let (bytes, sha256) = sum.end();
    let kept = Kept {
        bytes,
        sha256,
        seconds: recording.duration,
    };
    if archive.read_back(name).await? != (kept.bytes, kept.sha256.clone()) {
        archive.erase(name).await?;
        return Err(CopyError::Changed);
    }
    archive.note(name, &kept).await?;
    Ok(kept)
}

/// Fetches the sound into a writer, which is not shut down yet.
async fn fetch(
    rest: &Rest,
    name: &RecordingName,
    writer: &mut BufWriter,
) -> Result<Sum, CopyError> {
    let mut media = rest.recording_media(&name.account, &name.recording).await?;
    let (mut sum, mut head, mut came) = (Sum::default(), WaveHead::default(), 0);
    while let Some(part) = media.chunk().await? {
        came += part.len() as u64;
        sum.add(&part);
        head.add(&part);
        writer.put(part).await?;
    }
    if !head.is_wave() {
        return Err(CopyError::NotSound);
    }
    match head.length() {
        Some(said) if came < said => Err(CopyError::Truncated { came, said }),
        _ => Ok(sum),
    }
}

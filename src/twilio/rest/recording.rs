//! Recordings: what Twilio says of one, its sound, and its deletion.

use bytes::Bytes;
use reqwest::{Method, Response};
use serde::Deserialize;

use super::{Rest, RestError};

/// The longest sound that is fetched, in bytes: more than a day of two channels.
const SOUND_LIMIT: u64 = 4 * 1024 * 1024 * 1024;

/// What Twilio says of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RecordingResource {
    /// Its name (`RE…`).
    pub sid: String,
    /// The account whose it is.
    pub account_sid: String,
    /// The call that it was made in; a conference's recording has none.
    pub call_sid: Option<String>,
    /// Where it stands.
    pub status: RecordingState,
    /// How long it is in seconds, once that is known.
    #[serde(default, deserialize_with = "seconds")]
    pub duration: Option<u64>,
}

/// Where a recording stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordingState {
    /// It goes on.
    InProgress,
    /// It is stopped for a while.
    Paused,
    /// It is over, and not ready.
    Stopped,
    /// It is made ready.
    Processing,
    /// Its sound can be fetched.
    Completed,
    /// There was nothing to keep.
    Absent,
    /// It could not be made.
    Failed,
    /// A word that we do not know.
    #[serde(other)]
    Other,
}

/// How a recording came to be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    /// By this request.
    Now,
    /// Before it.
    Before,
}

/// The sound of a recording while it is fetched.
#[derive(Debug)]
pub struct RecordingMedia {
    response: Response,
    read: u64,
}

impl Rest {
    /// Asks what there is to say of a recording.
    ///
    /// # Errors
    /// When it is not there, or any other [`RestError`]. An answer about another recording is not understood.
    pub async fn recording(
        &self,
        account: &str,
        sid: &str,
    ) -> Result<RecordingResource, RestError> {
        let path = ["Recordings", &format!("{sid}.json")];
        let request = self.request(Method::GET, account, &path)?;
        let recording: RecordingResource = self.resource(request).await?;
        let is_it = recording.sid == sid && recording.account_sid.eq_ignore_ascii_case(account);
        if is_it {
            Ok(recording)
        } else {
            let words = "it is about another recording";
            Err(RestError::NotUnderstood(words.to_owned()))
        }
    }

    /// Begins to fetch the sound of a recording, as WAV.
    ///
    /// # Errors
    /// As [`Rest::recording`].
    pub async fn recording_media(
        &self,
        account: &str,
        sid: &str,
    ) -> Result<RecordingMedia, RestError> {
        let path = ["Recordings", &format!("{sid}.wav")];
        let response = self.ask(self.request(Method::GET, account, &path)?).await?;
        if response
            .content_length()
            .is_some_and(|length| length > SOUND_LIMIT)
        {
            return Err(RestError::TooLong(SOUND_LIMIT));
        }
        Ok(RecordingMedia { response, read: 0 })
    }

    /// Deletes a recording. One that is not there is deleted: whoever asks twice has no fault.
    ///
    /// # Errors
    /// [`RestError::NotCompleted`] while it is being made, or any other.
    pub async fn erase_recording(&self, account: &str, sid: &str) -> Result<Erased, RestError> {
        let path = ["Recordings", &format!("{sid}.json")];
        let request = self.request(Method::DELETE, account, &path)?;
        match self.ask(request.timeout(self.patience)).await {
            Ok(_) => Ok(Erased::Now),
            Err(RestError::NotFound(_)) => Ok(Erased::Before),
            Err(error) => Err(error),
        }
    }
}

impl RecordingMedia {
    /// The next part of it; `None` at its end, when as much has come as was announced.
    ///
    /// # Errors
    /// When less comes, or nothing for a while, or too much.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, RestError> {
        let chunk = self.response.chunk().await.map_err(RestError::of_reading)?;
        self.read += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        if self.read > SOUND_LIMIT {
            return Err(RestError::TooLong(SOUND_LIMIT));
        }
        Ok(chunk)
    }
}

/// Twilio writes seconds as text (`"14"`), and `null` or `"-1"` where they are not known.
fn seconds<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<u64>, D::Error> {
    let value = serde_json::Value::deserialize(input)?;
    Ok(value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::{RecordingResource, RecordingState};

    fn read(more: &str) -> RecordingResource {
        let text = format!(r#"{{"sid":"RE1","account_sid":"AC1","call_sid":"CA1"{more}}}"#);
        serde_json::from_str(&text).expect("it is a recording")
    }

    #[test]
    fn a_length_is_read_as_text_and_may_be_missing() {
        let completed = r#","status":"completed","duration":"14","channels":1"#;
        assert_eq!(read(completed).duration, Some(14));
        for unknown in [r#","duration":null"#, r#","duration":"-1""#, ""] {
            let text = format!(r#","status":"in-progress"{unknown}"#);
            assert_eq!(read(&text).duration, None, "{unknown}");
            assert_eq!(read(&text).status, RecordingState::InProgress);
        }
    }

    #[test]
    fn a_state_that_nobody_knows_is_no_fault() {
        assert_eq!(
            read(r#","status":"embalmed""#).status,
            RecordingState::Other
        );
    }
}

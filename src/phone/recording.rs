//! A recording: which content types the carrier plays, and how long one lasts.

use std::time::Duration;

use super::event::Notice;
use super::fault::error;
use super::wire::Response;
use crate::audio::length;

/// What `Play` takes (Twilio, documentation of Play).
const PLAYED: [&str; 10] = [
    "audio/mpeg",
    "audio/wav",
    "audio/wave",
    "audio/x-wav",
    "audio/aiff",
    "audio/x-aifc",
    "audio/x-aiff",
    "audio/x-gsm",
    "audio/gsm",
    "audio/ulaw",
];

/// A recording that was fetched.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    /// What is said in it, if the server says so.
    pub(super) words: String,
    /// How long it lasts.
    pub(super) lasts: Duration,
}

/// A content type without its parameters, in small letters.
pub(super) fn essence(kind: &str) -> String {
    kind.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Whether a content type, without parameters, is played.
pub(super) fn is_played(kind: &str) -> bool {
    PLAYED.contains(&kind)
}

impl Recording {
    /// Takes what a server answered.
    pub(super) fn judge(url: &str, kind: &str, response: &Response) -> Result<Self, Notice> {
        if !is_played(kind) {
            let code = if kind.is_empty() { 12_300 } else { 13_420 };
            return Err(error(
                code,
                format!("the content type `{kind}` is not played"),
                url,
                0,
            ));
        }
        if response.body.is_empty() {
            return Err(error(11_200, "the recording is empty", url, 0));
        }
        let Some(lasts) = length(kind, &response.body) else {
            return Err(error(
                11_200,
                format!("the recording is served as `{kind}` and is something else"),
                url,
                0,
            ));
        };
        Ok(Self {
            words: words(response),
            lasts,
        })
    }
}

/// What a server says that a recording says: the header `Hookswitch-Transcript`, percent-encoded UTF-8.
fn words(response: &Response) -> String {
    let told = response.header("hookswitch-transcript").unwrap_or_default();
    percent_encoding::percent_decode_str(told)
        .decode_utf8_lossy()
        .into_owned()
}

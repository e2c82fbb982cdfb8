//! Recordings: what the carrier plays, and how long one lasts.

use std::sync::Arc;
use std::time::Duration;

use super::act::Caller;
use super::address::split_fragment;
use super::call::{Call, Place};
use super::event::Notice;
use super::fault::{Stop, error, warning};
use super::wire::{Method, Purpose, Response, Wire};
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

/// Longer recordings may drop the call (Twilio, documentation of Play).
const LONG: Duration = Duration::from_secs(40 * 60);

/// A recording that was fetched.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    /// What is said in it, if the server told.
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

impl<W: Wire, C: Caller> Call<'_, W, C> {
    /// The recording behind a URL as it is written; fetched once a call, unless the world stands for it.
    pub(super) async fn recording(
        &mut self,
        written: &str,
        line: u32,
    ) -> Result<(String, Arc<Recording>), Stop> {
        let url = match self.resolve(written, line) {
            Ok(url) => url,
            Err(notice) => return Err(self.fail(notice)),
        };
        let bare = split_fragment(&url).0.to_owned();
        if let Some(known) = self.recordings.get(&bare) {
            return Ok((bare, Arc::clone(known)));
        }
        if let Some(lasts) = self.world.recording(written.trim(), &bare) {
            return Ok((
                bare,
                Arc::new(Recording {
                    words: String::new(),
                    lasts,
                }),
            ));
        }
        let at = Place {
            url,
            method: Method::Get,
        };
        let fetched = self
            .ask(Purpose::Media, &at, Vec::new())
            .await
            .and_then(|answer| {
                let kind = essence(answer.response.header("content-type").unwrap_or_default());
                Recording::judge(&bare, &kind, &answer.response)
            });
        let recording = match fetched {
            Ok(recording) => Arc::new(recording),
            Err(notice) => return Err(self.fail(Notice { line, ..notice })),
        };
        if recording.lasts > LONG {
            self.complain(warning(
                0,
                "the recording lasts more than 40 minutes, which may drop the call",
                &bare,
                line,
            ));
        }
        self.recordings.insert(bare.clone(), Arc::clone(&recording));
        Ok((bare, recording))
    }
}

//! Fetches what the carrier plays.

use std::sync::Arc;
use std::time::Duration;

use super::act::Caller;
use super::call::{Call, Location};
use super::event::Notice;
use super::fault::{Stop, warning};
use super::recording::{Recording, essence};
use super::server_address::split_fragment;
use super::wire::{Method, Purpose, Wire};

/// Longer recordings may drop the call (Twilio, documentation of Play).
const LONG: Duration = Duration::from_mins(40);

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
        let at = Location {
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

//! `Play`: a recording, or keys that are sounded.

use super::AfterVerb;
use super::say::rounds;
use crate::phone::act::Caller;
use crate::phone::call::Call;
use crate::phone::event::Playback;
use crate::phone::fault::Stop;
use crate::phone::wire::Wire;
use crate::twiml::pace;
use crate::twiml::read::Element;

impl<W: Wire, C: Caller> Call<'_, W, C> {
    pub(super) async fn verb_play(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let speech = self.played(verb, false).await?;
        self.repeat(speech, rounds(verb)).await
    }

    /// What a `Play` plays; its recording is fetched.
    pub(super) async fn played(&mut self, verb: &Element, listens: bool) -> Result<Playback, Stop> {
        let speech = Playback {
            verb: "Play".to_owned(),
            listens,
            ..Playback::default()
        };
        if let Some(keys) = verb.attribute("digits") {
            return Ok(Playback {
                source: keys.to_owned(),
                lasts: pace::sounds(keys),
                ..speech
            });
        }
        let written = verb.text();
        if written.is_empty() {
            return Ok(speech);
        }
        let (source, recording) = self.recording(&written, verb.line).await?;
        Ok(Playback {
            text: recording.words.clone(),
            source,
            lasts: recording.lasts,
            ..speech
        })
    }
}

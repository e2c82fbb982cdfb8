//! `Say` and `Pause`.

use std::time::Duration;

use super::{AfterVerb, whole};
use crate::phone::act::Caller;
use crate::phone::call::Call;
use crate::phone::event::Playback;
use crate::phone::fault::Stop;
use crate::phone::spoken::Spoken;
use crate::phone::wire::Wire;
use crate::twiml::Family;
use crate::twiml::limits;
use crate::twiml::read::Element;

/// Rounds of `loop="0"`, which means until the caller hangs up (Twilio, documentation of Say and Play).
const ROUNDS: u64 = 1_000;

/// How often something is heard.
pub(super) fn rounds(element: &Element) -> u64 {
    match whole(element, "loop") {
        Some(0) => ROUNDS,
        Some(rounds) => rounds.min(ROUNDS),
        None => 1,
    }
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    pub(super) async fn verb_say(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        let speech = self.spoken(verb, false);
        self.repeat(speech, rounds(verb)).await
    }

    pub(super) async fn verb_pause(&mut self, verb: &Element) -> Result<AfterVerb, Stop> {
        self.say(pause(verb, false)).await?;
        Ok(AfterVerb::Next)
    }

    /// Something is heard again and again.
    pub(super) async fn repeat(
        &mut self,
        speech: Playback,
        rounds: u64,
    ) -> Result<AfterVerb, Stop> {
        if speech.lasts.is_zero() {
            return Ok(AfterVerb::Next);
        }
        for _ in 1..rounds {
            self.say(speech.clone()).await?;
        }
        if rounds > 0 {
            self.say(speech).await?;
        }
        Ok(AfterVerb::Next)
    }

    /// What a `Say` says.
    pub(super) fn spoken(&self, verb: &Element, listens: bool) -> Playback {
        let attribute = |name| verb.attribute(name).unwrap_or_default().trim().to_owned();
        let mut spoken = Spoken::of(verb);
        let limit = limit(verb.attribute("voice"));
        if let Some((at, _)) = spoken.text.char_indices().nth(limit) {
            spoken.text.truncate(at);
        }
        Playback {
            verb: "Say".to_owned(),
            lasts: spoken.lasts(self.words_a_minute()),
            text: spoken.text,
            source: String::new(),
            language: attribute("language"),
            voice: attribute("voice"),
            listens,
        }
    }
}

/// The characters after which a voice says no more (Twilio, documentation of Say).
fn limit(voice: Option<&str>) -> usize {
    match Family::of(voice) {
        Family::Basic => limits::SAY_BASIC,
        Family::Polly => limits::SAY_POLLY,
        Family::Google => limits::SAY_GOOGLE,
        // The default is an account's choice: the longest, so that nothing is cut that might be heard.
        Family::Unknown => limits::SAY_GOOGLE,
    }
}

/// What a `Pause` is.
pub(super) fn pause(verb: &Element, listens: bool) -> Playback {
    let seconds = whole(verb, "length")
        .filter(|length| *length > 0)
        .unwrap_or(1);
    Playback {
        verb: "Pause".to_owned(),
        lasts: Duration::from_secs(seconds),
        listens,
        ..Playback::default()
    }
}

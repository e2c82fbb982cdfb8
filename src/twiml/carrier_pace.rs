//! What verbs come to on the line: how long they are heard, how many words they have, how many bytes as TwiML.

use std::time::Duration;

use super::pace::{WORDS_A_MINUTE, half_words, sounds, spelt, time};
use super::voice::Family;
use super::{Links, limits, render};
use crate::engine::{Audio, INTERPRET_AS, Say, Verb, Words};

/// What one verb comes to on the line. Together, it adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// How long it is heard.
    pub lasts: Duration,
    /// The half words of it: a character of a script without spaces is one, a word two. A recording has as many as are
    /// said in its time.
    pub half_words: u64,
    /// Characters that a neural voice says.
    pub neural: u64,
    /// Bytes of it as the carrier gets it, at least.
    pub bytes: u64,
}

/// What verbs come to on the line, for who only counts: how fast words are spoken, how long recordings last and how the
/// carrier wants it written.
pub trait Pace {
    /// What a verb comes to; of one that waits or ends only its bytes.
    fn heard(&self, verb: &Verb) -> Heard;

    /// Bytes of a reply that the carrier takes.
    fn most_bytes(&self) -> u64;
}

/// Where documents point to at least: what a server that is called by a longer name writes is longer.
const LINKS: Links<'static> = Links {
    action: "/voice/flow/~1",
    leg: "/leg/flow/~1",
    wait: "/wait/flow/~1",
    recording: "/recording/flow/~1",
    fragment: "",
    is_leg: false,
    audio: "/audio/",
    audio_fragment: "",
    default_voice: None,
};

/// Hears what a carrier would, given how long a recording lasts (by its path below `/audio/`). Somebody's audio at a URL
/// of their own lasts no time: nobody knows how long it is before it is fetched.
pub struct CarrierPace<F> {
    recording: F,
    /// Bytes of a document with nothing in it.
    empty: usize,
}

impl<F: Fn(&str) -> Option<Duration>> CarrierPace<F> {
    /// Hears at the usual pace.
    pub fn new(recording: F) -> Self {
        Self {
            recording,
            empty: render(&[], &LINKS).len(),
        }
    }
}

impl<F: Fn(&str) -> Option<Duration>> Pace for CarrierPace<F> {
    fn heard(&self, verb: &Verb) -> Heard {
        let bytes = (render(std::slice::from_ref(verb), &LINKS).len() - self.empty) as u64;
        let heard = match verb {
            Verb::Say(say) => said(say),
            Verb::Play(Audio::Recording(path)) => {
                silent((self.recording)(path).unwrap_or_default(), true)
            }
            Verb::Digits(keys) => silent(sounds(keys), false),
            Verb::Pause(seconds) => silent(Duration::from_secs((*seconds).into()), false),
            _ => Heard::default(),
        };
        Heard { bytes, ..heard }
    }

    fn most_bytes(&self) -> u64 {
        limits::DOCUMENT as u64
    }
}

/// Something that lasts and has no text, though perhaps words.
fn silent(lasts: Duration, has_words: bool) -> Heard {
    let a_half = time(1, WORDS_A_MINUTE).as_millis().max(1);
    let half_words = if has_words {
        lasts.as_millis() / a_half
    } else {
        0
    };
    Heard {
        lasts,
        half_words: half_words as u64,
        ..Heard::default()
    }
}

/// Words in a voice. As they are written: where the voice has no SSML, nothing is spelt, and a short pause is a whole one.
fn said(say: &Say) -> Heard {
    let has_ssml = Family::of(say.voice.as_deref()).has_ssml();
    let (mut text, mut half, mut breaks, mut rest) =
        (String::new(), 0, Duration::ZERO, Duration::ZERO);
    for words in &say.words {
        match words {
            Words::Break(millis) => {
                rest += Duration::from_millis((*millis).into());
                text.push(' ');
                continue;
            }
            Words::As { how, text: own } => {
                if has_ssml && INTERPRET_AS.contains(&how.as_str()) {
                    half += u64::from(spelt(how, own)) * 2;
                }
                text.push_str(own);
            }
            Words::Text(own) => text.push_str(own),
        }
        breaks += paused(std::mem::take(&mut rest), has_ssml);
    }
    breaks += paused(rest, has_ssml);
    half += half_words(&text);
    let is_neural = say
        .voice
        .as_deref()
        .is_some_and(|voice| voice.contains("Neural"));
    let neural = if is_neural {
        text.chars().count() as u64
    } else {
        0
    };
    Heard {
        lasts: time(half, WORDS_A_MINUTE) + breaks,
        half_words: half,
        neural,
        bytes: 0,
    }
}

fn paused(rest: Duration, has_ssml: bool) -> Duration {
    if has_ssml {
        rest
    } else {
        Duration::from_secs(rest.as_millis().div_ceil(1_000) as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::CarrierPace;
    use super::{Heard, Pace};
    use crate::engine::{Audio, Say, Verb, Words};

    fn say(voice: Option<&str>, words: Vec<Words>) -> Verb {
        Verb::Say(Say {
            voice: voice.map(Into::into),
            language: "en-GB".into(),
            words,
        })
    }

    fn heard(verb: &Verb) -> Heard {
        CarrierPace::new(|path: &str| (path == "hash/a.wav").then_some(Duration::from_secs(2)))
            .heard(verb)
    }

    #[test]
    fn words_last_as_on_the_phone_and_are_counted() {
        let words = || {
            let digits = Words::As {
                how: "digits".into(),
                text: "123".into(),
            };
            vec![
                Words::Text("Your code is ".into()),
                digits,
                Words::Break(300),
                Words::Text(" Goodbye.".into()),
            ]
        };
        let rich = heard(&say(Some("Polly.Amy-Neural"), words()));
        assert_eq!(
            (rich.lasts, rich.half_words, rich.neural),
            (Duration::from_millis(3_100), 14, 26)
        );
        let plain = heard(&say(None, words()));
        assert_eq!(
            (plain.lasts, plain.half_words, plain.neural),
            (Duration::from_secs(3), 10, 0)
        );
    }

    #[test]
    fn a_recording_lasts_as_long_as_it_is_and_has_the_words_of_its_time() {
        let known = heard(&Verb::Play(Audio::Recording("hash/a.wav".into())));
        assert_eq!(
            (known.lasts, known.half_words),
            (Duration::from_secs(2), 10)
        );
        let others = heard(&Verb::Play(Audio::Url("https://cdn.example/a.mp3".into())));
        assert_eq!(others.lasts, Duration::ZERO);
        assert_eq!(
            others.bytes,
            "<Play>https://cdn.example/a.mp3</Play>".len() as u64
        );
        assert_eq!(heard(&Verb::Pause(3)).lasts, Duration::from_secs(3));
    }
}

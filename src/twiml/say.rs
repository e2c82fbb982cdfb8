//! Say: words in a voice, in as many elements as the voice's limit asks for.

use super::document::Document;
use super::text::{self, SplitPoint};
use super::verbs;
use super::voice::Family;
use crate::engine::{INTERPRET_AS, Say, Words};

/// Writes what is said. Nothing at all is written of text that is blank: an empty Say is warning 13520.
///
/// Where the voice has no SSML, a short pause becomes a `<Pause>` between two Says, rounded up to a whole second, and
/// pauses that follow each other are added up before.
pub(super) fn write(document: &mut Document<'_>, say: &Say) {
    let voice = say
        .voice
        .as_deref()
        .or(document.links.default_voice)
        .filter(|name| !name.is_empty());
    let family = Family::of(voice);
    let tags = family.has_ssml() && say.words.iter().any(is_spoken);
    let mut speaker = Speaker {
        document,
        voice,
        language: &say.language,
        family,
        used: 0,
        open: false,
    };
    let mut silence = 0;
    for words in &say.words {
        if let Words::Break(milliseconds) = words {
            silence += u64::from(*milliseconds);
            continue;
        }
        if is_spoken(words) {
            speaker.rest(std::mem::take(&mut silence), tags);
        }
        match words {
            Words::As { how, text } if tags && INTERPRET_AS.contains(&how.as_str()) => {
                speaker.say(text, Some(how));
            }
            Words::Text(text) | Words::As { text, .. } => speaker.say(text, None),
            Words::Break(_) => {}
        }
    }
    speaker.rest(silence, tags);
    speaker.close();
}

fn is_spoken(words: &Words) -> bool {
    match words {
        Words::Text(text) | Words::As { text, .. } => !text::is_blank(text),
        Words::Break(_) => false,
    }
}

/// One voice, speaking into one Say after the other.
struct Speaker<'s, 'd> {
    document: &'s mut Document<'d>,
    voice: Option<&'s str>,
    language: &'s str,
    family: Family,
    /// What the open Say holds, as the voice's limit counts.
    used: usize,
    open: bool,
}

impl Speaker<'_, '_> {
    fn open(&mut self) {
        if !self.open {
            let voice = self.voice.map(|name| ("voice", name));
            let language = Some(("language", self.language)).filter(|(_, code)| !code.is_empty());
            self.document
                .start(verbs::SAY, voice.into_iter().chain(language));
            (self.open, self.used) = (true, 0);
        }
    }

    fn close(&mut self) {
        if self.open {
            self.document.end(verbs::SAY);
            self.open = false;
        }
    }

    /// Is silent for so many milliseconds: by tags inside the Say, or by a Pause beside it.
    fn rest(&mut self, milliseconds: u64, tags: bool) {
        if milliseconds == 0 {
            return;
        }
        if !tags {
            self.close();
            self.document
                .pause(u32::try_from(milliseconds.div_ceil(1000)).unwrap_or(u32::MAX));
            return;
        }
        let mut left = milliseconds;
        while left > 0 {
            let now = left.min(u64::from(super::limits::BREAK));
            left -= now;
            let time = format!("{now}ms");
            let cost = self
                .family
                .tag_cost("<break time=\"\"/>".len() + time.len());
            if self.used + cost > self.family.limit() {
                self.close();
            }
            self.open();
            self.document.empty(verbs::BREAK, [("time", time.as_str())]);
            self.used += cost;
        }
    }

    /// Says a text, in one piece if the voice's limit allows; else parted after sentences or words.
    fn say(&mut self, text: &str, how: Option<&str>) {
        let stripped = text::strip(text);
        let mut rest = text::cut(&stripped, self.document.cap);
        let tags = how.map_or(0, |how| {
            self.family
                .tag_cost("<say-as interpret-as=\"\"></say-as>".len() + how.len())
        });
        while !rest.is_empty() && (self.open || !text::is_blank(rest)) {
            let used = if self.open { self.used } else { 0 };
            let room = self.family.limit().saturating_sub(used + tags);
            let (end, cost) = match text::part(rest, room, self.family) {
                SplitPoint::Whole(cost) => (rest.len(), cost),
                SplitPoint::Breath(_) | SplitPoint::Hard(_) if used > 0 && how.is_some() => (0, 0),
                SplitPoint::Hard(_) if used > 0 => (0, 0),
                SplitPoint::Breath(end) | SplitPoint::Hard(end) => (end, room),
            };
            if end > 0 {
                self.open();
                self.piece(&rest[..end], how);
                self.used += cost + tags;
                rest = &rest[end..];
            }
            if !rest.is_empty() {
                self.close();
            }
        }
    }

    fn piece(&mut self, text: &str, how: Option<&str>) {
        match how {
            None => self.document.text(text),
            Some(how) => {
                self.document.start(verbs::SAY_AS, [("interpret-as", how)]);
                self.document.text(text);
                self.document.end(verbs::SAY_AS);
            }
        }
    }
}

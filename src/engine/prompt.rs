//! Prompts: what a caller hears, by language, and how it becomes verbs.

use std::sync::Arc;

use super::expression::{Name, Reading, Values as _};
use super::fault::Fault;
use super::flow::Language;
use super::flow::check::{Checker, is_absolute_url};
use super::flow::written::Item;
use super::schema::shared::INTERPRET_AS;
use super::scope::Scope;
use super::template::{Piece, Template};
use super::turn::{Audio, Say, Verb, Words};
use super::value::Value;
use crate::written::{Code, Explain};

/// The longest pause, in milliseconds.
const MAX_PAUSE: f64 = 600_000.0;
/// How deep the spoken forms of answers may hold other answers.
const MAX_DEPTH: u8 = 4;

/// What is heard, in each of the flow's languages, by their place. Segments are shared between prompts.
#[derive(Clone, Debug)]
pub struct Prompt {
    languages: Vec<Vec<Arc<Segment>>>,
}

/// A piece of a prompt.
#[derive(Debug)]
pub enum Segment {
    /// Spoken text.
    Text(Template),
    /// A recording of ours, by its path below `/audio/`.
    Recording(Arc<str>),
    /// Somebody's audio, at an absolute URL.
    Url(Template),
    /// Silence, in milliseconds.
    Pause(u32),
    /// Keys, sounded.
    Digits(String),
    /// Text that is read in a way of its own.
    As {
        /// SSML's `interpret-as`.
        how: String,
        /// The text.
        text: Template,
    },
}

impl Prompt {
    /// A prompt with nothing in it yet, for so many languages.
    pub fn empty(languages: usize) -> Self {
        Self {
            languages: vec![Vec::new(); languages],
        }
    }

    /// Reads a prompt as written: text, `"@id"`, or a list of segments.
    pub fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        let mut prompt = Self::empty(check.languages.len());
        let mut sound = true;
        for segment in item.entries().unwrap_or_else(|| vec![item]) {
            sound &= prompt.add(segment, check).is_some();
        }
        sound.then_some(prompt)
    }

    /// Adds a segment that is the same in every language.
    pub fn push(&mut self, segment: Segment) {
        let segment = Arc::new(segment);
        for language in &mut self.languages {
            language.push(Arc::clone(&segment));
        }
    }

    /// Adds a segment in one language.
    pub fn push_in(&mut self, language: usize, segment: Segment) {
        self.languages[language].push(Arc::new(segment));
    }

    /// Adds what another prompt says in one language.
    pub fn extend_in(&mut self, language: usize, other: &Self) {
        self.languages[language].extend(other.languages[language].iter().cloned());
    }

    /// The segments in a language.
    pub fn segments(&self, language: u8) -> &[Arc<Segment>] {
        self.languages
            .get(usize::from(language))
            .map_or(&[], Vec::as_slice)
    }

    /// What its texts read, in any language.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        let segments = self.languages.iter().flatten();
        let mut readings: Vec<Arc<Reading>> = Vec::new();
        for reading in segments.flat_map(|segment| segment.readings()) {
            if !readings.iter().any(|other| Arc::ptr_eq(other, reading)) {
                readings.push(Arc::clone(reading));
            }
        }
        readings
    }

    fn add(&mut self, item: Item<'_>, check: &mut Checker) -> Option<()> {
        let reference = item
            .value
            .as_str()
            .and_then(|text| text.strip_prefix('@'))
            .filter(|id| !id.starts_with('@'));
        if let Some(id) = reference {
            let prompt = check.prompt(id, item.span())?;
            for language in 0..self.languages.len() {
                self.extend_in(language, &prompt);
            }
        } else {
            self.push(Segment::parse(item, check)?);
        }
        Some(())
    }
}

impl Segment {
    fn readings(&self) -> &[Arc<Reading>] {
        match self {
            Self::Text(text) | Self::Url(text) | Self::As { text, .. } => &text.readings,
            Self::Recording(_) | Self::Pause(_) | Self::Digits(_) => &[],
        }
    }

    fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        if let Some(text) = item.value.as_str() {
            let text = if text.starts_with("@@") {
                &text[1..]
            } else {
                text
            };
            let template = Template::parse(text, item.span(), check)?;
            neutral(&template, item, check);
            return Some(Self::Text(template));
        }
        let table = item.table(
            check,
            "a prompt must be text, `\"@id\"`, or a list of segments",
        )?;
        let kinds = ["pause", "audio", "digits", "say"];
        let named: Vec<_> = kinds
            .iter()
            .filter_map(|kind| Some((*kind, table.get(kind)?)))
            .collect();
        let [(kind, value)] = named.as_slice() else {
            let message = match named.as_slice() {
                [] => "this segment says nothing".to_owned(),
                _ => format!("this segment is both `{}` and `{}`", named[0].0, named[1].0),
            };
            check
                .fault(Code::SegmentUnclear, item.span(), message)
                .help("a segment has one of `pause`, `audio`, `digits` and `say`; several stand in a list");
            return None;
        };
        let how = if *kind == "say" {
            table.get("as")
        } else {
            None
        };
        let segment = match *kind {
            "pause" => pause(*value, check).map(Self::Pause),
            "audio" => audio(*value, check),
            "digits" => digits(*value, check).map(Self::Digits),
            _ => say_as(*value, how, check),
        };
        table.finish(check, "this segment");
        segment
    }
}

/// Text that is said in every language alike should not be of one of them.
fn neutral(text: &Template, item: Item<'_>, check: &mut Checker) {
    let has_words =
        |piece: &Piece| matches!(piece, Piece::Text(text) if text.chars().any(char::is_alphabetic));
    if check.languages.len() > 1 && check.in_all_languages && text.pieces.iter().any(has_words) {
        check
            .fault(
                Code::TextOneLanguage,
                item.span(),
                "this text is said in every language of the flow",
            )
            .help("make it a prompt with words in each: `\"@…\"`");
    }
}

fn pause(item: Item<'_>, check: &mut Checker) -> Option<u32> {
    let millis = item
        .time(check, "`pause` must be a time such as \"1s\" or \"500ms\"")?
        .as_secs_f64()
        * 1000.0;
    if !(1.0..=MAX_PAUSE).contains(&millis) {
        check.fault(
            Code::ValueOutOfRange,
            item.span(),
            "a pause must last from \"1ms\" to \"600s\"",
        );
        return None;
    }
    let millis = millis as u32;
    let rounds = |language: &&Language| !millis.is_multiple_of(1000) && !language.has_ssml();
    if let Some(tag) = check
        .languages
        .iter()
        .find(rounds)
        .map(|language| Arc::clone(&language.tag))
    {
        let message = format!(
            "this pause may be rounded up to {} s: the voice of {tag} knows whole seconds only",
            millis.div_ceil(1000)
        );
        check
            .fault(Code::PauseRounded, item.span(), message)
            .help("write whole seconds, or name a voice of Polly or Google");
    }
    Some(millis)
}

fn audio(item: Item<'_>, check: &mut Checker) -> Option<Segment> {
    let url = item.text(check, "`audio` must be an absolute URL")?;
    if !is_absolute_url(url) {
        check
            .fault(Code::UrlNotAbsolute, item.span(), format!("`{url}` is not an absolute URL"))
            .help("begin it with `https://` and a host; a recording of your own belongs into the audio manifest");
        return None;
    }
    Template::parse(url, item.span(), check).map(Segment::Url)
}

fn digits(item: Item<'_>, check: &mut Checker) -> Option<String> {
    let keys = item.text(check, "`digits` must be text")?;
    if keys.is_empty() || !keys.chars().all(|key| "0123456789ABCD#*wW".contains(key)) {
        check
            .fault(
                Code::KeysIllegal,
                item.span(),
                format!("`{keys}` cannot be sounded"),
            )
            .help("use 0-9, A-D, # and *; `w` waits half a second, `W` a second");
        return None;
    }
    Some(keys.to_owned())
}

fn say_as(item: Item<'_>, how: Option<Item<'_>>, check: &mut Checker) -> Option<Segment> {
    let text = Template::parse(item.text(check, "`say` must be text")?, item.span(), check)?;
    neutral(&text, item, check);
    let Some(how) = how else {
        return Some(Segment::Text(text));
    };
    let name = how.text(check, "`as` must be text")?;
    if !INTERPRET_AS.contains(&name) {
        check
            .fault(
                Code::SayAsUnknown,
                how.span(),
                format!("nothing can be read as `{name}`"),
            )
            .help(format!("one of {}", INTERPRET_AS.join(", ")));
        return None;
    }
    Some(Segment::As {
        how: name.to_owned(),
        text,
    })
}

/// Turns a prompt into verbs at one moment of a call.
///
/// Texts, short pauses and say-as of one prompt are one `Say`, so that a sentence is spoken as one.
///
/// # Errors
/// When a hole in a text cannot be worked out.
pub fn render(prompt: &Prompt, scope: Scope<'_>) -> Result<Vec<Verb>, Fault> {
    let mut voice = Voice {
        scope,
        language: scope.flow.language(scope.call.language),
        verbs: Vec::new(),
        open: false,
    };
    voice.prompt(prompt, 0)?;
    Ok(voice.verbs)
}

struct Voice<'a> {
    scope: Scope<'a>,
    language: &'a Language,
    verbs: Vec<Verb>,
    /// Whether the last verb is a `Say` that goes on.
    open: bool,
}

impl Voice<'_> {
    fn prompt(&mut self, prompt: &Prompt, depth: u8) -> Result<(), Fault> {
        for segment in prompt.segments(self.scope.call.language) {
            match &**segment {
                Segment::Text(template) => {
                    self.gap();
                    self.template(template, depth)?;
                }
                Segment::Recording(path) => {
                    self.verb(Verb::Play(Audio::Recording(Arc::clone(path))))
                }
                Segment::Url(url) => {
                    let url = url.fill_url(&self.scope)?;
                    self.verb(Verb::Play(Audio::Url(url)));
                }
                Segment::Pause(millis) if millis % 1000 == 0 => {
                    self.verb(Verb::Pause(millis / 1000))
                }
                Segment::Pause(millis) => self.words(Words::Break(*millis)),
                Segment::Digits(keys) => self.verb(Verb::Digits(keys.clone())),
                Segment::As { how, text } => {
                    let text = text.fill(&self.scope)?;
                    self.gap();
                    self.words(Words::As {
                        how: how.clone(),
                        text,
                    });
                }
            }
        }
        Ok(())
    }

    fn template(&mut self, template: &Template, depth: u8) -> Result<(), Fault> {
        for piece in &template.pieces {
            match piece {
                Piece::Text(text) => self.text(text),
                Piece::Name(name) => self.name(*name, depth)?,
                Piece::Expression(code) => {
                    let value = code.eval(&self.scope)?;
                    if !value.is_undefined() && !value.is_none() {
                        self.text(&Value::from(value).to_string());
                    }
                }
            }
        }
        Ok(())
    }

    /// Speaks what a name holds, in the way of its answer's type.
    fn name(&mut self, name: Name, depth: u8) -> Result<(), Fault> {
        let Some(value) = self.scope.need(name) else {
            return Ok(());
        };
        let answer = match name {
            Name::Slot(slot) => self.scope.flow.answer(slot),
            _ => None,
        };
        let Some(answer) = answer else {
            self.text(&value.to_string());
            return Ok(());
        };
        let stored = value.to_string();
        match answer.spoken.iter().find(|(of, _)| *of == stored) {
            Some((_, prompt)) if depth < MAX_DEPTH => self.prompt_inline(prompt, depth + 1),
            _ => {
                self.text(&answer.kind.speak(&value));
                Ok(())
            }
        }
    }

    /// Speaks a prompt in the middle of a sentence: no space is added before it.
    fn prompt_inline(&mut self, prompt: &Prompt, depth: u8) -> Result<(), Fault> {
        match prompt.segments(self.scope.call.language) {
            [only] if matches!(**only, Segment::Text(_)) => {
                let Segment::Text(template) = &**only else {
                    return Ok(());
                };
                self.template(template, depth)
            }
            _ => self.prompt(prompt, depth),
        }
    }

    fn verb(&mut self, verb: Verb) {
        self.verbs.push(verb);
        self.open = false;
    }

    fn say(&mut self) -> &mut Vec<Words> {
        if !self.open {
            let Language { tag, voice } = self.language;
            self.verbs.push(Verb::Say(Say {
                voice: voice.clone(),
                language: Arc::clone(tag),
                words: Vec::new(),
            }));
            self.open = true;
        }
        match self.verbs.last_mut() {
            Some(Verb::Say(say)) => &mut say.words,
            _ => unreachable!("a Say is open"),
        }
    }

    fn words(&mut self, words: Words) {
        self.say().push(words);
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.say().last_mut() {
            Some(Words::Text(so_far)) => so_far.push_str(text),
            _ => self.words(Words::Text(text.to_owned())),
        }
    }

    /// Keeps two segments of a list apart where they meet in one `Say`.
    fn gap(&mut self) {
        if !self.open {
            return;
        }
        match self.say().last_mut() {
            Some(Words::Text(so_far)) if !so_far.ends_with(char::is_whitespace) => so_far.push(' '),
            Some(Words::As { .. }) => self.words(Words::Text(" ".to_owned())),
            _ => {}
        }
    }
}

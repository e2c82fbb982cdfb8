//! Prompts: what a caller hears, by language.

use std::sync::Arc;

use super::expression::{Name, Reading};
use super::language::Language;
use super::template::Template;

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
    /// Text in a language of its own, whatever the call's is.
    In {
        /// The language, and the voice that says it.
        language: Language,
        /// SSML's `interpret-as`, where it is read in a way of its own.
        how: Option<String>,
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

    /// How many segments it has, in the language that has most.
    pub fn segments_at_most(&self) -> usize {
        self.languages.iter().map(Vec::len).max().unwrap_or(0)
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

    /// Adds what another prompt says.
    pub fn extend(&mut self, other: &Self) {
        for language in 0..self.languages.len() {
            self.extend_in(language, other);
        }
    }

    /// Adds what another prompt says in one language.
    pub fn extend_in(&mut self, language: usize, other: &Self) {
        self.languages[language].extend(other.languages[language].iter().cloned());
    }

    /// In how many languages it is.
    pub fn languages(&self) -> u8 {
        u8::try_from(self.languages.len()).unwrap_or(u8::MAX)
    }

    /// The segments in a language.
    pub fn segments(&self, language: u8) -> &[Arc<Segment>] {
        self.languages
            .get(usize::from(language))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether it is the same at every moment of every call: no text of it has a hole.
    pub fn is_fixed(&self) -> bool {
        let mut segments = self.languages.iter().flatten();
        segments.all(|segment| match &**segment {
            Segment::Text(text)
            | Segment::Url(text)
            | Segment::As { text, .. }
            | Segment::In { text, .. } => text.as_literal().is_some(),
            Segment::Recording(_) | Segment::Pause(_) | Segment::Digits(_) => true,
        })
    }

    /// The names that its texts may speak in a language in the way of their types.
    pub fn speaks(&self, language: u8) -> impl Iterator<Item = Name> {
        let texts = self.segments(language).iter();
        let texts = texts.filter_map(|segment| match &**segment {
            Segment::Text(text)
            | Segment::Url(text)
            | Segment::As { text, .. }
            | Segment::In { text, .. } => Some(text),
            Segment::Recording(_) | Segment::Pause(_) | Segment::Digits(_) => None,
        });
        texts.flat_map(Template::speaks)
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
}

impl Segment {
    fn readings(&self) -> &[Arc<Reading>] {
        match self {
            Self::Text(text) | Self::Url(text) | Self::As { text, .. } | Self::In { text, .. } => {
                &text.readings
            }
            Self::Recording(_) | Self::Pause(_) | Self::Digits(_) => &[],
        }
    }
}

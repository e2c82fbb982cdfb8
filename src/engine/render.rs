//! How a prompt becomes verbs at one moment of a call.

use std::sync::Arc;

use super::expression::{Clock, Computed, HoursAt, HoursPart, Name, Spoken};
use super::fault::Fault;
use super::flow::GuessWords;
use super::hours_now::moment;
use super::ids::Slot;
use super::language::Language;
use super::prompt::{Prompt, Segment};
use super::scope::Scope;
use super::template::{Piece, Template};
use super::turn::{Audio, Say, Verb, Words};
use super::value::Value;

/// How deep the spoken forms of answers may hold other answers.
const MAX_DEPTH: u8 = 4;

/// Turns a prompt into verbs at one moment of a call.
///
/// Texts, short pauses and say-as of one prompt are one `Say`, so that a sentence is spoken as one.
///
/// # Errors
/// When a hole in a text cannot be worked out.
pub fn render(prompt: &Prompt, scope: Scope<'_>) -> Result<Vec<Verb>, Fault> {
    let mut voice = Voice {
        scope,
        language: scope.flow.language(scope.call.language).clone(),
        verbs: Vec::new(),
        open: false,
        writes: false,
    };
    voice.prompt(prompt, 0)?;
    Ok(voice.verbs)
}

/// Turns a prompt into written words at one moment of a call: what is said of it, answers as they are stored.
///
/// # Errors
/// When a hole in a text cannot be worked out.
pub fn write(prompt: &Prompt, scope: Scope<'_>) -> Result<String, Fault> {
    let mut voice = Voice {
        scope,
        language: scope.flow.language(scope.call.language).clone(),
        verbs: Vec::new(),
        open: false,
        writes: true,
    };
    voice.prompt(prompt, 0)?;
    let mut written = String::new();
    for verb in voice.verbs {
        let Verb::Say(say) = verb else { continue };
        if !written.is_empty() && !written.ends_with(char::is_whitespace) {
            written.push(' ');
        }
        for words in say.words {
            match words {
                Words::Text(text) | Words::As { text, .. } => written.push_str(&text),
                Words::Break(_) => {}
            }
        }
    }
    Ok(written.trim().to_owned())
}

/// What a caller is asked about who has perhaps said something.
#[derive(Clone, Copy, Debug)]
pub enum GuessedWords<'a> {
    /// The words of a key.
    Key(&'a str),
    /// A value that was to be entered, and the answer that it is for.
    Entry(Slot, &'a Value),
}

/// The question whether that was meant, and which key says so.
///
/// # Errors
/// When the words of a value cannot be worked out.
pub fn render_guess(
    words: &GuessWords,
    guessed: GuessedWords<'_>,
    key: &str,
    scope: Scope<'_>,
) -> Result<Vec<Verb>, Fault> {
    let mut voice = Voice {
        scope,
        language: scope.flow.language(scope.call.language).clone(),
        verbs: Vec::new(),
        open: false,
        writes: false,
    };
    voice.prompt(&words.was_that, 0)?;
    voice.gap();
    match guessed {
        GuessedWords::Key(words) => voice.text(words),
        GuessedWords::Entry(slot, value) => voice.value(slot, value)?,
    }
    voice.text("?");
    voice.prompt(&words.press, 0)?;
    voice.gap();
    voice.text(key);
    voice.prompt(&words.or_say_yes, 0)?;
    Ok(voice.verbs)
}

struct Voice<'a> {
    scope: Scope<'a>,
    /// The language of what is said next, and its voice.
    language: Language,
    verbs: Vec<Verb>,
    /// Whether the last verb is a `Say` that goes on.
    open: bool,
    /// Whether it is read and not heard: values stand as they are stored.
    writes: bool,
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
                    self.verb(Verb::Play(Audio::Recording(Arc::clone(path))));
                }
                Segment::Url(url) => {
                    let url = url.fill_url(&self.scope)?;
                    self.verb(Verb::Play(Audio::Url(url)));
                }
                Segment::Pause(millis) if millis % 1000 == 0 => {
                    self.verb(Verb::Pause(millis / 1000));
                }
                Segment::Pause(millis) => self.words(Words::Break(*millis)),
                Segment::Digits(keys) => self.verb(Verb::Digits(keys.clone())),
                Segment::As { how, text } => self.read_as(how, text)?,
                Segment::In {
                    language,
                    how,
                    text,
                } => self.in_language(language, how.as_deref(), text, depth)?,
            }
        }
        Ok(())
    }

    /// Says a text that is read in a way of its own.
    fn read_as(&mut self, how: &str, text: &Template) -> Result<(), Fault> {
        let text = text.fill(&self.scope)?;
        self.gap();
        self.words(Words::As {
            how: how.to_owned(),
            text,
        });
        Ok(())
    }

    /// Says a text in a language of its own.
    fn in_language(
        &mut self,
        language: &Language,
        how: Option<&str>,
        text: &Template,
        depth: u8,
    ) -> Result<(), Fault> {
        let outer = std::mem::replace(&mut self.language, language.clone());
        self.open = false;
        let said = match how {
            Some(how) => self.read_as(how, text),
            None => self.template(text, depth),
        };
        self.open = false;
        self.language = outer;
        said
    }

    fn template(&mut self, template: &Template, depth: u8) -> Result<(), Fault> {
        let scope = self.scope;
        for piece in &template.pieces {
            let code = match piece {
                Piece::Text(text) => {
                    self.text(text);
                    continue;
                }
                Piece::Hole(code) => code,
            };
            match code.spoken(&scope)? {
                None => {}
                Some(Spoken::Name(name, value)) => self.name(name, value, depth)?,
                Some(Spoken::Value(value)) => self.text(&value.into_text()),
                Some(Spoken::As(how, text)) => self.words(Words::As {
                    how: how.to_owned(),
                    text: text.into_owned(),
                }),
            }
        }
        Ok(())
    }

    /// Speaks what a name holds, in the way of its type.
    fn name(&mut self, name: Name, value: Computed<'_>, depth: u8) -> Result<(), Fault> {
        if let Name::Hours(at, HoursPart::Opens | HoursPart::Closes) = name {
            return self.moment(at, &value.into_text(), depth);
        }
        if name == Name::Now(Clock::Weekday) {
            return self.weekday(&value.into_text(), depth);
        }
        let declared = match name {
            Name::Slot(slot) => self.scope.flow.declared(slot),
            _ => None,
        };
        let Some(of) = declared else {
            self.text(&value.into_text());
            return Ok(());
        };
        let value = Value::from(value);
        let stored = value.to_string();
        match of.spoken.iter().find(|(value, _)| *value == stored) {
            Some((_, prompt)) if depth < MAX_DEPTH => self.prompt_inline(prompt, depth + 1),
            _ if self.writes => {
                self.text(&stored);
                Ok(())
            }
            _ => {
                let words = of.kind.speak(&value, &self.language.tag);
                self.text(&words);
                Ok(())
            }
        }
    }

    /// Speaks a value of an answer.
    fn value(&mut self, slot: Slot, value: &Value) -> Result<(), Fault> {
        let stored = value.to_string();
        let Some(of) = self.scope.flow.declared(slot) else {
            self.text(&stored);
            return Ok(());
        };
        match of.spoken.iter().find(|(known, _)| *known == stored) {
            Some((_, prompt)) => self.prompt_inline(prompt, 1),
            None => {
                let words = of.kind.speak(value, &self.language.tag);
                self.text(&words);
                Ok(())
            }
        }
    }

    /// Speaks the day of the week by its word in the language of the call.
    fn weekday(&mut self, day: &str, depth: u8) -> Result<(), Fault> {
        let words = self.scope.flow.moment_words.as_ref();
        let place = Clock::WEEKDAYS.iter().position(|known| *known == day);
        match words.zip(place) {
            Some((words, place)) => self.prompt_inline(&words.weekdays[place], depth + 1),
            None => {
                self.text(day);
                Ok(())
            }
        }
    }

    /// Speaks a moment: the day as callers call it, and the hour.
    fn moment(&mut self, of: HoursAt, stored: &str, depth: u8) -> Result<(), Fault> {
        let scope = self.scope;
        let clock = scope.hours(of).map(|hours| hours.clock(scope.now));
        let (Some(words), Some(clock), Some(at)) =
            (&scope.flow.moment_words, clock, moment(stored))
        else {
            self.text(stored);
            return Ok(());
        };
        let days = (at.date() - clock.date()).get_days();
        let weekday = at.weekday().to_monday_zero_offset() as usize;
        let day = match days {
            0 => &words.today,
            1 => &words.tomorrow,
            _ => &words.weekdays[weekday],
        };
        self.prompt_inline(day, depth + 1)?;
        if days > 6 {
            self.text(&format!(", {}", at.date()));
        }
        self.text(" ");
        self.prompt_inline(&words.at, depth + 1)?;
        self.text(&at.strftime(" %-H:%M").to_string());
        Ok(())
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
            let Language { tag, voice } = &self.language;
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

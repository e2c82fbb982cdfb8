//! Compiles prompts: their texts against the names of the flow, other prompts that they name, recordings that they play.

use std::sync::Arc;

use super::super::language::Language;
use super::super::prompt::{Prompt, Segment};
use super::super::template::{Piece, Template};
use super::Checker;
use super::language::of_piece;
use super::words::{self, Placed, pieces};
use crate::written::diag::{Diag, Place};
use crate::written::{Code, Explain, Faults, Item};

/// The most pieces of a prompt that names others: these can double with each one that names them.
const MAX_SEGMENTS: usize = 10_000;

impl Prompt {
    /// Reads a prompt as written: text, `"@id"`, a segment, or a list of these.
    pub fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        let written = pieces(item, check);
        if written.is_empty() {
            check.says_nothing(item.span());
        }
        let mut prompt = Self::empty(check.languages.len());
        let mut sound = true;
        for piece in written {
            sound &= piece.and_then(|piece| prompt.add(piece, check)).is_some();
        }
        sound.then_some(prompt)
    }

    /// Reads a prompt of a manifest. What is wrong with its form has been told where the manifest was read, and is left
    /// out.
    pub(super) fn parse_of_manifest(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        let mut prompt = Self::empty(check.languages.len());
        let mut sound = true;
        for piece in pieces(item, &mut Told::default()).into_iter().flatten() {
            sound &= prompt.add(piece, check).is_some();
        }
        sound.then_some(prompt)
    }

    fn add(&mut self, piece: words::Piece<'_>, check: &mut Checker) -> Option<()> {
        let segment = match piece {
            words::Piece::Named((id, item)) => {
                let prompt = check.prompt(id, item.span())?;
                if self.segments_at_most() + prompt.segments_at_most() > MAX_SEGMENTS {
                    check
                        .fault(
                            Code::PromptTooDeep,
                            item.span(),
                            format!("with `@{id}` this prompt has more than {MAX_SEGMENTS} pieces"),
                        )
                        .help("name each prompt fewer times: nobody hears that many");
                    return None;
                }
                self.extend(&prompt);
                return Some(());
            }
            words::Piece::Text(text) => spoken(text, check)?,
            words::Piece::Pause(millis, item) => {
                rounded(millis, item, check);
                Segment::Pause(millis)
            }
            words::Piece::Digits(keys) => Segment::Digits(keys.to_owned()),
            words::Piece::Url((url, item)) => {
                Segment::Url(Template::told(url, item.span(), check)?)
            }
            words::Piece::Recording(path, words) => recording(path, words, check)?,
            words::Piece::Say {
                text,
                how,
                language,
                voice,
            } => {
                let of = of_piece(language, voice, check);
                say(text, how, of, check)?
            }
        };
        self.push(segment);
        Some(())
    }
}

/// Takes what has been told already.
#[derive(Default)]
struct Told(Option<Diag>);

impl Faults for Told {
    fn fault(&mut self, code: Code, span: std::ops::Range<usize>, message: String) -> &mut Diag {
        let file = Arc::from("");
        self.0
            .insert(Diag::new(code, Place { file, span }, message))
    }

    fn takes_notes(&self) -> bool {
        true
    }
}

/// Text that is spoken as it stands.
fn spoken((text, item): Placed<'_>, check: &mut Checker) -> Option<Segment> {
    let template = Template::spoken(text, item.span(), check)?;
    check.says(&template);
    if check.spoken_text(text, item) {
        neutral(&template, item, check);
    }
    Some(Segment::Text(template))
}

/// Text that is said in every language of the flow should not be in one of them.
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

/// Warns about a pause that a voice of the flow cannot make as short.
fn rounded(millis: u32, item: Item<'_>, check: &mut Checker) {
    let rounds = |language: &&Language| !millis.is_multiple_of(1000) && !language.has_ssml();
    let tag = check
        .languages
        .iter()
        .find(rounds)
        .map(|language| Arc::clone(&language.tag));
    if let Some(tag) = tag {
        let message = format!(
            "this pause may be rounded up to {} s: the voice of {tag} knows whole seconds only",
            millis.div_ceil(1000)
        );
        check
            .fault(Code::PauseRounded, item.span(), message)
            .help("write whole seconds, or name a voice of Polly or Google");
    }
}

/// A recording of ours, by its path in the manifest's folder. Of a manifest it has been told that one cannot be played;
/// its words stand in for it.
fn recording(
    (written, item): Placed<'_>,
    words: Option<Placed<'_>>,
    check: &mut Checker,
) -> Option<Segment> {
    let text = words.map(|(text, _)| text.to_owned());
    let known = check.used.recordings.entry(written.to_owned()).or_default();
    if text.is_some() {
        *known = text;
    }
    if let Some(sound) = check.bundle.sounds.get(written) {
        return Some(Segment::Recording(Arc::clone(&sound.path)));
    }
    if check.file != check.bundle.file {
        return match words {
            Some(words) => spoken(words, check),
            None => Some(Segment::Text(Template::literal(""))),
        };
    }
    let unplayable = check.bundle.unplayable.get(written);
    let (code, message, help) = match unplayable {
        Some(fault) => (fault.code, fault.message.clone(), fault.help.clone()),
        None => (
            Code::AudioMissing,
            format!("there is no recording `{written}`"),
            String::new(),
        ),
    };
    let help = match help.as_str() {
        "" => "a recording is a file of the audio manifest's folder, or begins with `https://`"
            .to_owned(),
        _ => help,
    };
    check.fault(code, item.span(), message).help(help);
    None
}

/// Text that may be in a language of its own, and read in a way of its own.
fn say(
    (source, item): Placed<'_>,
    how: Option<&str>,
    language: Result<Option<Language>, ()>,
    check: &mut Checker,
) -> Option<Segment> {
    let is_sound = check.spoken_text(source, item);
    let text = match how {
        Some(_) => Template::told(source, item.span(), check)?,
        None => Template::spoken(source, item.span(), check)?,
    };
    if how.is_none() {
        check.says(&text);
    }
    let how = how.map(str::to_owned);
    if let Some(language) = language.ok()? {
        return Some(Segment::In {
            language,
            how,
            text,
        });
    }
    if is_sound {
        neutral(&text, item, check);
    }
    Some(match how {
        Some(how) => Segment::As { how, text },
        None => Segment::Text(text),
    })
}

//! Reads prompts: text, `"@id"`, or a list of segments.

use std::sync::Arc;

use super::super::keys::shared::INTERPRET_AS;
use super::super::language::Language;
use super::super::prompt::{Prompt, Segment};
use super::super::template::{Piece, Template};
use super::Checker;
use super::language::of_piece;
use super::url::is_url;
use crate::written::{Code, Explain, Item, Table};

/// The longest pause, in milliseconds.
const MAX_PAUSE: f64 = 600_000.0;

impl Prompt {
    /// Reads a prompt as written: text, `"@id"`, or a list of segments.
    pub fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        let mut prompt = Self::empty(check.languages.len());
        let mut sound = true;
        let segments = item.entries().unwrap_or_else(|| vec![item]);
        if segments.is_empty() {
            check.says_nothing(item.span());
        }
        for segment in segments {
            sound &= prompt.add(segment, check).is_some();
        }
        sound.then_some(prompt)
    }

    fn add(&mut self, item: Item<'_>, check: &mut Checker) -> Option<()> {
        let reference = item
            .value
            .as_str()
            .and_then(|text| text.strip_prefix('@'))
            .filter(|id| !id.starts_with('@'));
        if let Some(id) = reference {
            let prompt = check.prompt(id, item.span())?;
            self.extend(&prompt);
        } else {
            self.push(Segment::parse(item, check)?);
        }
        Some(())
    }
}

impl Segment {
    fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        if let Some(text) = item.value.as_str() {
            let text = if text.starts_with("@@") {
                &text[1..]
            } else {
                text
            };
            let template = Template::spoken(text, item.span(), check)?;
            check.says(&template);
            if check.spoken_text(text, item) {
                neutral(&template, item, check);
            }
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
        let segment = match *kind {
            "pause" => pause(*value, check).map(Self::Pause),
            "audio" => audio(*value, check),
            "digits" => digits(*value, check).map(Self::Digits),
            _ => say(*value, &table, check),
        };
        table.finish(check, "this segment");
        segment
    }
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
    let help = "begin it with `https://` and a host; a recording of your own belongs into the audio manifest";
    if !is_url(url, item, help, check) {
        return None;
    }
    Template::told(url, item.span(), check).map(Segment::Url)
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

/// Text that may be in a language of its own, and read in a way of its own.
fn say(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Segment> {
    let source = item.text(check, "`say` must be text")?;
    let is_sound = check.spoken_text(source, item);
    let how = table.get("as").map(|how| interpret_as(how, check));
    let language = of_piece(table, check).ok()?;
    let text = match how {
        Some(_) => Template::told(source, item.span(), check)?,
        None => Template::spoken(source, item.span(), check)?,
    };
    if how.is_none() {
        check.says(&text);
    }
    let how = match how {
        Some(how) => Some(how?),
        None => None,
    };
    if let Some(language) = language {
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

/// The way in which a text is read.
fn interpret_as(how: Item<'_>, check: &mut Checker) -> Option<String> {
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
    Some(name.to_owned())
}

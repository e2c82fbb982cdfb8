//! How a prompt is written, in a flow and in a manifest alike: text, `"@id"`, a segment, or a list of these. Reads the form,
//! with all that can be wrong in it; what a text means is for who compiles it.

use super::super::keys::shared::{INTERPRET_AS, PIECE_LANGUAGE, PIECE_VOICE};
use super::url::is_url;
use crate::written::diag::nearest;
use crate::written::{Code, Explain, Faults, Item, Table};

/// What makes a table a segment.
pub const KINDS: [&str; 5] = ["pause", "audio", "digits", "say", "text"];

/// The longest pause, in milliseconds.
const MAX_PAUSE: f64 = 600_000.0;

/// A text and where it stands.
pub type Placed<'a> = (&'a str, Item<'a>);

/// A piece of a prompt, as written.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'a> {
    /// Spoken text.
    Text(Placed<'a>),
    /// Another prompt, by its id.
    Named(Placed<'a>),
    /// Silence, in milliseconds.
    Pause(u32, Item<'a>),
    /// Keys, sounded.
    Digits(&'a str),
    /// Somebody's audio, at a URL.
    Url(Placed<'a>),
    /// A recording of ours by its path in the manifest's folder, and its words.
    Recording(Placed<'a>, Option<Placed<'a>>),
    /// Text in a way or a language of its own.
    Say {
        /// The text.
        text: Placed<'a>,
        /// SSML's `interpret-as`.
        how: Option<&'a str>,
        /// The tag of the language.
        language: Option<Item<'a>>,
        /// Who speaks it.
        voice: Option<Item<'a>>,
    },
}

/// The pieces of a prompt, each faulty one as nothing; none at all of an empty list.
pub fn pieces<'a>(item: Item<'a>, check: &mut (impl Faults + ?Sized)) -> Vec<Option<Piece<'a>>> {
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    entries
        .into_iter()
        .map(|entry| piece(entry, check))
        .collect()
}

/// Whether a table is a segment: the value of a key that makes it one is a value, and no table of further names.
pub fn is_segment(table: &toml::de::DeTable<'_>) -> bool {
    KINDS.iter().any(|kind| {
        table
            .get(*kind)
            .is_some_and(|value| !value.get_ref().is_table())
    })
}

fn piece<'a>(item: Item<'a>, check: &mut (impl Faults + ?Sized)) -> Option<Piece<'a>> {
    if let Some(text) = item.value.as_str() {
        return Some(match text.strip_prefix('@') {
            Some(literal) if literal.starts_with('@') => Piece::Text((literal, item)),
            Some(id) => Piece::Named((id, item)),
            None => Piece::Text((text, item)),
        });
    }
    let table = item.table(
        check,
        "a prompt must be text, `\"@id\"`, or a list of segments",
    )?;
    let named: Vec<_> = KINDS
        .iter()
        .filter_map(|kind| Some((*kind, table.get(kind)?)))
        .collect();
    let piece = match named.as_slice() {
        [("pause", value)] => pause(*value, check).map(|millis| Piece::Pause(millis, *value)),
        [("digits", value)] => digits(*value, check).map(Piece::Digits),
        [("say", value)] => say(*value, &table, check),
        [("text", value)] => text(*value, check).map(Piece::Text),
        [("audio", value)] => audio(*value, None, check),
        [("audio", value), ("text", words)] => {
            let words = text(*words, check);
            audio(*value, words, check)
        }
        several => {
            unclear(item, &table, several, check);
            return None;
        }
    };
    table.finish(check, "this segment");
    piece
}

fn unclear(
    item: Item<'_>,
    table: &Table<'_>,
    named: &[(&str, Item<'_>)],
    check: &mut (impl Faults + ?Sized),
) {
    let near = || table.names().find_map(|name| nearest(name, KINDS));
    let (message, near) = match named {
        [(one, _), (other, _), ..] => (format!("this segment is both `{one}` and `{other}`"), None),
        _ => ("this segment says nothing".to_owned(), near()),
    };
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a segment has one of `pause`, `audio`, `digits`, `say` and `text`, or `text` with `audio`; several stand in a list".to_owned(),
    };
    check
        .fault(Code::SegmentUnclear, item.span(), message)
        .help(help);
}

fn text<'a>(item: Item<'a>, check: &mut (impl Faults + ?Sized)) -> Option<Placed<'a>> {
    Some((item.text(check, "`text` must be text")?, item))
}

fn pause(item: Item<'_>, check: &mut (impl Faults + ?Sized)) -> Option<u32> {
    let millis = item
        .time(check, "`pause` must be a time such as \"1s\" or \"500ms\"")?
        .as_secs_f64()
        * 1000.0;
    if !(1.0..=MAX_PAUSE).contains(&millis) {
        let message = "a pause must last from \"1ms\" to \"600s\"".to_owned();
        check.fault(Code::ValueOutOfRange, item.span(), message);
        return None;
    }
    Some(millis as u32)
}

fn digits<'a>(item: Item<'a>, check: &mut (impl Faults + ?Sized)) -> Option<&'a str> {
    let keys = item.text(check, "`digits` must be text")?;
    if keys.is_empty() || !keys.chars().all(|key| "0123456789ABCD#*wW".contains(key)) {
        let message = format!("`{keys}` cannot be sounded");
        check
            .fault(Code::KeysIllegal, item.span(), message)
            .help("use 0-9, A-D, # and *; `w` waits half a second, `W` a second");
        return None;
    }
    Some(keys)
}

/// A recording of ours is named by a path, anybody's by a URL.
fn audio<'a>(
    item: Item<'a>,
    words: Option<Placed<'a>>,
    check: &mut (impl Faults + ?Sized),
) -> Option<Piece<'a>> {
    let what = "`audio` must be text: a file of the manifest's folder, or a URL";
    let written = item.text(check, what)?;
    if !written.contains("://") && !written.contains("{{") {
        return Some(Piece::Recording((written, item), words));
    }
    let help = "begin it with `https://` and a host; a recording of your own is a file of the manifest's folder";
    is_url(written, item, help, check).then_some(Piece::Url((written, item)))
}

/// Text that may be in a language of its own, and read in a way of its own.
fn say<'a>(
    item: Item<'a>,
    table: &Table<'a>,
    check: &mut (impl Faults + ?Sized),
) -> Option<Piece<'a>> {
    let how = table.get("as").map(|how| interpret_as(how, check));
    let language = table.get(PIECE_LANGUAGE.name);
    let voice = table.get(PIECE_VOICE.name);
    let text = item.text(check, "`say` must be text")?;
    let how = match how {
        Some(how) => Some(how?),
        None => None,
    };
    Some(Piece::Say {
        text: (text, item),
        how,
        language,
        voice,
    })
}

/// The way in which a text is read.
fn interpret_as<'a>(how: Item<'a>, check: &mut (impl Faults + ?Sized)) -> Option<&'a str> {
    let name = how.text(check, "`as` must be text")?;
    if !INTERPRET_AS.contains(&name) {
        let message = format!("nothing can be read as `{name}`");
        check
            .fault(Code::SayAsUnknown, how.span(), message)
            .help(format!("one of {}", INTERPRET_AS.join(", ")));
        return None;
    }
    Some(name)
}

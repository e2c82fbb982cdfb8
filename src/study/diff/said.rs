//! What a prompt says in a language, as a person reads it, and where each piece of it stands.

use std::sync::Arc;

use toml::de::DeTable;

use crate::engine::answers::spoken_by;
use crate::engine::diag::Place;
use crate::engine::flow::{Audio, Bundle, Entry};
use crate::engine::own_prompts::shipped;
use crate::written::{Item, Table};

/// How deep prompts may be made of others; deeper ones are cut.
const MAX_DEPTH: u8 = 16;
/// The most pieces of a prompt; longer ones are cut.
const MAX_PIECES: usize = 10_000;

/// A piece of what is said.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Its words; what is no words stands in round brackets.
    pub text: String,
    /// What is played in their place: a path below `/audio/`, or a URL.
    pub recording: Option<String>,
    /// Where it stands.
    pub at: Place,
}

/// Reads prompts of one version.
pub struct Speech<'a> {
    prompts: Option<&'a DeTable<'a>>,
    answers: Option<&'a DeTable<'a>>,
    steps: Option<&'a DeTable<'a>>,
    bundle: &'a Bundle,
}

impl<'a> Speech<'a> {
    /// Of a flow, by its file's tables.
    pub fn new(top: &Table<'a>, bundle: &'a Bundle) -> Self {
        let table = |name: &str| top.peek(name).and_then(|item| item.value.as_table());
        Self {
            prompts: table("prompts"),
            answers: table("answers"),
            steps: table("steps"),
            bundle,
        }
    }

    /// What a prompt says that stands in the flow.
    pub fn of_item(&self, item: Item<'a>, language: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let from = (language, &self.bundle.file);
        self.add(item, from, 0, &mut pieces);
        pieces
    }

    /// What a prompt of Hookswitch's own says: what the flow or the manifest has in its place, else what is shipped.
    pub fn of_own(&self, id: &str, language: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        self.named(id, language, 0, &mut pieces);
        if pieces.is_empty() {
            let at = Place {
                file: self.bundle.file.clone(),
                span: 0..0,
            };
            pieces.extend(shipped(language, id).map(|text| Piece {
                text: readable(text),
                recording: None,
                at,
            }));
        }
        pieces
    }

    /// The prompt by which a value of an answer is spoken.
    pub fn of_value(&self, answer: &str, value: &str) -> Option<Item<'a>> {
        let table = |from: Option<&'a DeTable<'a>>, name: &str| {
            let item = Table::new(from?, 0..0).peek(name)?;
            Some(Table::new(item.value.as_table()?, item.span()))
        };
        let asks = |step: &Table<'a>| {
            let into = step.peek("into").and_then(|into| into.value.as_str());
            into == Some(answer)
        };
        let promised = table(self.answers, answer);
        let names = self.steps.into_iter().flat_map(|steps| steps.keys());
        let steps = names.filter_map(|name| table(self.steps, name.get_ref()));
        let all = promised.into_iter().chain(steps.filter(asks));
        let mut spoken = all.flat_map(|table| spoken_by(&table));
        let found = spoken.find(|(of, _)| of == value);
        found.map(|(_, prompt)| prompt)
    }

    /// Adds what an item of a file says in a language.
    fn add(&self, item: Item<'_>, from: (&str, &Arc<str>), depth: u8, out: &mut Vec<Piece>) {
        if depth > MAX_DEPTH || out.len() > MAX_PIECES {
            return;
        }
        if let Some(text) = item.value.as_str() {
            match text.strip_prefix('@') {
                Some(literal) if literal.starts_with('@') => words_of(literal, item, from.1, out),
                Some(id) => self.named(id, from.0, depth + 1, out),
                None => words_of(text, item, from.1, out),
            }
        } else if let Some(entries) = item.entries() {
            for entry in entries {
                self.add(entry, from, depth + 1, out);
            }
        } else if let Some(table) = item.value.as_table() {
            let recording = self.recording(table);
            words_of(&segment(table), item, from.1, out);
            if let Some(piece) = out.last_mut() {
                piece.recording = recording;
            }
        }
    }

    /// What a segment plays: a path below `/audio/`, or a URL.
    fn recording(&self, table: &DeTable<'_>) -> Option<String> {
        let written = table.get("audio")?.get_ref().as_str()?;
        let sound = self.bundle.sounds.get(written);
        Some(sound.map_or_else(|| written.to_owned(), |sound| sound.path.to_string()))
    }

    /// A prompt of the flow, else of the manifest.
    fn named(&self, id: &str, language: &str, depth: u8, out: &mut Vec<Piece>) {
        let own = self
            .prompts
            .and_then(|prompts| own(prompts, id))
            .and_then(|item| in_language(item, language));
        match own {
            Some(item) => self.add(item, (language, &self.bundle.file), depth, out),
            None => self.entry(id, language, depth, out),
        }
    }

    fn entry(&self, id: &str, language: &str, depth: u8, out: &mut Vec<Piece>) {
        let mut catalogues = self.bundle.catalogues.iter();
        let catalogue = catalogues.find(|catalogue| catalogue.language == language);
        let entry = catalogue.and_then(|catalogue| Some((catalogue, catalogue.entries.get(id)?)));
        let Some((catalogue, entry)) = entry else {
            return;
        };
        if let Some(words) = &entry.words {
            let value = words.to_toml();
            let item = Item {
                value: value.get_ref(),
                start: words.at.0,
                end: words.at.1,
                key: entry.at,
            };
            self.add(item, (language, &catalogue.file), depth, out);
            return;
        }
        out.push(kept(entry, &catalogue.file));
    }
}

/// Adds words that stand in a file.
fn words_of(text: &str, item: Item<'_>, file: &Arc<str>, out: &mut Vec<Piece>) {
    let at = Place {
        file: Arc::clone(file),
        span: item.span(),
    };
    out.push(Piece {
        text: readable(text),
        recording: None,
        at,
    });
}

/// What a prompt of a manifest says as the releases before kept it.
fn kept(entry: &Entry, file: &Arc<str>) -> Piece {
    let recording = entry.audio.as_ref().map(|audio| match audio {
        Audio::Recording(path) => path.to_string(),
        Audio::Url(url) => url.clone(),
    });
    let text = entry.text.as_deref().map(readable);
    let text =
        text.unwrap_or_else(|| format!("(recording {})", recording.as_deref().unwrap_or_default()));
    let at = Place {
        file: Arc::clone(file),
        span: entry.at.0..entry.at.1,
    };
    Piece {
        text,
        recording,
        at,
    }
}

/// `"kind.ask" = …` and `kind.ask = …` name the same prompt.
fn own<'a>(table: &'a DeTable<'a>, id: &str) -> Option<Item<'a>> {
    let nested = || {
        let ends = id.match_indices('.').map(|(at, _)| at);
        ends.into_iter()
            .find_map(|at| own(table.get(&id[..at])?.get_ref().as_table()?, &id[at + 1..]))
    };
    Table::new(table, 0..0).peek(id).or_else(nested)
}

/// The words of a prompt of the flow in a language; the prompt itself where they are the same in all.
fn in_language<'a>(item: Item<'a>, language: &str) -> Option<Item<'a>> {
    match item
        .value
        .as_table()
        .filter(|table| segment_kind(table).is_none())
    {
        Some(table) => Table::new(table, item.span()).peek(language),
        None => Some(item),
    }
}

fn segment_kind(table: &DeTable<'_>) -> Option<(&'static str, String)> {
    let kinds = ["text", "pause", "audio", "digits", "say"];
    kinds
        .into_iter()
        .find_map(|kind| Some((kind, table.get(kind)?.get_ref().as_str()?.to_owned())))
}

fn segment(table: &DeTable<'_>) -> String {
    let text = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str());
    let ways = [
        ("as", text("as")),
        ("in", text("language")),
        ("by", text("voice")),
    ];
    let ways = ways
        .into_iter()
        .filter_map(|(word, way)| Some(format!("{word} {}", way?)));
    let ways: Vec<String> = ways.collect();
    let how = (!ways.is_empty()).then(|| ways.join(" "));
    match (segment_kind(table), how) {
        (Some(("say", text)), Some(how)) => format!("{text} ({how})"),
        (Some(("say" | "text", text)), _) => text,
        (Some(("digits", keys)), _) => format!("(keys {keys})"),
        (Some((kind, value)), _) => format!("({kind} {value})"),
        (None, _) => String::new(),
    }
}

/// Text with every stretch of white space as one space, and holes all written alike.
fn readable(text: &str) -> String {
    let text = text.replace("{{", "{{ ").replace("}}", " }}");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of pieces, one after another.
pub fn words(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| piece.text.as_str())
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What is played of pieces.
pub fn recordings(pieces: &[Piece]) -> Vec<String> {
    pieces
        .iter()
        .filter_map(|piece| piece.recording.clone())
        .collect()
}

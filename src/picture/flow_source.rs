//! The author's words about a step, read from the source of a flow that has been checked.

use crate::engine::flow::{Bundle, Flow, own_name};
use crate::engine::key::run;
use crate::engine::manifest_value::{Kind, ManifestValue};
use crate::engine::steps::{KINDS, LATER, QUALIFIERS};
use toml::{Table, Value};

/// The longest text that is kept of a step, in characters: pictures show less.
const MAX_WORDS: usize = 160;

/// A flow as its author wrote it.
pub struct FlowSource<'a> {
    source: Table,
    /// Those of the flows that are gone through, by what stands before their names.
    inner: Vec<(&'a str, Table)>,
    bundle: &'a Bundle,
    language: &'a str,
}

impl<'a> FlowSource<'a> {
    /// Reads it. The flow was loaded from it, so that it is TOML; if it is not, the picture lacks words.
    pub fn read(flow: &'a Flow, bundle: &'a Bundle) -> Self {
        Self {
            source: bundle.source.parse().unwrap_or_default(),
            inner: flow
                .subflows
                .iter()
                .filter_map(|of| {
                    let file = bundle.flows.get(&of.flow)?;
                    Some((of.prefix.as_str(), file.source.parse().unwrap_or_default()))
                })
                .collect(),
            bundle,
            language: &flow.languages[0].tag,
        }
    }

    /// The file that a step stands in, and the step's name there.
    fn file_of<'n>(&self, name: &'n str) -> (&Table, &'n str) {
        let own = own_name(name);
        let prefix = &name[..name.len() - own.len()];
        let mut inner = self.inner.iter();
        match inner.find(|(other, _)| *other == prefix) {
            Some((_, source)) => (source, own),
            None => (&self.source, name),
        }
    }

    fn step(&self, name: &str) -> Option<&Table> {
        let (source, name) = self.file_of(name);
        source.get("steps")?.get(name)?.as_table()
    }

    /// The action of a step, as the flow names it.
    pub fn action(&self, name: &str) -> String {
        let Some(step) = self.step(name) else {
            return String::new();
        };
        let known = KINDS.iter().map(|kind| kind.name).chain(LATER);
        let mut all: Vec<&str> = known.filter(|action| step.contains_key(*action)).collect();
        all.sort_by_key(|action| QUALIFIERS.contains(action));
        all.first().map(ToString::to_string).unwrap_or_default()
    }

    /// What its action is about.
    pub fn words(&self, name: &str, action: &str) -> String {
        let Some(value) = self.step(name).and_then(|step| step.get(action)) else {
            return String::new();
        };
        let text = match (action, value) {
            ("branch", _) => String::new(),
            ("set", Value::Table(table)) => settings(table),
            ("forget", value) => texts(value).join(", "),
            ("submit", Value::Table(table)) => {
                let partial = table.get("partial").and_then(Value::as_bool) == Some(true);
                let to = table.get("to").and_then(Value::as_str).unwrap_or_default();
                let answers = table.get("answers").map(texts).unwrap_or_default();
                let only = if answers.is_empty() {
                    String::new()
                } else {
                    format!(", only {}", answers.join(", "))
                };
                let so_far = if partial {
                    ", what there is so far"
                } else {
                    ""
                };
                format!("to {to}{only}{so_far}")
            }
            ("submit", Value::String(to)) => format!("to {to}"),
            (_, value) => self.prompt(self.file_of(name).0, value, 0),
        };
        shorten(&holes(&text), MAX_WORDS)
    }

    /// What a key of a menu stores or sets, or the condition of a branch.
    pub fn of_edge(&self, step: &str, on: &str) -> Option<String> {
        let step = self.step(step)?;
        if let Some(keys) = on.strip_prefix("keys.") {
            let all = step.get("keys")?.as_table()?;
            let key = all
                .iter()
                .find(|(name, _)| run(name).iter().any(|one| one == keys))?
                .1
                .as_table()?;
            let set = || key.get("set").and_then(Value::as_table).map(settings);
            return key.get("value").map(plain).or_else(set);
        }
        condition(step, on)
    }

    /// The condition of a way, where it has one.
    pub fn condition(&self, step: &str, on: &str) -> Option<String> {
        condition(self.step(step)?, on)
    }

    /// What a prompt says in the language that a call begins in.
    fn prompt(&self, file: &Table, value: &Value, depth: u8) -> String {
        match value {
            // A prompt is never made of itself, but one that is broken ends here.
            _ if depth > 8 => String::new(),
            Value::String(text) => match text.strip_prefix('@') {
                Some(literal) if literal.starts_with('@') => literal.to_owned(),
                Some(id) => self.named(file, id, depth),
                None => text.clone(),
            },
            Value::Array(parts) => {
                let parts = parts.iter().map(|part| self.prompt(file, part, depth + 1));
                parts
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(" ")
            }
            Value::Table(table) if table.contains_key("pause") => String::new(),
            // A recording has its words beside it.
            Value::Table(table) => table
                .get("text")
                .or_else(|| table.values().find(|value| value.is_str()))
                .map(|text| self.prompt(file, text, depth + 1))
                .unwrap_or_default(),
            Value::Boolean(_) => String::new(),
            other => plain(other),
        }
    }

    /// A prompt by its id: the flow's own, else the manifest's.
    fn named(&self, file: &Table, id: &str, depth: u8) -> String {
        if let Some(own) = file
            .get("prompts")
            .and_then(Value::as_table)
            .and_then(|table| own(table, id))
        {
            match own.as_table().and_then(|table| table.get(self.language)) {
                Some(words) => return self.prompt(file, words, depth + 1),
                None if !own.is_table() || is_segment(own) => {
                    return self.prompt(file, own, depth + 1);
                }
                None => {}
            }
        }
        let catalogue = self
            .bundle
            .catalogues
            .iter()
            .find(|catalogue| catalogue.language == self.language);
        let entry = catalogue.and_then(|catalogue| catalogue.entries.get(id));
        let words = entry.and_then(|entry| {
            let written = entry.words.as_ref().map(written);
            let now = written.map(|words| self.prompt(file, &words, depth + 1));
            now.or_else(|| entry.text.clone())
        });
        words.unwrap_or_else(|| format!("@{id}"))
    }
}

/// A prompt of a manifest as TOML.
fn written(words: &ManifestValue) -> Value {
    match &words.what {
        Kind::Text(text) => Value::String(text.clone()),
        Kind::List(parts) => Value::Array(parts.iter().map(written).collect()),
        Kind::Table(keys) => {
            let keys = keys
                .iter()
                .map(|(key, _, value)| (key.clone(), written(value)));
            Value::Table(keys.collect())
        }
    }
}

/// `"kind.ask" = …` and `kind.ask = …` name the same prompt.
fn own<'a>(table: &'a Table, id: &str) -> Option<&'a Value> {
    let nested = || {
        let (first, rest) = id.split_once('.')?;
        own(table.get(first)?.as_table()?, rest)
    };
    table.get(id).or_else(nested)
}

fn is_segment(value: &Value) -> bool {
    ["audio", "digits", "say", "text"]
        .iter()
        .any(|key| value.get(key).is_some())
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().map_or_else(
        || vec![plain(value)],
        |list| list.iter().map(plain).collect(),
    )
}

fn condition(step: &Table, on: &str) -> Option<String> {
    let (list @ ("branch" | "refuse"), place) = on.split_once('.')? else {
        return None;
    };
    let place: usize = place.parse().ok()?;
    let all = step.get(list)?.as_array()?;
    let when = all.get(place.checked_sub(1)?)?.get("when")?;
    when.as_str().map(str::to_owned)
}

fn settings(table: &Table) -> String {
    let one = |(name, value): (&String, &Value)| match value {
        Value::Table(inner) => settings(inner),
        value => format!("{name} = {}", plain(value)),
    };
    table.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Holes of a template as a reader sees them: `{{ kind }}` is [kind].
fn holes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((hole, after)) = after.split_once("}}") else {
            break;
        };
        out.push_str(before);
        out.push('[');
        out.push_str(hole.trim());
        out.push(']');
        rest = after;
    }
    out.push_str(rest);
    out
}

/// One line of at most so many characters, with an ellipsis where it is cut.
pub fn shorten(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => {
            let word = line[..end].rfind(' ').filter(|at| at * 10 >= end * 6);
            format!(
                "{}…",
                line[..word.unwrap_or(end)].trim_end_matches([' ', '.', ',', ':'])
            )
        }
        None => line,
    }
}

//! A flow in the making: its parts in the order in which they are written, and the file that comes of it.

use std::fmt::Write as _;

use super::toml::{Value, key_of};

/// How long the line of a table may be.
const LINE: usize = 110;

/// A flow.
#[derive(Clone, Debug, Default)]
pub struct FlowDraft {
    /// What stands above it.
    pub notes: Vec<String>,
    /// The keys at the top.
    pub top: Vec<(String, Value)>,
    /// Tables that are short: `[languages]`, `[answers]`, `[call]`, `[contacts]`, by their names.
    pub tables: Vec<(String, Vec<(String, Value)>)>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// What stands above it.
    pub notes: Vec<String>,
    /// Its keys.
    pub keys: Vec<(String, Value)>,
}

impl Step {
    /// A step without keys.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// With a key.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: Value) -> Self {
        self.keys.push((key.into(), value));
        self
    }

    /// With a key, if there is a value.
    #[must_use]
    pub fn with_some(self, key: &str, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }
}

impl FlowDraft {
    /// The file.
    pub fn file(&self) -> String {
        let mut file = String::new();
        for note in &self.notes {
            comment(note, &mut file);
        }
        lines(&self.top, &mut file);
        for (name, keys) in self.tables.iter().filter(|(_, keys)| !keys.is_empty()) {
            let _ = writeln!(file, "\n[{}]", key_of(name));
            lines(keys, &mut file);
        }
        for step in &self.steps {
            file.push('\n');
            for note in &step.notes {
                comment(note, &mut file);
            }
            let _ = writeln!(file, "[steps.{}]", step.name);
            lines(&together(&step.keys), &mut file);
        }
        file
    }
}

fn comment(note: &str, file: &mut String) {
    for line in note.lines() {
        let _ = writeln!(file, "# {line}");
    }
}

/// Keys that are written with a dot become one table where that fits a line: `give = { type = "sales" }`.
fn together(keys: &[(String, Value)]) -> Vec<(String, Value)> {
    let head = |key: &str| {
        let (head, rest) = key.split_once('.')?;
        (!["keys", "on"].contains(&head)).then(|| (head.to_owned(), rest.to_owned()))
    };
    let mut joined: Vec<(String, Value)> = Vec::new();
    for run in keys.chunk_by(|(one, _), (other, _)| {
        let heads = head(one).zip(head(other));
        heads.is_some_and(|((one, _), (other, _))| one == other)
    }) {
        let whole = head(&run[0].0).map(|(name, _)| {
            let entry = |(key, value): &(String, Value)| Some((head(key)?.1, value.clone()));
            (name, Value::Table(run.iter().filter_map(entry).collect()))
        });
        match whole.filter(|(name, table)| name.len() + table.to_string().len() <= LINE) {
            Some(whole) => joined.push(whole),
            None => joined.extend_from_slice(run),
        }
    }
    joined
}

/// Keys and values, the signs between them below each other.
fn lines(keys: &[(String, Value)], file: &mut String) {
    let names: Vec<String> = keys.iter().map(|(key, _)| key_of(key)).collect();
    let width = names.iter().map(String::len).max().unwrap_or_default();
    for (name, (_, value)) in names.iter().zip(keys) {
        let _ = writeln!(file, "{name:width$} = {value}");
    }
}

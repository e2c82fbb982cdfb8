//! Layers: each source of settings as a tree whose leaves know where they were set.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use config::{Config, ConfigError, Map, Source, Value, ValueKind};
use toml::de::{DeTable, DeValue};

use super::fault::Fault;
use super::section::{Reader, unknown};
use super::{DEFAULTS, PREFIX};
use crate::written::{text_of, unmarked};

/// The tables at the top.
const SECTIONS: &[&str] = &[
    "server", "admin", "flows", "audio", "store", "calls", "outbox", "twilio", "backends", "check",
    "prices", "log", "data",
];

/// What may be read from a file by `…_file`; `*` is any name.
const SECRETS: &[&[&str]] = &[
    &["admin", "token"],
    &["store", "url"],
    &["store", "seal_key"],
    &["twilio", "auth_token"],
    &["twilio", "auth_token_old"],
    &["twilio", "accounts", "*", "auth_token"],
    &["twilio", "keys", "*", "secret"],
    &["backends", "*", "secret"],
];

/// One source of settings: a file, or the environment.
#[derive(Clone)]
pub(super) struct Layer(Map<String, Value>);

/// It holds secrets.
impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Layer(…)")
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

/// Lays the layers over each other, the last on top.
pub(super) fn merge(layers: Vec<Layer>) -> Map<String, Value> {
    let builder = layers
        .into_iter()
        .fold(Config::builder(), |builder, layer| {
            builder.add_source(layer)
        });
    let merged = builder.build().and_then(|config| config.collect());
    merged.expect("layers are tables in memory: collecting them cannot fail")
}

/// Reads the files of a folder, in the order of their names.
pub(super) fn folder(folder: &Path, reader: &mut Reader) -> Vec<Layer> {
    let failed = |path: &Path, error: io::Error| Fault {
        key: String::new(),
        origin: path.display().to_string(),
        message: format!("cannot be read: {error}"),
        help: String::new(),
    };
    let files = match list(folder) {
        Ok(files) => files,
        Err(error) => {
            reader.faults.push(failed(folder, error));
            return Vec::new();
        }
    };
    let mut layers = Vec::new();
    for file in files {
        match read(&file) {
            Err(error) => reader.faults.push(failed(&file, error)),
            Ok(source) if file.file_name().is_some_and(|name| name == "default.toml") => {
                if unmarked(&source).replace("\r\n", "\n") != DEFAULTS {
                    reader.warnings.push(Fault {
                        key: String::new(),
                        origin: file.display().to_string(),
                        message: "is not read: the defaults are part of the program".into(),
                        help: "write what you change into another file, such as local.toml".into(),
                    });
                }
            }
            Ok(source) => layers.push(Layer::toml(
                &file.display().to_string(),
                &source,
                &mut reader.faults,
            )),
        }
    }
    layers
}

/// The text of a file.
fn read(file: &Path) -> io::Result<String> {
    text_of(fs::read(file)?).map_err(io::Error::other)
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.extension().is_some_and(|ending| ending == "toml") && !hidden {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

impl Layer {
    /// Reads a file. One with faults of syntax sets nothing.
    pub(super) fn toml(file: &str, source: &str, faults: &mut Vec<Fault>) -> Self {
        let (table, mut errors) = DeTable::parse_recoverable(source);
        let line = |at: usize| {
            1 + source
                .as_bytes()
                .iter()
                .take(at)
                .filter(|byte| **byte == b'\n')
                .count()
        };
        let place = |at: usize| format!("{file}:{}", line(at));
        if !errors.is_empty() {
            let at = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
            errors.sort_by_key(at);
            faults.extend(errors.iter().map(|error| Fault {
                key: String::new(),
                origin: place(at(error)),
                message: error.message().into(),
                help: String::new(),
            }));
            return Self(Map::new());
        }
        let ValueKind::Table(values) = tree(table.get_ref(), &place) else {
            return Self(Map::new());
        };
        Self::finish(values, faults)
    }

    /// Reads the environment. Values stay text; an empty one is none, a token apart, without which a door would be open.
    pub(super) fn environment(
        variables: impl Iterator<Item = (String, String)>,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let is_ours = |name: &str| {
            name.get(..PREFIX.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
        };
        let mut ours: Vec<_> = variables.filter(|(name, _)| is_ours(name)).collect();
        ours.sort();
        faults.extend(
            ours.iter()
                .filter(|(_, value)| value.trim().is_empty())
                .filter_map(|(name, _)| empty_token(name)),
        );
        ours.retain(|(_, value)| !value.is_empty());
        let mut values = Map::new();
        for (name, value) in ours {
            let path = name[PREFIX.len()..].to_lowercase();
            let parts: Vec<&str> = path.split("__").collect();
            if !insert(&mut values, &parts, Value::new(Some(&name), value)) {
                faults.push(Fault {
                    key: parts.join("."),
                    origin: name,
                    message:
                        "another variable sets a part of it, or the whole of which it is a part"
                            .into(),
                    help: "keep one".into(),
                });
            }
        }
        Self::finish(values, faults)
    }

    fn finish(mut values: Map<String, Value>, faults: &mut Vec<Fault>) -> Self {
        let mut found = Vec::new();
        values.retain(|name, value| {
            let known = SECTIONS.contains(&name.as_str());
            if !known {
                found.push(unknown(name, name, leaf_origin(value), SECTIONS));
            }
            known
        });
        lower_names(&mut values);
        read_secrets(&mut values, &mut Vec::new(), &mut found);
        // A map has no order; faults are told in the same one each time.
        found.sort_by(|one, other| one.key.cmp(&other.key));
        faults.extend(found);
        Self(values)
    }
}

/// The fault of a token's variable that is set, and empty.
fn empty_token(name: &str) -> Option<Fault> {
    let key = name[PREFIX.len()..].to_lowercase().replace("__", ".");
    let is_token =
        key == "admin.token" || (key.starts_with("twilio.") && key.ends_with(".auth_token"));
    is_token.then(|| Fault {
        key,
        origin: name.to_owned(),
        message: "is set, and empty".into(),
        help: "give the token, or leave the variable out".into(),
    })
}

/// Where the first leaf below a value was set: a table itself has no origin after merging.
pub(super) fn leaf_origin(value: &Value) -> &str {
    match &value.kind {
        ValueKind::Table(table) => table
            .values()
            .map(leaf_origin)
            .find(|origin| !origin.is_empty())
            .unwrap_or_default(),
        _ => value.origin().unwrap_or_default(),
    }
}

fn tree(table: &DeTable<'_>, place: &impl Fn(usize) -> String) -> ValueKind {
    let entries = table.iter().map(|(key, value)| {
        let leaf = leaf(value.get_ref(), value.span().start, place);
        (
            key.get_ref().to_string(),
            Value::new(Some(&place(key.span().start)), leaf),
        )
    });
    ValueKind::Table(entries.collect())
}

fn leaf(value: &DeValue<'_>, at: usize, place: &impl Fn(usize) -> String) -> ValueKind {
    match value {
        DeValue::Table(table) => tree(table, place),
        DeValue::Array(items) => {
            let item = |item: &toml::Spanned<DeValue<'_>>| {
                Value::new(
                    Some(&place(at)),
                    leaf(item.get_ref(), item.span().start, place),
                )
            };
            ValueKind::Array(items.iter().map(item).collect())
        }
        DeValue::String(text) => ValueKind::String(text.to_string()),
        DeValue::Boolean(flag) => ValueKind::Boolean(*flag),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(ValueKind::Float(f64::NAN), ValueKind::I64),
        DeValue::Float(number) => ValueKind::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Datetime(time) => ValueKind::String(time.to_string()),
    }
}

/// Puts a value at a path; says whether nothing else was in the way.
fn insert(values: &mut Map<String, Value>, path: &[&str], value: Value) -> bool {
    let [first, rest @ ..] = path else {
        return false;
    };
    if rest.is_empty() {
        return values.insert((*first).to_owned(), value).is_none();
    }
    let inner = values
        .entry((*first).to_owned())
        .or_insert_with(|| Value::new(None, Map::<String, Value>::new()));
    match &mut inner.kind {
        ValueKind::Table(table) => insert(table, rest, value),
        _ => false,
    }
}

/// The environment's names come in lower case, so those of files must, for the layers to meet.
fn lower_names(values: &mut Map<String, Value>) {
    let Some(ValueKind::Table(twilio)) = values.get_mut("twilio").map(|value| &mut value.kind)
    else {
        return;
    };
    for name in ["accounts", "keys"] {
        if let Some(ValueKind::Table(named)) = twilio.get_mut(name).map(|value| &mut value.kind) {
            *named = named
                .drain()
                .map(|(name, table)| (name.to_lowercase(), table))
                .collect();
        }
    }
}

/// Puts in the place of every secret's `…_file` what that file holds.
fn read_secrets(values: &mut Map<String, Value>, path: &mut Vec<String>, faults: &mut Vec<Fault>) {
    for (name, value) in values.iter_mut() {
        if let ValueKind::Table(table) = &mut value.kind {
            path.push(name.clone());
            read_secrets(table, path, faults);
            path.pop();
        }
    }
    let files: Vec<String> = values
        .keys()
        .filter(|name| is_file_of_secret(path, name))
        .cloned()
        .collect();
    for name in files {
        let Some(value) = values.remove(&name) else {
            continue;
        };
        let (base, _) = name.split_at(name.len() - "_file".len());
        let origin = leaf_origin(&value).to_owned();
        let mut fault = |message: String, help: &str| {
            let key = [&path.join("."), name.as_str()].join(".");
            faults.push(Fault {
                key,
                origin: origin.clone(),
                message,
                help: help.into(),
            });
        };
        let ValueKind::String(file) = value.kind else {
            fault("is not the path of a file".into(), "");
            continue;
        };
        if values.contains_key(base) {
            fault(format!("`{base}` is set beside it"), "keep one of the two");
            continue;
        }
        match read(Path::new(&file)) {
            Err(error) => fault(format!("{file} cannot be read: {error}"), ""),
            Ok(text) if unmarked(&text).trim().is_empty() => fault(format!("{file} is empty"), ""),
            Ok(text) => {
                let text = unmarked(&text);
                let text = text
                    .strip_suffix('\n')
                    .map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
                values.insert(
                    base.to_owned(),
                    Value::new(Some(&format!("{origin}, {file}")), text),
                );
            }
        }
    }
}

fn is_file_of_secret(path: &[String], name: &str) -> bool {
    let Some(base) = name.strip_suffix("_file") else {
        return false;
    };
    let here: Vec<&str> = path.iter().map(String::as_str).chain([base]).collect();
    let same = |secret: &&[&str]| {
        secret.len() == here.len()
            && secret
                .iter()
                .zip(&here)
                .all(|(wanted, part)| *wanted == "*" || wanted == part)
    };
    SECRETS.iter().any(same)
}

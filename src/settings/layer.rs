//! Layers: each source as a tree, laid over the ones before it by `config`, and the whole as one table.
//!
//! `config` merges names of nodes, not values: so a value keeps its place, and the table that comes out is read as any other
//! TOML ([`crate::written::Table`]). In such a tree a value is the number of its node, and a table is two keys: [`AT`], the
//! number of the table's own node, and [`KEYS`], what stands in it.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use config::{Config, ConfigError, Map, Source as _, Value, ValueKind};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::PREFIX;
use super::keys::SETTINGS;
use super::reader::{Node, Reader, note};
use super::source::{SourceText, read};
use crate::written::keys::Shape;
use crate::written::{Code, unmarked};

const AT: &str = "at";
const KEYS: &str = "keys";
const WHOLE: Shape = Shape::Table(SETTINGS);

/// Tables whose names are read in any case: the environment's come in lower case, so those of files must, for the layers to
/// meet.
const ANY_CASE: [&str; 2] = ["twilio.accounts", "twilio.keys"];

/// Reads all sources and lays them over each other, the last on top.
pub(super) fn merge<'s>(reader: &mut Reader<'s>) -> Spanned<DeValue<'s>> {
    let mut layers = Layers {
        reader,
        values: HashMap::new(),
    };
    let mut builder = Config::builder();
    let mut variables = Vec::new();
    for (source, text) in layers.reader.sources.iter().enumerate() {
        if text.is_variable {
            variables.push(source);
        } else if let Some(layer) = layers.file(source) {
            builder = builder.add_source(layer);
        }
    }
    builder = builder.add_source(layers.environment(&variables));
    let merged = builder.build().and_then(|config| config.collect());
    let merged = merged.expect("layers are tables in memory: collecting them cannot fail");
    layers.document(Value::new(None, merged))
}

/// One source of settings as a tree of nodes.
#[derive(Clone, Debug)]
struct Layer(Map<String, Value>);

impl config::Source for Layer {
    fn clone_into_box(&self) -> Box<dyn config::Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

/// The values of all sources, by their nodes.
struct Layers<'r, 's> {
    reader: &'r mut Reader<'s>,
    values: HashMap<usize, DeValue<'s>>,
}

impl<'s> Layers<'_, 's> {
    /// Reads a file. One with faults of syntax sets nothing.
    fn file(&mut self, source: usize) -> Option<Layer> {
        let text = &self.reader.sources[source].text;
        let (table, mut errors) = DeTable::parse_recoverable(text);
        errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
        for error in &errors {
            let at = error.span().unwrap_or_default();
            let node = self.table(String::new(), source, (at.clone(), at));
            let place = (Code::TomlSyntax, Reader::value_span(node));
            note(self.reader, place, error.message(), "");
        }
        if !errors.is_empty() {
            return None;
        }
        let root = self.table(String::new(), source, (0..0, 0..0));
        let mut keys = self.entries(root, table.into_inner(), Some(&WHOLE));
        self.read_secrets(&mut keys, Some(&WHOLE));
        Some(layer(root, keys))
    }

    /// Reads the environment, whose values stay text unless their setting is a number or a switch.
    fn environment(&mut self, variables: &[usize]) -> Layer {
        let mut keys = Map::new();
        let first = variables.first().copied().unwrap_or_default();
        let root = self.table(String::new(), first, (0..0, 0..0));
        for source in variables {
            let SourceText { name, text, .. } = &self.reader.sources[*source];
            let path = name[PREFIX.len()..].to_lowercase();
            let parts: Vec<&str> = path.split("__").collect();
            let written = name.len() + 1..text.len();
            let (shape, is_secret) = declared(&parts);
            let value = if is_secret {
                DeValue::String(text[written.clone()].into())
            } else {
                typed(&text[written.clone()], shape)
            };
            let node = self.reader.add(Node {
                path: parts.join("."),
                source: *source,
                key: 0..name.len(),
                value: written,
                is_secret,
                is_table: false,
                file: None,
            });
            self.values.insert(node, value);
            if !self.insert(&mut keys, (&parts, 0), node) {
                let message =
                    "another variable sets a part of it, or the whole of which it is a part";
                let place = (Code::SettingTwice, Reader::key_span(node));
                note(self.reader, place, message, "keep one");
            }
        }
        self.read_secrets(&mut keys, Some(&WHOLE));
        layer(root, keys)
    }

    /// The node of a table.
    fn table(
        &mut self,
        path: String,
        source: usize,
        (key, value): (Range<usize>, Range<usize>),
    ) -> usize {
        self.reader.add(Node {
            path,
            source,
            key,
            value,
            is_secret: false,
            is_table: true,
            file: None,
        })
    }

    /// What stands in a table of a file, as a tree.
    fn entries(
        &mut self,
        table: usize,
        entries: DeTable<'s>,
        shape: Option<&'static Shape>,
    ) -> Map<String, Value> {
        let is_any_case = ANY_CASE.contains(&self.reader.nodes[table].path.as_str());
        let mut keys = Map::new();
        for (key, value) in entries {
            let name = if is_any_case {
                key.get_ref().to_lowercase()
            } else {
                key.get_ref().to_string()
            };
            let (inner_shape, is_secret) = within(shape, &name);
            let node = self.node(table, (&name, key.span()), &value, is_secret);
            let tree = match value.into_inner() {
                DeValue::Table(inner) => {
                    let inner = self.entries(node, inner, inner_shape);
                    branch(node, inner)
                }
                value => {
                    let value = self.adopt(node, value);
                    self.values.insert(node, value);
                    leaf(node)
                }
            };
            keys.insert(name, tree);
        }
        keys
    }

    /// The node of a key in a table of a file.
    fn node(
        &mut self,
        table: usize,
        (name, key): (&str, Range<usize>),
        value: &Spanned<DeValue<'_>>,
        is_secret: bool,
    ) -> usize {
        let Node { path, source, .. } = &self.reader.nodes[table];
        let (path, source) = (join(path, name), *source);
        self.reader.add(Node {
            path,
            source,
            key,
            value: value.span(),
            is_secret,
            is_table: value.get_ref().is_table(),
            file: None,
        })
    }

    /// A value with nodes in the place of the spans within it.
    fn adopt(&mut self, outer: usize, value: DeValue<'s>) -> DeValue<'s> {
        match value {
            DeValue::Array(entries) => {
                let entries = entries.into_iter().map(|entry| self.entry(outer, entry));
                DeValue::Array(entries.collect::<DeArray<'s>>())
            }
            DeValue::Table(entries) => {
                let mut adopted = DeTable::new();
                for (key, value) in entries {
                    let is_secret = self.reader.nodes[outer].is_secret;
                    let node = self.node(outer, (key.get_ref(), key.span()), &value, is_secret);
                    let key = Spanned::new(Reader::key_span(node), key.into_inner());
                    let value = self.adopt(node, value.into_inner());
                    adopted.insert(key, Spanned::new(Reader::value_span(node), value));
                }
                DeValue::Table(adopted)
            }
            value => value,
        }
    }

    /// An entry of a list.
    fn entry(&mut self, outer: usize, entry: Spanned<DeValue<'s>>) -> Spanned<DeValue<'s>> {
        let list = &self.reader.nodes[outer];
        let node = Node {
            path: list.path.clone(),
            source: list.source,
            key: list.key.clone(),
            value: entry.span(),
            is_secret: list.is_secret,
            is_table: entry.get_ref().is_table(),
            file: None,
        };
        let node = self.reader.add(node);
        let value = self.adopt(node, entry.into_inner());
        Spanned::new(Reader::value_span(node), value)
    }

    /// Puts a variable's node at its path, of which `depth` parts lead here; says whether nothing else was in the way.
    fn insert(
        &mut self,
        keys: &mut Map<String, Value>,
        (path, depth): (&[&str], usize),
        node: usize,
    ) -> bool {
        let name = path[depth].to_owned();
        if depth + 1 == path.len() {
            return keys.insert(name, leaf(node)).is_none();
        }
        let inner = keys.entry(name).or_insert_with(|| {
            let Node { source, key, .. } = &self.reader.nodes[node];
            let (source, key) = (*source, key.clone());
            let table = self.table(path[..=depth].join("."), source, (key.clone(), key));
            branch(table, Map::new())
        });
        keys_of(inner).is_some_and(|inner| self.insert(inner, (path, depth + 1), node))
    }

    /// Puts in the place of every secret's `…_file` what that file holds.
    fn read_secrets(&mut self, keys: &mut Map<String, Value>, shape: Option<&'static Shape>) {
        for (name, value) in keys.iter_mut() {
            if let Some(inner) = keys_of(value) {
                self.read_secrets(inner, within(shape, name).0);
            }
        }
        let files = keys.keys().filter(|name| {
            let base = name.strip_suffix("_file");
            base.is_some_and(|base| within(shape, base).1)
        });
        let mut files: Vec<String> = files.cloned().collect();
        files.sort();
        for name in files {
            let base = name.strip_suffix("_file").unwrap_or(&name).to_owned();
            let Some(node) = keys.remove(&name).as_ref().and_then(node_of) else {
                continue;
            };
            let is_twice = keys.contains_key(&base);
            if let Some(secret) = self.read_secret(node, &base, is_twice) {
                keys.insert(base, leaf(secret));
            }
        }
    }

    /// The node of a secret that stands in a file of its own, which is named at a node.
    fn read_secret(&mut self, at: usize, base: &str, is_twice: bool) -> Option<usize> {
        let named = self.values.get(&at).and_then(DeValue::as_str);
        let file = named.map(str::to_owned);
        let place = (Code::SettingNotRight, Reader::value_span(at));
        let Some(file) = file else {
            note(self.reader, place, "is not the path of a file", "");
            return None;
        };
        if is_twice {
            let place = (Code::SettingTwice, Reader::key_span(at));
            let message = format!("`{base}` is set beside it");
            note(self.reader, place, message, "keep one of the two");
            return None;
        }
        let secret = match read(Path::new(&file)) {
            Err(error) => Err(format!("{file} cannot be read: {error}")),
            Ok(text) if unmarked(&text).trim().is_empty() => Err(format!("{file} is empty")),
            Ok(text) => Ok(without_line_end(unmarked(&text)).to_owned()),
        };
        match secret {
            Err(message) => {
                note(self.reader, place, message, "");
                None
            }
            Ok(secret) => {
                let node = &self.reader.nodes[at];
                let node = Node {
                    path: node.path.strip_suffix("_file")?.to_owned(),
                    source: node.source,
                    key: node.key.clone(),
                    value: node.value.clone(),
                    is_secret: true,
                    is_table: false,
                    file: Some(file),
                };
                let node = self.reader.add(node);
                self.values.insert(node, DeValue::String(secret.into()));
                Some(node)
            }
        }
    }

    /// What holds after merging, with nodes in the place of spans, in the order of the sources.
    fn document(&mut self, mut tree: Value) -> Spanned<DeValue<'s>> {
        let node = node_of(&tree).expect("every table and value has a node");
        let path = self.reader.nodes[node].path.clone();
        self.reader.holding.insert(path, node);
        let span = Reader::value_span(node);
        let Some(keys) = keys_of(&mut tree) else {
            let value = self.values.remove(&node);
            return Spanned::new(span, value.expect("a value holds once"));
        };
        let mut entries: Vec<(usize, String, Value)> = keys
            .drain()
            .filter_map(|(name, tree)| Some((node_of(&tree)?, name, tree)))
            .collect();
        entries.sort_by_key(|(node, ..)| *node);
        let mut table = DeTable::new();
        for (node, name, tree) in entries {
            let key = Spanned::new(Reader::key_span(node), name.into());
            table.insert(key, self.document(tree));
        }
        Spanned::new(span, DeValue::Table(table))
    }
}

fn layer(root: usize, keys: Map<String, Value>) -> Layer {
    let ValueKind::Table(whole) = branch(root, keys).kind else {
        unreachable!("a branch is a table");
    };
    Layer(whole)
}

fn leaf(node: usize) -> Value {
    Value::new(None, node as u64)
}

fn branch(node: usize, keys: Map<String, Value>) -> Value {
    let whole = [
        (AT.to_owned(), leaf(node)),
        (KEYS.to_owned(), Value::new(None, keys)),
    ];
    Value::new(None, Map::from_iter(whole))
}

/// The node of a leaf or branch.
fn node_of(tree: &Value) -> Option<usize> {
    match &tree.kind {
        ValueKind::U64(node) => usize::try_from(*node).ok(),
        ValueKind::Table(whole) => node_of(whole.get(AT)?),
        _ => None,
    }
}

/// What stands in a branch.
fn keys_of(tree: &mut Value) -> Option<&mut Map<String, Value>> {
    let ValueKind::Table(whole) = &mut tree.kind else {
        return None;
    };
    match &mut whole.get_mut(KEYS)?.kind {
        ValueKind::Table(keys) => Some(keys),
        _ => None,
    }
}

/// The shape behind a name in a table of a shape, and whether it is a secret.
fn within(shape: Option<&'static Shape>, name: &str) -> (Option<&'static Shape>, bool) {
    let (keys, others) = match shape {
        Some(Shape::Table(keys)) => (*keys, None),
        Some(Shape::Names(names)) => (names.fixed, Some(names.of)),
        _ => return (None, false),
    };
    let key = keys.iter().find(|key| key.name == name);
    match key {
        Some(key) => (Some(&key.shape), key.is_secret),
        None => (others, matches!(others, Some(Shape::Secret))),
    }
}

/// The shape of a setting, and whether it is a secret.
fn declared(path: &[&str]) -> (Option<&'static Shape>, bool) {
    let whole: (Option<&'static Shape>, bool) = (Some(&WHOLE), false);
    path.iter()
        .fold(whole, |(shape, _), name| within(shape, name))
}

/// A variable's value: a number or a switch where the setting is one and the text can be one, else text.
fn typed<'s>(written: &'s str, shape: Option<&Shape>) -> DeValue<'s> {
    let text = written.trim();
    let read = match shape {
        Some(Shape::Boolean) => return switch(text),
        Some(Shape::Whole(..) | Shape::Number | Shape::Amount(..)) => DeValue::parse(text).ok(),
        _ => None,
    };
    match read.map(Spanned::into_inner) {
        Some(number @ (DeValue::Integer(_) | DeValue::Float(_))) => number,
        _ => DeValue::String(text.into()),
    }
}

fn switch(text: &str) -> DeValue<'_> {
    let flag = text.to_ascii_lowercase().parse();
    flag.map_or_else(|_| DeValue::String(text.into()), DeValue::Boolean)
}

fn without_line_end(text: &str) -> &str {
    text.strip_suffix('\n')
        .map_or(text, |text| text.strip_suffix('\r').unwrap_or(text))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

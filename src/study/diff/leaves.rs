//! What is written in a step, leaf by leaf, found by what its action describes for editors.
//!
//! Two ways to write one thing come to the same leaves: a run of keys is each of them, `keys.1 = "kind"` is
//! `keys.1.next`, one text is a list of one, and a default is there whether it is written or not.

use std::collections::HashMap;
use std::ops::Range;

use toml::de::DeValue;

use crate::engine::key::run;
use crate::engine::keys::shared::{FORGET, FULL_WAY, NEXT, SET, TIME, WAY_TABLE};
use crate::written::keys::{Key, Shape};
use crate::written::{Item, Table, parse_time};

/// The condition of an entry of a list, by which it is known from version to version.
pub const WHEN: &str = "when";

/// The key of the order in which names are set, where one of them may read another.
pub const ORDER: &str = "";

/// A value that is no table of others.
pub struct Leaf<'a> {
    /// The keys that lead to it. An entry of a list is named by its condition (empty where it has none), else by its
    /// place from 1.
    pub path: Vec<String>,
    /// What it is.
    pub is: Is<'a>,
    /// The bytes of the value; of the table around it, where the value is a default.
    pub at: Range<usize>,
}

impl Leaf<'_> {
    /// Whether it names where something leads.
    pub fn is_target(&self) -> bool {
        matches!(self.is, Is::Target(_))
    }
}

/// What a leaf is.
pub enum Is<'a> {
    /// The name of a step, or a built-in target.
    Target(&'a str),
    /// A prompt.
    Prompt(Item<'a>),
    /// Anything else.
    Value(Written),
}

/// A value as it is shown, and as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// As TOML.
    pub shown: String,
    /// The same for two ways to write one value.
    same: String,
}

impl Written {
    /// Whether it means the same.
    pub fn is(&self, other: &Self) -> bool {
        self.same == other.same
    }

    /// The name of a step.
    pub fn of_name(name: &str) -> Self {
        Self {
            shown: format!("`{name}`"),
            same: name.to_owned(),
        }
    }

    fn new(shown: String, shape: &Shape) -> Self {
        let inner = shown
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        let time = inner.filter(|_| is_time(shape)).and_then(parse_time);
        let same = time.map_or_else(|| shown.clone(), |time| format!("{time:?}"));
        Self { shown, same }
    }
}

fn is_time(shape: &Shape) -> bool {
    match (shape, TIME) {
        (Shape::Seconds(..), _) => true,
        (Shape::Form(form), Shape::Form(time)) => *form == time,
        _ => false,
    }
}

/// The leaves of a table with these keys.
pub fn of_table<'a>(keys: &[Key], table: &Table<'a>, path: &[String], out: &mut Vec<Leaf<'a>>) {
    for key in keys.iter().filter(|key| key.name != WHEN) {
        match (table.peek(key.name), key.default) {
            (Some(item), _) if key.name == FORGET.name => names(item, &below(path, key.name), out),
            (Some(item), _) => of_key(key, item, path, out),
            (None, Some(default)) => default_of(key, default, table.span(), path, out),
            (None, None) => {}
        }
    }
}

/// The leaves of one key. A `next` that is a table is a way: its keys count as those beside it.
fn of_key<'a>(key: &Key, item: Item<'a>, path: &[String], out: &mut Vec<Leaf<'a>>) {
    let below = below(path, key.name);
    match item.value {
        DeValue::String(name) if key.name == NEXT.name => leaf(Is::Target(name), item, &below, out),
        DeValue::Table(table) if key.name == NEXT.name => {
            of_table(WAY_TABLE, &Table::new(table, item.span()), path, out);
        }
        _ => {
            of_value(&key.shape, item, &below, out);
            if key.name == SET.name {
                order(item, &below, out);
            }
        }
    }
}

/// The leaves of a value of a shape.
pub fn of_value<'a>(shape: &Shape, item: Item<'a>, path: &[String], out: &mut Vec<Leaf<'a>>) {
    match (shape, item.value) {
        (Shape::Defined("target"), DeValue::String(name)) => {
            leaf(Is::Target(name), item, path, out);
        }
        (Shape::Defined("full"), _) => of_value(&FULL_WAY, item, path, out),
        (Shape::Defined("prompt"), _) => leaf(Is::Prompt(item), item, path, out),
        (Shape::Table(keys), DeValue::Table(table)) => {
            of_table(keys, &Table::new(table, item.span()), path, out);
        }
        (Shape::Names(names), DeValue::Table(table)) => {
            for (name, inner) in Table::new(table, item.span()).all() {
                let fixed = names.fixed.iter().find(|key| key.name == name);
                let shape = fixed.map_or(names.of, |key| &key.shape);
                for name in &run(name) {
                    of_value(shape, inner, &below(path, name), out);
                }
            }
        }
        (Shape::Either(shapes), _) => of_either(shapes, item, path, out),
        (Shape::List(of) | Shape::Some(of) | Shape::Exactly(_, of), DeValue::Array(_))
            if has_parts(of) =>
        {
            let entries = item.entries().unwrap_or_default();
            for (entry, name) in entries.iter().zip(entry_names(of, &entries)) {
                of_value(of, *entry, &below(path, &name), out);
            }
        }
        (shape, value) => leaf(Is::Value(Written::new(toml(value), shape)), item, path, out),
    }
}

/// The alternative that a value is written in.
fn of_either<'a>(shapes: &[Shape], item: Item<'a>, path: &[String], out: &mut Vec<Leaf<'a>>) {
    let list = shapes
        .iter()
        .find(|shape| matches!(shape, Shape::List(_) | Shape::Some(_) | Shape::Exactly(..)));
    let mut tables = shapes
        .iter()
        .filter(|shape| matches!(shape, Shape::Table(_) | Shape::Names(_)));
    let first = tables.clone().next();
    let table = tables.find(|shape| has_keys_of(shape, item)).or(first);
    let plain = shapes
        .iter()
        .find(|shape| !matches!(shape, Shape::Table(_) | Shape::Names(_)));
    match (item.value, list, table) {
        (DeValue::Array(_), Some(list), _) => of_value(list, item, path, out),
        (DeValue::Table(_), _, Some(table)) => of_value(table, item, path, out),
        // One is a list of one.
        (_, Some(Shape::List(of)), _) => of_value(of, item, &below(path, "1"), out),
        // Written short: the value of the one key that must be there.
        (_, _, Some(Shape::Table(keys))) if keys.iter().filter(|key| key.required).count() == 1 => {
            for key in *keys {
                match (key.required, key.default) {
                    (true, _) => of_key(key, item, path, out),
                    (false, Some(default)) => default_of(key, default, item.span(), path, out),
                    (false, None) => {}
                }
            }
        }
        _ => match plain {
            Some(plain) => of_value(plain, item, path, out),
            None => leaf(
                Is::Value(Written::new(toml(item.value), &Shape::Open)),
                item,
                path,
                out,
            ),
        },
    }
}

/// Whether a value is a table of keys that a shape knows.
fn has_keys_of(shape: &Shape, item: Item<'_>) -> bool {
    match (shape, item.value) {
        (Shape::Table(keys), DeValue::Table(table)) => table
            .keys()
            .all(|name| keys.iter().any(|key| key.name == name.get_ref().as_ref())),
        _ => true,
    }
}

/// What holds where a key is left out.
fn default_of(
    key: &Key,
    default: &str,
    at: Range<usize>,
    path: &[String],
    out: &mut Vec<Leaf<'_>>,
) {
    let value = Written::new(default.to_owned(), &key.shape);
    out.push(Leaf {
        path: below(path, key.name),
        is: Is::Value(value),
        at,
    });
}

/// The order in which names are set, where a text among them may read what was set before.
fn order<'a>(item: Item<'a>, path: &[String], out: &mut Vec<Leaf<'a>>) {
    let Some(table) = item.value.as_table().filter(|table| table.len() > 1) else {
        return;
    };
    if table.values().any(|value| {
        value
            .get_ref()
            .as_str()
            .is_some_and(|text| text.contains("{{"))
    }) {
        let names: Vec<&str> = table.keys().map(|name| name.get_ref().as_ref()).collect();
        let value = Written::new(names.join(", "), &Shape::Open);
        out.push(Leaf {
            path: below(path, ORDER),
            is: Is::Value(value),
            at: item.span(),
        });
    }
}

/// Names that stand in a list in any order.
fn names<'a>(item: Item<'a>, path: &[String], out: &mut Vec<Leaf<'a>>) {
    for entry in item.entries().unwrap_or_else(|| vec![item]) {
        let name = entry.value.as_str().unwrap_or_default();
        let value = Written::new("true".to_owned(), &Shape::True);
        out.push(Leaf {
            path: below(path, name),
            is: Is::Value(value),
            at: entry.span(),
        });
    }
}

fn leaf<'a>(is: Is<'a>, item: Item<'a>, path: &[String], out: &mut Vec<Leaf<'a>>) {
    out.push(Leaf {
        path: path.to_vec(),
        is,
        at: item.span(),
    });
}

fn below(path: &[String], name: &str) -> Vec<String> {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

/// Whether the entries of a list are compared one by one.
fn has_parts(of: &Shape) -> bool {
    matches!(
        of,
        Shape::Table(_) | Shape::Names(_) | Shape::Defined(_) | Shape::Either(_)
    )
}

fn entry_names(of: &Shape, entries: &[Item<'_>]) -> Vec<String> {
    let by_condition = matches!(of, Shape::Table(keys) if keys.iter().any(|key| key.name == WHEN));
    let mut names: Vec<String> = Vec::with_capacity(entries.len());
    let mut times: HashMap<String, usize> = HashMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let when = entry
            .value
            .as_table()
            .and_then(|table| table.get(WHEN))
            .and_then(|when| when.get_ref().as_str());
        let name = if by_condition {
            when.unwrap_or_default().trim().to_owned()
        } else {
            (place + 1).to_string()
        };
        // The same condition a second time is never asked, but it is there.
        let nth = times.entry(name.clone()).or_default();
        *nth += 1;
        names.push(if *nth == 1 {
            name
        } else {
            format!("{name} ({nth})")
        });
    }
    names
}

/// A value as TOML, in one line; keys of a table in order.
fn toml(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => {
            let whole = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix());
            whole.map_or_else(|_| number.as_str().to_owned(), |whole| whole.to_string())
        }
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(is) => is.to_string(),
        DeValue::Datetime(moment) => moment.to_string(),
        DeValue::Array(entries) => {
            let entries: Vec<String> = entries.iter().map(|entry| toml(entry.get_ref())).collect();
            format!("[{}]", entries.join(", "))
        }
        DeValue::Table(table) => {
            let mut fields: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("{} = {}", key.get_ref(), toml(value.get_ref())))
                .collect();
            fields.sort();
            format!("{{ {} }}", fields.join(", "))
        }
    }
}

//! What backends get: `[submitted.NAME]`, and how it is read.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toml::de::DeValue;

use super::reader::{Reader, names};
use super::script::{Answers, Submission};
use crate::written::{Code, Explain, Faults, Item};

/// Reads `[submitted]`: a table a backend, or several in order.
pub(super) fn submitted(item: Item<'_>, reader: &mut Reader) -> Vec<Submission> {
    let Some(table) = item.table(reader, "`submitted` must be a table of backends") else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (backend, item) in table.all() {
        let several = item.entries();
        let entries = several.unwrap_or_else(|| vec![item]);
        all.extend(
            entries
                .into_iter()
                .filter_map(|entry| submission(backend, entry, reader)),
        );
    }
    all
}

fn submission(backend: &str, item: Item<'_>, reader: &mut Reader) -> Option<Submission> {
    let table = item.table(reader, "what a backend gets must be a table")?;
    let kind = table.get("type").and_then(|item| {
        Some((
            item.text(reader, "`type` must be text")?.to_owned(),
            item.span(),
        ))
    });
    let answers = table.get("answers").and_then(|item| answers(item, reader));
    let lacks = table
        .get("lacks")
        .map(|item| names(item, reader, "`lacks` must be a list of answers"));
    table.finish(reader, "what a backend gets");
    let (at, lacks) = (item.span(), lacks.unwrap_or_default());
    Some(Submission {
        at,
        backend: backend.to_owned(),
        kind,
        answers,
        lacks,
    })
}

fn answers(item: Item<'_>, reader: &mut Reader) -> Option<Answers> {
    let table = item.table(reader, "`answers` must be a table")?;
    let mut values = BTreeMap::new();
    for (name, value) in table.all() {
        let json = json(value.value, value, reader)?;
        values.insert(name.to_owned(), (json, value.span()));
    }
    Some(Answers {
        at: item.span(),
        values,
    })
}

/// TOML as the JSON that it would be.
fn json(value: &DeValue<'_>, item: Item<'_>, reader: &mut Reader) -> Option<Value> {
    let inner = |value: &toml::Spanned<DeValue<'_>>, reader: &mut Reader| {
        json(value.get_ref(), item, reader)
    };
    Some(match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(value) => Value::from(*value),
        DeValue::Integer(_) => Value::from(Item { value, ..item }.as_integer()?),
        DeValue::Float(number) => {
            Value::from(number.as_str().replace('_', "").parse::<f64>().ok()?)
        }
        DeValue::Datetime(_) => {
            let message = "answers are JSON, which has no dates and times of its own".to_owned();
            reader
                .fault(Code::AnswerNotJson, item.span(), message)
                .help("put it into quotes: hour = \"12:30\"");
            return None;
        }
        DeValue::Array(entries) => Value::Array(
            entries
                .iter()
                .map(|entry| inner(entry, reader))
                .collect::<Option<_>>()?,
        ),
        DeValue::Table(table) => {
            let mut map = Map::new();
            for (key, value) in table {
                map.insert(key.get_ref().to_string(), inner(value, reader)?);
            }
            Value::Object(map)
        }
    })
}

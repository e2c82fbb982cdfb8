//! What goes out with a request: JSON, a form or a query, whose texts may have holes.

use std::sync::Arc;

use serde_json::{Map, Number, Value as Json};
use toml::de::DeValue;

use super::super::super::expression::{Reading, Values};
use super::super::super::fault::Fault;
use super::super::super::read::Checker;
use super::super::super::template::Template;
use super::super::super::value::Value;
use crate::written::{Code, Explain, Item};

/// A value whose texts may have holes.
#[derive(Debug)]
pub(super) enum Given {
    /// A text; one that is nothing but a hole keeps the type of what it reads.
    Text(Template),
    /// What is written out.
    Fixed(Json),
    /// A table.
    Table(Vec<(String, Given)>),
    /// A list.
    List(Vec<Given>),
}

impl Given {
    /// Reads a value that may nest.
    pub fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        if let Some(table) = item.as_table() {
            let all: Vec<_> = table
                .all()
                .into_iter()
                .map(|(name, item)| Some((name.to_owned(), Self::parse(item, check)?)))
                .collect();
            return Some(Self::Table(all.into_iter().collect::<Option<_>>()?));
        }
        if let Some(entries) = item.entries() {
            let all: Vec<_> = entries
                .into_iter()
                .map(|item| Self::parse(item, check))
                .collect();
            return Some(Self::List(all.into_iter().collect::<Option<_>>()?));
        }
        Self::scalar(item, check)
    }

    /// Reads a value that does not nest.
    pub fn scalar(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        if let Some(number) = item.as_integer() {
            return Some(Self::Fixed(number.into()));
        }
        if let DeValue::Float(number) = item.value {
            let number = number.as_str().replace('_', "").parse().ok();
            let number = number.and_then(Number::from_f64);
            if number.is_none() {
                item.wrong(check, "what is sent must be a number that JSON knows,");
            }
            return number.map(|number| Self::Fixed(Json::Number(number)));
        }
        if let Some(yes) = item.value.as_bool() {
            return Some(Self::Fixed(yes.into()));
        }
        let text = item.text(check, "what is sent must be text, a number, true or false")?;
        Template::given(text, item.span(), check).map(Self::Text)
    }

    /// What its texts read.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        match self {
            Self::Text(text) => text.readings.clone(),
            Self::Fixed(_) => Vec::new(),
            Self::Table(all) => all.iter().flat_map(|(_, given)| given.readings()).collect(),
            Self::List(all) => all.iter().flat_map(Self::readings).collect(),
        }
    }

    /// As JSON, with the holes filled; nothing for a hole that is not set.
    pub fn json(&self, values: &dyn Values) -> Result<Json, Fault> {
        Ok(match self {
            Self::Text(text) => text.value(values)?.map_or(Json::Null, scalar_json),
            Self::Fixed(json) => json.clone(),
            Self::Table(all) => {
                let mut object = Map::new();
                for (name, given) in all {
                    object.insert(name.clone(), given.json(values)?);
                }
                Json::Object(object)
            }
            Self::List(all) => {
                let all: Result<Vec<_>, _> = all.iter().map(|given| given.json(values)).collect();
                Json::Array(all?)
            }
        })
    }

    /// As text, with the holes filled.
    pub fn text(&self, values: &dyn Values) -> Result<String, Fault> {
        Ok(match self {
            Self::Text(text) => text.fill(values)?,
            Self::Fixed(json) => json.to_string(),
            Self::Table(_) | Self::List(_) => String::new(),
        })
    }
}

/// Names, and a value each.
#[derive(Debug, Default)]
pub(super) struct GivenFields(pub Vec<(String, Given)>);

impl GivenFields {
    /// Reads a table of names whose values do not nest. `opens` for a place where a sensitive answer must not stand.
    pub fn parse(item: Item<'_>, is_told: bool, check: &mut Checker) -> Option<Self> {
        let table = item.table(
            check,
            "it must be a table of names, such as `{ id = \"{{ id }}\" }`",
        )?;
        let mut fields = Vec::new();
        for (name, item) in table.all() {
            if item.as_table().is_some() || item.entries().is_some() {
                let message = format!("`{name}` nests, and only JSON can");
                check
                    .fault(Code::RequestUnclear, item.span(), message)
                    .help("send it as `json`");
                return None;
            }
            let given = match item.value.as_str().filter(|_| is_told) {
                Some(text) => Given::Text(Template::told(text, item.span(), check)?),
                None => Given::scalar(item, check)?,
            };
            fields.push((name.to_owned(), given));
        }
        Some(Self(fields))
    }

    /// What its texts read.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        self.0
            .iter()
            .flat_map(|(_, given)| given.readings())
            .collect()
    }

    /// The names and their texts.
    pub fn fill(&self, values: &dyn Values) -> Result<Vec<(String, String)>, Fault> {
        let mut fields = Vec::with_capacity(self.0.len());
        for (name, given) in &self.0 {
            fields.push((name.clone(), given.text(values)?));
        }
        Ok(fields)
    }
}

/// A value as JSON.
fn scalar_json(value: Value) -> Json {
    match value {
        Value::Text(text) => Json::String(text),
        Value::Integer(number) => number.into(),
        Value::Number(number) => Number::from_f64(number).map_or(Json::Null, Json::Number),
        Value::Boolean(yes) => yes.into(),
        Value::List(_) | Value::Recording(_) => Json::Null,
    }
}

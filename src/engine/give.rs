//! What goes out with an action: values whose texts may have holes, by name: `give.reason = "{{ why }}"`, `json.rx = "{{ rx }}"`.

use std::sync::Arc;

use serde_json::{Map, Number, Value as Json};

use super::expression::{Reading, Values};
use super::fault::Fault;
use super::template::Template;
use super::value::Value;

/// A value whose texts may have holes.
#[derive(Debug)]
pub enum GivenValue {
    /// A text; one that is nothing but a hole keeps the type of what it reads.
    Text(Template),
    /// What is written out.
    Fixed(Json),
    /// A table.
    Table(Vec<(String, GivenValue)>),
    /// A list.
    List(Vec<GivenValue>),
}

impl GivenValue {
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
    ///
    /// # Errors
    /// When a hole cannot be worked out.
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
    ///
    /// # Errors
    /// When a hole cannot be worked out.
    pub fn text(&self, values: &dyn Values) -> Result<String, Fault> {
        Ok(match self {
            Self::Text(text) => text.fill(values)?,
            Self::Fixed(json) => json.to_string(),
            Self::Table(_) | Self::List(_) => String::new(),
        })
    }
}

/// Names, and what each holds.
#[derive(Debug, Default)]
pub struct Give {
    /// They, in their order.
    pub named: Vec<(String, GivenValue)>,
}

impl Give {
    /// What its texts read.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        let named = self.named.iter();
        named.flat_map(|(_, given)| given.readings()).collect()
    }
}

/// A value as JSON.
fn scalar_json(value: Value) -> Json {
    match value {
        Value::Text(text) => Json::String(text),
        Value::Integer(number) => number.into(),
        Value::Number(number) => Number::from_f64(number).map_or(Json::Null, Json::Number),
        Value::Boolean(yes) => yes.into(),
        Value::Entries(_) | Value::Recording(_) => Json::Null,
    }
}

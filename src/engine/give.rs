//! What goes out with an action: values whose texts may have holes, by name: `give.reason = "{{ why }}"`, `json.rx = "{{ rx }}"`.

use std::sync::Arc;

use serde_json::{Map, Number, Value as Json};

use super::expression::{Computed, Reading, Values};
use super::fault::Fault;
use super::template::{Piece, Template};

/// A value whose texts may have holes.
#[derive(Debug)]
pub enum GivenValue {
    /// A text; one that is nothing but a hole keeps the type of what it reads, a list too.
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

    /// Whether the whole first request is in it.
    pub fn has_request(&self) -> bool {
        match self {
            Self::Text(text) => text.has_request(),
            Self::Fixed(_) => false,
            Self::Table(all) => all.iter().any(|(_, given)| given.has_request()),
            Self::List(all) => all.iter().any(Self::has_request),
        }
    }

    /// As JSON, with the holes filled; nothing for a hole that is not set.
    ///
    /// # Errors
    /// When a hole cannot be worked out.
    pub fn json(&self, values: &dyn Values) -> Result<Json, Fault> {
        Ok(match self {
            Self::Text(text) => match text.pieces.as_slice() {
                [Piece::Hole(code)] => code.value(values)?.map_or(Json::Null, json),
                _ => Json::String(text.fill(values)?),
            },
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

    /// The names and texts that it is; none of anything but the first request.
    ///
    /// # Errors
    /// When a hole cannot be worked out.
    pub fn fields(&self, values: &dyn Values) -> Result<Vec<(String, String)>, Fault> {
        let Self::Text(text) = self else {
            return Ok(Vec::new());
        };
        let [Piece::Hole(code)] = text.pieces.as_slice() else {
            return Ok(Vec::new());
        };
        Ok(match code.value(values)? {
            Some(Computed::Fields(fields)) => fields.to_vec(),
            _ => Vec::new(),
        })
    }

    /// As text, with the holes filled; what nests as JSON.
    ///
    /// # Errors
    /// When a hole cannot be worked out.
    pub fn text(&self, values: &dyn Values) -> Result<String, Fault> {
        Ok(match self {
            Self::Text(text) => match text.pieces.as_slice() {
                [Piece::Hole(code)] => code.value(values)?.map_or_else(String::new, plain),
                _ => text.fill(values)?,
            },
            Self::Fixed(json) => json.to_string(),
            Self::Table(_) | Self::List(_) => self.json(values)?.to_string(),
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
fn json(value: Computed<'_>) -> Json {
    match value {
        Computed::Text(text) => Json::String(text.into_owned()),
        Computed::Integer(number) => number.into(),
        Computed::Number(number) => Number::from_f64(number).map_or(Json::Null, Json::Number),
        Computed::Boolean(yes) => yes.into(),
        Computed::List(all) => all.into_iter().map(json).collect(),
        Computed::Fields(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, text)| (name.clone(), Json::from(text.as_str())));
            Json::Object(fields.collect())
        }
        Computed::Entries(_) => Json::Null,
    }
}

/// A value as it stands in a text; what has no words as JSON.
fn plain(value: Computed<'_>) -> String {
    match value {
        value @ (Computed::List(_) | Computed::Fields(_)) => json(value).to_string(),
        other => other.into_text().into_owned(),
    }
}

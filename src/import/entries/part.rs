//! Entries out of JSON while it is read. Little of what a server answered is kept: pages and recordings are most of what a
//! recorder of HTTP writes down.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// What holds a list of entries: HAR, ngrok, Twilio and CloudWatch, a queue.
const LISTS: [&str; 4] = ["entries", "requests", "events", "Records"];
/// What holds what holds it: HAR.
const AROUND: &str = "log";
/// Where an entry tells what was answered, and what is kept of it.
const ANSWER: &str = "response";
const KEPT: [&str; 3] = ["date_created", "dateCreated", "status"];

/// A part of a log.
pub(super) enum Part<'t> {
    /// A document: an entry, or a list of them, which are handed on.
    Document(&'t mut dyn FnMut(Value)),
    /// An entry, or what stands in it.
    Entry,
    /// What was answered.
    Answer,
}

/// What a part was.
pub(super) enum Found {
    /// A list, whose entries were handed on.
    List,
    /// A value.
    Value(Value),
}

impl Found {
    fn value(self) -> Value {
        match self {
            Self::List => Value::Null,
            Self::Value(value) => value,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Found, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Found, E> {
        Ok(Found::Value(Value::Bool(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Found, E> {
        Ok(Found::Value(Value::Number(value.into())))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Found, E> {
        Ok(Found::Value(Value::Number(value.into())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Found, E> {
        Ok(Found::Value(
            Number::from_f64(value).map_or(Value::Null, Value::Number),
        ))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Found, E> {
        Ok(Found::Value(if matches!(self, Self::Answer) {
            Value::Null
        } else {
            Value::String(value.to_owned())
        }))
    }

    fn visit_unit<E: Error>(self) -> Result<Found, E> {
        Ok(Found::Value(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Found, A::Error> {
        match self {
            Self::Document(take) => {
                while let Some(entry) = list.next_element_seed(Part::Entry)? {
                    take(entry.value());
                }
                Ok(Found::List)
            }
            Self::Entry => {
                let mut values = Vec::new();
                while let Some(value) = list.next_element_seed(Part::Entry)? {
                    values.push(value.value());
                }
                Ok(Found::Value(Value::Array(values)))
            }
            Self::Answer => {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Found::Value(Value::Null))
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Found, A::Error> {
        let (mut fields, mut is_list) = (Map::new(), false);
        while let Some(name) = map.next_key::<String>()? {
            let Some(part) = self.below(&name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            match map.next_value_seed(part)? {
                Found::List => is_list = true,
                Found::Value(value) => drop(fields.insert(name, value)),
            }
        }
        Ok(if is_list {
            Found::List
        } else {
            Found::Value(Value::Object(fields))
        })
    }
}

impl Part<'_> {
    /// What stands at a name of it; nothing where that is not kept.
    fn below(&mut self, name: &str) -> Option<Part<'_>> {
        match self {
            Self::Document(take) if name == AROUND || LISTS.contains(&name) => {
                Some(Part::Document(&mut **take))
            }
            Self::Document(_) | Self::Entry => Some(if name == ANSWER {
                Part::Answer
            } else {
                Part::Entry
            }),
            Self::Answer => KEPT.contains(&name).then_some(Part::Entry),
        }
    }
}

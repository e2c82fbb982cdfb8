//! Entries out of JSON while it is read. Little of what a server answered is kept: pages and recordings are most of what a
//! recorder of HTTP writes down.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// What holds a list of entries: HAR, ngrok, Twilio and CloudWatch, a queue.
const LISTS: [&str; 4] = ["entries", "requests", "events", "Records"];
/// What holds what holds it: HAR.
const AROUND: &str = "log";
/// Where an entry says what was answered, and what is kept of it.
const ANSWER: &str = "response";
const KEPT: [&str; 3] = ["date_created", "dateCreated", "status"];

/// A part of a log.
pub(super) enum LogPart<'t> {
    /// A document: an entry, or a list of them, which are handed on.
    Document(&'t mut dyn FnMut(Value)),
    /// An entry, or something inside it.
    Entry,
    Answer,
}

/// What a part was.
pub(super) enum PartValue {
    /// A list, whose entries were handed on.
    List,
    Value(Value),
}

impl PartValue {
    fn value(self) -> Value {
        match self {
            Self::List => Value::Null,
            Self::Value(value) => value,
        }
    }
}

impl<'de> DeserializeSeed<'de> for LogPart<'_> {
    type Value = PartValue;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<PartValue, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for LogPart<'_> {
    type Value = PartValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<PartValue, E> {
        Ok(PartValue::Value(Value::Bool(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<PartValue, E> {
        Ok(PartValue::Value(Value::Number(value.into())))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<PartValue, E> {
        Ok(PartValue::Value(Value::Number(value.into())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<PartValue, E> {
        Ok(PartValue::Value(
            Number::from_f64(value).map_or(Value::Null, Value::Number),
        ))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<PartValue, E> {
        Ok(PartValue::Value(if matches!(self, Self::Answer) {
            Value::Null
        } else {
            Value::String(value.to_owned())
        }))
    }

    fn visit_unit<E: Error>(self) -> Result<PartValue, E> {
        Ok(PartValue::Value(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PartValue, A::Error> {
        match self {
            Self::Document(take) => {
                while let Some(entry) = list.next_element_seed(LogPart::Entry)? {
                    take(entry.value());
                }
                Ok(PartValue::List)
            }
            Self::Entry => {
                let mut values = Vec::new();
                while let Some(value) = list.next_element_seed(LogPart::Entry)? {
                    values.push(value.value());
                }
                Ok(PartValue::Value(Value::Array(values)))
            }
            Self::Answer => {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(PartValue::Value(Value::Null))
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<PartValue, A::Error> {
        let (mut fields, mut is_list) = (Map::new(), false);
        while let Some(name) = map.next_key::<String>()? {
            let Some(part) = self.below(&name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            match map.next_value_seed(part)? {
                PartValue::List => is_list = true,
                PartValue::Value(value) => drop(fields.insert(name, value)),
            }
        }
        Ok(if is_list {
            PartValue::List
        } else {
            PartValue::Value(Value::Object(fields))
        })
    }
}

impl LogPart<'_> {
    /// What stands at a name of it; nothing where that is not kept.
    fn below(&mut self, name: &str) -> Option<LogPart<'_>> {
        match self {
            Self::Document(take) if name == AROUND || LISTS.contains(&name) => {
                Some(LogPart::Document(&mut **take))
            }
            Self::Document(_) | Self::Entry => Some(if name == ANSWER {
                LogPart::Answer
            } else {
                LogPart::Entry
            }),
            Self::Answer => KEPT.contains(&name).then_some(LogPart::Entry),
        }
    }
}

//! A prompt of a manifest as it is written, with the place of every value: what a bundle keeps, so that the same reader
//! reads it that reads the prompts of a flow.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::DeValue;

/// How deep values may stand in each other; what is deeper is no prompt.
const MAX_DEPTH: u8 = 8;

/// A value, and its bytes in the manifest's file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestValue {
    /// What it is.
    pub what: Kind,
    /// From, and to.
    pub at: (usize, usize),
}

/// What a value of a prompt can be: all else has been refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    /// Text.
    Text(String),
    /// Several of them.
    List(Vec<ManifestValue>),
    /// By their keys, and the bytes of these.
    Table(Vec<(String, (usize, usize), ManifestValue)>),
}

impl ManifestValue {
    /// A value as it was parsed; nothing where it is nothing that a prompt consists of.
    pub fn of(value: &Spanned<DeValue<'_>>) -> Option<Self> {
        Self::within(value, MAX_DEPTH)
    }

    fn within(value: &Spanned<DeValue<'_>>, depth: u8) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let what = match value.get_ref() {
            DeValue::String(text) => Kind::Text(text.to_string()),
            DeValue::Array(list) => {
                let all = list.iter().filter_map(|value| Self::within(value, depth));
                Kind::List(all.collect())
            }
            DeValue::Table(table) => {
                let all = table.iter().filter_map(|(key, value)| {
                    let value = Self::within(value, depth)?;
                    Some((key.get_ref().to_string(), pair(key.span()), value))
                });
                Kind::Table(all.collect())
            }
            _ => return None,
        };
        let at = pair(value.span());
        Some(Self { what, at })
    }

    /// The same for a reader of TOML.
    pub fn to_toml(&self) -> Spanned<DeValue<'_>> {
        let value = match &self.what {
            Kind::Text(text) => DeValue::String(Cow::Borrowed(text.as_str())),
            Kind::List(all) => DeValue::Array(all.iter().map(Self::to_toml).collect()),
            Kind::Table(all) => {
                let all = all.iter().map(|(key, at, value)| {
                    let key = Spanned::new(at.0..at.1, Cow::Borrowed(key.as_str()));
                    (key, value.to_toml())
                });
                DeValue::Table(all.collect())
            }
        };
        Spanned::new(self.at.0..self.at.1, value)
    }

    /// Feeds all of it but the places to a hash.
    pub fn feed(&self, feed: &mut impl FnMut(&str)) {
        match &self.what {
            Kind::Text(text) => {
                feed("text");
                feed(text);
            }
            Kind::List(all) => {
                feed("list");
                for value in all {
                    value.feed(feed);
                }
                feed("end");
            }
            Kind::Table(all) => {
                feed("table");
                for (key, _, value) in all {
                    feed(key);
                    value.feed(feed);
                }
                feed("end");
            }
        }
    }
}

fn pair(span: Range<usize>) -> (usize, usize) {
    (span.start, span.end)
}

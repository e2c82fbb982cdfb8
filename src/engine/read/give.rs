//! Reads what goes out with an action.

use serde_json::{Number, Value as Json};
use toml::de::DeValue;

use super::super::expression::{Sensitive, Stands};
use super::super::give::{Give, GivenValue};
use super::super::template::Template;
use super::Checker;
use crate::written::Item;

impl Give {
    /// Reads a table of names and values. The names are the receiver's, so any will do.
    pub fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        let table = item.table(
            check,
            "`give` must be a table, such as `give.reason = \"…\"`",
        )?;
        let mut give = Self::default();
        for (name, item) in table.all() {
            let value = GivenValue::parse(item, Stands::Sent(Sensitive::Refused), check);
            give.named
                .extend(value.map(|value| (name.to_owned(), value)));
        }
        Some(give)
    }
}

impl GivenValue {
    /// Reads a value that may nest, and what stands for its texts.
    pub fn parse(item: Item<'_>, stands: Stands, check: &mut Checker) -> Option<Self> {
        if let Some(table) = item.as_table() {
            let all: Vec<_> = table
                .all()
                .into_iter()
                .map(|(name, item)| Some((name.to_owned(), Self::parse(item, stands, check)?)))
                .collect();
            return Some(Self::Table(all.into_iter().collect::<Option<_>>()?));
        }
        if let Some(entries) = item.entries() {
            let all: Vec<_> = entries
                .into_iter()
                .map(|item| Self::parse(item, stands, check))
                .collect();
            return Some(Self::List(all.into_iter().collect::<Option<_>>()?));
        }
        Self::scalar(item, stands, check)
    }

    /// Reads a value that does not nest.
    pub fn scalar(item: Item<'_>, stands: Stands, check: &mut Checker) -> Option<Self> {
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
        Template::parse(text, item.span(), stands, check).map(Self::Text)
    }
}

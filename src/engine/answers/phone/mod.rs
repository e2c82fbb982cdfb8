//! `phone`: a telephone number, entered as people of a country dial it and stored in E.164.

mod keys;
mod plan;

use std::ops::Range;
use std::sync::Arc;

use super::kind::{Kind, by_itself, is_bare};
use crate::engine::answer::Answer;
use crate::engine::expression::{TextType, Type};
use crate::engine::value::Value;
use crate::written::number::is_e164;
use crate::written::{Code, Explain, Faults, Item, Table};
use plan::Plan;

pub(super) const KIND: Kind = Kind {
    name: "phone",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: true,
    is_entered: true,
    is_secret: false,
    beside: &[],
    parse,
    spoken_by: by_itself,
};

/// The fewest keys of a number, and the most: three for an international prefix, fifteen for the number (E.164).
const KEYS: (u32, u32) = (4, 18);

#[derive(Debug)]
struct Phone(Plan);

fn parse(
    item: Option<Item<'_>>,
    at: Range<usize>,
    _: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let written = item.filter(|item| !is_bare(*item));
    let country = match written {
        Some(item) => item
            .text(
                check,
                "`phone` must be the two letters of a country, or `true`",
            )?
            .to_owned(),
        None => check.country().unwrap_or_default(),
    };
    let Some(plan) = Plan::of(&country) else {
        let place = written.map_or(at, |item| item.span());
        let message = if country.is_empty() {
            "nothing says of which country these numbers are: the flow's language has none"
                .to_owned()
        } else {
            format!("`{country}` is no country with telephone numbers")
        };
        let help = match meant(&country) {
            Some(meant) => format!("did you mean `phone = \"{meant}\"`?"),
            None => "write its two letters: `phone = \"GB\"`, `phone = \"DE\"`, `phone = \"US\"`"
                .to_owned(),
        };
        check.fault(Code::CountryUnknown, place, message).help(help);
        return None;
    };
    Some(Arc::new(Phone(plan)))
}

/// The country that was meant by what is none.
fn meant(country: &str) -> Option<String> {
    let letters = country.to_ascii_uppercase();
    let letters = if letters == "UK" { "GB" } else { &letters };
    Plan::of(letters).map(Plan::country)
}

impl Answer for Phone {
    fn describe(&self) -> String {
        format!(
            "a telephone number, as it is dialled in {}",
            self.0.country()
        )
    }

    fn type_of(&self) -> Type {
        Type::Text(TextType::Phone)
    }

    fn length(&self) -> (u32, u32) {
        KEYS
    }

    fn example(&self) -> String {
        self.0.example()
    }

    fn check(&self, keys: &str) -> Option<Value> {
        let length = keys.len() as u32;
        let is_dialled =
            (KEYS.0..=KEYS.1).contains(&length) && keys.bytes().all(|key| key.is_ascii_digit());
        is_dialled
            .then(|| self.0.international(keys))
            .flatten()
            .map(Value::Text)
    }

    fn entry_of(&self, value: &Value) -> Option<String> {
        self.0.dialled(&value.to_string())
    }

    /// What the carrier says of a caller is taken as it stands: it knows numbers that no plan has yet. Whoever withholds
    /// the number has none.
    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if is_e164(text))
    }

    /// Digit by digit, in the groups in which people of its country write it.
    fn speak(&self, value: &Value, _: &str) -> String {
        let number = value.to_string();
        let groups = self.0.groups(&number).unwrap_or_else(|| vec![number]);
        let digits = |group: String| {
            let digits: Vec<String> = group.chars().map(String::from).collect();
            digits.join(" ")
        };
        let groups: Vec<String> = groups.into_iter().map(digits).collect();
        groups.join(", ")
    }
}

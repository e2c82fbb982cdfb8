//! Changes to answers and variables: `set` and `forget`, beside `next`, on a key, or as an action of their own.

use std::sync::Arc;

use super::super::edge::Effect;
use super::super::fault::Fault;
use super::super::ids::Slot;
use super::super::moment::Moment;
use super::super::schema::shared::{CALL, FORGET, LANGUAGE, SET};
use super::super::template::Template;
use super::super::value::Value;
use super::check::Checker;
use super::written::{Item, Table};

/// What is set and what is forgotten, in this order.
#[derive(Debug, Default)]
pub struct Changes {
    set: Vec<(Name, Source)>,
    forget: Vec<Slot>,
}

/// What is set.
#[derive(Clone, Copy, Debug)]
enum Name {
    Slot(Slot),
    Language,
}

/// What it is set to.
#[derive(Debug)]
enum Source {
    Value(Value),
    Text(Template),
}

impl Changes {
    /// Reads `set` and `forget` of a table.
    pub fn parse(table: &Table<'_>, check: &mut Checker) -> Self {
        let mut changes = Self::default();
        if let Some(item) = table.get(SET.name) {
            changes.parse_set(item, check);
        }
        if let Some(item) = table.get(FORGET.name) {
            changes.parse_forget(item, check);
        }
        changes
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.forget.is_empty()
    }

    /// What it does to names, for checks.
    pub fn effect(&self) -> Effect {
        let set = |(name, source): &(Name, Source)| match name {
            Name::Slot(slot) => Some((*slot, source.literal())),
            Name::Language => None,
        };
        let mut reads = Vec::new();
        for (at, (_, source)) in self.set.iter().enumerate() {
            let Source::Text(text) = source else { continue };
            let before = self.set[..at].iter().filter_map(set).count();
            reads.extend(
                text.readings
                    .iter()
                    .map(|reading| (before, Arc::clone(reading))),
            );
        }
        Effect {
            into: None,
            sets: self.set.iter().filter_map(set).collect(),
            forgets: self.forget.clone(),
            reads,
        }
    }

    fn parse_set(&mut self, item: Item<'_>, check: &mut Checker) {
        let Some(table) = item.table(check, "`set` must be a table of names and values") else {
            return;
        };
        for (name, value) in table.all() {
            if name == CALL.name {
                self.parse_call(value, check);
                continue;
            }
            let Some(slot) = check.settable(name, value.key_span()) else {
                continue;
            };
            if let Some(source) = Source::parse(value, check) {
                check.fits(slot, source.literal().as_ref(), value.span());
                self.set.push((Name::Slot(slot), source));
            }
        }
    }

    /// `call.language` is the one fact of a call that a flow may set.
    fn parse_call(&mut self, item: Item<'_>, check: &mut Checker) {
        let Some(table) = item.table(
            check,
            "`call` must be a table, and only `call.language` can be set in it",
        ) else {
            return;
        };
        if let Some(value) = table.get(LANGUAGE.name)
            && let Some(source) = Source::parse(value, check)
        {
            match source.literal() {
                Some(Value::Text(tag)) => _ = check.language(&tag, value.span()),
                Some(_) => value.wrong(
                    check,
                    "`call.language` must be a language in quotes, such as \"en-GB\"",
                ),
                None => {}
            }
            self.set.push((Name::Language, source));
        }
        table.finish(check, "`call`, where it is set,");
    }

    fn parse_forget(&mut self, item: Item<'_>, check: &mut Checker) {
        let names = match item.value.as_str() {
            Some(_) => vec![item],
            None => item
                .list(check, "`forget` must be a list of names")
                .unwrap_or_default(),
        };
        for name in names {
            if let Some(text) = name.text(check, "`forget` must be a list of names")
                && let Some(slot) = check.known_slot(text, name.span())
            {
                self.forget.push(slot);
            }
        }
    }

    /// Makes the changes.
    pub(in crate::engine) fn apply(&self, moment: &mut Moment<'_>) -> Result<(), Fault> {
        for (name, source) in &self.set {
            let value = source.value(moment)?;
            match name {
                Name::Slot(slot) => {
                    let value = value.map(|value| fit(moment, *slot, value)).transpose()?;
                    moment.call.put(*slot, value);
                }
                Name::Language => set_language(moment, value)?,
            }
        }
        for slot in &self.forget {
            moment.call.put(*slot, None);
        }
        Ok(())
    }
}

impl Source {
    fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        use toml::de::DeValue;
        match item.value {
            DeValue::String(text) => Template::parse(text, item.span(), check).map(Self::Text),
            DeValue::Integer(_) => item
                .as_integer()
                .map(|number| Self::Value(Value::Integer(number))),
            DeValue::Float(number) => number
                .as_str()
                .parse()
                .ok()
                .map(|number| Self::Value(Value::Number(number))),
            DeValue::Boolean(yes) => Some(Self::Value(Value::Boolean(*yes))),
            _ => {
                item.wrong(check, "a value must be text, a number, true or false");
                None
            }
        }
    }

    fn literal(&self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::Text(template) => template
                .as_literal()
                .map(|text| Value::Text(text.to_owned())),
        }
    }

    fn value(&self, moment: &Moment<'_>) -> Result<Option<Value>, Fault> {
        match self {
            Self::Value(value) => Ok(Some(value.clone())),
            Self::Text(template) => template.value(&moment.scope()),
        }
    }
}

/// A value that an answer accepts; a variable accepts any.
fn fit(moment: &Moment<'_>, slot: Slot, value: Value) -> Result<Value, Fault> {
    match moment.flow.answer(slot) {
        Some(answer) if !answer.kind.accepts(&value) => Err(Fault::Misfit {
            name: answer.name.clone(),
            value: if answer.sensitive {
                String::new()
            } else {
                value.to_string()
            },
        }),
        _ => Ok(value),
    }
}

fn set_language(moment: &mut Moment<'_>, value: Option<Value>) -> Result<(), Fault> {
    let tag = value.map(|value| value.to_string()).unwrap_or_default();
    let place = moment
        .flow
        .languages
        .iter()
        .position(|language| *language.tag == *tag);
    match place.and_then(|place| u8::try_from(place).ok()) {
        Some(place) => moment.call.language = place,
        None => {
            return Err(Fault::Misfit {
                name: "call.language".to_owned(),
                value: tag,
            });
        }
    }
    Ok(())
}

//! One table of the settings, read key by key: every fault is told, none stops the reading.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use config::{Map, Value, ValueKind};
use secrecy::SecretString;

use super::bounds::Bounded;
use super::fault::Fault;
use super::layer::leaf_origin;
use super::value;
use crate::written::{TIMES, parse_time};

/// What comes up while reading.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<Fault>,
    /// Where each setting was set.
    origins: HashMap<String, String>,
}

impl Reader {
    /// A fault of a setting that was read.
    pub(super) fn fault(
        &self,
        key: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Fault {
        let origin = self.origins.get(key).cloned().unwrap_or_default();
        Fault {
            key: key.into(),
            origin,
            message: message.into(),
            help: help.into(),
        }
    }
}

/// A table that is being read.
pub(super) struct Section<'r> {
    path: String,
    values: Map<String, Value>,
    known: Vec<&'static str>,
    reader: &'r mut Reader,
}

impl<'r> Section<'r> {
    /// Opens the table `name` of a table whose path is `parent` (empty at the top).
    pub(super) fn open(
        parent: &str,
        name: &str,
        value: Option<Value>,
        reader: &'r mut Reader,
    ) -> Self {
        let path = if parent.is_empty() {
            name.to_owned()
        } else {
            format!("{parent}.{name}")
        };
        let origin = value.as_ref().map(|value| leaf_origin(value).to_owned());
        let values = match value.map(|value| value.kind) {
            Some(ValueKind::Table(table)) => table,
            None | Some(ValueKind::Nil) => Map::new(),
            Some(_) => {
                let (key, origin) = (path.clone(), origin.unwrap_or_default());
                let message = "is a table of settings, not a value".into();
                reader.faults.push(Fault {
                    key,
                    origin,
                    message,
                    help: format!("write [{path}], and settings below it"),
                });
                Map::new()
            }
        };
        Self {
            path,
            values,
            known: Vec::new(),
            reader,
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.known.push(key);
        let value = self
            .values
            .remove(key)
            .filter(|value| value.kind != ValueKind::Nil)?;
        self.reader
            .origins
            .insert(self.key(key), leaf_origin(&value).into());
        Some(value)
    }

    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    fn fault(&mut self, key: &str, message: impl Into<String>, help: &str) {
        let fault = self.reader.fault(&self.key(key), message, help);
        self.reader.faults.push(fault);
    }

    /// Takes a text that `parse` understands; `right` says what that is.
    pub(super) fn text<T>(
        &mut self,
        key: &'static str,
        right: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(key)?;
        let parsed = if let ValueKind::String(text) = &value.kind {
            parse(text)
        } else {
            None
        };
        if parsed.is_none() {
            self.fault(key, format!("{} is not right", shown(&value)), right);
        }
        parsed
    }

    /// Takes a whole number.
    pub(super) fn number(&mut self, key: &'static str) -> Option<usize> {
        let value = self.take(key)?;
        let number = match &value.kind {
            ValueKind::I64(number) => usize::try_from(*number).ok(),
            ValueKind::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.fault(
                key,
                format!("{} is not right", shown(&value)),
                "write a whole number from 0",
            );
        }
        number
    }

    /// Takes a whole number within its bounds.
    pub(super) fn count(&mut self, setting: &Bounded<usize>) -> Option<usize> {
        let read = self.number(setting.key);
        let read = read.and_then(|number| self.within(setting, number, &number.to_string()));
        read.or(setting.default)
    }

    /// Takes a length of time within its bounds.
    pub(super) fn duration(&mut self, setting: &Bounded<Duration>) -> Option<Duration> {
        let read = |text: &str| parse_time(text.trim()).map(|lasts| (text.to_owned(), lasts));
        let read = self.text(setting.key, TIMES, read);
        let read = read.and_then(|(written, lasts)| self.within(setting, lasts, &written));
        read.or(setting.default)
    }

    /// Takes an amount within its bounds.
    pub(super) fn bounded_amount(&mut self, setting: &Bounded<f64>) -> Option<f64> {
        let read = self.amount(setting.key);
        let read = read.and_then(|amount| self.within(setting, amount, &amount.to_string()));
        read.or(setting.default)
    }

    /// A value, if it is within the bounds of its setting.
    fn within<T: PartialOrd + Copy>(
        &mut self,
        setting: &Bounded<T>,
        value: T,
        written: &str,
    ) -> Option<T> {
        let (message, right) = if value < setting.least.0 {
            ("is too little", setting.least.1)
        } else if value > setting.most.0 {
            ("is too much", setting.most.1)
        } else {
            return Some(value);
        };
        self.fault(setting.key, format!("`{written}` {message}"), right);
        None
    }

    /// Takes an amount: a number from 0, perhaps with a fraction.
    pub(super) fn amount(&mut self, key: &'static str) -> Option<f64> {
        let value = self.take(key)?;
        let amount = match &value.kind {
            ValueKind::I64(number) => Some(*number as f64),
            ValueKind::Float(number) => Some(*number),
            ValueKind::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let amount = amount.filter(|amount| (0.0..f64::INFINITY).contains(amount));
        if amount.is_none() {
            self.fault(
                key,
                format!("{} is not right", shown(&value)),
                "write a number from 0, such as 0.0085",
            );
        }
        amount
    }

    /// Takes yes or no.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        let flag = match &value.kind {
            ValueKind::Boolean(flag) => Some(*flag),
            ValueKind::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        };
        if flag.is_none() {
            self.fault(
                key,
                format!("{} is not right", shown(&value)),
                "write true or false",
            );
        }
        flag
    }

    /// Takes a secret that `is_right`; `right` says what that is. Its value is never told.
    pub(super) fn secret(
        &mut self,
        key: &'static str,
        right: &str,
        is_right: fn(&str) -> bool,
    ) -> Option<SecretString> {
        let value = self.take(key)?;
        match value.kind {
            ValueKind::String(text) if is_right(&text) => Some(text.into()),
            _ => {
                self.fault(key, "is not right (a secret, not shown)", right);
                None
            }
        }
    }

    /// Takes one or several secrets: a list, or a text with commas or spaces between.
    pub(super) fn secrets(
        &mut self,
        key: &'static str,
        right: &str,
        is_right: fn(&str) -> bool,
    ) -> Vec<SecretString> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let texts: Option<Vec<String>> = match value.kind {
            ValueKind::String(text) => Some(
                text.split([',', ' ', '\n'])
                    .map(str::trim)
                    .map(str::to_owned)
                    .collect(),
            ),
            ValueKind::Array(items) => items
                .into_iter()
                .map(|item| item.into_string().ok())
                .collect(),
            _ => None,
        };
        let texts: Vec<String> = texts
            .unwrap_or_default()
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        if texts.is_empty() || !texts.iter().all(|text| is_right(text)) {
            self.fault(key, "is not right (a secret, not shown)", right);
        }
        texts.into_iter().map(SecretString::from).collect()
    }

    /// Takes the tables within a table, by name, in order.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<(String, Value)> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let ValueKind::Table(table) = value.kind else {
            self.fault(key, "is a table of settings, not a value", "");
            return Vec::new();
        };
        sorted(table)
    }

    /// Takes a table of texts by name, each of which `parse` understands; `right` says what that is.
    pub(super) fn choices<T>(
        &mut self,
        key: &'static str,
        right: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let mut choices = BTreeMap::new();
        for (name, value) in self.tables(key) {
            let parsed = if let ValueKind::String(text) = &value.kind {
                parse(text)
            } else {
                None
            };
            match parsed {
                Some(parsed) => _ = choices.insert(name, parsed),
                None => self.fault(
                    &format!("{key}.{name}"),
                    format!("{} is not right", shown(&value)),
                    right,
                ),
            }
        }
        choices
    }

    /// What must be there, and is not for a reason that has been told or is told now.
    pub(super) fn required<T>(&mut self, key: &str, value: Option<T>) -> Option<T> {
        let is_told = |fault: &Fault| fault.key == self.path || fault.key == self.key(key);
        if value.is_none() && !self.reader.faults.iter().any(is_told) {
            self.fault(key, "is not set", "");
        }
        value
    }

    /// What is left is unknown.
    pub(super) fn close(self) {
        for (name, value) in sorted(self.values) {
            let key = format!("{}.{name}", self.path);
            self.reader
                .faults
                .push(unknown(&key, &name, leaf_origin(&value), &self.known));
        }
    }
}

/// In order, so that the same faults are told in the same way.
pub(super) fn sorted(table: Map<String, Value>) -> Vec<(String, Value)> {
    let mut tables: Vec<_> = table.into_iter().collect();
    tables.sort_by(|(one, _), (other, _)| one.cmp(other));
    tables
}

/// A setting that does not exist, with the nearest that does.
pub(super) fn unknown(key: &str, name: &str, origin: &str, known: &[&str]) -> Fault {
    let near = known
        .iter()
        .map(|right| (strsim::damerau_levenshtein(right, name), *right))
        .min();
    let help = match near {
        Some((distance, right)) if distance <= 1 + name.len() / 3 => {
            format!("did you mean `{right}`?")
        }
        _ => format!("there are {}", known.join(", ")),
    };
    Fault {
        key: key.into(),
        origin: origin.into(),
        message: "there is no such setting".into(),
        help,
    }
}

fn shown(value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) => format!("`{}`", value::masked(text)),
        ValueKind::Table(_) => "a table".into(),
        ValueKind::Array(_) => "a list".into(),
        ValueKind::Boolean(flag) => format!("`{flag}`"),
        ValueKind::I64(number) => format!("the number {number}"),
        ValueKind::Float(number) => format!("the number {number}"),
        _ => "it".into(),
    }
}

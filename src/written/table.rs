//! Values and where they stand.
//!
//! A [`Table`] hands out its keys one by one and tells in the end which of them nobody asked for, so that every room
//! reads its own keys and an unknown one is found without a list of all of them elsewhere.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::code::Code;
use super::diag::{Diag, Explain, MOST, nearest};
use super::time::{TIMES, parse_time};

/// Who notes what is wrong with a file.
pub trait Faults {
    /// Notes an error at a place of the file that is being read; the caller may add help to it.
    fn fault(&mut self, code: Code, span: Range<usize>, message: String) -> &mut Diag;

    /// Says that a key which is not known here has its place elsewhere; false where that is not so.
    fn belongs_elsewhere(&mut self, key: &str, span: &Range<usize>, whose: &str) -> bool {
        let _ = (key, span, whose);
        false
    }

    /// The key that a word stands for elsewhere, if any.
    fn key_meant(&self, word: &str) -> Option<&'static str> {
        let _ = word;
        None
    }

    /// The two letters of the country of the flow's first language, where it has one.
    fn country(&self) -> Option<String> {
        None
    }

    /// Whether a table whose keys are all ours may have a [`NOTE`] beside them.
    fn takes_notes(&self) -> bool {
        false
    }
}

/// The key of words that only people read, in every table of a flow whose keys the language fixes.
pub const NOTE: &str = "note";

/// A value and its place.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// The value.
    pub value: &'a DeValue<'a>,
    /// Its bytes.
    pub start: usize,
    /// The end of its bytes.
    pub end: usize,
    /// The bytes of its key.
    pub key: (usize, usize),
}

impl<'a> Item<'a> {
    /// The bytes of the value.
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The bytes of the key.
    pub fn key_span(&self) -> Range<usize> {
        self.key.0..self.key.1
    }

    /// Text, or a fault.
    pub fn text(&self, check: &mut (impl Faults + ?Sized), what: &str) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong(check, what);
        }
        text
    }

    /// A whole number within bounds, or a fault; `what` ends with "a whole number".
    pub fn integer(
        &self,
        check: &mut (impl Faults + ?Sized),
        what: &str,
        bounds: Range<i64>,
    ) -> Option<i64> {
        let number = self.as_integer();
        match number {
            Some(number) if bounds.contains(&number) => Some(number),
            Some(number) => {
                let (low, high) = (bounds.start, bounds.end - 1);
                let message = format!("{what} from {low} to {high}, but is {number}");
                check.fault(Code::ValueOutOfRange, self.span(), message);
                None
            }
            None => {
                self.wrong(check, what);
                None
            }
        }
    }

    /// The whole number that it is, if it is one.
    pub fn as_integer(&self) -> Option<i64> {
        let number = self.value.as_integer()?;
        i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok()
    }

    /// A number from 0, perhaps with a fraction, or a fault; `what` ends with what it should be.
    pub fn amount(&self, check: &mut (impl Faults + ?Sized), what: &str) -> Option<f64> {
        let float = self
            .value
            .as_float()
            .and_then(|number| number.as_str().replace('_', "").parse::<f64>().ok());
        let Some(amount) = float.or_else(|| self.as_integer().map(|number| number as f64)) else {
            self.wrong(check, what);
            return None;
        };
        if !(0.0..f64::INFINITY).contains(&amount) {
            check.fault(
                Code::ValueOutOfRange,
                self.span(),
                format!("{what} from 0, but is {amount}"),
            );
            return None;
        }
        Some(amount)
    }

    /// A length of time, or a fault; `what` ends with "a time such as …".
    pub fn time(&self, check: &mut (impl Faults + ?Sized), what: &str) -> Option<Duration> {
        let text = self.text(check, what)?;
        let time = parse_time(text);
        if time.is_none() {
            let message = format!("`{text}` is not a time");
            check
                .fault(Code::ValueNotATime, self.span(), message)
                .help(TIMES);
        }
        time
    }

    /// A length of time of whole seconds within bounds, or a fault; `what` as for [`Self::time`].
    pub fn seconds(
        &self,
        check: &mut (impl Faults + ?Sized),
        what: &str,
        bounds: RangeInclusive<u32>,
    ) -> Option<u32> {
        let time = self.time(check, what)?;
        let whole = u32::try_from(time.as_secs())
            .ok()
            .filter(|_| time.subsec_nanos() == 0);
        let seconds = whole.filter(|seconds| bounds.contains(seconds));
        if seconds.is_none() {
            let (low, high) = (bounds.start(), bounds.end());
            let text = self.value.as_str().unwrap_or_default();
            let message = format!("{text} is not possible here");
            check
                .fault(Code::ValueOutOfRange, self.span(), message)
                .help(format!("whole seconds, from \"{low}s\" to \"{high}s\""));
        }
        seconds
    }

    /// True or false, or a fault.
    pub fn boolean(&self, check: &mut (impl Faults + ?Sized), what: &str) -> Option<bool> {
        let value = self.value.as_bool();
        if value.is_none() {
            self.wrong(check, what);
        }
        value
    }

    /// A table, or a fault.
    pub fn table(&self, check: &mut (impl Faults + ?Sized), what: &str) -> Option<Table<'a>> {
        let table = self.as_table();
        if table.is_none() {
            self.wrong(check, what);
        }
        table
    }

    /// The table that it is, if it is one.
    pub fn as_table(&self) -> Option<Table<'a>> {
        match self.value {
            DeValue::Table(table) => Some(Table::new(table, self.span())),
            _ => None,
        }
    }

    /// The entries of a list, or a fault.
    pub fn list(&self, check: &mut (impl Faults + ?Sized), what: &str) -> Option<Vec<Item<'a>>> {
        let Some(entries) = self.entries() else {
            self.wrong(check, what);
            return None;
        };
        Some(entries)
    }

    /// The texts of a list, or a text that stands alone, each with its bytes; a fault for what is no text.
    pub fn texts(
        &self,
        check: &mut (impl Faults + ?Sized),
        what: &str,
    ) -> Vec<(&'a str, Range<usize>)> {
        let entries = self.entries().unwrap_or_else(|| vec![*self]);
        let text = |entry: Item<'a>| Some((entry.text(check, what)?, entry.span()));
        entries.into_iter().filter_map(text).collect()
    }

    /// The entries, if it is a list.
    pub fn entries(&self) -> Option<Vec<Item<'a>>> {
        let DeValue::Array(array) = self.value else {
            return None;
        };
        let item = |entry: &'a toml::Spanned<DeValue<'a>>| Item {
            value: entry.get_ref(),
            start: entry.span().start,
            end: entry.span().end,
            key: self.key,
        };
        Some(array.iter().map(item).collect())
    }

    /// Says that the value is of the wrong kind; `what` names what it should be, as in "`title` must be text".
    pub fn wrong<'c>(&self, check: &'c mut (impl Faults + ?Sized), what: &str) -> &'c mut Diag {
        let found = match self.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let diag = check.fault(
            Code::ValueWrongType,
            self.span(),
            format!("{what}, but is {found}"),
        );
        match self.as_wanted(what) {
            Some(way_out) => diag.help(way_out),
            None => diag,
        }
    }

    /// How a value of the wrong kind would be written that is right apart from its quotes or brackets.
    fn as_wanted(&self, what: &str) -> Option<String> {
        let wants = |words: &[&str]| words.iter().any(|word| what.contains(word));
        let is_text = wants(&["text", "quotes", "a step", "name", "condition"]);
        match self.value {
            DeValue::String(text) if wants(&["whole number"]) => {
                let number: i64 = text.trim().parse().ok()?;
                Some(format!("leave out the quotes: `{number}`"))
            }
            DeValue::String(_) if wants(&["true or false"]) => {
                Some("write `true` or `false`, without quotes".to_owned())
            }
            DeValue::Integer(number) if wants(&["a time such as"]) => Some(format!(
                "write \"{}s\", with its unit and in quotes",
                number.as_str()
            )),
            DeValue::Boolean(_) if wants(&["a step"]) => {
                Some("name a step in quotes, or \"hangup\", which ends the call".to_owned())
            }
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) if is_text => {
                Some("put it in quotes".to_owned())
            }
            DeValue::Array(entries) if is_text && entries.len() == 1 => {
                let only = entries.first()?.get_ref().as_str()?;
                Some(format!("leave out the brackets: \"{only}\""))
            }
            _ => None,
        }
    }
}

/// A table, and which of its keys have been read.
#[derive(Debug)]
pub struct Table<'a> {
    entries: &'a DeTable<'a>,
    span: Range<usize>,
    read: RefCell<Vec<String>>,
}

impl<'a> Table<'a> {
    /// A table as parsed.
    pub fn new(entries: &'a DeTable<'a>, span: Range<usize>) -> Self {
        Self {
            entries,
            span,
            read: RefCell::default(),
        }
    }

    /// The bytes of the table (of its header, if it has one).
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A key's value. The key counts as known from now on, whether it is there or not.
    pub fn get(&self, key: &str) -> Option<Item<'a>> {
        self.read.borrow_mut().push(key.to_owned());
        self.peek(key)
    }

    /// A key's value, without saying that the key is known.
    pub fn peek(&self, key: &str) -> Option<Item<'a>> {
        self.entries
            .get_key_value(key)
            .map(|(key, value)| item(key, value))
    }

    /// The names of all keys, known or not.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(|key| key.get_ref().as_ref())
    }

    /// The names of the keys that nobody has asked for yet.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        let is_unread = |name: &&str| !self.read.borrow().iter().any(|read| read == *name);
        self.names().filter(is_unread)
    }

    /// All keys and values, which count as known.
    pub fn all(&self) -> Vec<(&'a str, Item<'a>)> {
        let all = self
            .entries
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), item(key, value)));
        let all: Vec<_> = all.collect();
        self.read
            .borrow_mut()
            .extend(all.iter().map(|(key, _)| (*key).to_owned()));
        all
    }

    /// Says which keys nobody has asked for, with the nearest known one.
    pub fn finish(self, check: &mut (impl Faults + ?Sized), whose: &str) {
        let mut seen = HashSet::new();
        let known: Vec<String> = self
            .read
            .into_inner()
            .into_iter()
            .filter(|key| seen.insert(key.clone()))
            .collect();
        let mut unknown = 0;
        for (key, value) in self.entries {
            let (name, span) = (key.get_ref().as_ref(), key.span());
            if seen.contains(name) {
                continue;
            }
            if name == NOTE && check.takes_notes() {
                item(key, value).text(check, "`note` must be text, for whoever reads the flow");
                continue;
            }
            if check.belongs_elsewhere(name, &span, whose) {
                continue;
            }
            unknown += 1;
            let near = if unknown <= MOST {
                nearest(name, known.iter().map(String::as_str))
            } else {
                None
            };
            let meant = check.key_meant(name).filter(|meant| seen.contains(*meant));
            let near = near.or(meant);
            let all = || {
                format!(
                    "known here: {}",
                    known
                        .iter()
                        .map(|key| format!("`{key}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            };
            let help = near.map_or_else(all, |near| format!("did you mean `{near}`?"));
            check
                .fault(
                    Code::KeyUnknown,
                    span,
                    format!("{whose} has no key `{name}`"),
                )
                .help(help);
        }
    }
}

fn item<'a>(
    key: &'a toml::Spanned<toml::de::DeString<'a>>,
    value: &'a toml::Spanned<DeValue<'a>>,
) -> Item<'a> {
    Item {
        value: value.get_ref(),
        start: value.span().start,
        end: value.span().end,
        key: (key.span().start, key.span().end),
    }
}

//! Keys that read themselves: a value is checked against the same bounds that editors are given.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::time::Duration;

use super::code::Code;
use super::diag::Explain;
use super::keys::{Key, Shape};
use super::table::{Faults, Item, Table};
use super::text::masked;
use super::time::{TIME, parse_time};

/// A key whose value is a `T`.
#[derive(Clone, Copy, Debug)]
pub struct Field<T> {
    /// The key: its name, bounds, default and meaning.
    pub key: Key,
    of: PhantomData<T>,
}

/// A key of the settings whose value is text that a rule of its own reads as a `T`.
#[derive(Clone, Copy, Debug)]
pub struct TextField<T> {
    /// The key: its name, default and meaning.
    pub key: Key,
    parse: fn(&str) -> Option<T>,
    /// What to write, for whoever wrote something else.
    right: &'static str,
}

/// What a [`Field`] can be.
pub trait Scalar: Sized {
    /// Reads the value of a key, or notes what is wrong with it.
    fn read(key: &Key, item: Item<'_>, check: &mut (impl Faults + ?Sized)) -> Option<Self>;

    /// Takes a default of the sources, a TOML value within the key's bounds.
    fn of_default(key: &Key, written: &str) -> Option<Self>;
}

impl<T: Scalar> Field<T> {
    const fn new(
        name: &'static str,
        shape: Shape,
        doc: &'static str,
        example: &'static str,
    ) -> Self {
        Self {
            key: Key::new(name, shape, doc, example),
            of: PhantomData,
        }
    }

    /// The same, with what holds where it is left out, as a TOML value.
    pub const fn or(self, default: &'static str) -> Self {
        Self {
            key: self.key.default(default),
            of: PhantomData,
        }
    }

    /// The same, with what to write rather than less or more than its bounds.
    pub const fn bounds_help(self, less: &'static str, more: &'static str) -> Self {
        Self {
            key: self.key.bounds_help(less, more),
            of: PhantomData,
        }
    }

    /// The value and its place, where the table has the key and nothing is wrong with it.
    pub fn find(
        &self,
        table: &Table<'_>,
        check: &mut (impl Faults + ?Sized),
    ) -> Option<(T, Range<usize>)> {
        let item = table.get(self.key.name)?;
        Some((T::read(&self.key, item, check)?, item.span()))
    }

    /// The value; the default where it is left out or faulty.
    ///
    /// # Panics
    /// When the field has no default, or one that is none of its values: tests read each.
    pub fn read(&self, table: &Table<'_>, check: &mut (impl Faults + ?Sized)) -> T {
        let default = || {
            self.key
                .default
                .and_then(|written| T::of_default(&self.key, written))
        };
        self.find(table, check)
            .map(|(value, _)| value)
            .or_else(default)
            .expect("a field that is read without its place has a default")
    }

    /// The value, which must be there; a fault where it is left out.
    pub fn read_required(
        &self,
        table: &Table<'_>,
        check: &mut (impl Faults + ?Sized),
    ) -> Option<T> {
        note_missing(&self.key, table, check);
        self.find(table, check).map(|(value, _)| value)
    }
}

impl<T> TextField<T> {
    /// Text that `parse` reads; `right` says what that is, as in "write an address".
    pub const fn new(
        name: &'static str,
        (parse, right): (fn(&str) -> Option<T>, &'static str),
        doc: &'static str,
        example: &'static str,
    ) -> Self {
        Self {
            key: Key::new(name, Shape::Text, doc, example),
            parse,
            right,
        }
    }

    /// The same, with what holds where it is left out, as a TOML value.
    pub const fn or(self, default: &'static str) -> Self {
        let Self { key, parse, right } = self;
        Self {
            key: key.default(default),
            parse,
            right,
        }
    }

    /// The same, with a value that is never shown.
    pub const fn secret(self) -> Self {
        let Self { key, parse, right } = self;
        Self {
            key: key.secret(),
            parse,
            right,
        }
    }

    /// The value and its place, where the table has the key and nothing is wrong with it.
    pub fn find(
        &self,
        table: &Table<'_>,
        check: &mut (impl Faults + ?Sized),
    ) -> Option<(T, Range<usize>)> {
        let item = table.get(self.key.name)?;
        Some((self.parse(item, check)?, item.span()))
    }

    /// The value; the default where it is left out or faulty.
    ///
    /// # Panics
    /// When the field has no default, or one that is none of its values: tests read each.
    pub fn read(&self, table: &Table<'_>, check: &mut (impl Faults + ?Sized)) -> T {
        let written = self.key.default.unwrap_or_default().trim_matches('"');
        self.find(table, check)
            .map(|(value, _)| value)
            .or_else(|| (self.parse)(written))
            .expect("a field that is read without its place has a default")
    }

    /// The value, which must be there; a fault where it is left out.
    pub fn read_required(
        &self,
        table: &Table<'_>,
        check: &mut (impl Faults + ?Sized),
    ) -> Option<T> {
        note_missing(&self.key, table, check);
        self.find(table, check).map(|(value, _)| value)
    }

    /// The values of a list, or of one text in which commas or blanks part them.
    pub fn find_all(&self, table: &Table<'_>, check: &mut (impl Faults + ?Sized)) -> Vec<T> {
        let Some(item) = table.get(self.key.name) else {
            return Vec::new();
        };
        if let Some(entries) = item.entries() {
            let each = entries.into_iter();
            return each.filter_map(|entry| self.parse(entry, check)).collect();
        }
        let text = item.value.as_str().unwrap_or_default();
        let parts = text.split([',', ' ', '\n']).filter(|part| !part.is_empty());
        let values: Option<Vec<T>> = parts.map(self.parse).collect();
        let values = values.filter(|values| !values.is_empty());
        if values.is_none() {
            self.note_wrong(item, check);
        }
        values.unwrap_or_default()
    }

    /// The value of a text; nothing where the rule does not read it.
    pub fn value(&self, text: &str) -> Option<T> {
        (self.parse)(text)
    }

    /// The value of an item, be it the key's or an entry of it; a fault where the rule does not read it.
    pub fn parse(&self, item: Item<'_>, check: &mut (impl Faults + ?Sized)) -> Option<T> {
        let value = item.value.as_str().and_then(self.parse);
        if value.is_none() {
            self.note_wrong(item, check);
        }
        value
    }

    fn note_wrong(&self, item: Item<'_>, check: &mut (impl Faults + ?Sized)) {
        let message = match item.value.as_str() {
            _ if self.key.is_secret => "is not right (a secret, not shown)".to_owned(),
            Some(text) => format!("`{}` is not right", masked(text)),
            None => {
                let what = format!("`{}` must be text", self.key.name);
                item.wrong(check, &what).help(self.right);
                return;
            }
        };
        let diag = check.fault(Code::SettingNotRight, item.span(), message);
        diag.help(self.right);
    }
}

/// Notes that a key is not there which must be.
fn note_missing(key: &Key, table: &Table<'_>, check: &mut (impl Faults + ?Sized)) {
    if table.peek(key.name).is_none() {
        let message = format!("`{}` is not set", key.name);
        let diag = check.fault(Code::SettingMissing, table.span(), message);
        diag.help(format!("write it as in `{}`", key.example));
    }
}

impl Key {
    /// The table that it holds, if it is there; a fault where it is something else.
    pub fn table<'a>(
        &self,
        table: &Table<'a>,
        check: &mut (impl Faults + ?Sized),
    ) -> Option<Table<'a>> {
        let what = format!("`{}` must be a table", self.name);
        let item = table.get(self.name)?;
        let inner = item.as_table();
        if inner.is_none() {
            let example = format!("write it as in `{}`", self.example);
            item.wrong(check, &what).help(example);
        }
        inner
    }
}

impl Field<bool> {
    /// True or false.
    pub const fn flag(name: &'static str, doc: &'static str, example: &'static str) -> Self {
        Self::new(name, Shape::Boolean, doc, example)
    }
}

impl Field<u32> {
    /// A whole number, from and to.
    pub const fn whole(
        name: &'static str,
        (low, high): (u32, u32),
        doc: &'static str,
        example: &'static str,
    ) -> Self {
        Self::new(name, Shape::Whole(low as i64, high as i64), doc, example)
    }

    /// Whole seconds, from and to, written as a length of time.
    pub const fn seconds(
        name: &'static str,
        (low, high): (u32, u32),
        doc: &'static str,
        example: &'static str,
    ) -> Self {
        Self::new(name, Shape::Seconds(low, high), doc, example)
    }
}

impl Field<Duration> {
    /// Any length of time.
    pub const fn time(name: &'static str, doc: &'static str, example: &'static str) -> Self {
        Self::new(name, TIME, doc, example)
    }

    /// A length of time, from and to, each as it is written.
    pub const fn between(
        name: &'static str,
        (low, high): (&'static str, &'static str),
        doc: &'static str,
        example: &'static str,
    ) -> Self {
        Self::new(name, Shape::Time(low, high), doc, example)
    }
}

impl Field<String> {
    /// Text of a shape.
    pub const fn text(
        name: &'static str,
        shape: Shape,
        doc: &'static str,
        example: &'static str,
    ) -> Self {
        Self::new(name, shape, doc, example)
    }
}

impl Field<f64> {
    /// A number from 0, perhaps with a fraction.
    pub const fn amount(name: &'static str, doc: &'static str, example: &'static str) -> Self {
        Self::new(name, Shape::Number, doc, example)
    }

    /// A number, perhaps with a fraction, from and to.
    pub const fn amount_within(
        name: &'static str,
        (low, high): (f64, f64),
        doc: &'static str,
        example: &'static str,
    ) -> Self {
        Self::new(name, Shape::Amount(low, high), doc, example)
    }
}

impl Scalar for bool {
    fn read(key: &Key, item: Item<'_>, check: &mut (impl Faults + ?Sized)) -> Option<Self> {
        item.boolean(check, &format!("`{}` must be true or false", key.name))
    }

    fn of_default(_: &Key, written: &str) -> Option<Self> {
        written.parse().ok()
    }
}

impl Scalar for u32 {
    fn read(key: &Key, item: Item<'_>, check: &mut (impl Faults + ?Sized)) -> Option<Self> {
        match key.shape {
            Shape::Seconds(low, high) => item.seconds(check, &such_as(key), low..=high),
            Shape::Whole(low, high) => {
                let what = format!("`{}` must be a whole number", key.name);
                let Some(number) = item.as_integer() else {
                    item.wrong(check, &what);
                    return None;
                };
                let is_within = within(key, item, (number, low, high), &what, check);
                is_within.then(|| Self::try_from(number).ok())?
            }
            shape => unreachable!("no constructor gives a number the shape {shape:?}"),
        }
    }

    fn of_default(key: &Key, written: &str) -> Option<Self> {
        match key.shape {
            Shape::Seconds(..) => Self::try_from(time_of_default(written)?.as_secs()).ok(),
            _ => written.parse().ok(),
        }
    }
}

impl Scalar for Duration {
    fn read(key: &Key, item: Item<'_>, check: &mut (impl Faults + ?Sized)) -> Option<Self> {
        let time = item.time(check, &such_as(key))?;
        let Shape::Time(low, high) = key.shape else {
            return Some(time);
        };
        let bounds = parse_time(low).zip(parse_time(high));
        let (least, most) = bounds.expect("bounds are written as lengths of time");
        if (least..=most).contains(&time) {
            return Some(time);
        }
        let written = item.value.as_str().unwrap_or_default();
        let message = format!(
            "`{}` must be from {low} to {high}, but is {written}",
            key.name
        );
        note_beyond(key, item, (time < least, message), check);
        None
    }

    fn of_default(_: &Key, written: &str) -> Option<Self> {
        time_of_default(written)
    }
}

impl Scalar for String {
    fn read(key: &Key, item: Item<'_>, check: &mut (impl Faults + ?Sized)) -> Option<Self> {
        let text = item.text(check, &format!("`{}` must be text", key.name))?;
        Some(text.to_owned())
    }

    fn of_default(_: &Key, written: &str) -> Option<Self> {
        Some(written.trim_matches('"').to_owned())
    }
}

impl Scalar for f64 {
    fn read(key: &Key, item: Item<'_>, check: &mut (impl Faults + ?Sized)) -> Option<Self> {
        let what = format!("`{}` must be an amount", key.name);
        let amount = item.amount(check, &what)?;
        let Shape::Amount(low, high) = key.shape else {
            return Some(amount);
        };
        within(key, item, (amount, low, high), &what, check).then_some(amount)
    }

    fn of_default(_: &Key, written: &str) -> Option<Self> {
        written.parse().ok()
    }
}

/// Whether a number is within its bounds; a fault where it is not.
fn within<T: PartialOrd + fmt::Display>(
    key: &Key,
    item: Item<'_>,
    (number, low, high): (T, T, T),
    what: &str,
    check: &mut (impl Faults + ?Sized),
) -> bool {
    let is_within = (&low..=&high).contains(&&number);
    if !is_within {
        let message = format!("{what} from {low} to {high}, but is {number}");
        note_beyond(key, item, (number < low, message), check);
    }
    is_within
}

fn note_beyond(
    key: &Key,
    item: Item<'_>,
    (is_less, message): (bool, String),
    check: &mut (impl Faults + ?Sized),
) {
    let diag = check.fault(Code::ValueOutOfRange, item.span(), message);
    let (less, more) = key.bounds_help;
    let help = if is_less { less } else { more };
    if !help.is_empty() {
        diag.help(help);
    }
}

fn time_of_default(written: &str) -> Option<Duration> {
    parse_time(written.trim_matches('"'))
}

/// What a key of a length of time must be, for whoever wrote something else.
fn such_as(key: &Key) -> String {
    let example = key
        .default
        .or_else(|| key.example.split_once(" = ").map(|(_, value)| value));
    let example = example.unwrap_or("\"5s\"");
    format!("`{}` must be a time such as {example}", key.name)
}

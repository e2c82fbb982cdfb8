//! Keys that read themselves: a value is checked against the same bounds that editors are given.

use std::marker::PhantomData;
use std::ops::Range;
use std::time::Duration;

use super::keys::{Key, Shape};
use super::table::{Faults, Item, Table};
use super::time::{TIME, parse_time};

/// A key whose value is a `T`.
#[derive(Clone, Copy, Debug)]
pub struct Field<T> {
    /// The key: its name, bounds, default and meaning.
    pub key: Key,
    of: PhantomData<T>,
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
                let number = item.integer(check, &what, low..high + 1)?;
                Self::try_from(number).ok()
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
        item.time(check, &such_as(key))
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
        item.amount(check, &format!("`{}` must be an amount", key.name))
    }

    fn of_default(_: &Key, written: &str) -> Option<Self> {
        written.parse().ok()
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

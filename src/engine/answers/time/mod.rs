//! `time`: a time of day, asked as hhmm over 24 hours, as VoiceXML's builtin `time` grammar has it, or over twice 12.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::kind::{Kind, by_itself, is_bare, word};
use crate::engine::answer::{Answer, SpokenEntry};
use crate::engine::expression::{TextType, Type};
use crate::engine::speech::time;
use crate::engine::value::Value;
use crate::written::{Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "time",
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

/// How the hours are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clock {
    /// From 0 to 23.
    Day,
    /// From 1 to 12, twice; a key says which half.
    Half,
}

/// The clocks, as they are written.
const CLOCKS: [(&str, Clock); 2] = [("24h", Clock::Day), ("12h", Clock::Half)];

#[derive(Debug)]
struct Time {
    clock: Clock,
}

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    _: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let written = item.filter(|item| !is_bare(*item));
    let clock = match written {
        None => Clock::Day,
        Some(item) => word(item, "time", &CLOCKS, check)?,
    };
    Some(Arc::new(Time { clock }))
}

/// A time as it is stored.
fn stored(hour: u8, minute: u8) -> Option<Value> {
    (hour < 24 && minute < 60).then(|| Value::Text(format!("{hour:02}:{minute:02}")))
}

/// The hour and the minute of a stored time.
fn parts(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_digit());
    if !two(hour) || !two(minute) {
        return None;
    }
    let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
    stored(hour, minute).map(|_| (hour, minute))
}

impl Answer for Time {
    fn describe(&self) -> String {
        let time = "a time of day such as \"12:30\"";
        match self.clock {
            Clock::Day => time.to_owned(),
            Clock::Half => format!("{time}, entered with morning or afternoon"),
        }
    }

    fn type_of(&self) -> Type {
        Type::Text(TextType::Time)
    }

    fn length(&self) -> (u32, u32) {
        match self.clock {
            Clock::Day => (4, 4),
            Clock::Half => (5, 5),
        }
    }

    fn example(&self) -> String {
        match self.clock {
            Clock::Day => "1230".to_owned(),
            Clock::Half => "12302".to_owned(),
        }
    }

    fn check(&self, keys: &str) -> Option<Value> {
        if keys.len() as u32 != self.length().0 || !keys.bytes().all(|key| key.is_ascii_digit()) {
            return None;
        }
        let (hour, minute): (u8, u8) = (keys[..2].parse().ok()?, keys[2..4].parse().ok()?);
        match (self.clock, &keys[4..]) {
            (Clock::Day, _) => stored(hour, minute),
            (Clock::Half, "1") if (1..=12).contains(&hour) => stored(hour % 12, minute),
            (Clock::Half, "2") if (1..=12).contains(&hour) => stored(hour % 12 + 12, minute),
            (Clock::Half, _) => None,
        }
    }

    /// Where only a key says which half of the day is meant, so must the words.
    fn said(&self, said: &SpokenEntry<'_>) -> Option<Value> {
        let time = time(said.words, said.language)?;
        let is_known = time.is_certain || self.clock == Clock::Day;
        stored(time.hour, time.minute).filter(|_| is_known)
    }

    fn entry_of(&self, value: &Value) -> Option<String> {
        let (hour, minute) = parts(&value.to_string())?;
        Some(match self.clock {
            Clock::Day => format!("{hour:02}{minute:02}"),
            Clock::Half => format!("{:02}{minute:02}{}", (hour + 11) % 12 + 1, 1 + hour / 12),
        })
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if parts(text).is_some())
    }
}

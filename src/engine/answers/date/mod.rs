//! `date`: a day, asked as yyyymmdd, as VoiceXML's builtin `date` grammar has it, or as callers would enter it.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date as Day;

use super::kind::{Kind, by_itself, is_bare, word};
use crate::engine::answer::{Answer, SpokenEntry};
use crate::engine::expression::{TextType, Type};
use crate::engine::speech::{day, digits};
use crate::engine::value::Value;
use crate::written::{Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "date",
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

/// How a day is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    YearFirst,
    YearLast,
    DayMonth,
    MonthDay,
}

/// The orders, as they are written.
const ORDERS: [(&str, Order); 4] = [
    ("yyyymmdd", Order::YearFirst),
    ("ddmmyyyy", Order::YearLast),
    ("ddmm", Order::DayMonth),
    ("mmdd", Order::MonthDay),
];

/// A year that has all days.
const LEAP: i16 = 2000;
/// The longest gap between two days of the same name, in years: 2096 has a 29th of February, and 2104 the next.
const GAP: i16 = 8;

#[derive(Debug)]
struct Date {
    order: Order,
}

fn parse(
    item: Option<Item<'_>>,
    _: Range<usize>,
    _: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let written = item.filter(|item| !is_bare(*item));
    let order = match written {
        None => Order::YearFirst,
        Some(item) => word(item, "date", &ORDERS, check)?,
    };
    Some(Arc::new(Date { order }))
}

impl Date {
    /// The day and the month of an entry, and the year where it has one.
    fn parts(&self, keys: &str) -> Option<(i8, i8, Option<i16>)> {
        if !keys.bytes().all(|key| key.is_ascii_digit()) || keys.len() as u32 != self.length().0 {
            return None;
        }
        let (day, month, year) = match self.order {
            Order::YearFirst => (&keys[6..], &keys[4..6], Some(&keys[..4])),
            Order::YearLast => (&keys[..2], &keys[2..4], Some(&keys[4..])),
            Order::DayMonth => (&keys[..2], &keys[2..], None),
            Order::MonthDay => (&keys[2..], &keys[..2], None),
        };
        let year = match year {
            Some(year) => Some(year.parse().ok()?),
            None => None,
        };
        Some((day.parse().ok()?, month.parse().ok()?, year))
    }
}

impl Answer for Date {
    fn describe(&self) -> String {
        let day = "a day such as \"2026-11-23\"";
        let named = ORDERS.iter().find(|(_, order)| *order == self.order);
        match named.filter(|(_, order)| *order != Order::YearFirst) {
            Some((name, _)) => format!("{day}, entered as {name}"),
            None => day.to_owned(),
        }
    }

    fn type_of(&self) -> Type {
        Type::Text(TextType::Date)
    }

    fn length(&self) -> (u32, u32) {
        match self.order {
            Order::YearFirst | Order::YearLast => (8, 8),
            Order::DayMonth | Order::MonthDay => (4, 4),
        }
    }

    fn example(&self) -> String {
        let example = match self.order {
            Order::YearFirst => "20261123",
            Order::YearLast => "23112026",
            Order::DayMonth => "2311",
            Order::MonthDay => "1123",
        };
        example.to_owned()
    }

    fn check(&self, keys: &str) -> Option<Value> {
        let (day, month, year) = self.parts(keys)?;
        let day = Day::new(year.unwrap_or(LEAP), month, day).ok()?;
        Some(Value::Text(day.to_string()))
    }

    /// Without a year, the next such day from today on.
    fn check_on(&self, keys: &str, today: Day) -> Option<Value> {
        let (day, month, None) = self.parts(keys)? else {
            return self.check(keys);
        };
        let years = (0..=GAP).filter_map(|more| today.year().checked_add(more));
        let mut days = years.filter_map(|year| Day::new(year, month, day).ok());
        let next = days.find(|day| *day >= today)?;
        Some(Value::Text(next.to_string()))
    }

    fn said(&self, said: &SpokenEntry<'_>) -> Option<Value> {
        match day(said.words, said.language, said.today) {
            Some(day) => Some(Value::Text(day.to_string())),
            None => self.check_on(&digits(said.words, said.language)?, said.today),
        }
    }

    fn depends_on_day(&self) -> bool {
        matches!(self.order, Order::DayMonth | Order::MonthDay)
    }

    fn said_depends_on_day(&self) -> bool {
        true
    }

    fn entry_of(&self, value: &Value) -> Option<String> {
        let day: Day = value.to_string().parse().ok()?;
        match self.order {
            Order::YearFirst => Some(day.strftime("%Y%m%d").to_string()),
            Order::YearLast => Some(day.strftime("%d%m%Y").to_string()),
            Order::DayMonth | Order::MonthDay => None,
        }
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if text.len() == 10 && text.parse::<Day>().is_ok())
    }
}

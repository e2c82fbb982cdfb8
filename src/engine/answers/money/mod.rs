//! `money`: an amount of one currency, with `*` as the point, as in VoiceXML's builtin `currency` grammar.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use iso_currency::Currency;

use super::decimal::{self, Decimal};
use super::kind::{Kind, by_itself};
use crate::engine::answer::{Answer, SpokenEntry};
use crate::engine::expression::Type;
use crate::engine::speech::decimal as decimal_of;
use crate::engine::value::Value;
use crate::written::{Code, Explain, Faults, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "money",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    key: keys::KEY,
    bare: false,
    is_entered: true,
    is_secret: false,
    beside: &[keys::AMOUNT],
    parse,
    spoken_by: by_itself,
};

/// The largest amount where nothing says another.
const MOST: f64 = 999_999.0;

#[derive(Debug)]
struct Money {
    currency: Currency,
    /// How many digits its smaller unit has: pence have two, yen none.
    digits: usize,
    amount: Decimal,
}

fn parse(
    item: Option<Item<'_>>,
    at: Range<usize>,
    promise: Option<&Table<'_>>,
    check: &mut dyn Faults,
) -> Option<Arc<dyn Answer>> {
    let amount = promise.and_then(|promise| promise.get(keys::AMOUNT.name));
    let amount = match amount {
        None => Some((0.0, MOST)),
        Some(item) => decimal::bounds(item, keys::AMOUNT.name, check),
    };
    let code = item.and_then(|item| item.value.as_str());
    let currency = code.and_then(Currency::from_code);
    let Some((currency, digits)) =
        currency.and_then(|currency| Some((currency, usize::from(currency.exponent()?))))
    else {
        let place = item.map_or(at, |item| item.span());
        let message = match code {
            Some(code) => format!("`{code}` is no currency"),
            None => "this amount has no currency".to_owned(),
        };
        check.fault(Code::CurrencyUnknown, place, message).help(
            "write its three letters: `money = \"GBP\"`, `money = \"EUR\"`, `money = \"USD\"`",
        );
        return None;
    };
    let (low, high) = amount?;
    Some(Arc::new(Money {
        currency,
        digits,
        amount: Decimal {
            low,
            high,
            // Twelve pounds and five what? Only all digits of the smaller unit are clear.
            fraction: digits..=digits,
        },
    }))
}

impl Money {
    /// The amount with all digits of the smaller unit, where it has any.
    fn written(&self, value: &Value) -> String {
        let number = match value {
            Value::Number(number) => *number,
            Value::Integer(number) => *number as f64,
            other => return other.to_string(),
        };
        if number.fract() == 0.0 {
            return number.to_string();
        }
        format!("{number:.*}", self.digits)
    }
}

impl Answer for Money {
    fn describe(&self) -> String {
        let Decimal { low, high, .. } = self.amount;
        format!("an amount of {} from {low} to {high}", self.currency.code())
    }

    fn type_of(&self) -> Type {
        Type::Number
    }

    fn length(&self) -> (u32, u32) {
        self.amount.length()
    }

    fn example(&self) -> String {
        let whole = self.amount.low.ceil();
        if whole <= self.amount.high {
            return whole.to_string();
        }
        decimal::entry(&format!("{:.*}", self.digits, self.amount.low))
    }

    fn check(&self, keys: &str) -> Option<Value> {
        if self.digits == 0 && keys.contains('*') {
            return None;
        }
        self.amount.read(keys).map(Value::Number)
    }

    fn said(&self, said: &SpokenEntry<'_>) -> Option<Value> {
        let (whole, fraction) = decimal_of(said.words, said.language)?;
        let point = if fraction.is_empty() { "" } else { "*" };
        self.check(&format!("{whole}{point}{fraction}"))
    }

    fn entry_of(&self, value: &Value) -> Option<String> {
        Some(decimal::entry(&self.written(value)))
    }

    /// An amount has no more digits behind the point than the currency has.
    fn accepts(&self, value: &Value) -> bool {
        let is_round = match value {
            Value::Number(number) => {
                let units = number * 10_f64.powi(i32::try_from(self.digits).unwrap_or_default());
                (units - units.round()).abs() < 1e-6
            }
            _ => true,
        };
        is_round && self.amount.holds(value)
    }

    /// With the sign of the currency, before the amount in English and behind it elsewhere: voices read both as people say
    /// them.
    fn speak(&self, value: &Value, language: &str) -> String {
        let amount = decimal::spoken(&self.written(value), language);
        let sign = self.currency.symbol().to_string();
        if language.starts_with("en") {
            format!("{sign}{amount}")
        } else {
            format!("{amount} {sign}")
        }
    }
}

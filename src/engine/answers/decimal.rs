//! Numbers with a fraction: how they are entered, with `*` as the point, and how they are written for a voice.

use std::ops::RangeInclusive;

use toml::de::DeFloat;

use crate::engine::value::Value;
use crate::written::voices::primary;
use crate::written::{Code, Explain, Faults, Item};

/// The most keys of an entry: a double holds fifteen digits without loss.
const MOST: usize = 16;

/// A number within bounds.
#[derive(Debug)]
pub(super) struct Decimal {
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// How many digits may be behind the point, where there is one.
    pub fraction: RangeInclusive<usize>,
}

impl Decimal {
    /// What an entry means, where it is legal: digits, and a star with digits behind it where the number has a fraction.
    pub fn read(&self, keys: &str) -> Option<f64> {
        let is_digits =
            |part: &str| !part.is_empty() && part.bytes().all(|key| key.is_ascii_digit());
        let (whole, fraction) = match keys.split_once('*') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (keys, None),
        };
        let is_fraction = fraction
            .is_none_or(|fraction| is_digits(fraction) && self.fraction.contains(&fraction.len()));
        if keys.len() > MOST || !is_digits(whole) || !is_fraction {
            return None;
        }
        let number: f64 = keys.replace('*', ".").parse().ok()?;
        (self.low..=self.high).contains(&number).then_some(number)
    }

    /// Whether a value is such a number.
    pub fn holds(&self, value: &Value) -> bool {
        let number = match value {
            Value::Number(number) => *number,
            Value::Integer(number) => *number as f64,
            _ => return false,
        };
        (self.low..=self.high).contains(&number)
    }

    /// The shortest and the longest entry.
    pub fn length(&self) -> (u32, u32) {
        let digits = |number: f64| (number as i64).checked_ilog10().unwrap_or(0) + 1;
        let fraction = match *self.fraction.end() as u32 {
            0 => 0,
            digits => digits + 1,
        };
        let longest = digits(self.high) + fraction;
        (digits(self.low), longest.min(MOST as u32))
    }

    /// A legal entry: the smallest.
    pub fn example(&self) -> String {
        let whole = self.low.ceil();
        if whole <= self.high {
            return whole.to_string();
        }
        entry(&self.low.to_string())
    }
}

/// What is entered for a number as it is stored.
pub(super) fn entry(stored: &str) -> String {
    stored.replace('.', "*")
}

/// A number as a voice of a language reads it: with the point of that language (CLDR, "decimal").
pub(super) fn spoken(stored: &str, language: &str) -> String {
    /// Languages in which a point stands between a number and its fraction; in all others of the carrier's voices it is a
    /// comma.
    const POINT: [&str; 15] = [
        "en", "cmn", "zh", "yue", "ja", "ko", "th", "he", "hi", "bn", "ta", "te", "mr", "cy", "fil",
    ];
    /// Spanish where a point is usual: the north of the Americas.
    const SPANISH: [&str; 2] = ["es-US", "es-MX"];
    if POINT.contains(&primary(language)) || SPANISH.contains(&language) {
        return stored.to_owned();
    }
    stored.replace('.', ",")
}

/// Two bounds: `[0.5, 30]`.
pub(super) fn bounds(item: Item<'_>, name: &str, check: &mut dyn Faults) -> Option<(f64, f64)> {
    let number = |item: &Item<'_>| {
        let text = item.value.as_float().map(DeFloat::as_str);
        let float = text.and_then(|text| text.replace('_', "").parse::<f64>().ok());
        float.or_else(|| item.as_integer().map(|number| number as f64))
    };
    let both = item.entries().and_then(|entries| match entries.as_slice() {
        [low, high] => number(low).zip(number(high)),
        _ => None,
    });
    let sound = both.filter(|(low, high)| 0.0 <= *low && low <= high && *high <= 999_999_999.0);
    if sound.is_none() {
        let message = format!("these are not bounds of `{name}`");
        check
            .fault(Code::BoundsWrong, item.span(), message)
            .help(format!(
                "write `{name} = [0.5, 30]`: numbers from 0 to 999999999, the lower one first"
            ));
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHT: Decimal = Decimal {
        low: 0.5,
        high: 30.0,
        fraction: 0..=2,
    };

    #[test]
    fn a_star_is_the_point() {
        for (keys, number) in [
            ("1", 1.0),
            ("1*5", 1.5),
            ("0*50", 0.5),
            ("007", 7.0),
            ("30*00", 30.0),
        ] {
            assert_eq!(WEIGHT.read(keys), Some(number), "{keys}");
        }
        for keys in [
            "",
            "*",
            "*5",
            "1*",
            "1*555",
            "1*5*5",
            "0*4",
            "30*01",
            "1#",
            "1a",
            "00000000000000001",
        ] {
            assert_eq!(WEIGHT.read(keys), None, "{keys}");
        }
    }

    #[test]
    fn an_example_is_legal_and_what_is_entered_for_a_number_is_that_number() {
        for decimal in [
            &WEIGHT,
            &Decimal {
                low: 0.25,
                high: 0.75,
                fraction: 0..=2,
            },
        ] {
            assert!(decimal.read(&decimal.example()).is_some());
        }
        assert_eq!(WEIGHT.read(&entry("2.25")), Some(2.25));
        assert_eq!(WEIGHT.length(), (1, 5));
    }

    #[test]
    fn the_point_is_that_of_the_language() {
        assert_eq!(spoken("2.5", "en-GB"), "2.5");
        assert_eq!(spoken("2.5", "de-DE"), "2,5");
        assert_eq!(spoken("2.5", "es-ES"), "2,5");
        assert_eq!(spoken("2.5", "es-MX"), "2.5");
        assert_eq!(spoken("2.5", "bg-BG"), "2,5");
        assert_eq!(spoken("2", "de-DE"), "2");
    }
}

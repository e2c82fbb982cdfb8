//! Types: what a name can hold, as far as that is known before any call.

use std::sync::Arc;

use crate::engine::value::Value;
use crate::written::number::{is_e164, is_sip_address};

/// The most values of a closed list.
const MAX_WORDS: usize = 100;

/// What a value can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Anything: nobody has said what it is.
    Open,
    /// Yes or no; which, where only one is possible.
    Boolean(Option<bool>),
    /// A whole number within bounds.
    Integer {
        /// The smallest.
        low: i64,
        /// The largest.
        high: i64,
    },
    /// Any number.
    Number,
    /// A text.
    Text(TextType),
    /// Several of a kind.
    List(Box<Type>),
    /// Entries of other answers, of which nothing can be told but how many there are.
    Entries {
        /// How many there can be.
        most: usize,
    },
    /// Something recorded, of which nothing can be told but that it is there.
    Recording,
}

/// What a text can be.
#[derive(Clone, Debug, PartialEq)]
pub enum TextType {
    /// Any.
    Free,
    /// One of these.
    Words(Arc<[Arc<str>]>),
    /// So many digits.
    Digits {
        /// The fewest.
        low: u32,
        /// The most.
        high: u32,
    },
    /// `2026-11-23`.
    Date,
    /// `12:30`.
    Time,
    /// `2026-11-23T12:30`, by the clock of what it is of.
    Moment,
    /// A telephone number in E.164: `+442079460000`.
    Phone,
    /// Who calls or is called: a number with `+`, an address, or a word of the carrier.
    Caller,
}

/// What may be done with a type that is like another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Boolean,
    Number,
    Text,
    List,
    Recording,
}

impl Type {
    /// Any whole number.
    pub const INTEGER: Self = Self::Integer {
        low: i64::MIN,
        high: i64::MAX,
    };
    /// Yes or no.
    pub const BOOLEAN: Self = Self::Boolean(None);
    /// Any text.
    pub const TEXT: Self = Self::Text(TextType::Free);

    /// One of these texts.
    pub fn words<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> Self {
        let words = words.into_iter().map(|word| Arc::from(word.as_ref()));
        Self::Text(TextType::Words(words.collect()))
    }

    /// That of a value which is written out.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Text(text) => Self::words([text]),
            Value::Integer(number) => Self::Integer {
                low: *number,
                high: *number,
            },
            Value::Number(_) => Self::Number,
            Value::Boolean(yes) => Self::Boolean(Some(*yes)),
            Value::Entries(entries) => Self::Entries {
                most: entries.len(),
            },
            Value::Recording(_) => Self::Recording,
            Value::List(all) => {
                let each = all.iter().map(Self::of);
                let each = each.reduce(|one, other| one.either(&other).unwrap_or(Self::Open));
                Self::List(Box::new(each.unwrap_or(Self::Open)))
            }
        }
    }

    /// What it is, behind "`n` is …".
    pub fn describe(&self) -> String {
        match self {
            Self::Open => "anything".to_owned(),
            Self::Boolean(Some(yes)) => yes.to_string(),
            Self::Boolean(None) => "true or false".to_owned(),
            Self::Integer { low, high } if low == high => low.to_string(),
            Self::Integer { low, high } => match (*low > i64::MIN, *high < i64::MAX) {
                (true, true) => format!("a whole number from {low} to {high}"),
                (true, false) => format!("a whole number from {low}"),
                _ => "a whole number".to_owned(),
            },
            Self::Number => "a number".to_owned(),
            Self::Text(text) => text.describe(),
            Self::List(_) => "a list".to_owned(),
            Self::Entries { .. } => "a list of entries".to_owned(),
            Self::Recording => "a recording".to_owned(),
        }
    }

    /// Whether nothing is left of it.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Integer { low, high } => low > high,
            Self::Text(TextType::Words(words)) => words.is_empty(),
            _ => false,
        }
    }

    /// Whether it has one value only.
    pub(super) fn is_single(&self) -> bool {
        match self {
            Self::Boolean(of) => of.is_some(),
            Self::Integer { low, high } => low == high,
            Self::Text(TextType::Words(words)) => words.len() == 1,
            _ => false,
        }
    }

    pub(super) fn family(&self) -> Option<Family> {
        match self {
            Self::Open => None,
            Self::Boolean(_) => Some(Family::Boolean),
            Self::Integer { .. } | Self::Number => Some(Family::Number),
            Self::Text(_) => Some(Family::Text),
            Self::List(_) | Self::Entries { .. } => Some(Family::List),
            Self::Recording => Some(Family::Recording),
        }
    }

    /// Whether values of both can be compared.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self.family(), other.family()) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }

    /// What is one or the other; `None` where they are unlike.
    pub fn either(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Open, _) | (_, Self::Open) => Self::Open,
            (Self::Boolean(one), Self::Boolean(other)) => {
                Self::Boolean(one.filter(|_| one == other))
            }
            (Self::Integer { low, high }, Self::Integer { low: l, high: h }) => Self::Integer {
                low: *low.min(l),
                high: *high.max(h),
            },
            (Self::Text(one), Self::Text(other)) => Self::Text(one.either(other)),
            (Self::List(one), Self::List(other)) => {
                Self::List(Box::new(one.either(other).unwrap_or(Self::Open)))
            }
            (Self::Entries { most }, Self::Entries { most: other }) => Self::Entries {
                most: *most.max(other),
            },
            (Self::Recording, Self::Recording) => Self::Recording,
            (one, other)
                if one.family() == other.family() && one.family() != Some(Family::List) =>
            {
                Self::Number
            }
            _ => return None,
        })
    }

    /// Whether a value of one can be one of the other too.
    pub fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Boolean(Some(one)), Self::Boolean(Some(other))) => one == other,
            (Self::Integer { low, high }, Self::Integer { low: l, high: h }) => {
                low <= h && l <= high
            }
            (Self::Text(one), Self::Text(other)) => one.meets(other),
            (Self::List(one), Self::List(other)) => one.meets(other),
            (one, other) => one.is_like(other),
        }
    }
}

impl TextType {
    fn describe(&self) -> String {
        match self {
            Self::Free => "a text".to_owned(),
            Self::Words(words) => match &**words {
                [only] => format!("'{only}'"),
                words if words.len() <= 8 => format!("one of {}", words.join(", ")),
                words => format!("one of {}, …", words[..8].join(", ")),
            },
            Self::Digits { low, high } => match (low, high) {
                (1, 1) => "one digit".to_owned(),
                (low, high) if low == high => format!("{low} digits"),
                (low, high) => format!("{low} to {high} digits"),
            },
            Self::Date => "a date such as '2026-11-23'".to_owned(),
            Self::Time => "a time such as '09:30'".to_owned(),
            Self::Moment => "a moment such as '2026-11-23T09:30'".to_owned(),
            Self::Phone | Self::Caller => "a number with `+` before it".to_owned(),
        }
    }

    /// Whether a text can be one of these.
    pub fn admits(&self, text: &str) -> bool {
        match self {
            Self::Free => true,
            Self::Words(words) => words.iter().any(|word| **word == *text),
            Self::Digits { low, high } => {
                (*low as usize..=*high as usize).contains(&text.len())
                    && text.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::Date => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
            Self::Time => is_time(text),
            Self::Moment => text
                .split_once('T')
                .is_some_and(|(date, time)| Self::Date.admits(date) && is_time(time)),
            Self::Phone => is_e164(text),
            Self::Caller => is_caller(text),
        }
    }

    fn either(&self, other: &Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one.clone(),
            (Self::Words(one), Self::Words(other)) => {
                let mut words: Vec<Arc<str>> = one.to_vec();
                let more = other.iter().filter(|word| !one.contains(word));
                words.extend(more.cloned());
                if words.len() > MAX_WORDS {
                    Self::Free
                } else {
                    Self::Words(words.into())
                }
            }
            (Self::Digits { low, high }, Self::Digits { low: l, high: h }) => Self::Digits {
                low: *low.min(l),
                high: *high.max(h),
            },
            (Self::Words(words), other) | (other, Self::Words(words))
                if words.iter().all(|word| other.admits(word)) =>
            {
                other.clone()
            }
            (Self::Phone, Self::Caller) | (Self::Caller, Self::Phone) => Self::Caller,
            _ => Self::Free,
        }
    }

    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Free, _) | (_, Self::Free) => true,
            (Self::Words(words), other) | (other, Self::Words(words)) => {
                words.iter().any(|word| other.admits(word))
            }
            (Self::Digits { low, high }, Self::Digits { low: l, high: h }) => low <= h && l <= high,
            (Self::Phone, Self::Caller) | (Self::Caller, Self::Phone) => true,
            (one, other) => one == other,
        }
    }

    /// Whether more and less mean something between two of these.
    pub(super) fn is_ordered(&self) -> bool {
        match self {
            Self::Words(words) => words.len() <= 1,
            Self::Free | Self::Digits { .. } | Self::Date | Self::Time | Self::Moment => true,
            Self::Phone | Self::Caller => false,
        }
    }
}

fn is_time(text: &str) -> bool {
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once(':').is_some_and(|(hour, minute)| {
        digits(hour) && digits(minute) && hour < "24" && minute < "60"
    })
}

/// A number as the carrier writes it, an address, or one of its words such as `anonymous`; not a number without `+`.
fn is_caller(text: &str) -> bool {
    let of_number = |sign: char| sign.is_ascii_digit() || " +-()/.".contains(sign);
    is_e164(text) || is_sip_address(text) || !text.chars().all(of_number) || text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_fits_what_it_looks_like() {
        assert!(
            TextType::Time.admits("09:30")
                && !TextType::Time.admits("9:30")
                && !TextType::Time.admits("24:00")
        );
        assert!(TextType::Date.admits("2026-02-28") && !TextType::Date.admits("2026-02-30"));
        assert!(!TextType::Date.admits("20260228"), "only as it is stored");
        assert!(TextType::Caller.admits("+442079460000") && TextType::Caller.admits(""));
        assert!(TextType::Caller.admits("anonymous") && !TextType::Caller.admits("020 7946 0000"));
        assert!(TextType::Digits { low: 2, high: 3 }.admits("00"));
        assert!(!TextType::Digits { low: 2, high: 3 }.admits("0000"));
    }

    #[test]
    fn one_or_the_other_is_as_narrow_as_both_allow() {
        let either = |one: &Type, other: &Type| one.either(other);
        let (a, b) = (Type::words(["a"]), Type::words(["b"]));
        assert_eq!(either(&a, &b), Some(Type::words(["a", "b"])));
        assert_eq!(either(&a, &Type::TEXT), Some(Type::TEXT));
        assert_eq!(either(&a, &Type::INTEGER), None);
        let (one, nine) = (Type::of(&Value::Integer(1)), Type::of(&Value::Integer(9)));
        assert_eq!(either(&one, &nine), Some(Type::Integer { low: 1, high: 9 }));
        let digits = Type::Text(TextType::Digits { low: 4, high: 4 });
        assert_eq!(
            either(&digits, &Type::words(["0000"])),
            Some(digits.clone())
        );
        assert_eq!(either(&digits, &Type::words([""])), Some(Type::TEXT));
    }
}

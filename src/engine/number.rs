//! Telephone numbers as people type them, looked for among those that a carrier writes.

use std::fmt;

use crate::written::number::is_separator;

/// The fewest digits of a number without its prefix that tell it from a part of another.
const ENOUGH: usize = 6;

/// A number that is looked for, or a part of one; or a word, for callers without a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberPattern {
    typed: String,
    wanted: Wanted,
}

/// What a number must have.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// These words, in small letters: `anonymous`, a part of a SIP address.
    Words(String),
    /// These digits.
    Digits {
        /// As they were typed, unless with a plus: found anywhere.
        part: Option<String>,
        /// With the country's code, where they were typed so: what the number begins with.
        international: Option<String>,
        /// Without the zero that stands for the country's code: found behind a code.
        national: Option<String>,
    },
}

/// A pattern without digits or letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a number such as +44 20 7946 0001, or a part of one")]
pub struct EmptyPattern;

impl NumberPattern {
    /// Takes a number as somebody types it: `020 7946 0001`, `+44 (0)20 7946 0001`, `0044…`, without its plus, or only
    /// its end.
    ///
    /// # Errors
    /// When nothing is looked for.
    pub fn parse(typed: &str) -> Result<Self, EmptyPattern> {
        let text = typed.trim();
        if !text.contains(char::is_alphanumeric) {
            return Err(EmptyPattern);
        }
        let wanted = match without_separators(text) {
            Some(number) => Wanted::of_digits(&number),
            None => Wanted::Words(text.to_lowercase()),
        };
        Ok(Self {
            typed: text.to_owned(),
            wanted,
        })
    }

    /// Whether a number, as the carrier writes it, is this one or has it as a part. Numbers compare by their digits.
    pub fn is_in(&self, number: &str) -> bool {
        match &self.wanted {
            Wanted::Words(words) => number.to_lowercase().contains(words.as_str()),
            Wanted::Digits {
                part,
                international,
                national,
            } => digits(number).is_some_and(|digits| {
                part.as_ref()
                    .is_some_and(|part| digits.contains(part.as_str()))
                    || international
                        .as_ref()
                        .is_some_and(|wanted| begins(&digits, wanted))
                    || national
                        .as_ref()
                        .is_some_and(|wanted| stands_behind_a_code(&digits, wanted))
            }),
        }
    }
}

impl fmt::Display for NumberPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

impl Wanted {
    /// Of digits that may begin with a plus.
    fn of_digits(number: &str) -> Self {
        let enough = |rest: &&str| rest.len() >= ENOUGH;
        let dialled = || {
            ["00", "011"]
                .into_iter()
                .find_map(|prefix| number.strip_prefix(prefix))
                .filter(enough)
        };
        let international = number.strip_prefix('+').or_else(dialled);
        let national = number
            .strip_prefix('0')
            .filter(|rest| enough(rest) && !rest.starts_with('0'));
        Self::Digits {
            part: (!number.starts_with('+')).then(|| number.to_owned()),
            international: international.map(str::to_owned),
            national: national.map(str::to_owned),
        }
    }
}

/// The digits of what is nothing but a number, with its plus, and without the zero in `+44 (0)20`.
fn without_separators(text: &str) -> Option<String> {
    let is_international = text.starts_with('+') || text.starts_with("00");
    let text = if is_international {
        text.replacen("(0)", "", 1)
    } else {
        text.to_owned()
    };
    let number: String = text.chars().filter(|c| !is_separator(*c)).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}

/// The digits of a number as the carrier writes it: E.164, national, or the name in a SIP address.
fn digits(number: &str) -> Option<String> {
    let address = number
        .strip_prefix("sips:")
        .or_else(|| number.strip_prefix("sip:"))
        .unwrap_or(number);
    let name = address.split(['@', ';']).next().unwrap_or_default();
    let digits = without_separators(name)?;
    let digits = digits
        .strip_prefix('+')
        .or_else(|| digits.strip_prefix("00"))
        .unwrap_or(&digits);
    Some(digits.to_owned())
}

/// Whether a number begins with these digits, or is their end in its national form.
fn begins(digits: &str, wanted: &str) -> bool {
    let national = digits.strip_prefix('0').filter(|rest| rest.len() > ENOUGH);
    digits.starts_with(wanted)
        || national.is_some_and(|national| stands_behind_a_code(wanted, national))
}

/// Whether digits begin behind a country's code, which has up to three.
fn stands_behind_a_code(digits: &str, wanted: &str) -> bool {
    (1..=3).any(|code| {
        digits
            .get(code..)
            .is_some_and(|rest| rest.starts_with(wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::{EmptyPattern, NumberPattern};

    fn finds(typed: &str, number: &str) -> bool {
        NumberPattern::parse(typed).expect(typed).is_in(number)
    }

    #[test]
    fn a_number_is_found_however_it_is_typed() {
        let typed = [
            "+442079460001",
            "442079460001",
            "00442079460001",
            "011 44 20 7946 0001",
            "+44 20 7946 0001",
            "+44 (0)20 7946 0001",
            "0044 (0) 20-7946-0001".trim(),
            "020 7946 0001",
            "(020) 7946.0001",
            "020\u{a0}7946\u{2013}0001",
            " 7946 0001 ",
            "0001",
            "+44 20",
            "020 7946",
            "7946",
        ];
        for typed in typed {
            for number in [
                "+442079460001",
                "442079460001",
                "00442079460001",
                "sip:+442079460001@trunk.example;x=1",
            ] {
                let number = number.to_owned();
                assert!(finds(typed, &number), "{typed} in {number}");
            }
        }
        assert!(
            finds("+44 20 7946 0001", "02079460001"),
            "a trunk may write it in its national form"
        );
        assert!(
            finds("06 698 20000", "+390669820000"),
            "an Italian number keeps its zero"
        );
        assert!(finds("(202) 555-0101", "+12025550101"));
    }

    #[test]
    fn another_number_is_not_found() {
        for typed in [
            "020 7946 0002",
            "+44 7946 0001",
            "+1 2079460001",
            "0002",
            "08946 0001",
            "+0001",
            "0442079460001",
        ] {
            assert!(!finds(typed, "+442079460001"), "{typed}");
        }
        for number in [
            "anonymous",
            "",
            "client:agent-0001",
            "sip:desk@10.0.0.1",
            "+4420794600",
        ] {
            assert!(!finds("0001", number), "{number}");
        }
        assert!(!finds("0001", "+441632960001".trim_end_matches("0001")));
    }

    #[test]
    fn a_caller_without_a_number_is_found_by_words() {
        assert!(finds("Anonymous", "anonymous"));
        assert!(finds("agent-0001", "client:agent-0001"));
        assert!(finds("desk@", "sip:Desk@10.0.0.1"));
        assert!(!finds("desk", "+442079460001"));
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for typed in ["", " ", "+", "()", "-"] {
            assert_eq!(NumberPattern::parse(typed), Err(EmptyPattern), "{typed:?}");
        }
    }
}

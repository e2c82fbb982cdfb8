//! Times of day in words.

use super::language::SpokenLanguage;
use super::normal::{Normal, POINT};
use super::numbers::number_of;

/// The longest phrase of a time, in tokens.
const MOST_TOKENS: usize = 4;

/// A time of day that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpokenTime {
    /// The hour, from 0 to 23.
    pub hour: u8,
    /// The minute.
    pub minute: u8,
    /// Whether only one half of the day can be meant.
    pub is_certain: bool,
}

/// The time of day that words mean, such as "half past seven in the evening"; nothing where they say anything else.
pub fn time(words: &Normal, tag: &str) -> Option<SpokenTime> {
    let language = SpokenLanguage::of(tag);
    let clock = &language.clock;
    let mut tokens: Vec<String> = words
        .tokens
        .iter()
        .filter(|token| *token != POINT)
        .cloned()
        .collect();
    let is_late = take(&mut tokens, &clock.afternoon).is_some();
    let is_early = take(&mut tokens, &clock.morning).is_some();
    let whole = [(&clock.noon, 12), (&clock.midnight, 0)];
    for (phrases, hour) in whole {
        let mut rest = tokens.clone();
        if take(&mut rest, phrases).is_some() && rest.iter().all(|t| language.lead_ins.contains(t))
        {
            return Some(SpokenTime {
                hour,
                minute: 0,
                is_certain: true,
            });
        }
    }
    let (hour, minute) = told(tokens, language)?;
    let hour = match hour {
        1..=11 if is_late => hour + 12,
        12 if is_early => 0,
        _ => hour,
    };
    let is_certain = is_late || is_early || hour > 12 || hour == 0;
    (hour < 24 && minute < 60).then_some(SpokenTime {
        hour,
        minute,
        is_certain,
    })
}

/// The hour and the minute, without what says which half of the day is meant.
fn told(mut tokens: Vec<String>, language: &SpokenLanguage) -> Option<(u8, u8)> {
    let clock = &language.clock;
    let whole = |tokens: &[String]| -> Option<u8> {
        let number = number_of(tokens, language)?;
        (number.groups.len() == 1).then(|| number.digits.parse().ok())?
    };
    let parts = [
        (&clock.quarter_past, 0, 15),
        (&clock.quarter_to, 1, 45),
        (&clock.half_past, 0, 30),
        (&clock.half_to, 1, 30),
    ];
    for (phrases, less, minute) in parts {
        if take(&mut tokens, phrases).is_some() {
            return Some(((whole(&tokens)? + 24 - less) % 24, minute));
        }
    }
    let mut rest = tokens.clone();
    if let Some(at) = take(&mut rest, &clock.minutes_to) {
        let (hour, lacks) = (whole(&rest[..at])?, whole(&rest[at..])?);
        return (1..60)
            .contains(&lacks)
            .then(|| ((hour + 23) % 24, 60 - lacks));
    }
    let number = number_of(&tokens, language)?;
    let (hour, minute) = match number.groups.as_slice() {
        [only] if only.len() > 2 => only.split_at(only.len() - 2),
        [hour, ..] => number.digits.split_at(hour.len()),
        [] => return None,
    };
    if hour.len() > 2 || minute.len() > 2 {
        return None;
    }
    let minute = if minute.is_empty() {
        0
    } else {
        minute.parse().ok()?
    };
    Some((hour.parse().ok()?, minute))
}

/// Takes the first of some phrases out of tokens; where it began.
pub(super) fn take(tokens: &mut Vec<String>, phrases: &[String]) -> Option<usize> {
    for at in 0..tokens.len() {
        for length in (1..=MOST_TOKENS.min(tokens.len() - at)).rev() {
            if phrases.contains(&tokens[at..at + length].concat()) {
                tokens.drain(at..at + length);
                return Some(at);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn means(tag: &str, all: &[(&str, &str)]) {
        for (words, expected) in all {
            let time = time(&Normal::new(words, tag), tag);
            let time = time.map(|time| format!("{:02}:{:02}", time.hour, time.minute));
            assert_eq!(time.as_deref().unwrap_or("-"), *expected, "{words}");
        }
    }

    #[test]
    fn times_are_told_in_each_language() {
        means(
            "en-GB",
            &[
                ("half past seven", "07:30"),
                ("7:30 p.m.", "19:30"),
                ("seven thirty in the evening", "19:30"),
                ("nineteen thirty", "19:30"),
                ("1930", "19:30"),
                ("a quarter to nine", "08:45"),
                ("at seven o'clock", "07:00"),
                ("seven oh five", "07:05"),
                ("12 a.m.", "00:00"),
                ("midnight", "00:00"),
                ("twenty-five", "-"),
                ("half past", "-"),
                ("soon", "-"),
                ("", "-"),
            ],
        );
        means(
            "de-DE",
            &[
                ("halb acht", "07:30"),
                ("19 Uhr 30", "19:30"),
                ("acht Uhr abends", "20:00"),
                ("Viertel vor neun", "08:45"),
            ],
        );
        means(
            "es-ES",
            &[
                ("las siete y media", "07:30"),
                ("siete y media de la tarde", "19:30"),
                ("nueve menos diez", "08:50"),
            ],
        );
        means(
            "bg-BG",
            &[
                ("седем и половина", "07:30"),
                ("девет без петнайсет", "08:45"),
                ("осем и петнайсет", "08:15"),
            ],
        );
    }

    #[test]
    fn which_half_of_the_day_is_known_or_not() {
        let is_certain = |words: &str| {
            time(&Normal::new(words, "en-GB"), "en-GB")
                .unwrap()
                .is_certain
        };
        assert!(is_certain("seven p.m."));
        assert!(is_certain("nineteen thirty"));
        assert!(!is_certain("half past seven"));
    }
}

//! Days in words.

use jiff::ToSpan;
use jiff::civil::Date;

use super::clock::take;
use super::language::{NumberWord, SpokenLanguage};
use super::normal::{Normal, POINT};
use super::numbers::{number_of, parts};
use crate::engine::own_prompts::{TODAY, TOMORROW, WEEKDAYS, shipped};

/// How many years are looked through for the next day of a name: a 29th of February may be so far away.
const YEARS: i16 = 8;

/// The day that words mean, such as "the 24th of December" or "Friday"; nothing where they say anything else. Without a
/// year it is the next such day, today included; a day of the week is one after today.
pub fn day(words: &Normal, tag: &str, today: Date) -> Option<Date> {
    let language = SpokenLanguage::of(tag);
    let is = |id: &str| {
        let name = shipped(tag, id).map(|name| Normal::new(name, tag).whole);
        let mut rest = words.tokens.clone();
        name.is_some_and(|name| take(&mut rest, &[name]).is_some())
            && rest.iter().all(|token| language.lead_ins.contains(token))
    };
    if is(TODAY) {
        return Some(today);
    }
    if is(TOMORROW) {
        return today.checked_add(1.day()).ok();
    }
    let from_monday = i64::from(today.weekday().to_monday_zero_offset());
    if let Some(named) = (0..)
        .zip(WEEKDAYS)
        .find_map(|(at, id)| is(id).then_some(at))
    {
        let days: i64 = (named - from_monday + 6) % 7 + 1;
        return today.checked_add(days.days()).ok();
    }
    let tokens = words.tokens.iter().filter(|token| *token != POINT);
    dated(tokens.cloned().collect(), language, today)
}

/// A day and a month, and perhaps a year.
fn dated(mut tokens: Vec<String>, language: &SpokenLanguage, today: Date) -> Option<Date> {
    let mut named = tokens.iter().enumerate().filter_map(|(at, token)| {
        let month = language.months.iter().position(|month| month == token)?;
        Some((at, month as i8 + 1))
    });
    let (at, month) = match named.next() {
        Some(named) => named,
        // "24.12.": the month is the second number, where days stand first.
        None if language.day_first => (1, tokens.get(1)?.parse().ok()?),
        None => return None,
    };
    tokens.remove(at);
    for token in &mut tokens {
        if let Some(number) = ordinal(token, language) {
            *token = number;
        }
    }
    let number = number_of(&tokens, language)?;
    let [day, year @ ..] = number.groups.as_slice() else {
        return None;
    };
    let (day, year): (i8, String) = (day.parse().ok()?, year.concat());
    if !year.is_empty() {
        return Date::new(year.parse().ok().filter(|_| year.len() == 4)?, month, day).ok();
    }
    let years = (0..=YEARS).filter_map(|more| today.year().checked_add(more));
    let mut days = years.filter_map(|year| Date::new(year, month, day).ok());
    days.find(|day| *day >= today)
}

/// The word of the number that an ordinal is made of.
fn ordinal(token: &str, language: &SpokenLanguage) -> Option<String> {
    if let Some(value) = language.ordinals.get(token) {
        let mut words = language.numbers.iter();
        let word = words.find(|(_, word)| **word == NumberWord::Value(*value));
        return word.map(|(word, _)| word.clone());
    }
    let mut stems = language
        .endings
        .iter()
        .filter_map(|ending| token.strip_suffix(ending.as_str()));
    stems
        .find(|stem| {
            let is_figure = stem.bytes().all(|byte| byte.is_ascii_digit());
            !stem.is_empty() && (is_figure || parts(stem, language).is_some())
        })
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn means(tag: &str, all: &[(&str, &str)]) {
        let monday = "2026-11-23".parse().unwrap();
        for (words, expected) in all {
            let day = day(&Normal::new(words, tag), tag, monday).map(|day| day.to_string());
            assert_eq!(day.as_deref().unwrap_or("-"), *expected, "{words}");
        }
    }

    #[test]
    fn days_are_named_in_each_language() {
        means(
            "en-GB",
            &[
                ("today", "2026-11-23"),
                ("Tomorrow.", "2026-11-24"),
                ("on Friday", "2026-11-27"),
                ("Monday", "2026-11-30"),
                ("24 December", "2026-12-24"),
                ("December the 24th", "2026-12-24"),
                ("the twenty-fourth of December", "2026-12-24"),
                ("24 December 2027", "2027-12-24"),
                ("the first of January", "2027-01-01"),
                ("29 February", "2028-02-29"),
                ("31 February", "-"),
                ("December", "-"),
                ("not Friday", "-"),
                ("soon", "-"),
                ("", "-"),
            ],
        );
        means(
            "de-DE",
            &[
                ("morgen", "2026-11-24"),
                ("24. Dezember", "2026-12-24"),
                ("vierundzwanzigster Dezember", "2026-12-24"),
                ("24.12.", "2026-12-24"),
                ("am dritten März", "2027-03-03"),
            ],
        );
        means(
            "es-ES",
            &[
                ("hoy", "2026-11-23"),
                ("veinticuatro de diciembre", "2026-12-24"),
                ("el lunes", "2026-11-30"),
            ],
        );
        means(
            "bg-BG",
            &[
                ("утре", "2026-11-24"),
                ("двайсет и четвърти декември", "2026-12-24"),
                ("пети май", "2027-05-05"),
            ],
        );
    }
}

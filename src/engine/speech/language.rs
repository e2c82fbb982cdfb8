//! How callers talk, by language: fillers, yes and no, and the words of numbers. Languages without an entry have none of
//! them: there words are compared as they are.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::normal::tokens;
use crate::written::voices::primary;

/// How callers talk in one language. All words are in their normal form.
#[derive(Debug, Default)]
pub struct SpokenLanguage {
    /// May stand anywhere and mean nothing.
    pub(super) fillers: Vec<String>,
    /// May stand around a number and mean nothing there.
    pub(super) lead_ins: Vec<String>,
    /// Turn what is said into its opposite.
    pub(super) not: Vec<String>,
    /// Answer a question, alone.
    pub(super) yes: Vec<String>,
    /// The same, with no.
    pub(super) no: Vec<String>,
    /// Parts of numbers, by word.
    pub(super) numbers: BTreeMap<String, NumberWord>,
    /// Words that are a number only where nothing else is said.
    pub(super) alone: BTreeMap<String, u32>,
    /// The months, from January; none where they are not known.
    pub(super) months: Vec<String>,
    /// Numbers of days that are words of their own.
    pub(super) ordinals: BTreeMap<String, u32>,
    /// What makes any other number one.
    pub(super) endings: Vec<String>,
    /// How times of day are told.
    pub(super) clock: ClockWords,
    /// Stands between a letter that is spelled and a word that begins with it.
    pub(super) as_in: Vec<String>,
    /// Words that stand for the letters with which they begin.
    pub(super) alphabet: Vec<String>,
    /// Parts a number from its fraction.
    pub(super) point: Vec<String>,
    /// Whether the day stands before the month where both are numbers.
    pub(super) day_first: bool,
    /// Whether a unit stands before its ten: "three and twenty".
    pub(super) units_first: bool,
    /// Whether a number is written as one word.
    pub(super) compound: bool,
}

/// How times of day are told.
#[derive(Debug, Default)]
pub(super) struct ClockWords {
    /// The hour, and a half more.
    pub(super) half_past: Vec<String>,
    /// The hour, and a half less.
    pub(super) half_to: Vec<String>,
    /// The hour, and a quarter more.
    pub(super) quarter_past: Vec<String>,
    /// The hour, and a quarter less.
    pub(super) quarter_to: Vec<String>,
    /// Stands between the hour and the minutes that it lacks.
    pub(super) minutes_to: Vec<String>,
    /// The second half of the day.
    pub(super) afternoon: Vec<String>,
    /// The first half of the day.
    pub(super) morning: Vec<String>,
    /// Twelve at noon.
    pub(super) noon: Vec<String>,
    /// The beginning of the day.
    pub(super) midnight: Vec<String>,
}

/// What a word means in a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberWord {
    /// A value, to be added.
    Value(u32),
    /// Multiplies what stands before.
    Times(u32),
    /// Joins two parts.
    And,
    /// The next digit, so often.
    Repeat(usize),
}

/// As it is written down.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    fillers: String,
    lead_ins: String,
    not: String,
    yes: String,
    no: String,
    and: String,
    hundred: String,
    thousand: String,
    twice: String,
    thrice: String,
    as_in: String,
    alphabet: String,
    point: String,
    day_first: bool,
    months: String,
    endings: String,
    half_past: String,
    half_to: String,
    quarter_past: String,
    quarter_to: String,
    minutes_to: String,
    afternoon: String,
    morning: String,
    noon: String,
    midnight: String,
    units_first: bool,
    compound: bool,
    numbers: BTreeMap<String, String>,
    ordinals: BTreeMap<String, String>,
    alone: BTreeMap<String, String>,
}

/// Loading a flow that listens reads them, so that no call waits for it.
static LANGUAGES: LazyLock<BTreeMap<String, SpokenLanguage>> = LazyLock::new(|| {
    let written: BTreeMap<String, Written> =
        toml::from_str(include_str!("language.toml")).expect("what is compiled in is sound");
    let all = written.into_iter();
    all.map(|(tag, written)| (tag.clone(), SpokenLanguage::new(&tag, &written)))
        .collect()
});

static UNKNOWN: LazyLock<SpokenLanguage> = LazyLock::new(SpokenLanguage::default);

impl ClockWords {
    fn new(tag: &str, written: &Written, fillers: &[String]) -> Self {
        let phrases = |text: &str| -> Vec<String> {
            let phrases = text.split_whitespace().map(|phrase| {
                let tokens = tokens(phrase, tag).into_iter();
                tokens.filter(|token| !fillers.contains(token)).collect()
            });
            phrases.collect()
        };
        Self {
            half_past: phrases(&written.half_past),
            half_to: phrases(&written.half_to),
            quarter_past: phrases(&written.quarter_past),
            quarter_to: phrases(&written.quarter_to),
            minutes_to: phrases(&written.minutes_to),
            afternoon: phrases(&written.afternoon),
            morning: phrases(&written.morning),
            noon: phrases(&written.noon),
            midnight: phrases(&written.midnight),
        }
    }
}

impl SpokenLanguage {
    /// How callers talk in a language (BCP 47).
    pub fn of(tag: &str) -> &'static Self {
        LANGUAGES.get(primary(tag)).unwrap_or(&UNKNOWN)
    }

    /// Whether the words of numbers are known.
    pub fn counts(&self) -> bool {
        !self.numbers.is_empty()
    }

    fn new(tag: &str, written: &Written) -> Self {
        let words = |text: &str| -> Vec<String> {
            let phrases = text.split_whitespace();
            phrases.map(|word| tokens(word, tag).concat()).collect()
        };
        let mut numbers = BTreeMap::new();
        let mut add = |text: &str, meant: NumberWord| {
            numbers.extend(words(text).into_iter().map(|word| (word, meant)));
        };
        for (value, forms) in &written.numbers {
            add(forms, NumberWord::Value(figure(value)));
        }
        add(&written.hundred, NumberWord::Times(100));
        add(&written.thousand, NumberWord::Times(1000));
        add(&written.and, NumberWord::And);
        add(&written.twice, NumberWord::Repeat(2));
        add(&written.thrice, NumberWord::Repeat(3));
        let by_value = |all: &BTreeMap<String, String>| -> BTreeMap<String, u32> {
            let all = all.iter().flat_map(|(value, forms)| {
                let forms = words(forms).into_iter();
                forms.map(|word| (word, figure(value))).collect::<Vec<_>>()
            });
            all.collect()
        };
        let fillers = words(&written.fillers);
        Self {
            clock: ClockWords::new(tag, written, &fillers),
            lead_ins: words(&written.lead_ins),
            not: words(&written.not),
            yes: words(&written.yes),
            no: words(&written.no),
            alone: by_value(&written.alone),
            months: words(&written.months),
            ordinals: by_value(&written.ordinals),
            endings: words(&written.endings),
            fillers,
            numbers,
            as_in: words(&written.as_in),
            alphabet: words(&written.alphabet),
            point: words(&written.point),
            day_first: written.day_first,
            units_first: written.units_first,
            compound: written.compound,
        }
    }
}

fn figure(text: &str) -> u32 {
    text.parse().expect("what is compiled in is sound")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_first_part() {
        assert!(SpokenLanguage::of("de-AT").compound);
        assert!(SpokenLanguage::of("en").counts());
        assert!(!SpokenLanguage::of("ja-JP").counts());
    }

    #[test]
    fn every_language_counts_to_ninety_nine_and_answers() {
        for (tag, language) in LANGUAGES.iter() {
            let means = |value| {
                let mut all = language.numbers.values();
                all.any(|word| *word == NumberWord::Value(value))
            };
            assert!((0..=20).all(means), "{tag}");
            assert!((20..100).step_by(10).all(means), "{tag}");
            assert!(!language.yes.is_empty() && !language.no.is_empty(), "{tag}");
        }
    }
}

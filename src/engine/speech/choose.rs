//! Which of several phrases was meant.

use strsim::levenshtein;

use super::language::SpokenLanguage;
use super::normal::Normal;

/// The longest words that are compared letter by letter: an author's phrase is no longer.
const MOST_LETTERS: usize = 100;

/// By how many letters the nearest phrase must be nearer than any other.
const MARGIN: usize = 1;

/// Words that stand for something.
#[derive(Clone, Copy, Debug)]
pub struct Phrase<'a, T> {
    /// The words.
    pub words: &'a Normal,
    /// What they stand for.
    pub of: T,
    /// Whether words that are only like them count.
    pub is_fuzzy: bool,
}

/// What was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice<T> {
    /// This.
    One(T),
    /// One of these, which cannot be told apart.
    Several(Vec<T>),
    /// None of them.
    None,
}

impl<T> Choice<T> {
    fn of(mut all: Vec<T>) -> Self {
        match all.len() {
            0 => Self::None,
            1 => Self::One(all.swap_remove(0)),
            _ => Self::Several(all),
        }
    }
}

/// Which phrase was meant: the same words; else the digits, if they stand for one; else the only phrase whose words are all
/// among those that were heard; else the only one that is but a letter or two away.
pub fn choose<'a, T: Copy + PartialEq>(
    heard: &Normal,
    tag: &str,
    phrases: impl Iterator<Item = Phrase<'a, T>> + Clone,
    by_digits: impl FnOnce() -> Option<T>,
) -> Choice<T> {
    if heard.is_empty() {
        return Choice::None;
    }
    let mut same = phrases.clone();
    if let Some(same) = same.find(|phrase| phrase.words.is_same(heard)) {
        return Choice::One(same.of);
    }
    if let Some(of) = by_digits() {
        return Choice::One(of);
    }
    match Choice::of(held(heard, tag, phrases.clone())) {
        Choice::None => Choice::of(near(heard, phrases)),
        found => found,
    }
}

/// What stands for phrases whose words are all among those heard. One that holds another counts in its place.
fn held<'a, T: Copy + PartialEq>(
    heard: &Normal,
    tag: &str,
    phrases: impl Iterator<Item = Phrase<'a, T>>,
) -> Vec<T> {
    let not = &SpokenLanguage::of(tag).not;
    let denied = |words: &Normal| {
        let mut nots = heard.tokens.iter().filter(|token| not.contains(token));
        nots.any(|token| !words.tokens.contains(token))
    };
    let found: Vec<_> = phrases
        .filter(|phrase| holds(heard, phrase.words) && !denied(phrase.words))
        .collect();
    let is_part = |one: &Phrase<'a, T>| {
        let mut others = found.iter();
        others.any(|other| {
            other.of != one.of
                && other.words.whole.len() > one.words.whole.len()
                && holds(other.words, one.words)
        })
    };
    let mut all = Vec::new();
    for phrase in &found {
        if !is_part(phrase) && !all.contains(&phrase.of) {
            all.push(phrase.of);
        }
    }
    all
}

/// Whether all words of a phrase are among others, in this order.
fn holds(words: &Normal, phrase: &Normal) -> bool {
    if phrase.is_empty() {
        return false;
    }
    if phrase.is_unspaced() {
        return words.whole.contains(&phrase.whole);
    }
    let mut rest = words.tokens.iter();
    let mut all = phrase.tokens.iter();
    all.all(|token| rest.any(|other| other == token))
}

/// What stands for the phrases that are nearest, within the margin.
fn near<'a, T: Copy + PartialEq>(
    heard: &Normal,
    phrases: impl Iterator<Item = Phrase<'a, T>>,
) -> Vec<T> {
    let letters = heard.whole.chars().count();
    if letters > MOST_LETTERS {
        return Vec::new();
    }
    let mut nearest: Vec<(T, usize, bool)> = Vec::new();
    for phrase in phrases {
        let length = phrase.words.whole.chars().count();
        if length.abs_diff(letters) > allowed(MOST_LETTERS) + MARGIN {
            continue;
        }
        let distance = levenshtein(&heard.whole, &phrase.words.whole);
        let counts = phrase.is_fuzzy && distance <= allowed(length);
        match nearest.iter_mut().find(|(of, ..)| *of == phrase.of) {
            Some((_, before, counted)) => {
                *before = distance.min(*before);
                *counted |= counts;
            }
            None => nearest.push((phrase.of, distance, counts)),
        }
    }
    let counted = nearest.iter().filter(|(.., counts)| *counts);
    let Some(least) = counted.map(|(_, distance, _)| *distance).min() else {
        return Vec::new();
    };
    let within = nearest
        .into_iter()
        .filter(|(_, distance, _)| *distance <= least + MARGIN);
    within.map(|(of, ..)| of).collect()
}

/// How many letters may be wrong in a phrase of so many: in a short one any other letter makes another word.
fn allowed(letters: usize) -> usize {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// Whether callers who say one of two phrases can be taken to have said the other, since a recogniser that is wrong by as
/// much as is allowed hears both alike.
pub fn confusable(one: &Normal, other: &Normal) -> bool {
    let length = |words: &Normal| words.whole.chars().count();
    let shorter = length(one).min(length(other));
    if length(one).abs_diff(length(other)) > allowed(shorter) {
        return false;
    }
    one.is_same(other) || levenshtein(&one.whole, &other.whole) <= allowed(shorter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn chosen(heard: &str, phrases: &[(u8, &str)]) -> Choice<u8> {
        chosen_in("en-GB", heard, phrases, true)
    }

    fn chosen_in(tag: &str, heard: &str, phrases: &[(u8, &str)], is_fuzzy: bool) -> Choice<u8> {
        let phrases: Vec<_> = phrases
            .iter()
            .map(|(of, words)| (*of, Normal::new(words, tag)))
            .collect();
        let all = phrases.iter().map(|(of, words)| Phrase {
            words,
            of: *of,
            is_fuzzy,
        });
        choose(&Normal::new(heard, tag), tag, all, || None)
    }

    const LINE: &[(u8, &str)] = &[
        (1, "bill"),
        (1, "invoice"),
        (2, "fault"),
        (2, "problem with the line"),
        (3, "bill payment"),
    ];

    #[test]
    fn the_same_words_come_first() {
        assert_eq!(chosen("Bill.", LINE), Choice::One(1));
        assert_eq!(chosen("bill payment", LINE), Choice::One(3));
        assert_eq!(chosen("in-voice", LINE), Choice::One(1));
    }

    #[test]
    fn words_among_others_count_where_they_are_of_one() {
        assert_eq!(
            chosen("I have a question about my bill", LINE),
            Choice::One(1)
        );
        assert_eq!(
            chosen("there is a problem with my line", LINE),
            Choice::One(2)
        );
        assert_eq!(chosen("my bill payment", LINE), Choice::One(3));
        assert_eq!(chosen("bill or fault", LINE), Choice::Several(vec![1, 2]));
        assert_eq!(chosen("not the bill", LINE), Choice::None);
        assert_eq!(
            chosen("not the bill", &[(1, "not the bill"), (2, "bill")]),
            Choice::One(1)
        );
    }

    #[test]
    fn a_letter_that_is_wrong_counts_where_nothing_else_is_near() {
        assert_eq!(chosen("invoise", LINE), Choice::One(1));
        assert_eq!(chosen("faults", LINE), Choice::One(2));
        assert_eq!(chosen("pill", LINE), Choice::One(1));
        assert_eq!(
            chosen("fill", &[(1, "bill"), (2, "till")]),
            Choice::Several(vec![1, 2])
        );
        assert_eq!(
            chosen("bull", &[(1, "bill"), (2, "call")]),
            Choice::Several(vec![1, 2])
        );
        assert_eq!(chosen("wrong", &[(1, "long")]), Choice::None);
        assert_eq!(chosen("yet", &[(1, "yes")]), Choice::None);
    }

    #[test]
    fn nothing_fuzzy_counts_where_it_must_not() {
        assert_eq!(
            chosen_in("en-GB", "pill", &[(1, "bill")], false),
            Choice::None
        );
        assert_eq!(
            chosen_in("en-GB", "my bill", &[(1, "bill")], false),
            Choice::One(1)
        );
    }

    #[test]
    fn other_scripts_are_compared_too() {
        let ja = &[(1, "請求書"), (2, "故障")];
        assert_eq!(
            chosen_in("ja-JP", "請求書のことで", ja, true),
            Choice::One(1)
        );
        assert_eq!(chosen_in("ja-JP", "故障。", ja, true), Choice::One(2));
        let bg = &[(1, "сметка"), (2, "повреда")];
        assert_eq!(chosen_in("bg-BG", "За сметката", bg, true), Choice::None);
        assert_eq!(chosen_in("bg-BG", "сметката", bg, true), Choice::None);
        assert_eq!(chosen_in("bg-BG", "сметки", bg, true), Choice::One(1));
        assert_eq!(chosen_in("en-GB", "сметка", LINE, true), Choice::None);
    }

    #[test]
    fn nothing_and_very_much_are_none() {
        assert_eq!(chosen("", LINE), Choice::None);
        assert_eq!(chosen("…", LINE), Choice::None);
        assert_eq!(chosen(&"weather ".repeat(10_000), LINE), Choice::None);
        assert_eq!(
            chosen(&format!("bill {}", "x".repeat(100_000)), LINE),
            Choice::One(1)
        );
    }

    #[test]
    fn phrases_a_letter_apart_are_confusable() {
        let is_confusable = |one: &str, other: &str| {
            confusable(&Normal::new(one, "en-GB"), &Normal::new(other, "en-GB"))
        };
        assert!(is_confusable("bill", "till"));
        assert!(is_confusable("Bill", "the bill."));
        assert!(is_confusable("follow up", "follow-up"));
        assert!(!is_confusable("bill", "fault"));
        assert!(!is_confusable("yes", "yet"));
        assert!(!is_confusable("bill", "bill payment"));
    }
}

//! The form in which words are compared, however a recogniser or an author writes them.

use std::fmt;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizer, ComposingNormalizerBorrowed};

use super::language::SpokenLanguage;
use crate::engine::own_prompts::{NO, YES, shipped};
use crate::written::voices::primary;

/// How much is read of what a caller said: nobody says more within the minute for which the carrier listens, and a forged
/// request costs no more than this.
const MOST_CHARACTERS: usize = 2_000;

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizer::new_nfkc();
const CASES: CaseMapperBorrowed<'static> = CaseMapper::new();
const MARKS: CanonicalCombiningClassMapBorrowed<'static> =
    CanonicalCombiningClassMapBorrowed::new();

/// Words in the form in which they are compared: composed, without case, punctuation and fillers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Normal {
    pub(super) tokens: Vec<String>,
    /// All tokens without anything between them: where words end is written in many ways.
    pub(super) whole: String,
}

impl fmt::Display for Normal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tokens.join(" "))
    }
}

impl Normal {
    /// The normal form of words in a language (BCP 47). Words that are nothing but fillers are kept as they are.
    pub fn new(words: &str, tag: &str) -> Self {
        let language = SpokenLanguage::of(tag);
        let all = tokens(words, tag);
        let is_filler = |token: &String| language.fillers.contains(token);
        let tokens = if all.iter().all(is_filler) {
            all
        } else {
            all.into_iter().filter(|token| !is_filler(token)).collect()
        };
        let whole = tokens.concat();
        Self { tokens, whole }
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Whether both are the same words, wherever they part.
    pub fn is_same(&self, other: &Self) -> bool {
        self.whole == other.whole
    }

    /// Whether this means yes, or no; nothing where it means neither.
    pub fn answers(&self, tag: &str) -> Option<bool> {
        let language = SpokenLanguage::of(tag);
        let all = |known: &[String]| {
            let is_known = |token: &String| known.contains(token);
            !self.is_empty() && (self.tokens.iter().all(is_known) || known.contains(&self.whole))
        };
        let own = |id: &str| {
            let word = shipped(tag, id).map(|word| Self::new(word, tag));
            word.is_some_and(|word| word.is_same(self))
        };
        let first_no = self
            .tokens
            .first()
            .is_some_and(|token| language.no.contains(token));
        match (
            all(&language.yes) || own(YES),
            all(&language.no) || own(NO) || first_no,
        ) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    /// Whether it is written without spaces between words, so that its tokens say nothing.
    pub(super) fn is_unspaced(&self) -> bool {
        self.whole.chars().any(|letter| {
            matches!(letter,
                '\u{0E00}'..='\u{0EFF}'     // Thai, Lao
                | '\u{1000}'..='\u{109F}'   // Burmese
                | '\u{1780}'..='\u{17FF}'   // Khmer
                | '\u{3040}'..='\u{30FF}'   // Hiragana, Katakana
                | '\u{3400}'..='\u{9FFF}'   // Han
                | '\u{F900}'..='\u{FAFF}'
                | '\u{20000}'..='\u{3FFFF}')
        })
    }
}

/// The token that stands for a point or a comma between two digits.
pub(super) const POINT: &str = ".";

/// The words of a text, fillers included: composed, without case and punctuation.
pub(super) fn tokens(text: &str, tag: &str) -> Vec<String> {
    let end = text.char_indices().nth(MOST_CHARACTERS);
    let text = end.map_or(text, |(at, _)| &text[..at]);
    let composed = NFKC.normalize(text);
    let folded = if matches!(primary(tag), "tr" | "az") {
        CASES.fold_turkic_string(&composed)
    } else {
        CASES.fold_string(&composed)
    };
    let composed = NFKC.normalize(&folded);
    let mut all: Vec<String> = Vec::new();
    let mut token = String::new();
    let mut letters = composed.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
        if matches!(letter, '.' | ',')
            && is_digit(token.chars().next_back())
            && is_digit(letters.peek().copied())
        {
            all.push(std::mem::take(&mut token));
            all.push(POINT.to_owned());
        } else if letter.is_alphanumeric() || MARKS.get_u8(letter) != 0 {
            token.push(letter);
        } else if !matches!(letter, '\'' | '\u{2018}' | '\u{2019}' | '\u{02BC}')
            && !token.is_empty()
        {
            all.push(std::mem::take(&mut token));
        }
    }
    if !token.is_empty() {
        all.push(token);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(words: &str, tag: &str) -> String {
        Normal::new(words, tag).tokens.join(" ")
    }

    #[test]
    fn what_is_written_around_words_does_not_count() {
        for words in [
            "Sales.",
            "sales!",
            "SALES",
            "Sales,",
            "sales…",
            "\u{a0}sales",
            "“Sales”",
            "ｓａｌｅｓ",
            "sales please",
        ] {
            assert_eq!(normal(words, "en-GB"), "sales", "{words}");
        }
        assert_eq!(normal("Yes,  please.", "en-GB"), "yes");
        assert_eq!(
            normal("don’t know", "en-GB"),
            normal("Don't know.", "en-GB")
        );
        assert_eq!(normal("cafe\u{301}", "en-GB"), "café");
        assert_eq!(normal("¿Sí?", "en-GB"), "sí");
        assert_eq!(normal("sí。", "en-GB"), "sí");
    }

    #[test]
    fn case_is_of_the_language() {
        assert_eq!(normal("IŞIK", "tr-TR"), normal("ışık", "tr-TR"));
        assert_ne!(normal("IŞIK", "en-GB"), normal("ışık", "en-GB"));
        assert_eq!(normal("STRASSE", "de-DE"), normal("Straße", "de-DE"));
        assert_eq!(normal("СМЕТКА", "bg-BG"), "сметка");
    }

    #[test]
    fn fillers_alone_are_words() {
        assert_eq!(normal("please", "en-GB"), "please");
        assert_eq!(normal("", "en-GB"), "");
        assert_eq!(normal("…!?", "en-GB"), "");
        assert_eq!(normal("please", "bg-BG"), "please");
    }

    #[test]
    fn yes_and_no_are_known_by_language() {
        let answers = |words: &str, tag: &str| Normal::new(words, tag).answers(tag);
        assert_eq!(answers("Yes, please.", "en-GB"), Some(true));
        assert_eq!(answers("yeah right", "en-GB"), Some(true));
        assert_eq!(answers("No, the other one.", "en-GB"), Some(false));
        assert_eq!(answers("not right", "en-GB"), None);
        assert_eq!(answers("Разбира се!", "bg-BG"), Some(true));
        assert_eq!(answers("nö", "de-DE"), Some(false));
        assert_eq!(answers("sí", "es-MX"), Some(true));
        assert_eq!(answers("はい。", "ja-JP"), Some(true));
        assert_eq!(answers("たぶん", "ja-JP"), None);
        assert_eq!(answers("", "en-GB"), None);
    }

    #[test]
    fn long_transcripts_are_read_up_to_a_bound() {
        let long = "bill ".repeat(10_000);
        assert!(Normal::new(&long, "en-GB").tokens.len() <= MOST_CHARACTERS / 5);
        assert!(
            Normal::new(&"請求書".repeat(10_000), "zh-TW")
                .whole
                .chars()
                .count()
                <= MOST_CHARACTERS
        );
    }
}

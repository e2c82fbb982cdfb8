//! What callers spell: letters, words that stand for them, and digits.

use super::language::{NumberWord, SpokenLanguage};
use super::normal::Normal;

/// The alphabet of radio and telephone in every language (ICAO), with the ways in which it is written.
const ICAO: &str = "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliett juliet kilo lima mike november oscar papa \
    quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu";

/// The letters and digits that words spell, in capitals; nothing where they are no spelling.
pub fn spelling(words: &Normal, tag: &str) -> Option<String> {
    let language = SpokenLanguage::of(tag);
    let mut spelled = String::new();
    let mut times = 1;
    let mut tokens = words.tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        if let Some(NumberWord::Repeat(often)) = language.numbers.get(token) {
            times = *often;
            continue;
        }
        let Some(letter) = letter(token, language) else {
            // What is said around it means nothing; anything else is no spelling.
            if language.lead_ins.contains(token) {
                continue;
            }
            return None;
        };
        for _ in 0..times {
            spelled.extend(letter.to_uppercase());
        }
        times = 1;
        // "B as in boat": the word says it once more.
        if tokens
            .peek()
            .is_some_and(|next| language.as_in.contains(next))
        {
            while tokens
                .peek()
                .is_some_and(|next| language.as_in.contains(next))
            {
                tokens.next();
            }
            tokens.next()?;
        }
    }
    (!spelled.is_empty() && times == 1).then_some(spelled)
}

/// What a word spells: a letter, a digit, or the letter that a word of an alphabet stands for.
fn letter(token: &str, language: &SpokenLanguage) -> Option<char> {
    let mut letters = token.chars();
    if let (Some(only), None) = (letters.next(), letters.next()) {
        return Some(only);
    }
    if let Some(NumberWord::Value(value @ 0..=9)) = language.numbers.get(token) {
        return char::from_digit(*value, 10);
    }
    let own = language.alphabet.iter().map(String::as_str);
    let mut words = own.chain(ICAO.split_ascii_whitespace());
    words.find(|word| *word == token)?.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn spells(tag: &str, words: &str) -> String {
        spelling(&Normal::new(words, tag), tag).unwrap_or_else(|| "-".to_owned())
    }

    #[test]
    fn letters_words_of_alphabets_and_digits_are_spelled() {
        assert_eq!(spells("en-GB", "B K 7"), "BK7");
        assert_eq!(spells("en-GB", "bravo kilo seven"), "BK7");
        assert_eq!(spells("en-GB", "B as in boat, double L, five"), "BLL5");
        assert_eq!(spells("de-DE", "B wie Berta, Anton, zwei"), "BA2");
        assert_eq!(spells("es-ES", "B de Barcelona, uno"), "B1");
        assert_eq!(spells("bg-BG", "Б В 2"), "БВ2");
    }

    #[test]
    fn what_is_no_spelling_spells_nothing() {
        assert_eq!(spells("en-GB", "I have no code"), "-");
        assert_eq!(spells("en-GB", ""), "-");
        assert_eq!(spells("en-GB", "B as in"), "-");
        assert_eq!(spells("en-GB", "double"), "-");
    }
}

//! How long what is spoken and sounded lasts where nobody has recorded it. One rule for a simulated call and for what is
//! known of a flow before anybody calls it.

use std::time::Duration;

/// How fast a voice speaks where nothing else is said.
pub const WORDS_A_MINUTE: u32 = 150;

/// How long a key sounds together with the silence behind it.
const KEY: Duration = Duration::from_millis(250);

/// How long so many half words are heard, at a rate from 1.
pub fn time(half_words: u64, words_a_minute: u32) -> Duration {
    Duration::from_millis(half_words * 30_000 / u64::from(words_a_minute.max(1)))
}

/// The half words of a text: a word of letters or digits is two, a character of a script without spaces is one.
pub fn half_words(text: &str) -> u64 {
    let (mut count, mut within) = (0, false);
    for letter in text.chars() {
        let is_word = letter.is_alphanumeric() && letter < '\u{2e80}';
        if letter.is_alphanumeric() && !is_word {
            count += 1;
        }
        if is_word && !within {
            count += 2;
        }
        within = is_word || (within && !letter.is_whitespace() && letter < '\u{2e80}');
    }
    count
}

/// The words that a text has beyond those that it seems to have, where it is read in a way of its own (SSML's
/// `interpret-as`): letters and digits that are spelt.
pub fn spelt(how: &str, text: &str) -> u32 {
    if !matches!(how, "characters" | "spell-out" | "digits" | "telephone") {
        return 0;
    }
    let letters = text
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .count();
    u32::try_from(letters).unwrap_or(u32::MAX).saturating_sub(1)
}

/// How long keys sound; `w` and `W` are silence.
pub fn sounds(keys: &str) -> Duration {
    let sound = |key| match key {
        'w' => Duration::from_millis(500),
        'W' => Duration::from_secs(1),
        _ => KEY,
    };
    keys.chars().map(sound).sum()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{half_words, sounds, spelt, time};

    #[test]
    fn words_take_their_time() {
        let lasts = |text, words_a_minute| time(half_words(text), words_a_minute);
        assert_eq!(
            lasts("One, two; three - 4.50 isn't", 150),
            Duration::from_secs(2)
        );
        assert_eq!(lasts("", 150), Duration::ZERO);
        assert_eq!(lasts("你好", 60), Duration::from_secs(1));
        assert_eq!(lasts("ein Wort", 60), Duration::from_secs(2));
    }

    #[test]
    fn what_is_spelt_has_a_word_a_letter() {
        assert_eq!(
            (
                spelt("digits", "123"),
                spelt("cardinal", "123"),
                spelt("characters", "")
            ),
            (2, 0, 0)
        );
        assert_eq!(sounds("1w2W"), Duration::from_secs(2));
    }
}

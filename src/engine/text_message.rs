//! Text messages: an SMS that a turn sends, and how many parts the carrier makes of one.

/// Who an SMS comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A number of ours, in E.164.
    Number(String),
    /// A messaging service of the carrier, by its sid: `MG…`.
    Service(String),
}

/// An SMS that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextMessage {
    /// The step that sends it.
    pub step: String,
    /// To whom, in E.164.
    pub to: String,
    /// From whom.
    pub from: Sender,
    /// What it says.
    pub words: String,
    /// Whether [`CODE_MARK`] in it stands for a code: whoever sends it knows the code, the engine does not.
    pub has_code: bool,
}

/// Stands for a code in the words of an SMS until it is sent. The last letter for private use: no keyboard has it.
pub const CODE_MARK: char = '\u{10fffd}';

/// The most characters of an SMS (Twilio, Message resource: `Body`; more is error 21617).
pub const LONGEST_TEXT: usize = 1_600;

/// How an SMS is written on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextAlphabet {
    /// Seven bits a letter: those of Western Europe and Greek capitals (3GPP TS 23.038, §6.2.1).
    Gsm7,
    /// Sixteen bits a letter: all others make it this.
    Ucs2,
}

/// The parts that the carrier makes of an SMS, and bills one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segments {
    /// How it is written.
    pub alphabet: TextAlphabet,
    /// How many parts; none of an empty text.
    pub count: usize,
}

/// The basic letters of GSM 7 bit, without the escape (3GPP TS 23.038, §6.2.1).
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The letters behind its escape, which take two places (§6.2.1.1).
const ESCAPED: &str = "\u{c}^{}\\[~]|€";

impl TextAlphabet {
    /// How a text is written: in sixteen bits where a letter is not among those of seven.
    pub fn of(text: &str) -> Self {
        if text.chars().all(|letter| places(letter).is_some()) {
            Self::Gsm7
        } else {
            Self::Ucs2
        }
    }

    /// How many places one part has, where there is only one and where there are several: each then says which it is.
    fn room(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    fn places(self, letter: char) -> usize {
        match self {
            Self::Gsm7 => places(letter).unwrap_or(1),
            Self::Ucs2 => letter.len_utf16(),
        }
    }
}

/// How many places of seven bits a letter takes; nothing for one that is none of them.
fn places(letter: char) -> Option<usize> {
    if BASIC.contains(letter) {
        Some(1)
    } else {
        ESCAPED.contains(letter).then_some(2)
    }
}

impl Segments {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        let alphabet = TextAlphabet::of(text);
        let (alone, each) = alphabet.room();
        let all: usize = text.chars().map(|letter| alphabet.places(letter)).sum();
        if all <= alone {
            let count = usize::from(all > 0);
            return Self { alphabet, count };
        }
        // No letter is parted, so a part may have a place left over.
        let (mut count, mut left) = (1, each);
        for letter in text.chars() {
            let places = alphabet.places(letter);
            if places > left {
                (count, left) = (count + 1, each);
            }
            left -= places;
        }
        Self { alphabet, count }
    }
}

/// The first letter of a text that makes the carrier write it in sixteen bits.
pub fn first_wide(text: &str) -> Option<char> {
    text.chars().find(|letter| places(*letter).is_none())
}

#[cfg(test)]
mod tests {
    use super::{Segments, TextAlphabet, first_wide};

    #[test]
    fn a_text_is_parted_as_the_carrier_does() {
        let gsm = |count| (TextAlphabet::Gsm7, count);
        let wide = |count| (TextAlphabet::Ucs2, count);
        for (text, expected) in [
            (String::new(), gsm(0)),
            ("a".repeat(160), gsm(1)),
            ("a".repeat(161), gsm(2)),
            ("a".repeat(306), gsm(2)),
            ("a".repeat(307), gsm(3)),
            ("€".repeat(80), gsm(1)),
            ("€".repeat(81), gsm(2)),
            // 153 is odd: each part has a place left over.
            ("€".repeat(152), gsm(2)),
            ("€".repeat(153), gsm(3)),
            ("ж".repeat(70), wide(1)),
            ("ж".repeat(71), wide(2)),
            ("ж".repeat(134), wide(2)),
            ("ж".repeat(135), wide(3)),
            ("😀".repeat(35), wide(1)),
            ("😀".repeat(66), wide(2)),
            ("😀".repeat(67), wide(3)),
            (format!("{}’", "a".repeat(69)), wide(1)),
            (format!("{}’", "a".repeat(70)), wide(2)),
        ] {
            let Segments { alphabet, count } = Segments::of(&text);
            assert_eq!((alphabet, count), expected, "{text}");
        }
        let letters = "Ωéß§Ñ@\n^{}[~]|\\€";
        assert_eq!(TextAlphabet::of(letters), TextAlphabet::Gsm7);
        for letter in "’“–…ê`ç\tÀ".chars() {
            assert_eq!(first_wide(&format!("a{letter}")), Some(letter));
        }
    }
}

//! Text on its way into a document: what XML cannot hold goes, and what is too long is parted where a reader breathes.

use std::borrow::Cow;

use super::escape::weight;
use super::voice::Family;

/// Takes out what no XML 1.0 document can hold, escaped or not: control characters other than tab, line feed and
/// carriage return, and U+FFFE and U+FFFF. Borrows where there is nothing to take out.
pub(super) fn strip(text: &str) -> Cow<'_, str> {
    if is_plain(text) || text.chars().all(is_legal) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(
            text.chars()
                .filter(|&character| is_legal(character))
                .collect(),
        )
    }
}

/// The first character that no XML 1.0 document can hold, and where it stands.
pub(super) fn find_illegal(text: &str) -> Option<(usize, char)> {
    let suspect =
        |byte: u8| byte == 0xEF || (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'));
    if !text
        .bytes()
        .fold(false, |found, byte| found | suspect(byte))
    {
        return None;
    }
    text.char_indices()
        .find(|&(_, character)| !is_legal(character))
}

/// Whether no byte can belong to an illegal character: so of nearly every text, and found out many bytes at a time.
/// U+FFFE and U+FFFF begin with 0xEF.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch for each byte, many are looked at together"
)]
fn is_plain(text: &str) -> bool {
    text.bytes()
        .fold(true, |plain, byte| plain & (byte >= b' ') & (byte != 0xEF))
}

/// XML 1.0, production 2 (`Char`); a `char` is never a surrogate.
pub(super) fn is_legal(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Whether nothing of a text is left to be spoken.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|character| character.is_whitespace() || !is_legal(character))
}

/// No byte of a text costs more, in any family.
const COSTLIEST: usize = "&amp;".len();

/// The beginning of a text that takes at most so many bytes when written, to the end of a word if one is near.
pub(super) fn cut(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes / "&amp;".len() {
        return text;
    }
    let fit = fitting(text, bytes, weight);
    if fit == text.len() {
        return text;
    }
    let head = &text[..fit];
    match head.rfind(char::is_whitespace) {
        Some(space) if space > fit / 2 => head[..space].trim_end(),
        _ => head,
    }
}

/// Where a text is parted so that the first part fits.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SplitPoint {
    /// All of it fits.
    Whole(usize),
    /// After a sentence or a word, by this byte.
    Breath(usize),
    /// No word ends in time: before this byte, the first that does not fit.
    Hard(usize),
}

/// Finds the last sentence, else the last word, that ends within `room`; a sentence only if that is not a mere scrap.
pub(super) fn part(text: &str, room: usize, family: Family) -> SplitPoint {
    if text.len() <= room / COSTLIEST {
        return SplitPoint::Whole(family.cost_of(text));
    }
    let (mut sentence, mut word, mut used) = (None, None, 0);
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        used += family.cost(character);
        if used > room {
            return match (sentence, word) {
                (Some(sentence), _) if sentence > at / 2 => SplitPoint::Breath(sentence),
                (_, Some(word)) => SplitPoint::Breath(word),
                (Some(sentence), None) => SplitPoint::Breath(sentence),
                (None, None) => SplitPoint::Hard(at),
            };
        }
        let after = at + character.len_utf8();
        if character.is_whitespace() {
            word = Some(after);
        }
        if matches!(character, '。' | '！' | '？')
            || (character.is_whitespace() && ends_sentence(before))
        {
            sentence = Some(after);
        }
        before = character;
    }
    SplitPoint::Whole(used)
}

fn ends_sentence(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…' | ';' | '\n')
}

/// The byte up to which a text fits into `room`.
fn fitting(text: &str, room: usize, cost: impl Fn(char) -> usize) -> usize {
    let mut used = 0;
    let over = text.char_indices().find(|&(_, character)| {
        used += cost(character);
        used > room
    });
    over.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Family, SplitPoint, cut, part, strip};

    #[test]
    fn text_that_xml_can_hold_is_not_copied() {
        assert!(matches!(
            strip("a\t\r\n ]]> 😀 \u{FFFD} \u{7F}\u{85}"),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn what_xml_cannot_hold_is_taken_out() {
        let all: String = (0..=0x2FFFF).filter_map(char::from_u32).collect();
        let left = strip(&all);
        assert_eq!(
            all.chars().count() - left.chars().count(),
            29 + 2,
            "C0 without tab, LF and CR; U+FFFE and U+FFFF"
        );
    }

    #[test]
    fn a_long_text_is_parted_after_a_sentence() {
        assert_eq!(
            part("One. Two three", 12, Family::Basic),
            SplitPoint::Breath(9),
            "a sentence that is a scrap is not it"
        );
        assert_eq!(
            part("One two. Three", 12, Family::Basic),
            SplitPoint::Breath(9)
        );
        assert_eq!(
            part("一二三。四五六七", 6, Family::Basic),
            SplitPoint::Breath(12)
        );
        assert_eq!(part("OneTwoThree", 6, Family::Basic), SplitPoint::Hard(6));
        assert_eq!(part("One", 3, Family::Basic), SplitPoint::Whole(3));
    }

    #[test]
    fn a_cut_is_never_inside_a_character() {
        assert_eq!(cut("ab😀", 5), "ab");
        assert_eq!(cut("&&&", 14), "&&");
        assert_eq!(cut("hello world wide", 13), "hello world");
    }
}

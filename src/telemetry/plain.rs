//! What came from outside does not steer a terminal.

use std::borrow::Cow;
use std::fmt;

/// A text as it may be printed: characters that move the cursor, change colours or turn the direction in which is written
/// are shown as their numbers, such as `\u{1b}`. Line ends and tabs stay.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    // Nothing can fail in memory.
    let _ = fmt::Write::write_str(&mut Plain(&mut shown), text);
    Cow::Owned(shown)
}

/// Writes [`plain`] texts.
pub(super) struct Plain<W>(pub(super) W);

impl<W: fmt::Write> fmt::Write for Plain<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((at, found)) = rest
            .char_indices()
            .find(|(_, character)| steers(*character))
        {
            self.0.write_str(&rest[..at])?;
            write!(self.0, "{}", found.escape_unicode())?;
            rest = &rest[at + found.len_utf8()..];
        }
        self.0.write_str(rest)
    }
}

/// Whether a terminal does something with a character in place of showing it.
fn steers(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // Marks, embeddings, overrides and isolates of direction; ends of lines and paragraphs.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            true
        }
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_steers_a_terminal_is_shown_as_its_number() {
        assert_eq!(plain("Zoë: שלום\n\t1 < 2"), "Zoë: שלום\n\t1 < 2");
        assert_eq!(plain("\u{1b}[2J\r\u{7}"), "\\u{1b}[2J\\u{d}\\u{7}");
        assert_eq!(
            plain("a\u{202e}b\u{2066}c\u{9b}d"),
            "a\\u{202e}b\\u{2066}c\\u{9b}d"
        );
        assert_eq!(plain("\u{0}\u{7f}"), "\\u{0}\\u{7f}");
    }
}

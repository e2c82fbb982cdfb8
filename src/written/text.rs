//! The text of a file.

use std::fmt;

/// What some editors put before UTF-8. It says nothing: TOML reads over it.
const MARK: char = '\u{feff}';

/// Bytes that are not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotText {
    /// Two bytes a character.
    Utf16,
    /// The first byte that belongs to no character.
    Byte(usize),
}

impl std::error::Error for NotText {}

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Utf16 => f.write_str(
                "this file is UTF-16, as PowerShell and some editors write it: save it as UTF-8",
            ),
            Self::Byte(at) => write!(f, "byte {at} of this file is not UTF-8 text"),
        }
    }
}

/// The text of a file. A byte order mark stays, so that what is written back is what was there.
///
/// # Errors
/// When it is not UTF-8.
pub fn text_of(bytes: Vec<u8>) -> Result<String, NotText> {
    match bytes.as_slice() {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(NotText::Utf16),
        // Without its mark: half of each ASCII character is a zero.
        [0, other, ..] | [other, 0, ..] if *other != 0 => Err(NotText::Utf16),
        _ => String::from_utf8(bytes)
            .map_err(|error| NotText::Byte(error.utf8_error().valid_up_to())),
    }
}

/// A text without the byte order mark, for what does not read over it.
pub fn unmarked(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::{NotText, text_of, unmarked};

    #[test]
    fn utf16_is_called_by_its_name() {
        for text in ["\u{feff}title = 1", "title = 1"] {
            let utf16: Vec<u16> = text.encode_utf16().collect();
            for bytes in [
                utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
                utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            ] {
                assert_eq!(text_of(bytes), Err(NotText::Utf16));
            }
        }
        assert_eq!(text_of(b"gr\xfc\xdf".to_vec()), Err(NotText::Byte(2)));
        assert_eq!(text_of(b"1".to_vec()).as_deref(), Ok("1"));
    }

    #[test]
    fn a_mark_stays_until_it_is_taken_off() {
        let text = text_of("\u{feff}a".as_bytes().to_vec()).expect("it is text");
        assert_eq!(
            (text.as_str(), unmarked(&text), unmarked("a")),
            ("\u{feff}a", "a", "a")
        );
    }
}

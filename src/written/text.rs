//! The text of a file.

use std::fmt;

use super::diag::line_and_column;

/// What some editors put before UTF-8. It says nothing: TOML reads over it.
const MARK: char = '\u{feff}';

/// Bytes that are not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotText {
    /// Two bytes a character.
    Utf16,
    /// A byte that belongs to no character.
    Byte {
        /// The byte.
        byte: u8,
        /// Where it is.
        at: usize,
        /// The text, with a replacement for each such byte.
        lossy: String,
    },
}

impl NotText {
    /// What would be right.
    pub fn help(&self) -> &'static str {
        "save the file as UTF-8: editors offer that where they save it under another name"
    }
}

impl std::error::Error for NotText {}

impl fmt::Display for NotText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Utf16 => f.write_str(
                "this file is UTF-16, as PowerShell and some editors write it, and not UTF-8",
            ),
            Self::Byte { byte, at, lossy } => {
                let (line, column) = line_and_column(lossy, *at);
                let letter = char::from(*byte);
                write!(
                    f,
                    "line {line}, column {column} is not UTF-8: the byte {byte:X}"
                )?;
                if *byte >= 0xa0 {
                    write!(f, " is `{letter}` in Latin-1 and Windows-1252")?;
                }
                Ok(())
            }
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
        _ => String::from_utf8(bytes).map_err(|error| {
            let (at, bytes) = (error.utf8_error().valid_up_to(), error.as_bytes());
            NotText::Byte {
                byte: bytes[at],
                at,
                lossy: String::from_utf8_lossy(bytes).into_owned(),
            }
        }),
    }
}

/// A text without the byte order mark, for what does not read over it.
pub fn unmarked(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// A text without what may be a secret in it, should it be a URL: user, password and query.
pub fn masked(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let (place, hidden) = rest
        .find(['?', '#'])
        .map_or((rest, ""), |at| (&rest[..at], "?…"));
    let place = place
        .rsplit_once('@')
        .map_or_else(|| place.to_owned(), |(_, place)| format!("…@{place}"));
    format!("{scheme}://{place}{hidden}")
}

/// Whether a text can be a name of an author's choice: `[a-z][a-z0-9_]*`.
pub fn is_name(text: &str) -> bool {
    let is_rest = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'_');
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(is_rest)
}

#[cfg(test)]
mod tests {
    use super::{NotText, masked, text_of, unmarked};

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
        let latin = text_of(b"a\ngr\xfc\xdf".to_vec()).expect_err("it is Latin-1");
        assert_eq!(
            latin.to_string(),
            "line 2, column 3 is not UTF-8: the byte FC is `ü` in Latin-1 and Windows-1252"
        );
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

    #[test]
    fn what_may_be_a_secret_in_a_url_is_not_shown() {
        assert_eq!(
            masked("ftp://u:p@host:1/a/b?token=x#y"),
            "ftp://…@host:1/a/b?…"
        );
        assert_eq!(masked("ftp://host/a@b"), "ftp://…@b");
        assert_eq!(
            (masked("http://host/a"), masked("a text?")),
            ("http://host/a".into(), "a text?".into())
        );
    }
}

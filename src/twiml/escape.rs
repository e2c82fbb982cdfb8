//! What escaping adds to a text.

/// The bytes of a character as they are written in text.
pub(super) fn weight(character: char) -> usize {
    match character {
        '<' | '>' => "&lt;".len(),
        '&' | '\r' => "&amp;".len(),
        other => other.len_utf8(),
    }
}

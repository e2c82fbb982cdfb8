//! The pieces of XML that the tokenizer lets through unread: names, attributes, references, the declaration.
//!
//! quick-xml finds where a tag begins and ends; it takes any name, `<` within a value and attributes without a space
//! between them, all of which the carrier's parser refuses.

use std::borrow::Cow;

use crate::twiml::text::is_legal;

/// The most attributes of one element: TwiML knows no element with half as many.
const ATTRIBUTES: usize = 64;

/// Whether a text is a name (XML 1.0, production 5).
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(begins_name) && characters.all(|character| {
        begins_name(character)
            || matches!(character, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}' | '\u{2040}')
    })
}

/// XML 1.0, production 4 (`NameStartChar`).
fn begins_name(character: char) -> bool {
    matches!(character,
        'A'..='Z' | 'a'..='z' | '_' | ':'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}' | '\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// Whether there is nothing but white space, as XML knows it.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| is_space(char::from(byte)))
}

/// What `&…;` stands for: one of the five names, or a character by its number.
pub(super) fn resolve(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => number(reference.strip_prefix('#')?).filter(|&character| is_legal(character)),
    }
}

fn number(digits: &str) -> Option<char> {
    let (digits, radix) = digits
        .strip_prefix('x')
        .map_or((digits, 10), |hexadecimal| (hexadecimal, 16));
    // The number parser would take a sign as well.
    let plain = digits.chars().all(|digit| digit.is_digit(radix));
    u32::from_str_radix(digits, radix)
        .ok()
        .filter(|_| plain)
        .and_then(char::from_u32)
}

/// What is wrong with a reference.
pub(super) fn unresolved(reference: &str) -> String {
    if reference.starts_with('#') {
        return format!("`&{reference};` stands for no character that XML can hold");
    }
    format!("`&{reference};` is no entity of XML: write `&amp;` for the sign itself")
}

/// Takes the attributes of a tag apart, from behind its name to before its end.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn attributes(tag: &str) -> Result<Vec<(String, String)>, String> {
    let mut attributes: Vec<(String, String)> = Vec::new();
    let mut rest = tag;
    loop {
        let trimmed = rest.trim_start_matches(is_space);
        if trimmed.is_empty() {
            return Ok(attributes);
        }
        if trimmed.len() == rest.len() {
            return Err(format!("a space is missing before `{}`", shown(trimmed)));
        }
        let (name, value, after) = attribute(trimmed)?;
        if attributes.iter().any(|(known, _)| known == name) {
            return Err(format!("the attribute `{name}` stands there twice"));
        }
        if attributes.len() == ATTRIBUTES {
            return Err(format!("an element with more than {ATTRIBUTES} attributes"));
        }
        attributes.push((name.to_owned(), unescape(value)?.into_owned()));
        rest = after;
    }
}

/// The first attribute's name, its value as written, and what stands after it.
fn attribute(text: &str) -> Result<(&str, &str, &str), String> {
    let end = text
        .find(|character| is_space(character) || character == '=')
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !is_name(name) {
        return Err(format!(
            "`{}` cannot be the name of an attribute",
            shown(name)
        ));
    }
    let rest = rest.trim_start_matches(is_space);
    let rest = rest
        .strip_prefix('=')
        .ok_or_else(|| format!("the attribute `{name}` has no value"))?;
    let rest = rest.trim_start_matches(is_space);
    let quote = rest
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''));
    let quote = quote.ok_or_else(|| format!("the value of `{name}` must be in quotes"))?;
    let (value, after) = rest[1..]
        .split_once(quote)
        .ok_or_else(|| format!("the value of `{name}` has no closing quote"))?;
    if value.contains('<') {
        return Err(format!(
            "the value of `{name}` holds a `<`: write `&lt;`, or look for a missing quote"
        ));
    }
    Ok((name, value, after))
}

/// A value with its references resolved and its line breaks made spaces (XML 1.0, §3.3.3).
fn unescape(value: &str) -> Result<Cow<'_, str>, String> {
    if !value.bytes().any(|byte| byte == b'&' || byte < b' ') {
        return Ok(Cow::Borrowed(value));
    }
    let value = value.replace("\r\n", " ").replace(['\t', '\n', '\r'], " ");
    let mut pieces = value.split('&');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (reference, after) = piece.split_once(';').ok_or_else(bare_ampersand)?;
        if !reference.starts_with('#') && !is_name(reference) {
            return Err(bare_ampersand());
        }
        text.push(resolve(reference).ok_or_else(|| unresolved(reference))?);
        text.push_str(after);
    }
    Ok(Cow::Owned(text))
}

/// What is wrong with an `&` that begins no reference.
pub(super) fn bare_ampersand() -> String {
    "an `&` stands by itself: write `&amp;`, in URLs as well".to_owned()
}

/// Whether a declaration is one, and of which version: what stands between `<?xml` and `?>`. Another encoding than
/// UTF-8 makes no difference to a document that is all ASCII.
///
/// # Errors
/// The code, and what is wrong, in words.
pub(super) fn declaration(content: &str, ascii: bool) -> Result<(), (u32, String)> {
    let ill = |message: &str| (12100, message.to_owned());
    let attributes = attributes(content)
        .map_err(|message| (12100, format!("in the XML declaration: {message}")))?;
    let names: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
    if !matches!(
        names[..],
        ["version"]
            | ["version", "encoding" | "standalone"]
            | ["version", "encoding", "standalone"]
    ) {
        return Err(ill(
            "an XML declaration has a version, then perhaps an encoding, then perhaps `standalone`",
        ));
    }
    for (name, value) in &attributes {
        match name.as_str() {
            "version" if value != "1.0" => {
                return Err((12101, format!("XML of version {value}: write 1.0")));
            }
            "encoding" if !value.eq_ignore_ascii_case("utf-8") && !ascii => {
                return Err((
                    12100,
                    format!("the document says that it is in {value}: TwiML is in UTF-8"),
                ));
            }
            "standalone" if value != "yes" && value != "no" => {
                return Err(ill("`standalone` is `yes` or `no`"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The beginning of a piece, for a message.
fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(30)]
}

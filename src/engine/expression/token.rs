//! The words and signs of an expression, and where they stand.

use std::ops::Range;

use super::problem::Problem;

/// A word, a sign, a number or a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// A name with its parts, or a word of the language.
    Word(&'a str),
    /// Digits, perhaps with a fraction.
    Number(&'a str),
    /// What stands between quotes, escapes resolved.
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
}

/// A token and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lexeme<'a> {
    pub token: Token<'a>,
    pub span: Range<usize>,
}

/// The signs of the language, longer ones first.
const SIGNS: [&str; 21] = [
    "==", "!=", "<=", ">=", "//", "<", ">", "+", "-", "*", "%", "~", "(", ")", "[", "]", ",", ":",
    "|", "?", ".",
];

/// Signs of other languages, longer ones first: what they are written as here.
const FOREIGN: [(&str, &str, &str); 23] = [
    ("===", "`===` is not a comparison", "write `==`"),
    ("!==", "`!==` is not a comparison", "write `!=`"),
    ("<>", "`<>` is not a comparison", "write `!=`"),
    ("=>", "`=>` is not a comparison", "write `>=`"),
    ("=<", "`=<` is not a comparison", "write `<=`"),
    ("&&", "`&&` is not known", "write `and`"),
    ("||", "`||` is not known", "write `or`"),
    ("**", "powers cannot be worked out", "multiply: `n * n`"),
    ("{{", HOLE, HOLE_HELP),
    ("}}", HOLE, HOLE_HELP),
    ("${", HOLE, HOLE_HELP),
    ("{", HOLE, HOLE_HELP),
    ("}", HOLE, HOLE_HELP),
    (
        "=",
        "`=` compares nothing",
        "to compare write `==`; to set a value use `set`",
    ),
    ("!", "`!` is not known", "write `not`"),
    (
        "&",
        "`&` is not known",
        "write `and`; texts are joined by `~`",
    ),
    (
        "/",
        "`/` is not known",
        "whole numbers are divided by `//`; a date stands in quotes",
    ),
    ("≤", "`≤` is not known", "write `<=`"),
    ("≥", "`≥` is not known", "write `>=`"),
    ("≠", "`≠` is not known", "write `!=`"),
    ("–", "`–` is a dash, not a minus", "write `-`"),
    ("−", "`−` is not the minus of a keyboard", "write `-`"),
    (
        "\u{a0}",
        "a no-break space stands here",
        "write an ordinary space",
    ),
];

const HOLE: &str = "braces do not belong inside an expression";
const HOLE_HELP: &str = "write the name alone, as in `count > 6`";

/// Quotation marks that word processors make of `'` and `"`.
const TYPOGRAPHIC: [char; 12] = ['‘', '’', '‚', '‛', '“', '”', '„', '‟', '«', '»', '‹', '›'];

/// Takes an expression apart.
pub(super) fn tokens(source: &str) -> Result<Vec<Lexeme<'_>>, Problem> {
    let mut lexemes = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        if first.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let lexeme = one(source, at, first)?;
        at = lexeme.span.end;
        lexemes.push(lexeme);
    }
    Ok(lexemes)
}

fn one(source: &str, at: usize, first: char) -> Result<Lexeme<'_>, Problem> {
    let rest = &source[at..];
    if matches!(first, '\'' | '"') {
        return text(source, at, first);
    }
    if first.is_ascii_digit() {
        return number(source, at);
    }
    if is_of_word(first) {
        return word(source, at);
    }
    let foreign = FOREIGN.iter().find(|(sign, ..)| rest.starts_with(sign));
    let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
    match (sign, foreign) {
        (Some(sign), foreign) if foreign.is_none_or(|(other, ..)| other.len() <= sign.len()) => {
            Ok(Lexeme {
                token: Token::Sign(sign),
                span: at..at + sign.len(),
            })
        }
        (_, Some((sign, message, help))) => {
            Err(Problem::syntax(at..at + sign.len(), *message, *help))
        }
        _ => Err(strange(at, first)),
    }
}

fn strange(at: usize, sign: char) -> Problem {
    let span = at..at + sign.len_utf8();
    if TYPOGRAPHIC.contains(&sign) {
        let message = format!("`{sign}` is a quotation mark of a word processor");
        return Problem::syntax(span, message, "write `'` before and behind a text");
    }
    if sign.is_control() || sign.is_whitespace() || is_invisible(sign) {
        let message = format!(
            "a character that cannot be seen stands here (U+{:04X})",
            sign as u32
        );
        return Problem::syntax(span, message, "delete it");
    }
    Problem::syntax(
        span,
        format!("`{sign}` means nothing in an expression"),
        "a text stands in quotes: `'…'`",
    )
}

fn is_invisible(sign: char) -> bool {
    matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Where the letters, digits and `_` end that begin at a place.
fn end_of_word(source: &str, at: usize) -> usize {
    let rest = &source[at..];
    at + rest
        .find(|letter| !is_of_word(letter))
        .unwrap_or(rest.len())
}

/// A word with its parts: `call.from` is one.
fn word(source: &str, at: usize) -> Result<Lexeme<'_>, Problem> {
    let mut end = end_of_word(source, at);
    let begins = |end: usize| source[end + 1..].starts_with(is_of_word);
    while source[end..].starts_with('.') && begins(end) {
        end = end_of_word(source, end + 1);
    }
    let word = &source[at..end];
    if !word.is_ascii() {
        return Err(Problem::syntax(
            at..end,
            format!("`{word}` cannot be a name"),
            "names are made of a-z, 0-9 and `_`; a text stands in quotes",
        ));
    }
    Ok(Lexeme {
        token: Token::Word(word),
        span: at..end,
    })
}

fn number(source: &str, at: usize) -> Result<Lexeme<'_>, Problem> {
    let digits = |at: usize| {
        let rest = &source[at..];
        at + rest
            .find(|digit: char| !digit.is_ascii_digit())
            .unwrap_or(rest.len())
    };
    let mut end = digits(at);
    if source[end..].starts_with('.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    let word = end_of_word(source, end);
    if word > end {
        return Err(Problem::syntax(
            at..word,
            format!("`{}` is neither a number nor a name", &source[at..word]),
            "a text stands in quotes; a name begins with a letter",
        ));
    }
    if source[end..].starts_with('.') && digits(end + 1) > end + 1 {
        let all = digits(end + 1);
        return Err(Problem::syntax(
            at..all,
            format!("`{}` is no number", &source[at..all]),
            "times and dates stand in quotes: `'09:30'`, `'2026-12-24'`",
        ));
    }
    Ok(Lexeme {
        token: Token::Number(&source[at..end]),
        span: at..end,
    })
}

fn text(source: &str, at: usize, quote: char) -> Result<Lexeme<'_>, Problem> {
    let mut text = String::new();
    let mut letters = source[at + 1..].char_indices();
    while let Some((offset, letter)) = letters.next() {
        match letter {
            '\\' => text.push(match letters.next() {
                Some((_, 'n')) => '\n',
                Some((_, 't')) => '\t',
                Some((_, other)) => other,
                None => break,
            }),
            letter if letter == quote => {
                return Ok(Lexeme {
                    token: Token::Text(text),
                    span: at..at + 1 + offset + 1,
                });
            }
            letter => text.push(letter),
        }
    }
    Err(Problem::syntax(
        at..source.len(),
        format!("the text that begins with `{quote}` does not end"),
        format!("close it by `{quote}`"),
    ))
}

/// Where the bytes stand that are not part of a text in quotes.
pub(in crate::engine) fn bare(source: &str) -> impl Iterator<Item = (usize, u8)> {
    let (mut quote, mut escaped) = (None, false);
    source
        .bytes()
        .enumerate()
        .filter(move |(_, byte)| match quote {
            None => {
                quote = Some(*byte).filter(|byte| matches!(byte, b'"' | b'\''));
                quote.is_none()
            }
            Some(open) => {
                if !escaped && *byte == open {
                    quote = None;
                }
                escaped = !escaped && *byte == b'\\';
                false
            }
        })
}

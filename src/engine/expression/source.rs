//! The written form of an expression: what is wrong with it, and where its names stand.

use std::ops::Range;

use minijinja::ErrorKind;

use super::{ENVIRONMENT, Names};
use crate::written::{Code, Explain};

/// Says why an expression cannot be read, with a way out for what people write most often instead.
pub(super) fn syntax(
    source: &str,
    error: &minijinja::Error,
    at: Range<usize>,
    check: &mut dyn Names,
) {
    let assigns = bare(source).any(|(place, byte)| {
        let beside = |at: Option<usize>| at.and_then(|at| source.as_bytes().get(at)).copied();
        let compares = |byte: Option<u8>| matches!(byte, Some(b'=' | b'!' | b'<' | b'>'));
        byte == b'='
            && !compares(beside(place.checked_sub(1)))
            && !compares(beside(place.checked_add(1)))
    });
    let (message, help) = if source.trim().is_empty() {
        (
            "here must be an expression, but nothing is".to_owned(),
            "write the name of an answer or a variable",
        )
    } else if assigns {
        (
            "`=` compares nothing".to_owned(),
            "to compare write `==`; to set a value use `set`",
        )
    } else if source.contains("&&") || source.contains("||") {
        (
            "`&&` and `||` are not known".to_owned(),
            "write `and`, `or` and `not`",
        )
    } else {
        let detail = error.detail().unwrap_or("it cannot be read");
        let help = "names, numbers, 'text', `==`, `>`, `and`, `or`, `not`, `… if … else …`, `… is defined`";
        (format!("this is not an expression: {detail}"), help)
    };
    check.fault(Code::ExpressionSyntax, at, message).help(help);
}

/// Whether all filters and tests exist: the library itself would only find out when a call comes by.
pub(super) fn words_known(source: &str, at: &Range<usize>, check: &mut dyn Names) -> bool {
    let mut sound = true;
    let tokens = tokens(source);
    for (place, token) in tokens.iter().enumerate() {
        let before = |back: usize| place.checked_sub(back).map(|place| tokens[place].1);
        let is_test =
            before(1) == Some("is") || (before(1) == Some("not") && before(2) == Some("is"));
        let (code, probe, kind, help) = match before(1) {
            Some("|") => (
                Code::FilterUnknown,
                "1 |",
                ErrorKind::UnknownFilter,
                "such as `upper`, `length`, `default`",
            ),
            _ if is_test && token.1 != "not" => (
                Code::TestUnknown,
                "1 is",
                ErrorKind::UnknownTest,
                "mostly `is defined`; equal is `==`",
            ),
            _ => continue,
        };
        let known = ENVIRONMENT
            .compile_expression(&format!("{probe} {}", token.1))
            .and_then(|probe| probe.eval(()))
            .map_or_else(|error| error.kind() != kind, |_| true);
        if !known {
            let span = check.part(at, source, token.0..token.0 + token.1.len());
            check
                .fault(code, span, format!("`{}` is not known here", token.1))
                .help(help);
            sound = false;
        }
    }
    sound
}

/// The words and signs of an expression outside quotes, and where they begin.
fn tokens(source: &str) -> Vec<(usize, &str)> {
    let mut tokens: Vec<(usize, &str)> = Vec::new();
    for (at, byte) in
        bare(source).filter(|(_, byte)| byte.is_ascii() && !byte.is_ascii_whitespace())
    {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        match tokens.last_mut() {
            Some((start, token))
                if word(byte) && *start + token.len() == at && token.bytes().all(word) =>
            {
                *token = &source[*start..=at];
            }
            _ => tokens.push((at, &source[at..=at])),
        }
    }
    tokens
}

/// Where a name, whose parts stand with dots between them, is first read in an expression.
pub(super) fn place_of(source: &str, name: &str) -> Option<Range<usize>> {
    let inside = |at: usize, byte: u8| {
        let beside = |at: Option<usize>| {
            at.and_then(|at| source.as_bytes().get(at))
                .copied()
                .unwrap_or(b' ')
        };
        let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let before = beside(at.checked_sub(1));
        let fits = source[at..].starts_with(name) && !part(before) && before != b'.';
        part(byte) && fits && !part(beside(Some(at + name.len())))
    };
    let start = bare(source)
        .find(|(at, byte)| source.is_char_boundary(*at) && inside(*at, *byte))?
        .0;
    Some(start..start + name.len())
}

/// The bytes of an expression outside quotes, and where they stand.
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

/// How deep brackets nest.
pub(super) fn depth(source: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for (_, byte) in bare(source) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

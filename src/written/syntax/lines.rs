//! What a line of TOML is, by its looks.

/// The first line of a text.
pub(super) fn line_of(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

/// How long the key is that a text begins with; nothing where it begins with none.
pub(super) fn key_path(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let quote = rest
            .chars()
            .next()
            .filter(|letter| matches!(letter, '"' | '\''));
        let part = match quote {
            Some(quote) => rest[1..].find(quote)? + 2,
            None => rest
                .find(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '-'))
                .unwrap_or(rest.len()),
        };
        if part == 0 {
            return None;
        }
        at += part;
        let after = text[at..].trim_start_matches([' ', '\t']);
        let Some(after) = after.strip_prefix('.') else {
            return Some(at);
        };
        at = text.len() - after.trim_start_matches([' ', '\t']).len();
    }
}

/// Whether a line is a header, and no list of values.
pub(super) fn is_header(line: &str) -> bool {
    let inner = line.trim().trim_start_matches('[');
    let brackets = line.trim().len() - inner.len();
    let is_name = inner.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && !inner.starts_with("true")
        && !inner.starts_with("false");
    (1..=2).contains(&brackets)
        && is_name
        && key_path(inner).is_some_and(|end| {
            let rest = inner[end..].trim_start();
            rest.starts_with(']')
                && rest
                    .trim_start_matches(']')
                    .trim_start()
                    .chars()
                    .next()
                    .is_none_or(|next| next == '#')
        })
}

/// Whether a line begins something of its own: a comment, a header, a key with its value, or nothing.
pub(super) fn begins_statement(line: &str) -> bool {
    let text = line.trim();
    let is_assigned = |sign: char| {
        text.split_once(sign).is_some_and(|(key, _)| {
            !key.contains(['"', '\'', '{', '}', ',']) && key.split_whitespace().count() == 1
        })
    };
    text.is_empty()
        || text.starts_with('#')
        || is_header(text)
        || key_path(text).is_some_and(|end| text[end..].trim_start().starts_with(['=', ':']))
        || is_assigned('=')
}

/// A dotted key without quotes and spaces, to be compared.
pub(super) fn plain_path(path: &str) -> String {
    path.chars()
        .filter(|letter| !matches!(letter, '"' | '\'' | ' ' | '\t'))
        .collect::<String>()
        .trim_start_matches('.')
        .to_owned()
}

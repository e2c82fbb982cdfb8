//! Accepts what was heard as what should be heard.

use std::ops::Range;

use super::hears::{Hears, written};
use super::play::Played;
use super::script::Script;

/// The file with each `hears` that differs rewritten to the whole of what was heard; `None` if none does. Everything
/// else stays byte for byte: what is submitted is for people to decide.
pub fn bless(script: &Script, played: &Played) -> Option<String> {
    let last = played.stretches.len().saturating_sub(1);
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    let mut look = |hears: &Option<Hears>, nth: usize| {
        let (Some(hears), Some(stretch)) = (hears, played.stretches.get(nth)) else {
            return;
        };
        if hears.wanted.difference(&stretch.heard).is_some() {
            changes.push((hears.at.clone(), quoted(&written(&stretch.heard))));
        }
    };
    for (nth, turn) in script.turns.iter().enumerate().take(last) {
        look(&turn.hears, nth);
    }
    if last >= script.turns.len() {
        look(&script.end.hears, last);
    }
    if changes.is_empty() {
        return None;
    }
    changes.sort_by_key(|(at, _)| at.start);
    let mut text = script.source.clone();
    for (at, heard) in changes.into_iter().rev() {
        text.replace_range(at, &heard);
    }
    Some(text)
}

/// A text as TOML, on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            _ if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn any_text_can_be_written() {
        for text in ["", "Say \"yes\".", "a\\b…", "bell \u{7}", "Добре"] {
            let read: toml::Table = format!("text = {}", quoted(text))
                .parse()
                .expect("it is TOML");
            assert_eq!(read["text"].as_str(), Some(text));
        }
    }
}

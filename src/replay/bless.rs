//! Accepts what was heard as what should be heard.

use std::ops::Range;

use super::amend;
use super::hears::{Hears, Wanted, written};
use super::play::Played;
use super::script::Script;

/// The file with each `hears` that differs changed to what was heard; `None` if none does. Wildcards and parts of a list
/// stay where they can. Everything else stays byte for byte: what is submitted is for people to decide.
pub fn bless(script: &Script, played: &Played) -> Option<String> {
    let last = played.stretches.len().saturating_sub(1);
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    let mut look = |hears: &Option<Hears>, nth: usize| {
        let (Some(hears), Some(stretch)) = (hears, played.stretches.get(nth)) else {
            return;
        };
        if hears.wanted.difference(&stretch.heard).is_some() {
            changes.extend(heard_instead(hears, &stretch.heard));
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

/// What stands where in the file, so that what was heard is what should be heard.
fn heard_instead(hears: &Hears, heard: &str) -> Vec<(Range<usize>, String)> {
    let parts = match &hears.wanted {
        Wanted::Whole(wanted) => {
            amend::whole(wanted, heard).map(|text| vec![(hears.at.clone(), quoted(&text))])
        }
        Wanted::Parts(parts) => amend::parts(parts, heard).map(|parts| {
            let parts = parts.into_iter();
            parts.map(|(at, text)| (at, quoted(&text))).collect()
        }),
        Wanted::Pattern(_) => None,
    };
    parts.unwrap_or_else(|| vec![(hears.at.clone(), quoted(&written(heard)))])
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

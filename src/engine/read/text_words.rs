//! Reads the words of an SMS: nothing but words, and what of their length the carrier refuses or a few signs make longer.

use super::super::prompt::{Prompt, Segment};
use super::super::template::{Piece, Template};
use super::super::text_message::{LONGEST_TEXT, Segments, TextAlphabet};
use super::Checker;
use crate::written::{Code, Explain, Item};

/// What stands for a hole while a text is measured: its length is not known.
const HOLE: &str = "00000000";

/// Signs that are not in the alphabet of GSM, and what says the same there.
const PLAIN: [(&str, &str); 12] = [
    ("’", "'"),
    ("‘", "'"),
    ("“", "\""),
    ("”", "\""),
    ("„", "\""),
    ("–", "-"),
    ("—", "-"),
    ("…", "..."),
    ("•", "-"),
    ("\u{a0}", " "),
    ("\u{202f}", " "),
    ("ç", "c"),
];

impl Prompt {
    /// Reads what an SMS says.
    pub fn of_text(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        Self::parse(item, check).filter(|words| can_be_sent(words, item, check))
    }

    /// How many parts the carrier makes of it as an SMS, in the language in which it is longest. A hole counts as eight letters.
    pub fn most_parts(&self) -> usize {
        let counts =
            (0..self.languages()).map(|language| Segments::of(&text(self, language)).count);
        counts.max().unwrap_or(0)
    }
}

/// Whether it is nothing but words.
fn can_be_sent(words: &Prompt, item: Item<'_>, check: &mut Checker) -> bool {
    let languages = u8::try_from(check.languages.len()).unwrap_or(u8::MAX);
    let segments = (0..languages).flat_map(|language| words.segments(language));
    let mut others = segments.filter_map(|segment| match **segment {
        Segment::Recording(_) | Segment::Url(_) => Some("a recording"),
        Segment::Digits(_) => Some("keys that are sounded"),
        Segment::Text(_) | Segment::As { .. } | Segment::In { .. } | Segment::Pause(_) => None,
    });
    let Some(what) = others.next() else {
        return is_right(words, item, check);
    };
    check
        .fault(
            Code::SmsNotText,
            item.span(),
            format!("{what} cannot be sent by SMS"),
        )
        .help("write a prompt of its own for it, in words");
    false
}

/// Tells what is wrong with the length of an SMS in any language. Whether it can be sent at all.
fn is_right(words: &Prompt, item: Item<'_>, check: &mut Checker) -> bool {
    let languages = u8::try_from(check.languages.len()).unwrap_or(u8::MAX);
    let texts: Vec<(String, String)> = (0..languages)
        .map(|language| (tag(language, check), text(words, language)))
        .collect();
    for (tag, text) in &texts {
        let fixed = text.replace(HOLE, "").chars().count();
        if fixed > LONGEST_TEXT {
            let message = format!(
                "this SMS has {fixed} characters{tag}, and the carrier sends {LONGEST_TEXT}"
            );
            check
                .fault(Code::SmsTooLong, item.span(), message)
                .help("say less, or send two");
            return false;
        }
    }
    let wide = texts
        .iter()
        .find_map(|(tag, text)| Some((tag, widened(text)?)));
    if let Some((tag, (sign, plain, parts, instead))) = wide {
        let parts = format!("{parts} parts{tag}, and {instead} without");
        let message = format!("`{sign}` makes this SMS longer: {parts}");
        check
            .fault(Code::SmsWide, item.span(), message)
            .help(format!(
                "write `{plain}`: a text of the letters of GSM has 160 in a part, any other 70"
            ));
    }
    true
}

/// The language of a text in words, where there are several.
fn tag(language: u8, check: &Checker) -> String {
    let tag = check.languages.get(usize::from(language));
    let tag = tag.filter(|_| check.languages.len() > 1);
    tag.map_or(String::new(), |language| format!(" in {}", language.tag))
}

/// What it says in a language, holes left open.
fn text(words: &Prompt, language: u8) -> String {
    let segments = words.segments(language).iter();
    let texts = segments.filter_map(|segment| match &**segment {
        Segment::Text(text) | Segment::As { text, .. } | Segment::In { text, .. } => {
            Some(measured(text))
        }
        Segment::Recording(_) | Segment::Url(_) | Segment::Pause(_) | Segment::Digits(_) => None,
    });
    texts.collect::<Vec<_>>().join(" ")
}

fn measured(text: &Template) -> String {
    let pieces = text.pieces.iter();
    pieces
        .map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Hole(_) => HOLE,
        })
        .collect()
}

/// A sign that makes a text longer, what to write for it, and how many parts the text has with such signs and without.
fn widened(text: &str) -> Option<(&'static str, &'static str, usize, usize)> {
    let is = Segments::of(text);
    let plain = PLAIN.iter().fold(text.to_owned(), |text, (sign, plain)| {
        text.replace(sign, plain)
    });
    let instead = Segments::of(&plain);
    let (sign, plain) = PLAIN.iter().find(|(sign, _)| text.contains(sign))?;
    let is_longer = instead.alphabet == TextAlphabet::Gsm7 && instead.count < is.count;
    is_longer.then_some((*sign, *plain, is.count, instead.count))
}

#[cfg(test)]
mod tests {
    use super::widened;

    #[test]
    fn a_sign_is_told_only_where_it_costs() {
        let long = "a".repeat(100);
        assert_eq!(widened(&format!("{long}’")), Some(("’", "'", 2, 1)));
        assert_eq!(widened("It’s short."), None);
        assert_eq!(widened(&long), None);
        assert_eq!(widened(&format!("{}’", "ж".repeat(100))), None);
    }
}

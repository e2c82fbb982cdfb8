//! Texts that a caller would hear otherwise than their author thinks: markup, names without `@`, nothing at all.

use std::ops::Range;

use super::super::expression::{Clock, HoursPart, Name, Names};
use super::super::template::Template;
use super::Checker;
use crate::written::{Code, Explain, Item};

impl Checker<'_> {
    /// Looks at a text that is spoken as it stands, apart from its holes; whether it is a text at all, and no name.
    pub(in crate::engine) fn spoken_text(&mut self, text: &str, item: Item<'_>) -> bool {
        if text.trim().is_empty() {
            self.says_nothing(item.span());
            return true;
        }
        if self.is_in_step()
            && (self.has_prompt(text) || text.len() > 1 && self.step(text).is_some())
        {
            self.name_as_text(text, item.span());
            return false;
        }
        if let Some((part, help)) = markup(text) {
            let written = text[part.clone()].to_owned();
            let place = self.part(&item.span(), text, part);
            self.fault(
                Code::TextMarkup,
                place,
                format!("`{written}` is spoken as it stands"),
            )
            .help(help);
        }
        true
    }

    /// Notes the answers that a text speaks, and that it speaks a moment or a day.
    pub(in crate::engine) fn says(&mut self, text: &Template) {
        let is_moment = |name| match name {
            Name::Hours(_, HoursPart::Opens | HoursPart::Closes) => true,
            name => name == Name::Now(Clock::Weekday),
        };
        self.says_moments |= text.speaks().any(is_moment);
        let slots = text.speaks().filter_map(|name| match name {
            Name::Slot(slot) => Some(slot),
            _ => None,
        });
        self.said.extend(slots);
    }

    /// Says that a prompt has no words.
    pub(in crate::engine) fn says_nothing(&mut self, span: Range<usize>) {
        self.fault(Code::PromptEmpty, span, "the caller hears nothing here")
            .help("write what is said; for silence write `{ pause = \"1s\" }`");
    }

    fn name_as_text(&mut self, text: &str, span: Range<usize>) {
        let (what, help) = if self.has_prompt(text) {
            // It is what was meant, so that it does not count as unused.
            let _ = self.prompt(text, span.clone());
            let help = format!(
                "write `\"@{text}\"` for the prompt; where the word itself is meant, end it with a full stop"
            );
            ("a prompt", help)
        } else {
            // A prompt of the step is what was meant, so that none of them counts as unused.
            for id in self.prompts_of_step(text) {
                let _ = self.prompt(&id, span.clone());
            }
            let help = format!(
                "a step is named by `next`, and a prompt is `\"@{text}\"`; where the word itself is meant, end it with a full stop"
            );
            ("a step", help)
        };
        let message = format!("the word \"{text}\" is spoken here, and is the name of {what}");
        self.fault(Code::TextIsAName, span, message).help(help);
    }
}

/// The first part of a text that is markup of some kind, and what to write in its place.
fn markup(text: &str) -> Option<(Range<usize>, &'static str)> {
    let holes = "a value is put in by two braces: `{{ name }}`";
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        if rest.starts_with("{{") {
            at += rest.find("}}").map_or(rest.len(), |end| end + 2);
            continue;
        }
        let found = match letter {
            '{' if rest.starts_with("{%") => closed(rest, "%}").map(|end| {
                (end, "a text has no conditions but `{{ … if … else … }}`; ways are parted by a `branch`")
            }),
            '{' if rest.starts_with("{#") => closed(rest, "#}").map(|end| (end, "write a comment outside of the text, behind `#`")),
            '{' => closed(rest, "}").filter(|end| is_name(&rest[1..end - 1])).map(|end| (end, holes)),
            '$' if rest.starts_with("${") => closed(rest, "}").map(|end| (end, holes)),
            '<' => closed(rest, ">").filter(|end| is_tag(&rest[1..end - 1])).map(|end| {
                (end, "text is no markup: a pause is `{ pause = \"1s\" }`, and a way of reading `{ say = \"…\", as = \"…\" }`, in a list of segments")
            }),
            '&' => closed(rest, ";").filter(|end| is_entity(&rest[1..end - 1])).map(|end| (end, "write the character itself: `&`, `<`, `>` are legal in a text")),
            _ => None,
        };
        if let Some((end, help)) = found {
            return Some((at..at + end, help));
        }
        at += letter.len_utf8();
    }
    None
}

/// Where what closes a part of a text ends, within a reasonable length.
fn closed(text: &str, close: &str) -> Option<usize> {
    text.find(close)
        .map(|end| end + close.len())
        .filter(|end| *end <= 120)
}

fn is_name(inner: &str) -> bool {
    let name = inner.trim();
    name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.')
}

fn is_tag(inner: &str) -> bool {
    let name = inner.trim_start_matches('/');
    let letters = name
        .chars()
        .take_while(|letter| letter.is_ascii_alphabetic() || *letter == '-');
    let length = letters.count();
    length > 0
        && name[length..]
            .chars()
            .next()
            .is_none_or(|next| next.is_whitespace() || next == '/')
}

fn is_entity(inner: &str) -> bool {
    let is_number =
        |digits: &str| !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_hexdigit());
    let number = inner.strip_prefix("#x").or_else(|| inner.strip_prefix('#'));
    number.map_or_else(
        || {
            (2..=8).contains(&inner.len())
                && inner.chars().all(|letter| letter.is_ascii_alphabetic())
        },
        is_number,
    )
}

#[cfg(test)]
mod tests {
    use super::markup;

    #[test]
    fn markup_is_told_from_text() {
        let part = |text: &'static str| markup(text).map(|(part, _)| &text[part]);
        for (text, found) in [
            ("You are { n } now.", "{ n }"),
            ("You are ${n} now.", "${n}"),
            ("{% if big %}Big{% endif %}", "{% if big %}"),
            ("Fish &amp; chips", "&amp;"),
            ("It&#39;s", "&#39;"),
            ("Wait <break time='1s'/> here", "<break time='1s'/>"),
            ("<b>Now</b>", "<b>"),
        ] {
            assert_eq!(part(text), Some(found));
        }
        for text in [
            "Fish & chips; more",
            "1 < 2 > 0",
            "{{ n }} of {{ m }}",
            "a {b, c}",
            "$5",
            "I <3 you",
        ] {
            assert_eq!(part(text), None, "{text}");
        }
    }
}

//! What should be heard, and where what was heard differs from it.

use std::ops::Range;

use regex_lite::Regex;
use toml::de::DeValue;

use super::reader::{Named, Reader, named};
use crate::written::{Code, Faults, Item};

/// The sign for any words, or none.
const ANY: &str = "…";
/// The same as a keyboard has it.
const DOTS: &str = "...";

/// What should be heard.
#[derive(Clone, Debug)]
pub struct Hears {
    pub at: Range<usize>,
    pub wanted: Wanted,
}

/// What should be heard.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// The whole text, as written; with `…` or three dots for any words.
    Whole(String),
    /// These parts, in this order.
    Parts(Vec<Named>),
    /// What a regular expression finds.
    Pattern(Regex),
}

/// Where what was heard differs from what was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What was wanted, as it is shown.
    pub wanted: String,
    pub heard: String,
    /// The character of each, from 0, at which they differ first; `None` where that cannot be said.
    pub at: Option<(usize, usize)>,
}

impl Difference {
    /// Where what was heard once differs from what is heard now; nothing if it does not.
    pub fn between(before: &str, now: &str) -> Option<Self> {
        let at = common(before, now);
        let at = (before != now).then(|| before[..at].chars().count())?;
        Some(Self {
            wanted: before.to_owned(),
            heard: now.to_owned(),
            at: Some((at, at)),
        })
    }
}

impl Wanted {
    /// Where a text differs; nothing if it is what was wanted. White space counts as one space.
    pub fn difference(&self, heard: &str) -> Option<Difference> {
        let differs = |wanted: String, at| {
            Some(Difference {
                wanted,
                heard: heard.to_owned(),
                at,
            })
        };
        match self {
            Self::Whole(wanted) => {
                let wanted = one_space(wanted);
                let (at_wanted, at_heard) = difference_of_whole(&wanted, heard)?;
                let at = (
                    wanted[..at_wanted].chars().count(),
                    heard[..at_heard].chars().count(),
                );
                differs(wanted, Some(at))
            }
            Self::Parts(parts) => {
                let mut from = 0;
                for part in parts.iter().map(|(part, _)| one_space(part)) {
                    match heard[from..].find(&part) {
                        Some(at) => from += at + part.len(),
                        None => {
                            let (at, common) = nearest(&heard[from..], &part);
                            let at_heard = heard[..from + at + common].chars().count();
                            let at_part = part[..common].chars().count();
                            return differs(part, Some((at_part, at_heard)));
                        }
                    }
                }
                None
            }
            Self::Pattern(pattern) if pattern.is_match(heard) => None,
            Self::Pattern(pattern) => differs(format!("/{pattern}/"), None),
        }
    }
}

/// Text with every stretch of white space as one space, and none at its ends.
pub fn one_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A heard text as it is written to be wanted whole.
pub fn written(heard: &str) -> String {
    heard.replace(ANY, "\\…").replace(DOTS, "\\...")
}

/// A stretch of a wanted text without wildcards: its bytes there, its text, and whether it stands apart from the
/// wildcard before it and after it.
#[derive(Default)]
pub(super) struct Piece {
    start: usize,
    pub text: String,
    /// Where in its text the sign itself stands, which the wanted text writes with a byte more.
    signs: Vec<usize>,
    apart_before: bool,
    apart_after: bool,
}

impl Piece {
    /// Its bytes in the wanted text.
    pub fn range(&self) -> Range<usize> {
        self.start..self.place(self.text.len())
    }

    /// The byte of the wanted text at which a byte of the piece stands.
    fn place(&self, at: usize) -> usize {
        self.start + at + self.signs.iter().filter(|sign| **sign < at).count()
    }
}

/// The pieces between the wildcards: always one more than there are wildcards.
pub(super) fn pieces(wanted: &str) -> Vec<Piece> {
    let mut pieces = vec![Piece::default()];
    let (mut at, mut is_escaped) = (0, false);
    while let Some(c) = wanted[at..].chars().next() {
        let rest = &wanted[at..];
        let sign = [ANY, DOTS].into_iter().find(|sign| rest.starts_with(sign));
        at += sign.map_or(c.len_utf8(), str::len);
        let piece = pieces.last_mut().expect("there is always one");
        match sign {
            Some(sign) if is_escaped => {
                piece.text.pop();
                piece.signs.push(piece.text.len());
                piece.text.push_str(sign);
            }
            Some(_) => {
                piece.apart_after = piece.text.ends_with(' ');
                let apart_before = wanted[at..].starts_with(' ');
                pieces.push(Piece {
                    start: at + usize::from(apart_before),
                    apart_before,
                    ..Piece::default()
                });
            }
            None if c == ' ' && piece.text.is_empty() && piece.apart_before => {}
            None => piece.text.push(c),
        }
        is_escaped = c == '\\';
    }
    for piece in pieces.iter_mut().filter(|piece| piece.apart_after) {
        piece.text.pop();
    }
    pieces
}

/// The bytes of each at which a text differs first from a wanted one.
fn difference_of_whole(wanted: &str, heard: &str) -> Option<(usize, usize)> {
    if wanted == heard {
        return None;
    }
    let pieces = pieces(wanted);
    let mut from = 0;
    for (nth, piece) in pieces.iter().enumerate() {
        let (is_first, is_last) = (nth == 0, nth + 1 == pieces.len());
        let rest = &heard[from..];
        let found = match (is_first, is_last) {
            (true, true) => (rest == piece.text).then_some(0),
            (true, false) => rest
                .starts_with(&piece.text)
                .then_some(0)
                .filter(|_| fits(piece, heard, 0)),
            (false, true) => {
                let at = rest
                    .len()
                    .checked_sub(piece.text.len())
                    .filter(|_| rest.ends_with(&piece.text));
                at.filter(|at| fits(piece, heard, from + at))
            }
            (false, false) => {
                let places = rest.match_indices(piece.text.as_str()).map(|(at, _)| at);
                places.into_iter().find(|at| fits(piece, heard, from + at))
            }
        };
        match found {
            Some(at) => from += at + piece.text.len(),
            None => {
                let (at, common) = if is_first {
                    (0, common(rest, &piece.text))
                } else {
                    nearest(rest, &piece.text)
                };
                return Some((piece.place(common), from + at + common));
            }
        }
    }
    None
}

/// Whether words end where a piece stands apart from its wildcard.
fn fits(piece: &Piece, heard: &str, at: usize) -> bool {
    let end = at + piece.text.len();
    let before = !piece.apart_before || at == 0 || heard[..at].ends_with(' ');
    let after = !piece.apart_after || end == heard.len() || heard[end..].starts_with(' ');
    before && after
}

/// The bytes that two texts begin with in common.
fn common(one: &str, other: &str) -> usize {
    let same = one
        .chars()
        .zip(other.chars())
        .take_while(|(one, other)| one == other);
    same.map(|(c, _)| c.len_utf8()).sum()
}

/// Where a text is most like a part that is not in it, and how much of the part stands there.
fn nearest(text: &str, part: &str) -> (usize, usize) {
    let places = text
        .char_indices()
        .map(|(at, _)| (at, common(&text[at..], part)));
    // The first of the best: a tie is won by what stands earlier.
    places.fold(
        (0, 0),
        |best, place| if place.1 > best.1 { place } else { best },
    )
}

/// Reads `hears`: text, a list of parts, or a pattern.
pub(super) fn hears(item: Item<'_>, reader: &mut Reader) -> Option<Hears> {
    let what = "`hears` must be text, a list of parts, or `{ pattern = \"…\" }`";
    let wanted = match item.value {
        DeValue::String(text) => Wanted::Whole(text.to_string()),
        DeValue::Array(_) => Wanted::Parts(parts(item, reader, what)?),
        DeValue::Table(_) => Wanted::Pattern(pattern(item, reader, what)?),
        _ => {
            item.wrong(reader, what);
            return None;
        }
    };
    Some(Hears {
        at: item.span(),
        wanted,
    })
}

fn parts(item: Item<'_>, reader: &mut Reader, what: &str) -> Option<Vec<Named>> {
    let entries = item.list(reader, what)?;
    let parts = entries
        .into_iter()
        .map(|entry| named(entry, reader, "a part must be text"));
    parts.collect()
}

fn pattern(item: Item<'_>, reader: &mut Reader, what: &str) -> Option<Regex> {
    let table = item.table(reader, what)?;
    let pattern = table.get("pattern");
    table.finish(reader, "what is heard");
    let Some(pattern) = pattern else {
        item.wrong(reader, what);
        return None;
    };
    let text = pattern.text(reader, "`pattern` must be text")?;
    match Regex::new(text) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            reader.fault(
                Code::PatternSyntax,
                pattern.span(),
                format!("this is no regular expression: {error}"),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(wanted: &str, heard: &str) -> Option<(usize, usize)> {
        Wanted::Whole(wanted.to_owned())
            .difference(heard)
            .and_then(|difference| difference.at)
    }

    #[test]
    fn a_whole_text_is_that_text_but_for_white_space() {
        assert_eq!(whole("Press  1.\n", "Press 1."), None);
        assert_eq!(whole("", ""), None);
        assert_eq!(whole("Press 2.", "Press 1."), Some((6, 6)));
        assert_eq!(whole("Натиснете 2.", "Натиснете 1."), Some((10, 10)));
        assert_eq!(whole("Press 1.", "Press 1. Or 2."), Some((8, 8)));
        assert_eq!(whole("Press 1.", ""), Some((0, 0)));
    }

    #[test]
    fn a_wildcard_is_any_words_or_none() {
        for wanted in [
            "…",
            "Welcome. …",
            "… 2.",
            "… For a parcel … 2.",
            "Welcome. … 2.",
            "Wel…cel press …",
            "… …",
        ] {
            assert_eq!(
                whole(wanted, "Welcome. For a parcel press 2."),
                None,
                "{wanted}"
            );
        }
    }

    #[test]
    fn where_words_differ_behind_a_sign_that_is_meant_is_a_place_in_both() {
        assert_eq!(whole("\\…a", "…b"), Some((2, 1)));
        assert_eq!(
            whole("Wait \\… \\… … press 1.", "Wait … … or press 2."),
            Some((19, 18))
        );
        assert_eq!(whole("\\…", "a"), Some((0, 0)));
    }

    #[test]
    fn a_wildcard_that_stands_apart_takes_whole_words() {
        let heard = "Welcome to us. Press 12.";
        assert_eq!(whole("Welcome …", heard), None);
        assert_eq!(whole("Welcome to us. Press 12. …", heard), None);
        assert_eq!(whole("… Welcome to … 12. …", heard), None);
        assert!(whole("Wel …", heard).is_some());
        assert_eq!(whole("Wel…", heard), None);
        assert!(whole("… 2.", heard).is_some());
        assert_eq!(whole("…2.", heard), None);
    }

    #[test]
    fn the_sign_itself_is_wanted_with_a_backslash() {
        assert_eq!(whole("Wait\\… now", "Wait… now"), None);
        assert!(whole("Wait\\… now", "Wait a bit now").is_some());
        assert_eq!(whole("Wait\\... now", "Wait... now"), None);
        for heard in [
            "Wait… now",
            "\\… a",
            "\\ \\\\…",
            "Wait.... now",
            "...…",
            "\\...",
        ] {
            assert_eq!(whole(&written(heard), heard), None, "{heard}");
        }
    }

    #[test]
    fn three_dots_are_the_wildcard_of_a_keyboard() {
        let heard = "Welcome to us. Press 12.";
        for wanted in ["Welcome ...", "... Press ...", "Wel...us. ... 12.", "..."] {
            assert_eq!(whole(wanted, heard), None, "{wanted}");
        }
        assert!(whole("Wel ...", heard).is_some());
        assert_eq!(whole("... Press 13.", heard), Some((11, 22)));
    }

    #[test]
    fn the_first_difference_is_shown_behind_a_wildcard_too() {
        assert_eq!(
            whole(
                "… For a parcel press 2. …",
                "Hello. For a package press 2. Bye."
            ),
            Some((10, 15))
        );
        assert_eq!(whole("… Goodbye.", "Thank you. Good day."), Some((6, 15)));
    }

    #[test]
    fn parts_stand_in_their_order() {
        let named = |part: &&str| ((*part).to_owned(), 0..0);
        let parts = |parts: &[&str]| Wanted::Parts(parts.iter().map(named).collect());
        let heard = "Enter the weight in kilograms, then press hash.";
        assert_eq!(parts(&["kilograms", "press hash"]).difference(heard), None);
        let difference = parts(&["press hash", "kilograms"])
            .difference(heard)
            .expect("they do not");
        assert_eq!(difference.wanted, "kilograms");
    }

    #[test]
    fn a_pattern_finds_or_does_not() {
        let pattern = Wanted::Pattern(Regex::new(r"at \d+:\d\d\.").expect("it is one"));
        assert_eq!(pattern.difference("A parcel, at 12:30."), None);
        assert!(pattern.difference("A parcel, at noon.").is_some());
    }
}

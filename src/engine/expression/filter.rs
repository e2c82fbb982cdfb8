//! The filters: what stands behind a `|`.

/// A filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Another value where this one is not set.
    Default,
    /// How many characters a text has, or entries a list.
    Length,
    Upper,
    Lower,
    /// Without the spaces around it.
    Trim,
    /// Each occurrence of a text replaced by another.
    Replace,
    /// A text as a list, cut at another text.
    Split,
    /// A text of digits as a whole number.
    Integer,
    /// A number without its fraction, or with so many digits of it.
    Round,
    First,
    Last,
    /// With a space between the characters, so that each is spoken by itself.
    Digits,
    /// A way of speaking.
    As,
    /// A date so many days later.
    Days,
    /// A list as a text, with another text between its entries.
    Join,
}

/// Each with its name, and how many arguments it takes at least and at most.
const ALL: [(&str, Filter, usize, usize); 15] = [
    ("default", Filter::Default, 1, 1),
    ("length", Filter::Length, 0, 0),
    ("upper", Filter::Upper, 0, 0),
    ("lower", Filter::Lower, 0, 0),
    ("trim", Filter::Trim, 0, 0),
    ("replace", Filter::Replace, 2, 2),
    ("split", Filter::Split, 1, 1),
    ("integer", Filter::Integer, 0, 0),
    ("round", Filter::Round, 0, 1),
    ("first", Filter::First, 0, 0),
    ("last", Filter::Last, 0, 0),
    ("digits", Filter::Digits, 0, 0),
    ("as", Filter::As, 1, 1),
    ("days", Filter::Days, 1, 1),
    ("join", Filter::Join, 1, 1),
];

/// What other languages call them.
const ELSEWHERE: [(&str, &str); 12] = [
    ("int", "integer"),
    ("count", "length"),
    ("len", "length"),
    ("size", "length"),
    ("uppercase", "upper"),
    ("upcase", "upper"),
    ("lowercase", "lower"),
    ("downcase", "lower"),
    ("strip", "trim"),
    ("d", "default"),
    ("number", "integer"),
    ("spell", "digits"),
];

impl Filter {
    /// The one of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let found = ALL.iter().find(|(known, ..)| *known == name);
        found.map(|(_, filter, ..)| *filter)
    }

    /// Their names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|(name, ..)| *name)
    }

    /// What a name of another language is called here.
    pub(super) fn translated(name: &str) -> Option<&'static str> {
        let name = name.to_ascii_lowercase();
        let same = ALL.iter().map(|(known, ..)| (*known, *known));
        let found = ELSEWHERE
            .iter()
            .copied()
            .chain(same)
            .find(|(other, _)| *other == name);
        found.map(|(_, here)| here)
    }

    fn row(self) -> (&'static str, usize, usize) {
        let found = ALL.iter().find(|(_, filter, ..)| *filter == self);
        found.map_or(("", 0, 0), |(name, _, least, most)| (name, *least, *most))
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// How many arguments it takes at least and at most.
    pub(super) fn arguments(self) -> (usize, usize) {
        let (_, least, most) = self.row();
        (least, most)
    }

    /// How it is written.
    pub(super) fn usage(self) -> &'static str {
        match self {
            Self::Default => "name | default('')",
            Self::Length => "name | length",
            Self::Upper => "name | upper",
            Self::Lower => "name | lower",
            Self::Trim => "name | trim",
            Self::Replace => "name | replace('-', ' ')",
            Self::Split => "name | split(',')",
            Self::Integer => "name | integer",
            Self::Round => "number | round",
            Self::First => "list | first",
            Self::Last => "list | last",
            Self::Digits => "name | digits",
            Self::As => "name | as('telephone')",
            Self::Days => "now.date | days(1)",
            Self::Join => "list | join(', ')",
        }
    }
}

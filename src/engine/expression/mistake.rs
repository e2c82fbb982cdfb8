//! What authors write instead of an expression, in their own words: by the habits of other languages mostly.

use std::ops::Range;

use super::filter::Filter;
use super::problem::Problem;
use super::token::{Lexeme, Token};
use super::tree::Term;
use crate::written::Code;
use crate::written::diag::nearest;

/// What an expression is made of, for whoever wrote something else.
const LANGUAGE: &str =
    "names, numbers, 'text', `==`, `>`, `and`, `or`, `not`, `in`, `… if … else …`, `… is defined`";

/// Words of other languages, and what they are here.
const FOREIGN: [(&str, &str); 19] = [
    ("eq", "`==`"),
    ("ne", "`!=`"),
    ("gt", "`>`"),
    ("lt", "`<`"),
    ("ge", "`>=`"),
    ("le", "`<=`"),
    ("equals", "`==`"),
    ("xor", "`!=`"),
    ("then", "`… if … else …`"),
    ("elif", "`… if … else … if … else …`"),
    ("elseif", "`… if … else … if … else …`"),
    ("contains", "`'part' in name`"),
    ("includes", "`'part' in name`"),
    ("startswith", "`starts_with`"),
    ("endswith", "`ends_with`"),
    ("like", "`in`, `starts_with` or `ends_with`"),
    ("matches", "`in`, `starts_with` or `ends_with`"),
    ("div", "`//`"),
    ("mod", "`%`"),
];

/// Words for what is not there, which no name may be.
const NOTHING: [&str; 5] = ["none", "null", "nil", "undefined", "nan"];

/// Where the reading of an expression stands.
pub(super) struct Place<'a> {
    pub source: &'a str,
    pub tokens: &'a [Lexeme<'a>],
    pub at: usize,
}

impl Place<'_> {
    fn span(&self) -> Range<usize> {
        let end = self.source.len();
        let last = self.tokens.last().map_or(end, |last| last.span.start);
        self.tokens
            .get(self.at)
            .map_or(last..end, |lexeme| lexeme.span.clone())
    }

    fn text(&self) -> &str {
        &self.source[self.span()]
    }

    /// The place of a number, this token, and another number.
    fn around(&self) -> Option<Range<usize>> {
        let number = |at: usize| {
            let lexeme = self.tokens.get(at)?;
            matches!(lexeme.token, Token::Number(_)).then(|| lexeme.span.clone())
        };
        Some(number(self.at.checked_sub(1)?)?.start..number(self.at + 1)?.end)
    }

    fn word(&self) -> Option<&str> {
        match self.tokens.get(self.at)?.token {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// A word of another language where a name should stand.
pub(super) fn foreign_word(name: &str, span: &Range<usize>) -> Option<Problem> {
    let lower = name.to_ascii_lowercase();
    let ours = [
        "and", "or", "not", "in", "is", "if", "else", "true", "false",
    ];
    if name != lower && ours.contains(&&*lower) {
        return Some(Problem::syntax(
            span.clone(),
            format!("`{name}` is not known"),
            format!("write `{lower}`, in small letters"),
        ));
    }
    NOTHING.contains(&&*lower).then(|| {
        Problem::syntax(
            span.clone(),
            format!("`{name}` is not a value"),
            "whether a name is set is asked by `name is defined` or `name is not defined`",
        )
    })
}

/// Something behind an expression that could end before it.
pub(super) fn left_over(place: &Place<'_>, before: &Term) -> Problem {
    let (span, text) = (place.span(), place.text());
    let name = before.span.clone();
    let before = &place.source[name.clone()];
    if let Some(word) = place.word() {
        if let Some(problem) = foreign_word(word, &span) {
            return problem;
        }
        let lower = word.to_ascii_lowercase();
        if let Some((_, here)) = FOREIGN.iter().find(|(foreign, _)| *foreign == lower) {
            return Problem::syntax(
                span,
                format!("`{word}` is not known"),
                format!("write {here}"),
            );
        }
        if word == "else" {
            return Problem::syntax(span, "`else` without `if`", "write `… if … else …`");
        }
        if word == "not" {
            return Problem::syntax(
                span,
                "`not` stands before what it denies",
                "write `not …`, `… not in …` or `… is not defined`",
            );
        }
        if let Some(problem) = name_of_words(place, &name) {
            return problem;
        }
    }
    match text {
        ")" | "]" => Problem::syntax(span, format!("`{text}` closes nothing"), "leave it out"),
        "," => Problem::syntax(
            span,
            "`,` separates nothing here",
            "a list stands in brackets: `kind in ['letter', 'parcel']`",
        ),
        "." => Problem::syntax(span, "`.` stands inside a name only", "join texts by `~`"),
        ":" => {
            let clock = place.around();
            let message = match &clock {
                Some(clock) => format!("`{}` is no number", &place.source[clock.clone()]),
                None => "`:` stands in a slice only".to_owned(),
            };
            Problem::syntax(
                clock.unwrap_or(span),
                message,
                "times stand in quotes: `'09:30'`; a slice is `name[:2]`",
            )
        }
        "?" => Problem::syntax(
            span,
            "`?` stands behind a name only",
            "choose by `… if … else …`",
        ),
        _ => Problem::syntax(
            span,
            format!("nothing stands between `{before}` and `{text}`"),
            "join texts by `~`, compare by `==`; a text stands in quotes: `'…'`",
        ),
    }
}

/// A name that is written as several words.
fn name_of_words(place: &Place<'_>, before: &Range<usize>) -> Option<Problem> {
    let words = |at: usize| match place.tokens.get(at)?.token {
        Token::Word(word) => Some(word),
        _ => None,
    };
    let first = words(place.at.checked_sub(1)?)?;
    if place.source[before.clone()] != *first {
        return None;
    }
    let more: Vec<&str> = (place.at..).map_while(words).collect();
    let end = place.tokens[place.at + more.len() - 1].span.end;
    let span = before.start..end;
    let written = &place.source[span.clone()];
    Some(Problem::syntax(
        span,
        format!("`{written}` is no name: a name is one word"),
        format!(
            "write `{first}_{}`, or whatever it is called; a text stands in quotes: `'{written}'`",
            more.join("_")
        ),
    ))
}

/// Something that is no value where one should begin.
pub(super) fn no_value(place: &Place<'_>) -> Problem {
    let (span, text) = (place.span(), place.text());
    match text {
        "|" => Problem::syntax(span, "`|` filters nothing", "write a name before it"),
        "not" => Problem::syntax(
            span,
            "`not` stands before a whole comparison",
            "write `not (… == …)`, or `!=`",
        ),
        "*" | "//" | "%" | "+" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~" => Problem::syntax(
            span,
            format!("something is missing before `{text}`"),
            format!("write a name or a value before it: `name {text} …`"),
        ),
        "and" | "or" | "if" | "else" | "in" | "is" | "starts_with" | "ends_with" => {
            Problem::syntax(
                span,
                format!("something is missing before `{text}`"),
                LANGUAGE,
            )
        }
        _ => Problem::syntax(span, format!("`{text}` is no value"), LANGUAGE),
    }
}

/// The expression ends where something should follow.
pub(super) fn ends_early(place: &Place<'_>) -> Problem {
    let last = place.tokens.last();
    let span = last.map_or(0..place.source.len(), |last| last.span.clone());
    let text = &place.source[span.clone()];
    Problem::syntax(
        span,
        format!("something is missing behind `{text}`"),
        LANGUAGE,
    )
}

/// A bracket that is not closed where it could be.
pub(super) fn not_closed(place: &Place<'_>, sign: &str, opened: usize) -> Problem {
    let span = place.tokens[opened].span.clone();
    let open = &place.source[span.clone()];
    if place.at < place.tokens.len() {
        return Problem::syntax(
            place.span(),
            format!(
                "`{}` stands where `{sign}` should close the `{open}`",
                place.text()
            ),
            "parts of a list are separated by `,`",
        );
    }
    Problem::syntax(
        span,
        format!("`{open}` is not closed"),
        format!("add `{sign}`"),
    )
}

/// `a < b < c`.
pub(super) fn chained(place: &Place<'_>, start: usize, first: usize) -> Problem {
    let part = |range: Range<usize>| place.source[range].trim();
    let (one, other) = (&place.tokens[first].span, place.span());
    let last = place.tokens.last().map_or(other.end, |last| last.span.end);
    let middle = part(one.end..other.start);
    Problem::syntax(
        start..other.end,
        "two comparisons stand in one",
        format!(
            "write `{} and {middle} {}`",
            part(start..other.start),
            part(other.start..last)
        ),
    )
}

/// `… if …` that says nothing for the other case.
pub(super) fn no_else(place: &Place<'_>, start: usize) -> Problem {
    if place.at < place.tokens.len() {
        let missing = Problem::syntax(place.span(), "", "");
        return Problem {
            message: format!("`{}` stands where `else` should", place.text()),
            help: "write `… if … else …`".to_owned(),
            ..missing
        };
    }
    Problem::syntax(
        start..place.source.len(),
        "`if` without `else`",
        "say what it is otherwise: `… if … else ''`",
    )
}

/// Something else than `defined` behind `is`.
pub(super) fn no_test(place: &Place<'_>, subject: &str, not: bool) -> Problem {
    let code = Code::TestUnknown;
    let (is, equal) = if not { ("is not", "!=") } else { ("is", "==") };
    let Some(lexeme) = place.tokens.get(place.at) else {
        let span = place.span();
        let help = format!("write `{subject} {is} defined`");
        return Problem::new(code, span, format!("`{is}` ends the expression"), help);
    };
    let (span, text) = (lexeme.span.clone(), place.text());
    match &lexeme.token {
        Token::Word(word) if ["empty", "blank"].contains(word) => Problem::new(
            code,
            span,
            format!("`{word}` is not known here"),
            format!("write `{subject} {equal} ''`, or `{subject} {is} defined`"),
        ),
        Token::Word(word) if !["true", "false"].contains(word) => Problem::new(
            code,
            span,
            format!("`{word}` is not known here"),
            format!(
                "write `{subject} {is} defined`; to compare write `{subject} {equal} '{word}'`"
            ),
        ),
        _ => Problem::new(
            code,
            span,
            format!("`{is}` compares nothing"),
            format!("write `{subject} {equal} {text}`"),
        ),
    }
}

/// `name[0]`.
pub(super) fn no_slice(place: &Place<'_>, subject: &str, opened: usize) -> Problem {
    let span = place.tokens[opened].span.start..place.span().end;
    let number = match place.tokens.get(opened + 1).map(|lexeme| &lexeme.token) {
        Some(Token::Number(digits)) => digits.parse::<u32>().ok(),
        _ => None,
    };
    let help = match number {
        Some(number) => format!("write `{subject}[{number}:{}]`", number.saturating_add(1)),
        None => format!("the first two characters are `{subject}[:2]`"),
    };
    Problem::syntax(span, "a slice needs a `:`", help)
}

/// Nothing behind a `|` that could be a filter.
pub(super) fn no_filter(place: &Place<'_>) -> Problem {
    let names: Vec<_> = Filter::names().collect();
    Problem::syntax(
        place.span(),
        "behind `|` stands the name of a filter",
        format!("one of {}", names.join(", ")),
    )
}

/// A filter that does not exist.
pub(super) fn unknown_filter(place: &Place<'_>) -> Problem {
    let word = place.text();
    let near = Filter::translated(word).or_else(|| nearest(word, Filter::names()));
    let names: Vec<_> = Filter::names().collect();
    Problem::new(
        Code::FilterUnknown,
        place.span(),
        format!("`{word}` is not known here"),
        near.map_or_else(
            || format!("one of {}", names.join(", ")),
            |near| format!("did you mean `{near}`?"),
        ),
    )
}

/// `name(…)`.
pub(super) fn call(place: &Place<'_>, name: &str) -> Problem {
    let span = place.span();
    let help = match Filter::translated(name) {
        Some(filter) => format!("write it behind what it is of: `name | {filter}`"),
        None => "a name is not called: write it without brackets".to_owned(),
    };
    Problem::syntax(span, format!("`{name}` cannot be called"), help)
}

/// So many values, in words.
pub(super) fn so_many(count: usize) -> String {
    match count {
        0 => "no value".to_owned(),
        1 => "one value".to_owned(),
        count => format!("{count} values"),
    }
}

//! What Studio's Liquid means, for the translation: a text with values in it, each a path and filters.

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text.
    Text(String),
    /// A value.
    Value(Out),
    /// A value if a name is set, and another one if not.
    Choice {
        /// What must be set, or hold.
        when: String,
        /// What stands there then.
        then: Vec<Piece>,
        /// What stands there otherwise.
        other: Vec<Piece>,
    },
    /// Something that is not understood, as it was written.
    Strange(String),
}

/// A value and the filters behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Out {
    /// A path, or a text in quotes, or a number.
    pub operand: String,
    /// The filters: names and arguments, as they are written.
    pub filters: Vec<(String, Vec<String>)>,
}

/// Takes a template apart.
pub fn parse(template: &str) -> Vec<Piece> {
    let mut tokens = tokens(template).into_iter().peekable();
    let (pieces, _) = block(&mut tokens, &[]);
    pieces
}

/// The one value that a template is, if it is nothing else.
pub fn only_value(template: &str) -> Option<Out> {
    match parse(template.trim()).as_slice() {
        [Piece::Value(out)] => Some(out.clone()),
        _ => None,
    }
}

enum Token<'t> {
    Text(&'t str),
    Output(&'t str),
    Tag(&'t str),
}

fn tokens(template: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = template;
    loop {
        let output = rest.find("{{").map(|at| (at, "}}"));
        let tag = rest.find("{%").map(|at| (at, "%}"));
        let first = match (output, tag) {
            (Some(output), Some(tag)) => Some(if output.0 < tag.0 { output } else { tag }),
            (output, tag) => output.or(tag),
        };
        let Some((begin, sign)) = first else {
            break;
        };
        let Some(end) = rest[begin + 2..].find(sign) else {
            break;
        };
        if begin > 0 {
            tokens.push(Token::Text(&rest[..begin]));
        }
        let inner = rest[begin + 2..begin + 2 + end].trim_matches('-').trim();
        tokens.push(match sign {
            "%}" => Token::Tag(inner),
            _ => Token::Output(inner),
        });
        rest = &rest[begin + 4 + end..];
    }
    if !rest.is_empty() {
        tokens.push(Token::Text(rest));
    }
    tokens
}

type Tokens<'t> = std::iter::Peekable<std::vec::IntoIter<Token<'t>>>;

/// Pieces up to one of these tags, and which it was.
fn block<'t>(tokens: &mut Tokens<'t>, ends: &[&str]) -> (Vec<Piece>, Option<&'t str>) {
    let mut pieces = Vec::new();
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(text) => pieces.push(Piece::Text(text.to_owned())),
            Token::Output(output) => pieces.push(Piece::Value(out(output))),
            Token::Tag(tag) => {
                let word = tag.split_whitespace().next().unwrap_or_default();
                if ends.contains(&word) {
                    return (pieces, Some(tag));
                }
                pieces.push(match word {
                    "if" => choice(tag, tokens),
                    _ => Piece::Strange(tag.to_owned()),
                });
            }
        }
    }
    (pieces, None)
}

/// The pieces of a branch, without the blanks that only stand there to be read more easily.
fn trimmed(pieces: Vec<Piece>) -> Vec<Piece> {
    let is_blank = |piece: &Piece| matches!(piece, Piece::Text(text) if text.trim().is_empty());
    let has_value = pieces.iter().any(|piece| !matches!(piece, Piece::Text(_)));
    if !has_value {
        return pieces;
    }
    pieces
        .into_iter()
        .filter(|piece| !is_blank(piece))
        .collect()
}

fn choice(tag: &str, tokens: &mut Tokens<'_>) -> Piece {
    let when = tag.trim_start_matches("if").trim().to_owned();
    let (then, end) = block(tokens, &["else", "elsif", "endif"]);
    let other = match end {
        Some("else") => block(tokens, &["endif"]).0,
        Some(tag) if tag.starts_with("elsif") => vec![choice(&tag["els".len()..], tokens)],
        _ => Vec::new(),
    };
    let (then, other) = (trimmed(then), trimmed(other));
    Piece::Choice { when, then, other }
}

fn out(output: &str) -> Out {
    let mut parts = parted(output, '|').into_iter();
    let operand = parts.next().unwrap_or_default().trim().to_owned();
    let filter = |part: &str| {
        let (name, arguments) = part.split_once(':').unwrap_or((part, ""));
        let arguments = parted(arguments, ',').into_iter().map(str::trim);
        let arguments = arguments.filter(|argument| !argument.is_empty());
        (
            name.trim().to_owned(),
            arguments.map(str::to_owned).collect(),
        )
    };
    Out {
        operand,
        filters: parts.map(filter).collect(),
    }
}

/// Parts between signs that stand outside of quotes.
fn parted(text: &str, sign: char) -> Vec<&str> {
    let mut quote = None;
    text.split(|letter: char| match quote {
        Some(open) => {
            if letter == open {
                quote = None;
            }
            false
        }
        None if letter == '\'' || letter == '"' => {
            quote = Some(letter);
            false
        }
        None => letter == sign,
    })
    .collect()
}

/// What a text in quotes says.
pub fn unquoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text.strip_prefix(quote)?.strip_suffix(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_comes_apart() {
        let value = |operand: &str| {
            Piece::Value(Out {
                operand: operand.to_owned(),
                filters: Vec::new(),
            })
        };
        assert_eq!(
            parse("a {{ b.c }} d"),
            [
                Piece::Text("a ".to_owned()),
                value("b.c"),
                Piece::Text(" d".to_owned())
            ]
        );
        let counter = parse("{% if v.n %}{{v.n | plus: 1}}{% else %}1{% endif %}");
        let [Piece::Choice { when, then, other }] = counter.as_slice() else {
            panic!("{counter:?}");
        };
        assert_eq!(
            (when.as_str(), other.as_slice()),
            ("v.n", [Piece::Text("1".to_owned())].as_slice())
        );
        let [Piece::Value(out)] = then.as_slice() else {
            panic!("{then:?}");
        };
        assert_eq!(out.filters, [("plus".to_owned(), vec!["1".to_owned()])]);
        assert_eq!(
            only_value(" {{ x | replace: '|', ',' }} ")
                .expect("one")
                .filters[0]
                .1,
            ["'|'", "','"]
        );
    }
}

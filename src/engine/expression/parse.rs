//! From the text of an expression to its tree.

use std::ops::Range;

use super::filter::Filter;
use super::mistake::{self, Place};
use super::names::{HoursPart, hours_part};
use super::problem::Problem;
use super::token::{Lexeme, Token, tokens};
use super::tree::{Affix, Comparison, Kind, Operator, Term, Tree};
use crate::written::Code;

/// The longest source of an expression, in bytes.
pub(super) const MAX_SOURCE: usize = 1024;
/// How deep brackets may nest.
pub(super) const MAX_NESTING: usize = 32;
/// How deep a tree may be, so that whoever walks it needs little stack.
const MAX_DEPTH: usize = 100;

/// Words that are not names.
const WORDS: [&str; 11] = [
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "true",
    "false",
    "starts_with",
    "ends_with",
];

/// Reads an expression.
pub(super) fn parse(source: &str) -> Result<Tree, Problem> {
    if source.len() > MAX_SOURCE {
        return Err(too_large(0..source.len()));
    }
    let mut parser = Parser {
        source,
        tokens: tokens(source)?,
        at: 0,
        nesting: 0,
        names: Vec::new(),
    };
    if parser.tokens.is_empty() {
        return Err(Problem::syntax(
            0..source.len(),
            "here must be an expression, but nothing is",
            "write the name of an answer or a variable",
        ));
    }
    let root = parser.choice()?;
    if parser.at < parser.tokens.len() {
        return Err(mistake::left_over(&parser.place(), &root));
    }
    Ok(Tree {
        root,
        names: parser.names,
    })
}

fn too_large(span: Range<usize>) -> Problem {
    Problem::new(
        Code::ExpressionTooLarge,
        span,
        "this expression is too large",
        format!(
            "at most {MAX_SOURCE} characters, and {MAX_NESTING} brackets deep: `set` a variable to a part of it first"
        ),
    )
}

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Lexeme<'a>>,
    at: usize,
    nesting: usize,
    names: Vec<(String, Range<usize>)>,
}

impl<'a> Parser<'a> {
    fn place(&self) -> Place<'_> {
        Place {
            source: self.source,
            tokens: &self.tokens,
            at: self.at,
        }
    }

    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at).map(|lexeme| &lexeme.token)
    }

    fn is(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(other)) if *other == word)
            || matches!(self.peek(), Some(Token::Sign(other)) if *other == word)
    }

    fn eat(&mut self, word: &str) -> bool {
        let is = self.is(word);
        self.at += usize::from(is);
        is
    }

    /// Takes what must stand here.
    fn expect(&mut self, sign: &'static str, opened: usize) -> Result<(), Problem> {
        if self.eat(sign) {
            return Ok(());
        }
        Err(mistake::not_closed(&self.place(), sign, opened))
    }

    /// The place of the token that is read next.
    fn here(&self) -> usize {
        self.tokens
            .get(self.at)
            .map_or(self.source.len(), |lexeme| lexeme.span.start)
    }

    /// Where the token ends that was read last.
    fn end(&self) -> usize {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        last.map_or(0, |lexeme| lexeme.span.end)
    }

    fn node(&self, start: usize, kind: Kind) -> Result<Term, Problem> {
        let mut node = Term {
            kind,
            span: start..self.end(),
            depth: 1,
        };
        let below = node.parts().iter().map(|part| part.depth).max();
        node.depth += below.unwrap_or_default();
        if node.depth > MAX_DEPTH {
            return Err(too_large(0..self.source.len()));
        }
        Ok(node)
    }

    /// Goes one bracket deeper.
    fn inside<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(too_large(0..self.source.len()));
        }
        let read = read(self);
        self.nesting -= 1;
        read
    }

    fn choice(&mut self) -> Result<Term, Problem> {
        self.inside(|parser| {
            let start = parser.here();
            let then = parser.either()?;
            if !parser.eat("if") {
                return Ok(then);
            }
            let when = parser.either()?;
            if !parser.eat("else") {
                return Err(mistake::no_else(&parser.place(), start));
            }
            let other = parser.choice()?;
            parser.node(
                start,
                Kind::If(Box::new(when), Box::new(then), Box::new(other)),
            )
        })
    }

    fn either(&mut self) -> Result<Term, Problem> {
        let start = self.here();
        let mut left = self.both()?;
        while self.eat("or") {
            let right = self.both()?;
            left = self.node(start, Kind::Or(Box::new(left), Box::new(right)))?;
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Term, Problem> {
        let start = self.here();
        let mut left = self.negation()?;
        while self.eat("and") {
            let right = self.negation()?;
            left = self.node(start, Kind::And(Box::new(left), Box::new(right)))?;
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Term, Problem> {
        let start = self.here();
        if !self.eat("not") {
            return self.comparison();
        }
        let inner = self.inside(Self::negation)?;
        self.node(start, Kind::Not(Box::new(inner)))
    }

    fn comparison(&mut self) -> Result<Term, Problem> {
        let start = self.here();
        let left = self.joined()?;
        let is_not_in = self.is("not")
            && matches!(self.tokens.get(self.at + 1), Some(lexeme) if lexeme.token == Token::Word("in"));
        self.at += usize::from(is_not_in);
        let sign = match self.peek() {
            Some(Token::Sign(sign)) => *sign,
            Some(Token::Word(word)) => *word,
            _ => return Ok(left),
        };
        let at = self.at;
        let kind = match (sign, Comparison::of(sign)) {
            (_, Some(comparison)) => {
                self.at += 1;
                Kind::Compare(comparison, Box::new(left), Box::new(self.joined()?))
            }
            ("in", _) => {
                self.at += 1;
                Kind::In(Box::new(left), Box::new(self.joined()?))
            }
            ("starts_with" | "ends_with", _) => {
                self.at += 1;
                let affix = if sign == "starts_with" {
                    Affix::Start
                } else {
                    Affix::End
                };
                Kind::Affix(affix, Box::new(left), Box::new(self.joined()?))
            }
            ("is", _) => {
                self.at += 1;
                return self.test(start, left);
            }
            _ => return Ok(left),
        };
        let node = self.node(start, kind)?;
        if let Some(Token::Sign(sign)) = self.peek()
            && Comparison::of(sign).is_some()
        {
            return Err(mistake::chained(&self.place(), start, at));
        }
        if is_not_in {
            return self.node(start, Kind::Not(Box::new(node)));
        }
        Ok(node)
    }

    /// `is defined` and `is not defined`, behind the `is`.
    fn test(&mut self, start: usize, left: Term) -> Result<Term, Problem> {
        let not = self.eat("not");
        if !self.eat("defined") {
            return Err(mistake::no_test(
                &self.place(),
                &self.source[left.span],
                not,
            ));
        }
        let (Kind::Name(name) | Kind::Optional(name)) = left.kind else {
            return Err(Problem::syntax(
                left.span,
                "only a name is defined or not",
                "write `name is defined`",
            ));
        };
        let node = self.node(start, Kind::Defined(name))?;
        if not {
            self.node(start, Kind::Not(Box::new(node)))
        } else {
            Ok(node)
        }
    }

    fn joined(&mut self) -> Result<Term, Problem> {
        let start = self.here();
        let mut left = self.sum()?;
        while self.eat("~") {
            let right = self.sum()?;
            left = self.node(start, Kind::Join(Box::new(left), Box::new(right)))?;
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Term, Problem> {
        self.arithmetic(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Result<Term, Problem> {
        self.arithmetic(&["*", "//", "%"], Self::signed)
    }

    fn arithmetic(
        &mut self,
        signs: &[&str],
        part: fn(&mut Self) -> Result<Term, Problem>,
    ) -> Result<Term, Problem> {
        let start = self.here();
        let mut left = part(self)?;
        while let Some(Token::Sign(sign)) = self.peek()
            && signs.contains(sign)
            && let Some(operator) = Operator::of(sign)
        {
            self.at += 1;
            let right = part(self)?;
            left = self.node(
                start,
                Kind::Arithmetic(operator, Box::new(left), Box::new(right)),
            )?;
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Term, Problem> {
        let start = self.here();
        if !self.eat("-") {
            return self.followed();
        }
        let inner = self.inside(Self::signed)?;
        let kind = match inner.kind {
            Kind::Integer(number) => Kind::Integer(-number),
            Kind::Number(number) => Kind::Number(-number),
            _ => Kind::Negative(Box::new(inner)),
        };
        self.node(start, kind)
    }

    /// A value with the slices and filters behind it.
    fn followed(&mut self) -> Result<Term, Problem> {
        let start = self.here();
        let mut value = self.value()?;
        loop {
            if self.eat("[") {
                value = self.slice(start, value)?;
            } else if self.eat("|") {
                value = self.filter(start, value)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn slice(&mut self, start: usize, of: Term) -> Result<Term, Problem> {
        let opened = self.at - 1;
        let from = self.bound()?;
        if !self.eat(":") {
            return Err(mistake::no_slice(
                &self.place(),
                &self.source[of.span],
                opened,
            ));
        }
        let to = self.bound()?;
        self.expect("]", opened)?;
        self.node(start, Kind::Slice(Box::new(of), from, to))
    }

    /// A bound of a slice: a whole number, or nothing.
    fn bound(&mut self) -> Result<Option<i64>, Problem> {
        if self.is(":") || self.is("]") {
            return Ok(None);
        }
        let start = self.here();
        let negative = self.eat("-");
        let number = match self.peek() {
            Some(Token::Number(digits)) => digits.parse::<i64>().ok(),
            _ => None,
        };
        self.at += 1;
        match number {
            Some(number) => Ok(Some(if negative { -number } else { number })),
            None => Err(Problem::syntax(
                start..self.end().max(start),
                "a slice is cut at whole numbers that are written out",
                "write `name[:2]`, `name[2:]` or `name[-2:]`",
            )),
        }
    }

    fn filter(&mut self, start: usize, of: Term) -> Result<Term, Problem> {
        let at = self.at;
        let Some(Token::Word(word)) = self.peek() else {
            return Err(mistake::no_filter(&self.place()));
        };
        let Some(filter) = Filter::named(word) else {
            return Err(mistake::unknown_filter(&self.place()));
        };
        self.at += 1;
        let arguments = if self.eat("(") {
            self.list(")")?
        } else {
            Vec::new()
        };
        let (least, most) = filter.arguments();
        if !(least..=most).contains(&arguments.len()) {
            return Err(Problem::syntax(
                self.tokens[at].span.start..self.end(),
                format!(
                    "`{}` does not take {}",
                    filter.as_str(),
                    mistake::so_many(arguments.len())
                ),
                format!("write `{}`", filter.usage()),
            ));
        }
        self.node(start, Kind::Filter(filter, Box::new(of), arguments))
    }

    /// What stands between commas, up to and with the closing bracket.
    fn list(&mut self, close: &'static str) -> Result<Vec<Term>, Problem> {
        let opened = self.at - 1;
        let mut parts = Vec::new();
        loop {
            if self.eat(close) {
                return Ok(parts);
            }
            parts.push(self.choice()?);
            if !self.eat(",") {
                self.expect(close, opened)?;
                return Ok(parts);
            }
        }
    }

    fn value(&mut self) -> Result<Term, Problem> {
        let (start, opened) = (self.here(), self.at);
        let Some(lexeme) = self.tokens.get(self.at) else {
            return Err(mistake::ends_early(&self.place()));
        };
        let kind = match &lexeme.token {
            Token::Text(text) => Kind::Text(text.clone()),
            Token::Number(digits) => number(digits, &lexeme.span)?,
            Token::Word("true") => Kind::Boolean(true),
            Token::Word("false") => Kind::Boolean(false),
            Token::Word(word) if !WORDS.contains(word) => return self.name(),
            Token::Sign("(") => {
                self.at += 1;
                let inner = self.choice()?;
                self.expect(")", opened)?;
                return Ok(inner);
            }
            Token::Sign("[") => {
                self.at += 1;
                let parts = self.list("]")?;
                return self.node(start, Kind::List(parts));
            }
            _ => return Err(mistake::no_value(&self.place())),
        };
        self.at += 1;
        self.node(start, kind)
    }

    fn name(&mut self) -> Result<Term, Problem> {
        let (start, span) = (self.here(), self.tokens[self.at].span.clone());
        let name = &self.source[span.clone()];
        if let Some(problem) = mistake::foreign_word(name, &span) {
            return Err(problem);
        }
        let found = self.names.iter().position(|(other, _)| other == name);
        let at = found.unwrap_or(self.names.len());
        if found.is_none() {
            self.names.push((name.to_owned(), span));
        }
        self.at += 1;
        let asked_with = hours_part(name).map_or(&[][..], HoursPart::arguments);
        if !asked_with.is_empty() {
            return self.call(start, at, name, asked_with);
        }
        if self.is("(") {
            return Err(mistake::call(&self.place(), name));
        }
        let kind = if self.eat("?") {
            Kind::Optional(at)
        } else {
            Kind::Name(at)
        };
        self.node(start, kind)
    }
}

impl Parser<'_> {
    /// What a name is asked with, between brackets.
    fn call(
        &mut self,
        start: usize,
        at: usize,
        name: &str,
        asked_with: &[&str],
    ) -> Result<Term, Problem> {
        let values = if self.eat("(") {
            self.list(")")?
        } else {
            Vec::new()
        };
        if values.len() != asked_with.len() {
            let with = asked_with.join(", ");
            return Err(Problem::syntax(
                start..self.end(),
                format!(
                    "`{name}` is asked with {}, but has {}",
                    mistake::so_many(asked_with.len()),
                    mistake::so_many(values.len())
                ),
                format!("write `{name}({with})`"),
            ));
        }
        self.node(start, Kind::Call(at, values))
    }
}

fn number(digits: &str, span: &Range<usize>) -> Result<Kind, Problem> {
    let number = if digits.contains('.') {
        digits.parse().ok().map(Kind::Number)
    } else {
        digits.parse().ok().map(Kind::Integer)
    };
    number.ok_or_else(|| {
        Problem::syntax(
            span.clone(),
            format!("`{digits}` is too large a number"),
            "a long row of digits is a text: put it in quotes",
        )
    })
}

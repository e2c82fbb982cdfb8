//! What an expression reads, and what it can come to, without a call: the part of its form that decides which names
//! must be set.

use super::super::diag::Place;
use super::super::ids::Slot;
use super::super::value::Value;

/// An expression as a check sees it, and where its names stand.
#[derive(Debug)]
pub struct Reading {
    /// Its form.
    pub shape: Shape,
    /// The names in it, and where each is read first.
    pub places: Vec<(Slot, Place)>,
}

/// The form of an expression: conditions in full, anything else as the names that it reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Always holds, or never does.
    Constant(bool),
    /// A name alone.
    Name(Slot),
    /// Whether a name holds this.
    Is(Slot, Value),
    /// Whether a name is set.
    Defined(Slot),
    /// The opposite.
    Not(Box<Shape>),
    /// Both; the second is read only where the first holds.
    And(Box<Shape>, Box<Shape>),
    /// One of them; the second is read only where the first does not hold.
    Or(Box<Shape>, Box<Shape>),
    /// `then if condition else other`.
    If(Box<Shape>, Box<Shape>, Box<Shape>),
    /// Anything else: whatever is read in it.
    Reads(Vec<Shape>),
}

/// What a name holds.
pub enum Held {
    /// It is not set.
    Nothing,
    /// It is set.
    Something,
    /// It is set to this.
    This(Value),
}

impl Shape {
    /// The names that it surely reads and that are not set.
    pub(super) fn unset(&self, held: &dyn Fn(Slot) -> Held) -> Vec<Slot> {
        let mut unset = Vec::new();
        self.look(held, &mut unset);
        unset
    }

    /// Whether it holds, where its form and the names tell. What is read only if something holds of which that is not
    /// known is not read for sure.
    fn look(&self, held: &dyn Fn(Slot) -> Held, unset: &mut Vec<Slot>) -> Option<bool> {
        match self {
            Self::Constant(holds) => Some(*holds),
            Self::Name(slot) => value(*slot, held, unset, Value::is_true),
            Self::Is(slot, wanted) => value(*slot, held, unset, |value| value == wanted),
            Self::Defined(slot) => Some(!matches!(held(*slot), Held::Nothing)),
            Self::Not(inner) => inner.look(held, unset).map(|holds| !holds),
            Self::And(one, other) => {
                if one.look(held, unset)? {
                    other.look(held, unset)
                } else {
                    Some(false)
                }
            }
            Self::Or(one, other) => {
                if one.look(held, unset)? {
                    Some(true)
                } else {
                    other.look(held, unset)
                }
            }
            Self::If(when, one, other) => {
                if when.look(held, unset)? {
                    one.look(held, unset)
                } else {
                    other.look(held, unset)
                }
            }
            Self::Reads(parts) => {
                for part in parts {
                    part.look(held, unset);
                }
                None
            }
        }
    }
}

/// Whether a name that is read holds what is asked for; nothing is compared as nothing.
fn value(
    slot: Slot,
    held: &dyn Fn(Slot) -> Held,
    unset: &mut Vec<Slot>,
    is: impl Fn(&Value) -> bool,
) -> Option<bool> {
    match held(slot) {
        Held::This(value) => Some(is(&value)),
        Held::Something => None,
        Held::Nothing => {
            unset.push(slot);
            Some(false)
        }
    }
}

/// A word, sign or text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Text(&'a str),
    Sign(&'a str),
}

/// Finds the form of an expression that the library could compile; `slot` knows the names that can be unset.
pub(super) fn shape(source: &str, slot: &dyn Fn(&str) -> Option<Slot>) -> Shape {
    let mut parser = Parser {
        tokens: tokens(source),
        at: 0,
        slot,
    };
    let first = parser.choice();
    if parser.at == parser.tokens.len() {
        return first;
    }
    // Something that is not understood: all that is left is read.
    let mut parts = vec![first];
    while parser.at < parser.tokens.len() {
        parser.at += 1;
        parts.push(parser.choice());
    }
    Shape::Reads(parts)
}

fn tokens(source: &str) -> Vec<Token<'_>> {
    let bytes = source.as_bytes();
    let is_word =
        |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || byte >= 0x80;
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        at += 1;
        match bytes[start] {
            byte if byte.is_ascii_whitespace() => {}
            quote @ (b'"' | b'\'') => {
                while at < bytes.len() && bytes[at] != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at = (at + 1).min(bytes.len());
                tokens.push(Token::Text(
                    source
                        .get(start + 1..at.saturating_sub(1))
                        .unwrap_or_default(),
                ));
            }
            byte if is_word(byte) => {
                while at < bytes.len() && is_word(bytes[at]) {
                    at += 1;
                }
                tokens.push(Token::Word(&source[start..at]));
            }
            _ => {
                let two = source.get(start..start + 2).unwrap_or_default();
                if ["==", "!=", "<=", ">=", "//", "**"].contains(&two) {
                    at = start + 2;
                }
                tokens.push(Token::Sign(source.get(start..at).unwrap_or_default()));
            }
        }
    }
    tokens
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    slot: &'a dyn Fn(&str) -> Option<Slot>,
}

/// A piece of what stands between `and` and `or`.
#[derive(Clone, Debug, PartialEq)]
enum Piece<'a> {
    Name(Slot),
    Known(Value),
    Group(Shape),
    Word(&'a str),
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn eat(&mut self, word: &str) -> bool {
        let is =
            matches!(self.peek(), Some(Token::Word(other) | Token::Sign(other)) if other == word);
        self.at += usize::from(is);
        is
    }

    fn choice(&mut self) -> Shape {
        let then = self.either();
        if !self.eat("if") {
            return then;
        }
        let condition = self.either();
        let other = if self.eat("else") {
            self.choice()
        } else {
            Shape::Constant(false)
        };
        Shape::If(Box::new(condition), Box::new(then), Box::new(other))
    }

    fn either(&mut self) -> Shape {
        let mut left = self.both();
        while self.eat("or") {
            left = Shape::Or(Box::new(left), Box::new(self.both()));
        }
        left
    }

    fn both(&mut self) -> Shape {
        let mut left = self.negation();
        while self.eat("and") {
            left = Shape::And(Box::new(left), Box::new(self.negation()));
        }
        left
    }

    fn negation(&mut self) -> Shape {
        if self.eat("not") {
            Shape::Not(Box::new(self.negation()))
        } else {
            self.comparison()
        }
    }

    fn comparison(&mut self) -> Shape {
        let mut pieces = Vec::new();
        while let Some(token) = self.peek() {
            match token {
                Token::Word("and" | "or" | "if" | "else")
                | Token::Sign(")" | "]" | "}" | "," | ":") => break,
                Token::Sign("(" | "[" | "{") => {
                    self.at += 1;
                    pieces.push(Piece::Group(self.group()));
                    continue;
                }
                Token::Text(text) => pieces.push(Piece::Known(Value::Text(text.to_owned()))),
                Token::Sign(sign) => pieces.push(Piece::Word(sign)),
                Token::Word(word) => pieces.push(self.word(word)),
            }
            self.at += 1;
        }
        classify(&pieces)
    }

    fn word(&self, word: &'a str) -> Piece<'a> {
        match word {
            "true" | "True" => Piece::Known(Value::Boolean(true)),
            "false" | "False" => Piece::Known(Value::Boolean(false)),
            _ => word
                .parse()
                .map(|number| Piece::Known(Value::Integer(number)))
                .ok()
                .or_else(|| (self.slot)(word).map(Piece::Name))
                .unwrap_or(Piece::Word(word)),
        }
    }

    /// What stands in brackets, up to and with the closing one.
    fn group(&mut self) -> Shape {
        let mut parts = Vec::new();
        loop {
            let before = self.at;
            parts.push(self.choice());
            if self.eat(")") || self.eat("]") || self.eat("}") || self.peek().is_none() {
                break;
            }
            if !self.eat(",") && !self.eat(":") && self.at == before {
                self.at += 1;
            }
        }
        if parts.len() == 1 {
            parts.swap_remove(0)
        } else {
            Shape::Reads(parts)
        }
    }
}

fn classify(pieces: &[Piece<'_>]) -> Shape {
    use Piece::{Group, Known, Name, Word};
    match pieces {
        [Group(shape)] => shape.clone(),
        [Name(slot)] => Shape::Name(*slot),
        [Known(Value::Boolean(yes))] => Shape::Constant(*yes),
        [Name(slot), Word("is"), Word("defined")] => Shape::Defined(*slot),
        [Name(slot), Word("is"), Word("not"), Word("defined")]
        | [Name(slot), Word("is"), Word("undefined")] => {
            Shape::Not(Box::new(Shape::Defined(*slot)))
        }
        [Name(slot), Word("is"), Word("not"), Word("undefined")] => Shape::Defined(*slot),
        [Name(slot), Word("=="), Known(value)] | [Known(value), Word("=="), Name(slot)] => {
            Shape::Is(*slot, value.clone())
        }
        [Name(slot), Word("!="), Known(value)] | [Known(value), Word("!="), Name(slot)] => {
            Shape::Not(Box::new(Shape::Is(*slot, value.clone())))
        }
        _ => Shape::Reads(read(pieces)),
    }
}

/// What is read among pieces that decide nothing by themselves; `x | default(…)` and `x is defined` do not mind whether
/// `x` is set.
fn read(pieces: &[Piece<'_>]) -> Vec<Shape> {
    let guarded = |at: usize| {
        let word = |more: usize| match pieces.get(at + more) {
            Some(Piece::Word(word)) => *word,
            _ => "",
        };
        let tested = if word(2) == "not" { word(3) } else { word(2) };
        (word(1) == "|" && ["default", "d"].contains(&word(2)))
            || (word(1) == "is" && ["defined", "undefined"].contains(&tested))
    };
    let shape = |(at, piece): (usize, &Piece<'_>)| match piece {
        Piece::Name(slot) if !guarded(at) => Some(Shape::Name(*slot)),
        Piece::Group(shape) => Some(shape.clone()),
        _ => None,
    };
    pieces.iter().enumerate().filter_map(shape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str) -> Shape {
        shape(source, &|name| {
            ["a", "b", "c"]
                .iter()
                .position(|known| *known == name)
                .map(|at| at as Slot)
        })
    }

    fn not(shape: Shape) -> Shape {
        Shape::Not(Box::new(shape))
    }

    #[test]
    fn conditions_keep_their_form() {
        let is = |text: &str| Shape::Is(0, Value::Text(text.to_owned()));
        assert_eq!(of("a is defined"), Shape::Defined(0));
        assert_eq!(of("a is not defined"), not(Shape::Defined(0)));
        assert_eq!(of("a == 'x'"), is("x"));
        assert_eq!(of("not (a != \"x\")"), not(not(is("x"))));
        assert_eq!(
            of("a is defined and b == 3 or c"),
            Shape::Or(
                Box::new(Shape::And(
                    Box::new(Shape::Defined(0)),
                    Box::new(Shape::Is(1, Value::Integer(3)))
                )),
                Box::new(Shape::Name(2))
            )
        );
        assert_eq!(
            of("a if a is defined else 0"),
            Shape::If(
                Box::new(Shape::Defined(0)),
                Box::new(Shape::Name(0)),
                Box::new(Shape::Reads(Vec::new()))
            )
        );
    }

    #[test]
    fn anything_else_is_what_it_reads() {
        assert_eq!(
            of("a + b > 3"),
            Shape::Reads(vec![Shape::Name(0), Shape::Name(1)])
        );
        assert_eq!(
            of("a | default('x')"),
            Shape::Reads(vec![Shape::Reads(Vec::new())])
        );
        assert_eq!(
            of("a in ['x', b]"),
            Shape::Reads(vec![
                Shape::Name(0),
                Shape::Reads(vec![Shape::Reads(Vec::new()), Shape::Name(1)])
            ])
        );
        assert_eq!(of("'a' ~ call.from"), Shape::Reads(Vec::new()));
    }
}

//! An expression as a tree: what was written, with places, and nothing of what it means.

use std::ops::Range;

use super::filter::Filter;

/// An expression.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The whole.
    pub root: Term,
    /// The names that it reads, each once, and where each is read first.
    pub names: Vec<(String, Range<usize>)>,
}

/// A part of an expression.
#[derive(Clone, Debug)]
pub struct Term {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub span: Range<usize>,
    /// How deep the tree is below it.
    pub depth: usize,
}

/// A name, by its place among those of the tree.
pub type NameAt = usize;

/// What a part of an expression is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A text in quotes.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Number(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A name.
    Name(NameAt),
    /// `name?`: empty where it is not set.
    Optional(NameAt),
    /// `[a, b]`.
    List(Vec<Term>),
    /// `not a`.
    Not(Box<Term>),
    /// `a and b`; the second is read only where the first holds.
    And(Box<Term>, Box<Term>),
    /// `a or b`; the second is read only where the first does not hold.
    Or(Box<Term>, Box<Term>),
    /// `a == b` and the like.
    Compare(Comparison, Box<Term>, Box<Term>),
    /// `a in b`.
    In(Box<Term>, Box<Term>),
    /// `a starts_with b`, `a ends_with b`.
    Affix(Affix, Box<Term>, Box<Term>),
    /// `name is defined`.
    Defined(NameAt),
    /// `a + b` and the like.
    Arithmetic(Operator, Box<Term>, Box<Term>),
    /// `-a`.
    Negative(Box<Term>),
    /// `a ~ b`.
    Join(Box<Term>, Box<Term>),
    /// `a[from:to]`.
    Slice(Box<Term>, Option<i64>, Option<i64>),
    /// `then if condition else other`: the condition, then the two.
    If(Box<Term>, Box<Term>, Box<Term>),
    /// `a | filter(b)`.
    Filter(Filter, Box<Term>, Vec<Term>),
    /// `name(a)`.
    Call(NameAt, Vec<Term>),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Which end of a text is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affix {
    Start,
    End,
}

/// An operator on numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Plus,
    Minus,
    Times,
    /// Division of whole numbers, rounded down.
    Divide,
    Remainder,
}

impl Comparison {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    pub(super) fn of(sign: &str) -> Option<Self> {
        Some(match sign {
            "==" => Self::Equal,
            "!=" => Self::Unequal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    /// Whether it asks for more or less, not for the same.
    pub fn is_order(self) -> bool {
        !matches!(self, Self::Equal | Self::Unequal)
    }

    /// What holds exactly where this does not.
    pub fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
        }
    }

    /// The same with the sides swapped: `5 < n` is `n > 5`.
    pub fn swapped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    /// Whether it holds between two values in this order.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Affix {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "starts_with",
            Self::End => "ends_with",
        }
    }

    /// Whether a text has it.
    pub fn holds(self, text: &str, affix: &str) -> bool {
        match self {
            Self::Start => text.starts_with(affix),
            Self::End => text.ends_with(affix),
        }
    }
}

impl Operator {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Divide => "//",
            Self::Remainder => "%",
        }
    }

    pub(super) fn of(sign: &str) -> Option<Self> {
        let all = [
            Self::Plus,
            Self::Minus,
            Self::Times,
            Self::Divide,
            Self::Remainder,
        ];
        all.into_iter().find(|operator| operator.as_str() == sign)
    }
}

impl Term {
    /// The parts that it is made of.
    pub fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Text(_)
            | Kind::Integer(_)
            | Kind::Number(_)
            | Kind::Boolean(_)
            | Kind::Name(_)
            | Kind::Optional(_)
            | Kind::Defined(_) => Vec::new(),
            Kind::List(parts) | Kind::Call(_, parts) => parts.iter().collect(),
            Kind::Not(part) | Kind::Negative(part) | Kind::Slice(part, ..) => vec![part],
            Kind::And(one, other)
            | Kind::Or(one, other)
            | Kind::Compare(_, one, other)
            | Kind::In(one, other)
            | Kind::Affix(_, one, other)
            | Kind::Arithmetic(_, one, other)
            | Kind::Join(one, other) => vec![one, other],
            Kind::If(when, one, other) => vec![when, one, other],
            Kind::Filter(_, subject, arguments) => {
                std::iter::once(&**subject).chain(arguments).collect()
            }
        }
    }

    /// Whether it is written out: a text in quotes, a number, `true` or `false`.
    pub fn is_literal(&self) -> bool {
        matches!(
            self.kind,
            Kind::Text(_) | Kind::Integer(_) | Kind::Number(_) | Kind::Boolean(_)
        )
    }
}

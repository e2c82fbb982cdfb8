//! The check of an expression against the types of its names.

mod compare;
mod filters;
mod secrets;

use super::Verdict;
use super::names::{Name, Stands};
use super::narrow::Narrowed;
use super::problem::Problem;
use super::tree::{Comparison, Kind, Operator, Term, Tree};
use super::types::{Family, TextType, Type};
use crate::written::Code;

/// The types of names.
pub trait Types {
    /// What a name can hold.
    fn type_of(&self, name: Name) -> Type;

    /// Whether a name holds something at any moment.
    fn is_always_set(&self, name: Name) -> bool;

    /// Whether a name's type is only what the flow sets it to, and promised nowhere.
    fn is_variable(&self, name: Name) -> bool;

    /// Whether an answer is kept from everybody but the backend; nothing for a name that is no answer.
    fn is_sensitive(&self, name: Name) -> Option<bool>;
}

/// An expression under check.
pub(super) struct Typing<'a> {
    source: &'a str,
    names: &'a [Name],
    types: &'a dyn Types,
    known: Narrowed,
    problems: Vec<Problem>,
}

/// Checks an expression; `known` is what conditions before it have left of the names' types.
pub(super) fn check(
    tree: &Tree,
    source: &str,
    names: &[Name],
    types: &dyn Types,
    stands: Stands,
    known: Narrowed,
) -> Verdict {
    let mut typing = Typing {
        source,
        names,
        types,
        known,
        problems: Vec::new(),
    };
    let of = match stands {
        Stands::Condition => {
            typing.condition(&tree.root, true);
            Type::BOOLEAN
        }
        Stands::Spoken => typing.spoken(&tree.root),
        Stands::Told | Stands::Given => typing.told(&tree.root),
        Stands::Sent(_) => typing.sent(&tree.root),
    };
    let problems = std::mem::take(&mut typing.problems);
    if stands == Stands::Condition {
        typing.learn(&tree.root, false);
    }
    Verdict {
        of,
        problems,
        otherwise: typing.known,
    }
}

impl<'a> Typing<'a> {
    fn text(&self, node: &Term) -> &'a str {
        self.source[node.span.clone()].trim()
    }

    fn problem(&mut self, code: Code, node: &Term, message: String, help: String) {
        self.problems
            .push(Problem::new(code, node.span.clone(), message, help));
    }

    /// How bad it is that a part is compared with what it can never be: what a variable is set to may change.
    fn never_code(&self, node: &Term) -> Code {
        if self.has_variable(node) {
            Code::ConditionConstant
        } else {
            Code::ValueImpossible
        }
    }

    fn has_variable(&self, node: &Term) -> bool {
        match &node.kind {
            Kind::Name(name) | Kind::Optional(name) => self.types.is_variable(self.names[*name]),
            _ => node.parts().iter().any(|part| self.has_variable(part)),
        }
    }

    fn learn(&mut self, node: &Term, holds: bool) {
        let types = self.types;
        self.known
            .learn(node, holds, self.names, &|name| types.type_of(name));
    }

    /// Does something with what is known where a condition holds, or does not.
    fn where_it<T>(&mut self, node: &Term, holds: bool, then: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.known.clone();
        self.learn(node, holds);
        let result = then(self);
        self.known = before;
        result
    }

    /// What is told in a text: one value.
    fn told(&mut self, node: &Term) -> Type {
        let of = self.value(node);
        self.has_words(node, of)
    }

    /// What is sent as JSON: one value, or a list of values.
    fn sent(&mut self, node: &Term) -> Type {
        match self.value(node) {
            list @ Type::List(_) => list,
            of => self.has_words(node, of),
        }
    }

    fn has_words(&mut self, node: &Term, of: Type) -> Type {
        let text = self.text(node);
        let (what, help) = match &of {
            Type::List(_) => ("a list", format!("join its entries: `{text} | join(', ')`")),
            Type::Entries { .. } => (
                "a list",
                format!("say how many there are: `{text} | length`"),
            ),
            Type::Recording => (
                "a recording",
                format!("only whether it is there can be asked: `{text} is defined`"),
            ),
            _ => return of,
        };
        let message = format!("`{text}` is {what}, which has no words");
        self.problem(Code::TypesDiffer, node, message, help);
        of
    }

    /// What is spoken: the one place where a way of speaking may be asked for.
    fn spoken(&mut self, node: &Term) -> Type {
        match &node.kind {
            Kind::If(when, one, other) => {
                self.condition(when, true);
                let one = self.where_it(when, true, |typing| typing.spoken(one));
                let other = self.where_it(when, false, |typing| typing.spoken(other));
                one.either(&other).unwrap_or(Type::Open)
            }
            Kind::Filter(super::filter::Filter::As, subject, arguments) => {
                self.way_of_speaking(&arguments[0]);
                self.told(subject)
            }
            _ => self.told(node),
        }
    }

    /// The type of a part.
    fn value(&mut self, node: &Term) -> Type {
        match &node.kind {
            Kind::Text(text) => Type::words([text]),
            Kind::Integer(number) => Type::Integer {
                low: *number,
                high: *number,
            },
            Kind::Number(_) => Type::Number,
            Kind::Boolean(yes) => Type::Boolean(Some(*yes)),
            Kind::Name(name) | Kind::Optional(name) => self.types.type_of(self.names[*name]),
            Kind::List(parts) => {
                let mut of: Option<Type> = None;
                for part in parts {
                    let part = self.value(part);
                    of = Some(match of {
                        Some(of) => of.either(&part).unwrap_or(Type::Open),
                        None => part,
                    });
                }
                Type::List(Box::new(of.unwrap_or(Type::Open)))
            }
            Kind::If(when, one, other) => {
                self.condition(when, true);
                let one = self.where_it(when, true, |typing| typing.value(one));
                let other = self.where_it(when, false, |typing| typing.value(other));
                one.either(&other).unwrap_or(Type::Open)
            }
            Kind::Not(_) | Kind::And(..) | Kind::Or(..) => {
                self.condition(node, true);
                Type::BOOLEAN
            }
            Kind::Compare(..) | Kind::In(..) | Kind::Affix(..) | Kind::Defined(_) => {
                self.condition(node, true);
                Type::BOOLEAN
            }
            Kind::Negative(part) => self.negative(part),
            Kind::Arithmetic(operator, one, other) => self.arithmetic(*operator, one, other),
            Kind::Join(one, other) => {
                self.told(one);
                self.told(other);
                Type::TEXT
            }
            Kind::Slice(of, from, to) => self.slice(of, *from, *to),
            Kind::Filter(filter, of, arguments) => self.filter(*filter, node, of, arguments),
            Kind::Call(name, with) => self.call(self.names[*name], with),
        }
    }

    /// What a name answers that is asked with a day, and perhaps with an hour.
    fn call(&mut self, name: Name, with: &[Term]) -> Type {
        let wanted = [TextType::Date, TextType::Time].map(Type::Text);
        for (part, wanted) in with.iter().zip(&wanted) {
            let of = self.value(part);
            if of.meets(wanted) {
                continue;
            }
            let message = format!("`{}` is {}", self.text(part), said(part, &of));
            let help = format!("here stands {}", wanted.describe());
            self.problem(Code::TypesDiffer, part, message, help);
        }
        self.types.type_of(name)
    }

    /// What names can be here, where no more is asked.
    fn narrowed(&self, node: &Term) -> Option<Type> {
        let (Kind::Name(name) | Kind::Optional(name)) = &node.kind else {
            return None;
        };
        self.known.get(self.names[*name]).cloned()
    }

    /// A part that holds or does not; `positive` where it stands behind an even number of `not`.
    fn condition(&mut self, node: &Term, positive: bool) {
        if let Kind::Compare(..) | Kind::In(..) | Kind::Affix(..) = node.kind {
            self.given_away(node);
        }
        match &node.kind {
            Kind::Not(inner) => self.condition(inner, !positive),
            Kind::And(one, other) => {
                self.condition(one, positive);
                self.where_it(one, true, |typing| typing.side(one, other, positive));
            }
            Kind::Or(one, other) => {
                self.condition(one, positive);
                self.where_it(one, false, |typing| typing.side(one, other, positive));
            }
            Kind::If(when, one, other) => {
                self.condition(when, true);
                self.where_it(when, true, |typing| typing.condition(one, positive));
                self.where_it(when, false, |typing| typing.condition(other, positive));
            }
            Kind::Compare(comparison, one, other) => {
                self.comparison(node, *comparison, (one, other), positive);
            }
            Kind::In(one, other) => self.is_in(node, one, other, positive),
            Kind::Affix(affix, one, other) => self.affix(*affix, node, one, other),
            Kind::Defined(name) => {
                if self.types.is_always_set(self.names[*name]) {
                    let help = "it is set in every call: leave the condition out".to_owned();
                    self.constant(node, true, help);
                }
            }
            Kind::Boolean(yes) => {
                let help = "leave the condition out, or ask for something".to_owned();
                self.constant(node, *yes, help);
            }
            _ => self.flag(node, positive),
        }
    }

    /// The second side of `and` and `or`: mostly a value that somebody wanted compared like the one before.
    fn side(&mut self, before: &Term, node: &Term, positive: bool) {
        let Kind::Compare(comparison, subject, value) = &last(before).kind else {
            return self.condition(node, positive);
        };
        if !node.is_literal() || matches!(node.kind, Kind::Boolean(_)) {
            return self.condition(node, positive);
        }
        let (subject, value, text) = (self.text(subject), self.text(value), self.text(node));
        let list = if *comparison == Comparison::Equal {
            format!(", or `{subject} in [{value}, {text}]`")
        } else {
            String::new()
        };
        let help = format!("write `{subject} {} {text}`{list}", comparison.as_str());
        let message = format!("`{text}` alone is neither true nor false");
        self.problem(Code::ConditionUnclear, node, message, help);
    }

    /// A value that stands as a condition.
    fn flag(&mut self, node: &Term, positive: bool) {
        let of = self.value(node);
        let text = self.text(node);
        let help = match of.family() {
            None => return,
            Some(Family::Boolean) => {
                if let (Type::Boolean(None), Some(Type::Boolean(Some(yes)))) =
                    (of, self.narrowed(node))
                    && yes != positive
                {
                    self.never(node, &Type::Boolean(Some(yes)), node);
                }
                return;
            }
            Some(Family::Number) => format!("compare it: `{text} > 0`"),
            Some(Family::Text) if node.is_literal() => "compare it with something".to_owned(),
            Some(Family::Text) => format!("compare it: `{text} != ''`, or ask `{text} is defined`"),
            Some(Family::List) => format!("ask how long it is: `({text} | length) > 0`"),
            Some(Family::Recording) => format!("ask whether it is there: `{text} is defined`"),
        };
        let message = format!(
            "`{text}` alone is neither true nor false: it is {}",
            said(node, &of)
        );
        self.problem(Code::ConditionUnclear, node, message, help);
    }

    fn constant(&mut self, node: &Term, holds: bool, help: String) {
        let how = if holds { "always" } else { "never" };
        let message = format!("`{}` {how} holds", self.text(node));
        self.problem(Code::ConditionConstant, node, message, help);
    }

    /// Says that conditions before this one have decided it; `of` is what they have left of its subject.
    fn never(&mut self, node: &Term, of: &Type, subject: &Term) {
        if of.is_empty() {
            return;
        }
        let message = format!("`{}` decides nothing here", self.text(node));
        let help = format!(
            "a condition before it has decided: here `{}` is {}",
            self.text(subject),
            of.describe()
        );
        self.problem(Code::ConditionConstant, node, message, help);
    }

    fn negative(&mut self, part: &Term) -> Type {
        match self.number(part, "-") {
            Type::Integer { low, high } => Type::Integer {
                low: high.checked_neg().unwrap_or(i64::MAX),
                high: low.checked_neg().unwrap_or(i64::MAX),
            },
            other => other,
        }
    }

    /// The type of a part that must be a number.
    fn number(&mut self, node: &Term, sign: &str) -> Type {
        let of = self.value(node);
        if matches!(of.family(), None | Some(Family::Number)) {
            return of;
        }
        let text = self.text(node);
        let help = match &of {
            Type::Text(TextType::Date) => format!("so many days later is `{text} | days(1)`"),
            Type::Text(TextType::Digits { .. }) => {
                format!("make a number of it: `{text} | integer`")
            }
            Type::Text(_) if sign == "+" => "texts are joined by `~`".to_owned(),
            _ => "numbers are counted with, nothing else".to_owned(),
        };
        let message = format!(
            "`{sign}` takes numbers, but `{text}` is {}",
            said(node, &of)
        );
        self.problem(Code::TypesDiffer, node, message, help);
        Type::Open
    }

    fn arithmetic(&mut self, operator: Operator, one: &Term, other: &Term) -> Type {
        let sign = operator.as_str();
        let (of, with) = (self.number(one, sign), self.number(other, sign));
        let is_division = matches!(operator, Operator::Divide | Operator::Remainder);
        if is_division && with == (Type::Integer { low: 0, high: 0 }) {
            let message = "a number is divided by zero".to_owned();
            self.problem(
                Code::TypesDiffer,
                other,
                message,
                "divide by something else".to_owned(),
            );
            return Type::Open;
        }
        match (of, with) {
            (Type::Open, _) | (_, Type::Open) => Type::Open,
            (Type::Integer { low, high }, Type::Integer { low: l, high: h }) => {
                range(operator, (low, high), (l, h))
            }
            _ => Type::Number,
        }
    }

    fn slice(&mut self, of: &Term, from: Option<i64>, to: Option<i64>) -> Type {
        match self.value(of) {
            list @ (Type::List(_) | Type::Open) => list,
            Type::Text(TextType::Words(words)) => Type::words(words.iter().map(|word| {
                super::eval::sliced(std::borrow::Cow::Borrowed(word), from, to).into_owned()
            })),
            Type::Text(TextType::Digits { low, high }) => {
                let length = |whole: u32| {
                    let (from, to) = super::eval::cut(whole as usize, from, to);
                    (to - from) as u32
                };
                let lengths = || (low..=high.min(low.saturating_add(64))).map(length);
                Type::Text(TextType::Digits {
                    low: lengths().min().unwrap_or(0),
                    high: lengths().max().unwrap_or(high),
                })
            }
            Type::Text(_) => Type::TEXT,
            other => {
                let message = format!(
                    "`{}` is {}, of which no part can be cut",
                    self.text(of),
                    other.describe()
                );
                let help = "texts and lists have slices".to_owned();
                self.problem(Code::TypesDiffer, of, message, help);
                Type::Open
            }
        }
    }
}

/// What a part is, behind "`x` is …".
fn said(node: &Term, of: &Type) -> String {
    match node.kind {
        Kind::Text(_) => "a text".to_owned(),
        Kind::Integer(_) | Kind::Number(_) => "a number".to_owned(),
        _ => of.describe(),
    }
}

/// The part of a chain of `and` and `or` that stands last.
fn last(node: &Term) -> &Term {
    match &node.kind {
        Kind::And(_, other) | Kind::Or(_, other) => last(other),
        _ => node,
    }
}

/// Between which numbers a result is.
fn range(operator: Operator, one: (i64, i64), other: (i64, i64)) -> Type {
    let ends = |work: fn(i64, i64) -> i64| {
        let all = [
            work(one.0, other.0),
            work(one.0, other.1),
            work(one.1, other.0),
            work(one.1, other.1),
        ];
        Type::Integer {
            low: all.into_iter().min().unwrap_or(i64::MIN),
            high: all.into_iter().max().unwrap_or(i64::MAX),
        }
    };
    match operator {
        Operator::Plus => ends(i64::saturating_add),
        Operator::Minus => ends(i64::saturating_sub),
        Operator::Times => ends(i64::saturating_mul),
        Operator::Divide if other.0 > 0 => ends(i64::div_euclid),
        Operator::Remainder if other.0 > 0 => Type::Integer {
            low: 0,
            high: other.1 - 1,
        },
        _ => Type::INTEGER,
    }
}

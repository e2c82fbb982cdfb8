//! Expressions: a small, closed, typed language, compiled once when a flow is loaded.
//!
//! `token` and `parse` read it, `mistake` has words for what authors write instead, `typing` checks it against the types
//! of its names, `eval` works it out at one moment of a call, and `shape` is what a check of a flow's ways sees of it.

mod computed;
mod eval;
mod filter;
mod mistake;
mod names;
mod narrow;
mod parse;
mod problem;
mod reading;
mod shape;
#[cfg(test)]
mod tests;
mod token;
mod tree;
mod types;
mod typing;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::fault::Fault;
use super::ids::Slot;
use crate::written::diag::Place;
use crate::written::{Code, Explain};
pub use computed::Computed;
use eval::Eval;
use filter::Filter;
pub use names::{
    Clock, Fact, HoursAt, HoursPart, Later, Name, Names, QueuePart, Sensitive, Stands, Values,
    built_in,
};
pub use narrow::Narrowed;
use parse::parse;
pub use problem::Problem;
pub use reading::{Reading, Shape};
use shape::Shaper;
pub(super) use token::bare;
pub use tree::Comparison;
use tree::{Kind, Term, Tree};
pub use types::{TextType, Type};
pub use typing::Types;

/// The name of the whole first request.
const REQUEST: &str = "call.request";

/// The most expressions of a flow: each takes some hundred bytes.
const MAX_EXPRESSIONS: usize = 10_000;

/// An expression that was read, with what its names mean.
#[derive(Debug)]
pub struct Compiled {
    /// As it is written.
    pub source: String,
    tree: Tree,
    /// What each name of the tree means.
    names: Vec<Name>,
}

/// What a check of types found.
#[derive(Debug)]
pub struct Verdict {
    /// What the expression can come to.
    pub of: Type,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// What names can be where it does not hold.
    pub otherwise: Narrowed,
}

/// What a hole in a text says.
#[derive(Debug, PartialEq)]
pub enum Spoken<'a> {
    /// What a name holds, which its type knows how to speak.
    Name(Name, Computed<'a>),
    /// Anything else, as it stands.
    Value(Computed<'a>),
    /// A text that is read in a way of its own: SSML's `interpret-as`, and the text.
    As(&'a str, Cow<'a, str>),
}

/// A compiled expression and the names that it reads.
pub struct Expression {
    compiled: Arc<Compiled>,
    /// What it reads, for checks.
    pub reading: Arc<Reading>,
}

/// Where names stand that may be unset.
type NamePlaces = Vec<(Slot, Place)>;

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression")
            .field(&self.compiled.source)
            .finish()
    }
}

impl Expression {
    /// Compiles a condition that stands at a place. `follows`: it is only asked where the condition before it does not
    /// hold.
    pub fn condition(
        source: &str,
        at: Range<usize>,
        follows: bool,
        check: &mut dyn Names,
    ) -> Option<Self> {
        Self::parse(source, at, check, Stands::Condition, follows)
    }

    /// Compiles a hole of a text.
    pub fn hole(
        source: &str,
        at: Range<usize>,
        stands: Stands,
        check: &mut dyn Names,
    ) -> Option<Self> {
        Self::parse(source, at, check, stands, false)
    }

    fn parse(
        source: &str,
        at: Range<usize>,
        check: &mut dyn Names,
        stands: Stands,
        follows: bool,
    ) -> Option<Self> {
        if check.count_expression() > MAX_EXPRESSIONS {
            let message = "this flow has too many expressions".to_owned();
            check
                .fault(Code::ExpressionsTooMany, at, message)
                .help(format!("at most {MAX_EXPRESSIONS}"));
            return None;
        }
        let tree = match parse(source) {
            Ok(tree) => tree,
            Err(problem) => {
                let span = check.part(&at, source, problem.span);
                check
                    .fault(problem.code, span, problem.message)
                    .help(problem.help);
                return None;
            }
        };
        let (names, places) = Self::names(source, &tree, &at, check, stands)?;
        let shaper = Shaper {
            names: &names,
            slot: &|name| check.unsettable(name),
            list: &|name| check.list(name),
        };
        let shape = if stands == Stands::Condition {
            shaper.condition(&tree.root)
        } else {
            shaper.value(&tree.root)
        };
        let source = source.to_owned();
        let compiled = Arc::new(Compiled {
            source,
            tree,
            names,
        });
        let reading = Arc::new(Reading {
            shape,
            places,
            constant: OnceLock::new(),
        });
        check.check_later(Later {
            compiled: Arc::clone(&compiled),
            reading: Arc::clone(&reading),
            at,
            stands,
            follows,
        });
        Some(Self { compiled, reading })
    }

    /// What its names stand for, and where those stand that may be unset.
    fn names(
        source: &str,
        tree: &Tree,
        at: &Range<usize>,
        check: &mut dyn Names,
        stands: Stands,
    ) -> Option<(Vec<Name>, NamePlaces)> {
        let sensitive = match stands {
            Stands::Condition | Stands::Given => Sensitive::Allowed,
            Stands::Spoken | Stands::Told => Sensitive::Refused,
            Stands::Sent(sensitive) => sensitive,
        };
        let mut names = Vec::with_capacity(tree.names.len());
        let mut places = Vec::new();
        let is_alone = matches!((stands, &tree.root.kind), (Stands::Sent(_), Kind::Name(_)));
        for (name, span) in &tree.names {
            let place = check.part(at, source, span.clone());
            let name = if is_alone && name == REQUEST {
                check.request(place.clone(), sensitive)
            } else {
                check.resolve(name, place.clone(), sensitive)
            };
            let Some(name) = name else { continue };
            places.extend(
                check
                    .unsettable(name)
                    .map(|slot| (slot, check.place(place))),
            );
            names.push(name);
        }
        (names.len() == tree.names.len()).then_some((names, places))
    }

    /// Whether it is the whole first request.
    pub fn is_request(&self) -> bool {
        self.compiled.names.contains(&Name::Call(Fact::Request))
    }

    /// What was compiled.
    pub fn compiled(&self) -> &Arc<Compiled> {
        &self.compiled
    }

    fn eval<'a>(&'a self, values: &'a dyn Values) -> Eval<'a> {
        self.compiled.eval(values)
    }

    /// What it comes to; `None` where what it reads is not set.
    ///
    /// # Errors
    /// When it cannot be worked out: a number becomes too large or is divided by zero, a text is no number.
    pub fn value<'a>(&'a self, values: &'a dyn Values) -> Result<Option<Computed<'a>>, Fault> {
        self.compiled.value(values)
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// As [`Self::value`].
    pub fn holds(&self, values: &dyn Values) -> Result<bool, Fault> {
        self.eval(values).holds(&self.compiled.tree.root)
    }

    /// What it says in a spoken text; `None` where what it reads is not set.
    ///
    /// # Errors
    /// As [`Self::value`].
    pub fn spoken<'a>(&'a self, values: &'a dyn Values) -> Result<Option<Spoken<'a>>, Fault> {
        let eval = self.eval(values);
        let mut node = &self.compiled.tree.root;
        loop {
            let spoken = match &node.kind {
                Kind::If(when, one, other) => {
                    node = if eval.holds(when)? { one } else { other };
                    continue;
                }
                Kind::Filter(Filter::Default, subject, arguments)
                    if let Kind::Name(name) | Kind::Optional(name) = subject.kind =>
                {
                    let name = self.compiled.names[name];
                    match values.read(name) {
                        Some(value) => Some(Spoken::Name(name, value)),
                        None => {
                            node = &arguments[0];
                            continue;
                        }
                    }
                }
                Kind::Filter(Filter::As, subject, arguments) => {
                    eval.value(subject)?.map(|value| way(&arguments[0], value))
                }
                Kind::Name(name) => {
                    let name = self.compiled.names[*name];
                    values.need(name).map(|value| Spoken::Name(name, value))
                }
                Kind::Optional(name) => {
                    let name = self.compiled.names[*name];
                    values.read(name).map(|value| Spoken::Name(name, value))
                }
                _ => eval.value(node)?.map(Spoken::Value),
            };
            return Ok(spoken);
        }
    }
}

impl Expression {
    /// The names that it may speak in the way of their types.
    pub fn speaks(&self) -> Vec<Name> {
        let mut names = Vec::new();
        let mut open = vec![&self.compiled.tree.root];
        while let Some(node) = open.pop() {
            match &node.kind {
                Kind::If(_, one, other) => open.extend([&**one, &**other]),
                Kind::Filter(Filter::Default, subject, arguments)
                    if matches!(subject.kind, Kind::Name(_) | Kind::Optional(_)) =>
                {
                    open.push(subject);
                    open.extend(arguments.first());
                }
                Kind::Name(name) | Kind::Optional(name) => names.push(self.compiled.names[*name]),
                _ => {}
            }
        }
        names
    }
}

fn way<'a>(how: &'a Term, value: Computed<'a>) -> Spoken<'a> {
    match &how.kind {
        Kind::Text(how) => Spoken::As(how, value.into_text()),
        _ => Spoken::Value(value),
    }
}

impl Compiled {
    /// What a name holds.
    pub fn name(slot: Slot, name: &str) -> Option<Self> {
        Some(Self {
            source: name.to_owned(),
            tree: parse(name).ok()?,
            names: vec![Name::Slot(slot)],
        })
    }

    fn eval<'a>(&'a self, values: &'a dyn Values) -> Eval<'a> {
        Eval {
            names: &self.names,
            values,
        }
    }

    /// What it comes to; `None` where what it reads is not set.
    ///
    /// # Errors
    /// As [`Expression::value`].
    pub fn value<'a>(&'a self, values: &'a dyn Values) -> Result<Option<Computed<'a>>, Fault> {
        self.eval(values).value(&self.tree.root)
    }

    /// The answers and variables that it reads; nothing where it reads anything else, too.
    pub fn slots(&self) -> Option<Vec<Slot>> {
        let slot = |name: &Name| match name {
            Name::Slot(slot) => Some(*slot),
            _ => None,
        };
        self.names.iter().map(slot).collect()
    }

    /// Checks it against the types of its names; `known` is what conditions before it have left of these.
    pub fn check(&self, types: &dyn Types, stands: Stands, known: Narrowed) -> Verdict {
        typing::check(&self.tree, &self.source, &self.names, types, stands, known)
    }
}

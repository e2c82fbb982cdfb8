//! Expressions: one language (minijinja), compiled once when a flow is loaded.

mod names;
mod shape;
mod source;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use minijinja::{Environment, UndefinedBehavior};

use super::fault::Fault;
use crate::written::{Code, Explain};
pub use names::{Clock, Fact, Name, Names, Sensitive, Values, built_in};
pub use shape::{Held, Reading, Shape};
pub(super) use source::bare;
use source::{depth, place_of, syntax, words_known};

/// The longest source of an expression, in bytes: long chains overflow the stack of whoever parses them.
pub const MAX_EXPRESSION: usize = 1024;
/// The most expressions of a flow: each takes some kilobytes.
const MAX_EXPRESSIONS: usize = 10_000;
/// How deep brackets may nest.
const MAX_DEPTH: usize = 32;
/// What an expression may cost to evaluate, in the library's instructions.
const FUEL: u64 = 20_000;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_fuel(Some(FUEL));
    environment
});

/// A compiled expression and the names that it reads.
pub struct Expression {
    code: minijinja::Expression<'static, 'static>,
    names: Vec<(String, Name)>,
    /// What it reads, for checks.
    pub reading: Arc<Reading>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expression")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl Expression {
    /// Compiles an expression that stands at a place, and finds what its names mean.
    pub fn parse(
        source: &str,
        at: Range<usize>,
        check: &mut dyn Names,
        sensitive: Sensitive,
    ) -> Option<Self> {
        if source.len() > MAX_EXPRESSION || depth(source) > MAX_DEPTH {
            check
                .fault(Code::ExpressionTooLarge, at, "this expression is too large".to_owned())
                .help(format!(
                "at most {MAX_EXPRESSION} characters, and {MAX_DEPTH} brackets deep: `set` a variable to a part of it first"
            ));
            return None;
        }
        if check.count_expression() > MAX_EXPRESSIONS {
            check
                .fault(
                    Code::ExpressionsTooMany,
                    at,
                    "this flow has too many expressions".to_owned(),
                )
                .help(format!("at most {MAX_EXPRESSIONS}"));
            return None;
        }
        let code = match ENVIRONMENT.compile_expression_owned(source.to_owned()) {
            Ok(code) => code,
            Err(error) => {
                syntax(source, &error, at, check);
                return None;
            }
        };
        let mut written: Vec<String> = code.undeclared_variables(true).into_iter().collect();
        written.sort();
        let mut names = Vec::with_capacity(written.len());
        let mut places = Vec::new();
        let mut sound = words_known(source, &at, check);
        for name in written {
            let place =
                place_of(source, &name).map_or(at.clone(), |place| check.part(&at, source, place));
            match check.resolve(&name, place.clone(), sensitive) {
                Some(meaning) => {
                    places.extend(
                        check
                            .unsettable(meaning)
                            .map(|slot| (slot, check.place(place))),
                    );
                    names.push((name, meaning));
                }
                None => sound = false,
            }
        }
        let slot = |word: &str| {
            let meaning = names
                .iter()
                .find(|(written, _)| written == word)
                .map(|(_, meaning)| *meaning);
            meaning.and_then(|meaning| check.unsettable(meaning))
        };
        let reading = Arc::new(Reading {
            shape: shape::shape(source, &slot),
            places,
        });
        sound.then_some(Self {
            code,
            names,
            reading,
        })
    }

    /// What it comes to.
    ///
    /// # Errors
    /// When it cannot be worked out, as text plus a number cannot.
    pub fn eval(&self, values: &dyn Values) -> Result<minijinja::Value, Fault> {
        let mut plain: Vec<(minijinja::Value, minijinja::Value)> =
            Vec::with_capacity(self.names.len());
        let mut groups: [Vec<(String, minijinja::Value)>; 3] = Default::default();
        for (written, name) in &self.names {
            let Some(value) = values.read(*name) else {
                continue;
            };
            let value = minijinja::Value::from(&value);
            match (name, written.split_once('.')) {
                (Name::Call(_), Some((_, field))) => groups[0].push((field.to_owned(), value)),
                (Name::Now(_), Some((_, field))) => groups[1].push((field.to_owned(), value)),
                (Name::Result(_), Some((_, field))) => groups[2].push((field.to_owned(), value)),
                _ => plain.push((written.as_str().into(), value)),
            }
        }
        for (group, fields) in ["call", "now", "result"].into_iter().zip(groups) {
            plain.push((group.into(), minijinja::Value::from_pairs(fields)));
        }
        for slot in self.reading.shape.unset(&|slot| values.held(slot)) {
            values.note_unset(slot);
        }
        self.code
            .eval(minijinja::Value::from_pairs(plain))
            .map_err(|error| {
                Fault::Expression(
                    error
                        .detail()
                        .unwrap_or("it cannot be worked out")
                        .to_owned(),
                )
            })
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// As [`Self::eval`].
    pub fn holds(&self, values: &dyn Values) -> Result<bool, Fault> {
        self.eval(values).map(|value| value.is_true())
    }
}

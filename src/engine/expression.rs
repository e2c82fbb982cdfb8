//! Expressions: one language (minijinja), compiled once when a flow is loaded.

mod shape;
mod source;

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::{Environment, UndefinedBehavior};

use super::call::Call;
use super::fault::Fault;
use super::flow::Flow;
use super::flow::check::Checker;
use super::ids::{Slot, StepId};
use super::steps::results;
use super::value::Value;
use super::waits::OUTCOME;
use crate::written::{Code, Explain};
use shape::Held;
pub use shape::{Reading, Shape};
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

/// A name that an expression reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// An answer or a variable.
    Slot(Slot),
    /// A fact of the call.
    Call(Fact),
    /// The clock.
    Now(Clock),
    /// What came of the last wait: how it ended, or a fact.
    Result(&'static str),
}

/// A fact of the call: `call.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Sid,
    From,
    To,
    Direction,
    CallerName,
    Language,
    Attempt,
    Flow,
}

/// A part of the moment: `now.*`, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    Date,
    Time,
    Weekday,
}

const FACTS: [(&str, Fact); 8] = [
    ("sid", Fact::Sid),
    ("from", Fact::From),
    ("to", Fact::To),
    ("direction", Fact::Direction),
    ("caller_name", Fact::CallerName),
    ("language", Fact::Language),
    ("attempt", Fact::Attempt),
    ("flow", Fact::Flow),
];
const CLOCKS: [(&str, Clock); 3] = [
    ("date", Clock::Date),
    ("time", Clock::Time),
    ("weekday", Clock::Weekday),
];

/// What names mean at one moment of a call.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// The call.
    pub call: &'a Call,
    /// The moment.
    pub now: Timestamp,
    /// The step that is being done.
    pub step: StepId,
    /// Takes the names that are read and not set.
    pub unset: &'a RefCell<Vec<(StepId, Slot)>>,
}

impl Scope<'_> {
    /// What a name holds that is wanted here: that it is not set is noted.
    pub fn need(&self, name: Name) -> Option<Value> {
        let value = self.read(name);
        let slot = match name {
            Name::Slot(slot) => Some(slot),
            Name::Result(_) => Slot::try_from(self.flow.names.len()).ok(),
            _ => None,
        };
        if let Some(slot) = slot.filter(|_| value.is_none()) {
            self.note(slot);
        }
        value
    }

    fn note(&self, slot: Slot) {
        let mut unset = self.unset.borrow_mut();
        if !unset.contains(&(self.step, slot)) {
            unset.push((self.step, slot));
        }
    }

    /// Whether a name is set, and what it holds where that is known by its slot alone.
    fn held(&self, slot: Slot) -> Held {
        if usize::from(slot) < self.flow.names.len() {
            self.call
                .value(slot)
                .map_or(Held::Nothing, |value| Held::This(value.clone()))
        } else {
            self.call
                .came
                .as_ref()
                .map_or(Held::Nothing, |_| Held::Something)
        }
    }

    /// What a name holds; `None` where it is not set.
    pub fn read(&self, name: Name) -> Option<Value> {
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        match name {
            Name::Slot(slot) => self.call.value(slot).cloned(),
            Name::Call(Fact::Sid) => text(self.call.sid.as_str()),
            Name::Call(Fact::From) => text(&self.call.about.from),
            Name::Call(Fact::To) => text(&self.call.about.to),
            Name::Call(Fact::Direction) => text(&self.call.about.direction),
            Name::Call(Fact::CallerName) => text(&self.call.about.caller_name),
            Name::Call(Fact::Language) => text(&self.flow.language(self.call.language).tag),
            Name::Call(Fact::Attempt) => Some(Value::Integer(
                i64::from(self.call.misses.no_input) + i64::from(self.call.misses.no_match) + 1,
            )),
            Name::Call(Fact::Flow) => text(&self.call.flow),
            Name::Now(clock) => {
                let now = self.now.to_zoned_datetime(TimeZone::UTC);
                let format = match clock {
                    Clock::Date => "%Y-%m-%d",
                    Clock::Time => "%H:%M",
                    Clock::Weekday => "%A",
                };
                Some(Value::Text(now.strftime(format).to_string()))
            }
            Name::Result(part) => {
                let came = self.call.came.as_ref()?;
                match part {
                    OUTCOME => text(&came.outcome),
                    fact => came.fact(fact).cloned(),
                }
            }
        }
    }
}

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
        check: &mut Checker,
        sensitive: Sensitive,
    ) -> Option<Self> {
        if source.len() > MAX_EXPRESSION || depth(source) > MAX_DEPTH {
            check
                .fault(Code::ExpressionTooLarge, at, "this expression is too large")
                .help(format!(
                "at most {MAX_EXPRESSION} characters, and {MAX_DEPTH} brackets deep: `set` a variable to a part of it first"
            ));
            return None;
        }
        check.expressions += 1;
        if check.expressions > MAX_EXPRESSIONS {
            check
                .fault(
                    Code::ExpressionsTooMany,
                    at,
                    "this flow has too many expressions",
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
    pub fn eval(&self, scope: Scope<'_>) -> Result<minijinja::Value, Fault> {
        let mut plain: Vec<(minijinja::Value, minijinja::Value)> =
            Vec::with_capacity(self.names.len());
        let mut groups: [Vec<(String, minijinja::Value)>; 3] = Default::default();
        for (written, name) in &self.names {
            let Some(value) = scope.read(*name) else {
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
        for slot in self.reading.shape.unset(&|slot| scope.held(slot)) {
            scope.note(slot);
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
    pub fn holds(&self, scope: Scope<'_>) -> Result<bool, Fault> {
        self.eval(scope).map(|value| value.is_true())
    }
}

/// Whether sensitive answers may be read where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensitive {
    /// They may: nothing of it is told to anybody.
    Allowed,
    /// They may not: what it comes to is spoken, sent or stored in the clear.
    Refused,
}

/// Finds what a dotted name of the shell means; `None` if it is not one.
pub fn built_in(name: &str) -> Option<Result<Name, Vec<&'static str>>> {
    let (group, field) = name.split_once('.').unwrap_or((name, ""));
    fn find<T: Copy>(
        list: &[(&'static str, T)],
        field: &str,
        make: fn(T) -> Name,
    ) -> Result<Name, Vec<&'static str>> {
        let found = list
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, part)| make(*part));
        found.ok_or_else(|| list.iter().map(|(name, _)| *name).collect())
    }
    match group {
        "call" => Some(find(&FACTS, field, Name::Call)),
        "now" => Some(find(&CLOCKS, field, Name::Now)),
        "result" => {
            let found = results().find(|name| *name == field).map(Name::Result);
            Some(found.ok_or_else(|| results().collect()))
        }
        _ => None,
    }
}

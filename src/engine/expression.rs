//! Expressions and templates: one language (minijinja), compiled once when a flow is loaded.

use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::{Environment, UndefinedBehavior};

use super::advance::Fault;
use super::call::{Call, Slot};
use super::flow::Flow;
use super::flow::check::Checker;
use super::value::Value;

/// The longest source of an expression, in bytes: long chains overflow the stack of whoever parses them.
pub const MAX_EXPRESSION: usize = 1024;
/// The longest source of a text, in bytes.
pub const MAX_TEXT: usize = 4096;
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
    /// What the last dial came to.
    Result(Part),
}

/// A fact of the call: `call.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the name that a flow uses")]
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
#[expect(missing_docs, reason = "each is the name that a flow uses")]
pub enum Clock {
    Date,
    Time,
    Weekday,
}

/// A part of the last dial's result: `result.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the name that a flow uses")]
pub enum Part {
    Outcome,
    Seconds,
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
const CLOCKS: [(&str, Clock); 3] = [("date", Clock::Date), ("time", Clock::Time), ("weekday", Clock::Weekday)];
const PARTS: [(&str, Part); 2] = [("outcome", Part::Outcome), ("seconds", Part::Seconds)];

/// What names mean at one moment of a call.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// The call.
    pub call: &'a Call,
    /// The moment.
    pub now: Timestamp,
}

impl Scope<'_> {
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
            Name::Call(Fact::Attempt) => {
                Some(Value::Integer(i64::from(self.call.misses.no_input) + i64::from(self.call.misses.no_match) + 1))
            }
            Name::Call(Fact::Flow) => text(&self.call.flow),
            Name::Now(clock) => {
                let now = self.now.to_zoned(TimeZone::UTC);
                let format = match clock {
                    Clock::Date => "%Y-%m-%d",
                    Clock::Time => "%H:%M",
                    Clock::Weekday => "%A",
                };
                Some(Value::Text(now.strftime(format).to_string()))
            }
            Name::Result(part) => self.call.dialled.map(|dialled| match part {
                Part::Outcome => Value::Text(dialled.outcome.as_str().to_owned()),
                Part::Seconds => Value::Integer(i64::from(dialled.seconds)),
            }),
        }
    }
}

/// A compiled expression and the names that it reads.
pub struct Expression {
    code: minijinja::Expression<'static, 'static>,
    names: Vec<(String, Name)>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expression").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Expression {
    /// Compiles an expression that stands at a place, and finds what its names mean.
    pub fn parse(source: &str, at: Range<usize>, check: &mut Checker, sensitive: Sensitive) -> Option<Self> {
        if source.len() > MAX_EXPRESSION || depth(source) > MAX_DEPTH {
            check.error("expression-too-large", at, format!("this expression has {} characters", source.len())).help =
                Some(format!("at most {MAX_EXPRESSION}, and {MAX_DEPTH} brackets deep"));
            return None;
        }
        let code = match ENVIRONMENT.compile_expression_owned(source.to_owned()) {
            Ok(code) => code,
            Err(error) => {
                let detail = error.detail().unwrap_or("it cannot be read").to_owned();
                check.error("expression-syntax", at, format!("this is not an expression: {detail}")).help = Some(
                    "names, numbers, \"text\", `==`, `and`, `or`, `not`, `… if … else …`, `… is defined`".to_owned(),
                );
                return None;
            }
        };
        let mut written: Vec<String> = code.undeclared_variables(true).into_iter().collect();
        written.sort();
        let mut names = Vec::with_capacity(written.len());
        for name in written {
            let meaning = check.resolve(&name, at.clone(), sensitive);
            names.push((name, meaning?));
        }
        Some(Self { code, names })
    }

    /// What it comes to.
    ///
    /// # Errors
    /// When it cannot be worked out, as text plus a number cannot.
    pub fn eval(&self, scope: Scope<'_>) -> Result<minijinja::Value, Fault> {
        let mut plain: Vec<(minijinja::Value, minijinja::Value)> = Vec::with_capacity(self.names.len());
        let mut groups: [Vec<(String, minijinja::Value)>; 3] = Default::default();
        for (written, name) in &self.names {
            let Some(value) = scope.read(*name) else { continue };
            let value = minijinja::Value::from(&value);
            match (name, written.split_once('.')) {
                (Name::Call(_), Some((_, field))) => groups[0].push((field.to_owned(), value)),
                (Name::Now(_), Some((_, field))) => groups[1].push((field.to_owned(), value)),
                (Name::Result(_), Some((_, field))) => groups[2].push((field.to_owned(), value)),
                _ => plain.push((written.as_str().into(), value)),
            }
        }
        for (group, fields) in ["call", "now", "result"].into_iter().zip(groups) {
            plain.push((group.into(), minijinja::Value::from_iter(fields)));
        }
        self.code
            .eval(minijinja::Value::from_iter(plain))
            .map_err(|error| Fault::Expression(error.detail().unwrap_or("it cannot be worked out").to_owned()))
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

/// Text with holes.
#[derive(Debug)]
pub struct Template {
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a text.
#[derive(Debug)]
pub enum Piece {
    /// Said as it stands.
    Text(String),
    /// A name alone, which an answer's type knows how to speak.
    Name(Name),
    /// Anything else.
    Expression(Expression),
}

impl Template {
    /// Compiles a text that stands at a place.
    pub fn parse(source: &str, at: Range<usize>, check: &mut Checker) -> Option<Self> {
        if source.len() > MAX_TEXT {
            check.error("text-too-long", at, format!("this text has {} characters", source.len())).help =
                Some(format!("at most {MAX_TEXT}: make it several prompts"));
            return None;
        }
        let mut pieces = Vec::new();
        let mut rest = source;
        while let Some(open) = rest.find("{{") {
            push_text(&mut pieces, &rest[..open]);
            let hole = &rest[open + 2..];
            let Some(close) = close_of(hole) else {
                check.error("text-hole-open", at, "`{{` without `}}`").help = Some("write `{{ name }}`".to_owned());
                return None;
            };
            pieces.push(Piece::parse(hole[..close].trim(), at.clone(), check)?);
            rest = &hole[close + 2..];
        }
        push_text(&mut pieces, rest);
        Some(Self { pieces })
    }

    /// Text without holes.
    pub fn literal(text: &str) -> Self {
        let mut pieces = Vec::new();
        push_text(&mut pieces, text);
        Self { pieces }
    }

    /// The text, if it has no hole.
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with its holes filled, names in their stored form.
    ///
    /// # Errors
    /// When a hole cannot be worked out.
    pub fn fill(&self, scope: Scope<'_>) -> Result<String, Fault> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece.value(scope)? {
                Some(value) => text.push_str(&value.to_string()),
                None => text.push_str(piece.as_text()),
            }
        }
        Ok(text)
    }

    /// The value of a text that is nothing but one hole; the filled text otherwise. `None` where the hole is not set.
    ///
    /// # Errors
    /// When a hole cannot be worked out.
    pub fn value(&self, scope: Scope<'_>) -> Result<Option<Value>, Fault> {
        match self.pieces.as_slice() {
            [Piece::Name(name)] => Ok(scope.read(*name)),
            [Piece::Expression(code)] => {
                let value = code.eval(scope)?;
                Ok((!value.is_undefined() && !value.is_none()).then(|| value.into()))
            }
            _ => self.fill(scope).map(|text| Some(Value::Text(text))),
        }
    }
}

impl Piece {
    fn parse(source: &str, at: Range<usize>, check: &mut Checker) -> Option<Self> {
        let is_name = !source.is_empty()
            && !["true", "false", "none", "True", "False", "None"].contains(&source)
            && source.split('.').all(|part| {
                part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                    && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            });
        if is_name {
            return check.resolve(source, at, Sensitive::Refused).map(Self::Name);
        }
        Expression::parse(source, at, check, Sensitive::Refused).map(Self::Expression)
    }

    fn as_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    /// What a hole comes to; `None` for plain text and for what is not set.
    fn value(&self, scope: Scope<'_>) -> Result<Option<Value>, Fault> {
        match self {
            Self::Text(_) => Ok(None),
            Self::Name(name) => Ok(scope.read(*name)),
            Self::Expression(code) => {
                let value = code.eval(scope)?;
                Ok((!value.is_undefined() && !value.is_none()).then(|| value.into()))
            }
        }
    }
}

/// Finds what a dotted name of the shell means; `None` if it is not one.
pub fn built_in(name: &str) -> Option<Result<Name, Vec<&'static str>>> {
    let (group, field) = name.split_once('.').unwrap_or((name, ""));
    fn find<T: Copy>(list: &[(&'static str, T)], field: &str, make: fn(T) -> Name) -> Result<Name, Vec<&'static str>> {
        let found = list.iter().find(|(name, _)| *name == field).map(|(_, part)| make(*part));
        found.ok_or_else(|| list.iter().map(|(name, _)| *name).collect())
    }
    match group {
        "call" => Some(find(&FACTS, field, Name::Call)),
        "now" => Some(find(&CLOCKS, field, Name::Now)),
        "result" => Some(find(&PARTS, field, Name::Result)),
        _ => None,
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

/// Where a hole ends: the first `}}` outside quotes.
fn close_of(hole: &str) -> Option<usize> {
    let mut quote = None;
    let bytes = hole.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match quote {
            Some(open) if open == *byte => quote = None,
            None if matches!(byte, b'"' | b'\'') => quote = Some(*byte),
            None if bytes[at..].starts_with(b"}}") => return Some(at),
            _ => {}
        }
    }
    None
}

fn depth(source: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

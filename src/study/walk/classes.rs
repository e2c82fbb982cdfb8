//! The values of a name, in classes that no condition of the flow tells apart: each class is known by one of its values.

use crate::engine::answer::Answer;
use crate::engine::expression::{Comparison, Computed, Type};
use crate::engine::value::Value;

/// Not set.
pub const UNSET: u64 = 0;
/// No longer asked for: nothing is known.
pub const DEAD: u64 = 1 << 63;
/// Set to a value of none of the classes, which are too many: any condition may hold or not.
const BLURRED: u64 = 1 << 62;
/// Perhaps not set, beside the classes that it can be of: what a call begins with is one or the other.
pub const MAYBE: u64 = 1 << 61;
/// The most classes that are told apart.
const MAX_CLASSES: usize = 61;

/// What a condition asks of one name.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// Whether it is true.
    Flag,
    /// How it compares with a value.
    Compares(Comparison, Value),
}

impl Question {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Flag => value.is_true(),
            Self::Compares(comparison, other) => {
                let order = Computed::from(value).order(&Computed::from(other));
                order.is_some_and(|order| comparison.holds(order))
            }
        }
    }
}

/// The classes of one name. What is known of the name is a set of them, one bit each.
#[derive(Debug, Default)]
pub struct Classes {
    questions: Vec<Question>,
    values: Vec<Value>,
    /// For each question, the classes for which it comes out true.
    holds: Vec<u64>,
    /// All of them.
    all: u64,
}

impl Classes {
    /// Notes that a condition asks this.
    pub fn ask(&mut self, question: Question) {
        if !self.questions.contains(&question) {
            self.questions.push(question);
        }
    }

    /// Parts the values that a name can hold: those of its type, and those that the flow sets it to.
    pub fn part(&mut self, kind: Option<&dyn Answer>, set: &[Value]) {
        let mut found: Vec<(Vec<bool>, Value)> = Vec::new();
        for value in self.candidates(kind, set) {
            let answers: Vec<bool> = self
                .questions
                .iter()
                .map(|asked| asked.holds(&value))
                .collect();
            if !found.iter().any(|(other, _)| *other == answers) {
                found.push((answers, value));
            }
        }
        let blurred = found.len() > MAX_CLASSES;
        found.truncate(MAX_CLASSES);
        let bit = |at: usize| 1u64 << at;
        let extra = if blurred { BLURRED } else { 0 };
        self.all = (0..found.len()).map(bit).sum::<u64>() | extra;
        let holds = |question: usize| {
            let classes = found.iter().enumerate();
            let true_for = classes.filter(|(_, (answers, _))| answers[question]);
            true_for.map(|(at, _)| bit(at)).sum::<u64>()
        };
        self.holds = (0..self.questions.len()).map(holds).collect();
        self.values = found.into_iter().map(|(_, value)| value).collect();
    }

    /// Values among which there is one of every class.
    fn candidates(&self, kind: Option<&dyn Answer>, set: &[Value]) -> Vec<Value> {
        let mut all: Vec<Value> = set.to_vec();
        let compared: Vec<&Value> = self.compared().collect();
        let near = compared.iter().flat_map(|value| near(value));
        let Some(kind) = kind.filter(|kind| !kind.is_open()) else {
            all.extend(near);
            all.extend(compared.iter().map(|value| (*value).clone()));
            if self.questions.contains(&Question::Flag) {
                all.extend([Value::Boolean(true), Value::Boolean(false)]);
            } else {
                // A value that no condition names.
                all.push(Value::Text("\u{1}".to_owned()));
            }
            return all;
        };
        match kind.type_of() {
            Type::Boolean(_) => all.extend([Value::Boolean(true), Value::Boolean(false)]),
            Type::Integer { low, high } => all.extend([Value::Integer(low), Value::Integer(high)]),
            _ => all.extend(kind.values().into_iter().map(Value::Text)),
        }
        let example = kind.example();
        all.extend(kind.check(&example));
        all.extend(kind.check(&other_than(&example)));
        all.extend(near);
        all.extend(compared.into_iter().cloned());
        all.retain(|value| kind.accepts(value));
        all
    }

    /// All that a name can be once it is set.
    pub fn all(&self) -> u64 {
        self.all
    }

    /// What is known of a name that is set to a value.
    pub fn of(&self, value: &Value) -> u64 {
        let same = |other: &Value| {
            let mut asked = self.questions.iter();
            asked.all(|question| question.holds(value) == question.holds(other))
        };
        let found = self.values.iter().position(same);
        found.map_or(self.all, |at| 1 << at)
    }

    /// The values that conditions compare it with.
    pub fn compared(&self) -> impl Iterator<Item = &Value> {
        self.questions.iter().filter_map(|question| match question {
            Question::Compares(_, value) => Some(value),
            Question::Flag => None,
        })
    }

    /// A value of each class that is known to be possible, and whether it is the only one of its class; nothing where a
    /// value may be of none.
    pub fn values_of(&self, known: u64) -> Option<Vec<(Option<Value>, bool)>> {
        if known & (BLURRED | MAYBE) != 0 {
            return None;
        }
        let possible = self.values.iter().enumerate();
        let possible = possible.filter(|(at, _)| known & 1 << at != 0);
        let alone = |value: &Value| {
            let is = Question::Compares(Comparison::Equal, value.clone());
            self.questions.contains(&is)
        };
        Some(
            possible
                .map(|(_, value)| (Some(value.clone()), alone(value)))
                .collect(),
        )
    }

    /// Of what is known, what is left where a question comes out true, and where it comes out false.
    pub fn split(&self, known: u64, question: &Question) -> (u64, u64) {
        let asked = self.questions.iter().position(|other| other == question);
        match asked {
            Some(asked) => {
                let holds = self.holds[asked];
                (known & (holds | BLURRED), known & !holds)
            }
            None => (known & !MAYBE, known),
        }
    }

    /// A value of what is known.
    pub fn value(&self, known: u64) -> Option<&Value> {
        let mut values = (0..).zip(&self.values);
        let found = values.find(|(at, _)| known >> at & 1 == 1);
        found.map(|(_, value)| value)
    }

    /// The entries by which a caller makes it one of each class; empty where no entry is known for one of them.
    pub fn entries(&self, kind: &dyn Answer) -> Vec<(String, u64)> {
        let mut entries = Vec::new();
        if kind.depends_on_day() {
            return entries;
        }
        for (at, value) in self.values.iter().enumerate() {
            match keys(kind, value) {
                Some(keys) => entries.push((keys, 1 << at)),
                None => return Vec::new(),
            }
        }
        if self.all & BLURRED != 0 {
            return Vec::new();
        }
        entries
    }
}

/// What a caller enters for a value.
fn keys(kind: &dyn Answer, value: &Value) -> Option<String> {
    if let Some(keys) = kind.entry_of(value) {
        return Some(keys);
    }
    let whole = value.to_string();
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    let numbered = (1..=9.max(kind.values().len())).map(|number| number.to_string());
    let mut all = [whole, digits].into_iter().chain(numbered);
    all.find(|keys| kind.check(keys).as_ref() == Some(value))
}

/// An entry of the same length that differs in its last key.
fn other_than(entry: &str) -> String {
    let mut other = entry.to_owned();
    let last = other.pop();
    other.push(if last == Some('2') { '1' } else { '2' });
    other
}

/// The values on both sides of one that conditions compare with.
fn near(value: &Value) -> Vec<Value> {
    match value {
        Value::Integer(number) => vec![
            Value::Integer(number.saturating_sub(1)),
            Value::Integer(number.saturating_add(1)),
        ],
        Value::Number(number) => vec![Value::Number(number - 1.0), Value::Number(number + 1.0)],
        Value::Boolean(yes) => vec![Value::Boolean(!yes)],
        Value::Text(text) => near_text(text),
        // No condition compares with a list or a recording.
        Value::Entries(_) | Value::Recording(_) | Value::List(_) => Vec::new(),
    }
}

fn near_text(text: &str) -> Vec<Value> {
    let span = jiff::Span::new();
    let texts = if let Ok(day) = text.parse::<jiff::civil::Date>() {
        let days = [day.checked_sub(span.days(1)), day.checked_add(span.days(1))];
        days.into_iter()
            .flatten()
            .map(|day: jiff::civil::Date| format!("{day}"))
            .collect()
    } else if let Some(minute) = minutes(text) {
        let near = [
            minute.checked_sub(1),
            Some(minute + 1).filter(|minute| *minute < 24 * 60),
        ];
        let time = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        near.into_iter().flatten().map(time).collect()
    } else if let (Ok(number), length) = (text.parse::<u64>(), text.len()) {
        let near = [number.checked_sub(1), number.checked_add(1)];
        let near = near
            .into_iter()
            .flatten()
            .map(|number| format!("{number:0length$}"));
        near.collect()
    } else {
        vec![String::new(), format!("{text}\u{1}")]
    };
    texts.into_iter().map(Value::Text).collect()
}

fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (text.len() == 5 && hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

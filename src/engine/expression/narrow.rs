//! What a condition says about the names in it: where it holds, and where it does not.

use super::names::Name;
use super::tree::{Comparison, Kind, Term};
use super::types::{TextType, Type};
use crate::engine::value::Value;

/// What names can still be, where that is less than their type says.
#[derive(Clone, Debug, Default)]
pub struct Narrowed {
    names: Vec<(Name, Type)>,
}

/// What a literal comes to.
pub(super) fn literal(node: &Term) -> Option<Value> {
    Some(match &node.kind {
        Kind::Text(text) => Value::Text(text.clone()),
        Kind::Integer(number) => Value::Integer(*number),
        Kind::Number(number) => Value::Number(*number),
        Kind::Boolean(yes) => Value::Boolean(*yes),
        _ => return None,
    })
}

/// A name beside a literal, whichever stands first: the comparison with the name on its left.
pub(super) fn name_and_literal<'n>(
    comparison: Comparison,
    one: &'n Term,
    other: &'n Term,
) -> Option<(usize, Comparison, Value)> {
    match (&one.kind, &other.kind) {
        (Kind::Name(name) | Kind::Optional(name), _) => Some((*name, comparison, literal(other)?)),
        (_, Kind::Name(name) | Kind::Optional(name)) => {
            Some((*name, comparison.swapped(), literal(one)?))
        }
        _ => None,
    }
}

impl Narrowed {
    /// What a name can be here.
    pub fn get(&self, name: Name) -> Option<&Type> {
        let found = self.names.iter().find(|(other, _)| *other == name);
        found.map(|(_, narrow)| narrow)
    }

    /// Learns that a condition holds, or that it does not. `full` is what a name's type says.
    pub(super) fn learn(
        &mut self,
        node: &Term,
        holds: bool,
        names: &[Name],
        full: &dyn Fn(Name) -> Type,
    ) {
        match &node.kind {
            Kind::Not(inner) => self.learn(inner, !holds, names, full),
            Kind::And(one, other) if holds => {
                self.learn(one, true, names, full);
                self.learn(other, true, names, full);
            }
            Kind::Or(one, other) if !holds => {
                self.learn(one, false, names, full);
                self.learn(other, false, names, full);
            }
            Kind::And(one, other) | Kind::Or(one, other) => {
                // One of two cases: the first comes out so, or else the second does.
                let (mut first, mut second) = (self.clone(), self.clone());
                first.learn(one, holds, names, full);
                second.learn(one, !holds, names, full);
                second.learn(other, holds, names, full);
                *self = first.either(&second);
            }
            Kind::Name(name) | Kind::Optional(name) => {
                self.restrict(names[*name], full, |of| match of {
                    Type::Boolean(_) => Type::Boolean(Some(holds)),
                    other => other,
                });
            }
            Kind::Compare(comparison, one, other) => {
                if let Some((name, comparison, value)) = name_and_literal(*comparison, one, other) {
                    let wanted = if holds {
                        comparison
                    } else {
                        comparison.opposite()
                    };
                    self.restrict(names[name], full, |of| compared(of, wanted, &value));
                }
            }
            Kind::In(one, other) => {
                if let (Kind::Name(name) | Kind::Optional(name), Kind::List(parts)) =
                    (&one.kind, &other.kind)
                    && let Some(values) = parts.iter().map(literal).collect::<Option<Vec<_>>>()
                {
                    self.restrict(names[*name], full, |of| listed(of, &values, holds));
                }
            }
            _ => {}
        }
    }

    fn restrict(
        &mut self,
        name: Name,
        full: &dyn Fn(Name) -> Type,
        narrow: impl FnOnce(Type) -> Type,
    ) {
        let before = self.get(name).cloned().unwrap_or_else(|| full(name));
        let after = narrow(before);
        match self.names.iter_mut().find(|(other, _)| *other == name) {
            Some((_, known)) => *known = after,
            None => self.names.push((name, after)),
        }
    }

    /// What is known where one or the other is.
    fn either(&self, other: &Self) -> Self {
        let both = self.names.iter().filter_map(|(name, one)| {
            let either = one.either(other.get(*name)?)?;
            Some((*name, either))
        });
        Self {
            names: both.collect(),
        }
    }
}

/// What is left of a type where a comparison with a value holds.
fn compared(of: Type, comparison: Comparison, value: &Value) -> Type {
    match (of, value) {
        (Type::Integer { low, high }, Value::Integer(number)) => {
            bounded(low, high, comparison, *number)
        }
        (Type::Boolean(_), Value::Boolean(yes)) if !comparison.is_order() => {
            Type::Boolean(Some(*yes == (comparison == Comparison::Equal)))
        }
        (Type::Text(text), Value::Text(word)) => match (text, comparison) {
            (TextType::Words(words), Comparison::Equal) => {
                Type::words(words.iter().filter(|other| ***other == **word))
            }
            (TextType::Words(words), Comparison::Unequal) => {
                Type::words(words.iter().filter(|other| ***other != **word))
            }
            (_, Comparison::Equal) => Type::words([word]),
            (text, _) => Type::Text(text),
        },
        (of, _) => of,
    }
}

fn bounded(low: i64, high: i64, comparison: Comparison, number: i64) -> Type {
    let (low, high) = match comparison {
        Comparison::Equal => (low.max(number), high.min(number)),
        Comparison::Unequal if low == number => (low.saturating_add(1), high),
        Comparison::Unequal if high == number => (low, high.saturating_sub(1)),
        Comparison::Unequal => (low, high),
        Comparison::Less => (low, high.min(number.saturating_sub(1))),
        Comparison::LessOrEqual => (low, high.min(number)),
        Comparison::Greater => (low.max(number.saturating_add(1)), high),
        Comparison::GreaterOrEqual => (low.max(number), high),
    };
    Type::Integer { low, high }
}

/// What is left of a type where its value is in a list, or not.
fn listed(of: Type, values: &[Value], holds: bool) -> Type {
    let texts = || {
        values.iter().filter_map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    };
    match of {
        Type::Text(TextType::Words(words)) => Type::words(
            words
                .iter()
                .filter(|word| texts().any(|text| *text == ***word) == holds),
        ),
        Type::Text(_) if holds => Type::words(texts()),
        Type::Integer { low, high } if holds => {
            let numbers = values.iter().filter_map(|value| match value {
                Value::Integer(number) => Some(*number),
                _ => None,
            });
            let inside: Vec<i64> = numbers
                .filter(|number| (low..=high).contains(number))
                .collect();
            Type::Integer {
                low: inside.iter().min().copied().unwrap_or(i64::MAX),
                high: inside.iter().max().copied().unwrap_or(i64::MIN),
            }
        }
        other => other,
    }
}

//! What an expression comes to at one moment of a call.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::computed::Computed;
use super::filter::Filter;
use super::names::{Name, Values};
use super::tree::{Affix, Comparison, Kind, Operator, Term};
use crate::engine::fault::Fault;

/// The longest text that an expression may come to, in bytes.
const MAX_TEXT: usize = 4096;
/// The most entries of a list that an expression may come to.
const MAX_LIST: usize = 1000;

/// `None` where what it reads is not set.
type Outcome<'a> = Result<Option<Computed<'a>>, Fault>;

/// Works an expression out.
pub(super) struct Eval<'a> {
    pub names: &'a [Name],
    pub values: &'a dyn Values,
}

impl<'a> Eval<'a> {
    /// What a part comes to.
    pub fn value(&self, node: &'a Term) -> Outcome<'a> {
        Ok(Some(match &node.kind {
            Kind::Text(text) => Computed::text(text),
            Kind::Integer(number) => Computed::Integer(*number),
            Kind::Number(number) => Computed::Number(*number),
            Kind::Boolean(yes) => Computed::Boolean(*yes),
            Kind::Name(name) => return Ok(self.values.need(self.names[*name])),
            Kind::Optional(name) => return Ok(self.values.read(self.names[*name])),
            Kind::List(parts) => {
                let mut list = Vec::with_capacity(parts.len());
                for part in parts {
                    list.extend(self.value(part)?);
                }
                Computed::List(list)
            }
            Kind::If(when, one, other) => {
                return self.value(if self.holds(when)? { one } else { other });
            }
            Kind::Not(_)
            | Kind::And(..)
            | Kind::Or(..)
            | Kind::Compare(..)
            | Kind::In(..)
            | Kind::Affix(..)
            | Kind::Defined(_) => Computed::Boolean(self.holds(node)?),
            Kind::Negative(part) => return self.negative(part),
            Kind::Arithmetic(operator, one, other) => {
                return self.arithmetic(*operator, one, other);
            }
            Kind::Join(one, other) => self.join(one, other)?,
            Kind::Slice(of, from, to) => return self.slice(of, *from, *to),
            Kind::Filter(filter, of, arguments) => return self.filter(*filter, of, arguments),
            Kind::Call(name, with) => return self.call(self.names[*name], with),
        }))
    }

    /// Whether a condition holds. The bare name of a flag that is not set is false, and nobody minds.
    pub fn holds(&self, node: &'a Term) -> Result<bool, Fault> {
        Ok(match &node.kind {
            Kind::Name(name) | Kind::Optional(name) => {
                let value = self.values.read(self.names[*name]);
                value.is_some_and(|value| value.is_true())
            }
            Kind::Not(part) => !self.holds(part)?,
            Kind::And(one, other) => self.holds(one)? && self.holds(other)?,
            Kind::Or(one, other) => self.holds(one)? || self.holds(other)?,
            Kind::If(when, one, other) => {
                self.holds(if self.holds(when)? { one } else { other })?
            }
            // A list without entries is none yet.
            Kind::Defined(name) => match self.values.read(self.names[*name]) {
                Some(Computed::Entries(count)) => count > 0,
                value => value.is_some(),
            },
            Kind::Compare(comparison, one, other) => self.compares(*comparison, one, other)?,
            Kind::In(one, other) => self.is_in(one, other)?,
            Kind::Affix(affix, one, other) => self.has(*affix, one, other)?,
            _ => self.value(node)?.is_some_and(|value| value.is_true()),
        })
    }

    /// What is not set, and what is unlike, is not the same and neither more nor less.
    fn compares(
        &self,
        comparison: Comparison,
        one: &'a Term,
        other: &'a Term,
    ) -> Result<bool, Fault> {
        let (one, other) = (self.value(one)?, self.value(other)?);
        let order = one.zip(other).and_then(|(one, other)| one.order(&other));
        Ok(match order {
            Some(order) => comparison.holds(order),
            None => comparison == Comparison::Unequal,
        })
    }

    fn is_in(&self, one: &'a Term, other: &'a Term) -> Result<bool, Fault> {
        let Some(one) = self.value(one)? else {
            return Ok(false);
        };
        // A list that is written out is not made for it.
        if let Kind::List(parts) = &other.kind {
            for part in parts {
                let part = self.value(part)?;
                if part.is_some_and(|part| one.order(&part).is_some_and(Ordering::is_eq)) {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        Ok(match (one, self.value(other)?) {
            (Computed::Text(one), Some(Computed::Text(other))) => other.contains(&*one),
            (one, Some(Computed::List(parts))) => parts
                .iter()
                .any(|part| one.order(part).is_some_and(Ordering::is_eq)),
            _ => false,
        })
    }

    fn has(&self, affix: Affix, one: &'a Term, other: &'a Term) -> Result<bool, Fault> {
        Ok(match (self.value(one)?, self.value(other)?) {
            (Some(Computed::Text(text)), Some(Computed::Text(part))) => affix.holds(&text, &part),
            _ => false,
        })
    }

    fn call(&self, name: Name, with: &'a [Term]) -> Outcome<'a> {
        let mut values = Vec::with_capacity(with.len());
        for part in with {
            let Some(value) = self.value(part)? else {
                return Ok(None);
            };
            values.push(value);
        }
        self.values.ask(name, &values)
    }

    fn negative(&self, part: &'a Term) -> Outcome<'a> {
        match self.value(part)? {
            None => Ok(None),
            Some(Computed::Integer(number)) => number
                .checked_neg()
                .map(|number| Some(Computed::Integer(number)))
                .ok_or_else(too_large),
            Some(Computed::Number(number)) => Ok(Some(Computed::Number(-number))),
            Some(other) => Err(no_number(&other)),
        }
    }

    fn arithmetic(&self, operator: Operator, one: &'a Term, other: &'a Term) -> Outcome<'a> {
        let (Some(one), Some(other)) = (self.value(one)?, self.value(other)?) else {
            return Ok(None);
        };
        if let (Computed::Integer(one), Computed::Integer(other)) = (&one, &other) {
            return whole(operator, *one, *other).map(Some);
        }
        let number = |value: &Computed<'_>| match value {
            Computed::Integer(number) => Ok(*number as f64),
            Computed::Number(number) => Ok(*number),
            other => Err(no_number(other)),
        };
        let (one, other) = (number(&one)?, number(&other)?);
        let is_division = matches!(operator, Operator::Divide | Operator::Remainder);
        if is_division && other == 0.0 {
            return Err(by_zero());
        }
        let result = match operator {
            Operator::Plus => one + other,
            Operator::Minus => one - other,
            Operator::Times => one * other,
            Operator::Divide => one.div_euclid(other),
            Operator::Remainder => one.rem_euclid(other),
        };
        if result.is_finite() {
            Ok(Some(Computed::Number(result)))
        } else {
            Err(too_large())
        }
    }

    fn join(&self, one: &'a Term, other: &'a Term) -> Result<Computed<'a>, Fault> {
        let text =
            |value: Option<Computed<'a>>| value.map_or(Cow::Borrowed(""), Computed::into_text);
        let (one, other) = (text(self.value(one)?), text(self.value(other)?));
        if one.is_empty() {
            return bounded(other);
        }
        let mut joined = one.into_owned();
        joined.push_str(&other);
        bounded(Cow::Owned(joined))
    }

    fn slice(&self, of: &'a Term, from: Option<i64>, to: Option<i64>) -> Outcome<'a> {
        Ok(match self.value(of)? {
            None => None,
            Some(Computed::List(mut parts)) => {
                let (from, to) = cut(parts.len(), from, to);
                parts.truncate(to);
                Some(Computed::List(parts.split_off(from.min(parts.len()))))
            }
            Some(other) => Some(Computed::Text(sliced(other.into_text(), from, to))),
        })
    }

    fn filter(&self, filter: Filter, of: &'a Term, arguments: &'a [Term]) -> Outcome<'a> {
        if filter == Filter::Default {
            let subject = self.or_nothing(of)?;
            return match subject {
                Some(value) => Ok(Some(value)),
                None => self.value(&arguments[0]),
            };
        }
        let Some(subject) = self.value(of)? else {
            return Ok(None);
        };
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let Some(value) = self.value(argument)? else {
                return Ok(None);
            };
            values.push(value);
        }
        applied(filter, subject, values)
    }

    /// What a part comes to of which it does not matter that it may be unset.
    fn or_nothing(&self, node: &'a Term) -> Outcome<'a> {
        match &node.kind {
            Kind::Name(name) => Ok(self.values.read(self.names[*name])),
            _ => self.value(node),
        }
    }
}

fn whole<'a>(operator: Operator, one: i64, other: i64) -> Result<Computed<'a>, Fault> {
    let is_division = matches!(operator, Operator::Divide | Operator::Remainder);
    if is_division && other == 0 {
        return Err(by_zero());
    }
    let result = match operator {
        Operator::Plus => one.checked_add(other),
        Operator::Minus => one.checked_sub(other),
        Operator::Times => one.checked_mul(other),
        Operator::Divide => one.checked_div_euclid(other),
        Operator::Remainder => one.checked_rem_euclid(other),
    };
    result.map(Computed::Integer).ok_or_else(too_large)
}

/// A filter on what is set.
fn applied<'a>(filter: Filter, subject: Computed<'a>, arguments: Vec<Computed<'a>>) -> Outcome<'a> {
    let mut arguments = arguments.into_iter();
    let mut text = || {
        arguments
            .next()
            .map_or(Cow::Borrowed(""), Computed::into_text)
    };
    Ok(Some(match (filter, subject) {
        (Filter::Default | Filter::As, subject) => subject,
        (Filter::Length, Computed::List(parts)) => Computed::Integer(parts.len() as i64),
        (Filter::Length, Computed::Entries(count)) => Computed::Integer(count as i64),
        (Filter::Length, subject) => Computed::Integer(subject.into_text().chars().count() as i64),
        (Filter::First, Computed::List(parts)) => return Ok(parts.into_iter().next()),
        (Filter::Last, Computed::List(parts)) => return Ok(parts.into_iter().next_back()),
        (Filter::First, subject) => return Ok(part(sliced(subject.into_text(), None, Some(1)))),
        (Filter::Last, subject) => return Ok(part(sliced(subject.into_text(), Some(-1), None))),
        (Filter::Join, Computed::List(parts)) => joined(parts, &text())?,
        (Filter::Upper | Filter::Lower | Filter::Trim, Computed::List(parts)) => {
            let parts = parts
                .into_iter()
                .map(|part| applied(filter, part, Vec::new()));
            let parts: Vec<Option<_>> = parts.collect::<Result<_, _>>()?;
            Computed::List(parts.into_iter().flatten().collect())
        }
        (Filter::Join, subject) => subject,
        (Filter::Round, subject) => rounded(subject, arguments.next().as_ref())?,
        (Filter::Integer, subject) => integer(subject)?,
        (Filter::Days, subject) => days(&subject.into_text(), arguments.next().as_ref())?,
        (Filter::Upper, subject) => bounded(Cow::Owned(subject.into_text().to_uppercase()))?,
        (Filter::Lower, subject) => bounded(Cow::Owned(subject.into_text().to_lowercase()))?,
        (Filter::Trim, subject) => Computed::Text(match subject.into_text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }),
        (Filter::Replace, subject) => replaced(&subject.into_text(), &text(), &text())?,
        (Filter::Split, subject) => split(&subject.into_text(), &text())?,
        (Filter::Digits, subject) => bounded(Cow::Owned(spaced(&subject.into_text())))?,
    }))
}

fn part(text: Cow<'_, str>) -> Option<Computed<'_>> {
    (!text.is_empty()).then_some(Computed::Text(text))
}

fn joined<'a>(parts: Vec<Computed<'a>>, between: &str) -> Result<Computed<'a>, Fault> {
    let mut text = String::new();
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            text.push_str(between);
        }
        text.push_str(&part.into_text());
        if text.len() > MAX_TEXT {
            return Err(too_long());
        }
    }
    Ok(Computed::Text(Cow::Owned(text)))
}

fn replaced<'a>(text: &str, from: &str, to: &str) -> Result<Computed<'a>, Fault> {
    if from.is_empty() {
        return bounded(Cow::Owned(text.to_owned()));
    }
    let grows = text.matches(from).count().saturating_mul(to.len());
    if grows > MAX_TEXT {
        return Err(too_long());
    }
    bounded(Cow::Owned(text.replace(from, to)))
}

fn split<'a>(text: &str, at: &str) -> Result<Computed<'a>, Fault> {
    let part = |part: &str| Computed::Text(Cow::Owned(part.to_owned()));
    if at.is_empty() {
        return Ok(Computed::List(vec![part(text)]));
    }
    let parts: Vec<_> = text.split(at).take(MAX_LIST + 1).map(part).collect();
    if parts.len() > MAX_LIST {
        return Err(too_long());
    }
    Ok(Computed::List(parts))
}

fn rounded<'a>(number: Computed<'a>, digits: Option<&Computed<'a>>) -> Result<Computed<'a>, Fault> {
    let number = match number {
        Computed::Number(number) => number,
        whole @ Computed::Integer(_) => return Ok(whole),
        other => return Err(no_number(&other)),
    };
    if let Some(Computed::Integer(digits)) = digits {
        let scale = 10f64.powi((*digits).clamp(0, 15) as i32);
        return Ok(Computed::Number((number * scale).round() / scale));
    }
    let rounded = number.round();
    // All whole numbers below 2^53 are exact.
    if rounded.abs() < 9_007_199_254_740_992.0 {
        Ok(Computed::Integer(rounded as i64))
    } else {
        Err(too_large())
    }
}

fn integer(value: Computed<'_>) -> Result<Computed<'_>, Fault> {
    match value {
        Computed::Integer(_) => Ok(value),
        Computed::Number(number) => rounded(Computed::Number(number.trunc()), None),
        Computed::Boolean(yes) => Ok(Computed::Integer(i64::from(yes))),
        other => other
            .to_string()
            .trim()
            .parse()
            .map(Computed::Integer)
            .map_err(|_| no_number(&other)),
    }
}

fn days<'a>(date: &str, days: Option<&Computed<'a>>) -> Result<Computed<'a>, Fault> {
    let Some(Computed::Integer(days)) = days else {
        return Err(fault("`days` takes a whole number"));
    };
    let date: jiff::civil::Date = date.parse().map_err(|_| fault("`days` is of a date"))?;
    let later = jiff::Span::new()
        .try_days(*days)
        .and_then(|days| date.checked_add(days))
        .map_err(|_| fault("the date is out of range"))?;
    Ok(Computed::Text(Cow::Owned(later.to_string())))
}

fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() * 2);
    for (at, sign) in text.chars().enumerate() {
        if at > 0 {
            spaced.push(' ');
        }
        spaced.push(sign);
    }
    spaced
}

/// Where a slice of so many begins and ends: negative bounds count from the end.
pub(super) fn cut(length: usize, from: Option<i64>, to: Option<i64>) -> (usize, usize) {
    let place = |bound: i64| {
        let from_start = usize::try_from(bound).map(|bound| bound.min(length));
        let from_end = usize::try_from(bound.unsigned_abs()).unwrap_or(length);
        from_start.unwrap_or(length.saturating_sub(from_end))
    };
    let (from, to) = (from.map_or(0, place), to.map_or(length, place));
    (from, to.max(from))
}

/// A part of a text, counted in characters.
pub(super) fn sliced(text: Cow<'_, str>, from: Option<i64>, to: Option<i64>) -> Cow<'_, str> {
    let (from, to) = cut(text.chars().count(), from, to);
    let byte = |place: usize| {
        let found = text.char_indices().nth(place);
        found.map_or(text.len(), |(byte, _)| byte)
    };
    let (from, to) = (byte(from), byte(to));
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[from..to]),
        Cow::Owned(text) => Cow::Owned(text[from..to].to_owned()),
    }
}

fn bounded(text: Cow<'_, str>) -> Result<Computed<'_>, Fault> {
    if text.len() > MAX_TEXT {
        return Err(too_long());
    }
    Ok(Computed::Text(text))
}

fn fault(message: &str) -> Fault {
    Fault::Expression(message.to_owned())
}

fn too_large() -> Fault {
    fault("the number is too large")
}

fn too_long() -> Fault {
    fault("the text is too long")
}

fn by_zero() -> Fault {
    fault("a number is divided by zero")
}

fn no_number(value: &Computed<'_>) -> Fault {
    match value {
        Computed::List(_) | Computed::Entries(_) | Computed::Fields(_) => {
            fault("a list is no number")
        }
        _ => fault("a text is no number"),
    }
}

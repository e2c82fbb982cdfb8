//! The check of comparisons: of like with like, with values that can be.

use super::super::narrow::literal;
use super::super::tree::{Affix, Comparison, Kind, Term};
use super::super::types::{Family, TextType, Type};
use super::{Typing, said};
use crate::engine::value::Value;
use crate::written::Code;
use crate::written::diag::nearest;

impl Typing<'_> {
    pub(super) fn comparison(
        &mut self,
        node: &Term,
        comparison: Comparison,
        (one, other): (&Term, &Term),
        positive: bool,
    ) {
        let (of, with) = (self.value(one), self.value(other));
        if !of.is_like(&with) {
            return self.unlike(node, comparison, (one, &of), (other, &with));
        }
        if of.family() == Some(Family::List) && with.family() == Some(Family::List) {
            return self.lists(node, (one, &of), (other, &with));
        }
        let is_same = !comparison.is_order();
        if !is_same && !self.has_order(one, &of) | !self.has_order(other, &with) {
            return;
        }
        if !self.is_possible(comparison, (one, &of), (other, &with)) {
            return;
        }
        if let Some(holds) = decided(comparison, &of, &with) {
            let (text, of) = if one.is_literal() {
                (other, with)
            } else {
                (one, of)
            };
            // A variable may still be unset, and what is set to it may change; so may what has one value only.
            let may_change = holds && (self.has_variable(one) || self.has_variable(other));
            if !of.is_single() && !may_change {
                let help = format!("`{}` is {}", self.text(text), of.describe());
                self.constant(node, holds, help);
            }
            return;
        }
        let narrowed = |node: &Term, of: Type| self.narrowed(node).unwrap_or(of);
        let (of, with) = (narrowed(one, of), narrowed(other, with));
        if decided(comparison, &of, &with) == Some(!positive) {
            let (of, subject) = if one.is_literal() {
                (with, other)
            } else {
                (of, one)
            };
            self.never(node, &of, subject);
        }
    }

    /// Says that lists are not compared as wholes.
    fn lists(&mut self, node: &Term, one: (&Term, &Type), other: (&Term, &Type)) {
        let (subject, value) = if matches!(one.0.kind, Kind::List(_)) {
            (other, one)
        } else {
            (one, other)
        };
        let name = self.text(subject.0);
        let help = match (&value.0.kind, subject.1) {
            (Kind::List(parts), _) if parts.is_empty() => {
                format!("ask how long it is: `({name} | length) == 0`")
            }
            (_, Type::Entries { .. }) => format!("ask how long it is: `{name} | length`"),
            _ => format!(
                "ask for one of its entries, `… in {name}`, or how long it is: `{name} | length`"
            ),
        };
        let message = format!("`{name}` is a list, which is not compared as a whole");
        self.problem(Code::TypesDiffer, node, message, help);
    }

    fn unlike(
        &mut self,
        node: &Term,
        comparison: Comparison,
        one: (&Term, &Type),
        other: (&Term, &Type),
    ) {
        let message = format!(
            "`{}` is {}, but `{}` is {}",
            self.text(one.0),
            said(one.0, one.1),
            self.text(other.0),
            said(other.0, other.1)
        );
        let (subject, value, swapped) = if one.0.is_literal() {
            (other, one, true)
        } else {
            (one, other, false)
        };
        let name = self.text(subject.0);
        let compare = |left: &str, right: &str| {
            let sign = comparison.as_str();
            if swapped {
                format!("`{right} {sign} {left}`")
            } else {
                format!("`{left} {sign} {right}`")
            }
        };
        let written = literal(value.0).as_ref().map(ToString::to_string);
        let help = match (subject.1, written) {
            (Type::Recording, _) => {
                format!("only whether it is there can be asked: `{name} is defined`")
            }
            (Type::List(_), _) => of_list(name, comparison, self.text(value.0)),
            (Type::Boolean(_), _) => format!("write `{name}` or `not {name}`"),
            (Type::Text(TextType::Digits { .. }), Some(number)) if comparison.is_order() => {
                let left = format!("{name} | integer");
                format!(
                    "digits are a text; as a number write {}",
                    compare(&left, &number)
                )
            }
            (Type::Text(TextType::Time), Some(hour)) => {
                let time = as_time(&hour).unwrap_or_else(|| "09:30".to_owned());
                format!("times are texts: {}", compare(name, &format!("'{time}'")))
            }
            (Type::Text(TextType::Date), _) => {
                format!("dates are texts: {}", compare(name, "'2026-11-23'"))
            }
            (Type::Text(TextType::Words(words)), Some(value))
                if !words.iter().any(|word| **word == *value) =>
            {
                format!(
                    "compare with one of its values: {}",
                    compare(name, &format!("'{}'", words[0]))
                )
            }
            (Type::Text(_), Some(value)) => {
                format!("put it in quotes: {}", compare(name, &format!("'{value}'")))
            }
            (Type::Integer { .. } | Type::Number, Some(text)) if text.parse::<f64>().is_ok() => {
                format!("leave out the quotes: {}", compare(name, &text))
            }
            _ => "only what is alike can be compared".to_owned(),
        };
        self.problem(Code::TypesDiffer, node, message, help);
    }

    /// Whether more and less mean something for a part.
    fn has_order(&mut self, node: &Term, of: &Type) -> bool {
        let text = self.text(node);
        let help = match of {
            Type::Boolean(_) => format!("write `{text}` or `not {text}`"),
            Type::List(_) | Type::Entries { .. } => {
                format!("ask how long it is: `{text} | length`")
            }
            Type::Recording => {
                format!("only whether it is there can be asked: `{text} is defined`")
            }
            Type::Text(TextType::Digits { low, high }) if low != high => {
                format!("digits compare as text; as a number write `{text} | integer`")
            }
            Type::Text(text) if !text.is_ordered() => "compare by `==` or `in`".to_owned(),
            _ => return true,
        };
        let message = format!("`{text}` is {}: none is more or less", of.describe());
        self.problem(Code::TypesDiffer, node, message, help);
        false
    }

    /// Whether two sides can be the same, or a value that is written out can be one of the other side.
    fn is_possible(
        &mut self,
        comparison: Comparison,
        one: (&Term, &Type),
        other: (&Term, &Type),
    ) -> bool {
        let (subject, value) = if one.0.is_literal() {
            (other, one)
        } else {
            (one, other)
        };
        if subject.0.is_literal() {
            return true;
        }
        if let (Type::Text(text), Some(Value::Text(word))) = (subject.1, literal(value.0)) {
            return text.admits(&word) || self.impossible(subject, text, value.0, &word);
        }
        if !comparison.is_order() && literal(value.0).is_some() && !subject.1.meets(value.1) {
            let name = self.text(subject.0);
            let message = format!("`{name}` is never {}", self.text(value.0));
            let help = format!("`{name}` is {}", subject.1.describe());
            self.problem(self.never_code(subject.0), value.0, message, help);
            return false;
        }
        if let (Type::Text(_), Type::Text(_)) = (one.1, other.1)
            && !one.1.meets(other.1)
        {
            let message = format!(
                "`{}` is never the same as `{}`",
                self.text(one.0),
                self.text(other.0)
            );
            let help = format!(
                "one is {}, the other {}",
                one.1.describe(),
                other.1.describe()
            );
            self.problem(self.never_code(one.0), other.0, message, help);
            return false;
        }
        true
    }

    /// Says that a text is none of those that a part can be; always false.
    fn impossible(
        &mut self,
        subject: (&Term, &Type),
        text: &TextType,
        at: &Term,
        word: &str,
    ) -> bool {
        let name = self.text(subject.0);
        let help = match text {
            TextType::Words(words) => match nearest(word, words.iter().map(|word| &**word)) {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("`{name}` is {}", subject.1.describe()),
            },
            TextType::Time => match as_time(word) {
                Some(time) => format!("write '{time}': times have two digits on both sides"),
                None => "a time is written '09:30'".to_owned(),
            },
            TextType::Date => match as_date(word) {
                Some(date) => format!("write '{date}': year, month, day"),
                None => "a date is written '2026-11-23'".to_owned(),
            },
            TextType::Phone | TextType::Caller => {
                "a number is written with `+` and country code: '+442079460000'".to_owned()
            }
            _ => format!("`{name}` is {}", subject.1.describe()),
        };
        let message = format!("`{name}` is never '{word}'");
        self.problem(self.never_code(subject.0), at, message, help);
        false
    }

    pub(super) fn is_in(&mut self, node: &Term, one: &Term, other: &Term, positive: bool) {
        let of = self.value(one);
        if let Kind::List(parts) = &other.kind {
            return self.is_listed(node, (one, &of), parts, positive);
        }
        let with = self.value(other);
        match &with {
            Type::Open => {}
            Type::List(each) => {
                if !of.is_like(each) || !of.meets(each) {
                    let message =
                        format!("`{}` is never in `{}`", self.text(one), self.text(other));
                    let help = format!("its entries are {}", each.describe());
                    self.problem(self.never_code(other), one, message, help);
                }
            }
            Type::Text(_) if matches!(of, Type::Text(_) | Type::Open) => {}
            _ => {
                let message = format!(
                    "`in` does not fit {} and {}",
                    said(one, &of),
                    said(other, &with)
                );
                let help = "on its right stands a list such as `['a', 'b']`, or a text";
                self.problem(Code::TypesDiffer, node, message, help.to_owned());
            }
        }
    }

    fn is_listed(&mut self, node: &Term, one: (&Term, &Type), parts: &[Term], positive: bool) {
        let before = self.problems.len();
        for part in parts {
            let with = self.value(part);
            if one.1.is_like(&with) {
                self.is_possible(Comparison::Equal, one, (part, &with));
            } else {
                self.unlike(part, Comparison::Equal, one, (part, &with));
            }
        }
        let narrowed = self.narrowed(one.0);
        if let (Some(narrowed), true) = (narrowed, before == self.problems.len()) {
            let possible = parts.iter().any(|part| {
                let with = literal(part).map_or(Type::Open, |value| Type::of(&value));
                narrowed.meets(&with)
            });
            if possible != positive && !possible {
                self.never(node, &narrowed, one.0);
            }
        }
    }

    pub(super) fn affix(&mut self, affix: Affix, node: &Term, one: &Term, other: &Term) {
        let (of, with) = (self.value(one), self.value(other));
        for (part, of) in [(one, &of), (other, &with)] {
            if !matches!(of, Type::Text(_) | Type::Open) {
                let message = format!(
                    "`{}` is of texts, but `{}` is {}",
                    affix.as_str(),
                    self.text(part),
                    said(part, of)
                );
                let help = "compare numbers by `==`, `<` and `>`; a text stands in quotes";
                return self.problem(Code::TypesDiffer, part, message, help.to_owned());
            }
        }
        let (Type::Text(text), Some(Value::Text(word))) = (&of, literal(other)) else {
            return;
        };
        let possible = match text {
            TextType::Words(words) => words.iter().any(|whole| affix.holds(whole, &word)),
            TextType::Digits { high, .. } => {
                word.len() <= *high as usize && word.bytes().all(|byte| byte.is_ascii_digit())
            }
            TextType::Phone | TextType::Caller if affix == Affix::Start => {
                !word.starts_with(|c: char| c.is_ascii_digit())
            }
            _ => true,
        };
        if !possible && !one.is_literal() {
            let how = affix.as_str();
            let message = format!("`{}` never {how} '{word}'", self.text(one));
            let help = format!("it is {}", of.describe());
            self.problem(self.never_code(one), node, message, help);
        }
    }
}

/// Whether a comparison comes out the same whatever the sides hold.
fn decided(comparison: Comparison, one: &Type, other: &Type) -> Option<bool> {
    match (one, other) {
        (Type::Integer { low, high }, Type::Integer { low: l, high: h }) => {
            let (low, high) = (low.cmp(h), high.cmp(l));
            // How the smallest compares with the largest of the other side, and the largest with the smallest.
            let outcome = match comparison {
                Comparison::Less => (high.is_lt(), low.is_ge()),
                Comparison::LessOrEqual => (high.is_le(), low.is_gt()),
                Comparison::Greater => (low.is_gt(), high.is_le()),
                Comparison::GreaterOrEqual => (low.is_ge(), high.is_lt()),
                Comparison::Equal => (low.is_eq() && high.is_eq(), low.is_gt() || high.is_lt()),
                Comparison::Unequal => (low.is_gt() || high.is_lt(), low.is_eq() && high.is_eq()),
            };
            verdict(outcome)
        }
        (Type::Boolean(Some(one)), Type::Boolean(Some(other))) => {
            Some((one == other) == (comparison == Comparison::Equal))
        }
        (Type::Text(TextType::Words(one)), Type::Text(TextType::Words(other))) => {
            let same = one.len() == 1 && one == other;
            let never = !one.iter().any(|word| other.contains(word));
            match comparison {
                Comparison::Equal => verdict((same, never)),
                Comparison::Unequal => verdict((never, same)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What would be right where a list is compared with a value.
fn of_list(list: &str, comparison: Comparison, value: &str) -> String {
    if comparison.is_order() {
        format!("ask how long it is: `{list} | length`")
    } else {
        format!("ask whether it is one of them: `{value} in {list}`")
    }
}

/// From "surely holds" and "surely does not".
fn verdict((holds, fails): (bool, bool)) -> Option<bool> {
    if holds {
        Some(true)
    } else {
        fails.then_some(false)
    }
}

/// What was meant as a time: `9:00`, `18`, `9.30`, `0930`.
fn as_time(text: &str) -> Option<String> {
    let digits: Vec<&str> = text.split([':', '.', 'h']).map(str::trim).collect();
    let (hour, minute) = match digits.as_slice() {
        [whole] if whole.len() == 4 => (whole.get(..2)?, whole.get(2..)?),
        [hour] => (*hour, "0"),
        [hour, minute] | [hour, minute, _] => (*hour, *minute),
        _ => return None,
    };
    let minute = if minute.is_empty() { "0" } else { minute };
    let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

/// What was meant as a date: `31.12.2026`, `31/12/2026`, `2026-1-5`, `20261231`.
fn as_date(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['.', '/', '-', ' ']).map(str::trim).collect();
    let (year, month, day) = match parts.as_slice() {
        [whole] if whole.len() == 8 => (whole.get(..4)?, whole.get(4..6)?, whole.get(6..)?),
        [year, month, day] if year.len() == 4 => (*year, *month, *day),
        [day, month, year] if year.len() == 4 => (*year, *month, *day),
        _ => return None,
    };
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    // Where day and month are the other way round, only one of them can be meant.
    let date = jiff::civil::Date::new(year, month, day)
        .or_else(|_| jiff::civil::Date::new(year, day, month));
    date.ok().as_ref().map(ToString::to_string)
}

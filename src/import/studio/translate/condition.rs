//! Conditions of splits as conditions of ours.

use super::super::export::{Condition, Transition};
use super::names::{FlowNames, Kind};
use super::template::only_value;
use super::words;

/// What began the call of a flow that is gone through.
const TRIGGER_TYPE: &str = "trigger.parent.trigger_type";

/// A way without the conditions that hold in every call; nothing where one of them holds in none.
pub fn of_a_call(transition: &Transition) -> Option<Transition> {
    let mut open = transition.clone();
    let mut holds = true;
    open.conditions.retain(|condition| {
        let is_of_type = only_value(&condition.subject)
            .is_some_and(|out| out.operand == TRIGGER_TYPE && out.filters.is_empty());
        let mut words = condition.value.split(',').map(str::trim);
        let is_call = words.any(|word| word.eq_ignore_ascii_case("call"));
        match condition.predicate.as_str() {
            "equal_to" | "matches_any_of" if is_of_type => holds &= is_call,
            "not_equal_to" | "does_not_match_any_of" if is_of_type => holds &= !is_call,
            _ => return true,
        }
        false
    });
    holds.then_some(open)
}

/// The conditions of a way, all of which must hold; `Err` says which cannot be carried over.
pub fn of(transition: &Transition, names: &FlowNames) -> Result<String, String> {
    let all = transition
        .conditions
        .iter()
        .map(|condition| one(condition, names));
    let all: Vec<String> = all.collect::<Result<_, _>>()?;
    if all.is_empty() {
        return Err("it has no condition".to_owned());
    }
    Ok(all.join(" and "))
}

fn one(condition: &Condition, names: &FlowNames) -> Result<String, String> {
    let strange = || {
        format!(
            "`{}` {} `{}`",
            condition.subject, condition.predicate, condition.value
        )
    };
    let out = only_value(&condition.subject).ok_or_else(strange)?;
    let (text, kind) = words::expression(&out, names).ok_or_else(strange)?;
    let value = condition.value.trim();
    if let Some(outcome) = text
        .strip_suffix(".outcome")
        .filter(|_| out.filters.is_empty())
    {
        return outcomes(outcome, condition).ok_or_else(strange);
    }
    match kind {
        Kind::Integer => count(&text, condition, names).ok_or_else(strange),
        Kind::List => {
            let entry = quoted(&value.to_lowercase()).ok_or_else(strange)?;
            let list = words::unset_as_empty(&text);
            match condition.predicate.as_str() {
                "contains" => Ok(format!("{entry} in ({list} | trim | lower)")),
                "does_not_contain" => Ok(format!("{entry} not in ({list} | trim | lower)")),
                "is_blank" => Ok(format!("{text} is not defined or ({list} | length) == 0")),
                "is_not_blank" => Ok(format!("({list} | length) > 0")),
                _ => Err(strange()),
            }
        }
        Kind::Text => compared(&text, condition, names).ok_or_else(strange),
    }
}

/// Numbers: what is not set is less and greater than nothing.
fn count(text: &str, condition: &Condition, names: &FlowNames) -> Option<String> {
    let value = condition.value.trim();
    match condition.predicate.as_str() {
        "is_blank" => return Some(format!("{text} is not defined")),
        "is_not_blank" => return Some(format!("{text} is defined")),
        "matches_any_of" => {
            let numbers: Option<Vec<i64>> = value
                .split(',')
                .map(|number| number.trim().parse().ok())
                .collect();
            return Some(format!("{text} in {:?}", numbers?));
        }
        _ => {}
    }
    let number = match only_value(value) {
        Some(out) => {
            words::expression(&out, names)
                .filter(|(_, kind)| *kind == Kind::Integer)?
                .0
        }
        None => value.parse::<i64>().ok()?.to_string(),
    };
    let sign = match condition.predicate.as_str() {
        "equal_to" => "==",
        "not_equal_to" => "!=",
        "less_than" => "<",
        "greater_than" => ">",
        _ => return None,
    };
    Some(format!("{text} {sign} {number}"))
}

/// Texts, without regard to case and to blanks at the ends, as Studio compares them; keys have neither.
fn compared(text: &str, condition: &Condition, names: &FlowNames) -> Option<String> {
    // Keys and numbers are written in one way only.
    let is_plain = names.entered.values().any(|name| name == text) || is_number(text);
    let read = words::unset_as_empty(text);
    let plain = if is_plain {
        read
    } else {
        format!("{read} | trim | lower")
    };
    let value = match only_value(&condition.value) {
        Some(out) => return same(&plain, &words::expression(&out, names)?.0, condition),
        None => plain_value(&condition.value),
    };
    let entry = quoted(&value)?;
    let list = || -> Option<String> {
        let entries: Option<Vec<String>> =
            value.split(',').map(|entry| quoted(entry.trim())).collect();
        Some(format!("[{}]", entries?.join(", ")))
    };
    Some(match condition.predicate.as_str() {
        "equal_to" => format!("{plain} == {entry}"),
        "not_equal_to" => format!("{plain} != {entry}"),
        "matches_any_of" => format!("{plain} in {}", list()?),
        "does_not_match_any_of" => format!("{plain} not in {}", list()?),
        "contains" => format!("{entry} in ({plain})"),
        "does_not_contain" => format!("{entry} not in ({plain})"),
        "starts_with" => format!("{plain} starts_with {entry}"),
        "does_not_start_with" => format!("not ({plain} starts_with {entry})"),
        "is_blank" => format!("{text} is not defined or {text} == ''"),
        "is_not_blank" => format!("{text} is defined and {text} != ''"),
        "regex" => pattern(&plain, &condition.value)?,
        _ => return None,
    })
}

/// What a text is compared with. The quotes of a JSON text stand in Studio's `body`, and not in what is taken here.
fn plain_value(value: &str) -> String {
    let value = value.trim();
    let inner = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    inner.unwrap_or(value).to_lowercase()
}

/// Whether a fact is a telephone number, or a name that the carrier gives.
fn is_number(fact: &str) -> bool {
    [
        "call.from",
        "call.to",
        "call.party",
        "call.sid",
        "call.direction",
    ]
    .contains(&fact)
}

fn same(one: &str, other: &str, condition: &Condition) -> Option<String> {
    let sign = match condition.predicate.as_str() {
        "equal_to" => "==",
        "not_equal_to" => "!=",
        _ => return None,
    };
    Some(format!("{one} {sign} {other}"))
}

/// The patterns that there are in exports: a list, a class of signs, a beginning.
fn pattern(text: &str, pattern: &str) -> Option<String> {
    let pattern = pattern.trim().trim_start_matches('^').trim_end_matches('$');
    if let Some(begin) = pattern.strip_suffix(".*") {
        let begin = begin
            .trim_start_matches('(')
            .trim_end_matches(')')
            .replace("\\+", "+");
        let is_plain = !begin.contains(|c: char| "\\[](){}*?|.^$".contains(c));
        return is_plain.then(|| Some(format!("{text} starts_with {}", quoted(&begin)?)))?;
    }
    let signs = signs_of(pattern)?;
    let entries: Option<Vec<String>> = signs.iter().map(|sign| quoted(sign)).collect();
    Some(format!("{text} in [{}]", entries?.join(", ")))
}

/// The texts that a pattern fits, where they are few and plain to see: `1|2`, `[1-5]`, `7`.
pub fn signs_of(pattern: &str) -> Option<Vec<String>> {
    let pattern = pattern.trim().trim_start_matches('^').trim_end_matches('$');
    let inner = pattern
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(pattern);
    if let Some(class) = inner
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        let signs: Vec<char> = class.chars().collect();
        return match signs.as_slice() {
            [from, '-', to] if from < to && *to as u32 - (*from as u32) < 36 => {
                Some((*from..=*to).map(String::from).collect())
            }
            signs if !signs.is_empty() && signs.iter().all(|sign| sign.is_alphanumeric()) => {
                Some(signs.iter().map(char::to_string).collect())
            }
            _ => None,
        };
    }
    let parts = inner.split('|').map(str::to_owned);
    let parts: Vec<String> = parts.collect();
    let is_plain = |part: &String| {
        !part.is_empty()
            && part
                .chars()
                .all(|sign| sign.is_alphanumeric() || sign == ' ')
    };
    parts.iter().all(is_plain).then_some(parts)
}

/// What became of a dial, in our words.
fn outcomes(step: &str, condition: &Condition) -> Option<String> {
    let words: Option<Vec<String>> = condition
        .value
        .split(',')
        .map(|word| outcome_of(word.trim()).map(|word| format!("'{word}'")))
        .collect();
    let words = words?;
    let (name, one) = (format!("{step}.outcome"), words.len() == 1);
    Some(match (condition.predicate.as_str(), one) {
        ("equal_to" | "matches_any_of", true) => format!("{name} == {}", words[0]),
        ("not_equal_to" | "does_not_match_any_of", true) => format!("{name} != {}", words[0]),
        ("matches_any_of", false) => format!("{name} in [{}]", words.join(", ")),
        ("does_not_match_any_of", false) => format!("{name} not in [{}]", words.join(", ")),
        _ => return None,
    })
}

/// The outcome of a dial that a status of the carrier means.
pub fn outcome_of(status: &str) -> Option<&'static str> {
    Some(match status.to_lowercase().as_str() {
        "completed" | "answered" => "answered",
        "busy" => "busy",
        "no-answer" => "no_answer",
        "failed" => "failed",
        "canceled" => "canceled",
        _ => return None,
    })
}

/// A text in quotes of an expression.
pub fn quoted(text: &str) -> Option<String> {
    match (text.contains('\''), text.contains('"')) {
        (false, _) => Some(format!("'{text}'")),
        (true, false) => Some(format!("\"{text}\"")),
        _ => None,
    }
}

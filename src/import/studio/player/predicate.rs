//! The conditions of a split. All of them mind neither case nor blanks at the ends (Twilio, "Split Based On… widget").

use serde_json::Value as Json;

use super::super::export::Condition;
use super::liquid;

/// Whether a condition holds.
pub fn holds(condition: &Condition, known: &Json) -> bool {
    let subject = liquid::value(&condition.subject, known);
    let list = entries(&subject);
    let subject = plain(&liquid::text(&subject));
    let value = plain(&liquid::render(&condition.value, known));
    let any_of = || value.split(',').any(|entry| entry.trim() == subject);
    let contains = || match &list {
        Some(list) => list.contains(&value),
        None => subject.contains(&value),
    };
    match condition.predicate.as_str() {
        "equal_to" => subject == value,
        "not_equal_to" => subject != value,
        "matches_any_of" => any_of(),
        "does_not_match_any_of" => !any_of(),
        "is_blank" => subject.is_empty(),
        "is_not_blank" => !subject.is_empty(),
        "regex" => matches_whole(&value, &subject),
        "contains" => contains(),
        "does_not_contain" => !contains(),
        "starts_with" => subject.starts_with(&value),
        "does_not_start_with" => !subject.starts_with(&value),
        "less_than" => number(&subject)
            .zip(number(&value))
            .is_some_and(|(one, other)| one < other),
        "greater_than" => number(&subject)
            .zip(number(&value))
            .is_some_and(|(one, other)| one > other),
        // Times and dates are written so that their order is that of their letters; no zone is involved.
        "is_before_time" | "is_before_date" => !subject.is_empty() && subject < value,
        "is_after_time" | "is_after_date" => subject > value,
        _ => false,
    }
}

/// The entries of a list, as they are compared.
fn entries(value: &Json) -> Option<Vec<String>> {
    let list = value.as_array()?;
    Some(
        list.iter()
            .map(|entry| plain(&liquid::text(entry)))
            .collect(),
    )
}

fn plain(text: &str) -> String {
    text.trim().to_lowercase()
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A pattern without slashes holds of the whole text; one that cannot be read holds of none.
fn matches_whole(pattern: &str, text: &str) -> bool {
    let whole = format!("^(?:{pattern})$");
    regex_lite::Regex::new(&whole).is_ok_and(|pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_hold_as_in_studio() {
        let known = json!({ "w": { "Digits": "1", "words": " Yes ", "flags": ["Blocked", "new"], "n": 3, "none": "" } });
        let table = [
            ("{{w.Digits}}", "equal_to", "1", true),
            ("{{w.words}}", "equal_to", "yes", true),
            ("{{w.words}}", "not_equal_to", "yes", false),
            ("{{w.Digits}}", "matches_any_of", "2, 1", true),
            ("{{w.Digits}}", "does_not_match_any_of", "2, 1", false),
            ("{{w.none}}", "is_blank", "", true),
            ("{{w.unset}}", "is_not_blank", "", false),
            ("{{w.Digits}}", "regex", "[1-5]", true),
            ("12", "regex", "[1-5]", false),
            ("ab", "regex", "a|b", false),
            ("a", "regex", "(", false),
            ("{{w.flags}}", "contains", "blocked", true),
            ("{{w.flags}}", "contains", "block", false),
            ("{{w.words}}", "contains", "ye", true),
            ("{{w.words}}", "does_not_contain", "ye", false),
            ("{{w.words}}", "starts_with", "Y", true),
            ("{{w.n}}", "less_than", "4", true),
            ("{{w.n}}", "greater_than", "4", false),
            ("{{w.words}}", "less_than", "4", false),
            ("09:30", "is_before_time", "10:00", true),
            ("2026-11-30", "is_after_date", "2026-11-29", true),
            ("1", "never_heard_of", "1", false),
        ];
        for (subject, predicate, value, expected) in table {
            let condition = Condition {
                subject: subject.to_owned(),
                predicate: predicate.to_owned(),
                value: value.to_owned(),
            };
            assert_eq!(
                holds(&condition, &known),
                expected,
                "{subject} {predicate} {value}"
            );
        }
    }
}

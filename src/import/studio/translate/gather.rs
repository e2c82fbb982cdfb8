//! What a question of Studio's is: a gather, the split of its keys, and the ways by which it is put again.

use std::collections::HashSet;

use super::super::export::{Export, Widget};
use super::condition::signs_of;
use super::template::only_value;

/// A gather with what stands around it.
#[derive(Debug)]
pub struct Gather<'e> {
    /// Keys, and the widget that each leads to.
    pub keys: Vec<(String, Option<&'e str>)>,
    /// Whether something else reads which key was pressed.
    pub is_read: bool,
    /// What becomes of other keys.
    pub wrong: Away<'e>,
    /// What becomes of silence.
    pub silent: Away<'e>,
    /// Words that are heard in place of a key, and the widget that each leads to.
    pub words: Vec<(String, Option<&'e str>)>,
    /// Where words lead that the split does not know.
    pub unheard: Option<&'e str>,
    /// Whether words lead anywhere at all.
    pub hears: bool,
}

/// Where a caller goes who has not chosen.
#[derive(Clone, Debug)]
pub enum Away<'e> {
    /// The call ends.
    End,
    /// To a widget.
    To(&'e str),
    /// Back to the question.
    Again {
        /// What is heard before.
        words: Vec<&'e Widget>,
        /// How often the question is put in all, and what comes after that; ten times where Studio counts itself.
        after: Option<(u32, Option<&'e str>)>,
    },
}

/// The question that a gather is, if its keys are looked at by a split of their own and nothing else reads them.
pub fn question<'e>(gather: &'e Widget, export: &'e Export) -> Option<Gather<'e>> {
    let split = gather.on("keypress").and_then(|next| export.widget(next))?;
    let digits = format!("widgets.{}.Digits", gather.name);
    if split.kind != "split-based-on" {
        return None;
    }
    let (mut keys, mut seen) = (Vec::new(), HashSet::new());
    for transition in split
        .transitions
        .iter()
        .filter(|transition| transition.event == "match")
    {
        let [condition] = transition.conditions.as_slice() else {
            return None;
        };
        if only_value(&condition.subject)?.operand != digits {
            return None;
        }
        let pressed = match condition.predicate.as_str() {
            "equal_to" => vec![condition.value.trim().to_owned()],
            "matches_any_of" => condition
                .value
                .split(',')
                .map(|key| key.trim().to_owned())
                .collect(),
            "regex" => signs_of(&condition.value)?,
            _ => return None,
        };
        if pressed.iter().any(|key| !is_key(key)) {
            return None;
        }
        let pressed = pressed.into_iter().filter(|key| seen.insert(key.clone()));
        keys.extend(pressed.map(|key| (key, transition.next.as_deref())));
    }
    let (words, hears) = words(gather, export);
    let is_read = is_read_elsewhere(&digits, &split.name, export);
    if is_read && keys.iter().any(|(key, _)| key.len() > 1) {
        return None;
    }
    (!keys.is_empty()).then(|| Gather {
        keys,
        is_read,
        wrong: away(split.on("noMatch"), gather, export),
        silent: away(gather.on("timeout"), gather, export),
        words,
        unheard: gather
            .on("speech")
            .and_then(|next| export.widget(next)?.on("noMatch")),
        hears,
    })
}

fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|key| key.is_ascii_digit() || key == b'*' || key == b'#')
}

/// Whether a path is read by another widget than one.
fn is_read_elsewhere(path: &str, but: &str, export: &Export) -> bool {
    let reads = |widget: &&Widget| {
        let conditions = widget
            .transitions
            .iter()
            .flat_map(|transition| &transition.conditions);
        let mut conditions = conditions.map(|condition| condition.subject.as_str());
        let mut settings = widget.properties.values();
        conditions.any(|subject| mentions(subject, path))
            || settings.any(|setting| mentions(&setting.to_string(), path))
    };
    let others = export.widgets.iter().filter(|widget| widget.name != but);
    others.filter(reads).count() > 0
}

fn mentions(text: &str, path: &str) -> bool {
    let mut found = text.match_indices(path);
    found.any(|(at, _)| {
        let next = text[at + path.len()..].chars().next();
        !next.is_some_and(|next| next.is_alphanumeric() || next == '_')
    })
}

/// The words that a split of what was said knows, and whether words lead anywhere.
fn words<'e>(gather: &'e Widget, export: &'e Export) -> (Vec<(String, Option<&'e str>)>, bool) {
    let Some(split) = gather.on("speech").and_then(|next| export.widget(next)) else {
        return (Vec::new(), false);
    };
    let said = format!("widgets.{}.SpeechResult", gather.name);
    let mut words = Vec::new();
    for transition in split
        .transitions
        .iter()
        .filter(|transition| transition.event == "match")
    {
        for condition in &transition.conditions {
            let is_said = only_value(&condition.subject).is_some_and(|out| out.operand == said);
            let is_word =
                ["equal_to", "matches_any_of", "contains"].contains(&condition.predicate.as_str());
            if is_said && is_word {
                let all = condition
                    .value
                    .split(',')
                    .map(|word| word.trim().to_lowercase());
                let all = all.filter(|word| !word.is_empty());
                words.extend(all.map(|word| (word, transition.next.as_deref())));
            }
        }
    }
    (words, true)
}

/// Where a way leads that is no choice: through words and a counter of its own back to the question, or elsewhere.
fn away<'e>(from: Option<&'e str>, gather: &'e Widget, export: &'e Export) -> Away<'e> {
    let Some(first) = from else {
        return Away::End;
    };
    let (mut words, mut chain, mut counter) = (Vec::new(), HashSet::new(), None);
    let (mut at, mut after) = (Some(first), None);
    while let Some(name) = at {
        if name == gather.name {
            let is_own = counter.is_none_or(|counter: String| is_of(&counter, &chain, export));
            return if is_own {
                Away::Again { words, after }
            } else {
                Away::To(first)
            };
        }
        let Some(widget) = export.widget(name).filter(|_| chain.insert(name)) else {
            break;
        };
        at = match widget.kind.as_str() {
            "say-play" => {
                words.push(widget);
                widget.on("audioComplete")
            }
            "set-variables" if counter.is_none() => {
                let [(name, value)] = widget.pairs("variables").try_into().unwrap_or_default();
                if !value.contains("plus") {
                    break;
                }
                counter = Some(name);
                widget.on("next")
            }
            "split-based-on" if counter.is_some() && after.is_none() => {
                let Some((limit, again, over)) =
                    limit(widget, counter.as_deref().unwrap_or_default())
                else {
                    break;
                };
                after = Some((limit, over));
                again
            }
            _ => break,
        };
    }
    Away::To(first)
}

/// A split that ends a counter: how often the question is put, where it goes on until then, and where after that.
fn limit<'e>(split: &'e Widget, counter: &str) -> Option<(u32, Option<&'e str>, Option<&'e str>)> {
    let mut matches = split
        .transitions
        .iter()
        .filter(|transition| transition.event == "match");
    let (only, none) = (matches.next()?, matches.next());
    let ([condition], None) = (only.conditions.as_slice(), none) else {
        return None;
    };
    let subject = only_value(&condition.subject)?.operand;
    if subject != format!("flow.variables.{counter}") {
        return None;
    }
    let number: u32 = condition.value.trim().parse().ok()?;
    let (held, other) = (only.next.as_deref(), split.on("noMatch"));
    match condition.predicate.as_str() {
        "less_than" => Some((number, held, other)),
        "equal_to" => Some((number, other, held)),
        "greater_than" => Some((number + 1, other, held)),
        _ => None,
    }
}

/// Whether nothing outside of a chain of widgets knows a variable.
fn is_of(variable: &str, chain: &HashSet<&str>, export: &Export) -> bool {
    let path = format!("flow.variables.{variable}");
    let knows = |widget: &Widget| {
        let sets = widget
            .pairs("variables")
            .iter()
            .any(|(name, _)| name == variable);
        let conditions = widget
            .transitions
            .iter()
            .flat_map(|transition| &transition.conditions);
        let mut conditions = conditions.map(|condition| condition.subject.as_str());
        sets || conditions.any(|subject| mentions(subject, &path))
            || widget
                .properties
                .values()
                .any(|setting| mentions(&setting.to_string(), &path))
    };
    let mut others = export
        .widgets
        .iter()
        .filter(|widget| !chain.contains(widget.name.as_str()));
    !others.any(knows)
}

//! The words of changes: one sentence each, lower case, names in backticks.

use std::fmt;

use super::{Change, Event, Goal, What, Words};

impl Change {
    /// What it is, as a name for tools: kebab-case, subject first.
    pub fn code(&self) -> &'static str {
        match &self.what {
            What::FlowNew => "flow-new",
            What::FlowGone => "flow-gone",
            What::NumberNew(_) => "number-new",
            What::NumberGone(_) => "number-gone",
            What::First(..) => "language-first",
            What::LanguageNew(_) => "language-new",
            What::LanguageGone(_) => "language-gone",
            What::Voice(..) => "voice-differs",
            What::AnswerNew(..) => "answer-new",
            What::AnswerGone(_) => "answer-gone",
            What::Type(..) => "answer-type-differs",
            What::Optional(..) => "answer-optional",
            What::Sensitive(..) => "answer-sensitive",
            What::StepNew(..) => "step-new",
            What::StepGone(_) => "step-gone",
            What::StepRenamed(_) => "step-renamed",
            What::Action(..) => "action-differs",
            What::Way(_, Goal::Nothing, _) => "way-new",
            What::Way(_, _, Goal::Nothing) => "way-gone",
            What::Way(..) => "way-elsewhere",
            What::Does(..) => "way-does",
            What::Condition(..) | What::Conditions(_) => "condition-differs",
            What::Words(words) if words.old == words.new => "recording-differs",
            What::Words(_) => "words-differ",
            What::Stores(..) => "stores-differs",
            What::Submits(..) => "backend-differs",
            What::Dials(..) => "number-dialled",
            What::Key(..) => "key-differs",
            What::Earlier(_) | What::Later(_) => "order-differs",
        }
    }

    /// The words before and now, where those are what changed.
    pub fn words(&self) -> Option<(&str, &str)> {
        match &self.what {
            What::Words(words) => {
                Some((words.old.as_deref()?, words.new.as_deref()?)).filter(|(old, new)| old != new)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = self
            .steps
            .first()
            .map(|step| format!("`{step}`"))
            .unwrap_or_default();
        match &self.what {
            What::FlowNew => f.write_str("the flow is new"),
            What::FlowGone => f.write_str("the flow is gone"),
            What::NumberNew(number) => write!(f, "calls to {number} now come here"),
            What::NumberGone(number) => write!(f, "calls to {number} no longer come here"),
            What::First(old, new) => write!(f, "a call now begins in {new} instead of {old}"),
            What::LanguageNew(tag) => write!(f, "the flow now speaks {tag}"),
            What::LanguageGone(tag) => write!(f, "the flow no longer speaks {tag}"),
            What::Voice(tag, old, new) => {
                write!(
                    f,
                    "{tag} is now spoken by {} instead of {}",
                    voice(new.as_deref()),
                    voice(old.as_deref())
                )
            }
            What::AnswerNew(name, kind) => write!(f, "the answer `{name}` is new: {kind}"),
            What::AnswerGone(name) => {
                write!(f, "the answer `{name}` is gone: it is no longer submitted")
            }
            What::Type(name, old, new) => write!(f, "`{name}` may now be {}", instead(new, old)),
            What::Optional(name, true) => write!(
                f,
                "`{name}` may now be missing where everything is submitted"
            ),
            What::Optional(name, false) => write!(
                f,
                "`{name}` may no longer be missing where everything is submitted"
            ),
            What::Sensitive(name, true) => {
                write!(f, "`{name}` is now kept from everybody but the backend")
            }
            What::Sensitive(name, false) => write!(
                f,
                "`{name}` is no longer kept from everybody but the backend"
            ),
            What::StepNew(action, said) if said.is_empty() => {
                write!(f, "{step} is new, {} `{action}`", article(action))
            }
            What::StepNew(action, said) => write!(
                f,
                "{step} is new, {} `{action}`: \"{said}\"",
                article(action)
            ),
            What::StepGone(action) => write!(f, "{step} is gone, {} `{action}`", article(action)),
            What::StepRenamed(old) => write!(f, "{step} is what `{old}` was"),
            What::Action(old, new) => {
                write!(
                    f,
                    "{step} is now {} `{new}` instead of {} `{old}`",
                    article(new),
                    article(old)
                )
            }
            What::Way(events, old, new) => f.write_str(&way(events, &step, old, new)),
            What::Does(events, key, old, new) => {
                f.write_str(&does(events, &step, key, old.as_deref(), new.as_deref()))
            }
            What::Condition(old, new) => {
                write!(f, "{step} now asks whether `{new}` instead of `{old}`")
            }
            What::Conditions(order) => {
                write!(f, "{step} now asks in this order: {}", list(order, "then"))
            }
            What::Words(words) => f.write_str(&said(&self.steps, words)),
            What::Stores(Some(old), Some(new)) => {
                write!(
                    f,
                    "{step} now stores what is entered as `{new}` instead of `{old}`"
                )
            }
            What::Stores(_, Some(new)) => write!(f, "{step} now stores what is entered as `{new}`"),
            What::Stores(old, None) => {
                write!(
                    f,
                    "{step} no longer stores what is entered as `{}`",
                    old.as_deref().unwrap_or_default()
                )
            }
            What::Submits(old, new) => {
                write!(f, "{step} now submits to `{new}` instead of `{old}`")
            }
            What::Dials(old, new) => write!(f, "{step} now dials {new} instead of {old}"),
            What::Key(key, old, new) => {
                let whose = if step.is_empty() {
                    String::new()
                } else {
                    format!(" of {step}")
                };
                write!(
                    f,
                    "`{}`{whose} {}",
                    key.join("."),
                    now(old.as_deref(), new.as_deref())
                )
            }
            What::Earlier(other) => write!(f, "{step} is asked before `{other}`"),
            What::Later(other) => write!(f, "{step} is asked after `{other}`"),
        }
    }
}

fn now(old: Option<&str>, new: Option<&str>) -> String {
    match (old, new) {
        (Some(old), Some(new)) => format!("is now {new} instead of {old}"),
        (_, Some(new)) => format!("is new: {new}"),
        (old, None) => format!("is gone, it was {}", old.unwrap_or_default()),
    }
}

fn voice(voice: Option<&str>) -> &str {
    voice.unwrap_or("the account's own voice")
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

/// Two descriptions, of the second only the bounds where the rest is the same: "a whole number from 1 to 40 instead of
/// 1 to 30".
fn instead(new: &str, old: &str) -> String {
    let what = |text: &str| text.rsplit_once(" from ").map(|(what, _)| what.to_owned());
    let bounds = old
        .rsplit_once(" from ")
        .filter(|_| what(new) == what(old))
        .map(|(_, bounds)| bounds);
    format!("{new} instead of {}", bounds.unwrap_or(old))
}

fn list(all: &[String], last: &str) -> String {
    let quoted: Vec<String> = all.iter().map(|one| format!("`{one}`")).collect();
    joined(&quoted, last)
}

fn joined(all: &[String], word: &str) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {word} {last}", rest.join(", ")),
    }
}

/// Who or what takes a way; all of one kind.
fn subject(events: &[Event], step: &str) -> String {
    let keys: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            Event::Keys(keys) | Event::Anywhere(keys) => Some(keys.clone()),
            _ => None,
        })
        .collect();
    let outcomes: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            Event::Outcome(outcome, _) => Some(format!("`{outcome}`")),
            _ => None,
        })
        .collect();
    match events {
        [Event::Keys(_), ..] => format!("pressing {} in {step}", joined(&keys, "or")),
        [Event::Anywhere(_), ..] => format!("pressing {} at any question", joined(&keys, "or")),
        [Event::Outcome(..), ..] => format!("{} of {step}", joined(&outcomes, "or")),
        [Event::NoInput, Event::NoMatch, ..] => format!("a caller out of attempts in {step}"),
        [Event::NoInput, ..] => format!("a caller who is silent at the last attempt in {step}"),
        [Event::NoMatch, ..] => {
            format!("a caller with a wrong entry at the last attempt in {step}")
        }
        [Event::Entry, ..] => format!("a legal entry in {step}"),
        [Event::When(condition), ..] => format!("where `{condition}` holds, {step}"),
        [Event::Otherwise, ..] => format!("where no condition holds, {step}"),
        [Event::Begins, ..] => "a call".to_owned(),
        [Event::OutOfAttempts, ..] => "a caller out of attempts".to_owned(),
        [Event::LeavesEarly, ..] => "a caller who hangs up early".to_owned(),
        [Event::CannotBeDone, ..] => "a step that cannot be done".to_owned(),
        [Event::Itself, ..] | [] => step.to_owned(),
    }
}

/// Events of one kind after another, each kind with its own words.
fn by_kind(events: &[Event]) -> Vec<Vec<Event>> {
    let mut kinds: Vec<Vec<Event>> = Vec::new();
    for event in events {
        let alike = |other: &Event| match (other, event) {
            (Event::When(_), _) => false,
            (Event::NoInput, Event::NoMatch) => true,
            (other, event) => std::mem::discriminant(other) == std::mem::discriminant(event),
        };
        match kinds.iter_mut().find(|kind| alike(&kind[0])) {
            Some(kind) => kind.push(event.clone()),
            None => kinds.push(vec![event.clone()]),
        }
    }
    kinds
}

fn subjects(events: &[Event], step: &str) -> String {
    let all: Vec<String> = by_kind(events)
        .iter()
        .map(|kind| subject(kind, step))
        .collect();
    joined(&all, "and")
}

fn way(events: &[Event], step: &str, old: &Goal, new: &Goal) -> String {
    if let [Event::Begins] = events {
        return format!(
            "a call now begins at {} instead of {}",
            place(new),
            place(old)
        );
    }
    let (subject, is_key) = (
        subjects(events, step),
        matches!(events, [Event::Keys(_) | Event::Anywhere(_), ..]),
    );
    match (old, new) {
        (Goal::Step(_), Goal::Step(_)) => format!(
            "{subject} now leads to {} instead of {}",
            place(new),
            place(old)
        ),
        (_, Goal::Nothing) if !is_key => format!("{subject} no longer {}", verb(old)),
        (Goal::Nothing, _) if !is_key => format!("{subject} now {}", verb(new)),
        _ => format!("{subject} now {} instead of {}", verb(new), gerund(old)),
    }
}

fn place(goal: &Goal) -> String {
    match goal {
        Goal::Step(name) => format!("`{name}`"),
        _ => gerund(goal),
    }
}

fn verb(goal: &Goal) -> String {
    match goal {
        Goal::Step(name) => format!("leads to `{name}`"),
        Goal::Hangup => "ends the call".to_owned(),
        Goal::Repeat => "puts the question again".to_owned(),
        Goal::Back => "goes back to the question before".to_owned(),
        Goal::Apology => "ends the call with an apology".to_owned(),
        Goal::Nothing => "is a wrong entry".to_owned(),
    }
}

fn gerund(goal: &Goal) -> String {
    match goal {
        Goal::Step(name) => format!("leading to `{name}`"),
        Goal::Hangup => "ending the call".to_owned(),
        Goal::Repeat => "putting the question again".to_owned(),
        Goal::Back => "going back to the question before".to_owned(),
        Goal::Apology => "ending the call with an apology".to_owned(),
        Goal::Nothing => "being a wrong entry".to_owned(),
    }
}

/// What is set, forgotten or stored on a way.
fn does(
    events: &[Event],
    step: &str,
    key: &[String],
    old: Option<&str>,
    new: Option<&str>,
) -> String {
    let subject = subjects(events, step);
    let keys: Vec<&str> = key.iter().map(String::as_str).collect();
    let how = match keys.as_slice() {
        ["set", ""] => {
            return format!(
                "{subject} now sets in this order: {}",
                new.unwrap_or_default()
            );
        }
        ["set", name @ ..] => ("sets", format!("`{}` to ", name.join("."))),
        ["forget", name] => {
            return format!(
                "{subject} {} `{name}`",
                if new.is_some() {
                    "now forgets"
                } else {
                    "no longer forgets"
                }
            );
        }
        ["value"] => ("stores", String::new()),
        _ => return format!("`{}` for {subject} {}", key.join("."), now(old, new)),
    };
    match (how, old, new) {
        ((verb, what), Some(old), Some(new)) => {
            format!("{subject} now {verb} {what}{new} instead of {old}")
        }
        ((verb, what), None, Some(new)) => format!("{subject} now {verb} {what}{new}"),
        ((verb, what), old, None) => format!(
            "{subject} no longer {verb} {what}{}",
            old.unwrap_or_default()
        ),
    }
}

fn said(steps: &[String], words: &Words) -> String {
    let who = match steps {
        // What a value of an answer is spoken by.
        [] => words
            .keys
            .first()
            .map(|key| format!("`@{}`", key.join(".")))
            .unwrap_or_default(),
        _ => joined(
            &steps
                .iter()
                .zip(&words.keys)
                .map(|(step, key)| speaker(step, key))
                .collect::<Vec<_>>(),
            "and",
        ),
    };
    let language = words
        .language
        .as_ref()
        .map(|tag| format!(" in {tag}"))
        .unwrap_or_default();
    let (say, play) = if steps.len() > 1 {
        ("say", "play")
    } else {
        ("says", "plays")
    };
    match (&words.old, &words.new, &words.recordings) {
        (Some(old), Some(new), Some((_, now))) if old == new => {
            if now.is_empty() {
                format!(
                    "{who} {say} the same words{language}, but no longer {play} a recording of them"
                )
            } else {
                format!(
                    "{who} {play} another recording{language}: {}",
                    now.join(", ")
                )
            }
        }
        (Some(_), Some(_), _) => format!("{who} {say} other words{language}"),
        (None, Some(new), _) => format!("{who} now {say}{language} \"{new}\""),
        (old, None, _) => format!(
            "{who} no longer {say}{language} \"{}\"",
            old.as_deref().unwrap_or_default()
        ),
    }
}

/// A step, or a prompt of it that is not its first.
fn speaker(step: &str, key: &[String]) -> String {
    let key = if key.last().is_some_and(|last| last == "1") {
        &key[..key.len() - 1]
    } else {
        key
    };
    if key.is_empty() {
        format!("`{step}`")
    } else {
        format!("`{}` of `{step}`", key.join("."))
    }
}

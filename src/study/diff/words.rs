//! The words of changes: one sentence each, lower case, names in backticks.

use std::fmt;

use super::{AnswerChange, Change, Event, FlowChange, Goal, What, Words};
use crate::engine::keys::shared::REFUSE;
use crate::engine::own_prompts::{APOLOGY, HOLD};

impl Change {
    /// What it is, as a name for tools: kebab-case, subject first.
    pub fn code(&self) -> &'static str {
        match &self.what {
            What::Flow(change) => change.code(),
            What::Answer(_, change) => change.code(),
            What::StepNew(..) => "step-new",
            What::StepGone(_) => "step-gone",
            What::StepRenamed(_) => "step-renamed",
            What::Action(..) => "action-differs",
            What::Way(_, Goal::Nothing, _) => "way-new",
            What::Way(_, _, Goal::Nothing) => "way-gone",
            What::Way(..) => "way-elsewhere",
            What::Effect(..) => "way-does",
            What::Condition(..) | What::Conditions(_) => "condition-differs",
            What::Words(words) if words.old == words.new => "recording-differs",
            What::Words(_) => "words-differ",
            What::Stores(..) => "stores-differs",
            What::Submits(..) => "backend-differs",
            What::Partial(_) => "submits-differs",
            What::Destination(..) => "destination-differs",
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

impl FlowChange {
    fn code(&self) -> &'static str {
        match self {
            Self::New => "flow-new",
            Self::Gone => "flow-gone",
            Self::NumberNew(_) => "number-new",
            Self::NumberGone(_) => "number-gone",
            Self::First(..) => "language-first",
            Self::LanguageNew(_) => "language-new",
            Self::LanguageGone(_) => "language-gone",
            Self::Voice(..) => "voice-differs",
            Self::Hours(..) => "hours-differ",
        }
    }
}

impl AnswerChange {
    fn code(&self) -> &'static str {
        match self {
            Self::New(_) => "answer-new",
            Self::Gone => "answer-gone",
            Self::Type(..) => "answer-type-differs",
            Self::Optional(_) => "answer-optional",
            Self::Sensitive(_) => "answer-sensitive",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.steps.first();
        let step = first.map(|step| format!("`{step}`")).unwrap_or_default();
        match &self.what {
            What::Flow(change) => fmt::Display::fmt(change, f),
            What::Answer(name, change) => f.write_str(&change.words(name)),
            What::StepNew(action, said) => f.write_str(&new_step(&step, action, said)),
            What::StepGone(action) => write!(f, "{step} is gone, {} `{action}`", article(action)),
            What::StepRenamed(old) => write!(f, "{step} is what `{old}` was"),
            What::Action(old, new) => {
                let (a_new, an_old) = (article(new), article(old));
                write!(
                    f,
                    "{step} is now {a_new} `{new}` instead of {an_old} `{old}`"
                )
            }
            What::Way(events, old, new) => f.write_str(&way(events, &step, old, new)),
            What::Effect(events, key, old, new) => {
                f.write_str(&effect(events, &step, key, old.as_deref(), new.as_deref()))
            }
            What::Condition(old, new) => {
                write!(f, "{step} now asks whether `{new}` instead of `{old}`")
            }
            What::Conditions(order) => {
                write!(f, "{step} now asks in this order: {}", list(order, "then"))
            }
            What::Words(words) => f.write_str(&said(&self.steps, words)),
            What::Stores(old, new) => f.write_str(&stores(&step, old.as_deref(), new.as_deref())),
            What::Submits(old, new) => {
                write!(f, "{step} now submits to `{new}` instead of `{old}`")
            }
            What::Partial(true) => {
                write!(
                    f,
                    "{step} now submits what there is, even if answers are missing"
                )
            }
            What::Partial(false) => {
                write!(f, "{step} now submits only if no answer is missing")
            }
            What::Destination(action, old, new) => {
                write!(f, "{step} now {action}s {new} instead of {old}")
            }
            What::Key(path, old, new) => {
                f.write_str(&key(&step, path, old.as_deref(), new.as_deref()))
            }
            What::Earlier(other) => write!(f, "{step} is asked before `{other}`"),
            What::Later(other) => write!(f, "{step} is asked after `{other}`"),
        }
    }
}

impl fmt::Display for FlowChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str("the flow is new"),
            Self::Gone => f.write_str("the flow is gone"),
            Self::NumberNew(number) => write!(f, "calls to {number} now come here"),
            Self::NumberGone(number) => write!(f, "calls to {number} no longer come here"),
            Self::First(old, new) => write!(f, "a call now begins in {new} instead of {old}"),
            Self::LanguageNew(tag) => write!(f, "the flow now speaks {tag}"),
            Self::LanguageGone(tag) => write!(f, "the flow no longer speaks {tag}"),
            Self::Voice(tag, old, new) => {
                let (new, old) = (voice(new.as_deref()), voice(old.as_deref()));
                write!(f, "{tag} is now spoken by {new} instead of {old}")
            }
            Self::Hours(name, what, old, new) => {
                write!(f, "`hours.{name}`: {what} is now {new} instead of {old}")
            }
        }
    }
}

impl AnswerChange {
    /// In words, of the answer of this name.
    fn words(&self, name: &str) -> String {
        const WHERE: &str = "where everything is submitted";
        match self {
            Self::New(kind) => format!("the answer `{name}` is new: {kind}"),
            Self::Gone => format!("the answer `{name}` is gone: it is no longer submitted"),
            Self::Type(old, new) => format!("`{name}` may now be {}", instead(new, old)),
            Self::Optional(true) => format!("`{name}` may now be missing {WHERE}"),
            Self::Optional(false) => format!("`{name}` may no longer be missing {WHERE}"),
            Self::Sensitive(true) => {
                format!("`{name}` is now kept from everybody but the backend")
            }
            Self::Sensitive(false) => {
                format!("`{name}` is no longer kept from everybody but the backend")
            }
        }
    }
}

fn new_step(step: &str, action: &str, said: &str) -> String {
    let new = format!("{step} is new, {} `{action}`", article(action));
    if said.is_empty() {
        new
    } else {
        format!("{new}: \"{said}\"")
    }
}

fn stores(step: &str, old: Option<&str>, new: Option<&str>) -> String {
    const WHAT: &str = "what is entered as";
    match (old, new) {
        (Some(old), Some(new)) => {
            format!("{step} now stores {WHAT} `{new}` instead of `{old}`")
        }
        (None, Some(new)) => format!("{step} now stores {WHAT} `{new}`"),
        (old, None) => {
            let old = old.unwrap_or_default();
            format!("{step} no longer stores {WHAT} `{old}`")
        }
    }
}

/// A key, of a step unless that is empty.
fn key(step: &str, path: &[String], old: Option<&str>, new: Option<&str>) -> String {
    let path = path.join(".");
    let is = now(old, new);
    if step.is_empty() {
        format!("`{path}` {is}")
    } else {
        format!("`{path}` of {step} {is}")
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
    match events {
        [Event::Keys(_), ..] => format!("pressing {} in {step}", either(events)),
        [Event::Anywhere(_), ..] => format!("pressing {} at any question", either(events)),
        [Event::Outcome(..), ..] => format!("{} of {step}", either(events)),
        [Event::NoInput, Event::NoMatch, ..] => format!("a caller out of attempts in {step}"),
        [Event::NoInput, ..] => format!("a caller who is silent at the last attempt in {step}"),
        [Event::NoMatch, ..] => {
            format!("a caller with a wrong entry at the last attempt in {step}")
        }
        [Event::AnyKey, ..] => format!("pressing any other key in {step}"),
        [Event::Silent, ..] => format!("the first silence in {step}"),
        [Event::Entry, ..] => format!("a legal entry in {step}"),
        [Event::When(condition), ..] => format!("where `{condition}` holds, {step}"),
        [Event::Otherwise, ..] => format!("where no condition holds, {step}"),
        [Event::Begins, ..] => "a call".to_owned(),
        [Event::OutOfAttempts, ..] => "a caller out of attempts".to_owned(),
        [Event::LeavesEarly, ..] => "a caller who hangs up early".to_owned(),
        [Event::CannotBeDone, ..] => "a step that cannot be done".to_owned(),
        [Event::Placed(outcome), ..] => {
            format!("a call of ours that ends in `{}`", outcome.as_str())
        }
        [Event::Exit(exit), ..] => format!("after the exit `{exit}`, {step}"),
        [Event::Itself, ..] | [] => step.to_owned(),
    }
}

/// Keys or outcomes as alternatives.
fn either(events: &[Event]) -> String {
    let names = events.iter().filter_map(|event| match event {
        Event::Keys(keys) | Event::Anywhere(keys) => Some(keys.clone()),
        Event::Outcome(outcome, _) => Some(format!("`{outcome}`")),
        _ => None,
    });
    joined(&names.collect::<Vec<_>>(), "or")
}

/// Events of one kind after another, each kind with its own words.
fn by_kind(events: &[Event]) -> Vec<Vec<Event>> {
    let mut kinds: Vec<Vec<Event>> = Vec::new();
    for event in events {
        let alike = |other: &Event| match (other, event) {
            (Event::When(_) | Event::Placed(_), _) => false,
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
        matches!(
            events,
            [Event::Keys(_) | Event::AnyKey | Event::Anywhere(_), ..]
        ),
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
fn effect(
    events: &[Event],
    step: &str,
    key: &[String],
    old: Option<&str>,
    new: Option<&str>,
) -> String {
    let subject = subjects(events, step);
    let keys: Vec<&str> = key.iter().map(String::as_str).collect();
    let stores = match keys.as_slice() {
        ["set", ""] => {
            let order = new.unwrap_or_default();
            return format!("{subject} now sets in this order: {order}");
        }
        ["forget", name] => {
            let now = if new.is_some() {
                "now forgets"
            } else {
                "no longer forgets"
            };
            return format!("{subject} {now} `{name}`");
        }
        ["append"] => "appends to ".to_owned(),
        ["full"] => "leads, with a full list, to ".to_owned(),
        ["full", rest @ ..] => {
            return format!(
                "`{}` with a full list for {subject} {}",
                rest.join("."),
                now(old, new)
            );
        }
        ["set", name @ ..] => format!("sets `{}` to ", name.join(".")),
        ["value"] => "stores ".to_owned(),
        _ => return format!("`{}` for {subject} {}", key.join("."), now(old, new)),
    };
    match (old, new) {
        (Some(old), Some(new)) => format!("{subject} now {stores}{new} instead of {old}"),
        (None, Some(new)) => format!("{subject} now {stores}{new}"),
        (old, None) => format!("{subject} no longer {stores}{}", old.unwrap_or_default()),
    }
}

fn said(steps: &[String], words: &Words) -> String {
    let who = speakers(steps, &words.keys);
    let language = words.language.as_ref();
    let language = language.map(|tag| format!(" in {tag}")).unwrap_or_default();
    let (say, play) = if steps.len() > 1 {
        ("say", "play")
    } else {
        ("says", "plays")
    };
    match (&words.old, &words.new, &words.recordings) {
        (Some(old), Some(new), Some((_, now))) if old == new && now.is_empty() => format!(
            "{who} {say} the same words{language}, but no longer {play} a recording of them"
        ),
        (Some(old), Some(new), Some((_, now))) if old == new => {
            let now = now.join(", ");
            format!("{who} {play} another recording{language}: {now}")
        }
        (Some(_), Some(_), _) => format!("{who} {say} other words{language}"),
        (None, Some(new), _) => format!("{who} now {say}{language} \"{new}\""),
        (old, None, _) => {
            let old = old.as_deref().unwrap_or_default();
            format!("{who} no longer {say}{language} \"{old}\"")
        }
    }
}

/// The steps that say something, each by its key; where there is none, what a value of an answer is spoken by.
fn speakers(steps: &[String], keys: &[Vec<String>]) -> String {
    if steps.is_empty() {
        return match keys.first().map(Vec::as_slice) {
            Some([answer, value]) => format!("the value `{value}` of `{answer}`"),
            Some([id]) if id == APOLOGY => "the apology".to_owned(),
            Some([id]) if id == HOLD => "the hold".to_owned(),
            _ => String::new(),
        };
    }
    let steps = steps.iter().zip(keys);
    let speakers: Vec<String> = steps.map(|(step, key)| speaker(step, key)).collect();
    joined(&speakers, "and")
}

/// A step, or a prompt of it that is not its first.
fn speaker(step: &str, key: &[String]) -> String {
    let key = if key.last().is_some_and(|last| last == "1") {
        &key[..key.len() - 1]
    } else {
        key
    };
    match key {
        [] => format!("`{step}`"),
        [refuse, when, _] if refuse == REFUSE.name => format!("`{step}`, refusing `{when}`,"),
        key => format!("`{}` of `{step}`", key.join(".")),
    }
}

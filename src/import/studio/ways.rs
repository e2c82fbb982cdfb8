//! The ways that a call can take through an export: every key that is looked at and one that is not, silence, and each outcome
//! of what the flow does, up to a bound; with what is heard on each.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value as Json, json};

use super::export::{Export, Widget};
use super::player::{Answer, Deed, Execution, Others, Wait};
use super::translate::passes;

/// How often a way may come to the same widget before it only takes the first choice there.
const AGAIN: usize = 3;
/// A number that a service says.
const NUMBER: &str = "+442079460002";
/// The most answers of a way.
const LONGEST: usize = 40;

/// A way: what comes back, and what is heard.
#[derive(Clone, Debug)]
pub struct Way {
    /// What the caller does, and what becomes of what the flow does, in this order.
    pub given: Vec<Given>,
    /// What the caller hears, with one space between; a recording as `[audio FILE]`.
    pub heard: String,
    /// The addresses of the recordings that are heard.
    pub recordings: BTreeSet<String>,
    /// Whom or what the call is handed to, by the widget.
    pub handed_on: Vec<String>,
    /// Whether Studio ends the call since it came to the same widget too often.
    pub is_cut_off: bool,
}

/// What comes back to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// Keys.
    Press(String),
    /// Silence.
    Silent,
    /// An outcome of a widget, as a test call writes it.
    Comes {
        /// Which.
        widget: String,
        /// What becomes of it.
        what: Json,
    },
}

/// The ways of a flow, as many as are asked for at most, and of those that it goes through; and whether these are all.
pub fn ways(export: &Export, others: &Others<'_>, most: usize) -> (Vec<Way>, bool) {
    let start = Path {
        execution: Execution::begin(export, others.clone(), "+442079460001", "+442079460123"),
        way: Way {
            given: Vec::new(),
            heard: String::new(),
            recordings: BTreeSet::new(),
            handed_on: Vec::new(),
            is_cut_off: false,
        },
        met: HashMap::new(),
    };
    let mut all_looks = HashMap::from([(None, Looks::of(export))]);
    let inner = others.iter();
    all_looks.extend(inner.map(|(sid, export)| (Some(*sid), Looks::of(export))));
    let (mut found, mut open) = (Vec::new(), vec![start]);
    while let Some(mut path) = open.pop() {
        if found.len() >= most {
            return (found, false);
        }
        let mut deeds = Vec::new();
        let wait = path.execution.run(&mut deeds);
        path.way.hear(&deeds);
        path.way.is_cut_off = path.execution.is_cut_off();
        let looks = &all_looks[&path.execution.inner()];
        let choices = match &wait {
            Wait::End => Vec::new(),
            Wait::Input(widget) => looks.input(widget),
            Wait::Outcome { widget, kind, .. } => looks.outcomes(widget, kind),
        };
        let (Wait::Input(widget) | Wait::Outcome { widget, .. }) = &wait else {
            found.push(path.way);
            continue;
        };
        if path.way.given.len() >= LONGEST {
            found.push(path.way);
            continue;
        }
        let times = path.met.entry(widget.clone()).or_default();
        *times += 1;
        let width = if *times > AGAIN { 1 } else { choices.len() };
        if matches!(&wait, Wait::Outcome { kind, .. } if passes(kind).is_none()) {
            path.way.handed_on.push(widget.clone());
        }
        for (answer, given) in choices.into_iter().take(width).rev() {
            let mut next = path.clone();
            next.way.given.extend(given);
            next.execution.answer(answer);
            open.push(next);
        }
    }
    (found, true)
}

#[derive(Clone)]
struct Path<'e> {
    execution: Execution<'e>,
    way: Way,
    met: HashMap<String, usize>,
}

impl Way {
    fn hear(&mut self, deeds: &[Deed]) {
        for deed in deeds {
            let Deed::Heard(what) = deed else {
                continue;
            };
            let words: Vec<&str> = what.split_whitespace().collect();
            let words = words.join(" ");
            let is_recording = what.starts_with("http://") || what.starts_with("https://");
            if !self.heard.is_empty() {
                self.heard.push(' ');
            }
            if is_recording {
                self.recordings.insert(what.clone());
                self.heard += &format!("[audio {}]", file_of(what));
            } else {
                self.heard += &words;
            }
        }
    }
}

/// What the splits of a flow look at.
struct Looks {
    /// The keys by the widget that asks.
    keys: BTreeMap<String, BTreeSet<String>>,
    /// The values by the widget that asks a service, and by their path there.
    values: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// The paths of the numbers that are called, by the widget that asks a service.
    numbers: BTreeMap<String, BTreeSet<String>>,
}

impl Looks {
    fn of(export: &Export) -> Self {
        let mut looks = Self {
            keys: BTreeMap::new(),
            values: BTreeMap::new(),
            numbers: BTreeMap::new(),
        };
        for widget in export
            .widgets
            .iter()
            .filter(|one| one.kind == "connect-call-to")
        {
            let to = widget.text("to");
            if let ["widgets", asks, "parsed", path @ ..] = path_of(&to).as_slice() {
                let numbers = looks.numbers.entry((*asks).to_owned()).or_default();
                numbers.insert(path.join("/"));
            }
        }
        let splits = export
            .widgets
            .iter()
            .flat_map(|widget: &Widget| &widget.transitions);
        for condition in splits.flat_map(|transition| &transition.conditions) {
            let parts = path_of(&condition.subject);
            let list = condition
                .value
                .split(',')
                .map(|value| value.trim().to_owned());
            match parts.as_slice() {
                ["widgets", widget, "Digits"] => {
                    let keys = looks.keys.entry((*widget).to_owned()).or_default();
                    keys.extend(list.filter(|key| key.bytes().all(|key| key.is_ascii_digit())));
                }
                ["widgets", widget, "parsed", path @ ..] => {
                    let values = looks.values.entry((*widget).to_owned()).or_default();
                    let values = values.entry(path.join("/")).or_default();
                    let is_list = condition.predicate.contains("contain");
                    values.extend(
                        list.map(|value| if is_list { format!("[{value}]") } else { value }),
                    );
                }
                _ => {}
            }
        }
        looks
    }

    fn input(&self, widget: &str) -> Vec<(Answer, Vec<Given>)> {
        let known = self.keys.get(own(widget)).cloned().unwrap_or_default();
        let wrong = ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"];
        let wrong = wrong.iter().find(|key| !known.contains(**key));
        let keys = known.iter().map(String::as_str).chain(wrong.copied());
        let press = |key: &str| {
            (
                Answer::Keys(key.to_owned()),
                vec![Given::Press(key.to_owned())],
            )
        };
        let silent = (Answer::Silence, vec![Given::Silent]);
        keys.filter(|key| !key.is_empty())
            .map(press)
            .chain([silent])
            .collect()
    }

    /// The events of a widget, the facts of each, and how a test call says so.
    fn outcomes(&self, widget: &str, kind: &str) -> Vec<(Answer, Vec<Given>)> {
        if let Some((event, _)) = passes(kind) {
            return vec![(Answer::Event(event, Map::new()), Vec::new())];
        }
        let comes = |event: &'static str, facts: Json, what: Json| {
            let facts = facts.as_object().cloned().unwrap_or_default();
            let widget = widget.to_owned();
            (
                Answer::Event(event, facts),
                vec![Given::Comes { widget, what }],
            )
        };
        match kind {
            "connect-call-to" => [
                ("completed", "answered"),
                ("busy", "busy"),
                ("no-answer", "no_answer"),
                ("failed", "failed"),
            ]
            .map(|(status, outcome)| {
                let facts = json!({ "DialCallStatus": status });
                comes(
                    "callCompleted",
                    facts,
                    json!({ "outcome": outcome, "after": "5s" }),
                )
            })
            .to_vec(),
            "record-voicemail" => vec![comes(
                "recordingComplete",
                json!({ "RecordingDuration": "8" }),
                json!({ "seconds": 8, "ends": "#" }),
            )],
            "enqueue-call" | "send-to-flex" => [
                ("callComplete", "talked"),
                ("failedToEnqueue", "full"),
                ("callFailure", "error"),
            ]
            .map(|(event, outcome)| comes(event, json!({}), json!({ "outcome": outcome })))
            .to_vec(),
            "make-http-request" | "run-function" => {
                let failed = if kind == "run-function" {
                    "fail"
                } else {
                    "failed"
                };
                let answers = self.answers(widget).into_iter().map(|answer| {
                    let facts = json!({ "parsed": answer, "status_code": 200 });
                    comes("success", facts, json!({ "status": 200, "json": answer }))
                });
                let failed = comes(failed, json!({}), json!({ "status": 500 }));
                answers.chain([failed]).collect()
            }
            "run-subflow" => vec![(Answer::Event("completed", Map::new()), Vec::new())],
            _ => Vec::new(),
        }
    }

    /// The answers of a service that the flow tells apart: each value that it looks for, and one that it does not.
    fn answers(&self, widget: &str) -> Vec<Json> {
        let none = BTreeMap::new();
        let looked = self.values.get(own(widget)).unwrap_or(&none);
        let numbers = self.numbers.get(own(widget));
        let other = |values: &BTreeSet<String>| {
            let first = values.iter().next().map_or("", String::as_str);
            if first.starts_with('[') {
                json!([])
            } else if values.iter().all(|value| value.parse::<i64>().is_ok()) {
                json!(1_000)
            } else {
                json!("something else")
            }
        };
        let base = || {
            let mut answer = json!({});
            for (path, values) in looked {
                put(&mut answer, path, other(values));
            }
            for path in numbers.into_iter().flatten() {
                put(&mut answer, path, json!(NUMBER));
            }
            answer
        };
        let mut answers = vec![base()];
        for (path, values) in looked {
            for value in values.iter().filter(|value| !value.contains("{{")) {
                let mut answer = base();
                put(&mut answer, path, written(value));
                answers.push(answer);
            }
        }
        answers
    }
}

/// The name that a widget has in its own flow.
fn own(widget: &str) -> &str {
    widget.rsplit('/').next().unwrap_or_default()
}

/// The parts of the path that a template reads, where it is one value.
fn path_of(template: &str) -> Vec<&str> {
    let template = template.trim();
    let inner = template
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"));
    let path = inner.map(|inner| inner.split('|').next().unwrap_or_default().trim());
    path.unwrap_or_default().split('.').collect()
}

/// The file that an address names, as test calls write it; nothing for a host alone.
fn file_of(url: &str) -> &str {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split_once('/')
        .and_then(|(_, path)| path.rsplit('/').next())
        .unwrap_or_default()
}

fn written(value: &str) -> Json {
    let inner = value
        .strip_prefix('[')
        .and_then(|value| value.strip_suffix(']'));
    match (inner, value.parse::<i64>()) {
        (Some(entry), _) => json!([entry]),
        (None, Ok(number)) => json!(number),
        (None, Err(_)) => json!(value),
    }
}

fn put(answer: &mut Json, path: &str, value: Json) {
    let mut at = answer;
    if path.is_empty() {
        *at = value;
        return;
    }
    for part in path.split('/') {
        if !at[part].is_object() {
            at[part] = json!({});
        }
        at = &mut at[part];
    }
    *at = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_menu_has_a_way_for_each_key_for_another_one_and_for_silence() {
        let is = |key: &str| json!([{ "friendly_name": key, "arguments": ["{{widgets.m.Digits}}"], "type": "equal_to", "value": key }]);
        let flow = json!({ "description": "", "initial_state": "T", "states": [
            { "name": "T", "type": "trigger", "properties": {}, "transitions": [{ "event": "incomingCall", "next": "m" }] },
            { "name": "m", "type": "gather-input-on-call", "properties": { "say": "1 or 2?" }, "transitions": [{ "event": "keypress", "next": "s" }, { "event": "timeout" }] },
            { "name": "s", "type": "split-based-on", "properties": {}, "transitions": [
                { "event": "match", "next": "a", "conditions": is("1") }, { "event": "match", "conditions": is("2") }, { "event": "noMatch", "next": "m" },
            ] },
            { "name": "a", "type": "say-play", "properties": { "play": "https://x.example.com/a.mp3" }, "transitions": [] },
        ] });
        let export = Export::read(&flow.to_string()).expect("it is one");
        let (found, is_all) = ways(&export, &Others::new(), 1_000);
        assert!(is_all);
        assert_eq!(found[0].given, [Given::Press("1".to_owned())]);
        assert_eq!(found[0].heard, "1 or 2? [audio a.mp3]");
        assert!(found.iter().any(|way| way.given == [Given::Silent]));
        let wrong = found
            .iter()
            .find(|way| way.given.first() == Some(&Given::Press("9".to_owned())));
        assert!(wrong.is_some_and(|way| way.heard.starts_with("1 or 2? 1 or 2?")));
        let (some, is_all) = ways(&export, &Others::new(), 3);
        assert_eq!((some.len(), is_all), (3, false));
    }
}

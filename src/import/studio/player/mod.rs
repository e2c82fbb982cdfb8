//! Plays an export as Studio does, without Studio: what a caller hears, is asked and is handed to, for any answers.
//!
//! It knows nothing of our flows and shares no code with the translation, so that the two can be held against each other.

mod liquid;
mod predicate;

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use super::export::{Export, SUBFLOW, Widget};

/// How many widgets an execution goes through at most (Twilio, "Studio: limits").
const STEPS: usize = 1_000;
/// How often the same widget is executed in a round without another question between.
const ROUNDS: usize = 10;

/// What an execution does that somebody notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The caller hears words, or a recording by its URL.
    Heard(String),
    /// Keys are sent to the other side.
    Sent(String),
    /// A message is sent: to whom, and its text.
    Texted(String, String),
}

/// What an execution waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Keys or words of the caller, at this widget: its name, behind those of the widgets that go through the flow that it is in.
    Input(String),
    /// What becomes of something that the widget does, and what it does it with: `connect-call-to` and a number, a request
    /// and its URL.
    Outcome {
        /// The widget, named alike.
        widget: String,
        /// Its type.
        kind: String,
        /// Whom or what.
        what: String,
    },
    /// Nothing: the execution is over, and so is the call.
    End,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Keys that were pressed, without the one that ends them.
    Keys(String),
    /// Words that were heard.
    Speech(String),
    /// Nothing, until the time was over.
    Silence,
    /// An event of the widget, with the facts that stand below its name then.
    Event(&'static str, Map<String, Json>),
}

/// The flows that are gone through, by Studio's names of them.
pub type Others<'e> = HashMap<&'e str, &'e Export>;

/// The flow that waits while its call goes through another.
#[derive(Clone, Debug)]
struct Outer<'e> {
    export: &'e Export,
    known: Json,
    widget: &'e Widget,
    rounds: HashMap<&'e str, usize>,
}

/// An execution between two answers.
#[derive(Clone, Debug)]
pub struct Execution<'e> {
    export: &'e Export,
    others: Others<'e>,
    outer: Vec<Outer<'e>>,
    /// What Liquid knows.
    known: Json,
    at: Option<&'e Widget>,
    steps: usize,
    rounds: HashMap<&'e str, usize>,
    is_cut_off: bool,
}

impl<'e> Execution<'e> {
    /// A call that comes in.
    pub fn begin(export: &'e Export, others: Others<'e>, from: &str, to: &str) -> Self {
        let call = json!({ "From": from, "To": to, "Caller": from, "Called": to, "CallSid": "CA1", "CallStatus": "ringing", "Direction": "inbound" });
        let mut trigger = json!({ "call": call });
        if export.is_gone_through || !export.takes_calls() {
            trigger["parent"] = json!({ "trigger_type": "call", "parameters": {} });
        }
        Self {
            others,
            outer: Vec::new(),
            known: json!({
                "trigger": trigger,
                "contact": { "channel": { "address": from } },
                "flow": { "channel": { "address": to }, "variables": {}, "sid": "FN1", "flow_sid": "FW1" },
                "widgets": {},
            }),
            at: export
                .start
                .as_deref()
                .and_then(|start| export.widget(start)),
            export,
            steps: 0,
            rounds: HashMap::new(),
            is_cut_off: false,
        }
    }

    /// Whether it is over since it came to the same widget too often.
    pub fn is_cut_off(&self) -> bool {
        self.is_cut_off
    }

    /// What Liquid knows.
    pub fn known(&self) -> &Json {
        &self.known
    }

    /// Goes on to the next wait, noting what is done.
    pub fn run(&mut self, deeds: &mut Vec<Deed>) -> Wait {
        loop {
            let Some(widget) = self.at else {
                if self.is_cut_off || !self.comes_back() {
                    return Wait::End;
                }
                continue;
            };
            self.steps += 1;
            let round = self.rounds.entry(&widget.name).or_default();
            *round += 1;
            if self.steps > STEPS || *round > ROUNDS {
                self.at = None;
                self.is_cut_off = true;
                return Wait::End;
            }
            if let Some(wait) = self.perform(widget, deeds) {
                return wait;
            }
        }
    }

    /// Goes on in the flow that went through this one; whether there is one.
    fn comes_back(&mut self) -> bool {
        let Some(outer) = self.outer.pop() else {
            return false;
        };
        (self.export, self.known, self.rounds) = (outer.export, outer.known, outer.rounds);
        self.go(outer.widget, "completed");
        true
    }

    /// Goes through another flow, if that is known.
    fn goes_through(&mut self, widget: &'e Widget) -> bool {
        let sid = widget.text("flow_sid");
        let Some(inner) = self.others.get(sid.as_str()).copied() else {
            return false;
        };
        let given = widget.pairs("parameters").into_iter();
        let given: Map<String, Json> = given
            .map(|(name, value)| (name, liquid::render(&value, &self.known).into()))
            .collect();
        let mut known = self.known.clone();
        known["trigger"]["parent"] = json!({ "trigger_type": "call", "parameters": given });
        known["flow"]["variables"] = json!({});
        known["widgets"] = json!({});
        self.outer.push(Outer {
            export: std::mem::replace(&mut self.export, inner),
            known: std::mem::replace(&mut self.known, known),
            widget,
            rounds: std::mem::take(&mut self.rounds),
        });
        let start = inner.start.as_deref();
        self.at = start.and_then(|start| inner.widget(start));
        true
    }

    /// The flow that the call is in, by Studio's name of it; nothing for the one that it came to.
    pub fn inner(&self) -> Option<&'e str> {
        let inner = self.outer.last()?;
        let sid = inner.widget.text("flow_sid");
        let mut known = self.others.keys().copied();
        known.find(|known| *known == sid)
    }

    /// The widget's name behind those that go through the flows around it.
    fn path(&self, widget: &Widget) -> String {
        let outer = self.outer.iter().map(|outer| outer.widget.name.as_str());
        let all: Vec<&str> = outer.chain([widget.name.as_str()]).collect();
        all.join("/")
    }

    /// Does what a widget does that needs no answer; else what it waits for.
    fn perform(&mut self, widget: &'e Widget, deeds: &mut Vec<Deed>) -> Option<Wait> {
        if widget.kind == SUBFLOW && self.goes_through(widget) {
            return None;
        }
        let said = |key: &str| liquid::render(&widget.text(key), &self.known);
        match widget.kind.as_str() {
            "say-play" => {
                let times = widget.number("loop").unwrap_or(1).clamp(1, 99);
                for _ in 0..times {
                    deeds.extend(heard(&said("say"), &said("play")));
                }
                let keys = said("digits");
                deeds.extend((!keys.is_empty()).then_some(Deed::Sent(keys)));
                self.go(widget, "audioComplete");
            }
            "split-based-on" => self.split(widget),
            "set-variables" => {
                self.set(widget);
                self.go(widget, "next");
            }
            "gather-input-on-call" => {
                let times = widget.number("loop").unwrap_or(1).clamp(1, 99);
                for _ in 0..times {
                    deeds.extend(heard(&said("say"), &said("play")));
                }
                return Some(Wait::Input(self.path(widget)));
            }
            "send-message" => {
                deeds.push(Deed::Texted(said("to"), said("body")));
                self.go(widget, "sent");
            }
            "fork-stream" => self.go(widget, "next"),
            kind => {
                let keys = [
                    "to",
                    "url",
                    "queue_name",
                    "workflow_sid",
                    "workflow",
                    "flow_sid",
                ];
                let named = keys.iter().map(|key| said(key));
                return Some(Wait::Outcome {
                    widget: self.path(widget),
                    kind: kind.to_owned(),
                    what: named
                        .into_iter()
                        .find(|what| !what.is_empty())
                        .unwrap_or_default(),
                });
            }
        }
        None
    }

    /// Takes what comes back to the widget that waits.
    pub fn answer(&mut self, answer: Answer) {
        let Some(widget) = self.at else {
            return;
        };
        if widget.kind == "gather-input-on-call" {
            // Another question was put: the rounds of those before are over.
            self.rounds.retain(|name, _| *name == widget.name.as_str());
        }
        match answer {
            Answer::Keys(keys) => {
                self.learn(
                    widget,
                    [("Digits".to_owned(), Json::from(keys))]
                        .into_iter()
                        .collect(),
                );
                self.go(widget, "keypress");
            }
            Answer::Speech(words) => {
                let facts = [("SpeechResult".to_owned(), Json::from(words))];
                self.learn(widget, facts.into_iter().collect());
                self.go(widget, "speech");
            }
            Answer::Silence => self.go(widget, "timeout"),
            Answer::Event(event, facts) => {
                self.learn(widget, facts);
                self.go(widget, event);
            }
        }
    }

    fn go(&mut self, widget: &'e Widget, event: &str) {
        self.at = widget.on(event).and_then(|next| self.export.widget(next));
    }

    /// Transitions are looked at in their order, and the first that holds is taken.
    fn split(&mut self, widget: &'e Widget) {
        let mut matches = widget
            .transitions
            .iter()
            .filter(|transition| transition.event == "match");
        let taken = matches.find(|transition| {
            let mut all = transition.conditions.iter();
            !transition.conditions.is_empty()
                && all.all(|condition| predicate::holds(condition, &self.known))
        });
        self.at = match taken {
            Some(taken) => taken
                .next
                .as_deref()
                .and_then(|next| self.export.widget(next)),
            None => widget
                .on("noMatch")
                .and_then(|next| self.export.widget(next)),
        };
    }

    fn set(&mut self, widget: &Widget) {
        for (key, value) in widget.pairs("variables") {
            let value = liquid::render(&value, &self.known);
            self.known["flow"]["variables"][key] = Json::from(value);
        }
    }

    fn learn(&mut self, widget: &Widget, facts: Map<String, Json>) {
        if self.known["widgets"][&widget.name].is_null() {
            self.known["widgets"][&widget.name] = json!({});
        }
        for (name, fact) in facts {
            self.known["widgets"][&widget.name][name] = fact;
        }
    }
}

fn heard(say: &str, play: &str) -> Option<Deed> {
    let what = if say.is_empty() { play } else { say };
    let what = what.trim();
    (!what.is_empty()).then(|| Deed::Heard(what.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export(states: &Json) -> Export {
        let flow = json!({ "description": "A line", "initial_state": "Trigger", "states": states });
        Export::read(&flow.to_string()).expect("it is one")
    }

    fn trigger(next: &str) -> Json {
        json!({ "name": "Trigger", "type": "trigger", "properties": {}, "transitions": [{ "event": "incomingCall", "next": next }] })
    }

    fn say(name: &str, words: &str, next: &str) -> Json {
        json!({ "name": name, "type": "say-play", "properties": { "say": words, "loop": 1 }, "transitions": [{ "event": "audioComplete", "next": next }] })
    }

    fn menu() -> Export {
        let is_one = json!([{ "friendly_name": "one", "arguments": ["{{widgets.menu.Digits}}"], "type": "equal_to", "value": "1" }]);
        export(&json!([
            trigger("menu"),
            { "name": "menu", "type": "gather-input-on-call", "properties": { "say": "Press 1." }, "transitions": [
                { "event": "keypress", "next": "which" }, { "event": "timeout" }, { "event": "speech" },
            ] },
            { "name": "which", "type": "split-based-on", "properties": { "input": "{{widgets.menu.Digits}}" }, "transitions": [
                { "event": "noMatch", "next": "wrong" }, { "event": "match", "next": "one", "conditions": is_one },
            ] },
            say("wrong", "Wrong, {{contact.channel.address}}.", "menu"),
            say("one", "One.", ""),
        ]))
    }

    #[test]
    fn a_menu_is_played_key_by_key() {
        let export = menu();
        let mut execution = Execution::begin(&export, Others::new(), "+1", "+2");
        let mut deeds = Vec::new();
        assert_eq!(execution.run(&mut deeds), Wait::Input("menu".to_owned()));
        execution.answer(Answer::Keys("2".to_owned()));
        assert_eq!(execution.run(&mut deeds), Wait::Input("menu".to_owned()));
        execution.answer(Answer::Keys("1".to_owned()));
        assert_eq!(execution.run(&mut deeds), Wait::End);
        let heard = ["Press 1.", "Wrong, +1.", "Press 1.", "One."];
        assert_eq!(deeds, heard.map(|words| Deed::Heard(words.to_owned())));
    }

    #[test]
    fn silence_and_speech_that_lead_nowhere_end_the_call() {
        let export = menu();
        for answer in [Answer::Silence, Answer::Speech("one".to_owned())] {
            let mut execution = Execution::begin(&export, Others::new(), "+1", "+2");
            execution.run(&mut Vec::new());
            execution.answer(answer);
            assert_eq!(execution.run(&mut Vec::new()), Wait::End);
        }
    }

    #[test]
    fn a_widget_is_gone_through_ten_times() {
        let export = menu();
        let mut execution = Execution::begin(&export, Others::new(), "+1", "+2");
        let mut asked = 0;
        while execution.run(&mut Vec::new()) != Wait::End {
            asked += 1;
            execution.answer(Answer::Keys("9".to_owned()));
        }
        assert_eq!(asked, 10);
        assert!(execution.is_cut_off());
        let circle = export_of_a_circle();
        let mut execution = Execution::begin(&circle, Others::new(), "+1", "+2");
        let mut deeds = Vec::new();
        assert_eq!(execution.run(&mut deeds), Wait::End);
        assert_eq!(deeds.len(), 10);
    }

    fn export_of_a_circle() -> Export {
        export(&json!([trigger("a"), say("a", "A.", "a")]))
    }

    #[test]
    fn variables_are_texts_and_outcomes_have_facts() {
        let count = json!([{ "key": "tries", "value": "{{flow.variables.tries | plus: 1}}" }]);
        let export = export(&json!([
            trigger("count"),
            { "name": "count", "type": "set-variables", "properties": { "variables": count }, "transitions": [{ "event": "next", "next": "desk" }] },
            { "name": "desk", "type": "connect-call-to", "properties": { "noun": "number", "to": "+44{{flow.variables.tries}}" }, "transitions": [
                { "event": "callCompleted", "next": "after" }, { "event": "hangup" },
            ] },
            say("after", "It was {{widgets.desk.DialCallStatus}}.", "count"),
        ]));
        let mut execution = Execution::begin(&export, Others::new(), "+1", "+2");
        let mut deeds = Vec::new();
        let Wait::Outcome { what, .. } = execution.run(&mut deeds) else {
            panic!("it dials");
        };
        assert_eq!(what, "+441");
        let facts = [("DialCallStatus".to_owned(), Json::from("busy"))];
        execution.answer(Answer::Event("callCompleted", facts.into_iter().collect()));
        let Wait::Outcome { what, .. } = execution.run(&mut deeds) else {
            panic!("it dials again");
        };
        assert_eq!(what, "+442");
        assert_eq!(deeds, [Deed::Heard("It was busy.".to_owned())]);
    }
}

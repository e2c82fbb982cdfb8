//! What can be seen of a call between two turns: where it is, which way it took, what it knows.

use serde::Serialize;

use super::mask::HIDDEN;
use crate::engine::edge::Target;
use crate::engine::{self, Call, Entry, Flow, On, Plain, Slot, Value};

/// A call after a turn, for the page.
#[derive(Debug, Serialize)]
pub struct LiveCall {
    flow: String,
    version: String,
    turn: u32,
    visit: u16,
    /// Where it waits, or was last.
    step: Option<String>,
    /// How it went, once it is over.
    outcome: Option<&'static str>,
    language: String,
    answers: Vec<Named>,
    variables: Vec<Named>,
    no_input: u8,
    no_match: u8,
    /// The questions that it can go back over, oldest first.
    trail: Vec<String>,
    submitted: Vec<String>,
    /// The ways that the turn took.
    ways: Vec<TakenWay>,
}

/// A name and what it holds.
#[derive(Debug, Serialize)]
struct Named {
    name: String,
    value: Shown,
    sensitive: bool,
}

/// A value that may be seen. There is no way to make one of a sensitive answer's.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Shown(Option<serde_json::Value>);

impl Shown {
    fn of(flow: &Flow, slot: Slot, value: Option<&Value>) -> Self {
        let sensitive = flow.is_sensitive(slot);
        Self(match value {
            Some(_) if sensitive => Some(HIDDEN.into()),
            Some(value) => serde_json::to_value(Plain(flow, value)).ok(),
            None => None,
        })
    }
}

/// A way from one step to another; `to` is a step, or `hangup`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TakenWay {
    from: Option<String>,
    to: String,
}

impl LiveCall {
    /// What may be seen of a call, and the ways that led there.
    pub fn of(call: &Call, flow: &Flow, ways: Vec<TakenWay>) -> Self {
        let name = |step: u16| flow.step(step).name.clone();
        let named = |(slot, name): (Slot, &String)| Named {
            name: name.clone(),
            value: Shown::of(
                flow,
                slot,
                call.values
                    .iter()
                    .find(|(known, _)| *known == slot)
                    .map(|(_, value)| value),
            ),
            sensitive: flow.is_sensitive(slot),
        };
        let mut all: Vec<Named> = (0..).zip(&flow.names).map(named).collect();
        let variables = all.split_off(flow.answers.len().min(all.len()));
        Self {
            flow: call.flow.clone(),
            version: call.version.to_string(),
            turn: call.turn,
            visit: call.visit,
            step: call.step().map(name),
            outcome: call.is_over().then(|| call.outcome().as_str()),
            language: flow.language(call.language).tag.to_string(),
            answers: all,
            variables,
            no_input: call.misses.no_input,
            no_match: call.misses.no_match,
            trail: call.trail.iter().map(|asked| name(asked.step)).collect(),
            submitted: call.submitted.clone(),
            ways,
        }
    }
}

/// The ways that a turn took.
pub fn ways(entry: &Entry, flow: &Flow) -> Vec<TakenWay> {
    let name = |step: u16| flow.step(step).name.clone();
    // Where a way leads is where the next one begins, whatever it was called.
    let ends = entry.ways.iter().skip(1).map(|way| Some(way.from));
    let taken = |(way, next): (&engine::Taken, Option<u16>)| {
        let to = match way.to {
            Target::Step(step) => name(step),
            Target::Hangup => "hangup".to_owned(),
            Target::Repeat | Target::Back => name(next?),
        };
        let from = (way.on != On::Start).then(|| name(way.from));
        Some(TakenWay { from, to })
    };
    let ways = entry.ways.iter().zip(ends.chain([entry.step]));
    ways.filter_map(taken).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    use crate::engine::flow::Bundle;
    use crate::engine::load::load;
    use crate::engine::{About, CallSid, Input, advance};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const FLOW: &str = r#"
        [answers]
        room = { digits = 2 }
        pin = { digits = 4, sensitive = true }
        [steps.room]
        ask = "Room?"
        into = "room"
        next = "thanks"
        [steps.thanks]
        say = "Thanks."
        next = "pin"
        [steps.pin]
        ask = "PIN?"
        into = "pin"
        next = "bye"
        [steps.bye]
        say = "Bye."
        next = "hangup"
    "#;

    fn flow() -> Flow {
        load(&Bundle {
            source: FLOW.to_owned(),
            ..Bundle::default()
        })
        .expect("it is sound")
        .flow
    }

    fn turn(flow: &Flow, call: Call, input: &Input) -> Call {
        advance(flow, call, input, NOW).call
    }

    fn taken(pairs: &[(Option<&str>, &str)]) -> Vec<TakenWay> {
        let taken = |(from, to): &(Option<&str>, &str)| TakenWay {
            from: from.map(str::to_owned),
            to: (*to).to_owned(),
        };
        pairs.iter().map(taken).collect()
    }

    #[test]
    fn a_sensitive_answer_is_never_part_of_what_is_seen() {
        let flow = flow();
        let mut call = Call::new(
            CallSid::parse("CA1").expect("it is legal"),
            &flow,
            About::default(),
        );
        for input in [
            Input::Begin,
            Input::Keys("42".to_owned()),
            Input::Keys("8341".to_owned()),
        ] {
            call = turn(&flow, call, &input);
        }
        let seen = serde_json::to_string(&LiveCall::of(&call, &flow, Vec::new()))
            .expect("it can be written");
        assert!(
            seen.contains("42") && seen.contains(HIDDEN) && !seen.contains("8341"),
            "{seen}"
        );
        assert!(seen.contains(r#""outcome":"completed""#), "{seen}");
    }

    #[test]
    fn the_ways_of_a_turn_are_told_step_by_step() {
        let flow = flow();
        let mut call = Call::new(
            CallSid::parse("CA1").expect("it is legal"),
            &flow,
            About::default(),
        );
        let mut found = |input: &Input| {
            let turn = advance(&flow, call.clone(), input, NOW);
            call = turn.call.clone();
            ways(&Entry::of(&flow, &turn, input, false, NOW, 0), &flow)
        };
        assert_eq!(found(&Input::Begin), taken(&[(None, "room")]));
        assert_eq!(
            found(&Input::Keys("42".to_owned())),
            taken(&[(Some("room"), "thanks"), (Some("thanks"), "pin")])
        );
        assert_eq!(found(&Input::Silence), []);
        assert_eq!(
            found(&Input::Keys("8341".to_owned())),
            taken(&[(Some("pin"), "bye"), (Some("bye"), "hangup")])
        );
    }
}

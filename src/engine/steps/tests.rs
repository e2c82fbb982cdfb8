//! Every action and type of answers has its documents: a README whose example loads, a whole flow, and scripted calls on
//! it that go as they are written and take every way out of its steps.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::bot::OWN as OWN_WORD;
use super::{KINDS, LATER, QUALIFIERS, outcomes as outcomes_of};
use crate::engine::answers;
use crate::engine::flow::own_name;
use crate::engine::outcome_ways::ERROR;
use crate::engine::tests::phone::{Phone, bundle, dialled, faults, flow, heard};
use crate::engine::{
    At, CODE_MARK, Came, Ending, Fault, Flow, Input, LegInput, On, QueueNow, Sender, StepId,
    TextMessage, Value, WaitAsked, WaitOutcome,
};
use crate::written::keys::Shape;

/// A room's papers.
struct Room {
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    calls: &'static str,
    /// The action whose ways must all be taken.
    action: &'static str,
}

fn rooms() -> Vec<Room> {
    let steps = KINDS.iter().map(|kind| Room {
        name: kind.name,
        doc: kind.doc,
        example: kind.example,
        calls: kind.calls,
        action: kind.name,
    });
    let answers = answers::KINDS.iter().map(|kind| Room {
        name: kind.name,
        doc: kind.doc,
        example: kind.example,
        calls: kind.calls,
        action: "ask",
    });
    steps.chain(answers).collect()
}

/// `calls.toml` of a room.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    call: Vec<ScriptedCall>,
}

/// One call, from beginning to end.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptedCall {
    /// What it shows, for whom it fails.
    shows: String,
    /// Who calls, where it is not the usual number.
    from: Option<String>,
    /// Parts of what is heard at the beginning, in this order.
    #[serde(default)]
    hears: Parts,
    #[serde(default)]
    turns: Vec<ScriptedTurn>,
    /// The backends that are submitted to, in this order.
    #[serde(default)]
    submits: Vec<String>,
    /// The answers of the last submission.
    sends: Option<serde_json::Value>,
    /// What is sent by SMS, in this order: to whom, from whom, and the words.
    #[serde(default)]
    texts: Vec<String>,
    /// How the call stands in the end: `completed`, `gave_up`, `in_progress`, `hung_up`, `failed`.
    ends: String,
}

/// What the caller or the world does, one of the first six, and what is heard then; before it, what whoever is called
/// hears and presses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptedTurn {
    press: Option<String>,
    says: Option<String>,
    /// How sure the recogniser is of what is said.
    confidence: Option<f32>,
    #[serde(default)]
    silent: bool,
    #[serde(alias = "dial")]
    came: Option<String>,
    /// What comes back with it, where that is not the least.
    facts: Option<toml::Table>,
    #[serde(default)]
    hangup: bool,
    refused: Option<u32>,
    /// Seconds that pass before.
    #[serde(default)]
    later: i64,
    /// The keys that the one who answers presses, by the leg's number, and what that one heard.
    leg: Option<ScriptedLeg>,
    /// What the caller hears who waits in a queue, and presses; and what is heard after that.
    wait: Option<ScriptedWait>,
    wait_again: Option<ScriptedWait>,
    #[serde(default)]
    hears: Parts,
}

/// What whoever is called hears and presses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptedLeg {
    number: u8,
    hears: String,
    press: String,
}

/// What the carrier asks for a caller who waits, and what is heard then.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptedWait {
    #[serde(default)]
    piece: usize,
    #[serde(default)]
    waited: u32,
    position: Option<u32>,
    size: Option<u32>,
    press: Option<String>,
    hears: String,
    /// The piece that comes then.
    next: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Parts {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl Parts {
    /// The first part that is not heard, after those before it.
    fn missing(&self, heard: &str) -> Option<&str> {
        let parts = match self {
            Self::None => [].as_slice(),
            Self::One(part) => std::slice::from_ref(part),
            Self::Several(parts) => parts,
        };
        let mut rest = heard;
        parts.iter().find_map(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                None
            }
            None => Some(part.as_str()),
        })
    }
}

/// A way that was taken: from which step, and by what.
type Taken = BTreeSet<(StepId, String)>;

#[test]
fn every_room_brings_its_papers() {
    for room in rooms() {
        let lines = room.doc.lines().count();
        assert!(
            (15..=60).contains(&lines),
            "{}/README.md has {lines} lines",
            room.name
        );
        assert!(
            room.doc.starts_with(&format!("# `{}`\n", room.name)),
            "{}/README.md begins otherwise",
            room.name
        );
        assert!(
            !room.example.trim().is_empty(),
            "{}/example.toml is empty",
            room.name
        );
        assert!(
            !room.calls.trim().is_empty(),
            "{}/calls.toml is empty",
            room.name
        );
    }
}

#[test]
fn every_folder_is_a_room_of_the_list() {
    for (folder, listed) in [
        (
            "steps",
            KINDS.iter().map(|kind| kind.name).collect::<BTreeSet<_>>(),
        ),
        (
            "answers",
            answers::KINDS.iter().map(|kind| kind.name).collect(),
        ),
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/engine")
            .join(folder);
        let entries = std::fs::read_dir(path)
            .expect("the folder is there")
            .map(|entry| entry.expect("it can be read"));
        let rooms = entries
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name());
        let rooms: BTreeSet<_> = rooms
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        assert!(
            rooms.iter().map(String::as_str).eq(listed),
            "{folder}: {rooms:?}"
        );
    }
}

#[test]
fn every_example_of_a_readme_loads_with_the_steps_that_it_leads_to() {
    for room in rooms() {
        let examples: Vec<_> = room
            .doc
            .split("```toml\n")
            .skip(1)
            .map(|rest| rest.split("```").next())
            .collect();
        assert!(
            !examples.is_empty(),
            "{}/README.md has no example",
            room.name
        );
        for example in examples.into_iter().flatten() {
            let mut source = example.to_owned();
            let missing: BTreeSet<_> = faults(example)
                .into_iter()
                .filter_map(|fault| unknown_step(&fault))
                .collect();
            for step in missing {
                source.push_str(&format!("\n[steps.{step}]\nhangup = true\n"));
            }
            flow(&bundle(&source));
        }
    }
}

fn unknown_step(fault: &str) -> Option<String> {
    fault
        .split_once("target-unknown no step named `")
        .map(|(_, name)| name.trim_end_matches('`').to_owned())
}

#[test]
fn every_example_loads_without_a_warning() {
    for room in rooms() {
        assert_eq!(
            faults(room.example),
            Vec::<String>::new(),
            "{}/example.toml",
            room.name
        );
    }
}

#[test]
fn every_scripted_call_goes_as_written_and_together_they_take_every_way() {
    let mut wrong = Vec::new();
    for room in rooms() {
        let script: Script = toml::from_str(room.calls)
            .unwrap_or_else(|error| panic!("{}/calls.toml: {error}", room.name));
        let mut taken = Taken::new();
        for call in &script.call {
            if let Err(fault) = play(&room, call, &mut taken) {
                wrong.push(format!(
                    "{}/calls.toml, {:?}: {fault}",
                    room.name, call.shows
                ));
            }
        }
        let flow = flow(&bundle(room.example));
        let of_room = steps_of(&flow, &room);
        assert!(
            !of_room.is_empty(),
            "{}/example.toml has no such step",
            room.name
        );
        for step in of_room {
            for edge in flow.step(step).action.edges() {
                if !taken.contains(&(step, edge.on.clone())) {
                    wrong.push(format!(
                        "{}: no call takes `{}` of `{}`",
                        room.name,
                        edge.on,
                        flow.step(step).name
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Editors and the manual learn from an action's keys what can come of it, faults from the list of outcomes.
#[test]
fn an_action_that_waits_describes_each_outcome() {
    let mut waiting = 0;
    for kind in KINDS {
        let flow = flow(&bundle(kind.example));
        let steps = flow.steps.iter().filter_map(|step| step.action.away());
        for away in steps.filter(|away| away.action == kind.name) {
            waiting += 1;
            let keys = (kind.keys)();
            let on = keys
                .iter()
                .find(|key| key.name == "on")
                .map(|key| key.shape);
            let described = match on {
                Some(Shape::Table(described)) => described,
                // Statuses, of which there are many, are described by their form.
                Some(Shape::Names(names)) => names.fixed,
                _ => panic!("`on` of `{}` is no table of outcomes", kind.name),
            };
            // For trouble of any kind, where an action has a way for that.
            let described = described.iter().map(|key| key.name);
            let described: BTreeSet<&str> = described.filter(|name| *name != ERROR).collect();
            let all = outcomes_of(kind.name);
            let outcomes = all.iter();
            let outcomes = outcomes.flat_map(|outcome| [Some(outcome.name), outcome.group]);
            let outcomes = outcomes.filter(|name| *name != Some(ERROR));
            assert_eq!(described, outcomes.flatten().collect(), "{}", kind.name);
            let is_named = |outcome: &WaitOutcome| {
                outcome.name.parse::<u16>().is_ok() || outcome.meaning == OWN_WORD
            };
            let known = away.outcomes.iter();
            let mut known = known.filter(|outcome| !is_named(outcome));
            assert!(known.all(|known| all.contains(known)), "{}", kind.name);
        }
    }
    assert!(waiting > 0, "no example has an action that waits");
}

/// The steps of an example that are of the room's action.
fn steps_of(flow: &Flow, room: &Room) -> Vec<StepId> {
    let written: toml::Table = toml::from_str(room.example).expect("it loads");
    let is_of_room = |name: &str| {
        let Some(step) = written["steps"].get(name) else {
            return false;
        };
        let step = step.as_table().expect("a step is a table");
        let other = |kind: &str| {
            kind != room.action && !QUALIFIERS.contains(&kind) && step.contains_key(kind)
        };
        let has_other = KINDS.iter().map(|kind| kind.name).chain(LATER).any(other);
        step.contains_key(room.action) && (!QUALIFIERS.contains(&room.action) || !has_other)
    };
    (0..)
        .zip(&flow.steps)
        .filter(|(id, step)| {
            let is_own = step.subflow.is_none() && is_of_room(own_name(&step.name));
            is_own || flow.end_of(*id, "next").is_some()
        })
        .map(|(id, _)| id)
        .collect()
}

fn play(room: &Room, script: &ScriptedCall, taken: &mut Taken) -> Result<(), String> {
    let mut phone = Phone::call_from(room.example, script.from.as_deref());
    note(&phone, taken);
    check_heard(&script.hears, &phone, 0)?;
    for (number, turn) in (1..).zip(&script.turns) {
        if let Some(leg) = &turn.leg {
            screened(&mut phone, leg).map_err(|fault| format!("turn {number}: {fault}"))?;
        }
        for wait in [&turn.wait, &turn.wait_again].into_iter().flatten() {
            waited(&mut phone, wait).map_err(|fault| format!("turn {number}: {fault}"))?;
        }
        phone.seconds += turn.later;
        let input = done(&phone, turn).map_err(|fault| format!("turn {number}: {fault}"))?;
        phone.input(&input);
        note(&phone, taken);
        check_heard(&turn.hears, &phone, number)?;
    }
    if let Some(turn) = phone.retraced_otherwise() {
        return Err(format!(
            "turn {turn} comes out otherwise when it is worked out again from the trail"
        ));
    }
    let submitted: Vec<_> = phone
        .deliveries
        .iter()
        .map(|delivery| delivery.backend.clone())
        .collect();
    if submitted != script.submits {
        return Err(format!(
            "submitted to {submitted:?}, not {:?}",
            script.submits
        ));
    }
    if let Some(sends) = &script.sends
        && *sends != phone.sent()
    {
        return Err(format!("sent {}, not {sends}", phone.sent()));
    }
    let texts: Vec<String> = phone.texts.iter().map(texted).collect();
    if texts != script.texts {
        return Err(format!("texted {texts:?}, not {:?}", script.texts));
    }
    let outcome = phone.turn.call.outcome().as_str();
    if outcome != script.ends {
        return Err(format!("the call is {outcome}, not {}", script.ends));
    }
    Ok(())
}

/// An SMS, as it is written in a script.
fn texted(text: &TextMessage) -> String {
    let from = match &text.from {
        Sender::Number(from) | Sender::Service(from) => from,
    };
    let words = text.words.replace(CODE_MARK, "[code]");
    format!("{} from {from}: {words}", text.to)
}

/// Somebody answers, hears the words, and presses keys.
fn screened(phone: &mut Phone, leg: &ScriptedLeg) -> Result<(), String> {
    let whisper = heard(&phone.leg(leg.number, &LegInput::Answered).verbs);
    if whisper != leg.hears {
        return Err(format!("leg {} hears {whisper:?}", leg.number));
    }
    phone.leg(leg.number, &LegInput::Keys(leg.press.clone()));
    Ok(())
}

/// The caller waits, hears something, and presses a key.
fn waited(phone: &mut Phone, wait: &ScriptedWait) -> Result<(), String> {
    let asked = WaitAsked {
        piece: wait.piece,
        keys: wait.press.clone(),
        queue: QueueNow {
            position: wait.position,
            waited: wait.waited,
            size: wait.size,
        },
    };
    let answer = phone.wait_asked(&asked);
    let is_heard = heard(&answer.verbs);
    if is_heard != wait.hears {
        return Err(format!("in the queue {is_heard:?} is heard"));
    }
    if wait.next.is_some() && answer.next != wait.next {
        return Err(format!("in the queue piece {:?} comes next", answer.next));
    }
    Ok(())
}

/// What the caller or the world does in a turn.
fn done(phone: &Phone, turn: &ScriptedTurn) -> Result<Input, String> {
    let ScriptedTurn {
        press,
        says,
        confidence,
        silent,
        came,
        facts,
        hangup,
        refused,
        ..
    } = turn;
    let comes = |outcome: &String| {
        let At::Step(step) = phone.turn.call.at else {
            return Err("the call is over".to_owned());
        };
        let away = phone.flow.step(step).action.away();
        let away = away.ok_or_else(|| format!("nobody is dialled: {}", phone.heard()))?;
        let known = away.outcome(outcome);
        let known = known.ok_or_else(|| format!("`{outcome}` is no outcome"))?;
        Ok(if known.is_person && away.type_of("seconds").is_some() {
            dialled(known.name)
        } else if let Some(facts) = facts {
            let facts = facts.iter();
            Input::Came(Came {
                outcome: known.name.to_owned(),
                facts: facts
                    .map(|(name, fact)| (name.clone(), value(fact)))
                    .collect(),
            })
        } else {
            Input::Came(away.bare(known.name))
        })
    };
    let done = [
        press.as_ref().map(|keys| phone.entry(keys)),
        says.as_ref().map(|words| {
            let percent = confidence.map(|sure| (sure * 100.0).round() as u8);
            Ok(Input::heard(words.clone(), percent))
        }),
        silent.then_some(Ok(Input::Silence)),
        came.as_ref().map(comes),
        hangup.then_some(Ok(Input::HungUp(Ending::HungUp))),
        refused.map(|code| Ok(Input::Failed(Fault::Refused(code)))),
    ];
    let mut done = done.into_iter().flatten();
    match (done.next(), done.next()) {
        (Some(input), None) => input,
        _ => Err("it must be one of press, says, silent, dial, hangup and refused".to_owned()),
    }
}

/// A fact as it is written.
fn value(fact: &toml::Value) -> Value {
    match fact {
        toml::Value::Integer(number) => Value::Integer(*number),
        toml::Value::Boolean(yes) => Value::Boolean(*yes),
        toml::Value::Array(all) => Value::List(all.iter().map(value).collect()),
        other => Value::Text(other.as_str().unwrap_or_default().to_owned()),
    }
}

fn check_heard(parts: &Parts, phone: &Phone, turn: usize) -> Result<(), String> {
    let heard = phone.heard();
    match parts.missing(&heard) {
        Some(part) => Err(format!(
            "after turn {turn} {part:?} is not heard in {heard:?}"
        )),
        None => Ok(()),
    }
}

/// Notes the ways of a turn that are its steps' own.
fn note(phone: &Phone, taken: &mut Taken) {
    for way in &phone.turn.ways {
        if let (On::Step(_), Some(name)) = (way.on, way.name(&phone.flow)) {
            taken.insert((way.from, name.into_owned()));
        }
    }
}

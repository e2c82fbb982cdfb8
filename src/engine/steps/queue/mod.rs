//! `queue`: the caller waits until somebody comes, or leaves.

mod hold;
mod keys;
mod outcomes;
mod read;

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use self::hold::Hold;
pub(super) use self::outcomes::OUTCOMES;
use self::outcomes::{ERROR, LEFT, TIME_LIMIT};
use super::super::came::{Came, WaitFact};
use super::super::edge::{By, Edge};
use super::super::fault::Fault;
use super::super::flow::QueueName;
use super::super::give::Give;
use super::super::input::Input;
use super::super::key::Key;
use super::super::moment::{Moment, Then};
use super::super::outcome_ways::OutcomeWays;
use super::super::progress::Progress;
use super::super::prompt::Prompt;
use super::super::step::{Outside, Reads, Step};
use super::super::turn::{Enqueue, Meanwhile, QueueAt, Verb};
use super::super::value::Value;
use super::super::waiting::{WaitAnswer, WaitAsked, WaitEvent, Waiting};
use super::super::waits::{Away, Holds, Waits, Whom};
use super::super::way::Way;
use super::kind::Kind;

pub(super) const KIND: Kind = Kind {
    name: "queue",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse: read::parse,
};

/// Seconds that a caller waits at most where the flow sets no limit: a call of the carrier lasts no longer.
const LONGEST: u32 = 14_400;

#[derive(Debug)]
struct Queue {
    /// The queue, as flows name it.
    name: String,
    /// What a workflow is told: that of all steps, then that of this one.
    gives: Vec<Arc<Give>>,
    priority: Option<u32>,
    hold: Hold,
    /// Keys by which the caller leaves.
    keys: Vec<Key>,
    time_limit: Option<u32>,
    facts: Vec<WaitFact>,
    ways: OutcomeWays,
}

impl Queue {
    fn place(&self) -> Away<'_> {
        let waits = self.time_limit.unwrap_or(LONGEST);
        Away {
            action: KIND.name,
            whom: Whom::Named(&self.name),
            outcomes: self.ways.outcomes(),
            facts: &self.facts,
            rings: waits,
            whispers: None,
            holds: match &self.hold {
                Hold::Ours(ours) => Some(Holds {
                    pieces: &ours.pieces,
                    every: ours.telling.as_ref().map(|telling| telling.every),
                    says: ours.telling.as_ref().map(|telling| &telling.words),
                }),
                Hold::Music | Hold::Theirs(_) => None,
            },
            keeps_ringing: false,
            longest: waits.saturating_add(LONGEST),
            keeps: None,
        }
    }

    /// Where it is at the carrier.
    fn at(&self, moment: &Moment<'_>) -> Result<QueueAt, Fault> {
        let sid = match moment.flow.queues.get(&self.name) {
            None => return Ok(QueueAt::Queue(self.name.clone())),
            Some(QueueName::Queue(name)) => return Ok(QueueAt::Queue(name.clone())),
            Some(QueueName::Workflow(sid)) => sid.clone(),
        };
        let mut about = Map::new();
        for (name, given) in self.gives.iter().flat_map(|give| &give.named) {
            about.insert(name.clone(), given.json(&moment.scope())?);
        }
        Ok(QueueAt::Workflow {
            sid,
            about: Json::Object(about).to_string(),
            priority: self.priority,
        })
    }

    fn key(&self, pressed: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.keys == pressed)
    }

    fn is_over(&self, waited: u32) -> bool {
        self.time_limit.is_some_and(|limit| waited >= limit)
    }

    /// What came of it: the carrier says only that the caller has left, and by what is known here.
    fn judge(&self, input: &Input, waiting: &Waiting, moment: &Moment<'_>) -> (&'static str, Came) {
        let away = self.place();
        let passed = waiting.seconds(moment.now);
        let came = match input {
            Input::Came(came) if away.admits(came) => came.clone(),
            // Behind the caller's leaving the carrier may ask for the turn itself.
            _ if waiting.left_by.is_some() || self.is_over(passed) => away.bare(LEFT.name),
            _ => away.bare(ERROR.name),
        };
        let waited = match came.fact(outcomes::WAITED) {
            Some(Value::Integer(waited)) if *waited > 0 => u32::try_from(*waited).ok(),
            _ => None,
        };
        let waited = waited.unwrap_or(passed);
        let outcome = OUTCOMES.iter().find(|outcome| outcome.name == came.outcome);
        let outcome = match (
            outcome.map_or(ERROR.name, |outcome| outcome.name),
            waiting.left_by,
        ) {
            (outcome, None) if outcome == LEFT.name && self.is_over(waited) => TIME_LIMIT.name,
            (outcome, _) => outcome,
        };
        let key = waiting.left_by.filter(|_| outcome == LEFT.name);
        let position = waiting.told.map_or(0, |told| told.position);
        let came = Came::new(
            outcome,
            [
                (outcomes::WAITED, Value::Integer(waited.into())),
                (outcomes::POSITION, Value::Integer(position.into())),
                (
                    outcomes::KEY,
                    Value::Text(key.map(String::from).unwrap_or_default()),
                ),
            ],
        );
        (outcome, came)
    }

    /// The way of a caller who has left, and its name.
    fn way_of_key(&self, pressed: Option<char>) -> Option<(String, &Way)> {
        let pressed = pressed.map(String::from);
        let own = pressed.and_then(|pressed| self.key(&pressed));
        let key = own.or_else(|| {
            let is_said = self
                .ways
                .way(LEFT.name)
                .is_some_and(|(on, _)| on == "on.left");
            self.keys.first().filter(|_| !is_said)
        });
        key.map(|key| (name_of(key), &key.way))
    }
}

/// The name of a key's way.
fn name_of(key: &Key) -> String {
    format!("keys.{}", key.keys)
}

impl Step for Queue {
    fn edges(&self) -> Vec<Edge> {
        let left = By::Outcome(
            OUTCOMES
                .iter()
                .filter(|outcome| **outcome == LEFT)
                .collect(),
        );
        let keys = self.keys.iter();
        let keys = keys.flat_map(|key| key.way.edges(&name_of(key), &left));
        keys.chain(self.ways.edges()).collect()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.forbid_back();
        let meanwhile = match &self.hold {
            Hold::Music => Meanwhile::Music,
            Hold::Theirs(url) => Meanwhile::Theirs(url.fill_url(&moment.scope())?),
            Hold::Ours(_) => Meanwhile::Ours,
        };
        let at = self.at(moment)?;
        let waiting = Waiting::begin(moment.now);
        moment.call.wait_for(Progress::Queue(waiting));
        Ok(Then::Wait(Verb::Enqueue(Enqueue {
            name: self.name.clone(),
            at,
            meanwhile,
            leaving: self.keys.first().and_then(|key| key.keys.chars().next()),
        })))
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        let waiting = match moment.call.progress.take().map(|progress| *progress) {
            Some(Progress::Queue(waiting)) => waiting,
            _ => Waiting::default(),
        };
        let (outcome, came) = self.judge(input, &waiting, moment);
        moment.came(came);
        let key = (outcome == LEFT.name).then(|| self.way_of_key(waiting.left_by));
        match key.flatten() {
            Some((on, way)) => moment.take(on, way),
            None => moment.take_outcome(outcome, &self.ways),
        }
    }

    fn keep_waiting(&self, moment: &Moment<'_>, asked: &WaitAsked) -> WaitAnswer {
        let Hold::Ours(ours) = &self.hold else {
            return WaitAnswer::leave();
        };
        let pressed = asked.keys.as_deref().and_then(|pressed| self.key(pressed));
        if let Some(key) = pressed.and_then(|key| key.keys.chars().next()) {
            return WaitAnswer {
                event: Some(WaitEvent::Left(key)),
                ..WaitAnswer::leave()
            };
        }
        let waiting = moment.call.waiting();
        let has_left = waiting.is_some_and(|waiting| waiting.left_by.is_some());
        if has_left || self.is_over(asked.queue.waited) {
            return WaitAnswer::leave();
        }
        ours.next(moment, asked, !self.keys.is_empty())
    }

    fn reads(&self) -> Reads {
        let gives = self.gives.iter().flat_map(|give| give.readings());
        let hold = self.hold.words().flat_map(Prompt::readings);
        let theirs = match &self.hold {
            Hold::Theirs(url) => url.readings.as_slice(),
            Hold::Music | Hold::Ours(_) => &[],
        };
        Reads::texts(gives.chain(hold).chain(theirs.iter().cloned()).collect())
    }

    fn waits(&self) -> Waits<'_> {
        Waits::Away(self.place())
    }

    fn outside(&self) -> Option<Outside<'_>> {
        Some(Outside::Reaches {
            contacts: Vec::new(),
            numbers: Vec::new(),
        })
    }
}

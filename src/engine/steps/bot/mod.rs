//! `bot`: a machine talks with the caller, and hands the call back.

mod keys;
mod outcomes;
mod read;

use std::ops::Range;

use serde_json::Value as Json;

pub(super) use self::outcomes::OUTCOMES;
#[cfg(test)]
pub(super) use self::outcomes::OWN;
use self::outcomes::{CODE, DONE, HANDOFF, LOST, MISFIT, SECONDS, TIME_LIMIT, UNREACHABLE};
use super::super::came::{Came, WaitFact};
use super::super::edge::Edge;
use super::super::fault::Fault;
use super::super::give::Give;
use super::super::input::Input;
use super::super::machine::{AGENT, Machine, MachineNamed, RELAY, STREAM};
use super::super::moment::{Moment, Then};
use super::super::outcome_ways::OutcomeWays;
use super::super::progress::Progress;
use super::super::prompt::Prompt;
use super::super::render::write;
use super::super::step::{Outside, Reads, Step};
use super::super::turn::{Connect, Verb};
use super::super::value::Value;
use super::super::waits::{Away, Waits, Whom};
use super::kind::Kind;
use super::take::Take;

pub(super) const KIND: Kind = Kind {
    name: "bot",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse: read::parse,
};

/// The member of what a machine hands back that says how it ended.
const OUTCOME: &str = "outcome";
/// The most bytes of what a machine hands back that are looked at.
const LONGEST_HANDOFF: usize = 8 << 10;

#[derive(Debug)]
struct Bot {
    /// The machine, by its name in the settings.
    name: String,
    /// The bytes of its name.
    at: Range<usize>,
    greet: Option<Prompt>,
    give: Give,
    takes: Vec<Take>,
    facts: Vec<WaitFact>,
    /// Seconds that it may last.
    time_limit: u32,
    ways: OutcomeWays,
}

impl Bot {
    fn place(&self) -> Away<'_> {
        Away {
            action: KIND.name,
            whom: Whom::Named(&self.name),
            outcomes: self.ways.outcomes(),
            facts: &self.facts,
            rings: self.time_limit,
            whispers: None,
            holds: None,
            keeps_ringing: false,
            longest: self.time_limit,
            keeps: None,
        }
    }

    /// How it ended: by the carrier's word, and where that is good, by what the machine hands back.
    fn judge(&self, came: &Came) -> Came {
        let handoff = match came.fact(HANDOFF) {
            Some(Value::Text(text)) => text.as_str(),
            _ => "",
        };
        let (outcome, taken) = if came.outcome == DONE.name {
            // A machine that has said nothing lacks what is to be taken.
            self.handed(if handoff.is_empty() { "{}" } else { handoff })
        } else if self.is_good(&came.outcome) {
            (came.outcome.clone(), self.samples(came))
        } else {
            (came.outcome.clone(), Vec::new())
        };
        let carried = |name: &str| {
            let told = came.fact(name).cloned();
            (name.to_owned(), told.unwrap_or(Value::Integer(0)))
        };
        let facts = [SECONDS, CODE].map(carried).into_iter().chain(taken);
        Came {
            outcome,
            facts: facts.collect(),
        }
    }

    fn is_good(&self, outcome: &str) -> bool {
        let end = self.place().outcome(outcome);
        end.is_some_and(|end| end.is_good)
    }

    /// Whether this can be what the carrier tells: what the machine hands back beside the facts.
    fn admits(&self, came: &Came) -> bool {
        let facts = came.facts.iter().filter(|(name, _)| name != HANDOFF);
        self.place().admits(&Came {
            outcome: came.outcome.clone(),
            facts: facts.cloned().collect(),
        })
    }

    fn handed(&self, handoff: &str) -> (String, Vec<(String, Value)>) {
        let misfit = || (MISFIT.name.to_owned(), Vec::new());
        if handoff.len() > LONGEST_HANDOFF {
            return misfit();
        }
        let Ok(json @ Json::Object(_)) = serde_json::from_str::<Json>(handoff) else {
            return misfit();
        };
        let word = match json.get(OUTCOME) {
            None | Some(Json::Null) => DONE.name,
            Some(Json::String(word)) => word,
            Some(_) => return misfit(),
        };
        let Some(outcome) = self.place().outcome(word) else {
            return misfit();
        };
        // Only a good end has what is taken.
        if !outcome.is_good {
            return (outcome.name.to_owned(), Vec::new());
        }
        let value = |take: &Take| Some((take.name.clone(), take.value(Some(&json))?));
        let taken: Option<Vec<_>> = self.takes.iter().map(value).collect();
        match taken {
            Some(taken) => (outcome.name.to_owned(), taken),
            None => misfit(),
        }
    }

    /// What is taken at a good end about which nothing else is known: values that fit.
    fn samples(&self, came: &Came) -> Vec<(String, Value)> {
        let value = |take: &Take| {
            let told = came.fact(&take.name).or(take.default.as_ref()).cloned();
            Some((take.name.clone(), told.or_else(|| take.of.sample())?))
        };
        self.takes.iter().filter_map(value).collect()
    }

    /// Whether the time is over.
    fn is_over(&self, moment: &Moment<'_>) -> bool {
        let Some(Progress::Talk { began }) = moment.call.progress.as_deref() else {
            return false;
        };
        let lasts = moment.now.as_millisecond().saturating_sub(*began);
        lasts >= i64::from(self.time_limit) * 1_000
    }

    fn go_on(&self, moment: &mut Moment<'_>, came: &Came) -> Result<Then, Fault> {
        let came = self.judge(came);
        let outcome = came.outcome.clone();
        moment.call.progress = None;
        moment.came(came);
        moment.take_outcome(&outcome, &self.ways)
    }
}

impl Step for Bot {
    fn edges(&self) -> Vec<Edge> {
        self.ways.edges()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.forbid_back();
        let machine = moment.flow.machines.get(&self.name);
        let Some(to) = machine
            .filter(|to| !matches!(to, Machine::Transcription(_)))
            .cloned()
        else {
            return self.go_on(moment, &Came::new(UNREACHABLE.name, []));
        };
        let greet = self.greet.as_ref();
        let greet = greet
            .map(|greet| write(greet, moment.scope()))
            .transpose()?;
        let mut gives = Vec::with_capacity(self.give.named.len() + 1);
        for (name, given) in &self.give.named {
            gives.push((name.clone(), given.text(&moment.scope())?));
        }
        gives.push((TIME_LIMIT.name.to_owned(), self.time_limit.to_string()));
        let language = moment.flow.language(moment.call.language).tag.clone();
        let began = moment.now.as_millisecond();
        moment.call.wait_for(Progress::Talk { began });
        Ok(Then::Wait(Verb::Connect(Box::new(Connect {
            name: self.name.clone(),
            to,
            greet,
            language,
            gives,
        }))))
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        let machine = moment.flow.machines.get(&self.name);
        let is_relay = matches!(machine, Some(Machine::Relay(_)));
        let outcome = match input {
            Input::Came(came) if self.admits(came) => return self.go_on(moment, came),
            _ if self.is_over(moment) => TIME_LIMIT.name,
            // A stream tells nothing when its machine closes it; a relay always does.
            Input::Silence if !is_relay => DONE.name,
            _ => LOST.name,
        };
        self.go_on(moment, &Came::new(outcome, []))
    }

    fn reads(&self) -> Reads {
        let mut texts = self.give.readings();
        texts.extend(self.greet.iter().flat_map(Prompt::readings));
        Reads::texts(texts)
    }

    fn heard_before(&self) -> Vec<&Prompt> {
        self.greet.iter().collect()
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

    fn machine(&self) -> Option<MachineNamed<'_>> {
        Some(MachineNamed {
            name: &self.name,
            at: self.at.clone(),
            kinds: &[RELAY, STREAM, AGENT],
        })
    }
}

//! The call that goes well, played by the engine.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::super::good_way::GoodWay;
use super::super::map::Map;
use super::super::misses::free_keys;
use super::super::route::came;
use super::step_time::nobody;
use super::{Ending, KEY, Length};
use crate::engine::advance::advance;
use crate::engine::call::Outcome;
use crate::engine::diag::{ExampleStep, StepEvent};
use crate::engine::edge::By;
use crate::engine::flow::Flow;
use crate::engine::ids::StepId;
use crate::engine::input::Input;
use crate::engine::taken::Taken;
use crate::engine::turn::{Gather, Reply, Verb};
use crate::engine::waits::{Away, Whom};
use crate::twiml::{Heard, Pace};

/// How long it rings until somebody answers, as in a test call.
const RING: Duration = Duration::from_secs(5);

/// Plays it, and finds how it ends.
pub fn play(map: &Map<'_>, pace: &dyn Pace) -> (Length, Ending) {
    let flow = map.flow;
    let mut player = Player {
        flow,
        good: GoodWay::on(map),
        pace,
        length: Length::default(),
        ending: Ending::Nothing,
        left: BTreeSet::new(),
    };
    player.length.steps.push(flow.start);
    let mut call = nobody(flow);
    let mut input = Input::Begin;
    // Each question is answered once, so the steps of a call bound this.
    loop {
        let turn = advance(flow, call, &input, Timestamp::UNIX_EPOCH);
        player.length.turns += 1;
        player.go(&turn.ways);
        let Reply::Speak(verbs) = &turn.reply;
        // A service answers in the same turn, behind what was said before.
        let before: Option<Vec<Verb>> = turn.call.awaiting().map(|awaiting| {
            let said = awaiting.said.iter();
            said.map(|(said, _)| said.clone().into()).collect()
        });
        let verbs = before.as_ref().unwrap_or(verbs);
        if turn.call.outcome() == Outcome::Failed {
            player.ending = Ending::Apology;
        }
        let step = turn.call.step().filter(|_| !turn.call.is_over());
        match player.hear(verbs, step) {
            Some(next) => (input, call) = (next, turn.call.with_last_ring()),
            None => return (player.length, player.ending),
        }
    }
}

struct Player<'a> {
    flow: &'a Flow,
    good: GoodWay,
    pace: &'a dyn Pace,
    length: Length,
    ending: Ending,
    /// The steps that the call has waited at: none is waited at twice.
    left: BTreeSet<StepId>,
}

impl Player<'_> {
    /// Notes the steps that a turn came to.
    fn go(&mut self, ways: &[Taken]) {
        for step in ways.iter().filter_map(Taken::step) {
            if self.length.steps.last() != Some(&step) {
                self.length.steps.push(step);
            }
            let action = &self.flow.step(step).action;
            if action.backend().is_some() {
                let made = if action.completes() {
                    Ending::Submitted
                } else {
                    Ending::Partial
                };
                self.ending = self.ending.max(made);
            }
        }
    }

    /// Hears a reply, and does what goes well then; nothing where nothing does.
    fn hear(&mut self, verbs: &[Verb], step: Option<StepId>) -> Option<Input> {
        let mut heard = Heard::default();
        let mut next = None;
        for verb in verbs {
            heard.add(&self.pace.heard(verb));
            if let Verb::Gather(gather) = verb {
                let prompts = gather.prompts.iter();
                prompts.for_each(|verb| heard.add(&self.pace.heard(verb)));
                next = self.answer(gather, step?);
            }
            for words in said_within(verb) {
                heard.add(&self.pace.heard(&words));
            }
        }
        if next.is_none()
            && let Some(away) = step.and_then(|step| self.flow.step(step).action.away())
        {
            next = self.connect(&away, step?);
        }
        self.length.lasts += heard.lasts;
        self.length.neural += heard.neural;
        next
    }

    /// Answers a question.
    fn answer(&mut self, gather: &Gather, step: StepId) -> Option<Input> {
        let pressed = match self.good_way(step)? {
            By::Keys(pressed) | By::Entry(pressed) => pressed,
            By::AnyKey => free_keys(self.flow, step)?,
            By::Silent => {
                self.length.lasts += Duration::from_secs(gather.timeout.into());
                self.act(step, StepEvent::SILENT);
                return Some(Input::Silence);
            }
            _ => return None,
        };
        let count = pressed.len() as u32;
        let by_itself = gather.num_digits == Some(count)
            || gather
                .finish_on_key
                .is_some_and(|key| pressed.ends_with(key));
        self.length.lasts += KEY * count;
        if !by_itself {
            self.length.lasts += Duration::from_secs(gather.timeout.into());
        }
        self.act(step, StepEvent::press(pressed.clone()));
        let keys = gather
            .finish_on_key
            .and_then(|key| pressed.strip_suffix(key))
            .unwrap_or(&pressed);
        Some(Input::Keys(keys.to_owned()))
    }

    /// Is connected, or finds nobody where that is what the flow wants.
    fn connect(&mut self, away: &Away<'_>, step: StepId) -> Option<Input> {
        let outcome = match self.good_way(step)? {
            By::Outcome(outcomes) => {
                let person = outcomes.iter().find(|outcome| outcome.is_person);
                *person.or(outcomes.first())?
            }
            _ => return None,
        };
        if outcome.is_person {
            self.ending = Ending::Person;
            self.length.answered += 1;
        }
        if !matches!(away.whom, Whom::Service(_)) {
            self.length.lasts += Duration::from_secs(away.rings.into()).min(RING);
        }
        self.act(step, came(away, outcome));
        Some(Input::Came(away.bare(outcome.name)))
    }

    fn act(&mut self, step: StepId, event: StepEvent) {
        self.length.acts.push(ExampleStep {
            step: self.flow.step(step).name.clone(),
            event,
        });
    }

    /// What takes the good way on from a step where the call waits, if it has not waited there before.
    fn good_way(&mut self, step: StepId) -> Option<By> {
        let is_first = self.left.insert(step);
        let by = self.good.on_from(step).filter(|_| is_first);
        by.cloned()
    }
}

/// What a verb that hands the call on says itself, where all goes well.
fn said_within(verb: &Verb) -> Vec<Verb> {
    match verb {
        Verb::Connect(connect) => connect.greeting().map(Verb::Say).into_iter().collect(),
        Verb::Pay(pay) => {
            let first = pay.prompts.iter().filter(|prompt| prompt.at.is_at_first());
            first
                .flat_map(|prompt| prompt.says.iter().cloned())
                .collect()
        }
        _ => Vec::new(),
    }
}

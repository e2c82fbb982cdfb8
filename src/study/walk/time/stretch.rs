//! What is heard in one go: from one question to the next, or to the end, in one reply.

use std::time::Duration;

use super::super::map::{Goal, Map};
use super::said::Said;
use super::side::Side;
use super::step_time::{AfterSpeech, StepTime, StepTimes};
use super::sweep::is_counted;
use super::words;
use crate::engine::ids::StepId;
use crate::study::order::DepthOrder;
use crate::twiml::Heard;

/// What a reply is at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// The step.
    pub step: StepId,
    /// What was said in it before the step, at most.
    pub before: Heard,
    /// Together with what the step says.
    pub whole: Heard,
    /// The same with the verb that waits.
    pub bytes: u64,
    /// Whether it begins with a miss at this step.
    pub is_again: bool,
}

/// The replies of a flow.
#[derive(Debug)]
pub struct Stretches {
    /// A stretch a moment, and one for each question that is put again.
    pub all: Vec<Stretch>,
    /// The questions that a call can come to first, and how long it takes until the first key.
    pub first: Vec<(StepId, Duration)>,
}

impl Stretches {
    /// Goes from the beginning to the ends, leaving out ways back.
    pub fn of(map: &Map<'_>, times: &StepTimes, order: &DepthOrder) -> Self {
        let mut before = vec![Heard::default(); map.moments.len()];
        let mut begins: Vec<Option<Duration>> = vec![None; map.moments.len()];
        begins[0] = Some(Duration::ZERO);
        let mut stretches = Self {
            all: Vec::new(),
            first: Vec::new(),
        };
        for at in order.places.iter().rev().copied() {
            let step = map.moments[at].step;
            let (step_time, first) = (
                &times.all[usize::from(step)],
                &times.first[usize::from(step)],
            );
            stretches.add(step, before[at], step_time);
            if let (Some(begun), AfterSpeech::Asks(question)) = (begins[at], &first.then) {
                stretches.first.push((step, begun + question.first_key));
            }
            if !matches!(step_time.then, AfterSpeech::GoesOn) {
                continue;
            }
            let (mut whole, begun) = (
                before[at],
                begins[at].map(|begun| begun + first.said.whole.lasts),
            );
            whole.add(&step_time.said.whole);
            for hop in map.hops[at].iter().filter(|hop| is_counted(map, at, hop)) {
                let Goal::Moment(to) = hop.to else { continue };
                if !order.is_back(at, to) {
                    before[to].merge(&whole, Side::Longest);
                    begins[to] = begins[to].max(begun);
                }
            }
        }
        stretches
    }

    fn add(&mut self, step: StepId, before: Heard, step_time: &StepTime) {
        let verb = if let AfterSpeech::Asks(question) = &step_time.then {
            question.bytes
        } else {
            0
        };
        let mut add = |before: Heard, said: &Said, is_again: bool| {
            let mut whole = before;
            whole.add(&said.whole);
            self.all.push(Stretch {
                step,
                before,
                whole,
                bytes: whole.bytes + verb,
                is_again,
            });
        };
        add(before, &step_time.said, false);
        if let AfterSpeech::Asks(question) = &step_time.then {
            question
                .silent
                .iter()
                .chain(&question.wrong)
                .for_each(|said| add(Heard::default(), said, true));
        }
    }

    /// Until the first key is named, and by which question: where there are several, the slowest.
    pub fn first_key(&self) -> Option<(StepId, Duration)> {
        self.first
            .iter()
            .copied()
            .rev()
            .max_by_key(|(_, lasts)| *lasts)
    }

    /// The step at which the most words were heard, and how many.
    pub fn most_words(&self) -> Option<(StepId, u64)> {
        let spoken = self
            .all
            .iter()
            .filter(|stretch| stretch.whole.half_words > stretch.before.half_words);
        let most = spoken
            .rev()
            .max_by_key(|stretch| stretch.whole.half_words)?;
        Some((most.step, words(most.whole.half_words)))
    }

    /// The step whose reply is largest, and its bytes.
    pub fn largest(&self) -> Option<(StepId, u64)> {
        self.all
            .iter()
            .rev()
            .max_by_key(|stretch| stretch.bytes)
            .map(|stretch| (stretch.step, stretch.bytes))
    }
}

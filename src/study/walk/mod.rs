//! Whole-flow checks: the flow is walked as the engine would, over every key, silence, wrong entry, hang-up and outcome,
//! with answers as set or unset, and conditions both ways unless they cannot be.
//!
//! `map` draws all moments that a call can be in. It distinguishes the values of names that conditions ask for (`facts`);
//! of all other names it knows only whether they may be unset (`names`). The rest looks at the map: `circles`, `ends`,
//! `time`, `good_way`, and `route`, which finds the shortest call that shows a fault; `proofs` plays it, and others where it
//! does not show the fault. A flow with too many moments is walked again without distinguishing values, and that is
//! reported.

mod beside;
mod circles;
mod classes;
mod ends;
mod examples;
mod facts;
mod good_way;
mod grows;
mod lists;
mod long_turns;
mod machines;
mod map;
mod misfits;
mod misses;
mod name_states;
mod names;
mod proofs;
mod queues;
mod refusals;
mod resubmissions;
mod route;
mod set_names;
mod sums;
pub mod time;
mod unanswered;
mod ways;
mod witness;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub use self::good_way::GoodWay;
use self::map::{Goal, Map, Way};
use self::name_states::NameStates;
use self::proofs::Detour;
use self::time::{Prices, Side, StepTimes};
use crate::engine::diag::{Diag, Place, bounded};
use crate::engine::edge::By;
use crate::engine::flow::Flow;
use crate::engine::ids::StepId;
use crate::twiml::Pace;
use crate::written::{Code, Explain};

/// For how many examples another way and another time are searched at which they show their fault.
const MAX_SEARCHES: u32 = 64;
/// The most ways back that are followed.
const MAX_BACKS: usize = 500_000;

/// Finds what is wrong with the ways through a flow whose text stands in `file`. What calls may cost is looked at where
/// prices are known.
pub fn walk(flow: &Flow, file: &Arc<str>, pace: &dyn Pace, prices: Option<&Prices>) -> Vec<Diag> {
    let map = Map::draw(flow);
    let mut walk = Walk {
        map,
        file: Arc::clone(file),
        diags: Vec::new(),
        in_circles: BTreeSet::new(),
        told_steps: Vec::new(),
        backs: OnceLock::new(),
        searches: MAX_SEARCHES,
        detour: Detour::default(),
    };
    let times = StepTimes::measure(flow, pace, Side::Longest);
    walk.look(&times);
    walk.time_is_kept(pace, prices, &times);
    walk.diags
        .sort_by_key(|diag| (diag.at.file != *file, diag.at.span.start, diag.code));
    bounded(walk.diags)
}

/// A flow that is being looked at.
struct Walk<'f> {
    map: Map<'f>,
    file: Arc<str>,
    diags: Vec<Diag>,
    /// Steps in circles that have been reported.
    in_circles: BTreeSet<StepId>,
    told_steps: Vec<(Code, StepId)>,
    /// Where `back` leads from each moment.
    backs: OnceLock<Vec<Vec<usize>>>,
    /// For how many examples more another way and another time are still searched at which they show their fault.
    searches: u32,
    /// What is other on the way that is tried.
    detour: Detour,
}

impl<'f> Walk<'f> {
    fn look(&mut self, times: &StepTimes) {
        let names = NameStates::of(&self.map);
        let stopped = self
            .map
            .stopped_at
            .or_else(|| names.is_none().then_some(self.flow().start));
        if let Some(step) = stopped {
            let message = format!(
                "this flow is too large to be proved: at `{}` there was too much to tell apart",
                self.name(step)
            );
            let diag = Diag::new(Code::FlowNotProved, self.step_place(step), message)
                .help("what depends on conditions was not checked; split the flow, or compare fewer answers in `when`");
            self.tell(diag);
        }
        self.unreached_steps();
        self.unreached_milestones();
        self.idle_ways();
        self.idle_refusals();
        self.circles_that_never_wait();
        self.circles_of_silence(times);
        self.circles_of_refusals(times);
        self.long_turns();
        self.steps_without_end();
        self.unheard_outcomes();
        self.late_rejects(times);
        self.long_pieces(times);
        self.steps_without_caller();
        self.overheard_secrets();
        self.lost_with_machines();
        self.far_questions();
        self.given_up_nowhere();
        self.sums_that_do_not_fit();
        self.resubmissions();
        self.lists(names.as_ref());
        if let Some(names) = names {
            self.unset_names(&names);
            self.lacking_answers(&names);
            self.lacking_gives(&names);
            self.surviving_answers(&names);
            self.unanswered_submissions(&names);
        }
    }

    fn flow(&self) -> &'f Flow {
        self.map.flow
    }

    fn ways(&self, step: StepId) -> &[Way] {
        &self.map.ways[usize::from(step)]
    }

    fn name(&self, step: StepId) -> &'f str {
        &self.map.flow.step(step).name
    }

    fn place(&self, span: Range<usize>) -> Place {
        self.flow().place(&self.file, span)
    }

    fn step_place(&self, step: StepId) -> Place {
        self.place(self.flow().places.steps[usize::from(step)].clone())
    }

    /// Whether a call waits at a moment.
    fn waits(&self, at: usize) -> bool {
        let action = &self.flow().step(self.map.moments[at].step).action;
        action.asks() || action.away().is_some()
    }

    /// The moments that a moment leads to by some of its ways.
    fn next(&self, at: usize, fits: impl Fn(&Way) -> bool) -> Vec<usize> {
        let mut next = Vec::new();
        for hop in self.map.hops[at]
            .iter()
            .filter(|hop| fits(self.map.way(at, hop)))
        {
            match hop.to {
                Goal::Moment(to) => next.push(to),
                Goal::Back => next.extend_from_slice(self.backs(at)),
                Goal::End => {}
            }
        }
        next
    }

    fn backs(&self, at: usize) -> &[usize] {
        &self.backs.get_or_init(|| self.all_backs())[at]
    }

    /// The questions before each moment; a first question leads to itself.
    fn all_backs(&self) -> Vec<Vec<usize>> {
        let moments = &self.map.moments;
        let mut backs: Vec<Vec<usize>> = vec![Vec::new(); moments.len()];
        let mut count = 0;
        for from in (0..moments.len()).filter(|at| self.asks(*at)) {
            let mut seen = BTreeSet::new();
            let mut open: Vec<usize> = self.forward(from);
            while let Some(at) = open.pop() {
                if count > MAX_BACKS || !seen.insert(at) {
                    continue;
                }
                count += 1;
                backs[at].push(from);
                if !self.asks(at) && !self.flow().step(moments[at].step).action.forbids_back() {
                    open.extend(self.forward(at));
                }
            }
        }
        for (at, backs) in backs.iter_mut().enumerate() {
            if backs.is_empty() {
                backs.push(at);
            }
        }
        backs
    }

    fn asks(&self, at: usize) -> bool {
        self.flow().step(self.map.moments[at].step).action.asks()
    }

    fn forward(&self, at: usize) -> Vec<usize> {
        let goals = self.map.hops[at].iter().filter(|hop| {
            let way = self.map.way(at, hop);
            // After an error the call goes on, and the question has been put.
            way.by != By::Itself || way.kind != map::Kind::HangUp
        });
        goals
            .filter_map(|hop| match hop.to {
                Goal::Moment(to) => Some(to),
                _ => None,
            })
            .collect()
    }
}

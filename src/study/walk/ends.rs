//! Where calls arrive and where they do not: steps that nothing leads to or out of, and steps that must be near.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::Walk;
use super::circles::groups;
use super::map::{Goal, Hop, Kind, Way};
use super::misses::is_free;
use super::time::StepTimes;
use crate::engine::diag::{Diag, ExampleStep, Shows, StepEvent};
use crate::engine::edge::{By, Target};
use crate::engine::ids::StepId;
use crate::engine::question::EntryRefusal;
use crate::written::{Code, Explain};

impl<'f> Walk<'f> {
    /// Steps that nothing leads to. Of several that lead to each other, the first is reported.
    pub(super) fn unreached_steps(&mut self) {
        let reached: BTreeSet<StepId> = self.map.moments.iter().map(|moment| moment.step).collect();
        let all = 0..self.flow().steps.len() as StepId;
        let unreached: Vec<StepId> = all.filter(|step| !reached.contains(step)).collect();
        let mut led_to: BTreeSet<StepId> = BTreeSet::new();
        for step in &unreached {
            let to = self.ways(*step).iter().filter_map(|way| match way.to {
                Some(Target::Step(to)) if to != *step => Some(to),
                _ => None,
            });
            led_to.extend(to.filter(|to| !reached.contains(to)));
        }
        let mut told: BTreeSet<StepId> = self.led_to_in_vain(&reached);
        let heads = unreached.iter().filter(|step| !led_to.contains(step));
        for step in heads.chain(&unreached).copied().collect::<Vec<_>>() {
            if told.contains(&step) {
                continue;
            }
            let behind = self.mark(step, &reached, &mut told);
            let message = match behind {
                0 => format!("nothing leads to `{}`", self.name(step)),
                _ => format!(
                    "nothing leads to `{}`, and to {behind} more behind it",
                    self.name(step)
                ),
            };
            let help = format!(
                "lead a `next`, a key or an outcome to `{}`, or take it out",
                self.name(step)
            );
            let diag = Diag::new(Code::StepUnreachable, self.step_place(step), message).help(help);
            self.tell(diag);
        }
    }

    /// Steps that only ways lead to which no call takes: the way is reported, and what is behind it not again.
    fn led_to_in_vain(&self, reached: &BTreeSet<StepId>) -> BTreeSet<StepId> {
        let flow = self.flow();
        let branches = reached.iter().flat_map(|step| self.ways(*step));
        let branches = branches.filter(|way| matches!(way.by, By::When(_)));
        let questions: Vec<_> = reached
            .iter()
            .map(|step| &flow.step(*step).action)
            .filter(|action| action.asks())
            .collect();
        let is_entry =
            |keys: &str| !questions.is_empty() && questions.iter().all(|action| action.takes(keys));
        let inner = flow
            .subflows
            .iter()
            .flat_map(|of| of.anywhere.iter().flatten());
        let anywhere = flow.anywhere.iter().chain(inner);
        let shadowed = anywhere.filter(|key| is_entry(&key.keys));
        let shadowed = shadowed.map(|key| key.way.target());
        let vain = branches.filter_map(|way| way.to).chain(shadowed);
        let mut found: BTreeSet<StepId> = BTreeSet::new();
        let mut open: Vec<StepId> = Vec::new();
        open.extend(vain.filter_map(|to| match to {
            Target::Step(to) => Some(to),
            Target::Hangup | Target::Repeat | Target::Back => None,
        }));
        while let Some(step) = open.pop() {
            if !reached.contains(&step) && found.insert(step) {
                open.extend(self.ways(step).iter().filter_map(|way| match way.to {
                    Some(Target::Step(to)) => Some(to),
                    _ => None,
                }));
            }
        }
        found
    }

    /// Milestones that no call reaches.
    pub(super) fn unreached_milestones(&mut self) {
        let reached: BTreeSet<StepId> = self.map.moments.iter().map(|moment| moment.step).collect();
        for milestone in &self.flow().milestones {
            if milestone.steps.iter().any(|step| reached.contains(step)) {
                continue;
            }
            let message = format!("no call reaches `{}`", milestone.name);
            let diag = Diag::new(
                Code::MilestoneUnreachable,
                self.place(milestone.at.clone()),
                message,
            )
            .help("name a step that callers come to");
            self.tell(diag);
        }
    }

    fn mark(
        &self,
        first: StepId,
        reached: &BTreeSet<StepId>,
        told: &mut BTreeSet<StepId>,
    ) -> usize {
        let mut open = vec![first];
        let before = told.len();
        while let Some(step) = open.pop() {
            if reached.contains(&step) || !told.insert(step) {
                continue;
            }
            open.extend(self.ways(step).iter().filter_map(|way| match way.to {
                Some(Target::Step(to)) => Some(to),
                _ => None,
            }));
        }
        (told.len() - before).saturating_sub(1)
    }

    /// Ways of a `branch` that no call takes.
    pub(super) fn idle_ways(&mut self) {
        if self.map.stopped_at.is_some() {
            return;
        }
        let mut taken: Vec<Vec<bool>> = self
            .map
            .ways
            .iter()
            .map(|ways| vec![false; ways.len()])
            .collect();
        for (moment, hops) in self.map.moments.iter().zip(&self.map.hops) {
            for hop in hops {
                taken[usize::from(moment.step)][hop.way] = true;
            }
        }
        for (step, taken) in taken.into_iter().enumerate() {
            if !taken.contains(&true) {
                continue;
            }
            // What the types alone decide has been reported where the condition stands, with what it hides.
            let conditions = self.flow().steps[step].action.conditions();
            let mut all = conditions.iter();
            let constant = all.position(|condition| condition.constant.get().is_some());
            for place in 0..constant.unwrap_or(conditions.len() + 1) {
                let ways = self.map.ways[step].iter().zip(&taken);
                let mut ways = ways.filter(|(way, _)| way.by == By::When(place)).peekable();
                let Some((way, _)) = ways.peek().copied() else {
                    continue;
                };
                if ways.any(|(_, taken)| *taken) {
                    continue;
                }
                let message = format!("no call takes this way of `{}`", self.name(step as StepId));
                let diag = Diag::new(Code::WayNeverTaken, self.place(way.at.clone()), message)
                    .help("what is set there never lets this condition decide: mend it, or take the way out");
                self.tell(diag);
            }
        }
    }

    /// Conditions of questions that refuse nothing in any call, or leave nothing to enter.
    pub(super) fn idle_refusals(&mut self) {
        if self.map.stopped_at.is_some() {
            return;
        }
        for step in 0..self.flow().steps.len() as StepId {
            let refusals = self.flow().step(step).action.refusals();
            // What the types alone decide has been reported where the condition stands.
            let decided = |refusal: &EntryRefusal| refusal.reading().constant.get().is_some();
            let moments = self.map.moments.iter().enumerate();
            let here = moments.filter(|(at, moment)| {
                moment.step == step && !self.map.hops[*at].is_empty() && !moment.gone
            });
            let here: Vec<usize> = here.map(|(at, _)| at).collect();
            if here.is_empty() || refusals.is_empty() || refusals.iter().any(decided) {
                continue;
            }
            for (refusal, message) in self.refused_at(step, &here) {
                let at = self.place(refusal.at.clone());
                let diag = Diag::new(Code::RefuseConstant, at, message);
                self.tell(diag.help("mend the condition, or take it out"));
            }
        }
    }

    /// What is wrong with what refuses entries at a step, at all of its moments.
    fn refused_at(&self, step: StepId, here: &[usize]) -> Vec<(&'f EntryRefusal, String)> {
        let name = self.name(step);
        let refusals = self.flow().step(step).action.refusals();
        let refuses = |place: usize| {
            let mut all = here.iter().flat_map(|at| &self.map.refused[*at]);
            all.any(|(other, _)| *other == place)
        };
        let idle = refusals.iter().enumerate();
        let idle = idle.filter(|(place, _)| !refuses(*place));
        let idle: Vec<_> = idle
            .map(|(_, refusal)| {
                (
                    refusal,
                    format!("this refuses nothing that can be entered at `{name}`"),
                )
            })
            .collect();
        let stores = |at: &usize| {
            let mut hops = self.map.hops[*at].iter();
            hops.any(|hop| self.map.way(*at, hop).does.into.is_some())
        };
        match refusals.last() {
            Some(last) if idle.is_empty() && !here.iter().any(stores) => {
                vec![(
                    last,
                    format!("nothing is left that can be entered at `{name}`"),
                )]
            }
            _ => idle,
        }
    }

    /// Steps from which no call comes to an end.
    pub(super) fn steps_without_end(&mut self) {
        let next: Vec<Vec<usize>> = (0..self.map.moments.len())
            .map(|at| self.next(at, |way| !matches!(way.kind, Kind::Error | Kind::HangUp)))
            .collect();
        for group in groups(&next) {
            let leaves = |at: &usize| {
                next[*at].iter().any(|to| !group.contains(to))
                    || self.map.hops[*at].iter().any(|hop| hop.to == Goal::End)
                    || next[*at].is_empty()
            };
            if group.iter().any(leaves) {
                continue;
            }
            let steps: BTreeSet<StepId> =
                group.iter().map(|at| self.map.moments[*at].step).collect();
            let Some(step) = steps.first().copied() else {
                continue;
            };
            if steps.iter().any(|step| self.in_circles.contains(step)) {
                continue;
            }
            let message = format!("no way out of `{}` comes to an end", self.name(step));
            let diag = Diag::new(Code::StepNoEnd, self.step_place(step), message).help(
                "lead one of its ways to `hangup`, to a person or to a step that ends the call",
            );
            let first = group
                .iter()
                .copied()
                .find(|at| self.map.moments[*at].step == step);
            self.tell_shown(diag, &|walk| {
                let route = walk.route_to(first?)?;
                Some(route.shows(walk.tour(&group, first?), Shows::NoEnd))
            });
        }
    }

    /// Waits after which a caller is hung up on whether or not they came to something: whoever was not served hears
    /// nothing of it.
    pub(super) fn unheard_outcomes(&mut self) {
        let reached: BTreeSet<StepId> = self.map.moments.iter().map(|moment| moment.step).collect();
        for step in reached {
            let hangs_up = |way: &&Way| match &way.by {
                By::Outcome(outcomes) if way.to == Some(Target::Hangup) => {
                    let good = outcomes.iter().filter(|outcome| outcome.is_good).count();
                    good > 0 && good < outcomes.len()
                }
                _ => false,
            };
            let Some(way) = self.ways(step).iter().find(hangs_up) else {
                continue;
            };
            let By::Outcome(outcomes) = &way.by else {
                continue;
            };
            let trouble = outcomes.iter().filter(|outcome| !outcome.is_good);
            let names: Vec<String> = trouble
                .map(|outcome| format!("`{}`", outcome.name))
                .collect();
            let groups: BTreeSet<&str> = outcomes
                .iter()
                .filter_map(|outcome| outcome.group)
                .collect();
            let group = groups.first().copied().unwrap_or("error");
            let message = format!(
                "after {} at `{}` the caller is hung up on without a word",
                names.join(", "),
                self.name(step)
            );
            let diag = Diag::new(Code::OutcomeUnheard, self.place(way.at.clone()), message).help(
                format!("add `on.{group} = \"…\"`, a step that says what became of the call"),
            );
            self.tell(diag);
        }
    }

    /// Steps that turn a call away which has been answered, or let it ring on: the carrier does that only before anything
    /// is heard.
    pub(super) fn late_rejects(&mut self, times: &StepTimes) {
        let is_heard = |at: usize| {
            let step = usize::from(self.map.moments[at].step);
            self.waits(at) || times.all[step].said.whole.lasts > Duration::ZERO
        };
        let mut late: BTreeSet<StepId> = BTreeSet::new();
        let mut open: Vec<_> = self.map.roots.iter().map(|root| (*root, false)).collect();
        let mut seen: BTreeSet<_> = open.iter().copied().collect();
        while let Some((at, heard)) = open.pop() {
            let step = self.map.moments[at].step;
            let away = self.flow().step(step).action.away();
            let keeps_ringing = away.is_some_and(|away| away.keeps_ringing);
            if heard && (keeps_ringing || times.all[usize::from(step)].turns_away) {
                late.insert(step);
            }
            let heard = heard || is_heard(at);
            let next = self.map.hops[at].iter().filter_map(|hop| match hop.to {
                Goal::Moment(to) => Some((to, heard)),
                Goal::End | Goal::Back => None,
            });
            open.extend(next.filter(|next| seen.insert(*next)));
        }
        for step in late {
            if !times.all[usize::from(step)].turns_away {
                self.rings_too_late(step);
                continue;
            }
            let message = format!(
                "`{}` comes too late: the carrier turns a call away only before anything is heard",
                self.name(step)
            );
            let diag = Diag::new(Code::RejectTooLate, self.step_place(step), message)
                .help("come here from the start of the flow, by `branch` and `set` alone; a call that has been answered is ended by `hangup`");
            self.tell(diag);
        }
    }

    fn rings_too_late(&mut self, step: StepId) {
        let message = format!(
            "`answer_on_bridge` of `{}` does nothing: the call is answered when the caller hears something, and that was before",
            self.name(step)
        );
        let diag = Diag::new(Code::AnswerOnBridgeLate, self.step_place(step), message).help(
            "come here from the start of the flow, by `branch` and `set` alone; or leave it out",
        );
        self.tell(diag);
    }

    /// Steps on the way of `[on] hangup` that need a caller.
    pub(super) fn steps_without_caller(&mut self) {
        let mut told = BTreeSet::new();
        let mut found = Vec::new();
        for at in 0..self.map.moments.len() {
            if !self.map.moments[at].gone {
                continue;
            }
            for (place, hop) in self.map.hops[at].iter().enumerate() {
                let Goal::Moment(to) = hop.to else { continue };
                let step = self.map.moments[to].step;
                let way = self.map.way(at, hop).at.clone();
                if !self.flow().step(step).action.needs_caller() || !told.insert((way.start, step))
                {
                    continue;
                }
                let message = format!(
                    "`{}` needs a caller, who has hung up: nothing is done from here on",
                    self.name(step)
                );
                let diag = Diag::new(Code::HangupEndsEarly, self.place(way), message)
                    .help("behind `[on] hangup` write steps of their own, with `submit`, `set`, `forget` or `branch`")
                    .also(self.step_place(step), "this needs a caller");
                found.push((diag, (at, place)));
            }
        }
        for (diag, (at, hop)) in found {
            self.tell_shown(diag, &|walk| Some(walk.route_to(at)?.and(at, hop).fails()));
        }
    }

    /// Questions from which the step that the author names is too far away.
    pub(super) fn far_questions(&mut self) {
        let Some((wanted, named)) = self.flow().demands.reachable.clone() else {
            return;
        };
        let limit = self.flow().demands.within_turns;
        let turns = self.turns_to(wanted);
        let mut told = BTreeSet::new();
        for at in 0..self.map.moments.len() {
            let moment = &self.map.moments[at];
            let near = turns[at].is_some_and(|turns| limit.is_none_or(|limit| turns <= limit));
            if moment.gone
                || near
                || !self.flow().step(moment.step).action.asks()
                || !told.insert(moment.step)
            {
                continue;
            }
            let (step, name) = (moment.step, self.name(wanted).to_owned());
            let message = match turns[at] {
                Some(turns) => format!(
                    "from `{}` it takes {turns} turns to come to `{name}`",
                    self.name(step)
                ),
                None => format!("no way leads from `{}` to `{name}`", self.name(step)),
            };
            let help =
                format!("add a key that leads to `{name}`: to this step, or to `[anywhere]`");
            let diag = Diag::new(Code::StepOutOfReach, self.step_place(step), message)
                .help(help)
                .also(self.place(named.clone()), "it is demanded here");
            let then: Vec<ExampleStep> = self.free_key(step, wanted).into_iter().collect();
            self.tell_shown(diag, &|walk| {
                let shows = Shows::NotReached(name.clone());
                Some(walk.route_to(at)?.shows(then.clone(), shows))
            });
        }
    }

    /// A key that does nothing at a question, and might lead to a step: one that does so elsewhere, else any.
    fn free_key(&self, question: StepId, wanted: StepId) -> Option<ExampleStep> {
        let leads_there = |way: &Way| match (&way.by, way.to) {
            (By::Keys(keys), Some(Target::Step(to))) if to == wanted => Some(keys.clone()),
            _ => None,
        };
        let elsewhere = self.map.ways.iter().flatten().filter_map(leads_there);
        if self.ways(question).iter().any(|way| way.by == By::AnyKey) {
            return None;
        }
        let any = ["0", "9", "*", "8", "7", "6", "5", "4", "3", "2", "1"].map(str::to_owned);
        let keys = elsewhere
            .chain(any)
            .find(|keys| is_free(self.flow(), question, keys))?;
        Some(ExampleStep {
            step: self.name(question).to_owned(),
            event: StepEvent::press(keys),
        })
    }

    /// Questions after which a caller who is out of attempts could only hear an apology.
    pub(super) fn given_up_nowhere(&mut self) {
        // Those that go through it decide, and are told.
        if self.flow().is_subflow {
            return;
        }
        let mut told = BTreeSet::new();
        for at in 0..self.map.moments.len() {
            let step = self.map.moments[at].step;
            let nowhere = |hop: &Hop| {
                let way = self.map.way(at, hop);
                way.kind == Kind::GiveUp && way.to.is_none()
            };
            let Some(hop) = self.map.hops[at]
                .iter()
                .position(nowhere)
                .filter(|_| told.insert(step))
            else {
                continue;
            };
            let message = format!(
                "a caller who is out of attempts at `{}` hears an apology, and the call ends",
                self.name(step)
            );
            let diag = Diag::new(Code::GiveUpNowhere, self.step_place(step), message).help(
                "add `give_up = \"…\"` to the step, or above the first `[…]` for all of them",
            );
            self.tell_shown(diag, &|walk| Some(walk.route_to(at)?.and(at, hop).fails()));
        }
    }

    /// How many turns it takes at least from each moment to a step.
    fn turns_to(&self, wanted: StepId) -> Vec<Option<u32>> {
        let mut before: Vec<Vec<(usize, u32)>> = vec![Vec::new(); self.map.moments.len()];
        for at in 0..self.map.moments.len() {
            let waits = self.waits(at);
            for (to, turns) in self.next_turns(at) {
                before[to].push((at, if waits { turns } else { 0 }));
            }
        }
        let mut best: Vec<Option<u32>> = vec![None; self.map.moments.len()];
        let mut open = VecDeque::new();
        for (at, moment) in self
            .map
            .moments
            .iter()
            .enumerate()
            .filter(|(_, moment)| moment.step == wanted)
        {
            let _ = moment;
            best[at] = Some(0);
            open.push_back(at);
        }
        while let Some(at) = open.pop_front() {
            let Some(turns) = best[at] else { continue };
            for (from, more) in &before[at] {
                if best[*from].is_none_or(|known| known > turns + more) {
                    best[*from] = Some(turns + more);
                    open.push_back(*from);
                }
            }
        }
        best
    }

    /// Where a moment leads, and how many turns that takes.
    fn next_turns(&self, at: usize) -> Vec<(usize, u32)> {
        let attempts = u32::from(
            self.flow()
                .step(self.map.moments[at].step)
                .action
                .attempts(),
        );
        let mut all = Vec::new();
        for hop in &self.map.hops[at] {
            let way = self.map.way(at, hop);
            if matches!(way.kind, Kind::Error | Kind::HangUp) && way.by == By::Itself {
                continue;
            }
            let turns = if matches!(way.by, By::NoInput | By::NoMatch) {
                attempts
            } else {
                1
            };
            match hop.to {
                Goal::Moment(to) => all.push((to, turns)),
                Goal::Back => all.extend(self.backs(at).iter().map(|to| (*to, turns))),
                Goal::End => {}
            }
        }
        all
    }
}

//! Circles: the moments from which a call comes back to where it was.

use std::cmp::Reverse;
use std::time::Duration;

use super::Walk;
use super::map::{Goal, Hop, Kind, Way};
use super::route::Route;
use super::time::{StepTimes, told};
use crate::engine::diag::{Diag, Shows};
use crate::engine::edge::{By, Target};
use crate::engine::fault::STEPS_A_VISIT;
use crate::engine::ids::{Slot, StepId};
use crate::written::{Code, Explain};

/// After which time the carrier ends a call.
const LONGEST_CALL: Duration = Duration::from_hours(4);

/// Strongly connected groups of places, those without a way out first (Tarjan's algorithm, with a stack of its own: a
/// flow may be deep).
pub fn groups(next: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const NEW: usize = usize::MAX;
    let mut order = vec![NEW; next.len()];
    let mut low = vec![0; next.len()];
    let mut on_stack = vec![false; next.len()];
    let (mut stack, mut groups, mut count) = (Vec::new(), Vec::new(), 0);
    for root in 0..next.len() {
        if order[root] != NEW {
            continue;
        }
        let mut open = vec![(root, 0)];
        while let Some((at, child)) = open.pop() {
            if child == 0 {
                order[at] = count;
                low[at] = count;
                count += 1;
                stack.push(at);
                on_stack[at] = true;
            }
            if let Some(to) = next[at].get(child) {
                open.push((at, child + 1));
                if order[*to] == NEW {
                    open.push((*to, 0));
                } else if on_stack[*to] {
                    low[at] = low[at].min(order[*to]);
                }
                continue;
            }
            if low[at] == order[at] {
                let from = stack
                    .iter()
                    .rposition(|other| *other == at)
                    .expect("it was pushed");
                let group = stack.split_off(from);
                for other in &group {
                    on_stack[*other] = false;
                }
                groups.push(group);
            }
            if let Some((parent, _)) = open.last() {
                low[*parent] = low[*parent].min(low[at]);
            }
        }
    }
    groups
}

impl Walk<'_> {
    fn is_circle(&self, group: &[usize], next: &[Vec<usize>]) -> bool {
        group.len() > 1 || next[group[0]].contains(&group[0])
    }

    /// Whether a circle ends by itself: a condition in it leads out, and reads what the circle changes.
    fn is_bounded(&self, group: &[usize]) -> bool {
        let inside = |goal: Goal| matches!(goal, Goal::Moment(to) if group.contains(&to));
        let mut changed: Vec<Slot> = Vec::new();
        let mut asked: Vec<Slot> = Vec::new();
        for at in group {
            let conditions = self
                .flow()
                .step(self.map.moments[*at].step)
                .action
                .conditions();
            if self.map.hops[*at].iter().any(|hop| !inside(hop.to)) {
                asked.extend(
                    conditions
                        .iter()
                        .flat_map(|reading| &reading.places)
                        .map(|(slot, _)| *slot),
                );
            }
            for hop in self.map.hops[*at].iter().filter(|hop| inside(hop.to)) {
                let does = &self.map.way(*at, hop).does;
                changed.extend(
                    does.into
                        .iter()
                        .chain(&does.sets)
                        .map(|(slot, _)| *slot)
                        .chain(does.forgets.iter().copied()),
                );
            }
        }
        asked.iter().any(|slot| changed.contains(slot))
    }

    /// Circles that never wait for the caller.
    pub(super) fn circles_that_never_wait(&mut self) {
        let waits: Vec<bool> = (0..self.map.moments.len())
            .map(|at| self.waits(at))
            .collect();
        let next: Vec<Vec<usize>> = (0..self.map.moments.len())
            .map(|at| {
                if waits[at] {
                    Vec::new()
                } else {
                    self.next(at, |_| true)
                        .into_iter()
                        .filter(|to| !waits[*to])
                        .collect()
                }
            })
            .collect();
        for group in groups(&next) {
            if !self.is_circle(&group, &next) {
                continue;
            }
            // The way that closes the circle is the last one in the file.
            let Some((at, hop)) = self.last_way(&group, |_, _, _| true) else {
                continue;
            };
            let place = self.map.way(at, &self.map.hops[at][hop]).at.clone();
            let is_bounded = self.is_bounded(&group);
            if !is_bounded {
                self.in_circles
                    .extend(group.iter().map(|at| self.map.moments[*at].step));
            }
            let (message, help) = self.goes_round(&group, at, hop);
            let diag = Diag::new(Code::LoopNeverWaits, self.place(place), message).help(help);
            let shown = |walk: &Self| walk.route_to(at).map(Route::fails);
            // Rounds that a condition may end are a fault only if a call shows that it does not.
            if is_bounded {
                self.tell_if_shown(diag, &shown);
            } else {
                self.tell_shown(diag, &shown);
            }
        }
    }

    /// What is said of a circle that never waits, by the way that closes it, and what to do about it.
    fn goes_round(&self, group: &[usize], at: usize, hop: usize) -> (String, String) {
        let name = self.name(self.map.moments[at].step);
        let to = self.map.way(at, &self.map.hops[at][hop]).to;
        if matches!(to, Some(Target::Back | Target::Repeat)) {
            let message = format!("no question has been asked that `{name}` could lead back to");
            let help = "lead to a step, or ask something before; what is here is done again without end, and the engine stops after 64 steps";
            return (message, help.to_owned());
        }
        let message = format!("from `{name}` the call goes round without waiting for the caller");
        let steps = self.names_of(group);
        let out = if steps.contains(',') {
            format!("the circle is {steps}: lead one of them out of it, or put a question into it")
        } else {
            format!("lead {steps} on to another step, or to `hangup`")
        };
        (message, format!("{out}; the engine stops after 64 steps"))
    }

    /// Circles in which somebody who never answers is asked again and again, or in which nobody is ever reached.
    pub(super) fn circles_of_silence(&mut self, times: &StepTimes) {
        let next: Vec<Vec<usize>> = (0..self.map.moments.len())
            .map(|at| self.next(at, |way| self.silent(at, way)))
            .collect();
        for group in groups(&next) {
            if !self.is_circle(&group, &next) || self.is_bounded(&group) {
                continue;
            }
            if group.iter().any(|at| self.asks(*at)) {
                self.tell_unanswered_questions(&group, times);
            } else if group.iter().any(|at| self.waits(*at)) {
                self.tell_unanswered_waits(&group, times);
            }
        }
    }

    /// A circle of questions that a caller goes round who never answers.
    fn tell_unanswered_questions(&mut self, group: &[usize], times: &StepTimes) {
        let gives_up =
            |_: usize, _: &Hop, way: &Way| way.kind == Kind::GiveUp || way.by == By::Silent;
        let Some((at, hop)) = self.last_way(group, gives_up) else {
            return;
        };
        let step = self.map.moments[at].step;
        let round = self.round(group, at, hop);
        let (what, key) = if self.map.way(at, &self.map.hops[at][hop]).by == By::Silent {
            ("a silence", "silent")
        } else {
            ("giving up", "give_up")
        };
        let last = round.hops().last().map(|(at, _)| self.map.moments[at].step);
        let last = last
            .filter(|last| *last != step)
            .map(|last| self.name(last));
        let (by, or) = match last {
            Some(last) => (
                format!(" by `{last}`"),
                format!(", or the way on from `{last}`,"),
            ),
            None => (String::new(), String::new()),
        };
        let message = format!(
            "a caller who never answers is asked for ever: {what} at `{}` leads back{by}{}",
            self.name(step),
            self.kept(&round, times)
        );
        let help = format!("lead `{key}`{or} to a step that ends the call or connects somebody");
        self.tell_circle(
            group,
            (at, hop),
            (message, &help),
            step,
            "asked again and again",
        );
    }

    /// A circle of steps that wait, which a call goes round for which nobody is ever there.
    fn tell_unanswered_waits(&mut self, group: &[usize], times: &StepTimes) {
        let again =
            |_: usize, hop: &Hop, _: &Way| matches!(hop.to, Goal::Moment(to) if self.waits(to));
        let Some((at, hop)) = self.last_way(group, again) else {
            return;
        };
        let Goal::Moment(to) = self.map.hops[at][hop].to else {
            return;
        };
        let (step, wait) = (self.map.moments[at].step, self.map.moments[to].step);
        let round = self.round(group, at, hop);
        let message = format!(
            "as long as `{}` reaches nobody, the call goes round for ever: {} leads back{}",
            self.name(wait),
            if step == wait {
                "it".to_owned()
            } else {
                format!("`{}`", self.name(step))
            },
            self.kept(&round, times)
        );
        let help = "lead the last way to a step that ends the call, takes a message or asks the caller; or count the rounds and leave by a `branch`";
        self.tell_circle(
            group,
            (at, hop),
            (message, help),
            wait,
            "begun again and again",
        );
    }

    /// Reports a circle at the way that closes it, once for each of its steps.
    fn tell_circle(
        &mut self,
        group: &[usize],
        (at, hop): (usize, usize),
        (message, help): (String, &str),
        step: StepId,
        label: &str,
    ) {
        let closing = self.map.moments[at].step;
        let place = self.map.way(at, &self.map.hops[at][hop]).at.clone();
        // One way that the whole flow has may close several circles.
        let is_told = |diag: &Diag| diag.code == Code::LoopNeverEnds && diag.at.span == place;
        if self.told_steps.contains(&(Code::LoopNeverEnds, closing))
            || self.diags.iter().any(is_told)
        {
            return;
        }
        let steps = group.iter().map(|at| self.map.moments[*at].step);
        self.told_steps
            .extend(steps.map(|step| (Code::LoopNeverEnds, step)));
        let diag = Diag::new(Code::LoopNeverEnds, self.place(place), message)
            .help(help)
            .also(self.step_place(step), label);
        self.tell_shown(diag, &|walk| {
            let acts = walk.acts(&walk.round(group, at, hop).tail());
            let route = walk.route_to(at)?;
            Some(route.and(at, hop).shows(acts, Shows::NoEnd))
        });
    }

    /// The way round a circle: a hop, and from there on what somebody goes who never answers and reaches nobody, until
    /// the call is back where the hop began.
    fn round(&self, group: &[usize], at: usize, hop: usize) -> Route {
        let first = Route::default().and(at, hop);
        let Goal::Moment(next) = self.map.hops[at][hop].to else {
            return first;
        };
        let stays = |at: usize, hop: &Hop, _| match hop.to {
            Goal::Moment(to) => {
                (group.contains(&to) && self.silent(at, self.map.way(at, hop))).then_some(false)
            }
            _ => None,
        };
        match self.route((next, false), stays, |to, _| to == at, None) {
            Some(rest) => first.then(rest),
            None => first,
        }
    }

    /// How long a round keeps a caller, and how long all of them until the engine or the carrier ends the call.
    pub(super) fn kept(&self, round: &Route, times: &StepTimes) -> String {
        let lasts: Duration = round
            .hops()
            .map(|(at, hop)| {
                let step = usize::from(self.map.moments[at].step);
                times.all[step].longest(&self.map.way(at, &self.map.hops[at][hop]).by)
            })
            .sum();
        let steps = u32::try_from(round.hops().count()).unwrap_or(u32::MAX);
        let rounds = u32::from(STEPS_A_VISIT) / steps.max(1);
        let whole = LONGEST_CALL.min(lasts * rounds);
        format!(
            "; a round takes up to {}, and the call is cut off after {}",
            told(lasts),
            told(whole)
        )
    }

    /// What happens to a caller who presses nothing, and whom nobody answers.
    fn silent(&self, at: usize, way: &Way) -> bool {
        let action = &self.flow().step(self.map.moments[at].step).action;
        match &way.by {
            _ if matches!(way.kind, Kind::Error | Kind::HangUp) => false,
            By::Outcome(outcomes) => outcomes.iter().any(|outcome| !outcome.is_good),
            // Only ten repeats are granted.
            By::Silent => way.to != Some(Target::Repeat),
            _ => !action.asks() || way.kind == Kind::GiveUp,
        }
    }

    /// The last way within a group, by its place in the file.
    fn last_way(
        &self,
        group: &[usize],
        fits: impl Fn(usize, &Hop, &Way) -> bool,
    ) -> Option<(usize, usize)> {
        let mut ways = Vec::new();
        for at in group {
            for (place, hop) in self.map.hops[*at].iter().enumerate() {
                let way = self.map.way(*at, hop);
                let inside = match hop.to {
                    Goal::Moment(to) => group.contains(&to),
                    Goal::Back => true,
                    Goal::End => false,
                };
                if inside && fits(*at, hop, way) {
                    // Of silence and wrong keys, silence is the plainer example.
                    ways.push((
                        way.at.start,
                        matches!(way.by, By::NoInput | By::Silent),
                        // The first moment has the shortest call.
                        Reverse(*at),
                        place,
                    ));
                }
            }
        }
        ways.into_iter()
            .max()
            .map(|(_, _, Reverse(at), hop)| (at, hop))
    }

    fn names_of(&self, group: &[usize]) -> String {
        let mut steps: Vec<_> = group.iter().map(|at| self.map.moments[*at].step).collect();
        steps.sort_unstable();
        steps.dedup();
        let shown: Vec<_> = steps
            .iter()
            .take(5)
            .map(|step| format!("`{}`", self.name(*step)))
            .collect();
        let more = if steps.len() > shown.len() {
            ", …"
        } else {
            ""
        };
        format!("{}{more}", shown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::groups;

    #[test]
    fn places_that_lead_to_each_other_are_a_group() {
        let mut found = groups(&[vec![1], vec![2], vec![1, 3], vec![], vec![4]]);
        for group in &mut found {
            group.sort_unstable();
        }
        assert_eq!(found, [vec![3], vec![1, 2], vec![0], vec![4]]);
    }

    #[test]
    fn a_chain_of_any_length_needs_no_stack() {
        let chain: Vec<Vec<usize>> = (0..200_000).map(|at| vec![(at + 1) % 200_000]).collect();
        assert_eq!(groups(&chain).len(), 1);
    }
}

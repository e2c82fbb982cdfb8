//! Circles: the moments from which a call comes back to where it was.

use super::Walk;
use super::map::{Goal, Hop, Kind};
use super::route::Route;
use crate::engine::diag::{Diag, ExampleStep, Shows};
use crate::engine::edge::{By, Target};
use crate::engine::ids::Slot;
use crate::written::{Code, Explain};

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
            if !self.is_circle(&group, &next) || self.is_bounded(&group) {
                continue;
            }
            // The way that closes the circle is the last one in the file.
            let Some((at, hop)) = self.last_way(&group, |_| true) else {
                continue;
            };
            let (step, place) = (
                self.map.moments[at].step,
                self.map.way(at, &self.map.hops[at][hop]).at.clone(),
            );
            self.in_circles
                .extend(group.iter().map(|at| self.map.moments[*at].step));
            let message = format!(
                "from `{}` the call goes round without waiting for the caller",
                self.name(step)
            );
            let steps = self.names_of(&group);
            let diag = Diag::new(Code::LoopNeverWaits, self.place(place), message).help(format!(
                "{steps}: lead one of them out of the circle, or put a question into it; the engine stops after 64 steps"
            ));
            let route = self.route_to(at);
            self.tell(diag, route.map(Route::fails));
        }
    }

    /// Circles in which somebody who never answers is asked again and again.
    pub(super) fn circles_of_questions(&mut self) {
        let next: Vec<Vec<usize>> = (0..self.map.moments.len())
            .map(|at| self.next(at, |way| self.silent(at, way)))
            .collect();
        for group in groups(&next) {
            let asks = |at: &usize| self.flow().step(self.map.moments[*at].step).action.asks();
            if !self.is_circle(&group, &next) || !group.iter().any(asks) || self.is_bounded(&group)
            {
                continue;
            }
            let Some((at, hop)) = self.last_way(&group, |way| {
                way.kind == Kind::GiveUp || way.by == By::Silent
            }) else {
                continue;
            };
            let (step, place) = (
                self.map.moments[at].step,
                self.map.way(at, &self.map.hops[at][hop]).at.clone(),
            );
            if self.told_steps.contains(&(Code::LoopNeverEnds, step)) {
                continue;
            }
            for at in &group {
                self.told_steps
                    .push((Code::LoopNeverEnds, self.map.moments[*at].step));
            }
            let (what, key) = if self.map.way(at, &self.map.hops[at][hop]).by == By::Silent {
                ("a silence", "silent")
            } else {
                ("giving up", "give_up")
            };
            let message = format!(
                "a caller who never answers is asked for ever: {what} at `{}` leads back",
                self.name(step)
            );
            let help = format!("lead `{key}` to a step that ends the call or connects somebody");
            let diag = Diag::new(Code::LoopNeverEnds, self.place(place), message)
                .help(help)
                .also(self.step_place(step), "asked again and again");
            let round = self.round(&group, at, hop);
            let shown = self
                .route_to(at)
                .map(|route| route.and(at, hop).shows(round, Shows::NoEnd));
            self.tell(diag, shown);
        }
    }

    /// What is done from a hop on until the call is back where the hop began, by somebody who never answers.
    fn round(&self, group: &[usize], at: usize, hop: usize) -> Vec<ExampleStep> {
        let Goal::Moment(next) = self.map.hops[at][hop].to else {
            return Vec::new();
        };
        let stays = |at: usize, hop: &Hop, _| match hop.to {
            Goal::Moment(to) => {
                (group.contains(&to) && self.silent(at, self.map.way(at, hop))).then_some(false)
            }
            _ => None,
        };
        let route = self.route((next, false), stays, |to, _| to == at, None);
        route.map(|route| self.acts(&route)).unwrap_or_default()
    }

    /// What happens to a caller who presses nothing, and whom nobody answers.
    fn silent(&self, at: usize, way: &super::map::Way) -> bool {
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
        fits: impl Fn(&super::map::Way) -> bool,
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
                if inside && fits(way) {
                    // Of silence and wrong keys, silence is the plainer example.
                    ways.push((
                        way.at.start,
                        matches!(way.by, By::NoInput | By::Silent),
                        *at,
                        place,
                    ));
                }
            }
        }
        ways.into_iter().max().map(|(_, _, at, hop)| (at, hop))
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
        format!("the circle is {}{more}", shown.join(", "))
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

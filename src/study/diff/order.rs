//! The order in which questions are put.

use std::collections::{HashMap, HashSet};

use super::facts::Version;
use super::steps::Pairs;
use super::{Event, Goal};
use crate::study::order::DepthOrder;

/// The most questions that are reported as moved: with more, it is another conversation.
const MAX_MOVED: usize = 20;

/// A question that moved: its place in the new version, the other one's, and whether it is put before that now.
pub struct Moved {
    /// The question.
    pub question: usize,
    /// The one that it is put before or after.
    pub other: usize,
    /// Whether it is put before it now.
    pub is_earlier: bool,
}

/// Questions that were put after another one on the ways that go forward, and are put before it now; or the other way
/// round.
pub fn moved(old: &Version<'_>, new: &Version<'_>, pairs: &Pairs) -> Vec<Moved> {
    let (was, is) = (Forward::new(old), Forward::new(new));
    let asked = |forward: &Forward, version: &Version<'_>| -> Vec<usize> {
        forward
            .order
            .iter()
            .copied()
            .filter(|step| version.steps[*step].asks)
            .collect()
    };
    let both = |step: &usize| pairs.new_of[*step].filter(|to| new.steps[*to].asks);
    let before: Vec<usize> = asked(&was, old).iter().filter_map(both).collect();
    let mut place = vec![None; new.steps.len()];
    for (at, step) in asked(&is, new).into_iter().enumerate() {
        place[step] = Some(at);
    }
    let places: Vec<usize> = before.iter().filter_map(|step| place[*step]).collect();
    let steps: Vec<usize> = before
        .iter()
        .copied()
        .filter(|step| place[*step].is_some())
        .collect();
    let stay = longest_rising(&places);
    let mut moved = Vec::new();
    for at in (0..steps.len())
        .filter(|at| !stay.contains(at))
        .take(MAX_MOVED)
    {
        moved.extend(turned(at, &steps, &places, &was, &is, pairs));
    }
    moved
}

/// The question that one at a place of the old order has changed places with: of several the farthest.
fn turned(
    at: usize,
    steps: &[usize],
    places: &[usize],
    was: &Forward,
    is: &Forward,
    pairs: &Pairs,
) -> Option<Moved> {
    let question = steps[at];
    let old = pairs.old_of[question]?;
    let (was_ahead, was_behind) = (reached(&was.ahead, old), reached(&was.behind, old));
    let (is_ahead, is_behind) = (reached(&is.ahead, question), reached(&is.behind, question));
    let among = |before: &HashSet<usize>, now: &HashSet<usize>, other: usize| {
        now.contains(&other) && pairs.old_of[other].is_some_and(|old| before.contains(&old))
    };
    let others = || (0..steps.len()).filter(|other| *other != at);
    let earlier = others()
        .filter(|other| among(&was_behind, &is_ahead, steps[*other]))
        .min_by_key(|other| places[*other]);
    let later = || {
        others()
            .filter(|other| among(&was_ahead, &is_behind, steps[*other]))
            .max_by_key(|other| places[*other])
    };
    let (other, is_earlier) = earlier
        .map(|other| (other, true))
        .or_else(|| Some((later()?, false)))?;
    Some(Moved {
        question,
        other: steps[other],
        is_earlier,
    })
}

/// The ways that go forward: without those that lead back to where a call has been, and those for when something does
/// not work.
struct Forward {
    ahead: Vec<Vec<usize>>,
    behind: Vec<Vec<usize>>,
    /// The steps that are reached, each after all that lead forward to it.
    order: Vec<usize>,
}

impl Forward {
    fn new(version: &Version<'_>) -> Self {
        let names: HashMap<&str, usize> = version
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| (step.name, at))
            .collect();
        let ways = |step: usize| -> Vec<usize> {
            let well = version.steps[step]
                .own
                .ways
                .iter()
                .filter(|(event, _)| goes_well(event));
            well.filter_map(|(_, way)| match &way.to {
                Goal::Step(name) => names.get(name.as_str()).copied(),
                _ => None,
            })
            .collect()
        };
        let all: Vec<Vec<usize>> = (0..version.steps.len()).map(ways).collect();
        Self::of(&all, usize::from(version.loaded.flow.start))
    }

    fn of(all: &[Vec<usize>], start: usize) -> Self {
        let order = DepthOrder::from([start], all);
        let none = vec![Vec::new(); all.len()];
        let (mut ahead, mut behind) = (none.clone(), none);
        for &step in &order.places {
            for &to in all[step].iter().filter(|to| !order.is_back(step, **to)) {
                ahead[step].push(to);
                behind[to].push(step);
            }
        }
        Self {
            ahead,
            behind,
            order: order.places.into_iter().rev().collect(),
        }
    }
}

/// The steps that ways lead to from one, directly or over others.
fn reached(ways: &[Vec<usize>], step: usize) -> HashSet<usize> {
    let (mut all, mut open) = (HashSet::new(), vec![step]);
    while let Some(step) = open.pop() {
        open.extend(ways[step].iter().copied().filter(|to| all.insert(*to)));
    }
    all
}

fn goes_well(event: &Event) -> bool {
    match event {
        Event::NoInput | Event::NoMatch => false,
        Event::Outcome(_, is_good) => *is_good,
        _ => true,
    }
}

/// The places of a longest part of a list that rises.
fn longest_rising(list: &[usize]) -> HashSet<usize> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; list.len()];
    for at in 0..list.len() {
        let length = ends.partition_point(|end| list[*end] < list[at]);
        before[at] = length.checked_sub(1).map(|last| ends[last]);
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    std::iter::successors(ends.last().copied(), |at| before[*at]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Forward, longest_rising, reached};

    #[test]
    fn a_way_back_is_not_forward() {
        let forward = Forward::of(&[vec![1], vec![2], vec![0, 3], vec![]], 0);
        assert_eq!(forward.order, [0, 1, 2, 3]);
        assert!(
            reached(&forward.ahead, 2).contains(&3) && !reached(&forward.ahead, 2).contains(&0)
        );
    }

    #[test]
    fn of_a_list_what_moved_is_left_out() {
        let stay = |list: &[usize]| {
            let mut stay: Vec<_> = longest_rising(list).into_iter().collect();
            stay.sort_unstable();
            stay
        };
        assert_eq!(stay(&[0, 1, 2]), [0, 1, 2]);
        assert_eq!(stay(&[3, 0, 1, 2]), [1, 2, 3]);
        assert_eq!(stay(&[]), [0; 0]);
    }
}

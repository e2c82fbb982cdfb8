//! The world of a recorded call, for a version whose steps hand it on to others: each step meets what it met before.

use std::collections::BTreeMap;

use crate::phone::{EndedBy, World};
use crate::replay::Played;
use crate::written::number::canonical;

/// The world in which a version meets at each step what that step met before, whomever it hands the call on to now. `world`
/// is what the old version was played in, `so_far` what the new one was; `None` where nothing is missing in that. `name` is
/// what an old step is called now. Whoever is called by the same step as before stays as they were.
pub fn world_of_steps(
    (world, old): (&World, &Played),
    (so_far, new): (&World, &Played),
    name: impl Fn(&str) -> String,
) -> Option<World> {
    let before: Vec<(String, String)> = handed_on(old)
        .into_iter()
        .map(|(step, to)| (name(&step), to))
        .collect();
    let now = handed_on(new);
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    let mut next = so_far.clone();
    for (step, to) in &now {
        let nth = times.entry(step).or_default();
        let mut here = before.iter().filter(|(other, _)| other == step);
        let was = here.clone().nth(*nth).or(here.next_back());
        *nth += 1;
        let stays = before
            .iter()
            .any(|known| known.1 == *to && now.contains(known));
        let answer = was.and_then(|(_, was)| world.dialled(was));
        if let Some(answer) = answer.filter(|_| !stays && !step.is_empty()) {
            next.dial.insert(canonical(to), answer.clone());
        }
    }
    (next.dial != so_far.dial).then_some(next)
}

/// The steps that handed a call on, and to whom.
fn handed_on(played: &Played) -> Vec<(String, String)> {
    let stretches = played.stretches.iter();
    let mut all: Vec<_> = stretches
        .flat_map(|stretch| stretch.handed_on.clone())
        .collect();
    if let EndedBy::Unforeseen(_, to) = &played.ended.by {
        let mut steps = played.stretches.iter().flat_map(|stretch| &stretch.steps);
        all.extend(steps.next_back().map(|step| (step.clone(), to.clone())));
    }
    all
}

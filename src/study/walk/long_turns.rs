//! Steps in a row: a turn does only so many, so that a longer row ends in an apology.

use std::collections::BTreeSet;

use super::Walk;
use super::circles::groups;
use super::map::{Goal, Kind};
use super::route::Route;
use crate::engine::diag::Diag;
use crate::engine::fault::STEPS_A_TURN;
use crate::written::{Code, Explain};

/// The longest row of steps from each moment on until the call waits or ends.
struct Rows {
    /// Ways that are taken on it.
    ways: Vec<usize>,
    /// The hop that it begins with; none where the call waits or ends.
    next: Vec<Option<usize>>,
}

impl Walk<'_> {
    /// Rows of steps that are longer than a turn may be.
    pub(super) fn long_turns(&mut self) {
        let rows = self.rows();
        let mut told = BTreeSet::new();
        for (begins, _) in self.turns(&rows) {
            let first = match begins {
                Some((at, hop)) => match self.map.hops[at][hop].to {
                    Goal::Moment(to) => to,
                    Goal::End | Goal::Back => continue,
                },
                None => 0,
            };
            let row = self.row(&rows, first);
            let last = row.last().map(|at| self.map.moments[*at].step);
            if !last.is_some_and(|last| told.insert(last)) {
                continue;
            }
            let stop = row[STEPS_A_TURN.min(row.len()) - 1];
            self.tell_long_turn(begins, &rows, (first, stop));
        }
    }

    /// How each turn begins that is too long, the longest first, and how many ways it takes: by a hop from where the call
    /// waits, or as the call begins.
    fn turns(&self, rows: &Rows) -> Vec<(Option<(usize, usize)>, usize)> {
        let mut turns = vec![(None, 1 + rows.ways[0])];
        for at in (0..self.map.moments.len()).filter(|at| self.waits(*at)) {
            for (place, hop) in self.map.hops[at].iter().enumerate() {
                let Goal::Moment(to) = hop.to else { continue };
                // Giving up by the way of the flow takes a step of the engine's own.
                let way = self.map.way(at, hop);
                let given_up = usize::from(way.kind == Kind::GiveUp && self.is_of_flow(way));
                turns.push((Some((at, place)), given_up + 1 + rows.ways[to]));
            }
        }
        // Waiting or ending is a step of the engine's own, too.
        turns.retain(|(_, ways)| *ways >= STEPS_A_TURN);
        turns.sort_by_key(|(_, ways)| std::cmp::Reverse(*ways));
        turns
    }

    fn is_of_flow(&self, way: &super::map::Way) -> bool {
        let inner = self.flow().subflows.iter();
        let inner = inner.filter_map(|of| of.give_up.as_ref());
        let mut give_up = self.flow().give_up.iter().chain(inner);
        give_up.any(|own| {
            let edges = own.edges("", &way.by);
            edges.iter().any(|edge| edge.at == way.at)
        })
    }

    fn rows(&self) -> Rows {
        let moments = self.map.moments.len();
        let next: Vec<Vec<usize>> = (0..moments)
            .map(|at| {
                if self.waits(at) {
                    Vec::new()
                } else {
                    self.next(at, |_| true)
                }
            })
            .collect();
        let mut rows = Rows {
            ways: vec![0; moments],
            next: vec![None; moments],
        };
        for group in groups(&next) {
            for at in &group {
                if self.waits(*at) {
                    continue;
                }
                for (place, hop) in self.map.hops[*at].iter().enumerate() {
                    // How often a circle is gone round is not known: once counts.
                    let ways = match hop.to {
                        Goal::End => 1,
                        Goal::Moment(to) if !group.contains(&to) => 1 + rows.ways[to],
                        Goal::Moment(_) | Goal::Back => continue,
                    };
                    if ways > rows.ways[*at] {
                        (rows.ways[*at], rows.next[*at]) = (ways, Some(place));
                    }
                }
            }
        }
        rows
    }

    /// The moments of the longest row from one on.
    fn row(&self, rows: &Rows, first: usize) -> Vec<usize> {
        let step = |at: &usize| match self.map.hops[*at][rows.next[*at]?].to {
            Goal::Moment(to) => Some(to),
            Goal::End | Goal::Back => None,
        };
        std::iter::successors(Some(first), step).collect()
    }

    fn tell_long_turn(
        &mut self,
        begins: Option<(usize, usize)>,
        rows: &Rows,
        (first, stop): (usize, usize),
    ) {
        let step = |at: usize| self.map.moments[at].step;
        let message = format!(
            "the call does not get past `{}`: a turn does at most {STEPS_A_TURN} steps without waiting for the caller",
            self.name(step(stop))
        );
        let diag = Diag::new(Code::TurnTooLong, self.step_place(step(stop)), message)
            .help("ask something in between, or set several names in one step")
            .also(self.step_place(step(first)), "the row of steps begins here");
        self.tell_shown(diag, &|walk| {
            let mut route = match begins {
                Some((at, hop)) => walk.route_to(at)?.and(at, hop),
                None => Route::default(),
            };
            let mut at = first;
            while at != stop
                && let Some(hop) = rows.next[at]
                && let Goal::Moment(to) = walk.map.hops[at][hop].to
            {
                route = route.and(at, hop);
                at = to;
            }
            Some(route.fails())
        });
    }
}

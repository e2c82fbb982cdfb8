//! The way on which all goes well: the longest to a complete submission, else to the best of the other ends. Pictures draw
//! it, and the typical call follows it.
//!
//! Nothing on it is trouble, and it comes to no step twice. Conditions on it can all come out as they must.

use super::map::{Goal, Hop, Kind, Map, Way, entry};
use crate::engine::edge::{By, Target};
use crate::engine::flow::{Flow, StepOf};
use crate::engine::ids::StepId;
use crate::study::order::DepthOrder;

/// The way on which all goes well.
#[derive(Clone, Debug)]
pub struct GoodWay {
    /// Its steps, in order.
    pub steps: Vec<StepId>,
    /// Whether its last step has a way that hangs up, which it takes.
    pub hangs_up: bool,
    /// What takes the best way on from each step, also from those that are not on it.
    on: Vec<Option<By>>,
    order: DepthOrder,
}

/// How good a call is from a moment on: what comes of it, whether it ends there by itself, and how many steps it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    end: End,
    is_ended: bool,
    steps: usize,
}

/// What comes of a call, the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Nothing,
    Partial,
    Person,
    Submitted,
}

/// The best way on from a moment; the hop is `None` where it leads no further.
#[derive(Clone, Copy, Debug)]
struct Best {
    worth: Worth,
    hop: Option<usize>,
}

impl GoodWay {
    /// Looks for it in a flow.
    pub fn of(flow: &Flow) -> Self {
        Self::on(&Map::draw(flow))
    }

    /// Looks for it on a map.
    pub(super) fn on(map: &Map<'_>) -> Self {
        let order = order(map);
        let best = bests(map, &order);
        let mut way = Self {
            order,
            steps: Vec::new(),
            hangs_up: false,
            on: vec![None; map.flow.steps.len()],
        };
        let mut here = Some(0);
        while let Some(at) = here {
            let step = map.moments[at].step;
            way.steps.push(step);
            let hop = best[at].and_then(|best| best.hop);
            way.on[usize::from(step)] = hop.map(|hop| taken_by(map, at, hop));
            here = hop.and_then(|hop| match map.hops[at][hop].to {
                Goal::Moment(to) => Some(to),
                Goal::End | Goal::Back => None,
            });
            way.hangs_up = here.is_none() && hop.is_some();
        }
        // A call that has to leave it goes on as well as can be.
        let mut elsewhere: Vec<Option<Best>> = vec![None; way.on.len()];
        for (at, best) in best.iter().enumerate() {
            let step = map.moments[at].step;
            let known = &mut elsewhere[usize::from(step)];
            let is_better = best.is_some_and(|best| {
                known.is_none_or(|known| best.worth > known.worth) && !way.steps.contains(&step)
            });
            if is_better {
                *known = *best;
                let hop = best.and_then(|best| best.hop);
                way.on[usize::from(step)] = hop.map(|hop| taken_by(map, at, hop));
            }
        }
        way
    }

    /// Whether a way leads back while all goes well, to a step that a call has come through already.
    pub fn is_back(&self, from: StepId, to: StepId) -> bool {
        self.order.is_back(usize::from(from), usize::from(to))
    }

    /// What takes the best way on from a step; `None` where none leads on.
    pub fn on_from(&self, step: StepId) -> Option<&By> {
        self.on[usize::from(step)].as_ref()
    }
}

/// The best way on from each moment: worked out from the ends backwards, in an order of the steps.
fn bests(map: &Map<'_>, order: &DepthOrder) -> Vec<Option<Best>> {
    let mut moments: Vec<Vec<usize>> = vec![Vec::new(); map.flow.steps.len()];
    for (at, moment) in map
        .moments
        .iter()
        .enumerate()
        .filter(|(_, moment)| !moment.gone)
    {
        moments[usize::from(moment.step)].push(at);
    }
    let mut bests: Vec<Option<Best>> = vec![None; map.moments.len()];
    for at in order.places.iter().flat_map(|step| &moments[*step]) {
        let step = map.moments[*at].step;
        let own = own(map.flow.step(step));
        let mut best = Best {
            worth: own,
            hop: None,
        };
        for (place, hop) in map.hops[*at].iter().enumerate() {
            let Some(worth) = worth(map, order, &bests, *at, hop) else {
                continue;
            };
            let worth = Worth {
                end: worth.end.max(own.end),
                steps: worth.steps + 1,
                ..worth
            };
            if worth > best.worth {
                best = Best {
                    worth,
                    hop: Some(place),
                };
            }
        }
        bests[*at] = Some(best);
    }
    bests
}

/// The steps, each after those that it leads to while all goes well, ways back left out; those that only trouble leads to
/// as well.
fn order(map: &Map<'_>) -> DepthOrder {
    let next = |ways: &Vec<Way>| -> Vec<usize> {
        let good = ways.iter().filter(|way| is_good(way));
        good.filter_map(|way| match way.to {
            Some(Target::Step(to)) => Some(usize::from(to)),
            _ => None,
        })
        .collect()
    };
    let ways: Vec<Vec<usize>> = map.ways.iter().map(next).collect();
    let start = usize::from(map.flow.start);
    DepthOrder::from(std::iter::once(start).chain(0..ways.len()), &ways)
}

fn is_good(way: &Way) -> bool {
    way.kind == Kind::Written && !way.by.is_trouble()
}

/// What comes of a hop; `None` where it does not go well, or leads back.
fn worth(
    map: &Map<'_>,
    order: &DepthOrder,
    bests: &[Option<Best>],
    at: usize,
    hop: &Hop,
) -> Option<Worth> {
    let way = map.way(at, hop);
    if !is_good(way) {
        return None;
    }
    let reached = match &way.by {
        By::Outcome(outcomes) if outcomes.iter().any(|outcome| outcome.is_person) => End::Person,
        _ => End::Nothing,
    };
    let rest = match (hop.to, way.to) {
        (Goal::End, Some(_)) => Worth {
            end: End::Nothing,
            is_ended: true,
            steps: 0,
        },
        (Goal::Moment(to), Some(Target::Step(step))) => {
            let from = usize::from(map.moments[at].step);
            if order.is_back(from, usize::from(step)) {
                return None;
            }
            bests[to]?.worth
        }
        _ => return None,
    };
    Some(Worth {
        end: rest.end.max(reached),
        ..rest
    })
}

/// What a step comes to by itself.
fn own(step: &StepOf) -> Worth {
    let action = &step.action;
    let end = match action.backend() {
        None => End::Nothing,
        Some(_) if action.completes() => End::Submitted,
        Some(_) => End::Partial,
    };
    Worth {
        end,
        is_ended: action.edges().is_empty(),
        steps: 1,
    }
}

/// What takes a hop, with the keys that lead where it leads.
fn taken_by(map: &Map<'_>, at: usize, hop: usize) -> By {
    let hop = &map.hops[at][hop];
    match &map.way(at, hop).by {
        by @ By::Entry(_) => By::Entry(entry(by, hop.keys.as_deref()).unwrap_or_default()),
        by => by.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::GoodWay;
    use crate::engine::load::load;
    use crate::engine::tests::phone::bundle;

    /// The names of the steps on it, and where a call goes on from another step.
    fn way(source: &str) -> String {
        let faults = |faults| panic!("{faults:?}");
        let flow = load(&bundle(source)).unwrap_or_else(faults).flow;
        let way = GoodWay::of(&flow);
        let names = way.steps.iter().map(|step| flow.step(*step).name.as_str());
        let hangs_up = way.hangs_up.then_some("hangup");
        names.chain(hangs_up).collect::<Vec<_>>().join(" ")
    }

    const ENDS: &str = "[steps.send]\nsubmit = \"pickups\"\nnext = \"thanks\"\n[steps.thanks]\nsay = \"Thank you\"\nnext = \"hangup\"\n[steps.times]\nsay = \"From nine\"\nnext = \"menu\"\n[steps.desk]\ndial = \"+442079460001\"\nnext = \"hangup\"\n";

    #[test]
    fn it_is_the_longest_to_a_complete_submission_not_the_first() {
        let flow = format!(
            "give_up = \"desk\"\n[steps.menu]\nmenu = \"One\"\nkeys.1 = \"times\"\nkeys.2 = \"desk\"\nkeys.3 = \"send\"\nkeys.4 = \"sure\"\n[steps.sure]\nmenu = \"Sure\"\nkeys.1 = \"menu\"\nkeys.2 = \"send\"\n{ENDS}"
        );
        assert_eq!(way(&flow), "menu sure send thanks hangup");
        let partial = flow.replace(
            "submit = \"pickups\"",
            "submit = { to = \"pickups\", partial = true }",
        );
        assert_eq!(way(&partial), "menu desk hangup", "somebody is better");
        let alone = "[steps.a]\nmenu = \"One\"\ngive_up = \"hangup\"\nkeys.1 = \"b\"\nkeys.2 = \"hangup\"\n[steps.b]\nsay = \"Two\"\nnext = \"a\"\n";
        assert_eq!(way(alone), "a hangup", "the other way leads only back");
    }

    #[test]
    fn its_conditions_can_come_out_as_they_must() {
        let flow = format!(
            "give_up = \"desk\"\n[answers]\nkind = {{ one_of = [\"a\", \"b\"] }}\n[steps.menu]\nmenu = \"One\"\ninto = \"kind\"\nkeys.1 = {{ value = \"a\", next = \"long\" }}\nkeys.2 = {{ value = \"b\", next = \"which\" }}\n[steps.long]\nsay = \"A\"\nnext = \"which\"\n[steps.which]\nbranch = [{{ when = \"kind == 'a'\", next = \"send\" }}, {{ next = \"more\" }}]\n[steps.more]\nsay = \"B\"\nnext = \"most\"\n[steps.most]\nsay = \"C\"\nnext = \"send\"\n{ENDS}"
        );
        assert_eq!(way(&flow), "menu which more most send thanks hangup");
    }
}

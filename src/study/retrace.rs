//! A call computed again from its trail: what each turn began with, what it came to, and by which rule.

use super::rule::Rule;
use crate::engine::advance::{Turn, advance_safely};
use crate::engine::call::{At, Call};
use crate::engine::flow::Flow;
use crate::engine::permit::Permits;
use crate::engine::sid::Fingerprint;
use crate::engine::trail::{Entry, Trail};

/// A turn, and what it was as far as that can be computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Retraced<'t> {
    /// What was kept of it.
    pub entry: &'t Entry,
    /// The flow version that it ran on, where the trail says so.
    pub version: Option<Fingerprint>,
    /// `None` where the turns before it, its flow version or the key of its input are missing.
    pub moment: Option<Moment>,
}

/// A turn that was computed again.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The call as it was before.
    pub before: Call,
    /// What it came to: the call afterwards, the reply, the deliveries, the ways.
    pub turn: Turn,
}

/// Computes a call again. `flows` knows the versions that it ran on.
pub fn retrace<'t, 'f>(
    trail: &'t Trail,
    flows: impl Fn(Fingerprint) -> Option<&'f Flow>,
) -> Vec<Retraced<'t>> {
    let (mut call, mut version): (Option<Call>, _) = (None, None);
    let mut retraced = Vec::with_capacity(trail.entries.len());
    for entry in &trail.entries {
        if let Some(begun) = &entry.begun {
            version = Some(begun.version);
        }
        let flow = version.and_then(&flows);
        let before = flow.and_then(|flow| before(trail, call.take(), entry, flow));
        let before = before.map(|call| with_events(trail, call));
        let moment = match (flow, before, &entry.input) {
            (Some(flow), Some(before), Some(input)) => {
                let before = Call {
                    switched: entry.switched.clone().into(),
                    permits: Permits::kept(&entry.permits),
                    ..before
                };
                let turn = advance_safely(flow, before.clone(), input, entry.at);
                call = Some(turn.call.clone());
                Some(Moment { before, turn })
            }
            _ => None,
        };
        retraced.push(Retraced {
            entry,
            version,
            moment,
        });
    }
    retraced
}

/// The call as an entry's turn found it; `None` where the turn before it is missing.
fn before(trail: &Trail, call: Option<Call>, entry: &Entry, flow: &Flow) -> Option<Call> {
    match (&entry.begun, call) {
        (Some(begun), _) if entry.turn == 1 => Some(begun.call(&trail.sid, flow)),
        (Some(begun), Some(call)) if call.turn + 1 == entry.turn => Some(Call {
            opened: begun.opened(),
            ..begun.given(call.revisit(flow))
        }),
        // The visit before is missing: what it left are numbers only.
        (Some(begun), _) => Some(Call {
            turn: entry.turn.saturating_sub(1),
            visit: 2,
            ..begun.call(&trail.sid, flow)
        }),
        (None, call) => call.filter(|call| call.turn + 1 == entry.turn),
    }
}

/// The call with what happened while it waited.
fn with_events(trail: &Trail, mut call: Call) -> Call {
    let turn = call.turn;
    for event in trail.events.iter().filter(|event| event.turn == turn) {
        event.what.tell(&mut call);
    }
    call
}

impl Moment {
    /// Why the call went where it went, a rule a way; where the question was put again, what was missed, and before all
    /// of them what refused an entry.
    pub fn rules(&self, flow: &Flow) -> Vec<Rule> {
        let ways = &self.turn.ways;
        if let (At::Step(asked), Some(place)) = (self.before.at, self.turn.refused) {
            let refused = Rule::again(flow, asked, &format!("refuse.{}", place + 1));
            let ways = ways.iter().map(|way| Rule::of(flow, way));
            return std::iter::once(refused).chain(ways).collect();
        }
        if let (true, At::Step(asked), Some(missed)) =
            (ways.is_empty(), self.before.at, self.missed())
        {
            return vec![Rule::again(flow, asked, missed)];
        }
        ways.iter().map(|way| Rule::of(flow, way)).collect()
    }

    /// What was counted against the caller in this turn.
    fn missed(&self) -> Option<&'static str> {
        let (before, after) = (self.before.misses, self.turn.call.misses);
        if after.no_input > before.no_input {
            Some("no_input")
        } else {
            (after.no_match > before.no_match).then_some("no_match")
        }
    }
}

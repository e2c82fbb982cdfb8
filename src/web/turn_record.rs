//! What a node reports of a turn besides its TwiML, to simulated carriers of ours: the steps that it reached, those that
//! failed, and whether what is entered next is private.
//!
//! It goes into headers of the answer, so that whoever plays the call needs to know nothing of flows to show it. A carrier
//! that does not bear the mark of a rehearsal is told nothing.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::engine::{Dial, Fault, Flow, Input, On, Reply, Screening, StepId, Taken, Turn, Verb};

/// The header with the steps that a turn came to, in order, the one that the call is at last; a space between two.
const STEPS: &str = "hookswitch-steps";
/// The header with the contacts that are dialled, in order, a dash for anybody else, a space between two; or with the queue
/// that the caller waits in.
const CONTACTS: &str = "hookswitch-contacts";
/// The header with the keys by which whoever answers takes the call and turns it down, a dash for none.
const SCREENING: &str = "hookswitch-screening";
/// The header with the first key by which a caller leaves a queue.
const LEAVING: &str = "hookswitch-leaving";
/// A header for each step that could not be done: its name, a space, and why, percent-encoded UTF-8.
const FAULT: &str = "hookswitch-fault";
/// A header for each name that was read and not set: the step that read it, a space, and the name.
const UNSET: &str = "hookswitch-unset";
/// The header that says whether what is entered next is meant for nobody but the backend.
const PRIVATE: &str = "hookswitch-private";

/// What a turn did, in the words of its flow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnRecord {
    /// The steps that it came to, in order; the one that the call is at stands last, unless the caller has hung up.
    pub steps: Vec<String>,
    /// The steps that could not be done, and why. Giving up is not among them where `[on] error` is the way of it.
    pub faults: Vec<(String, String)>,
    /// The names that were read and not set, each after the step that read it.
    pub unset: Vec<(String, String)>,
    /// The contacts that are dialled, in order; a dash for anybody else.
    pub contacts: String,
    /// The keys by which whoever answers takes the call and turns it down; empty where it is not screened.
    pub screening: String,
    /// The first key by which the caller leaves the queue, where there is one.
    pub leaving: Option<char>,
    /// Whether what is entered next is meant for nobody but the backend.
    pub private: bool,
}

impl TurnRecord {
    /// What a turn did.
    pub fn of(flow: &Flow, input: &Input, turn: &Turn) -> Self {
        let name = |step| flow.step(step).name.clone();
        let is_gone = matches!(input, Input::HungUp(_));
        let came_to = turn.ways.iter().filter_map(Taken::step);
        let (mut steps, mut faults): (Vec<StepId>, Vec<_>) =
            (came_to.collect(), failed_steps(turn));
        if is_gone {
            // This ends silently at a step that needs a caller; it is reported here.
            let stopped = steps.pop_if(|last| flow.step(*last).action.needs_caller());
            faults.extend(stopped.map(|step| (step, Fault::NoCaller)));
        } else {
            let last = turn.call.step();
            steps.extend(last.filter(|last| steps.last() != Some(last)));
        }
        let asks = turn.call.step().map(|step| &flow.step(step).action);
        let Reply::Speak(verbs) = &turn.reply;
        let dial = verbs.iter().find_map(|verb| match verb {
            Verb::Dial(dial) => Some(dial),
            _ => None,
        });
        let queue = verbs.iter().find_map(|verb| match verb {
            Verb::Enqueue(queue) => Some(queue),
            _ => None,
        });
        let connector = verbs.iter().find_map(|verb| match verb {
            Verb::Pay(pay) => Some(pay.name.clone()),
            Verb::Connect(connect) => Some(connect.name.clone()),
            _ => None,
        });
        let contacts = dial.map(contacts);
        let contacts = contacts
            .or(queue.map(|queue| queue.name.clone()))
            .or(connector);
        Self {
            contacts: contacts.unwrap_or_default(),
            leaving: queue.and_then(|queue| queue.leaving),
            screening: dial.and_then(screening).unwrap_or_default(),
            private: asks.is_some_and(|action| action.is_private(flow)),
            steps: steps.into_iter().map(name).collect(),
            faults: faults
                .into_iter()
                .map(|(step, fault)| (name(step), fault.to_string()))
                .collect(),
            unset: turn
                .unset
                .iter()
                .map(|(step, slot)| (name(*step), flow.written_name(*slot)))
                .collect(),
        }
    }

    /// The same, behind what an earlier turn of the same request did.
    #[must_use]
    pub fn after(self, before: Self) -> Self {
        let all = |mut before: Vec<_>, own: Vec<_>| {
            before.extend(own);
            before
        };
        let (mut steps, own) = (before.steps, self.steps);
        let is_same = steps.last() == own.first();
        steps.extend(own.into_iter().skip(usize::from(is_same)));
        Self {
            steps,
            faults: all(before.faults, self.faults),
            unset: all(before.unset, self.unset),
            ..self
        }
    }

    /// As headers of an answer.
    pub fn headers(&self) -> impl Iterator<Item = (String, String)> {
        let steps = (STEPS.to_owned(), self.steps.join(" "));
        let faults = self.faults.iter().map(|(step, why)| {
            (
                FAULT.to_owned(),
                format!("{step} {}", utf8_percent_encode(why, NON_ALPHANUMERIC)),
            )
        });
        let unset = self
            .unset
            .iter()
            .map(|(step, name)| (UNSET.to_owned(), format!("{step} {name}")));
        let private = self.private.then(|| (PRIVATE.to_owned(), true.to_string()));
        let contact =
            (!self.contacts.is_empty()).then(|| (CONTACTS.to_owned(), self.contacts.clone()));
        let screening =
            (!self.screening.is_empty()).then(|| (SCREENING.to_owned(), self.screening.clone()));
        let leaving = self
            .leaving
            .map(|key| (LEAVING.to_owned(), key.to_string()));
        std::iter::once(steps)
            .chain(contact)
            .chain(leaving)
            .chain(screening)
            .chain(faults)
            .chain(unset)
            .chain(private)
    }
}

/// The contacts that are dialled; empty where there are none.
fn contacts(dial: &Dial) -> String {
    let callees = dial.callees.iter();
    if callees.clone().all(|callee| callee.contact.is_none()) {
        return String::new();
    }
    let names: Vec<&str> = callees
        .map(|callee| callee.contact.as_deref().unwrap_or("-"))
        .collect();
    names.join(" ")
}

/// The keys by which whoever answers takes the call and turns it down, a dash for none.
fn screening(dial: &Dial) -> Option<String> {
    let Screening { accept, decline } = dial.screening?;
    let key = |key: Option<char>| key.unwrap_or('-');
    Some(format!("{} {}", key(accept), key(decline)))
}

/// The faults of a turn. That a caller gives up is none where the flow leaves it to `[on] error`.
fn failed_steps(turn: &Turn) -> Vec<(StepId, Fault)> {
    let is_way = |(step, fault): &(StepId, Fault)| {
        let leaves = |way: &Taken| way.from == *step && matches!(way.on, On::Error | On::Full(_));
        *fault == Fault::GaveUp && turn.ways.iter().any(leaves)
    };
    turn.faults
        .iter()
        .filter(|fault| !is_way(fault))
        .cloned()
        .collect()
}

//! `flow`: goes through another flow, and on by the end that this comes to.
//!
//! The other flow's steps and names stand with those of the flow (`engine::load`), so that a call in it is at a step like any
//! other. What this action adds is the way in, which unsets what the other flow knew from the time before and hands over what
//! it is given, and a step at each of its ends, which takes back what it gives.

mod keys;
mod read;

use super::super::changes::Changes;
use super::super::edge::{By, Edge, Target};
use super::super::fault::Fault;
use super::super::ids::Slot;
use super::super::moment::{Moment, Then};
use super::super::reserved::RETURN;
use super::super::step::Step;
use super::super::way::Way;
use super::kind::Kind;
use toml::de::DeTable;

pub(super) const KIND: Kind = Kind {
    name: keys::FLOW.name,
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse: read::parse,
};

/// The flows that the example and the README go through.
pub(super) const BESIDE: &[(&str, &str)] = &[("shared/number", include_str!("number.toml"))];

/// The flow that a step goes through, and where its name begins, if it does so.
pub(super) fn goes_through<'d>(step: &'d DeTable<'_>) -> Option<(&'d str, usize)> {
    let flow = step.get(KIND.name)?;
    Some((flow.get_ref().as_str()?, flow.span().start))
}

/// The way in.
#[derive(Debug)]
struct Enter {
    way: Way,
}

impl Step for Enter {
    fn edges(&self) -> Vec<Edge> {
        self.way.edges(KIND.name, &By::Itself)
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.take(KIND.name, &self.way)
    }

    fn needs_caller(&self) -> bool {
        false
    }
}

/// An end of a flow that is gone through.
#[derive(Debug)]
struct End {
    way: Way,
    /// What must be set here, where it is not optional.
    gives: Vec<Slot>,
}

impl Step for End {
    fn edges(&self) -> Vec<Edge> {
        self.way.edges(keys::NEXT.name, &By::Itself)
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        let mut gives = self.gives.iter();
        let lacks = gives.find_map(|slot| {
            let answer = moment.flow.answer(*slot)?;
            let is_set = answer.optional || moment.call.value(*slot).is_some();
            (!is_set).then(|| Fault::Unset(answer.name.clone()))
        });
        match lacks {
            Some(fault) => Err(fault),
            None => moment.take(keys::NEXT.name, &self.way),
        }
    }

    fn returns(&self) -> &[Slot] {
        &self.gives
    }

    fn needs_caller(&self) -> bool {
        false
    }
}

/// The end of a flow that a call has come to by itself: that of the call.
pub(super) fn ended(name: &str, gives: Vec<Slot>) -> Box<dyn Step> {
    let way = Way {
        changes: Changes::default(),
        next: Target::Hangup,
        at: 0..0,
        full: None,
    };
    let gives = if name == RETURN { gives } else { Vec::new() };
    Box::new(End { way, gives })
}

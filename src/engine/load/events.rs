//! Where a call goes when the caller leaves or a step cannot be done: `[on]`.

use std::ops::Range;

use super::super::edge::Target;
use super::super::flow::{StepOf, own_name};
use super::super::ids::StepId;
use super::super::keys::top::{ON, ON_ERROR, ON_HANGUP};
use super::super::read::Checker;
use super::super::way::Way;
use crate::written::{Code, Explain, Item, Table};

/// What `[on]` says.
#[derive(Default)]
pub(super) struct Events {
    pub hangup: Option<Way>,
    pub error: Option<Way>,
}

/// A step of the flow, where no built-in target will do.
pub(super) fn step_id(item: Item<'_>, check: &mut Checker) -> Option<StepId> {
    let target = check.target(item)?;
    step_of(target, item.span(), check)
}

fn step_of(target: Target, at: Range<usize>, check: &mut Checker) -> Option<StepId> {
    let name = match target {
        Target::Step(step) => return Some(step),
        Target::Hangup => "hangup",
        Target::Repeat => "repeat",
        Target::Back => "back",
    };
    let message = format!("`{name}` is built in and no step of the flow");
    check
        .fault(Code::TargetNotAStep, at, message)
        .help("write a step, and lead there");
    None
}

/// A way to a step of the flow.
fn step_way(item: Item<'_>, check: &mut Checker, whose: &str) -> Option<Way> {
    let way = Way::parse_item(item, check, whose)?;
    for way in std::iter::once(&way).chain(way.full.as_deref()) {
        step_of(way.next, way.at.clone(), check)?;
    }
    Some(way)
}

/// Reads `[on]`.
pub(super) fn events(top: &Table<'_>, parsed: &[Option<StepOf>], check: &mut Checker) -> Events {
    let on = top
        .get(ON.name)
        .and_then(|item| item.table(check, "`on` must be a table"));
    let Some(on) = on else {
        return Events::default();
    };
    let hangup = on.get(ON_HANGUP.name);
    let error = on.get(ON_ERROR.name);
    let events = Events {
        hangup: hangup.and_then(|item| step_way(item, check, "`on.hangup`")),
        error: error.and_then(|item| step_way(item, check, "`on.error`")),
    };
    let ways = events.hangup.iter();
    for way in ways.flat_map(|way| std::iter::once(way).chain(way.full.as_deref())) {
        needs_no_caller(way, parsed, check);
    }
    on.finish(check, "`[on]`");
    events
}

/// The first step at least must be one that can be done when the caller has left; a later one that cannot ends what is
/// done.
fn needs_no_caller(way: &Way, parsed: &[Option<StepOf>], check: &mut Checker) {
    let Target::Step(step) = way.next else { return };
    let Some(parsed) = parsed[usize::from(step)].as_ref() else {
        return;
    };
    if !parsed.action.needs_caller() {
        return;
    }
    let name = own_name(&parsed.name);
    let also = check.place(check.step_place(step));
    let message = format!("`{name}` needs a caller, who has left by then");
    check
        .fault(Code::HangupNeedsCaller, way.at.clone(), message)
        .help("lead `[on] hangup` to a step with `submit`, `set`, `append`, `forget` or `branch`")
        .also(also, format!("`{name}` is here"));
}

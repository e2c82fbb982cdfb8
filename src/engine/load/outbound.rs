//! What a flow says of the calls that we place: `[outbound]`.

use super::super::flow::{StepOf, own_name};
use super::super::ids::StepId;
use super::super::keys::outbound::{
    BUSY, DETECTS, FAILED, HOURS, MACHINE, NO_ANSWER, ON, PAUSE, RINGS, TRIES,
};
use super::super::keys::top::OUTBOUND;
use super::super::outbound::{Detects, Outbound};
use super::super::read::Checker;
use super::events::step_id;
use crate::written::{Code, Explain, Item, PlacedOutcome, Table};

/// The keys of its ways, and how the calls came out that take them.
const WAYS: [(&str, PlacedOutcome); 4] = [
    (MACHINE.name, PlacedOutcome::Machine),
    (BUSY.name, PlacedOutcome::Busy),
    (NO_ANSWER.name, PlacedOutcome::NoAnswer),
    (FAILED.name, PlacedOutcome::Failed),
];

/// Reads `[outbound]`.
pub(super) fn outbound(
    top: &Table<'_>,
    parsed: &[Option<StepOf>],
    check: &mut Checker,
) -> Option<Outbound> {
    let item = top.get(OUTBOUND.name)?;
    let table = item.table(check, "`outbound` must be a table")?;
    let hours = HOURS.find(&table, check);
    let hours = hours.and_then(|(name, at)| check.hours_of(&name, at));
    let outbound = Outbound {
        hours,
        tries: TRIES.read(&table, check),
        pause: PAUSE.read(&table, check),
        rings: RINGS.read(&table, check),
        detects: detects(&table, check),
        ways: ways(&table, parsed, check),
    };
    let detected = table.peek(DETECTS.name);
    let leads = |outcome| outbound.ways.iter().any(|(other, _)| *other == outcome);
    let undetected = match outbound.detects {
        Detects::Nothing if detected.is_none() => Some((
            "no machine is ever known for one: nothing finds it out",
            "add `detects = \"greeting_end\"`, or take `on.machine` out",
        )),
        Detects::Meanwhile => Some((
            "the flow has begun by the time that a machine is known for one",
            "read `call.answered_by` in a `branch`, or take `detects = \"greeting_end\"`",
        )),
        _ => None,
    };
    if let Some((message, help)) = undetected.filter(|_| leads(PlacedOutcome::Machine)) {
        check
            .fault(
                Code::OutboundUndetected,
                item.key_span(),
                message.to_owned(),
            )
            .help(help);
    }
    table.finish(check, "`[outbound]`");
    Some(outbound)
}

fn detects(table: &Table<'_>, check: &mut Checker) -> Detects {
    let what = "`detects` must be \"machine\", \"greeting_end\" or \"meanwhile\"";
    let Some(item) = table.get(DETECTS.name) else {
        return Detects::Nothing;
    };
    match item.text(check, what) {
        Some("machine") => Detects::Machine,
        Some("greeting_end") => Detects::GreetingEnd,
        Some("meanwhile") => Detects::Meanwhile,
        Some(_) => {
            item.wrong(check, what);
            Detects::Nothing
        }
        None => Detects::Nothing,
    }
}

fn ways(
    table: &Table<'_>,
    parsed: &[Option<StepOf>],
    check: &mut Checker,
) -> Vec<(PlacedOutcome, StepId)> {
    let on = table
        .get(ON.name)
        .and_then(|item| item.table(check, "`on` must be a table"));
    let Some(on) = on else {
        return Vec::new();
    };
    let mut ways = Vec::new();
    for (name, outcome) in WAYS {
        let Some(item) = on.get(name) else { continue };
        let Some(step) = step_id(item, check) else {
            continue;
        };
        if !outcome.is_answered() {
            needs_nobody(step, item, parsed, check);
        }
        ways.push((outcome, step));
    }
    on.finish(check, "`on`");
    ways
}

/// The first step at least must be one that can be done where nobody is there.
fn needs_nobody(step: StepId, item: Item<'_>, parsed: &[Option<StepOf>], check: &mut Checker) {
    let Some(of) = parsed[usize::from(step)].as_ref() else {
        return;
    };
    if !of.action.needs_caller() {
        return;
    }
    let name = own_name(&of.name);
    let also = check.place(check.step_place(step));
    let message = format!("`{name}` needs somebody, and nobody has answered");
    check
        .fault(Code::OutboundNeedsCaller, item.span(), message)
        .help("lead there to a step with `submit`, `sms`, `set`, `forget` or `branch`")
        .also(also, format!("`{name}` is here"));
}

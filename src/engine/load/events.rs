//! Where a call goes when the caller leaves or a step cannot be done: `[on]`.

use std::ops::Range;

use super::super::edge::Target;
use super::super::flow::StepOf;
use super::super::ids::StepId;
use super::super::keys::top::{ON, ON_ERROR, ON_HANGUP};
use super::super::read::Checker;
use crate::written::{Code, Explain, Item, Table};

/// What `[on]` says.
#[derive(Default)]
pub(super) struct Events {
    pub hangup: Option<StepId>,
    pub hangup_at: Range<usize>,
    pub error: Option<StepId>,
    pub error_at: Range<usize>,
}

/// A step of the flow, where no built-in target will do.
pub(super) fn step_id(item: Item<'_>, check: &mut Checker) -> Option<StepId> {
    match check.target(item)? {
        Target::Step(step) => Some(step),
        _ => {
            let name = item.value.as_str().unwrap_or_default();
            check
                .fault(
                    Code::TargetNotAStep,
                    item.span(),
                    format!("`{name}` is built in and no step of the flow"),
                )
                .help("write a step, and lead there");
            None
        }
    }
}

/// Reads `[on]`.
pub(super) fn events(
    top: &Table<'_>,
    steps: &[(&str, Item<'_>)],
    parsed: &[Option<StepOf>],
    check: &mut Checker,
) -> Events {
    let on = top
        .get(ON.name)
        .and_then(|item| item.table(check, "`on` must be a table"));
    let Some(on) = on else {
        return Events::default();
    };
    let hangup = on
        .get(ON_HANGUP.name)
        .and_then(|item| Some((item, step_id(item, check)?)));
    let error = on.get(ON_ERROR.name).and_then(|item| step_id(item, check));
    // The first step at least must be one that can be done then; a later one that cannot ends what is done.
    if let Some((item, step)) = hangup
        && parsed[usize::from(step)]
            .as_ref()
            .is_some_and(|step| step.action.needs_caller())
    {
        let (name, at) = steps[usize::from(step)];
        let also = check.place(at.key_span());
        let message = format!("`{name}` needs a caller, who has left by then");
        check
            .fault(Code::HangupNeedsCaller, item.span(), message)
            .help("lead `[on] hangup` to a step with `submit`, `set`, `forget` or `branch`")
            .also(also, format!("`{name}` is here"));
    }
    let at = |key: &str| on.peek(key).map_or(0..0, |item| item.span());
    let (hangup_at, error_at) = (at(ON_HANGUP.name), at(ON_ERROR.name));
    on.finish(check, "`[on]`");
    Events {
        hangup: hangup.map(|(_, step)| step),
        hangup_at,
        error,
        error_at,
    }
}

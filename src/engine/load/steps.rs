//! The steps of a flow: their names, and what each does.

use toml::de::DeTable;

use super::super::flow::StepOf;
use super::super::ids::StepId;
use super::super::keys::top::{STEPS, TOP_VALUES};
use super::super::read::{
    Checker, action_meant, changes_without_next, step_name_like, why_no_name,
};
use super::super::steps::{self, Kind};
use crate::written::diag::nearest;
use crate::written::{Code, Explain, Item, Table, is_name};

/// The most steps of a flow.
const MAX_STEPS: usize = 10_000;

/// The steps by name, in the order of the file; `None` where there are too many to go on.
pub(super) fn step_names<'a>(
    top: &Table<'a>,
    check: &mut Checker,
) -> Option<Vec<(&'a str, Item<'a>)>> {
    let written = top.get(STEPS.name);
    let steps = written.and_then(|item| item.table(check, "`steps` must be a table of steps"));
    let mut steps = steps.map(|steps| steps.all()).unwrap_or_default();
    steps.extend(misnamed_steps(top));
    for (_, item) in &mut steps {
        *item = single(*item, check);
    }
    if steps.is_empty() && written.is_none_or(|item| item.value.is_table()) {
        check
            .fault(Code::FlowNoSteps, 0..0, "this flow has no steps")
            .help("begin with a line `[steps.welcome]` and below it `say = \"…\"` and `next = \"hangup\"`");
    }
    if !few_steps(steps.len(), check) {
        return None;
    }
    let first = usize::from(check.here.first);
    for (at, (name, item)) in steps.iter().enumerate() {
        step_name(name, *item, check);
        let table = item.value.as_table();
        let actions = table.into_iter().flat_map(DeTable::keys);
        for action in actions {
            check.waits(name, steps::outcomes(action.get_ref()));
        }
        let id = StepId::try_from(first + at).unwrap_or(StepId::MAX);
        check.here.steps.insert((*name).to_owned(), id);
        check.step_places.insert(id, item.key_span());
        // A step whose name is only of another case is reported there, and not at each way that leads to it.
        if !is_name(name) {
            check.here.steps.entry(step_name_like(name)).or_insert(id);
        }
    }
    Some(steps)
}

/// Whether there are few enough steps to go on.
pub(super) fn few_steps(count: usize, check: &mut Checker) -> bool {
    if count > MAX_STEPS {
        check
            .fault(
                Code::StepsTooMany,
                0..0,
                format!("this flow has {count} steps"),
            )
            .help(format!("at most {MAX_STEPS}"));
    }
    count <= MAX_STEPS
}

/// Steps below a table whose name is nearly `steps`, which is reported there: whatever leads to them is right.
fn misnamed_steps<'a>(top: &Table<'a>) -> Vec<(&'a str, Item<'a>)> {
    let misnamed = top
        .names()
        .find(|name| nearest(name, [STEPS.name]).is_some());
    let table = misnamed.and_then(|name| top.peek(name));
    let inner = table.and_then(|item| Some(Table::new(item.value.as_table()?, item.span())));
    let steps = inner.map(|inner| inner.all()).unwrap_or_default();
    steps
        .into_iter()
        .filter(|(_, item)| item.value.is_table())
        .collect()
}

/// The step below a header with two brackets, which makes a list of it.
fn single<'a>(item: Item<'a>, check: &mut Checker) -> Item<'a> {
    let Some(only) = item
        .entries()
        .and_then(|entries| entries.into_iter().find(|entry| entry.value.is_table()))
    else {
        return item;
    };
    let header = check.line_until(item.key_span());
    let Some(name) = header.trim_start().strip_prefix("[[").map(str::to_owned) else {
        return item;
    };
    check
        .fault(
            Code::ValueWrongType,
            item.key_span(),
            "a header with two brackets makes a list, and a step is none",
        )
        .help(format!("write `[{name}]`"));
    only
}

fn step_name(name: &str, item: Item<'_>, check: &mut Checker) {
    if TOP_VALUES.contains(&name) && !item.value.is_table() {
        return check.misplaced(name, item.key_span(), "`[steps]`");
    }
    if let Some(help) = why_no_name(name) {
        let message = format!("`{name}` cannot name a step");
        check
            .fault(Code::StepName, item.key_span(), message)
            .help(help);
    }
}

/// Reads a step.
pub(super) fn step(name: &str, item: Item<'_>, check: &mut Checker) -> Option<StepOf> {
    if TOP_VALUES.contains(&name) && !item.value.is_table() {
        return None;
    }
    let table = item.table(check, &format!("the step `{name}` must be a table"))?;
    // The other keys of a step whose action is unknown are not reported: they belong to whatever was meant.
    let (kind, value) = action(name, &table, check)?;
    let value = table.get(kind.name).unwrap_or(value);
    let action = (kind.parse)(value, &table, check);
    let whose = format!("the step `{name}`");
    if action.is_some() {
        changes_without_next(&table, &whose, check);
    }
    table.finish(check, &whose);
    // What it shares with a step before, such as a prompt, has said so there.
    debug_assert!(
        action.is_some() || !check.diags.is_empty(),
        "the refused step `{name}` says why"
    );
    let action = action?;
    Some(StepOf {
        name: name.to_owned(),
        ways: action.edges().into_iter().map(|edge| edge.on).collect(),
        action,
        subflow: None,
    })
}

fn action<'a>(
    name: &str,
    table: &Table<'a>,
    check: &mut Checker,
) -> Option<(&'static Kind, Item<'a>)> {
    let named: Vec<_> = steps::KINDS
        .iter()
        .filter_map(|kind| Some((kind, table.peek(kind.name)?)))
        .collect();
    let main = named
        .iter()
        .filter(|(kind, _)| !steps::QUALIFIERS.contains(&kind.name))
        .map(|(kind, item)| (kind.name, *item));
    let later = steps::LATER
        .iter()
        .filter_map(|later| Some((*later, table.peek(later)?)));
    let mut all: Vec<_> = main.chain(later).collect();
    all.sort_by_key(|(_, item)| item.key);
    match all.as_slice() {
        [] if named.is_empty() => no_action(name, table, check),
        [] => return named.first().copied(),
        [(only, item)] if steps::LATER.contains(only) => {
            check
                .fault(
                    Code::ActionNotYet,
                    item.key_span(),
                    format!("the action `{only}` is not there yet"),
                )
                .help(format!("what is there: {}", known_actions().join(", ")));
        }
        [(only, _)] => return named.iter().find(|(kind, _)| kind.name == *only).copied(),
        [(first, _), (second, item), ..] => {
            let message = format!("the step `{name}` has two actions, `{first}` and `{second}`");
            check
                .fault(Code::StepTwoActions, item.key_span(), message)
                .help("make two steps of it, one leading to the other by `next`");
        }
    }
    None
}

fn known_actions() -> Vec<&'static str> {
    steps::KINDS.iter().map(|kind| kind.name).collect()
}

/// Whether a value names a file that is played.
fn is_recording(item: Item<'_>) -> bool {
    let text = item.value.as_str().unwrap_or_default().to_lowercase();
    [".wav", ".mp3", ".ogg", ".aiff", ".gsm"]
        .iter()
        .any(|ending| text.ends_with(ending))
}

fn no_action(name: &str, table: &Table<'_>, check: &mut Checker) {
    let keys: Vec<_> = table.all();
    let near = keys.iter().find_map(|(key, item)| {
        // A word of another language before one that only looks alike: `play` is `say`, not `pay`.
        let meant = action_meant(key).or_else(|| nearest(key, known_actions()));
        Some((*item, meant?))
    });
    let (place, help) = match near {
        Some((item, "say")) if is_recording(item) => (
            item.key_span(),
            "`say` plays recordings, too: `say = \"@…\"`, a prompt of the audio manifest, or `say = { audio = \"https://…\" }`".to_owned(),
        ),
        Some((item, near)) => (item.key_span(), format!("did you mean `{near}`?")),
        None => (
            table.span(),
            format!("add one of {}", known_actions().join(", ")),
        ),
    };
    check
        .fault(
            Code::StepNoAction,
            place,
            format!("the step `{name}` has no action"),
        )
        .help(help);
}

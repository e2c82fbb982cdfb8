//! How a call is to end: `[end]`.

use super::hears::hears;
use super::reader::{Reader, named, names};
use super::script::{End, EndsBy};
use crate::written::diag::nearest;
use crate::written::{Code, Explain, Faults, Item};

/// How often the call may come back after the last turn from where it is handed on.
const MOST_WAITS: u32 = 64;

/// Reads it.
pub(super) fn end(item: Item<'_>, reader: &mut Reader) -> End {
    let Some(table) = item.table(reader, "`end` must be a table") else {
        return End::default();
    };
    let by = table
        .get("by")
        .and_then(|item| Some((ends_by(item, reader)?, item.span())));
    let hangs_up = by.as_ref().is_none_or(|(by, _)| *by == EndsBy::Caller);
    let after_waits = table
        .get("after_waits")
        .map(|item| after_waits(item, hangs_up, reader))
        .unwrap_or_default();
    let hears = table.get("hears").and_then(|item| hears(item, reader));
    let seconds = table
        .get("seconds")
        .and_then(|item| Some((seconds(item, reader)?, item.span())));
    let step = table
        .get("step")
        .and_then(|item| named(item, reader, "`step` must be the name of a step"));
    let mut names = |key: &str, what: &str| {
        table
            .get(key)
            .map(|item| names(item, reader, what))
            .unwrap_or_default()
    };
    let failed = names(
        "failed",
        "`failed` must be the name of a step, or a list of them",
    );
    let unset = names(
        "unset",
        "`unset` must be the name of an answer or variable, or a list of them",
    );
    table.finish(reader, "`[end]`");
    End {
        by,
        after_waits,
        step,
        failed,
        unset,
        hears,
        seconds,
    }
}

/// How often the call comes back before the caller hangs up.
fn after_waits(item: Item<'_>, hangs_up: bool, reader: &mut Reader) -> u32 {
    if !hangs_up {
        let message = "a flow that ends the call leaves nobody to hang up".to_owned();
        reader
            .fault(Code::AfterWaitsFlow, item.key_span(), message)
            .help("leave `after_waits` out, or write `by = \"caller\"`");
    }
    let waits = item
        .as_integer()
        .and_then(|number| u32::try_from(number).ok())
        .filter(|waits| *waits <= MOST_WAITS);
    if waits.is_none() {
        item.wrong(
            reader,
            &format!("`after_waits` must be a whole number from 0 to {MOST_WAITS}"),
        );
    }
    waits.unwrap_or_default()
}

fn ends_by(item: Item<'_>, reader: &mut Reader) -> Option<EndsBy> {
    match item.text(reader, "`by` must be \"flow\" or \"caller\"")? {
        "flow" => Some(EndsBy::Flow),
        "caller" => Some(EndsBy::Caller),
        other => {
            let near =
                nearest(other, ["flow", "caller"]).map(|near| format!("did you mean `{near}`?"));
            let all = "`flow`, or `caller` who hangs up after the last turn".to_owned();
            reader
                .fault(
                    Code::EndByUnknown,
                    item.span(),
                    format!("`{other}` ends no call"),
                )
                .help(near.unwrap_or(all));
            None
        }
    }
}

/// A number of seconds, or from and to.
fn seconds(item: Item<'_>, reader: &mut Reader) -> Option<(f64, f64)> {
    let number = |item: &Item<'_>| {
        item.as_integer()
            .map(|number| number as f64)
            .or_else(|| item.value.as_float()?.as_str().parse().ok())
    };
    let entries = item.entries();
    let numbers: Option<Vec<f64>> = entries
        .as_deref()
        .unwrap_or(&[item])
        .iter()
        .map(number)
        .collect();
    match numbers.as_deref() {
        // Half a second either way: nobody counts closer.
        Some([seconds]) if entries.is_none() => Some((seconds - 0.5, seconds + 0.5)),
        Some([from, to]) if from <= to => Some((*from, *to)),
        _ => {
            let message = "this is no number of seconds".to_owned();
            reader
                .fault(Code::SecondsWrong, item.span(), message)
                .help("write a number, or from and to: `seconds = [20, 60]`");
            None
        }
    }
}

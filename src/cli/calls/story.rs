//! What a call did, for a person to read: one paragraph per turn, from what came in to what was heard.

use std::fmt::Write as _;

use serde_json::Value;

use super::deliveries;
use super::table::{lasted, one_line};
use crate::twiml;
use crate::web::calls::{
    CallDetail, CallView, EventView, InputView, RuleView, StateView, TurnView, ValueChange,
};

/// How wide the names of a paragraph's lines are.
const NAME: usize = 9;

/// Describes the whole call. Times are UTC.
pub fn tell(detail: &CallDetail) -> String {
    let mut story = head(&detail.call);
    if !detail.call.whole {
        story.push_str(
            "Some of its turns are missing: what followed them cannot be worked out again.\n",
        );
    }
    let mut events = detail.events.iter().peekable();
    for turn in &detail.turns {
        while let Some(event) = events.next_if(|event| event.at < turn.at) {
            beside(event, &mut story);
        }
        story.push('\n');
        paragraph(turn, &mut story);
    }
    events.for_each(|event| beside(event, &mut story));
    detail
        .deliveries
        .iter()
        .for_each(|delivery| deliveries::tell(delivery, &mut story));
    story
}

fn head(call: &CallView) -> String {
    let place = call
        .step
        .as_ref()
        .map(|step| format!(" at {step}"))
        .unwrap_or_default();
    let name = if call.caller_name.is_empty() {
        String::new()
    } else {
        format!(" ({})", one_line(&call.caller_name))
    };
    format!(
        "{}  {}{place}\n{} {}, {} from {}{name} to {}\n{} UTC, {}, {} turns\n",
        call.sid,
        call.outcome.replace('_', " "),
        call.flow,
        call.version,
        if call.direction.is_empty() {
            "call"
        } else {
            &call.direction
        },
        one_line(&call.from),
        one_line(&call.to),
        call.began.strftime("%Y-%m-%d %H:%M:%S"),
        lasted(call),
        call.turns,
    )
}

fn beside(event: &EventView, story: &mut String) {
    let _ = writeln!(
        story,
        "\n{}  {}",
        event.at.strftime("%H:%M:%S%.3f"),
        one_line(&event.told())
    );
}

fn paragraph(turn: &TurnView, story: &mut String) {
    let time = turn.at.strftime("%H:%M:%S%.3f");
    let _ = writeln!(
        story,
        "{time}  turn {}  {}",
        turn.turn,
        one_line(&came(&turn.came))
    );
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(story, "  {name:<NAME$}{}", one_line(text));
    };
    for rule in &turn.rules {
        line("rule", &told(rule));
        if !rule.others.is_empty() {
            let others: Vec<_> = rule
                .others
                .iter()
                .map(|way| format!("{} → {}", words(&way.on, way.when.as_deref()), way.to))
                .collect();
            line("", &format!("not {}", others.join(", not ")));
        }
    }
    for fault in &turn.faults {
        line("fault", &format!("{}: {}", fault.step, fault.fault));
    }
    for change in &turn.changes {
        line("changed", &changed(change));
    }
    for backend in &turn.submitted {
        line("submits", &format!("to {backend}"));
    }
    if let Some(state) = &turn.before {
        line("before", &stands(state));
    }
    if let Some(state) = &turn.after {
        line("after", &stands(state));
    }
    if turn.same == Some(false) {
        line(
            "",
            "The document that was answered then differs from the one below.",
        );
    }
    match &turn.twiml {
        Some(document) => twiml::indent(document)
            .lines()
            .for_each(|verb| line("", verb)),
        None => line(
            "",
            "The rest cannot be worked out: its flow version, its key or the turn before is missing.",
        ),
    }
}

fn came(came: &InputView) -> String {
    match came {
        InputView::Begin => "the call came in".to_owned(),
        InputView::Keys(keys) => format!("pressed {keys}"),
        InputView::Speech(words) => format!("said “{words}”"),
        InputView::Silence => "silence".to_owned(),
        InputView::Away(outcome, 0) => format!("came back: {}", outcome.replace('_', " ")),
        InputView::Away(outcome, seconds) => format!("came back: {outcome}, {seconds} s"),
        InputView::Ended(how) if how == "silent" => {
            "nothing was heard of the call for too long".to_owned()
        }
        InputView::Ended(how) if how == "moved" => {
            "the call was moved to another flow, or to the beginning".to_owned()
        }
        InputView::Ended(_) => "the caller hung up".to_owned(),
        InputView::Failed(why) => format!("went wrong: {why}"),
        InputView::Placed(how) => match how.as_str() {
            "place" => "a call was ordered".to_owned(),
            "reached" => "the call is on, under its own name".to_owned(),
            how => format!("the call came out: {}", how.replace('_', " ")),
        },
        InputView::Sealed => "sealed with a key that is not set here".to_owned(),
    }
}

fn told(rule: &RuleView) -> String {
    let name = words(&rule.on, rule.when.as_deref());
    match &rule.to {
        Some(to) if name.is_empty() => format!("{} → {to}", rule.step),
        Some(to) => format!("{}: {name} → {to}", rule.step),
        None => format!("{}: {name}", rule.step),
    }
}

/// A rule's name for people: `key 2` for `keys.2`, and its condition.
fn words(on: &str, when: Option<&str>) -> String {
    match (on.split_once('.'), when) {
        (Some(("keys", "any")), _) => "any other key".to_owned(),
        (Some(("keys", key)), _) => format!("key {key}"),
        (Some(("anywhere", key)), _) => format!("key {key} of [anywhere]"),
        (_, Some(when)) => format!("{on} ({when})"),
        _ => on.to_owned(),
    }
}

fn changed(change: &ValueChange) -> String {
    let shown = |value: &Value| {
        if value.is_null() {
            "–".to_owned()
        } else {
            plain(value)
        }
    };
    let what = change.what.strip_prefix("answers.").unwrap_or(&change.what);
    format!(
        "{what}: {} → {}",
        shown(&change.before),
        shown(&change.after)
    )
}

/// A state in a line: where it is, and what is set.
fn stands(state: &StateView) -> String {
    let mut parts = vec![format!(
        "{} ({})",
        state.step.as_deref().unwrap_or("not begun"),
        state.language
    )];
    let missed = [(state.no_input, "no_input"), (state.no_match, "no_match")];
    parts.extend(
        missed
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{name} {count}")),
    );
    let values = state.answers.iter().chain(&state.variables);
    parts.extend(values.map(|(name, value)| format!("{name} = {}", plain(value))));
    parts.join(", ")
}

/// A value without the quotes of JSON.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

//! Actions, a folder each. To add one, add a folder and a line in this list.

mod append;
mod ask;
mod bot;
mod branch;
mod change;
mod dial;
mod flow;
mod forget;
mod hangup;
mod http;
mod kind;
mod menu;
mod pay;
mod queue;
mod record;
mod redirect;
mod refer;
mod reject;
mod say;
mod set;
mod sms;
mod start;
mod stop;
mod submit;
mod take;
mod verify;

use toml::de::DeTable;

use super::came::WaitOutcome;
use super::ids::Slot;
use super::read::Checker;
use super::step::Step;
use super::turn::Beside;
use crate::written::{Code, Explain, Item};
pub use kind::Kind;

/// Every action.
pub static KINDS: &[Kind] = &[
    say::KIND,
    menu::KIND,
    ask::KIND,
    branch::KIND,
    submit::KIND,
    sms::KIND,
    verify::KIND,
    dial::KIND,
    record::KIND,
    queue::KIND,
    refer::KIND,
    http::KIND,
    pay::KIND,
    bot::KIND,
    start::KIND,
    stop::KIND,
    flow::KIND,
    redirect::KIND,
    reject::KIND,
    hangup::KIND,
    set::KIND,
    append::KIND,
    forget::KIND,
];

/// How the actions that wait can end.
static OUTCOMES: &[(&str, &[WaitOutcome])] = &[
    (dial::KIND.name, &dial::OUTCOMES),
    (record::KIND.name, &record::OUTCOMES),
    (queue::KIND.name, &queue::OUTCOMES),
    (refer::KIND.name, &refer::OUTCOMES),
    (http::KIND.name, &http::OUTCOMES),
    (pay::KIND.name, &pay::OUTCOMES),
    (bot::KIND.name, &bot::OUTCOMES),
];

/// How an action can end; nothing for one that does not wait.
pub fn outcomes(action: &str) -> &'static [WaitOutcome] {
    let found = OUTCOMES.iter().find(|(name, _)| *name == action);
    found.map_or(&[], |(_, outcomes)| outcomes)
}

/// The word for what runs beside a call, as `start` and `stop` have it.
fn runs_beside(item: Item<'_>, check: &mut Checker) -> Option<Beside> {
    let word = item.text(check, "this must be a word, such as \"recording\"")?;
    let found = Beside::ALL.into_iter().find(|what| what.as_str() == word);
    if found.is_none() {
        let message = format!("`{word}` is nothing that runs beside a call");
        check
            .fault(Code::BesideUnclear, item.span(), message)
            .help(format!("write one of {}", start::WORDS.join(", ")));
    }
    found
}

/// The flow that a step goes through, and where its name begins, if it goes through one.
pub fn goes_through<'d>(step: &'d DeTable<'_>) -> Option<(&'d str, usize)> {
    flow::goes_through(step)
}

/// The step at an end of a flow that a call has come to by itself, and so at the end of the call; by the name that leads
/// there, with what the flow gives back.
pub fn ended(name: &str, gives: Vec<Slot>) -> Box<dyn Step> {
    flow::ended(name, gives)
}

/// The flows that an action's example goes through, by name.
pub fn beside(action: &str) -> &'static [(&'static str, &'static str)] {
    if action == flow::KIND.name {
        flow::BESIDE
    } else {
        &[]
    }
}

/// Actions that the language knows and this version does not have yet.
pub const LATER: [&str; 1] = ["connect"];

/// Actions that may also qualify another one, and are the action only where there is no other.
pub const QUALIFIERS: [&str; 3] = ["set", "append", "forget"];

#[cfg(test)]
mod tests;

//! Actions, a folder each. To add one, add a folder and a line in this list.

mod append;
mod ask;
mod branch;
mod change;
mod dial;
mod forget;
mod hangup;
mod kind;
mod menu;
mod queue;
mod redirect;
mod refer;
mod reject;
mod say;
mod set;
mod submit;

use super::came::WaitOutcome;
pub use kind::Kind;

/// Every action.
pub static KINDS: &[Kind] = &[
    say::KIND,
    menu::KIND,
    ask::KIND,
    branch::KIND,
    submit::KIND,
    dial::KIND,
    queue::KIND,
    refer::KIND,
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
    (queue::KIND.name, &queue::OUTCOMES),
    (refer::KIND.name, &refer::OUTCOMES),
];

/// How an action can end; nothing for one that does not wait.
pub fn outcomes(action: &str) -> &'static [WaitOutcome] {
    let found = OUTCOMES.iter().find(|(name, _)| *name == action);
    found.map_or(&[], |(_, outcomes)| outcomes)
}

/// Actions that the language knows and this version does not have yet.
pub const LATER: [&str; 7] = ["record", "http", "sms", "verify", "pay", "connect", "flow"];

/// Actions that may also qualify another one, and are the action only where there is no other.
pub const QUALIFIERS: [&str; 3] = ["set", "append", "forget"];

#[cfg(test)]
mod tests;

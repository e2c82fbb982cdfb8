//! Actions, a folder each. To add one, add a folder and a line in this list.

mod ask;
mod branch;
mod dial;
mod forget;
mod hangup;
mod kind;
mod menu;
mod redirect;
mod reject;
mod say;
mod set;
mod submit;

use super::came::{OUTCOME, WaitFact};
pub use kind::Kind;

/// Every action.
pub static KINDS: &[Kind] = &[
    say::KIND,
    menu::KIND,
    ask::KIND,
    branch::KIND,
    submit::KIND,
    dial::KIND,
    redirect::KIND,
    reject::KIND,
    hangup::KIND,
    set::KIND,
    forget::KIND,
];

/// What comes back to the actions that wait, by action: `result.*`.
static FACTS: &[&[WaitFact]] = &[&dial::FACTS];

/// The names behind `result.`: how it ended, and every fact.
pub fn results() -> impl Iterator<Item = &'static str> {
    let facts = FACTS.iter().copied().flatten();
    std::iter::once(OUTCOME).chain(facts.map(|fact| fact.name))
}

/// Actions that the language knows and this version does not have yet.
pub const LATER: [&str; 9] = [
    "record", "http", "sms", "verify", "queue", "pay", "connect", "flow", "refer",
];

/// Actions that may also qualify another one, and are the action only where there is no other.
pub const QUALIFIERS: [&str; 2] = ["set", "forget"];

#[cfg(test)]
mod tests;

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

use super::came::{FactType, OUTCOME, WaitFact, WaitOutcome};
use super::expression::Type;
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

/// How the actions that wait can end.
static OUTCOMES: &[&[WaitOutcome]] = &[&dial::OUTCOMES];

/// What stands behind `result.`, with its type: how it ended, and every fact.
pub fn results() -> Vec<(&'static str, Type)> {
    let outcomes = OUTCOMES.iter().copied().flatten();
    let outcome = (OUTCOME, Type::words(outcomes.map(|outcome| outcome.name)));
    let facts = FACTS.iter().copied().flatten();
    let facts = facts.map(|fact| (fact.name, type_of(fact.is)));
    std::iter::once(outcome).chain(facts).collect()
}

fn type_of(fact: FactType) -> Type {
    match fact {
        FactType::Text => Type::TEXT,
        FactType::Integer => Type::Integer {
            low: 0,
            high: i64::MAX,
        },
    }
}

/// Actions that the language knows and this version does not have yet.
pub const LATER: [&str; 9] = [
    "record", "http", "sms", "verify", "queue", "pay", "connect", "flow", "refer",
];

/// Actions that may also qualify another one, and are the action only where there is no other.
pub const QUALIFIERS: [&str; 2] = ["set", "forget"];

#[cfg(test)]
mod tests;

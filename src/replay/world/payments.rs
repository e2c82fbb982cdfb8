//! What comes of payments: in the words of flows, or by the card of a test.

use std::time::Duration;

use super::super::reader::Reader;
use super::{outcome_of, time};
use crate::phone::{DialAnswer, DialAnswers};
use crate::written::{Code, Explain, Faults, Item};

/// How long it takes to enter a card where that is not said.
const LASTS: Duration = Duration::from_secs(30);

/// How a payment can end.
pub(in crate::replay) const OUTCOMES: [&str; 6] = [
    "paid",
    "too_many",
    "connector",
    "stopped",
    "invalid",
    "error",
];

/// Cards that nobody has, and what comes of each: numbers that providers keep for tests.
pub(in crate::replay) const CARDS: [(&str, &str); 6] = [
    ("4242424242424242", "paid"),
    ("4000000000000002", "connector"),
    ("4242424242424241", "too_many"),
    ("4000000000000119", "error"),
    ("4000000000000010", "invalid"),
    ("*", "stopped"),
];

/// What comes of payments, the same each time, or a list with one for each time.
pub(super) fn answers(item: Item<'_>, reader: &mut Reader) -> Option<DialAnswers> {
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    let read: Vec<_> = entries
        .into_iter()
        .map(|item| answer(item, reader))
        .collect();
    read.into_iter().collect::<Option<_>>().map(DialAnswers)
}

fn answer(item: Item<'_>, reader: &mut Reader) -> Option<DialAnswer> {
    let what = "a payment must be a table, such as `{ outcome = \"paid\" }`";
    let table = item.table(reader, what)?;
    let (outcome, card) = (table.get("outcome"), table.get("card"));
    let after = table
        .get("after")
        .map_or(Some(LASTS), |item| time(item, reader, "`after`"));
    table.finish(reader, "a payment");
    let outcome = match (outcome, card) {
        (Some(outcome), _) => outcome_of(outcome, &OUTCOMES, reader),
        (None, Some(card)) => of_card(card, reader),
        (None, None) => {
            let message = "what becomes of it is not said".to_owned();
            reader
                .fault(Code::OutcomeMissing, item.key_span(), message)
                .help("add `card = \"4242424242424242\"`, or `outcome = \"paid\"`");
            None
        }
    };
    Some(DialAnswer {
        outcome: outcome?.to_owned(),
        after: after?,
        ..DialAnswer::default()
    })
}

/// What comes of a card.
fn of_card(item: Item<'_>, reader: &mut Reader) -> Option<&'static str> {
    let text = item.text(reader, "`card` must be the number of a card, in quotes")?;
    let known = CARDS.iter().find(|(card, _)| *card == text);
    if known.is_none() {
        let cards = CARDS.map(|(card, outcome)| format!("{card} ({outcome})"));
        let message = "nobody knows what comes of this card".to_owned();
        reader
            .fault(Code::OutcomeUnknown, item.span(), message)
            .help(format!("there are {}", cards.join(", ")));
    }
    known.map(|(_, outcome)| *outcome)
}

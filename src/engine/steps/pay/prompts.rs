//! What the caller hears while the carrier asks for a card: by what is asked for, which attempt it is, what went wrong before and
//! the kind of card.

use super::super::super::prompt::Prompt;
use super::super::super::read::Checker;
use super::super::super::turn::PayMoment;
use super::keys;
use super::words::{ASKED, ASKED_THERE, CARDS, CARDS_THERE, WRONG, WRONG_THERE};
use crate::written::{Code, Explain, Item, Table};

/// What is heard at some of the moments.
#[derive(Debug)]
pub(super) struct PaySaid {
    /// At which.
    pub at: PayMoment,
    /// What is heard.
    pub words: Prompt,
}

impl PaySaid {
    /// Whether it is heard whenever this is asked for.
    pub fn is_plain(&self, asked: &str) -> bool {
        self.at.is_at_first() && self.at.asked.contains(&asked)
    }

    /// Reads `prompts`.
    pub fn parse_all(table: &Table<'_>, check: &mut Checker) -> Option<Vec<Self>> {
        let Some(item) = table.get(keys::PROMPTS.name) else {
            return Some(Vec::new());
        };
        let Some(entries) = item.entries() else {
            item.wrong(
                check,
                "`prompts` must be a list, such as `[{ for = \"card_number\", say = \"…\" }]`",
            );
            return None;
        };
        let read: Vec<_> = entries
            .into_iter()
            .map(|item| Self::parse(item, check))
            .collect();
        read.into_iter().collect()
    }

    fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        let table = item.table(check, "a prompt of a payment must be a table")?;
        let asked = words(keys::FOR.name, (&ASKED, &ASKED_THERE), &table, check);
        if table.peek(keys::FOR.name).is_none() {
            let message = "nothing says when this is heard";
            check
                .fault(Code::PayUnclear, item.span(), message)
                .help("add `for = \"card_number\"`, or another word for what is asked");
        }
        let said = table.get(keys::SAY.name);
        if said.is_none() {
            check
                .fault(Code::PayUnclear, item.span(), "nothing is heard here")
                .help("add `say = \"…\"`");
        }
        let words_said = said.and_then(|said| Prompt::parse(said, check));
        let attempts = attempts(&table, check);
        let wrong = words(keys::WRONG.name, (&WRONG, &WRONG_THERE), &table, check);
        let cards = words(keys::CARD.name, (&CARDS, &CARDS_THERE), &table, check);
        table.finish(check, "a prompt of a payment");
        let asked = asked?;
        (!asked.is_empty()).then_some(())?;
        Some(Self {
            at: PayMoment {
                asked,
                attempts: attempts?,
                wrong: wrong?,
                cards: cards?,
            },
            words: words_said?,
        })
    }
}

/// The kinds of card that are taken, as the carrier has them.
pub(super) fn cards(table: &Table<'_>, check: &mut Checker) -> Option<Vec<&'static str>> {
    words(keys::CARDS.name, (&CARDS, &CARDS_THERE), table, check)
}

/// The attempts that a prompt is for.
fn attempts(table: &Table<'_>, check: &mut Checker) -> Option<Vec<u32>> {
    let Some(item) = table.get(keys::ATTEMPT.name) else {
        return Some(Vec::new());
    };
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    let attempt = |item: Item<'_>| {
        let number = item.integer(check, "an attempt must be 1, 2 or 3", 1..4)?;
        u32::try_from(number).ok()
    };
    entries.into_iter().map(attempt).collect()
}

/// A word or a list of them, as the carrier has each; none where nothing is said.
fn words(
    key: &str,
    (ours, theirs): (&[&str], &[&'static str]),
    table: &Table<'_>,
    check: &mut Checker,
) -> Option<Vec<&'static str>> {
    let Some(item) = table.get(key) else {
        return Some(Vec::new());
    };
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    let word = |item: Item<'_>| {
        let text = item.text(check, &format!("`{key}` must be a word"))?;
        let known = ours.iter().zip(theirs).find(|(ours, _)| **ours == text);
        if known.is_none() {
            check
                .fault(
                    Code::PayUnclear,
                    item.span(),
                    format!("`{text}` is no word for `{key}`"),
                )
                .help(format!("there are {}", ours.join(", ")));
        }
        known.map(|(_, theirs)| *theirs)
    };
    let read: Vec<_> = entries.into_iter().map(word).collect();
    read.into_iter().collect()
}

//! Reads a `bot`.

use super::super::super::came::WaitOutcome;
use super::super::super::give::Give;
use super::super::super::keys::shared::GIVE;
use super::super::super::outcome_ways::OutcomeWays;
use super::super::super::prompt::Prompt;
use super::super::super::read::{Checker, Endings};
use super::super::super::step::Step;
use super::super::take::Take;
use super::outcomes::{self, CODE, OUTCOMES, SECONDS};
use super::{Bot, KIND, keys};
use crate::written::{Code, Explain, Item, Table, is_name};

pub(super) fn parse(
    item: Item<'_>,
    table: &Table<'_>,
    check: &mut Checker,
) -> Option<Box<dyn Step>> {
    let name = name(item, check);
    let greet = table
        .get(keys::GREET.name)
        .map(|item| Prompt::of_text(item, check));
    let give = table.get(GIVE.name).map(|item| Give::parse(item, check));
    let takes = Take::parse_all(table, &[SECONDS, CODE], check);
    let time_limit = keys::TIME_LIMIT.read(table, check);
    let own = own_words(table);
    let endings = Endings {
        named: &own,
        ..Endings::of(&OUTCOMES)
    };
    let ways = OutcomeWays::parse(endings, table, check);
    let greet = match greet {
        Some(greet) => Some(greet?),
        None => None,
    };
    let give = match give {
        Some(give) => give?,
        None => Give::default(),
    };
    let (takes, ways) = (takes?, ways?);
    ways.warn_of_gaps(table, KIND.name, check);
    Some(Box::new(Bot {
        name: name?.to_owned(),
        at: item.span(),
        greet,
        give,
        facts: outcomes::facts(&takes),
        takes,
        time_limit,
        ways,
    }))
}

/// The machine's name.
fn name<'a>(item: Item<'a>, check: &mut Checker) -> Option<&'a str> {
    let text = item.text(
        check,
        "`bot` must be the name of a machine, such as \"assistant\"",
    )?;
    if !is_name(text) {
        check
            .fault(
                Code::BesideUnclear,
                item.span(),
                format!("`{text}` cannot name a machine"),
            )
            .help("a name is made of a-z, 0-9 and `_`; `[machines]` of the settings says where it is: no URL stands in a flow");
        return None;
    }
    Some(text)
}

/// The words of the machine's own that have a way.
fn own_words(table: &Table<'_>) -> Vec<&'static WaitOutcome> {
    let on = table.peek("on").and_then(|item| item.as_table());
    let names = on
        .iter()
        .flat_map(Table::names)
        .filter(|name| is_name(name));
    let mut own: Vec<_> = names.filter_map(outcomes::own).collect();
    own.sort_by_key(|outcome| outcome.name);
    own
}

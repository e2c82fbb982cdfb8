//! Reads a `queue`.

use super::super::super::give::Give;
use super::super::super::key::Key;
use super::super::super::keys::shared::GIVE;
use super::super::super::outcome_ways::OutcomeWays;
use super::super::super::prompt::Prompt;
use super::super::super::read::{Checker, Endings, KeyRules, told_keys};
use super::super::super::step::Step;
use super::hold::Hold;
use super::outcomes::{self, LEFT, TIME_LIMIT};
use super::{KIND, Queue, keys};
use crate::written::{Code, Explain, Item, Table, is_name};

/// The most characters of a queue's name (Twilio, error 14205).
const LONGEST: usize = 64;

const RULES: KeyRules = KeyRules {
    legal: "0123456789*#",
    other: None,
    is_entry: true,
};

pub(super) fn parse(
    item: Item<'_>,
    table: &Table<'_>,
    check: &mut Checker,
) -> Option<Box<dyn Step>> {
    let name = name(item, check);
    let own = table
        .get(GIVE.name)
        .and_then(|item| Give::parse(item, check));
    let priority = keys::PRIORITY
        .find(table, check)
        .map(|(priority, _)| priority);
    let keys = own_keys(table, check);
    let hold = Hold::parse(table, check);
    let time_limit = keys::TIME_LIMIT.find(table, check).map(|(limit, _)| limit);
    let mut never = Vec::new();
    if keys.is_empty() && table.peek(keys::KEYS.name).is_none() {
        never.push((LEFT.name, keys::KEYS.name));
    }
    if time_limit.is_none() {
        never.push((TIME_LIMIT.name, keys::TIME_LIMIT.key.name));
    }
    let possible = outcomes::possible(!keys.is_empty(), time_limit.is_some());
    let endings = Endings {
        never: &never,
        ..Endings::of(possible)
    };
    let ways = OutcomeWays::parse(endings, table, check);
    let (name, hold, ways) = (name?, hold?, ways?);
    let all = check.here.queue_gives.get(name).cloned();
    let queue = Queue {
        name: name.to_owned(),
        gives: all.into_iter().chain(own.map(Into::into)).collect(),
        priority,
        facts: outcomes::facts(keys.iter().map(|key| key.keys.as_str())),
        hold,
        keys,
        time_limit,
        ways,
    };
    told(&queue, table, check);
    Some(Box::new(queue))
}

/// The queue's name.
fn name<'a>(item: Item<'a>, check: &mut Checker) -> Option<&'a str> {
    let text = item.text(
        check,
        "`queue` must be the name of a queue, such as \"engineers\"",
    )?;
    if !is_name(text) || text.len() > LONGEST {
        check
            .fault(
                Code::CalleeName,
                item.span(),
                format!("`{text}` cannot name a queue"),
            )
            .help(format!(
                "a name is made of a-z, 0-9 and `_`, {LONGEST} at most; `[queues]` of the settings says what the carrier calls it"
            ));
        return None;
    }
    Some(text)
}

/// The keys by which the caller leaves.
fn own_keys(table: &Table<'_>, check: &mut Checker) -> Vec<Key> {
    let keys = table
        .get(keys::KEYS.name)
        .and_then(|item| item.table(check, "`keys` must be a table, such as `keys.1 = \"…\"`"));
    let Some(keys) = keys else {
        return Vec::new();
    };
    for (name, item) in keys.all() {
        let is_run = name.contains('-');
        if name.chars().count() > 1 && !is_run && name.chars().all(|key| RULES.legal.contains(key))
        {
            check
                .fault(
                    Code::KeysIllegal,
                    item.key_span(),
                    format!("`{name}` is more than one key, and whoever waits presses one"),
                )
                .help("take a single key");
        }
    }
    Key::parse_all(&keys, check, RULES)
}

/// Warns of a queue without a way out, of trouble without a way, and of keys that nobody tells.
fn told(queue: &Queue, table: &Table<'_>, check: &mut Checker) {
    let Some(item) = table.peek(KIND.name) else {
        return;
    };
    if queue.keys.is_empty() && queue.time_limit.is_none() {
        check
            .fault(
                Code::QueueNoWayOut,
                item.key_span(),
                "whoever waits here waits until somebody comes: no key leads out, and there is no time limit",
            )
            .help("add `time_limit = \"10m\"` with `on.time_limit`, or a key that leaves, `keys.1 = \"…\"`");
    }
    queue.ways.warn_of_gaps(table, KIND.name, check);
    if queue.keys.is_empty() {
        return;
    }
    let mut words = Prompt::empty(check.languages.len());
    queue.hold.words().for_each(|part| words.extend(part));
    let keys = queue.keys.iter().filter_map(|key| key.keys.chars().next());
    if let Some(item) = table.peek(keys::HOLD.name) {
        told_keys::compare_whispered(&words, item, keys, check);
    }
}

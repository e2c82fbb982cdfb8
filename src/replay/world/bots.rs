//! How machines end a talk with the caller: what stands in `[world]` below `bot`.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::super::reader::Reader;
use super::services::json as value;
use super::time;
use crate::phone::BotAnswer;
use crate::written::{Code, Explain, Faults, Item, Table};

/// The key for machines.
pub(super) const BOT: &str = "bot";
/// How long they talk where that is not said.
const TALKS: Duration = Duration::from_mins(1);
/// How long they talk where the time is to be over: longer than any may.
const TOO_LONG: Duration = Duration::from_mins(61);
/// The carrier's number for a socket that is lost (Twilio, error 64105), and for one that cannot be opened (64102).
const LOST: u32 = 64_105;
const UNREACHED: u32 = 64_102;

/// How a machine ends each talk, the same each time, or a list with one for each time.
pub(super) fn answers(item: Item<'_>, reader: &mut Reader) -> Option<Vec<BotAnswer>> {
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    entries
        .into_iter()
        .map(|item| answer(item, reader))
        .collect()
}

fn answer(item: Item<'_>, reader: &mut Reader) -> Option<BotAnswer> {
    let table = item.table(
        reader,
        "a machine must be a table, such as `{ outcome = \"person\" }`",
    )?;
    let outcome = table
        .get("outcome")
        .map(|item| item.text(reader, "`outcome` must be text"));
    let handoff = table
        .get("handoff")
        .map(|item| item.text(reader, "`handoff` must be text"));
    let take = take(&table, reader);
    let after = table.get("after").map(|item| time(item, reader, "`after`"));
    table.finish(reader, "how a machine ends a talk");
    if outcome.is_none() && handoff.is_none() {
        reader
            .fault(
                Code::OutcomeMissing,
                item.key_span(),
                "how the machine ends the talk is not said".to_owned(),
            )
            .help("add `outcome`: done, lost, unreachable, silent, misfit, time_limit, or a word of the flow; or `handoff`, as the machine sends it");
        return None;
    }
    let mut answer = match (handoff, outcome) {
        (Some(handoff), _) => ended(Some(handoff?.to_owned())),
        (None, Some(outcome)) => of_outcome(outcome?, take?),
        (None, None) => return None,
    };
    if let Some(after) = after {
        answer.after = after?;
    }
    Some(answer)
}

/// What the flow takes, by name.
fn take(table: &Table<'_>, reader: &mut Reader) -> Option<Map<String, Json>> {
    let Some(item) = table.get("take") else {
        return Some(Map::new());
    };
    match value(item.value) {
        Json::Object(take) => Some(take),
        _ => {
            item.wrong(reader, "`take` must be a table of what the flow takes");
            None
        }
    }
}

fn ended(handoff: Option<String>) -> BotAnswer {
    BotAnswer {
        status: "ended".to_owned(),
        handoff,
        code: 0,
        after: TALKS,
    }
}

/// What the carrier tells where a talk ends so, in the words of flows.
fn of_outcome(outcome: &str, take: Map<String, Json>) -> BotAnswer {
    let failed = |code| BotAnswer {
        status: "failed".to_owned(),
        handoff: None,
        code,
        after: TALKS,
    };
    match outcome {
        "lost" => failed(LOST),
        "unreachable" => BotAnswer {
            after: Duration::from_secs(5),
            ..failed(UNREACHED)
        },
        "time_limit" => BotAnswer {
            after: TOO_LONG,
            ..BotAnswer::default()
        },
        "misfit" => ended(Some("[]".to_owned())),
        "done" => ended((!take.is_empty()).then(|| Json::Object(take).to_string())),
        word => {
            let mut handoff = take;
            handoff.insert("outcome".to_owned(), json!(word));
            ended(Some(Json::Object(handoff).to_string()))
        }
    }
}

/// The line of `[world]` that would say how a machine ends the talk.
pub(in crate::replay) fn line(name: &str) -> String {
    format!("{BOT}.{name} = {{ outcome = \"done\" }}")
}

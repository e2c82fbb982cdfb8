//! What services answer: what stands in `[world]` below `http.service`, and below the name of a step that asks one.

use std::time::Duration;

use serde_json::Value as Json;
use toml::de::DeValue;

use super::super::reader::Reader;
use super::time;
use crate::phone::ServiceReply;
use crate::written::{Code, Explain, Faults, Item, Table};

/// The key for what is asked.
pub(super) const HTTP: &str = "http";
/// The key below that of services.
pub(super) const SERVICE: &str = "service";

/// The two as one key.
pub(super) const KEY: &str = "http.service";

/// How a request can end, in the words of flows, beside statuses.
pub(in crate::replay) const OUTCOMES: [&str; 6] =
    ["2xx", "4xx", "5xx", "misfit", "time_limit", "error"];
/// Those that others can meet too.
const SHARED: [&str; 2] = ["time_limit", "error"];

/// Whether a table, or the first of a list, speaks of a service; and whether of nothing else.
pub(super) fn is_reply(item: &Item<'_>) -> (bool, bool) {
    let entries = item.entries();
    let first = entries.as_ref().and_then(|entries| entries.first());
    let Some(table) = first.unwrap_or(item).as_table() else {
        return (false, false);
    };
    let status = table
        .peek("status")
        .is_some_and(|status| status.as_integer().is_some());
    let outcome = table.peek("outcome").and_then(|item| item.value.as_str());
    let is_shared = outcome.is_some_and(|outcome| SHARED.contains(&outcome));
    let is_own = outcome.is_some_and(|outcome| is_outcome(outcome) && !is_shared);
    let only = status || table.peek("json").is_some() || is_own;
    let others = [
        "talks", "presses", "position", "seconds", "says", "ends", "told",
    ];
    let may_be = is_shared && !table.names().any(|name| others.contains(&name));
    (only || may_be, only)
}

fn is_outcome(name: &str) -> bool {
    OUTCOMES.contains(&name)
        || name.len() == 3
            && name
                .parse::<u16>()
                .is_ok_and(|status| (400..600).contains(&status))
}

/// What is answered, the same each time, or a list with one for each time.
pub(super) fn replies(item: Item<'_>, reader: &mut Reader) -> Option<Vec<ServiceReply>> {
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    entries
        .into_iter()
        .map(|item| reply(item, reader))
        .collect()
}

fn reply(item: Item<'_>, reader: &mut Reader) -> Option<ServiceReply> {
    let table = item.table(
        reader,
        "a service must be a table, such as `{ status = 200, json = { left = 3 } }`",
    )?;
    let status = table
        .get("status")
        .map(|item| item.integer(reader, "`status` must be a whole number", 100..600));
    let json = table.get("json").map(|item| json(item.value));
    let outcome = table.get("outcome").map(|item| outcome(item, reader));
    let take = table
        .get("take")
        .and_then(|item| match self::json(item.value) {
            Json::Object(take) => Some(take),
            _ => {
                item.wrong(reader, "`take` must be a table of what the flow takes");
                None
            }
        });
    let after = table
        .get("after")
        .map_or(Some(Duration::ZERO), |item| time(item, reader, "`after`"));
    table.finish(reader, "what a service answers");
    if status.is_none() && outcome.is_none() && json.is_none() {
        reader
            .fault(
                Code::OutcomeMissing,
                item.key_span(),
                "what the service answers is not said".to_owned(),
            )
            .help("add `status = 200` and `json`, or `outcome = \"error\"`");
        return None;
    }
    let outcome = match outcome {
        Some(outcome) => Some(outcome?),
        None => None,
    };
    let is_silent = outcome.as_deref() == Some("time_limit");
    Some(ServiceReply {
        status: match status {
            Some(status) => status?.try_into().ok()?,
            None => 200,
        },
        json,
        outcome,
        take: take.unwrap_or_default(),
        after: if is_silent { Duration::MAX } else { after? },
    })
}

fn outcome(item: Item<'_>, reader: &mut Reader) -> Option<String> {
    let name = item.text(reader, "`outcome` must be text")?;
    if !is_outcome(name) {
        reader
            .fault(
                Code::OutcomeUnknown,
                item.span(),
                format!("no outcome is named `{name}`"),
            )
            .help(format!(
                "there are {}, and statuses such as 404",
                OUTCOMES.join(", ")
            ));
        return None;
    }
    Some(name.to_owned())
}

/// A value as JSON.
pub(super) fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::String(text.to_string()),
        DeValue::Boolean(yes) => Json::Bool(*yes),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix());
            number.map_or(Json::Null, Json::from)
        }
        DeValue::Float(number) => {
            let number = number.as_str().replace('_', "").parse::<f64>();
            number.ok().map_or(Json::Null, Json::from)
        }
        DeValue::Datetime(moment) => Json::String(moment.to_string()),
        DeValue::Array(all) => all.iter().map(|value| json(value.get_ref())).collect(),
        DeValue::Table(table) => {
            let fields = table.iter();
            let fields =
                fields.map(|(name, value)| (name.get_ref().to_string(), json(value.get_ref())));
            Json::Object(fields.collect())
        }
    }
}

/// How a code by SMS can go otherwise than well.
const BAD_CODES: [&str; 2] = ["refused", super::OF_CODES[0]];

/// Whether a table, or one of a list, says that of a code.
pub(super) fn is_of_code(item: &Item<'_>) -> bool {
    BAD_CODES.iter().any(|outcome| has(item, outcome))
}

/// Whether a table, or one of a list, has this outcome.
pub(super) fn has(item: &Item<'_>, outcome: &str) -> bool {
    let entries = item.entries().unwrap_or_else(|| vec![*item]);
    entries.iter().any(|entry| {
        let table = entry.value.as_table();
        let found = table.and_then(|table| table.get("outcome"));
        found.and_then(|found| found.get_ref().as_str()) == Some(outcome)
    })
}

/// What comes of each code, the same each time, or a list with one for each.
pub(super) fn of_code(item: Item<'_>, reader: &mut Reader) -> Option<Vec<ServiceReply>> {
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    let outcome = |item: Item<'_>| {
        let table = item.table(
            reader,
            "what comes of a code must be a table, such as `{ outcome = \"expired\" }`",
        )?;
        let outcome = table
            .get("outcome")?
            .text(reader, "`outcome` must be text")?
            .to_owned();
        // How long a transfer takes.
        let _ = table.get("after");
        table.finish(reader, "what comes of a code");
        Some(ServiceReply {
            outcome: Some(outcome),
            ..ServiceReply::default()
        })
    };
    entries.into_iter().map(outcome).collect()
}

/// The line of `[world]` that would say what a service answers.
pub(in crate::replay) fn line(name: &str) -> String {
    format!("{HTTP}.{SERVICE}.{name} = {{ status = 200, json = {{}} }}")
}

/// What services answer, by their names.
pub(super) fn by_name<'a>(table: &Table<'a>, reader: &mut Reader) -> Vec<(&'a str, Item<'a>)> {
    let asked = table.get(HTTP).and_then(|item| {
        item.table(
            reader,
            "`http` must be a table, such as `http.service.stock = { status = 200 }`",
        )
    });
    let Some(asked) = asked else {
        return Vec::new();
    };
    let services = asked
        .get(SERVICE)
        .and_then(|item| item.table(reader, "`http.service` must be a table of services"));
    asked.finish(reader, "`http`");
    services.map(|services| services.all()).unwrap_or_default()
}

//! What every step gives to a queue: `[queues.engineers]`.

use std::sync::Arc;

use super::super::give::Give;
use super::super::keys::shared::GIVE;
use super::super::keys::top::QUEUES;
use super::super::read::{Checker, name_help};
use crate::written::{Code, Explain, Table, is_name};

/// Reads it, for the steps that are read then.
pub(super) fn queues(top: &Table<'_>, check: &mut Checker) {
    let table = top
        .get(QUEUES.name)
        .and_then(|item| item.table(check, "`queues` must be a table of queues"));
    for (name, item) in table.map(|table| table.all()).unwrap_or_default() {
        if !is_name(name) {
            check
                .fault(
                    Code::CalleeName,
                    item.key_span(),
                    format!("`{name}` cannot name a queue"),
                )
                .help(name_help(name));
        }
        let whose = format!("the queue `{name}`");
        let Some(queue) = item.table(check, &format!("{whose} must be a table")) else {
            continue;
        };
        let give = queue
            .get(GIVE.name)
            .and_then(|item| Give::parse(item, check));
        queue.finish(check, &whose);
        if let Some(give) = give {
            check
                .here
                .queue_gives
                .insert(name.to_owned(), Arc::new(give));
        }
    }
}

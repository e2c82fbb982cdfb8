//! What is sent by SMS: `[[texted]]`, and how it is read.

use super::hears::hears;
use super::reader::{Named, Reader};
use super::script::Texted;
use crate::written::{Item, Table};

/// Reads `[[texted]]`: one table, or several in order.
pub(super) fn texted(item: Item<'_>, reader: &mut Reader) -> Vec<Texted> {
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    let entries = entries.into_iter();
    entries
        .filter_map(|entry| {
            let table = entry.table(reader, "an SMS must be a table: `[[texted]]`")?;
            let text = |key: &str, reader: &mut Reader| text(key, &table, reader);
            let (to, from) = (text("to", reader), text("from", reader));
            let words = table.get("words").and_then(|item| hears(item, reader));
            table.finish(reader, "an SMS");
            Some(Texted {
                at: entry.span(),
                to,
                from,
                words,
            })
        })
        .collect()
}

fn text(key: &str, table: &Table<'_>, reader: &mut Reader) -> Option<Named> {
    let item = table.get(key)?;
    let text = item.text(reader, &format!("`{key}` must be a number in quotes"))?;
    Some((text.to_owned(), item.span()))
}

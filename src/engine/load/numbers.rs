//! Telephone numbers of a flow: those that are called, and those that it dials by name.

use std::collections::BTreeMap;

use super::super::keys::top::{CONTACTS, NUMBERS};
use super::super::read::{Checker, name_help};
use crate::written::number::{is_e164, is_sip_address};
use crate::written::{Code, Explain, Item, Table, is_name};

/// The numbers of a flow.
#[derive(Default)]
pub(super) struct Numbers {
    /// Those whose calls come here.
    pub called: Vec<String>,
    /// Those among them that have names.
    pub lines: Vec<(String, String)>,
    /// Those that it dials by name.
    pub contacts: BTreeMap<String, String>,
}

/// Reads the numbers, and tells the checker those that are called.
pub(super) fn numbers(top: &Table<'_>, check: &mut Checker) -> Numbers {
    let mut numbers = Numbers::default();
    match top.get(NUMBERS.name) {
        Some(item) if item.value.is_table() => {
            numbers.lines = named_numbers(item, check);
            let called = numbers.lines.iter().map(|(_, number)| number.clone());
            numbers.called = called.collect();
        }
        Some(item) => {
            let entries = item.entries().unwrap_or_else(|| vec![item]).into_iter();
            numbers.called = entries.filter_map(|entry| number(entry, check)).collect();
        }
        None => {}
    }
    numbers.contacts = contacts(top, check);
    check.here.numbers.clone_from(&numbers.called);
    let names = numbers.lines.iter().map(|(name, _)| name.clone());
    check.here.lines = names.collect();
    numbers
}

fn named_numbers(item: Item<'_>, check: &mut Checker) -> Vec<(String, String)> {
    let table = item.table(
        check,
        "`numbers` must be a number, a list or a table of numbers",
    );
    let mut lines = Vec::new();
    for (name, entry) in table.map(|table| table.all()).unwrap_or_default() {
        has_name(name, entry, "a number", check);
        lines.extend(number(entry, check).map(|number| (name.to_owned(), number)));
    }
    lines
}

fn number(entry: Item<'_>, check: &mut Checker) -> Option<String> {
    let text = entry.text(
        check,
        "a number must stand in quotes, such as \"+442079460123\"",
    )?;
    if !is_e164(text) && !is_sip_address(text) {
        check
            .fault(Code::NumberNotE164, entry.span(), format!("`{text}` is not a number"))
            .help("write it as \"+\", country code and number, no spaces: \"+442079460123\"; or \"sip:name@host\"");
    }
    Some(text.to_owned())
}

/// Reads the numbers that the flow dials by name.
pub(super) fn contacts(top: &Table<'_>, check: &mut Checker) -> BTreeMap<String, String> {
    let table = top
        .get(CONTACTS.name)
        .and_then(|item| item.table(check, "`contacts` must be a table of names and numbers"));
    let mut contacts = BTreeMap::new();
    for (name, entry) in table.map(|table| table.all()).unwrap_or_default() {
        has_name(name, entry, "a contact", check);
        let what = "a contact must be a number in quotes, such as \"+442079460000\"";
        let Some(text) = entry.text(check, what) else {
            continue;
        };
        if !is_e164(text) {
            let message = format!("`{text}` is not a number that can be dialled");
            check
                .fault(Code::NumberNotE164, entry.span(), message)
                .help("write it as \"+\", country code and number, no spaces: \"+442079460000\"");
        }
        contacts.insert(name.to_owned(), text.to_owned());
    }
    contacts
}

/// Reports a name that `dial` and `call.line` could not know.
fn has_name(name: &str, entry: Item<'_>, what: &str, check: &mut Checker) {
    if is_name(name) {
        return;
    }
    check
        .fault(
            Code::ContactName,
            entry.key_span(),
            format!("`{name}` cannot name {what}"),
        )
        .help(name_help(name));
}

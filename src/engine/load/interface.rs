//! What a flow has for those that go through it: what it is given, `[args]`, what it gives back, `[gives]`, and how it ends,
//! `[exits]`.

use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::super::answer::{Answer, Open};
use super::super::answers::{OPTIONAL, parse_promise};
use super::super::call_fields::Plain;
use super::super::flow::{AnswerOf, CallField};
use super::super::ids::Slot;
use super::super::keys::shared::SENSITIVE;
use super::super::keys::top::{ANSWERS, ARGS, EXITS, GIVES, META, ON_ERROR, OUTBOUND};
use super::super::read::{Arg, Checker, Exit, why_no_name};
use super::super::reserved::RETURN;
use super::names::{MANY, promise, spoken_by};
use crate::written::carrier_fields::ARG;
use crate::written::{Code, Explain, Item, Table};

/// Something that a flow is given, as it is declared.
struct Declared {
    kind: Arc<dyn Answer>,
    optional: bool,
    sensitive: bool,
}

/// The ends of a flow, by the names that lead there: `return`, where some step has it, and one for each of `[exits]`.
pub(super) fn ends(
    top: &Table<'_>,
    document: &DeTable<'_>,
    check: &mut Checker<'_>,
) -> Vec<(String, Range<usize>)> {
    let is_made_for_it = [ARGS, GIVES, EXITS]
        .iter()
        .any(|key| top.get(key.name).is_some());
    // What a call that we place is given is given by nobody's flow.
    check.here.is_subflow = is_made_for_it && top.peek(OUTBOUND.name).is_none();
    let mut ends: Vec<(String, Range<usize>)> = Vec::new();
    ends.extend(plain_return(document).map(|at| (RETURN.to_owned(), at)));
    let exits = top
        .get(EXITS.name)
        .and_then(|item| item.table(check, "`exits` must be a table of names and words"));
    for (name, item) in exits.map(|table| table.all()).unwrap_or_default() {
        exit_name(name, item, check);
        item.text(
            check,
            "an exit must have words in quotes that say when it is taken",
        );
        let at = item.key_span();
        check.here.exits.push(Exit {
            name: name.to_owned(),
            at: at.clone(),
        });
        ends.push((format!("{RETURN}.{name}"), at));
    }
    ends
}

fn exit_name(name: &str, item: Item<'_>, check: &mut Checker<'_>) {
    let help = match why_no_name(name) {
        Some(help) => help,
        None if name == ON_ERROR.name => {
            "`on.error` is for a step that cannot be done: take another name".to_owned()
        }
        None => return,
    };
    let message = format!("`{name}` cannot name an exit");
    check
        .fault(Code::NameReserved, item.key_span(), message)
        .help(help);
}

/// Where a way leads to `return` first.
fn plain_return(document: &DeTable<'_>) -> Option<Range<usize>> {
    let own = document
        .iter()
        .filter(|(name, _)| name.get_ref() != META.name);
    let mut open: Vec<&toml::Spanned<DeValue<'_>>> = own.map(|(_, value)| value).collect();
    let mut first: Option<Range<usize>> = None;
    while let Some(value) = open.pop() {
        match value.get_ref() {
            DeValue::Array(list) => open.extend(list.iter()),
            DeValue::Table(table) => open.extend(table.values()),
            DeValue::String(text) if text == RETURN => {
                let at = value.span();
                let is_first = first.as_ref().is_none_or(|first| at.start < first.start);
                first = if is_first { Some(at) } else { first };
            }
            _ => {}
        }
    }
    first
}

/// Reads `[gives]`: names that are asked for like any other answer, and are not submitted.
pub(super) fn gives<'a>(top: &Table<'a>, check: &mut Checker<'a>) {
    let gives = top
        .get(GIVES.name)
        .and_then(|item| item.table(check, "`gives` must be a table of answers"));
    let promised = top.peek(ANSWERS.name);
    let promised = promised.and_then(|item| item.value.as_table());
    for (name, item) in gives.map(|table| table.all()).unwrap_or_default() {
        let twice = promised.and_then(|answers| answers.get_key_value(name));
        if let Some((key, _)) = twice {
            let also = check.place(key.span());
            check
                .fault(
                    Code::GiveTwice,
                    item.key_span(),
                    format!("`{name}` is an answer of the flow and given back, too"),
                )
                .help("what the flow submits stands under `[answers]`, what it gives back under `[gives]`: take two names")
                .also(also, "promised here");
            continue;
        }
        let is_list = item.as_table().and_then(|table| table.peek(MANY));
        if let Some(list) = is_list {
            check
                .fault(
                    Code::ListMisused,
                    list.key_span(),
                    "a list cannot be given back",
                )
                .help("append to the list in the flow that goes through this one");
        }
        let at = promise(name, item, check);
        check.here.gives.extend(Slot::try_from(at));
    }
}

/// Reads `[args]`. A flow that another goes through has them like answers; one that a call comes to is given them with the
/// first request.
pub(super) fn args<'a>(top: &Table<'a>, check: &mut Checker<'a>) {
    let args = top
        .get(ARGS.name)
        .and_then(|item| item.table(check, "`args` must be a table of names and types"));
    for (name, item) in args.map(|table| table.all()).unwrap_or_default() {
        if let Some(help) = why_no_name(name) {
            let message = format!("`{name}` cannot name what a flow is given");
            check
                .fault(Code::NameReserved, item.key_span(), message)
                .help(help);
        }
        arg(name, item, check);
    }
}

fn arg<'a>(name: &str, item: Item<'a>, check: &mut Checker<'a>) {
    // What is faulty can be anything, so that nothing else is blamed for it.
    let Declared {
        kind,
        optional,
        sensitive,
    } = declared(item, check).unwrap_or_else(|| Declared {
        kind: Arc::new(Open),
        optional: false,
        sensitive: false,
    });
    let of = AnswerOf {
        name: check.full_name(&format!("{}.{name}", ARGS.name)),
        kind,
        optional,
        sensitive,
        spoken: Vec::new(),
        entry: Vec::new(),
    };
    let at = if check.is_inner() {
        check.answers.push(of);
        check.answer_places.push(item.key_span());
        check.answers.len() - 1
    } else {
        let at = format!("{ARG}{name}");
        check.call_fields.push(CallField { at, of });
        check.call_places.push(item.key_span());
        check.first_call_field() + check.call_fields.len() - 1
    };
    if let Ok(slot) = Slot::try_from(at) {
        check.here.args.push(Arg {
            name: name.to_owned(),
            slot,
            optional,
        });
    }
    if let Some(table) = item.as_table() {
        spoken_by(at, &table, check);
    }
}

/// A type as answers have it, or text, which nobody enters but a flow can be given.
fn declared(item: Item<'_>, check: &mut Checker<'_>) -> Option<Declared> {
    let text = |optional, sensitive| Declared {
        kind: Arc::new(Plain),
        optional,
        sensitive,
    };
    if item.value.as_str() == Some(TEXT) {
        return Some(text(false, false));
    }
    if let Some(table) = item.as_table()
        && table.get(TEXT).is_some()
    {
        let (optional, sensitive) = (OPTIONAL.read(&table, check), SENSITIVE.read(&table, check));
        table.finish(check, "what a flow is given");
        return Some(text(optional, sensitive));
    }
    let promise = parse_promise(item, check)?;
    Some(Declared {
        kind: promise.kind,
        optional: promise.optional,
        sensitive: promise.sensitive,
    })
}

/// The type of text.
const TEXT: &str = "text";

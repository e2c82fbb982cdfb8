//! What a flow reads of the request that a call begins with: `[call]`.

use std::sync::Arc;

use super::super::answer::{Answer, Open};
use super::super::answers::{is_type, parse_type};
use super::super::call_fields::Plain;
use super::super::expression::built_in;
use super::super::flow::{AnswerOf, CallField};
use super::super::keys::shared::SENSITIVE;
use super::super::keys::top::{CALL_FIELDS, FIELD_AT, TOP_VALUES};
use super::super::read::{Checker, REQUEST, is_key_of_steps, why_no_name};
use super::names::spoken_by;
use crate::written::carrier_fields::{is_known, never_sent};
use crate::written::{Code, Explain, Item, Table};

/// The most fields that a flow can read.
const MAX_FIELDS: usize = 50;
/// The longest name of a field.
const MAX_NAME: usize = 128;

/// A field as it is declared.
struct Declared {
    at: String,
    kind: Arc<dyn Answer>,
    sensitive: bool,
}

/// Reads `[call]`.
pub(super) fn call_fields<'a>(top: &Table<'a>, check: &mut Checker<'a>) {
    let table = top.get(CALL_FIELDS.name).and_then(|item| {
        item.table(
            check,
            "`call` must be a table of fields that the carrier sends",
        )
    });
    for (name, item) in table.map(|table| table.all()).unwrap_or_default() {
        if !is_misplaced(name, item, check) {
            call_field(name, item, check);
        }
    }
    let count = check.call_fields.len();
    if count > MAX_FIELDS {
        let place = check.call_places[MAX_FIELDS].clone();
        let message = format!("`[call]` names {count} fields");
        check
            .fault(Code::NamesTooMany, place, message)
            .help(format!("at most {MAX_FIELDS}"));
    }
}

/// Whether a key belongs above the first header or to a step, which is reported.
fn is_misplaced(name: &str, item: Item<'_>, check: &mut Checker) -> bool {
    let names_field = match (item.value.as_str(), item.as_table()) {
        (Some(text), _) => is_known(text),
        (_, Some(table)) => table.peek(FIELD_AT.name).is_some(),
        _ => false,
    };
    if names_field {
        return false;
    }
    let (is_top, is_step) = (TOP_VALUES.contains(&name), is_key_of_steps(name));
    if is_top {
        check.misplaced(name, item.key_span(), "`[call]`");
    } else if is_step {
        check.misplaced_in_step(name, item.key_span(), "`[call]`");
    }
    is_top || is_step
}

fn call_field<'a>(name: &'a str, item: Item<'a>, check: &mut Checker<'a>) {
    is_free(name, item, check);
    // What is faulty can be anything, so that nothing else is blamed for it.
    let unknown = || Declared {
        at: String::new(),
        kind: Arc::new(Open),
        sensitive: false,
    };
    let Declared {
        at,
        kind,
        sensitive,
    } = declared(name, item, check).unwrap_or_else(unknown);
    let slot = check.first_call_field() + check.call_fields.len();
    let of = AnswerOf {
        name: format!("{}.{name}", CALL_FIELDS.name),
        kind,
        optional: true,
        sensitive,
        spoken: Vec::new(),
        entry: Vec::new(),
    };
    check.call_fields.push(CallField { at, of });
    check.call_places.push(item.key_span());
    if let Some(table) = item.as_table() {
        spoken_by(slot, &table, check);
    }
}

/// Reports a name that means something already, or cannot be one.
fn is_free(name: &str, item: Item<'_>, check: &mut Checker) {
    let help = if matches!(built_in(CALL_FIELDS.name, name), Some(Ok(_))) {
        format!("every call has `call.{name}` already: take another name")
    } else if name == REQUEST {
        "`call.request` is the whole first request: take another name".to_owned()
    } else if let Some(help) = why_no_name(name) {
        help
    } else {
        return;
    };
    let message = format!("`{name}` cannot name a field of the call");
    check
        .fault(Code::NameReserved, item.key_span(), message)
        .help(help);
}

/// Reads what stands behind a name: the carrier's name of the field, or a table with it and a type.
fn declared(name: &str, item: Item<'_>, check: &mut Checker) -> Option<Declared> {
    if item.value.as_str().is_some() {
        let at = carrier_name(name, item, check)?;
        let kind = Arc::new(Plain);
        return Some(Declared {
            at,
            kind,
            sensitive: false,
        });
    }
    let what = format!(
        "`{name}` must be the carrier's name of a field, such as \"CallerCountry\", or a table such as \
         {{ at = \"SipHeader_X-Account\", digits = 8 }}"
    );
    let table = item.table(check, &what)?;
    let at = table.get(FIELD_AT.name);
    let kind = parse_type(&table, check);
    let sensitive = SENSITIVE.read(&table, check);
    table.finish(check, "a field of the call");
    let Some(at) = at else {
        let message = format!("which field `call.{name}` reads is not said");
        check
            .fault(Code::CallFieldMissing, item.key_span(), message)
            .help("add the carrier's name of it: `at = \"SipHeader_X-Account\"`");
        return None;
    };
    let at = carrier_name(name, at, check)?;
    let kind = kind?.unwrap_or_else(|| Arc::new(Plain));
    Some(Declared {
        at,
        kind,
        sensitive,
    })
}

/// The carrier's name of a field.
fn carrier_name(name: &str, item: Item<'_>, check: &mut Checker) -> Option<String> {
    let text = item.text(
        check,
        "the carrier's name of a field must be text, such as \"CallerCountry\"",
    )?;
    if is_type(text) {
        let message = format!("which field `call.{name}` reads is not said: `{text}` is a type");
        check
            .fault(Code::CallFieldMissing, item.span(), message)
            .help(format!(
                "say both: `{name} = {{ at = \"SipHeader_X-…\", {text} = … }}`"
            ));
        return None;
    }
    if !is_field(text) {
        let message = format!("\"{text}\" is no name of a field that a carrier could send");
        check
            .fault(Code::CallFieldMissing, item.span(), message)
            .help("a field is named in letters, digits, `_`, `-` and `.`: \"CallerCountry\", \"SipHeader_X-Account\"");
        return None;
    }
    if let Some(help) = never_sent(text) {
        let message = format!("no call begins with a field `{text}`");
        check
            .fault(Code::CallFieldNotSent, item.span(), message)
            .help(help);
    }
    Some(text.to_owned())
}

fn is_field(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    text.len() <= MAX_NAME
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(legal)
}

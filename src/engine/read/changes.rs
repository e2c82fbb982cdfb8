//! Reads `set`, `append` and `forget`.

use super::super::changes::{Append, Changes, Name, SetTo};
use super::super::ids::Slot;
use super::super::keys::shared::{APPEND, CALL, FORGET, LANGUAGE, SET};
use super::super::template::Template;
use super::super::value::Value;
use super::Checker;
use super::types::{Given, Receiver};
use crate::written::{Code, Explain, Item, NOTE, Table};

impl Changes {
    /// Reads what a name is set to.
    pub(in crate::engine) fn set_to(&mut self, slot: Slot, value: Item<'_>, check: &mut Checker) {
        let source = SetTo::parse(value, check);
        let given = source.as_ref().map_or(Given::Unknown, SetTo::given);
        check.sets(Receiver::Slot(slot), given, value.span());
        if let Some(source) = source {
            check.fits(slot, source.literal().as_ref(), value.span());
            self.set.push((Name::Slot(slot), source));
        }
    }

    /// Reads `set`, `append` and `forget` of a table.
    pub fn parse(table: &Table<'_>, check: &mut Checker) -> Self {
        let append = table.get(APPEND.name);
        Self {
            append: append.and_then(|item| parse_append(item, check)),
            ..Self::without_append(table, check)
        }
    }

    /// Reads `set` and `forget` of a table.
    pub fn without_append(table: &Table<'_>, check: &mut Checker) -> Self {
        let mut changes = Self::default();
        if let Some(item) = table.get(SET.name) {
            parse_set(&mut changes, item, check);
        }
        if let Some(item) = table.get(FORGET.name) {
            parse_forget(&mut changes, item, check);
        }
        changes
    }
}

fn parse_set(changes: &mut Changes, item: Item<'_>, check: &mut Checker) {
    let Some(table) = item.table(check, "`set` must be a table of names and values") else {
        return;
    };
    for (name, value) in table.all() {
        if name == CALL.name {
            parse_call(changes, value, check);
            continue;
        }
        let Some(slot) = check.settable(name, value.key_span()) else {
            continue;
        };
        check.used.set.entry(slot).or_insert(value.key_span());
        if check.is_list(slot) {
            let message = format!("`{name}` is a list, which cannot be set");
            check
                .fault(Code::ListMisused, value.key_span(), message)
                .help(format!(
                    "`append = \"{name}\"` adds an entry, `forget` empties it"
                ));
            continue;
        }
        if check.recording(slot).is_some() {
            let message = format!("`{name}` is a recording, which cannot be set");
            check
                .fault(Code::RecordingMisused, value.key_span(), message)
                .help(format!(
                    "`record` with `into = \"{name}\"` fills it, `forget` unsets it"
                ));
            continue;
        }
        changes.set_to(slot, value, check);
    }
}

/// `call.language` is the one fact of a call that a flow may set.
fn parse_call(changes: &mut Changes, item: Item<'_>, check: &mut Checker) {
    let Some(table) = item.table(
        check,
        "`call` must be a table, and only `call.language` can be set in it",
    ) else {
        return;
    };
    if let Some(value) = table.get(LANGUAGE.name)
        && let Some(source) = SetTo::parse(value, check)
    {
        match source.literal() {
            Some(Value::Text(tag)) => {
                let place = check.language(&tag, value.span());
                check.used.languages.extend(place);
            }
            Some(_) => {
                let what = "`call.language` must be a language in quotes, such as \"en-GB\"";
                value.wrong(check, what);
            }
            None => {
                check.used.any_language = true;
                check.sets(Receiver::Language, source.given(), value.span());
            }
        }
        changes.set.push((Name::Language, source));
    }
    // Not one for people: whoever writes it here means to set something.
    if let Some(note) = table.peek(NOTE) {
        let message = "`call.note` cannot be set";
        check
            .fault(Code::KeyUnknown, note.key_span(), message)
            .help(
                "only `call.language` can be set of a call; without `call.`, `note` is a variable",
            );
    }
    table.finish(check, "`call`, where it is set,");
}

fn parse_append(item: Item<'_>, check: &mut Checker) -> Option<Append> {
    let name = item.text(check, "`append` must be the name of a list")?;
    let slot = check.known_slot(name, item.span())?;
    let answer = check.answers.get(usize::from(slot));
    // A faulty promise has been reported already.
    if check.here.promised && answer.is_some_and(|answer| answer.kind.is_open()) {
        return None;
    }
    let Some((answer, (_, most))) = answer.and_then(|answer| Some((answer, answer.count()?)))
    else {
        let lists = check
            .answers
            .iter()
            .filter(|answer| answer.count().is_some());
        let lists: Vec<String> = lists.map(|list| format!("`{}`", list.name)).collect();
        let help = match lists.as_slice() {
            [] => format!(
                "promise a list under `[answers]`: `… = {{ list = [\"{name}\"], count = [1, 9] }}`"
            ),
            lists => format!("the lists of this flow: {}", lists.join(", ")),
        };
        let message = format!("`{name}` is no list, so nothing can be appended to it");
        check
            .fault(Code::ListMisused, item.span(), message)
            .help(help);
        return None;
    };
    let names = answer.entry.clone();
    check.used.set.entry(slot).or_insert(item.span());
    check.used.read.extend(&names);
    Some(Append {
        list: slot,
        names,
        most,
        at: item.span(),
    })
}

fn parse_forget(changes: &mut Changes, item: Item<'_>, check: &mut Checker) {
    for (name, span) in item.texts(check, "`forget` must be a list of names") {
        changes.forget.extend(check.known_slot(name, span));
    }
}

impl SetTo {
    /// What it is, for the check of types.
    fn given(&self) -> Given {
        match (self, self.literal()) {
            (_, Some(value)) => Given::Value(value),
            (Self::Text(template), None) => Given::of(template),
            (Self::Value(_) | Self::Same(..), None) => Given::Unknown,
        }
    }

    fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        use toml::de::DeValue;
        match item.value {
            DeValue::String(text) => Template::told(text, item.span(), check).map(Self::Text),
            DeValue::Integer(_) => item
                .as_integer()
                .map(|number| Self::Value(Value::Integer(number))),
            DeValue::Float(number) => number
                .as_str()
                .parse()
                .ok()
                .map(|number| Self::Value(Value::Number(number))),
            DeValue::Boolean(yes) => Some(Self::Value(Value::Boolean(*yes))),
            _ => {
                item.wrong(check, "a value must be text, a number, true or false");
                None
            }
        }
    }
}

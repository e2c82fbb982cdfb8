//! The names of a flow: its answers, promised or asked for, and the variables that it sets.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::super::answer::Open;
use super::super::answers::{self, is_type, parse_promise, parse_type};
use super::super::flow::AnswerOf;
use super::super::ids::Slot;
use super::super::keys::shared::{INTO, SENSITIVE, SET};
use super::super::keys::top::{ANSWERS, META, TOP_VALUES};
use super::super::prompt::Prompt;
use super::super::read::{Checker, is_key_of_steps, why_no_name};
use super::super::steps::goes_through;
use super::interface::gives;
use crate::written::{Code, Explain, Item, Table};

const OPTIONAL_NAME: &str = "optional";
/// The type of an answer that is many.
pub(super) const MANY: &str = "list";

/// The most answers and variables of a flow.
const MAX_NAMES: usize = 2000;

/// The promised answers; without `[answers]`, every `into` is an optional answer of the type on its step.
pub(super) fn answers<'a>(top: &Table<'a>, steps: &[(&str, Item<'a>)], check: &mut Checker<'a>) {
    let promises = top
        .get(ANSWERS.name)
        .and_then(|item| item.table(check, "`answers` must be a table"));
    check.here.promised = promises.is_some();
    let mut written: Vec<(usize, Item<'a>)> = Vec::new();
    for (name, item) in promises.map(|table| table.all()).unwrap_or_default() {
        let is_promise = item.value.as_table().is_some_and(|table| {
            let mut keys = table.keys().map(|key| key.get_ref().as_ref());
            table.is_empty()
                || keys
                    .any(|key| is_type(key) || [OPTIONAL_NAME, SENSITIVE.key.name].contains(&key))
        });
        let is_type = is_promise || item.value.as_str().is_some_and(is_type);
        if TOP_VALUES.contains(&name) && !is_type {
            check.misplaced(name, item.key_span(), "`[answers]`");
            continue;
        }
        if is_key_of_steps(name) && !is_type {
            check.misplaced_in_step(name, item.key_span(), "`[answers]`");
            continue;
        }
        let at = promise(name, item, check);
        let names = item.as_table().and_then(|table| table.peek(MANY));
        written.extend(names.map(|names| (at, names)));
    }
    gives(top, check);
    for (list, names) in written {
        check.answers[list].entry = entry(list, names, check);
    }
    for (_, item) in steps {
        asked(*item, check);
    }
}

/// Reads what is promised of an answer; its place.
pub(super) fn promise<'a>(name: &str, item: Item<'a>, check: &mut Checker<'a>) -> usize {
    answer_name(name, item.key_span(), check);
    let promise = parse_promise(item, check);
    let (optional, sensitive) = promise
        .as_ref()
        .map_or((true, false), |p| (p.optional, p.sensitive));
    let kind = promise.map_or_else(|| Arc::new(Open) as _, |promise| promise.kind);
    let at = item.key_span();
    check.answers.push(AnswerOf {
        name: check.full_name(name),
        kind,
        optional,
        sensitive,
        spoken: Vec::new(),
        entry: Vec::new(),
    });
    check.answer_places.push(at);
    let at = check.answers.len() - 1;
    if let Some(table) = item.as_table() {
        spoken_by(at, &table, check);
    }
    at
}

/// The names of a list's entries: answers that are promised, and no lists.
fn entry(list: usize, item: Item<'_>, check: &mut Checker) -> Vec<Slot> {
    let names = item.texts(check, "`list` must be a list of names of answers");
    if names.is_empty() {
        let message = "this list has no names, so that its entries would be empty";
        check
            .fault(Code::ListMisused, item.span(), message)
            .help("write the answers of an entry: `list = [\"rx\"]`");
    }
    let mut slots = Vec::new();
    for (name, span) in names {
        let Some(slot) = check.promised_slot(name, span.clone()) else {
            continue;
        };
        let message = if check.is_list(slot) {
            format!("`{name}` is a list itself, and an entry holds none")
        } else if slots.contains(&slot) {
            format!("`{name}` stands here twice")
        } else if let Some(other) = check.list_of(slot) {
            format!("`{name}` is sent in the entries of `{other}` already")
        } else {
            slots.push(slot);
            continue;
        };
        let own = check.answers[list].name.clone();
        check.fault(Code::ListMisused, span, message).help(format!(
            "each answer of `{own}` is one of its own, promised under `[answers]`"
        ));
    }
    slots
}

/// A list with a sensitive answer is sensitive, and so is each answer of a list that is.
pub(super) fn keep_secrets(check: &mut Checker) {
    for list in 0..check.answers.len() {
        let entry: Vec<usize> = check.answers[list]
            .entry
            .iter()
            .copied()
            .map(usize::from)
            .collect();
        if check.answers[list].sensitive {
            for at in &entry {
                check.answers[*at].sensitive = true;
            }
        }
        check.answers[list].sensitive |= entry.iter().any(|at| check.answers[*at].sensitive);
    }
}

/// An answer that a step asks for: sensitive where any step says so, and declared here where nothing is promised.
fn asked<'a>(item: Item<'a>, check: &mut Checker<'a>) {
    let Some(fields) = item.value.as_table() else {
        return;
    };
    filled(fields, check);
    let Some((name, at)) = fields
        .get(INTO.name)
        .and_then(|into| Some((into.get_ref().as_str()?, into.span())))
    else {
        return;
    };
    let sensitive = fields
        .get(SENSITIVE.key.name)
        .and_then(|value| value.get_ref().as_bool())
        == Some(true);
    let mut slot = place_of(name, check);
    if slot.is_none() && !check.here.promised {
        slot = Some(unpromised(name, at, check));
        check.answers.last_mut().expect("it was added").sensitive = sensitive;
    }
    let Some(slot) = slot else { return };
    check.answers[slot].sensitive |= sensitive;
    // The type is read before any step is, so that a value set above its question is checked as well as one below.
    if !check.here.promised
        && check.answers[slot].kind.is_open()
        && fields.get("ask").is_some()
        && let Some(Some(kind)) = parse_type(&Table::new(fields, item.span()), check)
    {
        check.answers[slot].kind = kind;
        spoken_by(slot, &Table::new(fields, item.span()), check);
    }
}

/// The answers that a step fills from a flow that it goes through, where nothing is promised.
fn filled(fields: &DeTable<'_>, check: &mut Checker<'_>) {
    if check.here.promised || goes_through(fields).is_none() {
        return;
    }
    let into = fields.get(INTO.name);
    let into = into.and_then(|into| into.get_ref().as_table());
    for name in into.into_iter().flat_map(DeTable::keys) {
        if place_of(name.get_ref(), check).is_none() {
            unpromised(name.get_ref(), name.span(), check);
        }
    }
}

fn place_of(name: &str, check: &Checker<'_>) -> Option<usize> {
    let mut own = check.own_answers();
    own.find(|(_, own)| *own == name).map(|(at, _)| at)
}

/// Adds an answer that nobody has promised; its place.
fn unpromised(name: &str, at: Range<usize>, check: &mut Checker<'_>) -> usize {
    answer_name(name, at.clone(), check);
    check.answers.push(AnswerOf {
        name: check.full_name(name),
        kind: Arc::new(Open),
        optional: true,
        sensitive: false,
        spoken: Vec::new(),
        entry: Vec::new(),
    });
    check.answer_places.push(at);
    check.answers.len() - 1
}

/// Notes the prompts by which the values of a slot are spoken, to be read when all names are known.
pub(super) fn spoken_by<'a>(at: usize, table: &Table<'a>, check: &mut Checker<'a>) {
    let all = answers::spoken_by(table).into_iter();
    check
        .here
        .spoken_by
        .extend(all.map(|(value, prompt)| (at, value, prompt)));
}

fn answer_name(name: &str, at: Range<usize>, check: &mut Checker) {
    if let Some(help) = why_no_name(name) {
        let message = format!("`{name}` cannot name an answer");
        check.fault(Code::NameReserved, at, message).help(help);
    }
}

/// Every name that some `set` of a file makes, wherever it stands.
pub(super) fn variables(document: &DeTable<'_>, check: &mut Checker) {
    let mut names = BTreeSet::new();
    let own = document
        .iter()
        .filter(|(name, _)| name.get_ref() != META.name);
    let mut open: Vec<&DeValue<'_>> = own.map(|(_, value)| value.get_ref()).collect();
    while let Some(value) = open.pop() {
        match value {
            DeValue::Array(array) => open.extend(array.iter().map(toml::Spanned::get_ref)),
            DeValue::Table(table) => {
                let set = table
                    .get(SET.name)
                    .and_then(|value| value.get_ref().as_table());
                for (name, value) in set.into_iter().flatten() {
                    let name = name.get_ref().to_string();
                    if let Some(text) = value.get_ref().as_str() {
                        let words = &mut check.here.words;
                        words.entry(text.to_owned()).or_insert_with(|| name.clone());
                    }
                    names.insert(name);
                }
                open.extend(table.values().map(toml::Spanned::get_ref));
            }
            _ => {}
        }
    }
    names.remove("call");
    for (_, answer) in check.own_answers() {
        names.remove(answer);
    }
    let names = names.into_iter().map(|name| check.full_name(&name));
    let names: Vec<String> = names.collect();
    check.variables.extend(names);
}

/// Whether the names are few enough to go on.
pub(super) fn few_names(check: &mut Checker) -> bool {
    let count = check.answers.len() + check.variables.len();
    if count > MAX_NAMES {
        check
            .fault(
                Code::NamesTooMany,
                0..0,
                format!("this flow has {count} answers and variables"),
            )
            .help(format!("at most {MAX_NAMES}"));
    }
    count <= MAX_NAMES
}

/// Values that have words of their own, by the names that hold them.
pub(super) type Words = Vec<(usize, String)>;

/// Reads the prompts by which a file says that values are spoken.
pub(super) fn spoken(written: Vec<(usize, String, Item<'_>)>, check: &mut Checker) -> Words {
    for (slot, value, item) in &written {
        let prompt = Prompt::parse(*item, check);
        let slot = Slot::try_from(*slot).ok();
        let of = slot.and_then(|slot| check.declared_mut(slot));
        if let Some((of, prompt)) = of.zip(prompt) {
            of.spoken.push((value.clone(), prompt));
        }
    }
    let words = written.into_iter();
    words.map(|(slot, value, _)| (slot, value)).collect()
}

/// Speaks what has no words of its own by ours, and reports what neither has.
pub(super) fn spoken_otherwise(words: &Words, check: &mut Checker) {
    let has_words = |slot: Slot, value: &String| {
        let mut all = words.iter();
        all.any(|(of, other)| *of == usize::from(slot) && other == value)
    };
    let said: Vec<Slot> = check.said.iter().copied().collect();
    for slot in said {
        own_spoken(slot, check);
        wordless(slot, &has_words, check);
    }
}

/// Speaks those values of a name that have no words, and for which Hookswitch has some, by these.
fn own_spoken(slot: Slot, check: &mut Checker) {
    let Some(of) = check.declared(slot) else {
        return;
    };
    let is_wordless = |value: &String| !of.spoken.iter().any(|(other, _)| other == value);
    let own: Vec<(String, &str)> = of
        .kind
        .values()
        .into_iter()
        .filter(is_wordless)
        .filter_map(|value| {
            let id = of.kind.own_prompt(&value)?;
            Some((value, id))
        })
        .collect();
    for (value, id) in own {
        let prompt = check.prompt(id, 0..0);
        if let Some((of, prompt)) = check.declared_mut(slot).zip(prompt) {
            of.spoken.push((value, prompt));
        }
    }
}

/// Warns about values that are spoken as they are written, whatever the language.
fn wordless(slot: Slot, has_words: &dyn Fn(Slot, &String) -> bool, check: &mut Checker) {
    let Some(of) = check.declared(slot) else {
        return;
    };
    let is_word = |value: &String| {
        value.chars().any(char::is_alphabetic) && of.kind.own_prompt(value).is_none()
    };
    let mut values = of.kind.values().into_iter().filter(is_word);
    let Some(value) = values.find(|value| !has_words(slot, value)) else {
        return;
    };
    if check.languages.len() == 1 {
        return;
    }
    let name = &of.name;
    let message = format!(
        "`{name}` is spoken as it is written in every language of the flow, such as \"{value}\""
    );
    let values = of.kind.values();
    let prompts: Vec<String> = values
        .iter()
        .map(|value| format!("{name}.{value}"))
        .collect();
    let help = if prompts.iter().all(|id| check.has_own_prompt(id)) {
        let spoken = values.iter().zip(&prompts);
        let spoken: Vec<String> = spoken
            .map(|(value, id)| format!("{value} = \"@{id}\""))
            .collect();
        format!(
            "name the prompts of its values: `{name} = {{ one_of = {{ {} }} }}`",
            spoken.join(", ")
        )
    } else {
        format!(
            "say what is heard for each value: `{name} = {{ one_of = {{ {value} = \"@…\" }} }}`"
        )
    };
    // Nothing says them as long as the answer does not name them.
    check.here.meant_for_values.extend(prompts);
    let place = check.declared_at(slot);
    check.fault(Code::ValueWordless, place, message).help(help);
}

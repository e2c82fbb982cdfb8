//! From what was written to a checked flow: every fault at once, never just the first.

use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::super::answers::{Open, parse_promise};
use super::super::call::StepId;
use super::super::diag::{Diag, Severity, nearest};
use super::super::question::Key;
use super::super::step::{Step, Target};
use super::super::steps;
use super::bundle::Bundle;
use super::check::{BUILT_IN, Checker, is_name, is_segment};
use super::written::{Item, Table};
use super::{AnswerOf, Flow, Language, StepOf};

/// What keys of `[anywhere]` are made of: `#` ends an entry and cannot be one.
const ANYWHERE: &str = "0123456789*";
/// The most steps of a flow.
const MAX_STEPS: usize = 10_000;
/// The longest flow file, in bytes.
pub const MAX_SOURCE: usize = 5 * 1024 * 1024;
/// Keys that stand at the top of a flow.
const TOP: [&str; 12] = [
    "title",
    "numbers",
    "language",
    "voice",
    "start",
    "give_up",
    "languages",
    "answers",
    "steps",
    "on",
    "anywhere",
    "prompts",
];

/// A flow that can go into service.
#[derive(Debug)]
pub struct Loaded {
    /// The flow.
    pub flow: Flow,
    /// What it was made of, and nothing else: compiled again, it gives the same flow.
    pub bundle: Bundle,
    /// What somebody should look at.
    pub warnings: Vec<Diag>,
}

/// Checks a flow.
///
/// # Errors
/// All faults, and the warnings beside them, in the order of the files.
pub fn load(bundle: &Bundle) -> Result<Loaded, Vec<Diag>> {
    let (document, errors) = match bundle.source.len() {
        0..=MAX_SOURCE => DeTable::parse_recoverable(&bundle.source),
        _ => DeTable::parse_recoverable(""),
    };
    let mut check = Checker::new(bundle);
    if bundle.source.len() > MAX_SOURCE {
        check.error("flow-too-large", 0..0, format!("this file has {} bytes", bundle.source.len())).help =
            Some(format!("at most {MAX_SOURCE}"));
        return Err(check.diags);
    }
    for error in &errors {
        syntax(error, &bundle.source, &mut check);
    }
    if !errors.is_empty() {
        return Err(check.diags);
    }
    let flow = parse(document.get_ref(), document.span(), &mut check);
    check.diags.sort_by_key(|diag| (diag.at.file != bundle.file, diag.at.span.start));
    check.diags.dedup();
    let faulty = check.diags.iter().any(|diag| diag.severity == Severity::Error);
    match flow.filter(|_| !faulty) {
        Some(mut flow) => {
            let narrowed = bundle.narrowed(&check.used);
            flow.name.clone_from(&bundle.name);
            flow.fingerprint = narrowed.fingerprint();
            Ok(Loaded { flow, bundle: narrowed, warnings: check.diags })
        }
        None => Err(check.diags),
    }
}

/// TOML's own faults, with words of their own for its traps.
fn syntax(error: &toml::de::Error, source: &str, check: &mut Checker) {
    let span = error.span().unwrap_or(0..0);
    let start = source[..span.start.min(source.len())].rfind('\n').map_or(0, |at| at + 1);
    let line = source[start..].lines().next().unwrap_or_default();
    let message = error.message().lines().next().unwrap_or("this is not TOML").to_owned();
    let help = if line.contains(".#") || line.trim_start().starts_with('#') {
        Some("`#` begins a comment: quote the key, as in `keys.\"#\" = …`")
    } else if line.contains(".*") || line.trim_start().starts_with('*') {
        Some("quote the key, as in `keys.\"*\" = …`")
    } else if message.contains("duplicate") || message.contains("extend") || message.contains("dotted") {
        Some(
            "a key has one value: `keys.1 = \"a\"` and `keys.1.set = …` belong into `keys.1 = { next = \"a\", set = … }`",
        )
    } else if line.contains('=') && !line.contains(['"', '\'', '[', '{']) {
        Some("text stands in quotes: `next = \"hour\"`")
    } else {
        None
    };
    check.error("toml-syntax", span, message).help = help.map(str::to_owned);
}

fn parse<'a>(document: &'a DeTable<'a>, span: Range<usize>, check: &mut Checker<'a>) -> Option<Flow> {
    let top = Table::new(document, span);
    let title = top.get("title").and_then(|item| item.text(check, "`title` is text")).unwrap_or_default();
    languages(&top, check);
    let numbers = numbers(&top, check);
    let steps = top.get("steps").and_then(|item| item.table(check, "`steps` is a table of steps"));
    let Some(steps) = steps.filter(|steps| !steps.is_empty()) else {
        check.error("flow-no-steps", 0..0, "this flow has no steps").help =
            Some("begin with `[steps.welcome]` and `say = \"…\"`".to_owned());
        return None;
    };
    let steps = step_names(&steps, check);
    own_prompts(&top, check);
    answers(&top, &steps, check);
    variables(document, check);
    let anywhere = top.get("anywhere").and_then(|item| item.table(check, "`anywhere` is a table of keys"));
    let anywhere = anywhere.map(|keys| Key::parse_all(&keys, check, ANYWHERE)).unwrap_or_default();
    clash(&anywhere, check);
    let parsed: Vec<Option<StepOf>> = steps.iter().map(|(name, item)| step(name, *item, check)).collect();
    let start = top.get("start").map_or(Some(0), |item| step_id(item, check));
    let give_up = top.get("give_up").and_then(|item| check.target(item));
    let (on_hangup, on_error) = events(&top, check);
    spoken(check);
    top.finish(check, "a flow");
    misplaced(&steps, check);
    let flow = Flow {
        name: String::new(),
        title: title.to_owned(),
        fingerprint: super::Fingerprint(0),
        numbers,
        languages: check.languages.clone(),
        start: start?,
        give_up,
        on_hangup,
        on_error,
        anywhere,
        names: check.answers.iter().map(|answer| answer.name.clone()).chain(check.variables.iter().cloned()).collect(),
        answers: std::mem::take(&mut check.answers),
        steps: parsed.into_iter().collect::<Option<_>>()?,
    };
    hangup_needs_nobody(&flow, &steps, check);
    Some(flow)
}

fn languages(top: &Table<'_>, check: &mut Checker) {
    let text = |key: &str, check: &mut Checker| {
        top.get(key).and_then(|item| item.text(check, &format!("`{key}` is text"))).map(Arc::<str>::from)
    };
    let tag = text("language", check).unwrap_or_else(|| "en-US".into());
    let voice = text("voice", check);
    check.languages.push(Language { tag, voice });
    let Some(others) = top.get("languages").and_then(|item| item.table(check, "`languages` is a table")) else {
        return;
    };
    for (tag, item) in others.all() {
        let Some(table) = item.table(check, "a language is a table: `{ voice = \"…\" }`") else { continue };
        let voice = table.get("voice").and_then(|item| item.text(check, "`voice` is text")).map(Arc::<str>::from);
        table.finish(check, "a language");
        match check.languages.iter_mut().find(|language| *language.tag == *tag) {
            Some(first) => first.voice = voice.or(first.voice.take()),
            None => check.languages.push(Language { tag: tag.into(), voice }),
        }
    }
    if check.languages.len() > usize::from(u8::MAX) {
        check.error("languages-too-many", 0..0, "a flow speaks at most 255 languages");
    }
}

fn numbers(top: &Table<'_>, check: &mut Checker) -> Vec<String> {
    let Some(item) = top.get("numbers") else { return Vec::new() };
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    let mut numbers = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(text) = entry.text(check, "a number is text: \"+442079460123\"") else { continue };
        let digits = text.strip_prefix('+').unwrap_or_default();
        if !(2..=15).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            check.error("number-not-e164", entry.span(), format!("`{text}` is not a number")).help =
                Some("write it as \"+\", country code and number, no spaces: \"+442079460123\"".to_owned());
        }
        numbers.push(text.to_owned());
    }
    numbers
}

fn step_names<'a>(steps: &Table<'a>, check: &mut Checker) -> Vec<(&'a str, Item<'a>)> {
    let steps = steps.all();
    for (name, item) in &steps {
        let legal = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
        if !legal || BUILT_IN.contains(name) {
            check.error("step-name", item.key_span(), format!("`{name}` cannot name a step")).help = Some(
                "small letters, digits, `_` and `-`, a letter first; `hangup`, `repeat` and `back` are built in"
                    .to_owned(),
            );
        }
    }
    if steps.len() > MAX_STEPS {
        check.error("steps-too-many", 0..0, format!("this flow has {} steps", steps.len())).help =
            Some(format!("at most {MAX_STEPS}"));
    }
    check.steps = steps.iter().map(|(name, _)| (*name).to_owned()).collect();
    steps
}

/// The flow's own prompts by id: a table of anything but languages nests, so `a.b = …` is the prompt `a.b`.
fn own_prompts<'a>(top: &Table<'a>, check: &mut Checker<'a>) {
    let Some(prompts) = top.get("prompts").and_then(|item| item.table(check, "`prompts` is a table")) else { return };
    let mut open: Vec<(String, Item<'a>)> = Vec::new();
    open.extend(prompts.all().into_iter().map(|(name, item)| (name.to_owned(), item)));
    while let Some((id, item)) = open.pop() {
        let nested = item.value.as_table().filter(|table| !is_segment(table));
        let by_language = |table: &DeTable<'_>| {
            let speaks = |tag: &str| check.languages.iter().any(|language| *language.tag == *tag);
            !table.is_empty() && table.keys().all(|key| speaks(key.get_ref()))
        };
        match nested {
            Some(table) if !by_language(table) && table.values().all(|value| value.get_ref().is_table()) => {
                let inner = Table::new(table, item.span()).all();
                open.extend(inner.into_iter().map(|(name, item)| (format!("{id}.{name}"), item)));
            }
            Some(table) => {
                for (tag, words) in Table::new(table, item.span()).all() {
                    check.language(tag, words.key_span());
                }
                check.prompts.push((id, item));
            }
            None => check.prompts.push((id, item)),
        }
    }
}

/// The promised answers; without `[answers]`, every `into` is an optional answer of the type on its step.
fn answers(top: &Table<'_>, steps: &[(&str, Item<'_>)], check: &mut Checker) {
    if let Some(table) = top.get("answers").and_then(|item| item.table(check, "`answers` is a table")) {
        check.promised = true;
        for (name, item) in table.all() {
            if !is_name(name) || ["call", "now", "hours", "result"].contains(&name) {
                check.error("name-reserved", item.key_span(), format!("`{name}` cannot name an answer")).help =
                    Some("small letters, digits and `_`, a letter first".to_owned());
            }
            let promise = parse_promise(item, check);
            let (optional, sensitive) = promise.as_ref().map_or((true, false), |p| (p.optional, p.sensitive));
            let kind = promise.map_or_else(|| Arc::new(Open) as _, |promise| promise.kind);
            check.answers.push(AnswerOf { name: name.to_owned(), kind, optional, sensitive, spoken: Vec::new() });
        }
        return;
    }
    for (_, item) in steps {
        let Some(table) = item.value.as_table() else { continue };
        let Some(name) = table.get("into").and_then(|value| value.get_ref().as_str()) else { continue };
        let sensitive = table.get("sensitive").and_then(|value| value.get_ref().as_bool()) == Some(true);
        match check.answers.iter_mut().find(|answer| answer.name == name) {
            Some(answer) => answer.sensitive |= sensitive,
            None => check.answers.push(AnswerOf {
                name: name.to_owned(),
                kind: Arc::new(Open),
                optional: true,
                sensitive,
                spoken: Vec::new(),
            }),
        }
    }
}

/// Every name that some `set` makes, wherever it stands.
fn variables(document: &DeTable<'_>, check: &mut Checker) {
    let mut open: Vec<&DeValue<'_>> = document.values().map(toml::Spanned::get_ref).collect();
    while let Some(value) = open.pop() {
        match value {
            DeValue::Array(array) => open.extend(array.iter().map(toml::Spanned::get_ref)),
            DeValue::Table(table) => {
                if let Some(set) = table.get("set").and_then(|value| value.get_ref().as_table()) {
                    for name in set.keys().map(|key| key.get_ref().as_ref()) {
                        let known = name == "call"
                            || check.answers.iter().any(|answer| answer.name == name)
                            || check.variables.iter().any(|variable| variable == name);
                        if !known {
                            check.variables.push(name.to_owned());
                        }
                    }
                }
                open.extend(table.values().map(toml::Spanned::get_ref));
            }
            _ => {}
        }
    }
    check.variables.sort();
}

fn clash(anywhere: &[Key], check: &mut Checker) {
    if anywhere.iter().any(|key| key.value.is_some()) {
        check.error("anywhere-value", 0..0, "a key of `[anywhere]` stores nothing").help =
            Some("leave `value` out there; use `set`".to_owned());
    }
}

fn step(name: &str, item: Item<'_>, check: &mut Checker) -> Option<StepOf> {
    let table = item.table(check, "a step is a table")?;
    let action = action(name, &table, check);
    let action = action.and_then(|(kind, value)| {
        let value = table.get(kind.name).unwrap_or(value);
        let before = check.diags.len();
        let step = (kind.parse)(value, &table, check);
        debug_assert!(step.is_some() || check.diags.len() > before, "a refused step says why");
        (check.diags.len() == before || step.is_some()).then_some(step)?
    });
    // A step whose action is not known is not told of its other keys: they belong to whatever was meant.
    let action: Box<dyn Step> = action?;
    table.finish(check, &format!("the step `{name}`"));
    Some(StepOf { name: name.to_owned(), action })
}

fn action<'a>(
    name: &str,
    table: &Table<'a>,
    check: &mut Checker,
) -> Option<(&'static super::super::step::Kind, Item<'a>)> {
    let named: Vec<_> = steps::KINDS.iter().filter_map(|kind| Some((kind, table.peek(kind.name)?))).collect();
    let main: Vec<_> = named.iter().filter(|(kind, _)| !steps::QUALIFIERS.contains(&kind.name)).collect();
    match (main.as_slice(), named.as_slice()) {
        ([one], _) => return Some(**one),
        ([(first, _), (second, item), ..], _) => {
            let message = format!("the step `{name}` has two actions, `{}` and `{}`", first.name, second.name);
            check.error("step-two-actions", item.key_span(), message).help =
                Some("make two steps of it, one leading to the other by `next`".to_owned());
        }
        ([], [one, ..]) => return Some(*one),
        ([], []) => no_action(name, table, check),
    }
    None
}

fn no_action(name: &str, table: &Table<'_>, check: &mut Checker) {
    let later = steps::LATER.iter().find_map(|later| Some((later, table.peek(later)?)));
    if let Some((later, item)) = later {
        check.error("action-not-yet", item.key_span(), format!("the action `{later}` is not there yet"));
        return;
    }
    let known: Vec<_> = steps::KINDS.iter().map(|kind| kind.name).collect();
    let keys: Vec<_> = table.all();
    let near = keys.iter().find_map(|(key, item)| Some((*item, nearest(key, known.iter().copied())?)));
    match near {
        Some((item, near)) => {
            check.error("step-no-action", item.key_span(), format!("the step `{name}` has no action")).help =
                Some(format!("did you mean `{near}`?"));
        }
        None => {
            check.error("step-no-action", table.span(), format!("the step `{name}` has no action")).help =
                Some(format!("add one of {}", known.join(", ")));
        }
    }
}

fn step_id(item: Item<'_>, check: &mut Checker) -> Option<StepId> {
    match check.target(item)? {
        Target::Step(step) => Some(step),
        _ => {
            check.error("target-not-a-step", item.span(), "this must be a step of the flow");
            None
        }
    }
}

fn events(top: &Table<'_>, check: &mut Checker) -> (Option<StepId>, Option<StepId>) {
    let Some(on) = top.get("on").and_then(|item| item.table(check, "`on` is a table")) else { return (None, None) };
    let hangup = on.get("hangup").and_then(|item| step_id(item, check));
    let error = on.get("error").and_then(|item| step_id(item, check));
    on.finish(check, "`[on]`");
    (hangup, error)
}

/// Prompts by which an answer's values are spoken.
fn spoken(check: &mut Checker) {
    for at in 0..check.answers.len() {
        let name = check.answers[at].name.clone();
        for value in check.answers[at].kind.values() {
            let id = format!("{name}.{value}");
            if check.has_prompt(&id)
                && let Some(prompt) = check.prompt(&id, 0..0)
            {
                check.answers[at].spoken.push((value, prompt));
            }
        }
    }
}

/// A key of the flow that slid below a `[table]` is unknown there; say where it belongs.
fn misplaced(steps: &[(&str, Item<'_>)], check: &mut Checker) {
    let _ = steps;
    for diag in &mut check.diags {
        let top =
            TOP.iter().find(|key| diag.code == "key-unknown" && diag.message.ends_with(&format!(" no key `{key}`")));
        if let Some(key) = top {
            diag.help = Some(format!("`{key}` belongs to the flow: write it above the first `[table]`"));
        }
    }
}

/// What `[on] hangup` leads to at once must not need a caller.
fn hangup_needs_nobody(flow: &Flow, steps: &[(&str, Item<'_>)], check: &mut Checker) {
    let Some(step) = flow.on_hangup else { return };
    if flow.step(step).action.needs_caller() {
        let (name, item) = steps[usize::from(step)];
        check
            .error("hangup-needs-caller", item.key_span(), format!("`{name}` needs a caller, who has left then"))
            .help = Some("lead `[on] hangup` to `submit`, `set`, `forget` or `branch`".to_owned());
    }
}

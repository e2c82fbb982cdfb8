//! From what was written to a checked flow: every fault at once, never just the first.

use std::ops::Range;
use std::sync::Arc;

use toml::de::DeTable;

use super::super::diag::{Diag, Severity, nearest};
use super::super::edge::Target;
use super::super::ids::StepId;
use super::super::question::{Key, run};
use super::super::schema::demands::{
    CALL_COST, FIRST_KEY, LONGEST_CALL, MENU_OPTIONS, PROMPT_WORDS, REACHABLE, TYPICAL_CALL,
    WITHIN_TURNS,
};
use super::super::schema::top::{
    ANYWHERE, CHECK, GIVE_UP, LANGUAGE, LANGUAGES, NUMBERS, ON, ON_ERROR, ON_HANGUP, START, STEPS,
    TITLE, VOICE,
};
use super::super::steps;
use super::bundle::Bundle;
use super::check::{BUILT_IN, Checker, TOP_VALUES};
use super::names::{answers, spoken, variables};
use super::written::{Item, Table};
use super::{Demands, Flow, Language, Places, StepOf};
use crate::written::diag::bounded;
use crate::written::number::{is_e164, is_sip_address};
use crate::written::{Code, Explain, MAX_SOURCE, syntax};

/// What keys of `[anywhere]` are made of: `#` ends an entry and cannot be one.
const ANYWHERE_KEYS: &str = "0123456789*";
/// The most steps of a flow.
const MAX_STEPS: usize = 10_000;
/// Faults that are wrong in themselves, whatever else a line that cannot be read would have said.
const SURE: [Code; 20] = [
    Code::ActionNotYet,
    Code::AnswerTypeNotYet,
    Code::AnswerTypeUnknown,
    Code::BoundsWrong,
    Code::ExpressionSyntax,
    Code::FilterUnknown,
    Code::KeyMisplaced,
    Code::KeyUnknown,
    Code::KeysAmbiguous,
    Code::KeysIllegal,
    Code::NumberNotE164,
    Code::RejectReason,
    Code::SayAsUnknown,
    Code::StepName,
    Code::StepTwoActions,
    Code::TestUnknown,
    Code::TextHoleOpen,
    Code::ValueNotATime,
    Code::ValueOutOfRange,
    Code::ValueWrongType,
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
    if bundle.source.len() > MAX_SOURCE {
        let mut check = Checker::new(bundle);
        check
            .fault(
                Code::FlowTooLarge,
                0..0,
                format!("this file has {} bytes", bundle.source.len()),
            )
            .help(format!("at most {MAX_SOURCE}"));
        return Err(check.diags);
    }
    let (text, faults) = syntax::faults(&bundle.source);
    let (document, _) = DeTable::parse_recoverable(&text);
    let mut check = Checker::new(bundle);
    let flow = parse(document.get_ref(), document.span(), &mut check);
    if !faults.is_empty() {
        check.diags = syntax::tell(
            faults,
            &bundle.file,
            &bundle.source,
            std::mem::take(&mut check.diags),
            &SURE,
        );
    }
    let order = |diag: &Diag| {
        (
            diag.at.file != bundle.file,
            diag.at.file.clone(),
            diag.at.span.start,
            diag.at.span.end,
        )
    };
    check.diags.sort_by(|one, other| {
        order(one)
            .cmp(&order(other))
            .then_with(|| (one.code, &one.message).cmp(&(other.code, &other.message)))
    });
    check.diags.dedup();
    check.diags = bounded(std::mem::take(&mut check.diags));
    let faulty = check
        .diags
        .iter()
        .any(|diag| diag.severity == Severity::Error);
    match flow.filter(|_| !faulty) {
        Some(mut flow) => {
            let narrowed = bundle.narrowed(&check.used);
            flow.name.clone_from(&bundle.name);
            flow.fingerprint = narrowed.fingerprint();
            // Of a flow that can be walked, the walk tells it, with the call that shows it.
            check.diags.retain(|diag| diag.code != Code::GiveUpNowhere);
            Ok(Loaded {
                flow,
                bundle: narrowed,
                warnings: check.diags,
            })
        }
        None => Err(check.diags),
    }
}

fn parse<'a>(
    document: &'a DeTable<'a>,
    span: Range<usize>,
    check: &mut Checker<'a>,
) -> Option<Flow> {
    let top = Table::new(document, span);
    let title = TITLE.find(&top, check).map(|(title, _)| title);
    languages(&top, check);
    let numbers = numbers(&top, check);
    let steps = step_names(&top, check)?;
    check.own_prompts(&top);
    answers(&top, &steps, check);
    if !variables(document, check) {
        return None;
    }
    let anywhere = anywhere(&top, check);
    let parsed: Vec<Option<StepOf>> = steps
        .iter()
        .map(|(name, item)| step(name, *item, check))
        .collect();
    let start = top
        .get(START.name)
        .map_or(Some(0), |item| step_id(item, check));
    let give_up = top.get(GIVE_UP.name).and_then(|item| check.target(item));
    let give_up_at = top.peek(GIVE_UP.name).map_or(0..0, |item| item.span());
    let on = events(&top, &steps, &parsed, check);
    let demands = demands(&top, check);
    spoken(check);
    check.unused_prompts();
    if give_up.is_none() && on.error.is_none() {
        gives_up_nowhere(&steps, &parsed, check);
    }
    if let Some(hours) = top.get("hours") {
        check
            .fault(
                Code::HoursNotYet,
                hours.key_span(),
                "opening hours are not there yet",
            )
            .help("until they are, compare `now.weekday` and `now.time` (UTC) in a `branch`");
    }
    top.finish(check, "a flow");
    Some(Flow {
        name: String::new(),
        title: title.unwrap_or_default(),
        fingerprint: super::Fingerprint(0),
        numbers,
        languages: check.languages.clone(),
        start: start?,
        give_up,
        on_hangup: on.hangup,
        on_error: on.error,
        anywhere,
        names: check
            .answers
            .iter()
            .map(|answer| answer.name.clone())
            .chain(check.variables.iter().cloned())
            .collect(),
        answers: std::mem::take(&mut check.answers),
        places: Places {
            steps: steps.iter().map(|(_, item)| item.key_span()).collect(),
            answers: std::mem::take(&mut check.answer_places),
            give_up: give_up_at,
            hangup: on.hangup_at,
            error: on.error_at,
        },
        demands,
        steps: parsed
            .into_iter()
            .collect::<Option<_>>()
            .filter(|steps: &Vec<_>| !steps.is_empty())?,
    })
}

fn languages(top: &Table<'_>, check: &mut Checker) {
    let voice = |table: &Table<'_>, check: &mut Checker| {
        let voice = VOICE.find(table, check);
        voice.map(|(voice, _)| Arc::<str>::from(voice))
    };
    let tag = LANGUAGE.read(top, check).into();
    let first = voice(top, check);
    check.languages.push(Language { tag, voice: first });
    let written = top.get(LANGUAGES.name);
    let Some(others) = written.and_then(|item| item.table(check, "`languages` must be a table"))
    else {
        return;
    };
    for (tag, item) in others.all() {
        if TOP_VALUES.contains(&tag) {
            check.misplaced(tag, item.key_span(), "`[languages]`");
            continue;
        }
        let Some(table) = item.table(check, "a language must be a table: `{ voice = \"…\" }`")
        else {
            continue;
        };
        let voice = voice(&table, check);
        table.finish(check, "a language");
        match check
            .languages
            .iter_mut()
            .find(|language| *language.tag == *tag)
        {
            Some(first) => first.voice = voice.or(first.voice.take()),
            None => check.languages.push(Language {
                tag: tag.into(),
                voice,
            }),
        }
    }
    if check.languages.len() > usize::from(u8::MAX) {
        let place = written.map_or(0..0, |item| item.key_span());
        check
            .fault(
                Code::LanguagesTooMany,
                place,
                format!("this flow speaks {} languages", check.languages.len()),
            )
            .help("at most 255");
    }
}

fn numbers(top: &Table<'_>, check: &mut Checker) -> Vec<String> {
    let Some(item) = top.get(NUMBERS.name) else {
        return Vec::new();
    };
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    let mut numbers = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(text) = entry.text(
            check,
            "a number must stand in quotes, such as \"+442079460123\"",
        ) else {
            continue;
        };
        if !is_e164(text) && !is_sip_address(text) {
            check
                .fault(Code::NumberNotE164, entry.span(), format!("`{text}` is not a number"))
                .help("write it as \"+\", country code and number, no spaces: \"+442079460123\"; or \"sip:name@host\"");
        }
        numbers.push(text.to_owned());
    }
    numbers
}

/// The steps by name, in the order of the file; `None` where there are too many to go on.
fn step_names<'a>(top: &Table<'a>, check: &mut Checker) -> Option<Vec<(&'a str, Item<'a>)>> {
    let written = top.get(STEPS.name);
    let steps = written.and_then(|item| item.table(check, "`steps` must be a table of steps"));
    let steps = steps.map(|steps| steps.all()).unwrap_or_default();
    if steps.is_empty() && written.is_none_or(|item| item.value.is_table()) {
        check
            .fault(Code::FlowNoSteps, 0..0, "this flow has no steps")
            .help("begin with a line `[steps.welcome]` and below it `say = \"…\"` and `next = \"hangup\"`");
    }
    if steps.len() > MAX_STEPS {
        check
            .fault(
                Code::StepsTooMany,
                0..0,
                format!("this flow has {} steps", steps.len()),
            )
            .help(format!("at most {MAX_STEPS}"));
        return None;
    }
    for (at, (name, item)) in steps.iter().enumerate() {
        step_name(name, *item, check);
        check.steps.insert(
            (*name).to_owned(),
            StepId::try_from(at).unwrap_or(StepId::MAX),
        );
    }
    Some(steps)
}

fn step_name(name: &str, item: Item<'_>, check: &mut Checker) {
    if TOP_VALUES.contains(&name) && !item.value.is_table() {
        return check.misplaced(name, item.key_span(), "`[steps]`");
    }
    let legal = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    let help = match BUILT_IN.contains(&name) {
        true => format!("`{name}` is built in: every step can lead to it without your writing it"),
        false if legal => return,
        false => "a name is made of a-z, 0-9, `_` and `-`, and begins with a letter".to_owned(),
    };
    check
        .fault(
            Code::StepName,
            item.key_span(),
            format!("`{name}` cannot name a step"),
        )
        .help(help);
}

fn is_anywhere(keys: &str) -> bool {
    !keys.is_empty() && keys.chars().all(|key| ANYWHERE_KEYS.contains(key))
}

fn anywhere(top: &Table<'_>, check: &mut Checker) -> Vec<Key> {
    let Some(table) = top
        .get(ANYWHERE.name)
        .and_then(|item| item.table(check, "`anywhere` must be a table of keys"))
    else {
        return Vec::new();
    };
    for (name, item) in table.all() {
        if let Some(value) = item
            .value
            .as_table()
            .and_then(|key| key.get_key_value("value"))
        {
            check
                .fault(
                    Code::AnywhereValue,
                    value.0.span(),
                    "a key of `[anywhere]` stores nothing",
                )
                .help("a value is stored by a menu with `into`; here take `set`");
        }
        check.anywhere.extend(
            run(name)
                .into_iter()
                .filter(|keys| is_anywhere(keys))
                .map(|keys| (keys, item.key_span())),
        );
    }
    Key::parse_all(&table, check, ANYWHERE_KEYS)
}

fn step(name: &str, item: Item<'_>, check: &mut Checker) -> Option<StepOf> {
    if TOP_VALUES.contains(&name) && !item.value.is_table() {
        return None;
    }
    let table = item.table(check, &format!("the step `{name}` must be a table"))?;
    // A step whose action is not known is not told of its other keys: they belong to whatever was meant.
    let (kind, value) = action(name, &table, check)?;
    let value = table.get(kind.name).unwrap_or(value);
    let before = check.diags.len();
    let action = (kind.parse)(value, &table, check);
    debug_assert!(
        action.is_some() || check.diags.len() > before,
        "a refused step says why"
    );
    table.finish(check, &format!("the step `{name}`"));
    let action = action?;
    Some(StepOf {
        name: name.to_owned(),
        ways: action.edges().into_iter().map(|edge| edge.on).collect(),
        action,
    })
}

fn action<'a>(
    name: &str,
    table: &Table<'a>,
    check: &mut Checker,
) -> Option<(&'static super::super::step::Kind, Item<'a>)> {
    let named: Vec<_> = steps::KINDS
        .iter()
        .filter_map(|kind| Some((kind, table.peek(kind.name)?)))
        .collect();
    let main = named
        .iter()
        .filter(|(kind, _)| !steps::QUALIFIERS.contains(&kind.name))
        .map(|(kind, item)| (kind.name, *item));
    let later = steps::LATER
        .iter()
        .filter_map(|later| Some((*later, table.peek(later)?)));
    let mut all: Vec<_> = main.chain(later).collect();
    all.sort_by_key(|(_, item)| item.key);
    match all.as_slice() {
        [] if named.is_empty() => no_action(name, table, check),
        [] => return named.first().copied(),
        [(only, item)] if steps::LATER.contains(only) => {
            check
                .fault(
                    Code::ActionNotYet,
                    item.key_span(),
                    format!("the action `{only}` is not there yet"),
                )
                .help(format!("what is there: {}", known_actions().join(", ")));
        }
        [(only, _)] => return named.iter().find(|(kind, _)| kind.name == *only).copied(),
        [(first, _), (second, item), ..] => {
            let message = format!("the step `{name}` has two actions, `{first}` and `{second}`");
            check
                .fault(Code::StepTwoActions, item.key_span(), message)
                .help("make two steps of it, one leading to the other by `next`");
        }
    }
    None
}

fn known_actions() -> Vec<&'static str> {
    steps::KINDS.iter().map(|kind| kind.name).collect()
}

fn no_action(name: &str, table: &Table<'_>, check: &mut Checker) {
    let keys: Vec<_> = table.all();
    let near = keys
        .iter()
        .find_map(|(key, item)| Some((*item, nearest(key, known_actions())?)));
    let (place, help) = match near {
        Some((item, near)) => (item.key_span(), format!("did you mean `{near}`?")),
        None => (
            table.span(),
            format!("add one of {}", known_actions().join(", ")),
        ),
    };
    check
        .fault(
            Code::StepNoAction,
            place,
            format!("the step `{name}` has no action"),
        )
        .help(help);
}

fn step_id(item: Item<'_>, check: &mut Checker) -> Option<StepId> {
    match check.target(item)? {
        Target::Step(step) => Some(step),
        _ => {
            let name = item.value.as_str().unwrap_or_default();
            check
                .fault(
                    Code::TargetNotAStep,
                    item.span(),
                    format!("`{name}` is built in and no step of the flow"),
                )
                .help("write a step, and lead there");
            None
        }
    }
}

/// `[check]`: what the author demands of the flow as a whole.
fn demands(top: &Table<'_>, check: &mut Checker) -> Demands {
    let Some(table) = top
        .get(CHECK.name)
        .and_then(|item| item.table(check, "`check` must be a table"))
    else {
        return Demands::default();
    };
    let everywhere = table.get(REACHABLE.name);
    let reachable = everywhere.and_then(|item| Some((step_id(item, check)?, item.span())));
    let demands = Demands {
        reachable,
        within_turns: WITHIN_TURNS.find(&table, check).map(|(turns, _)| turns),
        longest_call: LONGEST_CALL.find(&table, check),
        typical_call: TYPICAL_CALL.find(&table, check),
        first_key: FIRST_KEY.find(&table, check),
        menu_options: MENU_OPTIONS.find(&table, check),
        prompt_words: PROMPT_WORDS.find(&table, check),
        call_cost: CALL_COST.find(&table, check),
    };
    table.finish(check, "`[check]`");
    demands
}

/// What happens to the flow rather than in it.
struct Events {
    hangup: Option<StepId>,
    hangup_at: Range<usize>,
    error: Option<StepId>,
    error_at: Range<usize>,
}

fn events(
    top: &Table<'_>,
    steps: &[(&str, Item<'_>)],
    parsed: &[Option<StepOf>],
    check: &mut Checker,
) -> Events {
    let on = top
        .get(ON.name)
        .and_then(|item| item.table(check, "`on` must be a table"));
    let Some(on) = on else {
        return Events {
            hangup: None,
            hangup_at: 0..0,
            error: None,
            error_at: 0..0,
        };
    };
    let hangup = on
        .get(ON_HANGUP.name)
        .and_then(|item| Some((item, step_id(item, check)?)));
    let error = on.get(ON_ERROR.name).and_then(|item| step_id(item, check));
    // The first step at least must be one that can be done then; a later one that cannot ends what is done.
    if let Some((item, step)) = hangup
        && parsed[usize::from(step)]
            .as_ref()
            .is_some_and(|step| step.action.needs_caller())
    {
        let (name, at) = steps[usize::from(step)];
        let also = check.place(at.key_span());
        let message = format!("`{name}` needs a caller, who has left by then");
        check
            .fault(Code::HangupNeedsCaller, item.span(), message)
            .help("lead `[on] hangup` to a step with `submit`, `set`, `forget` or `branch`")
            .also(also, format!("`{name}` is here"));
    }
    let at = |key: &str| on.peek(key).map_or(0..0, |item| item.span());
    let (hangup_at, error_at) = (at(ON_HANGUP.name), at(ON_ERROR.name));
    on.finish(check, "`[on]`");
    Events {
        hangup: hangup.map(|(_, step)| step),
        hangup_at,
        error,
        error_at,
    }
}

/// Questions whose caller, out of attempts, could only be told that we are sorry.
fn gives_up_nowhere(steps: &[(&str, Item<'_>)], parsed: &[Option<StepOf>], check: &mut Checker) {
    for ((name, item), step) in steps.iter().zip(parsed) {
        let Some(step) = step.as_ref().filter(|step| step.action.asks()) else {
            continue;
        };
        let edges = step.action.edges();
        if ["give_up.no_input", "give_up.no_match"]
            .iter()
            .all(|on| edges.iter().any(|edge| edge.on == *on))
        {
            continue;
        }
        let message = format!(
            "a caller who is out of attempts at `{name}` hears an apology, and the call ends"
        );
        check
            .fault(Code::GiveUpNowhere, item.key_span(), message)
            .help("add `give_up = \"…\"` to the step, or above the first `[…]` for all of them");
    }
}

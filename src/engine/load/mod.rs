//! From what was written to a checked flow: every fault at once, never just the first.

mod call_fields;
mod events;
mod files;
mod interface;
mod languages;
mod milestones;
mod names;
mod numbers;
mod outbound;
mod own_words;
mod queues;
mod steps;
mod subflows;
mod unused;
mod zone;

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use super::bundle::{Bundle, UsedOf};
use super::edge::{By, Edge};
use super::flow::{Demands, Flow, StepOf};
use super::ids::StepId;
use super::key::{Key, run};
use super::keys::demands::{
    CALL_COST, FIRST_KEY, LONGEST_CALL, MENU_OPTIONS, PROMPT_WORDS, REACHABLE, TYPICAL_CALL,
    WITHIN_TURNS,
};
use super::keys::top::{
    ANSWERS, ANYWHERE, ARGS, CALL_FIELDS, CHECK, CONTACTS, EDITION, EDITIONS, EXITS, GIVE_UP,
    GIVES, LANGUAGES, META, MILESTONES, ON, OUTBOUND, PROMPTS, QUEUES, START, STEPS, TITLE,
};
use super::read::{Checker, KeyRules, check_facts, check_types};
use super::sid::Fingerprint;
use super::way::Way;
use crate::written::diag::{Diag, Severity, bounded, once_a_line};
use crate::written::syntax::{self, Dialect};
use crate::written::{Code, Explain, Item, MAX_SOURCE, Table};
use events::{events, step_id};
use files::Files;
use languages::languages;
use numbers::numbers;
use outbound::outbound;
use own_words::{OwnPrompts, lacking};
pub use subflows::goes_through;
use subflows::{Known, Subflows};
use zone::{needs_zone, zone};

/// What keys of `[anywhere]` are made of: `#` ends an entry and cannot be one.
const ANYWHERE_KEYS: &str = "0123456789*";
/// Faults that are certain, whatever a line that cannot be read would have said.
const SURE: &[Code] = &[
    Code::ActionNotYet,
    Code::AnswerTypeUnknown,
    Code::BoundsWrong,
    Code::ExpressionSyntax,
    Code::FilterUnknown,
    Code::KeyMisplaced,
    Code::KeyUnknown,
    Code::KeysAmbiguous,
    Code::KeysIllegal,
    Code::LanguageNotATag,
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
    Code::ZoneUnknown,
];

/// What a flow's file is read as.
const DIALECT: Dialect<'static> = Dialect {
    sure: SURE,
    tables: &[
        ANSWERS.name,
        ANYWHERE.name,
        ARGS.name,
        CALL_FIELDS.name,
        CHECK.name,
        CONTACTS.name,
        EXITS.name,
        GIVES.name,
        LANGUAGES.name,
        META.name,
        MILESTONES.name,
        ON.name,
        OUTBOUND.name,
        PROMPTS.name,
        QUEUES.name,
        STEPS.name,
    ],
    lists: &[],
};

/// A flow that can go into service.
#[derive(Debug)]
pub struct Loaded {
    /// The flow.
    pub flow: Flow,
    /// What it was made of, and nothing else: it compiles to the same flow again.
    pub bundle: Bundle,
    /// Faults that do not keep the flow out of service.
    pub warnings: Vec<Diag>,
}

/// Checks a flow.
///
/// # Errors
/// All faults, and the warnings beside them, in the order of the files.
pub fn load(bundle: &Bundle) -> Result<Loaded, Vec<Diag>> {
    load_with(bundle, &Known::default())
}

/// A file as TOML, and what is wrong with it as such. The text in which that is mended or left out is put where it stays.
fn as_toml<'s>(
    source: &'s str,
    mended: &'s mut Option<String>,
) -> (Spanned<DeTable<'s>>, Vec<syntax::Fault>) {
    if let Some(document) = syntax::sound(source) {
        return (document, Vec::new());
    }
    let (text, faults) = syntax::faults(source);
    let text = mended.insert(text.into_owned());
    (DeTable::parse_recoverable(text).0, faults)
}

fn load_with(bundle: &Bundle, known: &Known) -> Result<Loaded, Vec<Diag>> {
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
    let mut mended = None;
    let (document, faults) = as_toml(&bundle.source, &mut mended);
    let loads = |alone: &Bundle| load_with(alone, known).is_ok();
    let subflows = Subflows::of(document.get_ref(), bundle, known, &loads);
    let mut check = Checker::new(bundle);
    let flow = parse(document.get_ref(), document.span(), &subflows, &mut check);
    let mut diags = std::mem::take(&mut check.diags);
    if !faults.is_empty() {
        diags = syntax::tell(faults, &bundle.file, diags, &DIALECT);
    }
    // A flow that others go through is checked by itself: here only what is wrong because of this one.
    let is_of_this = |diag: &Diag| {
        let is_wrong = diag.severity == Severity::Error && diag.code != Code::SubflowTooDeep;
        is_wrong || !subflows.has_file(&diag.at.file)
    };
    diags.retain(is_of_this);
    check.diags = in_order(diags, bundle);
    let faulty = check
        .diags
        .iter()
        .any(|diag| diag.severity == Severity::Error);
    match flow.filter(|_| !faulty) {
        Some(mut flow) => {
            let hours: Vec<&str> = flow.hours.iter().map(|(name, _)| name.as_str()).collect();
            let used = UsedOf {
                prompts: &check.used.prompts,
                recordings: &check.used.recordings,
                hours: &hours,
                flows: &subflows.names(),
            };
            let narrowed = bundle.narrowed(used);
            flow.full_ways = flow.name_full_ways();
            flow.name.clone_from(&bundle.name);
            flow.fingerprint = narrowed.fingerprint();
            // For a flow that can be walked, the walk reports it, with the call that shows it.
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

/// In the order of the files and places, each once.
fn in_order(mut diags: Vec<Diag>, bundle: &Bundle) -> Vec<Diag> {
    let order = |diag: &Diag| {
        (
            diag.at.file != bundle.file,
            diag.at.file.clone(),
            diag.at.span.start,
            diag.at.span.end,
        )
    };
    diags.sort_by(|one, other| {
        order(one)
            .cmp(&order(other))
            .then_with(|| (one.code, &one.message).cmp(&(other.code, &other.message)))
    });
    diags.dedup();
    bounded(once_a_line(diags, &bundle.file, &bundle.source))
}

#[expect(
    clippy::too_many_lines,
    reason = "the parts of a flow, one after another"
)]
fn parse<'a>(
    document: &'a DeTable<'a>,
    span: Range<usize>,
    subflows: &'a Subflows<'a>,
    check: &mut Checker<'a>,
) -> Option<Flow> {
    let top = Table::new(document, span);
    if !is_known_edition(&top, check) {
        return None;
    }
    let title = TITLE.find(&top, check);
    languages(&top, check);
    let zone = zone(&top, check);
    let numbers = numbers(&top, check);
    check.goes_through(subflows.parts(), subflows.through.clone());
    let mut files = Files::of(top, document, subflows, check)?;
    let contacts = files.names(numbers.contacts, check)?;
    let anywhere = files.anywhere(check);
    let parsed = files.steps(check);
    let top = &files.all[0].top;
    let start = start(top, check);
    let give_up = give_up(top, check);
    let on = events(top, &parsed, check);
    let outbound = outbound(top, &parsed, check);
    let subflows = files.subflows(subflows, anywhere.inner, &parsed, check);
    let milestones = files.milestones(check);
    let demands = demands(&files.all[0].top, check);
    if give_up.is_none() && on.error.is_none() && !check.here.is_subflow {
        gives_up_nowhere(&files.all[0].steps, &parsed, check);
    }
    files.spoken(check);
    let own = OwnPrompts::find(check);
    all_together(&parsed, check);
    let places = files.places(check);
    unread(files.all.swap_remove(0).top, check);
    let mut flow = Flow {
        name: String::new(),
        title: title.map(|(title, _)| title).unwrap_or_default(),
        fingerprint: Fingerprint(0),
        numbers: numbers.called,
        lines: numbers.lines,
        contacts,
        queues: BTreeMap::new(),
        machines: BTreeMap::new(),
        connectors: BTreeMap::new(),
        languages: check.languages.clone(),
        own_words: Vec::new(),
        zone,
        hours: check.take_hours()?,
        moment_words: None,
        guess_words: None,
        start: start?,
        give_up,
        on_hangup: on.hangup,
        on_error: on.error,
        outbound: outbound.map(Box::new),
        full_ways: Vec::new(),
        anywhere: anywhere.own,
        is_subflow: check.here.is_subflow,
        subflows: subflows?,
        milestones,
        names: names(check),
        facts: check.take_facts(),
        call_fields: std::mem::take(&mut check.call_fields),
        sends_request: check.sends_request,
        answers: std::mem::take(&mut check.answers),
        places,
        demands,
        steps: checked(parsed)?,
        senders: BTreeMap::new(),
        asks_permits: false,
        barred: Vec::new(),
    };
    flow.asks_permits = flow
        .steps
        .iter()
        .any(|step| step.action.asks_permit().is_some());
    own?.tell(&mut flow);
    Some(flow)
}

/// The steps of a flow that has some, all of them checked.
fn checked(parsed: Vec<Option<StepOf>>) -> Option<Vec<StepOf>> {
    let steps: Option<Vec<_>> = parsed.into_iter().collect();
    steps.filter(|steps| !steps.is_empty())
}

/// Where a call begins: the first step, if nothing else is written.
fn start(top: &Table<'_>, check: &mut Checker) -> Option<StepId> {
    let written = top.get(START.name);
    written.map_or(Some(check.here.first), |item| step_id(item, check))
}

/// Where a call goes that is out of attempts.
fn give_up(top: &Table<'_>, check: &mut Checker) -> Option<Way> {
    Way::parse_item(top.get(GIVE_UP.name)?, check, "`give_up`")
}

/// What can only be judged once every part has been read.
fn all_together(parsed: &[Option<StepOf>], check: &mut Checker) {
    needs_zone(check);
    check_facts(parsed, check);
    check_types(check);
    check.unused_prompts();
    lacking(check);
    check.unused(parsed);
    anywhere_acts(parsed, check);
}

/// Whether this version reads the edition of the language that the file is written in. Nothing else is read of another
/// one: its keys may mean anything.
fn is_known_edition(top: &Table<'_>, check: &mut Checker) -> bool {
    let Some(item) = top.get(EDITION.name) else {
        return true;
    };
    let Some(edition) = item.as_integer() else {
        let what = "`edition` must be a whole number, without quotes";
        item.wrong(check, what).help("write `edition = 1`");
        return true;
    };
    let is_known = (1..=EDITIONS).contains(&edition);
    if !is_known {
        check
            .fault(
                Code::EditionUnknown,
                item.span(),
                format!("this version of Hookswitch does not know edition {edition} of the flow language"),
            )
            .help("it reads edition 1: write `edition = 1`, or leave it out");
    }
    is_known
}

/// What means nothing to a flow, stands elsewhere, or is not known.
fn unread(top: Table<'_>, check: &mut Checker) {
    if let Some(meta) = top.get(META.name) {
        meta.table(check, "`meta` must be a table");
    }
    if let Some(hours) = top.get("hours") {
        check
            .fault(
                Code::HoursInFlow,
                hours.key_span(),
                "opening hours do not stand in a flow: several flows share them",
            )
            .help("write them down in a file such as `config/hours/office.toml`, and read `hours.office.open` here");
    }
    top.finish(check, "a flow");
}

/// The names of the answers, then those of the variables and of the fields of the first request.
fn names(check: &Checker) -> Vec<String> {
    let answers = check.answers.iter().map(|answer| &answer.name);
    let fields = check.call_fields.iter().map(|field| &field.of.name);
    let all = answers.chain(&check.variables).chain(fields);
    all.cloned().collect()
}

/// Warns about keys of `[anywhere]` that act nowhere, since each question takes them as an entry.
fn anywhere_acts(parsed: &[Option<StepOf>], check: &mut Checker) {
    let own = parsed.iter().flatten();
    let own = own.filter(|step| step.subflow.is_none());
    let questions = own.filter(|step| step.action.asks());
    let takes: Vec<_> = questions.map(|step| step.action.edges()).collect();
    for (keys, span) in check.here.anywhere.clone() {
        let is_entry = |edges: &Vec<Edge>| {
            let mut entries =
                edges
                    .iter()
                    .filter_map(|edge| match (&edge.by, edge.does.into.as_ref()) {
                        (By::Entry(_), Some((slot, _))) => check.answers.get(usize::from(*slot)),
                        _ => None,
                    });
            entries.any(|answer| answer.kind.check(&keys).is_some())
        };
        let is_told = |diag: &Diag| {
            diag.code == Code::AnywhereShadowed
                && diag
                    .also
                    .as_ref()
                    .is_some_and(|(place, _)| place.span == span)
        };
        let is_told = check.diags.iter().any(is_told);
        if !takes.is_empty() && !is_told && takes.iter().all(is_entry) {
            check
                .fault(
                    Code::AnywhereShadowed,
                    span,
                    format!("key `{keys}` acts nowhere: each question takes it as an entry"),
                )
                .help(
                    "a legal entry is taken as one: take a key that no entry has, such as `\"*\"`",
                );
        }
    }
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
        check.here.anywhere.extend(
            run(name)
                .into_iter()
                .filter(|keys| is_anywhere(keys))
                .map(|keys| (keys, item.key_span())),
        );
    }
    let rules = KeyRules {
        legal: ANYWHERE_KEYS,
        other: None,
        is_entry: false,
    };
    Key::parse_all(&table, check, rules)
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

/// Reports questions at which a caller who is out of attempts could only hear an apology.
fn gives_up_nowhere(steps: &[(&str, Item<'_>)], parsed: &[Option<StepOf>], check: &mut Checker) {
    for ((name, item), step) in steps.iter().zip(parsed) {
        let Some(step) = step.as_ref() else { continue };
        if !step.action.asks() || step.action.says_where_to_give_up() {
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

//! What `menu` and `ask` share: how a question is put, and what silence and wrong entries lead to.

use std::ops::Range;
use std::sync::Arc;

use super::call::Misses;
use super::edge::{By, Edge, Effect, Target};
use super::expression::Reading;
use super::fault::Fault;
use super::flow::check::{Checker, TOP_VALUES};
use super::flow::written::{Item, Table};
use super::moment::{Moment, Then};
use super::prompt::Prompt;
use super::schema::shared::{
    ATTEMPTS, BARGE_IN, GIVE_UP, GIVE_UP_SILENT, GIVE_UP_WRONG, NO_INPUT, NO_MATCH, REPROMPT, SAYS,
    TIMEOUT, VALUE,
};
use super::turn::{Gather, Speech};
use super::value::Value;
use super::way::Way;
use crate::written::{Code, Explain};

/// The ways of who was silent, and of who entered something wrong, at the last attempt.
const SILENT: &str = "give_up.no_input";
const WRONG: &str = "give_up.no_match";

/// The most keys of a menu.
const MAX_KEYS: usize = 1000;

/// A question, without what it is that answers it.
#[derive(Debug)]
pub struct Question {
    prompt: Prompt,
    attempts: u8,
    timeout: u32,
    no_input: Vec<Prompt>,
    no_match: Vec<Prompt>,
    give_up_silent: Option<(Target, Range<usize>)>,
    give_up_wrong: Option<(Target, Range<usize>)>,
    reprompt: bool,
    barge_in: bool,
}

/// A key, or run of keys, and where it leads.
#[derive(Debug)]
pub struct Key {
    /// The keys, pressed one after another; mostly one.
    pub keys: String,
    /// What is stored instead of the key itself.
    pub value: Option<Value>,
    /// Words that stand for it.
    pub says: Vec<String>,
    /// Where it leads.
    pub way: Way,
}

/// How the caller missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// Said and pressed nothing.
    NoInput,
    /// Pressed or said something that is no answer.
    NoMatch,
}

/// What is listened for.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Ends by itself after so many keys.
    pub num_digits: Option<u32>,
    /// The key that ends an entry.
    pub finish_on_key: Option<char>,
    /// Words, where they are listened for.
    pub hints: Vec<String>,
}

impl Question {
    /// Reads the question around an action; the action's value is its prompt.
    pub fn parse(prompt: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Self> {
        let mut question = Self {
            prompt: Prompt::empty(check.languages.len()),
            no_input: prompts(table.get(NO_INPUT.name), check),
            no_match: prompts(table.get(NO_MATCH.name), check),
            give_up_silent: None,
            give_up_wrong: None,
            reprompt: REPROMPT.read(table, check),
            barge_in: BARGE_IN.read(table, check),
            attempts: ATTEMPTS.read(table, check) as u8,
            timeout: TIMEOUT.read(table, check),
        };
        if let Some(item) = table.get(GIVE_UP.name) {
            question.parse_give_up(item, check);
        }
        question.prompt = Prompt::parse(prompt, check)?;
        Some(question)
    }

    fn parse_give_up(&mut self, item: Item<'_>, check: &mut Checker) {
        if item.value.as_table().is_none() {
            self.give_up_silent = target(item, check);
            self.give_up_wrong.clone_from(&self.give_up_silent);
            return;
        }
        let Some(table) = item.table(
            check,
            "`give_up` must be a step, or a table of `no_input` and `no_match`",
        ) else {
            return;
        };
        self.give_up_silent = table
            .get(GIVE_UP_SILENT.name)
            .and_then(|item| target(item, check));
        self.give_up_wrong = table
            .get(GIVE_UP_WRONG.name)
            .and_then(|item| target(item, check));
        table.finish(check, "`give_up`");
    }

    /// The ways that it knows itself.
    pub fn edges(&self) -> Vec<Edge> {
        let edge = |on: &str, by, way: &Option<(Target, Range<usize>)>| {
            way.clone().map(|(to, at)| Edge {
                on: on.to_owned(),
                by,
                to,
                at,
                does: Effect::default(),
            })
        };
        let silent = edge(SILENT, By::NoInput, &self.give_up_silent);
        silent
            .into_iter()
            .chain(edge(WRONG, By::NoMatch, &self.give_up_wrong))
            .collect()
    }

    /// What its words read.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        self.prompt.readings()
    }

    /// What is read in the words to somebody who missed.
    pub fn miss_readings(&self) -> Vec<Arc<Reading>> {
        self.no_input
            .iter()
            .chain(&self.no_match)
            .flat_map(Prompt::readings)
            .collect()
    }

    /// Times that it is put.
    pub fn attempts(&self) -> u8 {
        self.attempts
    }

    /// Puts the question.
    ///
    /// # Errors
    /// When a text cannot be worked out.
    pub fn put(&self, moment: &mut Moment<'_>, listen: &Listen) -> Result<Then, Fault> {
        moment.say(&self.prompt, self.barge_in)?;
        Ok(self.listen(moment, listen))
    }

    /// The caller missed: says so and puts the question again, or gives up.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub fn miss(
        &self,
        moment: &mut Moment<'_>,
        miss: Miss,
        listen: &Listen,
    ) -> Result<Then, Fault> {
        let Misses { no_input, no_match } = &mut moment.call.misses;
        let (count, said, on, way) = match miss {
            Miss::NoInput => (no_input, &self.no_input, SILENT, &self.give_up_silent),
            Miss::NoMatch => (no_match, &self.no_match, WRONG, &self.give_up_wrong),
        };
        *count = count.saturating_add(1);
        let nth = usize::from(*count) - 1;
        if no_input_and_match(moment) >= self.attempts {
            moment.call.gave_up = true;
            return Ok(way
                .as_ref()
                .map_or(Then::GiveUp, |(target, _)| Then::Go(on.into(), *target)));
        }
        let words = said.get(nth).or(said.last());
        if let Some(words) = words {
            moment.say(words, self.barge_in)?;
        }
        if self.reprompt || words.is_none() {
            return self.put(moment, listen);
        }
        Ok(self.listen(moment, listen))
    }

    fn listen(&self, moment: &Moment<'_>, listen: &Listen) -> Then {
        let language = &moment.flow.language(moment.call.language).tag;
        Then::Ask(Gather {
            prompts: Vec::new(),
            timeout: self.timeout,
            num_digits: listen.num_digits,
            finish_on_key: listen.finish_on_key,
            speech: (!listen.hints.is_empty()).then(|| Speech {
                hints: listen.hints.clone(),
                language: language.clone(),
            }),
        })
    }
}

fn target(item: Item<'_>, check: &mut Checker) -> Option<(Target, Range<usize>)> {
    Some((check.target(item)?, item.span()))
}

fn no_input_and_match(moment: &Moment<'_>) -> u8 {
    moment
        .call
        .misses
        .no_input
        .saturating_add(moment.call.misses.no_match)
}

/// Reads a list of prompts; a prompt alone is a list of one.
fn prompts(item: Option<Item<'_>>, check: &mut Checker) -> Vec<Prompt> {
    let Some(item) = item else { return Vec::new() };
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    entries
        .into_iter()
        .filter_map(|entry| Prompt::parse(entry, check))
        .collect()
}

impl Key {
    /// Reads a table of keys: of a menu, or `[anywhere]`.
    pub fn parse_all(table: &Table<'_>, check: &mut Checker, legal: &str) -> Vec<Self> {
        let mut all: Vec<(Self, Range<usize>)> = Vec::new();
        let written = table.all();
        if written.len() > MAX_KEYS {
            let message = format!("here are {} keys", written.len());
            check
                .fault(Code::KeysTooMany, table.span(), message)
                .help(format!("at most {MAX_KEYS}"));
            return Vec::new();
        }
        for (name, item) in written {
            for keys in run(name) {
                if keys.is_empty() || !keys.chars().all(|key| legal.contains(key)) {
                    illegal(name, item.key_span(), check, legal);
                    break;
                }
                let Some(key) = Self::parse(name, keys, item, check) else {
                    break;
                };
                all.push((key, item.key_span()));
            }
        }
        ambiguous(&all, check);
        all.into_iter().map(|(key, _)| key).collect()
    }

    fn parse(name: &str, keys: String, item: Item<'_>, check: &mut Checker) -> Option<Self> {
        if item.value.as_str().is_some() {
            return Some(Self {
                keys,
                value: None,
                says: Vec::new(),
                way: Way::to(item, check)?,
            });
        }
        let whose = format!("key `{name}`");
        let table = item.table(
            check,
            &format!("{whose} must be a step, or a table with `next`"),
        )?;
        let value = table.get(VALUE.name).and_then(|item| value(item, check));
        let says = table
            .get(SAYS.name)
            .map(|item| words(item, check))
            .unwrap_or_default();
        let way = Way::parse(&table, check, &whose);
        table.finish(check, &whose);
        Some(Self {
            keys,
            value,
            says,
            way: way?,
        })
    }
}

fn illegal(name: &str, span: Range<usize>, check: &mut Checker, legal: &str) {
    if TOP_VALUES.contains(&name) {
        return check.misplaced(name, span, "a table of keys");
    }
    let help = match name {
        "#" => "`#` ends an entry, so it cannot mean something else everywhere: make it a key of a menu".to_owned(),
        _ => format!("keys are made of {legal}; a run of them is written `1-3`"),
    };
    check
        .fault(
            Code::KeysIllegal,
            span,
            match name {
                "" => "here must be a key, but nothing is".to_owned(),
                _ => format!("`{name}` cannot be pressed here"),
            },
        )
        .help(help);
}

fn value(item: Item<'_>, check: &mut Checker) -> Option<Value> {
    if let Some(text) = item.value.as_str() {
        return Some(Value::Text(text.to_owned()));
    }
    let value = item
        .as_integer()
        .map(Value::Integer)
        .or_else(|| item.value.as_bool().map(Value::Boolean));
    if value.is_none() {
        item.wrong(check, "`value` must be text, a whole number, true or false");
    }
    value
}

fn words(item: Item<'_>, check: &mut Checker) -> Vec<String> {
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    entries
        .iter()
        .filter_map(|entry| entry.text(check, "`says` must be a list of words"))
        .map(str::to_lowercase)
        .collect()
}

/// `1-3` is 1, 2 and 3; anything else is itself.
pub fn run(name: &str) -> Vec<String> {
    match name.as_bytes() {
        [low @ b'0'..=b'9', b'-', high @ b'0'..=b'9'] if low <= high => (*low..=*high)
            .map(|key| char::from(key).to_string())
            .collect(),
        _ => vec![name.to_owned()],
    }
}

/// Keys that begin alike could only be told apart by waiting, and the same key twice not at all.
fn ambiguous(all: &[(Key, Range<usize>)], check: &mut Checker) {
    let mut sorted: Vec<_> = all
        .iter()
        .map(|(key, span)| (key.keys.as_str(), span))
        .collect();
    sorted.sort_by_key(|(keys, span)| (*keys, span.start));
    let mut beginning = None;
    for (long, second) in sorted {
        let Some((short, first)) =
            beginning.filter(|(short, _): &(&str, &Range<usize>)| long.starts_with(short))
        else {
            beginning = Some((long, second));
            continue;
        };
        let message = if short == long {
            format!("key `{short}` stands here twice")
        } else {
            format!("key `{short}` is the beginning of key `{long}`")
        };
        let help = if short == long {
            "give each way a key of its own"
        } else {
            "give each way a key of its own, all of one length: nobody knows whether more is to come"
        };
        let (earlier, later) = if first.start < second.start {
            (first, second)
        } else {
            (second, first)
        };
        let also = check.place(earlier.clone());
        let earlier_key = if earlier == first { short } else { long };
        check
            .fault(Code::KeysAmbiguous, later.clone(), message)
            .help(help)
            .also(also, format!("key `{earlier_key}` is here"));
    }
}

/// A key that begins one of `[anywhere]`, or begins with it, could not be told from it either.
pub fn ambiguous_anywhere(table: &Table<'_>, check: &mut Checker) {
    for (name, item) in table.all() {
        for keys in run(name).into_iter().filter(|keys| !keys.is_empty()) {
            let begins = |(other, _): &&(String, Range<usize>)| {
                *other != keys && (other.starts_with(&keys) || keys.starts_with(other.as_str()))
            };
            let Some((other, span)) = check.anywhere.iter().find(begins).cloned() else {
                continue;
            };
            let also = check.place(span);
            let message = format!(
                "key `{keys}` cannot be told from key `{other}` of `[anywhere]` without waiting"
            );
            check
                .fault(Code::KeysAmbiguous, item.key_span(), message)
                .help("take keys that do not begin alike")
                .also(also, format!("key `{other}` is here"));
        }
    }
}

//! `menu`: the caller presses one key, or says a word.

mod keys;

use super::super::asking::{Listen, Miss};
use super::super::edge::{By, Edge, Target};
use super::super::fault::Fault;
use super::super::flow::Flow;
use super::super::guess::{Certainty, Guessed};
use super::super::ids::{Slot, StepId};
use super::super::input::Input;
use super::super::key::{Key, KeyHearing, run, said};
use super::super::keys::shared::{INTO, NO_MATCH, REFUSE, SENSITIVE, SPEECH, VALUE};
use super::super::moment::{Moment, Then};
use super::super::question::Question;
use super::super::read::{
    Checker, KeyRules, ambiguous_anywhere, hearing, never_counted, told_keys,
};
use super::super::render::GuessedWords;
use super::super::speech::{Choice, Normal};
use super::super::step::{Reads, Step};
use super::super::taken::anywhere;
use super::super::value::Value;
use super::super::waits::{Asked, Takes, Waits};
use super::super::way::Way;
use super::kind::Kind;
use crate::written::{Code, Explain, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "menu",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

const RULES: KeyRules = KeyRules {
    legal: "0123456789*#",
    other: Some(keys::ANY.name),
    is_entry: false,
};

/// The name of the way of every other key.
const OTHERS: &str = "keys.any";

#[derive(Debug)]
struct Menu {
    question: Question,
    keys: Vec<Key>,
    /// The way of every other key.
    any: Option<Way>,
    into: Option<Slot>,
    /// Whether the number of a key is listened for even where no key has words.
    hears_numbers: bool,
    /// What each of the keys stores.
    stores: Vec<Option<Value>>,
}

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let into = table.get(INTO.name);
    let slot = into.and_then(|item| check.into(item));
    // Which answers are sensitive is found before any step is read.
    let _ = SENSITIVE.find(table, check);
    let question = Question::parse(item, table, check);
    refuse_needs_into(table, check);
    let keys = table
        .get(keys::KEYS.name)
        .map(|keys| keys.table(check, "`keys` must be a table, such as `keys.1 = \"…\"`"));
    let keys = match keys {
        Some(Some(keys)) if !keys.is_empty() => keys,
        Some(None) => return None,
        _ => {
            check
                .fault(Code::MenuNoKeys, item.key_span(), "this menu has no keys")
                .help("add `keys.1 = \"…\"`, the name of a step");
            return None;
        }
    };
    let before = check.diags.len();
    let parsed = Key::parse_all(&keys, check, RULES);
    let hears_numbers = table.peek(SPEECH.key.name).is_some();
    let has_words = parsed.iter().any(|key| !key.says.is_empty());
    let (hears, sure) = hearing(table, has_words, check);
    let any = any(&keys, table, hears, check);
    ambiguous_anywhere(&keys, check);
    // Keys that could not be read may be those that are told; where every key leads somewhere, all may be told.
    let is_read = check.diags.len() == before && any.is_none();
    if let Some(question) = question.as_ref().filter(|_| is_read) {
        let names = keys.all().into_iter().map(|(name, item)| (run(name), item));
        told_keys::compare(&question.prompt, item, &names.collect::<Vec<_>>(), check);
    }
    stored(&keys, &parsed, into.is_some().then_some(slot), check);
    let kind = slot
        .and_then(|slot| check.answers.get(usize::from(slot)))
        .map(|answer| &answer.kind);
    let itself = |key: &Key| kind.and_then(|kind| kind.key_itself(&key.keys));
    let stores = parsed
        .iter()
        .map(|key| key.value.clone().or_else(|| itself(key)))
        .collect();
    Some(Box::new(Menu {
        question: Question {
            hears,
            sure,
            ..question?
        },
        hears_numbers: hears_numbers && hears,
        keys: parsed,
        any,
        into: slot,
        stores,
    }))
}

/// A fault for `refuse` where nothing is stored that it could judge.
fn refuse_needs_into(table: &Table<'_>, check: &mut Checker) {
    let refuse = table.peek(REFUSE.name);
    if let Some(item) = refuse.filter(|_| table.peek(INTO.name).is_none()) {
        let message = "`refuse` judges what a key stores, and this menu stores nothing";
        check
            .fault(Code::ValueWithoutInto, item.key_span(), message)
            .help("add `into = \"…\"` to the menu, the name of an answer");
    }
}

/// The way of every key that has no entry of its own.
fn any(keys: &Table<'_>, menu: &Table<'_>, hears: bool, check: &mut Checker) -> Option<Way> {
    let any = Way::parse_item(keys.get(keys::ANY.name)?, check, "`keys.any`");
    if let Some(item) = menu.peek(NO_MATCH.name).filter(|_| !hears) {
        never_counted(NO_MATCH.name, item, "every key leads somewhere", check);
    }
    any
}

/// Checks that what a key stores fits its answer; `None` where the menu stores nothing. A key without a value stores
/// itself where that is legal, else nothing.
fn stored(table: &Table<'_>, keys: &[Key], into: Option<Option<Slot>>, check: &mut Checker) {
    for (name, item) in table.all() {
        let first = run(name).swap_remove(0);
        let Some(value) = keys
            .iter()
            .find(|key| key.keys == first)
            .and_then(|key| key.value.as_ref())
        else {
            continue;
        };
        let place = item
            .value
            .as_table()
            .and_then(|table| table.get(VALUE.name))
            .map_or(item.span(), toml::Spanned::span);
        match into {
            Some(Some(slot)) => check.fits(slot, Some(value), place),
            Some(None) => {}
            None => {
                check
                    .fault(
                        Code::ValueWithoutInto,
                        place,
                        "this value is stored nowhere",
                    )
                    .help("add `into = \"…\"` to the menu, the name of an answer");
            }
        }
    }
}

/// The most keys of which the caller is asked which was meant.
const MOST_GUESSES: usize = 2;

/// A key that was perhaps meant, by its place.
fn guessed(place: usize) -> Guessed {
    Guessed::Key(u16::try_from(place).unwrap_or(u16::MAX))
}

/// Whether a key leads straight to what cannot be taken back: words that are only like its own are not enough for that.
fn is_for_good(flow: &Flow, key: &Key) -> bool {
    match key.way.next {
        Target::Step(step) => {
            let action = &flow.step(step).action;
            action.forbids_back() || action.asks_permit().is_some()
        }
        Target::Hangup | Target::Repeat | Target::Back => false,
    }
}

/// Which keys of `[anywhere]` count at the menu depends on where it stands.
type At<'a> = (&'a Flow, StepId);

fn at<'a>(moment: &Moment<'a>) -> At<'a> {
    (moment.flow, moment.step)
}

impl Menu {
    fn key<'a>(&'a self, here: At<'a>, pressed: &str) -> Option<&'a Key> {
        self.all(here).find(|key| key.keys == pressed)
    }

    /// Its own keys, and those of `[anywhere]`.
    fn all<'a>(&'a self, (flow, step): At<'a>) -> impl Iterator<Item = &'a Key> + Clone {
        self.keys.iter().chain(flow.anywhere_at(step))
    }

    /// The keys that words stand for, by their places: those that the caller has said were not meant do not count.
    fn said(&self, moment: &Moment<'_>, heard: &Normal) -> Choice<usize> {
        let (flow, language) = (moment.flow, moment.call.language);
        let is_private = self.is_private(flow);
        let hears = |place: usize, key: &Key| match () {
            () if moment.call.has_denied(&guessed(place)) => KeyHearing::Never,
            () if is_private || is_for_good(flow, key) => KeyHearing::Exact,
            () => KeyHearing::Near,
        };
        let tag = &flow.language(language).tag;
        said(&self.all(at(moment)), heard, (language, tag), hears)
    }

    /// Whether words are listened for in a language: everywhere, or because some key of its own has any in it.
    fn hears(&self, language: u8) -> bool {
        let mut keys = self.keys.iter();
        self.hears_numbers || keys.any(|key| key.words_in(language).next().is_some())
    }

    fn is_private(&self, flow: &Flow) -> bool {
        self.into.is_some_and(|slot| flow.is_sensitive(slot))
    }

    /// Goes on as after a wrong entry.
    fn wrong(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        let listen = self.listen(at(moment), moment.call.language);
        moment.miss(&self.question, Miss::NoMatch, &listen)
    }

    /// The caller has said something.
    fn heard(
        &self,
        moment: &mut Moment<'_>,
        words: &str,
        percent: Option<u8>,
    ) -> Result<Then, Fault> {
        let asked = moment.call.take_open_guesses();
        let certainty = self.question.certainty(percent);
        if certainty == Certainty::Wrong || !self.hears(moment.call.language) {
            return self.wrong(moment);
        }
        let tag = &moment.flow.language(moment.call.language).tag;
        let heard = Normal::new(words, tag);
        let choice = self.said(moment, &heard);
        let answer = heard.answers(tag);
        match (asked.first(), &choice) {
            (Some(first), Choice::One(place))
                if certainty == Certainty::Sure || *first == guessed(*place) =>
            {
                self.take_at(moment, *place)
            }
            (Some(Guessed::Key(place)), _) if answer == Some(true) => {
                self.take_at(moment, usize::from(*place))
            }
            (Some(first), _) => {
                moment.call.deny(first.clone());
                match (answer, &asked[1..]) {
                    (Some(false), [other, ..]) => self.ask_about(moment, vec![other.clone()]),
                    _ => self.wrong(moment),
                }
            }
            (None, Choice::One(place)) if certainty == Certainty::Sure => {
                self.take_at(moment, *place)
            }
            (None, Choice::One(place)) => self.ask_about(moment, vec![guessed(*place)]),
            (None, Choice::Several(places)) if places.len() <= MOST_GUESSES => {
                let open = places.iter().map(|place| guessed(*place));
                self.ask_about(moment, open.collect())
            }
            (None, Choice::Several(_) | Choice::None) => self.wrong(moment),
        }
    }

    /// Asks about keys, one after the other. What is private is not told to whoever overhears it: it is said again.
    fn ask_about(&self, moment: &mut Moment<'_>, open: Vec<Guessed>) -> Result<Then, Fault> {
        let here = at(moment);
        let language = moment.call.language;
        let key = match open.first() {
            Some(Guessed::Key(place)) => self.all(here).nth(usize::from(*place)),
            _ => None,
        };
        let Some(key) = key.filter(|_| !self.is_private(moment.flow)) else {
            return self.wrong(moment);
        };
        let words = key.words_in(language).next();
        let words = words.map_or(&key.keys, |words| &words.written);
        let about = (GuessedWords::Key(words), &*key.keys);
        moment.ask_about(&self.question, open, about, &self.listen(here, language))
    }

    fn take_at(&self, moment: &mut Moment<'_>, place: usize) -> Result<Then, Fault> {
        match self.all(at(moment)).nth(place) {
            Some(key) => self.take(moment, key),
            None => self.wrong(moment),
        }
    }

    fn listen(&self, here: At<'_>, language: u8) -> Listen {
        let length = self.keys.first().map_or(1, |key| key.keys.len());
        let one_length = self.all(here).all(|key| key.keys.len() == length);
        let hints = self.hears(language).then(|| {
            let words = self.all(here).flat_map(|key| key.words_in(language));
            words.map(|words| words.written.clone()).collect()
        });
        // No key ends an entry: `#` is a key like any other in a menu, mostly a wrong one.
        Listen {
            num_digits: one_length.then_some(length as u32),
            finish_on_key: None,
            hints,
        }
    }

    /// Whether a key is the menu's, and not one of `[anywhere]`.
    fn is_own(&self, key: &Key) -> bool {
        self.keys.iter().any(|other| std::ptr::eq(other, key))
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            question: &self.question,
            into: self.into,
            is_secret: false,
            takes: Takes::Keys {
                own: &self.keys,
                any: self.any.is_some(),
            },
        }
    }

    fn take(&self, moment: &mut Moment<'_>, key: &Key) -> Result<Then, Fault> {
        if !self.is_own(key) {
            return moment.take(anywhere(&key.keys), &key.way);
        }
        if let Some(slot) = self.into {
            let kind = moment.flow.answer(slot).map(|answer| &answer.kind);
            let itself = || kind.and_then(|kind| kind.key_itself(&key.keys));
            if let Some(value) = key.value.clone().or_else(itself) {
                let listen = self.listen(at(moment), moment.call.language);
                if let Some(then) = moment.accept(&self.question, (slot, value), &listen)? {
                    return Ok(then);
                }
            }
        }
        moment.take(own(&key.keys), &key.way)
    }
}

/// The name of the way of one of its keys.
fn own(keys: &str) -> String {
    format!("keys.{keys}")
}

impl Step for Menu {
    fn edges(&self) -> Vec<Edge> {
        let keys = self.keys.iter().zip(&self.stores);
        let keys = keys.flat_map(|(key, stores)| {
            let by = By::Keys(key.keys.clone());
            let mut edges = key.way.edges(&own(&key.keys), &by);
            if let (Some(slot), Some(value)) = (self.into, stores) {
                for edge in &mut edges {
                    edge.does.into = Some((slot, Some(value.clone())));
                }
            }
            edges
        });
        let any = self.any.iter();
        let any = any.flat_map(|way| way.edges(OTHERS, &By::AnyKey));
        let question = self.question.edges(|miss| self.asked().counts(miss));
        keys.chain(any).chain(question).collect()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.call.take_open_guesses();
        moment.put(
            &self.question,
            &self.listen(at(moment), moment.call.language),
        )
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        if let Some((words, percent)) = input.words() {
            return self.heard(moment, words, percent);
        }
        moment.call.take_open_guesses();
        let here = at(moment);
        let Input::Keys(pressed) = input else {
            return moment.miss(
                &self.question,
                Miss::NoInput,
                &self.listen(here, moment.call.language),
            );
        };
        match (self.key(here, pressed), &self.any) {
            (Some(key), _) => self.take(moment, key),
            (None, Some(any)) => moment.take(OTHERS, any),
            (None, None) => self.wrong(moment),
        }
    }

    fn refuse(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        self.wrong(moment)
    }

    fn waits(&self) -> Waits<'_> {
        Waits::Keys(self.asked())
    }

    fn reads(&self) -> Reads {
        Reads::texts(self.question.readings())
    }
}

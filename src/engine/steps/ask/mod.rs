//! `ask`: the caller enters a value, whose type says what is legal.

mod keys;

use std::sync::Arc;

use super::super::answer::{Answer, SpokenEntry};
use super::super::answers::parse_type;
use super::super::asking::{Listen, Miss};
use super::super::edge::{By, Edge};
use super::super::expression::{Clock, Name};
use super::super::fault::Fault;
use super::super::guess::{Certainty, Guessed};
use super::super::ids::Slot;
use super::super::input::Input;
use super::super::key::{Key, run};
use super::super::keys::shared::{INTO, SENSITIVE};
use super::super::moment::{Moment, Then};
use super::super::question::Question;
use super::super::read::{Checker, KeyRules, hearing, told_keys};
use super::super::render::GuessedWords;
use super::super::speech::Normal;
use super::super::step::{Reads, Step};
use super::super::taken::anywhere;
use super::super::value::Value;
use super::super::waits::{Asked, Takes, Waits};
use super::super::way::Way;
use super::kind::Kind;
use crate::written::{Code, Explain, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "ask",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

#[derive(Debug)]
struct Ask {
    question: Question,
    into: Slot,
    kind: Arc<dyn Answer>,
    way: Way,
    /// Keys that are no legal entry.
    keys: Vec<Key>,
}

const RULES: KeyRules = KeyRules {
    legal: "0123456789*",
    other: None,
    is_entry: true,
};

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let question = Question::parse(item, table, check);
    let way = Way::parse(table, check, "this step");
    let written = table.get(keys::KEYS.name);
    // Which answers are sensitive is found before any step is read.
    let _ = SENSITIVE.find(table, check);
    let kind = parse_type(table, check);
    let Some(into) = table.get(INTO.name) else {
        check
            .fault(
                Code::IntoMissing,
                table.span(),
                "this question does not say where its answer goes",
            )
            .help("add `into = \"…\"`, the name of an answer");
        return None;
    };
    let slot = check.into(into)?;
    let kind = own_or_promised(kind?, slot, into, check);
    let (hears, sure) = hearing(table, false, check);
    let depends_on_day =
        |kind: &Arc<dyn Answer>| kind.depends_on_day() || hears && kind.said_depends_on_day();
    if kind.as_ref().is_some_and(depends_on_day) {
        check.reads_clock(Name::Now(Clock::Date), into.span());
    }
    if kind.as_ref().is_some_and(|kind| !kind.has_keys()) {
        let name = into.value.as_str().unwrap_or_default();
        let message =
            format!("nothing says which key is which value of `{name}`: a table has no order");
        check
            .fault(Code::OneOfKeys, into.span(), message)
            .help("add the order beside `one_of`, under `[answers]`: `keys = [\"letter\", \"parcel\"]`; or ask by a `menu`");
        return None;
    }
    if let (Some(question), Some(kind)) = (&question, &kind) {
        let is_legal = |keys: &str| kind.check(keys).is_some();
        told_keys::shadowed(&question.prompt, item, is_legal, check);
        if kind.wants_speech() && !hears {
            let message = "what is asked for here is said, and nobody listens";
            check
                .fault(Code::SpeechMissing, item.key_span(), message)
                .help("add `speech = true`");
        }
        if !kind.is_open() && !kind.wants_speech() {
            told_keys::end_untold(question, item, kind.length(), check);
            told_keys::values_untold(&question.prompt, item, &**kind, check);
        }
    }
    let keys = own_keys(written, kind.as_deref(), check);
    Some(Box::new(Ask {
        question: Question {
            hears,
            sure,
            ..question?
        },
        into: slot,
        kind: kind?,
        way: way?,
        keys,
    }))
}

/// The keys of its own; a fault for one that can never be pressed as such.
fn own_keys(written: Option<Item<'_>>, kind: Option<&dyn Answer>, check: &mut Checker) -> Vec<Key> {
    let keys =
        written.and_then(|item| item.table(check, "`keys` must be a table of keys and ways"));
    let Some(keys) = keys else { return Vec::new() };
    let parsed = Key::parse_all(&keys, check, RULES);
    let Some(kind) = kind.filter(|kind| !kind.is_open()) else {
        return parsed;
    };
    let (shortest, longest) = kind.length();
    for (name, item) in keys.all() {
        for key in run(name) {
            let is_cut = shortest == longest && key.len() > longest as usize;
            let why = if kind.check(&key).is_some() {
                "is a legal entry here, which comes first".to_owned()
            } else if is_cut {
                format!("is longer than an entry, which ends after {longest}")
            } else {
                continue;
            };
            let message = format!("key `{key}` {why}");
            check
                .fault(Code::KeyIsEntry, item.key_span(), message)
                .help("take a key that is no entry, such as `\"*\"`");
        }
    }
    parsed
}

/// The type on the step, where nothing is promised; else the promised one.
fn own_or_promised(
    own: Option<Arc<dyn Answer>>,
    slot: Slot,
    into: Item<'_>,
    check: &mut Checker,
) -> Option<Arc<dyn Answer>> {
    let promised = Arc::clone(&check.answers[usize::from(slot)].kind);
    match own {
        // A faulty promise has been reported already.
        _ if check.here.promised && promised.is_open() => Some(promised),
        Some(own) if check.here.promised && own.describe() != promised.describe() => {
            let message = format!(
                "this question asks for {}, but what is promised is {}",
                own.describe(),
                promised.describe()
            );
            check
                .fault(Code::AnswerTypeDiffers, into.span(), message)
                .help("leave the type out here: `[answers]` has it");
            None
        }
        Some(_) if check.here.promised => Some(promised),
        Some(own) => {
            check.declare(slot, Arc::clone(&own), into.span());
            Some(own)
        }
        None if promised.is_open() => {
            check
                .fault(
                    Code::AnswerTypeMissing,
                    into.span(),
                    "nothing says what may be entered here",
                )
                .help(
                    "add a type to the step, such as `digits = 4`, or promise it under `[answers]`",
                );
            None
        }
        None => Some(promised),
    }
}

/// The key that says that a value was meant.
const YES_KEY: &str = "1";

/// The name of the way of one of its keys.
fn own(keys: &str) -> String {
    format!("keys.{keys}")
}

impl Ask {
    fn asked(&self) -> Asked<'_> {
        Asked {
            question: &self.question,
            into: Some(self.into),
            is_secret: false,
            takes: Takes::Entry {
                kind: &*self.kind,
                own: &self.keys,
            },
        }
    }

    fn listen(&self) -> Listen {
        let (shortest, longest) = self.kind.length();
        let num_digits = (shortest == longest).then_some(longest);
        Listen {
            num_digits,
            finish_on_key: Some('#'),
            hints: self.question.hears.then(Vec::new),
        }
    }

    fn wrong(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.miss(&self.question, Miss::NoMatch, &self.listen())
    }

    /// Stores what was entered, and goes on.
    fn enters(&self, moment: &mut Moment<'_>, value: Value) -> Result<Then, Fault> {
        let refused = moment.accept(&self.question, (self.into, value), &self.listen())?;
        match refused {
            Some(then) => Ok(then),
            None => moment.take("next", &self.way),
        }
    }

    /// The caller has said something. What is private is never asked about: whoever overhears it would know it.
    fn heard(
        &self,
        moment: &mut Moment<'_>,
        words: &str,
        percent: Option<u8>,
    ) -> Result<Then, Fault> {
        let mut asked = moment.call.take_open_guesses();
        let certainty = self.question.certainty(percent);
        if certainty == Certainty::Wrong || !self.question.hears {
            return self.wrong(moment);
        }
        let (flow, today) = (moment.flow, moment.today());
        let tag = &flow.language(moment.call.language).tag;
        let heard = Normal::new(words, tag);
        let was_asked = asked.pop();
        match (was_asked, heard.answers(tag)) {
            (Some(Guessed::Entry(value)), Some(true)) => return self.enters(moment, value),
            (Some(guessed), answer) => {
                moment.call.deny(guessed);
                if answer.is_some() || certainty != Certainty::Sure {
                    return self.wrong(moment);
                }
            }
            (None, _) => {}
        }
        let value = self.kind.said(&SpokenEntry {
            heard: words,
            words: &heard,
            language: tag,
            today,
        });
        let is_new = |value: &Value| !moment.call.has_denied(&Guessed::Entry(value.clone()));
        let Some(value) = value.filter(is_new) else {
            return self.wrong(moment);
        };
        match certainty {
            Certainty::Sure => self.enters(moment, value),
            _ if flow.is_sensitive(self.into) => self.wrong(moment),
            _ => self.ask_about(moment, &value),
        }
    }

    /// Asks whether a value was meant: key 1 says so, and any other that it was not.
    fn ask_about(&self, moment: &mut Moment<'_>, value: &Value) -> Result<Then, Fault> {
        let listen = Listen {
            num_digits: Some(1),
            ..self.listen()
        };
        let open = vec![Guessed::Entry(value.clone())];
        let about = (GuessedWords::Entry(self.into, value), YES_KEY);
        moment.ask_about(&self.question, open, about, &listen)
    }
}

impl Step for Ask {
    fn edges(&self) -> Vec<Edge> {
        let (shortest, longest) = self.kind.length();
        let end = if shortest == longest { "" } else { "#" };
        let entry = By::Entry(format!("{}{end}", self.kind.example()));
        let mut next = self.way.edges("next", &entry);
        for edge in &mut next {
            edge.does.into = Some((self.into, None));
        }
        let keys = self.keys.iter();
        let keys = keys.flat_map(|key| {
            let by = By::Keys(key.keys.clone());
            key.way.edges(&own(&key.keys), &by)
        });
        let question = self.question.edges(|miss| self.asked().counts(miss));
        next.into_iter().chain(keys).chain(question).collect()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.call.take_open_guesses();
        moment.put(&self.question, &self.listen())
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        if let Some((words, percent)) = input.words() {
            return self.heard(moment, words, percent);
        }
        let mut asked = moment.call.take_open_guesses();
        let Input::Keys(keys) = input else {
            return moment.miss(&self.question, Miss::NoInput, &self.listen());
        };
        match asked.pop() {
            Some(Guessed::Entry(value)) if keys == YES_KEY => return self.enters(moment, value),
            Some(guessed) => {
                moment.call.deny(guessed);
                return self.wrong(moment);
            }
            None => {}
        }
        if let Some(value) = self.kind.check_on(keys, moment.today()) {
            return self.enters(moment, value);
        }
        // A legal entry is the step's own and beats a key of `[anywhere]`; else 9 kilograms could not be entered where
        // 9 leads back.
        if let Some(key) = self.keys.iter().find(|key| key.keys == *keys) {
            return moment.take(own(&key.keys), &key.way);
        }
        let mut everywhere = moment.flow.anywhere_at(moment.step).iter();
        match everywhere.find(|key| key.keys == *keys) {
            Some(key) => moment.take(anywhere(&key.keys), &key.way),
            None => self.wrong(moment),
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

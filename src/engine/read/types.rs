//! The types of a flow's names, and the check of its expressions against them, once all that is set is known.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::super::answered_by::AnsweredBy;
use super::super::expression::{
    Clock, Compiled, Fact, HoursPart, Later, Name, Names, Narrowed, QueuePart, Stands, TextType,
    Type, Types, Verdict,
};
use super::super::ids::Slot;
use super::super::template::Template;
use super::super::value::Value;
use super::Checker;
use crate::written::diag::Place;
use crate::written::number::is_e164;
use crate::written::{Code, Explain};

/// How often the types of variables are worked out from each other before their bounds are given up.
const ROUNDS: usize = 4;

/// The most callers of a queue (Twilio, documentation of the Queue resource).
const IN_QUEUE: i64 = 5_000;

/// The carrier's words for which way a call goes.
const DIRECTIONS: [&str; 6] = [
    "inbound",
    "outbound-api",
    "outbound-dial",
    "outbound",
    "trunking-originating",
    "trunking-terminating",
];

/// An expression to be checked, and the file that it stands in.
#[derive(Debug)]
pub(super) struct Pending {
    pub later: Later,
    pub file: Arc<str>,
}

/// What gets a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// An answer or a variable.
    Slot(Slot),
    /// The language of the call.
    Language,
    /// A number to be dialled.
    Dial,
    /// An amount to be charged.
    Amount,
}

/// What it gets.
#[derive(Debug)]
pub enum Given {
    /// A value that is written out.
    Value(Value),
    /// What an expression comes to.
    Worked(Arc<Compiled>),
    /// A text with holes in it.
    Text,
    /// Something that cannot be read; the fault has been noted.
    Unknown,
}

/// That something gets a value.
#[derive(Debug)]
pub(super) struct Setting {
    to: Receiver,
    given: Given,
    at: Place,
}

impl Given {
    /// What a text gives.
    pub fn of(text: &Template) -> Self {
        match (text.as_literal(), text.as_hole()) {
            (Some(text), _) => Self::Value(Value::Text(text.to_owned())),
            (_, Some(hole)) => Self::Worked(Arc::clone(hole)),
            _ => Self::Text,
        }
    }

    fn type_of(&self, types: &dyn Types) -> Type {
        match self {
            Self::Value(value) => Type::of(value),
            Self::Worked(code) => code.check(types, Stands::Told, Narrowed::default()).of,
            Self::Text => Type::TEXT,
            Self::Unknown => Type::Open,
        }
    }
}

impl Checker<'_> {
    /// Notes that something gets a value.
    pub fn sets(&mut self, to: Receiver, given: Given, span: Range<usize>) {
        let at = self.place(span);
        self.settings.push(Setting { to, given, at });
    }

    pub(in crate::engine) fn at_place(
        &mut self,
        at: &Place,
        code: Code,
        message: String,
        help: String,
    ) {
        let outer = std::mem::replace(&mut self.file, Arc::clone(&at.file));
        self.fault(code, at.span.clone(), message).help(help);
        self.file = outer;
    }
}

impl Types for Checker<'_> {
    fn type_of(&self, name: Name) -> Type {
        match name {
            Name::Slot(slot) => match self.declared(slot) {
                Some(of) => of.kind.type_of(),
                None => {
                    let at = usize::from(slot) - self.answers.len();
                    let known = self.variable_types.get(at).cloned().flatten();
                    known.unwrap_or(Type::Open)
                }
            },
            Name::Call(Fact::Sid | Fact::CallerName | Fact::Flow) => Type::TEXT,
            Name::Call(Fact::From | Fact::To | Fact::Party) => Type::Text(TextType::Caller),
            Name::Call(Fact::Direction) => Type::words(DIRECTIONS),
            Name::Call(Fact::AnsweredBy) => {
                let told = AnsweredBy::ALL.into_iter().map(AnsweredBy::as_str);
                Type::words(told.chain([""]))
            }
            Name::Call(Fact::Language) => {
                Type::words(self.languages.iter().map(|language| &*language.tag))
            }
            Name::Call(Fact::Line) => Type::words(&self.here.lines),
            // It only goes on as it is.
            Name::Call(Fact::Request) => Type::Open,
            Name::Call(Fact::Attempt) => Type::Integer { low: 1, high: 511 },
            Name::Now(Clock::Date) => Type::Text(TextType::Date),
            Name::Now(Clock::Time) => Type::Text(TextType::Time),
            Name::Now(Clock::Weekday) => Type::words(Clock::WEEKDAYS),
            Name::Now(Clock::Utc) => Type::TEXT,
            Name::Outcome(slot) | Name::Fact(slot) => self.type_of_fact(slot),
            Name::Hours(_, HoursPart::Opens | HoursPart::Closes) => Type::Text(TextType::Moment),
            Name::Hours(_, HoursPart::Note) => Type::TEXT,
            Name::Queue(QueuePart::Position | QueuePart::Size) => Type::Integer {
                low: 1,
                high: IN_QUEUE,
            },
            Name::Code => Type::TEXT,
            Name::Queue(QueuePart::Waited) => Type::Integer {
                low: 0,
                high: 86_400,
            },
            Name::Hours(_, HoursPart::Open | HoursPart::OpenOn | HoursPart::OpenAt) => {
                Type::BOOLEAN
            }
        }
    }

    fn is_always_set(&self, name: Name) -> bool {
        match name {
            Name::Hours(at, HoursPart::Opens | HoursPart::Closes) => self.always_changes(at),
            name => self.unsettable(name).is_none(),
        }
    }

    fn is_variable(&self, name: Name) -> bool {
        let variables = self.answers.len()..self.first_call_field();
        matches!(name, Name::Slot(slot) if variables.contains(&usize::from(slot)))
    }

    fn is_sensitive(&self, name: Name) -> Option<bool> {
        match name {
            Name::Slot(slot) => Some(self.declared(slot)?.sensitive),
            _ => None,
        }
    }
}

/// Works out the types of the variables, and checks all expressions and settings against them.
pub fn check_types(check: &mut Checker) {
    let settings = std::mem::take(&mut check.settings);
    infer(&settings, check);
    unlike(&settings, check);
    for setting in &settings {
        fits(setting, check);
    }
    let mut known = Narrowed::default();
    for Pending { later, file } in std::mem::take(&mut check.later) {
        let before = if later.follows {
            std::mem::take(&mut known)
        } else {
            Narrowed::default()
        };
        let Verdict {
            problems,
            otherwise,
            ..
        } = later.compiled.check(check, later.stands, before);
        if later.stands == Stands::Condition {
            known = otherwise;
        }
        let outer = std::mem::replace(&mut check.file, file);
        for problem in problems {
            if problem.code == Code::ConditionConstant {
                let _ = later.reading.constant.set(());
            }
            let span = check.part(&later.at, &later.compiled.source, problem.span);
            check
                .fault(problem.code, span, problem.message)
                .help(problem.help);
        }
        check.file = outer;
    }
}

/// Finds the types of the variables from all that is set into them.
fn infer(settings: &[Setting], check: &mut Checker) {
    check.variable_types = vec![None; check.variables.len()];
    for round in 0..=ROUNDS {
        let mut changed = false;
        for setting in settings {
            let Some(at) = variable(setting, check) else {
                continue;
            };
            let given = setting.given.type_of(check);
            let before = check.variable_types[at].take();
            let after = match &before {
                None => given,
                Some(before) => before.either(&given).unwrap_or_else(|| before.clone()),
            };
            // A variable that counts has no bounds: each round would only widen them.
            let after = match after {
                Type::Integer { .. } if round == ROUNDS && before.as_ref() != Some(&after) => {
                    Type::INTEGER
                }
                after => after,
            };
            changed |= before.as_ref() != Some(&after);
            check.variable_types[at] = Some(after);
        }
        if !changed {
            return;
        }
    }
}

/// The variable that a setting sets, by its place among the variables.
fn variable(setting: &Setting, check: &Checker) -> Option<usize> {
    match setting.to {
        Receiver::Slot(slot) => usize::from(slot).checked_sub(check.answers.len()),
        _ => None,
    }
}

/// Tells variables that are set to unlike things.
fn unlike(settings: &[Setting], check: &mut Checker) {
    let mut firsts: HashMap<usize, (Type, &Place)> = HashMap::new();
    let mut undecided = Vec::new();
    for setting in settings {
        let Some(place) = variable(setting, check) else {
            continue;
        };
        let given = setting.given.type_of(check);
        let (before, at) = firsts
            .entry(place)
            .or_insert_with(|| (given.clone(), &setting.at));
        if before.either(&given).is_some() {
            continue;
        }
        let name = &check.variables[place];
        let message = format!(
            "`{name}` is {} here, and {} elsewhere",
            given.describe(),
            before.describe()
        );
        let help = "a name holds values of one kind: use two names, or quotes in both places";
        let code = Code::VariableTypeDiffers;
        check.at_place(&setting.at, code, message, help.to_owned());
        if let Some(diag) = check.diags.last_mut() {
            diag.also = Some((at.clone(), "set here too".to_owned()));
        }
        undecided.push(place);
    }
    // What it is was not decided, so nothing else is blamed for it.
    for place in undecided {
        check.variable_types[place] = Some(Type::Open);
    }
}

/// Tells what can never take its value.
fn fits(setting: &Setting, check: &mut Checker) {
    let (name, wanted) = match setting.to {
        Receiver::Slot(slot) => match check.answers.get(usize::from(slot)) {
            // A value that is written out has been compared already.
            Some(answer) if !matches!(setting.given, Given::Value(_)) => {
                (answer.own_name().to_owned(), answer.kind.type_of())
            }
            _ => return,
        },
        Receiver::Language => return is_spoken(setting, check),
        Receiver::Dial => return dialled(setting, check),
        Receiver::Amount => return charged(setting, check),
    };
    let given = setting.given.type_of(check);
    let whole = |of: &Type| matches!(of, Type::Integer { .. });
    if given.meets(&wanted) && !(whole(&wanted) && given == Type::Number) {
        return;
    }
    let message = format!("this never fits `{name}`: it is {}", given.describe());
    let help = match (&wanted, &given) {
        (Type::Text(TextType::Digits { .. }), Type::Text(TextType::Caller)) => format!(
            "`{name}` is {}; leave out the `+`: `call.from | replace('+', '')`",
            wanted.describe()
        ),
        _ => format!("`{name}` is {}", wanted.describe()),
    };
    check.at_place(&setting.at, Code::ValueMisfit, message, help);
}

/// Tells what may be no language of the flow.
fn is_spoken(setting: &Setting, check: &mut Checker) {
    let spoken = check.type_of(Name::Call(Fact::Language));
    let given = setting.given.type_of(check);
    let other = match &given {
        Type::Open => return,
        Type::Text(TextType::Words(words)) => {
            let mut words = words.iter();
            let is_other = |word: &&Arc<str>| {
                let mut languages = check.languages.iter();
                !languages.any(|language| *language.tag == ***word)
            };
            match words.find(is_other) {
                Some(other) => format!("this can be '{other}', which the flow does not speak"),
                None => return,
            }
        }
        other => format!(
            "this is {}, and may be no language of the flow",
            other.describe()
        ),
    };
    let help = format!(
        "`call.language` is {}: set it to one of them, or to what can be nothing else",
        spoken.describe()
    );
    check.at_place(&setting.at, Code::ValueMisfit, other, help);
}

/// Tells what is no amount.
fn charged(setting: &Setting, check: &mut Checker) {
    let Given::Worked(code) = &setting.given else {
        return;
    };
    let given = setting.given.type_of(check);
    if matches!(given, Type::Open | Type::Number | Type::Integer { .. }) {
        return;
    }
    let message = format!(
        "`{}` is {}, and a payment needs a number",
        code.source,
        given.describe()
    );
    let help = "promise it as `money` or `number`, or set it to one";
    check.at_place(&setting.at, Code::ValueMisfit, message, help.to_owned());
}

/// Tells what cannot be dialled.
fn dialled(setting: &Setting, check: &mut Checker) {
    let Given::Worked(code) = &setting.given else {
        return;
    };
    let given = setting.given.type_of(check);
    let message = match &given {
        Type::Open | Type::Text(TextType::Free | TextType::Phone | TextType::Caller) => return,
        Type::Text(TextType::Words(words)) => match words.iter().find(|word| !is_e164(word)) {
            Some(word) => {
                format!("this can be '{word}', which is not a number that can be dialled")
            }
            None => return,
        },
        other => format!(
            "`{}` is {}, which cannot be dialled",
            code.source,
            other.describe()
        ),
    };
    let help = "a number is \"+\", country code and number, no spaces: \"+442079460000\"";
    check.at_place(&setting.at, Code::NumberNotE164, message, help.to_owned());
}

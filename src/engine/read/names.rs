//! The names that expressions, `into`, `set` and `forget` may use, and what becomes of those that do not exist.

use std::ops::Range;
use std::sync::Arc;

use super::super::answer::{Answer, RecordingTimes};
use super::super::expression::{
    Clock, Fact, Later, Name, Names, Sensitive, TextType, Type, Types, built_in,
};
use super::super::flow::AnswerOf;
use super::super::ids::Slot;
use super::super::keys::top::{ARGS, CALL_FIELDS, STEPS};
use super::super::reserved::meaning;
use super::super::value::Value;
use super::checker::Checker;
use super::hours::HOURS;
use super::target::step_name_like;
use super::types::Pending;
use crate::written::diag::{Place, nearest};
use crate::written::{Code, Explain, Item, is_name, plain_name};

/// What begins the facts of the call.
const CALL: &str = CALL_FIELDS.name;
/// What of the call is its whole first request.
pub const REQUEST: &str = "request";

impl Checker<'_> {
    /// The slot of an answer or a variable.
    pub fn slot(&self, name: &str) -> Option<Slot> {
        let prefix = &*self.here.prefix;
        let is_it = |full: &String| full.strip_prefix(prefix) == Some(name);
        let answer = self.answers.iter().position(|answer| is_it(&answer.name));
        let variable = || self.variables.iter().position(is_it);
        let at = answer.or_else(|| variable().map(|at| at + self.answers.len()))?;
        Slot::try_from(at).ok()
    }

    /// The first slot of the fields of the first request: behind the answers and variables.
    pub fn first_call_field(&self) -> usize {
        self.answers.len() + self.variables.len()
    }

    /// What is declared of a slot: of an answer, or of a field of the first request.
    pub fn declared(&self, slot: Slot) -> Option<&AnswerOf> {
        let at = usize::from(slot);
        let field = || {
            self.call_fields
                .get(at.checked_sub(self.first_call_field())?)
        };
        self.answers.get(at).or_else(|| Some(&field()?.of))
    }

    /// The same, to be changed.
    pub fn declared_mut(&mut self, slot: Slot) -> Option<&mut AnswerOf> {
        let (at, first) = (usize::from(slot), self.first_call_field());
        if at < self.answers.len() {
            return self.answers.get_mut(at);
        }
        let field = self.call_fields.get_mut(at.checked_sub(first)?)?;
        Some(&mut field.of)
    }

    /// Where what is declared of a slot has its name.
    pub fn declared_at(&self, slot: Slot) -> Range<usize> {
        let (at, first) = (usize::from(slot), self.first_call_field());
        let field = || self.call_places.get(at.checked_sub(first)?);
        let place = self.answer_places.get(at).or_else(field);
        place.cloned().unwrap_or_default()
    }

    /// The slot of a field of the first request, by its name behind `call.`.
    fn call_field(&self, name: &str) -> Option<Slot> {
        self.field(CALL, name)
    }

    /// The slot of a name behind `call.` or `args.` that the call begins with.
    fn field(&self, head: &str, name: &str) -> Option<Slot> {
        let prefix = &*self.here.prefix;
        let is_it = |full: &str| {
            let own = full.strip_prefix(prefix);
            let part = own.and_then(|own| own.strip_prefix(head));
            part.and_then(|part| part.strip_prefix('.')) == Some(name)
        };
        let mut fields = self.call_fields.iter();
        let at = fields.position(|field| is_it(&field.of.name))?;
        Slot::try_from(self.first_call_field() + at).ok()
    }

    /// The slot of something that the flow is given, by its name behind `args.`.
    fn arg(&mut self, name: &str, part: &str, span: Range<usize>) -> Option<Slot> {
        let given = self.here.args.iter().find(|arg| arg.name == part);
        if let Some(arg) = given {
            return Some(arg.slot);
        }
        let known = self.here.args.iter().map(|arg| arg.name.as_str());
        let help = match self.near(part, known.clone()) {
            Some(near) => format!("did you mean `args.{near}`?"),
            None if self.here.args.is_empty() => {
                "the flow is given nothing: `[args]` with a name and a type says what it needs"
                    .to_owned()
            }
            None => format!("`args` has {}", known.collect::<Vec<_>>().join(", ")),
        };
        self.fault(Code::NameUnknown, span, format!("`{name}` is not known"))
            .help(help);
        None
    }

    /// The slot of a name that must exist.
    pub fn known_slot(&mut self, name: &str, span: Range<usize>) -> Option<Slot> {
        let slot = self.slot(name);
        if slot.is_none() {
            self.unknown_name(name, span);
        }
        slot
    }

    /// The slot of a name that `set` may set.
    pub fn settable(&mut self, name: &str, span: Range<usize>) -> Option<Slot> {
        if let Some(help) = why_no_name(name) {
            self.fault(Code::NameReserved, span, format!("`{name}` cannot be set"))
                .help(help);
            return None;
        }
        self.known_slot(name, span)
    }

    /// The slot of the answer that an `into` names, whatever it is.
    pub fn answer_of_into(&mut self, item: Item<'_>) -> Option<Slot> {
        let name = item.text(self, "`into` must be the name of an answer")?;
        self.promised_slot(name, item.span())
    }

    /// The times of an answer that is a recording.
    pub fn recording(&self, slot: Slot) -> Option<RecordingTimes> {
        self.answers.get(usize::from(slot))?.kind.recording()
    }

    /// The slot that an `into` names, for what the caller enters; it must be promised where the flow promises anything.
    pub fn into(&mut self, item: Item<'_>) -> Option<Slot> {
        let slot = self.answer_of_into(item)?;
        let name = item.value.as_str().unwrap_or_default();
        if self.recording(slot).is_some() {
            let message = format!("`{name}` is a recording, which nobody can enter");
            self.fault(Code::RecordingMisused, item.span(), message)
                .help(format!("record it: `record = \"…\"`, `into = \"{name}\"`"));
            return None;
        }
        if let Some(answer) = self.answers.get(usize::from(slot))
            && answer.count().is_some()
        {
            let names = answer
                .entry
                .iter()
                .filter_map(|slot| self.answers.get(usize::from(*slot)));
            let names: Vec<String> = names.map(|answer| format!("`{}`", answer.name)).collect();
            let help = format!("ask for {}, and `append = \"{name}\"`", names.join(", "));
            let message = format!("`{name}` is a list, which nobody can enter");
            self.fault(Code::ListMisused, item.span(), message)
                .help(help);
            return None;
        }
        Some(slot)
    }

    /// Whether a name is a list.
    pub fn is_list(&self, slot: Slot) -> bool {
        let answer = self.answers.get(usize::from(slot));
        answer.is_some_and(|answer| answer.count().is_some())
    }

    /// The name of the list that an answer is sent in, if any.
    pub fn list_of(&self, slot: Slot) -> Option<&str> {
        let mut answers = self.answers.iter();
        let list = answers.find(|answer| answer.entry.contains(&slot))?;
        Some(&list.name)
    }

    /// The slot of an answer, which must be promised where the flow promises anything.
    pub fn promised_slot(&mut self, name: &str, span: Range<usize>) -> Option<Slot> {
        let same = || self.own_answers().find(|(_, own)| *own == name);
        let answer = same().map(|(at, _)| at);
        // An answer whose name is only of another case has been reported where it is promised.
        let promised = |own: &str| !is_name(own) && plain_name(own).to_lowercase() == name;
        let alike = || self.own_answers().find(|(_, own)| promised(own));
        let answer = answer.or_else(|| alike().map(|(at, _)| at));
        if answer.is_none() {
            let near = self
                .near(name, self.own_answers().map(|(_, own)| own))
                .map(str::to_owned);
            let help = near.map_or_else(
                || format!("add `{name}` to `[answers]`, with its type"),
                |near| format!("did you mean `{near}`? else add `{name}` to `[answers]`"),
            );
            self.fault(
                Code::AnswerNotPromised,
                span,
                format!("no answer named `{name}` is promised"),
            )
            .help(help);
        }
        answer.and_then(|at| Slot::try_from(at).ok())
    }

    /// Gives an answer that is not promised the type that its step asks for.
    pub fn declare(&mut self, slot: Slot, kind: Arc<dyn Answer>, span: Range<usize>) {
        let answer = &mut self.answers[usize::from(slot)];
        let before = answer.kind.describe();
        if answer.kind.is_open() || before == kind.describe() {
            answer.kind = kind;
            return;
        }
        let (name, after) = (answer.own_name().to_owned(), kind.describe());
        self.fault(
            Code::AnswerTypeDiffers,
            span,
            format!("`{name}` is {before} elsewhere, and {after} here"),
        )
        .help("use two names, or promise its type under `[answers]`");
    }

    /// Reports a value that does not fit its answer.
    pub fn fits(&mut self, slot: Slot, value: Option<&Value>, span: Range<usize>) {
        let Some((answer, value)) = self.answers.get(usize::from(slot)).zip(value) else {
            return;
        };
        if answer.kind.accepts(value) {
            return;
        }
        let (name, kind) = (answer.own_name().to_owned(), answer.kind.describe());
        let help = match value {
            Value::Text(text)
                if text
                    .parse::<i64>()
                    .is_ok_and(|number| answer.kind.accepts(&Value::Integer(number))) =>
            {
                format!("`{name}` is {kind}: leave out the quotes")
            }
            Value::Text(text)
                if let Some(near) =
                    nearest(text, answer.kind.values().iter().map(String::as_str)) =>
            {
                format!("did you mean \"{near}\"? `{name}` is {kind}")
            }
            _ => format!("`{name}` is {kind}"),
        };
        let message = match value {
            Value::Text(text) => format!("\"{text}\" does not fit `{name}`"),
            value => format!("{value} does not fit `{name}`"),
        };
        self.fault(Code::ValueMisfit, span, message).help(help);
    }

    /// The name that can hold a text.
    fn whose_value(&self, text: &str) -> Option<String> {
        let holds = |of: &Type| matches!(of, Type::Text(TextType::Words(words)) if words.iter().any(|word| **word == *text));
        let fields = self.call_fields.iter().map(|field| &field.of);
        let answers = self.answers.iter().chain(fields);
        let answer = answers
            .filter(|answer| holds(&answer.kind.type_of()))
            .map(|answer| answer.name.clone());
        let clock =
            holds(&self.type_of(Name::Now(Clock::Weekday))).then(|| "now.weekday".to_owned());
        answer
            .chain(self.here.words.get(text).cloned())
            .chain(clock)
            .chain(self.facts.whose_outcome(text))
            .next()
    }

    /// Notes where the clock is read without a zone.
    pub fn reads_clock(&mut self, name: Name, span: Range<usize>) {
        let is_local = matches!(name, Name::Now(Clock::Date | Clock::Time | Clock::Weekday));
        if is_local && !self.here.has_zone && self.zoneless.is_none() {
            self.zoneless = Some(self.place(span));
        }
    }

    /// That a name is read, unless nobody may learn what it holds.
    fn read_slot(
        &mut self,
        slot: Slot,
        name: &str,
        span: Range<usize>,
        sensitive: Sensitive,
    ) -> Option<Name> {
        let of = self.declared(slot);
        // Of a list only how long it is can be told.
        let is_secret = of.is_some_and(|of| of.sensitive && of.count().is_none());
        if is_secret && sensitive == Sensitive::Refused {
            let help = if self.answers.len() > usize::from(slot) {
                "a sensitive answer can be compared in `when` and submitted, nothing else"
            } else {
                "a sensitive field of the call can be compared in `when`, nothing else"
            };
            let message = format!("`{name}` is sensitive and would be told here");
            self.fault(Code::SensitiveTold, span, message).help(help);
            return None;
        }
        self.used.read.insert(slot);
        Some(Name::Slot(slot))
    }

    /// What there is of `call` or `now`, where a name means nothing of it.
    fn parts_help(&self, head: &str, part: &str, parts: &[&str]) -> String {
        if head != CALL {
            return format!("`{head}` has {}", parts.join(", "));
        }
        let own = self.call_fields.iter();
        let own = own.filter_map(|field| field.of.name.strip_prefix("call."));
        let all: Vec<&str> = parts.iter().copied().chain(own).collect();
        match self.near(part, all.iter().copied()) {
            Some(near) => format!("did you mean `call.{near}`?"),
            None => format!(
                "`call` has {}; any other field that the carrier sends is named first: `[call]` \
                 `country = \"CallerCountry\"`",
                all.join(", ")
            ),
        }
    }

    /// Says where the whole first request may stand.
    fn request_not_alone(&mut self, span: Range<usize>) {
        let message =
            "`call.request` is the whole first request of the carrier, and only goes on as it is";
        self.fault(Code::RequestNotAlone, span, message).help(
            "it stands alone in what an action sends, `json = \"{{ call.request }}\"`, `form` or `give`; for one field of it: \
             `[call]` `country = \"CallerCountry\"`",
        );
    }

    /// The slots of the fields of the first request that are sensitive.
    pub fn secret_call_fields(&self) -> impl Iterator<Item = Slot> {
        let fields = self.call_fields.iter().enumerate();
        let secret = fields.filter(|(_, field)| field.of.sensitive);
        let first = self.first_call_field();
        secret.filter_map(move |(at, _)| Slot::try_from(first + at).ok())
    }

    /// Whether a name of the engine's own means something where the text that is read stands.
    fn is_known_here(&self, name: Name) -> bool {
        match name {
            Name::Queue(_) => self.in_queue,
            Name::Code => self.in_code,
            _ => true,
        }
    }

    /// Reports one that does not.
    fn known_elsewhere(&mut self, of: Name, name: &str, span: Range<usize>) {
        let (place, help) = if of == Name::Code {
            (
                "in the words of the SMS that brings it",
                "it can stand in the `words` of a `verify`, and nowhere else",
            )
        } else {
            (
                "while the caller waits in a queue",
                "it can stand in the `hold` and the `say_every` of a `queue`; behind it there is `steps.NAME.waited`",
            )
        };
        let message = format!("`{name}` is known only {place}");
        self.fault(Code::NameUnknown, span, message).help(help);
    }

    fn unknown_name(&mut self, name: &str, span: Range<usize>) {
        let known = self.own_answers().map(|(_, own)| own);
        let variables = self.variables.iter().filter_map(|name| self.own(name));
        let near = self.near(
            name,
            known.chain(variables).chain(["call", "now", STEPS.name]),
        );
        let help = match near {
            _ if let Some(of) = self.whose_value(name) => {
                format!("`{name}` is a value of `{of}`: put it in quotes, `'{name}'`")
            }
            Some(near) => format!("did you mean `{near}`?"),
            None if name.starts_with("call.") => {
                "what a call begins with cannot be changed: `set` a variable to it".to_owned()
            }
            None if name == "result" => self.facts.instead_of_result(),
            None => "it is neither an answer, nor set anywhere in this flow".to_owned(),
        };
        self.fault(Code::NameUnknown, span, format!("`{name}` is not known"))
            .help(help);
    }
}

impl Names for Checker<'_> {
    fn resolve(&mut self, name: &str, span: Range<usize>, sensitive: Sensitive) -> Option<Name> {
        let (head, part) = name.split_once('.').unwrap_or((name, ""));
        if head == STEPS.name {
            return self.step_fact(name, part, span);
        }
        if let (CALL, Some(slot)) = (head, self.call_field(part)) {
            return self.read_slot(slot, name, span, sensitive);
        }
        if head == HOURS {
            return self.hours_part(name, part, span);
        }
        if head == ARGS.name {
            let slot = self.arg(name, part, span.clone())?;
            return self.read_slot(slot, name, span, sensitive);
        }
        match built_in(head, part) {
            Some(Ok(Name::Call(Fact::Line))) if self.here.lines.is_empty() => {
                self.fault(Code::NameUnknown, span, "`call.line` is not known")
                    .help("give each number a name: `numbers = { english = \"+442079460123\" }`");
                return None;
            }
            Some(Ok(built_in @ (Name::Queue(_) | Name::Code))) if !self.is_known_here(built_in) => {
                self.known_elsewhere(built_in, name, span);
                return None;
            }
            Some(Ok(name)) => {
                self.reads_clock(name, span);
                return Some(name);
            }
            Some(Err(_)) if head == CALL && part.split('.').next() == Some(REQUEST) => {
                self.request_not_alone(span);
                return None;
            }
            Some(Err(fields)) => {
                let help = self.parts_help(head, part, &fields);
                self.fault(Code::NameUnknown, span, format!("`{name}` is not known"))
                    .help(help);
                return None;
            }
            None => {}
        }
        let slot = self.known_slot(head, span.clone())?;
        if !part.is_empty() {
            self.fault(
                Code::NameUnknown,
                span,
                format!("`{head}` has no part `{part}`"),
            )
            .help(format!(
                "an answer or variable is one value: write `{head}`"
            ));
            return None;
        }
        self.read_slot(slot, head, span, sensitive)
    }

    fn request(&mut self, span: Range<usize>, sensitive: Sensitive) -> Option<Name> {
        if sensitive == Sensitive::Refused
            && let Some(field) = self.call_fields.iter().find(|field| field.of.sensitive)
        {
            let message = format!(
                "`call.request` holds `{}`, which is sensitive",
                field.of.name
            );
            self.fault(Code::SensitiveTold, span, message).help(
                "name what goes on by itself, field by field, or send it in the body of a service that is `trusted`",
            );
            return None;
        }
        self.sends_request = true;
        Some(Name::Call(Fact::Request))
    }

    fn unsettable(&self, name: Name) -> Option<Slot> {
        match name {
            Name::Slot(slot) | Name::Outcome(slot) | Name::Fact(slot) => Some(slot),
            Name::Call(_) | Name::Now(_) | Name::Hours(..) | Name::Queue(_) | Name::Code => None,
        }
    }

    fn list(&self, name: Name) -> Option<Slot> {
        match name {
            Name::Slot(slot) => Some(slot).filter(|slot| self.is_list(*slot)),
            _ => None,
        }
    }

    fn place(&self, span: Range<usize>) -> Place {
        self.place(span)
    }

    fn part(&self, whole: &Range<usize>, text: &str, part: Range<usize>) -> Range<usize> {
        let own = self.file == self.bundle.file;
        let written = own.then(|| self.written(whole.clone())).flatten();
        let start = match written {
            Some(written) => written.find(text).or_else(|| {
                let wanted = &text[part.clone()];
                let once = written.match_indices(wanted).count() == 1;
                written
                    .find(wanted)
                    .filter(|_| once)?
                    .checked_sub(part.start)
            }),
            // Of a manifest only the places are known: as long as the text, or longer by its quotes.
            None => whole
                .len()
                .checked_sub(text.len())
                .filter(|more| [0, 2].contains(more))
                .map(|more| more / 2),
        };
        match start {
            Some(start) => whole.start + start + part.start..whole.start + start + part.end,
            None => whole.clone(),
        }
    }

    fn count_expression(&mut self) -> usize {
        self.expressions += 1;
        self.expressions
    }

    fn check_later(&mut self, later: Later) {
        let file = Arc::clone(&self.file);
        self.later.push(Pending { later, file });
    }
}

/// Why a text can name no step, answer or variable, and what would be right; `None` where it can.
pub fn why_no_name(name: &str) -> Option<String> {
    if let Some(meaning) = meaning(name) {
        return Some(format!("`{name}` {meaning}"));
    }
    if is_name(name) {
        return None;
    }
    Some(name_help(name))
}

/// What a name is made of, and how one that is not could be written.
pub fn name_help(name: &str) -> String {
    let rule = "a name is made of a-z, 0-9 and `_`, and begins with a letter";
    match step_name_like(name) {
        better if better.is_empty() || meaning(&better).is_some() => rule.to_owned(),
        better => format!("{rule}: write `{better}`"),
    }
}

//! What a flow's parts are checked against: the names that exist, and the faults found so far.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::super::answer::Answer;
use super::super::bundle::Bundle;
use super::super::edge::Target;
use super::super::expression::{
    Clock, Later, Name, Names, Sensitive, TextType, Type, Types, built_in,
};
use super::super::flow::AnswerOf;
use super::super::ids::{Slot, StepId};
use super::super::keys::top::{STEPS, TOP_VALUES};
use super::super::language::Language;
use super::super::prompt::Prompt;
use super::super::reserved::{BUILT_IN, meaning};
use super::super::value::Value;
use super::facts::Facts;
use super::mistyped::{is_key_of_steps, target_meant};
use super::types::{Pending, Setting};
use super::used::Used;
use crate::written::diag::{Diag, MOST, Place, nearest};
use crate::written::voices::{languages_meant, primary};
use crate::written::{Code, Explain, Faults, Item, is_name, plain_name};

/// Names and faults of one flow, while it is loaded.
pub struct Checker<'a> {
    /// The faults found so far.
    pub diags: Vec<Diag>,
    /// The flow's languages, the one that a call begins in first.
    pub languages: Vec<Language>,
    /// Whether one of them is none, so that nobody knows which words are missing.
    pub(in crate::engine) is_unsure_of_languages: bool,
    /// The answers, by their slot.
    pub answers: Vec<AnswerOf>,
    /// Where each answer is named first.
    pub(in crate::engine) answer_places: Vec<Range<usize>>,
    /// Whether the flow has `[answers]`, so that every `into` must be promised there.
    pub promised: bool,
    /// Variables: the names that some `set` makes.
    pub variables: Vec<String>,
    /// The flow's own prompts that no step says, and where they stand.
    pub(in crate::engine) unsaid: Vec<(String, Range<usize>)>,
    /// Prompts, names and languages used so far.
    pub(in crate::engine) used: Used,
    /// Where each language is named.
    pub(in crate::engine) language_places: Vec<Range<usize>>,
    /// The flow's own numbers.
    pub(in crate::engine) numbers: Vec<String>,
    /// The keys of `[anywhere]`, and where they stand.
    pub(in crate::engine) anywhere: Vec<(String, Range<usize>)>,
    /// The steps' places, by their name.
    pub(in crate::engine) steps: HashMap<String, StepId>,
    /// The flow's own prompts.
    pub(super) prompts: HashMap<String, Item<'a>>,
    /// Whether the text that is read is said in all languages of the flow alike.
    pub(in crate::engine) in_all_languages: bool,
    /// Expressions that were compiled.
    expressions: usize,
    /// What comes back to steps that wait.
    pub(super) facts: Facts,
    /// Expressions whose types are checked when those of all names are known.
    pub(super) later: Vec<Pending>,
    /// What is set to what.
    pub(super) settings: Vec<Setting>,
    /// The types of the variables.
    pub(super) variable_types: Vec<Option<Type>>,
    /// Texts that some `set` gives a name, and the name: what somebody may have meant who forgot the quotes.
    pub(in crate::engine) words: BTreeMap<String, String>,
    pub(super) bundle: &'a Bundle,
    pub(super) file: Arc<str>,
    pub(super) ready: HashMap<String, Option<Prompt>>,
    pub(super) resolving: Vec<String>,
}

impl<'a> Checker<'a> {
    /// For one bundle.
    pub(in crate::engine) fn new(bundle: &'a Bundle) -> Self {
        Self {
            diags: Vec::new(),
            languages: Vec::new(),
            is_unsure_of_languages: false,
            answers: Vec::new(),
            answer_places: Vec::new(),
            promised: false,
            variables: Vec::new(),
            unsaid: Vec::new(),
            used: Used::default(),
            language_places: Vec::new(),
            numbers: Vec::new(),
            anywhere: Vec::new(),
            steps: HashMap::new(),
            prompts: HashMap::new(),
            in_all_languages: true,
            expressions: 0,
            facts: Facts::default(),
            later: Vec::new(),
            settings: Vec::new(),
            variable_types: Vec::new(),
            words: BTreeMap::new(),
            bundle,
            file: bundle.file.clone(),
            ready: HashMap::new(),
            resolving: Vec::new(),
        }
    }

    /// Notes a fault at a place of the file that is being read; the caller may explain it.
    pub fn fault(
        &mut self,
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> &mut Diag {
        let at = self.place(span);
        self.diags.push(Diag::new(code, at, message));
        self.diags.last_mut().expect("one was pushed")
    }

    /// The text of the flow's file.
    pub fn source(&self) -> &'a str {
        &self.bundle.source
    }

    /// A place in the file that is being read.
    pub fn place(&self, span: Range<usize>) -> Place {
        Place {
            file: self.file.clone(),
            span,
        }
    }

    /// Says that a key of a step stands elsewhere.
    pub fn misplaced_in_step(&mut self, key: &str, span: Range<usize>, whose: &str) {
        let place = match whose {
            "a flow" => "above the first header".to_owned(),
            _ => format!("in {whose}"),
        };
        let message = format!("`{key}` belongs to a step, but stands {place}");
        self.fault(Code::KeyMisplaced, span, message).help(format!(
            "write `{key}` below the header of its step, `[steps.…]`"
        ));
    }

    /// Says that a key of the flow stands below a `[table]`.
    pub fn misplaced(&mut self, key: &str, span: Range<usize>, whose: &str) {
        let message = format!("`{key}` belongs to the flow, but stands in {whose}");
        self.fault(Code::KeyMisplaced, span, message).help(format!(
            "write `{key}` above the first `[…]`: what follows a `[table]` belongs to that table"
        ));
    }

    /// Where a target leads.
    pub fn target(&mut self, item: Item<'_>) -> Option<Target> {
        let name = item.text(self, "this must be the name of a step")?;
        match name {
            "hangup" => return Some(Target::Hangup),
            "repeat" => return Some(Target::Repeat),
            "back" => return Some(Target::Back),
            _ => {}
        }
        if let Some(step) = self.step(name) {
            return Some(Target::Step(step));
        }
        let known = self.steps.keys().map(String::as_str).chain(BUILT_IN);
        let near = target_meant(name)
            .or_else(|| self.near(name, known))
            .map(str::to_owned);
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "write a step `[steps.{}]`, or lead to one that is there",
                step_name_like(name)
            ),
        };
        self.fault(
            Code::TargetUnknown,
            item.span(),
            format!("no step named `{name}`"),
        )
        .help(help);
        None
    }

    /// The known name that is nearest, as long as there are few enough faults that it will be read.
    pub(in crate::engine) fn near<'n>(
        &self,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> Option<&'n str> {
        if self.diags.len() < MOST {
            nearest(name, known)
        } else {
            None
        }
    }

    /// Whether what is read stands on a step, and not in a prompt of its own.
    pub(super) fn is_in_step(&self) -> bool {
        self.resolving.is_empty()
    }

    /// A step, by its name.
    pub fn step(&self, name: &str) -> Option<StepId> {
        self.steps.get(name).copied()
    }

    /// The slot of an answer or a variable.
    pub fn slot(&self, name: &str) -> Option<Slot> {
        let answer = self.answers.iter().position(|answer| answer.name == name);
        let variable = || self.variables.iter().position(|variable| variable == name);
        let at = answer.or_else(|| variable().map(|at| at + self.answers.len()))?;
        Slot::try_from(at).ok()
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

    /// The slot that an `into` names; it must be promised where the flow promises anything.
    pub fn into(&mut self, item: Item<'_>) -> Option<Slot> {
        let name = item.text(self, "`into` must be the name of an answer")?;
        self.promised_slot(name, item.span())
    }

    /// The slot of an answer, which must be promised where the flow promises anything.
    pub fn promised_slot(&mut self, name: &str, span: Range<usize>) -> Option<Slot> {
        let answer = self.answers.iter().position(|answer| answer.name == name);
        // An answer whose name is only of another case has been reported where it is promised.
        let promised = |answer: &AnswerOf| {
            !is_name(&answer.name) && plain_name(&answer.name).to_lowercase() == name
        };
        let answer = answer.or_else(|| self.answers.iter().position(promised));
        if answer.is_none() {
            let near = self
                .near(name, self.answers.iter().map(|answer| answer.name.as_str()))
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
        let (name, after) = (answer.name.clone(), kind.describe());
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
        let (name, kind) = (answer.name.clone(), answer.kind.describe());
        let help = match value {
            Value::Text(text)
                if text
                    .parse::<i64>()
                    .is_ok_and(|number| answer.kind.accepts(&Value::Integer(number))) =>
            {
                format!("`{name}` is {kind}: leave out the quotes")
            }
            _ => format!("`{name}` is {kind}"),
        };
        let message = match value {
            Value::Text(text) => format!("\"{text}\" does not fit `{name}`"),
            value => format!("{value} does not fit `{name}`"),
        };
        self.fault(Code::ValueMisfit, span, message).help(help);
    }

    /// A language of the flow, by its tag.
    pub fn language(&mut self, tag: &str, span: Range<usize>) -> Option<usize> {
        let place = self
            .languages
            .iter()
            .position(|language| *language.tag == *tag);
        if place.is_none() {
            if self.is_unsure_of_languages {
                return None;
            }
            let tags = || self.languages.iter().map(|language| &*language.tag);
            let same = || tags().find(|other| primary(other) == primary(&tag.to_lowercase()));
            let near = nearest(tag, tags()).or_else(same).map(str::to_owned);
            let meant = languages_meant(tag).first().copied().unwrap_or(tag);
            self.fault(
                Code::LanguageUnknown,
                span,
                format!("the flow does not speak `{tag}`"),
            )
            .help(near.map_or_else(
                || format!("add it: `[languages]` `{meant} = {{ voice = \"…\" }}`"),
                |near| format!("did you mean `{near}`?"),
            ));
        }
        place
    }

    /// The name that can hold a text.
    fn whose_value(&self, text: &str) -> Option<String> {
        let holds = |of: &Type| matches!(of, Type::Text(TextType::Words(words)) if words.iter().any(|word| **word == *text));
        let answers = self.answers.iter();
        let answer = answers
            .filter(|answer| holds(&answer.kind.type_of()))
            .map(|answer| answer.name.clone());
        let clock =
            holds(&self.type_of(Name::Now(Clock::Weekday))).then(|| "now.weekday".to_owned());
        answer
            .chain(self.words.get(text).cloned())
            .chain(clock)
            .chain(self.facts.whose_outcome(text))
            .next()
    }

    fn unknown_name(&mut self, name: &str, span: Range<usize>) {
        let known = self.answers.iter().map(|answer| answer.name.as_str());
        let near = self.near(
            name,
            known
                .chain(self.variables.iter().map(String::as_str))
                .chain(["call", "now", STEPS.name]),
        );
        let help = match near {
            _ if let Some(of) = self.whose_value(name) => {
                format!("`{name}` is a value of `{of}`: put it in quotes, `'{name}'`")
            }
            Some(near) => format!("did you mean `{near}`?"),
            None if name == "hours" => "opening hours are not there yet".to_owned(),
            None => "it is neither an answer, nor set anywhere in this flow".to_owned(),
        };
        self.fault(Code::NameUnknown, span, format!("`{name}` is not known"))
            .help(help);
    }
}

impl Faults for Checker<'_> {
    fn fault(&mut self, code: Code, span: Range<usize>, message: String) -> &mut Diag {
        self.fault(code, span, message)
    }

    fn belongs_elsewhere(&mut self, key: &str, span: &Range<usize>, whose: &str) -> bool {
        let elsewhere = TOP_VALUES.contains(&key);
        if elsewhere {
            self.misplaced(key, span.clone(), whose);
        }
        let is_of_step = is_key_of_steps(key) && (whose == "a flow" || whose.starts_with("`["));
        if is_of_step && !elsewhere {
            self.misplaced_in_step(key, span.clone(), whose);
        }
        elsewhere || is_of_step
    }

    fn takes_notes(&self) -> bool {
        true
    }
}

impl Names for Checker<'_> {
    fn resolve(&mut self, name: &str, span: Range<usize>, sensitive: Sensitive) -> Option<Name> {
        let (head, part) = name.split_once('.').unwrap_or((name, ""));
        if head == STEPS.name {
            return self.step_fact(name, part, span);
        }
        match built_in(head, part) {
            Some(Ok(name)) => return Some(name),
            Some(Err(fields)) => {
                self.fault(Code::NameUnknown, span, format!("`{name}` is not known"))
                    .help(format!("`{head}` has {}", fields.join(", ")));
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
        let answer = self.answers.get(usize::from(slot));
        if answer.is_some_and(|answer| answer.sensitive) && sensitive == Sensitive::Refused {
            self.fault(
                Code::SensitiveTold,
                span,
                format!("`{head}` is sensitive and would be told here"),
            )
            .help("a sensitive answer can be compared in `when` and submitted, nothing else");
            return None;
        }
        self.used.read.insert(slot);
        Some(Name::Slot(slot))
    }

    fn unsettable(&self, name: Name) -> Option<Slot> {
        match name {
            Name::Slot(slot) | Name::Outcome(slot) | Name::Fact(slot) => Some(slot),
            Name::Call(_) | Name::Now(_) => None,
        }
    }

    fn place(&self, span: Range<usize>) -> Place {
        self.place(span)
    }

    fn part(&self, whole: &Range<usize>, text: &str, part: Range<usize>) -> Range<usize> {
        let own = self.file == self.bundle.file;
        let written = own.then(|| self.bundle.source.get(whole.clone())).flatten();
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
    let rule = "a name is made of a-z, 0-9 and `_`, and begins with a letter";
    Some(match step_name_like(name) {
        better if better.is_empty() => rule.to_owned(),
        better if meaning(&better).is_some() => rule.to_owned(),
        better => format!("{rule}: write `{better}`"),
    })
}

/// A name as a step can have it.
pub fn step_name_like(name: &str) -> String {
    let plain = plain_name(name).to_lowercase().replace('-', "_");
    plain
        .trim_start_matches(|letter: char| !letter.is_ascii_lowercase())
        .to_owned()
}

/// Whether scheme and host of a URL stand there, so that no variable can decide who is asked.
pub fn is_absolute_url(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !host.contains("{{") && !host.contains(char::is_whitespace)
}

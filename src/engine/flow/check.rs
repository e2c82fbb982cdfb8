//! What a flow's parts are checked against: the names that exist, and the faults found so far.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::super::answers::Answer;
use super::super::call::{Slot, StepId};
use super::super::diag::{Diag, Place, nearest};
use super::super::expression::{Name, Sensitive, Template, built_in};
use super::super::prompt::{Prompt, Segment};
use super::super::step::Target;
use super::super::value::Value;
use super::bundle::{Audio, Bundle, Entry};
use super::written::Item;
use super::{AnswerOf, Language};

/// Targets that every flow has.
pub const BUILT_IN: [&str; 3] = ["hangup", "repeat", "back"];

/// Names and faults of one flow, while it is loaded.
pub struct Checker<'a> {
    /// The faults found so far.
    pub diags: Vec<Diag>,
    /// The flow's languages, the one that a call begins in first.
    pub languages: Vec<Language>,
    /// The answers, by their slot.
    pub answers: Vec<AnswerOf>,
    /// Whether the flow has `[answers]`, so that every `into` must be promised there.
    pub promised: bool,
    /// Variables: the names that some `set` makes.
    pub variables: Vec<String>,
    /// Prompts used so far: language and id.
    pub used: BTreeSet<(String, String)>,
    /// The steps' names, by their place.
    pub(super) steps: Vec<String>,
    /// The flow's own prompts.
    pub(super) prompts: Vec<(String, Item<'a>)>,
    bundle: &'a Bundle,
    file: Arc<str>,
    ready: HashMap<String, Option<Prompt>>,
    resolving: Vec<String>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(bundle: &'a Bundle) -> Self {
        Self {
            diags: Vec::new(),
            languages: Vec::new(),
            answers: Vec::new(),
            promised: false,
            variables: Vec::new(),
            used: BTreeSet::new(),
            steps: Vec::new(),
            prompts: Vec::new(),
            bundle,
            file: bundle.file.clone(),
            ready: HashMap::new(),
            resolving: Vec::new(),
        }
    }

    /// Notes an error at a place of the file that is being read; the caller may add help to it.
    pub fn error(&mut self, code: &'static str, span: Range<usize>, message: impl Into<String>) -> &mut Diag {
        let at = self.place(span);
        self.note(Diag::error(code, at, message))
    }

    /// Notes a warning.
    pub fn warn(&mut self, code: &'static str, span: Range<usize>, message: impl Into<String>) -> &mut Diag {
        let at = self.place(span);
        self.note(Diag::warning(code, at, message))
    }

    /// A place in the file that is being read.
    pub fn place(&self, span: Range<usize>) -> Place {
        Place { file: self.file.clone(), span }
    }

    fn note(&mut self, diag: Diag) -> &mut Diag {
        self.diags.push(diag);
        self.diags.last_mut().expect("one was pushed")
    }

    /// Where a target leads.
    pub fn target(&mut self, item: Item<'_>) -> Option<Target> {
        let name = item.text(self, "this is the name of a step")?;
        match name {
            "hangup" => return Some(Target::Hangup),
            "repeat" => return Some(Target::Repeat),
            "back" => return Some(Target::Back),
            _ => {}
        }
        if let Some(step) = self.step(name) {
            return Some(Target::Step(step));
        }
        let known = self.steps.iter().map(String::as_str).chain(BUILT_IN);
        let near = nearest(name, known).map(str::to_owned);
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write a step `[steps.{name}]`, or lead to one that is there"),
        };
        self.error("target-unknown", item.span(), format!("no step named `{name}`")).help = Some(help);
        None
    }

    /// A step, by its name.
    pub fn step(&self, name: &str) -> Option<StepId> {
        self.steps.iter().position(|step| step == name).and_then(|at| StepId::try_from(at).ok())
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
        if ["now", "hours", "result", "true", "false", "none"].contains(&name) || !is_name(name) {
            self.error("name-reserved", span, format!("`{name}` cannot be set")).help = Some(
                "use letters, digits and `_`; `call`, `now`, `hours` and `result` have a meaning already".to_owned(),
            );
            return None;
        }
        self.known_slot(name, span)
    }

    /// The slot that an `into` names; it must be promised where the flow promises anything.
    pub fn into(&mut self, item: Item<'_>) -> Option<Slot> {
        let name = item.text(self, "`into` is the name of an answer")?;
        let answer = self.answers.iter().position(|answer| answer.name == name);
        if answer.is_none() {
            let near = nearest(name, self.answers.iter().map(|answer| answer.name.as_str())).map(str::to_owned);
            let help = near.map_or_else(
                || format!("add `{name}` to `[answers]`"),
                |near| format!("did you mean `{near}`? else add `{name}` to `[answers]`"),
            );
            self.error("answer-not-promised", item.span(), format!("no answer named `{name}` is promised")).help =
                Some(help);
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
        self.error("answer-type-differs", span, format!("`{name}` is {before} elsewhere, and {after} here")).help =
            Some("use two names, or promise its type under `[answers]`".to_owned());
    }

    /// Says so when a value does not fit its answer.
    pub fn fits(&mut self, slot: Slot, value: Option<&Value>, span: Range<usize>) {
        let Some((answer, value)) = self.answers.get(usize::from(slot)).zip(value) else { return };
        if answer.kind.accepts(value) {
            return;
        }
        let (name, kind) = (answer.name.clone(), answer.kind.describe());
        self.error("value-misfit", span, format!("`{value}` does not fit `{name}`")).help =
            Some(format!("`{name}` is {kind}"));
    }

    /// A language of the flow, by its tag.
    pub fn language(&mut self, tag: &str, span: Range<usize>) -> Option<usize> {
        let place = self.languages.iter().position(|language| *language.tag == *tag);
        if place.is_none() {
            let near = nearest(tag, self.languages.iter().map(|language| &*language.tag)).map(str::to_owned);
            self.error("language-unknown", span, format!("the flow does not speak `{tag}`")).help =
                Some(near.map_or_else(
                    || format!("add it: `[languages]` `{tag} = {{ voice = \"…\" }}`"),
                    |near| format!("did you mean `{near}`?"),
                ));
        }
        place
    }

    /// What a name in an expression means.
    pub fn resolve(&mut self, name: &str, span: Range<usize>, sensitive: Sensitive) -> Option<Name> {
        match built_in(name) {
            Some(Ok(name)) => return Some(name),
            Some(Err(fields)) => {
                let group = name.split('.').next().unwrap_or_default();
                self.error("name-unknown", span, format!("`{name}` is not known")).help =
                    Some(format!("`{group}` has {}", fields.join(", ")));
                return None;
            }
            None => {}
        }
        let head = name.split('.').next().unwrap_or_default();
        let Some(slot) = self.known_slot(head, span.clone()) else { return None };
        let secret = self.answers.get(usize::from(slot)).is_some_and(|answer| answer.sensitive);
        if secret && sensitive == Sensitive::Refused {
            self.error("sensitive-told", span, format!("`{head}` is sensitive and would be told here")).help =
                Some("a sensitive answer can be compared in `when` and submitted, nothing else".to_owned());
            return None;
        }
        Some(Name::Slot(slot))
    }

    fn unknown_name(&mut self, name: &str, span: Range<usize>) {
        let known = self.answers.iter().map(|answer| answer.name.as_str());
        let near =
            nearest(name, known.chain(self.variables.iter().map(String::as_str)).chain(["call", "now", "result"]));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "it is neither an answer, nor set anywhere in this flow".to_owned(),
        };
        self.error("name-unknown", span, format!("`{name}` is not known")).help = Some(help);
    }

    /// A time as written: `"5s"`, `"500ms"`, `"2m"`.
    pub fn duration(&mut self, item: Item<'_>, what: &str) -> Option<Duration> {
        let text = item.text(self, what)?;
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let scale = match &text[digits..] {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => f64::NAN,
        };
        let seconds = text[..digits].parse::<f64>().unwrap_or(f64::NAN) * scale;
        let time = Duration::try_from_secs_f64(seconds).ok();
        if time.is_none() {
            self.error("value-not-a-time", item.span(), format!("`{text}` is not a time")).help =
                Some("write \"5s\", \"500ms\" or \"2m\"".to_owned());
        }
        time
    }

    /// A time in whole seconds within bounds.
    pub fn seconds(&mut self, item: Item<'_>, what: &str, bounds: Range<u32>) -> Option<u32> {
        let time = self.duration(item, what)?;
        let whole = u32::try_from(time.as_secs()).ok().filter(|_| time.subsec_nanos() == 0);
        let seconds = whole.filter(|seconds| bounds.contains(seconds));
        if seconds.is_none() {
            let (low, high) = (bounds.start, bounds.end - 1);
            self.error("value-out-of-range", item.span(), "this time is not possible here").help =
                Some(format!("whole seconds, from \"{low}s\" to \"{high}s\""));
        }
        seconds
    }

    /// A prompt, by its id: the flow's own, else the audio manifest's, in every language.
    pub fn prompt(&mut self, id: &str, span: Range<usize>) -> Option<Prompt> {
        if let Some(ready) = self.ready.get(id) {
            return ready.clone();
        }
        if self.resolving.iter().any(|other| other == id) {
            self.error("prompt-circle", span, format!("the prompt `{id}` is made of itself"));
            return None;
        }
        self.resolving.push(id.to_owned());
        let prompt = self.make_prompt(id, span);
        self.resolving.pop();
        self.ready.insert(id.to_owned(), prompt.clone());
        prompt
    }

    /// Whether a prompt of this id stands anywhere.
    pub fn has_prompt(&self, id: &str) -> bool {
        self.prompts.iter().any(|(name, _)| name == id)
            || self.languages.iter().any(|language| self.entry(&language.tag, id).is_some())
    }

    fn make_prompt(&mut self, id: &str, span: Range<usize>) -> Option<Prompt> {
        if !self.has_prompt(id) {
            return self.unknown_prompt(id, span);
        }
        let own = self.prompts.iter().find(|(name, _)| name == id).map(|(_, item)| *item);
        let mut prompt = Prompt::empty(self.languages.len());
        let mut missing = Vec::new();
        for place in 0..self.languages.len() {
            let tag = Arc::clone(&self.languages[place].tag);
            match own.and_then(|item| own_words(item, &tag)) {
                Some(words) => prompt.extend_in(place, &Prompt::parse(words, self)?),
                None => match self.entry(&tag, id) {
                    Some((file, entry)) => {
                        self.used.insert((tag.to_string(), id.to_owned()));
                        let segment = self.manifest_segment(file, entry)?;
                        prompt.push_in(place, segment);
                    }
                    None => missing.push(tag),
                },
            }
        }
        if missing.is_empty() {
            return Some(prompt);
        }
        let at = own.map_or(span, |item| item.key_span());
        let first = &missing[0];
        self.error("prompt-missing", at, format!("the prompt `{id}` has no words in {}", missing.join(", "))).help =
            Some(format!("add it to `{first}.toml` of the audio manifest, or to `[prompts]` of the flow"));
        None
    }

    fn unknown_prompt(&mut self, id: &str, span: Range<usize>) -> Option<Prompt> {
        let manifest = self.bundle.catalogues.iter().flat_map(|catalogue| catalogue.entries.keys());
        let known = self.prompts.iter().map(|(name, _)| name).chain(manifest).map(String::as_str);
        let help = match nearest(id, known) {
            Some(near) => format!("did you mean `@{near}`?"),
            None => format!("add `\"{id}\"` to `[prompts]` or to the audio manifest; `@@` is a literal `@`"),
        };
        self.error("prompt-unknown", span, format!("no prompt named `@{id}`")).help = Some(help);
        None
    }

    fn entry(&self, language: &str, id: &str) -> Option<(Arc<str>, &'a Entry)> {
        let catalogue = self.bundle.catalogues.iter().find(|catalogue| catalogue.language == language)?;
        catalogue.entries.get(id).map(|entry| (catalogue.file.clone(), entry))
    }

    fn manifest_segment(&mut self, file: Arc<str>, entry: &Entry) -> Option<Segment> {
        match (&entry.audio, &entry.text) {
            (Some(Audio::Recording(path)), _) => Some(Segment::Recording(path.clone())),
            (Some(Audio::Url(url)), _) => Some(Segment::Url(Template::literal(url))),
            (None, text) => {
                let outer = std::mem::replace(&mut self.file, file);
                let template = Template::parse(text.as_deref().unwrap_or_default(), entry.at.0..entry.at.1, self);
                self.file = outer;
                template.map(Segment::Text)
            }
        }
    }
}

/// The words of one of the flow's own prompts in a language: a table holds them by language, anything else is the same
/// in every language.
fn own_words<'a>(item: Item<'a>, language: &str) -> Option<Item<'a>> {
    match item.value.as_table() {
        Some(table) if !is_segment(table) => super::written::Table::new(table, item.span()).peek(language),
        _ => Some(item),
    }
}

/// Whether a table is a segment rather than words by language.
pub(super) fn is_segment(table: &toml::de::DeTable<'_>) -> bool {
    ["pause", "audio", "digits", "say"].iter().any(|key| table.get(*key).is_some())
}

/// Whether a text can name an answer or a variable.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

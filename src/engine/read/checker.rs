//! What a flow's parts are checked against: the names that exist, and the faults found so far.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::super::bundle::Bundle;
use super::super::expression::Type;
use super::super::flow::{AnswerOf, CallField};
use super::super::ids::{Slot, StepId};
use super::super::keys::top::TOP_VALUES;
use super::super::language::Language;
use super::super::step::Step;
use super::super::way::Way;
use super::facts::Facts;
use super::here::{FlowPart, Here, Impassable};
use super::mistyped::{is_key_of_steps, key_meant};
use super::types::{Pending, Setting};
use super::used::Used;
use crate::hours::Hours;
use crate::written::diag::{Diag, MOST, Place, nearest};
use crate::written::voices::{country, languages_meant, primary};
use crate::written::{Code, Explain, Faults};

/// Names and faults of one flow, while it is loaded.
pub struct Checker<'a> {
    /// What names mean in the flow that is being read.
    pub(in crate::engine) here: Here<'a>,
    /// The same of the flow itself and of those that it goes through; empty for the one that is being read.
    pub(super) flows: Vec<Here<'a>>,
    /// Which of them is being read.
    pub(super) at: usize,
    /// Their files, and where each begins among the bytes of all.
    pub(super) files: Vec<FlowPart<'a>>,
    /// Which of them a step goes through, by where that is written; or why it cannot.
    pub(super) through: HashMap<usize, Result<usize, Impassable>>,
    /// The ends of flows that are gone through, and what comes then.
    pub(in crate::engine) returns: HashMap<StepId, Box<dyn Step>>,
    /// Where a call goes that cannot go on in the flow which a step goes through, where the step says so.
    pub(in crate::engine) fails: HashMap<usize, Way>,
    /// Where each step has its name.
    pub(in crate::engine) step_places: HashMap<StepId, Range<usize>>,
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
    /// Whether some text speaks when somebody opens or closes.
    pub(in crate::engine) says_moments: bool,
    /// Whether some question listens for words.
    pub(in crate::engine) hears_speech: bool,
    /// Answers that some text speaks.
    pub(in crate::engine) said: BTreeSet<Slot>,
    /// Variables: the names that some `set` makes.
    pub variables: Vec<String>,
    /// The fields of the first request, in slots behind the variables.
    pub(in crate::engine) call_fields: Vec<CallField>,
    /// Whether some step sends on the whole of that request.
    pub(in crate::engine) sends_request: bool,
    /// Where each is named.
    pub(in crate::engine) call_places: Vec<Range<usize>>,
    /// Prompts, names and languages used so far.
    pub(in crate::engine) used: Used,
    /// Where each language is named.
    pub(in crate::engine) language_places: Vec<Range<usize>>,
    /// Where the flow reads the clock first without a zone.
    pub(in crate::engine) zoneless: Option<Place>,
    /// Whether the text that is read is said in all languages of the flow alike.
    pub(in crate::engine) in_all_languages: bool,
    /// Whether the text that is read is heard by a caller who waits in a queue.
    pub(in crate::engine) in_queue: bool,
    /// Whether the text that is read is that of an SMS which brings a code.
    pub(in crate::engine) in_code: bool,
    /// Expressions that were compiled.
    pub(super) expressions: usize,
    /// What comes back to steps that wait.
    pub(super) facts: Facts,
    /// Expressions whose types are checked when those of all names are known.
    pub(super) later: Vec<Pending>,
    /// What is set to what.
    pub(super) settings: Vec<Setting>,
    /// The types of the variables.
    pub(super) variable_types: Vec<Option<Type>>,
    /// Opening hours that the flow reads: their name and, where their file is sound, what it says.
    pub(super) hours: Vec<(String, Option<Arc<Hours>>)>,
    pub(super) bundle: &'a Bundle,
    pub(in crate::engine) file: Arc<str>,
    /// The language whose words are read, where they are of one alone: what they name is read in this one.
    pub(super) only: Option<usize>,
    pub(super) resolving: Vec<String>,
    /// Languages that have no words for prompts of Hookswitch's own, and these.
    pub(in crate::engine) without_own_words: BTreeMap<usize, Vec<String>>,
}

impl<'a> Checker<'a> {
    /// For one bundle.
    pub(in crate::engine) fn new(bundle: &'a Bundle) -> Self {
        Self {
            here: Here::default(),
            flows: vec![Here::default()],
            at: 0,
            files: vec![FlowPart {
                begins: 0,
                file: bundle.file.clone(),
                source: &bundle.source,
            }],
            through: HashMap::new(),
            returns: HashMap::new(),
            fails: HashMap::new(),
            step_places: HashMap::new(),
            diags: Vec::new(),
            languages: Vec::new(),
            is_unsure_of_languages: false,
            answers: Vec::new(),
            answer_places: Vec::new(),
            says_moments: false,
            hears_speech: false,
            said: BTreeSet::new(),
            variables: Vec::new(),
            call_fields: Vec::new(),
            sends_request: false,
            call_places: Vec::new(),
            used: Used::default(),
            language_places: Vec::new(),
            zoneless: None,
            in_all_languages: true,
            in_queue: false,
            in_code: false,
            expressions: 0,
            facts: Facts::default(),
            later: Vec::new(),
            settings: Vec::new(),
            variable_types: Vec::new(),
            hours: Vec::new(),
            bundle,
            file: bundle.file.clone(),
            only: None,
            resolving: Vec::new(),
            without_own_words: BTreeMap::new(),
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

    /// A place in the file that is being read.
    pub fn place(&self, span: Range<usize>) -> Place {
        if self.file == self.bundle.file {
            let (part, span) = self.part_of(span);
            return Place {
                file: part.file.clone(),
                span,
            };
        }
        Place {
            file: self.file.clone(),
            span,
        }
    }

    /// Where a step has its name.
    pub fn step_place(&self, step: StepId) -> Range<usize> {
        self.step_places.get(&step).cloned().unwrap_or_default()
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

    /// A language of the flow, by its tag.
    pub fn language(&mut self, tag: &str, span: Range<usize>) -> Option<usize> {
        let place = self
            .languages
            .iter()
            .position(|language| *language.tag == *tag);
        if place.is_none() {
            // A flow that others go through may know languages that this one does not speak.
            if self.is_unsure_of_languages || self.here.tags.iter().any(|own| own == tag) {
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

    fn key_meant(&self, word: &str) -> Option<&'static str> {
        key_meant(word)
    }

    fn country(&self) -> Option<String> {
        country(&self.languages.first()?.tag).map(str::to_owned)
    }

    fn takes_notes(&self) -> bool {
        true
    }
}

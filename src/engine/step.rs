//! What every action is asked.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::came::Came;
use super::edge::{By, Edge};
use super::expression::Reading;
use super::fault::Fault;
use super::flow::Flow;
use super::ids::Slot;
use super::input::Input;
use super::key::Key;
use super::leg::{LegAnswer, LegInput};
use super::machine::MachineNamed;
use super::moment::{Moment, Then};
use super::outcome_ways::ERROR;
use super::prompt::Prompt;
use super::question::{EntryRefusal, Miss};
use super::service::{ServiceAnswer, ServiceRequest};
use super::turn::Beside;
use super::waiting::{WaitAnswer, WaitAsked};
use super::waits::{Asked, Away, Takes, Waits};
use crate::policy::Reach;

/// A checked step of a flow.
///
/// A step that waits answers `enter` with [`Then::Wait`] or [`Then::Ask`] and is resumed with whatever comes. What it
/// waits for it says with [`Self::waits`]; nothing outside its folder knows more of it than that.
pub trait Step: Debug + Send + Sync {
    /// The ways out, for checks and graphs.
    fn edges(&self) -> Vec<Edge>;

    /// The call comes to the step.
    ///
    /// # Errors
    /// When it cannot be done: the call takes `[on] error`.
    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault>;

    /// The call waited here, and this came.
    ///
    /// # Errors
    /// As [`Self::enter`].
    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        let _ = input;
        self.enter(moment)
    }

    /// Somebody whom it calls has answered, or has pressed keys: what they hear, until the two are connected.
    ///
    /// # Errors
    /// When the words cannot be worked out.
    fn leg(&self, moment: &Moment<'_>, leg: u8, input: &LegInput) -> Result<LegAnswer, Fault> {
        let _ = (moment, leg, input);
        Ok(LegAnswer::connect())
    }

    /// The caller waits at it in a queue: what is heard next, until somebody comes or the caller leaves.
    fn keep_waiting(&self, moment: &Moment<'_>, asked: &WaitAsked) -> WaitAnswer {
        let _ = (moment, asked);
        WaitAnswer::leave()
    }

    /// What it asks of a service, where it awaits the answer of one: worked out from what the call holds, and the same
    /// whenever it is worked out.
    ///
    /// # Errors
    /// When it cannot be worked out.
    fn request(&self, moment: &Moment<'_>) -> Result<Option<ServiceRequest>, Fault> {
        let _ = moment;
        Ok(None)
    }

    /// What an answer of the service comes to.
    fn answered(&self, answer: &ServiceAnswer) -> Came {
        let _ = answer;
        Came::new(ERROR, [])
    }

    /// Says what the caller hears while an answer is awaited.
    ///
    /// # Errors
    /// When the words cannot be worked out.
    fn hold(&self, moment: &mut Moment<'_>) -> Result<(), Fault> {
        let _ = moment;
        Ok(())
    }

    /// The caller asked for a repeat once too often: goes on as after a wrong entry.
    ///
    /// # Errors
    /// As [`Self::enter`].
    fn refuse(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        let _ = moment;
        Ok(Then::GiveUp)
    }

    /// What it waits for.
    fn waits(&self) -> Waits<'_> {
        Waits::Nothing
    }

    /// What its words, numbers, URLs and conditions read.
    fn reads(&self) -> Reads {
        Reads::default()
    }

    /// What it does outside of the call, which cannot be taken back.
    fn outside(&self) -> Option<Outside<'_>> {
        None
    }

    /// What is given back here to the flow that goes through this one, at its end: set, where it is not optional.
    fn returns(&self) -> &[Slot] {
        &[]
    }

    /// What it may ask a permit for: its number is known only in a call, or it is counted how often it is reached.
    fn asks_permit(&self) -> Option<Reach> {
        None
    }

    /// What the caller hears before the call is handed on, in order, where all goes well.
    fn heard_before(&self) -> Vec<&Prompt> {
        Vec::new()
    }

    /// What it sends by SMS.
    fn texts(&self) -> Option<&Prompt> {
        None
    }

    /// Who its SMS comes from, as the settings name it, and the bytes of the name.
    fn sender(&self) -> Option<(&str, Range<usize>)> {
        None
    }

    /// The machine of the settings that it names.
    fn machine(&self) -> Option<MachineNamed<'_>> {
        None
    }

    /// Whether the caller pays here: it must not happen twice, and nobody may listen.
    fn charges(&self) -> bool {
        false
    }

    /// What it begins or ends beside the call.
    fn beside(&self) -> Option<RunsBeside> {
        None
    }

    /// How long the carrier keeps what is recorded beside the call from here on, at most.
    fn keeps(&self) -> Option<Duration> {
        None
    }

    /// Whether it can be done only while the caller is on the line.
    fn needs_caller(&self) -> bool {
        true
    }
}

/// What a step begins or ends beside the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunsBeside {
    /// It runs from here on.
    Begins(Beside),
    /// It runs no longer.
    Ends(Beside),
}

/// What a step reads.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// What its words, numbers and URLs read when the call comes to it.
    pub texts: Vec<Arc<Reading>>,
    /// What the conditions of its ways read, in order.
    pub conditions: Vec<Arc<Reading>>,
}

impl Reads {
    /// Texts, and no conditions.
    pub fn texts(texts: Vec<Arc<Reading>>) -> Self {
        Self {
            texts,
            conditions: Vec::new(),
        }
    }
}

/// What a step does outside of the call, which cannot be taken back: `back` does not lead past it.
#[derive(Clone, Debug)]
pub enum Outside<'a> {
    /// Reaches out to somebody.
    Reaches {
        /// The contacts among them, and the bytes of each name.
        contacts: Vec<(&'a str, Range<usize>)>,
        /// The numbers among them that are written out, and the bytes of each.
        numbers: Vec<(&'a str, Range<usize>)>,
    },
    /// Submits what was answered.
    Submits {
        /// The backend, for the shell to check against its settings.
        backend: &'a str,
        /// The bytes of its name.
        at: Range<usize>,
        /// Whether each of its answers that is not optional must be there.
        full: bool,
        /// The answers that it sends.
        answers: &'a [Slot],
    },
    /// Asks a service.
    Asks {
        /// The service, for the shell to check against its settings.
        service: &'a str,
        /// The bytes of its name.
        at: Range<usize>,
        /// Whether something is changed there. Only that cannot be taken back.
        changes: bool,
        /// The names whose values it gets.
        sends: Vec<Slot>,
    },
}

/// Questions about what a step does and reads.
impl dyn Step {
    /// What its words, numbers and URLs read when the call comes to it.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        self.reads().texts
    }

    /// The conditions of its ways, in order.
    pub fn conditions(&self) -> Vec<Arc<Reading>> {
        self.reads().conditions
    }

    /// Whether `back` does not lead past it.
    pub fn forbids_back(&self) -> bool {
        match self.outside() {
            Some(Outside::Asks { changes, .. }) => changes,
            Some(Outside::Reaches { .. } | Outside::Submits { .. }) => true,
            None => false,
        }
    }

    /// The backend that it submits to, with the place of its name.
    pub fn backend(&self) -> Option<(&str, Range<usize>)> {
        match self.outside()? {
            Outside::Submits { backend, at, .. } => Some((backend, at)),
            Outside::Reaches { .. } | Outside::Asks { .. } => None,
        }
    }

    /// The service that it asks, with the place of its name and the names whose values it gets.
    pub fn service(&self) -> Option<(&str, Range<usize>, Vec<Slot>)> {
        match self.outside()? {
            Outside::Asks {
                service, at, sends, ..
            } => Some((service, at, sends)),
            Outside::Reaches { .. } | Outside::Submits { .. } => None,
        }
    }

    /// The contacts that it reaches out to, with the place of each name.
    pub fn contacts(&self) -> Vec<(&str, Range<usize>)> {
        match self.outside() {
            Some(Outside::Reaches { contacts, .. }) => contacts,
            Some(Outside::Submits { .. } | Outside::Asks { .. }) | None => Vec::new(),
        }
    }

    /// The numbers that it reaches and that are written out, with the place of each.
    pub fn numbers(&self) -> Vec<(&str, Range<usize>)> {
        match self.outside() {
            Some(Outside::Reaches { numbers, .. }) => numbers,
            Some(Outside::Submits { .. } | Outside::Asks { .. }) | None => Vec::new(),
        }
    }

    /// Whether it makes a complete submission.
    pub fn completes(&self) -> bool {
        matches!(self.outside(), Some(Outside::Submits { full: true, .. }))
    }

    /// The answers of the complete submission that it makes.
    pub fn completed(&self) -> impl Iterator<Item = Slot> {
        let answers = match self.outside() {
            Some(Outside::Submits {
                full: true,
                answers,
                ..
            }) => answers,
            _ => &[],
        };
        answers.iter().copied()
    }

    /// Whether it makes a complete submission that an answer is part of.
    pub fn completes_with(&self, slot: Slot) -> bool {
        match self.outside() {
            Some(Outside::Submits { full, answers, .. }) => full && answers.contains(&slot),
            Some(Outside::Reaches { .. } | Outside::Asks { .. }) | None => false,
        }
    }
}

/// Questions about what a step waits for.
impl dyn Step {
    fn asked(&self) -> Option<Asked<'_>> {
        match self.waits() {
            Waits::Keys(asked) => Some(asked),
            Waits::Nothing | Waits::Away(_) => None,
        }
    }

    /// Where the call is while the step waits, for one that hands it on.
    pub fn away(&self) -> Option<Away<'_>> {
        match self.waits() {
            Waits::Away(away) => Some(away),
            Waits::Nothing | Waits::Keys(_) => None,
        }
    }

    /// Whether it asks the caller, so that `back` can return to it.
    pub fn asks(&self) -> bool {
        self.asked().is_some()
    }

    /// Whether only the backend may learn what is entered here. True unless the step says otherwise, so that an action
    /// that does not say shows nothing.
    pub fn is_private(&self, flow: &Flow) -> bool {
        let Some(asked) = self.asked() else {
            return true;
        };
        let is_sensitive = |slot| flow.answer(slot).is_none_or(|answer| answer.sensitive);
        asked.is_secret || asked.into.is_some_and(is_sensitive)
    }

    /// Whether what the caller enters or says here is secret, so that nobody may listen.
    pub fn hears_secrets(&self, flow: &Flow) -> bool {
        self.charges() || self.asks() && self.is_private(flow)
    }

    /// Whether an entry here is kept from everybody, whatever it fills.
    pub fn takes_secret(&self) -> bool {
        self.asked().is_some_and(|asked| asked.is_secret)
    }

    /// Whether words are listened for.
    pub fn hears(&self) -> bool {
        self.asked().is_some_and(|asked| asked.question.hears())
    }

    /// The fewest and the most keys of an entry; nothing where a key of its own is all.
    pub fn entry_length(&self) -> Option<(u32, u32)> {
        match self.asked()?.takes {
            Takes::Entry { kind, .. } => Some(kind.length()),
            Takes::Keys { .. } => None,
        }
    }

    /// The answer that an entry here is meant for.
    pub fn fills(&self) -> Option<Slot> {
        self.asked()?.into
    }

    /// What refuses an entry here; the first that holds counts.
    pub fn refusals(&self) -> &[EntryRefusal] {
        match self.waits() {
            Waits::Keys(asked) => &asked.question.refuse,
            Waits::Nothing | Waits::Away(_) => &[],
        }
    }

    /// Whether the question itself is put again after words to somebody who missed.
    pub fn reprompts(&self) -> bool {
        self.asked().is_some_and(|asked| asked.question.reprompt)
    }

    /// Times that it puts its question; none where it has none.
    pub fn attempts(&self) -> u8 {
        self.asked().map_or(0, |asked| asked.question.attempts())
    }

    /// What is read in the words to somebody who missed.
    pub fn miss_readings(&self) -> Vec<Arc<Reading>> {
        self.asked()
            .map(|asked| asked.question.miss_readings(|miss| asked.counts(miss)))
            .unwrap_or_default()
    }

    /// Whether an entry is one of its own, whatever `[anywhere]` says.
    pub fn takes(&self, keys: &str) -> bool {
        self.asked().is_some_and(|asked| {
            let is_legal = match asked.takes {
                Takes::Keys { .. } => false,
                Takes::Entry { kind, .. } => kind.check(keys).is_some(),
            };
            is_legal || self.keys().iter().any(|key| key.keys == keys)
        })
    }

    /// The keys of its own.
    pub fn keys(&self) -> &[Key] {
        match self.waits() {
            Waits::Keys(asked) => asked.own(),
            Waits::Nothing | Waits::Away(_) => &[],
        }
    }

    /// The entries that a menu offers by a key of its own each; none where it is no menu.
    pub fn options(&self) -> usize {
        self.asked().map_or(0, |asked| match asked.takes {
            Takes::Keys { own, .. } => own.len(),
            Takes::Entry { .. } => 0,
        })
    }

    /// Whether a caller who misses so is asked again, and comes to be out of attempts.
    pub fn counts(&self, miss: Miss) -> bool {
        self.asked().is_some_and(|asked| asked.counts(miss))
    }

    /// Whether each way of a caller who is out of attempts is its own.
    pub fn says_where_to_give_up(&self) -> bool {
        let edges = self.edges();
        let has = |by: &By| edges.iter().any(|edge| edge.by == *by);
        let says = |miss, by: &By| !self.counts(miss) || has(by);
        says(Miss::NoInput, &By::NoInput) && says(Miss::NoMatch, &By::NoMatch)
    }
}

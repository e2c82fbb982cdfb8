//! A call as a test, as it was read.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::hears::Hears;
use super::reader::Named;
use crate::phone::World;
use crate::written::PlacedOutcome;
use crate::written::diag::{Diag, Place};
use crate::written::{CallerAct, Code};

/// A call as a test. Every range is the bytes of its file in which it stands.
#[derive(Clone, Debug)]
pub struct Script {
    pub file: Arc<str>,
    pub source: String,
    /// The flow that is called.
    pub flow: String,
    /// Whether what it does not say may be anything: that the call ends earlier or asks more, who ends it, what is
    /// submitted, and what comes of handing the call on.
    pub open: bool,
    pub from: String,
    pub to: String,
    pub at: Timestamp,
    /// How it comes out, where we place it; nothing of a call that comes in.
    pub placed: Option<PlacedOutcome>,
    /// The caller's name, where the carrier would give it.
    pub caller_name: Option<String>,
    /// Further fields that the carrier sends, by its names.
    pub fields: Vec<(String, String)>,
    /// What is heard and done, in order.
    pub turns: Vec<Turn>,
    /// How the call ends.
    pub end: End,
    /// What each backend gets, in order; nothing may be sent to others.
    pub submitted: Vec<Submission>,
    /// What is sent by SMS, in order, and nothing else.
    pub texted: Vec<Texted>,
    /// What the world answers.
    pub world: World,
}

/// What is heard, and what the caller does then.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Where it stands: the header.
    pub at: Range<usize>,
    /// The step that the call is at then; `None` for any.
    pub step: Option<Named>,
    /// What is heard since the turn before; `None` for anything.
    pub hears: Option<Hears>,
    /// What the caller does.
    pub does: CallerAct,
    /// Where that stands.
    pub does_at: Range<usize>,
}

/// How a call ends.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// Who ends it, and where that stands.
    pub by: Option<(EndsBy, Range<usize>)>,
    /// How often the call comes back after the last turn from where it is handed on, before the caller hangs up.
    pub after_waits: u32,
    /// A step that the call comes to after the last turn, or that is done once the caller has hung up; `None` for any.
    pub step: Option<Named>,
    /// The steps that cannot be done.
    pub failed: Vec<Named>,
    /// The names that are read and not set.
    pub unset: Vec<Named>,
    /// What is heard since the last turn; `None` for anything.
    pub hears: Option<Hears>,
    /// The seconds that it takes, from and to, and where that stands.
    pub seconds: Option<((f64, f64), Range<usize>)>,
}

/// Who ends a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndsBy {
    Flow,
    /// The caller, after the last turn: when asked again, or while the call is handed on.
    Caller,
}

/// What a backend gets.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Where it stands: the header.
    pub at: Range<usize>,
    pub backend: String,
    /// Its `type`; `None` for any.
    pub kind: Option<(String, Range<usize>)>,
    /// Its `answers`, all of them; `None` for any.
    pub answers: Option<Answers>,
    /// Answers that are not in it.
    pub lacks: Vec<Named>,
}

/// An SMS.
#[derive(Clone, Debug)]
pub struct Texted {
    /// Where it stands: the header.
    pub at: Range<usize>,
    /// To whom; `None` for anybody.
    pub to: Option<Named>,
    /// From whom; `None` for anybody.
    pub from: Option<Named>,
    /// What it says; `None` for anything.
    pub words: Option<Hears>,
}

/// The answers that a backend gets.
#[derive(Clone, Debug)]
pub struct Answers {
    /// Where they stand: the table.
    pub at: Range<usize>,
    /// Each by its name, and where its value stands.
    pub values: BTreeMap<String, (Value, Range<usize>)>,
}

impl Script {
    /// A fault of the call at a place of its file.
    pub fn fault(&self, code: Code, span: Range<usize>, message: impl Into<String>) -> Diag {
        Diag::new(
            code,
            Place {
                file: self.file.clone(),
                span,
            },
            message,
        )
    }

    /// Whether the caller hangs up after the last turn.
    pub fn hangs_up(&self) -> bool {
        self.end
            .by
            .as_ref()
            .is_some_and(|(by, _)| *by == EndsBy::Caller)
    }

    /// Whether it says nothing about how the call ends.
    pub fn is_open(&self) -> bool {
        self.open && self.end.by.is_none()
    }

    /// The place of the flow's name, for what belongs nowhere else.
    pub fn top(&self) -> Range<usize> {
        let at = if self.source.starts_with("flow") {
            0
        } else {
            self.source.find("\nflow").map_or(0, |at| at + 1)
        };
        at..self.source[at..]
            .find('\n')
            .map_or(self.source.len(), |end| at + end)
    }
}

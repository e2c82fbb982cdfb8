//! A leg of a call: a call that a dial places. What comes of it, and what whoever answers it hears.

use super::hunt::LegEvent;
use super::turn::Verb;

/// What comes of a leg whose answer is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegInput {
    /// Somebody is on the line.
    Answered,
    /// Keys that they pressed; none where they were silent.
    Keys(String),
}

/// What a leg is answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegAnswer {
    /// What is heard there. The two are connected behind it, unless it ends with a hang-up.
    pub verbs: Vec<Verb>,
    /// What was decided by it.
    pub event: Option<LegEvent>,
}

impl LegAnswer {
    /// Connects the two.
    pub fn connect() -> Self {
        Self::default()
    }

    /// Hangs up on whoever answered.
    pub fn hang_up() -> Self {
        Self::says(vec![Verb::Hangup])
    }

    /// Says something first.
    pub fn says(verbs: Vec<Verb>) -> Self {
        Self { verbs, event: None }
    }

    /// The same, with what was decided.
    pub fn with(self, event: LegEvent) -> Self {
        Self {
            event: Some(event),
            ..self
        }
    }
}

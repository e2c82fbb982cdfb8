//! What comes back to a step that waited: the ways in which a wait can end, and the facts that come with them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::expression::Type;
use super::value::Value;

/// How a wait can end.
#[derive(Debug, PartialEq, Eq)]
pub struct WaitOutcome {
    /// The word that a flow uses for it, under `on`.
    pub name: &'static str,
    /// What has happened then, in a sentence of the author's words.
    pub meaning: &'static str,
    /// Whether it is what the author wishes for; otherwise it is trouble.
    pub is_good: bool,
    /// Whether it is the plainest of those that are trouble: a test call that needs one takes it.
    pub is_plain: bool,
    /// Whether the caller has talked with somebody.
    pub is_person: bool,
    /// Whether the carrier reports it where the caller has left meanwhile.
    pub is_left: bool,
    /// The word under `on` for all outcomes of its kind that have no way of their own.
    pub group: Option<&'static str>,
    /// The key of the step that has other ways for it, which are taken before those under `on`.
    pub elsewhere: Option<&'static str>,
}

impl WaitOutcome {
    /// Trouble, of no group, and not the plainest.
    pub const fn trouble(name: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            meaning,
            is_good: false,
            is_plain: false,
            is_person: false,
            is_left: false,
            group: None,
            elsewhere: None,
        }
    }

    /// What the author wishes for.
    pub const fn good(name: &'static str, meaning: &'static str) -> Self {
        Self {
            is_good: true,
            ..Self::trouble(name, meaning)
        }
    }

    /// The same, as the plainest of those that are trouble.
    pub const fn plain(self) -> Self {
        Self {
            is_plain: true,
            ..self
        }
    }

    /// The same, where the caller has talked with somebody.
    pub const fn person(self) -> Self {
        Self {
            is_person: true,
            ..self
        }
    }

    /// The same, where the carrier reports it of callers who have left.
    pub const fn left(self) -> Self {
        Self {
            is_left: true,
            ..self
        }
    }

    /// The same, where the step has other ways for it under a key of its own.
    pub const fn elsewhere(self, key: &'static str) -> Self {
        Self {
            elsewhere: Some(key),
            ..self
        }
    }

    /// The same, as one of those that have a word of their own under `on`.
    pub const fn in_group(self, group: &'static str) -> Self {
        Self {
            group: Some(group),
            ..self
        }
    }
}

/// Something that comes back with an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitFact {
    /// Its name, behind that of the step.
    pub name: Cow<'static, str>,
    /// What it can be.
    pub of: Type,
    /// Where it stands in what was answered, as a JSON pointer, where it is taken out of that: only a good end has it.
    pub at: Option<String>,
}

impl WaitFact {
    /// A fact of this name.
    pub const fn new(name: &'static str, of: Type) -> Self {
        Self {
            name: Cow::Borrowed(name),
            of,
            at: None,
        }
    }
}

/// The name of the fact which says how a wait ended.
pub const OUTCOME: &str = "outcome";

/// The name of the fact which says whether the caller hung up meanwhile, so that nobody hears what follows.
pub const HUNG_UP: &str = "hung_up";

/// The name of the fact which says how the carrier names what was recorded meanwhile; empty where nothing was.
pub const SID: &str = "sid";

/// The name of the fact which says where it lies.
pub const URL: &str = "url";

/// What came of a wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Came {
    /// How it ended: the name of one of the action's outcomes.
    pub outcome: String,
    /// What came back, by the names of the action's facts.
    pub facts: Vec<(String, Value)>,
}

impl Came {
    /// An outcome with what came back.
    pub fn new<const N: usize>(outcome: &str, facts: [(&str, Value); N]) -> Self {
        let facts = facts.into_iter();
        Self {
            outcome: outcome.to_owned(),
            facts: facts
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }

    /// Seconds that the caller talked with somebody, where that is known.
    pub fn seconds(&self) -> u32 {
        match self.fact("seconds") {
            Some(Value::Integer(seconds)) => u32::try_from(*seconds).unwrap_or_default(),
            _ => 0,
        }
    }

    /// Whether the caller has hung up meanwhile.
    pub fn has_left(&self) -> bool {
        self.fact(HUNG_UP) == Some(&Value::Boolean(true))
    }

    /// The name at the carrier of what was recorded meanwhile, and where it lies.
    pub fn recording(&self) -> Option<(&str, &str)> {
        let text = |name| match self.fact(name) {
            Some(Value::Text(text)) if !text.is_empty() => Some(text.as_str()),
            _ => None,
        };
        text(SID).zip(text(URL))
    }

    /// What came back under a name.
    pub fn fact(&self, name: &str) -> Option<&Value> {
        let mut facts = self.facts.iter();
        facts
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }
}

//! How often calls took each step and way: of a test run, or of real calls.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// How often something was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    Times(u64),
    /// At least once: nobody counted.
    Taken,
}

impl Count {
    /// Not once.
    pub const NEVER: Self = Self::Times(0);

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::NEVER, other) | (other, Self::NEVER) => other,
            (Self::Times(one), Self::Times(other)) => Self::Times(one.saturating_add(other)),
            _ => Self::Taken,
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Times(0) => f.write_str("never"),
            Self::Times(times) => write!(f, "{times}×"),
            Self::Taken => f.write_str("taken"),
        }
    }
}

/// What calls took of one flow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Steps, by their name.
    pub steps: BTreeMap<String, Count>,
    /// Ways, by the step that they lead from (none for the flow's own) and what takes them.
    pub edges: BTreeMap<(String, String), Count>,
}

/// Why a file of counts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCounts {
    /// It is not the JSON that it should be.
    #[error("this is no coverage as `hookswitch test --coverage-json` writes it: {0}")]
    Json(#[from] serde_json::Error),
    /// It is of other flows.
    #[error("nothing was counted of the flow `{0}`")]
    Flow(String),
}

#[derive(Deserialize)]
struct File {
    flows: Vec<OfFlow>,
}

#[derive(Deserialize)]
struct OfFlow {
    flow: String,
    #[serde(default)]
    steps: Vec<Covered>,
    #[serde(default)]
    edges: Vec<Covered>,
}

/// A step, or an edge of it. Who counts writes `count`, who only looks whether `taken`.
#[derive(Deserialize)]
struct Covered {
    step: String,
    #[serde(default)]
    on: String,
    #[serde(default)]
    taken: bool,
    count: Option<u64>,
}

impl Covered {
    fn count(&self) -> Count {
        let taken = if self.taken {
            Count::Taken
        } else {
            Count::NEVER
        };
        self.count.map_or(taken, Count::Times)
    }
}

impl Counts {
    /// Reads those of a flow:
    /// `{"flows": [{"flow": "pickup", "steps": [{"step": "kind", "taken": true}],
    /// "edges": [{"step": "kind", "on": "keys.1", "taken": true}]}]}`; a number may stand there as `count`.
    ///
    /// # Errors
    /// When it is something else, or the flow is not in it.
    pub fn parse(json: &str, flow: &str) -> Result<Self, InvalidCounts> {
        let file: File = serde_json::from_str(json)?;
        let of = file.flows.into_iter().find(|of| of.flow == flow);
        let of = of.ok_or_else(|| InvalidCounts::Flow(flow.to_owned()))?;
        let edge = |edge: Covered| {
            let count = edge.count();
            ((edge.step, edge.on), count)
        };
        Ok(Self {
            steps: of
                .steps
                .into_iter()
                .map(|step| (step.step.clone(), step.count()))
                .collect(),
            edges: of.edges.into_iter().map(edge).collect(),
        })
    }

    /// How many calls took one of these ways. Nothing where it is not counted: how a call comes in, and what a fault
    /// leads to, which no caller can choose.
    pub(super) fn of_way(&self, from: &str, on: &[String]) -> Option<Count> {
        let counted = on.iter().filter(|on| {
            !["start", "on.error", "on.error.full"].contains(&on.as_str()) || !from.is_empty()
        });
        let count = |on: &String| {
            self.edges
                .get(&(from.to_owned(), on.clone()))
                .copied()
                .unwrap_or(Count::NEVER)
        };
        counted.map(count).reduce(Count::and)
    }
}

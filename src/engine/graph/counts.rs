//! How often calls took each step and way: of a test run, or of real calls.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What calls took of one flow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Steps, by their name.
    pub steps: BTreeMap<String, u64>,
    /// Ways, by the step that they lead from (none for the flow's own) and what takes them.
    pub edges: BTreeMap<(String, String), u64>,
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
    flows: BTreeMap<String, OfFlow>,
}

#[derive(Deserialize)]
struct OfFlow {
    #[serde(default)]
    steps: BTreeMap<String, u64>,
    #[serde(default)]
    edges: Vec<OfEdge>,
}

#[derive(Deserialize)]
struct OfEdge {
    from: String,
    on: String,
    count: u64,
}

impl Counts {
    /// Reads those of a flow:
    /// `{"flows": {"pickup": {"steps": {"kind": 2}, "edges": [{"from": "kind", "on": "keys.1", "to": "hour", "count": 2}]}}}`.
    ///
    /// # Errors
    /// When it is something else, or the flow is not in it.
    pub fn parse(json: &str, flow: &str) -> Result<Self, InvalidCounts> {
        let mut file: File = serde_json::from_str(json)?;
        let of = file.flows.remove(flow).ok_or_else(|| InvalidCounts::Flow(flow.to_owned()))?;
        let mut counts = Self { steps: of.steps, edges: BTreeMap::new() };
        for edge in of.edges {
            let count = counts.edges.entry((edge.from, edge.on)).or_default();
            *count = count.saturating_add(edge.count);
        }
        Ok(counts)
    }

    /// How many calls took one of these ways. Nothing where it is not counted: how a call comes in, and what a fault
    /// leads to, which no caller can choose.
    pub(super) fn of_way(&self, from: &str, on: &[String]) -> Option<u64> {
        let counted = on.iter().filter(|on| !["start", "on.error"].contains(&on.as_str()) || !from.is_empty());
        let count = |on: &String| self.edges.get(&(from.to_owned(), on.clone())).copied().unwrap_or(0);
        counted.map(count).reduce(u64::saturating_add)
    }
}

//! Flows that do not load on one side, so that nothing can be said of what changes in them.

use std::collections::BTreeMap;
use std::fmt;

use super::side::Side;

/// A flow that does not load.
pub struct Unloaded {
    pub name: String,
    /// Whether its old version does not.
    pub old: bool,
    /// Whether its new version does not.
    pub new: bool,
}

impl fmt::Display for Unloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions = match (self.old, self.new) {
            (true, true) => "neither version loads",
            (true, false) => "the old version does not load",
            _ => "the new version does not load",
        };
        f.write_str(versions)
    }
}

/// The flows that do not load, by name; two files whatever they are called are one flow.
pub fn unloaded(old: &Side, new: &Side, shared: Option<&str>) -> Vec<Unloaded> {
    let mut all: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for (side, is_old) in [(old, true), (new, false)] {
        let flows = side.sources.flows.iter();
        for flow in flows.filter(|flow| flow.loaded.is_err()) {
            let sides = all.entry(shared.unwrap_or(&flow.name)).or_default();
            if is_old {
                sides.0 = true;
            } else {
                sides.1 = true;
            }
        }
    }
    let all = all.into_iter();
    all.map(|(name, (old, new))| Unloaded {
        name: name.to_owned(),
        old,
        new,
    })
    .collect()
}

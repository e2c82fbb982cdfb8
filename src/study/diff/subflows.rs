//! What changes in the flows that both versions go through.

use std::collections::BTreeSet;

use super::comparison::Comparison;
use super::{Change, What, diff};
use crate::engine::flow::Bundle;
use crate::engine::load::{Loaded, load};

impl Comparison<'_> {
    /// Compares each of them, as flows of their own. What changes in one is told once, by the first step that goes through
    /// it.
    pub(super) fn subflows(&mut self) {
        let mut seen = BTreeSet::new();
        for inner in &self.new.loaded.flow.subflows {
            let is_direct = !inner.prefix.trim_end_matches('/').contains('/');
            if !is_direct || !seen.insert(&inner.flow) {
                continue;
            }
            let (old, new) = (self.old.loaded, self.new.loaded);
            let pair = alone(old, &inner.flow).zip(alone(new, &inner.flow));
            let Some((before, now)) = pair else { continue };
            let changes = diff(&before, &now).changes.into_iter();
            let within = changes.filter(|change| !matches!(change.what, What::Flow(_)));
            self.found.extend(within.map(|change| {
                let steps = change.steps.iter();
                let steps = steps.map(|step| format!("{}{step}", inner.prefix));
                let change = Change {
                    steps: steps.collect(),
                    ..change
                };
                (0, change)
            }));
        }
    }
}

/// A flow that a version goes through, by itself.
fn alone(version: &Loaded, name: &str) -> Option<Loaded> {
    let file = version.bundle.flows.get(name)?;
    let bundle = Bundle {
        name: name.to_owned(),
        file: file.file.clone(),
        source: file.source.to_string(),
        ..version.bundle.clone()
    };
    load(&bundle).ok()
}

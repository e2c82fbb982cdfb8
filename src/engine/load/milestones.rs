//! Which steps of a call its author counts: `[milestones]`.

use super::super::flow::Milestone;
use super::super::keys::top::{MILESTONES, TOP_VALUES};
use super::super::read::{Checker, name_help};
use super::events::step_id;
use crate::written::{Code, Explain, Table, is_name};

/// Reads `[milestones]`.
pub(super) fn milestones(top: &Table<'_>, check: &mut Checker) -> Vec<Milestone> {
    let table = top
        .get(MILESTONES.name)
        .and_then(|item| item.table(check, "`milestones` must be a table"));
    let mut milestones = Vec::new();
    for (name, item) in table.map(|table| table.all()).unwrap_or_default() {
        let is_step = item
            .value
            .as_str()
            .is_some_and(|name| check.step(name).is_some());
        if TOP_VALUES.contains(&name) && !is_step {
            check.misplaced(name, item.key_span(), "`[milestones]`");
            continue;
        }
        if !is_name(name) {
            check
                .fault(
                    Code::MilestoneName,
                    item.key_span(),
                    format!("`{name}` cannot name a milestone"),
                )
                .help(name_help(name));
        }
        let steps = item.entries().unwrap_or_else(|| vec![item]);
        milestones.push(Milestone {
            name: name.to_owned(),
            steps: steps
                .into_iter()
                .filter_map(|step| step_id(step, check))
                .collect(),
            at: item.key_span(),
        });
    }
    milestones
}

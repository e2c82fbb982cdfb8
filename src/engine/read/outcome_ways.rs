//! Reads the ways of a step that waits.

use super::super::came::WaitOutcome;
use super::super::keys::shared::NEXT;
use super::super::outcome_ways::{ERROR, OutcomeWays, Rest};
use super::super::way::Way;
use super::Checker;
use crate::written::{Code, Explain, Table};

/// The key of the ways by outcome.
const ON: &str = "on";

/// How a step's wait can end.
#[derive(Clone, Copy, Debug)]
pub struct Endings<'a> {
    /// The outcomes that can come.
    pub possible: &'static [WaitOutcome],
    /// Those of them that the author has named, where there are too many for a list.
    pub named: &'a [&'static WaitOutcome],
    /// What takes trouble that has no way of its own.
    pub rest: Rest,
    /// All others of the action, each with what it lacks.
    pub never: &'a [(&'static str, &'static str)],
}

impl Endings<'_> {
    /// All of these can come, and those without a way take `on.error`.
    pub const fn of(possible: &'static [WaitOutcome]) -> Self {
        Self {
            possible,
            named: &[],
            rest: Rest::Error,
            never: &[],
        }
    }
}

impl OutcomeWays {
    /// Reads `on` and `next`.
    pub fn parse(of: Endings<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Self> {
        let named = of.named.iter().copied();
        let mut ways = Self {
            outcomes: of.possible.iter().chain(named).collect(),
            rest: of.rest,
            own: Vec::new(),
            group: None,
            error: None,
            next: None,
        };
        let mut sound = true;
        let on = table
            .get(ON)
            .and_then(|item| item.table(check, "`on` must be a table of outcomes"));
        if let Some(on) = on {
            for (name, lacks) in of.never {
                if let Some(item) = on.get(name) {
                    // What is written in it is looked at all the same.
                    let _ = Way::parse_item(item, check, &format!("`on.{name}`"));
                    let message = format!("`on.{name}` is never taken: there is no `{lacks}`");
                    check
                        .fault(Code::OutcomeNever, item.key_span(), message)
                        .help(format!("add `{lacks}`, or leave this out"));
                    sound = false;
                }
            }
            let mut way = |name: &str, check: &mut Checker| {
                let item = on.get(name)?;
                let way = Way::parse_item(item, check, &format!("`on.{name}`"));
                sound &= way.is_some();
                way
            };
            let named = of.named.iter().copied();
            let all = of.possible.iter().chain(named);
            // A group may have the word of one of its own: that way is read once, as the group's.
            let is_own = |outcome: &&'static WaitOutcome| {
                outcome.name != ERROR && outcome.group != Some(outcome.name)
            };
            for outcome in all.filter(is_own) {
                let own = way(outcome.name, check).map(|way| (outcome.name, way));
                ways.own.extend(own);
            }
            let group = of.possible.iter().find_map(|outcome| outcome.group);
            ways.group = group.and_then(|group| Some((group, way(group, check)?)));
            let has_error = of.rest == Rest::Error;
            ways.error = has_error.then(|| way(ERROR, check)).flatten();
            on.finish(check, "`on`");
        }
        let needs_next = ways.without().iter().any(|outcome| ways.goes_next(outcome));
        if table.peek(NEXT.name).is_some() || (needs_next && sound) {
            ways.next = Some(Way::parse(table, check, "this step")?);
        }
        sound.then_some(ways)
    }

    /// Warns of trouble that has no way, so that the caller is given up there.
    pub fn warn_of_gaps(&self, table: &Table<'_>, action: &str, check: &mut Checker) {
        let gaps = self.without();
        let (Some(first), Some(item)) = (gaps.first(), table.peek(action)) else {
            return;
        };
        let names: Vec<String> = gaps.iter().map(|gap| format!("`{}`", gap.name)).collect();
        let message = format!(
            "a caller is given up where this ends in {}",
            names.join(", ")
        );
        let help = format!(
            "add `on.{} = \"…\"`, or `on.error = \"…\"` for all of them",
            first.name
        );
        check
            .fault(Code::OutcomeGivesUp, item.key_span(), message)
            .help(help);
    }
}

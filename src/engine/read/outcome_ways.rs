//! Reads the ways of a step that waits.

use super::super::came::WaitOutcome;
use super::super::keys::shared::NEXT;
use super::super::outcome_ways::{ERROR, OutcomeWays};
use super::super::way::Way;
use super::Checker;
use crate::written::{Code, Explain, Table};

/// The key of the ways by outcome.
const ON: &str = "on";

impl OutcomeWays {
    /// Reads `on` and `next`. `outcomes` are those that can come, `elsewhere` one of them for which the step has
    /// other ways, `never` all others of the action, each with what it lacks.
    pub fn parse(
        outcomes: &'static [WaitOutcome],
        elsewhere: Option<&'static str>,
        never: &[(&str, &str)],
        table: &Table<'_>,
        check: &mut Checker,
    ) -> Option<Self> {
        let mut ways = Self {
            outcomes,
            elsewhere,
            own: Vec::new(),
            error: None,
            next: None,
        };
        let mut sound = true;
        let on = table
            .get(ON)
            .and_then(|item| item.table(check, "`on` must be a table of outcomes"));
        if let Some(on) = on {
            for (name, lacks) in never {
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
            for outcome in outcomes.iter().filter(|outcome| outcome.name != ERROR) {
                let own = way(outcome.name, check).map(|way| (outcome.name, way));
                ways.own.extend(own);
            }
            ways.error = way(ERROR, check);
            on.finish(check, "`on`");
        }
        let lacks_good = ways.without().iter().any(|outcome| outcome.is_good);
        if table.peek(NEXT.name).is_some() || (lacks_good && sound) {
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

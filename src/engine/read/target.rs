//! Where a way leads, by what it names.

use super::super::edge::Target;
use super::super::ids::StepId;
use super::super::reserved::{BUILT_IN, RETURN};
use super::checker::Checker;
use super::mistyped::target_meant;
use crate::written::{Code, Explain, Item, plain_name};

impl Checker<'_> {
    /// Where a target leads.
    pub fn target(&mut self, item: Item<'_>) -> Option<Target> {
        let name = item.text(self, "this must be the name of a step")?;
        match name {
            "hangup" => return Some(Target::Hangup),
            "repeat" => return Some(Target::Repeat),
            "back" => return Some(Target::Back),
            _ => {}
        }
        if let Some(step) = self.step(name) {
            return Some(Target::Step(step));
        }
        if let Some(exit) = name
            .strip_prefix(RETURN)
            .and_then(|exit| exit.strip_prefix('.'))
        {
            self.unknown_exit(exit, item);
            return None;
        }
        let known = self.here.steps.keys().map(String::as_str).chain(BUILT_IN);
        let near = target_meant(name)
            .or_else(|| self.near(name, known))
            .map(str::to_owned);
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "write a step `[steps.{}]`, or lead to one that is there",
                step_name_like(name)
            ),
        };
        self.fault(
            Code::TargetUnknown,
            item.span(),
            format!("no step named `{name}`"),
        )
        .help(help);
        None
    }

    fn unknown_exit(&mut self, exit: &str, item: Item<'_>) {
        let known = self.here.exits.iter().map(|exit| exit.name.as_str());
        let help = match self.near(exit, known) {
            Some(near) => format!("did you mean `{RETURN}.{near}`?"),
            None => format!(
                "add it to `[exits]`, with words that say when it is taken: `{exit} = \"…\"`"
            ),
        };
        let message = format!("this flow has no exit `{exit}`");
        self.fault(Code::ExitUnknown, item.span(), message)
            .help(help);
    }

    /// A step, by its name.
    pub fn step(&self, name: &str) -> Option<StepId> {
        self.here.steps.get(name).copied()
    }
}

/// A name as a step can have it.
pub fn step_name_like(name: &str) -> String {
    let plain = plain_name(name).to_lowercase().replace('-', "_");
    plain
        .trim_start_matches(|letter: char| !letter.is_ascii_lowercase())
        .to_owned()
}

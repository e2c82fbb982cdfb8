//! Where a way leads, by what it names.

use super::super::edge::Target;
use super::super::ids::StepId;
use super::super::reserved::BUILT_IN;
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
        let known = self.steps.keys().map(String::as_str).chain(BUILT_IN);
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

    /// A step, by its name.
    pub fn step(&self, name: &str) -> Option<StepId> {
        self.steps.get(name).copied()
    }
}

/// A name as a step can have it.
pub fn step_name_like(name: &str) -> String {
    let plain = plain_name(name).to_lowercase().replace('-', "_");
    plain
        .trim_start_matches(|letter: char| !letter.is_ascii_lowercase())
        .to_owned()
}

//! Compares the steps that a call came to, and those that could not be done, with its file.

use std::ops::Range;

use super::Failures;
use crate::replay::actor::{Stretch, place_of};
use crate::replay::play::AfterCall;
use crate::replay::reader::Named;
use crate::written::{Code, Explain};

impl Failures<'_> {
    /// At which steps the caller acts, where the call comes to, and what fails on the way.
    pub(super) fn steps(&mut self, left: &AfterCall) {
        self.steps_of_turns();
        self.steps_missed(left);
        self.step_at_end(left);
    }

    fn steps_of_turns(&mut self) {
        let (script, played) = (self.script, self.played);
        for (nth, turn) in script.turns.iter().enumerate().take(self.last()) {
            let Some((wanted, at)) = &turn.step else {
                continue;
            };
            let before = played.stretches[..=nth]
                .iter()
                .rev()
                .find_map(|stretch| stretch.steps.last());
            if before == Some(wanted) {
                continue;
            }
            let is = before.map_or_else(|| "nowhere".to_owned(), |step| format!("at `{step}`"));
            self.note(
                script.fault(Code::StepDiffers, at.clone(), format!("the call is {is}")),
                nth,
            );
        }
    }

    fn step_at_end(&mut self, left: &AfterCall) {
        let (script, last) = (self.script, self.last());
        let Some((wanted, at)) = &script.end.step else {
            return;
        };
        // A call that is over before its last turn is reported as that.
        if last < script.turns.len() && !script.open {
            return;
        }
        let mut steps = self.stretch(last).steps;
        steps.extend(left.steps.iter().cloned());
        if steps.contains(wanted) {
            return;
        }
        let named: Vec<_> = steps.iter().map(|step| format!("`{step}`")).collect();
        let instead = if named.is_empty() {
            String::new()
        } else {
            format!(", but to {}", named.join(", "))
        };
        self.note(
            script.fault(
                Code::StepDiffers,
                at.clone(),
                format!("the call does not come to `{wanted}`{instead}"),
            ),
            last,
        );
    }

    /// Steps that could not be done and names that were not set, but for those that the file foresees; and what it
    /// foresees and did not come.
    fn steps_missed(&mut self, left: &AfterCall) {
        let (script, played) = (self.script, self.played);
        let mut failed: Vec<&Named> = script.end.failed.iter().collect();
        let mut unset: Vec<&Named> = script.end.unset.iter().collect();
        let mut told: Vec<&(String, String)> = Vec::new();
        let hung_up = Stretch {
            faults: left.faults.clone(),
            unset: left.unset.clone(),
            ..Stretch::default()
        };
        for (nth, stretch) in played.stretches.iter().chain([&hung_up]).enumerate() {
            for (step, why) in &stretch.faults {
                if !foreseen(&mut failed, step) {
                    self.step_failed(nth, step, why);
                }
            }
            for read in &stretch.unset {
                let (step, name) = read;
                foreseen(&mut unset, name);
                // It may be read again and again.
                let is_foreseen = script.end.unset.iter().any(|(other, _)| other == name);
                if !is_foreseen && !told.contains(&read) {
                    told.push(read);
                    self.name_unset(nth, step, name);
                }
            }
        }
        let last = self.last();
        for (step, at) in failed {
            self.note(
                script.fault(
                    Code::FailureMissing,
                    at.clone(),
                    format!("`{step}` did not fail"),
                ),
                last,
            );
        }
        for (name, at) in unset {
            self.note(
                script.fault(
                    Code::FailureMissing,
                    at.clone(),
                    format!("`{name}` was not read while unset"),
                ),
                last,
            );
        }
    }

    fn step_failed(&mut self, nth: usize, step: &str, why: &str) {
        let diag = self.script.fault(
            Code::StepFailed,
            self.led_to(nth),
            format!("`{step}` could not be done: {why}"),
        );
        self.note(
            diag.help(format!(
                "if the call should fail there, add below `[end]`: failed = \"{step}\""
            )),
            nth.min(self.last()),
        );
    }

    fn name_unset(&mut self, nth: usize, step: &str, name: &str) {
        let message = format!("`{name}` is not set when it is read at `{step}`");
        let diag = self
            .script
            .fault(Code::NameUnset, self.led_to(nth), message);
        let help = format!(
            "set it before, or guard it by `is defined`; if that is right, add below `[end]`: unset = \"{name}\""
        );
        self.note(diag.help(help), nth.min(self.last()));
    }

    /// The act that a stretch comes of; behind the last one, what says that the caller hangs up.
    fn led_to(&self, nth: usize) -> Range<usize> {
        let script = self.script;
        let hangs_up = script
            .end
            .by
            .as_ref()
            .filter(|_| nth > self.last())
            .map(|(_, at)| at.clone());
        hangs_up.unwrap_or_else(|| {
            nth.checked_sub(1)
                .map_or_else(|| script.top(), |turn| place_of(script, turn))
        })
    }
}

/// Whether a name is one of those; it is taken out.
fn foreseen(names: &mut Vec<&Named>, name: &str) -> bool {
    let at = names.iter().position(|(other, _)| other == name);
    at.map(|at| names.remove(at)).is_some()
}

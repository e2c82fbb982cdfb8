//! What a flow has and nothing uses.

use std::collections::BTreeSet;

use super::super::flow::{StepOf, own_name};
use super::super::ids::Slot;
use super::super::keys::top::LANGUAGE;
use super::super::read::Checker;
use crate::written::diag::{Severity, nearest};
use crate::written::{Code, Explain};

impl Checker<'_> {
    /// Reports prompts, names and languages that nothing uses, of a flow without errors: else what uses them may not have
    /// been read.
    pub(super) fn unused(&mut self, steps: &[Option<StepOf>]) {
        let Some(steps) = steps.iter().map(Option::as_ref).collect::<Option<Vec<_>>>() else {
            return;
        };
        if self
            .diags
            .iter()
            .any(|diag| diag.severity == Severity::Error)
        {
            return;
        }
        self.unused_answers(&steps);
        self.unused_variables();
        self.unread_call_fields();
        self.unused_languages();
        self.unsaid_prompts();
    }

    fn unsaid_prompts(&mut self) {
        for (id, place) in std::mem::take(&mut self.here.unsaid) {
            if self.here.meant_for_values.contains(&id) {
                continue;
            }
            let message = format!("nothing says the prompt `@{id}`");
            self.fault(Code::PromptUnused, place, message)
                .help(format!("say it, `\"@{id}\"`, or take it out"));
        }
    }

    fn unused_answers(&mut self, steps: &[&StepOf]) {
        let edges = steps.iter().flat_map(|step| step.action.edges());
        let asked: BTreeSet<Slot> = edges
            .filter_map(|edge| edge.does.into.map(|(slot, _)| slot))
            .collect();
        let submits = steps.iter().any(|step| step.action.backend().is_some());
        for at in 0..self.answers.len() {
            let Ok(slot) = Slot::try_from(at) else { return };
            // A submission that lacks an answer reports that itself.
            let is_given = self.here.gives.contains(&slot);
            let is_told =
                (submits || is_given) && !self.answers[at].optional && self.list_of(slot).is_none();
            if own_name(&self.answers[at].name) != self.answers[at].name {
                continue;
            }
            if !self.here.promised && !is_given
                || is_told
                || asked.contains(&slot)
                || self.used.set.contains_key(&slot)
            {
                continue;
            }
            let (does, help) = if self.is_list(slot) {
                (
                    "appends to",
                    "add entries to it by `append`, or take it out",
                )
            } else {
                ("asks for", "ask for it with `into`, or take it out")
            };
            let message = format!(
                "`{}` is promised, and nothing {does} it",
                self.answers[at].name
            );
            let place = self.answer_places[at].clone();
            self.fault(Code::AnswerUnused, place, message).help(help);
        }
    }

    fn unused_variables(&mut self) {
        let set = self.used.set.clone();
        for (slot, place) in set {
            let at = usize::from(slot);
            if at < self.answers.len() || self.used.read.contains(&slot) {
                continue;
            }
            // Of a flow that is gone through its own check tells.
            let Some(name) = self.variables.get(at - self.answers.len()) else {
                continue;
            };
            let Some(name) = self.own(name).map(str::to_owned) else {
                continue;
            };
            let help = self.help_for_unread(&name);
            self.fault(
                Code::VariableUnused,
                place,
                format!("`{name}` is set, and nothing reads it"),
            )
            .help(help);
        }
    }

    fn unread_call_fields(&mut self) {
        let first = self.first_call_field();
        for (at, place) in self.call_places.clone().into_iter().enumerate() {
            let slot = Slot::try_from(first + at);
            if slot.is_ok_and(|slot| self.used.read.contains(&slot)) {
                continue;
            }
            let name = &self.call_fields[at].of.name;
            if own_name(name) != name {
                continue;
            }
            let message = format!("nothing reads `{name}`");
            let code = if self.here.args.iter().any(|arg| slot == Ok(arg.slot)) {
                Code::ArgUnused
            } else {
                Code::CallFieldUnused
            };
            self.fault(code, place, message)
                .help("take it out, or read it: in a text, or in `when`");
        }
    }

    fn help_for_unread(&self, name: &str) -> String {
        if name == LANGUAGE.key.name {
            return "the language of a call is `call.language`: `set = { call.language = \"…\" }`"
                .to_owned();
        }
        let answers = self.answers.iter().map(|answer| answer.name.as_str());
        let is_read = |at: &usize| {
            let slot = Slot::try_from(self.answers.len() + at);
            slot.is_ok_and(|slot| self.used.read.contains(&slot))
        };
        let read = (0..self.variables.len()).filter(is_read);
        let read = read.map(|at| self.variables[at].as_str());
        match nearest(name, answers.chain(read)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "take it out; to have it submitted, promise it under `[answers]`".to_owned(),
        }
    }

    fn unused_languages(&mut self) {
        // The languages of calls are those of the flows that go through it.
        if self.here.is_subflow {
            return;
        }
        // Who has set a variable of that name has been told so.
        let meant = self.slot(LANGUAGE.key.name).is_some();
        if self.used.any_language || meant {
            return;
        }
        for at in 1..self.languages.len() {
            if self.used.languages.contains(&at) {
                continue;
            }
            let tag = self.languages[at].tag.clone();
            let place = self.language_places.get(at).cloned().unwrap_or_default();
            self.fault(
                Code::LanguageUnused,
                place,
                format!("no call is ever in `{tag}`"),
            )
            .help(format!(
                "lead somebody there: `set = {{ call.language = \"{tag}\" }}` beside a `next`"
            ));
        }
    }
}

//! Questions: a gather, and the split of its keys where it has one.

use super::super::export::Widget;
use super::draft::Step;
use super::gather::{self, Away, question};
use super::toml::Value;
use super::{DEAF, Translator};

/// How often Studio goes through the same widget before it ends the call.
const ROUNDS: u32 = 10;

impl<'e> Translator<'e> {
    pub(super) fn gather(&mut self, widget: &'e Widget, step: Step) -> Step {
        let splits = widget
            .on("keypress")
            .and_then(|next| self.export.widget(next));
        let is_menu = splits.is_some_and(|split| split.kind == "split-based-on");
        self.folded.1 += usize::from(is_menu);
        let mut prompt = self.words(widget);
        if prompt.is_empty() {
            // Studio listens although nothing is said.
            prompt.push(Value::Table(vec![("pause".to_owned(), Value::text("1s"))]));
        }
        let prompt = Value::one_or_list(prompt);
        let seconds = widget.number("timeout").filter(|seconds| *seconds != 5);
        let timeout = seconds.map(|seconds| Value::Text(format!("{}s", seconds.max(1))));
        if let Some(question) = question(widget, self.export) {
            self.folded.0 += 1;
            let step = step
                .with("menu", prompt)
                .with_some("into", self.into(widget, &question));
            return self.menu(widget, &question, step.with_some("timeout", timeout));
        }
        if widget.on("speech").is_some() {
            self.remark(
                &widget.name,
                "what is said is not listened for: only keys are carried over here",
            );
        }
        let next = self.target(widget.on("keypress"));
        let silent = self.target(widget.on("timeout"));
        let Some(name) = self.names.entered.get(&widget.name).cloned() else {
            let step = step.with("menu", prompt).with("keys.any", next);
            return step.with_some("timeout", timeout).with("silent", silent);
        };
        let most = widget
            .number("number_of_digits")
            .filter(|most| (1..=32).contains(most));
        let digits = match most {
            Some(most) => Value::Number(i64::from(most)),
            None => Value::List(vec![Value::Number(1), Value::Number(20)]),
        };
        let kind = vec![
            ("digits".to_owned(), digits),
            ("optional".to_owned(), Value::Is(true)),
        ];
        self.answers.push((name.clone(), Value::Table(kind)));
        let step = step
            .with("ask", prompt)
            .with("into", Value::Text(name))
            .with("next", next);
        let step = step
            .with_some("timeout", timeout)
            .with("attempts", Value::Number(1));
        step.with("give_up", silent)
    }

    /// The answer that keeps which key was pressed, where something else reads it.
    pub(super) fn into(&mut self, widget: &Widget, question: &gather::Gather<'_>) -> Option<Value> {
        let name = self
            .names
            .entered
            .get(&widget.name)
            .filter(|_| question.is_read)?
            .clone();
        let keys = question
            .keys
            .iter()
            .map(|(key, _)| Value::text(key.as_str()));
        let kind = vec![
            ("one_of".to_owned(), Value::List(keys.collect())),
            ("optional".to_owned(), Value::Is(true)),
        ];
        self.answers.push((name.clone(), Value::Table(kind)));
        Some(Value::Text(name))
    }

    pub(super) fn menu(
        &mut self,
        widget: &'e Widget,
        question: &gather::Gather<'e>,
        mut step: Step,
    ) -> Step {
        let is_long = question.keys.iter().any(|(key, _)| key.len() > 1);
        let mut unspoken: Vec<&(String, Option<&str>)> = question.words.iter().collect();
        for (key, next) in &question.keys {
            let says: Vec<Value> = unspoken
                .iter()
                .filter(|(_, leads)| leads == next)
                .map(|(word, _)| Value::text(word.as_str()))
                .collect();
            unspoken.retain(|(_, leads)| leads != next);
            let target = self.target(*next);
            let way = if says.is_empty() {
                target
            } else {
                Value::Table(vec![
                    ("next".to_owned(), target),
                    ("says".to_owned(), Value::List(says)),
                ])
            };
            step = step.with(format!("keys.{key}"), way);
        }
        if !question.words.is_empty() {
            let lost = self.target(question.unheard);
            step = step
                .with("attempts", Value::Number(1))
                .with("give_up", lost);
        }
        for (word, _) in unspoken {
            self.remark(
                &widget.name,
                format!("the word \"{word}\" leads where no key leads, and is not listened for"),
            );
        }
        if !question.hears {
            self.remark(&widget.name, DEAF);
        }
        let again = |away: &Away<'e>| matches!(away, Away::Again { .. });
        if is_long || (again(&question.wrong) && again(&question.silent)) {
            return self.misses(question, step);
        }
        step = match &question.wrong {
            Away::End => step.with("keys.any", Value::text(self.over)),
            Away::To(next) => {
                let next = self.target(Some(next));
                step.with("keys.any", next)
            }
            Away::Again { words, after } => self.again("no_match", words, *after, step),
        };
        match &question.silent {
            Away::End => step.with("silent", Value::text(self.over)),
            Away::To(next) => {
                let next = self.target(Some(next));
                step.with("silent", next)
            }
            Away::Again { words, after } => self.again("no_input", words, *after, step),
        }
    }

    /// The question is put again after one kind of miss.
    pub(super) fn again(
        &mut self,
        key: &str,
        words: &[&'e Widget],
        after: Option<(u32, Option<&'e str>)>,
        step: Step,
    ) -> Step {
        let said: Vec<Value> = words.iter().flat_map(|widget| self.words(widget)).collect();
        let said = (!said.is_empty()).then(|| Value::one_or_list(said));
        let (attempts, next) = after.unwrap_or((ROUNDS, None));
        let give_up = self.target(next);
        let step = step
            .with_some(key, said)
            .with("attempts", Value::Number(i64::from(attempts.clamp(1, 10))));
        step.with("give_up", give_up)
    }

    /// The question is put again after both kinds of miss, or after none.
    pub(super) fn misses(&mut self, question: &gather::Gather<'e>, mut step: Step) -> Step {
        let mut attempts = None;
        let mut give_up = Vec::new();
        for (key, kind, away) in [
            ("no_input", "silent", &question.silent),
            ("no_match", "wrong", &question.wrong),
        ] {
            let next = match away {
                Away::Again { words, after }
                    if attempts.is_some()
                        || key == "no_input"
                        || !matches!(question.silent, Away::Again { .. }) =>
                {
                    let said: Vec<Value> =
                        words.iter().flat_map(|widget| self.words(widget)).collect();
                    step =
                        step.with_some(key, (!said.is_empty()).then(|| Value::one_or_list(said)));
                    let (most, next) = after.unwrap_or((ROUNDS, None));
                    attempts = Some(attempts.map_or(most, |known: u32| known.min(most)));
                    self.target(next)
                }
                Away::Again { .. } | Away::End => self.target(None),
                Away::To(next) => self.target(Some(next)),
            };
            give_up.push((kind.to_owned(), next));
        }
        let is_mixed = [&question.silent, &question.wrong]
            .iter()
            .filter(|away| matches!(away, Away::Again { .. }))
            .count()
            == 1;
        let attempts = if is_mixed { 1 } else { attempts.unwrap_or(1) };
        let step = step.with("attempts", Value::Number(i64::from(attempts.clamp(1, 10))));
        if give_up[0].1 == give_up[1].1 {
            return step.with("give_up", give_up.remove(0).1);
        }
        step.with("give_up", Value::Table(give_up))
    }
}

//! Branches and variables.

use super::super::export::Widget;
use super::draft::Step;
use super::names::Kind;
use super::toml::Value;
use super::{Translator, condition};

impl<'e> Translator<'e> {
    pub(super) fn branch(&mut self, widget: &'e Widget, step: Step) -> Step {
        let mut ways = Vec::new();
        for transition in widget
            .transitions
            .iter()
            .filter(|transition| transition.event == "match")
        {
            let Some(open) = condition::of_a_call(transition) else {
                continue;
            };
            if open.conditions.is_empty() && !transition.conditions.is_empty() {
                let next = self.target(transition.next.as_deref());
                ways.push(Value::Table(vec![("next".to_owned(), next)]));
                return step.with("branch", Value::List(ways));
            }
            match condition::of(&open, &self.names) {
                Ok(when) => {
                    let next = self.target(transition.next.as_deref());
                    ways.push(Value::Table(vec![
                        ("when".to_owned(), Value::Text(when)),
                        ("next".to_owned(), next),
                    ]));
                }
                Err(strange) => {
                    self.remark(
                        &widget.name,
                        format!("the condition {strange} is not carried over: it never holds"),
                    );
                }
            }
        }
        let otherwise = self.target(widget.on("noMatch"));
        ways.push(Value::Table(vec![("next".to_owned(), otherwise)]));
        step.with("branch", Value::List(ways))
    }

    pub(super) fn set(&mut self, widget: &'e Widget, step: Step) -> Step {
        let mut changes = Vec::new();
        for (key, value) in widget.pairs("variables") {
            let Some((name, kind)) = self.names.variable(&key).cloned() else {
                continue;
            };
            let number = value
                .trim()
                .parse::<i64>()
                .ok()
                .filter(|_| kind == Kind::Integer);
            let value = match number {
                Some(number) => Value::Number(number),
                None => Value::Text(self.text(widget, value.trim())),
            };
            changes.retain(|(known, _)| *known != name);
            changes.push((name, value));
        }
        let next = self.target(widget.on("next"));
        if changes.is_empty() {
            return step.with(
                "branch",
                Value::List(vec![Value::Table(vec![("next".to_owned(), next)])]),
            );
        }
        step.with("set", Value::Table(changes)).with("next", next)
    }
}

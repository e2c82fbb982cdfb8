//! Dials, with the split of what became of them.

use super::super::export::Widget;
use super::Translator;
use super::condition::outcome_of;
use super::draft::Step;
use super::template::only_value;
use super::toml::Value;

impl<'e> Translator<'e> {
    pub(super) fn dial(&mut self, widget: &'e Widget, step: Step) -> Step {
        let whom = self.whom(widget);
        let mut step = step.with("dial", whom);
        let caller_id = widget.text("caller_id");
        if let Some(number) = whole_number(&caller_id) {
            step = step.with("caller_id", Value::Text(number));
        } else if !caller_id.is_empty() && !caller_id.contains("contact.channel.address") {
            self.remark(
                &widget.name,
                format!("the caller id `{caller_id}` is no number: the caller's own is shown"),
            );
        }
        let seconds = widget.number("timeout").filter(|seconds| *seconds != 30);
        step = step.with_some(
            "timeout",
            seconds.map(|seconds| Value::Text(format!("{}s", seconds.clamp(5, 600)))),
        );
        let limit = widget
            .number("time_limit")
            .filter(|limit| *limit != 14_400 && *limit > 0);
        step = step.with_some(
            "time_limit",
            limit.map(|limit| Value::Text(format!("{limit}s"))),
        );
        if widget.is("record") {
            step = step.with("recorded", Value::text("both"));
        }
        self.after_dial(widget, step)
    }

    /// Who is dialled.
    fn whom(&mut self, widget: &'e Widget) -> Value {
        let to = widget.text("to");
        let to = to.trim();
        let of =
            |key: &str, value: String| Value::Table(vec![(key.to_owned(), Value::Text(value))]);
        match widget.text("noun").as_str() {
            "client" => of("client", self.text(widget, to)),
            "sip" => {
                let at = widget.text("sip_endpoint");
                let at = if at.is_empty() { to } else { at.as_str() };
                of("sip", self.text(widget, at))
            }
            "conference" => of("conference", self.text(widget, to)),
            "sim" => {
                self.remark(
                    &widget.name,
                    "a SIM card cannot be dialled here: write a number in its place",
                );
                Value::text(Self::named(
                    &mut self.contacts,
                    &widget.name,
                    "+15005550000",
                ))
            }
            _ => {
                let numbers: Vec<&str> = to
                    .split(',')
                    .map(str::trim)
                    .filter(|number| !number.is_empty())
                    .collect();
                let numbers = numbers
                    .into_iter()
                    .take(10)
                    .map(|number| self.number(widget, number));
                Value::one_or_list(numbers.collect())
            }
        }
    }

    pub(super) fn number(&mut self, widget: &Widget, number: &str) -> Value {
        if number.contains("{{") {
            return Value::Text(self.text(widget, number));
        }
        let plain = if let Some(plain) = whole_number(number) {
            plain
        } else {
            self.remark(
                &widget.name,
                format!("`{number}` is no number: write the right one below [contacts]"),
            );
            "+15005550000".to_owned()
        };
        Value::Text(Self::named(&mut self.contacts, &widget.name, &plain))
    }

    /// The ways of a dial: those of the split of its status, where one follows at once.
    pub(super) fn after_dial(&mut self, widget: &'e Widget, mut step: Step) -> Step {
        let next = widget
            .on("callCompleted")
            .and_then(|next| self.export.widget(next));
        let status = format!("widgets.{}.DialCallStatus", widget.name);
        let is_own = |split: &&Widget| {
            let matches = split
                .transitions
                .iter()
                .filter(|transition| transition.event == "match");
            let mut conditions = matches.flat_map(|transition| &transition.conditions);
            split.kind == "split-based-on"
                && self.ways_in.get(split.name.as_str()) == Some(&1)
                && conditions.all(|condition| {
                    only_value(&condition.subject).is_some_and(|out| out.operand == status)
                        && ["equal_to", "matches_any_of"].contains(&condition.predicate.as_str())
                        && condition
                            .value
                            .split(',')
                            .all(|word| outcome_of(word.trim()).is_some())
                })
        };
        let Some(split) = next.filter(is_own) else {
            let next = self.target(widget.on("callCompleted"));
            return step.with("next", next);
        };
        let mut ways: Vec<(&str, Value)> = Vec::new();
        for transition in split
            .transitions
            .iter()
            .filter(|transition| transition.event == "match")
        {
            let next = self.target(transition.next.as_deref());
            let words = transition
                .conditions
                .iter()
                .flat_map(|condition| condition.value.split(','));
            for outcome in words.filter_map(|word| outcome_of(word.trim())) {
                if !ways.iter().any(|(known, _)| *known == outcome) {
                    ways.push((outcome, next.clone()));
                }
            }
        }
        let rest = self.target(split.on("noMatch"));
        let answered = ways.iter().position(|(outcome, _)| *outcome == "answered");
        let answered = answered.map(|at| ways.remove(at).1);
        for (outcome, next) in ways {
            step = step.with(format!("on.{outcome}"), next);
        }
        match answered {
            Some(next) => step.with("on.unanswered", rest).with("next", next),
            None => step.with("next", rest),
        }
    }
}

/// A number as it is dialled; Studio lets the `+` be left out.
fn whole_number(text: &str) -> Option<String> {
    let is_sign = |sign: char| sign.is_ascii_digit() || "+-() .".contains(sign);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number =
        text.chars().all(is_sign) && (8..=15).contains(&digits.len()) && !digits.starts_with('0');
    is_number.then(|| format!("+{digits}"))
}

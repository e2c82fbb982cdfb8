//! Recordings, queues, messages, and other flows.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::super::export::Widget;
use super::draft::Step;
use super::requests::with_quotes;
use super::toml::Value;
use super::{Translator, address, words};

impl<'e> Translator<'e> {
    pub(super) fn record(&mut self, before: Vec<Value>, widget: &'e Widget, step: Step) -> Step {
        let prompt = if before.is_empty() {
            Value::Table(vec![("pause".to_owned(), Value::text("1s"))])
        } else {
            Value::one_or_list(before)
        };
        let name = super::safe(
            &format!("{}_message", step.name),
            &self.answers.iter().map(|(name, _)| name.clone()).collect(),
        );
        let most = widget
            .number("max_length")
            .unwrap_or(3_600)
            .clamp(1, 14_400);
        let kind = vec![
            ("recording".to_owned(), Value::Text(format!("{most}s"))),
            ("keep".to_owned(), Value::text("30d")),
            ("optional".to_owned(), Value::Is(true)),
        ];
        self.answers.push((name.clone(), Value::Table(kind)));
        self.remark(
            &widget.name,
            "Studio keeps recordings for ever: `keep` says how long this one is kept",
        );
        if !widget.text("transcription_callback_url").is_empty() {
            self.remark(
                &widget.name,
                "what is said is told with what is submitted, not at the URL of the transcription",
            );
        }
        if widget.text("play_beep").eq_ignore_ascii_case("false") {
            self.remark(&widget.name, "there is always a tone before the recording");
        }
        let next = self.target(widget.on("recordingComplete"));
        let empty = match widget.on("noAudio") {
            Some(none) => self.target(Some(none)),
            None => next.clone(),
        };
        let keys = widget.text("finish_on_key");
        let finish = (!keys.is_empty() && keys != "any").then_some(Value::Text(keys));
        let seconds = widget.number("timeout").filter(|seconds| *seconds != 5);
        let timeout = seconds.map(|seconds| Value::Text(format!("{}s", seconds.min(60))));
        let can = most < 120 && self.spoken.0 == "en-US";
        if widget.is("transcribe") && !can {
            self.remark(&widget.name, "the carrier writes down only US English, and less than two minutes: what is said is not written down");
        }
        let transcribes = (can && widget.is("transcribe")).then_some(Value::Is(true));
        step.with("record", prompt)
            .with("into", Value::Text(name))
            .with_some("finish", finish)
            .with_some("timeout", timeout)
            .with_some("transcribe", transcribes)
            .with("on.error", empty)
            .with("next", next)
    }

    pub(super) fn queue(&mut self, widget: &'e Widget, step: Step) -> Step {
        let workflow = [widget.text("workflow_sid"), widget.text("workflow")];
        let workflow = workflow.into_iter().find(|sid| !sid.is_empty());
        let own = widget.text("queue_name");
        let name = match &workflow {
            Some(sid) => Self::named(&mut self.queues, &step.name, sid),
            None => super::safe(&own, &BTreeSet::new()),
        };
        let mut step = step.with("queue", Value::Text(name));
        let attributes = [widget.text("task_attributes"), widget.text("attributes")];
        let attributes = attributes.into_iter().find(|text| !text.trim().is_empty());
        if let Some(attributes) = attributes {
            match serde_json::from_str::<Json>(&with_quotes(&attributes)) {
                Ok(Json::Object(all)) if workflow.is_some() => {
                    for (key, value) in &all {
                        if let Some(value) = self.given(widget, value) {
                            step = step.with(format!("give.{}", key.replace('.', "_")), value);
                        }
                    }
                }
                _ => self.remark(
                    &widget.name,
                    "its attributes are no JSON object, or its queue has none: they are left out",
                ),
            }
        }
        let wait = [widget.text("wait_url"), widget.text("waitUrl")];
        let wait = wait.into_iter().find(|url| !url.trim().is_empty());
        if let Some(url) = wait {
            let url = self.text(widget, url.trim());
            step = step.with(
                "hold",
                Value::Table(vec![("twiml".to_owned(), Value::text(address(&url)))]),
            );
        }
        step = step.with_some(
            "priority",
            widget
                .number("priority")
                .filter(|priority| *priority > 0)
                .map(|priority| Value::Number(i64::from(priority))),
        );
        if widget.number("timeout").is_some_and(|seconds| seconds > 0) {
            self.remark(
                &widget.name,
                "how long a task lives is a setting of its workflow: the time is left out",
            );
        }
        let full = self.target(widget.on("failedToEnqueue"));
        let error = self.target(widget.on("callFailure"));
        let next = self.target(widget.on("callComplete"));
        let full = (full != error).then_some(full);
        step.with_some("on.full", full)
            .with("on.error", error)
            .with("next", next)
    }

    /// A value of JSON with Liquid in it.
    pub(super) fn given(&mut self, widget: &Widget, json: &Json) -> Option<Value> {
        Some(match json {
            Json::String(text) => match words::whole(text) {
                Some(whole) => whole,
                None => Value::Text(self.text(widget, text)),
            },
            Json::Bool(is) => Value::Is(*is),
            Json::Number(number) => Value::Number(number.as_i64()?),
            Json::Null => return None,
            Json::Array(list) => Value::List(
                list.iter()
                    .filter_map(|entry| self.given(widget, entry))
                    .collect(),
            ),
            Json::Object(all) => {
                let mut table = Vec::new();
                for (key, value) in all {
                    if let Some(value) = self.given(widget, value) {
                        table.push((key.replace('.', "_"), value));
                    }
                }
                Value::Table(table)
            }
        })
    }

    pub(super) fn sms(&mut self, widget: &'e Widget, step: Step) -> Step {
        let body = widget.text("body");
        let mut body = self.text(widget, body.trim());
        if body.is_empty() {
            self.remark(
                &widget.name,
                "its text is a template of Twilio's: write it here",
            );
            body = "...".to_owned();
        }
        let mut step = step.with("sms", Value::Text(body));
        let to = widget.text("to");
        if !to.trim().is_empty() && !to.contains("contact.channel.address") {
            let to = self.number(widget, to.trim());
            step = step.with("to", to);
        }
        let failed = self.target(widget.on("failed"));
        let next = self.target(widget.on("sent"));
        step.with("on.refused", failed).with("next", next)
    }

    pub(super) fn subflow(&mut self, widget: &'e Widget, step: Step) -> Step {
        let sid = widget.text("flow_sid");
        let given: Vec<(String, String)> = widget
            .pairs("parameters")
            .into_iter()
            .map(|(key, value)| (super::safe(&key, &BTreeSet::new()), value))
            .collect();
        let flow = if let Some(known) = self.around.flows.get(&sid) {
            known.clone()
        } else {
            let flow = format!("studio/{}", super::safe(&sid, &BTreeSet::new()));
            self.remark(
                &widget.name,
                format!("goes through the flow {sid}: import it with this one, or in place of `{flow}`, which does nothing"),
            );
            let args = self.stubs.entry(flow.clone()).or_default();
            args.extend(given.iter().map(|(name, _)| name.clone()));
            flow
        };
        let mut step = step.with("flow", Value::Text(flow));
        for (name, value) in given {
            let value = self.text(widget, value.trim());
            if value.trim().is_empty() {
                continue;
            }
            step = step.with(format!("give.{name}"), Value::Text(value));
        }
        let failed = self.target(widget.on("failed"));
        let next = self.target(widget.on("completed"));
        step.with("on.error", failed).with("next", next)
    }

    pub(super) fn redirect(&mut self, widget: &'e Widget, step: Step) -> Step {
        let url = self.text(widget, widget.text("url").trim());
        if widget.on("return").is_some() {
            self.remark(
                &widget.name,
                "what follows when the other TwiML comes back is not carried over",
            );
        }
        step.with("redirect", Value::text(address(&url)))
    }
}

//! Compares what backends got with the file, answer by answer.

use serde_json::Value;

use super::{Failures, helped};
use crate::replay::script::{Answers, Submission};
use crate::written::diag::Diag;
use crate::written::{Code, Explain};

impl Failures<'_> {
    pub(super) fn submissions(&mut self, sent: &[&(String, Value)]) {
        let mut left = sent.to_vec();
        for wanted in &self.script.submitted {
            let is_meant = |(backend, _): &&(String, Value)| *backend == wanted.backend;
            match left.iter().position(is_meant) {
                Some(at) => self.submission(wanted, &left.remove(at).1),
                None => self.not_sent(wanted, &left),
            }
        }
        if !self.script.open {
            for (backend, body) in left {
                self.sent_besides(backend, body);
            }
        }
    }

    fn not_sent(&mut self, wanted: &Submission, left: &[&(String, Value)]) {
        let message = format!("nothing was sent to `{}`", wanted.backend);
        let diag = self
            .script
            .fault(Code::SubmittedMissing, wanted.at.clone(), message);
        let others = left.iter().map(|(backend, _)| format!("`{backend}`"));
        let others: Vec<_> = others.collect();
        let help =
            (!others.is_empty()).then(|| format!("something was sent to {}", others.join(", ")));
        self.note(helped(diag, help), self.last());
    }

    /// Something was sent that the file does not have.
    fn sent_besides(&mut self, backend: &str, body: &Value) {
        let script = self.script;
        let mut wanted = script.submitted.iter();
        let last = wanted.rfind(|wanted| wanted.backend == backend);
        let place = last.map_or_else(|| script.top(), |wanted| wanted.at.clone());
        let (again, header) = if last.is_some() {
            ("once more ", format!("[[submitted.{backend}]]"))
        } else {
            ("", format!("[submitted.{backend}]"))
        };
        let message = format!("something was {again}sent to `{backend}`");
        let diag = script.fault(Code::SubmittedUnforeseen, place, message);
        let help = format!(
            "if that is right, add {header} with type = {}, answers = {}",
            body["type"],
            toml(&body["data"]["answers"])
        );
        self.note(diag.help(help), self.last());
    }

    fn submission(&mut self, wanted: &Submission, body: &Value) {
        let script = self.script;
        let backend = &wanted.backend;
        if let Some((kind, at)) = &wanted.kind
            && body["type"] != kind.as_str()
        {
            let message = format!("`{backend}` got another type");
            let diag = script.fault(Code::SubmittedDiffers, at.clone(), message);
            self.note(diag.help(format!("it got {}", body["type"])), self.last());
        }
        let got = &body["data"]["answers"];
        if let Some(answers) = &wanted.answers {
            for diag in self.answers(backend, answers, got) {
                self.note(diag, self.last());
            }
        }
        for (name, at) in &wanted.lacks {
            if let Some(value) = got.get(name) {
                let message = format!("`{backend}` got `{name}`");
                let diag = script.fault(Code::SubmittedDiffers, at.clone(), message);
                self.note(diag.help(format!("it got {}", toml(value))), self.last());
            }
        }
    }

    /// Each answer that differs, at its own place.
    fn answers(&self, backend: &str, wanted: &Answers, got: &Value) -> Vec<Diag> {
        let fault = |at: &std::ops::Range<usize>, message: String| {
            self.script
                .fault(Code::SubmittedDiffers, at.clone(), message)
        };
        let mut diags = Vec::new();
        for (name, (value, at)) in &wanted.values {
            match got.get(name) {
                Some(got) if got == value || is_part(got, value) => {}
                Some(got) => {
                    let (place, got, value) = first_other(name.clone(), got, value);
                    let message = format!("`{backend}` got another `{place}`");
                    let (is, was) = typed(got, value);
                    diags.push(fault(at, message).help(format!("it got {is} instead of {was}")));
                }
                None => {
                    let message = format!("`{backend}` did not get `{name}`");
                    diags.push(fault(at, message).help(format!("it got {}", toml(got))));
                }
            }
        }
        let got = got.as_object().into_iter().flatten();
        for (name, value) in got.filter(|(name, _)| !wanted.values.contains_key(*name)) {
            let message = format!("`{backend}` also got `{name}`");
            let help = format!("if that is right, add `{name} = {}`", toml(value));
            diags.push(fault(&wanted.at, message).help(help));
        }
        diags
    }
}

/// Whether all that is written of a table stands in another one: of a recording only that is compared.
fn is_part(got: &Value, wanted: &Value) -> bool {
    let (Some(got), Some(wanted)) = (got.as_object(), wanted.as_object()) else {
        return false;
    };
    let mut fields = wanted.iter();
    fields.all(|(name, value)| got.get(name) == Some(value))
}

/// What of two values differs first, and where: an answer of an entry, an entry, or all of it.
fn first_other<'v>(
    name: String,
    got: &'v Value,
    wanted: &'v Value,
) -> (String, &'v Value, &'v Value) {
    let below = match (got, wanted) {
        (Value::Array(got), Value::Array(wanted)) if got.len() == wanted.len() => {
            let pairs = (1..).zip(got.iter().zip(wanted));
            let mut pairs = pairs.map(|(place, pair)| (format!("{name}[{place}]"), pair));
            pairs.find(|(_, (got, wanted))| got != wanted)
        }
        (Value::Object(got), Value::Object(wanted)) if got.keys().eq(wanted.keys()) => {
            let pairs = got.iter().zip(wanted.values());
            let mut pairs =
                pairs.map(|((key, got), wanted)| (format!("{name}.{key}"), (got, wanted)));
            pairs.find(|(_, (got, wanted))| got != wanted)
        }
        _ => None,
    };
    match below {
        Some((name, (got, wanted))) => first_other(name, got, wanted),
        None => (name, got, wanted),
    }
}

/// Two values as an author would write them, with their types where those differ.
fn typed(one: &Value, other: &Value) -> (String, String) {
    let (kind, other_kind) = (kind(one), kind(other));
    if kind == other_kind {
        (toml(one), toml(other))
    } else {
        (
            format!("the {kind} {}", toml(one)),
            format!("the {other_kind} {}", toml(other)),
        )
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::Bool(_) => "boolean",
        Value::Array(_) => "list",
        Value::Object(_) => "table",
        Value::Null => "value",
    }
}

/// JSON as an author would write it in a test call.
fn toml(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entries: Vec<_> = map
                .iter()
                .map(|(key, value)| format!("{key} = {}", toml(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(entries) => {
            let entries: Vec<_> = entries.iter().map(toml).collect();
            format!("[{}]", entries.join(", "))
        }
        other => other.to_string(),
    }
}

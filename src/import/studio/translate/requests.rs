//! Requests to services: HTTP and functions.

use serde_json::Value as Json;

use super::super::export::Widget;
use super::draft::Step;
use super::names::{Kind, Take};
use super::toml::Value;
use super::{Translator, address, words};

impl<'e> Translator<'e> {
    pub(super) fn http(&mut self, widget: &'e Widget, step: Step) -> Step {
        let (host, path) = self.address(widget);
        let service = Self::named(&mut self.services, &service_of(&host), &host);
        // Here each hole of a path is one part of it, and no more.
        let path = without_encoding(&path);
        let path = self.text(widget, &path);
        let is_get = widget.text("method").eq_ignore_ascii_case("GET");
        let mut step = step
            .with("http", Value::Text(service))
            .with(if is_get { "get" } else { "post" }, Value::Text(path));
        let parameters = widget.pairs("parameters");
        if !parameters.is_empty() {
            let mut form = Vec::new();
            for (key, value) in parameters {
                let value = self.parameter(widget, value.trim(), is_get);
                form.push((
                    format!(
                        "{}.{}",
                        if is_get { "query" } else { "form" },
                        key.replace('.', "_")
                    ),
                    value,
                ));
            }
            for (key, value) in form {
                step = step.with(key, value);
            }
        }
        let body = widget.text("body");
        if !body.trim().is_empty() && !is_get {
            step = self.body(widget, body.trim(), step);
        }
        let takes = self
            .names
            .takes
            .get(&widget.name)
            .cloned()
            .unwrap_or_default();
        for take in &takes {
            step = step.with(format!("take.{}", take.name), taken(take, takes.len() > 1));
        }
        if widget.is("add_twilio_auth") {
            self.remark(&widget.name, "the request had the account's credentials: give the service headers in the settings");
        }
        let failed = match widget.kind.as_str() {
            "run-function" => widget.on("fail").or_else(|| widget.on("failed")),
            _ => widget.on("failed"),
        };
        let error = self.target(failed);
        let next = self.target(widget.on("success"));
        step = step.with("time_limit", Value::text("10s"));
        if !takes.is_empty() {
            // Studio goes on with nothing set where the answer lacks something.
            step = step.with("on.misfit", next.clone());
        }
        step.with("on.error", error).with("next", next)
    }

    /// A field of a form, where JSON may stand, or of a query.
    fn parameter(&mut self, widget: &Widget, value: &str, is_query: bool) -> Value {
        match words::whole(value) {
            Some(whole) if !is_query => whole,
            _ => Value::Text(self.text(widget, value)),
        }
    }

    /// The address of the service that a widget asks, without a password, and the path below it.
    pub(super) fn address(&mut self, widget: &Widget) -> (String, String) {
        let url = self.with_constants(widget.text("url").trim());
        let (host, path) = parted(&url);
        if host.contains("{{") {
            self.remark(&widget.name, format!("`{host}` is known only in a call: write the service's address into the settings"));
            return ("https://service.example.com".to_owned(), path);
        }
        match host.rsplit_once('@') {
            Some((_, host)) => {
                self.remark(&widget.name, "its URL held a password, which is left out: give the service headers in the settings");
                (format!("https://{host}"), path)
            }
            None => (host, path),
        }
    }

    /// A template in which variables stand for their value that are set once, to what is written.
    pub(super) fn with_constants(&self, template: &str) -> String {
        let mut text = template.to_owned();
        let setters = self
            .export
            .widgets
            .iter()
            .filter(|widget| widget.kind == "set-variables");
        let set: Vec<(String, String)> = setters
            .flat_map(|widget| widget.pairs("variables"))
            .collect();
        for (name, value) in set.iter().filter(|(_, value)| !value.contains('{')) {
            if set.iter().filter(|(other, _)| other == name).count() == 1 {
                let path = format!("flow.variables.{name}");
                for hole in [format!("{{{{{path}}}}}"), format!("{{{{ {path} }}}}")] {
                    text = text.replace(&hole, value.trim());
                }
            }
        }
        text
    }

    pub(super) fn body(&mut self, widget: &Widget, body: &str, mut step: Step) -> Step {
        if let Ok(Json::Object(all)) = serde_json::from_str::<Json>(&with_quotes(body)) {
            for (key, value) in &all {
                if let Some(value) = self.given(widget, value) {
                    step = step.with(format!("json.{}", key.replace('.', "_")), value);
                }
            }
            return step;
        }
        let pairs: Option<Vec<(&str, &str)>> =
            body.split('&').map(|pair| pair.split_once('=')).collect();
        match pairs {
            Some(pairs) if !widget.text("content_type").contains("json") => {
                for (key, value) in pairs {
                    let value = self.text(widget, &without_encoding(value.trim()));
                    step = step.with(
                        format!("form.{}", key.trim().replace('.', "_")),
                        Value::Text(value),
                    );
                }
                step
            }
            _ => {
                self.remark(
                    &widget.name,
                    "its body is neither a JSON object nor a form, and is left out",
                );
                step
            }
        }
    }
}

/// What is taken; `lacks_alone` where an answer that lacks it must not count as lacking everything: in Studio it is blank then.
fn taken(take: &Take, lacks_alone: bool) -> Value {
    let kind = match take.kind {
        Kind::Integer => ("integer", Value::Is(true)),
        Kind::Text => ("text", Value::Is(true)),
        Kind::List => ("list", Value::text("text")),
    };
    let is_plain = take.at == format!("/{}", take.name);
    let mut table = vec![(kind.0.to_owned(), kind.1)];
    if !is_plain {
        table.push(("at".to_owned(), Value::text(take.at.as_str())));
    }
    let blank = match take.kind {
        Kind::Text => Some(Value::text("")),
        Kind::List => Some(Value::List(Vec::new())),
        // A number that is blank is none.
        Kind::Integer => None,
    };
    let blank = blank.filter(|_| lacks_alone);
    if let Some(blank) = blank {
        table.push(("default".to_owned(), blank));
    } else if is_plain && take.kind != Kind::List {
        return if take.kind == Kind::Text {
            Value::text("text")
        } else {
            Value::Table(table)
        };
    }
    Value::Table(table)
}

/// JSON in which holes stand outside of texts, each as a text: Liquid writes a value there.
pub(super) fn with_quotes(json: &str) -> String {
    let (mut whole, mut rest, mut is_in_text) = (String::new(), json, false);
    while let Some(letter) = rest.chars().next() {
        let hole = rest.starts_with("{{").then(|| rest.find("}}")).flatten();
        if let Some(end) = hole.filter(|_| !is_in_text) {
            let inner = rest[..end + 2].replace('"', "'");
            whole.push_str(&format!("\"{inner}\""));
            rest = &rest[end + 2..];
            continue;
        }
        let length = if letter == '\\' {
            rest.chars().take(2).map(char::len_utf8).sum()
        } else {
            letter.len_utf8()
        };
        is_in_text ^= letter == '"';
        whole.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    whole
}

/// A template without the filters that encode values for a URL.
fn without_encoding(template: &str) -> String {
    let filters = ["| url_encode", "|url_encode"].iter();
    filters.fold(template.to_owned(), |text, filter| text.replace(filter, ""))
}

/// The address of a service, and the path below it.
fn parted(url: &str) -> (String, String) {
    let url = address(url);
    let begin = url.find("://").map_or(0, |at| at + 3);
    let mut depth = 0usize;
    let ends = |letter: char| {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(letter, '/' | '?')
    };
    let end = url[begin..].find(ends).map_or(url.len(), |at| begin + at);
    let path = if url[end..].starts_with('?') {
        format!("/{}", &url[end..])
    } else {
        url[end..].to_owned()
    };
    (
        url[..end].to_owned(),
        if path.is_empty() {
            "/".to_owned()
        } else {
            path
        },
    )
}

/// What a service may be called: the first part of its host.
fn service_of(host: &str) -> String {
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host
        .trim_start_matches("https://")
        .trim_start_matches("http://");
    let first = host
        .split('.')
        .find(|part| !["www", "api"].contains(part))
        .unwrap_or(host);
    first.to_owned()
}

//! The fields of a form, in the shapes in which logs hold them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The field that says which call a request belongs to.
const CALL: &str = "CallSid";

/// The fields of a form, by the carrier's names, each with its first value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// A form or a query as text.
    pub fn of_text(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect()).named()
    }

    /// What stands behind the `?` of a URL.
    pub fn of_query(url: &str) -> Self {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        Self::of_text(query.split('#').next().unwrap_or_default().as_bytes())
    }

    /// An object of values, or of lists of values whose first element counts.
    pub fn of_object(value: &Value) -> Self {
        let fields = value.as_object().into_iter().flatten();
        Self(
            fields
                .filter_map(|(name, value)| Some((name.clone(), first(value)?)))
                .collect(),
        )
        .named()
    }

    /// A list of objects with `name` and `value`.
    pub fn of_pairs(value: &Value) -> Self {
        let pairs = value.as_array().into_iter().flatten();
        let pair = |pair: &Value| {
            Some((
                pair.get("name")?.as_str()?.to_owned(),
                first(pair.get("value")?)?,
            ))
        };
        Self(pairs.filter_map(pair).collect()).named()
    }

    /// These, where they name a call, else the others.
    pub fn or(self, others: impl FnOnce() -> Self) -> Self {
        if self.sid().is_some() { self } else { others() }
    }

    /// A field that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(known, _)| known == name);
        field
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Which call they belong to.
    pub fn sid(&self) -> Option<&str> {
        self.get(CALL)
    }

    /// The same, of a call that is named elsewhere.
    pub fn of_call(mut self, sid: &str) -> Self {
        self.0.push((CALL.to_owned(), sid.to_owned()));
        self
    }

    /// All of them, the same whatever their order.
    pub fn sorted(&self) -> Vec<&(String, String)> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort();
        all
    }

    /// By the carrier's names, where somebody wrote `call_sid` or `callSid`.
    fn named(mut self) -> Self {
        let is_known = |(name, _): &(String, String)| name == CALL;
        let is_other = |(name, _): &(String, String)| carrier_s(name) == CALL;
        if !self.0.iter().any(is_known) && self.0.iter().any(is_other) {
            self.0
                .iter_mut()
                .for_each(|(name, _)| *name = carrier_s(name));
        }
        self
    }
}

/// `CallSid` for `call_sid` and `callSid`.
fn carrier_s(name: &str) -> String {
    let upper = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    };
    name.split('_').map(upper).collect()
}

/// A value as text; of a list the first one. Nothing for what no form holds.
pub(super) fn first(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => values
            .first()
            .filter(|value| !value.is_array())
            .and_then(first),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Object(_) => None,
    }
}

/// The bytes that base64 stands for.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, String> {
    STANDARD
        .decode(text.trim())
        .map_err(|error| format!("its body is not base64: {error}"))
}

/// A header, however its name is written: an object, or a list of objects with `name` and `value`.
pub(super) fn header(headers: &Value, name: &str) -> Option<String> {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    match headers {
        Value::Object(headers) => headers
            .iter()
            .find(|(known, _)| is(known))
            .and_then(|(_, value)| first(value)),
        Value::Array(pairs) => {
            let pair = pairs
                .iter()
                .find(|pair| pair.get("name").and_then(Value::as_str).is_some_and(is));
            pair.and_then(|pair| first(pair.get("value")?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Fields, bytes, header};

    #[test]
    fn a_form_is_read_in_every_shape() {
        for fields in [
            Fields::of_text(b"CallSid=CA1&Digits=1"),
            Fields::of_query("/voice?CallSid=CA1&Digits=1#ct=2000"),
            Fields::of_object(
                &json!({ "CallSid": ["CA1", "CA2"], "Digits": 1, "AddOns": {}, "None": null }),
            ),
            Fields::of_object(&json!({ "call_sid": "CA1", "digits": ["1"] })),
            Fields::of_object(&json!({ "callSid": "CA1", "digits": "1" })),
            Fields::of_pairs(
                &json!([{ "name": "CallSid", "value": "CA1" }, { "name": "Digits", "value": "1" }, { "name": "x" }]),
            ),
        ] {
            assert_eq!(
                (fields.sid(), fields.get("Digits")),
                (Some("CA1"), Some("1")),
                "{fields:?}"
            );
        }
        assert_eq!(
            Fields::of_object(&json!({ "CallSid": [], "to_city": "B" })).sid(),
            None
        );
    }

    #[test]
    fn a_header_is_found_however_it_is_written() {
        let name = "i-twilio-idempotency-token";
        for headers in [
            json!({ "I-Twilio-Idempotency-Token": "a" }),
            json!({ "i-twilio-idempotency-token": ["a", "b"] }),
            json!([{ "name": "I-Twilio-Idempotency-Token", "value": "a" }]),
        ] {
            assert_eq!(header(&headers, name).as_deref(), Some("a"));
        }
        assert_eq!(header(&json!("a"), name), None);
        assert!(bytes("a form").is_err_and(|why| why.contains("not base64")));
    }
}

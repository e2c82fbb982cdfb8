//! HAR 1.2, as browsers and mitmproxy (`hardump`, `save.har`) write it.

use serde_json::Value;

use super::{LoggedRequest, moment, text};
use crate::import::fields::{Fields, bytes};

pub(super) fn read(entry: &Value) -> Option<Result<LoggedRequest, String>> {
    let request = entry
        .get("request")
        .filter(|request| request.get("method").is_some())?;
    let url = text(request, &["url"])?;
    let headers = request.get("headers").filter(|headers| headers.is_array());
    if headers.is_none() && request.get("queryString").is_none() {
        return None;
    }
    let at = entry.get("startedDateTime").and_then(moment);
    Some(body(request).map(|fields| {
        let fields = fields.or(|| {
            request
                .get("queryString")
                .map(Fields::of_pairs)
                .unwrap_or_default()
        });
        LoggedRequest::new(url, headers, at, fields)
    }))
}

/// What the body brings: its text, else the fields that somebody took out of it.
fn body(request: &Value) -> Result<Fields, String> {
    let Some(data) = request.get("postData") else {
        return Ok(Fields::default());
    };
    let written = text(data, &["text"]).unwrap_or_default();
    let written = match text(data, &["encoding"]) {
        Some("base64") => Fields::of_text(&bytes(written)?),
        _ => Fields::of_text(written.as_bytes()),
    };
    Ok(written.or(|| data.get("params").map(Fields::of_pairs).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn a_form_and_a_query_are_read() {
        let request = |fields: serde_json::Value| {
            let mut request = json!({
                "method": "POST", "url": "https://ivr.example.com/voice/pickup/~1",
                "headers": [{ "name": "I-Twilio-Idempotency-Token", "value": "a" }],
            });
            request
                .as_object_mut()
                .expect("it is one")
                .append(&mut fields.as_object().expect("it is one").clone());
            let entry =
                json!({ "startedDateTime": "2026-11-23T10:00:00.250+00:00", "request": request });
            read(&entry).expect("it is HAR").expect("it can be read")
        };
        let text = "CallSid=CA1&Digits=1";
        let params =
            json!([{ "name": "CallSid", "value": "CA1" }, { "name": "Digits", "value": "1" }]);
        for fields in [
            json!({ "postData": { "mimeType": "application/x-www-form-urlencoded", "text": text, "params": [] } }),
            json!({ "postData": { "mimeType": "application/x-www-form-urlencoded", "params": params } }),
            json!({ "postData": { "text": "Q2FsbFNpZD1DQTEmRGlnaXRzPTE=", "encoding": "base64" } }),
            json!({ "queryString": params }),
            json!({ "method": "GET", "url": format!("https://ivr.example.com/voice/pickup/~1?{text}") }),
        ] {
            let read = request(fields.clone());
            assert_eq!(
                (read.fields.sid(), read.fields.get("Digits")),
                (Some("CA1"), Some("1")),
                "{fields}"
            );
            assert_eq!(read.token.as_deref(), Some("a"));
            assert_eq!(
                read.at.map(|at| at.to_string()).as_deref(),
                Some("2026-11-23T10:00:00.25Z")
            );
        }
        assert!(request(json!({})).fields.sid().is_none());
        assert!(read(&json!({ "CallSid": "CA1" })).is_none());
    }
}

//! Events of AWS Lambda: a request through API Gateway (payload 1.0 and 2.0), a function's URL or a load balancer.

use serde_json::Value;

use super::{LoggedRequest, moment, text};
use crate::import::fields::{Fields, bytes};

pub(super) fn read(event: &Value) -> Option<Result<LoggedRequest, String>> {
    let context = event.get("requestContext")?;
    let http = context.get("http");
    if event.get("httpMethod").is_none() && http.is_none() {
        return None;
    }
    let around = |name: &str| http.and_then(|http| text(http, &[name]));
    let url = text(event, &["path", "rawPath"])
        .or_else(|| around("path"))
        .unwrap_or_default();
    let headers = ["headers", "multiValueHeaders"]
        .into_iter()
        .find_map(|name| event.get(name)?.as_object().and(event.get(name)));
    let at = ["requestTimeEpoch", "timeEpoch"]
        .into_iter()
        .find_map(|name| moment(context.get(name)?));
    Some(body(event).map(|fields| LoggedRequest::new(url, headers, at, fields.or(|| query(event)))))
}

fn body(event: &Value) -> Result<Fields, String> {
    let Some(body) = text(event, &["body"]) else {
        return Ok(event.get("body").map(Fields::of_object).unwrap_or_default());
    };
    match event.get("isBase64Encoded").and_then(Value::as_bool) {
        Some(true) => Ok(Fields::of_text(&bytes(body)?)),
        _ => Ok(Fields::of_text(body.as_bytes())),
    }
}

/// The fields of the query; each payload has its own form for them.
fn query(event: &Value) -> Fields {
    let raw = text(event, &["rawQueryString"])
        .map(|query| Fields::of_text(query.as_bytes()))
        .unwrap_or_default();
    let object = |name: &str| event.get(name).map(Fields::of_object).unwrap_or_default();
    raw.or(|| object("multiValueQueryStringParameters"))
        .or(|| object("queryStringParameters"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn events_of_every_payload_are_read() {
        let text = "CallSid=CA1&Digits=1";
        let (one, two) = (
            json!({ "requestTimeEpoch": 1_795_428_900_000_i64 }),
            json!({ "timeEpoch": 1_795_428_900_000_i64, "http": { "method": "POST", "path": "/voice" } }),
        );
        for event in [
            json!({ "httpMethod": "POST", "path": "/voice", "body": text, "isBase64Encoded": false, "requestContext": one }),
            json!({ "httpMethod": "POST", "path": "/voice", "body": "Q2FsbFNpZD1DQTEmRGlnaXRzPTE=", "isBase64Encoded": true, "requestContext": one, "headers": null, "multiValueHeaders": { "I-Twilio-Idempotency-Token": ["a"] } }),
            json!({ "httpMethod": "GET", "path": "/voice", "body": null, "requestContext": one, "multiValueQueryStringParameters": { "CallSid": ["CA1"], "Digits": ["1"] } }),
            json!({ "httpMethod": "GET", "path": "/voice", "requestContext": one, "queryStringParameters": { "CallSid": "CA1", "Digits": "1" } }),
            json!({ "version": "2.0", "rawPath": "/voice", "rawQueryString": "", "body": text, "requestContext": two }),
            json!({ "version": "2.0", "rawPath": "/voice", "rawQueryString": text, "requestContext": two }),
        ] {
            let read = read(&event)
                .expect("it is an event")
                .expect("it can be read");
            assert_eq!(
                (read.fields.sid(), read.fields.get("Digits")),
                (Some("CA1"), Some("1")),
                "{event}"
            );
            assert_eq!(read.url, "/voice", "{event}");
            assert_eq!(
                read.at.map(|at| at.to_string()).as_deref(),
                Some("2026-11-23T10:15:00Z")
            );
        }
    }
}

//! What people log by hand: the form itself as an object, or an object around it, which may say where the request went,
//! when, and with which headers.

use serde_json::Value;

use super::{LoggedRequest, moment, text};
use crate::import::fields::Fields;

/// Where a form may stand in the object around it.
const FORMS: [&str; 9] = [
    "form",
    "params",
    "fields",
    "body",
    "raw",
    "data",
    "payload",
    "query",
    "request_body",
];
/// How the object around it may name where the request went.
const PATHS: [&str; 5] = ["url", "path", "uri", "request_uri", "originalUrl"];
/// How it may name when.
const TIMES: [&str; 8] = [
    "at",
    "timestamp",
    "time",
    "date",
    "ts",
    "@timestamp",
    "datetime",
    "time_iso8601",
];
/// How it may name the headers.
const HEADERS: &str = "headers";

pub(super) fn read(object: &Value) -> Option<LoggedRequest> {
    let inner = FORMS
        .iter()
        .filter_map(|name| object.get(name))
        .map(fields)
        .find(|fields| fields.sid().is_some());
    let outer = Fields::of_object(object);
    let url = text(object, &PATHS).unwrap_or_default();
    let fields = match (inner, outer.sid()) {
        (Some(inner), _) => inner,
        // The call is named outside, and what came inside.
        (None, Some(sid)) => match FORMS
            .iter()
            .find_map(|name| object.get(name).filter(|form| is_form(form)))
        {
            Some(form) => fields(form).of_call(sid),
            None => outer,
        },
        (None, None) => Fields::default(),
    };
    let at = TIMES.iter().find_map(|name| moment(object.get(name)?));
    let request = LoggedRequest::new(url, object.get(HEADERS), at, fields);
    request.fields.sid().is_some().then_some(request)
}

/// A request, with what the object around its own says.
pub(super) fn around(request: LoggedRequest, object: &Value) -> LoggedRequest {
    let outer = LoggedRequest::new(
        text(object, &PATHS).unwrap_or_default(),
        object.get(HEADERS),
        None,
        Fields::default(),
    );
    let at = || TIMES.iter().find_map(|name| moment(object.get(name)?));
    LoggedRequest {
        url: if request.url.is_empty() {
            outer.url
        } else {
            request.url
        },
        at: request.at.or_else(at),
        token: request.token.or(outer.token),
        fields: request.fields,
    }
}

fn is_form(form: &Value) -> bool {
    form.is_object() || form.as_str().is_some_and(|text| text.contains('='))
}

fn fields(form: &Value) -> Fields {
    match form {
        Value::String(text) if text.trim_start().starts_with('{') => serde_json::from_str(text)
            .map(|object| Fields::of_object(&object))
            .unwrap_or_default(),
        Value::String(text) => Fields::of_text(text.as_bytes()),
        form => Fields::of_object(form),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::import::format::{LogEntry, LoggedRequest, read};

    fn request(entry: &Value) -> LoggedRequest {
        match read(entry) {
            Ok(LogEntry::Webhook(request)) => request,
            Ok(LogEntry::Other) => panic!("{entry} is something else"),
            Err(why) => panic!("{entry}: {why}"),
        }
    }

    #[test]
    fn a_form_is_found_where_it_stands() {
        let form = json!({ "CallSid": "CA1", "Digits": ["1"] });
        let text = "CallSid=CA1&Digits=1";
        for entry in [
            form.clone(),
            json!({ "path": "/voice", "form": form }),
            json!({ "path": "/voice", "body": text }),
            json!({ "CallSid": "CA1", "form": { "Digits": "1" } }),
            json!({ "method": "GET", "url": format!("/voice?{text}") }),
            json!({ "level": 30, "req": { "url": "/voice", "body": form, "headers": {} } }),
            json!({ "message": format!("2026-11-23 INFO {}", json!({ "body": form })) }),
            json!({ "request": { "url": "/voice", "form": form } }),
        ] {
            let read = request(&entry);
            assert_eq!(
                (read.fields.sid(), read.fields.get("Digits")),
                (Some("CA1"), Some("1")),
                "{entry}"
            );
        }
    }

    #[test]
    fn what_stands_around_the_request_tells_of_it() {
        let headers = json!({ "i-twilio-idempotency-token": "a" });
        let inner = json!({ "url": "/voice", "headers": headers, "body": "CallSid=CA1" });
        let read = request(&json!({ "time": 1_795_428_900, "url": "/log", "req": inner }));
        assert_eq!(
            (read.url.as_str(), read.token.as_deref()),
            ("/voice", Some("a"))
        );
        assert_eq!(
            read.at.map(|at| at.to_string()).as_deref(),
            Some("2026-11-23T10:15:00Z")
        );
    }
}

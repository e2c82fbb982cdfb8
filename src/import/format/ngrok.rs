//! What ngrok's inspector gives (`GET /api/requests/http` of the agent): each request as its bytes, in base64.

use serde_json::Value;

use super::{LoggedRequest, moment, text};
use crate::import::fields::{Fields, bytes};

pub(super) fn read(entry: &Value) -> Option<Result<LoggedRequest, String>> {
    let request = entry.get("request")?;
    let (url, raw) = (text(request, &["uri"])?, text(request, &["raw"])?);
    let at = entry.get("start").and_then(moment);
    Some(bytes(raw).map(|raw| {
        LoggedRequest::new(url, request.get("headers"), at, Fields::of_text(body(&raw)))
    }))
}

/// The body of a request: what stands behind its head, where it has one.
fn body(raw: &[u8]) -> &[u8] {
    let line = raw.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_head = line
        .trim_ascii_end()
        .windows(6)
        .any(|words| words == b" HTTP/");
    let head = is_head
        .then(|| raw.windows(4).position(|bytes| bytes == b"\r\n\r\n"))
        .flatten();
    match head {
        Some(head) => &raw[head + 4..],
        None if is_head => &[],
        None => raw,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::read;

    #[test]
    fn the_bytes_of_a_request_are_read() {
        for raw in [
            "POST /voice HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nCallSid=CA1&Digits=%231",
            "CallSid=CA1&Digits=%231",
            "GET /voice?CallSid=CA1&Digits=%231 HTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
            let url = if raw.starts_with("GET") {
                "/voice?CallSid=CA1&Digits=%231"
            } else {
                "/voice"
            };
            let headers = json!({ "I-Twilio-Idempotency-Token": ["a"] });
            let request = json!({ "method": "POST", "uri": url, "headers": headers, "raw": STANDARD.encode(raw) });
            let entry = json!({ "start": "2026-11-23T10:32:07-08:00", "request": request, "response": { "raw": "" } });
            let read = read(&entry)
                .expect("it is ngrok's")
                .expect("it can be read");
            assert_eq!(
                (read.fields.sid(), read.fields.get("Digits")),
                (Some("CA1"), Some("#1")),
                "{raw}"
            );
            assert_eq!(read.token.as_deref(), Some("a"));
            assert_eq!(
                read.at.map(|at| at.to_string()).as_deref(),
                Some("2026-11-23T18:32:07Z")
            );
        }
        let entry = json!({ "request": { "uri": "/voice", "raw": "no base64!" } });
        assert!(read(&entry).is_some_and(|read| read.is_err_and(|why| why.contains("base64"))));
    }
}

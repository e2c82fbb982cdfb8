//! Calls out of a log of webhooks: a JSON object a line, each the form of a request, or an object around it.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::Value;

use crate::engine::{Act, Draft};

/// Numbers that nobody has stand for who called and who was called.
const FROM: &str = "+442079460001";
const TO: &str = "+442079460123";
/// Where a form may stand in the object around it.
const FORMS: [&str; 5] = ["form", "params", "fields", "body", "raw"];
/// How the object around it may name where the request went.
const PATHS: [&str; 3] = ["url", "path", "uri"];
/// How it may name when.
const TIMES: [&str; 4] = ["at", "timestamp", "time", "date"];

/// A call that was found in a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Its name there.
    pub sid: String,
    /// The number that was called there.
    pub to: String,
    /// What was done. Its flow is the one that the first URL names (`/voice/{flow}`), else empty.
    pub draft: Draft,
}

/// A line that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Which, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Reads a log. Calls stand in the order in which they came in; lines that cannot be read are told.
///
/// A request that brings nothing counts as silence; status callbacks and repeats (the same idempotency token, or the same
/// form at the same turn) count as nothing.
pub fn read(text: &str) -> (Vec<Imported>, Vec<Unread>) {
    let mut calls: IndexMap<String, Heard> = IndexMap::new();
    let mut unread = Vec::new();
    for (place, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match request(line) {
            Ok(request) => match calls.get_mut(&request.sid) {
                Some(call) => call.go_on(request),
                None => {
                    calls.insert(request.sid.clone(), Heard::begin(request));
                }
            },
            Err(why) => unread.push(Unread { line: place + 1, why }),
        }
    }
    (calls.into_values().map(|call| call.imported).collect(), unread)
}

/// A request of the log.
struct Request {
    sid: String,
    path: String,
    at: Option<Timestamp>,
    token: Option<String>,
    fields: Vec<(String, String)>,
}

impl Request {
    fn field(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Whether it only tells, and asks for nothing.
    fn is_status(&self) -> bool {
        let tells = ["CallbackSource", "SequenceNumber", "RecordingStatus", "TranscriptionStatus"];
        let is_over =
            matches!(self.field("CallStatus"), Some("completed" | "busy" | "failed" | "no-answer" | "canceled"));
        tells.iter().any(|name| self.field(name).is_some()) || is_over && self.field("DialCallStatus").is_none()
    }
}

/// A call while its requests are read.
struct Heard {
    imported: Imported,
    last: Request,
}

impl Heard {
    fn begin(request: Request) -> Self {
        let draft = Draft {
            flow: flow(&request.path).unwrap_or_default(),
            from: FROM.to_owned(),
            to: TO.to_owned(),
            caller_name: None,
            at: request.at.unwrap_or_default(),
            acts: Vec::new(),
            dialled: Vec::new(),
            hangs_up: true,
            after_dials: 0,
            left_out: None,
        };
        let to = request.field("To").unwrap_or_default().to_owned();
        Self { imported: Imported { sid: request.sid.clone(), to, draft }, last: request }
    }

    fn go_on(&mut self, request: Request) {
        if request.is_status() || self.is_repeat(&request) {
            return;
        }
        let draft = &mut self.imported.draft;
        if let Some(status) = request.field("DialCallStatus") {
            let seconds = request.field("DialCallDuration").and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
            draft.dialled.push((outcome(status).to_owned(), seconds));
        } else if let Some(keys) = request.field("Digits").filter(|keys| *keys != "hangup") {
            let end = request.field("FinishedOnKey").unwrap_or_default();
            draft.acts.push(Act::Press(format!("{keys}{end}")));
        } else if let Some(words) = request.field("SpeechResult") {
            draft.acts.push(Act::Says(words.to_owned()));
        } else {
            draft.acts.push(Act::Silent);
        }
        self.last = request;
    }

    fn is_repeat(&self, request: &Request) -> bool {
        let last = &self.last;
        let same_token = request.token.is_some() && request.token == last.token;
        same_token || request.path.contains("/~") && (&request.path, &request.fields) == (&last.path, &last.fields)
    }
}

/// The flow's word for what dialling came to.
fn outcome(status: &str) -> &'static str {
    match status {
        "completed" | "answered" => "answered",
        "busy" => "busy",
        "no-answer" => "no_answer",
        "canceled" => "canceled",
        _ => "failed",
    }
}

/// The flow that a URL of ours names.
fn flow(path: &str) -> Option<String> {
    let (_, path) = path.split_once("/voice/")?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let flow = path.split("/~").next().unwrap_or_default().trim_matches('/');
    (!flow.is_empty()).then(|| flow.to_owned())
}

fn request(line: &str) -> Result<Request, String> {
    let object: Value = serde_json::from_str(line).map_err(|error| format!("it is no JSON: {error}"))?;
    if !object.is_object() {
        return Err("it is no object".to_owned());
    }
    let form = FORMS.iter().find_map(|name| object.get(name)).unwrap_or(&object);
    let fields = fields(form).ok_or("its form is neither an object nor a form's text")?;
    let text = |names: &[&str]| names.iter().find_map(|name| object.get(name)?.as_str()).unwrap_or_default().to_owned();
    let header =
        |name: &str| object.get("headers")?.as_object()?.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let token = header("i-twilio-idempotency-token").and_then(|(_, token)| token.as_str()).map(str::to_owned);
    let sid = fields.iter().find(|(name, value)| name == "CallSid" && !value.is_empty());
    let sid = sid.map(|(_, sid)| sid.clone()).ok_or("it has no CallSid")?;
    let at = TIMES.iter().find_map(|name| moment(object.get(name)?));
    Ok(Request { sid, path: text(&PATHS), at, token, fields })
}

fn fields(form: &Value) -> Option<Vec<(String, String)>> {
    match form {
        Value::String(text) => Some(form_urlencoded::parse(text.as_bytes()).into_owned().collect()),
        Value::Object(fields) => {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let simple = fields.iter().filter(|(_, value)| !value.is_object() && !value.is_null());
            Some(simple.map(|(name, value)| (name.clone(), text(value))).collect())
        }
        _ => None,
    }
}

/// RFC 3339, or seconds or milliseconds since 1970.
fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => {
            let number = number.as_f64()?;
            let milliseconds = if number > 1e11 { number } else { number * 1000.0 };
            Timestamp::from_millisecond(milliseconds as i64).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Act, read};

    const LOG: &str = r##"
{"CallSid": "CA1", "From": "+4915", "To": "+4930", "CallStatus": "ringing"}
{"path": "/voice/billing/pay", "at": "2026-11-23T10:15:00Z", "form": {"CallSid": "CA2", "To": "+4930", "CallStatus": "ringing"}}
{"CallSid": "CA1", "CallStatus": "in-progress", "Digits": "12", "FinishedOnKey": "#"}
{"path": "/voice/billing/pay/~1", "body": "CallSid=CA2&CallStatus=in-progress&SpeechResult=a+box"}
{"path": "/voice/billing/pay/~1", "body": "CallSid=CA2&CallStatus=in-progress&SpeechResult=a+box"}
{"CallSid": "CA1", "CallStatus": "in-progress"}
{"CallSid": "CA1", "CallStatus": "in-progress", "DialCallStatus": "no-answer"}
{"CallSid": "CA1", "CallStatus": "completed", "CallDuration": "20", "SequenceNumber": "0"}
not JSON
{"Digits": "1"}
"##;

    #[test]
    fn a_log_is_read_as_calls_and_what_cannot_be_read_is_told() {
        let (calls, unread) = read(LOG);
        let sids: Vec<_> = calls.iter().map(|call| call.sid.as_str()).collect();
        assert_eq!(sids, ["CA1", "CA2"]);
        assert_eq!(calls[0].draft.acts, [Act::Press("12#".to_owned()), Act::Silent]);
        assert_eq!(calls[0].draft.dialled, [("no_answer".to_owned(), 0)]);
        assert_eq!(calls[0].to, "+4930");
        assert_eq!(calls[1].draft.acts, [Act::Says("a box".to_owned())]);
        assert_eq!(calls[1].draft.flow, "billing/pay");
        assert_eq!(calls[1].draft.at.to_string(), "2026-11-23T10:15:00Z");
        let lines: Vec<_> = unread.iter().map(|unread| unread.line).collect();
        assert_eq!(lines, [10, 11], "{unread:?}");
    }

    #[test]
    fn nobody_s_number_is_in_a_draft() {
        let (calls, _) = read(LOG);
        assert!(calls.iter().all(|call| !format!("{:?}", call.draft).contains("+49")));
    }
}

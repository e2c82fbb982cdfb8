//! Recognizes an entry of a log by its content: one file per format.

mod har;
mod lambda;
mod ngrok;
mod plain;
mod twilio;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::Value;

use super::fields::{Fields, header};

/// How often a retried request is recognized as the same.
const TOKEN: &str = "i-twilio-idempotency-token";
/// The most objects that are nested around a request.
const DEEPEST: usize = 8;

/// A request as a log has it.
#[derive(Clone, Debug, Default)]
pub(super) struct LoggedRequest {
    /// Where it went: a URL or a path; empty where nothing is said.
    pub url: String,
    pub at: Option<Timestamp>,
    /// What its retries have in common.
    pub token: Option<String>,
    pub fields: Fields,
}

impl LoggedRequest {
    /// With what the URL brings, where a form brings nothing.
    fn new(url: &str, headers: Option<&Value>, at: Option<Timestamp>, fields: Fields) -> Self {
        let token = headers.and_then(|headers| header(headers, TOKEN));
        let fields = fields.or(|| Fields::of_query(url));
        Self {
            url: url.to_owned(),
            at,
            token,
            fields,
        }
    }
}

/// What an entry was.
pub(super) enum LogEntry {
    /// A request for a call.
    Webhook(LoggedRequest),
    /// Something else that a recorder of HTTP met.
    Other,
}

/// Reads one format: nothing where an entry is not of it.
type Reader = fn(&Value) -> Option<Result<LoggedRequest, String>>;

/// Those that record HTTP, whoever asked whom.
const RECORDERS: [Reader; 4] = [har::read, ngrok::read, twilio::read, lambda::read];

/// Reads an entry, whatever its format.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn read(entry: &Value) -> Result<LogEntry, String> {
    match search(entry, DEEPEST) {
        Some(PartValue::Recorded(request)) => {
            let request = request?;
            Ok(if request.fields.sid().is_some() {
                LogEntry::Webhook(request)
            } else {
                LogEntry::Other
            })
        }
        Some(PartValue::Written(request)) => Ok(LogEntry::Webhook(request)),
        None if entry.is_object() => Err("it has no CallSid".to_owned()),
        None => Err("it is not an object".to_owned()),
    }
}

enum PartValue {
    Recorded(Result<LoggedRequest, String>),
    Written(LoggedRequest),
}

/// Looks for a request in a value, and then inside it.
fn search(value: &Value, deepest: usize) -> Option<PartValue> {
    let object = match value {
        Value::Object(object) => object,
        // A line of a log inside the line of another one.
        Value::String(text) if text.contains('{') && text.to_ascii_lowercase().contains("sid") => {
            let inner = &text[text.find('{')?..];
            let inner = serde_json::from_str::<Value>(inner.trim()).ok()?;
            return search(&inner, deepest.checked_sub(1)?);
        }
        _ => return None,
    };
    if let Some(request) = RECORDERS.iter().find_map(|read| read(value)) {
        return Some(PartValue::Recorded(request));
    }
    if let Some(request) = plain::read(value) {
        return Some(PartValue::Written(request));
    }
    let deepest = deepest.checked_sub(1)?;
    let found = object.values().find_map(|inner| search(inner, deepest))?;
    Some(match found {
        PartValue::Written(request) => PartValue::Written(plain::around(request, value)),
        recorded @ PartValue::Recorded(_) => recorded,
    })
}

/// A moment: RFC 3339, RFC 2822, or seconds or milliseconds since 1970.
fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text
            .parse()
            .ok()
            .or_else(|| Some(rfc2822::parse(text).ok()?.timestamp())),
        Value::Number(number) => {
            let number = number.as_f64()?;
            let milliseconds = if number > 1e11 {
                number
            } else {
                number * 1000.0
            };
            Timestamp::from_millisecond(milliseconds as i64).ok()
        }
        _ => None,
    }
}

/// A text of an object, at the first of these names that holds one.
fn text<'a>(object: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| object.get(name)?.as_str())
}

//! What Twilio keeps of a call (`/Calls/{CallSid}/Events.json`): its requests, with the names of fields in small letters.

use serde_json::Value;

use super::{LoggedRequest, moment, text};
use crate::import::fields::Fields;

pub(super) fn read(entry: &Value) -> Option<Result<LoggedRequest, String>> {
    let request = entry.get("request")?;
    let parameters = request
        .get("parameters")
        .filter(|parameters| parameters.is_object())?;
    let url = text(request, &["url"]).unwrap_or_default();
    // Only the answer has a time.
    let at = entry.get("response").and_then(|answer| {
        answer
            .get("date_created")
            .or_else(|| answer.get("dateCreated"))
    });
    Some(Ok(LoggedRequest::new(
        url,
        None,
        at.and_then(moment),
        Fields::of_object(parameters),
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn fields_have_the_names_that_the_carrier_sends() {
        let entry = json!({
            "request": {
                "method": "POST",
                "url": "https://ivr.example.com/voice/pickup/~2",
                "parameters": { "call_sid": "CA1", "dial_call_status": "busy", "finished_on_key": "", "msg": "a" },
            },
            "response": { "response_code": 200, "date_created": "Mon, 23 Nov 2026 10:00:14 +0000" },
        });
        let read = read(&entry)
            .expect("it is Twilio's")
            .expect("it can be read");
        assert_eq!(
            (read.fields.sid(), read.fields.get("DialCallStatus")),
            (Some("CA1"), Some("busy"))
        );
        assert_eq!(
            read.at.map(|at| at.to_string()).as_deref(),
            Some("2026-11-23T10:00:14Z")
        );
    }
}

//! What a webhook says of a recording: which one it is, and what came of it.

use super::Webhook;
use crate::engine::came::{HUNG_UP, SID, URL};
use crate::engine::{Came, Value};

impl<'a> Webhook<'a> {
    /// The name of a recording: where the carrier does not send it, the last part of its URL.
    pub fn recording(&self) -> Option<&'a str> {
        let is_name = |name: &&str| {
            let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
            (1..=64).contains(&name.len()) && name.bytes().all(legal)
        };
        let of_url = || self.recording_url?.rsplit('/').next();
        let named = self.recording_sid.or_else(of_url);
        named.filter(is_name)
    }

    /// How a recording ended (`RecordingStatus`).
    pub fn recording_status(&self) -> Option<&'a str> {
        self.form.get("RecordingStatus")
    }

    /// Whether it was recorded beside the call, because of a `Start` (`RecordingSource`).
    pub fn is_beside(&self) -> bool {
        let source = self.form.get("RecordingSource").unwrap_or_default();
        source.starts_with("StartCallRecording")
    }

    /// What was said in a recording, where it could be written down; nothing where it could not. `None` where that is not
    /// told.
    pub fn transcript(&self) -> Option<Option<&'a str>> {
        let is_made = self.form.get("TranscriptionStatus")? == "completed";
        let words = self.form.get("TranscriptionText").unwrap_or_default();
        Some(is_made.then_some(words))
    }

    /// What came of a recording: the action of Record tells its URL and length, and which key ended it.
    pub(super) fn recorded(&self) -> Option<Came> {
        let (url, seconds) = (self.recording_url?, self.recording_duration?);
        let Some(sid) = self.recording() else {
            return Some(Came::new("error", []));
        };
        let text = |text: &str| Value::Text(text.to_owned());
        Some(Came::new(
            "recorded",
            [
                ("seconds", Value::Integer(seconds.into())),
                ("key", text(self.digits.unwrap_or_default())),
                (
                    HUNG_UP,
                    Value::Boolean(self.form.get("Digits") == Some("hangup")),
                ),
                (SID, text(sid)),
                (URL, text(url)),
            ],
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, Webhook};
    use crate::twilio::Form;

    #[test]
    fn a_recording_is_named_by_its_url_where_the_carrier_names_it_not() {
        let base =
            "CallSid=CA1&RecordingUrl=https%3A%2F%2Fapi.example%2FAccounts%2FAC1%2FRecordings%2F";
        let came = |rest: &str| {
            let form = Form::parse(format!("{base}{rest}").as_bytes()).unwrap();
            Webhook::parse(&form).unwrap().came()
        };
        let left = came("RE1&RecordingDuration=14&Digits=hangup").unwrap();
        assert_eq!(
            (&*left.outcome, left.seconds(), left.has_left()),
            ("recorded", 14, true)
        );
        assert_eq!(left.fact("sid"), Some(&Value::Text("RE1".to_owned())));
        assert_eq!(left.fact("key"), Some(&Value::Text(String::new())));
        let ended = came("RE1&RecordingSid=RE2&RecordingDuration=3&Digits=%23").unwrap();
        assert_eq!(ended.fact("sid"), Some(&Value::Text("RE2".to_owned())));
        assert_eq!(ended.fact("key"), Some(&Value::Text("#".to_owned())));
        assert_eq!(
            came("&RecordingDuration=3").unwrap().outcome,
            "error",
            "nobody knows which"
        );
        assert_eq!(came("RE1"), None, "nothing was recorded in this turn");
        assert_eq!(
            came("RE1&RecordingDuration=3&DialCallStatus=busy")
                .unwrap()
                .outcome,
            "busy"
        );
    }
}

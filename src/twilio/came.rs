//! What came of what a call was handed on for: a dial, a queue, a transfer.

use super::webhook::Webhook;
use crate::engine::came::{SID, URL};
use crate::engine::{Came, Value};

/// The carrier's words for a transfer that has worked, or is about to.
const REFERRED: [&str; 3] = ["completed", "in-progress", "answered"];

/// The outcome of a wait in a queue that flows know a result by; `None` where the caller has hung up. A result that is not
/// known is an error, as one by which others have taken the caller elsewhere is.
fn queue_outcome(result: &str) -> Option<&'static str> {
    Some(match result {
        "bridged" | "bridging-in-process" | "redirected-from-bridged" => "talked",
        "queue-full" => "full",
        "leave" => "left",
        "hangup" => return None,
        _ => "error",
    })
}

/// The carrier's number for a machine's socket that it could not open (Twilio, error 64102).
const UNREACHED: u32 = 64_102;
/// The most bytes of what a machine hands back that are kept: more than a flow reads.
const LONGEST_HANDOFF: usize = 9 << 10;

/// The most characters of a text that is taken over.
const LONGEST: usize = 200;

/// The carrier's words for how a wait in a queue ended.
const QUEUE_RESULTS: [&str; 9] = [
    "bridged",
    "bridging-in-process",
    "error",
    "hangup",
    "leave",
    "redirected",
    "redirected-from-bridged",
    "queue-full",
    "system-error",
];

/// The carrier's words for how a payment ended, and the outcomes that flows know them by; `None` where the caller has hung up.
const PAY_RESULTS: [(&str, Option<&str>); 7] = [
    ("success", Some("paid")),
    ("too-many-failed-attempts", Some("too_many")),
    ("payment-connector-error", Some("connector")),
    ("caller-interrupted-with-star", Some("stopped")),
    ("caller-hung-up", None),
    ("validation-error", Some("invalid")),
    ("internal-error", Some("error")),
];

fn whole(number: Option<u32>) -> Option<Value> {
    Some(Value::Integer(number?.into()))
}

/// A code of SIP, if it is one.
fn sip_code(code: Option<u32>) -> Option<Value> {
    whole(code.filter(|code| *code < 700))
}

/// An outcome, and what is known of it.
fn came<const N: usize>(outcome: &str, facts: [(&str, Option<Value>); N]) -> Came {
    let facts = facts.into_iter();
    let facts = facts.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Came {
        outcome: outcome.to_owned(),
        facts: facts.collect(),
    }
}

impl<'a> Webhook<'a> {
    /// What came of what the call was handed on for, where it says so.
    pub fn came(&self) -> Option<Came> {
        if let Some(came) = self.of_dial().or_else(|| self.recorded()) {
            return Some(came);
        }
        // What few requests have is looked for where it can be: whoever entered something was asked for it.
        let has_entered = self.digits.is_some() || self.speech_result.is_some();
        if has_entered {
            return None;
        }
        self.of_queue()
            .or_else(|| self.of_refer())
            .or_else(|| self.of_pay())
            .or_else(|| self.of_relay())
    }

    /// A word for how a wait in a queue ended that is not known here.
    pub fn unknown_queue_result(&self) -> Option<&'a str> {
        self.field("QueueResult")
            .filter(|result| !QUEUE_RESULTS.contains(result))
    }

    /// A word for how a payment ended that is not known here.
    pub fn unknown_pay_result(&self) -> Option<&'a str> {
        self.field("Result")
            .filter(|result| !PAY_RESULTS.iter().any(|(known, _)| known == result))
    }

    /// A field that says something.
    fn field(&self, name: &str) -> Option<&'a str> {
        self.form.get(name).filter(|value| !value.is_empty())
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.field(name)?.parse().ok()
    }

    fn of_dial(&self) -> Option<Came> {
        let status = self.dial_call_status?;
        let recording = self.recording_url.zip(self.recording());
        let text = |text: &str| Value::Text(text.to_owned());
        let facts = [
            ("seconds", whole(self.dial_call_duration.or(Some(0)))),
            ("bridged", self.dial_bridged.map(Value::Boolean)),
            ("sip_code", sip_code(self.dial_sip_response_code)),
            (SID, recording.map(|(_, sid)| text(sid))),
            (URL, recording.map(|(url, _)| text(url))),
        ];
        Some(came(status.outcome(), facts))
    }

    /// A caller who has hung up has an end, and no outcome.
    fn of_queue(&self) -> Option<Came> {
        let outcome = queue_outcome(self.field("QueueResult")?)?;
        Some(came(outcome, [("waited", whole(self.number("QueueTime")))]))
    }

    /// A result that is not known is an error. Of the card only its kind is taken: the last four digits, which the carrier sends
    /// too, are left where they are.
    fn of_pay(&self) -> Option<Came> {
        let result = self.field("Result")?;
        let known = PAY_RESULTS.iter().find(|(known, _)| *known == result);
        let outcome = known.map_or(Some("error"), |(_, outcome)| *outcome)?;
        let text = |name| {
            Some(Value::Text(
                self.field(name)?.chars().take(LONGEST).collect(),
            ))
        };
        let code = self.number("PayErrorCode").filter(|code| *code < 100_000);
        Some(came(
            outcome,
            [
                ("confirmation", text("PaymentConfirmationCode")),
                ("card", text("PaymentCardType")),
                ("code", whole(code)),
            ],
        ))
    }

    /// What came of a machine that talks by text. A caller who has hung up has an end, and no outcome (`completed`). That the socket
    /// could not be reached has a code of its own, as far as it is reported at all.
    fn of_relay(&self) -> Option<Came> {
        let outcome = match self.field("SessionStatus")? {
            "ended" => "done",
            "completed" => return None,
            _ if self.error_code == Some(UNREACHED) => "unreachable",
            _ => "lost",
        };
        // What is longer than anything that is read stays too long.
        let handoff = self.field("HandoffData").unwrap_or_default();
        let handoff = &handoff[..handoff.floor_char_boundary(LONGEST_HANDOFF)];
        let seconds = self
            .number("SessionDuration")
            .filter(|seconds| *seconds <= 86_400);
        let code = self.error_code.filter(|code| *code < 100_000);
        Some(came(
            outcome,
            [
                ("handoff", Some(Value::Text(handoff.to_owned()))),
                ("seconds", whole(seconds.or(Some(0)))),
                ("code", whole(code.or(Some(0)))),
            ],
        ))
    }

    /// It has worked where both have said so; of what they did not say, the carrier's word is taken.
    fn of_refer(&self) -> Option<Came> {
        let status = self.field("ReferCallStatus");
        let codes = ["ReferSipResponseCode", "NotifySipResponseCode"];
        let codes = codes.map(|code| self.number(code));
        if status.is_none() && codes == [None, None] {
            return None;
        }
        let is_right = |code: &u32| (200..300).contains(code);
        let said = codes.iter().flatten().all(is_right);
        let word = status.is_none_or(|word| REFERRED.contains(&word));
        let is_known = codes[1].is_some() || status.is_some();
        let outcome = if said && word && is_known {
            "referred"
        } else {
            "refused"
        };
        let facts = [
            ("sip_code", sip_code(codes[0])),
            ("notify_code", sip_code(codes[1])),
        ];
        Some(came(outcome, facts))
    }
}

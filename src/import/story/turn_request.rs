//! A request that asks what comes next, and what the caller did before it.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;

use crate::engine::came::Came;
use crate::engine::value::Value;
use crate::import::entries::Position;
use crate::import::fields::Fields;
use crate::import::format::LoggedRequest;
use crate::twilio::DialStatus;
use crate::written::CallerAct;
use crate::written::carrier_fields::by_key;

/// Fields of requests that report something and ask for nothing: what becomes of a call, a recording, a text, a stream, a
/// queue, words that are still being spoken.
const TELLS: [&str; 12] = [
    "CallbackSource",
    "SequenceNumber",
    "RecordingStatus",
    "TranscriptionStatus",
    "TranscriptionEvent",
    "StreamEvent",
    "StatusCallbackEvent",
    "UnstableSpeechResult",
    "StableSpeechResult",
    "QueuePosition",
    "MachineDetectionDuration",
    "ParentCallSid",
];

/// A request that asks what comes next.
pub(super) struct TurnRequest {
    pub place: Position,
    pub at: Option<Timestamp>,
    /// The flow that its path names.
    pub flow: Option<String>,
    /// The turn that its path names.
    pub turn: Option<u32>,
    /// The visit that its path names; empty for none.
    pub visit: String,
    pub token: Option<String>,
    /// Distinguishes its path and fields from those of others.
    pub form: u64,
    pub is_ringing: bool,
    pub is_inbound: bool,
    /// What the carrier sent beside who calls whom.
    pub fields: Vec<(String, String)>,
    pub what: Cause,
}

/// What happened before a request.
pub(super) enum Cause {
    /// The caller did something, or nothing.
    Act(CallerAct),
    /// The call came back from where it had been handed on; or the caller left meanwhile.
    Came { came: Came, left: bool },
    /// The caller spoke, and it was recorded.
    Recorded,
    /// The carrier could not go on.
    Failed(String),
}

impl TurnRequest {
    /// What a request asks; nothing where it only reports.
    pub fn of(place: Position, request: &LoggedRequest) -> Option<Self> {
        let fields = &request.fields;
        let is = |name: &str, word: &str| fields.get(name) == Some(word);
        if TELLS.iter().any(|name| fields.get(name).is_some()) || is("Direction", "outbound-dial") {
            return None;
        }
        let status = fields.get("CallStatus");
        let is_over = matches!(
            status,
            Some("completed" | "busy" | "failed" | "no-answer" | "canceled")
        );
        if matches!(status, Some("queued" | "initiated"))
            || is_over && fields.get("DialCallStatus").is_none()
        {
            return None;
        }
        let path = request.url.split(['?', '#']).next().unwrap_or_default();
        let (flow, turn, visit) = target(path);
        let mut form = DefaultHasher::new();
        (path, fields.sorted()).hash(&mut form);
        Some(Self {
            place,
            at: request.at,
            flow,
            turn,
            visit,
            token: request.token.clone(),
            form: form.finish(),
            is_ringing: status == Some("ringing"),
            is_inbound: is("Direction", "inbound"),
            fields: beside(fields),
            what: what(fields, is_over),
        })
    }

    /// Whether it brings nothing, as the first request of a call does.
    pub fn is_start(&self) -> bool {
        self.turn.is_none() && matches!(self.what, Cause::Act(CallerAct::Silent))
    }

    /// Why it cannot be the first request of a call, in words.
    pub fn is_late(&self) -> Option<String> {
        match (self.turn, &self.what) {
            (Some(turn), _) => Some(format!("its first request here is turn {turn}")),
            (None, Cause::Act(CallerAct::Silent)) => None,
            (None, Cause::Act(_)) => Some("its first request here answers a question".to_owned()),
            (None, Cause::Came { .. }) => {
                Some("its first request here reports what became of a dial".to_owned())
            }
            (None, Cause::Recorded) => {
                Some("its first request here reports a recording".to_owned())
            }
            (None, Cause::Failed(code)) => {
                Some(format!("its first request here follows error {code}"))
            }
        }
    }
}

fn beside(fields: &Fields) -> Vec<(String, String)> {
    let all = fields.sorted().into_iter();
    all.filter(|(name, _)| by_key(name).is_none())
        .cloned()
        .collect()
}

fn what(fields: &Fields, is_over: bool) -> Cause {
    if let Some(code) = fields.get("ErrorCode") {
        return Cause::Failed(code.to_owned());
    }
    if let Some(status) = fields.get("DialCallStatus") {
        let seconds: u32 = fields
            .get("DialCallDuration")
            .and_then(|seconds| seconds.parse().ok())
            .unwrap_or(0);
        let outcome = DialStatus::parse(status).outcome();
        let facts = [("seconds", Value::Integer(seconds.into()))];
        return Cause::Came {
            came: Came::new(outcome, facts),
            left: is_over,
        };
    }
    if fields.get("RecordingUrl").is_some() {
        return Cause::Recorded;
    }
    if let Some(keys) = fields.get("Digits").filter(|keys| *keys != "hangup") {
        let end = fields.get("FinishedOnKey").unwrap_or_default();
        return Cause::Act(CallerAct::Press(format!("{keys}{end}")));
    }
    Cause::Act(
        fields
            .get("SpeechResult")
            .map_or(CallerAct::Silent, |words| CallerAct::Says(words.into())),
    )
}

/// The flow, the turn and the visit that a path of ours names: `/voice/{flow}/~{turn}-{visit}`.
fn target(path: &str) -> (Option<String>, Option<u32>, String) {
    let Some((_, path)) = path.split_once("/voice/") else {
        return (None, None, String::new());
    };
    let path = path.trim_end_matches('/');
    let (before, last) = path.rsplit_once('/').unwrap_or(("", path));
    // A proxy may write the tilde as what it stands for.
    let mark = ["~", "%7E", "%7e"]
        .into_iter()
        .find_map(|tilde| last.strip_prefix(tilde));
    let flow = if mark.is_some() { before } else { path }.trim_matches('/');
    let (turn, visit) = mark.map_or(("", ""), |mark| mark.split_once('-').unwrap_or((mark, "")));
    (
        (!flow.is_empty()).then(|| flow.to_owned()),
        turn.parse().ok(),
        visit.to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn a_path_of_ours_names_a_flow_and_perhaps_a_turn() {
        let named = |path: &str| {
            let (flow, turn, visit) = target(path);
            (flow.unwrap_or_default() + &visit, turn)
        };
        assert_eq!(
            named("/voice/pickup/~3-1a2b"),
            ("pickup1a2b".to_owned(), Some(3))
        );
        assert_eq!(named("/voice/%7E3-1a2b"), ("1a2b".to_owned(), Some(3)));
        assert_eq!(
            named("https://ivr.example.com/voice/billing/pay/~12"),
            ("billing/pay".to_owned(), Some(12))
        );
        assert_eq!(named("/voice/pickup"), ("pickup".to_owned(), None));
        assert_eq!(named("/voice/pickup/~x"), ("pickup".to_owned(), None));
        assert_eq!(named("/ivr/menu"), (String::new(), None));
    }
}

//! What is asked of the carrier, as it stands in rows of the outbox: JSON with a `type`, as other deliveries have it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::call::PlacedCall;
use super::recording::RecordingName;
use super::text::TextRequest;
use crate::engine::CallSid;
use crate::outbox::CARRIER;
use crate::store::{History, Row, RowId, RowState};

/// The number within the call of every request: those of deliveries begin with 1.
const NUMBER: u32 = 0;

/// Something that is asked of the carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum CarrierRequest {
    /// A recording is to be copied to the operator's place.
    #[serde(rename = "recording.copy")]
    CopyRecording(RecordingName),
    /// A recording is to be erased at the carrier.
    #[serde(rename = "recording.erase")]
    EraseRecording(RecordingErasure),
    /// An SMS is to be sent.
    #[serde(rename = "text.send")]
    SendText(TextRequest),
    /// A call is to be placed.
    #[serde(rename = "call.place")]
    PlaceCall(PlacedCall),
    /// Nobody knows whether a caller has paid: nothing is asked of the carrier, and a person looks at the provider's.
    #[serde(rename = "payment.doubt")]
    DoubtPayment(DoubtedPayment),
}

/// A payment that may have been taken although its result never came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubtedPayment {
    /// The call.
    pub call: CallSid,
    /// The flow.
    pub flow: String,
    /// The step at which the caller was to pay.
    pub step: String,
    /// The turn that waited for the result.
    pub turn: String,
    /// Who takes the payment, as the flow names it.
    pub connector: String,
}

/// When a recording is to be erased at the carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingErasure {
    /// Which recording.
    #[serde(flatten)]
    pub name: RecordingName,
    /// Until when it is kept there: from then on it is erased whatever has become of its copy.
    pub keep_until: Timestamp,
    /// Whether it is erased before, once it is copied.
    pub once_copied: bool,
}

impl CarrierRequest {
    /// The call that it comes from.
    pub fn call(&self) -> &CallSid {
        match self {
            Self::CopyRecording(name) => &name.call,
            Self::EraseRecording(erasure) => &erasure.name.call,
            Self::SendText(text) => &text.call,
            Self::PlaceCall(placed) => &placed.call,
            Self::DoubtPayment(doubted) => &doubted.call,
        }
    }

    /// The recording that it is about, if it is about one.
    pub fn recording(&self) -> Option<&RecordingName> {
        match self {
            Self::CopyRecording(name) => Some(name),
            Self::EraseRecording(erasure) => Some(&erasure.name),
            Self::SendText(_) | Self::PlaceCall(_) | Self::DoubtPayment(_) => None,
        }
    }

    /// What names it among all requests of its call: asked for twice, it is one row.
    fn key(&self) -> (&'static str, &str) {
        match self {
            Self::CopyRecording(name) => ("recording.copy", &name.recording),
            Self::EraseRecording(erasure) => ("recording.erase", &erasure.name.recording),
            Self::SendText(text) => ("text.send", &text.text),
            Self::PlaceCall(placed) => ("call.place", &placed.nth),
            Self::DoubtPayment(doubted) => ("payment.doubt", &doubted.turn),
        }
    }

    /// The row's name.
    pub fn id(&self) -> RowId {
        let (kind, about) = self.key();
        let hash = Sha256::new()
            .chain_update(kind)
            .chain_update("/")
            .chain_update(about);
        let name = hash.finalize()[..8]
            .try_into()
            .map_or(0, u64::from_be_bytes);
        RowId::new(self.call().clone(), NUMBER, name)
    }

    /// The row that asks for it, once it is due.
    pub fn row(&self, now: Timestamp, due: Timestamp) -> Row {
        let body = serde_json::to_vec(self).expect("names and times are JSON");
        Row {
            id: self.id(),
            backend: CARRIER.to_owned(),
            body: body.into(),
            sensitive: Vec::new(),
            created: now,
            state: RowState::Waiting,
            attempts: 0,
            next: due,
            ambiguous: false,
            last_error: String::new(),
            history: History::default(),
        }
    }

    /// Reads the body of a row.
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{CarrierRequest, RecordingErasure, RecordingName};
    use crate::engine::CallSid;

    fn name() -> RecordingName {
        RecordingName {
            account: "AC1".to_owned(),
            call: CallSid::parse("CA1").expect("a sid"),
            recording: "RE1".to_owned(),
        }
    }

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let erasure = RecordingErasure {
            name: name(),
            keep_until: Timestamp::UNIX_EPOCH,
            once_copied: true,
        };
        let text = r#"{"type":"recording.erase","account":"AC1","call":"CA1","recording":"RE1","keep_until":"1970-01-01T00:00:00Z","once_copied":true}"#;
        let request = CarrierRequest::EraseRecording(erasure);
        let row = request.row(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        assert_eq!(String::from_utf8_lossy(&row.body), text);
        assert_eq!(CarrierRequest::read(&row.body), Some(request));
        for other in ["", "{}", r#"{"type":"recording.melt"}"#, "\u{0}"] {
            assert_eq!(CarrierRequest::read(other.as_bytes()), None);
        }
    }

    #[test]
    fn a_request_has_one_name_however_often_it_is_made() {
        let copy = CarrierRequest::CopyRecording(name());
        assert_eq!(copy.id(), copy.clone().id());
        let other = RecordingName {
            recording: "RE2".to_owned(),
            ..name()
        };
        assert_ne!(copy.id(), CarrierRequest::CopyRecording(other).id());
    }
}

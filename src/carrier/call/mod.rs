//! Calls, as they are asked of the carrier: each try of a placement is a request of its own.
//!
//! The carrier has no way to tell a repeat from another call. What it is given says which request is meant: the URLs of the
//! first document and of the report of the call's end name the row, so whichever comes first says that the carrier has it.
//! And where an attempt's answer never came, the calls to the number are looked through before it is asked for again.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::engine::{CallSid, Detects};
use crate::store::RowId;
use crate::twilio::rest::{CallResource, NewCall, Rest, RestError};

/// The route of a call's first document; `…/status` below it is that of the report of its end, `…/answered` that of who has
/// answered.
pub const ROUTE: &str = "/placed";

/// What stands behind the row in the path of the report of a call's end.
pub const STATUS: &str = "status";

/// What stands there in that of the report of who has answered.
pub const ANSWERED: &str = "answered";

/// How far the carrier's clock may be behind ours.
const SKEW: Duration = Duration::from_mins(2);

/// A try of a placement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedCall {
    /// The account that places it.
    pub account: String,
    /// The placement.
    pub call: CallSid,
    /// Which try, from 1.
    pub nth: String,
    /// Whom to call, in E.164.
    pub to: String,
    /// From which number, in E.164.
    pub from: String,
    /// Seconds that it rings.
    pub rings: u32,
    /// What is found out of whoever answers, in the carrier's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detection: Option<String>,
    /// Whether that is found out while the flow goes on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub meanwhile: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

impl PlacedCall {
    /// Which try, from 1.
    pub fn nth(&self) -> u32 {
        self.nth.parse().unwrap_or(0)
    }
}

/// What is found out of whoever answers, in the carrier's word.
pub fn detection(detects: Detects) -> Option<&'static str> {
    match detects {
        Detects::Nothing => None,
        Detects::Machine | Detects::Meanwhile => Some("Enable"),
        Detects::GreetingEnd => Some("DetectMessageEnd"),
    }
}

/// Asks the carrier to place a call whose row is this one. `public` stands before our paths.
///
/// # Errors
/// As [`Rest::place_call`].
pub async fn place(
    rest: &Rest,
    call: &PlacedCall,
    row: &RowId,
    public: &str,
) -> Result<CallResource, RestError> {
    let url = format!("{public}{ROUTE}/{row}");
    let status = format!("{url}/{STATUS}");
    let answered = format!("{url}/{ANSWERED}");
    let new = NewCall {
        to: &call.to,
        from: &call.from,
        url: &url,
        status_callback: &status,
        rings: call.rings,
        machine_detection: call.detection.as_deref(),
        detection_callback: call.meanwhile.then_some(&*answered),
    };
    rest.place_call(&call.account, &new).await
}

/// Looks for calls that an attempt since `asked` may have placed, the newest first. Calls that are `known` for other tries are
/// not among them.
///
/// # Errors
/// As [`Rest::calls_placed`].
pub async fn find(
    rest: &Rest,
    call: &PlacedCall,
    asked: Timestamp,
    known: &[CallSid],
) -> Result<Vec<CallResource>, RestError> {
    let since = asked.checked_sub(SKEW).unwrap_or(asked);
    let numbers = (call.to.as_str(), call.from.as_str());
    let mut all = rest.calls_placed(&call.account, numbers, since).await?;
    let is_known = |found: &CallResource| known.iter().any(|sid| sid.as_str() == found.sid);
    all.retain(|found| !is_known(found));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::PlacedCall;
    use crate::carrier::CarrierRequest;
    use crate::engine::CallSid;

    fn placed(nth: &str) -> PlacedCall {
        PlacedCall {
            account: "AC1".to_owned(),
            call: CallSid::of_placement([7; 16]),
            nth: nth.to_owned(),
            to: "+447400123456".to_owned(),
            from: "+442079460123".to_owned(),
            rings: 30,
            detection: None,
            meanwhile: false,
        }
    }

    #[test]
    fn each_try_has_a_row_of_its_own_and_always_the_same() {
        let row = |nth| CarrierRequest::PlaceCall(placed(nth)).id();
        assert_eq!(row("1"), row("1"));
        assert_ne!(row("1"), row("2"));
        assert_eq!(placed("12").nth(), 12);
    }
}

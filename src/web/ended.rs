//! Records the end of a call that the carrier reports.

use jiff::Timestamp;

use super::app::App;
use crate::engine::{Event, Happened};
use crate::store::{self, Ended, Marked, Trace};
use crate::twilio::{CallStatus, Webhook};

impl App {
    /// Records the end of the call, if a webhook reports one, beside the call's state and in its trail.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn note_end(&self, webhook: &Webhook<'_>) -> Result<Option<Marked>, store::Error> {
        let Some(status) = webhook.call_status.filter(|status| status.is_terminal()) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let trace = if self.store.keeps_trails() {
            let event = event(webhook, status, now);
            Some(Trace::of_event(&webhook.call_sid, &event)?)
        } else {
            None
        };
        let (ended, due) = (
            Ended {
                at: end(webhook, now),
            },
            self.store.now() + self.times.hangup_grace,
        );
        self.store
            .mark_ended(&webhook.call_sid, ended, due, trace)
            .await
            .map(Some)
    }
}

fn event(webhook: &Webhook<'_>, status: CallStatus, now: Timestamp) -> Event {
    let what = Happened::Ended {
        status: status.as_str().to_owned(),
        seconds: webhook.call_duration,
        sip: webhook
            .sip_response_code
            .and_then(|code| code.try_into().ok()),
    };
    Event {
        at: now.as_millisecond(),
        turn: 0,
        what,
    }
}

/// When the call ended according to the carrier, but not later than now.
fn end(webhook: &Webhook<'_>, now: Timestamp) -> Timestamp {
    webhook.timestamp.map_or(now, |at| at.min(now))
}

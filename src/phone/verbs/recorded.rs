//! What was recorded, by `Record` or while two talked: where it lies, and what the carrier reports of it later.

use std::time::Duration;

use crate::phone::act::Caller;
use crate::phone::call::{Call, LaterCallback, Location};
use crate::phone::callback::method_of;
use crate::phone::event::Severity;
use crate::phone::form::{Field, field};
use crate::phone::wire::{Method, Wire};
use crate::phone::world::RecordingReport;
use crate::twiml::read::Element;

/// Something that was recorded.
pub(super) struct Recorded {
    /// Its name.
    pub(super) sid: String,
    /// How long what is kept of it lasts.
    pub(super) lasts: Duration,
    /// The carrier's word for what made it.
    pub(super) source: &'static str,
    /// Whose words it has.
    pub(super) track: String,
    /// How many channels it has.
    pub(super) channels: &'static str,
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    /// Where a recording lies: nowhere, but it looks so.
    pub(super) fn recording_url(&self, sid: &str) -> String {
        format!(
            "https://api.twilio.com/2010-04-01/Accounts/{}/Recordings/{sid}",
            self.plan.account.sid
        )
    }

    /// Notes that the carrier tells later how a recording ended, where it is asked to.
    pub(super) fn tell_recorded(
        &mut self,
        verb: &Element,
        recorded: &Recorded,
        report: &RecordingReport,
    ) {
        let Some(status) = report.status.as_deref() else {
            return;
        };
        let wanted = verb
            .attribute("recordingStatusCallbackEvent")
            .unwrap_or("completed");
        // `failed` needs no asking (Twilio, documentation of Record).
        let is_wanted = |event: &str| status == "failed" || event == status;
        if wanted.split_whitespace().any(is_wanted) {
            let fields = self.recorded_fields(recorded, status);
            self.tell_url(verb, "recordingStatusCallback", report.told, fields);
        }
    }

    /// The fields of this callback, which are not the usual ones.
    fn recorded_fields(&self, recorded: &Recorded, status: &str) -> Vec<Field> {
        let sid = recorded.sid.as_str();
        vec![
            field("AccountSid", self.plan.account.sid.as_str()),
            field("CallSid", self.plan.sid.as_str()),
            field("RecordingSid", sid),
            field("RecordingUrl", self.recording_url(sid)),
            field("RecordingStatus", status),
            field("RecordingDuration", seconds(recorded.lasts)),
            field("RecordingChannels", recorded.channels),
            field("RecordingStartTime", self.date()),
            field("RecordingSource", recorded.source),
            field("RecordingTrack", recorded.track.as_str()),
        ]
    }

    /// Notes that a URL, which the verb names, is told something later.
    pub(super) fn tell_url(
        &mut self,
        verb: &Element,
        name: &str,
        after: Duration,
        fields: Vec<Field>,
    ) {
        let Some(written) = verb.attribute(name).filter(|url| !url.trim().is_empty()) else {
            return;
        };
        match self.resolve(written, verb.line) {
            Ok(url) => {
                let method = method_of(verb, &format!("{name}Method"), Method::Post);
                let (at, to) = (self.clock.elapsed() + after, Location { url, method });
                self.later.push(LaterCallback { at, to, fields });
            }
            Err(mut notice) => {
                notice.severity = Severity::Warning;
                self.complain(notice);
            }
        }
    }
}

/// Whole seconds, as the carrier reports them: what has begun counts.
pub(super) fn seconds(lasts: Duration) -> String {
    lasts.as_secs_f64().ceil().to_string()
}

//! `Start` and `Stop`: what runs beside the call, until it is stopped or the call ends. Of a recording the carrier reports
//! then.

use super::recorded::Recorded;
use super::{AfterVerb, Call};
use crate::phone::act::Caller;
use crate::phone::call::Running;
use crate::phone::event::CallEvent;
use crate::phone::wire::Wire;
use crate::phone::world::RecordingReport;
use crate::twiml::read::Element;

/// The word of the carrier for what made a recording that a `Start` began.
const SOURCE: &str = "StartCallRecordingTwiML";

impl<W: Wire, C: Caller> Call<'_, W, C> {
    pub(super) fn verb_start(&mut self, verb: &Element) -> AfterVerb {
        for noun in verb.elements() {
            self.tell_beside("Start", noun);
            self.running.push(Running {
                noun: noun.clone(),
                since: self.clock.elapsed(),
            });
        }
        AfterVerb::Next
    }

    pub(super) fn verb_stop(&mut self, verb: &Element) -> AfterVerb {
        for noun in verb.elements() {
            let name = noun.attribute("name");
            let is_meant = |running: &Running| {
                running.noun.name == noun.name && running.noun.attribute("name") == name
            };
            let Some(at) = self.running.iter().position(is_meant) else {
                self.warn(noun, "does not run: nothing is stopped");
                continue;
            };
            self.tell_beside("Stop", noun);
            let running = self.running.remove(at);
            self.tell_ran(&running);
        }
        AfterVerb::Next
    }

    /// What runs still ends with the call.
    pub(in crate::phone) fn stop_all(&mut self) {
        for running in std::mem::take(&mut self.running) {
            self.tell_ran(&running);
        }
    }

    fn tell_beside(&mut self, verb: &str, noun: &Element) {
        let name = noun.attribute("name").unwrap_or_default().to_owned();
        self.tell(&CallEvent::Beside {
            verb: verb.to_owned(),
            noun: noun.name.clone(),
            name,
        });
    }

    fn tell_ran(&mut self, running: &Running) {
        if running.noun.name != "Recording" {
            return;
        }
        let recorded = Recorded {
            sid: self.name("RE"),
            lasts: self.clock.elapsed().saturating_sub(running.since),
            source: SOURCE,
            track: running.noun.attribute("track").unwrap_or("both").to_owned(),
            channels: match running.noun.attribute("channels") {
                Some("dual") => "2",
                _ => "1",
            },
        };
        self.tell_recorded(&running.noun, &recorded, &RecordingReport::default());
    }
}

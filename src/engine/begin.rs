//! How a call begins on a version of a flow.

use super::call::{About, At, Call, Misses, Opened};
use super::flow::Flow;
use super::recordings::Recordings;
use super::sid::CallSid;

impl Call {
    /// A call that comes in.
    pub fn new(sid: CallSid, flow: &Flow, about: About) -> Self {
        Self {
            sid,
            flow: flow.name.clone(),
            version: flow.fingerprint,
            about,
            visit: 1,
            turn: 0,
            deliveries: 0,
            fallbacks: 0,
            node: 0,
            at: At::Start,
            language: 0,
            steps: 0,
            misses: Misses::default(),
            repeats: 0,
            error_taken: false,
            submitted: Vec::new(),
            values: Vec::new(),
            trail: Vec::new(),
            question: None,
            came: Vec::new(),
            opened: Opened::default(),
            gave_up: false,
            fault_told: 0,
            sent: Vec::new(),
            reached: Vec::new(),
            progress: None,
            recordings: Recordings::default(),
            answered_by: None,
            request: None,
            switched: Box::default(),
            permits: None,
        }
    }

    /// The same call, come back: a new visit, its answers empty. Turns and deliveries go on, so that old URLs stay old
    /// and no delivery's name is given twice.
    pub fn revisit(&self, flow: &Flow) -> Self {
        Self {
            visit: self.visit.saturating_add(1),
            turn: self.turn,
            deliveries: self.deliveries,
            fallbacks: self.fallbacks,
            recordings: self.recordings.clone(),
            answered_by: self.answered_by,
            ..Self::new(self.sid.clone(), flow, self.about.clone())
        }
    }
}

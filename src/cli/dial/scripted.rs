//! A caller whose keys are known: what is heard goes to stdout, one line per verb, and the rest to stderr.

use std::io::Write as _;
use std::time::Duration;

use super::lines;
use crate::phone::{CallEvent, Caller, Keys, Situation, TimedAct, World};
use crate::telemetry::plain;

/// A caller whose keys are known.
pub struct ScriptedCaller<'w> {
    keys: Keys,
    world: &'w World,
    /// Whether anybody ever answered.
    pub reached: bool,
}

impl<'w> ScriptedCaller<'w> {
    pub fn new(keys: Keys, world: &'w World) -> Self {
        Self {
            keys,
            world,
            reached: false,
        }
    }
}

impl Caller for ScriptedCaller<'_> {
    fn notice(&mut self, at: Duration, event: &CallEvent) {
        self.keys.notice(at, event);
        self.reached |= matches!(event, CallEvent::Answered(..));
        let heard = match event {
            CallEvent::Hears(speech) => Some(lines::heard(speech)),
            event => lines::done(event),
        };
        if let Some(line) = heard {
            // A reader that has gone away changes nothing about the call.
            let _ = writeln!(std::io::stdout(), "{}", plain(&line));
        }
        if let Some(line) = noted(event).or_else(|| lines::unforeseen(event, self.world)) {
            let _ = writeln!(std::io::stderr(), "{}", plain(&line));
        }
    }

    async fn act(&mut self, moment: &Situation) -> Option<TimedAct> {
        self.keys.act(moment).await
    }
}

/// What the caller did, and what the carrier says of it.
fn noted(event: &CallEvent) -> Option<String> {
    match event {
        CallEvent::Entered { digits, speech } if !speech.is_empty() => {
            Some(format!("> \"{speech}\" {digits}").trim_end().to_owned())
        }
        CallEvent::Entered { digits, .. } if digits.is_empty() => Some("> (silence)".to_owned()),
        CallEvent::Entered { digits, .. } => Some(format!("> {digits}")),
        CallEvent::Lost(lost) => Some(format!("> {lost} (nobody listened)")),
        CallEvent::Notices(notice) => Some(lines::notice(notice)),
        _ => None,
    }
}

//! A caller whose keys are known: what is heard goes to stdout, a line a verb, and all else to stderr.

use std::io::Write as _;
use std::time::Duration;

use super::lines;
use crate::phone::{Acted, Caller, Event, Keys, Moment, World};
use crate::telemetry::plain;

/// A caller whose keys are known.
pub struct Script<'w> {
    keys: Keys,
    world: &'w World,
    /// Whether anybody ever answered.
    pub reached: bool,
}

impl<'w> Script<'w> {
    pub fn new(keys: Keys, world: &'w World) -> Self {
        Self {
            keys,
            world,
            reached: false,
        }
    }
}

impl Caller for Script<'_> {
    fn notice(&mut self, at: Duration, event: &Event) {
        self.keys.notice(at, event);
        self.reached |= matches!(event, Event::Answered(..));
        let heard = match event {
            Event::Hears(speech) => Some(lines::heard(speech)),
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

    async fn act(&mut self, moment: &Moment) -> Option<Acted> {
        self.keys.act(moment).await
    }
}

/// What the caller did, and what the carrier says of it.
fn noted(event: &Event) -> Option<String> {
    match event {
        Event::Entered { digits, speech } if !speech.is_empty() => {
            Some(format!("> \"{speech}\" {digits}").trim_end().to_owned())
        }
        Event::Entered { digits, .. } if digits.is_empty() => Some("> (silence)".to_owned()),
        Event::Entered { digits, .. } => Some(format!("> {digits}")),
        Event::Lost(lost) => Some(format!("> {lost} (nobody listened)")),
        Event::Notices(notice) => Some(lines::notice(notice)),
        _ => None,
    }
}

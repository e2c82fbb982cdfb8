//! A caller whose keys are known: what is heard goes to stdout, one line per verb, and the rest to stderr.

use std::io::Write as _;
use std::time::Duration;

use super::lines;
use super::progress::Progress;
use crate::phone::{CallEvent, Caller, Keys, Situation, TimedAct};
use crate::telemetry::plain;

/// A caller whose keys are known.
pub struct ScriptedCaller<'w> {
    keys: Keys,
    /// What is known of the call.
    pub progress: Progress<'w>,
}

impl<'w> ScriptedCaller<'w> {
    pub fn new(keys: Keys, progress: Progress<'w>) -> Self {
        Self { keys, progress }
    }
}

impl Caller for ScriptedCaller<'_> {
    fn notice(&mut self, at: Duration, event: &CallEvent) {
        self.keys.notice(at, event);
        let heard = match event {
            CallEvent::Hears(speech) => Some(lines::heard(speech)),
            event => lines::done(event, self.progress.is_ours),
        };
        if let Some(line) = heard {
            // A reader that has gone away changes nothing about the call.
            let _ = writeln!(std::io::stdout(), "{}", plain(&line));
        }
        for line in self.noted(event) {
            let _ = writeln!(std::io::stderr(), "{}", plain(&line));
        }
    }

    async fn act(&mut self, moment: &Situation) -> Option<TimedAct> {
        self.keys.act(moment).await
    }
}

impl ScriptedCaller<'_> {
    /// What the caller did, what failed, and what the carrier says of it.
    fn noted(&mut self, event: &CallEvent) -> Vec<String> {
        let progress = &mut self.progress;
        let line = match event {
            CallEvent::Answered(response, _) => return progress.answered(response),
            CallEvent::Entered { digits, speech } => {
                entered(progress.entry(digits), progress.entry(speech))
            }
            CallEvent::Lost(lost) => format!("> {} (nobody listened)", progress.entry(lost)),
            CallEvent::Notices(notice) => lines::notice(notice),
            event => {
                return lines::unforeseen(event, progress.world)
                    .into_iter()
                    .collect();
            }
        };
        vec![line]
    }
}

/// An entry, on one line.
fn entered(digits: &str, speech: &str) -> String {
    match (digits, speech) {
        ("", "") => "> (silence)".to_owned(),
        (digits, "") => format!("> {digits}"),
        (digits, speech) => format!("> \"{speech}\" {digits}").trim_end().to_owned(),
    }
}

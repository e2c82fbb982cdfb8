//! Compares a played call with its file.

mod steps;
mod submissions;
mod texts;

use std::ops::Range;

use serde_json::Value;

use super::actor::{Stretch, place_of};
use super::hears::{Difference, Hears};
use super::play::{AfterCall, Played};
use super::script::{EndsBy, Script};
use super::world;
use crate::phone::{EndedBy, Notice};
use crate::written::diag::Diag;
use crate::written::{Code, Explain};

/// Something that differs from the file.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What, and where in the file.
    pub diag: Diag,
    /// The words, where those differ.
    pub difference: Option<Difference>,
    /// The turn's last request and what was answered.
    pub stretch: Stretch,
}

/// What differs from the file; nothing if all is as it should be. `left` is what is left of the call; `None` where
/// that cannot be known, nor which steps it came to.
pub fn judge(script: &Script, played: &Played, left: Option<&AfterCall>) -> Vec<Failure> {
    let mut failures = Failures {
        script,
        played,
        all: Vec::new(),
    };
    failures.turns();
    if let Some(left) = left {
        failures.steps(left);
    }
    failures.ending();
    if let Some(left) = left {
        let (asked, sent): (Vec<_>, Vec<_>) = left
            .sent
            .iter()
            .partition(|(backend, _)| backend == CARRIER);
        failures.submissions(&sent);
        let asked: Vec<&Value> = asked.into_iter().map(|(_, body)| body).collect();
        failures.texts(&asked);
    }
    failures.all
}

/// The name of what the carrier is asked for, among backends.
const CARRIER: &str = "@carrier";

struct Failures<'a> {
    script: &'a Script,
    played: &'a Played,
    all: Vec<Failure>,
}

impl Failures<'_> {
    fn last(&self) -> usize {
        self.played.stretches.len().saturating_sub(1)
    }

    fn stretch(&self, nth: usize) -> Stretch {
        self.played.stretches.get(nth).cloned().unwrap_or_default()
    }

    fn note(&mut self, diag: Diag, nth: usize) {
        let stretch = self.stretch(nth);
        self.all.push(Failure {
            diag,
            difference: None,
            stretch,
        });
    }

    /// What is heard at each turn, and whether it came to it.
    fn turns(&mut self) {
        let script = self.script;
        for (nth, turn) in script.turns.iter().enumerate() {
            if nth >= self.last() && script.open {
                break;
            }
            if nth >= self.last() {
                let after = format!("after {} of {} turns", nth, script.turns.len());
                let diag = script.fault(
                    Code::TurnNotReached,
                    turn.at.clone(),
                    format!("the call was over {after}"),
                );
                let help = format!(
                    "at last this was heard: {}",
                    shown(&self.stretch(self.last()).heard)
                );
                self.note(diag.help(help), self.last());
                break;
            }
            self.words(turn.hears.as_ref(), nth);
        }
        for (nth, what) in self.played.lost.clone() {
            let diag = script.fault(
                Code::InputLost,
                place_of(script, nth),
                format!("nobody listened for {}", shown(&what)),
            );
            self.note(diag, nth + 1);
        }
    }

    fn words(&mut self, hears: Option<&Hears>, nth: usize) {
        let Some(hears) = hears else { return };
        let heard = self
            .played
            .stretches
            .get(nth)
            .map_or("", |stretch| stretch.heard.as_str());
        if let Some(difference) = hears.wanted.difference(heard) {
            let diag = self.script.fault(
                Code::HeardDiffers,
                hears.at.clone(),
                "something else was heard",
            );
            self.all.push(Failure {
                diag,
                difference: Some(difference),
                stretch: self.stretch(nth),
            });
        }
    }

    fn ending(&mut self) {
        let (script, last) = (self.script, self.last());
        if last >= script.turns.len() {
            self.words(script.end.hears.as_ref(), last);
        }
        self.notices();
        self.ended_by();
        self.seconds();
    }

    /// Everything that the carrier reported.
    fn notices(&mut self) {
        let (script, played, last) = (self.script, self.played, self.last());
        for notice in &played.notices {
            let place = place_of(script, last.saturating_sub(1));
            let diag = carrier_error(script, place, notice);
            let help = match notice.url.as_str() {
                "" => None,
                url if played.recordings.iter().any(|asked| asked == url) => Some(format!(
                    "where it cannot be fetched, add below `[world]` how many seconds it lasts: {}",
                    world::line_of_recording(url)
                )),
                url => Some(format!("at {url}")),
            };
            self.note(helped(diag, help), last);
        }
    }

    /// Who or what ended the call.
    fn ended_by(&mut self) {
        let (script, played, last) = (self.script, self.played, self.last());
        let (is, who) = match &played.ended.by {
            EndedBy::Unforeseen(..) if script.open => return,
            EndedBy::Unforeseen(verb, to) => return self.unforeseen(verb, to),
            EndedBy::Fault(notice) if !played.notices.contains(notice) => {
                return self.note(carrier_error(script, script.top(), notice), last);
            }
            _ if played.is_left_over => return self.left_over(),
            EndedBy::Caller => (EndsBy::Caller, "the caller"),
            _ => (EndsBy::Flow, "the flow"),
        };
        if let Some((wanted, at)) = &script.end.by
            && *wanted != is
        {
            let message = format!("{who} ended the call");
            self.note(script.fault(Code::EndDiffers, at.clone(), message), last);
        }
    }

    fn seconds(&mut self) {
        let (script, took) = (self.script, self.played.ended.after.as_secs_f64());
        if let Some(((from, to), at)) = &script.end.seconds
            && !(*from..=*to).contains(&took)
        {
            let message = format!("the call took {took:.1} seconds");
            let diag = script.fault(Code::SecondsDiffer, at.clone(), message);
            self.note(diag, self.last());
        }
    }

    /// The call asks, and the file has no turn for that.
    fn left_over(&mut self) {
        let script = self.script;
        let place = script
            .turns
            .last()
            .map_or_else(|| script.top(), |turn| turn.at.clone());
        let heard = shown(&self.stretch(self.last()).heard);
        if let Some((_, at)) = script.end.by.as_ref().filter(|_| script.open) {
            let message = format!("the flow does not end the call, which goes on: {heard}");
            return self.note(
                script.fault(Code::EndDiffers, at.clone(), message),
                self.last(),
            );
        }
        let diag = script.fault(
            Code::TurnMissing,
            place,
            format!("the call goes on after this: {heard}"),
        );
        let help = "add a `[[turn]]` with what the caller does; or, to hang up there, `[end]` with `by = \"caller\"`";
        self.note(diag.help(help), self.last());
    }

    /// The call met something in the world that the file does not describe.
    fn unforeseen(&mut self, verb: &str, to: &str) {
        let script = self.script;
        let place = world::place(&script.source)
            .unwrap_or_else(|| place_of(script, self.last().saturating_sub(1)));
        let (message, help) = match verb {
            "Dial" => (
                format!("`{to}` is dialled, and what becomes of it is not said"),
                format!("add below `[world]`: {}", world::line(to)),
            ),
            "Record" => (
                format!("`{to}` records, and what the caller says is not said"),
                format!("add below `[world]`: {}", world::records::line(to)),
            ),
            "Conference" => (
                format!("the conference `{to}` is joined, and how long that lasts is not said"),
                format!("add below `[world]`: {}", world::line_of_room(to)),
            ),
            "Enqueue" => (
                format!(
                    "the caller waits in the queue {}, and what becomes of it is not said",
                    world::whom(to)
                ),
                format!("add below `[world]`: {}", world::line_of_queue(to)),
            ),
            "Refer" => (
                format!(
                    "the call is transferred to {}, and what becomes of it is not said",
                    world::whom(to)
                ),
                format!("add below `[world]`: {}", world::line_of_transfer(to)),
            ),
            "Connect" => (
                format!("the machine `{to}` talks with the caller, and how that ends is not said"),
                format!("add below `[world]`: {}", world::bots::line(to)),
            ),
            "Pay" => (
                format!(
                    "the caller pays by {}, and what becomes of it is not said",
                    world::whom(to)
                ),
                format!("add below `[world]`: {}", world::line_of_payment(to)),
            ),
            "http" => (
                format!("the service `{to}` is asked, and what it answers is not said"),
                format!("add below `[world]`: {}", world::services::line(to)),
            ),
            _ => (
                format!(
                    "the call is handed on by <{verb}> to `{to}`, and what becomes of that cannot be said yet"
                ),
                "the world of a test knows `dial`, `queue`, `refer`, `pay` and `bot`".to_owned(),
            ),
        };
        self.note(
            script
                .fault(Code::WorldUnforeseen, place, message)
                .help(help),
            self.last(),
        );
    }
}

fn carrier_error(script: &Script, at: Range<usize>, notice: &Notice) -> Diag {
    let message = format!("error {}: {}", notice.code, notice.message);
    script.fault(Code::CarrierError, at, message)
}

fn helped(diag: Diag, help: Option<String>) -> Diag {
    match help {
        Some(help) => diag.help(help),
        None => diag,
    }
}

fn shown(text: &str) -> String {
    if text.is_empty() {
        "(nothing)".to_owned()
    } else {
        format!("`{text}`")
    }
}

//! `start`: something runs beside the call from here on.

mod keys;
mod read;

use std::ops::Range;
use std::time::Duration;

pub(super) use self::keys::WORDS;
use super::super::came::WaitOutcome;
use super::super::edge::{By, Edge};
use super::super::fault::Fault;
use super::super::machine::{Machine, MachineNamed, STREAM, TRANSCRIPTION};
use super::super::moment::{Moment, Then};
use super::super::outcome_ways;
use super::super::step::{RunsBeside, Step};
use super::super::turn::{Beside, Start as Started, Verb};
use super::super::way::Way;
use super::kind::Kind;

pub(super) const KIND: Kind = Kind {
    name: "start",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse: read::parse,
};

/// That nothing is begun.
const ERROR: WaitOutcome = WaitOutcome::trouble(
    outcome_ways::ERROR,
    "Nothing is begun: it is not known here where that machine is.",
)
.plain();

#[derive(Debug)]
struct Start {
    what: What,
    error: Option<Way>,
    next: Way,
}

/// What begins.
#[derive(Debug)]
enum What {
    Recording {
        /// Whether each side has a channel of its own.
        dual: bool,
        /// How long the carrier keeps it at most.
        keep: Duration,
    },
    /// A machine hears it.
    Heard {
        what: Beside,
        /// The machine, by its name in the settings.
        by: String,
        /// The bytes of its name.
        at: Range<usize>,
    },
}

impl Start {
    /// What begins; nothing where it is not known where the machine is.
    fn begun(&self, moment: &Moment<'_>) -> Option<Started> {
        let by = match &self.what {
            What::Recording { dual, .. } => return Some(Started::Recording { dual: *dual }),
            What::Heard { by, .. } => by,
        };
        match (self.kind(), moment.flow.machines.get(by)?) {
            (Beside::Stream, Machine::Stream(to)) => Some(Started::Stream { to: to.clone() }),
            (Beside::Transcription, Machine::Transcription(to)) => Some(Started::Transcription {
                to: to.clone(),
                language: moment.flow.language(moment.call.language).tag.clone(),
            }),
            _ => None,
        }
    }

    fn kind(&self) -> Beside {
        match &self.what {
            What::Recording { .. } => Beside::Recording,
            What::Heard { what, .. } => *what,
        }
    }
}

impl Step for Start {
    fn edges(&self) -> Vec<Edge> {
        let error = self.error.as_ref();
        let error = error.map(|way| way.edges("on.error", &By::Outcome(vec![&ERROR])));
        let next = self.next.edges("next", &By::Itself);
        error.into_iter().flatten().chain(next).collect()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        match (self.begun(moment), &self.error) {
            (Some(begun), _) => {
                moment.run(Verb::Start(begun));
                moment.take("next", &self.next)
            }
            (None, Some(way)) => moment.take("on.error", way),
            (None, None) => moment.take("next", &self.next),
        }
    }

    fn beside(&self) -> Option<RunsBeside> {
        Some(RunsBeside::Begins(self.kind()))
    }

    fn keeps(&self) -> Option<Duration> {
        match self.what {
            What::Recording { keep, .. } => Some(keep),
            What::Heard { .. } => None,
        }
    }

    fn machine(&self) -> Option<MachineNamed<'_>> {
        let What::Heard { what, by, at } = &self.what else {
            return None;
        };
        Some(MachineNamed {
            name: by,
            at: at.clone(),
            kinds: match what {
                Beside::Transcription => &[TRANSCRIPTION],
                _ => &[STREAM],
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::tests::phone::{Phone, bundle, faults, flow};

    #[test]
    fn a_machine_that_is_not_known_here_hears_nothing_and_a_flow_may_say_where_to_go() {
        for (to, heard) in [
            (
                "ear",
                "[start stream wss://ear.example.com/] Heard. [hangup]",
            ),
            ("nobody", "Not heard. [hangup]"),
            // It is a machine of another kind.
            ("notes", "Not heard. [hangup]"),
        ] {
            let source = format!(
                "[steps.a]\nstart = \"stream\"\nto = \"{to}\"\non.error = \"unheard\"\nnext = \"heard\"\n\
                 [steps.heard]\nsay = \"Heard.\"\nnext = \"hangup\"\n[steps.unheard]\nsay = \"Not heard.\"\nnext = \"hangup\"\n"
            );
            assert_eq!(faults(&source), Vec::<String>::new());
            let phone = Phone::call_flow(flow(&bundle(&source)));
            assert_eq!(phone.heard(), heard, "{to}");
        }
    }
}

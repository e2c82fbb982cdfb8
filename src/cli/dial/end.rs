//! How a call ended, and what came of it.

use serde_json::Value;

use super::lines::{notice, seconds};
use super::progress::Progress;
use crate::cli::exit;
use crate::phone::{Ended, EndedBy};
use crate::telemetry::plain;

/// Codes of a server that could not be reached at all.
const AWAY: [u32; 5] = [11201, 11202, 11203, 11205, 11210];

/// What is left of a call that is over.
pub struct Left {
    pub submitted: Submitted,
    /// The steps that could not be done for a caller who had hung up, and why.
    pub faults: Vec<(String, String)>,
}

/// What is known about what was submitted.
pub enum Submitted {
    /// All of it: the backend, and what it got, sensitive answers masked.
    These(Vec<(String, Value)>),
    AtTheNode,
    /// The application is not ours.
    Unknown,
}

pub fn tell(ended: &Ended, submitted: &Submitted) {
    eprintln!("{}", plain(&over(ended)));
    for line in lines(submitted) {
        eprintln!("{}", plain(&line));
    }
}

fn over(ended: &Ended) -> String {
    let after = seconds(ended.after);
    match &ended.by {
        EndedBy::Application => format!("The call is over after {after}: {}.", ended.status),
        EndedBy::Caller => format!("You hung up after {after}."),
        EndedBy::Fault(fault) => format!("A fault ended the call after {after}: {}", notice(fault)),
        EndedBy::Unforeseen(verb, what) => {
            format!("The call ended after {after}: nobody said what becomes of {verb} {what}")
        }
    }
}

fn lines(submitted: &Submitted) -> Vec<String> {
    match submitted {
        Submitted::These(rows) if rows.is_empty() => vec!["Nothing was submitted.".to_owned()],
        Submitted::These(rows) => rows.iter().map(|(backend, body)| line(backend, body)).collect(),
        Submitted::AtTheNode => vec![
            "What was submitted is in the node's log, and in `hookswitch outbox list` until it is delivered."
                .to_owned(),
        ],
        Submitted::Unknown => Vec::new(),
    }
}

fn line(backend: &str, body: &Value) -> String {
    if body["type"] == "text.send" {
        let field = |name: &str| body[name].as_str().unwrap_or_default();
        return format!("Texted to {}: {}", field("to"), field("words"));
    }
    let kind = body["type"].as_str().unwrap_or_default();
    format!(
        "Submitted to {backend} ({kind}): {}",
        body["data"]["answers"]
    )
}

pub fn exit_code(ended: &Ended, progress: &Progress<'_>) -> u8 {
    match &ended.by {
        EndedBy::Application | EndedBy::Caller if progress.failed => exit::FAULTS,
        EndedBy::Application | EndedBy::Caller => exit::WELL,
        EndedBy::Fault(fault) if !progress.reached && AWAY.contains(&fault.code) => {
            exit::SURROUNDINGS
        }
        EndedBy::Fault(_) | EndedBy::Unforeseen(..) => exit::FAULTS,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::{Progress, Submitted, exit_code, lines, over};
    use crate::phone::{Ended, EndedBy, Notice, Severity, World};

    fn ended(by: EndedBy) -> Ended {
        Ended {
            by,
            status: "completed".into(),
            after: Duration::from_millis(41_500),
        }
    }

    fn fault(code: u32) -> EndedBy {
        let message = "the connection was refused".into();
        EndedBy::Fault(Notice {
            code,
            severity: Severity::Error,
            message,
            url: String::new(),
            line: 0,
        })
    }

    #[test]
    fn the_end_says_who_ended_it_and_why() {
        assert_eq!(
            over(&ended(EndedBy::Application)),
            "The call is over after 41.5 s: completed."
        );
        assert_eq!(over(&ended(EndedBy::Caller)), "You hung up after 41.5 s.");
        let told = over(&ended(fault(11205)));
        assert_eq!(
            told,
            "A fault ended the call after 41.5 s: error 11205: the connection was refused"
        );
    }

    #[test]
    fn only_a_server_that_never_answered_is_the_surroundings_fault() {
        let world = World::default();
        let code = |by, reached, failed| {
            let progress = Progress {
                reached,
                failed,
                ..Progress::new(&world, true)
            };
            exit_code(&ended(by), &progress)
        };
        assert_eq!(code(EndedBy::Caller, true, false), 0);
        assert_eq!(code(EndedBy::Caller, true, true), 1);
        assert_eq!(code(fault(11205), false, false), 3);
        assert_eq!(code(fault(11205), true, false), 1);
        assert_eq!(code(fault(12100), true, false), 1);
        assert_eq!(code(fault(11100), false, false), 1);
    }

    #[test]
    fn what_was_submitted_is_a_line_each() {
        let body = json!({ "type": "submission.complete", "data": { "answers": { "kind": "parcel", "weight": 5 } } });
        let these = Submitted::These(vec![("pickups".into(), body)]);
        assert_eq!(
            lines(&these),
            ["Submitted to pickups (submission.complete): {\"kind\":\"parcel\",\"weight\":5}"]
        );
        assert_eq!(
            lines(&Submitted::These(Vec::new())),
            ["Nothing was submitted."]
        );
        assert!(lines(&Submitted::Unknown).is_empty());
    }
}

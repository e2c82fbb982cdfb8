//! What authors write who know another language, or guess, and what it is called here.

use super::super::keys::shared::{
    ATTEMPTS, BARGE_IN, INTO, NEXT, NO_INPUT, NO_MATCH, REPROMPT, TIMEOUT,
};
use crate::written::diag::nearest;

/// Words for a target that every flow has.
const TARGETS: [(&str, &[&str]); 3] = [
    (
        "hangup",
        &[
            "end",
            "exit",
            "stop",
            "quit",
            "finish",
            "finished",
            "done",
            "hang_up",
            "terminate",
            "disconnect",
        ],
    ),
    ("back", &["previous", "return", "prev"]),
    ("repeat", &["again", "replay", "retry"]),
];

/// Words for an action.
const ACTIONS: [(&str, &[&str]); 8] = [
    (
        "say",
        &[
            "play", "speak", "prompt", "message", "text", "tell", "announce", "audio",
        ],
    ),
    ("ask", &["gather", "input", "question", "collect", "enter"]),
    ("menu", &["options", "choices", "choice", "select"]),
    ("branch", &["if", "switch", "condition", "case"]),
    ("dial", &["call", "transfer", "connect", "forward", "phone"]),
    ("submit", &["send", "post", "save"]),
    ("hangup", &["end", "exit", "stop"]),
    ("redirect", &["goto", "jump"]),
];

/// Words for a key.
const KEYS: [(&str, &[&str]); 9] = [
    (
        NEXT.name,
        &["goto", "go", "goes_to", "then", "to", "target", "jump"],
    ),
    (
        NO_MATCH.name,
        &["invalid", "wrong", "on_invalid", "mismatch"],
    ),
    (NO_INPUT.name, &["silence", "no_answer", "on_timeout"]),
    (
        ATTEMPTS.key.name,
        &["tries", "retries", "max_attempts", "max_tries"],
    ),
    (TIMEOUT.key.name, &["wait", "seconds", "time_limit"]),
    (INTO.name, &["save", "store", "variable", "answer", "var"]),
    ("keys", &["options", "choices", "digits"]),
    ("whisper", &["screen", "screening", "announcement", "url"]),
    ("accept", &["confirm", "confirm_key", "accept_key"]),
];

/// The key that a word stands for elsewhere.
pub(super) fn key_meant(name: &str) -> Option<&'static str> {
    meant(&KEYS, name)
}

/// Whether a key is `next`, mistyped or by another word.
pub(super) fn is_nearly_next(name: &str) -> bool {
    nearest(name, [NEXT.name]).is_some() || key_meant(name) == Some(NEXT.name)
}

/// The target that a word stands for elsewhere.
pub(super) fn target_meant(name: &str) -> Option<&'static str> {
    meant(&TARGETS, name)
}

/// The action that a word stands for elsewhere.
pub fn action_meant(name: &str) -> Option<&'static str> {
    meant(&ACTIONS, name)
}

fn meant(words: &[(&'static str, &[&str])], name: &str) -> Option<&'static str> {
    let small = name.to_lowercase().replace(['-', ' '], "_");
    let known = words
        .iter()
        .find(|(_, words)| words.contains(&small.as_str()));
    known.map(|(own, _)| *own)
}

/// Whether a key is one of a step, and of nothing else.
pub fn is_key_of_steps(name: &str) -> bool {
    let keys = [
        ATTEMPTS.key.name,
        BARGE_IN.key.name,
        INTO.name,
        NEXT.name,
        NO_INPUT.name,
        NO_MATCH.name,
        REPROMPT.key.name,
        TIMEOUT.key.name,
        "keys",
        "say",
        "menu",
        "ask",
        "branch",
        "submit",
        "dial",
    ];
    keys.contains(&name)
}

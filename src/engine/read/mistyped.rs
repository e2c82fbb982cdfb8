//! What authors write who know another language, or guess, and what it is called here.

use super::super::keys::shared::{
    ATTEMPTS, BARGE_IN, INTO, NEXT, NO_INPUT, NO_MATCH, REPROMPT, TIMEOUT,
};

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

//! The names of what we write, and which may stand in which.

use crate::engine::Verb;

/// The one root.
pub const RESPONSE: &str = "Response";
/// Speaks text.
pub const SAY: &str = "Say";
/// SSML: a short pause inside Say.
pub const BREAK: &str = "break";
/// SSML: how a text is read, inside Say.
pub const SAY_AS: &str = "say-as";
/// Plays a recording, or keys.
pub const PLAY: &str = "Play";
/// Waits in silence.
pub const PAUSE: &str = "Pause";
/// Waits for keys or words.
pub const GATHER: &str = "Gather";
/// Connects the caller.
pub const DIAL: &str = "Dial";
/// A number to be dialled, inside Dial.
pub const NUMBER: &str = "Number";
/// Fetches another document.
pub const REDIRECT: &str = "Redirect";
/// Refuses the call.
pub const REJECT: &str = "Reject";
/// Ends the call.
pub const HANGUP: &str = "Hangup";

/// Every element that we write, and what may stand in it (after the carrier's schema; anything else is warning 12200).
pub const NESTING: &[(&str, &[&str])] = &[
    (
        RESPONSE,
        &[SAY, PLAY, PAUSE, GATHER, DIAL, REDIRECT, REJECT, HANGUP],
    ),
    (GATHER, &[SAY, PLAY, PAUSE]),
    (SAY, &[BREAK, SAY_AS]),
    (DIAL, &[NUMBER]),
    (BREAK, &[]),
    (SAY_AS, &[]),
    (PLAY, &[]),
    (PAUSE, &[]),
    (NUMBER, &[]),
    (REDIRECT, &[]),
    (REJECT, &[]),
    (HANGUP, &[]),
];

/// Whether a verb may be heard inside a Gather. Keys may not: the caller's own would be lost in them.
pub fn nests_in_gather(verb: &Verb) -> bool {
    matches!(verb, Verb::Say(_) | Verb::Play(_) | Verb::Pause(_))
}

/// Whether a call goes on just the same without this verb, only that the caller hears less.
pub(super) fn is_only_heard(verb: &Verb) -> bool {
    nests_in_gather(verb) || matches!(verb, Verb::Digits(_))
}

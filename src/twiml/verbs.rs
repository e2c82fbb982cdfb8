//! The names of what we write, and which may contain which.

use crate::engine::Verb;

pub const RESPONSE: &str = "Response";
pub const SAY: &str = "Say";
/// SSML: a short pause inside Say.
pub const BREAK: &str = "break";
/// SSML: how a text is read, inside Say.
pub const SAY_AS: &str = "say-as";
/// Plays a recording, or keys.
pub const PLAY: &str = "Play";
pub const PAUSE: &str = "Pause";
/// Waits for keys or words.
pub const GATHER: &str = "Gather";
pub const DIAL: &str = "Dial";
/// A number to be dialled, inside Dial.
pub const NUMBER: &str = "Number";
/// A SIP address to be dialled, inside Dial.
pub const SIP: &str = "Sip";
/// Somebody in an app, inside Dial.
pub const CLIENT: &str = "Client";
/// A conference to be joined, inside Dial.
pub const CONFERENCE: &str = "Conference";
/// A queue whose next caller is dialled, inside Dial.
pub const QUEUE: &str = "Queue";
/// Puts the caller into a queue.
pub const ENQUEUE: &str = "Enqueue";
/// What a workflow learns about the call, inside Enqueue.
pub const TASK: &str = "Task";
/// Takes the caller out of the queue.
pub const LEAVE: &str = "Leave";
pub const REFER: &str = "Refer";
/// Records a message.
pub const RECORD: &str = "Record";
/// Hands the caller to a machine.
pub const CONNECT: &str = "Connect";
/// A machine that talks by text, inside Connect.
pub const RELAY: &str = "ConversationRelay";
/// An agent of the carrier's, inside Connect.
pub const AGENT: &str = "VirtualAgent";
/// Something that a machine is told, inside one.
pub const PARAMETER: &str = "Parameter";
/// Has the caller pay by card.
pub const PAY: &str = "Pay";
/// What is heard at a moment of a payment, inside Pay.
pub const PROMPT: &str = "Prompt";
/// Begins something beside the call.
pub const START: &str = "Start";
/// Ends something beside the call.
pub const STOP: &str = "Stop";
/// A recording of the call, inside Start and Stop.
pub const RECORDING: &str = "Recording";
/// What is said, written down, inside Start and Stop.
pub const TRANSCRIPTION: &str = "Transcription";
/// The sound of the call, inside Start and Stop.
pub const STREAM: &str = "Stream";
pub const REDIRECT: &str = "Redirect";
pub const REJECT: &str = "Reject";
pub const HANGUP: &str = "Hangup";

/// Every element that we write, and what it may contain (by the carrier's schema; anything else is warning 12200).
pub const NESTING: &[(&str, &[&str])] = &[
    (
        RESPONSE,
        &[
            SAY, PLAY, PAUSE, GATHER, DIAL, RECORD, ENQUEUE, LEAVE, REFER, CONNECT, PAY, START,
            STOP, REDIRECT, REJECT, HANGUP,
        ],
    ),
    (GATHER, &[SAY, PLAY, PAUSE]),
    (SAY, &[BREAK, SAY_AS]),
    (DIAL, &[NUMBER, SIP, CLIENT, CONFERENCE, QUEUE]),
    (ENQUEUE, &[TASK]),
    (REFER, &[SIP]),
    (PAY, &[PROMPT]),
    (PROMPT, &[SAY, PLAY, PAUSE]),
    (START, &[RECORDING, TRANSCRIPTION, STREAM]),
    (STOP, &[RECORDING, TRANSCRIPTION, STREAM]),
    (RECORDING, &[]),
    (TRANSCRIPTION, &[]),
    (STREAM, &[PARAMETER]),
    (CONNECT, &[RELAY, STREAM, AGENT]),
    (RELAY, &[PARAMETER]),
    (AGENT, &[PARAMETER]),
    (PARAMETER, &[]),
    (BREAK, &[]),
    (SAY_AS, &[]),
    (PLAY, &[]),
    (PAUSE, &[]),
    (NUMBER, &[]),
    (SIP, &[]),
    (CLIENT, &[]),
    (CONFERENCE, &[]),
    (QUEUE, &[]),
    (TASK, &[]),
    (LEAVE, &[]),
    (RECORD, &[]),
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

//! What happens in a call, for whoever listens, writes it down or draws it.

use std::sync::Arc;
use std::time::Duration;

use super::wire::{Request, Response};

#[derive(Clone, Debug)]
pub enum CallEvent {
    /// A request is made. Shared, so that whoever wants to keep it can.
    Asks(Arc<Request>),
    /// It was answered. What it came to in real time, in microseconds.
    Answered(Response, u64),
    /// The document that is carried out from here on, as it came.
    Document {
        url: String,
        text: String,
    },
    Hears(Playback),
    /// Everything nested was heard, and input is waited for.
    Waits {
        /// The seconds of silence that end it.
        timeout: Duration,
        /// The keys after which it ends by itself.
        num_digits: Option<u32>,
        /// The key that ends it.
        finish_on_key: Option<char>,
        speech: bool,
        dtmf: bool,
        /// The words that the recogniser should expect.
        hints: Vec<String>,
    },
    /// A key was pressed that counted.
    Pressed(char),
    /// A key was pressed, something said, that nobody listened for.
    Lost(String),
    /// Something was said that counted.
    Said(String),
    /// An entry is over: the keys without the finish key, or the words; both empty for silence.
    Entered {
        digits: String,
        speech: String,
    },
    /// A message was recorded.
    Recorded(Duration),
    /// The call is handed on: `Dial`, `Enqueue`, `Connect`, `Refer`, `Pay`.
    Leaves {
        verb: String,
        /// To whom: a number, a queue, a URI.
        to: String,
    },
    /// It came back from there.
    Returns {
        verb: String,
        /// To whom it had been handed.
        to: String,
        /// What became of it, in the carrier's word (`no-answer`).
        outcome: String,
        /// How long it was away.
        after: Duration,
    },
    /// Somebody has answered, and has heard something before the two were connected, or not.
    Screened {
        /// Who.
        whom: String,
        /// The words.
        heard: String,
        /// The keys that they pressed.
        pressed: String,
        /// Whether the two are connected then.
        connected: bool,
    },
    /// Something begins or ends beside the call (`Start`, `Stop`).
    Beside {
        verb: String,
        /// What: `Recording`, `Transcription`, `Stream`, `Siprec`.
        noun: String,
        /// Its name; empty where it has none.
        name: String,
    },
    /// A text message is sent.
    Texts {
        to: String,
        body: String,
    },
    /// The carrier has something to say, as its debugger would.
    Notices(Notice),
    /// The call is over.
    Ends(Ended),
}

/// Something that is heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Playback {
    /// The verb: `Say`, `Play`, `Pause`.
    pub verb: String,
    /// The words: those that a voice speaks, those that a server gives for a recording (the response header
    /// `Hookswitch-Transcript`, percent-encoded UTF-8), else empty.
    pub text: String,
    /// The recording's URL, or the keys that are sounded.
    pub source: String,
    /// The language, as BCP 47; empty where none is said.
    pub language: String,
    /// The voice; empty where none is said.
    pub voice: String,
    /// How long it lasts.
    pub lasts: Duration,
    /// Whether input is listened for meanwhile.
    pub listens: bool,
}

/// What the carrier's debugger would show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The code of the carrier's error dictionary, as 11200; 0 for what it has no code for.
    pub code: u32,
    pub severity: Severity,
    pub message: String,
    /// The URL that it is about.
    pub url: String,
    /// The line of the document, from 1; 0 where it belongs to no line.
    pub line: u32,
}

/// How bad a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The call goes on as written.
    Warning,
    /// The call cannot go on as written.
    Error,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub by: EndedBy,
    /// The carrier's last word on it: `completed`, `busy`, `no-answer`, `failed`.
    pub status: String,
    /// How long it took.
    pub after: Duration,
}

/// Who ended a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The application: a hang-up, a reject, the end of its document.
    Application,
    Caller,
    /// A fault, reported before: the caller hears the carrier's own words and the call ends.
    Fault(Notice),
    /// The world met something that was not foreseen: the verb and what it was about.
    Unforeseen(String, String),
}

//! The result of a turn: what the caller hears, and what must be done because of it.

use std::sync::Arc;

/// What the shell answers the carrier.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The caller hears this. The last verb waits for the caller, hands the call on, or ends it.
    Speak(Vec<Verb>),
}

/// One thing that the caller hears or that happens to the call, in no carrier's markup.
#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    /// Words, spoken by a voice.
    Say(Say),
    /// A recording.
    Play(Audio),
    /// Keys, sounded on the line: `0-9 A-D # *`, `w` waits half a second, `W` one.
    Digits(String),
    /// Silence, in whole seconds from 1.
    Pause(u32),
    /// Waits for keys or words; what is collected comes to the call's next turn.
    Gather(Gather),
    /// Connects the caller to a number; the outcome comes to the call's next turn.
    Dial(Dial),
    /// Leaves for other TwiML, at an absolute URL.
    Redirect(String),
    /// Refuses the call without answering it.
    Reject {
        /// Sounds busy; otherwise not in service.
        busy: bool,
    },
    /// Hangs up.
    Hangup,
}

/// Words in a voice.
#[derive(Clone, Debug, PartialEq)]
pub struct Say {
    /// The carrier's name of the voice, where the flow names one.
    pub voice: Option<Arc<str>>,
    /// BCP 47.
    pub language: Arc<str>,
    /// What is said, in order.
    pub words: Vec<Words>,
}

/// A piece of what is said.
#[derive(Clone, Debug, PartialEq)]
pub enum Words {
    /// Plain text; may hold any character, that of variables too.
    Text(String),
    /// A pause shorter than a second, in milliseconds.
    Break(u32),
    /// Text to be read in a way of its own, such as `telephone` or `digits` (SSML `say-as`).
    As {
        /// The way, SSML's `interpret-as`.
        how: String,
        /// The text.
        text: String,
    },
}

/// Something recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Audio {
    /// One of ours: the path below `/audio/`, which carries the content's hash.
    Recording(Arc<str>),
    /// Somebody's absolute URL.
    Url(String),
}

/// How the caller is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Gather {
    /// What is heard while listening: `Say`, `Play` and `Pause` only.
    pub prompts: Vec<Verb>,
    /// Seconds of silence until it is over, from 1.
    pub timeout: u32,
    /// Ends by itself after so many keys.
    pub num_digits: Option<u32>,
    /// The key that ends an entry and is not part of it.
    pub finish_on_key: Option<char>,
    /// Listens for words too.
    pub speech: Option<Speech>,
}

/// What the caller may say.
#[derive(Clone, Debug, PartialEq)]
pub struct Speech {
    /// The words that are expected.
    pub hints: Vec<String>,
    /// BCP 47, of the caller.
    pub language: Arc<str>,
}

/// How the caller is connected.
#[derive(Clone, Debug, PartialEq)]
pub struct Dial {
    /// E.164.
    pub number: String,
    /// The contact whose number that is, where it was dialled by name.
    pub contact: Option<String>,
    /// Seconds that it rings: 5 to 600.
    pub timeout: u32,
    /// Seconds that they may talk.
    pub time_limit: u32,
    /// The number that is shown to whoever is called; the caller's own where there is none.
    pub caller_id: Option<String>,
}

//! The result of a turn: what the caller hears, and what must be done because of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::machine::Machine;

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
    /// Puts the caller into a queue; the outcome comes to the call's next turn.
    Enqueue(Enqueue),
    /// Takes the caller out of the queue whose documents are heard.
    Leave,
    /// Has the caller's own telephone system call somebody else in its place; the outcome comes to the call's next turn.
    Refer(Refer),
    /// Records what the caller says; what came of it comes to the call's next turn.
    Record(Record),
    /// Has the caller pay by card; the outcome comes to the call's next turn. Boxed: it is rare, and larger than the others.
    Pay(Box<Pay>),
    /// Hands the caller to a machine; the outcome comes to the call's next turn.
    Connect(Box<Connect>),
    /// Begins something that runs beside the call.
    Start(Start),
    /// Ends something that runs beside the call.
    Stop(Beside),
    /// Asks for the call's next turn, in which nobody has done anything.
    Again,
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

impl Verb {
    /// Whether the carrier is to tell of a recording.
    pub fn records(&self) -> bool {
        let is_recorded = |dial: &Dial| dial.recorded.is_some();
        matches!(self, Self::Record(_) | Self::Start(Start::Recording { .. }))
            || matches!(self, Self::Dial(dial) if is_recorded(dial))
    }
}

/// Words in a voice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Say {
    /// The carrier's name of the voice, where the flow names one.
    pub voice: Option<Arc<str>>,
    /// BCP 47.
    pub language: Arc<str>,
    /// What is said, in order.
    pub words: Vec<Words>,
}

/// A piece of what is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

/// How a message is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Seconds of silence that end it; 0 for none.
    pub timeout: u32,
    /// The keys that end it: `0-9 * #`.
    pub finish: String,
    /// Seconds that it may last, from 2.
    pub longest: u32,
    /// Whether the carrier is to write down what is said.
    pub transcribes: bool,
}

/// How the caller is connected.
#[derive(Clone, Debug, PartialEq)]
pub struct Dial {
    /// Somebody, or several who ring at once: the first to answer is connected.
    pub callees: Vec<Callee>,
    /// Seconds that it rings: 5 to 600.
    pub timeout: u32,
    /// Seconds that they may talk.
    pub time_limit: u32,
    /// The number that is shown to whoever is called; the caller's own where there is none.
    pub caller_id: Option<String>,
    /// Whose country's tone the caller hears while it rings, by the carrier's word.
    pub ring_tone: Option<String>,
    /// Whether the caller ends the talk by the star key, and stays.
    pub hangup_on_star: bool,
    /// Whether the caller's call counts as answered only once somebody has answered.
    pub answer_on_bridge: bool,
    /// Whether whoever answers hears something before the two are connected, and which keys they may press.
    pub screening: Option<Screening>,
    /// Whether the carrier is to tell at once which leg was answered.
    pub tells_answer: bool,
    /// Whose words are recorded while they talk; nobody's where there is none.
    pub recorded: Option<TalkTrack>,
}

/// Whose words are recorded while two talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TalkTrack {
    /// Of both, each on a channel of its own.
    Both,
    /// Of the caller.
    Caller,
    /// Of whoever was called.
    Agent,
}

/// How the caller waits in a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Enqueue {
    /// The queue, as flows name it.
    pub name: String,
    /// Where it is at the carrier.
    pub at: QueueAt,
    /// What is heard meanwhile.
    pub meanwhile: Meanwhile,
    /// The first key by which the caller can leave.
    pub leaving: Option<char>,
}

/// Where callers wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueAt {
    /// In a queue of the carrier, by its name: 64 characters at most.
    Queue(String),
    /// With a workflow of the carrier, which routes them.
    Workflow {
        /// Its name at the carrier: `WW…`.
        sid: String,
        /// What it learns about the call: a JSON object.
        about: String,
        /// How urgent the call is among the others; the workflow's own where there is none.
        priority: Option<u32>,
    },
}

/// What is heard by a caller who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meanwhile {
    /// What the carrier plays.
    Music,
    /// A document of ours, asked for piece by piece.
    Ours,
    /// Somebody's TwiML, at an absolute URL.
    Theirs(String),
}

/// A payment by card, for which the carrier asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Pay {
    /// Who takes it, as flows name it.
    pub name: String,
    /// Who takes it, by the name of the connector at the carrier.
    pub connector: String,
    /// The amount, with the digits of the currency's smaller unit: `12.50`.
    pub amount: String,
    /// The currency, by its three letters, small.
    pub currency: String,
    /// What the provider is told that it is for.
    pub about: Option<String>,
    /// How often the caller is asked for each number: 1 to 3.
    pub attempts: u32,
    /// Seconds of silence after which the caller is asked again.
    pub timeout: u32,
    /// The language of the carrier's own words, where it has them in the caller's.
    pub language: Option<Arc<str>>,
    /// The kinds of card that are taken, in the carrier's words; its own list where there are none.
    pub cards: Vec<&'static str>,
    /// Whether the security code is asked for.
    pub security_code: bool,
    /// Whether the postal code is asked for.
    pub postal_code: bool,
    /// What is heard in place of the carrier's own words.
    pub prompts: Vec<PayPrompt>,
}

/// What is heard at some of the moments of a payment.
#[derive(Clone, Debug, PartialEq)]
pub struct PayPrompt {
    /// At which.
    pub at: PayMoment,
    /// What is heard: `Say`, `Play` and `Pause` only.
    pub says: Vec<Verb>,
}

/// Some of the moments of a payment, in the carrier's words for them. Where a list is empty, all.
#[derive(Clone, Debug, PartialEq)]
pub struct PayMoment {
    /// What is asked for.
    pub asked: Vec<&'static str>,
    /// At which attempts.
    pub attempts: Vec<u32>,
    /// After what went wrong.
    pub wrong: Vec<&'static str>,
    /// For which kinds of card.
    pub cards: Vec<&'static str>,
}

impl PayMoment {
    /// Whether the first attempt with any card is among them.
    pub fn is_at_first(&self) -> bool {
        let at_all = self.attempts.is_empty() || self.attempts.contains(&1);
        at_all && self.wrong.is_empty() && self.cards.is_empty()
    }
}

/// How a caller is handed to a machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Connect {
    /// The machine, as flows name it.
    pub name: String,
    /// Where it is.
    pub to: Machine,
    /// What the caller hears first.
    pub greet: Option<String>,
    /// BCP 47, of the caller.
    pub language: Arc<str>,
    /// What the machine is told, by name.
    pub gives: Vec<(String, String)>,
}

impl Connect {
    /// What the caller hears first, as words that are said.
    pub fn greeting(&self) -> Option<Say> {
        let greet = self.greet.as_ref()?;
        Some(Say {
            voice: None,
            language: self.language.clone(),
            words: vec![Words::Text(greet.clone())],
        })
    }
}

/// What runs beside a call: one of each kind at most, which is known by the kind's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Beside {
    /// The call is recorded.
    Recording,
    /// What is said is written down.
    Transcription,
    /// What is said is heard by a machine.
    Stream,
}

impl Beside {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Recording, Self::Transcription, Self::Stream];

    /// The word that a flow uses for it, which is its name at the carrier too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Transcription => "transcription",
            Self::Stream => "stream",
        }
    }
}

/// What begins beside a call, and runs until it is stopped or the call ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Start {
    /// Both sides are recorded.
    Recording {
        /// Whether each has a channel of its own.
        dual: bool,
    },
    /// What both say is written down.
    Transcription {
        /// Where the carrier tells the words.
        to: String,
        /// BCP 47, of the caller.
        language: Arc<str>,
    },
    /// Both are heard by a machine.
    Stream {
        /// Its socket.
        to: String,
    },
}

impl Start {
    /// Of which kind it is.
    pub fn what(&self) -> Beside {
        match self {
            Self::Recording { .. } => Beside::Recording,
            Self::Transcription { .. } => Beside::Transcription,
            Self::Stream { .. } => Beside::Stream,
        }
    }
}

/// Whom the caller's telephone system is to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refer {
    /// A SIP address, headers included.
    pub to: String,
}

/// The keys by which whoever answers decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screening {
    /// The key that takes the call; without one it is taken by whoever answers.
    pub accept: Option<char>,
    /// The key that turns it down.
    pub decline: Option<char>,
}

/// Somebody who is called: a leg of the call.
#[derive(Clone, Debug, PartialEq)]
pub struct Callee {
    /// The leg's number: the place among all whom the step calls.
    pub leg: u8,
    /// Where they are reached.
    pub at: Address,
    /// The contact that it is, where it was dialled by name.
    pub contact: Option<String>,
}

/// Where somebody is reached.
#[derive(Clone, Debug, PartialEq)]
pub enum Address {
    /// At a telephone number.
    Number {
        /// E.164.
        number: String,
        /// Keys that are sounded once it is answered, such as an extension: `0-9 # * w W`.
        send: Option<String>,
    },
    /// At a SIP address.
    Sip(String),
    /// In an app, by the name that it is registered under.
    Client(String),
    /// In a conference.
    Conference(Conference),
    /// The next caller of a queue.
    Queue(String),
}

/// A conference, and how the caller takes part.
#[derive(Clone, Debug, PartialEq)]
pub struct Conference {
    /// Its name.
    pub name: String,
    /// Whether it begins with this caller, if nobody has begun it.
    pub start: bool,
    /// Whether it ends for all when this caller leaves.
    pub end: bool,
    /// Whether the caller only listens.
    pub muted: bool,
    /// Whether a tone is heard when the caller comes and goes.
    pub beep: bool,
    /// Where the TwiML stands that is heard until it begins; the carrier's music where there is none.
    pub hold: Option<String>,
    /// How many may take part: 2 to 250.
    pub at_most: u32,
}

impl Address {
    /// Whether a call of its own is placed, which can be screened and reports how it went.
    pub fn is_leg(&self) -> bool {
        matches!(self, Self::Number { .. } | Self::Sip(_) | Self::Client(_))
    }

    /// The number, address or name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number { number, .. } => number,
            Self::Sip(name) | Self::Client(name) | Self::Queue(name) => name,
            Self::Conference(conference) => &conference.name,
        }
    }
}

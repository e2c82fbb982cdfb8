//! Machines that a call is handed to, or that hear it: what the settings know them as.

use std::ops::Range;

/// A machine, as the settings have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Machine {
    /// It talks with callers over the carrier's relay of speech and text, at this socket.
    Relay(String),
    /// It hears and speaks sound, at this socket.
    Stream(String),
    /// It is an agent of the carrier's, by the name of its connector.
    Agent(String),
    /// It is told at this URL what is said.
    Transcription(String),
}

impl Machine {
    /// The word for its kind, under which the settings say where it is.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Relay(_) => RELAY,
            Self::Stream(_) => STREAM,
            Self::Agent(_) => AGENT,
            Self::Transcription(_) => TRANSCRIPTION,
        }
    }
}

/// The word for a machine that talks by text.
pub const RELAY: &str = "relay";
/// The word for a machine that hears sound.
pub const STREAM: &str = "stream";
/// The word for an agent of the carrier's.
pub const AGENT: &str = "agent";
/// The word for a machine that gets what is said as text.
pub const TRANSCRIPTION: &str = "transcription";

/// A machine that a step names.
#[derive(Clone, Debug)]
pub struct MachineNamed<'a> {
    /// Its name in the settings.
    pub name: &'a str,
    /// The bytes of the name.
    pub at: Range<usize>,
    /// What it may be.
    pub kinds: &'static [&'static str],
}

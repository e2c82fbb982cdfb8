//! What call is to be placed.

use jiff::Timestamp;
use secrecy::SecretString;

use super::form::field;
use super::wire::Method;
use crate::twiml::pace;
use crate::written::PlacedOutcome;

/// A call to be placed: who calls whom, and where the carrier asks what to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The voice URL of the number called, absolute; its fragment may hold connection overrides.
    pub url: String,
    /// How it is asked.
    pub method: Method,
    /// Where the carrier asks when that fails.
    pub fallback: Option<Callback>,
    /// Where it reports what becomes of the call.
    pub status: Option<Callback>,
    /// The account, and what its requests are signed with.
    pub account: Account,
    /// The call's name: `CA` and 32 hexadecimal digits.
    pub sid: String,
    /// Who calls: a number in E.164, or what stands for one.
    pub from: String,
    pub to: String,
    /// `inbound`, mostly.
    pub direction: String,
    /// Further fields of every request, as `CallerName` or `FromCity`: these win over those that the phone makes up.
    pub fields: Vec<(String, String)>,
    /// When the call is placed, on the clock of the call.
    pub at: Timestamp,
    /// The words a minute that are spoken; `None` for [`Plan::WORDS_A_MINUTE`].
    pub words_a_minute: Option<u32>,
}

impl Plan {
    /// How fast a voice speaks where nothing else is said.
    pub const WORDS_A_MINUTE: u32 = pace::WORDS_A_MINUTE;

    /// The same as a call that whoever asks at its URL has placed, and that comes out so. Where nobody answers, the carrier
    /// asks for no document: only a rehearsal tells the URL so, with the call's last word.
    #[must_use]
    pub fn placed(mut self, outcome: PlacedOutcome) -> Self {
        "outbound-api".clone_into(&mut self.direction);
        self.fields.push(match outcome {
            PlacedOutcome::Answered => field("AnsweredBy", "human"),
            PlacedOutcome::Machine => field("AnsweredBy", "machine_end_beep"),
            PlacedOutcome::Busy => field("CallStatus", "busy"),
            PlacedOutcome::NoAnswer => field("CallStatus", "no-answer"),
            PlacedOutcome::Failed => field("CallStatus", "failed"),
        });
        self
    }
}

/// A URL that the carrier asks or reports to, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    pub url: String,
    pub method: Method,
}

/// An account at the carrier.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its name: `AC` and 32 hexadecimal digits.
    pub sid: String,
    /// What requests are signed with; `None` leaves them unsigned.
    pub token: Option<SecretString>,
    /// The address that signatures are made for, where it is not the one that is asked: a public URL, scheme and host,
    /// perhaps a path that stands before the one asked.
    pub signed_for: Option<String>,
}

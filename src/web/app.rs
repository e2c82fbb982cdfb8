//! What every request needs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use secrecy::SecretString;

use super::asker::Asker;
use super::cache::Cache;
use super::clock::NodeClock;
use super::flows::Flows;
use super::metrics::Metrics;
use super::placing::PlacingTerms;
use super::spill::Spill;
use super::switched_hours::SwitchedHours;
use super::turn_recorder::TurnRecorder;
use crate::carrier::Carrier;
use crate::outbox::Outbox;
use crate::store::Store;
use crate::twilio::{PublicUrl, Tokens};
use crate::verify::SendLimits;

/// A running node.
pub struct App {
    /// Where calls live.
    pub store: Store,
    /// Where the last turns of callers who are sent away are kept, if anywhere.
    pub spill: Option<Spill>,
    /// The flows in service.
    pub flows: Arc<Flows>,
    /// What must reach a backend, and what the carrier must be asked for.
    pub outbox: Outbox,
    /// Who asks the carrier; nobody where no login is set.
    pub carrier: Option<Carrier>,
    /// Who asks services for calls.
    pub asker: Asker,
    /// The account that sends SMS and places calls; nothing where nobody is logged in there.
    pub text_account: Option<String>,
    /// When calls are placed, and which never are.
    pub placing: PlacingTerms,
    /// The opening hours that somebody has switched.
    pub switched: SwitchedHours,
    /// The calls that this node served last.
    pub cache: Cache,
    /// What is measured.
    pub metrics: Arc<Metrics>,
    /// What webhooks are signed with.
    pub tokens: Tokens,
    /// Where the carrier reaches us.
    pub address: PublicAddress,
    /// The times of a call's life.
    pub times: Times,
    /// What time it is.
    pub clock: NodeClock,
    /// What turns did, for simulated carriers of ours.
    pub recorder: Arc<TurnRecorder>,
    /// Gives 32 random bits. A node that plays test calls always gives the same, so that its answers can be compared.
    pub random: fn() -> u32,
    /// Draws 32 bits of the system's generator, for codes; nothing where it gives none.
    pub draw: fn() -> Option<u32>,
    /// How many codes may be sent.
    pub send_limits: SendLimits,
    /// What web forms prove numbers with; nothing where none may.
    pub verify_form: Option<VerifyForm>,
    /// This node's mark on the turns that it takes.
    pub node: u32,
    /// Whether the node is stopping.
    pub stopping: AtomicBool,
}

/// What web forms prove numbers with.
pub struct VerifyForm {
    /// Whoever has it may ask.
    pub token: SecretString,
    /// Who codes come from: a number, or a messaging service.
    pub from: String,
    /// What an SMS says, with `{{ verify.code }}` for the code.
    pub words: String,
    /// The site that a code belongs to: browsers offer it there alone.
    pub origin: Option<String>,
}

/// Where the carrier reaches us.
pub struct PublicAddress {
    /// As set: what signatures are made over.
    pub public: Option<PublicUrl>,
    /// The path that stands before ours in every URL that we give out; mostly empty.
    pub prefix: String,
    /// What stands before the path of every recording.
    pub audio: String,
    /// Where this node listens.
    pub listens: SocketAddr,
}

impl PublicAddress {
    /// Whether the node listens on loopback only.
    pub fn is_loopback(&self) -> bool {
        self.listens.ip().is_loopback()
    }
}

/// The times of a call's life.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From the first sign of a call's end until its end is acted on.
    pub hangup_grace: Duration,
    /// Without a sign of life until a call counts as over.
    pub silent_after: Duration,
    /// How long a submission waits for what the carrier is to tell of a recording in it.
    pub recordings_wait: Duration,
}

//! Settings: defaults in the program, files, environment; read once, checked whole, then passed down as values.
//!
//! Nobody else reads the environment. Each setting is declared once (`settings/keys.rs`); `config/default.toml` is written
//! from the declarations.

mod check;
mod fault;
mod keys;
mod layer;
mod read;
mod reader;
mod source;
mod value;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

pub use fault::{Error, Fault};
use reader::Reader;

use crate::policy::Policy;
use crate::verify::SendLimits;
use crate::{telemetry, written};

/// The defaults, and what each setting means.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// What every name of an environment variable of ours begins with, in any case.
pub const PREFIX: &str = "HOOKSWITCH__";

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where webhooks come in.
    pub server: Server,
    /// The console.
    pub admin: Admin,
    /// The flow files.
    pub flows: Folder,
    /// The audio manifest.
    pub audio: Folder,
    /// Opening hours.
    pub hours: Folder,
    /// Where calls live.
    pub store: Store,
    /// The life of a call.
    pub calls: Calls,
    /// What callers record.
    pub recordings: Recordings,
    /// The life of a delivery.
    pub outbox: Outbox,
    /// The carrier's account.
    pub twilio: Twilio,
    /// Who gets what callers selected, by name.
    pub backends: BTreeMap<String, Backend>,
    /// What flows ask while a call is on, by name.
    pub services: BTreeMap<String, Service>,
    /// Telephone numbers by name, for all flows.
    pub contacts: BTreeMap<String, String>,
    /// Telephone numbers by name for single flows, by the flow's name.
    pub flow_contacts: BTreeMap<String, BTreeMap<String, String>>,
    /// The numbers that are called, by the names that flows give them.
    pub lines: BTreeMap<String, String>,
    /// What queues are called at the carrier, by the names that flows give them.
    pub queues: BTreeMap<String, String>,
    /// What connectors are called at the carrier that take payments, by the names that flows give them.
    pub connectors: BTreeMap<String, String>,
    /// Machines that calls are handed to, or that hear them, by name.
    pub machines: BTreeMap<String, Machine>,
    /// Who SMS come from, by the names that flows give them.
    pub senders: BTreeMap<String, Sender>,
    /// Which numbers may be dialled and texted.
    pub policy: Policy,
    /// How many codes may be sent by SMS that nobody enters.
    pub verify: SendLimits,
    /// What web forms prove numbers with; nothing where none may.
    pub verify_form: Option<VerifyForm>,
    /// Calls that we place.
    pub outbound: Outbound,
    /// Who is told when somebody has to act.
    pub alarms: Alarms,
    /// How bad each fault of a flow is to `check`, by its code.
    pub levels: BTreeMap<String, FaultLevel>,
    /// What calls cost, where that is known.
    pub prices: Option<Prices>,
    /// The log.
    pub log: Log,
    /// What this node keeps for itself.
    pub data: Folder,
    /// What works but should be known, for the log.
    pub warnings: Vec<Fault>,
}

/// `[server]`
#[derive(Clone, Debug)]
pub struct Server {
    /// Where webhooks come in.
    pub listen: SocketAddr,
    /// The URL under which the carrier reaches us: http or https, perhaps with a path, no slash at its end.
    pub public_url: Option<String>,
    /// Threads that serve, from 1.
    pub workers: usize,
    /// Connections that are open at once.
    pub connections: usize,
}

/// `[admin]`
#[derive(Clone, Debug)]
pub struct Admin {
    /// An address of its own.
    pub listen: Option<SocketAddr>,
    /// Whoever has it may come from elsewhere.
    pub token: Option<SecretString>,
}

/// `[flows]`, `[audio]`, `[hours]`, `[data]`
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder.
    pub dir: PathBuf,
}

/// `[store]`
#[derive(Clone, Debug)]
pub struct Store {
    /// Which store; may hold a password.
    pub url: SecretString,
    /// Keys of 32 bytes in base64 (checked): the first seals, all open. Empty where none is set.
    pub seal_key: Vec<SecretString>,
}

/// `[calls]`
#[derive(Clone, Debug)]
pub struct Calls {
    /// How long after the first sign of a call's end its last turn may still come.
    pub hangup_grace: Duration,
    /// When a call counts as ended if nothing is heard of it.
    pub silent_after: Duration,
    /// How long a finished call is remembered.
    pub keep_finished: Duration,
    /// How long it can be looked up what a call did, after its last turn; zero keeps nothing.
    pub keep_trail: Duration,
    /// How many calls a node keeps in memory.
    pub cached: usize,
}

/// `[recordings]`
#[derive(Clone, Debug)]
pub struct Recordings {
    /// How long a submission waits for what the carrier is to tell of a recording in it.
    pub wait: Duration,
    /// Where they are copied to: `s3://`, `gs://`, `az://` or `file:` (checked).
    pub copy: Option<String>,
    /// The id of the access key there.
    pub key: Option<String>,
    /// Its secret.
    pub secret: Option<SecretString>,
    /// The region of the bucket.
    pub region: Option<String>,
    /// Where the storage is, if not at the provider's own address.
    pub endpoint: Option<String>,
}

/// `[outbox]`
#[derive(Clone, Debug)]
pub struct Outbox {
    /// How long a delivered row can be looked up and sent again; zero keeps nothing.
    pub keep_delivered: Duration,
}

/// `[twilio]`
#[derive(Clone, Debug)]
pub struct Twilio {
    /// Webhooks are signed with it.
    pub auth_token: Option<SecretString>,
    /// The token before, while it is being changed.
    pub auth_token_old: Option<SecretString>,
    /// The account.
    pub account_sid: Option<String>,
    /// An API key by its SID: requests to the carrier are made with it, if it is set.
    pub api_key: Option<String>,
    /// Its secret.
    pub api_secret: Option<SecretString>,
    /// Where the carrier's REST API is.
    pub api_url: String,
    /// Subaccounts by their SID: `AC` and lower case as Twilio writes them, any other in lower case. [`Twilio::account`]
    /// finds one however it is written.
    pub accounts: BTreeMap<String, Account>,
    /// Keys that are shared for signatures alone, by their name in lower case.
    pub keys: BTreeMap<String, SharedKey>,
}

impl Twilio {
    /// Whether anything is set that the carrier's API lets in.
    pub fn has_login(&self) -> bool {
        self.auth_token.is_some() || self.api_key.is_some() || !self.accounts.is_empty()
    }

    /// A subaccount of ours.
    pub fn account(&self, sid: &str) -> Option<&Account> {
        self.accounts.get(&value::account(sid))
    }
}

/// `[twilio.accounts.<SID>]`
#[derive(Clone, Debug)]
pub struct Account {
    /// Its webhooks are signed with it.
    pub auth_token: SecretString,
}

/// `[twilio.keys.<name>]`
#[derive(Clone, Debug)]
pub struct SharedKey {
    /// Webhooks that name the key are signed with it.
    pub secret: SecretString,
}

/// `[backends.<name>]`
#[derive(Clone, Debug)]
pub struct Backend {
    /// Where deliveries are posted: http, https, or `log:`.
    pub url: String,
    /// Signs them: `whsec_` and base64 (checked).
    pub secret: Option<SecretString>,
    /// How long the backend remembers the ids of deliveries.
    pub remembers: Duration,
    /// Deliveries wait.
    pub paused: bool,
    /// How many deliveries a node may have under way at once.
    pub concurrency: usize,
    /// How long an attempt may take.
    pub timeout: Duration,
    /// How many attempts a node may begin in a second; as many as come where it is not set.
    pub pace: Option<f64>,
}

impl Backend {
    /// Its URL without user, password and query, which may be secrets.
    pub fn place(&self) -> String {
        written::masked(&self.url)
    }

    /// Whether it only prints.
    pub fn is_log(&self) -> bool {
        self.url == "log:"
    }
}

/// `[services.<name>]`
#[derive(Clone, Debug)]
pub struct Service {
    /// Where it is: http or https, perhaps with a path, no slash at its end.
    pub url: String,
    /// The token that it knows us by.
    pub secret: Option<SecretString>,
    /// Further headers, by their names; `_` stands for `-`.
    pub headers: BTreeMap<String, SecretString>,
    /// Whether it may be at an inner address, and be asked without TLS.
    pub private: bool,
    /// How many requests a node may have under way at once.
    pub at_once: usize,
    /// How long it knows a request by its key; nothing where it knows none.
    pub remembers: Option<Duration>,
    /// How long a turn waits for it before the caller hears that it lasts.
    pub in_turn: Duration,
    /// How requests are signed.
    pub sign: Option<ServiceSign>,
    /// Whether it may get sensitive answers.
    pub trusted: bool,
}

/// How requests to a service are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceSign {
    /// As the carrier signs its own, with the account's auth token.
    Twilio,
}

/// `[check.levels]`: what `check` makes of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultLevel {
    /// It is not reported.
    Allow,
    /// It is reported below what somebody should look at.
    Note,
    /// It is reported, and all is well.
    Warn,
    /// It is an error.
    Deny,
}

impl FaultLevel {
    /// The level of a name.
    fn named(name: &str) -> Option<Self> {
        match name {
            "allow" => Some(Self::Allow),
            "note" => Some(Self::Note),
            "warn" => Some(Self::Warn),
            "deny" => Some(Self::Deny),
            _ => None,
        }
    }
}

/// `[machines.<name>]`: what a call is handed to, or what hears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Machine {
    /// Talks by text, at this socket.
    Relay(String),
    /// Hears and speaks sound, at this socket.
    Stream(String),
    /// Is an agent of the carrier's, by its connector.
    Agent(String),
    /// Gets what is said as text, at this URL.
    Transcription(String),
}

/// `[senders]`: who an SMS comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A number of the account, in E.164.
    Number(String),
    /// A messaging service: `MG…`.
    Service(String),
}

/// `[verify]`: codes for web forms.
#[derive(Clone, Debug)]
pub struct VerifyForm {
    /// Whoever has it may ask.
    pub token: SecretString,
    /// Who codes come from.
    pub from: Sender,
    /// What an SMS says, with a placeholder for the code.
    pub words: String,
    /// The site that a code belongs to.
    pub origin: Option<String>,
}

/// `[outbound]`: calls that we place.
#[derive(Clone, Debug, Default)]
pub struct Outbound {
    /// The number that calls come from which name no other.
    pub from: Option<String>,
    /// Whoever has it may have calls placed.
    pub token: Option<SecretString>,
    /// How many calls all nodes together begin in a second at most.
    pub pace: f64,
    /// The file of numbers that are never called.
    pub suppress: Option<PathBuf>,
    /// How many calls in a row the carrier may refuse before a node places none for a while.
    pub stop_after: u32,
}

/// `[alarms]`: who is told when somebody has to act.
#[derive(Clone, Debug)]
pub struct Alarms {
    /// Where they are posted; may hold a secret.
    pub webhook: Option<SecretString>,
    /// What is sent with them.
    pub webhook_token: Option<SecretString>,
    /// Who gets mails; nobody unless all of it is set.
    pub mail: Option<AlarmMail>,
    /// After how long one that stays on is told again.
    pub repeat: Duration,
    /// Where the console is, as people open it.
    pub page: Option<String>,
}

/// Mails of alarms.
#[derive(Clone, Debug)]
pub struct AlarmMail {
    /// The server; may hold a password.
    pub server: SecretString,
    /// Who they come from (checked).
    pub from: String,
    /// Who gets them: addresses with commas between (checked).
    pub to: String,
}

/// `[prices]`: as the operator's carrier bills them.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    /// What they are in.
    pub currency: String,
    /// A minute of the caller's leg, started.
    pub minute: f64,
    /// A minute of a leg to a number that was dialled and answered, started.
    pub dialled_minute: f64,
    /// A hundred characters that a neural voice says.
    pub neural_hundred: f64,
    /// A segment of an SMS.
    pub sms_segment: f64,
}

/// `[log]`
#[derive(Clone, Debug)]
pub struct Log {
    /// For people or for machines.
    pub format: telemetry::Format,
    /// What is logged (checked by [`telemetry::filter`]).
    pub level: String,
}

impl Settings {
    /// Puts the layers together: the files of `folder` (which need not be there) in the order of their names, then those
    /// variables of the environment that begin with [`PREFIX`]; and the defaults of what none of them sets.
    ///
    /// # Errors
    /// Everything that is wrong in any layer, at once.
    pub fn load(
        folder: &Path,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        let (mut faults, mut warnings) = (Vec::new(), Vec::new());
        let mut sources = source::files(folder, &mut faults, &mut warnings);
        sources.extend(source::variables(environment, &mut faults));
        let mut reader = Reader::new(&sources, (faults, warnings));
        let merged = layer::merge(&mut reader);
        let mut settings = read::settings(folder, &merged, &mut reader);
        if reader.is_right() {
            check::whole(&settings, &mut reader);
            settings.warnings = std::mem::take(&mut reader.warnings);
        }
        let faults = reader.into_faults();
        if faults.is_empty() {
            Ok(settings)
        } else {
            Err(Error(faults))
        }
    }
}

#[cfg(test)]
mod tests;

//! Every setting, declared once: its name, bounds, default and meaning. Reading, faults, `config/default.toml` and the table
//! of the README follow from it.

mod alarms;
mod carrier;
mod machines;
mod outbound;
mod policy;
mod services;
mod verify;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

pub(super) use self::alarms::*;
pub(super) use self::carrier::*;
pub(super) use self::machines::*;
pub(super) use self::outbound::*;
pub(super) use self::policy::*;
pub(super) use self::services::*;
pub(super) use self::verify::*;
use super::{FaultLevel, Sender, value};
use crate::telemetry::Format;
use crate::written::keys::{Key, Names, Shape};
use crate::written::number::{CALLED, E164};
use crate::written::{Field, TextField};

/// A rule that reads a text, and what to write, for whoever wrote something else.
type Rule<T> = (fn(&str) -> Option<T>, &'static str);

const ADDRESS: Rule<SocketAddr> = (
    value::address,
    "write an address and a port, such as 127.0.0.1:8080",
);
const DIR: Rule<PathBuf> = (value::folder, "write the path of a folder");
const TOKEN: Rule<SecretString> = (value::token, "write the token, without spaces");
/// The most of all lengths of time that have no better reason for it: longer than anybody plans.
const YEARS: &str = "3650d";
const AT_MOST_YEARS: &str = "write at most 3650d";

/// All settings.
pub(super) const SETTINGS: &[Key] = &[
    SERVER, ADMIN, FLOWS, AUDIO, HOURS, STORE, CALLS, RECORDINGS, OUTBOX, TWILIO, BACKENDS,
    SERVICES, CONTACTS, LINES, QUEUES, CONNECTORS, MACHINES, SENDERS, POLICY, VERIFY, OUTBOUND,
    ALARMS, CHECK, PRICES, LOG, DATA,
];

pub(super) const SERVER: Key = Key::new(
    "server",
    Shape::Table(&[
        SERVER_LISTEN.key,
        PUBLIC_URL.key,
        WORKERS.key,
        CONNECTIONS.key,
    ]),
    "",
    "server.listen = \"127.0.0.1:8080\"",
);

pub(super) const SERVER_LISTEN: TextField<SocketAddr> = TextField::new(
    "listen",
    ADDRESS,
    "Where webhooks come in. Anything but loopback needs a token.",
    "listen = \"127.0.0.1:8080\"",
)
.or("\"127.0.0.1:8080\"");

pub(super) const PUBLIC_URL: TextField<String> = TextField::new(
    "public_url",
    (
        value::public_url,
        "write an absolute https URL, with nothing behind its path",
    ),
    "The URL that Twilio calls, against which signatures are checked. It may have a path, which is put before ours. Needs a \
     token.",
    "public_url = \"https://ivr.example.com\"",
);

pub(super) const WORKERS: Field<u32> = Field::whole(
    "workers",
    (0, 256),
    "Threads that serve; 0 is one per core.",
    "workers = 2",
)
.or("0")
.bounds_help(
    "write 0 for one a core",
    "write 0 for one a core, or at most 256: more threads than cores only wait for each other",
);

pub(super) const CONNECTIONS: Field<u32> = Field::whole(
    "connections",
    (64, 1_000_000),
    "Connections that are open at once; the next ones wait. Each is a file to the system, whose limit is raised at start.",
    "connections = 8192",
)
.or("8192")
.bounds_help(
    "write at least 64: with fewer, a few slow connections keep every caller out",
    "write at most 1000000: each takes a file and 16 kB of memory",
);

pub(super) const ADMIN: Key = Key::new(
    "admin",
    Shape::Table(&[ADMIN_LISTEN.key, ADMIN_TOKEN.key]),
    "",
    "admin.listen = \"127.0.0.1:8081\"",
);

pub(super) const ADMIN_LISTEN: TextField<SocketAddr> = TextField::new(
    "listen",
    ADDRESS,
    "A separate address for the console, figures, health and the commands of the outbox. Anything but loopback needs \
     `admin.token`.",
    "listen = \"127.0.0.1:8081\"",
);

pub(super) const ADMIN_TOKEN: TextField<SecretString> = TextField::new(
    "token",
    (value::admin_token, value::ADMIN_TOKEN),
    "Whoever has it may give commands there (`Authorization: Bearer …`) and log in to the console. At least 16 characters \
     (`openssl rand -hex 16`).",
    "token = \"4f9d2c6b8a7e1d3c\"",
)
.secret();

pub(super) const FLOWS: Key = Key::new(
    "flows",
    Shape::Names(Names {
        form: "",
        sample: "pickup",
        of: &Shape::Table(&[FLOW_CONTACTS]),
        fixed: &[FLOWS_DIR.key],
        some: false,
    }),
    "",
    "flows.dir = \"flows\"",
);

pub(super) const FLOWS_DIR: TextField<PathBuf> = TextField::new(
    "dir",
    DIR,
    "The folder of the flow files.",
    "dir = \"flows\"",
)
.or("\"flows\"");

pub(super) const FLOW_CONTACTS: Key = Key::new(
    "contacts",
    names("desk", &Shape::Form(E164)),
    "The contacts of one flow, which beat all others of these names.",
    "contacts.desk = \"+442079460000\"",
);

pub(super) const AUDIO: Key = Key::new(
    "audio",
    Shape::Table(&[AUDIO_DIR.key]),
    "",
    "audio.dir = \"audio-manifest\"",
);

pub(super) const AUDIO_DIR: TextField<PathBuf> = TextField::new(
    "dir",
    DIR,
    "The folder of prompts and recordings, with a file for each language.",
    "dir = \"audio-manifest\"",
)
.or("\"audio-manifest\"");

pub(super) const HOURS: Key = Key::new(
    "hours",
    Shape::Table(&[HOURS_DIR.key]),
    "",
    "hours.dir = \"config/hours\"",
);

pub(super) const HOURS_DIR: TextField<PathBuf> = TextField::new(
    "dir",
    DIR,
    "The folder of opening hours. Where it is not set: the folder `hours` beside this file.",
    "dir = \"config/hours\"",
);

pub(super) const STORE: Key = Key::new(
    "store",
    Shape::Table(&[STORE_URL.key, SEAL_KEY.key]),
    "",
    "store.url = \"local:data\"",
);

pub(super) const STORE_URL: TextField<SecretString> = TextField::new(
    "url",
    (value::store, value::STORES),
    "Where calls live: `local:FOLDER` (a file on disk), `redis://HOST`, `rediss://HOST`, `redis+cluster://HOST`, \
     `redis+sentinel://HOST,HOST/NAME`, or `memory:` (for tests: everything is lost at the end).",
    "url = \"local:data\"",
)
.secret()
.or("\"local:data\"");

pub(super) const SEAL_KEY: TextField<SecretString> = TextField::new(
    "seal_key",
    (
        value::seal_key,
        "write 32 bytes in base64 (openssl rand -base64 32)",
    ),
    "Protects sensitive answers: 32 bytes in base64 (`openssl rand -base64 32`). Of several, with commas between, the first \
     seals and all open. Where it is not set it is derived from the auth tokens; without a token it is a file in the data \
     folder.",
    "seal_key = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"",
)
.secret();

pub(super) const CALLS: Key = Key::new(
    "calls",
    Shape::Table(&[
        HANGUP_GRACE.key,
        SILENT_AFTER.key,
        KEEP_FINISHED.key,
        KEEP_TRAIL.key,
        CACHED.key,
    ]),
    "",
    "calls.silent_after = \"30m\"",
);

pub(super) const HANGUP_GRACE: Field<Duration> = Field::between(
    "hangup_grace",
    ("1ms", "24h"),
    "How long a last key on its way counts after a hang-up.",
    "hangup_grace = \"15s\"",
)
.or("\"15s\"")
.bounds_help(
    "write at least 1ms: a last turn that is on its way would be lost",
    "write at most 24h: so long, nobody would hear of a caller who has hung up",
);

pub(super) const SILENT_AFTER: Field<Duration> = Field::between(
    "silent_after",
    ("1m", YEARS),
    "When a call counts as ended if nothing is heard of it.",
    "silent_after = \"30m\"",
)
.or("\"30m\"")
.bounds_help(
    "write at least 1m: a caller who listens and thinks would lose the call",
    "write at most 3650d: a call whose end nobody reports would never end",
);

pub(super) const KEEP_FINISHED: Field<Duration> = Field::between(
    "keep_finished",
    ("1s", YEARS),
    "How long a finished call is remembered.",
    "keep_finished = \"1h\"",
)
.or("\"1h\"")
.bounds_help(
    "write at least 1s: a repeat of the last request would begin the call again",
    AT_MOST_YEARS,
);

pub(super) const KEEP_TRAIL: Field<Duration> = Field::between(
    "keep_trail",
    ("0s", YEARS),
    "How long after its last turn you can look up what a call did (`hookswitch calls`); `0s` keeps no trails.",
    "keep_trail = \"7d\"",
)
.or("\"7d\"")
.bounds_help("", AT_MOST_YEARS);

pub(super) const CACHED: Field<u32> = Field::whole(
    "cached",
    (0, 100_000_000),
    "Calls that a node keeps in memory, which saves a round trip a turn.",
    "cached = 50000",
)
.or("50000")
.bounds_help(
    "write at least 0",
    "write at most 100000000: each call takes about a kilobyte of memory",
);

pub(super) const OUTBOX: Key = Key::new(
    "outbox",
    Shape::Table(&[KEEP_DELIVERED.key]),
    "",
    "outbox.keep_delivered = \"7d\"",
);

pub(super) const KEEP_DELIVERED: Field<Duration> = Field::between(
    "keep_delivered",
    ("0s", YEARS),
    "How long a delivery can be looked up and sent again after the backend said yes; `0s` keeps none.",
    "keep_delivered = \"7d\"",
)
.or("\"7d\"")
.bounds_help("", AT_MOST_YEARS);

pub(super) const BACKENDS: Key = Key::new(
    "backends",
    names(
        "pickups",
        &Shape::Table(&[
            BACKEND_URL.key,
            BACKEND_SECRET.key,
            REMEMBERS.key,
            PAUSED.key,
            CONCURRENCY.key,
            TIMEOUT.key,
            PACE.key,
        ]),
    ),
    "Who gets what callers selected: a table for each backend, with the name that a flow's `submit` says \
     (`[a-z][a-z0-9_]*`).",
    "backends.pickups.url = \"https://crm.example.com/pickups\"",
);

pub(super) const BACKEND_URL: TextField<String> = TextField::new(
    "url",
    (
        value::backend_url,
        "write an absolute http or https URL, or log: to print only",
    ),
    "Where deliveries are posted: http, https, or `log:` to print only.",
    "url = \"https://crm.example.com/pickups\"",
);

pub(super) const BACKEND_SECRET: TextField<SecretString> = TextField::new(
    "secret",
    (
        value::webhook_secret,
        "write whsec_ and base64 of 24 to 64 bytes",
    ),
    "Signs deliveries after the Standard Webhooks specification: `whsec_` and base64 of 24 to 64 bytes.",
    "secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"",
)
.secret();

pub(super) const REMEMBERS: Field<Duration> = Field::between(
    "remembers",
    ("1s", YEARS),
    "How long the backend knows a delivery's id; an uncertain delivery is not tried again after that.",
    "remembers = \"24h\"",
)
.or("\"24h\"")
.bounds_help(
    "write at least 1s: a backend that remembers no ids cannot recognize a repeat, so nothing would be tried twice",
    AT_MOST_YEARS,
);

pub(super) const PAUSED: Field<bool> = Field::flag(
    "paused",
    "Deliveries wait while this is true.",
    "paused = true",
)
.or("false");

pub(super) const CONCURRENCY: Field<u32> = Field::whole(
    "concurrency",
    (1, 1_000),
    "Deliveries to it that a node may have under way at once.",
    "concurrency = 4",
)
.or("16")
.bounds_help(
    "write at least 1: with none, nothing would be delivered",
    "write at most 1000: each is a connection to the backend",
);

pub(super) const TIMEOUT: Field<Duration> = Field::between(
    "timeout",
    ("1s", "60s"),
    "How long an attempt may take.",
    "timeout = \"15s\"",
)
.or("\"15s\"")
.bounds_help(
    "write at least 1s: a backend that is only far away would seem to be silent",
    "write at most 60s: a backend that has not answered within a minute is taken not to answer",
);

pub(super) const PACE: Field<f64> = Field::amount_within(
    "pace",
    (0.1, 10_000.0),
    "Attempts that a node may begin per second; no limit if it is not set.",
    "pace = 10",
)
.bounds_help(
    "write at least 0.1 attempts a second, or pause the backend",
    "write at most 10000 attempts a second, or leave it out",
);

pub(super) const CONTACTS: Key = Key::new(
    "contacts",
    names("desk", &Shape::Form(E164)),
    "Telephone numbers by name (`[a-z][a-z0-9_]*`), for all flows: a plus, country code and number. A flow's own beat them.",
    "contacts.desk = \"+442079460000\"",
);

pub(super) const LINES: Key = Key::new(
    "lines",
    names("english", &Shape::Form(CALLED)),
    "The numbers that are called, by the names that flows give them (`numbers = { english = \"+…\" }`): these beat the flows'.",
    "lines.english = \"+442079460123\"",
);

pub(super) const LINE: TextField<String> = TextField::new(
    "lines",
    (
        value::line,
        "write a plus, country code and number, no spaces: \"+442079460123\"; or \"sip:name@host\"",
    ),
    LINES.doc,
    LINES.example,
);

pub(super) const QUEUES: Key = Key::new(
    "queues",
    names("engineers", &Shape::Text),
    "What queues are at the carrier, by the names that flows give them (`queue = \"engineers\"`): a queue's name there, or the \
     sid of a workflow (`WW…`). A queue of the same name where nothing is said.",
    "queues.engineers = \"Engineers, day shift\"",
);

pub(super) const QUEUE: TextField<String> = TextField::new(
    "queues",
    (
        value::queue,
        "write a queue's name at the carrier, 64 characters at most, or a workflow's sid: \"WW…\"",
    ),
    QUEUES.doc,
    QUEUES.example,
);

pub(super) const SENDERS: Key = Key::new(
    "senders",
    names("desk", &Shape::Text),
    "Who SMS come from, by the names that flows give them (`from = \"desk\"`): a number of the account, or a messaging service \
     (`MG…`). They are sent by `twilio.account_sid`.",
    "senders.desk = \"+442079460123\"",
);

pub(super) const SENDER: TextField<Sender> = TextField::new(
    "senders",
    (
        value::sender,
        "write a plus, country code and number, no spaces: \"+442079460123\"; or a messaging service: \"MG…\"",
    ),
    SENDERS.doc,
    SENDERS.example,
);

pub(super) const CONTACT: TextField<String> = TextField::new(
    "contacts",
    (
        value::number,
        "write a plus, country code and number, no spaces: \"+442079460000\"",
    ),
    CONTACTS.doc,
    CONTACTS.example,
);

pub(super) const CHECK: Key = Key::new(
    "check",
    Shape::Table(&[LEVELS]),
    "",
    "check.levels.answer-survives = \"deny\"",
);

pub(super) const LEVELS: Key = Key::new(
    "levels",
    names(
        "answer-survives",
        &Shape::Word(&["allow", "note", "warn", "deny"]),
    ),
    "What `hookswitch check` makes of a fault, by its code (`check --explain CODE`): `allow`, `note`, `warn` or `deny`. An error \
     that keeps a flow out of service stays one. In files only.",
    "levels.answer-survives = \"deny\"",
);

pub(super) const LEVEL: TextField<FaultLevel> = TextField::new(
    "levels",
    (FaultLevel::named, "write allow, note, warn or deny"),
    LEVELS.doc,
    LEVELS.example,
);

pub(super) const PRICES: Key = Key::new(
    "prices",
    Shape::Table(&[
        CURRENCY.key,
        MINUTE.key,
        DIALLED_MINUTE.key,
        NEURAL_HUNDRED.key,
        SMS_SEGMENT.key,
    ]),
    "What calls cost, as your carrier bills them, for `hookswitch check --time` and `[check] call_cost` of a flow.",
    "prices.currency = \"EUR\"",
);

pub(super) const CURRENCY: TextField<String> = TextField::new(
    "currency",
    (
        value::currency,
        "write the three letters of a currency, such as EUR",
    ),
    "What all prices are in.",
    "currency = \"EUR\"",
);

pub(super) const MINUTE: Field<f64> = Field::amount(
    "minute",
    "The price of a minute of the caller's leg; one that has begun counts whole.",
    "minute = 0.0085",
);

pub(super) const DIALLED_MINUTE: Field<f64> = Field::amount(
    "dialled_minute",
    "The price of a minute of a leg to a number that a flow dials, once somebody answers.",
    "dialled_minute = 0.014",
);

pub(super) const NEURAL_HUNDRED: Field<f64> = Field::amount(
    "neural_hundred",
    "The price of a hundred characters that a neural voice says.",
    "neural_hundred = 0.0032",
);

pub(super) const SMS_SEGMENT: Field<f64> = Field::amount(
    "sms_segment",
    "The price of a segment of an SMS: a part of up to 160 letters, or of 70 where one is not in the alphabet of GSM.",
    "sms_segment = 0.04",
);

pub(super) const LOG: Key = Key::new(
    "log",
    Shape::Table(&[LOG_FORMAT.key, LOG_LEVEL.key]),
    "",
    "log.format = \"json\"",
);

pub(super) const LOG_FORMAT: TextField<Format> = TextField::new(
    "format",
    (value::format, "write human or json"),
    "`human`, or `json` for machines. Logs go to stderr.",
    "format = \"json\"",
)
.or("\"human\"");

pub(super) const LOG_LEVEL: TextField<String> = TextField::new(
    "level",
    (
        value::log_level,
        "write error, warn, info, debug or trace, or part=level with commas between",
    ),
    "`error`, `warn`, `info`, `debug` or `trace`; also by part: `info,hookswitch::outbox=debug`.",
    "level = \"info,hookswitch::outbox=debug\"",
)
.or("\"info\"");

pub(super) const DATA: Key = Key::new(
    "data",
    Shape::Table(&[DATA_DIR.key]),
    "",
    "data.dir = \"data\"",
);

pub(super) const DATA_DIR: TextField<PathBuf> = TextField::new(
    "dir",
    DIR,
    "This node's own files: its control socket, and its seal key if no token is set.",
    "dir = \"data\"",
)
.or("\"data\"");

const fn names(sample: &'static str, of: &'static Shape) -> Shape {
    Shape::Names(Names {
        form: "",
        sample,
        of,
        fixed: &[],
        some: false,
    })
}

//! From the merged table to settings, one function a table. Every fault is noted, and none stops the reading: what is
//! faulty gets its default, and whoever asks looks into the reader's faults first.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use secrecy::ExposeSecret as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{
    ACCOUNT_SID, ACCOUNT_TOKEN, ACCOUNTS, ADMIN, ADMIN_LISTEN, ADMIN_TOKEN, ALARM_FROM, ALARM_PAGE,
    ALARM_REPEAT, ALARM_SMTP, ALARM_TO, ALARM_WEBHOOK, ALARM_WEBHOOK_TOKEN, ALARMS, API_KEY,
    API_SECRET, API_URL, AT_ONCE, AUDIO, AUDIO_DIR, AUTH_TOKEN, AUTH_TOKEN_OLD, BACKEND_SECRET,
    BACKEND_URL, BACKENDS, CACHED, CALLS, CHECK, CONCURRENCY, CONNECTIONS, CONNECTOR, CONNECTORS,
    CONTACT, CONTACTS, COPY, COPY_ENDPOINT, COPY_KEY, COPY_REGION, COPY_SECRET, COUNTRY,
    COUNTRY_DAY, COUNTRY_HOUR, CURRENCY, DATA, DATA_DIR, DIAL, DIALLED_MINUTE, FLOW_CONTACTS,
    FLOWS, FLOWS_DIR, FORM_FROM, FORM_ORIGIN, FORM_TOKEN, FORM_WORDS, HANGUP_GRACE, HEADER,
    HEADERS, HOURS, HOURS_DIR, IN_TURN, KEEP_DELIVERED, KEEP_FINISHED, KEEP_TRAIL, KIND, KINDS,
    LEVEL, LEVELS, LINE, LINES, LOG, LOG_FORMAT, LOG_LEVEL, MACHINE_AT, MACHINE_KIND, MACHINES,
    MINUTE, MODE, NEURAL_HUNDRED, NUMBER_DAY, NUMBER_TEN_MINUTES, OUTBOUND, OUTBOUND_FROM,
    OUTBOUND_PACE, OUTBOUND_TOKEN, OUTBOX, PACE, PAUSED, PER_CALL, PER_CALLER, PER_DAY, PER_NUMBER,
    PER_PREFIX, POLICY, PREFIX_DAY, PREFIX_HOUR, PRICES, PRIVATE, PUBLIC_URL, QUEUE, QUEUES,
    RECORDINGS, RECORDINGS_WAIT, REMEMBERS, SEAL_KEY, SENDER, SENDERS, SERVER, SERVER_LISTEN,
    SERVICE_REMEMBERS, SERVICE_SECRET, SERVICE_URL, SERVICES, SHARE, SHARED_KEYS, SHARED_SECRET,
    SIGN, SILENT_AFTER, SMS_SEGMENT, SOURCE_COUNTRIES, SOURCE_DAY, SOURCE_HOUR, STOP_AFTER, STORE,
    STORE_URL, SUPPRESS, TEXT, TIMEOUT, TRUSTED, TWILIO, VERIFY, WORKERS,
};
use super::reader::{Reader, note};
use super::value::is_flow;
use super::{
    Account, Admin, AlarmMail, Alarms, Backend, Calls, FaultLevel, Folder, Log, Machine, Outbound,
    Outbox, Prices, Recordings, Sender, Server, Service, Settings, SharedKey, Store, Twilio,
    VerifyForm, value,
};
use crate::policy::{Caps, Country, Policy};
use crate::verify::SendLimits;
use crate::written::keys::Key;
use crate::written::{Code, Field, Item, Table, TextField, is_name};

/// The shortest token for web forms.
const SHORTEST_TOKEN: usize = 16;

/// Reads everything, for files in the folder `beside` which opening hours are.
pub(super) fn settings(
    beside: &Path,
    merged: &Spanned<DeValue<'_>>,
    reader: &mut Reader<'_>,
) -> Settings {
    let empty = DeTable::new();
    let entries = merged.get_ref().as_table().unwrap_or(&empty);
    let top = Top {
        table: Table::new(entries, merged.span()),
        empty: &empty,
    };
    let (mut flow_contacts, mut verify_form) = (BTreeMap::new(), None);
    let settings = Settings {
        server: top.read(&SERVER, reader, server),
        admin: top.read(&ADMIN, reader, admin),
        flows: top.read(&FLOWS, reader, |table, reader| {
            flow_contacts = contacts_of_flows(table, reader);
            folder(&FLOWS_DIR, table, reader)
        }),
        audio: top.read(&AUDIO, reader, |table, reader| {
            folder(&AUDIO_DIR, table, reader)
        }),
        hours: top.read(&HOURS, reader, |table, reader| {
            let dir = HOURS_DIR.find(table, reader).map(|(dir, _)| dir);
            Folder {
                dir: dir.unwrap_or_else(|| beside.join(HOURS.name)),
            }
        }),
        store: top.read(&STORE, reader, store),
        calls: top.read(&CALLS, reader, calls),
        recordings: top.read(&RECORDINGS, reader, recordings),
        outbox: top.read(&OUTBOX, reader, |table, reader| Outbox {
            keep_delivered: KEEP_DELIVERED.read(table, reader),
        }),
        twilio: top.read(&TWILIO, reader, twilio),
        backends: backends(&top.table, reader),
        services: services(&top.table, reader),
        contacts: contacts(&CONTACTS, &top.table, reader),
        flow_contacts,
        lines: lines(&top.table, reader),
        queues: queues(&top.table, reader),
        connectors: connectors(&top.table, reader),
        machines: machines(&top.table, reader),
        senders: senders(&top.table, reader),
        policy: top.read(&POLICY, reader, policy),
        verify: top.read(&VERIFY, reader, |table, reader| {
            verify_form = form(table, reader);
            verify(table, reader)
        }),
        verify_form,
        outbound: top.read(&OUTBOUND, reader, outbound),
        alarms: top.read(&ALARMS, reader, alarms),
        levels: top.read(&CHECK, reader, levels),
        prices: top.read(&PRICES, reader, prices),
        log: top.read(&LOG, reader, |table, reader| Log {
            format: LOG_FORMAT.read(table, reader),
            level: LOG_LEVEL.read(table, reader),
        }),
        data: top.read(&DATA, reader, |table, reader| {
            folder(&DATA_DIR, table, reader)
        }),
        warnings: Vec::new(),
    };
    top.table.finish(reader, "the top of the settings");
    settings
}

/// The tables at the top.
struct Top<'a> {
    table: Table<'a>,
    /// What is read where one is not there.
    empty: &'a DeTable<'a>,
}

impl<'a> Top<'a> {
    /// Reads a table, be it there or not.
    fn read<T>(
        &self,
        key: &Key,
        reader: &mut Reader<'_>,
        read: impl FnOnce(&Table<'a>, &mut Reader<'_>) -> T,
    ) -> T {
        let table = key.table(&self.table, reader);
        let table = table.unwrap_or_else(|| Table::new(self.empty, self.table.span()));
        let value = read(&table, reader);
        finish(table, reader);
        value
    }
}

/// Notes what is unknown in a table.
fn finish(table: Table<'_>, reader: &mut Reader<'_>) {
    let whose = format!("`[{}]`", reader.path(&table));
    table.finish(reader, &whose);
}

fn server(table: &Table<'_>, reader: &mut Reader<'_>) -> Server {
    Server {
        listen: SERVER_LISTEN.read(table, reader),
        public_url: text(&PUBLIC_URL, table, reader),
        workers: NonZero::new(count(&WORKERS, table, reader)).map_or_else(cores, NonZero::get),
        connections: count(&CONNECTIONS, table, reader),
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

fn count(field: &Field<u32>, table: &Table<'_>, reader: &mut Reader<'_>) -> usize {
    field.read(table, reader) as usize
}

/// What may be left out.
fn text<T>(field: &TextField<T>, table: &Table<'_>, reader: &mut Reader<'_>) -> Option<T> {
    field.find(table, reader).map(|(value, _)| value)
}

fn admin(table: &Table<'_>, reader: &mut Reader<'_>) -> Admin {
    Admin {
        listen: text(&ADMIN_LISTEN, table, reader),
        token: text(&ADMIN_TOKEN, table, reader),
    }
}

fn folder(field: &TextField<PathBuf>, table: &Table<'_>, reader: &mut Reader<'_>) -> Folder {
    Folder {
        dir: field.read(table, reader),
    }
}

fn store(table: &Table<'_>, reader: &mut Reader<'_>) -> Store {
    Store {
        url: STORE_URL.read(table, reader),
        seal_key: SEAL_KEY.find_all(table, reader),
    }
}

fn calls(table: &Table<'_>, reader: &mut Reader<'_>) -> Calls {
    Calls {
        hangup_grace: HANGUP_GRACE.read(table, reader),
        silent_after: SILENT_AFTER.read(table, reader),
        keep_finished: KEEP_FINISHED.read(table, reader),
        keep_trail: KEEP_TRAIL.read(table, reader),
        cached: count(&CACHED, table, reader),
    }
}

fn recordings(table: &Table<'_>, reader: &mut Reader<'_>) -> Recordings {
    Recordings {
        wait: RECORDINGS_WAIT.read(table, reader),
        copy: text(&COPY, table, reader),
        key: text(&COPY_KEY, table, reader),
        secret: text(&COPY_SECRET, table, reader),
        region: text(&COPY_REGION, table, reader),
        endpoint: text(&COPY_ENDPOINT, table, reader),
    }
}

fn outbound(table: &Table<'_>, reader: &mut Reader<'_>) -> Outbound {
    Outbound {
        from: text(&OUTBOUND_FROM, table, reader),
        token: text(&OUTBOUND_TOKEN, table, reader),
        pace: OUTBOUND_PACE.read(table, reader),
        suppress: text(&SUPPRESS, table, reader),
        stop_after: STOP_AFTER.read(table, reader),
    }
}

fn alarms(table: &Table<'_>, reader: &mut Reader<'_>) -> Alarms {
    let server = text(&ALARM_SMTP, table, reader);
    let from = text(&ALARM_FROM, table, reader);
    let to = text(&ALARM_TO, table, reader);
    let some = server.is_some() || from.is_some() || to.is_some();
    let mail = match (server, from, to) {
        (Some(server), Some(from), Some(to)) => Some(AlarmMail { server, from, to }),
        _ => None,
    };
    if some && mail.is_none() {
        let first = [ALARM_SMTP.key, ALARM_FROM.key, ALARM_TO.key];
        let item = first.iter().find_map(|key| table.peek(key.name));
        let place = (Code::SettingNotRight, item.map_or(0..0, |item| item.span()));
        let message = "is not enough for mails: nobody would get one";
        let help = "set smtp, mail_from and mail_to, or none of them";
        note(reader, place, message, help);
    }
    Alarms {
        webhook: text(&ALARM_WEBHOOK, table, reader),
        webhook_token: text(&ALARM_WEBHOOK_TOKEN, table, reader),
        mail,
        repeat: ALARM_REPEAT.read(table, reader),
        page: text(&ALARM_PAGE, table, reader),
    }
}

fn twilio(table: &Table<'_>, reader: &mut Reader<'_>) -> Twilio {
    let account = |table: &Table<'_>, reader: &mut Reader<'_>| {
        let auth_token = ACCOUNT_TOKEN.read_required(table, reader)?;
        Some(Account { auth_token })
    };
    let key = |table: &Table<'_>, reader: &mut Reader<'_>| {
        let secret = SHARED_SECRET.read_required(table, reader)?;
        Some(SharedKey { secret })
    };
    let (accounts, keys) = (
        names(&ACCOUNTS, table, reader),
        names(&SHARED_KEYS, table, reader),
    );
    Twilio {
        auth_token: text(&AUTH_TOKEN, table, reader),
        auth_token_old: text(&AUTH_TOKEN_OLD, table, reader),
        account_sid: text(&ACCOUNT_SID, table, reader),
        api_key: text(&API_KEY, table, reader),
        api_secret: text(&API_SECRET, table, reader),
        api_url: API_URL.read(table, reader),
        accounts: named(accounts, reader, account)
            .into_iter()
            .map(|(sid, account)| (value::account(&sid), account))
            .collect(),
        keys: named(keys, reader, key),
    }
}

/// The names and values of a table whose names the operator chooses.
fn names<'a>(key: &Key, table: &Table<'a>, reader: &mut Reader<'_>) -> Vec<(&'a str, Item<'a>)> {
    let table = key.table(table, reader);
    table.map(|table| table.all()).unwrap_or_default()
}

/// The values of tables by their names.
fn named<T>(
    entries: Vec<(&str, Item<'_>)>,
    reader: &mut Reader<'_>,
    read: impl Fn(&Table<'_>, &mut Reader<'_>) -> Option<T>,
) -> BTreeMap<String, T> {
    let mut all = BTreeMap::new();
    for (name, item) in entries {
        let what = format!("`{name}` must be a table");
        let Some(table) = item.table(reader, &what) else {
            continue;
        };
        let value = read(&table, reader);
        finish(table, reader);
        all.extend(value.map(|value| (name.to_owned(), value)));
    }
    all
}

/// Telephone numbers by name.
fn contacts(key: &Key, table: &Table<'_>, reader: &mut Reader<'_>) -> BTreeMap<String, String> {
    let mut contacts = BTreeMap::new();
    for (name, item) in names(key, table, reader) {
        note_name(is_name(name), "is not a contact's name", item, reader);
        let number = CONTACT.parse(item, reader);
        contacts.extend(number.map(|number| (name.to_owned(), number)));
    }
    contacts
}

/// Numbers that are called, by name.
fn lines(table: &Table<'_>, reader: &mut Reader<'_>) -> BTreeMap<String, String> {
    let mut lines = BTreeMap::new();
    for (name, item) in names(&LINES, table, reader) {
        note_name(is_name(name), "is not a line's name", item, reader);
        let number = LINE.parse(item, reader);
        lines.extend(number.map(|number| (name.to_owned(), number)));
    }
    lines
}

/// What queues are at the carrier, by name.
fn queues(table: &Table<'_>, reader: &mut Reader<'_>) -> BTreeMap<String, String> {
    let mut queues = BTreeMap::new();
    for (name, item) in names(&QUEUES, table, reader) {
        note_name(is_name(name), "is not a queue's name", item, reader);
        let queue = QUEUE.parse(item, reader);
        queues.extend(queue.map(|queue| (name.to_owned(), queue)));
    }
    queues
}

/// What takes payments, by name.
fn connectors(table: &Table<'_>, reader: &mut Reader<'_>) -> BTreeMap<String, String> {
    let mut connectors = BTreeMap::new();
    for (name, item) in names(&CONNECTORS, table, reader) {
        note_name(is_name(name), "is not a connector's name", item, reader);
        let connector = CONNECTOR.parse(item, reader);
        connectors.extend(connector.map(|connector| (name.to_owned(), connector)));
    }
    connectors
}

/// Machines, by name.
fn machines(table: &Table<'_>, reader: &mut Reader<'_>) -> BTreeMap<String, Machine> {
    let entries = names(&MACHINES, table, reader);
    for (name, item) in &entries {
        note_name(is_name(name), "is not a machine's name", *item, reader);
    }
    named(entries, reader, machine)
}

/// What a machine is, and where.
fn machine(table: &Table<'_>, reader: &mut Reader<'_>) -> Option<Machine> {
    let kind = MACHINE_KIND.read_required(table, reader);
    let at = MACHINE_AT.read_required(table, reader);
    let (kind, at) = (kind?, at?);
    let (machine, help) = match kind.as_str() {
        "relay" => (value::socket(&at).map(Machine::Relay), SOCKET),
        "stream" => (value::socket(&at).map(Machine::Stream), SOCKET),
        "agent" => (
            value::connector(&at).map(Machine::Agent),
            "write the name of a connector of your account: letters, digits, `_` and `-`",
        ),
        _ => (
            value::service_url(&at).map(Machine::Transcription),
            "write an absolute http or https URL, with nothing behind its path",
        ),
    };
    if machine.is_none() {
        let item = table.peek(MACHINE_AT.key.name);
        let place = (Code::SettingNotRight, item.map_or(0..0, |item| item.span()));
        note(reader, place, "is not where such a machine can be", help);
    }
    machine
}

/// What the socket of a machine must be.
const SOCKET: &str =
    "write an absolute wss URL without a query: what a machine is told goes as parameters";

/// Who SMS come from, by name.
fn senders(table: &Table<'_>, reader: &mut Reader<'_>) -> BTreeMap<String, Sender> {
    let mut senders = BTreeMap::new();
    for (name, item) in names(&SENDERS, table, reader) {
        note_name(is_name(name), "is not a sender's name", item, reader);
        let sender = SENDER.parse(item, reader);
        senders.extend(sender.map(|sender| (name.to_owned(), sender)));
    }
    senders
}

/// The contacts of single flows, which stand beside the folder of all flows.
fn contacts_of_flows(
    table: &Table<'_>,
    reader: &mut Reader<'_>,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut flows = BTreeMap::new();
    for (name, item) in table.all() {
        if name == FLOWS_DIR.key.name {
            continue;
        }
        let what = format!("`{name}` must be a flow, with a table of settings");
        let Some(flow) = item.table(reader, &what) else {
            continue;
        };
        if !is_flow(name) {
            let place = (Code::SettingNotRight, item.key_span());
            let help = "write the name of its file below the folder of flows, without `.toml`";
            note(reader, place, "is not a flow's name", help);
        }
        flows.insert(name.to_owned(), contacts(&FLOW_CONTACTS, &flow, reader));
        finish(flow, reader);
    }
    flows
}

/// Notes a name that cannot be one.
fn note_name(is_right: bool, message: &str, item: Item<'_>, reader: &mut Reader<'_>) {
    if !is_right {
        let place = (Code::SettingNotRight, item.key_span());
        note(
            reader,
            place,
            message,
            "write a small letter, then a-z, 0-9 and _",
        );
    }
}

fn backends(table: &Table<'_>, reader: &mut Reader<'_>) -> BTreeMap<String, Backend> {
    let entries = names(&BACKENDS, table, reader);
    for (name, item) in &entries {
        note_name(is_name(name), "is not a backend's name", *item, reader);
    }
    named(entries, reader, backend)
}

fn backend(table: &Table<'_>, reader: &mut Reader<'_>) -> Option<Backend> {
    let url = BACKEND_URL.read_required(table, reader);
    let (secret, remembers) = (
        text(&BACKEND_SECRET, table, reader),
        REMEMBERS.read(table, reader),
    );
    let (paused, concurrency) = (
        PAUSED.read(table, reader),
        count(&CONCURRENCY, table, reader),
    );
    let (timeout, pace) = (TIMEOUT.read(table, reader), PACE.find(table, reader));
    Some(Backend {
        url: url?,
        secret,
        remembers,
        paused,
        concurrency,
        timeout,
        pace: pace.map(|(pace, _)| pace),
    })
}

fn services(table: &Table<'_>, reader: &mut Reader<'_>) -> BTreeMap<String, Service> {
    let entries = names(&SERVICES, table, reader);
    for (name, item) in &entries {
        note_name(is_name(name), "is not a service's name", *item, reader);
    }
    named(entries, reader, service)
}

fn service(table: &Table<'_>, reader: &mut Reader<'_>) -> Option<Service> {
    let url = SERVICE_URL.read_required(table, reader);
    let mut headers = BTreeMap::new();
    for (name, item) in names(&HEADERS, table, reader) {
        let value = HEADER.parse(item, reader);
        headers.extend(value.map(|value| (name.to_owned(), value)));
    }
    let service = Service {
        url: url.clone().unwrap_or_default(),
        secret: text(&SERVICE_SECRET, table, reader),
        headers,
        private: PRIVATE.read(table, reader),
        at_once: count(&AT_ONCE, table, reader),
        remembers: SERVICE_REMEMBERS
            .find(table, reader)
            .map(|(remembers, _)| remembers),
        in_turn: IN_TURN.read(table, reader),
        sign: text(&SIGN, table, reader),
        trusted: TRUSTED.read(table, reader),
    };
    url.map(|_| service)
}

fn policy(table: &Table<'_>, reader: &mut Reader<'_>) -> Policy {
    let countries = |key: &Key, or: &[Country], reader: &mut Reader<'_>| {
        all_of(key, &COUNTRY, table, reader).unwrap_or_else(|| or.to_vec())
    };
    let defaults = Policy::default();
    Policy {
        dial: countries(&DIAL, &defaults.dial, reader),
        text: countries(&TEXT, &defaults.text, reader),
        kinds: all_of(&KINDS, &KIND, table, reader).unwrap_or(defaults.kinds),
        caps: Caps {
            call: Some(PER_CALL.read(table, reader)),
            caller: Some(PER_CALLER.read(table, reader)),
            number: Some(PER_NUMBER.read(table, reader)),
            prefix: Some(PER_PREFIX.read(table, reader)),
            day: Some(PER_DAY.read(table, reader)),
        },
        is_open: false,
    }
}

/// What web forms prove numbers with, where there is a token for them.
fn form(table: &Table<'_>, reader: &mut Reader<'_>) -> Option<VerifyForm> {
    let token = text(&FORM_TOKEN, table, reader);
    let words = FORM_WORDS.read(table, reader);
    let origin = text(&FORM_ORIGIN, table, reader);
    let Some(token) = token else {
        let _ = text(&FORM_FROM, table, reader);
        return None;
    };
    if token.expose_secret().len() < SHORTEST_TOKEN {
        let item = table.peek(FORM_TOKEN.key.name);
        let place = (Code::SettingNotRight, item.map_or(0..0, |item| item.span()));
        note(
            reader,
            place,
            "must have at least 16 characters",
            "make one: `openssl rand -hex 16`",
        );
    }
    let from = FORM_FROM.read_required(table, reader)?;
    Some(VerifyForm {
        token,
        from,
        words,
        origin,
    })
}

fn verify(table: &Table<'_>, reader: &mut Reader<'_>) -> SendLimits {
    SendLimits {
        mode: MODE.read(table, reader),
        number_ten_minutes: NUMBER_TEN_MINUTES.read(table, reader),
        number_day: NUMBER_DAY.read(table, reader),
        prefix_hour: PREFIX_HOUR.read(table, reader),
        prefix_day: PREFIX_DAY.read(table, reader),
        source_hour: SOURCE_HOUR.read(table, reader),
        source_day: SOURCE_DAY.read(table, reader),
        source_countries: SOURCE_COUNTRIES.read(table, reader),
        country_hour: COUNTRY_HOUR.read(table, reader),
        country_day: COUNTRY_DAY.read(table, reader),
        share: SHARE.read(table, reader),
    }
}

/// The values of a list, or of one text with commas between; nothing where the key is left out.
fn all_of<T>(
    key: &Key,
    each: &TextField<T>,
    table: &Table<'_>,
    reader: &mut Reader<'_>,
) -> Option<Vec<T>> {
    let item = table.get(key.name)?;
    if let Some(entries) = item.entries() {
        let entries = entries.into_iter();
        return Some(
            entries
                .filter_map(|entry| each.parse(entry, reader))
                .collect(),
        );
    }
    let text = item.value.as_str().unwrap_or_default();
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    let values: Option<Vec<T>> = parts.map(|part| each.value(part)).collect();
    if values.as_ref().is_none_or(Vec::is_empty) {
        each.parse(item, reader);
    }
    values
}

fn levels(table: &Table<'_>, reader: &mut Reader<'_>) -> BTreeMap<String, FaultLevel> {
    let levels = names(&LEVELS, table, reader).into_iter();
    let level =
        |(code, item): (&str, Item<'_>)| Some((code.to_owned(), LEVEL.parse(item, reader)?));
    levels.filter_map(level).collect()
}

fn prices(table: &Table<'_>, reader: &mut Reader<'_>) -> Option<Prices> {
    if table.is_empty() {
        return None;
    }
    let amount = |field: &Field<f64>, reader: &mut Reader<'_>| {
        field.find(table, reader).map(|(amount, _)| amount)
    };
    let (dialled_minute, neural_hundred) = (
        amount(&DIALLED_MINUTE, reader),
        amount(&NEURAL_HUNDRED, reader),
    );
    let sms_segment = amount(&SMS_SEGMENT, reader);
    let currency = CURRENCY.read_required(table, reader);
    let minute = MINUTE.read_required(table, reader);
    Some(Prices {
        currency: currency?,
        minute: minute?,
        dialled_minute: dialled_minute.unwrap_or_default(),
        neural_hundred: neural_hundred.unwrap_or_default(),
        sms_segment: sms_segment.unwrap_or_default(),
    })
}

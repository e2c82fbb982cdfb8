//! From values to settings, one function a table.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use config::{Map, Value};

use super::bounds::{
    Bounded, CACHED, CONCURRENCY, CONNECTIONS, HANGUP_GRACE, KEEP_DELIVERED, KEEP_FINISHED,
    KEEP_TRAIL, PACE, REMEMBERS, SILENT_AFTER, TIMEOUT, WORKERS,
};
use super::section::{Reader, Section, sorted};
use super::{
    Account, Admin, Backend, Calls, FaultLevel, Folder, Log, Outbox, Prices, Server, Settings,
    SharedKey, Store, Twilio, value,
};
use crate::telemetry::{Format, filter};

const TOKEN: &str = "write the token, without spaces";
const URL: &str = "write an absolute http or https URL";
const ADDRESS: &str = "write an address and a port, such as 127.0.0.1:8080";

/// Reads everything. None is a reason to look into the reader's faults; some is not yet a reason not to.
pub(super) fn settings(mut values: Map<String, Value>, reader: &mut Reader) -> Option<Settings> {
    let mut open = |name: &'static str| values.remove(name);
    // Every table is read before any is missed, so that all faults are told.
    let server = server(Section::open("", "server", open("server"), reader));
    let admin = admin(Section::open("", "admin", open("admin"), reader));
    let flows = folder(Section::open("", "flows", open("flows"), reader));
    let audio = folder(Section::open("", "audio", open("audio"), reader));
    let store = store(Section::open("", "store", open("store"), reader));
    let calls = calls(Section::open("", "calls", open("calls"), reader));
    let outbox = outbox(Section::open("", "outbox", open("outbox"), reader));
    let twilio = twilio(open("twilio"), reader);
    let backends = backends(open("backends"), reader);
    let levels = levels(Section::open("", "check", open("check"), reader));
    let prices = prices(Section::open("", "prices", open("prices"), reader));
    let log = log(Section::open("", "log", open("log"), reader));
    let data = folder(Section::open("", "data", open("data"), reader));
    Some(Settings {
        server: server?,
        admin,
        flows: flows?,
        audio: audio?,
        store: store?,
        calls: calls?,
        outbox: outbox?,
        twilio,
        backends,
        levels,
        prices,
        log: log?,
        data: data?,
        warnings: Vec::new(),
    })
}

fn server(mut section: Section<'_>) -> Option<Server> {
    let listen = section.text("listen", ADDRESS, value::address);
    let listen = section.required("listen", listen);
    let public_url = section.text(
        "public_url",
        "write an absolute https URL, with nothing behind its path",
        value::public_url,
    );
    let workers = section.count(&WORKERS);
    let workers = section.required(WORKERS.key, workers);
    let connections = section.count(&CONNECTIONS);
    let connections = section.required(CONNECTIONS.key, connections);
    section.close();
    let workers = NonZero::new(workers?).map_or_else(cores, NonZero::get);
    Some(Server {
        listen: listen?,
        public_url,
        workers,
        connections: connections?,
    })
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

fn admin(mut section: Section<'_>) -> Admin {
    let listen = section.text("listen", ADDRESS, value::address);
    let token = section.secret("token", value::ADMIN_TOKEN, value::is_admin_token);
    section.close();
    Admin { listen, token }
}

fn folder(mut section: Section<'_>) -> Option<Folder> {
    let dir = section.text("dir", "write the path of a folder", |text| {
        (!text.is_empty()).then(|| PathBuf::from(text))
    });
    let dir = section.required("dir", dir);
    section.close();
    Some(Folder { dir: dir? })
}

fn store(mut section: Section<'_>) -> Option<Store> {
    let url = section.secret("url", value::STORES, value::is_store);
    let url = section.required("url", url);
    let seal_key = section.secrets(
        "seal_key",
        "write 32 bytes in base64 (openssl rand -base64 32)",
        value::is_seal_key,
    );
    section.close();
    Some(Store {
        url: url?,
        seal_key,
    })
}

fn calls(mut section: Section<'_>) -> Option<Calls> {
    let mut duration = |setting: &Bounded<Duration>| {
        let value = section.duration(setting);
        section.required(setting.key, value)
    };
    let hangup_grace = duration(&HANGUP_GRACE);
    let silent_after = duration(&SILENT_AFTER);
    let keep_finished = duration(&KEEP_FINISHED);
    let keep_trail = duration(&KEEP_TRAIL);
    let cached = section.count(&CACHED);
    let cached = section.required(CACHED.key, cached);
    section.close();
    Some(Calls {
        hangup_grace: hangup_grace?,
        silent_after: silent_after?,
        keep_finished: keep_finished?,
        keep_trail: keep_trail?,
        cached: cached?,
    })
}

fn outbox(mut section: Section<'_>) -> Option<Outbox> {
    let keep_delivered = section.duration(&KEEP_DELIVERED);
    let keep_delivered = section.required(KEEP_DELIVERED.key, keep_delivered);
    section.close();
    Some(Outbox {
        keep_delivered: keep_delivered?,
    })
}

fn twilio(table: Option<Value>, reader: &mut Reader) -> Twilio {
    let mut section = Section::open("", "twilio", table, reader);
    let auth_token = section.secret("auth_token", TOKEN, value::is_token);
    let auth_token_old = section.secret("auth_token_old", TOKEN, value::is_token);
    let account_sid = section.text("account_sid", "write the account's SID, AC…", |text| {
        value::is_token(text).then(|| text.to_owned())
    });
    let (tables, shared) = (section.tables("accounts"), section.tables("keys"));
    section.close();
    let mut keys = BTreeMap::new();
    for (name, table) in shared {
        let mut section = Section::open("twilio.keys", &name, Some(table), reader);
        let secret = section.secret("secret", TOKEN, value::is_token);
        let secret = section.required("secret", secret);
        section.close();
        keys.extend(secret.map(|secret| (name, SharedKey { secret })));
    }
    let mut accounts = BTreeMap::new();
    for (sid, table) in tables {
        let sid = value::account(&sid);
        let mut section = Section::open("twilio.accounts", &sid, Some(table), reader);
        let token = section.secret("auth_token", TOKEN, value::is_token);
        let token = section.required("auth_token", token);
        section.close();
        accounts.extend(token.map(|auth_token| (sid, Account { auth_token })));
    }
    Twilio {
        auth_token,
        auth_token_old,
        account_sid,
        accounts,
        keys,
    }
}

fn backends(table: Option<Value>, reader: &mut Reader) -> BTreeMap<String, Backend> {
    let tables = match table.map(Value::into_table) {
        Some(Ok(tables)) => sorted(tables),
        _ => Vec::new(),
    };
    let mut backends = BTreeMap::new();
    for (name, table) in tables {
        let backend = backend(Section::open("backends", &name, Some(table), reader));
        if !value::is_backend(&name) {
            let key = format!("backends.{name}.url");
            let mut fault = reader.fault(
                &key,
                "is not a backend's name",
                "write a small letter, then a-z, 0-9 and _",
            );
            fault.key = format!("backends.{name}");
            reader.faults.push(fault);
        }
        backends.extend(backend.map(|backend| (name, backend)));
    }
    backends
}

fn backend(mut section: Section<'_>) -> Option<Backend> {
    let url = section.text(
        "url",
        &format!("{URL}, or log: to print only"),
        value::backend_url,
    );
    let url = section.required("url", url);
    let right = "write whsec_ and base64 of 24 to 64 bytes";
    let secret = section.secret("secret", right, value::is_webhook_secret);
    let remembers = section.duration(&REMEMBERS);
    let paused = section.flag("paused").unwrap_or_default();
    let concurrency = section.count(&CONCURRENCY);
    let timeout = section.duration(&TIMEOUT);
    let pace = section.bounded_amount(&PACE);
    section.close();
    Some(Backend {
        url: url?,
        secret,
        remembers: remembers?,
        paused,
        concurrency: concurrency?,
        timeout: timeout?,
        pace,
    })
}

fn levels(mut section: Section<'_>) -> BTreeMap<String, FaultLevel> {
    let levels = section.choices("levels", "write allow, warn or deny", |text| match text {
        "allow" => Some(FaultLevel::Allow),
        "warn" => Some(FaultLevel::Warn),
        "deny" => Some(FaultLevel::Deny),
        _ => None,
    });
    section.close();
    levels
}

fn prices(mut section: Section<'_>) -> Option<Prices> {
    let right = "write the three letters of a currency, such as EUR";
    let currency = section.text("currency", right, value::currency);
    let minute = section.amount("minute");
    let (dialled_minute, neural_hundred) = (
        section.amount("dialled_minute"),
        section.amount("neural_hundred"),
    );
    let is_any = [minute, dialled_minute, neural_hundred]
        .iter()
        .any(Option::is_some)
        || currency.is_some();
    let both = if is_any {
        section
            .required("currency", currency)
            .zip(section.required("minute", minute))
    } else {
        None
    };
    section.close();
    let (currency, minute) = both?;
    let (dialled_minute, neural_hundred) = (
        dialled_minute.unwrap_or_default(),
        neural_hundred.unwrap_or_default(),
    );
    Some(Prices {
        currency,
        minute,
        dialled_minute,
        neural_hundred,
    })
}

fn log(mut section: Section<'_>) -> Option<Log> {
    let format = section.text("format", "write human or json", |text| match text {
        "human" => Some(Format::Human),
        "json" => Some(Format::Json),
        _ => None,
    });
    let format = section.required("format", format);
    let right = "write error, warn, info, debug or trace, or part=level with commas between";
    let level = section.text("level", right, |text| filter(text).map(|_| text.to_owned()));
    let level = section.required("level", level);
    section.close();
    Some(Log {
        format: format?,
        level: level?,
    })
}

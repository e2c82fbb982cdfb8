mod contacts;
mod faults;
mod reference;
mod sources;

use std::fs;
use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::{DEFAULTS, Error, Settings};
use crate::telemetry::Format;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

fn load(files: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Settings, Error> {
    let folder = folder(files);
    Settings::load(
        folder.path(),
        environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

#[track_caller]
fn faults(files: &[(&str, &str)], environment: &[(&str, &str)]) -> Vec<String> {
    let Error(faults) = load(files, environment).expect_err("is not right");
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn with_nothing_configured_the_defaults_hold() {
    let settings = Settings::load(Path::new("/nowhere/at/all"), std::iter::empty())
        .expect("the defaults are right");
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert!(settings.server.workers >= 1);
    assert_eq!(settings.store.url.expose_secret(), "local:data");
    assert_eq!(
        (settings.flows.dir.as_path(), settings.audio.dir.as_path()),
        (Path::new("flows"), Path::new("audio-manifest"))
    );
    assert_eq!(
        settings.hours.dir,
        Path::new("/nowhere/at/all/hours"),
        "beside the settings"
    );
    assert_eq!(settings.data.dir, Path::new("data"));
    assert_eq!(settings.calls.hangup_grace, Duration::from_secs(15));
    assert_eq!(settings.calls.silent_after, Duration::from_mins(30));
    assert_eq!(settings.calls.keep_finished, Duration::from_hours(1));
    assert_eq!(settings.calls.cached, 50_000);
    assert_eq!(
        (settings.log.format, settings.log.level.as_str()),
        (Format::Human, "info")
    );
    assert!(settings.backends.is_empty());
    assert_eq!(settings.warnings, []);
    assert_eq!(settings.prices, None);
}

/// A line of the defaults; of an example, what it shows.
fn without_mark(line: &str) -> &str {
    line.strip_prefix('#')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '['))
        .unwrap_or(line)
}

#[test]
fn every_example_in_the_defaults_is_a_setting() {
    // A line that begins with # and no space is an example.
    let all: Vec<&str> = DEFAULTS.lines().map(without_mark).collect();
    let settings = load(&[("all.toml", &all.join("\n"))], &[]).expect("all examples are right");
    assert_eq!(
        settings
            .prices
            .as_ref()
            .map(|prices| (prices.currency.as_str(), prices.minute)),
        Some(("EUR", 0.0085))
    );
    assert_eq!(
        settings.server.public_url.as_deref(),
        Some("https://ivr.example.com")
    );
    assert!(
        settings
            .twilio
            .account("ACfedcba9876543210fedcba9876543210")
            .is_some()
    );
    assert!(settings.backends["pickups"].secret.is_some());
}

/// Every setting that is a number or a length of time, with what is too little and too much for it, and what is not.
const BOUNDED: [(&str, &[&str], &[&str]); 33] = [
    ("ALARMS__REPEAT", &["0s", "59s", "3651d"], &["1m", "4h"]),
    ("POLICY__PER_CALL", &["-1", "1000001"], &["0", "5"]),
    ("POLICY__PER_CALLER", &["-1", "1.5"], &["0", "20"]),
    ("POLICY__PER_NUMBER", &["many"], &["0", "1000000"]),
    ("POLICY__PER_PREFIX", &["1000001"], &["0", "50"]),
    ("POLICY__PER_DAY", &["1000001"], &["0", "1000000"]),
    ("OUTBOUND__STOP_AFTER", &["0", "10001"], &["1", "10000"]),
    (
        "VERIFY__NUMBER_TEN_MINUTES",
        &["-1", "1000001"],
        &["0", "5"],
    ),
    ("VERIFY__NUMBER_DAY", &["-1", "1000001"], &["0", "5"]),
    ("VERIFY__PREFIX_HOUR", &["-1", "1000001"], &["0", "5"]),
    ("VERIFY__PREFIX_DAY", &["-1", "1000001"], &["0", "5"]),
    ("VERIFY__SOURCE_HOUR", &["-1", "1000001"], &["0", "5"]),
    ("VERIFY__SOURCE_DAY", &["-1", "1000001"], &["0", "5"]),
    ("VERIFY__SOURCE_COUNTRIES", &["-1", "1000001"], &["0", "5"]),
    ("VERIFY__COUNTRY_HOUR", &["-1", "1000001"], &["0", "5"]),
    ("VERIFY__COUNTRY_DAY", &["-1", "1000001"], &["0", "5"]),
    ("VERIFY__SHARE", &["-1", "101"], &["0", "100"]),
    (
        "SERVER__WORKERS",
        &["257", "1000000", "-1", "1.5"],
        &["0", "1", "256"],
    ),
    (
        "SERVER__CONNECTIONS",
        &["0", "63", "1000001", "18446744073709551616"],
        &["64", "1000000"],
    ),
    (
        "CALLS__HANGUP_GRACE",
        &["0s", "25h", "15"],
        &["1ms", "15s", "24h"],
    ),
    (
        "CALLS__SILENT_AFTER",
        &["0s", "1s", "59s", "3651d", "99999999999999999999d"],
        &["1m", "30m", "3650d"],
    ),
    ("CALLS__KEEP_FINISHED", &["0s", "3651d"], &["1s", "1h"]),
    ("RECORDINGS__WAIT", &["61m", "-1d"], &["0s", "2m", "1h"]),
    (
        "OUTBOX__KEEP_DELIVERED",
        &["3651d", "-1d"],
        &["0s", "7d", "3650d"],
    ),
    (
        "CALLS__KEEP_TRAIL",
        &["3651d", "-1d"],
        &["0s", "7d", "3650d"],
    ),
    ("CALLS__CACHED", &["100000001", "-1"], &["0", "50000"]),
    (
        "BACKENDS__PICKUPS__REMEMBERS",
        &["0s", "3651d"],
        &["1s", "24h"],
    ),
    ("SERVICES__STOCK__AT_ONCE", &["0", "10001"], &["1", "10000"]),
    (
        "SERVICES__STOCK__REMEMBERS",
        &["0s", "59s", "3651d"],
        &["1m", "24h"],
    ),
    ("SERVICES__STOCK__IN_TURN", &["3s", "-1s"], &["0s", "2s"]),
    (
        "BACKENDS__PICKUPS__CONCURRENCY",
        &["0", "1001"],
        &["1", "1000"],
    ),
    ("BACKENDS__PICKUPS__TIMEOUT", &["0s", "61s"], &["1s", "60s"]),
    (
        "BACKENDS__PICKUPS__PACE",
        &["0", "0.05", "10001", "inf"],
        &["0.1", "10000"],
    ),
];

#[test]
fn the_samples_have_a_backend_in_their_own_settings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let settings = Settings::load(&folder, std::iter::empty()).expect("they are right");
    assert!(settings.backends["pickups"].is_log());
    assert_eq!(settings.warnings, []);
}

#[test]
fn every_number_and_length_of_time_of_the_defaults_has_bounds() {
    let mut table = String::new();
    for line in DEFAULTS.lines().map(without_mark) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            table = name.to_uppercase().replace('.', "__");
        }
        let Some((name, value)) = line
            .split_once(" = ")
            .filter(|(name, _)| !name.contains(' '))
        else {
            continue;
        };
        let is_bounded = crate::written::parse_time(value.trim_matches('"')).is_some()
            || value.parse::<u64>().is_ok();
        let name = format!("{table}__{}", name.to_uppercase());
        assert!(
            !is_bounded || BOUNDED.iter().any(|(bounded, ..)| *bounded == name),
            "{name} has no bounds in the table"
        );
    }
}

#[test]
fn no_door_is_open_by_accident() {
    let public = ("HOOKSWITCH__SERVER__PUBLIC_URL", "https://ivr.example.com");
    let told = faults(&[], &[public]);
    assert!(
        told[0].contains("server.public_url") && told[0].contains("HOOKSWITCH__TWILIO__AUTH_TOKEN"),
        "{told:?}"
    );
    for name in [
        "TWILIO__AUTH_TOKEN",
        "ADMIN__TOKEN",
        "TWILIO__ACCOUNTS__ACX__AUTH_TOKEN",
    ] {
        for empty in ["", " "] {
            let told = faults(&[], &[(&format!("HOOKSWITCH__{name}"), empty)]);
            assert!(told[0].contains("is set, and empty"), "{name}: {told:?}");
        }
    }
    load(&[], &[("HOOKSWITCH__TWILIO__AUTH_TOKEN_OLD", "")])
        .expect("nothing is open for want of it");
    for token in [TOKEN, KEY] {
        load(&[], &[public, ("HOOKSWITCH__TWILIO__AUTH_TOKEN", token)]).expect("it is right");
        load(
            &[],
            &[public, ("HOOKSWITCH__TWILIO__KEYS__ONE__SECRET", token)],
        )
        .expect("it is right");
    }
    let told = faults(&[], &[("HOOKSWITCH__ADMIN__TOKEN", "open-sesame")]);
    assert!(
        told[0].contains("at least 16 characters") && !told[0].contains("open-sesame"),
        "{told:?}"
    );
}

#[test]
fn a_backend_s_url_is_not_shown_whole() {
    let url = "ftp://user:password@crm.example/hook?token=secret";
    let told = faults(&[], &[("HOOKSWITCH__BACKENDS__CRM__URL", url)]);
    assert!(told[0].contains("ftp://…@crm.example/hook?…"), "{told:?}");
    assert!(
        ["password", "secret"]
            .iter()
            .all(|hidden| !told[0].contains(hidden)),
        "{told:?}"
    );
    let settings = load(
        &[],
        &[(
            "HOOKSWITCH__BACKENDS__CRM__URL",
            &url.replace("ftp", "https"),
        )],
    )
    .expect("it is right");
    assert_eq!(
        settings.backends["crm"].place(),
        "https://…@crm.example/hook?…"
    );
}

#[test]
fn prices_are_known_with_their_currency_or_not_at_all() {
    let prices =
        |text: &str, environment: &[(&str, &str)]| load(&[("prices.toml", text)], environment);
    let set = prices(
        "[prices]\ncurrency = \"eur\"\nminute = 1\n",
        &[("HOOKSWITCH__PRICES__DIALLED_MINUTE", "0.02")],
    );
    let set = set.expect("they are right").prices.expect("they are set");
    assert_eq!(
        (
            set.currency.as_str(),
            set.minute,
            set.dialled_minute,
            set.neural_hundred
        ),
        ("EUR", 1.0, 0.02, 0.0)
    );
    for (text, key) in [
        ("minute = 0.01", "`currency` is not set"),
        ("currency = \"EUR\"", "`minute` is not set"),
        ("currency = \"euro\"\nminute = 1", "prices.currency"),
        ("currency = \"EUR\"\nminute = -1", "prices.minute"),
        ("currency = \"EUR\"\nminute = \"much\"", "prices.minute"),
        ("currency = \"EUR\"\nminute = 1\nhour = 1", "prices.hour"),
    ] {
        let told = prices(&format!("[prices]\n{text}\n"), &[])
            .expect_err("it is wrong")
            .to_string();
        assert!(told.contains(key), "{text}: {told}");
    }
}

#[test]
fn nothing_is_open_to_other_machines_without_a_token() {
    let told = faults(
        &[],
        &[
            ("HOOKSWITCH__SERVER__LISTEN", "0.0.0.0:80"),
            ("HOOKSWITCH__ADMIN__LISTEN", "[::]:81"),
        ],
    );
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with(
        "server.listen (HOOKSWITCH__SERVER__LISTEN): 0.0.0.0:80 is open to other machines"
    ));
    assert!(told[1].starts_with(
        "admin.listen (HOOKSWITCH__ADMIN__LISTEN): [::]:81 is open to other machines"
    ));
    let token = ("HOOKSWITCH__TWILIO__AUTH_TOKEN", "t");
    assert!(load(&[], &[("HOOKSWITCH__SERVER__LISTEN", "0.0.0.0:80"), token]).is_ok());
}

#[test]
fn what_works_but_should_be_known_is_a_warning() {
    let file = "[backends.far]\nurl = 'http://far.example/'\n[backends.near]\nurl = 'http://127.0.0.1:9/'\n";
    let token = ("HOOKSWITCH__TWILIO__AUTH_TOKEN", TOKEN);
    let environment = [
        ("HOOKSWITCH__SERVER__PUBLIC_URL", "http://ivr.example"),
        token,
    ];
    let settings = load(
        &[("a.toml", file), ("default.toml", "# mine")],
        &environment,
    )
    .expect("right");
    let keys: Vec<_> = settings
        .warnings
        .iter()
        .map(|warning| warning.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "",
            "server.public_url",
            "backends.far.url",
            "backends.far.url",
            "backends.near.url"
        ]
    );
    let copy = load(
        &[("default.toml", DEFAULTS)],
        &[
            ("HOOKSWITCH__SERVER__PUBLIC_URL", "http://localhost:1"),
            token,
        ],
    );
    assert_eq!(copy.expect("right").warnings, []);
}

#[test]
fn recordings_are_copied_only_to_a_place_that_is_known_and_with_a_whole_login() {
    let token = ("HOOKSWITCH__TWILIO__AUTH_TOKEN", TOKEN);
    for place in [
        "s3://bucket",
        "s3://bucket/calls/eu",
        "gs://bucket/calls",
        "az://calls/eu",
        "file:kept",
        "file:///var/lib/kept",
    ] {
        let copy = ("HOOKSWITCH__RECORDINGS__COPY", place);
        let settings = load(&[], &[token, copy]).expect("it is right");
        assert_eq!(settings.recordings.copy.as_deref(), Some(place));
        let told = faults(&[], &[copy]);
        assert!(told[0].contains("no login is set"), "{told:?}");
    }
    for place in [
        "bucket",
        "file:",
        "file://",
        "s3://",
        "s3://key:secret@bucket/calls",
        "s3://bucket/calls?region=eu",
        "https://bucket.example/",
    ] {
        let copy = ("HOOKSWITCH__RECORDINGS__COPY", place);
        let told = faults(&[], &[token, copy]);
        assert!(told[0].contains("recordings.copy"), "{place}: {told:?}");
        assert!(!told[0].contains("key:secret"), "{told:?}");
    }
    let key = ("HOOKSWITCH__TWILIO__API_KEY", "SK1");
    let secret = ("HOOKSWITCH__TWILIO__API_SECRET", TOKEN);
    for half in [key, secret] {
        let told = faults(&[], &[half]);
        assert!(told[0].contains("is half a login"), "{told:?}");
    }
    let whole = load(
        &[],
        &[key, secret, ("HOOKSWITCH__RECORDINGS__COPY", "s3://b")],
    );
    assert!(whole.expect("it is right").twilio.has_login());
}

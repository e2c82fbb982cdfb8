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
fn with_nothing_configured_the_samples_work() {
    let settings = Settings::load(Path::new("/nowhere/at/all"), std::iter::empty())
        .expect("the defaults are right");
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert!(settings.server.workers >= 1);
    assert_eq!(settings.store.url.expose_secret(), "local:data");
    assert_eq!(
        (settings.flows.dir.as_path(), settings.audio.dir.as_path()),
        (Path::new("flows"), Path::new("audio-manifest"))
    );
    assert_eq!(settings.data.dir, Path::new("data"));
    assert_eq!(settings.calls.hangup_grace, Duration::from_secs(15));
    assert_eq!(settings.calls.silent_after, Duration::from_secs(1800));
    assert_eq!(settings.calls.keep_finished, Duration::from_secs(3600));
    assert_eq!(settings.calls.cached, 50_000);
    assert_eq!(
        (settings.log.format, settings.log.level.as_str()),
        (Format::Human, "info")
    );
    assert!(settings.backends["pickups"].is_log());
    assert_eq!(
        settings.backends["pickups"].remembers,
        Duration::from_secs(86_400)
    );
    assert_eq!(settings.warnings, []);
    assert_eq!(settings.prices, None);
}

#[test]
fn every_example_in_the_defaults_is_a_setting() {
    // A line that begins with # and no space is an example.
    let is_example = |line: &str| {
        line.strip_prefix('#')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    let examples = DEFAULTS.lines().filter(|line| is_example(line)).count();
    let all: Vec<&str> = DEFAULTS
        .lines()
        .map(|line| if is_example(line) { &line[1..] } else { line })
        .collect();
    let settings = load(&[("all.toml", &all.join("\n"))], &[]).expect("all examples are right");
    assert_eq!(examples, 20);
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
const BOUNDED: [(&str, &[&str], &[&str]); 12] = [
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
fn what_would_end_calls_or_take_what_no_machine_has_is_refused_with_a_reason() {
    for (name, wrong, right) in BOUNDED {
        let variable = format!("HOOKSWITCH__{name}");
        for value in wrong {
            let told = faults(&[], &[(&variable, value)]);
            assert_eq!(told.len(), 1, "{name}={value}: {told:?}");
            let (what, way_out) = told[0]
                .split_once("; ")
                .unwrap_or_else(|| panic!("{name}={value}: {told:?}"));
            let key = name.to_lowercase().replace("__", ".");
            assert!(
                what.starts_with(&format!("{key} ({variable}): ")) && what.contains(value),
                "{told:?}"
            );
            assert!(way_out.starts_with("write "), "{told:?}");
        }
        for value in right {
            load(&[], &[(&variable, value)])
                .unwrap_or_else(|error| panic!("{name}={value}: {error}"));
        }
    }
    let told = faults(&[], &[("HOOKSWITCH__CALLS__SILENT_AFTER", "0s")]);
    assert!(
        told[0].contains("a caller who listens and thinks would lose the call"),
        "{told:?}"
    );
}

#[test]
fn every_number_and_length_of_time_of_the_defaults_has_bounds() {
    let mut table = String::new();
    for line in DEFAULTS.lines() {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            table = name.to_uppercase().replace('.', "__");
        }
        let line = line.trim_start_matches('#');
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
        ("minute = 0.01", "prices.currency: is not set"),
        ("currency = \"EUR\"", "prices.minute: is not set"),
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
fn every_name_of_the_environment_is_a_setting() {
    let account = format!(
        "HOOKSWITCH__TWILIO__ACCOUNTS__AC{}__AUTH_TOKEN",
        TOKEN.to_uppercase()
    );
    let settings = load(
        &[],
        &[
            ("HOOKSWITCH__SERVER__LISTEN", "0.0.0.0:80"),
            (
                "HOOKSWITCH__SERVER__PUBLIC_URL",
                "https://ivr.example/hooks/",
            ),
            ("HOOKSWITCH__SERVER__WORKERS", "3"),
            ("HOOKSWITCH__ADMIN__LISTEN", "0.0.0.0:81"),
            ("HOOKSWITCH__ADMIN__TOKEN", "+447700900123456"),
            ("HOOKSWITCH__FLOWS__DIR", "0123"),
            ("HOOKSWITCH__AUDIO__DIR", "a"),
            ("HOOKSWITCH__DATA__DIR", "d"),
            ("HOOKSWITCH__STORE__URL", "redis+sentinel://h1,h2/name"),
            ("HOOKSWITCH__STORE__SEAL_KEY", &format!("{KEY},{KEY}")),
            ("HOOKSWITCH__CALLS__HANGUP_GRACE", "2s"),
            ("HOOKSWITCH__CALLS__SILENT_AFTER", "10m"),
            ("HOOKSWITCH__CALLS__KEEP_FINISHED", "2h"),
            ("HOOKSWITCH__CALLS__CACHED", "7"),
            ("HOOKSWITCH__TWILIO__AUTH_TOKEN", "12345"),
            ("HOOKSWITCH__TWILIO__AUTH_TOKEN_OLD", "54321"),
            ("HOOKSWITCH__TWILIO__ACCOUNT_SID", "AC1"),
            (&account, "sub"),
            (
                "HOOKSWITCH__BACKENDS__MY_APP__URL",
                "https://app.example/hook",
            ),
            ("HOOKSWITCH__BACKENDS__MY_APP__SECRET", SECRET),
            ("HOOKSWITCH__BACKENDS__MY_APP__REMEMBERS", "7d"),
            ("HOOKSWITCH__BACKENDS__MY_APP__PAUSED", "true"),
            ("HOOKSWITCH__BACKENDS__MY_APP__CONCURRENCY", "4"),
            ("HOOKSWITCH__BACKENDS__MY_APP__TIMEOUT", "30s"),
            ("HOOKSWITCH__BACKENDS__MY_APP__PACE", "2.5"),
            ("hookswitch__log__format", "json"),
            ("HOOKSWITCH__LOG__LEVEL", "warn,hookswitch=debug"),
            ("PATH", "/usr/bin"),
            ("HOOKSWITCH", "x"),
        ],
    )
    .expect("all are right");
    assert_eq!(settings.server.listen.to_string(), "0.0.0.0:80");
    assert_eq!(
        settings.server.public_url.as_deref(),
        Some("https://ivr.example/hooks")
    );
    assert_eq!((settings.server.workers, settings.calls.cached), (3, 7));
    assert_eq!(
        settings.admin.token.expect("is set").expose_secret(),
        "+447700900123456",
        "a plus stays"
    );
    assert_eq!(settings.flows.dir, Path::new("0123"), "a text stays a text");
    assert_eq!(settings.store.seal_key.len(), 2);
    assert_eq!(
        settings
            .twilio
            .auth_token
            .as_ref()
            .map(ExposeSecret::expose_secret),
        Some("12345")
    );
    let account = settings
        .twilio
        .account(&format!("AC{TOKEN}"))
        .expect("is there");
    assert_eq!(account.auth_token.expose_secret(), "sub");
    let backend = &settings.backends["my_app"];
    assert_eq!(
        (backend.remembers, backend.paused),
        (Duration::from_secs(7 * 86_400), true)
    );
    assert_eq!(
        (backend.concurrency, backend.timeout, backend.pace),
        (4, Duration::from_secs(30), Some(2.5))
    );
    let default = &settings.backends["pickups"];
    assert_eq!(
        (default.concurrency, default.timeout, default.pace),
        (16, Duration::from_secs(15), None)
    );
    assert_eq!(settings.log.format, Format::Json);
    assert_eq!(settings.backends.len(), 2, "the default one stays");
}

#[test]
fn the_environment_wins_over_files_and_a_later_file_over_an_earlier() {
    let files = [
        (
            "a.toml",
            "[calls]\ncached = 1\nhangup_grace = '1s'\n[server]\nworkers = 1",
        ),
        ("b.toml", "calls = { cached = 2 }\n[server]\nworkers = 2"),
        (".hidden.toml", "["),
        ("notes.txt", "["),
    ];
    let settings = load(
        &files,
        &[
            ("HOOKSWITCH__SERVER__WORKERS", "3"),
            ("HOOKSWITCH__CALLS__CACHED", ""),
        ],
    )
    .expect("right");
    assert_eq!(
        (settings.calls.hangup_grace, settings.calls.cached),
        (Duration::from_secs(1), 2)
    );
    assert_eq!(settings.server.workers, 3);
}

#[test]
fn accounts_of_a_file_and_of_the_environment_are_the_same() {
    let file = format!("[twilio.accounts.AC{TOKEN}]\nauth_token = 'file'");
    let name = format!("HOOKSWITCH__TWILIO__ACCOUNTS__AC{TOKEN}__AUTH_TOKEN");
    let settings = load(&[("a.toml", &file)], &[(&name, "environment")]).expect("right");
    let accounts: Vec<_> = settings
        .twilio
        .accounts
        .iter()
        .map(|(sid, a)| (sid.as_str(), a.auth_token.expose_secret()))
        .collect();
    assert_eq!(accounts, [(format!("AC{TOKEN}").as_str(), "environment")]);
}

#[test]
fn a_secret_may_stand_in_a_file_of_its_own() {
    let secrets = folder(&[
        ("token", "from file\n"),
        ("old", "\u{feff}old\r\n"),
        ("url", "redis://:pw@h"),
    ]);
    let path = |name: &str| secrets.path().join(name).display().to_string();
    let spaces = faults(
        &[],
        &[("HOOKSWITCH__TWILIO__AUTH_TOKEN_FILE", &path("token"))],
    );
    assert!(
        spaces[0].starts_with("twilio.auth_token (HOOKSWITCH__TWILIO__AUTH_TOKEN_FILE, /"),
        "{spaces:?}"
    );
    fs::write(secrets.path().join("token"), "from-file\n").expect("a file");
    let file = format!(
        "[twilio]\nauth_token_old_file = '{}'\nauth_token = 'x'",
        path("old")
    );
    let environment = [
        ("HOOKSWITCH__TWILIO__AUTH_TOKEN_FILE", &*path("token")),
        ("HOOKSWITCH__STORE__URL_FILE", &path("url")),
    ];
    let settings = load(&[("a.toml", &file)], &environment).expect("right");
    let token = |token: &Option<secrecy::SecretString>| {
        token.as_ref().map(|token| token.expose_secret().to_owned())
    };
    assert_eq!(
        token(&settings.twilio.auth_token).as_deref(),
        Some("from-file")
    );
    assert_eq!(
        token(&settings.twilio.auth_token_old).as_deref(),
        Some("old")
    );
    assert_eq!(settings.store.url.expose_secret(), "redis://:pw@h");
    assert!(
        !format!("{settings:?}").contains("pw") && !format!("{settings:?}").contains("from-file")
    );
}

#[test]
fn all_faults_are_told_at_once_with_where_and_what_would_be_right() {
    let file = "[server]\nlisten = 8080\nworker = 2\n[calls]\nsilent_after = 30\n[sevrer]\nlisten = 'x'\n[log]\nlevel = 'inof'\n\
                [backends.Bad]\nurl = 'orders'\n[backends.new]\npaused = 'perhaps'\n";
    let told = faults(
        &[("local.toml", file)],
        &[
            ("HOOKSWITCH__SERVER__PUBLIC_URL", "ivr.example"),
            ("HOOKSWITCH__CALLS__CACHED", "many"),
            ("HOOKSWITCH__ADMIN__TOKEN_FILE", "/nowhere"),
            ("HOOKSWITCH__TWILIO__AUTHTOKEN", "hush"),
            ("HOOKSWITCH__STORE__SEAL_KEY", "hush"),
            ("HOOKSWITCH__FLOWS", "flows"),
            ("HOOKSWITCH__LOG__FORMAT", "xml"),
        ],
    );
    let expected = [
        (
            "sevrer (",
            "local.toml:7): there is no such setting; did you mean `server`?",
        ),
        (
            "admin.token_file (HOOKSWITCH__ADMIN__TOKEN_FILE): ",
            "/nowhere cannot be read: No such file or directory (os error 2)",
        ),
        (
            "server.listen (",
            "local.toml:2): the number 8080 is not right; write an address and a port, such as 127.0.0.1:8080",
        ),
        (
            "server.public_url (HOOKSWITCH__SERVER__PUBLIC_URL): ",
            "`ivr.example` is not right; write an absolute https URL, with nothing behind its path",
        ),
        (
            "server.worker (",
            "local.toml:3): there is no such setting; did you mean `workers`?",
        ),
        (
            "flows (HOOKSWITCH__FLOWS): ",
            "is a table of settings, not a value; write [flows], and settings below it",
        ),
        (
            "store.seal_key (HOOKSWITCH__STORE__SEAL_KEY): ",
            "is not right (a secret, not shown); write 32 bytes in base64 (openssl rand -base64 32)",
        ),
        (
            "calls.silent_after (",
            "local.toml:5): the number 30 is not right; write a number and `ms`, `s`, `m`, `h` or `d`: \"500ms\", \"5s\", \"2m\"",
        ),
        (
            "calls.cached (HOOKSWITCH__CALLS__CACHED): ",
            "`many` is not right; write a whole number from 0",
        ),
        (
            "twilio.authtoken (HOOKSWITCH__TWILIO__AUTHTOKEN): ",
            "there is no such setting; did you mean `auth_token`?",
        ),
        (
            "backends.Bad.url (",
            "local.toml:11): `orders` is not right; write an absolute http or https URL, or log: to print only",
        ),
        (
            "backends.Bad (",
            "local.toml:11): is not a backend's name; write a small letter, then a-z, 0-9 and _",
        ),
        (
            "backends.new.paused (",
            "local.toml:13): `perhaps` is not right; write true or false",
        ),
        ("backends.new.url: ", "is not set"),
        (
            "log.format (HOOKSWITCH__LOG__FORMAT): ",
            "`xml` is not right; write human or json",
        ),
        (
            "log.level (",
            "local.toml:9): `inof` is not right; write error, warn, info, debug or trace, or part=level with commas between",
        ),
    ];
    for (start, end) in expected {
        assert!(
            told.iter()
                .any(|line| line.starts_with(start) && line.ends_with(end)),
            "{start}…{end} in\n{}",
            told.join("\n")
        );
    }
    assert_eq!(told.len(), expected.len(), "{}", told.join("\n"));
    assert!(!told.join("").contains("hush"));
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_lines() {
    let told = faults(
        &[("a.toml", "[server]\nlisten = \n[calls\ncached = 1")],
        &[("HOOKSWITCH__SERVER__WORKERS", "x")],
    );
    assert!(told[0].contains("a.toml:2: "), "{told:?}");
    assert!(
        told.iter().any(|line| line.contains("a.toml:3: ")),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|line| line.starts_with("server.workers (HOOKSWITCH__SERVER__WORKERS)")),
        "{told:?}"
    );
}

#[test]
fn the_same_secret_is_not_set_twice_in_one_place() {
    let told = faults(
        &[],
        &[
            ("HOOKSWITCH__ADMIN__TOKEN", TOKEN),
            ("HOOKSWITCH__ADMIN__TOKEN_FILE", "/b"),
        ],
    );
    assert_eq!(
        told,
        [
            "admin.token_file (HOOKSWITCH__ADMIN__TOKEN_FILE): `token` is set beside it; keep one of the two"
        ]
    );
    let told = faults(
        &[],
        &[
            ("HOOKSWITCH__SERVER", "a"),
            ("HOOKSWITCH__SERVER__WORKERS", "1"),
        ],
    );
    assert!(
        told.iter()
            .any(|line| line.starts_with("server.workers (HOOKSWITCH__SERVER__WORKERS)")),
        "{told:?}"
    );
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

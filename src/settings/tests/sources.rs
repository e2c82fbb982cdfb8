//! Where settings come from: files, the environment, files of secrets; and which of them wins.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
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
            ("HOOKSWITCH__BACKENDS__PICKUPS__URL", "log:"),
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
        (Duration::from_hours(168), true)
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
    assert_eq!(settings.backends.len(), 2);
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
        ("url", "redis://:pass-word@h"),
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
    assert_eq!(settings.store.url.expose_secret(), "redis://:pass-word@h");
    assert!(
        !format!("{settings:?}").contains("pass-word")
            && !format!("{settings:?}").contains("from-file")
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

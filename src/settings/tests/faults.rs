//! What is wrong with settings, and how it is reported.

use super::*;

/// A backend for settings of one.
const BACKEND: (&str, &str) = ("a.toml", "[backends.pickups]\nurl = 'log:'\n");

/// A service, as well.
const SERVICE: (&str, &str) = (
    "services.toml",
    "services.stock.url = \"https://stock.example.com\"",
);

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
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
            "local.toml:6): the top of the settings has no key `sevrer`; did you mean `server`?",
        ),
        (
            "admin.token_file (HOOKSWITCH__ADMIN__TOKEN_FILE): ",
            "/nowhere cannot be read: No such file or directory (os error 2)",
        ),
        (
            "server.listen (",
            "local.toml:2): `listen` must be text, but is a number; write an address and a port, such as 127.0.0.1:8080",
        ),
        (
            "server.public_url (HOOKSWITCH__SERVER__PUBLIC_URL): ",
            "`ivr.example` is not right; write an absolute https URL, with nothing behind its path",
        ),
        (
            "server.worker (",
            "local.toml:3): `[server]` has no key `worker`; did you mean `workers`?",
        ),
        (
            "flows (HOOKSWITCH__FLOWS): ",
            "`flows` must be a table, but is text; write it as in `flows.dir = \"flows\"`",
        ),
        (
            "store.seal_key (HOOKSWITCH__STORE__SEAL_KEY): ",
            "is not right (a secret, not shown); write 32 bytes in base64 (openssl rand -base64 32)",
        ),
        (
            "calls.silent_after (",
            "local.toml:5): `silent_after` must be a time such as \"30m\", but is a number; write \"30s\", with its unit and in quotes",
        ),
        (
            "calls.cached (HOOKSWITCH__CALLS__CACHED): ",
            "`cached` must be a whole number, but is text",
        ),
        (
            "twilio.authtoken (HOOKSWITCH__TWILIO__AUTHTOKEN): ",
            "`[twilio]` has no key `authtoken`; did you mean `auth_token`?",
        ),
        (
            "backends.Bad.url (",
            "local.toml:11): `orders` is not right; write an absolute http or https URL, or log: to print only",
        ),
        (
            "backends.Bad (",
            "local.toml:10): is not a backend's name; write a small letter, then a-z, 0-9 and _",
        ),
        (
            "backends.new.paused (",
            "local.toml:13): `paused` must be true or false, but is text; write `true` or `false`, without quotes",
        ),
        (
            "backends.new (",
            "local.toml:12): `url` is not set; write it as in `url = \"https://crm.example.com/pickups\"`",
        ),
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
fn what_would_end_calls_or_take_what_no_machine_has_is_refused_with_a_reason() {
    for (name, wrong, right) in BOUNDED {
        let variable = format!("HOOKSWITCH__{name}");
        for value in wrong {
            let error = load(&[BACKEND, SERVICE], &[(&variable, value)]).expect_err("is not right");
            assert_eq!(error.0.len(), 1, "{name}={value}: {error}");
            let key = name.to_lowercase().replace("__", ".");
            let told = error.to_string();
            assert!(
                told.contains(&format!("\n  {key} ({variable}): ")),
                "{told}"
            );
            assert!(told.contains(&format!("| {variable}={value}\n")), "{told}");
            let says_what_is_right = ["; write ", " must be "].iter();
            assert!(
                says_what_is_right
                    .clone()
                    .any(|way_out| told.contains(way_out)),
                "{told}"
            );
        }
        for value in right {
            load(&[BACKEND, SERVICE], &[(&variable, value)])
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
fn the_line_is_shown_with_a_caret_and_without_other_values() {
    let file = "# mine\n\ntwilio = { auth_token = 'hush', acount_sid = 'AC1' } # hush\n\
                [backends.crm]\nurl = 'ftp://user:hush@crm.example/?token=hush'\nsecret = 'hush'\n\
                [calls]\nkeep_trail = '11y'\n";
    let error = load(&[("a.toml", file)], &[("HOOKSWITCH__CALLS__CACHED", "-1")])
        .expect_err("is not right")
        .to_string();
    for excerpt in [
        "3 | twilio = { auth_token = …, acount_sid = …\n      |                            ^^^^^^^^^^\n",
        "5 | url = 'ftp://…@crm.example/?…\n",
        "8 | keep_trail = '11y'\n      |              ^^^^^\n",
        "| HOOKSWITCH__CALLS__CACHED=-1\n    |                           ^^",
    ] {
        assert!(error.contains(excerpt), "{excerpt}\nin\n{error}");
    }
    assert!(!error.contains("hush"), "{error}");
}

#[test]
fn a_secret_below_a_name_with_a_dot_is_not_shown_either() {
    let file = "[backends.'a.b']\nurl = 'log:'\nsecret = 'hush'\n[twilio.accounts.'A.B']\nauth_token = 'hu sh'\n\
                [store]\nseal_key = ['hush', 1]\n";
    let error = load(&[("a.toml", file)], &[])
        .expect_err("is not right")
        .to_string();
    assert!(
        error.contains("a.toml:3") && error.contains("a.toml:5") && error.contains("a.toml:7"),
        "{error}"
    );
    assert!(
        !error.contains("hush") && !error.contains("hu sh"),
        "{error}"
    );
}

#[test]
fn services_are_asked_by_tls_or_at_home_and_their_secrets_are_not_shown() {
    let url = |more: &str| format!("[services.stock]\nurl = \"http://stock.example.com\"\n{more}");
    let open = url("");
    let told = faults(&[("a.toml", &open)], &[]);
    assert!(
        told[0].contains("services.stock.url") && told[0].contains("plain http"),
        "{told:?}"
    );
    let at_home = url("private = true\n[services.stock.headers]\nx_api_key = \"k3y\"");
    let settings = load(&[("a.toml", &at_home)], &[]).expect("it is at home");
    let service = &settings.services["stock"];
    assert_eq!(service.headers["x_api_key"].expose_secret(), "k3y");
    assert!(!format!("{settings:?}").contains("k3y"));
    let unsigned = url("private = true\nsign = \"twilio\"");
    let told = faults(&[("a.toml", &unsigned)], &[]);
    assert!(
        told[0].contains("services.stock.sign") && told[0].contains("auth_token"),
        "{told:?}"
    );
    let trusted = url("private = true\ntrusted = true");
    let settings = load(&[("a.toml", &trusted)], &[]).expect("it works");
    assert!(settings.warnings[0].to_string().contains("sensitive"));
    let wrong = url("private = true\nheaders.x_api_key = \"k3\\u0007y\"");
    let told = faults(&[("a.toml", &wrong)], &[]);
    assert!(
        told[0].contains("headers.x_api_key") && !told[0].contains("k3"),
        "{told:?}"
    );
}

#[test]
fn a_header_may_stand_in_a_file_of_its_own() {
    let folder = folder(&[("key", "k3y\n")]);
    let file = folder.path().join("key").display().to_string();
    let text = format!(
        "[services.stock]\nurl = \"https://a.example\"\nheaders.x_api_key_file = \"{file}\"\nsecret_file = \"{file}\""
    );
    let settings = load(&[("a.toml", &text)], &[]).expect("it is right");
    let service = &settings.services["stock"];
    assert_eq!(service.headers["x_api_key"].expose_secret(), "k3y");
    assert!(service.secret.is_some());
}

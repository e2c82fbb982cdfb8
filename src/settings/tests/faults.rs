//! What is wrong with settings, and how it is reported.

use super::*;

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

//! The page with the phone in a real browser: a Python script drives Debian's chromium on a node that runs. A screenshot
//! of each page is kept under `target/screenshots/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::architecture::root;
use super::server::{Plan, TOKEN, free_port};

/// The build's folder, in which `tests/venv` has made the Python.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("it stands in the target folder")
}

/// A node whose flows are the samples, as a fresh clone serves them.
fn fresh_clone() -> Plan {
    Plan::default()
        .unset("TWILIO__AUTH_TOKEN")
        .unset("SERVER__PUBLIC_URL")
}

/// Plays a scene of `tests/browser/phone.py` on the page at a URL.
#[track_caller]
pub fn play(scene: &str, url: &str, token: &str) {
    let python: PathBuf = target().join("venv/bin/python");
    let script = root().join("tests/browser/phone.py");
    let output = Command::new(&python)
        .arg(&script)
        .args([scene, url])
        .arg(target().join("screenshots"))
        .arg(token)
        .output();
    let output =
        output.unwrap_or_else(|error| panic!("{}: {error}: tests/venv makes it", python.display()));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{scene}:\n{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

#[test]
fn a_call_is_made_and_completed_with_the_keyboard_alone() {
    let server = fresh_clone().start();
    play("keyboard", &server.url(""), "");
}

#[test]
fn a_sensitive_answer_is_shown_nowhere() {
    let server = fresh_clone().start();
    play("secret", &server.url(""), "");
    assert!(!server.log().contains("8341"), "{}", server.log());
}

#[test]
fn escape_hangs_up_and_a_wrong_number_is_told() {
    let server = fresh_clone().start();
    play("hangup", &server.url(""), "");
}

#[test]
fn what_is_said_into_the_microphone_is_heard() {
    let server = fresh_clone().start();
    play("microphone", &server.url(""), "");
}

#[test]
fn the_page_fits_a_laptop_in_the_dark_and_a_phone_in_the_light() {
    let server = fresh_clone().start();
    play("looks", &server.url(""), "");
}

#[test]
fn axe_finds_nothing_on_the_page_in_either_theme() {
    let server = fresh_clone().start();
    play("axe", &server.url(""), "");
}

#[test]
fn a_node_with_a_token_lets_in_who_logs_in() {
    let admin = format!("127.0.0.1:{}", free_port());
    let _server = Plan::default()
        .set("ADMIN__LISTEN", &admin)
        .set("ADMIN__TOKEN", TOKEN)
        .start();
    play("login", &format!("http://{admin}"), TOKEN);
}

//! The README's commands, run as they stand there, in a folder such as a newcomer has, beside a node.

use std::path::Path;
use std::process::Command;

use super::architecture::{none, root};
use super::server::{Plan, Server, binary};

/// Commands that end otherwise than well here, by how they begin: their exit code, and what they say.
const OTHERWISE: [(&str, i32, &str); 6] = [
    // There is no terminal.
    ("hookswitch dial pickup ", 2, "give them with --keys"),
    ("hookswitch dial https:", 2, "give them with --keys"),
    // Who has no account asks nobody.
    ("hookswitch number", 2, "TWILIO__ACCOUNT_SID"),
    ("hookswitch signature", 1, "does not fit"),
    (
        "hookswitch recordings fetch",
        3,
        "no login of the carrier is set",
    ),
    // A node runs already.
    ("hookswitch serve", 3, "cannot be listened on"),
];

/// What stands for something that only a reader has, and what is too long to wait for.
const INSTEAD: [(&str, &str); 6] = [
    ("$TOKEN", "0123456789abcdef0123456789abcdef"),
    ("RE123…", "RE123"),
    ("--rate 50 --for 30s", "--rate 20 --for 1s"),
    ("support.json", "front.json"),
    (
        "'the X-Twilio-Signature header'",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ),
    ("CA123-8001f3…", "$ROW"),
];

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("it is there")
}

/// The blocks of shell, without the indentation of lists.
fn blocks(readme: &str) -> Vec<String> {
    let blocks = readme.split("```sh\n").skip(1);
    let block = |text: &str| {
        let block = text.split("```").next().unwrap_or_default();
        block
            .lines()
            .map(|line| line.trim_start().to_owned() + "\n")
            .collect()
    };
    blocks.map(block).collect()
}

/// The commands of ours in them, each in a line, without what is said behind it.
fn commands(readme: &str) -> Vec<String> {
    let blocks = blocks(readme).concat().replace("\\\n", " ");
    let commands = blocks
        .lines()
        .filter(|line| line.starts_with("hookswitch "));
    let bare = |line: &str| {
        line.split(" # ")
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    commands.map(bare).collect()
}

/// What a clone has that the commands need, and a node that serves it and delivers nothing yet.
fn clone(folder: &Path) -> Server {
    std::fs::create_dir(folder.join("tests")).expect("it can be made");
    for (from, to) in [
        ("flows", "flows"),
        ("audio-manifest", "audio-manifest"),
        ("config", "config"),
        ("tests/calls", "tests/calls"),
        ("tests/studio/front.json", "front.json"),
    ] {
        let copied = Command::new("cp")
            .arg("-r")
            .arg(root().join(from))
            .arg(folder.join(to))
            .status();
        assert!(copied.expect("cp can be run").success(), "{from}");
    }
    let plan = [
        "TWILIO__AUTH_TOKEN",
        "SERVER__PUBLIC_URL",
        "BACKENDS__PICKUPS__URL",
    ]
    .into_iter()
    .chain(["FLOWS__DIR", "AUDIO__DIR", "HOURS__DIR"])
    .fold(Plan::default().within(folder), Plan::unset);
    plan.set("BACKENDS__PICKUPS__PAUSED", "true").start()
}

/// Runs a line as a shell does, with the binary on the PATH: its exit code, and all that it says.
fn shell(folder: &Path, server: &Server, line: &str) -> (i32, String) {
    let bin = folder.join("bin");
    if !bin.exists() {
        std::fs::create_dir(&bin).expect("it can be made");
        std::os::unix::fs::symlink(binary(), bin.join("hookswitch")).expect("it can be linked");
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", bin.display()))
        .env(
            "HOOKSWITCH__SERVER__LISTEN",
            server.url("").replace("http://", ""),
        )
        .env("HOOKSWITCH__BACKENDS__PICKUPS__PAUSED", "true")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("bash can be run");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout) + &text(&output.stderr),
    )
}

/// A delivery that waits.
fn waiting_row(folder: &Path, server: &Server) -> String {
    let keys = "hookswitch dial pickup --keys '1 2 31# 5# 1230 1'";
    assert_eq!(shell(folder, server, keys).0, 0);
    let (_, rows) = shell(folder, server, "hookswitch outbox list --format json");
    let row: serde_json::Value =
        serde_json::from_str(rows.lines().next().expect("a row")).expect("JSON");
    row["id"].as_str().expect("text").to_owned()
}

#[test]
fn every_command_does_what_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = clone(folder.path());
    let commands = commands(&readme());
    assert!(commands.len() > 25, "{commands:?}");
    let mut row = String::new();
    let mut wrong = Vec::new();
    for command in &commands {
        let mut line = command.clone();
        for (reads, instead) in INSTEAD {
            line = line.replace(reads, instead);
        }
        if line.contains("$ROW") {
            if row.is_empty() || row_is_gone(folder.path(), &server, &row) {
                row = waiting_row(folder.path(), &server);
            }
            line = line.replace("$ROW", &row);
        }
        let is_it = |(beginning, _, _): &&(&str, i32, &str)| {
            format!("{command} ").starts_with(beginning) && !command.contains("--keys")
        };
        let (code, words) = OTHERWISE
            .iter()
            .find(is_it)
            .map_or((0, ""), |(_, code, words)| (*code, *words));
        let (ended, told) = shell(folder.path(), &server, &line);
        if ended != code || !told.contains(words) {
            wrong.push(format!("{line}\n  ends {ended}: {told}"));
        }
    }
    none("commands of the README that do something else", wrong);
}

fn row_is_gone(folder: &Path, server: &Server, row: &str) -> bool {
    shell(folder, server, &format!("hookswitch outbox show {row}")).0 != 0
}

#[test]
fn a_call_can_be_made_by_hand_as_it_stands_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = clone(folder.path());
    let readme = readme();
    let blocks = blocks(&readme);
    let block = blocks
        .iter()
        .find(|block| block.contains("curl "))
        .expect("it is there");
    let script = block.replace("http://127.0.0.1:8080", &server.url(""));
    let (code, told) = shell(folder.path(), &server, &script);
    assert_eq!(code, 0, "{told}");
    assert!(
        told.contains("Welcome to parcel pick-up.") && told.contains("<Hangup/>"),
        "{told}"
    );
}

#[test]
fn a_newcomer_meets_the_binary_before_its_first_use() {
    let readme = readme();
    let installed = readme.find("cargo install --path .").expect("it is said");
    let used = readme.find("\nhookswitch ").expect("it is used");
    assert!(installed < used);
}

//! `hookswitch test`: what an author reads about calls that are wrong or went wrong, one a code in `tests/wrong-calls`,
//! and beside it the command's output. `BLESS=1` writes what is told now, for review by diff.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use hookswitch::written::Code;

use super::architecture::root;
use super::backend::{Answer, Backend};
use super::folder::Folder;
use super::server::{Plan, TOKEN, binary};

/// Runs the command in the project's folder: exit code, stdout, stderr.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(binary())
        .current_dir(root())
        .arg("test")
        .args(arguments)
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// The sample calls that go alike whenever they are made, to flows that submit to `pickups`.
pub fn calls_at_any_time() -> Vec<String> {
    let folder = root().join("tests/calls");
    let files = std::fs::read_dir(&folder).expect("the calls are there");
    let names = files.map(|file| file.expect("it can be read").file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let is_fit = |name: &String| {
        let flow = name.split('.').next();
        ["languages", "person", "pickup", "pin"]
            .map(Some)
            .contains(&flow)
    };
    names
        .filter(is_fit)
        .map(|name| folder.join(name).display().to_string())
        .collect()
}

/// A call of the sample flow, and what of it is written elsewhere.
const CALL: &str = "\
# A letter.
flow = \"pickup\"   # the sample flow

[[turn]]
hears = \"Welcome to parcel pick-up. …\"
press = '1'

[[turn]]
hears = [
    \"For a letter press 1.\",   # first
    \"For a parcel press 2.\",
]
press = \"1\"

[[turn]]
hears  =  { pattern = \"^When shall we\" }
press  =  \"1230\"

[end]
by    = \"caller\"
hears = \"A letter, at 12:30. …\"

[submitted.pickups]
answers = { kind = \"letter\", hour = \"12:30\" }
";

fn written(file: &Path) -> String {
    std::fs::read_to_string(file).expect("it is there")
}

#[test]
fn what_is_told_of_a_wrong_call_is_what_is_written_beside_it() {
    let mut wrong = String::new();
    for (code, path) in codes_with_files() {
        let file = format!("tests/wrong-calls/{code}.toml");
        let own = ["carrier-error", "name-unset", "step-failed"].contains(&code.as_str())
            || code.starts_with("texted-");
        let flows = if own {
            "tests/wrong-calls/flows"
        } else {
            "flows"
        };
        let (exit, told, errors) = run(&["--flows", flows, "--audio", "audio-manifest", &file]);
        assert_eq!((exit, errors.as_str()), (1, ""), "{code}");
        assert!(
            told.contains(&format!("error[{code}]")),
            "{code}.toml does not show its fault:\n{told}"
        );
        assert!(told.ends_with("0 passed, 1 failed\n"), "{told}");
        let beside = path.with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&beside, &told).expect("it can be written");
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if told != expected {
            wrong.push_str(&format!(
                "{code}:\n--- expected\n{expected}--- told\n{told}"
            ));
        }
    }
    assert!(wrong.is_empty(), "BLESS=1 writes what is told now\n{wrong}");
}

fn codes_with_files() -> Vec<(String, PathBuf)> {
    let folder = std::fs::read_dir(root().join("tests/wrong-calls")).expect("it is there");
    let files = folder.map(|entry| entry.expect("it can be read").path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let code = |path: &PathBuf| {
        path.file_stem()
            .expect("it has a name")
            .to_string_lossy()
            .into_owned()
    };
    let mut all: Vec<_> = files.map(|path| (code(&path), path)).collect();
    all.sort();
    all
}

#[test]
fn every_code_of_a_test_call_has_a_wrong_one() {
    let shown: BTreeSet<String> = codes_with_files()
        .into_iter()
        .map(|(code, _)| code)
        .collect();
    let of_files = [
        "toml-syntax",
        "key-unknown",
        "value-wrong-type",
        "value-not-a-time",
    ];
    let of_calls = Code::ALL.iter().filter(|code| code.page().is_none());
    let known: BTreeSet<String> = of_calls
        .map(|code| code.name())
        .chain(of_files)
        // Those of settings have no page either.
        .filter(|code| !code.starts_with("setting-"))
        // Its file is too large to be kept: a test of files of strangers makes one.
        .filter(|code| *code != "call-too-large")
        .map(str::to_owned)
        .collect();
    assert_eq!(
        known, shown,
        "left: codes of test calls, right: files in tests/wrong-calls"
    );
}

#[test]
fn a_changed_prompt_is_shown_where_it_differs() {
    let flow = written(&root().join("flows/pin.toml"))
        .replace("Now your PIN, four digits.", "Now your code, four digits.");
    let folder = Folder::of(&[("flows/pin.toml", &flow)]);
    let flows = folder.path().join("flows").display().to_string();
    let (exit, told, _) = run(&[
        "--flows",
        &flows,
        "--audio",
        "audio-manifest",
        "tests/calls/pin.secret.toml",
    ]);
    assert_eq!(exit, 1);
    let lines = [
        "  wanted   Now your PIN, four digits.\n                    ^\n",
        "  heard    Now your code, four digits.\n                    ^\n",
        "  request  /voice/pin/~1-",
        " CallStatus=in-progress Digits=12345 FinishedOnKey=#\n",
        "11 | hears = \"Now your PIN, four digits.\"",
    ];
    for line in lines {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn answers_that_differ_are_shown_one_by_one_with_their_types() {
    let call = CALL.replace(
        "{ kind = \"letter\", hour = \"12:30\" }",
        "{ kind = 1, hour = \"12:31\", weight = 2 }",
    );
    let folder = Folder::of(&[("calls/letter.toml", &call)]);
    let path = folder
        .path()
        .join("calls/letter.toml")
        .display()
        .to_string();
    let (exit, told, _) = run(&[&path]);
    assert_eq!(exit, 1);
    for line in [
        "`pickups` got another `kind`",
        "it got the text \"letter\" instead of the integer 1",
        "it got \"12:30\" instead of \"12:31\"",
        "`pickups` did not get `weight`",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn single_brackets_are_one_fault_with_the_way_out() {
    let call = CALL.replacen("[[turn]]", "[turn]", 1);
    let folder = Folder::of(&[("calls/letter.toml", &call)]);
    let path = folder
        .path()
        .join("calls/letter.toml")
        .display()
        .to_string();
    let (exit, told, _) = run(&[&path]);
    assert_eq!((exit, told.matches("error[").count()), (1, 1), "{told}");
    let (place, help) = (format!("{path}:4:1"), "write `[[turn]]`");
    assert!(told.contains(&place) && told.contains(help), "{told}");
}

#[test]
fn blessing_changes_what_is_heard_and_nothing_else_and_is_done_once() {
    let call = CALL
        .replace("Welcome to", "Good day at")
        .replace("For a parcel press 2", "For a cat press 2");
    let call = call
        .replace("^When", "^Where")
        .replace("A letter, at", "A cat, at");
    let folder = Folder::of(&[("calls/letter.toml", &call)]);
    let file = folder.path().join("calls/letter.toml");
    let path = file.display().to_string();
    let (exit, told, _) = run(&["--bless", &path]);
    assert_eq!(
        (exit, told.as_str()),
        (0, format!("bless  {path}\n1 passed, 0 failed\n").as_str())
    );
    let blessed = written(&file);
    let expected = CALL.replace(
        "{ pattern = \"^When shall we\" }",
        "\"When shall we come? Enter four digits, such as 1 2 3 0 for half past twelve.\"",
    );
    assert_eq!(blessed, expected);
    let (exit, told, _) = run(&["--bless", &path]);
    assert_eq!(
        (exit, told.as_str()),
        (0, format!("pass   {path}\n1 passed, 0 failed\n").as_str())
    );
    assert_eq!(written(&file), blessed);
}

#[test]
fn blessing_never_touches_what_is_submitted() {
    let call = CALL
        .replace("kind = \"letter\"", "kind = \"cat\"")
        .replace("A letter,", "A cat,");
    let folder = Folder::of(&[("letter.toml", &call)]);
    let file = folder.path().join("letter.toml");
    let (exit, told, _) = run(&["--bless", &file.display().to_string()]);
    assert!(
        exit == 1 && told.contains("error[submitted-differs]") && !told.contains("heard-differs"),
        "{told}"
    );
    assert!(
        written(&file).contains("kind = \"cat\"") && written(&file).contains("A letter, at 12:30.")
    );
}

#[test]
fn wrong_calls_missing_files_and_wrong_words_have_codes_of_their_own() {
    let code = |arguments: &[&str]| run(arguments).0;
    assert_eq!(code(&["tests/calls/pin.secret.toml"]), 0);
    assert_eq!(code(&["tests/calls", "--filter", "pin."]), 0);
    assert_eq!(code(&["tests/wrong-calls/turn-missing.toml"]), 1);
    assert_eq!(code(&["--jobs", "0"]), 2);
    assert_eq!(code(&["--coverage-limit", "100"]), 2);
    for gone in [
        &["tests/nowhere"][..],
        &["--filter", "nothing"],
        &["--flows", "nowhere"],
    ] {
        assert_eq!(code(gone), 3, "{gone:?}");
    }
    assert_eq!(
        code(&[
            "--url",
            "http://127.0.0.1:9/voice/{flow}",
            "tests/calls/pin.secret.toml"
        ]),
        3
    );
}

#[test]
fn a_flow_that_no_call_takes_whole_is_told_and_fails_under_a_limit() {
    let calls = ["tests/calls/pin.secret.toml", "--coverage"];
    let (exit, told, _) = run(&calls);
    assert_eq!(exit, 0, "{told}");
    assert!(
        told.contains("pin          steps 4 of 5, edges 4 of 6\n"),
        "{told}"
    );
    assert!(
        told.contains("  flows/pin.toml:36: no call comes to `sorry`\n"),
        "{told}"
    );
    assert!(
        told.contains("  flows/pin.toml:8: no call takes `give_up` of the flow, to `sorry`\n"),
        "{told}"
    );
    assert_eq!(
        run(&[calls[0], calls[1], "--coverage-limit", "50"]).0,
        1,
        "no call takes other flows at all"
    );
}

#[test]
fn results_are_told_to_machines() {
    let folder = Folder::of(&[]);
    let (junit, cover) = (
        folder.path().join("junit.xml"),
        folder.path().join("coverage.json"),
    );
    let (junit_path, cover_path) = (junit.display().to_string(), cover.display().to_string());
    let files = [
        "tests/calls/pin.secret.toml",
        "tests/wrong-calls/turn-missing.toml",
        "tests/wrong-calls/press-illegal.toml",
    ];
    let (exit, ..) = run(&[
        &files[..],
        &["--junit", &junit_path, "--coverage-json", &cover_path],
    ]
    .concat());
    assert_eq!(exit, 1);
    let text = written(&junit);
    let document = roxmltree::Document::parse(&text).expect("it is XML");
    let suite = document
        .descendants()
        .find(|node| node.has_tag_name("testsuite"))
        .expect("there is one");
    let count = |name: &str| suite.attribute(name).unwrap_or_default().to_owned();
    assert_eq!(
        (count("tests"), count("failures"), count("errors")),
        ("3".into(), "1".into(), "1".into())
    );
    let failure = document
        .descendants()
        .find(|node| node.has_tag_name("failure"))
        .expect("there is one");
    assert!(
        failure
            .text()
            .unwrap_or_default()
            .contains("error[turn-missing]"),
        "{text}"
    );
    let cover: serde_json::Value = serde_json::from_str(&written(&cover)).expect("it is JSON");
    let flows = cover["flows"].as_array().expect("it is a list");
    let pin = flows
        .iter()
        .find(|flow| flow["flow"] == "pin")
        .expect("it is served");
    assert_eq!(
        pin["steps"][0],
        serde_json::json!({ "step": "customer", "line": 14, "taken": true })
    );
}

#[test]
fn the_same_files_are_played_against_a_server() {
    let server = Plan::default().start();
    let url = server.url("/voice/{flow}");
    let (fallback, status) = (server.url("/fallback"), server.url("/status"));
    let there = [
        "--url",
        &url,
        "--fallback",
        &fallback,
        "--status",
        &status,
        "--token",
        TOKEN,
    ];
    let there = [&there[..], &["--public-url", super::server::PUBLIC_URL]].concat();
    let calls = calls_at_any_time();
    let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
    let (exit, told, errors) = run(&[&there[..], &calls].concat());
    assert_eq!(exit, 0, "{told}{errors}{}", server.log());
    let (exit, told, _) = run(&[&there[..], &["tests/wrong-calls/heard-differs.toml"]].concat());
    assert!(exit == 1 && told.contains("error[heard-differs]"), "{told}");
}

#[test]
fn a_caller_who_leaves_during_a_second_dial_can_be_written_by_hand() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("person.leaves.toml");
    let call = "flow = \"person\"\n\n[[turn]]\npress = \"1\"\n\n[end]\nby = \"caller\"\nafter_waits = 1\n\
                hears = \"Our line is busy. We are trying another one.\"\n\n\
                [submitted.pickups]\ntype = \"submission.partial\"\nanswers = { about = \"repair\" }\n\n\
                [world]\ndial.\"+442079460000\" = { outcome = \"busy\", after = \"20s\" }\n\
                dial.\"+442079460001\" = { outcome = \"answered\", after = \"20s\" }\n";
    std::fs::write(&file, call).expect("there is room");
    let name = file.display().to_string();
    let (exit, told, errors) = run(&[&name]);
    assert_eq!(exit, 0, "{told}{errors}");
    std::fs::write(&file, call.replace("after_waits = 1\n", "")).expect("there is room");
    let (exit, told, _) = run(&[&name]);
    assert_eq!(exit, 1, "{told}");
    assert!(
        told.contains("heard-differs"),
        "the caller leaves during the first: {told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_it_is_asked_by_get() {
    let server = Backend::start().await;
    let document =
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 11\r\n\r\n<Response/>";
    server.answer_with(Answer::raw(document));
    let folder = Folder::of(&[("any.toml", "flow = \"any\"\n[end]\nby = \"flow\"\n")]);
    let (file, url) = (
        folder.path().join("any.toml").display().to_string(),
        server.url().to_owned(),
    );
    let asked = |words: &'static [&'static str]| {
        let (file, url) = (file.clone(), url.clone());
        tokio::task::spawn_blocking(move || {
            let place = match words[0] {
                "test" => [
                    &words[..1],
                    &[file.as_str(), "--url", url.as_str()],
                    &words[1..],
                ]
                .concat(),
                _ => [
                    &words[..1],
                    &[url.as_str(), "--rate", "2", "--for", "500ms"],
                    &words[1..],
                ]
                .concat(),
            };
            Plan::default().run(folder_of(&file), &place)
        })
    };
    for (words, method) in [
        (&["test", "--method", "get"][..], "GET"),
        (&["load", "--method", "GET"], "GET"),
        (&["test"], "POST"),
        (&["load"], "POST"),
    ] {
        let before = server.received().len();
        let (code, told, errors) = asked(words).await.expect("it ends");
        assert_eq!(code, 0, "{words:?}: {told}{errors}");
        let received = server.received();
        assert!(received.len() > before, "{words:?}");
        for request in &received[before..] {
            assert!(
                request.request_line.starts_with(method),
                "{words:?}: {}",
                request.request_line
            );
        }
    }
}

fn folder_of(file: &str) -> &Path {
    Path::new(file).parent().expect("a file is in a folder")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_another_server_goes_on_where_a_recording_cannot_be_fetched() {
    let server = Backend::start().await;
    let gone = Backend::nobody().await;
    let document = format!("<Response><Play>{gone}/hello.mp3</Play><Say>Bye.</Say></Response>");
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n",
        document.len()
    );
    server.answer_with(Answer::raw(&format!("{head}{document}")));
    let url = server.url().to_owned();
    let test = |world: String, hears: &'static str| {
        let text = format!("flow = \"any\"\n[end]\nby = \"flow\"\nhears = \"{hears}\"\n{world}");
        let url = url.clone();
        tokio::task::spawn_blocking(move || {
            let folder = Folder::of(&[("any.toml", &text)]);
            Plan::default().run(folder.path(), &["test", "any.toml", "--url", &url])
        })
    };
    let (code, told, _) = test(String::new(), "…").await.expect("it ends");
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains(&format!(
            "add below `[world]` how many seconds it lasts: audio.\"{gone}/hello.mp3\" = 5"
        )),
        "{told}"
    );
    let seconds = format!("[world]\naudio.\"{gone}/hello.mp3\" = 2.5\n");
    let silent = format!("[world]\naudio.\"{gone}/hello.mp3\" = \"silent\"\n");
    for (world, hears) in [(seconds, "[audio hello.mp3] Bye."), (silent, "Bye.")] {
        let (code, told, errors) = test(world, hears).await.expect("it ends");
        assert_eq!(code, 0, "{told}{errors}");
    }
}

//! `hookswitch diff` from outside: paths and real git revisions, recorded calls on both, and how it ends.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::architecture::root;

/// What is made of the samples for the new version.
const EDITS: [(&str, &str, &str); 4] = [
    (
        "flows/pickup.toml",
        "keys.3 = { value = \"pallet\", next = \"weight\" }",
        "keys.3 = \"operator\"",
    ),
    (
        "flows/pickup.toml",
        "integer = [1, 30]",
        "integer = [1, 40]",
    ),
    ("flows/pin.toml", "# A PIN that", "# A pin that"),
    (
        "audio-manifest/en-GB.toml",
        "We will be there.",
        "We will come.",
    ),
];

/// The samples that are compared.
const SAMPLES: [&str; 4] = ["languages", "person", "pickup", "pin"];

/// Some of the samples with their calls, as a project.
fn project() -> TempDir {
    let folder = TempDir::new().expect("there is a folder for what is temporary");
    for part in ["flows", "audio-manifest", "tests/calls"] {
        let to = folder.path().join(part);
        std::fs::create_dir_all(&to).expect("a folder can be made");
        for entry in std::fs::read_dir(root().join(part)).expect("the samples are there") {
            let path = entry.expect("it can be read").path();
            let name = path.file_name().expect("it has a name").to_string_lossy();
            let flow = name.split('.').next().expect("it has a first part");
            if part == "audio-manifest" && path.is_file() || SAMPLES.contains(&flow) {
                std::fs::copy(&path, to.join(&*name)).expect("it can be copied");
            }
        }
    }
    folder
}

#[track_caller]
fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert!(text.contains(from), "{file} holds {from}");
    std::fs::write(path, text.replace(from, to)).expect("it can be written");
}

#[track_caller]
fn edit_all(folder: &Path) {
    for (file, from, to) in EDITS {
        edit(folder, file, from, to);
    }
}

#[track_caller]
fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=author",
            "-c",
            "user.email=author@example.com",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git can be run");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The samples as a repository: one revision, `before`, and the edits in the working folder.
fn repository() -> TempDir {
    let folder = project();
    git(folder.path(), &["init", "--quiet", "."]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "--message", "Begin"]);
    git(folder.path(), &["tag", "before"]);
    edit_all(folder.path());
    folder
}

fn diff_with(folder: &Path, arguments: &[&str], path: Option<&str>) -> Output {
    let binary = std::env::var_os("HOOKSWITCH_BIN")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_hookswitch").into());
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    Command::new(binary)
        .arg("diff")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", path.map_or(inherited, Into::into))
        .env("TMPDIR", std::env::temp_dir())
        .output()
        .expect("it can be run")
}

fn diff(folder: &Path, arguments: &[&str]) -> Output {
    diff_with(folder, arguments, None)
}

#[track_caller]
fn ends(output: &Output, code: i32) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    out.into_owned()
}

const TOLD: &str = "\
pickup: 4 changes
  flows/pickup.toml:15: `weight` may now be a whole number from 1 to 40 instead of 1 to 30
  flows/pickup.toml:28: pressing 3 in `kind` now leads to `operator` instead of `weight`
  before:flows/pickup.toml:28: pressing 3 in `kind` no longer stores \"pallet\"
  audio-manifest/en-GB.toml:15: `thanks` says other words in en-GB
    - Thank you. We will be there. Goodbye.
    + Thank you. We will come. Goodbye.
                         ^^^^^

pin: nothing changes for callers
";

#[test]
fn a_revision_is_compared_with_the_working_folder_which_stays_as_it_is() {
    let folder = repository();
    let before = git(folder.path(), &["status", "--porcelain"]);
    assert_eq!(ends(&diff(folder.path(), &["before"]), 0), TOLD);
    assert_eq!(git(folder.path(), &["status", "--porcelain"]), before);
}

#[test]
fn two_revisions_and_files_of_them_are_compared_without_the_working_folder() {
    let folder = repository();
    git(
        folder.path(),
        &["commit", "--quiet", "--all", "--message", "Change"],
    );
    std::fs::remove_dir_all(folder.path().join("flows")).expect("it can be removed");
    let out = ends(
        &diff(folder.path(), &["HEAD~1", "HEAD", "--flow", "pickup"]),
        0,
    );
    assert!(
        out.contains("  HEAD:flows/pickup.toml:28: pressing 3 in `kind` now leads to `operator`"),
        "{out}"
    );
    let out = ends(
        &diff(
            folder.path(),
            &["before:flows/pickup.toml", "HEAD:./flows/pickup.toml"],
        ),
        0,
    );
    assert!(out.starts_with("pickup: 4 changes\n"), "{out}");
    let out = ends(&diff(folder.path(), &["before:flows/pin.toml", "HEAD"]), 0);
    assert_eq!(out, "pin: nothing changes for callers\n");
}

#[test]
fn a_revision_is_read_from_a_folder_below_the_top_of_its_repository() {
    let folder = TempDir::new().expect("there is a folder for what is temporary");
    let lines = folder.path().join("lines");
    std::fs::rename(project().keep(), &lines).expect("it can be moved");
    git(folder.path(), &["init", "--quiet", "."]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "--message", "Begin"]);
    edit_all(&lines);
    assert_eq!(
        ends(&diff(&lines, &["HEAD"]), 0),
        TOLD.replace("before:", "HEAD:")
    );
    let out = ends(
        &diff(
            &lines,
            &["HEAD:lines/flows/pickup.toml", "flows/pickup.toml"],
        ),
        0,
    );
    assert!(out.starts_with("pickup: 4 changes\n"), "{out}");
    ends(&diff(&lines, &["HEAD:flows/pickup.toml"]), 3);
}

#[test]
fn projects_folders_of_flows_and_single_files_are_compared_as_paths() {
    let (old, new) = (project(), project());
    edit_all(new.path());
    let path = |folder: &TempDir, inner: &str| folder.path().join(inner).display().to_string();
    let told = |old: &str, new: &str| ends(&diff(root(), &[old, new]), 0);
    for inner in ["", "flows"] {
        let out = told(&path(&old, inner), &path(&new, inner));
        assert!(
            out.starts_with("pickup: 4 changes\n") && out.contains("now leads to `operator`"),
            "{out}"
        );
    }
    std::fs::rename(
        new.path().join("flows/pickup.toml"),
        new.path().join("flows/collect.toml"),
    )
    .expect("it can be");
    let out = told(
        &path(&old, "flows/pickup.toml"),
        &path(&new, "flows/collect.toml"),
    );
    assert!(out.starts_with("collect: 4 changes\n"), "{out}");
    let out = told(&path(&old, ""), &path(&new, ""));
    assert!(
        out.contains("the flow is new") && out.contains("the flow is gone"),
        "{out}"
    );
}

#[test]
fn each_change_is_an_object_with_its_place() {
    let folder = repository();
    let out = ends(&diff(folder.path(), &["before", "--format", "json"]), 0);
    let told: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect();
    assert_eq!(told.len(), 4, "{out}");
    let keys: Vec<&String> = told[1]
        .as_object()
        .expect("it is an object")
        .keys()
        .collect();
    assert_eq!(
        keys,
        [
            "flow", "code", "steps", "file", "line", "column", "message", "old", "new"
        ]
    );
    assert_eq!(
        (&told[1]["code"], &told[1]["line"], &told[1]["column"]),
        (&"way-elsewhere".into(), &28.into(), &10.into())
    );
    assert_eq!(told[3]["old"], "Thank you. We will be there. Goodbye.");
}

#[test]
fn markdown_marks_what_differs_and_takes_no_text_for_its_own() {
    let folder = repository();
    edit(
        folder.path(),
        "audio-manifest/en-GB.toml",
        "We will come.",
        "We *will* <b>come</b> @all.",
    );
    let out = ends(&diff(folder.path(), &["before", "--format", "markdown"]), 0);
    assert!(
        out.contains("- pressing 3 in `kind` now leads to `operator` instead of `weight` (`flows/pickup.toml:28`)"),
        "{out}"
    );
    assert!(
        out.contains("  - now: Thank you. We **\\*will\\* &lt;b>come&lt;/b> &#64;all.** Goodbye."),
        "{out}"
    );
}

#[test]
fn recorded_calls_are_played_on_both_and_the_first_turn_that_is_other_is_told() {
    let folder = repository();
    edit(
        folder.path(),
        "flows/pickup.toml",
        "keys.2 = { value = \"parcel\", next = \"weight\"",
        "keys.2 = { value = \"parcel\", next = \"hour\"",
    );
    std::fs::copy(
        folder.path().join("tests/calls/pin.secret.toml"),
        folder.path().join("tests/calls/gone.toml"),
    )
    .expect("it can be");
    edit(
        folder.path(),
        "tests/calls/gone.toml",
        "flow = \"pin\"",
        "flow = \"gone\"",
    );
    for _ in 0..2 {
        let out = ends(
            &diff(folder.path(), &["before", "--calls", "tests/calls"]),
            0,
        );
        assert!(
            out.contains(
                "\n20 calls played on both, 2 now differ: 2 go another way, 2 hear other words, "
            ),
            "{out}"
        );
        let parcel = "tests/calls/pickup.parcel.toml:16: at turn 3 it comes to `hour` instead of `weight`, and submits other answers";
        assert!(out.contains(parcel), "{out}");
        assert!(out.contains("\n  before   How heavy is it? Enter"), "{out}");
        assert!(
            out.contains(
                "tests/calls/gone.toml is not compared: its flow `gone` is on neither side"
            ),
            "{out}"
        );
    }
    let json = ends(
        &diff(
            folder.path(),
            &[
                "before",
                "--calls",
                "tests/calls/pickup.parcel.toml",
                "--format",
                "json",
            ],
        ),
        0,
    );
    let call: Value =
        serde_json::from_str(json.lines().last().expect("there is one")).expect("it is JSON");
    assert_eq!(
        (&call["call"], &call["turn"]),
        (&"tests/calls/pickup.parcel.toml".into(), &3.into())
    );
}

#[test]
fn a_step_with_another_name_is_no_other_way_for_a_call() {
    let folder = repository();
    git(folder.path(), &["checkout", "--quiet", "."]);
    for (from, to) in [
        ("[steps.weight]", "[steps.heavy]"),
        ("next = \"weight\"", "next = \"heavy\""),
    ] {
        edit(folder.path(), "flows/pickup.toml", from, to);
    }
    let out = ends(
        &diff(
            folder.path(),
            &["HEAD", "--calls", "tests/calls", "--exit-code"],
        ),
        1,
    );
    assert_eq!(
        out,
        "pickup: 1 change\n  flows/pickup.toml:31: `heavy` is what `weight` was\n\n20 calls played on both: all as before\n"
    );
}

#[test]
fn whoever_is_dialled_now_answers_as_the_one_before_did() {
    let folder = repository();
    git(folder.path(), &["checkout", "--quiet", "."]);
    // The one who was dialled second is dialled first now.
    for (from, to) in [
        (
            "dial          = \"+442079460001\"",
            "dial          = \"+442079460009\"",
        ),
        (
            "dial        = \"+442079460000\"",
            "dial        = \"+442079460001\"",
        ),
    ] {
        edit(folder.path(), "flows/person.toml", from, to);
    }
    let out = ends(&diff(folder.path(), &["HEAD", "--calls", "tests/calls"]), 0);
    assert_eq!(
        out,
        "person: 2 changes\n  flows/person.toml:27: `connect` now dials +442079460001 instead of +442079460000\n  flows/person.toml:38: `colleague` now dials +442079460009 instead of +442079460001\n\n20 calls played on both: all as before\n"
    );
}

#[test]
fn a_step_that_only_ends_the_call_is_as_good_as_a_way_that_does() {
    let folder = repository();
    git(folder.path(), &["checkout", "--quiet", "."]);
    let said = "[steps.thanks]\nsay  = \"@thanks\"\nnext = \"";
    let over = format!("[steps.over]\nhangup = true\n\n{said}over");
    edit(
        folder.path(),
        "flows/pickup.toml",
        &format!("{said}hangup"),
        &over,
    );
    let out = ends(&diff(folder.path(), &["HEAD", "--calls", "tests/calls"]), 0);
    assert_eq!(
        out,
        "pickup: nothing changes for callers\n\n20 calls played on both: all as before\n"
    );
}

#[test]
fn the_exit_code_tells_changes_only_where_it_is_asked_to() {
    let folder = repository();
    ends(&diff(folder.path(), &["before"]), 0);
    ends(&diff(folder.path(), &["before", "--exit-code"]), 1);
    assert_eq!(
        ends(
            &diff(folder.path(), &["before", "before", "--exit-code"]),
            0
        ),
        "nothing changes for callers\n"
    );
    ends(
        &diff(folder.path(), &["before", "--format", "colourful"]),
        2,
    );
    ends(&diff(folder.path(), &[]), 2);
}

#[test]
fn a_flow_that_does_not_load_is_told_as_check_tells_it_and_the_others_are_compared() {
    let folder = repository();
    git(
        folder.path(),
        &["commit", "--quiet", "--all", "--message", "Change"],
    );
    edit(
        folder.path(),
        "flows/pin.toml",
        "next      = \"send\"",
        "next      = \"sned\"",
    );
    let output = diff(folder.path(), &["before"]);
    let out = ends(&output, 1);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        err.contains("error[target-unknown]") && err.contains("flows/pin.toml:2"),
        "{err}"
    );
    assert!(
        out.starts_with("pin: the new version does not load, so what changes for callers is not known\n\npickup: 4 changes"),
        "{out}"
    );
    let calls = ["--calls", "tests/calls", "--flow", "pin"];
    let out = ends(&diff(folder.path(), &[&["before"], &calls[..]].concat()), 1);
    assert!(
        !out.contains("nothing changes") && !out.contains("as before"),
        "{out}"
    );
    let left = "tests/calls/pin.secret.toml is not compared: of its flow `pin` the new version does not load\n";
    assert!(
        out.contains("\nno call could be played on both\n") && out.contains(left),
        "{out}"
    );
    let json = ends(
        &diff(
            folder.path(),
            &["before", "--flow", "pin", "--format", "json"],
        ),
        1,
    );
    assert!(json.contains("\"code\":\"flow-does-not-load\""), "{json}");
    git(
        folder.path(),
        &["commit", "--quiet", "--all", "--message", "Break"],
    );
    let output = diff(folder.path(), &["HEAD", "HEAD~1"]);
    ends(&output, 1);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("HEAD:flows/pin.toml:2"), "{err}");
}

#[test]
fn what_is_neither_a_path_nor_a_revision_is_said_with_a_way_out() {
    let folder = repository();
    for names in [
        &["nowhere"] as &[&str],
        &["--", "--upload-pack=true"],
        &["HEAD~9"],
        &["before:flows/no.toml"],
        &["before:../x"],
    ] {
        let output = diff(folder.path(), names);
        ends(&output, 3);
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(
            err.starts_with("error: ") && err.contains("\nhelp: "),
            "{err}"
        );
    }
    let output = diff_with(folder.path(), &["before"], Some("/nowhere"));
    ends(&output, 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("git cannot be run"));
    let outside = project();
    let output = diff(outside.path(), &["HEAD"]);
    ends(&output, 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("not a git repository"));
}

#[test]
fn a_link_in_a_revision_is_not_followed_out_of_it() {
    let folder = repository();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("flows/passwd.toml"))
        .expect("it can be made");
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "--message", "Link"]);
    std::fs::remove_file(folder.path().join("flows/passwd.toml")).expect("it can be removed");
    assert_eq!(
        ends(&diff(folder.path(), &["HEAD"]), 0),
        "nothing changes for callers\n"
    );
}

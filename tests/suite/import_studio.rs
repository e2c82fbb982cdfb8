//! `hookswitch import studio`: exports of Twilio Studio become flows that load, and what is none is refused in words.

use std::path::{Path, PathBuf};
use std::{env, fs};

use super::architecture::root;
use super::folder::Folder;
use super::server::Plan;

/// Exports that others have published; a clone elsewhere has none.
const CORPUS: &str = "../shared/corpus/studio";

/// Imports files into a new folder: the exit code, what is printed on either stream, and the folder.
fn import(files: &[PathBuf], ways: &str) -> (i32, String, String, Folder) {
    import_with(&["--ways", ways], files)
}

fn import_with(options: &[&str], files: &[PathBuf]) -> (i32, String, String, Folder) {
    let folder = Folder::of(&[]);
    let mut arguments = vec!["import", "studio"];
    arguments.extend(options);
    arguments.extend(files.iter().map(|file| file.to_str().expect("it is text")));
    let (code, stdout, stderr) = Plan::default().run(folder.path(), &arguments);
    (code, stdout, stderr, folder)
}

fn example(name: &str) -> PathBuf {
    root().join("tests/studio").join(name)
}

fn check(folder: &Path) -> (i32, String) {
    let plan = Plan::default()
        .flows(&folder.join("flows"))
        .audio(&folder.join("audio-manifest"));
    let (code, stdout, stderr) = plan.run(folder, &["check", "--config", "config"]);
    (code, format!("{stdout}{stderr}"))
}

#[test]
fn a_workshop_becomes_the_flow_that_a_person_would_have_written() {
    let (code, stdout, stderr, folder) = import(&[example("workshop.json")], "200");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("1 of 1 questions"), "{stdout}");
    assert!(stdout.contains("all 57 ways were played"), "{stdout}");
    assert!(stdout.contains(": 57 are the same"), "{stdout}");
    let made = fs::read_to_string(folder.path().join("flows/workshop.toml")).expect("it is made");
    let golden = example("workshop.toml");
    if env::var_os("BLESS").is_some() {
        fs::write(&golden, &made).expect("it can be written");
    }
    assert_eq!(made, fs::read_to_string(golden).expect("BLESS=1 makes it"));
    let (code, printed) = check(folder.path());
    assert_eq!(code, 0, "{printed}");
    // A second time nothing is overwritten.
    let (code, _, stderr) = Plan::default().run(
        folder.path(),
        &[
            "import",
            "studio",
            example("workshop.json").to_str().expect("it is text"),
        ],
    );
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("is there already"), "{stderr}");
}

#[test]
fn lists_and_the_whole_call_are_carried_over() {
    let (code, stdout, stderr, folder) = import(&[example("flags.json")], "200");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("all 7 ways were played"), "{stdout}");
    assert!(stdout.contains(": 7 are the same"), "{stdout}");
    assert!(!stdout.contains("not carried over"), "{stdout}");
    let made = fs::read_to_string(folder.path().join("flows/flags.toml")).expect("it is made");
    let golden = example("flags.toml");
    if env::var_os("BLESS").is_some() {
        fs::write(&golden, &made).expect("it can be written");
    }
    assert_eq!(made, fs::read_to_string(golden).expect("BLESS=1 makes it"));
    let (code, printed) = check(folder.path());
    assert_eq!(code, 0, "{printed}");
}

#[test]
fn a_difference_on_purpose_has_a_name_and_can_be_left_out() {
    let file = [example("rounds.json")];
    let (_, stdout, ..) = import(&file, "200");
    assert!(stdout.contains(" 1 differ as `rounds`: "), "{stdout}");
    assert!(!stdout.contains("no reason that is known"), "{stdout}");
    let (code, stdout, stderr, folder) = import_with(&["--as-in-studio", "rounds"], &file);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(!stdout.contains("differ"), "{stdout}");
    let (code, printed) = check(folder.path());
    assert_eq!(code, 0, "{printed}");
    let (code, _, stderr, _) = import_with(&["--as-in-studio", "speech"], &file);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("one of rounds"), "{stderr}");
}

#[test]
fn exports_that_go_through_each_other_are_played_through() {
    let front = example("front.json");
    let inner = example("FW00000000000000000000000000000002.json");
    let (code, stdout, stderr, folder) = import(&[front.clone(), inner], "200");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(!stdout.contains("does nothing"), "{stdout}");
    assert!(!stdout.contains("differ"), "{stdout}");
    assert!(!stdout.contains("not carried over"), "{stdout}");
    let made = fs::read_to_string(folder.path().join("flows/front.toml")).expect("it is made");
    let through = "flow     = \"fw00000000000000000000000000000002\"\n";
    assert!(made.contains(through), "{made}");
    let (code, printed) = check(folder.path());
    assert_eq!(code, 0, "{printed}");
    // Alone it goes through one that does nothing, which is said.
    let (_, stdout, ..) = import(&[front], "200");
    assert!(stdout.contains("import it with this one"), "{stdout}");
}

#[test]
fn what_is_no_flow_for_calls_is_refused_and_nothing_is_written() {
    let table = [
        ("refused-messages.json", "it takes no calls, only messages"),
        (
            "refused-widget.json",
            "`End` has the type `hangup`, which Studio does not have",
        ),
        ("refused-cut.json", "it is not JSON"),
    ];
    for (name, why) in table {
        let (code, _, stderr, folder) = import(&[example("workshop.json"), example(name)], "1");
        assert_eq!(code, 1, "{name}: {stderr}");
        assert!(stderr.contains(why), "{name}: {stderr}");
        assert!(!folder.path().join("flows").exists(), "{name}");
    }
}

#[test]
fn what_others_have_exported_is_imported_or_refused_by_its_kind() {
    let corpus = root().join(CORPUS);
    let Ok(entries) = fs::read_dir(&corpus) else {
        eprintln!("skipped: {CORPUS} is not here");
        return;
    };
    let (mut folded, mut questions) = (0, 0);
    for entry in entries {
        let path = entry.expect("it can be read").path();
        let name = path
            .file_name()
            .expect("it has one")
            .to_string_lossy()
            .into_owned();
        if !name.ends_with(".json") {
            continue;
        }
        let (code, stdout, stderr, folder) = import(&[path], "10");
        let is_voice = name.starts_with("voice-");
        assert!(is_voice || code == 1, "{name}: {stderr}");
        assert_eq!(folder.path().join("flows").exists(), is_voice, "{name}");
        assert!(
            !stdout.contains("no reason that is known"),
            "{name}: {stdout}"
        );
        let counts = stdout
            .lines()
            .find(|line| line.contains(" questions are one step"));
        if let Some(counts) = counts {
            let mut numbers = counts
                .split_whitespace()
                .filter_map(|word| word.parse::<u32>().ok());
            folded += numbers.next().unwrap_or_default();
            questions += numbers.next().unwrap_or_default();
        }
        if is_voice {
            let (_, printed) = check(folder.path());
            assert!(!printed.contains("panicked"), "{name}: {printed}");
        }
    }
    assert!(
        folded * 10 >= questions * 9,
        "{folded} of {questions} questions are one step"
    );
}

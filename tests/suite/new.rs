//! `hookswitch new`: what it makes works at once.

use std::path::{Path, PathBuf};

use hookswitch::audio::load_folder;

use super::architecture::{none, root};
use super::caller::{Caller, words};
use super::server::{Plan, eventually};

/// In a project, with its own folders and settings.
fn plan(project: &Path) -> Plan {
    Plan::default()
        .within(project)
        .unset("FLOWS__DIR")
        .unset("AUDIO__DIR")
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    Plan::default().run(folder, arguments)
}

/// A new project in a folder of its own.
fn project() -> (tempfile::TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (code, told, error) = run(folder.path(), &["new", "table"]);
    assert_eq!((code, error.as_str()), (0, ""));
    let project = folder.path().join("table");
    (folder, project, told)
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> Vec<String> {
    let mut open = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("it is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let below = path.strip_prefix(folder).expect("below");
                files.push(below.to_string_lossy().into_owned());
            }
        }
    }
    files.sort();
    files
}

#[test]
fn a_project_has_all_that_is_promised() {
    let (_folder, project, told) = project();
    assert_eq!(
        files(&project),
        [
            ".github/workflows/check.yml",
            ".gitignore",
            "README.md",
            "audio-manifest/en-GB.toml",
            "config/hookswitch.toml",
            "flows/reception.toml",
            "schema/call.json",
            "schema/flow.json",
            "schema/hours.json",
            "schema/manifest.json",
            "tests/calls/reception.a-table-for-four.toml",
            "tests/calls/reception.nobody-answers.toml",
        ]
    );
    assert!(told.contains("  cd table\n  hookswitch serve"), "{told}");
    let readme = std::fs::read_to_string(project.join("README.md")).expect("it is there");
    assert!(readme.starts_with("# table\n"));
}

#[test]
fn every_template_is_written_into_projects() {
    let templates = files(&root().join("src/cli/new/project"));
    let source = std::fs::read_to_string(root().join("src/cli/new.rs")).expect("it is there");
    let forgotten = templates
        .into_iter()
        .filter(|file| !source.contains(&format!("new/project/{file}\"")));
    none("templates that no project gets", forgotten.collect());
}

#[test]
fn every_file_of_a_project_points_at_its_schema_and_fits_it() {
    let (_folder, project, _) = project();
    let mut seen = 0;
    for file in files(&project)
        .into_iter()
        .filter(|file| file.ends_with(".toml") && !file.starts_with("config"))
    {
        let source = std::fs::read_to_string(project.join(&file)).expect("it is there");
        let schema = source
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("#:schema "))
            .expect("it names a schema");
        let schema = project.join(&file).with_file_name(schema);
        let schema =
            std::fs::read_to_string(&schema).unwrap_or_else(|_| panic!("{file} points nowhere"));
        let schema = serde_json::from_str(&schema).expect("it is JSON");
        let document = super::schema::json(toml::Value::Table(source.parse().expect("it is TOML")));
        let validator = jsonschema::validator_for(&schema).expect("it is a schema");
        let errors: Vec<_> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
        seen += 1;
    }
    assert_eq!(seen, 4);
}

#[test]
fn a_project_has_neither_faults_nor_warnings() {
    let (_folder, project, _) = project();
    let library = load_folder(&project.join("audio-manifest")).expect("it can be read");
    assert!(
        library
            .manifests
            .values()
            .all(|manifest| manifest.faults.is_empty())
    );
    let server = plan(&project).start();
    let log = server.log();
    assert!(
        log.contains("serves 1 flow at ") && log.contains("`bookings`: printed here"),
        "{log}"
    );
    assert!(!log.contains("error") && !log.contains("warning["), "{log}");
}

#[tokio::test]
async fn the_only_flow_answers_every_number_while_its_numbers_are_empty() {
    let (_folder, project, _) = project();
    let server = plan(&project).start();
    server.wait_for_log("every number that is called: it is the only flow");
    let heard = words(&Caller::new(&server).call("/voice").await);
    assert!(
        heard.starts_with("Good evening, this is the restaurant."),
        "{heard}"
    );

    // A second flow may be meant for some of the numbers: so none is guessed.
    let (from, to) = (
        project.join("flows/reception.toml"),
        project.join("flows/other.toml"),
    );
    std::fs::copy(from, to).expect("it can be copied");
    eventually("nothing is guessed", async || {
        !words(&Caller::new(&server).call("/voice").await).starts_with("Good evening")
    })
    .await;
}

#[test]
fn a_project_passes_its_own_checks_at_once() {
    let (_folder, project, _) = project();
    for command in ["check", "test"] {
        let (code, told, error) = plan(&project).run(&project, &[command]);
        assert_eq!(code, 0, "{command}:\n{told}\n{error}");
    }
}

#[tokio::test]
async fn a_call_can_be_made_to_a_project_at_once() {
    let (_folder, project, _) = project();
    let server = plan(&project).start();
    let mut caller = Caller::new(&server);
    assert!(
        words(&caller.call("/voice/reception").await)
            .starts_with("Good evening, this is the restaurant.")
    );
    assert!(words(&caller.press("2").await).starts_with("We are open every day but Monday"));
    assert!(words(&caller.press("1").await).starts_with("A table for how many?"));
    assert!(
        words(&caller.press("0").await).starts_with("One to eight, please. A table for how many?")
    );
    assert!(words(&caller.press("4").await).starts_with("At what time?"));
    assert!(words(&caller.press("1930").await).starts_with("A table for 4, at 19:30."));
    assert_eq!(
        words(&caller.press("1").await),
        "Your table is booked. Goodbye."
    );
    assert!(caller.is_over());
}

#[test]
fn the_settings_of_a_project_are_settings() {
    let (_folder, project, _) = project();
    let settings =
        hookswitch::settings::Settings::load(&project.join("config"), std::iter::empty());
    assert!(settings.is_ok(), "{:?}", settings.err());
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let taken = folder.path().join("table");
    std::fs::create_dir(&taken).expect("it can be made");
    assert_eq!(
        run(folder.path(), &["new", "table"]).0,
        0,
        "an empty folder is as good as none"
    );
    std::fs::write(taken.join("README.md"), "mine").expect("it can be written");
    let (code, _, error) = run(folder.path(), &["new", "table"]);
    assert_eq!(code, 3);
    assert_eq!(
        error,
        "error: `table` is not empty\nhelp: choose another name: existing files are not overwritten\n"
    );
    assert_eq!(
        std::fs::read_to_string(taken.join("README.md")).expect("it is there"),
        "mine"
    );
    std::fs::write(folder.path().join("file"), "").expect("it can be written");
    assert_eq!(run(folder.path(), &["new", "file"]).0, 3);
}

#[test]
fn a_name_that_cannot_be_one_is_refused_with_a_way_out() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, help) in [
        ("My Table!", "did you mean `my-table`?"),
        ("tisch für zwei", "did you mean `tisch-f-r-zwei`?"),
        (
            "..",
            "a name is letters, digits, `-`, `_` and `.`, a letter or digit first",
        ),
        (".table", "did you mean `table`?"),
    ] {
        let (code, told, error) = run(folder.path(), &["new", name]);
        assert_eq!((code, told.as_str()), (2, ""), "{name}");
        assert_eq!(
            error,
            format!("error: `{name}` cannot name a project\nhelp: {help}\n")
        );
    }
    assert_eq!(run(folder.path(), &["new"]).0, 2);
    assert_eq!(files(folder.path()), [""; 0]);
}

//! Pictures of flows: what the samples look like as text, and the command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::architecture::root;

const SAMPLES: [&str; 17] = [
    "assistant",
    "balance",
    "booking",
    "clinic",
    "donation",
    "helpdesk",
    "languages",
    "newpin",
    "night",
    "order",
    "outage",
    "person",
    "pickup",
    "pin",
    "refill",
    "reminder",
    "tracking",
];

fn graph(arguments: &[&str]) -> Output {
    let binary = std::env::var("HOOKSWITCH_BIN")
        .unwrap_or_else(|_| env!("CARGO_BIN_EXE_hookswitch").to_owned());
    let run = Command::new(binary)
        .current_dir(root())
        .arg("graph")
        .args(arguments)
        .env_clear()
        .output();
    run.expect("the command runs")
}

#[track_caller]
fn drawn(arguments: &[&str]) -> String {
    let output = graph(arguments);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("pictures are text")
}

/// Compares with a file of the repository; with BLESS=1 in the environment, writes it.
#[track_caller]
fn assert_kept(file: &Path, text: &str) {
    let file = root().join(file);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(file.parent().expect("it stands in a folder")).expect("it can be made");
        fs::write(&file, text).expect("it can be written");
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == text,
        "{} is not what is drawn now: look at it, and run this with BLESS=1",
        file.display()
    );
}

#[test]
fn the_samples_are_drawn_as_they_were() {
    for flow in SAMPLES {
        for (format, ending) in [("mermaid", "mmd"), ("dot", "dot")] {
            let text = drawn(&[flow, "--format", format]);
            assert_kept(
                &PathBuf::from(format!("tests/graphs/{flow}.{ending}")),
                &text,
            );
        }
    }
}

#[test]
fn the_picture_in_the_readme_is_what_the_command_draws() {
    assert_kept(
        Path::new("docs/images/pickup.svg"),
        &drawn(&["pickup", "--format", "svg"]),
    );
    let readme = fs::read_to_string(root().join("README.md")).expect("it is there");
    assert!(readme.contains("docs/images/pickup.svg"));
}

#[test]
fn the_samples_are_xml_with_all_their_steps() {
    for flow in SAMPLES {
        let svg = drawn(&[flow, "--format", "svg"]);
        let document = roxmltree::Document::parse(&svg).expect("it is XML");
        let source =
            fs::read_to_string(root().join(format!("flows/{flow}.toml"))).expect("it is there");
        let source: toml::Table = source.parse().expect("it is TOML");
        for step in source["steps"].as_table().expect("a table").keys() {
            let id = format!("step-{step}");
            assert!(
                document
                    .descendants()
                    .any(|node| node.attribute("id") == Some(&id)),
                "{flow}: {id}"
            );
        }
    }
}

#[test]
fn graphviz_reads_what_is_written_for_it() {
    if Command::new("dot").arg("-V").output().is_err() {
        return eprintln!("skipped: no Graphviz here");
    }
    for flow in SAMPLES {
        let folder = tempfile::tempdir().expect("there is room");
        let file = folder.path().join("flow.dot");
        drawn(&[flow, "--output", file.to_str().expect("it is UTF-8")]);
        let read = Command::new("dot")
            .args(["-Tsvg", "-o"])
            .arg(folder.path().join("flow.svg"))
            .arg(&file)
            .output();
        let read = read.expect("it runs");
        assert!(
            read.status.success() && read.stderr.is_empty(),
            "{flow}: {}",
            String::from_utf8_lossy(&read.stderr)
        );
    }
}

#[test]
fn the_format_is_what_the_files_name_says_and_a_file_is_drawn_as_its_flow() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("pin.svg");
    let file = file.to_str().expect("it is UTF-8");
    assert_eq!(
        drawn(&["flows/pin.toml", "-o", file, "--theme", "dark"]),
        ""
    );
    let svg = fs::read_to_string(file).expect("it was written");
    assert!(
        svg.starts_with("<svg ") && svg.contains("data-flow=\"pin\"") && svg.contains("#0d1117")
    );
    assert!(drawn(&["pin"]).contains("flowchart TD"));
}

#[test]
fn coverage_marks_what_no_call_took() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("coverage.json");
    fs::write(
        &file,
        r#"{"flows": [{"flow": "pin", "steps": [{"step": "customer", "count": 2}], "edges": []}]}"#,
    )
    .expect("it can be written");
    let file = file.to_str().expect("it is UTF-8");
    let text = drawn(&["pin", "--coverage", file]);
    assert!(
        text.contains("<br/>2×") && text.contains("class s_pin,s_send,s_thanks,s_sorry untaken"),
        "{text}"
    );
    let other = graph(&["person", "--coverage", file]);
    assert_eq!(
        other.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&other.stderr)
    );
}

#[test]
fn what_cannot_be_drawn_is_told() {
    let unknown = graph(&["pickups"]);
    assert_eq!(unknown.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean `pickup`?"));
    assert_eq!(graph(&["flows/none.toml"]).status.code(), Some(3));
    let faulty = graph(&["tests/check/menu-no-keys.toml"]);
    assert_eq!(faulty.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&faulty.stderr).contains("menu-no-keys"));
}

//! What `deploy/` has for putting a line into service, as far as it can be tried without a machine of its own.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::architecture::{none, root};
use super::figures::Figures;
use super::folder::Folder;
use super::server::Plan;
use super::source;

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|_| panic!("{file} is there"))
}

/// The words of a text that begin so, of letters, digits and underscores.
fn words<'t>(text: &'t str, beginning: &str) -> BTreeSet<&'t str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with(beginning)).collect()
}

#[test]
fn every_setting_that_is_named_exists() {
    let readme = read("README.md");
    let mut unknown = Vec::new();
    for file in ["Dockerfile", "compose.yml", "hookswitch.service"] {
        let text = read(&format!("deploy/{file}"));
        for name in words(&text, "HOOKSWITCH__") {
            let name = name
                .trim_start_matches("HOOKSWITCH__")
                .trim_end_matches("_FILE");
            if !readme.contains(&format!("| `{name}` |")) {
                unknown.push(format!("{file}: {name}"));
            }
        }
    }
    none("settings that do not exist", unknown);
}

#[test]
fn systemd_takes_the_unit_and_finds_little_exposed() {
    // systemd looks whether the program is there, which it is not where this is built.
    let unit = read("deploy/hookswitch.service");
    let unit = unit.replace("/usr/local/bin/hookswitch", "/bin/true");
    let unit = unit.replace("man:hookswitch(1)", "https://example.com");
    let folder = Folder::of(&[("hookswitch.service", &unit)]);
    let file = folder.path().join("hookswitch.service");
    let file = file.to_str().expect("it is text");
    for arguments in [
        &["verify", file][..],
        &["security", "--offline=true", "--threshold=20", file],
    ] {
        let output = Command::new("systemd-analyze").args(arguments).output();
        let output =
            output.expect("systemd-analyze is there: it comes with Debian's package systemd");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let told = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}");
        assert!(!told.contains("Unknown"), "{told}");
    }
}

#[test]
fn the_container_is_built_of_what_the_sources_need() {
    let file = read("deploy/Dockerfile");
    let version = read("Cargo.toml");
    let version = version
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "));
    let version = version.expect("it is set").trim_matches('"');
    assert!(
        file.contains(&format!("FROM rust:{version}-")),
        "another Rust than {version}"
    );
    let copied: Vec<&str> = file
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .filter(|line| !line.starts_with("--from"))
        .flat_map(str::split_whitespace)
        .collect();
    for needed in ["Cargo.toml", "Cargo.lock", "src", "benches", "tests"] {
        assert!(copied.contains(&needed), "{needed}");
    }
    // What the sources take in of files outside their own folder, tests aside.
    let ignored = read("deploy/Dockerfile.dockerignore");
    let mut missing = Vec::new();
    let sources = source::read(&root().join("src"));
    for source in sources.iter().filter(|source| !source.is_test()) {
        let (path, text) = (&source.file, &source.text);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for name in code.split("include_str!(\"").skip(1) {
            let name = name.split('"').next().unwrap_or_default();
            let Some(outside) = name
                .rsplit("../")
                .next()
                .filter(|_| name.starts_with("../"))
            else {
                continue;
            };
            let folder = outside.split('/').next().unwrap_or_default();
            let is_of_src = root().join("src").join(outside).exists();
            let is_let_in = ignored.contains(&format!("!{outside}\n")) && copied.contains(&folder);
            if !is_of_src && !is_let_in {
                missing.push(format!("{path}: {name}"));
            }
        }
    }
    none("files that the container's build lacks", missing);
}

#[test]
fn a_node_says_whether_it_does_its_work() {
    let server = Plan::default().start();
    let health = |plan: &Plan, folder: &Path| plan.run(folder, &["health"]);
    let (code, told, _) = health(server.plan(), server.folder());
    assert_eq!(code, 0);
    assert!(told.contains("flows."), "{told}");
    let empty = tempfile::tempdir().expect("a folder");
    let idle = Plan::default().flows(empty.path()).start();
    assert_eq!(health(idle.plan(), idle.folder()).0, 1);
    assert_eq!(health(&Plan::default(), empty.path()).0, 3);
}

/// The board's panels.
fn panels() -> Vec<Value> {
    let board: Value = serde_json::from_str(&read("deploy/grafana.json")).expect("JSON");
    assert_eq!(board["uid"], "hookswitch");
    board["panels"].as_array().expect("a list").clone()
}

fn queries(panels: &[Value]) -> Vec<String> {
    let targets = panels
        .iter()
        .filter_map(|panel| panel["targets"].as_array());
    let queries = targets
        .flatten()
        .map(|target| target["expr"].as_str().expect("text").to_owned());
    queries.collect()
}

#[tokio::test]
async fn each_figure_of_the_board_is_one_that_a_node_has() {
    let flow = "language = \"en-GB\"\n[milestones]\ndone = \"one\"\n[steps.one]\nsay = \"One.\"\nnext = \"hangup\"\n";
    let flows = Folder::of(&[("one.toml", flow)]);
    let plan = Plan::default().flows(flows.path());
    let plan = plan.set("SERVICES__CRM__URL", "https://crm.example.com");
    let page = Figures::of(&plan.start()).await.page;
    let there = words(&page, "hookswitch_");
    let queries = queries(&panels()).join("\n");
    let asked = words(&queries, "hookswitch_");
    assert!(asked.len() > 25, "{asked:?}");
    let missing = asked.difference(&there).map(ToString::to_string);
    none("figures that no node has", missing.collect());
}

#[test]
fn prometheus_takes_each_query_of_the_board() {
    let mut rules = "groups:\n- name: board\n  rules:\n".to_owned();
    for (at, query) in queries(&panels()).iter().enumerate() {
        let query = query
            .replace("$__rate_interval", "5m")
            .replace("$flow", ".*");
        rules += &format!("  - record: q{at}\n    expr: {}\n", Value::from(query));
    }
    let folder = Folder::of(&[("board.yml", &rules)]);
    let output = Command::new("promtool")
        .args(["check", "rules"])
        .arg(folder.path().join("board.yml"))
        .output()
        .expect("promtool is there: it comes with Debian's package prometheus");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

#[test]
fn the_board_has_no_two_panels_in_one_place() {
    let panels = panels();
    let number = |panel: &Value, name: &str| panel["gridPos"][name].as_u64().expect("a number");
    let mut cells = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for panel in &panels {
        assert!(ids.insert(panel["id"].as_u64()), "two panels have one id");
        let (x, y) = (number(panel, "x"), number(panel, "y"));
        for across in x..x + number(panel, "w") {
            assert!(across < 24, "{}", panel["title"]);
            for down in y..y + number(panel, "h") {
                assert!(cells.insert((across, down)), "{}", panel["title"]);
            }
        }
    }
    let rules = read("deploy/alerts.yml");
    for panel in &panels {
        for name in words(
            panel["description"].as_str().unwrap_or_default(),
            "Hookswitch",
        ) {
            assert!(rules.contains(&format!("- alert: {name}\n")), "{name}");
        }
    }
}

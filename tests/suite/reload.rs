//! Flows that change while calls are under way.

use serde_json::Value;

use super::caller::{Caller, words};
use super::figures::{Figures, get};
use super::folder::Folder;
use super::server::{Plan, Server, eventually};

/// A flow of two questions, in one of its versions.
fn flow(version: &str) -> String {
    format!(
        r#"
        language = "en-GB"
        [steps.one]
        menu   = "Question one, {version}."
        keys.1 = "two"
        [steps.two]
        menu   = ["Question two, {version}.", "@shared"]
        keys.1 = "one"
        "#
    )
}

/// A step that is not there, on its fourth line.
const BROKEN: &str =
    "language = \"en-GB\"\n[steps.one]\nmenu = \"Broken.\"\nkeys.1 = \"nowhere\"\n";

struct Line {
    server: Server,
    flows: Folder,
    audio: Folder,
}

impl Line {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(more: &[(&str, &str)]) -> Self {
        let flows = Folder::of(&[("line.toml", &flow("old")), ("other.toml", &flow("other"))]);
        for (name, text) in more {
            flows.write(name, text);
        }
        let audio = Folder::of(&[("en-GB.toml", "shared = 'Shared, old.'")]);
        let server = Plan::default()
            .flows(flows.path())
            .audio(audio.path())
            .start();
        Self {
            server,
            flows,
            audio,
        }
    }

    /// What a new caller hears first.
    async fn hears(&self, flow: &str) -> String {
        words(
            &Caller::new(&self.server)
                .call(&format!("/voice/{flow}"))
                .await,
        )
    }

    async fn until_heard(&self, flow: &str, heard: &str) {
        eventually(heard, async || self.hears(flow).await.contains(heard)).await;
    }

    async fn ready(&self) -> Value {
        get(&self.server, "/readyz")
            .await
            .json()
            .await
            .expect("it is JSON")
    }
}

#[tokio::test]
async fn a_changed_flow_serves_new_calls_while_those_under_way_keep_theirs() {
    let line = Line::new();
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/line").await;
    line.flows.write("line.toml", flow("new"));
    line.until_heard("line", "Question one, new.").await;
    assert!(words(&caller.press("1").await).starts_with("Question two, old."));
    assert_eq!(words(&caller.press("1").await), "Question one, old.");
    line.server
        .wait_for_log("Changed flow in service for new calls.");
}

#[tokio::test]
async fn a_broken_file_leaves_the_old_flow_in_service_and_the_log_shows_the_place() {
    let line = Line::new();
    line.flows.write("line.toml", BROKEN);
    line.server.wait_for_log("`nowhere`");
    let log = line.server.log();
    let place = format!("{}:4:10", line.flows.path().join("line.toml").display());
    assert!(
        log.contains("error[target-unknown]") && log.contains(&place),
        "{log}"
    );
    assert!(
        log.lines()
            .any(|line| line.trim_start_matches([' ', '|']).starts_with("^^^^^^^^^")),
        "{log}"
    );
    assert_eq!(line.hears("line").await, "Question one, old.");
    assert_eq!(line.ready().await["faulty"], serde_json::json!(["line"]));
    assert_eq!(Figures::of(&line.server).await.get("flows_out"), 1);
}

#[tokio::test]
async fn a_file_that_becomes_a_link_out_of_the_folder_leaves_the_old_flow_in_service() {
    let (line, outside) = (
        Line::new(),
        tempfile::tempdir().expect("a temporary folder can be made"),
    );
    let (file, elsewhere) = (
        line.flows.path().join("line.toml"),
        outside.path().join("line.toml"),
    );
    std::fs::write(&elsewhere, flow("outside")).expect("it can be written");
    let beside = file.with_extension("beside");
    std::os::unix::fs::symlink(&elsewhere, &beside).expect("a link can be made");
    std::fs::rename(&beside, &file).expect("it can be moved");
    line.server.wait_for_log("error[file-outside]");
    assert_eq!(line.hears("line").await, "Question one, old.");
    assert_eq!(line.ready().await["faulty"], serde_json::json!(["line"]));
}

#[tokio::test]
async fn a_broken_file_that_is_mended_serves_again() {
    let line = Line::new();
    line.flows.write("line.toml", BROKEN);
    line.server.wait_for_log("`nowhere`");
    line.flows.write("line.toml", flow("mended"));
    line.until_heard("line", "Question one, mended.").await;
    assert_eq!(line.ready().await["faulty"], serde_json::json!([]));
    assert_eq!(Figures::of(&line.server).await.get("flows_out"), 0);
}

#[tokio::test]
async fn a_flow_whose_file_is_gone_serves_no_new_calls_and_those_under_way_to_their_end() {
    let line = Line::new();
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/line").await;
    line.flows.remove("line.toml");
    line.until_heard("line", "We are sorry").await;
    assert!(words(&caller.press("1").await).starts_with("Question two, old."));
    assert_eq!(line.hears("other").await, "Question one, other.");
    line.server.wait_for_log("Flow out of service");
}

#[tokio::test]
async fn a_new_file_is_a_new_flow() {
    let line = Line::new();
    line.flows.write("deep/down.toml", flow("new"));
    line.until_heard("deep/down", "Question one, new.").await;
}

#[tokio::test]
async fn a_changed_prompt_is_heard_by_new_calls_only() {
    let line = Line::new();
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/line").await;
    line.audio.write("en-GB.toml", "shared = 'Shared, new.'");
    let second = async || {
        let mut caller = Caller::new(&line.server);
        caller.call("/voice/line").await;
        words(&caller.press("1").await)
    };
    eventually("the new prompt is heard", async || {
        second().await.contains("Shared, new.")
    })
    .await;
    assert!(words(&caller.press("1").await).contains("Shared, old."));
}

#[tokio::test]
async fn a_broken_manifest_leaves_the_old_prompts_in_service() {
    let line = Line::new();
    line.audio.write("en-GB.toml", "shared = ");
    line.server.wait_for_log("en-GB.toml:1:");
    assert_eq!(line.hears("line").await, "Question one, old.");
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/line").await;
    assert_eq!(
        words(&caller.press("1").await),
        "Question two, old. Shared, old."
    );
}

#[tokio::test]
async fn a_folder_that_is_away_takes_no_flow_out_of_service() {
    let line = Line::new();
    let (path, aside) = (
        line.flows.path().to_owned(),
        line.flows.path().with_extension("aside"),
    );
    std::fs::rename(&path, &aside).expect("it can be moved");
    line.server.signal("HUP");
    line.server.wait_for_log("cannot be read");
    let heard = line.hears("line").await;
    std::fs::rename(&aside, &path).expect("it can be moved");
    assert_eq!(heard, "Question one, old.");
    assert_eq!(line.ready().await["ready"], true);
}

#[tokio::test]
async fn sighup_reads_what_no_notice_told_of() {
    // A file with a second name in another folder: nothing in the folder that is watched changes.
    let elsewhere = Folder::of(&[("far.toml", &flow("old"))]);
    let line = Line::new();
    std::fs::hard_link(
        elsewhere.path().join("far.toml"),
        line.flows.path().join("far.toml"),
    )
    .expect("a link");
    line.until_heard("far", "Question one, old.").await;
    // In place: a new file under the old name would leave the folder with the old one.
    std::fs::write(elsewhere.path().join("far.toml"), flow("new")).expect("it can be written");
    line.server.signal("HUP");
    line.until_heard("far", "Question one, new.").await;
}

#[tokio::test]
async fn faults_are_told_once_and_not_at_every_look() {
    let line = Line::new();
    line.flows.write("line.toml", BROKEN);
    line.server.wait_for_log("`nowhere`");
    line.server.signal("HUP");
    line.flows.write("other.toml", flow("newer"));
    line.until_heard("other", "newer").await;
    line.server.signal("HUP");
    line.flows
        .write("line.toml", BROKEN.replace("nowhere", "anywhere"));
    line.server.wait_for_log("`anywhere`");
    line.server.wait_for_log("Flow file has faults");
    let log = line.server.log();
    let count = |what: &str| log.matches(what).count();
    assert_eq!(
        count("error[target-unknown]"),
        2,
        "once for each change of its own file: {log}"
    );
    assert_eq!(
        (count("flow=\"line\""), count("flow=\"other\"")),
        (2, 1),
        "{log}"
    );
}

#[tokio::test]
async fn one_bad_file_in_the_folder_leaves_the_others_in_service_and_is_named() {
    let bad = [
        ("bad.toml", BROKEN),
        ("no-text.toml", ""),
        ("Capital.toml", "[steps.one]\nsay = 'x'\nnext = 'hangup'"),
    ];
    let line = Line::with(&bad);
    assert_eq!(line.hears("line").await, "Question one, old.");
    assert_eq!(line.hears("other").await, "Question one, other.");
    assert!(line.hears("bad").await.starts_with("We are sorry"));
    let log = line.server.log();
    for name in ["bad", "no-text", "Capital"] {
        let told =
            |line: &str| line.trim_start().starts_with(name) && line.contains("is out of service");
        assert!(log.lines().any(told), "{name}: {log}");
    }
    assert!(log.contains("serves 2 flows"), "{log}");
}

#[tokio::test]
async fn after_a_restart_with_changed_files_a_call_goes_on_with_its_version() {
    let mut line = Line::new();
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/line").await;
    line.server.kill();
    line.flows.write("line.toml", flow("new"));
    line.flows.remove("other.toml");
    line.audio.write("en-GB.toml", "shared = 'Shared, new.'");
    line.server.start();
    assert_eq!(
        words(&caller.press("1").await),
        "Question two, old. Shared, old."
    );
    assert_eq!(line.hears("line").await, "Question one, new.");
}

#[tokio::test]
async fn after_a_restart_with_a_broken_file_a_call_goes_on_and_new_ones_hear_calm_words() {
    let mut line = Line::new();
    let mut caller = Caller::new(&line.server);
    caller.call("/voice/line").await;
    line.server.kill();
    line.flows.write("line.toml", BROKEN);
    line.server.start();
    assert!(words(&caller.press("1").await).starts_with("Question two, old."));
    assert!(line.hears("line").await.starts_with("We are sorry"));
}

//! `hookswitch calls export`: a call that was made becomes a test that passes, and that fails once a prompt is changed.

use std::fs;
use std::path::Path;

use super::architecture::root;
use super::caller::{Caller, DETOUR};
use super::server::{Plan, Server};

/// Exports a call; the file's text.
#[track_caller]
fn export(server: &Server, sid: &str, file: &Path) -> String {
    let name = file.display().to_string();
    let (code, _, stderr) = server.plan().run(
        server.folder(),
        &["calls", "export", sid, "--output", &name],
    );
    assert_eq!((code, stderr.as_str()), (0, ""));
    fs::read_to_string(file).expect("it was written")
}

/// Plays test files against flows; the exit code and what was told.
fn test(flows: &Path, file: &Path) -> (i32, String) {
    let file = file.display().to_string();
    let (code, stdout, stderr) = Plan::default().flows(flows).run(root(), &["test", &file]);
    (code, stdout + &stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_made_passes_as_a_test_and_fails_once_a_prompt_is_changed() {
    let server = Plan::default().start();
    let mut caller = Caller::new(&server);
    caller.from = "+359888123456".to_owned();
    caller.call("/voice/pickup").await;
    for keys in DETOUR {
        caller.press(keys).await;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("pickup.detour.toml");
    let text = export(&server, &caller.sid, &file);
    assert!(!text.contains("359888123456"), "{text}");
    let first = "#:schema ../../schema/call.json\nflow = \"pickup\"\n";
    assert!(text.starts_with(first), "{text}");
    assert!(
        text.contains("[submitted.pickups]\ntype = \"submission.complete\""),
        "{text}"
    );
    let (code, told) = test(&root().join("flows"), &file);
    assert_eq!(code, 0, "{told}{text}");
    let flows = folder.path().join("flows");
    fs::create_dir(&flows).expect("there is room");
    let flow = fs::read_to_string(root().join("flows/pickup.toml")).expect("it is there");
    let changed = flow.replace("Between one and thirty", "Between one and twenty");
    fs::write(flows.join("pickup.toml"), &changed).expect("there is room");
    let manifest =
        fs::read_to_string(root().join("audio-manifest/en-GB.toml")).expect("it is there");
    let in_flow = changed != flow;
    let audio = folder.path().join("audio-manifest");
    fs::create_dir(&audio).expect("there is room");
    fs::copy(
        root().join("audio-manifest/bg-BG.toml"),
        audio.join("bg-BG.toml"),
    )
    .expect("there is room");
    let changed = manifest.replace("Between one and thirty", "Between one and twenty");
    assert!(in_flow || changed != manifest, "the prompt is found");
    fs::write(audio.join("en-GB.toml"), changed).expect("there is room");
    let file_name = file.display().to_string();
    let (code, told, _) = Plan::default()
        .flows(&flows)
        .audio(&audio)
        .run(root(), &["test", &file_name]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("heard    Between one and twenty"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sensitive_entry_is_another_one_in_the_file_and_the_call_goes_the_same_way() {
    let server = Plan::default().start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/pin").await;
    for keys in ["12345", "83", "8341"] {
        caller.press(keys).await;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("pin.toml");
    let text = export(&server, &caller.sid, &file);
    assert!(!text.contains("8341") && !text.contains("\"83"), "{text}");
    assert_eq!(text.matches("press = ").count(), 3, "{text}");
    let (code, told) = test(&root().join("flows"), &file);
    assert_eq!(code, 0, "{told}{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_dialled_and_who_hangs_up_is_in_the_file() {
    let server = Plan::default().start();
    let mut unanswered = Caller::new(&server);
    unanswered.call("/voice/pickup").await;
    unanswered.press("1").await;
    unanswered.press("0").await;
    unanswered.dialled("no-answer").await;
    let mut gone = unanswered.another();
    gone.call("/voice/pickup").await;
    gone.press("1").await;
    gone.hang_up().await;
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("pickup.unanswered.toml");
    let text = export(&server, &unanswered.sid, &file);
    assert!(
        text.contains("dial.contact.desk = { outcome = \"no_answer\" }"),
        "{text}"
    );
    assert_eq!(test(&root().join("flows"), &file).0, 0, "{text}");
    let text = export(&server, &gone.sid, &file);
    assert!(text.contains("[end]\nby = \"caller\""), "{text}");
    assert_eq!(test(&root().join("flows"), &file).0, 0, "{text}");
    let (code, _, stderr) = server.plan().run(
        server.folder(),
        &["calls", "export", "CA00000000000000000000000000000000"],
    );
    assert_eq!(code, 1);
    assert!(stderr.contains("too little is kept"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_leaves_during_a_second_dial_is_told_whole() {
    let server = Plan::default().start();
    let folder = tempfile::tempdir().expect("there is room");
    // The carrier may tell it by the action of the dial as well.
    for by_action in [false, true] {
        let mut caller = Caller::new(&server);
        caller.call("/voice/person").await;
        caller.press("1").await;
        caller.dialled("busy").await;
        if by_action {
            caller
                .go(vec![
                    ("CallStatus", "completed"),
                    ("DialCallStatus", "canceled"),
                ])
                .await;
        }
        caller.hang_up().await;
        let file = folder.path().join("person.leaves.toml");
        let text = export(&server, &caller.sid, &file);
        assert!(
            text.contains(
                "by = \"caller\"\nafter_waits = 1\nhears = \"Our line is busy. We are trying"
            ),
            "{text}"
        );
        let (code, told) = test(&root().join("flows"), &file);
        assert_eq!(code, 0, "{told}{text}");
    }
}

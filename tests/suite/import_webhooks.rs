//! `hookswitch import webhooks`: a log of another system becomes test calls that pass here.

use std::fs;

use super::architecture::root;
use super::server::Plan;

#[test]
fn a_log_of_webhooks_becomes_calls_that_pass() {
    let folder = tempfile::tempdir().expect("there is room");
    let log = folder.path().join("log.jsonl");
    let sid = "CA00000000000000000000000012345678";
    let forms = [
        r#""To": "+442079460123", "From": "+359888123456", "CallStatus": "ringing""#,
        r#""CallStatus": "in-progress", "Digits": "1""#,
        r#""CallStatus": "in-progress""#,
        r#""CallStatus": "in-progress", "Digits": "0""#,
        r#""CallStatus": "in-progress", "DialCallStatus": "busy""#,
        r#""CallStatus": "completed", "CallDuration": "31""#,
    ];
    let lines: Vec<String> = forms.iter().map(|form| format!(r#"{{"CallSid": "{sid}", {form}}}"#)).collect();
    fs::write(&log, lines.join("\n") + "\nnothing\n").expect("there is room");
    let calls = folder.path().join("calls");
    let words = ["import", "webhooks", &log.display().to_string(), "--output", &calls.display().to_string()];
    let (code, stdout, stderr) = Plan::default().run(root(), &words);
    assert_eq!(code, 1, "a line is none: {stderr}");
    assert!(stderr.contains("log.jsonl:7: it is no JSON"), "{stderr}");
    assert!(stdout.trim().ends_with("pickup.12345678.toml"), "{stdout}{stderr}");
    let text = fs::read_to_string(stdout.trim()).expect("it was written");
    assert!(!text.contains("359888") && text.contains("outcome = \"busy\""), "{text}");
    assert!(text.contains("hears = \"Welcome to parcel pick-up."), "{text}");
    let (code, told, _) = Plan::default().run(root(), &["test", stdout.trim()]);
    assert_eq!(code, 0, "{told}{text}");
}

#[test]
fn a_sensitive_entry_of_a_log_is_another_one_in_the_file() {
    let folder = tempfile::tempdir().expect("there is room");
    let log = folder.path().join("log.jsonl");
    let forms = [
        r#""CallStatus": "ringing""#,
        r##""CallStatus": "in-progress", "Digits": "12345", "FinishedOnKey": "#""##,
        r##""CallStatus": "in-progress", "Digits": "83", "FinishedOnKey": "#""##,
        r#""CallStatus": "in-progress", "Digits": "8341""#,
        r#""CallStatus": "completed", "CallDuration": "31""#,
    ];
    let lines: Vec<String> = forms.iter().map(|form| format!(r#"{{"CallSid": "CA87654321", {form}}}"#)).collect();
    fs::write(&log, lines.join("\n")).expect("there is room");
    let calls = folder.path().join("calls").display().to_string();
    let words = ["import", "webhooks", &log.display().to_string(), "--flow", "pin", "--output", &calls];
    let (code, stdout, stderr) = Plan::default().run(root(), &words);
    assert_eq!(code, 0, "{stderr}");
    let text = fs::read_to_string(stdout.trim()).expect("it was written");
    assert!(text.contains("12345"), "what is no secret stays: {text}");
    assert!(!text.contains("8341") && !text.contains("\"83"), "{text}");
    assert_eq!(text.matches("press = ").count(), 3, "{text}");
    let (code, told, _) = Plan::default().run(root(), &["test", stdout.trim()]);
    assert_eq!(code, 0, "{told}{text}");
}

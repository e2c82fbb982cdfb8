//! `hookswitch import webhooks`: a log of another system becomes test calls that pass here.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

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
    let lines: Vec<String> = forms
        .iter()
        .map(|form| format!(r#"{{"CallSid": "{sid}", {form}}}"#))
        .collect();
    fs::write(&log, lines.join("\n") + "\nnothing\n").expect("there is room");
    let calls = folder.path().join("calls");
    let words = [
        "import",
        "webhooks",
        &log.display().to_string(),
        "--output",
        &calls.display().to_string(),
    ];
    let (code, stdout, stderr) = Plan::default().run(root(), &words);
    assert_eq!(code, 1, "a line is none: {stderr}");
    assert!(stderr.contains("log.jsonl:7: it is not JSON"), "{stderr}");
    assert!(
        stdout.trim().ends_with("pickup.12345678.toml"),
        "{stdout}{stderr}"
    );
    let text = fs::read_to_string(stdout.trim()).expect("it was written");
    assert!(
        !text.contains("359888") && text.contains("outcome = \"busy\""),
        "{text}"
    );
    assert!(
        text.contains("hears = \"Welcome to parcel pick-up."),
        "{text}"
    );
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
    let lines: Vec<String> = forms
        .iter()
        .map(|form| format!(r#"{{"CallSid": "CA87654321", {form}}}"#))
        .collect();
    fs::write(&log, lines.join("\n")).expect("there is room");
    let calls = folder.path().join("calls").display().to_string();
    let words = [
        "import",
        "webhooks",
        &log.display().to_string(),
        "--flow",
        "pin",
        "--output",
        &calls,
    ];
    let (code, stdout, stderr) = Plan::default().run(root(), &words);
    assert_eq!(code, 0, "{stderr}");
    let text = fs::read_to_string(stdout.trim()).expect("it was written");
    assert!(text.contains("12345"), "what is no secret stays: {text}");
    assert!(!text.contains("8341") && !text.contains("\"83"), "{text}");
    assert_eq!(text.matches("press = ").count(), 3, "{text}");
    let (code, told, _) = Plan::default().run(root(), &["test", stdout.trim()]);
    assert_eq!(code, 0, "{told}{text}");
}

/// Imports a log into a folder below its own; the exit code and what was said.
fn import(
    folder: &Path,
    log: &str,
    text: impl AsRef<[u8]>,
    more: &[&str],
) -> (i32, String, String) {
    let file = folder.join(log);
    fs::write(&file, text).expect("there is room");
    let (file, calls) = (
        file.display().to_string(),
        folder.join("calls").display().to_string(),
    );
    Plan::default().run(
        root(),
        &[&["import", "webhooks", &file, "--output", &calls], more].concat(),
    )
}

/// The requests of a caller who leaves while a second number rings: when, where and what.
fn leaves() -> [(&'static str, &'static str, Value); 4] {
    [
        (
            "2026-11-20T10:23:00Z",
            "/voice/person",
            json!({ "CallStatus": "ringing", "To": "+442079460123" }),
        ),
        (
            "2026-11-20T10:23:05Z",
            "/voice/person/~1",
            json!({ "CallStatus": "in-progress", "Digits": "1" }),
        ),
        (
            "2026-11-20T10:23:10Z",
            "/voice/person/~2",
            json!({ "CallStatus": "in-progress", "DialCallStatus": "busy" }),
        ),
        (
            "2026-11-20T10:23:15Z",
            "/status",
            json!({ "CallStatus": "completed", "CallDuration": "15" }),
        ),
    ]
}

/// Those of its fields, and the call's name.
fn form(fields: &Value) -> Vec<(String, String)> {
    let fields = fields.as_object().expect("it is one").iter();
    let fields =
        fields.map(|(name, value)| (name.clone(), value.as_str().expect("it is text").to_owned()));
    fields
        .chain([("CallSid".to_owned(), SID.to_owned())])
        .collect()
}

fn encoded(fields: &Value) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form(fields))
        .finish()
}

const SID: &str = "CA00000000000000000000000000aabbcc";

/// The same call, as others write it down.
fn logs() -> Vec<(&'static str, String)> {
    let each = |entry: &dyn Fn(&str, &str, &Value) -> Value| -> Vec<Value> {
        leaves()
            .iter()
            .map(|(at, path, fields)| entry(at, path, fields))
            .collect()
    };
    let object = |fields: &Value| {
        form(fields)
            .into_iter()
            .map(|(name, value)| (name, json!([value])))
            .collect::<Map<_, _>>()
    };
    let har = each(&|at, path, fields| {
        let data =
            json!({ "mimeType": "application/x-www-form-urlencoded", "text": encoded(fields) });
        let url = format!("https://ivr.example.com{path}");
        json!({ "startedDateTime": at, "request": { "method": "POST", "url": url, "headers": [], "postData": data },
                "response": { "status": 200, "content": { "text": "<Response/>" } } })
    });
    let mut ngrok = each(&|at, path, fields| {
        let raw = format!("POST {path} HTTP/1.1\r\nHost: a\r\n\r\n{}", encoded(fields));
        let request =
            json!({ "method": "POST", "headers": {}, "uri": path, "raw": STANDARD.encode(raw) });
        json!({ "id": "1", "start": at, "request": request, "response": { "raw": "" } })
    });
    ngrok.reverse();
    let mut events = each(&|at, path, fields| {
        let at: jiff::Timestamp = at.parse().expect("it is a moment");
        let small = |name: &str| {
            name.replace("Call", "_call_")
                .replace("Dial", "dial")
                .trim_matches('_')
                .to_lowercase()
        };
        let name = |name: String| small(&name).replace("__", "_");
        let parameters: Map<_, _> = form(fields)
            .into_iter()
            .map(|(key, value)| (name(key), json!(value)))
            .collect();
        let created = jiff::fmt::rfc2822::to_string(&at.to_zoned_datetime(jiff::tz::TimeZone::UTC))
            .expect("it is a date");
        json!({ "request": { "method": "POST", "url": path, "parameters": parameters },
                "response": { "response_code": 200, "date_created": created } })
    });
    events.reverse();
    let lambda = each(&|_, path, fields| {
        let body = STANDARD.encode(encoded(fields));
        json!({ "version": "2.0", "rawPath": path, "rawQueryString": "", "body": body, "isBase64Encoded": true,
                "requestContext": { "http": { "method": "POST" } } })
    });
    let list = each(&|_, path, fields| json!({ "path": path, "form": object(fields) }));
    let gets = each(
        &|at, path, fields| json!({ "time": at, "req": { "url": format!("{path}?{}", encoded(fields)) } }),
    );
    let lines = |entries: Vec<Value>| {
        entries
            .iter()
            .map(|entry| format!("{entry}\r\n"))
            .collect::<String>()
    };
    vec![
        (
            "log.har",
            serde_json::to_string_pretty(&json!({ "log": { "version": "1.2", "entries": har } }))
                .expect("it is JSON"),
        ),
        (
            "ngrok.json",
            json!({ "uri": "/api/requests/http", "requests": ngrok }).to_string(),
        ),
        (
            "Events.json",
            json!({ "page": 0, "events": events }).to_string(),
        ),
        ("lambda.jsonl", lines(lambda)),
        ("list.json", Value::Array(list).to_string()),
        ("gets.jsonl", "\u{feff}".to_owned() + &lines(gets)),
    ]
}

#[test]
fn one_call_is_the_same_file_whoever_wrote_it_down() {
    for (log, text) in logs() {
        let folder = tempfile::tempdir().expect("there is room");
        let (code, stdout, stderr) = import(folder.path(), log, text, &[]);
        assert_eq!((code, stderr.as_str()), (0, ""), "{log}");
        assert!(
            stdout.trim().ends_with("person.00aabbcc.toml"),
            "{log}: {stdout}"
        );
        let text = fs::read_to_string(stdout.trim()).expect("it was written");
        assert!(
            text.contains("press = \"1\"\n\n[end]\nby = \"caller\"\nafter_waits = 1\nhears = \"Our line is busy"),
            "{log}: {text}"
        );
        let (code, told, _) = Plan::default().run(root(), &["test", stdout.trim()]);
        assert_eq!(code, 0, "{log}: {told}{text}");
    }
}

#[test]
fn no_file_is_overwritten() {
    let folder = tempfile::tempdir().expect("there is room");
    let line = |sid: &str| {
        format!(
            "{{\"path\": \"/voice/pickup\", \"form\": {{\"CallSid\": \"{sid}\", \"CallStatus\": \"ringing\"}}}}\n"
        )
    };
    let log =
        line("CA00000000000000000000000012345678") + &line("CA00000000000000000000000112345678");
    let (code, stdout, stderr) = import(folder.path(), "log.jsonl", &log, &[]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let files: Vec<_> = stdout.lines().collect();
    assert!(
        files[0].ends_with("/pickup.12345678.toml") && files[1].ends_with("00112345678.toml"),
        "{files:?}"
    );
    let (code, stdout, stderr) = import(folder.path(), "log.jsonl", &log, &[]);
    assert_eq!(
        (
            code,
            stdout.as_str(),
            stderr
                .matches("it exists already, with the same content")
                .count()
        ),
        (0, "", 2),
        "{stderr}"
    );
    fs::write(files[0], "mine").expect("there is room");
    let (code, _, stderr) = import(folder.path(), "log.jsonl", &log, &[]);
    assert!(
        code == 1 && stderr.contains("pickup.12345678.toml: it exists already and stays as it is"),
        "{stderr}"
    );
    assert_eq!(fs::read_to_string(files[0]).expect("it is there"), "mine");
}

#[test]
fn what_makes_no_call_is_told_in_a_line() {
    let folder = tempfile::tempdir().expect("there is room");
    let requests = [
        json!({ "form": { "CallSid": "CA1", "CallStatus": "in-progress", "Digits": "1" } }),
        json!({ "form": { "CallSid": "CA2", "CallStatus": "busy" } }),
        json!({ "httpMethod": "GET", "path": "/favicon.ico", "requestContext": {} }),
        json!({ "nothing": 1 }),
    ];
    let (code, stdout, stderr) = import(
        folder.path(),
        "log.json",
        Value::from(requests.to_vec()).to_string(),
        &[],
    );
    assert_eq!((code, stdout.as_str()), (1, ""));
    for said in [
        "log.json: entry 4: it has no CallSid\n",
        "log.json: entry 1: the log begins in the middle of CA1: its first request here answers a question\n",
        "log.json: entry 3: 1 request for something other than a call, left out\n",
        "log.json: 1 call in which nothing was asked, left out: CA2\n",
    ] {
        assert!(stderr.contains(said), "{said}{stderr}");
    }
    let utf16: Vec<u8> = "\u{feff}{}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let (code, _, stderr) = import(folder.path(), "log.json", utf16, &[]);
    assert!(
        code == 1 && stderr.contains("log.json: it is UTF-16"),
        "{stderr}"
    );
}

#[test]
fn a_flow_that_asks_less_than_the_log_tells_is_told() {
    let folder = tempfile::tempdir().expect("there is room");
    let line = |form: &str| {
        format!("{{\"path\": \"/ivr\", \"form\": {{\"CallSid\": \"CA1\", {form}}}}}\n")
    };
    let pressed =
        line(r#""CallStatus": "in-progress", "Digits": "2""#) + &line(r#""Digits": "20261""#);
    let log = line(r#""CallStatus": "ringing""#)
        + &pressed
        + &line(r#""Digits": "9""#)
        + &line(r#""Digits": "8""#);
    let (code, stdout, stderr) = import(folder.path(), "log.jsonl", log, &["--flow", "person"]);
    assert!(
        code == 1 && stdout.contains("person.CA1.toml"),
        "{stdout}{stderr}"
    );
    assert!(
        stderr.contains(
            "CA1: `person` asks less than the log shows: the last 2 acts of the log are left out"
        ),
        "{stderr}"
    );
}

//! A node from outside: how it says that it is well, what it counts and logs, how it starts and how it ends.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::backend::{Answer, Backend, SECRET};
use super::caller::{Caller, fresh_sid, words};
use super::figures::{Figures, get};
use super::flows::{DESK, ORDER};
use super::folder::Folder;
use super::server::{Plan, Server, TOKEN, eventually};

/// What a caller enters, and nobody else may read.
const PIN: &str = "834183418341";

struct Line {
    backend: Backend,
    server: Server,
    _folder: Folder,
}

impl Line {
    async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = Folder::of(&[("order.toml", ORDER), ("desk.toml", DESK)]);
        let backend = Backend::start().await;
        let plan = Plan::default().flows(folder.path());
        let plan = plan.pickups(&backend);
        let server = plan.settings(settings).start();
        Self {
            backend,
            server,
            _folder: folder,
        }
    }

    async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Plays a call to its end.
    async fn play(&self) -> Caller {
        let mut caller = Caller::new(&self.server);
        caller.call("/voice").await;
        for keys in ["7", "1", &format!("{PIN}#"), "1"] {
            caller.press(keys).await;
        }
        assert!(words(&caller.last).contains("Goodbye"), "{}", caller.last);
        caller
    }
}

#[tokio::test]
async fn the_process_says_that_it_is_there() {
    let line = Line::new().await;
    let response = get(&line.server, "/healthz").await;
    assert_eq!(
        (
            response.status().as_u16(),
            response.text().await.ok().as_deref()
        ),
        (200, Some("ok\n"))
    );
}

#[tokio::test]
async fn readiness_tells_the_store_and_the_flows() {
    let line = Line::new().await;
    let response = get(&line.server, "/readyz").await;
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.expect("it is JSON");
    assert_eq!(
        (&body["ready"], &body["stopping"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (&body["store"]["level"], &body["store"]["away"]),
        (&json!("file"), &json!(false))
    );
    assert!(
        body["flows"]["order"]
            .as_str()
            .is_some_and(|version| version.len() == 16)
    );
}

#[tokio::test]
async fn a_node_with_no_flow_in_service_is_not_ready() {
    let empty = Folder::of(&[]);
    let server = Plan::default().flows(empty.path()).start();
    assert_eq!(get(&server, "/readyz").await.status(), 503);
    assert_eq!(get(&server, "/healthz").await.status(), 200);
    empty.write("order.toml", ORDER);
    eventually("it is ready", async || {
        get(&server, "/readyz").await.status() == 200
    })
    .await;
}

#[tokio::test]
async fn every_figure_has_its_name_on_the_page() {
    let line = Line::new().await;
    let mut caller = line.play().await;
    // What has labels stands there from its first time on.
    caller.sid = fresh_sid();
    caller.call("/voice/order").await;
    caller
        .post("/fallback", &[("ErrorCode", "12100")])
        .await
        .expect("the node answers");
    let (node, form) = (line.server.url(""), caller.form(&[]));
    caller
        .send(&node, "/voice", &form, None)
        .await
        .expect("the node answers");
    let page = Figures::of(&line.server).await.page;
    for name in [
        "turn_seconds",
        "turns",
        "calls_started",
        "calls",
        "store_commit_seconds",
        "outbox_rows",
        "outbox_oldest_seconds",
        "outbox_delivered",
        "refused",
        "step_errors",
        "holds",
        "holds_given_up",
        "spilled",
        "spilled_taken",
        "spilled_lost",
        "fallbacks",
        "future_turns",
        "lost_calls",
        "repeats",
        "swept",
        "deliveries",
        "delivery_seconds",
        "store_level",
        "store_away",
    ] {
        assert!(
            page.contains(&format!("# TYPE hookswitch_{name} ")),
            "{name} is not on the page:\n{page}"
        );
    }
    assert!(page.contains("hookswitch_store_level{level=\"file\"} 1"));
    assert!(page.ends_with("# EOF\n"));
}

#[tokio::test]
async fn a_call_counts_its_turns_and_how_it_ended() {
    let line = Line::new().await;
    line.play().await;
    line.backend.wait_for(1).await;
    let delivered = "deliveries_total{backend=\"pickups\",result=\"delivered\"}";
    eventually("it is settled", async || {
        Figures::of(&line.server).await.get(delivered) == 1
    })
    .await;
    let figures = Figures::of(&line.server).await;
    assert_eq!(figures.get("turns_total{flow=\"order\"}"), 5);
    assert_eq!(figures.get("turn_seconds_count"), 5);
    assert_eq!(figures.get("store_commit_seconds_count"), 5);
    assert_eq!(figures.get("calls_started_total{flow=\"order\"}"), 1);
    assert_eq!(
        figures.get("calls_total{flow=\"order\",outcome=\"completed\"}"),
        1
    );
}

#[tokio::test]
async fn what_a_backend_does_not_take_is_counted_as_owed() {
    let line = Line::new().await;
    line.backend.answer_with(Answer::Status(500));
    line.play().await;
    let waiting = "outbox_rows{backend=\"pickups\",state=\"waiting\"}";
    eventually("it waits", async || {
        Figures::of(&line.server).await.get(waiting) == 1
    })
    .await;
    assert!(
        Figures::of(&line.server)
            .await
            .page
            .contains("hookswitch_outbox_oldest_seconds{backend=\"pickups\"}")
    );
}

#[tokio::test]
async fn the_first_lines_tell_what_is_served_and_what_to_give_to_twilio() {
    let line = Line::new().await;
    let log = line.server.log();
    for what in [
        "serves 2 flows at http://127.0.0.1:",
        "+442079460123",
        "local:data (file): survives kill -9 and power loss",
        "https://ivr.example.test/voice#ct=2000&rt=4000&tt=14000&rc=2&rp=ct,rt,5xx",
        "https://ivr.example.test/fallback#ct=",
        "https://ivr.example.test/status#ct=",
    ] {
        assert!(log.contains(what), "{what}:\n{log}");
    }
    assert!(!log.contains("Not safe yet"), "{log}");
}

#[test]
fn a_node_without_flows_says_that_it_answers_nothing_and_where_it_looked() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().display().to_string();
    let absent = folder.path().join("absent");
    for (flows, told) in [
        (
            folder.path(),
            format!("there is no flow (*.toml) in {whole}"),
        ),
        (&absent, format!("there is no folder {whole}/absent")),
    ] {
        let server = Plan::default().flows(flows).start();
        server.wait_for_log(&format!("Nothing will be answered: {told}"));
        let log = server.log();
        assert!(
            log.contains("serves no flow at") && log.contains("hookswitch new"),
            "{log}"
        );
        assert!(!log.contains("Call them in a browser"), "{log}");
    }
    std::fs::write(folder.path().join("bad.toml"), "language = 1").expect("it can be written");
    let server = Plan::default().flows(folder.path()).start();
    server.wait_for_log(&format!("every flow has faults in {whole}"));
}

#[tokio::test]
async fn what_is_not_safe_yet_is_told_at_start() {
    let plan = Plan::default()
        .unset("TWILIO__AUTH_TOKEN")
        .unset("SERVER__PUBLIC_URL")
        .set("STORE__URL", "memory:");
    let server = plan.start();
    for what in ["no auth token", "no public URL", "everything is lost"] {
        server.wait_for_log(&format!(
            "Not safe yet: {}",
            if what.starts_with("every") {
                "the store: "
            } else {
                what
            }
        ));
        assert!(server.log().contains(what));
    }
}

/// The lines of a JSON log, each parsed; what is printed on stdout is passed over.
fn json_lines(server: &Server) -> Vec<Value> {
    let log = server.log();
    let lines = log.lines().filter(|line| line.starts_with('{'));
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[tokio::test]
async fn the_end_of_a_call_is_one_line_with_its_fields() {
    let line = Line::with(&[("LOG__FORMAT", "json"), ("CALLS__HANGUP_GRACE", "100ms")]).await;
    let caller = line.play().await;
    let mut leaver = Caller::new(&line.server);
    leaver.call("/voice/order").await;
    leaver.hang_up().await;
    line.backend.wait_for(2).await;
    let ended = || {
        json_lines(&line.server)
            .into_iter()
            .filter(|line| line["message"] == "Call ended.")
    };
    eventually("both ends are logged", async || ended().count() == 2).await;
    let ended: Vec<_> = ended().collect();
    let fields = |line: &Value| {
        ["call_sid", "flow", "outcome", "last_step", "turns"].map(|name| line[name].clone())
    };
    assert_eq!(
        fields(&ended[0]),
        [
            json!(caller.sid),
            json!("order"),
            json!("completed"),
            json!("bye"),
            json!(5)
        ]
    );
    assert_eq!(
        fields(&ended[1]),
        [
            json!(leaver.sid),
            json!("order"),
            json!("hung_up"),
            json!("size"),
            json!(2)
        ]
    );
    assert!(ended.iter().all(|line| {
        line["version"]
            .as_str()
            .is_some_and(|version| version.len() == 16)
    }));
}

#[tokio::test]
async fn every_line_of_a_json_log_parses_and_those_about_a_call_name_it() {
    let folder = Folder::of(&[
        ("order.toml", ORDER),
        ("bad.toml", "[steps.one]\nsay = 'x'\nnext = 'nowhere'\n"),
    ]);
    let server = Plan::default()
        .flows(folder.path())
        .set("LOG__FORMAT", "json")
        .start();
    let mut caller = Caller::new(&server);
    caller.call("/voice/order").await;
    let node = server.url("");
    let of_the_call = [
        ("/voice/order/~9", "Digits", "1"),
        ("/voice/order/~1?held=AAAA", "Digits", "1"),
        ("/fallback", "ErrorCode", "12100"),
        ("/voice/nowhere", "CallStatus", "in-progress"),
    ];
    for (path, name, value) in of_the_call {
        caller
            .post_to(&node, path, &[(name, value)])
            .await
            .expect("the node answers");
    }
    caller
        .send(
            &node,
            "/voice/order",
            &caller.form(&[]),
            Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        )
        .await
        .expect("the node answers");
    server.wait_for_log("A webhook is refused");
    let printed = server.log();
    let from = printed
        .find("Give these to Twilio")
        .expect("it has started");
    // Both streams are in one log here, as they came.
    let after: Vec<&str> = printed[from..]
        .lines()
        .skip(1)
        // What is for people is indented, and a line of the log may come between.
        .filter(|line| !line.starts_with("  ") && !line.starts_with("Not safe yet"))
        .collect();
    assert!(after.iter().all(|line| line.starts_with('{')), "{after:#?}");
    let lines = json_lines(&server);
    let about = |line: &&Value| line["call_sid"] == caller.sid.as_str();
    assert!(lines.iter().filter(about).count() >= 6, "{lines:#?}");
    let bad = lines
        .iter()
        .find(|line| line["code"] == "target-unknown")
        .expect("the bad file is told");
    assert_eq!(
        (&bad["line"], &bad["column"], &bad["level"]),
        (&json!(3), &json!(8), &json!("ERROR"))
    );
    assert!(
        bad["file"]
            .as_str()
            .is_some_and(|file| file.ends_with("bad.toml"))
    );
}

#[tokio::test]
async fn no_log_at_any_level_holds_a_sensitive_answer_or_a_secret() {
    const SEAL: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const OLD: &str = "fedcba9876543210fedcba9876543210";
    for format in ["human", "json"] {
        let settings = [
            ("LOG__LEVEL", "trace"),
            ("LOG__FORMAT", format),
            ("STORE__SEAL_KEY", SEAL),
            ("TWILIO__AUTH_TOKEN_OLD", OLD),
            ("CALLS__HANGUP_GRACE", "100ms"),
        ];
        let line = Line::with(&settings).await;
        line.backend
            .answer_next([Answer::Status(500), Answer::Reset]);
        let caller = line.play().await;
        let mut leaver = Caller::new(&line.server);
        leaver.call("/voice/order").await;
        leaver.press("1").await;
        // As a GET, so that the secret stands in a URL; with a fault; with a wrong signature.
        let (turn, node) = (leaver.action.clone(), line.server.url(""));
        leaver
            .get(&turn, &[("Digits", PIN)])
            .await
            .expect("the node answers");
        let form = leaver.form(&[("Digits", PIN)]);
        leaver
            .send(&node, "/voice/order", &form, Some("AAAA"))
            .await
            .expect("the node answers");
        let url = format!("https://ivr.example.test/voice/order/~2?Digits={PIN}");
        let fault = [("ErrorCode", "11200"), ("ErrorUrl", &*url), ("Digits", PIN)];
        leaver
            .post_to(&node, "/fallback", &fault)
            .await
            .expect("the node answers");
        leaver.hang_up().await;
        line.backend.wait_for(2).await;
        line.server.wait_for_log("hung_up");
        let log = line.server.log();
        assert!(
            log.contains(&caller.sid) && log.contains("TRACE"),
            "the log tells everything else"
        );
        for secret in [PIN, TOKEN, OLD, SEAL, SECRET.trim_start_matches("whsec_")] {
            let shown = log.lines().find(|line| line.contains(secret));
            assert!(shown.is_none(), "{secret} stands in the log: {shown:?}");
        }
    }
}

#[tokio::test]
async fn nothing_sensitive_stands_in_the_store_s_files() {
    let line = Line::new().await;
    line.backend.answer_with(Answer::Status(500));
    let mut caller = Caller::new(&line.server);
    caller.call("/voice").await;
    caller.press("1").await;
    caller.press(&format!("{PIN}#")).await;
    line.play().await;
    line.backend.wait_for(1).await;
    let data = line.server.folder().join("data");
    let mut looked_at = 0;
    for entry in std::fs::read_dir(&data).expect("the data folder is there") {
        let path = entry.expect("it can be read").path();
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        looked_at += bytes.len();
        assert!(
            !bytes.windows(PIN.len()).any(|part| part == PIN.as_bytes()),
            "{}",
            path.display()
        );
        if path.extension().is_some_and(|ending| ending == "redb") {
            let sid = caller.sid.as_bytes();
            assert!(
                bytes.windows(sid.len()).any(|part| part == sid),
                "the call is in there"
            );
        }
    }
    assert!(looked_at > 0);
}

#[test]
fn a_port_that_is_taken_is_told_and_ends_with_3() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let (code, log) = Plan::default().set("SERVER__LISTEN", &address).fail();
    assert_eq!(code, 3, "{log}");
    assert!(
        log.contains(&address) && log.contains("HOOKSWITCH__SERVER__LISTEN"),
        "{log}"
    );
}

#[test]
fn settings_that_are_wrong_are_all_told_and_end_with_2() {
    let plan = Plan::default()
        .set("SERVER__LISTEN", "nowhere")
        .set("SERVER__PUBLIC_URL", "ftp://x")
        .set("CALLS__HANGUP_GRACE", "soon")
        .set("STORE__URL", "floppy:a")
        .set("STORE__SEAL_KEY", "short-and-secret")
        .set("BACKENDS__PICKUPS__SECRET", "not-a-secret")
        .set("LOG__LEVEL", "loud")
        .set("TWILIO__AUTH_TOKN", TOKEN);
    let (code, log) = plan.fail();
    assert_eq!(code, 2, "{log}");
    for key in [
        "server.listen",
        "server.public_url",
        "calls.hangup_grace",
        "store.url",
        "store.seal_key",
        "backends.pickups.secret",
        "log.level",
        "twilio.auth_tokn",
    ] {
        assert!(log.contains(key), "{key}:\n{log}");
    }
    assert!(log.contains("did you mean `auth_token`?"), "{log}");
    for secret in ["short-and-secret", "not-a-secret", TOKEN] {
        assert!(!log.contains(secret), "{secret}:\n{log}");
    }
}

#[tokio::test]
async fn a_store_that_another_node_serves_is_told_and_ends_with_3() {
    let line = Line::new().await;
    let store = format!("local:{}", line.server.folder().join("data").display());
    let (code, log) = Plan::default().set("STORE__URL", store).fail();
    assert_eq!(code, 3, "{log}");
    assert!(log.contains("in use"), "{log}");
}

#[tokio::test]
async fn a_node_that_is_told_to_end_right_after_it_has_started_ends_well() {
    let mut line = Line::new().await;
    assert_eq!(line.server.stop(), 0);
    assert!(!line.server.log().contains("panicked"));
}

/// Begins calls one after the other until told to stop. Counts those that were answered, each whole and right; returns
/// those that were not, because the node was no longer there.
async fn call_and_call(
    mut caller: Caller,
    answered: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
) -> Vec<String> {
    let (node, mut lost) = (caller.nodes[0].clone(), Vec::new());
    while !stop.load(Ordering::Relaxed) {
        caller.sid = fresh_sid();
        let Ok(reply) = caller
            .post_to(&node, "/voice/order", &[("CallStatus", "ringing")])
            .await
        else {
            lost.push(caller.sid.clone());
            continue;
        };
        // A disk that is busy with other tests may put a caller on hold, which is an answer too.
        let heard = words(&reply.body);
        assert!(
            reply.status == 200 && (heard.contains("Small") || heard == "One moment, please."),
            "{}",
            reply.body
        );
        answered.fetch_add(1, Ordering::Relaxed);
    }
    lost
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_told_to_end_under_load_answers_all_that_it_took_up() {
    let mut line = Line::new().await;
    let (stop, answered) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let call = |_| {
        tokio::spawn(call_and_call(
            Caller::new(&line.server),
            Arc::clone(&answered),
            Arc::clone(&stop),
        ))
    };
    let callers: Vec<_> = (0..8).map(call).collect();
    eventually("there is load", async || {
        answered.load(Ordering::Relaxed) > 50
    })
    .await;
    assert_eq!(line.server.stop(), 0);
    stop.store(true, Ordering::Relaxed);
    let lost = futures_util::future::join_all(callers).await;
    let lost: Vec<_> = lost
        .into_iter()
        .flat_map(|lost| lost.expect("every answer was whole and right"))
        .collect();
    line.server.start();
    let mut caller = Caller::new(&line.server);
    for sid in lost.into_iter().take(200) {
        caller.sid = sid;
        assert!(words(&caller.call("/voice/order").await).contains("Small"));
    }
    assert_eq!(
        Figures::of(&line.server).await.get("repeats_total"),
        0,
        "a call had begun and was not answered"
    );
}

//! `/fallback`: what the carrier could not fetch or carry out.

use super::backend::Backend;
use super::caller::{Caller, words};
use super::figures::Figures;
use super::flows::{DESK, ORDER};
use super::folder::Folder;
use super::server::{PUBLIC_URL, Plan, Server};

struct Line {
    server: Server,
    _backend: Backend,
    _folder: Folder,
}

impl Line {
    async fn new() -> Self {
        Self::at(PUBLIC_URL).await
    }

    async fn at(public_url: &str) -> Self {
        let folder = Folder::of(&[("order.toml", ORDER), ("desk.toml", DESK)]);
        let backend = Backend::start().await;
        let plan = Plan::default()
            .flows(folder.path())
            .set("SERVER__PUBLIC_URL", public_url);
        let server = plan.set("BACKENDS__PICKUPS__URL", backend.url()).start();
        Self {
            server,
            _backend: backend,
            _folder: folder,
        }
    }

    /// A call that is asked for its PIN, and the path whose answer it hears now.
    async fn call(&self) -> (Caller, String) {
        let mut caller = Caller::new(&self.server);
        caller.call("/voice/order").await;
        let path = caller.action.clone();
        assert!(words(&caller.press("1").await).contains("PIN"));
        (caller, path)
    }
}

/// The carrier tells of a fault at a path, and follows what it is answered.
async fn fail(caller: &mut Caller, code: &str, path: &str) -> String {
    let url = format!(
        "{}{}",
        caller.public_url,
        path.split('#').next().expect("there is a first part")
    );
    let status = ("CallStatus", "in-progress");
    caller
        .go_to(
            "/fallback",
            &[status, ("ErrorCode", code), ("ErrorUrl", &url)],
        )
        .await
}

#[tokio::test]
async fn after_a_fetch_fault_the_call_goes_on_with_the_reply_that_it_is_at() {
    let line = Line::new().await;
    for code in ["11200", "11205", "11299"] {
        let (mut caller, path) = line.call().await;
        let now = caller.last.clone();
        assert_eq!(fail(&mut caller, code, &path).await, now);
        assert!(words(&caller.press("8341#").await).contains("To send it"));
    }
}

#[tokio::test]
async fn a_fetch_fault_of_a_turn_that_never_reached_us_asks_again() {
    let line = Line::new().await;
    let (mut caller, _) = line.call().await;
    let (now, next) = (caller.last.clone(), caller.action.clone());
    assert_eq!(fail(&mut caller, "11205", &next).await, now);
    assert!(words(&caller.press("8341#").await).contains("To send it"));
}

#[tokio::test]
async fn after_a_document_fault_the_call_takes_the_way_of_on_error() {
    let line = Line::new().await;
    for code in ["12100", "11750", "12300", "0", "nonsense"] {
        let (mut caller, path) = line.call().await;
        assert!(
            words(&fail(&mut caller, code, &path).await).contains("There is a fault."),
            "{code}"
        );
        assert!(words(&caller.press("1").await).contains("Small"));
    }
    assert_eq!(
        Figures::of(&line.server)
            .await
            .get("step_errors_total{flow=\"order\",step=\"pin\"}"),
        5
    );
}

#[tokio::test]
async fn a_document_fault_told_twice_is_acted_on_once() {
    let line = Line::new().await;
    let (mut caller, path) = line.call().await;
    let heard = fail(&mut caller, "12100", &path).await;
    assert_eq!(fail(&mut caller, "12100", &path).await, heard);
    assert!(words(&caller.press("1").await).contains("Small"));
}

#[tokio::test]
async fn a_document_fault_of_the_very_first_reply_told_twice_is_acted_on_once() {
    let line = Line::new().await;
    let mut caller = Caller::new(&line.server);
    caller.call("/voice").await;
    let heard = fail(&mut caller, "12100", "/voice").await;
    assert!(words(&heard).contains("There is a fault."));
    assert_eq!(fail(&mut caller, "12100", "/voice").await, heard);
}

#[tokio::test]
async fn a_fault_of_a_turn_long_past_moves_nothing() {
    let line = Line::new().await;
    let (mut caller, path) = line.call().await;
    let now = caller.press("8341#").await;
    assert_eq!(fail(&mut caller, "12100", &path).await, now);
    assert!(words(&caller.press("1").await).contains("Goodbye"));
}

#[tokio::test]
async fn a_second_document_fault_ends_the_call_with_calm_words() {
    let line = Line::new().await;
    let (mut caller, path) = line.call().await;
    fail(&mut caller, "12100", &path).await;
    let heard = fail(&mut caller, "12100", &path.replace("~1", "~2")).await;
    assert!(
        words(&heard).starts_with("We are sorry") && caller.is_over(),
        "{heard}"
    );
    let figures = Figures::of(&line.server).await;
    assert_eq!(
        figures.get("calls_total{flow=\"order\",outcome=\"failed\"}"),
        1
    );
}

#[tokio::test]
async fn the_third_fault_of_a_call_takes_the_way_of_on_error() {
    let line = Line::new().await;
    let (mut caller, path) = line.call().await;
    let now = caller.last.clone();
    assert_eq!(fail(&mut caller, "11200", &path).await, now);
    let path = caller.action.clone();
    let now = caller.press("8341#").await;
    assert_eq!(fail(&mut caller, "11200", &path).await, now);
    assert!(words(&fail(&mut caller, "11200", &path).await).contains("There is a fault."));
}

#[tokio::test]
async fn faults_are_counted_past_a_restart() {
    let mut line = Line::new().await;
    let (mut caller, path) = line.call().await;
    for _ in 0..2 {
        fail(&mut caller, "11200", &path).await;
    }
    let path = caller.action.clone();
    caller.press("8341#").await;
    line.server.restart();
    assert!(words(&fail(&mut caller, "11200", &path).await).contains("There is a fault."));
}

#[tokio::test]
async fn a_call_that_nobody_knows_starts_the_flow_of_the_url_that_failed() {
    let line = Line::new().await;
    for (path, heard) in [
        ("/voice/desk", "To talk"),
        ("/voice", "Small"),
        ("/voice/desk/~7?held=AAAA", "To talk"),
    ] {
        for code in ["11200", "12100"] {
            let mut caller = Caller::new(&line.server);
            assert!(
                words(&fail(&mut caller, code, path).await).starts_with(heard),
                "{path}"
            );
            caller.press("1").await;
        }
    }
}

#[tokio::test]
async fn the_flow_is_found_whatever_the_host_is_called() {
    let line = Line::at("https://voice.example.test/voice").await;
    let mut caller = Caller::new(&line.server);
    caller.public_url = "https://voice.example.test/voice".to_owned();
    assert!(words(&fail(&mut caller, "11200", "/voice/desk/~3").await).starts_with("To talk"));
}

#[tokio::test]
async fn a_fault_at_somebody_else_s_url_is_one_of_the_call_as_it_is() {
    let line = Line::new().await;
    let (mut caller, _) = line.call().await;
    let fields = [
        ("ErrorCode", "12100"),
        ("ErrorUrl", "https://other.example.test/twiml"),
    ];
    assert!(words(&caller.go_to("/fallback", &fields).await).contains("There is a fault."));
    let mut caller = Caller::new(&line.server);
    caller.to = "+15005550000".to_owned();
    assert!(
        words(&caller.go_to("/fallback", &fields).await).starts_with("We are sorry"),
        "no flow is to be found"
    );
}

#[tokio::test]
async fn a_call_that_is_over_hears_its_last_reply_again_or_calm_words() {
    let line = Line::new().await;
    let (mut caller, _) = line.call().await;
    caller.press("8341#").await;
    let path = caller.action.clone();
    let goodbye = caller.press("1").await;
    assert_eq!(fail(&mut caller, "11200", &path).await, goodbye);
    assert!(words(&fail(&mut caller, "12100", &path).await).starts_with("We are sorry"));
}

#[tokio::test]
async fn what_failed_is_counted_by_code_and_logged_without_the_query() {
    let line = Line::new().await;
    let (mut caller, path) = line.call().await;
    let path = path.split('#').next().expect("there is a first part");
    fail(&mut caller, "11205", &format!("{path}?Digits=7777777777")).await;
    fail(&mut caller, "11205", path).await;
    fail(&mut caller, "12300", path).await;
    let figures = Figures::of(&line.server).await;
    assert_eq!(figures.get("fallbacks_total{code=\"11205\"}"), 2);
    assert_eq!(figures.get("fallbacks_total{code=\"12300\"}"), 1);
    line.server.wait_for_log("12300");
    let log = line.server.log();
    let told = |line: &str| line.contains("11205") && line.contains(&caller.sid);
    assert!(
        log.lines()
            .filter(|line| told(line))
            .all(|line| line.contains(&format!("{PUBLIC_URL}{path}"))),
        "{log}"
    );
    assert_eq!(log.lines().filter(|line| told(line)).count(), 2);
    assert!(!log.contains("7777777777"));
}

#[tokio::test]
async fn a_fault_may_be_told_by_a_get() {
    let line = Line::new().await;
    let (caller, path) = line.call().await;
    let url = format!(
        "{PUBLIC_URL}{}",
        path.split('#').next().expect("there is a first part")
    );
    let reply = caller
        .get("/fallback", &[("ErrorCode", "11200"), ("ErrorUrl", &url)])
        .await
        .expect("it answers");
    assert_eq!((reply.status, reply.body), (200, caller.last));
}

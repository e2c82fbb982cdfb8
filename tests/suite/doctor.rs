//! `hookswitch doctor`, before real proxies and a stand-in for Twilio.

use serde_json::Value;

use super::architecture::root;
use super::carrier::ACCOUNT;
use super::folder::Folder;
use super::number::twilio;
use super::proxies::Proxy;
use super::server::{Plan, Server, free_port};

const WELL: i32 = 0;
const FAULTS: i32 = 1;

/// A node with one flow that is known by a port of this machine, at which nobody listens yet.
struct Node {
    server: Server,
    port: u16,
    _flows: Folder,
}

fn node() -> Node {
    let port = free_port();
    let pickup = std::fs::read_to_string(root().join("flows/pickup.toml")).expect("it is there");
    let flows = Folder::of(&[("pickup.toml", &pickup)]);
    let url = format!("http://127.0.0.1:{port}");
    let plan = Plan::default().set("SERVER__PUBLIC_URL", url);
    Node {
        server: plan.flows(flows.path()).start(),
        port,
        _flows: flows,
    }
}

/// What is found with these settings in the node's folder.
fn look(server: &Server, plan: &Plan) -> (i32, Vec<Value>) {
    let (code, told, noted) = plan.run(server.folder(), &["doctor", "--format", "json"]);
    assert_eq!(noted, "");
    let lines = told.lines();
    let found = lines.map(|line| serde_json::from_str(line).expect("JSON"));
    (code, found.collect())
}

/// The one finding about something.
#[track_caller]
fn about<'f>(found: &'f [Value], about: &str) -> (&'f str, &'f str, &'f str) {
    let mut those = found.iter().filter(|finding| finding["about"] == about);
    let one = those.next().unwrap_or_else(|| panic!("{about}: {found:?}"));
    let text = |name: &str| one[name].as_str().unwrap_or_default();
    (text("verdict"), text("found"), text("help"))
}

#[test]
fn behind_the_shipped_proxies_all_is_well() {
    for start in [Proxy::nginx_at, Proxy::caddy_at] {
        let node = node();
        let (server, port) = (&node.server, node.port);
        let _proxy = start(server, port);
        let (code, found) = look(server, server.plan());
        assert_eq!(code, WELL, "{found:?}");
        let (verdict, words, _) = about(&found, "public URL");
        assert_eq!(verdict, "well");
        assert!(words.ends_with("/status: a signed request fits"), "{words}");
        for what in ["node", "token", "store", "clock", "proxy"] {
            assert_eq!(about(&found, what).0, "well", "{what}: {found:?}");
        }
        let (_, told, _) = server.plan().run(server.folder(), &["doctor"]);
        assert!(told.contains("well     token        is set\n"), "{told}");
        assert!(told.contains("\n0 wrong, "), "{told}");
        assert!(!told.contains(server.plan().setting("TWILIO__AUTH_TOKEN")));
    }
}

#[test]
fn a_signature_that_does_not_fit_behind_the_proxy_is_found() {
    let node = node();
    let (server, port) = (&node.server, node.port);
    let _proxy = Proxy::nginx_at(server, port);
    let other = server.plan().clone();
    let other = other.set("TWILIO__AUTH_TOKEN", "ffffffffffffffffffffffffffffffff");
    let (code, found) = look(server, &other);
    assert_eq!(code, FAULTS);
    let (verdict, words, help) = about(&found, "public URL");
    assert_eq!(verdict, "wrong");
    assert!(words.contains("the signature does not fit"), "{words}");
    assert!(help.contains("byte for byte"), "{help}");

    let elsewhere = server.plan().clone();
    let elsewhere = elsewhere.set("SERVER__PUBLIC_URL", "https://other.example");
    let (code, found) = look(server, &elsewhere);
    assert_eq!(code, FAULTS);
    let (_, words, help) = about(&found, "public URL");
    assert!(
        words.contains("https://other.example here, and http://127.0.0.1:"),
        "{words}"
    );
    assert!(help.contains("restart the node"), "{help}");
}

#[test]
fn a_proxy_that_hides_itself_and_one_that_is_not_there_are_found() {
    let node = node();
    let (server, port) = (&node.server, node.port);
    let (code, found) = look(server, server.plan());
    assert_eq!(code, FAULTS);
    let (verdict, words, help) = about(&found, "public URL");
    assert!(verdict == "wrong" && words.contains("refused"), "{words}");
    assert!(help.contains("does the proxy run"), "{help}");

    let bare = format!(
        "location / {{ proxy_http_version 1.1; proxy_pass {}; }}\n",
        server.url("")
    );
    let _proxy = Proxy::nginx_with(&bare, port);
    let (code, found) = look(server, server.plan());
    assert_eq!(code, FAULTS);
    assert_eq!(about(&found, "public URL").0, "well");
    let (verdict, words, help) = about(&found, "proxy");
    assert!(
        verdict == "wrong" && words.contains("shown to everybody"),
        "{words}"
    );
    assert!(help.contains("X-Forwarded-For"), "{help}");
}

#[test]
fn what_the_proxy_does_not_hand_on_is_found() {
    let node = node();
    let (server, port) = (&node.server, node.port);
    let _proxy = Proxy::nginx_with("location / { return 404; }\n", port);
    let (_, found) = look(server, server.plan());
    let (verdict, words, help) = about(&found, "public URL");
    assert!(verdict == "wrong" && words.contains("404"), "{words}");
    assert!(help.contains("deploy/Caddyfile"), "{help}");
}

#[tokio::test(flavor = "multi_thread")]
async fn twilio_is_asked_for_the_token_the_time_and_the_numbers() {
    let (twilio, numbers) = twilio();
    let node = node();
    let (server, port) = (&node.server, node.port);
    let _proxy = Proxy::nginx_at(server, port);
    let plan = server.plan().clone();
    let plan = plan
        .set("TWILIO__API_URL", twilio.url())
        .set("TWILIO__ACCOUNT_SID", ACCOUNT);
    let (code, found) = look(server, &plan);
    assert_eq!(code, WELL, "{found:?}");
    assert_eq!(about(&found, "account").0, "well");
    assert_eq!(about(&found, "time").0, "well");
    let (verdict, words, help) = about(&found, "numbers");
    assert!(
        verdict == "warning" && words.contains("no number"),
        "{words}"
    );
    assert!(help.contains("number set"), "{help}");
    let base = format!("http://127.0.0.1:{port}");
    numbers.lock().expect("no panic")[0]["voice_url"] = format!("{base}/voice").into();
    let (_, found) = look(server, &plan);
    assert!(
        about(&found, "numbers")
            .1
            .starts_with("+442079460123 calls here, but without")
    );
    let (code, _, noted) = plan.run(
        server.folder(),
        &["number", "set", "+442079460123", "--yes"],
    );
    assert_eq!(code, WELL, "{noted}");
    let (_, found) = look(server, &plan);
    assert_eq!(about(&found, "numbers").1, "1 calls here");

    let wrong = plan.set("TWILIO__ACCOUNT_SID", "AC11111111111111111111111111111111");
    let (code, found) = look(server, &wrong);
    assert_eq!(code, FAULTS);
    assert!(about(&found, "account").2.contains("primary auth token"));
}

#[test]
fn where_no_node_runs_what_can_be_seen_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = Plan::default()
        .unset("TWILIO__AUTH_TOKEN")
        .unset("SERVER__PUBLIC_URL")
        .flows(folder.path());
    let (code, told, _) = plan.run(folder.path(), &["doctor", "--offline"]);
    assert_eq!(code, FAULTS);
    for words in [
        "warning  node         no node serves data\n",
        "warning  token        no auth token is set",
        "well     store        file: survives",
        "WRONG    flows        there is none in service from ",
        "\n1 wrong, 2 to be looked at.\n",
    ] {
        assert!(told.contains(words), "{words}:\n{told}");
    }
    assert!(
        !folder.path().join("data").exists(),
        "nothing is made by looking"
    );
}

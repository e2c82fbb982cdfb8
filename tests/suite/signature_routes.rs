//! Signatures at the routes: whose token, over which bytes of which URL, and what is served without any.

use super::caller::{Caller, FORM, Reply, encode, words};
use super::figures::Figures;
use super::flows::ORDER;
use super::folder::Folder;
use super::server::{PUBLIC_URL, Plan, Server, TOKEN};
use super::wire;

const OTHER: &str = "fedcba9876543210fedcba9876543210";
const SUBACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

struct Line {
    server: Server,
    _folder: Folder,
}

fn line(settings: impl FnOnce(Plan) -> Plan) -> Line {
    let folder = Folder::of(&[("order.toml", ORDER)]);
    let server = settings(Plan::default().flows(folder.path())).start();
    Line {
        server,
        _folder: folder,
    }
}

/// Sends a first webhook that is signed with a token for an address, to a path; the status.
async fn first(server: &Server, token: &str, public_url: &str, path: &str) -> Reply {
    let mut caller = Caller::new(server);
    caller.token = token.to_owned();
    caller.public_url = public_url.to_owned();
    caller
        .post(path, &[("CallStatus", "ringing")])
        .await
        .expect("the node answers")
}

/// Sends a first webhook byte for byte: its target as it stands, and these headers.
async fn raw(server: &Server, target: &str, signed: &str, headers: &[(&str, &str)]) -> u16 {
    let caller = Caller::new(server);
    let form = caller.form(&[("CallStatus", "ringing")]);
    let signature = hookswitch::twilio::signature::sign(TOKEN, signed, &form);
    let own = [("content-type", FORM), ("x-twilio-signature", &*signature)];
    let headers: Vec<_> = headers.iter().copied().chain(own).collect();
    wire::request(
        server,
        &format!("POST {target}"),
        &headers,
        encode(&form).as_bytes(),
    )
    .await
    .0
}

const HOST: (&str, &str) = ("host", "ivr.example.test");

#[tokio::test]
async fn the_query_is_signed_byte_for_byte() {
    let line = line(|plan| plan);
    for query in [
        "b=2&a=1",
        "q=it's",
        "q=%7e~%41+%20",
        "q=a|b[]",
        "q=",
        "q",
        "a=1&a=1",
        "%66%6F%6F=%C3%A9",
    ] {
        let target = format!("/voice/order?{query}");
        assert_eq!(
            raw(
                &line.server,
                &target,
                &format!("{PUBLIC_URL}{target}"),
                &[HOST]
            )
            .await,
            200,
            "{query}"
        );
    }
    for (sent, signed) in [
        ("b=2&a=1", "a=1&b=2"),
        ("q=%7E", "q=~"),
        ("q=%2f", "q=%2F"),
        ("q=+", "q=%20"),
        ("", "a=1"),
    ] {
        let signed = format!("{PUBLIC_URL}/voice/order?{signed}");
        let sent = format!("/voice/order?{sent}");
        assert_eq!(
            raw(&line.server, &sent, &signed, &[HOST]).await,
            403,
            "{sent} for {signed}"
        );
    }
}

#[tokio::test]
async fn the_path_is_signed_byte_for_byte() {
    let line = line(|plan| plan);
    let signed = format!("{PUBLIC_URL}/voice/order");
    assert_eq!(
        raw(&line.server, "/voice/order", &signed, &[HOST]).await,
        200
    );
    assert_eq!(
        raw(&line.server, "/voice/order/", &signed, &[HOST]).await,
        403
    );
    assert_eq!(
        raw(
            &line.server,
            "/voice/order/",
            &format!("{signed}/"),
            &[HOST]
        )
        .await,
        200
    );
    assert_eq!(
        raw(&line.server, "/voice/%6Frder", &signed, &[HOST]).await,
        403
    );
}

#[tokio::test]
async fn the_default_port_may_be_signed_or_not() {
    let line = line(|plan| plan);
    for (address, status) in [
        ("https://ivr.example.test", 200),
        ("https://ivr.example.test:443", 200),
        ("https://ivr.example.test:8443", 403),
        ("http://ivr.example.test", 403),
        ("https://IVR.example.test", 403),
    ] {
        assert_eq!(
            first(&line.server, TOKEN, address, "/voice/order")
                .await
                .status,
            status,
            "{address}"
        );
    }
}

#[tokio::test]
async fn a_port_that_is_set_may_be_signed_or_not() {
    let line = line(|plan| plan.set("SERVER__PUBLIC_URL", "https://ivr.example.test:8443"));
    for (address, status) in [
        ("https://ivr.example.test", 200),
        ("https://ivr.example.test:8443", 200),
        ("https://ivr.example.test:9443", 403),
    ] {
        assert_eq!(
            first(&line.server, TOKEN, address, "/voice/order")
                .await
                .status,
            status,
            "{address}"
        );
    }
}

#[tokio::test]
async fn the_path_of_the_public_url_stands_before_ours_in_signatures_and_in_every_url() {
    let line = line(|plan| plan.set("SERVER__PUBLIC_URL", "https://ivr.example.test/lines/one/"));
    let mut caller = Caller::new(&line.server);
    caller.public_url = "https://ivr.example.test/lines/one".to_owned();
    caller.call("/voice/order").await;
    for keys in ["1", "8341#", "1"] {
        // A proxy takes the path away again.
        let action = caller
            .action
            .strip_prefix("/lines/one")
            .expect("it has the path")
            .to_owned();
        assert!(action.starts_with("/voice/order/~"));
        assert_eq!(
            caller.last.matches("/voice/").count(),
            caller.last.matches("/lines/one/voice/").count()
        );
        caller.action = action;
        caller.press(keys).await;
    }
    assert!(words(&caller.last).contains("Goodbye"));
    assert_eq!(
        first(&line.server, TOKEN, PUBLIC_URL, "/voice/order")
            .await
            .status,
        403
    );
    line.server
        .wait_for_log("https://ivr.example.test/lines/one/voice#");
}

#[tokio::test]
async fn fields_that_repeat_are_signed_sorted_and_each_value_once() {
    let line = line(|plan| plan);
    let caller = Caller::new(&line.server);
    let repeated = [
        ("Tag", "b"),
        ("Tag", "a"),
        ("Tag", "b"),
        ("Empty", ""),
        ("ReasonConferenceEnded", "x"),
        ("Reason", "y"),
    ];
    let form = caller.form(&repeated);
    let signature = caller.sign("/voice/order", &form);
    let reply = caller
        .send(
            &line.server.url(""),
            "/voice/order",
            &form,
            Some(&signature),
        )
        .await;
    assert_eq!(reply.expect("it answers").status, 200);
    let mut turned = form.clone();
    turned.reverse();
    let reply = caller
        .send(
            &line.server.url(""),
            "/voice/order",
            &turned,
            Some(&signature),
        )
        .await;
    assert_eq!(
        reply.expect("it answers").status,
        200,
        "the order of fields is not signed"
    );
    let mut without = form;
    without.retain(|(name, _)| name != "Empty");
    let reply = caller
        .send(
            &line.server.url(""),
            "/voice/order",
            &without,
            Some(&signature),
        )
        .await;
    assert_eq!(
        reply.expect("it answers").status,
        403,
        "an empty field counts"
    );
}

#[tokio::test]
async fn while_the_token_changes_both_are_taken() {
    let line = line(|plan| {
        plan.set("TWILIO__AUTH_TOKEN", OTHER)
            .set("TWILIO__AUTH_TOKEN_OLD", TOKEN)
    });
    assert_eq!(
        first(&line.server, OTHER, PUBLIC_URL, "/voice/order")
            .await
            .status,
        200
    );
    assert_eq!(
        first(&line.server, TOKEN, PUBLIC_URL, "/voice/order")
            .await
            .status,
        200
    );
    assert_eq!(
        first(
            &line.server,
            "a token of nobody",
            PUBLIC_URL,
            "/voice/order"
        )
        .await
        .status,
        403
    );
}

#[tokio::test]
async fn a_subaccount_signs_with_its_own_token() {
    let setting = format!("TWILIO__ACCOUNTS__{SUBACCOUNT}__AUTH_TOKEN");
    let line = line(|plan| plan.set(&setting, OTHER));
    let ask = async |account: &str, token: &str| {
        let mut caller = Caller::new(&line.server);
        caller.token = token.to_owned();
        let mut form = caller.form(&[]);
        form.iter_mut()
            .filter(|(name, _)| name == "AccountSid")
            .for_each(|(_, value)| account.clone_into(value));
        let signature = caller.sign("/voice/order", &form);
        let reply = caller
            .send(
                &line.server.url(""),
                "/voice/order",
                &form,
                Some(&signature),
            )
            .await;
        reply.expect("it answers").status
    };
    assert_eq!(ask(SUBACCOUNT, OTHER).await, 200);
    assert_eq!(ask(SUBACCOUNT, TOKEN).await, 403);
    assert_eq!(ask("AC00000000000000000000000000000000", TOKEN).await, 200);
    assert_eq!(ask("AC00000000000000000000000000000000", OTHER).await, 403);
}

#[tokio::test]
async fn what_a_proxy_writes_into_headers_decides_nothing() {
    let line = line(|plan| plan);
    let hostile = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-prefix", "/evil"),
        ("x-original-url", "/evil"),
        ("forwarded", "host=evil.example;proto=http"),
    ];
    let signed = format!("{PUBLIC_URL}/voice/order");
    assert_eq!(
        raw(&line.server, "/voice/order", &signed, &hostile).await,
        200
    );
    for signed in [
        "https://evil.example/voice/order",
        "http://evil.example/voice/order",
        "https://evil.example/evil",
    ] {
        assert_eq!(
            raw(&line.server, "/voice/order", signed, &hostile).await,
            403,
            "{signed}"
        );
    }
}

#[tokio::test]
async fn an_algorithm_that_is_not_known_is_refused() {
    let line = line(|plan| plan);
    let signed = format!("{PUBLIC_URL}/voice/order");
    let settings = |value| [HOST, ("x-twilio-webhooks-signature-settings", value)];
    assert_eq!(
        raw(&line.server, "/voice/order", &signed, &settings("key=1")).await,
        200
    );
    let shared = settings("key=1,algorithm=HMAC_SHA256");
    assert_eq!(
        raw(&line.server, "/voice/order", &signed, &shared).await,
        403
    );
    assert_eq!(
        raw(
            &line.server,
            "/voice/order",
            &signed,
            &settings("algorithm=HMAC_MD5")
        )
        .await,
        403
    );
    assert_eq!(
        raw(
            &line.server,
            "/voice/order",
            &signed,
            &settings("algorithm=HMAC_SHA1")
        )
        .await,
        200
    );
    let figures = Figures::of(&line.server).await;
    assert_eq!(figures.get("refused_total{reason=\"algorithm\"}"), 1);
    assert_eq!(figures.get("refused_total{reason=\"unknown_key\"}"), 1);
    line.server
        .wait_for_log("settings=\"key=1,algorithm=HMAC_SHA256\"");
}

#[tokio::test]
async fn a_refusal_is_logged_with_the_url_that_was_checked_and_no_query() {
    let line = line(|plan| plan);
    let target = "/voice/order?Digits=7777777777";
    assert_eq!(
        raw(
            &line.server,
            target,
            "https://elsewhere.example/voice",
            &[HOST]
        )
        .await,
        403
    );
    line.server.wait_for_log("hookswitch signature");
    let log = line.server.log();
    assert!(
        log.contains("url=\"https://ivr.example.test/voice/order\""),
        "{log}"
    );
    assert!(!log.contains("7777777777"));
}

/// Sends an unsigned first webhook with these headers.
async fn unsigned(server: &Server, headers: &[(&str, &str)]) -> u16 {
    let body = encode(&Caller::new(server).form(&[]));
    let headers: Vec<_> = headers
        .iter()
        .copied()
        .chain([("content-type", FORM)])
        .collect();
    wire::request(server, "POST /voice/order", &headers, body.as_bytes())
        .await
        .0
}

fn open_line() -> Line {
    line(|plan| plan.unset("TWILIO__AUTH_TOKEN").unset("SERVER__PUBLIC_URL"))
}

#[tokio::test]
async fn without_a_token_this_machine_is_served() {
    let line = open_line();
    for host in ["127.0.0.1:8080", "localhost", "[::1]:80"] {
        assert_eq!(
            unsigned(&line.server, &[("host", host)]).await,
            200,
            "{host}"
        );
    }
    line.server.wait_for_log("Not safe yet: no auth token");
}

#[tokio::test]
async fn without_a_token_a_tunnel_does_not_open_the_door() {
    let line = open_line();
    let here = ("host", "127.0.0.1");
    for headers in [
        &[("host", "ivr.example.test")][..],
        &[("host", "localhost.evil.example")],
        &[("host", "")],
        &[],
        &[here, ("x-forwarded-for", "1.2.3.4")],
        &[here, ("X-Forwarded-Host", "abc.ngrok.app")],
        &[here, ("x-forwarded-proto", "https")],
        &[here, ("forwarded", "for=1.2.3.4")],
    ] {
        let status = unsigned(&line.server, headers).await;
        assert!(
            status == 403 || (status == 400 && headers.is_empty()),
            "{headers:?}: {status}"
        );
    }
    assert_eq!(
        Figures::of(&line.server).await.sum("calls_started_total"),
        0
    );
}

#[tokio::test]
async fn a_signed_webhook_without_a_token_is_refused_and_the_log_names_the_setting() {
    let line = open_line();
    let headers = [
        ("host", "127.0.0.1"),
        ("x-twilio-signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ];
    assert_eq!(unsigned(&line.server, &headers).await, 403);
    line.server.wait_for_log("HOOKSWITCH__TWILIO__AUTH_TOKEN");
    assert_eq!(
        Figures::of(&line.server)
            .await
            .get("refused_total{reason=\"no_token\"}"),
        1
    );
}

#[test]
fn listening_elsewhere_without_a_token_does_not_start() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let plan = Plan::default()
            .unset("TWILIO__AUTH_TOKEN")
            .unset("SERVER__PUBLIC_URL")
            .set("SERVER__LISTEN", address);
        let (code, log) = plan.fail();
        assert_eq!(code, 2, "{log}");
        assert!(log.contains("HOOKSWITCH__TWILIO__AUTH_TOKEN"), "{log}");
    }
}

#[tokio::test]
async fn a_blank_token_is_none() {
    let (code, log) = Plan::default()
        .set("TWILIO__AUTH_TOKEN", "")
        .set("SERVER__LISTEN", "0.0.0.0:0")
        .fail();
    assert_eq!(code, 2, "{log}");
}

#[tokio::test]
async fn with_a_token_and_no_public_url_only_a_request_to_this_machine_can_be_checked() {
    let line = line(|plan| plan.unset("SERVER__PUBLIC_URL"));
    let here = line.server.url("");
    let host = here.trim_start_matches("http://").to_owned();
    assert_eq!(
        raw(
            &line.server,
            "/voice/order",
            &format!("{here}/voice/order"),
            &[("host", &host)]
        )
        .await,
        200
    );
    assert_eq!(
        raw(
            &line.server,
            "/voice/order",
            &format!("{PUBLIC_URL}/voice/order"),
            &[HOST]
        )
        .await,
        403
    );
    line.server.wait_for_log("HOOKSWITCH__SERVER__PUBLIC_URL");
    assert_eq!(
        unsigned(&line.server, &[("host", &host)]).await,
        403,
        "a token is set: everything is signed"
    );
}

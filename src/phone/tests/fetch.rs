//! How servers are asked: signatures, retries, redirects, cookies.

use super::*;
use crate::twilio::signature::sign;

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request
        .headers
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

fn redirect(status: u16, to: &str) -> Response {
    Response {
        status,
        headers: vec![("location".to_owned(), to.to_owned())],
        ..Response::default()
    }
}

fn with(plan: &Plan, wire: impl Fn(&Request) -> Result<Response, WireError>) -> Called {
    call_with(plan, &World::default(), Keys::default(), wire)
}

#[test]
fn a_post_is_signed_with_its_fields_and_a_get_with_its_url() {
    let called = with(&plan(), |_| Ok(twiml("")));
    let request = &called.asked[0];
    let expected = sign("12345", "http://app.test/voice", &request.fields);
    assert_eq!(
        header(request, "x-twilio-signature"),
        Some(expected.as_str())
    );
    let called = with(
        &Plan {
            method: Method::Get,
            ..plan()
        },
        |_| Ok(twiml("")),
    );
    let request = &called.asked[0];
    assert!(
        request
            .url
            .starts_with("http://app.test/voice?AccountSid=AC"),
        "{}",
        request.url
    );
    assert_eq!(
        header(request, "x-twilio-signature"),
        Some(sign("12345", &request.url, &[]).as_str())
    );
}

#[test]
fn another_address_is_signed_for_and_urls_that_begin_with_it_are_asked_here() {
    let mut plan = plan();
    plan.account.signed_for = Some("https://ivr.example".to_owned());
    let called = with(&plan, |request| {
        let is_first = request.url.ends_with("/voice");
        Ok(twiml(if is_first {
            "<Redirect>https://ivr.example/next?a=1#rc=0</Redirect>"
        } else {
            ""
        }))
    });
    assert_eq!(called.paths(), ["/voice", "/next?a=1"]);
    let expected = sign(
        "12345",
        "https://ivr.example/next?a=1",
        &called.asked[1].fields,
    );
    assert_eq!(
        header(&called.asked[1], "x-twilio-signature"),
        Some(expected.as_str())
    );
}

#[test]
fn a_request_is_tried_again_as_its_url_says_with_the_same_token() {
    let url = "http://app.test/voice#rc=3&rp=5xx,rt&ct=100&rt=2000&tt=5000".to_owned();
    let called = with(
        &Plan {
            url: url.clone(),
            ..plan()
        },
        |_| Ok(answer(503, "text/html", b"")),
    );
    assert_eq!(called.asked.len(), 4);
    assert_eq!(
        (called.asked[0].url.as_str(), called.asked[0].patience),
        ("http://app.test/voice", (100, 2000))
    );
    let token = |at: usize| header(&called.asked[at], "i-twilio-idempotency-token");
    assert!(token(0).is_some() && token(0) == token(3));
    let called = with(&Plan { url, ..plan() }, |_| Err(WireError::ReadTimeout));
    let patience: Vec<_> = called
        .asked
        .iter()
        .map(|request| request.patience.1)
        .collect();
    assert_eq!(patience, [2000, 2000, 1000]);
    assert_eq!(called.asked[2].at, "2026-11-23T10:15:04Z".parse().unwrap());
}

#[test]
fn an_override_that_the_carrier_refuses_is_a_fault_and_nobody_is_asked() {
    let called = with(
        &Plan {
            url: "http://app.test/voice#rc=9".to_owned(),
            ..plan()
        },
        |_| Ok(twiml("")),
    );
    assert_eq!((called.codes(), called.asked.len()), (vec![11_243], 0));
}

#[test]
fn redirects_are_followed_and_lose_the_fields() {
    let called = with(&plan(), |request| match request.url.as_str() {
        "http://app.test/voice" => Ok(redirect(307, "/b/c")),
        "http://app.test/b/c" => Ok(redirect(302, "d?e=1")),
        _ if request.url.ends_with("/b/d?e=1") => Ok(twiml("<Redirect>f</Redirect>")),
        _ => Ok(twiml("")),
    });
    assert_eq!(called.paths(), ["/voice", "/b/c", "/b/d?e=1", "/b/f"]);
    let seen: Vec<_> = called
        .asked
        .iter()
        .map(|request| (request.method, request.fields.len() > 20))
        .collect();
    assert_eq!(
        seen,
        [
            (Method::Post, true),
            (Method::Post, true),
            (Method::Get, false),
            (Method::Post, true)
        ]
    );
}

#[test]
fn redirects_for_ever_and_to_nowhere_are_faults() {
    let called = with(&plan(), |_| Ok(redirect(301, "/voice")));
    assert_eq!((called.codes(), called.asked.len()), (vec![11_215], 11));
    assert_eq!(
        with(&plan(), |_| Ok(redirect(302, "mailto:a@b"))).codes(),
        [11_216]
    );
    assert_eq!(
        with(&plan(), |_| Ok(Response {
            status: 302,
            ..Response::default()
        }))
        .codes(),
        [11_216]
    );
}

#[test]
fn cookies_and_credentials_are_sent_back() {
    let called = with(
        &Plan {
            url: "http://me:s%40d@app.test/voice".to_owned(),
            ..plan()
        },
        |request| {
            let mut response = twiml(if request.url.ends_with("/voice") {
                "<Redirect>/next</Redirect>"
            } else {
                ""
            });
            response
                .headers
                .push(("set-cookie".to_owned(), "sid=7; Path=/".to_owned()));
            Ok(response)
        },
    );
    assert_eq!(
        header(&called.asked[0], "authorization"),
        Some("Basic bWU6c0Bk")
    );
    assert_eq!(
        (
            header(&called.asked[0], "cookie"),
            header(&called.asked[1], "cookie")
        ),
        (None, Some("sid=7"))
    );
    let expected = sign("12345", "http://app.test/voice", &called.asked[0].fields);
    assert_eq!(
        header(&called.asked[0], "x-twilio-signature"),
        Some(expected.as_str())
    );
}

#[test]
fn what_the_plan_says_of_the_caller_wins() {
    let fields = vec![
        ("FromCity".to_owned(), "SOFIA".to_owned()),
        ("StirVerstat".to_owned(), "x".to_owned()),
    ];
    let called = with(&Plan { fields, ..plan() }, |_| Ok(twiml("")));
    let field = |name| called.field("/voice", name);
    assert_eq!(
        (field("FromCity"), field("CallerCity"), field("ToCity")),
        (Some("SOFIA"), Some("SOFIA"), Some(""))
    );
    assert_eq!(
        (field("FromCountry"), field("StirVerstat")),
        (Some("GB"), Some("x"))
    );
}

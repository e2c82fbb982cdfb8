//! How services are asked: over real sockets, by services that do whatever they like.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hookswitch::engine::{ServiceAnswer, ServiceBody, ServiceMethod, ServiceRequest};
use hookswitch::services::{Resolver, Service, ServiceTerms, Services};
use hookswitch::twilio::signature;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;

use super::backend::{Answer, Backend};

const LIMIT: Duration = Duration::from_secs(2);

fn terms(url: &str) -> ServiceTerms {
    ServiceTerms {
        name: "stock".to_owned(),
        url: url.to_owned(),
        secret: None,
        headers: Vec::new(),
        private: true,
        at_once: 64,
        remembers: false,
        in_turn: Duration::from_millis(800),
        signs: None,
        trusted: false,
    }
}

fn services(terms: ServiceTerms) -> Services {
    Services::new(vec![Service::new(terms).expect("it can be asked")], None)
}

fn get(path: &str) -> ServiceRequest {
    ServiceRequest {
        service: "stock".to_owned(),
        method: ServiceMethod::Get,
        path: path.to_owned(),
        body: ServiceBody::Nothing,
        is_secret: false,
        time_limit: 2,
    }
}

fn post(body: ServiceBody) -> ServiceRequest {
    ServiceRequest {
        method: ServiceMethod::Post,
        body,
        ..get("/left")
    }
}

fn answered(status: u16, json: Option<serde_json::Value>) -> ServiceAnswer {
    ServiceAnswer::Answered { status, json }
}

/// What one answer comes to, and how often it was asked for.
async fn after(answer: Answer, request: &ServiceRequest) -> (ServiceAnswer, usize) {
    let backend = Backend::start().await;
    backend.answer_with(answer);
    let services = services(terms(backend.url()));
    let answer = services.ask(request, "CA1-1", LIMIT).await;
    (answer, backend.received().len())
}

#[tokio::test]
async fn what_a_service_answers_comes_back_as_json_and_it_knows_who_asks() {
    let backend = Backend::start().await;
    backend.answer_with(Answer::json(200, r#"{"left":3}"#));
    let services = services(ServiceTerms {
        secret: Some("a token".into()),
        headers: vec![("x_api_key".to_owned(), "a key".into())],
        ..terms(backend.url())
    });
    let request = post(ServiceBody::Json(r#"{"rx":"12"}"#.to_owned()));
    let answer = services.ask(&request, "CA1-9", LIMIT).await;
    assert_eq!(answer, answered(200, Some(json!({ "left": 3 }))));
    let received = &backend.received()[0];
    assert_eq!(received.request_line, "POST /hook/left HTTP/1.1");
    assert_eq!(received.body, json!({ "rx": "12" }));
    for (name, value) in [
        ("authorization", "Bearer a token"),
        ("x-api-key", "a key"),
        ("idempotency-key", "CA1-9"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(received.header(name), value);
    }
}

#[tokio::test]
async fn whatever_a_service_does_there_is_an_answer_in_time() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let html = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>";
    let huge =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10737418240\r\n\r\n{";
    let packed = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}";
    let elsewhere =
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    for (what, answer, expected) in [
        (
            "JSON 10,000 deep",
            Answer::json(200, &deep),
            answered(200, None),
        ),
        ("no JSON", Answer::json(200, "{"), answered(200, None)),
        ("HTML", Answer::raw(html), answered(200, None)),
        ("packed", Answer::raw(packed), answered(200, None)),
        ("nothing", Answer::Status(204), answered(204, None)),
        ("not found", Answer::json(404, "{}"), answered(404, None)),
        ("10 GB announced", Answer::raw(huge), ServiceAnswer::Failed),
        ("no end", Answer::Endless(200), ServiceAnswer::Failed),
        (
            "a redirect to loopback",
            Answer::raw(elsewhere),
            ServiceAnswer::Failed,
        ),
        (
            "broken off",
            Answer::raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"),
            ServiceAnswer::Failed,
        ),
        (
            "no HTTP",
            Answer::raw("hello\r\n\r\n"),
            ServiceAnswer::Failed,
        ),
        ("reset", Answer::Reset, ServiceAnswer::Failed),
        ("silent", Answer::Never, ServiceAnswer::TimeLimit),
        (
            "stuck halfway",
            Answer::Stalled(200),
            ServiceAnswer::TimeLimit,
        ),
        (
            "an error that never ends",
            Answer::Endless(500),
            answered(500, None),
        ),
    ] {
        let began = Instant::now();
        let (answer, _) = after(answer, &get("/left")).await;
        assert_eq!(answer, expected, "{what}");
        let took = began.elapsed();
        assert!(
            took < LIMIT + Duration::from_millis(500),
            "{what}: {took:?}"
        );
    }
}

#[tokio::test]
async fn a_byte_a_second_is_too_slow() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let head =
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n";
        let _ = stream.write_all(head);
        while stream.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_secs(1));
        }
    });
    let began = Instant::now();
    let answer = services(terms(&url)).ask(&get("/"), "k", LIMIT).await;
    assert_eq!(answer, ServiceAnswer::TimeLimit);
    assert!(began.elapsed() < LIMIT + Duration::from_millis(500));
}

#[tokio::test]
async fn only_what_does_no_harm_twice_is_asked_again() {
    let change = post(ServiceBody::Nothing);
    let failing = || Answer::Status(503);
    assert_eq!(
        after(failing(), &get("/left")).await,
        (answered(503, None), 3)
    );
    assert_eq!(after(failing(), &change).await, (answered(503, None), 1));
    assert_eq!(
        after(Answer::Reset, &change).await,
        (ServiceAnswer::Failed, 1)
    );
    assert_eq!(
        after(Answer::Status(500), &get("/left")).await,
        (answered(500, None), 1)
    );
    let backend = Backend::start().await;
    backend.answer_next([Answer::Reset, failing()]);
    backend.answer_with(Answer::Status(200));
    let services = services(ServiceTerms {
        remembers: true,
        ..terms(backend.url())
    });
    let answer = services.ask(&change, "CA1-7", LIMIT).await;
    assert_eq!(answer, answered(200, None));
    let keys: Vec<_> = backend.received();
    assert_eq!(keys.len(), 3);
    assert!(
        keys.iter()
            .all(|request| request.header("idempotency-key") == "CA1-7")
    );
}

#[tokio::test]
async fn a_name_that_means_an_inner_address_is_not_connected_to_whenever_it_does() {
    let backend = Backend::start().await;
    backend.answer_with(Answer::json(200, "{}"));
    let url = backend
        .url()
        .replace("127.0.0.1", "stock.test")
        .replace("http:", "https:");
    for found in [
        vec![Ipv4Addr::LOCALHOST],
        vec![Ipv4Addr::new(1, 1, 1, 1), Ipv4Addr::new(10, 0, 0, 1)],
        vec![Ipv4Addr::new(169, 254, 169, 254)],
    ] {
        let looked = Arc::new(AtomicUsize::new(0));
        let (found, times) = (
            found.into_iter().map(IpAddr::V4).collect::<Vec<_>>(),
            looked.clone(),
        );
        let resolver = Resolver::new(move |_| {
            times.fetch_add(1, Ordering::SeqCst);
            let found = found.clone();
            Box::pin(async move { Ok(found) })
        });
        let outside = ServiceTerms {
            private: false,
            ..terms(&url)
        };
        let service = Service::found_by(outside, resolver, None).expect("a name");
        let services = Services::new(vec![service], None);
        assert_eq!(
            services.ask(&get("/"), "k", LIMIT).await,
            ServiceAnswer::Failed
        );
        assert!(looked.load(Ordering::SeqCst) > 0);
    }
    assert_eq!(backend.received().len(), 0);
}

#[test]
fn a_url_that_may_not_be_asked_is_refused_at_start() {
    let refused = |url: &str, private: bool| {
        let service = Service::new(ServiceTerms {
            private,
            ..terms(url)
        });
        service.err().map(|error| error.to_string())
    };
    for url in [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://10.0.0.1/",
        "https://192.168.1.1:8443/",
        "https://169.254.169.254/latest",
        "https://0.0.0.0/",
        "https://127.0.0.1./",
        "https://①②⑦.0.0.1/",
        "http://stock.example.com/",
        "https://stock.example.com/?a=b",
        "https://stock.example.com/#a",
        "https://me:secret@stock.example.com/",
        "ftp://stock.example.com/",
        "https://",
        "stock",
        "file:///etc/passwd",
        "https://[fe80::1%25eth0]/",
    ] {
        let error = refused(url, false).unwrap_or_else(|| panic!("{url} is taken"));
        assert!(
            error.starts_with("services.stock.url") && !error.contains("secret"),
            "{error}"
        );
    }
    for url in [
        "http://169.254.169.254/",
        "http://[fe80::1]/",
        "http://0.0.0.0/",
        "http://[::ffff:169.254.169.254]/",
    ] {
        assert!(refused(url, true).is_some(), "{url}");
    }
    for (url, private) in [
        ("https://stock.example.com", false),
        ("https://1.1.1.1:8443/v1", false),
        ("http://127.0.0.1:9000/", true),
        ("http://stock.internal/v1/", true),
        ("https://localhost", false),
    ] {
        assert_eq!(refused(url, private), None, "{url}");
    }
    for header in ["host", "content_length", "idempotency_key", "a b", ""] {
        let headers = vec![(header.to_owned(), "x".into())];
        let terms = ServiceTerms {
            headers,
            ..terms("https://a.example")
        };
        assert!(Service::new(terms).is_err(), "{header:?}");
    }
}

#[tokio::test]
async fn localhost_by_name_is_inner_too() {
    let backend = Backend::start().await;
    let url = backend
        .url()
        .replace("http://127.0.0.1", "https://localhost");
    let services = services(ServiceTerms {
        private: false,
        ..terms(&url)
    });
    assert_eq!(
        services.ask(&get("/"), "k", LIMIT).await,
        ServiceAnswer::Failed
    );
}

#[tokio::test]
async fn a_path_never_leads_out_of_the_service_and_a_secret_only_to_one_that_is_trusted() {
    let backend = Backend::start().await;
    let base = backend.url().replace("/hook", "/v1/inner");
    let asked = services(terms(&base));
    for path in [
        "/..",
        "/../other",
        "/a/%2e%2E/b",
        "/a/.",
        "/a\\..\\b",
        "//evil.test/..",
        "a",
        "",
        "/a#b",
    ] {
        assert_eq!(
            asked.ask(&get(path), "k", LIMIT).await,
            ServiceAnswer::Failed,
            "{path}"
        );
    }
    let secret = ServiceRequest {
        is_secret: true,
        ..post(ServiceBody::Json("{}".to_owned()))
    };
    assert_eq!(asked.ask(&secret, "k", LIMIT).await, ServiceAnswer::Failed);
    assert_eq!(
        asked
            .ask(
                &ServiceRequest {
                    service: "other".to_owned(),
                    ..get("/")
                },
                "k",
                LIMIT
            )
            .await,
        ServiceAnswer::Failed
    );
    assert_eq!(backend.received().len(), 0);
    let trusted = services(ServiceTerms {
        trusted: true,
        ..terms(&base)
    });
    assert_eq!(trusted.ask(&secret, "k", LIMIT).await, answered(200, None));
    assert_eq!(
        asked.ask(&get("//evil.test/a?b=c"), "k", LIMIT).await,
        answered(200, None)
    );
    assert_eq!(
        backend.received()[1].request_line,
        "GET /v1/inner//evil.test/a?b=c HTTP/1.1"
    );
}

#[tokio::test]
async fn a_protected_function_is_asked_as_the_carrier_asks() {
    let backend = Backend::start().await;
    let services = services(ServiceTerms {
        signs: Some("12345".into()),
        ..terms(backend.url())
    });
    let fields = vec![
        ("b".to_owned(), "ü x".to_owned()),
        ("a".to_owned(), "1".to_owned()),
    ];
    services
        .ask(&post(ServiceBody::Form(fields.clone())), "k", LIMIT)
        .await;
    services
        .ask(&post(ServiceBody::Json("{}".to_owned())), "k", LIMIT)
        .await;
    services.ask(&get("/left?x=%C3%BC"), "k", LIMIT).await;
    let host = backend.url().replace("/hook", "");
    let received = backend.received();
    let signed = |at: usize, fields: &[(String, String)]| {
        let target = received[at]
            .request_line
            .split(' ')
            .nth(1)
            .expect("a target");
        signature::sign("12345", &format!("{host}{target}"), fields)
    };
    assert_eq!(received[0].header("x-twilio-signature"), signed(0, &fields));
    assert_eq!(received[1].header("x-twilio-signature"), signed(1, &[]));
    assert!(
        received[1]
            .request_line
            .contains(&format!("?bodySHA256={}", signature::body_sha256(b"{}")))
    );
    assert_eq!(received[2].header("x-twilio-signature"), signed(2, &[]));
}

#[tokio::test]
async fn no_more_requests_than_allowed_are_under_way_and_one_that_fails_is_left_alone() {
    let backend = Backend::start().await;
    backend.answer_with(Answer::Late(
        Duration::from_millis(50),
        Box::new(Answer::Status(200)),
    ));
    let few = services(ServiceTerms {
        at_once: 3,
        ..terms(backend.url())
    });
    let asked = (0..12).map(|_| {
        let few = few.clone();
        async move { few.ask(&get("/"), "k", LIMIT).await }
    });
    let all = futures_util::future::join_all(asked).await;
    assert!(all.iter().all(|answer| *answer == answered(200, None)));
    assert_eq!(backend.most_at_once(), 3);
    let dead = services(terms(&Backend::nobody().await));
    for _ in 0..10 {
        assert_eq!(dead.ask(&get("/"), "k", LIMIT).await, ServiceAnswer::Failed);
    }
    let began = Instant::now();
    assert_eq!(dead.ask(&get("/"), "k", LIMIT).await, ServiceAnswer::Failed);
    assert!(
        began.elapsed() < Duration::from_millis(20),
        "it is not asked at all"
    );
}

/// A server that speaks TLS with a certificate for this name, and the certificate that vouches for it.
fn tls_server(name: &str) -> (u16, reqwest::Certificate) {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root =
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a root");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &root).expect("a certificate");
    let vouches = reqwest::Certificate::from_pem(root.pem().as_bytes()).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(config.clone()).expect("a connection");
            let mut stream = rustls::StreamOwned::new(connection, stream);
            let mut read = [0; 1024];
            if stream.read(&mut read).is_ok_and(|count| count > 0) {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
            }
        }
    });
    (port, vouches)
}

#[tokio::test]
async fn a_certificate_of_another_host_is_none() {
    for (of, expected) in [
        ("stock.test", answered(200, Some(json!({})))),
        ("other.test", ServiceAnswer::Failed),
    ] {
        let (port, root) = tls_server(of);
        let resolver =
            Resolver::new(|_| Box::pin(async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) }));
        let terms = terms(&format!("https://stock.test:{port}"));
        let service = Service::found_by(terms, resolver, Some(root)).expect("a name");
        let answer = Services::new(vec![service], None)
            .ask(&get("/"), "k", LIMIT)
            .await;
        assert_eq!(answer, expected, "{of}");
    }
}

//! The phone against documents and webhooks that no one here wrote.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use hookswitch::phone::{
    Callback, DialAnswer, Http, Method, Request, Response, Unforeseen, Wire, WireError, World,
};

use super::architecture::root;
use super::phone::{Called, call_over, plan};
use super::phone_rude::{Manner, serve};

/// The folder of the corpus, or a word that it is not there.
fn corpus(part: &str) -> Option<PathBuf> {
    let named = std::env::var_os("HOOKSWITCH_CORPUS").map(PathBuf::from);
    let beside = [
        root().join("../shared/corpus"),
        root().join("../../shared/corpus"),
    ];
    let found = named
        .into_iter()
        .chain(beside)
        .map(|folder| folder.join(part))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: there is no corpus beside the project");
    }
    found
}

fn files(folder: &PathBuf, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .expect("it is a folder")
        .map(|entry| entry.expect("it is readable").path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}

/// The first document comes over a socket, once; nobody else is ever asked: whatever a document names is answered here.
struct Guarded<'a> {
    http: &'a Http,
    own: String,
    first: RefCell<Option<Response>>,
}

impl Wire for Guarded<'_> {
    async fn send(&self, request: &Request) -> Result<Response, WireError> {
        let path = request
            .url
            .strip_prefix(&self.own)
            .ok_or(WireError::Refused)?;
        if path.split('?').next() != Some("/first") {
            let headers = vec![("content-type".to_owned(), "text/xml".to_owned())];
            return Ok(Response {
                status: 200,
                headers,
                body: Bytes::from("<Response><Hangup/></Response>"),
            });
        }
        let known = self.first.borrow().clone();
        if let Some(known) = known {
            Ok(known)
        } else {
            let response = self.http.send(request).await?;
            Ok(self.first.borrow_mut().insert(response).clone())
        }
    }
}

async fn call_document(http: &Http, document: Vec<u8>, keys: &str, world: &World) -> Called {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n",
        document.len()
    );
    let bytes = [head.as_bytes(), b"connection: close\r\n\r\n", &document].concat();
    let own = format!("http://{}", serve(Manner::Says(bytes)).await);
    let mut plan = plan(format!("{own}/first"));
    plan.account.signed_for = None;
    let wire = Guarded {
        http,
        own,
        first: RefCell::default(),
    };
    call_over(&wire, &plan, keys, world).await
}

#[tokio::test]
async fn every_document_of_the_corpus_comes_to_an_end() {
    let Some(folder) = corpus("twiml") else {
        return;
    };
    let world = World {
        unforeseen: Unforeseen::NobodyThere,
        ..World::default()
    };
    let (mut heard, mut left) = (0, BTreeSet::new());
    let files = files(&folder, "xml");
    let http = Http::new();
    for file in &files {
        let document = std::fs::read(file).expect("it is readable");
        for keys in ["", "1", "- 'say:yes please'"] {
            let called = call_document(&http, document.clone(), keys, &world).await;
            let name = file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            assert!(called.events.len() > 2, "{name}");
            assert!(!called.ended.status.is_empty(), "{name}");
            assert!(
                called.ended.after <= Duration::from_secs(14_400 + 10),
                "{name}: {:?}",
                called.ended
            );
            assert!(
                called.notices().all(|notice| !notice.message.is_empty()),
                "{name}"
            );
            heard += called.words().len();
            if called
                .events
                .iter()
                .any(|event| matches!(event, hookswitch::phone::CallEvent::Leaves { .. }))
            {
                left.insert(name);
            }
        }
    }
    assert!(
        files.len() > 80 && heard > 100 && left.len() > 20,
        "{} {heard} {left:?}",
        files.len()
    );
}

/// The names of the fields of a recorded webhook.
fn recorded(file: &str) -> Option<BTreeSet<String>> {
    let text = std::fs::read_to_string(corpus("webhooks")?.join(file)).expect("it is readable");
    let webhook: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    Some(
        webhook["params"]
            .as_object()
            .expect("it has fields")
            .keys()
            .cloned()
            .collect(),
    )
}

/// Fails unless the last request to a path has every field of a recorded one, but for those named.
#[track_caller]
fn assert_has(called: &Called, path: &str, file: &str, but: &[&str]) {
    let Some(recorded) = recorded(file) else {
        return;
    };
    let request = called
        .asked()
        .filter(|request| request.url.contains(path))
        .last()
        .expect("it is asked");
    let sent: BTreeSet<&str> = request
        .fields
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(sent.len(), request.fields.len(), "no field comes twice");
    let missing: Vec<_> = recorded
        .iter()
        .filter(|name| !sent.contains(name.as_str()) && !but.contains(&name.as_str()))
        .collect();
    assert!(missing.is_empty(), "{path} lacks {missing:?} of {file}");
}

/// Answers any path with a document of its own.
struct App(&'static [(&'static str, &'static str)]);

impl Wire for App {
    async fn send(&self, request: &Request) -> Result<Response, WireError> {
        let found = self
            .0
            .iter()
            .find(|(path, _)| request.url.contains(path))
            .map_or("", |(_, verbs)| verbs);
        let headers = vec![("content-type".to_owned(), "text/xml".to_owned())];
        Ok(Response {
            status: 200,
            headers,
            body: format!("<Response>{found}</Response>").into(),
        })
    }
}

#[tokio::test]
async fn every_field_that_was_recorded_is_sent() {
    let app = App(&[
        ("/voice", "<Gather numDigits=\"1\" action=\"/gather\"/>"),
        ("/gather", "<Dial action=\"/dial\">+15550108071</Dial>"),
        ("/dial", "<Record action=\"/record\"/>"),
        ("/record", "<Hangup/>"),
    ]);
    let mut plan = plan("http://app.test/voice".to_owned());
    plan.status = Some(Callback {
        url: "http://app.test/status".to_owned(),
        method: Method::Get,
    });
    let answer = DialAnswer {
        outcome: "no-answer".to_owned(),
        after: Duration::from_secs(9),
        ..DialAnswer::default()
    };
    let world = World {
        dial: [("+15550108071".to_owned(), answer.into())].into(),
        ..World::default()
    };
    let called = call_over(&app, &plan, "1 'say:a message' hangup", &world).await;
    for file in [
        "inbound-ringing-gb.json",
        "inbound-ringing-stir-al.json",
        "client-answer-masked-with-stir.json",
    ] {
        assert_has(&called, "/voice", file, &["StirVerstat", "CallToken"]);
    }
    assert_has(
        &called,
        "/voice",
        "inbound-ringing-applicationsid-2.json",
        &["ApplicationSid"],
    );
    assert_has(
        &called,
        "/voice",
        "inbound-ringing-au-addons.json",
        &["AddOns", "StirVerstat", "CallToken"],
    );
    assert_has(&called, "/voice", "outbound-answered-jp.json", &[]);
    assert_has(&called, "/gather", "gather-digit-ca-2011.json", &[]);
    assert_has(&called, "/gather", "gather-digit-de.json", &[]);
    assert_has(&called, "/dial", "dial-action-no-answer.json", &[]);
    assert_has(&called, "/record", "record-action-dc.json", &[]);
    assert_has(
        &called,
        "/status",
        "status-completed-amd-human.json",
        &["AnsweredBy"],
    );
    assert_has(
        &called,
        "/status",
        "status-busy-zm.json",
        &["SipResponseCode"],
    );
}

//! Recordings: what the carrier reports of them after they have ended, once, twice, early, late or never, and the submissions
//! that wait for it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::block_in_place;

use super::backend::{Backend, Received};
use super::caller::{Caller, fresh_sid};
use super::chance::Chance;
use super::figures::Figures;
use super::folder::Folder;
use super::pair::Pair;
use super::redis_server::Redis;
use super::server::{Plan, Server};

const NIGHT: &str = r#"
[answers]
message = { recording = "110s", keep = "30d", optional = true }

[steps.message]
record   = "Please leave a message after the tone."
into     = "message"
timeout  = "4s"
on.empty = "nothing"
on.error = "nothing"
next     = "send"

[steps.send]
submit = "pickups"
next   = "thanks"

[steps.thanks]
say  = "Thank you."
next = "hangup"

[steps.nothing]
say  = "We have heard nothing."
next = "hangup"
"#;

pub fn lines() -> Folder {
    let words = NIGHT
        .replace("timeout ", "transcribe = true\ntimeout ")
        .replace("[answers]", "[languages]\nen-US = {}\n\n[answers]");
    Folder::of(&[("night.toml", NIGHT), ("words.toml", &words)])
}

pub fn plan(backend: &Backend, folder: &Folder) -> Plan {
    Plan::default().pickups(backend).flows(folder.path())
}

/// A message that is being recorded, and what the carrier is to tell of it where.
pub struct Message {
    pub caller: Caller,
    pub sid: String,
    status: String,
}

impl Message {
    /// Calls, and hears the tone.
    pub async fn begin(mut caller: Caller, flow: &str) -> Self {
        let document = caller.call(&format!("/voice/{flow}")).await;
        let sid = fresh_sid().replacen("CA", "RE", 1);
        let status = attribute(&document, "recordingStatusCallback");
        Self {
            caller,
            sid,
            status,
        }
    }

    /// Where it lies at the carrier.
    pub fn url(&self) -> String {
        let account = "AC00000000000000000000000000000000";
        let sid = &self.sid;
        format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{sid}")
    }

    /// The recording has ended after so many seconds, by a key, by hanging up or by silence.
    pub async fn ends(&mut self, seconds: &str, digits: &str) -> String {
        let (url, status) = (
            self.url(),
            if digits == "hangup" {
                "completed"
            } else {
                "in-progress"
            },
        );
        let fields = vec![
            ("CallStatus", status),
            ("RecordingUrl", url.as_str()),
            ("RecordingDuration", seconds),
            ("Digits", digits),
        ];
        self.caller.go(fields).await
    }

    /// The carrier tells how it ended; the status of what it is answered.
    pub async fn is(&mut self, status: &str) -> u16 {
        let (path, url, sid) = (self.status.clone(), self.url(), self.sid.clone());
        let call = self.caller.sid.clone();
        // Not the fields that every webhook of a call has (Twilio, "recordingStatusCallback").
        let fields = [
            ("AccountSid", "AC00000000000000000000000000000000"),
            ("CallSid", call.as_str()),
            ("RecordingSid", sid.as_str()),
            ("RecordingUrl", url.as_str()),
            ("RecordingStatus", status),
            ("RecordingDuration", "9"),
            ("RecordingChannels", "1"),
            ("RecordingSource", "RecordVerb"),
        ];
        let reply = self.caller.post_only(&path, &fields).await;
        reply.expect("the node answers").status
    }

    /// The carrier tells what was said.
    pub async fn says(&mut self, words: &str) -> u16 {
        let (path, sid) = (format!("{}/transcript", self.status), self.sid.clone());
        let fields = [
            ("RecordingSid", sid.as_str()),
            ("TranscriptionStatus", "completed"),
            ("TranscriptionText", words),
        ];
        let reply = self.caller.post(&path, &fields).await;
        reply.expect("the node answers").status
    }

    /// As a backend gets it.
    fn sent(&self, seconds: u32, status: &str) -> Value {
        json!({ "sid": self.sid, "url": self.url(), "seconds": seconds, "status": status })
    }
}

/// The URL in an attribute, without its fragment.
fn attribute(document: &str, name: &str) -> String {
    let begin = format!(" {name}=\"");
    let rest = document.split(&begin).nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no {name} in {document}"));
    rest.split(['"', '#']).next().unwrap_or_default().to_owned()
}

pub fn message(received: &Received) -> &Value {
    &received.body["data"]["answers"]["message"]
}

/// The events of a call, in words.
fn events(server: &Server, sid: &str) -> Vec<String> {
    let word = |event: &Value| {
        let (status, characters) = (&event["status"], &event["characters"]);
        format!("{} {status} {characters}", event["event"])
    };
    server.events(sid).iter().map(word).collect()
}

async fn waits_for_its_recording(plan: Plan, backend: &Backend) {
    let server = plan.start();
    let mut message_left = Message::begin(Caller::new(&server), "night").await;
    let over = message_left.ends("14", "#").await;
    assert!(over.contains("Thank you."), "{over}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(
        backend.received().is_empty(),
        "the recording is not there yet"
    );
    for _ in 0..3 {
        assert_eq!(message_left.is("completed").await, 204);
    }
    let received = backend.wait_for(1).await;
    assert_eq!(*message(&received[0]), message_left.sent(9, "completed"));
    assert!(received[0].signed);
    assert_eq!(message_left.is("completed").await, 204, "once more");
    let told = events(&server, &message_left.caller.sid);
    assert_eq!(told, ["\"recording\" \"completed\" null"]);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(backend.received().len(), 1, "it is sent once");
}

#[tokio::test]
async fn a_submission_waits_for_its_recording_in_memory() {
    let (backend, folder) = (Backend::start().await, lines());
    let plan = plan(&backend, &folder).set("STORE__URL", "memory:");
    waits_for_its_recording(plan, &backend).await;
}

#[tokio::test]
async fn a_submission_waits_for_its_recording_on_disk() {
    let (backend, folder) = (Backend::start().await, lines());
    waits_for_its_recording(plan(&backend, &folder), &backend).await;
}

#[tokio::test]
async fn a_submission_waits_for_its_recording_in_redis() {
    let (redis, backend, folder) = (Redis::start().await, Backend::start().await, lines());
    let plan = plan(&backend, &folder).set("STORE__URL", redis.url());
    waits_for_its_recording(plan, &backend).await;
}

#[tokio::test]
async fn who_hangs_up_has_left_a_message_and_silence_is_none() {
    let (backend, folder) = (Backend::start().await, lines());
    let server = plan(&backend, &folder).start();
    let mut left = Message::begin(Caller::new(&server), "night").await;
    left.ends("6", "hangup").await;
    left.is("completed").await;
    let received = backend.wait_for(1).await;
    assert_eq!(*message(&received[0]), left.sent(9, "completed"));
    assert_eq!(received[0].body["data"]["call"]["outcome"], "completed");
    let mut silent = Message::begin(Caller::new(&server), "night").await;
    let heard = silent.ends("5", "").await;
    assert!(heard.contains("We have heard nothing."), "{heard}");
    // Told in time, `absent` is nothing said, however long it is.
    let mut absent = Message::begin(Caller::new(&server), "night").await;
    absent.is("absent").await;
    let heard = absent.ends("14", "#").await;
    assert!(heard.contains("We have heard nothing."), "{heard}");
    assert_eq!(backend.received().len(), 1);
}

#[tokio::test]
async fn what_is_told_before_the_turn_is_part_of_the_submission_at_once() {
    let (backend, folder) = (Backend::start().await, lines());
    let server = plan(&backend, &folder).start();
    let mut left = Message::begin(Caller::new(&server), "words").await;
    left.says("Call me back.").await;
    left.is("completed").await;
    left.ends("14", "#").await;
    let mut sent = left.sent(9, "completed");
    sent["transcript"] = json!("Call me back.");
    assert_eq!(*message(&backend.wait_for(1).await[0]), sent);
}

#[tokio::test]
async fn a_submission_waits_for_the_words_too() {
    let (backend, folder) = (Backend::start().await, lines());
    let server = plan(&backend, &folder).start();
    let mut left = Message::begin(Caller::new(&server), "words").await;
    left.ends("14", "#").await;
    left.is("completed").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(backend.received().is_empty(), "the words are not there yet");
    left.says("Call me \"back\".").await;
    let mut sent = left.sent(9, "completed");
    sent["transcript"] = json!("Call me \"back\".");
    assert_eq!(*message(&backend.wait_for(1).await[0]), sent);
    let told = events(&server, &left.caller.sid);
    assert_eq!(
        told,
        ["\"recording\" \"completed\" null", "\"transcript\" null 15"]
    );
}

#[tokio::test]
async fn a_submission_goes_without_what_never_comes_and_what_comes_later_is_told_by_itself() {
    let (backend, folder) = (Backend::start().await, lines());
    let plan = plan(&backend, &folder).set("RECORDINGS__WAIT", "1s");
    let server = plan.start();
    let mut left = Message::begin(Caller::new(&server), "night").await;
    left.ends("14", "#").await;
    let received = backend.wait_for(1).await;
    assert_eq!(*message(&received[0]), left.sent(14, "pending"));
    for _ in 0..2 {
        left.is("failed").await;
    }
    let received = backend.wait_for(2).await;
    assert_eq!(received[1].body["type"], "recording.updated");
    let data = &received[1].body["data"];
    let mut told = left.sent(9, "failed");
    told["answer"] = json!("message");
    assert_eq!(data["recording"], told);
    assert_eq!(data["submission"], json!({ "step": "send", "number": 1 }));
    assert_ne!(received[0].id, received[1].id);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(backend.received().len(), 2, "told once");
}

#[tokio::test]
async fn a_recording_of_a_stranger_or_of_a_call_long_gone_is_not_noted() {
    let (backend, folder) = (Backend::start().await, lines());
    let server = plan(&backend, &folder).start();
    let mut left = Message::begin(Caller::new(&server), "night").await;
    left.ends("14", "#").await;
    let mut gone = Message::begin(Caller::new(&server), "night").await;
    gone.caller.sid = fresh_sid();
    assert_eq!(gone.is("completed").await, 204, "a call that is not known");
    let (path, sid) = (left.status.clone(), left.sid.clone());
    let of_other = "https://api.twilio.com/2010-04-01/Accounts/AC0123/Recordings/RE1";
    let fields = [
        ("RecordingSid", sid.as_str()),
        ("RecordingUrl", of_other),
        ("RecordingStatus", "completed"),
    ];
    let foreign = left.caller.post(&path, &fields).await;
    assert_eq!(foreign.expect("the node answers").status, 204);
    let other_visit = path.replace(|c: char| c.is_ascii_digit(), "0");
    let fields = [("RecordingSid", "RE9"), ("RecordingStatus", "completed")];
    let other = left.caller.post(&other_visit, &fields).await;
    assert_eq!(other.expect("the node answers").status, 204);
    let node = left.caller.nodes[0].clone();
    let form = [("CallSid".to_owned(), left.caller.sid.clone())];
    let unsigned = left.caller.send(&node, &path, &form, None).await;
    assert_eq!(unsigned.expect("the node answers").status, 403);
    assert_eq!(events(&server, &left.caller.sid), [""; 0]);
    let figures = Figures::of(&server).await;
    assert_eq!(figures.sum("recordings_total"), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_submission_with_the_recording_whatever_comes_when_to_whichever_node() {
    let mut chance = Chance::new();
    let folder = lines();
    let mut pair =
        Pair::with(|plan| plan.flows(folder.path()).set("RECORDINGS__WAIT", "20s")).await;
    let mut heard = Vec::new();
    for round in 0..12 {
        let mut left = Message::begin(pair.caller(), "words").await;
        let mut told: Vec<bool> = (0..=chance.below(3)).map(|_| true).collect();
        told.extend((0..=chance.below(3)).map(|_| false));
        let before = chance.below(3);
        for at in (1..told.len()).rev() {
            told.swap(at, chance.below(at + 1));
        }
        let (early, late) = told.split_at(before.min(told.len()));
        for is_status in early {
            tell(&mut left, *is_status).await;
        }
        left.ends("14", if chance.below(2) == 0 { "hangup" } else { "#" })
            .await;
        if round % 4 == 1 {
            block_in_place(|| pair.one.restart());
            left.caller.nodes = vec![pair.one.url(""), pair.other.url("")];
        }
        for is_status in late {
            tell(&mut left, *is_status).await;
        }
        heard.push(left);
    }
    let sids: Vec<String> = heard.iter().map(|left| left.caller.sid.clone()).collect();
    pair.one_delivery_each(&sids).await;
    for received in pair.backend.received() {
        let of_call = |left: &&Message| received.body["data"]["call"]["sid"] == *left.caller.sid;
        let left = heard.iter().find(of_call).expect("it is of a call");
        let mut sent = left.sent(9, "completed");
        sent["transcript"] = json!("Call me back.");
        assert_eq!(*message(&received), sent);
    }
}

async fn tell(left: &mut Message, is_status: bool) {
    let status = if is_status {
        left.is("completed").await
    } else {
        left.says("Call me back.").await
    };
    assert_eq!(status, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_forgets_no_submission_that_waits() {
    let (backend, folder) = (Backend::start().await, lines());
    let mut server = plan(&backend, &folder).start();
    let mut left = Message::begin(Caller::new(&server), "night").await;
    left.ends("14", "hangup").await;
    block_in_place(|| server.restart());
    left.caller.nodes = vec![server.url("")];
    assert_eq!(left.is("completed").await, 204);
    let received = backend.wait_for(1).await;
    assert_eq!(*message(&received[0]), left.sent(9, "completed"));
}

//! A machine that talks by text, and the carrier's part of the talk: the frames of ConversationRelay over a real socket
//! (Twilio, "ConversationRelay WebSocket messages").

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{accept_async, connect_async};

/// How long the carrier listens for a machine that says nothing, before the caller hangs up here.
const PATIENCE: Duration = Duration::from_millis(300);
/// The carrier's numbers for a socket that it cannot open, and for one that is lost (Twilio, errors 64102 and 64105).
const UNREACHED: &str = "64102";
const LOST: &str = "64105";

/// How the machine behaves.
#[derive(Clone, Debug)]
pub enum Talk {
    /// It answers what the caller says, and ends the talk with this.
    HandsBack(String),
    /// It ends the talk with nothing.
    Ends,
    /// Its process dies while it talks.
    Breaks,
    /// It never says anything.
    IsMute,
}

/// A machine; it ends with its handle.
pub struct Agent {
    address: SocketAddr,
    told: Arc<Mutex<Vec<Value>>>,
    serving: JoinHandle<()>,
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Agent {
    pub async fn start(talk: Talk) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let told: Arc<Mutex<Vec<Value>>> = Arc::default();
        let notes = Arc::clone(&told);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let socket = accept_async(stream).await.expect("the carrier upgrades");
                speak(socket, &talk, &notes).await;
            }
        });
        Self {
            address,
            told,
            serving,
        }
    }

    /// Where flows are told that it is: the carrier takes TLS alone, which it would have before it.
    pub fn url(&self) -> String {
        format!("wss://{}/calls", self.address)
    }

    /// The frames that it has got.
    pub fn told(&self) -> Vec<Value> {
        self.told.lock().expect("no panic").clone()
    }
}

type Socket<S> = tokio_tungstenite::WebSocketStream<S>;

async fn speak(mut socket: Socket<tokio::net::TcpStream>, talk: &Talk, told: &Mutex<Vec<Value>>) {
    while let Some(Ok(message)) = socket.next().await {
        let Ok(text) = message.to_text() else {
            continue;
        };
        let Ok(frame) = serde_json::from_str::<Value>(text) else {
            continue;
        };
        let is_prompt = frame["type"] == "prompt";
        told.lock().expect("no panic").push(frame);
        if !is_prompt {
            continue;
        }
        let end = match talk {
            Talk::HandsBack(handoff) => json!({ "type": "end", "handoffData": handoff }),
            Talk::Ends => json!({ "type": "end" }),
            // Nothing is said any more, not even that it ends.
            Talk::Breaks => return,
            Talk::IsMute => continue,
        };
        let words = json!({ "type": "text", "token": "Let me see.", "last": true });
        for frame in [words, end] {
            let sent = socket.send(Message::text(frame.to_string())).await;
            sent.expect("the carrier listens");
        }
    }
}

/// The fields that the carrier asks the action of a document with, once the talk that it begins is over; nothing where the
/// caller hangs up first.
pub async fn relayed(document: &str, says: &str) -> Option<Vec<(&'static str, String)>> {
    let (url, given) = machine_of(document);
    let url = url.replace("wss://", "ws://");
    let field = |name, value: &str| (name, value.to_owned());
    let failed = |code| {
        Some(vec![
            field("SessionStatus", "failed"),
            field("SessionDuration", "0"),
            field("ErrorCode", code),
        ])
    };
    let Ok((mut socket, _)) = connect_async(url).await else {
        return failed(UNREACHED);
    };
    let setup = json!({ "type": "setup", "sessionId": "VX1", "customParameters": given });
    let prompt = json!({ "type": "prompt", "voicePrompt": says, "lang": "en-GB", "last": true });
    for frame in [setup, prompt] {
        let sent = socket.send(Message::text(frame.to_string())).await;
        sent.expect("the machine listens");
    }
    loop {
        let Ok(next) = tokio::time::timeout(PATIENCE, socket.next()).await else {
            return None;
        };
        let Some(Ok(Message::Text(text))) = next else {
            return failed(LOST);
        };
        let frame: Value = serde_json::from_str(&text).expect("the machine writes JSON");
        if frame["type"] != "end" {
            continue;
        }
        let mut fields = vec![
            field("SessionStatus", "ended"),
            field("SessionDuration", "7"),
        ];
        let handoff = frame["handoffData"].as_str();
        fields.extend(handoff.map(|handoff| field("HandoffData", handoff)));
        return Some(fields);
    }
}

/// Where the machine of a document is, and what it is given.
fn machine_of(document: &str) -> (String, Value) {
    let read = roxmltree::Document::parse(document).expect("it is XML");
    let relay = read
        .descendants()
        .find(|node| node.has_tag_name("ConversationRelay"));
    let relay = relay.unwrap_or_else(|| panic!("nobody is handed to a machine: {document}"));
    let given = relay.children().filter_map(|node| {
        let (name, value) = (node.attribute("name")?, node.attribute("value")?);
        Some((name.to_owned(), Value::from(value)))
    });
    let url = relay.attribute("url").expect("it is somewhere");
    (url.to_owned(), Value::Object(given.collect()))
}

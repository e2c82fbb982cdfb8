//! A caller: signed webhooks to one node or to several, following the TwiML's own URLs as the carrier does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hookswitch::twilio::signature::sign;

use super::server::{PATIENCE, PUBLIC_URL, Server, TOKEN};

/// The keys of the shortest whole call of `pickup`: English, a letter, at 9:15, confirmed. It takes five turns.
pub const LETTER: [&str; 4] = ["1", "1", "0915", "1"];

/// A call of `pickup` with a wrong entry and a change of mind. It takes ten turns.
pub const DETOUR: [&str; 9] = ["1", "2", "31", "5", "1230", "2", "1", "0915", "1"];

/// The carrier waits so long for an answer.
const CARRIER_WAITS: Duration = Duration::from_secs(15);

/// The content type of a webhook.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// What a node answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body, byte for byte.
    pub body: String,
}

/// A call in progress.
#[derive(Clone)]
pub struct Caller {
    /// Its name.
    pub sid: String,
    /// Who calls.
    pub from: String,
    /// The number called.
    pub to: String,
    /// Where webhooks go: one node, or several in turn.
    pub nodes: Vec<String>,
    /// The path of the next request, as the reply before said.
    pub action: String,
    /// The reply before.
    pub last: String,
    /// What its webhooks are signed with.
    pub token: String,
    /// The address that they are signed for.
    pub public_url: String,
    /// The carrier's token for the next requests: the same on a repeat, another on another one; none where it is empty.
    pub idempotency: String,
    http: reqwest::Client,
    sent: usize,
}

/// The name of a call that nobody else has.
pub fn fresh_sid() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let time = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos() as u64);
    format!(
        "CA{:016x}{:016x}",
        time,
        (u64::from(std::process::id()) << 32) | next
    )
}

impl Caller {
    /// A caller of a node.
    pub fn new(server: &Server) -> Self {
        Self::of(&[server])
    }

    /// A caller whose webhooks go to several nodes in turn.
    pub fn of(servers: &[&Server]) -> Self {
        Self {
            sid: fresh_sid(),
            from: "+442079460001".to_owned(),
            to: "+442079460123".to_owned(),
            nodes: servers.iter().map(|server| server.url("")).collect(),
            action: String::new(),
            last: String::new(),
            token: TOKEN.to_owned(),
            public_url: PUBLIC_URL.to_owned(),
            idempotency: String::new(),
            http: http(),
            sent: 0,
        }
    }

    /// Another call over the same connections.
    pub fn another(&self) -> Self {
        Self {
            sid: fresh_sid(),
            action: String::new(),
            last: String::new(),
            sent: 0,
            ..self.clone()
        }
    }

    /// Begins the call at a path and returns what is heard.
    #[track_caller]
    pub fn call(&mut self, path: &str) -> impl Future<Output = String> {
        self.action = path.to_owned();
        self.go(vec![("CallStatus", "ringing")])
    }

    /// Presses keys; a `#` at the end finishes the entry.
    #[track_caller]
    pub fn press(&mut self, keys: &str) -> impl Future<Output = String> {
        let keys = keys
            .strip_suffix('#')
            .filter(|rest| !rest.is_empty())
            .unwrap_or(keys)
            .to_owned();
        let this = self;
        async move {
            this.go(vec![("CallStatus", "in-progress"), ("Digits", &keys)])
                .await
        }
    }

    /// Says nothing.
    pub async fn silent(&mut self) -> String {
        self.go(vec![("CallStatus", "in-progress")]).await
    }

    /// A dialled number comes to its end.
    pub async fn dialled(&mut self, status: &str) -> String {
        self.go(vec![
            ("CallStatus", "in-progress"),
            ("DialCallStatus", status),
        ])
        .await
    }

    /// Hangs up: the status callback.
    pub async fn hang_up(&mut self) -> u16 {
        self.post("/status", &[("CallStatus", "completed")])
            .await
            .map_or(0, |reply| reply.status)
    }

    /// Sends the next request and follows the reply; panics unless it is TwiML.
    pub async fn go(&mut self, fields: Vec<(&str, &str)>) -> String {
        let path = self.action.clone();
        let reply = self.post(&path, &fields).await.expect("the node answers");
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        self.follow(&reply.body);
        reply.body
    }

    /// Sends a request to any path and follows the reply; panics unless it is TwiML.
    pub async fn go_to(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        self.action = path.to_owned();
        self.go(fields.to_vec()).await
    }

    /// Begins the call as [`Caller::call`] does, whatever becomes of nodes and stores on the way.
    pub async fn call_through(&mut self, path: &str) -> String {
        self.action = path.to_owned();
        self.go_through(&[("CallStatus", "ringing")]).await
    }

    /// Presses keys, whatever becomes of nodes and stores on the way.
    pub async fn press_through(&mut self, keys: &str) -> String {
        self.go_through(&[("CallStatus", "in-progress"), ("Digits", keys)])
            .await
    }

    /// Says nothing, whatever becomes of nodes and stores on the way.
    pub async fn silent_through(&mut self) -> String {
        self.go_through(&[("CallStatus", "in-progress")]).await
    }

    /// Sends the next request as the carrier does where nodes and stores come and go: the same one again until somebody
    /// answers, and through every hold. Returns what is heard then.
    async fn go_through(&mut self, fields: &[(&str, &str)]) -> String {
        let mut fields = fields;
        loop {
            let document = self.insist(fields).await;
            self.follow(&document);
            let Some(pause) = hold(&document) else {
                return document;
            };
            tokio::time::sleep(pause).await;
            // A redirect carries the fields that every request has, and no keys.
            fields = &[("CallStatus", "in-progress")];
        }
    }

    /// Sends a request until somebody answers: to the next node each time, if there are several.
    async fn insist(&mut self, fields: &[(&str, &str)]) -> String {
        let (path, begun) = (self.action.clone(), Instant::now());
        loop {
            match self.post(&path, fields).await {
                Ok(reply) if reply.status == 200 => return reply.body,
                Ok(reply) => panic!("{path}: {} {}", reply.status, reply.body),
                Err(error) => {
                    assert!(begun.elapsed() < PATIENCE, "nobody answers {path}: {error}");
                    if error.is_timeout() {
                        println!("no answer to {path} within {CARRIER_WAITS:?}");
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Takes the next URL from a reply, as the carrier does.
    pub fn follow(&mut self, body: &str) {
        let read = hookswitch::twiml::read::read(body.as_bytes()).expect("the carrier takes it");
        assert_eq!(read.warnings, [], "{body}");
        self.last = body.to_owned();
        self.action = next_url(body).unwrap_or_default();
    }

    /// Whether the call has come to its end.
    pub fn is_over(&self) -> bool {
        self.action.is_empty()
    }

    /// Sends a signed webhook to the node whose turn it is.
    ///
    /// # Errors
    /// When the node cannot be reached or does not answer whole.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> reqwest::Result<Reply> {
        let node = self.nodes[self.sent % self.nodes.len()].clone();
        self.sent += 1;
        self.post_to(&node, path, fields).await
    }

    /// Sends a signed webhook to a node, or to a foreign server where the path is a whole URL of one.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub async fn post_to(
        &self,
        node: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> reqwest::Result<Reply> {
        let path = path.split('#').next().unwrap_or_default();
        let path = path.strip_prefix(PUBLIC_URL).unwrap_or(path);
        let (node, path) = if path.starts_with("http://") {
            ("", path)
        } else {
            (node, path)
        };
        let form = self.form(fields);
        let signature = self.sign(path, &form);
        self.send(node, path, &form, Some(&signature)).await
    }

    /// Sends a signed webhook that has these fields alone, as what the carrier reports of a recording.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub async fn post_only(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> reqwest::Result<Reply> {
        let node = self.nodes[self.sent % self.nodes.len()].clone();
        self.sent += 1;
        let fields = fields.iter();
        let form: Vec<(String, String)> = fields
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let signature = self.sign(path, &form);
        self.send(&node, path, &form, Some(&signature)).await
    }

    /// The signature of a webhook at a path, query included; of a GET there are no fields.
    pub fn sign(&self, path: &str, form: &[(String, String)]) -> String {
        sign(&self.token, &format!("{}{path}", self.public_url), form)
    }

    /// Sends a signed webhook as a GET: its fields stand behind what the query has already.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub async fn get(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::Result<Reply> {
        let path = path.split('#').next().unwrap_or_default();
        let mark = if path.contains('?') { '&' } else { '?' };
        let target = format!("{path}{mark}{}", encode(&self.form(fields)));
        self.get_raw(&target, &self.sign(&target, &[])).await
    }

    /// Sends a GET with any signature.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub async fn get_raw(&self, target: &str, signature: &str) -> reqwest::Result<Reply> {
        let url = format!("{}{target}", self.nodes[0]);
        read(
            self.http
                .get(url)
                .header("x-twilio-signature", signature)
                .send()
                .await?,
        )
        .await
    }

    /// A POST of a body to the first node, for a test to sign and send as it likes.
    pub fn raw(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> reqwest::RequestBuilder {
        let request = self
            .http
            .post(format!("{}{path}", self.nodes[0]))
            .header("host", "ivr.example.test");
        request.header("content-type", content_type).body(body)
    }

    /// Sends a form with any signature, or none.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub async fn send(
        &self,
        node: &str,
        path: &str,
        form: &[(String, String)],
        signature: Option<&str>,
    ) -> reqwest::Result<Reply> {
        let mut request = self
            .http
            .post(format!("{node}{path}"))
            .header("host", "ivr.example.test");
        if let Some(signature) = signature {
            request = request.header("x-twilio-signature", signature);
        }
        if !self.idempotency.is_empty() {
            request = request.header("i-twilio-idempotency-token", &self.idempotency);
        }
        read(
            request
                .header("content-type", FORM)
                .body(encode(form))
                .send()
                .await?,
        )
        .await
    }

    /// The fields of a webhook: those that every one has, and more.
    pub fn form(&self, fields: &[(&str, &str)]) -> Vec<(String, String)> {
        let standard = [
            ("CallSid", self.sid.as_str()),
            ("AccountSid", "AC00000000000000000000000000000000"),
            ("From", &self.from),
            ("To", &self.to),
            ("Direction", "inbound"),
            ("ApiVersion", "2010-04-01"),
        ];
        let is_told = fields.iter().any(|(name, _)| *name == "CallStatus");
        let status = (!is_told).then_some(("CallStatus", "in-progress"));
        let all = standard.iter().chain(status.iter()).chain(fields);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }
}

/// A client with a connection a request: a node that was started again knows nothing of the old ones. It waits as long as
/// the carrier does.
pub fn http() -> reqwest::Client {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(CARRIER_WAITS)
        .pool_max_idle_per_host(0);
    client.build().expect("a client can be made")
}

/// What a response says.
///
/// # Errors
/// When it breaks off.
pub async fn read(response: reqwest::Response) -> reqwest::Result<Reply> {
    Ok(Reply {
        status: response.status().as_u16(),
        body: response.text().await?,
    })
}

/// A form's body.
pub fn encode(form: &[(String, String)]) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    body.finish()
}

/// Where a document leads when the caller has done what it waits for: the action of the verb that waits, else its
/// Redirect. `None` where it ends the call.
pub fn next_url(document: &str) -> Option<String> {
    let tree = roxmltree::Document::parse(document)
        .unwrap_or_else(|error| panic!("not XML: {error}\n{document}"));
    let mut verbs = tree
        .root_element()
        .children()
        .filter(roxmltree::Node::is_element);
    verbs.find_map(|verb| match verb.tag_name().name() {
        "Gather" | "Dial" | "Enqueue" | "Refer" => verb.attribute("action").map(str::to_owned),
        "Redirect" => verb.text().map(str::to_owned),
        _ => None,
    })
}

/// How long a document puts the caller on hold; `None` for one that does not.
pub fn hold(document: &str) -> Option<Duration> {
    next_url(document).filter(|url| url.contains("?held="))?;
    let tree = roxmltree::Document::parse(document).expect("it was parsed above");
    let pause = tree.descendants().find(|node| node.has_tag_name("Pause"));
    let length = pause
        .and_then(|pause| pause.attribute("length"))
        .unwrap_or("1");
    Some(Duration::from_secs(
        length.parse().expect("a pause is whole seconds"),
    ))
}

/// All that a document says, in order.
pub fn words(document: &str) -> String {
    let tree = roxmltree::Document::parse(document)
        .unwrap_or_else(|error| panic!("not XML: {error}\n{document}"));
    let texts = tree
        .descendants()
        .filter(|node| node.is_text() && !in_link(*node))
        .filter_map(|node| node.text());
    texts.collect::<Vec<_>>().join(" ")
}

fn in_link(node: roxmltree::Node<'_, '_>) -> bool {
    node.parent()
        .is_some_and(|parent| matches!(parent.tag_name().name(), "Redirect" | "Play" | "Number"))
}

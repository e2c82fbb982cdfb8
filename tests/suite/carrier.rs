//! A carrier's REST API for tests, on loopback: it answers as Twilio does, faults included, and notes what it is asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use hookswitch::twilio::rest::{Logins, Rest};
use serde_json::json;

use super::stand_in::StandIn;

/// The account whose recordings it has.
pub const ACCOUNT: &str = "AC00000000000000000000000000000000";
/// Its auth token.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// How long a test's client waits.
pub const PATIENCE: Duration = Duration::from_millis(400);

/// How a request is answered that would be answered well.
#[derive(Clone, Debug)]
pub enum RestAnswer {
    /// As Twilio does when all is well.
    Well,
    /// Nothing is done, and the answer is an error of this status and code.
    Error(u16, u32),
    /// The same, with `Retry-After`.
    ErrorAfter(u16, u32, &'static str),
    /// Nothing is done, and the page of a gateway comes with this status.
    Page(u16),
    /// Nothing is done, and the answer leads elsewhere.
    Redirect(String),
    /// It is done, and no answer comes.
    ActThenNothing,
    /// It is done, and the page of a gateway comes with this status.
    ActThenPage(u16),
    /// Nothing is done, and this comes as if all were well.
    Foreign(String),
    /// A sound breaks off in the middle.
    BreakOff,
    /// Half of a sound comes, and nothing more.
    Stall,
    /// A sound comes in parts, each of which takes its time: longer in all than a test's client waits for anything.
    Slowly,
}

/// A recording that it has.
#[derive(Clone, Debug)]
pub struct Recording {
    pub account: String,
    pub call: String,
    pub status: &'static str,
    pub sound: Bytes,
}

/// A message that it has sent.
#[derive(Clone, Debug)]
pub struct Message {
    pub sid: String,
    pub to: String,
    pub from: String,
    pub body: String,
    /// Where it is to report.
    pub callback: String,
}

/// A call that it has placed.
#[derive(Clone, Debug)]
pub struct Placed {
    pub sid: String,
    pub to: String,
    pub from: String,
    /// Where the first document is.
    pub url: String,
    /// Where it is to report the end.
    pub callback: String,
    /// What is found out of whoever answers.
    pub detection: String,
    /// Where it is to report that, where the first document does not wait for it.
    pub answered: String,
    /// How far it is.
    pub status: &'static str,
    /// When it was asked for.
    pub at: std::time::Instant,
}

#[derive(Default)]
struct Shared {
    calls: Mutex<Vec<Placed>>,
    messages: Mutex<Vec<Message>>,
    recordings: Mutex<BTreeMap<String, Recording>>,
    next: Mutex<VecDeque<RestAnswer>>,
    asked: Mutex<Vec<String>>,
}

/// The API; it ends with its handle.
pub struct Carrier {
    shared: Arc<Shared>,
    server: StandIn,
}

impl Carrier {
    /// Begins to listen on a free port of loopback, with no recordings.
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let server = StandIn::start(shared.clone(), answer);
        Self { shared, server }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// A client with the right login.
    pub fn rest(&self) -> Rest {
        let token = TOKEN.into();
        let logins = Logins::new(Some(&token), Some(ACCOUNT), []);
        Rest::new(self.url(), logins, PATIENCE).expect("it can be asked")
    }

    /// Makes a recording, or makes it again.
    pub fn record(&self, sid: &str, call: &str, status: &'static str, sound: Bytes) {
        let recording = Recording {
            account: ACCOUNT.to_owned(),
            call: call.to_owned(),
            status,
            sound,
        };
        let mut recordings = self.shared.recordings.lock().expect("no panic");
        recordings.insert(sid.to_owned(), recording);
    }

    /// Whether it still has a recording.
    pub fn has(&self, sid: &str) -> bool {
        self.shared
            .recordings
            .lock()
            .expect("no panic")
            .contains_key(sid)
    }

    /// The messages that it has sent, in order.
    pub fn messages(&self) -> Vec<Message> {
        self.shared.messages.lock().expect("no panic").clone()
    }

    /// The calls that it has placed, in order.
    pub fn calls(&self) -> Vec<Placed> {
        self.shared.calls.lock().expect("no panic").clone()
    }

    /// How far a call is from now on.
    pub fn call_is(&self, sid: &str, status: &'static str) {
        let mut calls = self.shared.calls.lock().expect("no panic");
        let call = calls.iter_mut().find(|call| call.sid == sid);
        call.expect("it was placed").status = status;
    }

    /// Answers the next requests like this, one after the other.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = RestAnswer>) {
        self.shared.next.lock().expect("no panic").extend(answers);
    }

    /// What it was asked, in order: method, and path behind the account's.
    pub fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().expect("no panic").clone()
    }

    /// How often it was asked so.
    pub fn times(&self, line: &str) -> usize {
        self.asked().iter().filter(|asked| *asked == line).count()
    }
}

/// Sound of so many bytes behind the head of a WAV file.
pub fn sound(bytes: usize) -> Bytes {
    let mut wave = Vec::with_capacity(bytes + 12);
    wave.extend_from_slice(b"RIFF");
    wave.extend_from_slice(&u32::try_from(bytes + 4).expect("short").to_le_bytes());
    wave.extend_from_slice(b"WAVE");
    wave.extend((0..bytes).map(|at| (at * 31 % 251) as u8));
    wave.into()
}

async fn answer(request: HttpRequest, body: Bytes, shared: Data<Arc<Shared>>) -> HttpResponse {
    let path = request.path().to_owned();
    let is_json = path.ends_with(".json");
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let ["2010-04-01", "Accounts", account, what @ ..] = parts.as_slice() else {
        return refuse(404, 20_404, is_json);
    };
    let line = format!("{} {}", request.method(), what.join("/"));
    shared.asked.lock().expect("no panic").push(line);
    if login(&request).as_deref() != Some(&format!("{account}:{TOKEN}")) || *account != ACCOUNT {
        return refuse(401, 20_003, is_json);
    }
    let planned = shared.next.lock().expect("no panic").pop_front();
    match planned {
        None | Some(RestAnswer::Well) => act(
            &shared,
            request.method().as_str(),
            (what, request.query_string()),
            &body,
        ),
        Some(RestAnswer::Error(status, code)) => refuse(status, code, is_json),
        Some(RestAnswer::ErrorAfter(status, code, wait)) => {
            let mut response = refuse(status, code, is_json);
            let wait = header::HeaderValue::from_static(wait);
            response.headers_mut().insert(header::RETRY_AFTER, wait);
            response
        }
        Some(RestAnswer::Page(status)) => {
            HttpResponse::build(StatusCode::from_u16(status).expect("a status"))
                .content_type("text/html")
                .body("<html><body>Bad gateway</body></html>")
        }
        Some(RestAnswer::Foreign(body)) => HttpResponse::Ok()
            .content_type("application/json")
            .body(body),
        Some(RestAnswer::Redirect(to)) => HttpResponse::Found()
            .insert_header((header::LOCATION, to))
            .finish(),
        Some(RestAnswer::ActThenNothing) => {
            act(
                &shared,
                request.method().as_str(),
                (what, request.query_string()),
                &body,
            );
            tokio::time::sleep(PATIENCE * 3).await;
            HttpResponse::Ok().finish()
        }
        Some(RestAnswer::ActThenPage(status)) => {
            act(
                &shared,
                request.method().as_str(),
                (what, request.query_string()),
                &body,
            );
            HttpResponse::build(StatusCode::from_u16(status).expect("a status"))
                .content_type("text/html")
                .body("<html><body>Bad gateway</body></html>")
        }
        Some(RestAnswer::BreakOff) => break_off(&shared, what),
        Some(RestAnswer::Stall) => in_parts(&shared, what, |whole, at| match at {
            0 => Some((whole / 2, Duration::ZERO)),
            _ => Some((0, Duration::from_mins(1))),
        }),
        Some(RestAnswer::Slowly) => in_parts(&shared, what, |whole, at| {
            (at < PARTS).then_some((whole.div_ceil(PARTS), PATIENCE / 2))
        }),
    }
}

/// Who asks, by name and secret.
fn login(request: &HttpRequest) -> Option<String> {
    let header = request
        .headers()
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?;
    let bytes = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    String::from_utf8(bytes).ok()
}

/// An error as Twilio writes it: XML unless JSON is asked for.
fn refuse(status: u16, code: u32, is_json: bool) -> HttpResponse {
    let mut response = HttpResponse::build(StatusCode::from_u16(status).expect("a status"));
    if is_json {
        let more = format!("https://www.twilio.com/docs/errors/{code}");
        let body = json!({ "code": code, "message": "No", "more_info": more, "status": status });
        return response.json(body);
    }
    response.content_type("application/xml").body(format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse><RestException><Code>{code}</Code>\
         <Status>{status}</Status></RestException></TwilioResponse>"
    ))
}

/// A number that sends no SMS to anybody any more, since whoever has it said STOP.
pub const UNSUBSCRIBED: &str = "+447400000610";
/// A fixed line.
pub const LANDLINE: &str = "+442079460614";
/// A number that cannot be one.
pub const INVALID: &str = "+447400000211";

fn now() -> String {
    let now = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC);
    now.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

fn described(message: &Message) -> serde_json::Value {
    json!({
        "sid": message.sid, "account_sid": ACCOUNT, "to": message.to, "from": message.from, "body": message.body,
        "status": "queued", "date_created": now(), "date_sent": null, "error_code": null, "num_segments": "1",
    })
}

/// Sends a message, or lists those to a number.
fn message(shared: &Shared, method: &str, query: &str, body: &[u8]) -> HttpResponse {
    let mut messages = shared.messages.lock().expect("no panic");
    let field = |of: &[u8], name: &str| {
        let mut fields = form_urlencoded::parse(of);
        fields
            .find(|(known, _)| known == name)
            .map_or(String::new(), |(_, value)| value.into_owned())
    };
    if method == "GET" {
        let to = field(query.as_bytes(), "To");
        let found = messages.iter().filter(|message| message.to == to);
        let found: Vec<_> = found.map(described).collect();
        return HttpResponse::Ok()
            .json(json!({ "messages": found, "page": 0, "next_page_uri": null }));
    }
    let (to, text) = (field(body, "To"), field(body, "Body"));
    let from = field(body, "From") + &field(body, "MessagingServiceSid");
    let refusal = match to.as_str() {
        INVALID => Some(21_211),
        UNSUBSCRIBED => Some(21_610),
        LANDLINE => Some(21_614),
        to if !to.starts_with('+') => Some(21_211),
        _ if text.is_empty() => Some(21_602),
        _ if text.chars().count() > 1_600 => Some(21_617),
        _ if from.is_empty() => Some(21_603),
        _ => None,
    };
    if let Some(code) = refusal {
        return refuse(400, code, true);
    }
    let sent = Message {
        sid: format!("SM{:032x}", messages.len() + 1),
        to,
        from,
        body: text,
        callback: field(body, "StatusCallback"),
    };
    let answer = HttpResponse::Created().json(described(&sent));
    messages.push(sent);
    answer
}

fn call_described(call: &Placed) -> serde_json::Value {
    json!({
        "sid": call.sid, "account_sid": ACCOUNT, "to": call.to, "from": call.from, "status": call.status,
        "direction": "outbound-api", "date_created": now(), "start_time": null, "answered_by": null,
    })
}

/// Places a call, lists those to a number, or says how one is.
fn call(
    shared: &Shared,
    method: &str,
    (what, query): (&[&str], &str),
    body: &[u8],
) -> HttpResponse {
    let mut calls = shared.calls.lock().expect("no panic");
    let field = |of: &[u8], name: &str| {
        let mut fields = form_urlencoded::parse(of);
        fields
            .find(|(known, _)| known == name)
            .map_or(String::new(), |(_, value)| value.into_owned())
    };
    if let ["Calls", file] = what {
        let sid = file.trim_end_matches(".json");
        let found = calls.iter().find(|call| call.sid == sid);
        return found.map_or_else(
            || refuse(404, 20_404, true),
            |call| HttpResponse::Ok().json(call_described(call)),
        );
    }
    if method == "GET" {
        let (to, from) = (
            field(query.as_bytes(), "To"),
            field(query.as_bytes(), "From"),
        );
        let found = calls.iter().rev();
        let found = found.filter(|call| call.to == to && call.from == from);
        let found: Vec<_> = found.map(call_described).collect();
        return HttpResponse::Ok()
            .json(json!({ "calls": found, "page": 0, "next_page_uri": null }));
    }
    let (to, url) = (field(body, "To"), field(body, "Url"));
    let refusal = match to.as_str() {
        INVALID => Some(21_211),
        UNSUBSCRIBED => Some(21_610),
        to if !to.starts_with('+') => Some(21_211),
        _ if url.is_empty() => Some(21_205),
        _ => None,
    };
    if let Some(code) = refusal {
        return refuse(400, code, true);
    }
    let placed = Placed {
        sid: format!("CA{:032x}", 0xca11 + calls.len()),
        to,
        from: field(body, "From"),
        url,
        callback: field(body, "StatusCallback"),
        detection: field(body, "MachineDetection"),
        answered: if field(body, "AsyncAmd") == "true" {
            field(body, "AsyncAmdStatusCallback")
        } else {
            String::new()
        },
        status: "queued",
        at: std::time::Instant::now(),
    };
    let answer = HttpResponse::Created().json(call_described(&placed));
    calls.push(placed);
    answer
}

/// Does what is asked.
fn act(shared: &Shared, method: &str, (what, query): (&[&str], &str), body: &[u8]) -> HttpResponse {
    let is_update = matches!((method, what), ("POST", ["Calls", _]));
    if matches!(what, ["Calls.json"] | ["Calls", _]) && !is_update {
        return call(shared, method, (what, query), body);
    }
    if what == ["Messages.json"] {
        return message(shared, method, query, body);
    }
    let mut recordings = shared.recordings.lock().expect("no panic");
    let [kind, file] = what else {
        return refuse(404, 20_404, true);
    };
    let Some((sid, ending)) = file.rsplit_once('.') else {
        return refuse(404, 20_404, false);
    };
    let found = recordings.get(sid).filter(|one| one.account == ACCOUNT);
    let is_json = ending == "json";
    match (method, *kind, ending, found) {
        ("GET", "Recordings", "json", Some(one)) => HttpResponse::Ok().json(json!({
            "sid": sid, "account_sid": ACCOUNT, "call_sid": one.call, "status": one.status,
            "duration": (one.status == "completed").then(|| (one.sound.len() / 16_000).to_string()),
            "channels": 1, "source": "RecordVerb", "error_code": null,
        })),
        ("GET", "Recordings", "wav", Some(one)) if one.status == "completed" => HttpResponse::Ok()
            .content_type("audio/x-wav")
            .body(one.sound.clone()),
        ("DELETE", "Recordings", "json", Some(one)) => {
            if ["in-progress", "processing"].contains(&one.status) {
                return refuse(409, 20_009, true);
            }
            recordings.remove(sid);
            HttpResponse::NoContent().finish()
        }
        ("POST", "Calls", "json", _) if sid.starts_with("CA") => {
            let fields = String::from_utf8_lossy(body).into_owned();
            HttpResponse::Ok().json(json!({ "sid": sid, "status": "in-progress", "got": fields }))
        }
        _ => refuse(404, 20_404, is_json),
    }
}

/// How many parts a sound has that comes slowly.
const PARTS: usize = 8;

/// The first half of a sound whose whole length is announced.
fn break_off(shared: &Shared, what: &[&str]) -> HttpResponse {
    in_parts(shared, what, |whole, at| {
        (at == 0).then_some((whole / 2, Duration::ZERO))
    })
}

/// A sound whose whole length is announced, in parts of so many bytes, each after so long a time; `part` is asked for each.
fn in_parts(
    shared: &Shared,
    what: &[&str],
    part: impl Fn(usize, usize) -> Option<(usize, Duration)> + 'static,
) -> HttpResponse {
    let recordings = shared.recordings.lock().expect("no panic");
    let sid = what.last().and_then(|file| file.strip_suffix(".wav"));
    let Some(one) = sid.and_then(|sid| recordings.get(sid)) else {
        return refuse(404, 20_404, true);
    };
    let sound = one.sound.clone();
    let whole = sound.len();
    let begun = (part, sound, 0);
    let parts = stream::unfold(begun, move |(part, mut left, at)| async move {
        let (bytes, wait) = part(whole, at)?;
        tokio::time::sleep(wait).await;
        let now = left.split_to(bytes.min(left.len()));
        Some((Ok::<_, actix_web::Error>(now), (part, left, at + 1)))
    });
    HttpResponse::Ok()
        .content_type("audio/x-wav")
        .no_chunking(whole as u64)
        .streaming(Box::pin(parts))
}

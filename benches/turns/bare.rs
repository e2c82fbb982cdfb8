//! The least that a server can do for a turn: actix reads the request, the form is parsed, the signature checked, and a
//! fixed body of the same length as Hookswitch's is written. With Redis, one script that gets and sets about as many
//! bytes as a turn's commit.

use std::borrow::Cow;
use std::convert::Infallible;

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use hookswitch::engine::flow::Bundle;
use hookswitch::engine::load::load;
use hookswitch::engine::{About, Call, CallSid, Input, Reply, advance};
use hookswitch::twilio::retry;
use hookswitch::twiml::{self, Links};
use redis::aio::MultiplexedConnection;
use sha1::Sha1;

use super::call::{PUBLIC_URL, START, TOKEN};
use super::{Fault, USAGE};

const FLOW: &str = include_str!("../flow/bench.toml");

/// Bytes of a call's state and its packed reply in Redis, about.
const RECORD: usize = 600;
/// Gets and sets the record, as a commit must: it compares before it writes.
const SCRIPT: &str = "local was = redis.call('GET', KEYS[1])
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return was and 1 or 0";
/// Milliseconds that the records are kept.
const KEPT: u32 = 20_000;

/// What a worker has.
struct Bare {
    mac: Hmac<Sha1>,
    bodies: Vec<Bytes>,
    redis: Option<(MultiplexedConnection, String)>,
    record: Vec<u8>,
}

/// Serves until it is killed.
pub fn run(words: &[&str]) -> Result<(), Fault> {
    let (port, redis) = match words {
        [port] => (port, None),
        [port, redis] => (port, Some(format!("redis://127.0.0.1:{redis}"))),
        _ => return Err(USAGE.into()),
    };
    let bodies = bodies()?;
    let address = ("127.0.0.1", port.parse::<u16>()?);
    let app = move || {
        let (bodies, redis, count) = (bodies.clone(), redis.clone(), bodies.len());
        // Made on the worker's own thread, so that the connection's task runs beside the handler.
        let bare = move || Box::pin(Bare::new(bodies.clone(), redis.clone()));
        // Fixed paths: actix finds them without a pattern.
        let turns = (0..count).map(path);
        turns.fold(App::new().data_factory(bare), |app, path| {
            app.route(&path, web::post().to(answer))
        })
    };
    actix_web::rt::System::new()
        .block_on(async { HttpServer::new(app).workers(1).bind(address)?.run().await })?;
    Ok(())
}

impl Bare {
    async fn new(bodies: Vec<Bytes>, redis: Option<String>) -> Result<Self, Infallible> {
        let mac = Hmac::new_from_slice(TOKEN.as_bytes()).expect("HMAC takes a key of any length");
        let redis = match redis {
            Some(url) => Some(
                connect(&url)
                    .await
                    .expect("the benchmark's own Redis answers"),
            ),
            None => None,
        };
        Ok(Self {
            mac,
            bodies,
            redis,
            record: vec![b'x'; RECORD],
        })
    }

    /// Whether the request is signed with the token.
    fn is_genuine(&self, request: &HttpRequest, fields: &[(Cow<'_, str>, Cow<'_, str>)]) -> bool {
        let Some(signature) = request.headers().get("x-twilio-signature") else {
            return false;
        };
        let mut tag = [0; 21];
        let Ok(20) = STANDARD.decode_slice(signature, &mut tag) else {
            return false;
        };
        let mut mac = self.mac.clone();
        mac.update(PUBLIC_URL.as_bytes());
        mac.update(request.uri().path().as_bytes());
        for (name, value) in fields {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        mac.verify_slice(&tag[..20]).is_ok()
    }

    async fn commit(&self, sid: &str) -> redis::RedisResult<()> {
        let Some((connection, hash)) = &self.redis else {
            return Ok(());
        };
        let mut command = redis::cmd("EVALSHA");
        command
            .arg(hash)
            .arg(1)
            .arg(format!("bare:{sid}"))
            .arg(&self.record)
            .arg(KEPT);
        command.query_async(&mut connection.clone()).await
    }
}

async fn connect(url: &str) -> redis::RedisResult<(MultiplexedConnection, String)> {
    let mut connection = redis::Client::open(url)?
        .get_multiplexed_async_connection()
        .await?;
    let hash = redis::cmd("SCRIPT")
        .arg("LOAD")
        .arg(SCRIPT)
        .query_async(&mut connection)
        .await?;
    Ok((connection, hash))
}

async fn answer(request: HttpRequest, body: Bytes, bare: Data<Bare>) -> HttpResponse {
    let Ok(body) = std::str::from_utf8(&body) else {
        return HttpResponse::BadRequest().finish();
    };
    let mut fields: Vec<_> = Vec::with_capacity(48);
    fields.extend(body.split('&').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    }));
    fields.sort_unstable();
    if !bare.is_genuine(&request, &fields) {
        return HttpResponse::Forbidden().finish();
    }
    let sid = fields
        .iter()
        .find_map(|(name, value)| (name == "CallSid").then_some(value));
    if bare.commit(sid.map_or("", |sid| sid)).await.is_err() {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let turn = request
        .path()
        .rsplit_once('~')
        .and_then(|(_, turn)| turn.parse().ok())
        .unwrap_or(0);
    match bare.bodies.get(turn) {
        Some(body) => HttpResponse::Ok()
            .content_type("text/xml; charset=utf-8")
            .body(body.clone()),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Undoes the form's encoding; most fields have nothing to undo.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(text);
    }
    form_urlencoded::parse(text.as_bytes())
        .next()
        .map_or(Cow::Borrowed(text), |(text, _)| text)
}

/// Where a turn's webhook goes.
fn path(turn: usize) -> String {
    if turn == 0 {
        START.to_owned()
    } else {
        format!("{START}/~{turn}")
    }
}

/// What Hookswitch answers at each turn of one call, byte for byte.
fn bodies() -> Result<Vec<Bytes>, Fault> {
    let bundle = Bundle {
        name: "bench".to_owned(),
        source: FLOW.to_owned(),
        ..Bundle::default()
    };
    let flow = load(&bundle).map_err(|diags| format!("{diags:?}"))?.flow;
    let about = About {
        from: "+14155550100".to_owned(),
        ..About::default()
    };
    let mut call = Call::new(CallSid::parse("CA1")?, &flow, about);
    let keys = ["", "1", "10", "10", "1"].map(|keys| match keys {
        "" => Input::Begin,
        keys => Input::Keys(keys.to_owned()),
    });
    let mut bodies = Vec::new();
    for input in &keys {
        let turn = advance(&flow, call, input, jiff::Timestamp::UNIX_EPOCH);
        let action = format!("{}{}", path(turn.call.turn as usize), retry::FRAGMENT);
        let links = Links {
            action: &action,
            audio: "/audio/",
            audio_fragment: retry::FRAGMENT,
            ..Links::default()
        };
        let Reply::Speak(verbs) = &turn.reply;
        bodies.push(twiml::render(verbs, &links).into());
        call = turn.call;
    }
    Ok(bodies)
}

//! How the simulated carrier reaches this server: over its own listener, as the real one would through a proxy.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::web::Data;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::live_call::{LiveCall, TakenWay, ways};
use super::mask::Mask;
use super::page_call::PageCall;
use super::person::lock;
use crate::engine::{Call, CallSid, Flow};
use crate::phone::{
    Account, Callback, Http, Method, Plan, Purpose, Request, Response, Wire, WireError,
};
use crate::settings::Settings;
use crate::twilio::retry;
use crate::web::app::{App, PublicAddress};

/// An account that nobody has.
const NO_ACCOUNT: &str = "AC00000000000000000000000000000000";

/// The carrier, as far as it knows us.
pub struct Carrier {
    /// What stands before the path of every URL that the carrier is given.
    outside: String,
    /// Where that really leads.
    inside: String,
    account: Account,
    http: Http,
}

impl Carrier {
    /// A carrier that asks a node which serves at an address. Where webhooks are signed it knows the public URL, which
    /// signatures are made over.
    pub fn new(known_as: &PublicAddress, settings: &Settings, serves: SocketAddr) -> Self {
        let inside = format!(
            "http://{}",
            SocketAddr::new(reachable(serves.ip()), serves.port())
        );
        let (sid, token) = account(settings);
        let public = known_as.public.as_ref().filter(|_| token.is_some());
        let outside = public.map_or_else(
            || format!("{inside}{}", known_as.prefix),
            |public| public.base().to_owned(),
        );
        Self {
            outside,
            inside,
            account: Account {
                sid,
                token,
                signed_for: None,
            },
            http: Http::new(),
        }
    }

    /// What stands before the path of every URL that the carrier is given.
    pub fn outside(&self) -> &str {
        &self.outside
    }

    /// A call to a path of ours.
    pub fn plan(&self, path: &str, from: String, to: String, at: Timestamp) -> Plan {
        let url = |path: &str| format!("{}{path}{}", self.outside, retry::FRAGMENT);
        let callback = |path: &str| {
            Some(Callback {
                url: url(path),
                method: Method::Post,
            })
        };
        Plan {
            url: url(path),
            method: Method::Post,
            fallback: callback("/fallback"),
            status: callback("/status"),
            account: self.account.clone(),
            sid: fresh_sid(),
            from,
            to,
            direction: "inbound".to_owned(),
            fields: Vec::new(),
            at,
            words_a_minute: None,
        }
    }

    /// The wire of one call.
    pub fn wire(
        &self,
        app: Data<App>,
        line: Arc<PageCall>,
        mask: Arc<Mutex<Mask>>,
    ) -> CallWire<'_> {
        CallWire {
            carrier: self,
            app,
            line,
            mask,
            last: Mutex::new(None),
        }
    }
}

/// An address that listens everywhere is reached on this machine itself.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

/// Whose calls the carrier places: the account's, else a subaccount's, else nobody's.
fn account(settings: &Settings) -> (String, Option<SecretString>) {
    let twilio = &settings.twilio;
    let own = twilio
        .auth_token
        .clone()
        .map(|token| (twilio.account_sid.clone(), token));
    let sub = || {
        twilio
            .accounts
            .iter()
            .next()
            .map(|(sid, account)| (Some(sid.clone()), account.auth_token.clone()))
    };
    match own.or_else(sub) {
        Some((sid, token)) => {
            let token = SecretString::from(token.expose_secret().trim().to_owned());
            (sid.unwrap_or_else(|| NO_ACCOUNT.to_owned()), Some(token))
        }
        None => (NO_ACCOUNT.to_owned(), None),
    }
}

/// A name that no other call has.
fn fresh_sid() -> String {
    let number = |_| getrandom::u64().unwrap_or_else(|_| Timestamp::now().as_nanosecond() as u64);
    let [high, low] = [0, 1].map(number);
    format!("CA{high:016x}{low:016x}")
}

/// The wire of one call. After each turn it looks what became of the call.
pub struct CallWire<'a> {
    carrier: &'a Carrier,
    app: Data<App>,
    line: Arc<PageCall>,
    mask: Arc<Mutex<Mask>>,
    /// The turn that the call waited for when it was looked at last; nothing before that.
    last: Mutex<Option<u32>>,
}

impl Wire for CallWire<'_> {
    async fn send(&self, request: &Request) -> Result<Response, WireError> {
        let Some(path) = request.url.strip_prefix(&self.carrier.outside) else {
            // Nobody knows what is asked there.
            lock(&self.mask).asks(true);
            return self.carrier.http.send(request).await;
        };
        let inside = Request {
            url: format!("{}{path}", self.carrier.inside),
            ..request.clone()
        };
        let answer = self.carrier.http.send(&inside).await;
        if request.purpose == Purpose::Voice {
            self.look(request).await;
        }
        answer
    }
}

impl CallWire<'_> {
    /// Reports to the page where the call is now, and whether what is asked there may be shown.
    async fn look(&self, request: &Request) {
        let seen = self.seen(request).await;
        lock(&self.mask).asks(seen.as_ref().is_none_or(|(_, private)| *private));
        if let Some((sight, _)) = seen {
            self.line.tell(&json!({ "event": "state", "state": sight }));
        }
    }

    /// What is seen of the call, and whether its question is private; nothing where the store is away.
    async fn seen(&self, request: &Request) -> Option<(LiveCall, bool)> {
        let field = |name: &str| {
            request
                .fields
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        let sid = CallSid::parse(field("CallSid")?).ok()?;
        let call = self.app.find(&sid).await.ok()??.call;
        let version = self.app.version_of(&call).await.ok()??;
        let last = self.last.lock();
        let turn = last
            .unwrap_or_else(PoisonError::into_inner)
            .replace(call.turn);
        let taken = if turn == Some(call.turn) {
            Vec::new()
        } else {
            self.taken(&call, &version.flow).await
        };
        let private = call
            .step()
            .is_none_or(|step| version.flow.step(step).action.is_private(&version.flow));
        let sight = LiveCall::of(&call, &version.flow, taken);
        Some((sight, private))
    }

    /// The ways of the call's last turn, as its trail has them.
    async fn taken(&self, call: &Call, flow: &Flow) -> Vec<TakenWay> {
        let trail = self.app.store.trail(&call.sid).await.ok().flatten();
        let entry = trail.and_then(|mut trail| trail.entries.pop());
        entry
            .filter(|entry| entry.turn == call.turn)
            .map_or_else(Vec::new, |entry| ways(&entry, flow))
    }
}

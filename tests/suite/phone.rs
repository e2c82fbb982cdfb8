//! What tests of the phone share: a plan, and a caller who writes everything down.

use std::time::Duration;

use hookswitch::phone::{
    Account, CallClock, CallEvent, Caller, Ended, Http, Keys, Method, Notice, Plan, Request,
    Situation, TimedAct, Wire, World, place,
};
use secrecy::SecretString;

use super::caller::fresh_sid;
use super::server::{PUBLIC_URL, TOKEN};

/// A call to a URL, signed as the nodes of the tests expect it.
pub fn plan(url: String) -> Plan {
    Plan {
        url,
        method: Method::Post,
        fallback: None,
        status: None,
        account: Account {
            sid: "AC0123456789abcdef0123456789abcdef".to_owned(),
            token: Some(SecretString::from(TOKEN)),
            signed_for: Some(PUBLIC_URL.to_owned()),
        },
        sid: fresh_sid(),
        from: "+442079460001".to_owned(),
        to: "+442079460123".to_owned(),
        direction: "inbound".to_owned(),
        fields: Vec::new(),
        at: "2026-11-23T10:15:00Z".parse().expect("a moment"),
        words_a_minute: None,
    }
}

/// A caller with keys who writes everything down.
pub struct Listener {
    keys: Keys,
    events: Vec<CallEvent>,
}

impl Caller for Listener {
    fn notice(&mut self, at: Duration, event: &CallEvent) {
        self.events.push(event.clone());
        self.keys.notice(at, event);
    }

    async fn act(&mut self, moment: &Situation) -> Option<TimedAct> {
        self.keys.act(moment).await
    }
}

/// What a call came to.
pub struct Called {
    pub ended: Ended,
    pub events: Vec<CallEvent>,
}

impl Called {
    pub fn words(&self) -> Vec<&str> {
        let speech = self.events.iter().filter_map(|event| match event {
            CallEvent::Hears(speech) => Some(speech.text.as_str()),
            _ => None,
        });
        speech.filter(|text| !text.is_empty()).collect()
    }

    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.events.iter().filter_map(|event| match event {
            CallEvent::Notices(notice) => Some(notice),
            _ => None,
        })
    }

    pub fn codes(&self) -> Vec<u32> {
        self.notices().map(|notice| notice.code).collect()
    }

    pub fn asked(&self) -> impl Iterator<Item = &Request> {
        self.events.iter().filter_map(|event| match event {
            CallEvent::Asks(request) => Some(&**request),
            _ => None,
        })
    }
}

/// Calls over any wire.
pub async fn call_over(wire: &impl Wire, plan: &Plan, keys: &str, world: &World) -> Called {
    let keys = Keys::parse(keys).expect("keys of a telephone");
    let mut listener = Listener {
        keys,
        events: Vec::new(),
    };
    let ended = place(plan, CallClock::jumping(), wire, &mut listener, world).await;
    Called {
        ended,
        events: listener.events,
    }
}

/// Calls over sockets.
pub async fn call(plan: &Plan, keys: &str) -> Called {
    call_over(&Http::new(), plan, keys, &World::default()).await
}

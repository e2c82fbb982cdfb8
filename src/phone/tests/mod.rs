//! The phone against scripted servers in memory, with a clock that jumps.

mod calls;
mod dial;
mod faults;
mod fetch;
mod gather;
mod prompts;
mod record;
mod waits;

use std::cell::RefCell;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use secrecy::SecretString;

use super::{
    Account, CallClock, CallEvent, Callback, Caller, Ended, EndedBy, Keys, Method, Notice,
    PhoneAct, Plan, Playback, Purpose, Request, Response, Situation, TimedAct, Wire, WireError,
    World, place,
};

/// A server in memory: a function from request to answer; it remembers what it was asked.
struct Script<F> {
    answer: F,
    asked: RefCell<Vec<Request>>,
}

impl<F: Fn(&Request) -> Result<Response, WireError>> Wire for Script<F> {
    async fn send(&self, request: &Request) -> Result<Response, WireError> {
        self.asked.borrow_mut().push(request.clone());
        (self.answer)(request)
    }
}

/// A caller who writes everything down.
struct Person<C> {
    acts: C,
    heard: Vec<(Duration, CallEvent)>,
}

impl<C: Caller> Caller for Person<C> {
    fn notice(&mut self, at: Duration, event: &CallEvent) {
        self.heard.push((at, event.clone()));
        self.acts.notice(at, event);
    }

    async fn act(&mut self, moment: &Situation) -> Option<TimedAct> {
        self.acts.act(moment).await
    }
}

/// A caller who is a function.
struct Does<F>(F);

impl<F: FnMut(&Situation) -> Option<TimedAct>> Caller for Does<F> {
    fn notice(&mut self, _: Duration, _: &CallEvent) {}

    async fn act(&mut self, moment: &Situation) -> Option<TimedAct> {
        (self.0)(moment)
    }
}

/// What a call came to.
struct Called {
    ended: Ended,
    heard: Vec<(Duration, CallEvent)>,
    asked: Vec<Request>,
}

impl Called {
    /// All that was heard, one text an element.
    fn words(&self) -> Vec<&str> {
        let speech = self.heard.iter().filter_map(|(_, event)| match event {
            CallEvent::Hears(speech) => Some(speech.text.as_str()),
            _ => None,
        });
        speech.filter(|text| !text.is_empty()).collect()
    }

    /// The codes of all notices.
    fn codes(&self) -> Vec<u32> {
        self.notices().map(|notice| notice.code).collect()
    }

    fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.heard.iter().filter_map(|(_, event)| match event {
            CallEvent::Notices(notice) => Some(notice),
            _ => None,
        })
    }

    /// The paths that were asked, in order.
    fn paths(&self) -> Vec<&str> {
        self.asked
            .iter()
            .map(|request| request.url.trim_start_matches("http://app.test"))
            .collect()
    }

    /// A field of the last request to a path.
    fn field(&self, path: &str, name: &str) -> Option<&str> {
        let request = self
            .asked
            .iter()
            .rfind(|request| request.url.ends_with(path))?;
        request
            .fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A field of each request to a path.
    fn fields(&self, path: &str, name: &str) -> Vec<&str> {
        let asked = self.asked.iter();
        let asked = asked.filter(|request| request.url.ends_with(path));
        let fields = asked.flat_map(|request| &request.fields);
        fields
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    fn seconds(&self) -> f64 {
        self.ended.after.as_secs_f64()
    }
}

/// A plan to call `http://app.test/voice`.
fn plan() -> Plan {
    Plan {
        url: "http://app.test/voice".to_owned(),
        method: Method::Post,
        fallback: None,
        status: None,
        account: Account {
            sid: "AC00000000000000000000000000000001".to_owned(),
            token: Some(SecretString::from("12345")),
            signed_for: None,
        },
        sid: "CA00000000000000000000000000000001".to_owned(),
        from: "+442079460001".to_owned(),
        to: "+442079460123".to_owned(),
        direction: "inbound".to_owned(),
        fields: Vec::new(),
        at: "2026-11-23T10:15:00Z".parse().unwrap(),
        words_a_minute: Some(60),
    }
}

fn call_with<C: Caller>(
    plan: &Plan,
    world: &World,
    caller: C,
    answer: impl Fn(&Request) -> Result<Response, WireError>,
) -> Called {
    let wire = Script {
        answer,
        asked: RefCell::default(),
    };
    let mut person = Person {
        acts: caller,
        heard: Vec::new(),
    };
    let ended = place(plan, CallClock::jumping(), &wire, &mut person, world)
        .now_or_never()
        .expect("nothing waits");
    Called {
        ended,
        heard: person.heard,
        asked: wire.asked.into_inner(),
    }
}

/// Calls with keys as they are written for [`Keys`].
fn call(keys: &str, documents: &[(&str, &str)]) -> Called {
    call_with(
        &plan(),
        &World::default(),
        Keys::parse(keys).unwrap(),
        serve(documents),
    )
}

/// Documents by path, without `<Response>`; any other path is a 404, a status callback is answered with nothing.
fn serve<'a>(
    documents: &'a [(&'a str, &'a str)],
) -> impl Fn(&Request) -> Result<Response, WireError> + use<'a> {
    move |request| {
        let path = request
            .url
            .strip_prefix("http://app.test")
            .expect("nobody else is asked");
        let path = path.split('?').next().unwrap_or_default();
        let found = documents.iter().find(|(known, _)| *known == path);
        Ok(found.map_or_else(
            || answer(404, "text/plain", b"no"),
            |(_, verbs)| twiml(verbs),
        ))
    }
}

fn twiml(verbs: &str) -> Response {
    answer(
        200,
        "text/xml",
        format!("<Response>{verbs}</Response>").as_bytes(),
    )
}

fn answer(status: u16, kind: &str, body: &[u8]) -> Response {
    let headers = vec![("content-type".to_owned(), kind.to_owned())];
    Response {
        status,
        headers,
        body: Bytes::copy_from_slice(body),
    }
}

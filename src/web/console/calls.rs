//! What the page does: it places a call, presses keys, says something, hangs up.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::Console;
use super::mask::Mask;
use super::page_call::{ActRefused, LONGEST, PageCall};
use super::person::Person;
use crate::phone::{self, CallClock, PhoneAct, Plan, Unforeseen, World};
use crate::written::Utterance;
use crate::written::number::{is_e164, plain};

/// Calls that may be on at one time.
const MOST: usize = 16;
/// The longest text that can be said at once, in bytes.
const LONGEST_SPEECH: usize = 2000;
/// The most keys that are pressed at once.
const MOST_KEYS: usize = 32;
/// The number that calls, where the page names none. It is kept for fiction.
const NOBODY: &str = "+442079460001";
/// The number called, where a flow has none.
const NOWHERE: &str = "+442079460100";

/// A call that is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCall {
    flow: Option<String>,
    number: Option<String>,
    from: Option<String>,
}

/// Keys to be pressed.
#[derive(Deserialize)]
pub struct Keys {
    keys: String,
}

/// Words to be said.
#[derive(Deserialize)]
pub struct Said {
    text: String,
    /// How sure the browser's recogniser is, from 0 to 1, where it has written the words down.
    confidence: Option<f32>,
}

impl Console {
    /// A call of a page.
    pub fn line(&self, id: &str) -> Option<Arc<PageCall>> {
        self.lines.get(id).map(|line| Arc::clone(&line))
    }

    /// Forgets what is over and done; whether one more call may be on.
    fn has_room(&self) -> bool {
        let now = Instant::now();
        self.lines.retain(|_, line| !line.is_done(now));
        self.lines.iter().filter(|line| line.is_on()).count() < MOST && self.lines.len() < 8 * MOST
    }

    /// The URL that the number's owner gave to the carrier, and the number called.
    fn target(&self, wanted: &NewCall) -> Result<(String, String), &'static str> {
        let flows = self.app.flows.current();
        match (&wanted.flow, &wanted.number) {
            (Some(name), None) => {
                let version = flows
                    .by_name
                    .get(name)
                    .ok_or("There is no such flow in service.")?;
                let number = version.flow.numbers.first().map_or(NOWHERE, String::as_str);
                Ok((format!("/voice/{name}"), number.to_owned()))
            }
            (None, Some(number)) => Ok(("/voice".to_owned(), telephone(number)?)),
            _ => Err("Name a flow or a number."),
        }
    }

    fn plan(&self, wanted: &NewCall) -> Result<Plan, &'static str> {
        let (path, to) = self.target(wanted)?;
        let from = match wanted
            .from
            .as_deref()
            .map(str::trim)
            .filter(|from| !from.is_empty())
        {
            Some(from) => telephone(from)?,
            None => NOBODY.to_owned(),
        };
        Ok(self.carrier.plan(&path, from, to, self.app.clock.now()))
    }
}

/// A number as a person writes it, in E.164.
fn telephone(text: &str) -> Result<String, &'static str> {
    if ["anonymous", "restricted"].contains(&text) {
        return Ok(text.to_owned());
    }
    let number = plain(text);
    let legal = is_e164(&number) && number.len() > 5;
    legal
        .then(|| number.into_owned())
        .ok_or("A number is written as +44 20 7946 0001.")
}

/// Places a call.
pub async fn place(console: Data<Console>, wanted: Json<NewCall>) -> HttpResponse {
    let plan = match console.plan(&wanted) {
        Ok(plan) => plan,
        Err(why) => return HttpResponse::BadRequest().json(json!({ "error": why })),
    };
    if !console.has_room() {
        return HttpResponse::TooManyRequests()
            .json(json!({ "error": "Too many calls are on: hang one up, or wait a minute." }));
    }
    let (line, acts) = PageCall::new(Instant::now());
    let (id, line) = (plan.sid.clone(), Arc::new(line));
    console.lines.insert(id.clone(), Arc::clone(&line));
    tracing::info!(
        call_sid = id,
        from = plan.from,
        to = plan.to,
        "The console places a call."
    );
    let mask = Arc::new(Mutex::new(Mask::default()));
    let person = Person::new(
        Arc::clone(&line),
        acts,
        Arc::clone(&mask),
        console.carrier.outside().to_owned(),
    );
    actix_web::rt::spawn(carry_out(console, plan, line, mask, person));
    HttpResponse::Created().json(json!({ "id": id }))
}

/// The line is closed however the call ends, a panic included.
struct Closing(Arc<PageCall>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close(Instant::now());
    }
}

async fn carry_out(
    console: Data<Console>,
    plan: Plan,
    line: Arc<PageCall>,
    mask: Arc<Mutex<Mask>>,
    mut person: Person,
) {
    let _closing = Closing(Arc::clone(&line));
    let wire = console.carrier.wire(console.app.clone(), line, mask);
    let world = World {
        unforeseen: Unforeseen::NobodyThere,
        ..World::default()
    };
    let call = phone::place(&plan, CallClock::real(), &wire, &mut person, &world);
    // The person hangs up after an hour. This is for a call that never comes to a moment at which somebody could.
    if tokio::time::timeout(LONGEST * 2, call).await.is_err() {
        tracing::error!(
            call_sid = plan.sid,
            "A call of the console did not end by itself."
        );
    }
}

/// Presses keys, one after the other.
pub async fn keys(
    request: HttpRequest,
    console: Data<Console>,
    pressed: Json<Keys>,
) -> HttpResponse {
    let legal = |key: char| key.is_ascii_digit() || "*#ABCD".contains(key);
    if pressed.keys.is_empty() || pressed.keys.len() > MOST_KEYS || !pressed.keys.chars().all(legal)
    {
        return HttpResponse::BadRequest().json(json!({ "error": "Keys are 0 to 9, * and #." }));
    }
    act(
        &request,
        &console,
        pressed.keys.chars().map(PhoneAct::Press),
    )
}

/// Says something.
pub async fn speech(
    request: HttpRequest,
    console: Data<Console>,
    said: Json<Said>,
) -> HttpResponse {
    let text = said.text.trim();
    if text.is_empty() || text.len() > LONGEST_SPEECH {
        return HttpResponse::BadRequest()
            .json(json!({ "error": "Say something, in at most 2000 letters." }));
    }
    act(
        &request,
        &console,
        std::iter::once(PhoneAct::Say(Utterance {
            words: text.to_owned(),
            percent: said.confidence.map(percent),
        })),
    )
}

/// A share in percent.
fn percent(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u8
}

/// Hangs up.
pub async fn hang_up(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    act(&request, &console, std::iter::once(PhoneAct::HangUp))
}

fn act(
    request: &HttpRequest,
    console: &Console,
    mut acts: impl Iterator<Item = PhoneAct>,
) -> HttpResponse {
    let Some(line) = console.line(request.match_info().query("id")) else {
        return HttpResponse::NotFound().json(json!({ "error": "There is no such call." }));
    };
    let now = Instant::now();
    match acts.try_for_each(|act| line.act(act, now)) {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(ActRefused::Over) => HttpResponse::Gone().json(json!({ "error": "The call is over." })),
        Err(ActRefused::Busy) => {
            HttpResponse::TooManyRequests().json(json!({ "error": "Not so fast." }))
        }
    }
}

/// What is answered to a body that is not understood.
pub fn misread(error: &actix_web::error::JsonPayloadError) -> actix_web::Error {
    let answer = HttpResponse::BadRequest().json(json!({ "error": error.to_string() }));
    actix_web::error::InternalError::from_response(error.to_string(), answer).into()
}

#[cfg(test)]
mod tests {
    use super::telephone;

    #[test]
    fn a_number_is_understood_as_people_write_it() {
        for (text, number) in [
            ("+44 20 7946 0001", "+442079460001"),
            ("+1 (202) 555-0101", "+12025550101"),
            ("anonymous", "anonymous"),
        ] {
            assert_eq!(telephone(text), Ok(number.to_owned()));
        }
        for wrong in ["", "07946", "+", "+44x", "+1234567890123456", "<b>"] {
            assert!(telephone(wrong).is_err(), "{wrong}");
        }
    }
}

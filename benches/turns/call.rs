//! The measured call as the carrier would play it: signed forms, the answers' own URLs, and what must be heard.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The token that every webhook is signed with.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// The address that the carrier knows.
pub const PUBLIC_URL: &str = "https://ivr.example.test";
/// Where calls come in.
pub const START: &str = "/voice/bench";
/// Turns of a call.
pub const TURNS: usize = 5;

/// What is heard at each turn; the last turn repeats all that was entered.
const HEARD: [&str; TURNS] = [
    "the number of your saved address",
    "At what hour should we come?",
    "the weight in kilograms",
    "Press one for documents",
    "Thank you. From ",
];

/// What a field holds.
enum Field {
    Fixed(&'static str),
    Sid,
    From,
    Keys,
    Status,
}

/// A webhook's fields in the order in which they are signed, as Twilio sends them.
const FIELDS: [(&str, Field); 30] = [
    (
        "AccountSid",
        Field::Fixed("AC0123456789abcdef0123456789abcdef"),
    ),
    ("ApiVersion", Field::Fixed("2010-04-01")),
    ("CallSid", Field::Sid),
    ("CallStatus", Field::Status),
    (
        "CallToken",
        Field::Fixed("%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9%22%7D"),
    ),
    ("Called", Field::Fixed("%2B442079460123")),
    ("CalledCity", Field::Fixed("")),
    ("CalledCountry", Field::Fixed("GB")),
    ("CalledState", Field::Fixed("")),
    ("CalledZip", Field::Fixed("")),
    ("Caller", Field::From),
    ("CallerCity", Field::Fixed("SAN+FRANCISCO")),
    ("CallerCountry", Field::Fixed("US")),
    ("CallerState", Field::Fixed("CA")),
    ("CallerZip", Field::Fixed("94105")),
    ("Digits", Field::Keys),
    ("Direction", Field::Fixed("inbound")),
    ("FinishedOnKey", Field::Keys),
    ("From", Field::From),
    ("FromCity", Field::Fixed("SAN+FRANCISCO")),
    ("FromCountry", Field::Fixed("US")),
    ("FromState", Field::Fixed("CA")),
    ("FromZip", Field::Fixed("94105")),
    ("StirVerstat", Field::Fixed("TN-Validation-Passed-A")),
    ("To", Field::Fixed("%2B442079460123")),
    ("ToCity", Field::Fixed("")),
    ("ToCountry", Field::Fixed("GB")),
    ("ToState", Field::Fixed("")),
    ("ToZip", Field::Fixed("")),
    ("msg", Field::Keys),
];

/// Makes calls that never have a name twice, in this run or another.
pub struct Carrier {
    mac: Hmac<Sha1>,
    run: u64,
    next: u64,
}

/// A call that is being played; values as a form encodes them.
pub struct Call {
    sid: String,
    from: String,
    keys: [String; TURNS],
    turn: usize,
    target: String,
}

impl Carrier {
    /// A carrier with the account's token.
    pub fn new() -> Self {
        let mac = Hmac::new_from_slice(TOKEN.as_bytes()).expect("HMAC takes a key of any length");
        let run = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_nanos() as u64);
        Self { mac, run, next: 0 }
    }

    /// A new call.
    pub fn call(&mut self) -> Call {
        self.next += 1;
        let mixed = self.next.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let number = |shift: u32, from: u64, to: u64| from + (mixed >> shift) % (to - from);
        let keys = [
            String::new(),
            number(0, 1, 10).to_string(),
            number(8, 10, 24).to_string(),
            number(16, 10, 99).to_string(),
            number(24, 1, 4).to_string(),
        ];
        Call {
            sid: format!("CA{mixed:016x}{:016x}", self.run),
            from: format!("%2B1415555{:04}", self.next % 10_000),
            keys,
            turn: 0,
            target: START.to_owned(),
        }
    }

    /// Writes the call's next request, signed.
    pub fn request(&self, call: &Call, out: &mut String) {
        let mut mac = self.mac.clone();
        mac.update(PUBLIC_URL.as_bytes());
        mac.update(call.target.as_bytes());
        let mut body = String::with_capacity(1024);
        for (name, field) in FIELDS
            .iter()
            .filter(|(_, field)| call.turn > 0 || !matches!(field, Field::Keys))
        {
            let value = call.value(name, field);
            let separator = if body.is_empty() { "" } else { "&" };
            let _ = write!(body, "{separator}{name}={value}");
            mac.update(name.as_bytes());
            update_decoded(&mut mac, value);
        }
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        out.clear();
        let _ = write!(
            out,
            "POST {} HTTP/1.1\r\nHost: ivr.example.test\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n\
             Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nX-Forwarded-Proto: https\r\n\
             I-Twilio-Idempotency-Token: 00000000-0000-4000-8000-000000000000\r\n\
             X-Twilio-Signature: {signature}\r\nContent-Length: {}\r\n\r\n{body}",
            call.target,
            body.len(),
        );
    }
}

/// Signs what a form's value stands for.
fn update_decoded(mac: &mut Hmac<Sha1>, value: &str) {
    if value.contains(['%', '+']) {
        form_urlencoded::parse(value.as_bytes()).for_each(|(text, _)| mac.update(text.as_bytes()));
    } else {
        mac.update(value.as_bytes());
    }
}

impl Call {
    fn value(&self, name: &str, field: &Field) -> &str {
        match field {
            Field::Fixed(value) => value,
            Field::Sid => &self.sid,
            Field::From => &self.from,
            Field::Status if self.turn == 0 => "ringing",
            Field::Status => "in-progress",
            Field::Keys if name == "Digits" => &self.keys[self.turn],
            Field::Keys if name == "msg" => "Gather+End",
            Field::Keys => "",
        }
    }

    /// Takes an answer in: false where it is not what the caller had to hear. `fixed` is for servers that know no call.
    pub fn hear(&mut self, answer: &str, fixed: bool) -> bool {
        let turn = self.turn;
        self.turn += 1;
        if !answer.contains(HEARD[turn]) {
            return false;
        }
        if self.is_over() {
            return fixed || answer.contains(&self.summary());
        }
        match action(answer) {
            Some(target) => {
                self.target = target.replace("&amp;", "&");
                true
            }
            None => false,
        }
    }

    /// Whether all its turns were taken.
    pub fn is_over(&self) -> bool {
        self.turn == TURNS
    }

    fn summary(&self) -> String {
        let [_, address, hour, weight, kind] = &self.keys;
        let from = self.from.replace("%2B", "+");
        format!("From {from}, address {address}, hour {hour}, weight {weight}, kind {kind}.")
    }
}

/// Where the answer to the first `<Gather>` goes; the fragment stays with the carrier.
fn action(answer: &str) -> Option<&str> {
    let (_, gather) = answer.split_once("<Gather ")?;
    let (_, value) = gather.split_once("action=\"")?;
    let url = value.split('"').next()?.split('#').next()?;
    Some(url.strip_prefix(PUBLIC_URL).unwrap_or(url)).filter(|path| path.starts_with('/'))
}

//! `/verify/start` and `/verify/check`: the proof of a number for a web form, asked for by the shop's own backend with a token.
//!
//! A proof is a record of the store of its own, as a call is that was over at once: its SMS is committed with it, and what
//! comes later is appended by its revision. What is answered depends on what was asked and counted, never on what the carrier
//! says of the number.

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::app::App;
use super::codes::{MadeCode, country};
use super::guesses::{bearer, is_token};
use crate::carrier::CarrierRequest;
use crate::carrier::text::TextRequest;
use crate::engine::{CallSid, Fingerprint};
use crate::outbox::CARRIER;
use crate::policy::{NumberUse, Reach, UsedBy};
use crate::store::{self, Append, Commit, Committed, FLEETING, Row, RowState, Seal, Stored};
use crate::verify::{CodeAnswer, CodeUse, LEAST_DIGITS, LIFE};
use crate::written::number::{is_e164, masked_number};

/// What begins the name of a proof: no call's name begins so.
const PROOF: &str = "VE";
/// The first byte of its state: that of no call.
const FORMAT: u8 = b'V';
/// The seconds of a day of UTC.
const DAY: i64 = 86_400;
/// The longest request, in bytes.
const LONGEST: usize = 4_096;
/// The longest key, and the longest name of a customer.
const LONGEST_NAME: usize = 200;

/// Stands for the code in the words.
const CODE_HOLE: &str = "{{ verify.code }}";

/// A request for a code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    number: String,
    /// The customer, as the shop knows them: a session, an account, an address.
    client: String,
    /// The same key is the same proof: a code is sent once, however often it is asked for.
    key: String,
}

/// A code that was entered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    verification: String,
    code: String,
}

/// What is kept of a proof, sealed.
#[derive(Serialize, Deserialize)]
struct FormProof {
    number: String,
    client: String,
    /// When the code was sent, in milliseconds since 1970.
    at: i64,
    /// Its name and keyed hash; nothing where none was sent.
    made: Option<(u64, u64)>,
    /// Whether it was entered.
    is_over: bool,
}

/// Whether a record is that of a proof, and of no call.
pub fn is_proof(sid: &CallSid) -> bool {
    sid.as_str().starts_with(PROOF)
}

impl FormProof {
    fn encode(&self, sid: &CallSid, seal: &Seal) -> Result<Bytes, store::Error> {
        let plain = postcard::to_stdvec(self).map_err(|error| corrupt(sid, &error.to_string()))?;
        let sealed = seal.seal(sid.as_str().as_bytes(), &plain);
        Ok([&[FORMAT][..], &sealed].concat().into())
    }

    fn decode(sid: &CallSid, state: &[u8], seal: &Seal) -> Result<Self, store::Error> {
        let sealed = state.strip_prefix(&[FORMAT]);
        let plain = sealed.and_then(|sealed| seal.open(sid.as_str().as_bytes(), sealed));
        let plain = plain.ok_or_else(|| corrupt(sid, "no seal key opens it"))?;
        postcard::from_bytes(&plain).map_err(|error| corrupt(sid, &error.to_string()))
    }

    fn sent_at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.at).unwrap_or_default()
    }

    fn asked<'a>(&'a self, names: &'a Names, at: Timestamp) -> CodeUse<'a> {
        CodeUse {
            number: &self.number,
            country: &names.country,
            source: &names.source,
            at,
        }
    }
}

/// What a proof is counted under.
struct Names {
    country: String,
    source: String,
}

impl Names {
    fn of(proof: &FormProof) -> Self {
        Self {
            country: country(&proof.number),
            source: format!("form {}", proof.client),
        }
    }
}

fn corrupt(sid: &CallSid, reason: &str) -> store::Error {
    store::Error::Corrupt {
        what: format!("the proof {sid}"),
        reason: reason.to_owned(),
    }
}

/// What is wrong with a request.
fn wrong(words: &str) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({ "error": words }))
}

/// What is answered while the store is away: the same may be asked again.
fn away(sid: &str, error: &store::Error) -> HttpResponse {
    tracing::warn!(verification = sid, %error, "The store did not answer: a web form has to ask again.");
    HttpResponse::ServiceUnavailable()
        .insert_header((header::RETRY_AFTER, "2"))
        .json(json!({ "error": "ask again" }))
}

/// Who asks, and what; else what is answered in its place.
fn admitted<'a, T: Deserialize<'a>>(
    request: &HttpRequest,
    body: &'a Bytes,
    app: &App,
) -> Result<T, Box<HttpResponse>> {
    let Some(form) = &app.verify_form else {
        return Err(HttpResponse::NotFound().finish().into());
    };
    if !bearer(request.headers()).is_some_and(|given| is_token(given, &form.token)) {
        tracing::warn!(
            path = request.path(),
            "A request for a code has no token, or a wrong one."
        );
        let answer = HttpResponse::Unauthorized()
            .insert_header((header::WWW_AUTHENTICATE, "Bearer"))
            .json(json!({ "error": "the token is missing or wrong" }));
        return Err(answer.into());
    }
    if body.len() > LONGEST {
        return Err(HttpResponse::PayloadTooLarge().finish().into());
    }
    serde_json::from_slice(body)
        .map_err(|_| wrong("the body is not the JSON that is asked for").into())
}

/// Sends a code to a number.
pub async fn start(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    let start: Start = match admitted(&request, &body, &app) {
        Ok(start) => start,
        Err(answer) => return *answer,
    };
    if !is_e164(&start.number) {
        return wrong("`number` must be a number with its country code, such as +447400123456");
    }
    let is_name = |text: &str| (1..=LONGEST_NAME).contains(&text.len());
    if !is_name(&start.key) || !is_name(&start.client) {
        return wrong("`key` and `client` must have 1 to 200 characters");
    }
    let sid = app.proof_sid(&start.key);
    match Box::pin(app.start_proof(&sid, &start)).await {
        Ok(Some(is_sent)) => HttpResponse::Ok().json(json!({
            "verification": sid.as_str(),
            "status": if is_sent { "sent" } else { "refused" },
            "expires_in": LIFE.as_secs(),
        })),
        Ok(None) => HttpResponse::UnprocessableEntity()
            .json(json!({ "error": "this key was used for another number" })),
        Err(error) => away(sid.as_str(), &error),
    }
}

/// Compares a code.
pub async fn check(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    let check: Check = match admitted(&request, &body, &app) {
        Ok(check) => check,
        Err(answer) => return *answer,
    };
    let is_code = check.code.len() == LEAST_DIGITS as usize
        && check.code.bytes().all(|digit| digit.is_ascii_digit());
    if !is_code {
        return wrong("`code` must be six digits");
    }
    let sid = CallSid::parse(&check.verification).ok().filter(is_proof);
    let Some(sid) = sid else {
        return HttpResponse::Ok().json(json!({ "status": "over" }));
    };
    match Box::pin(app.check_proof(&sid, &check.code)).await {
        Ok(status) => HttpResponse::Ok().json(json!({ "status": status })),
        Err(error) => away(sid.as_str(), &error),
    }
}

impl App {
    /// The name of the proof of a key: not to be guessed.
    fn proof_sid(&self, key: &str) -> CallSid {
        let half = |part: &[u8]| self.store.seal().name(&[b"proof", part, key.as_bytes()]);
        let name = format!("{PROOF}{:016x}{:016x}", half(b"1"), half(b"2"));
        CallSid::parse(&name).expect("it is legal")
    }

    /// Whether a code is sent, once for each name; nothing where the name is that of another number.
    async fn start_proof(
        &self,
        sid: &CallSid,
        start: &Start,
    ) -> Result<Option<bool>, store::Error> {
        if let Some(stored) = self.store.load(sid).await? {
            return self.is_sent(sid, &stored, start);
        }
        let now = self.store.now();
        let mut proof = FormProof {
            number: start.number.clone(),
            client: start.client.clone(),
            at: now.as_millisecond(),
            made: None,
            is_over: false,
        };
        let code = self.judge_proof(sid, &proof, now).await?;
        proof.made = code.as_ref().map(|code| (code.name, code.digest));
        let row = code.map(|code| self.proof_row(sid, &proof, &code, now));
        let rows: Vec<Row> = row.into_iter().collect();
        let commit = Commit {
            sid: sid.clone(),
            from_turn: 0,
            from_revision: 0,
            turn: 1,
            state: proof.encode(sid, self.store.seal())?,
            reply: Bytes::new(),
            version: Fingerprint(0),
            finished: true,
            due: now,
            rows: rows.clone(),
            trail: Vec::new(),
        };
        match self.store.commit(commit).await? {
            Committed::Done => {
                let leased = rows
                    .into_iter()
                    .filter(|row| row.state == RowState::Sending);
                self.outbox.send_now(leased.collect());
                if proof.made.is_some() {
                    self.metrics.codes(CodeAnswer::Sent);
                }
                Ok(Some(proof.made.is_some()))
            }
            Committed::Behind(stored) => self.is_sent(sid, &stored, start),
            Committed::Gone => Err(corrupt(sid, "it is gone")),
        }
    }

    fn is_sent(
        &self,
        sid: &CallSid,
        stored: &Stored,
        start: &Start,
    ) -> Result<Option<bool>, store::Error> {
        let proof = FormProof::decode(sid, &stored.state, self.store.seal())?;
        Ok((proof.number == start.number).then_some(proof.made.is_some()))
    }

    /// The code that is to be sent; nothing where the policy or a limit does not allow it.
    async fn judge_proof(
        &self,
        sid: &CallSid,
        proof: &FormProof,
        now: Timestamp,
    ) -> Result<Option<MadeCode>, store::Error> {
        let from = self.verify_form.as_ref().map(|form| form.from.as_str());
        let used = NumberUse {
            reach: Reach::Text,
            number: &proof.number,
            is_written: false,
            called: from.unwrap_or_default(),
        };
        let number = masked_number(&proof.number);
        let refused = |reason: &str, words: &str| {
            tracing::warn!(verification = %sid, number, reason, "No code is sent for a web form: {words}.");
        };
        // The same on every node: the end of a day, not a time from now.
        let day = now.as_second().div_euclid(DAY) * DAY;
        let day = Timestamp::from_second(day).unwrap_or(now);
        let act = |what: &[u8]| self.act_until(&[what, sid.as_str().as_bytes()], day);
        let used_by = UsedBy {
            call: sid.as_str(),
            began: now,
            caller: &proof.client,
            now,
        };
        let judged = self.reach_once(&used, &used_by, act(b"form reach")).await?;
        if let Err(refusal) = judged {
            refused(refusal.as_str(), refusal.words());
            self.metrics.not_reached(Reach::Text, refusal);
            return Ok(None);
        }
        let names = Names::of(proof);
        let act = act(b"form send");
        let verdict = self.judge_send(&proof.asked(&names, now), act).await?;
        if let Some(limit) = verdict.over {
            self.note_over(limit, verdict.refused.is_some());
        }
        if let Some(limit) = verdict.refused {
            refused(limit.as_str(), limit.words());
            return Ok(None);
        }
        self.make_code(LEAST_DIGITS, act.name).map(Some)
    }

    /// The row of a proof's SMS, leased to this node where the carrier's lane is not paused.
    fn proof_row(&self, sid: &CallSid, proof: &FormProof, code: &MadeCode, now: Timestamp) -> Row {
        let form = self.verify_form.as_ref();
        let mut words = form.map_or(String::new(), |form| {
            form.words.replace(CODE_HOLE, &code.code)
        });
        if let Some(origin) = form.and_then(|form| form.origin.as_ref()) {
            words = format!("{words}\n\n@{origin} #{}", code.code);
        }
        let request = CarrierRequest::SendText(TextRequest {
            account: self.text_account.clone().unwrap_or_default(),
            call: sid.clone(),
            text: format!("{:016x}", code.name),
            step: "verify".to_owned(),
            to: proof.number.clone(),
            from: form.map(|form| form.from.clone()).unwrap_or_default(),
            words,
        });
        let lease = (!self.outbox.is_paused(CARRIER)).then(|| self.outbox.lease(CARRIER));
        let row = Row {
            sensitive: vec![FLEETING.to_owned()],
            ..request.row(now, now)
        };
        match lease {
            Some(lease) => Row {
                state: RowState::Sending,
                attempts: 1,
                next: now + lease,
                ..row
            },
            None => row,
        }
    }

    /// What a code that was entered comes to: `right`, once, `wrong`, or `over`.
    async fn check_proof(
        &self,
        sid: &CallSid,
        entered: &str,
    ) -> Result<&'static str, store::Error> {
        let Some(stored) = self.store.load(sid).await? else {
            return Ok("over");
        };
        let mut proof = FormProof::decode(sid, &stored.state, self.store.seal())?;
        let now = self.store.now();
        let holds = proof
            .sent_at()
            .checked_add(LIFE)
            .is_ok_and(|end| now <= end);
        if proof.is_over || !holds {
            return Ok("over");
        }
        let names = Names::of(&proof);
        let sent = [(proof.sent_at(), proof.made)];
        let parts: [&[u8]; 3] = [b"form check", sid.as_str().as_bytes(), entered.as_bytes()];
        let act = self.act_until(&parts, proof.sent_at());
        let asked = |at| proof.asked(&names, at);
        let answer = self.check_code(&asked, &sent, entered, act).await?;
        self.metrics.codes(answer);
        match answer {
            CodeAnswer::Right => {}
            CodeAnswer::Wrong => return Ok("wrong"),
            _ => {
                let reason = answer.as_str();
                tracing::warn!(verification = %sid, reason, "A code of a web form was entered and not compared: it was tried too often.");
                return Ok("over");
            }
        }
        // Once: whoever writes first has entered it.
        proof.is_over = true;
        let append = Append {
            sid: sid.clone(),
            from_revision: stored.revision,
            state: proof.encode(sid, self.store.seal())?,
            rows: Vec::new(),
            trail: Vec::new(),
        };
        Ok(match self.store.append(append).await? {
            Committed::Done => "right",
            Committed::Behind(_) | Committed::Gone => "over",
        })
    }
}

//! One-time codes: whether one may be sent, what it is, and whether it was entered. All of it is counted in the store before
//! it is done; the code itself is in the SMS alone, and a keyed hash of it with the call.

use jiff::Timestamp;
use subtle::ConstantTimeEq as _;

use super::app::App;
use super::asker::Asker;
use super::permits::REMEMBERED;
use crate::engine::{Call, CodeAct, CodeWanted, Proof};
use crate::policy::NumberPlan;
use crate::store::{self, ActName, Allowance, CountName, Seal};
use crate::verify::{
    CheckPlan, CodeAnswer, CodeTally, CodeUse, LimitMode, SendLimit, SendPlan, digits,
};
use crate::written::number::masked_number;

/// A code that is to be sent.
#[derive(Clone)]
pub struct MadeCode {
    /// The code. It is nowhere but in the SMS.
    pub code: String,
    /// What names it: what is counted of it is counted under this.
    pub name: u64,
    /// A keyed hash of it.
    pub digest: u64,
}

/// What was judged of a code.
#[derive(Clone)]
pub struct JudgedCode {
    /// What came of it.
    pub answer: CodeAnswer,
    /// The code that is to be sent.
    pub made: Option<MadeCode>,
    /// The limit that it is over.
    over: Option<SendLimit>,
    /// For the log: the number, masked, the call, its flow and the step.
    number: String,
    call: String,
    flow: String,
    step: String,
    /// Whether nobody calls: nothing is counted.
    rehearsal: bool,
}

impl MadeCode {
    /// The code of a name.
    pub fn new(code: String, name: u64, seal: &Seal) -> Self {
        let digest = digest(seal, name, &code);
        Self { code, name, digest }
    }

    /// Notes with a proof what the code is that it sends last.
    pub fn note(&self, proof: &mut Proof) {
        if let Some(last) = proof.codes.last_mut() {
            last.made.get_or_insert((self.name, self.digest));
        }
    }
}

/// A keyed hash of a code.
fn digest(seal: &Seal, name: u64, code: &str) -> u64 {
    seal.name(&[b"code", &name.to_be_bytes(), code.as_bytes()])
}

/// Whether it is the code of a keyed hash, in the same time whatever it is.
pub(super) fn is_code(seal: &Seal, (name, known): (u64, u64), entered: &str) -> bool {
    let entered = digest(seal, name, entered).to_be_bytes();
    entered.ct_eq(&known.to_be_bytes()).into()
}

/// The two letters of a number's country.
pub(super) fn country(number: &str) -> String {
    let plan = NumberPlan::of(number);
    plan.and_then(|plan| plan.country).unwrap_or_default()
}

/// What sending a code came to.
pub(super) struct SendVerdict {
    /// The limit that does not allow it.
    pub refused: Option<SendLimit>,
    /// The limit that it is over, which may be recorded only.
    pub over: Option<SendLimit>,
}

impl App {
    /// Judges what a turn of a call wants of a code, and counts it. `nth` is how much its turn has asked for before.
    ///
    /// # Errors
    /// When the store is away, or the system gives no random numbers: nothing is sent, and nothing compared.
    pub(super) async fn judge_code(
        &self,
        call: &Call,
        nth: usize,
        wanted: CodeWanted,
    ) -> Result<JudgedCode, store::Error> {
        let step = self.step_name(call, wanted.step).await?;
        let number = match (&wanted.act, call.proof()) {
            (CodeAct::Send { number, .. }, _) => number.clone(),
            (CodeAct::Check { .. }, Some(proof)) => proof.number.clone(),
            (CodeAct::Check { .. }, None) => String::new(),
        };
        let mut judged = JudgedCode {
            answer: CodeAnswer::Sent,
            made: None,
            over: None,
            number: masked_number(&number),
            call: call.sid.to_string(),
            flow: call.flow.clone(),
            step,
            rehearsal: call.opened.rehearsal || matches!(self.asker, Asker::World(_)),
        };
        let act = self.code_act(call, nth, &wanted.act);
        if judged.rehearsal {
            self.rehearse_code(call, &mut judged, act.name, &wanted.act);
            return Ok(judged);
        }
        let source = format!("{} {}", call.about.party(), call.about.line());
        let country = country(&number);
        let asked = |at| CodeUse {
            number: &number,
            country: &country,
            source: &source,
            at,
        };
        match wanted.act {
            CodeAct::Send { digits, .. } => {
                let verdict = self.judge_send(&asked(self.store.now()), act).await?;
                judged.over = verdict.over;
                match verdict.refused {
                    Some(limit) => judged.answer = CodeAnswer::Limited(limit),
                    None => judged.made = Some(self.make_code(digits, act.name)?),
                }
            }
            CodeAct::Check { entered } => {
                let sent = call.proof().map(|proof| {
                    let each = proof.codes.iter();
                    each.map(|code| (code.sent_at(), code.made)).collect()
                });
                let sent: Vec<_> = sent.unwrap_or_default();
                judged.answer = self.check_code(&asked, &sent, &entered, act).await?;
                // Whatever becomes of the turn, it was compared.
                self.metrics.codes(judged.answer);
            }
        }
        Ok(judged)
    }

    /// What comes of a code where nobody is texted: it is all zeros, unless the world of a test call says otherwise.
    fn rehearse_code(&self, call: &Call, judged: &mut JudgedCode, name: u64, act: &CodeAct) {
        let sent = call.proof().map_or(0, |proof| proof.codes.len());
        judged.answer = act.unasked();
        if let Asker::World(world) = &self.asker {
            let outcome = |nth| world.outcome(&call.sid, &judged.step, nth);
            match act {
                CodeAct::Send { .. } if outcome(sent).as_deref() == Some("refused") => {
                    judged.answer = CodeAnswer::Limited(SendLimit::NumberTenMinutes);
                }
                CodeAct::Check { .. }
                    if outcome(sent.saturating_sub(1)).as_deref() == Some("expired") =>
                {
                    judged.answer = CodeAnswer::UsedUp;
                }
                CodeAct::Send { .. } | CodeAct::Check { .. } => {}
            }
        }
        if let (CodeAct::Send { digits, .. }, CodeAnswer::Sent) = (act, judged.answer) {
            let code = "0".repeat(*digits as usize);
            judged.made = Some(MadeCode::new(code, name, self.store.seal()));
        }
    }

    /// The name of what is done with a code: of the turn of the visit, so that the same turn taken again counts once.
    fn code_act(&self, call: &Call, nth: usize, act: &CodeAct) -> ActName {
        let what: [&[u8]; 2] = match act {
            CodeAct::Send { number, .. } => [b"send", number.as_bytes()],
            CodeAct::Check { entered } => [b"check", entered.as_bytes()],
        };
        let parts: [&[u8]; 7] = [
            b"code act",
            call.sid.as_str().as_bytes(),
            &call.opened.nonce.0.to_be_bytes(),
            &call.turn.to_be_bytes(),
            &(nth as u64).to_be_bytes(),
            what[0],
            what[1],
        ];
        self.act_until(&parts, call.started())
    }

    /// The name of an act that began then.
    pub(super) fn act_until(&self, parts: &[&[u8]], began: Timestamp) -> ActName {
        ActName {
            name: self.store.seal().name(parts),
            until: began.checked_add(REMEMBERED).unwrap_or(began),
        }
    }

    /// Draws a code.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub(super) fn make_code(&self, length: u32, name: u64) -> Result<MadeCode, store::Error> {
        let mut is_drawn = true;
        let code = digits(length, || {
            let drawn = (self.draw)();
            is_drawn &= drawn.is_some();
            drawn.unwrap_or_default()
        });
        if is_drawn {
            return Ok(MadeCode::new(code, name, self.store.seal()));
        }
        Err(store::Error::Corrupt {
            what: "the system's generator".to_owned(),
            reason: "it gives no random numbers".to_owned(),
        })
    }

    /// Whether a code may be sent: counted where it may.
    pub(super) async fn judge_send(
        &self,
        asked: &CodeUse<'_>,
        act: ActName,
    ) -> Result<SendVerdict, store::Error> {
        let limits = self.send_limits;
        let plan = SendPlan::new(asked, self.is_known(asked).await?, limits);
        let counts = self.tallied(&plan.reads()).await?;
        let country = plan.country_allowance(&counts);
        let name = self.tally_name(&plan.country_name());
        let once_a_day = ActName {
            name: name.name,
            until: name.until,
        };
        let counted = [self.tally_allowance(&country.tally, country.most)];
        let met = self.store.count(once_a_day, &counted).await?;
        let met = met.map(|_| country.limit);
        let judged = plan.judge(&counts);
        let over = judged.over.or(met);
        if limits.mode == LimitMode::Deny && met.is_some() {
            return Ok(SendVerdict { refused: met, over });
        }
        let each = judged.allowances.iter();
        let allowances: Vec<Allowance> = each
            .map(|one| self.tally_allowance(&one.tally, one.most))
            .collect();
        let used_up = self.store.count(act, &allowances).await?;
        let refused = used_up.and_then(|place| judged.allowances.get(place));
        let refused = refused.map(|one| one.limit);
        let over = refused.or(over);
        Ok(SendVerdict { refused, over })
    }

    /// Counts an attempt at the last of the codes that were sent, and compares it if it may be. One that is right is counted
    /// for all of them.
    pub(super) async fn check_code<'u>(
        &self,
        asked: &(dyn Fn(Timestamp) -> CodeUse<'u> + Sync),
        sent: &[(Timestamp, Option<(u64, u64)>)],
        entered: &str,
        act: ActName,
    ) -> Result<CodeAnswer, store::Error> {
        let Some((at, Some(made))) = sent.last().copied() else {
            return Ok(CodeAnswer::UsedUp);
        };
        let of_code = asked(at);
        let is_known = self.is_known(&of_code).await?;
        let plan = CheckPlan::new(&of_code, is_known, self.store.now(), &self.send_limits);
        let counts = self.tallied(&plan.reads()).await?;
        let (tally, most) = plan.allowance(&counts);
        let (checks, until) = CheckPlan::of_code(at);
        let tries = Allowance {
            name: self
                .store
                .seal()
                .name(&[b"code checks", &made.0.to_be_bytes()]),
            until,
            most: checks,
        };
        let counted = [tries, self.tally_allowance(&tally, most)];
        match self.store.count(act, &counted).await? {
            Some(0) => return Ok(CodeAnswer::UsedUp),
            Some(_) => return Ok(CodeAnswer::Locked),
            None => {}
        }
        if !is_code(self.store.seal(), made, entered) {
            return Ok(CodeAnswer::Wrong);
        }
        self.count_entered(asked, sent, is_known).await?;
        Ok(CodeAnswer::Right)
    }

    /// Counts that a code was entered, for each that was sent until then: once, however often it is counted.
    async fn count_entered<'u>(
        &self,
        asked: &(dyn Fn(Timestamp) -> CodeUse<'u> + Sync),
        sent: &[(Timestamp, Option<(u64, u64)>)],
        is_known: bool,
    ) -> Result<(), store::Error> {
        let mut last = None;
        for (at, made) in sent {
            let Some((name, _)) = made else { continue };
            let tallies = SendPlan::entered(&asked(*at), is_known);
            let parts: [&[u8]; 2] = [b"code entered", &name.to_be_bytes()];
            self.tally_all(self.act_until(&parts, *at), &tallies)
                .await?;
            last = Some((*at, *name));
        }
        let Some((at, name)) = last else {
            return Ok(());
        };
        let of_last = asked(at);
        let plan = SendPlan::new(&of_last, is_known, self.send_limits);
        let parts: [&[u8]; 2] = [b"code entered once", &name.to_be_bytes()];
        let once = self.act_until(&parts, at);
        self.tally_all(once, &plan.entered_once(&of_last)).await?;
        let [name, countries] = plan.entered_country();
        let CountName { name, until } = self.tally_name(&name);
        self.tally_all(ActName { name, until }, &[countries]).await
    }

    async fn tally_all(&self, act: ActName, tallies: &[CodeTally]) -> Result<(), store::Error> {
        let each = tallies.iter();
        let all: Vec<Allowance> = each
            .map(|tally| self.tally_allowance(tally, u32::MAX))
            .collect();
        self.store.count(act, &all).await.map(drop)
    }

    /// Whether the source has entered a code of this number before.
    async fn is_known(&self, asked: &CodeUse<'_>) -> Result<bool, store::Error> {
        let counts = self.tallied(&SendPlan::known(asked)).await?;
        Ok(counts.iter().any(|count| *count > 0))
    }

    async fn tallied(&self, tallies: &[CodeTally]) -> Result<Vec<u32>, store::Error> {
        let names: Vec<CountName> = tallies.iter().map(|tally| self.tally_name(tally)).collect();
        self.store.counted(&names).await
    }

    /// The name of a tally in the store, which tells nothing of what is counted.
    fn tally_name(&self, tally: &CodeTally) -> CountName {
        let parts: [&[u8]; 4] = [
            b"code tally",
            tally.what.as_str().as_bytes(),
            tally.limit.as_str().as_bytes(),
            tally.of.as_bytes(),
        ];
        CountName {
            until: tally.until,
            name: self.store.seal().name(&parts),
        }
    }

    fn tally_allowance(&self, tally: &CodeTally, most: u32) -> Allowance {
        let CountName { until, name } = self.tally_name(tally);
        Allowance { name, until, most }
    }

    /// Counts and logs what came of codes, once the turn is written.
    pub(super) fn note_codes(&self, judged: &[JudgedCode]) {
        for one in judged.iter().filter(|one| !one.rehearsal) {
            let (call, flow, step, number) = (&one.call, &one.flow, &one.step, &one.number);
            if let Some(limit) = one.over {
                let is_refused = matches!(one.answer, CodeAnswer::Limited(_));
                self.note_over(limit, is_refused);
                let (reason, words) = (limit.as_str(), limit.words());
                if is_refused {
                    tracing::warn!(
                        call_sid = call,
                        flow,
                        step,
                        number,
                        reason,
                        "No code is sent: {words}."
                    );
                } else {
                    tracing::warn!(
                        call_sid = call,
                        flow,
                        step,
                        number,
                        reason,
                        "A code would not be sent if limits were kept: {words}."
                    );
                }
            }
            if one.answer == CodeAnswer::Sent {
                self.metrics.codes(one.answer);
            }
            if let CodeAnswer::UsedUp | CodeAnswer::Locked = one.answer {
                let reason = one.answer.as_str();
                tracing::warn!(
                    call_sid = call,
                    flow,
                    step,
                    number,
                    reason,
                    "A code was entered and not compared: it was tried too often."
                );
            }
        }
    }

    /// Counts a code that is over a limit.
    pub(super) fn note_over(&self, limit: SendLimit, is_refused: bool) {
        self.metrics.code_over(limit, is_refused);
    }
}

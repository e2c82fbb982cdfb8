//! Whether the numbers may be reached that a turn reaches: judged by the policy of the settings, and counted in the store
//! before they are.

use std::time::Duration;

use jiff::Timestamp;

use super::app::App;
use crate::engine::{Call, Permit, PermitWanted, StepId, TurnWants};
use crate::policy::{CountedCap, NumberRefusal, NumberUse, Policy, Reach, UsedBy};
use crate::store::{self, ActName, Allowance};
use crate::written::number::masked_number;

/// How long it is remembered that a number was reached, so that the same turn taken again counts once: longer than any call
/// lasts.
pub(super) const REMEMBERED: Duration = Duration::from_hours(48);

/// A number that was judged.
#[derive(Clone, Debug)]
pub struct JudgedNumber {
    /// What was wanted.
    wanted: PermitWanted,
    /// Whether it may be reached.
    pub permit: Permit,
    /// For the log: the call, its flow and the step.
    call: String,
    flow: String,
    step: String,
    /// Whether nobody calls: nothing is counted.
    rehearsal: bool,
}

/// What a turn wants that belongs to a flow which asks for nothing: a bug.
pub fn unasked(wanted: &TurnWants) -> store::Error {
    let step = match wanted {
        TurnWants::Number(wanted) => wanted.step,
        TurnWants::Code(wanted) => wanted.step,
    };
    store::Error::Corrupt {
        what: "the flow".to_owned(),
        reason: format!("its step {step} asks for a permit and does not say so"),
    }
}

impl App {
    /// The policy of the settings.
    pub(super) fn policy(&self) -> &Policy {
        &self.flows.folders().directory.policy
    }

    /// Judges a number that a turn of a call wants to reach, and counts it. `nth` is how many its turn has asked for before.
    ///
    /// # Errors
    /// When the store is away: nothing is reached.
    pub(super) async fn judge_number(
        &self,
        call: &Call,
        nth: usize,
        wanted: PermitWanted,
    ) -> Result<JudgedNumber, store::Error> {
        let number = NumberUse {
            reach: wanted.reach,
            number: &wanted.number,
            is_written: wanted.is_written,
            called: &call.about.to,
        };
        let permit = match self.policy().judge(&number) {
            Err(refusal) => Permit::Refused(refusal),
            Ok(()) if wanted.reach == Reach::Text && !self.sends_texts(call) => {
                Permit::Refused(NumberRefusal::NoSender)
            }
            // Nobody is reached by a call that nobody makes.
            Ok(()) if call.opened.rehearsal => Permit::Granted,
            Ok(()) => self.count_number(call, nth, &number).await?,
        };
        let step = self.step_name(call, wanted.step).await?;
        Ok(JudgedNumber {
            permit,
            call: call.sid.to_string(),
            flow: call.flow.clone(),
            step,
            rehearsal: call.opened.rehearsal,
            wanted,
        })
    }

    /// The name of a step of a call's flow.
    pub(super) async fn step_name(
        &self,
        call: &Call,
        step: StepId,
    ) -> Result<String, store::Error> {
        let version = self.version_of(call).await?;
        let name = version.and_then(|version| {
            let step = version.flow.steps.get(usize::from(step));
            step.map(|step| step.name.clone())
        });
        Ok(name.unwrap_or_default())
    }

    /// Whether an SMS of a call can be sent: by a rehearsal always, since it goes nowhere.
    fn sends_texts(&self, call: &Call) -> bool {
        self.text_account.is_some() || call.opened.rehearsal
    }

    async fn count_number(
        &self,
        call: &Call,
        nth: usize,
        number: &NumberUse<'_>,
    ) -> Result<Permit, store::Error> {
        let began = Timestamp::from_millisecond(call.about.started).unwrap_or_default();
        let used_by = UsedBy {
            call: call.sid.as_str(),
            began,
            caller: &call.about.from,
            now: self.store.now(),
        };
        let act = self.act(call, nth, number, began);
        let counted = self.count_use(number, &used_by, act).await?;
        Ok(counted.map_or_else(Permit::Refused, |()| Permit::Granted))
    }

    /// Judges a number that no call reaches, and counts it, once for each act.
    pub(super) async fn reach_once(
        &self,
        number: &NumberUse<'_>,
        used_by: &UsedBy<'_>,
        act: ActName,
    ) -> Result<Result<(), NumberRefusal>, store::Error> {
        if let Err(refusal) = self.policy().judge(number) {
            return Ok(Err(refusal));
        }
        if self.text_account.is_none() {
            return Ok(Err(NumberRefusal::NoSender));
        }
        self.count_use(number, used_by, act).await
    }

    async fn count_use(
        &self,
        number: &NumberUse<'_>,
        used_by: &UsedBy<'_>,
        act: ActName,
    ) -> Result<Result<(), NumberRefusal>, store::Error> {
        let caps = self.policy().caps(number, used_by);
        if caps.is_empty() {
            return Ok(Ok(()));
        }
        let allowances: Vec<Allowance> = caps
            .iter()
            .map(|cap| self.allowance(number.reach, cap))
            .collect();
        let used_up = self.store.count(act, &allowances).await?;
        let used_up = used_up.and_then(|place| caps.get(place));
        Ok(used_up.map_or(Ok(()), |cap| Err(NumberRefusal::Cap(cap.kind))))
    }

    /// The name of what is done: of the turn of the visit, and of what it reaches, so that a turn that is taken once more
    /// because the store lost it counts once if it says the same.
    fn act(&self, call: &Call, nth: usize, number: &NumberUse<'_>, began: Timestamp) -> ActName {
        let parts: [&[u8]; 7] = [
            b"act",
            call.sid.as_str().as_bytes(),
            &call.opened.nonce.0.to_be_bytes(),
            &call.turn.to_be_bytes(),
            &(nth as u64).to_be_bytes(),
            number.reach.as_str().as_bytes(),
            number.number.as_bytes(),
        ];
        ActName {
            name: self.store.seal().name(&parts),
            until: began.checked_add(REMEMBERED).unwrap_or(began),
        }
    }

    pub(super) fn allowance(&self, reach: Reach, cap: &CountedCap) -> Allowance {
        let kind = NumberRefusal::Cap(cap.kind).as_str();
        let parts: [&[u8]; 4] = [
            b"allowance",
            reach.as_str().as_bytes(),
            kind.as_bytes(),
            cap.of.as_bytes(),
        ];
        Allowance {
            name: self.store.seal().name(&parts),
            until: cap.until,
            most: cap.most,
        }
    }

    /// Counts and logs what was refused, once the turn is written.
    pub(super) fn note_judged(&self, judged: &[JudgedNumber]) {
        for JudgedNumber {
            wanted,
            permit,
            call,
            flow,
            step,
            rehearsal,
        } in judged
        {
            let Permit::Refused(refusal) = *permit else {
                continue;
            };
            let number = masked_number(&wanted.number);
            let (reach, reason) = (wanted.reach.as_str(), refusal.as_str());
            tracing::warn!(
                call_sid = call,
                flow,
                step,
                number,
                reach,
                reason,
                "A number was not reached: {}.",
                refusal.words()
            );
            if !rehearsal {
                self.metrics.not_reached(wanted.reach, refusal);
            }
        }
    }
}

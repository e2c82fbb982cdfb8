//! Taking a call that is to be placed: once for each key, on whichever node.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::request::{Checked, PlacementRequest, PlacingError, is_key};
use super::tries::end_of_days;
use crate::carrier::CarrierRequest;
use crate::carrier::call::{PlacedCall, detection};
use crate::engine::{
    About, Call, CallSid, Detects, Flow, Input, Nonce, Opened, PlacedTry, Placing, Progress,
};
use crate::store::{ActName, Committed, Row, RowId};
use crate::web::app::App;
use crate::web::turns::{CommitBase, LoadedCall, TurnPlan};

/// How long a placement may be under way without a sign of life, in its tries and the pauses between them. What is owed for
/// it decides before, unless somebody has dropped that.
pub const LONGEST: Duration = Duration::from_hours(90 * 24);

/// A key is remembered for so long at least, in days, and at most twice as long, whatever becomes of the call.
const KEY_REMEMBERED: i64 = 200;

/// How a placement stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacementView {
    /// Its name.
    pub id: String,
    /// The flow.
    pub flow: String,
    /// Who is called.
    pub to: String,
    /// From which number.
    pub from: String,
    /// `in_progress`; `reached` once the call is on; `unreached` once that is given up.
    pub state: String,
    /// Its tries, the one that is under way or comes next at the end.
    pub tries: Vec<TryView>,
}

/// How a try of a placement stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TryView {
    /// When it may begin, or began.
    pub at: Timestamp,
    /// The call, once it is known at the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// How it came out: `answered`, `machine`, `busy`, `no_answer`, `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

impl PlacementView {
    /// How a call stands that is to be placed; nothing where it is none.
    pub fn of(call: &Call) -> Option<Self> {
        let placing = call.placing()?;
        let of_try = |one: &PlacedTry| TryView {
            at: Timestamp::from_millisecond(one.at).unwrap_or_default(),
            call: one.sid.as_ref().map(CallSid::to_string),
            outcome: one.outcome.map(|outcome| outcome.as_str().to_owned()),
        };
        Some(Self {
            id: call.sid.to_string(),
            flow: call.flow.clone(),
            to: call.about.to.clone(),
            from: call.about.from.clone(),
            state: call.outcome().as_str().to_owned(),
            tries: placing.tries.iter().map(of_try).collect(),
        })
    }
}

/// The name of the placement of a key.
pub(super) fn named(key: &str) -> CallSid {
    let hash = Sha256::new().chain_update("placement/").chain_update(key);
    let hash = hash.finalize();
    let hash: [u8; 16] = hash[..16].try_into().expect("it is longer");
    CallSid::of_placement(hash)
}

/// The name of the row of a try.
pub(super) fn row_id(placement: &CallSid, nth: u32) -> RowId {
    let request = CarrierRequest::PlaceCall(PlacedCall {
        account: String::new(),
        call: placement.clone(),
        nth: nth.to_string(),
        to: String::new(),
        from: String::new(),
        rings: 0,
        detection: None,
        meanwhile: false,
    });
    request.id()
}

/// The row by which the carrier is asked for the last try of a placement, once that is due.
pub fn row(call: &Call, flow: &Flow, account: &str, now: Timestamp) -> Option<Row> {
    let (placing, outbound) = (call.placing()?, flow.outbound.as_deref()?);
    let due = Timestamp::from_millisecond(placing.tries.last()?.at).ok()?;
    let request = CarrierRequest::PlaceCall(PlacedCall {
        account: account.to_owned(),
        call: call.sid.clone(),
        nth: placing.nth().to_string(),
        to: call.about.to.clone(),
        from: call.about.from.clone(),
        rings: outbound.rings,
        detection: detection(outbound.detects).map(str::to_owned),
        meanwhile: outbound.detects == Detects::Meanwhile,
    });
    Some(request.row(now, due.max(now)))
}

impl App {
    /// Takes a call that is to be placed under a key. The same under the same key is the same placement.
    ///
    /// # Errors
    /// Why it is not to be placed; then nothing is done.
    pub async fn order_call(
        &self,
        key: &str,
        asked: &PlacementRequest,
    ) -> Result<PlacementView, PlacingError> {
        if !is_key(key) {
            return Err(PlacingError::Key);
        }
        let (sid, hash) = (named(key), asked.hash(self.store.seal()));
        if let Some(found) = self.find(&sid).await? {
            return known(&found, hash);
        }
        let checked = self.check_placement(asked)?;
        self.remember_key(&sid, hash).await?;
        let plan = TurnPlan {
            version: checked.version.clone(),
            call: self.new_placement(&sid, asked, hash, checked),
            input: &Input::Place,
            from: CommitBase::default(),
            leaves: None,
        };
        let view = PlacementView::of(&plan.call);
        let (committed, _) = self.commit_turn(plan, self.clock.now()).await?;
        match committed {
            Committed::Done => {
                self.outbox.wake();
                view.ok_or(PlacingError::Forgotten)
            }
            // The same request came to another node, or twice at once.
            Committed::Behind(_) | Committed::Gone => match self.find(&sid).await? {
                Some(found) => known(&found, hash),
                None => Err(PlacingError::Forgotten),
            },
        }
    }

    /// How the placement of a key stands; nothing where none is known.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn placement_of(&self, key: &str) -> Result<Option<PlacementView>, PlacingError> {
        self.placement(named(key).as_str()).await
    }

    /// How a placement stands, by its name; nothing where none is known.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn placement(&self, id: &str) -> Result<Option<PlacementView>, PlacingError> {
        let sid = CallSid::parse(id).ok().filter(CallSid::is_placement);
        let Some(sid) = sid else { return Ok(None) };
        let found = self.find(&sid).await?;
        Ok(found.and_then(|found| PlacementView::of(&found.call)))
    }

    /// Only looks whether a call could be placed.
    ///
    /// # Errors
    /// Why not.
    pub async fn look_at_order(
        &self,
        key: &str,
        asked: &PlacementRequest,
    ) -> Result<(), PlacingError> {
        if !is_key(key) {
            return Err(PlacingError::Key);
        }
        if let Some(found) = self.find(&named(key)).await? {
            return known(&found, asked.hash(self.store.seal())).map(drop);
        }
        self.check_placement(asked).map(drop)
    }

    fn new_placement(
        &self,
        sid: &CallSid,
        asked: &PlacementRequest,
        hash: u64,
        checked: Checked,
    ) -> Call {
        let now = self.store.now();
        let about = About {
            from: checked.from,
            to: asked.to.clone(),
            direction: "outbound-api".to_owned(),
            caller_name: String::new(),
            started: self.clock.now().as_millisecond(),
        };
        let placing = Placing {
            asked: hash,
            campaign: asked.campaign.clone().unwrap_or_default(),
            until: asked.not_after.map(Timestamp::as_millisecond),
            pace: asked.pace.map(|pace| (pace * 1_000.0).max(1.0) as u32),
            tries: vec![PlacedTry {
                at: asked.not_before.unwrap_or(now).as_millisecond(),
                ..PlacedTry::default()
            }],
        };
        let call = Call::new(sid.clone(), &checked.version.flow, about);
        Call {
            opened: Opened {
                nonce: Nonce::new(now.as_second(), (self.random)()),
                by: Vec::new(),
                rehearsal: false,
            },
            progress: Some(Box::new(Progress::Placing(placing))),
            ..call.with_fields(checked.fields)
        }
    }

    /// Notes that a key is used, for longer than its call is kept.
    async fn remember_key(&self, sid: &CallSid, hash: u64) -> Result<(), PlacingError> {
        let sid = sid.as_str().as_bytes();
        let allowances = self.remembering(&[b"placement key", sid], KEY_REMEMBERED);
        // The same request may come again until the next day is over: a node may have ended before it wrote the call.
        let act = ActName {
            name: self
                .store
                .seal()
                .name(&[b"placing", sid, &hash.to_be_bytes()]),
            until: end_of_days(self.store.now(), 2),
        };
        match self.store.count(act, &allowances).await? {
            None => Ok(()),
            Some(_) => Err(PlacingError::Forgotten),
        }
    }
}

/// What is known of the placement of a key that was used.
fn known(found: &LoadedCall, hash: u64) -> Result<PlacementView, PlacingError> {
    let is_same = found
        .call
        .placing()
        .is_some_and(|placing| placing.asked == hash);
    let view = PlacementView::of(&found.call).filter(|_| is_same);
    view.ok_or(PlacingError::Reused)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_key_names_one_placement_on_every_node() {
        assert_eq!(named("a"), named("a"));
        assert_ne!(named("a"), named("b"));
        assert!(named("a").is_placement());
        assert_eq!(named("a").as_str().len(), 34);
    }
}

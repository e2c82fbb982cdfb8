//! Whether a call may be placed now: by the list of numbers that are not called, the hours of whoever is called, the pace, and
//! what was called before.

use std::time::Duration;

use jiff::Timestamp;

use super::request::number_use;
use crate::engine::{Call, Flow, Placing};
use crate::hours::open_everywhere;
use crate::policy::{CapKind, NumberRefusal, Reach, UsedBy, zones_of};
use crate::store::{self, ActName, Allowance};
use crate::web::app::App;

/// For so many milliseconds a place of the pace may be taken later: whoever is due is looked for now and then.
const LATE: i64 = 5_000;
/// Whether a call may be placed now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MayPlace {
    /// Yes.
    Now,
    /// Not before, and why.
    Later(Timestamp, &'static str),
    /// Not at all, and why.
    Never(&'static str),
}

impl App {
    /// Whether a try of a placement may begin now. What is counted for it is counted once, however often it is asked.
    ///
    /// # Errors
    /// When the store is away: nothing is placed.
    pub(super) async fn may_place(
        &self,
        call: &Call,
        placing: &Placing,
        flow: &Flow,
    ) -> Result<MayPlace, store::Error> {
        let now = self.store.now();
        if placing
            .until
            .is_some_and(|until| until <= now.as_millisecond())
        {
            return Ok(MayPlace::Never("its time is over"));
        }
        let (to, from) = (call.about.to.as_str(), call.about.from.as_str());
        if let Err(why) = self.may_be_called(to, from) {
            return Ok(MayPlace::Never(why));
        }
        match opens(flow, to, now) {
            Some(at) if at <= now => {}
            Some(at) => return Ok(MayPlace::Later(at, "it is not the time to call there")),
            None => {
                return Ok(MayPlace::Never(
                    "there is no time at which it may be called",
                ));
            }
        }
        if let Some(left) = self.placing.stops_for() {
            let why = "the carrier could not place many in a row";
            return Ok(MayPlace::Later(now + left, why));
        }
        if let Some(at) = self.over_pace(call, placing, now).await? {
            return Ok(MayPlace::Later(at, "its turn has not come, by the pace"));
        }
        self.over_caps(call, placing, now).await
    }

    /// When its turn comes by the pace of all calls and that of its campaign; nothing where that is now.
    async fn over_pace(
        &self,
        call: &Call,
        placing: &Placing,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, store::Error> {
        let seal = self.store.seal();
        let pace = self.placing.pace.max(1);
        let pace = placing.pace.map_or(pace, |own| own.min(pace)).max(1);
        // The milliseconds of a place: one call begins in each.
        let (all, own) = (
            1_000_000 / i64::from(self.placing.pace.max(1)),
            1_000_000 / i64::from(pace),
        );
        let (all, own) = (all.max(1), own.max(1));
        let first = now.as_millisecond().div_euclid(all);
        for place in first - LATE / all..=first {
            let begins = place * all;
            let until = |length: i64| {
                let end = (begins.div_euclid(length) + 1) * length;
                Timestamp::from_millisecond(end).map(|end| end + Duration::from_mins(1))
            };
            let named = |what: &str, campaign: &str, length: i64| Allowance {
                name: seal.name(&[
                    what.as_bytes(),
                    campaign.as_bytes(),
                    &begins.div_euclid(length).to_be_bytes(),
                ]),
                until: until(length).unwrap_or(now),
                most: 1,
            };
            let mut allowances = vec![named("pace", "", all)];
            if placing.pace.is_some() && own > all {
                allowances.push(named("campaign pace", &placing.campaign, own));
            }
            let act = ActName {
                name: seal.name(&[
                    b"pace of",
                    call.sid.as_str().as_bytes(),
                    &placing.nth().to_be_bytes(),
                    &place.to_be_bytes(),
                ]),
                until: until(all).unwrap_or(now),
            };
            if self.store.count(act, &allowances).await?.is_none() {
                return Ok(None);
            }
        }
        let later = Timestamp::from_millisecond((first + 1) * all).unwrap_or(now);
        Ok(Some(later))
    }

    /// Counts a call by the policy's caps, as one to a number that is dialled.
    async fn over_caps(
        &self,
        call: &Call,
        placing: &Placing,
        now: Timestamp,
    ) -> Result<MayPlace, store::Error> {
        let number = number_use(&call.about.to, &call.about.from);
        let used_by = UsedBy {
            call: call.sid.as_str(),
            began: now,
            caller: &call.about.from,
            now,
        };
        let mut caps = self.policy().caps(&number, &used_by);
        // Of a call that we place there is no caller who could reach too many.
        caps.retain(|cap| !matches!(cap.kind, CapKind::Call | CapKind::Caller));
        let Some(until) = caps.iter().map(|cap| cap.until).max() else {
            return Ok(MayPlace::Now);
        };
        let nth = placing.nth().to_be_bytes();
        let parts: [&[u8]; 3] = [b"placed", call.sid.as_str().as_bytes(), &nth];
        let act = ActName {
            name: self.store.seal().name(&parts),
            until,
        };
        let allowances: Vec<Allowance> = caps
            .iter()
            .map(|cap| self.allowance(Reach::Dial, cap))
            .collect();
        let used_up = self.store.count(act, &allowances).await?;
        let used_up = used_up.and_then(|place| caps.get(place));
        Ok(match used_up {
            None => MayPlace::Now,
            Some(cap) => {
                let refusal = NumberRefusal::Cap(cap.kind);
                self.metrics.not_reached(Reach::Dial, refusal);
                MayPlace::Later(cap.until, refusal.words())
            }
        })
    }
}

/// When whoever has a number may be called: by the flow's hours, in every zone that the number may be in.
fn opens(flow: &Flow, to: &str, now: Timestamp) -> Option<Timestamp> {
    let hours = flow.outbound.as_ref().and_then(|outbound| outbound.hours);
    let Some((_, hours)) = hours.and_then(|at| flow.hours.get(usize::from(at))) else {
        return Some(now);
    };
    open_everywhere(hours, &zones_of(to), now)
}

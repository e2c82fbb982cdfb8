//! How a try of a placement came out: noted once, whoever tells, and what follows from it.

use jiff::Timestamp;

use super::order;
use crate::engine::{Call, CallSid, Happened, Input, PlacedTry};
use crate::store::{self, ActName, Allowance, Committed, Row, RowId};
use crate::web::app::App;
use crate::web::turns::{LoadedCall, TurnPlan};
use crate::written::PlacedOutcome;

/// How often it is tried to write what others overtake.
const TRIES: usize = 8;

/// What somebody says of a try.
#[derive(Clone, Debug)]
pub(super) struct TryNews {
    /// Which try, from 1.
    pub nth: u32,
    /// The call at the carrier, where it has one.
    pub sid: Option<CallSid>,
    /// How it came out; nothing while it is not over.
    pub outcome: Option<PlacedOutcome>,
    /// Why, where nobody was called.
    pub why: String,
}

/// What noting a try came to.
#[derive(Clone, Debug)]
pub(super) enum Noted {
    /// It is noted, now or before.
    Done(Box<Call>),
    /// Another call was placed for the same try: this one is one too many.
    Twice,
    /// Nothing is known of the placement, or not any more.
    Unknown,
}

impl App {
    /// Notes what somebody says of a try, and does what follows: the next try is owed, or the way of the flow is taken, or the
    /// placement is over because its call is on.
    ///
    /// # Errors
    /// When the store is away: it may or may not be noted.
    pub(super) async fn note_try(
        &self,
        placement: &CallSid,
        news: &TryNews,
    ) -> Result<Noted, store::Error> {
        for _ in 0..TRIES {
            let Some(found) = self.find(placement).await? else {
                return Ok(Noted::Unknown);
            };
            let (mut call, is_over) = (found.call.clone(), found.finished);
            let learned = match learn(&mut call, news) {
                Learned::Nothing if is_over => return Ok(Noted::Done(Box::new(call))),
                Learned::Nothing => None,
                Learned::Other => return Ok(Noted::Twice),
                Learned::Unknown => return Ok(Noted::Unknown),
                Learned::News(fact) => Some(fact),
            };
            let more = if is_over {
                Vec::new()
            } else {
                self.next_try(&mut call).await?
            };
            let is_next = !more.is_empty();
            let mut found = LoadedCall { call, ..found };
            let is_news = learned.is_some();
            if is_news || is_next {
                let fact = learned.map(|fact| (found.from.turn, fact));
                match self.append_with_rows(&found, fact, more).await? {
                    Some(Committed::Done) => found.from.revision += 1,
                    Some(Committed::Behind(_)) => continue,
                    Some(Committed::Gone) | None => return Ok(Noted::Unknown),
                }
            }
            if is_news {
                self.count_try(news);
            }
            if is_next || is_over {
                self.outbox.wake();
                return Ok(Noted::Done(Box::new(found.call)));
            }
            if let Some(call) = self.end_placement(found).await? {
                return Ok(Noted::Done(Box::new(call)));
            }
        }
        Ok(Noted::Unknown)
    }

    fn count_try(&self, news: &TryNews) {
        if let Some(outcome) = news.outcome {
            self.metrics.placed(outcome.as_str());
        }
    }

    /// Adds another try where the last one came out so that another may come out otherwise; its row.
    async fn next_try(&self, call: &mut Call) -> Result<Vec<Row>, store::Error> {
        let version = self.version_of(call).await?;
        let outbound = version.as_ref().and_then(|of| of.flow.outbound.as_deref());
        let (Some(version), Some(outbound)) = (&version, outbound) else {
            return Ok(Vec::new());
        };
        let now = self.store.now();
        let Some(placing) = call.placing_mut() else {
            return Ok(Vec::new());
        };
        let outcome = placing.tries.last().and_then(|last| last.outcome);
        let may_change = outcome.is_some_and(PlacedOutcome::may_change);
        let at = now
            .checked_add(outbound.pause)
            .unwrap_or(now)
            .as_millisecond();
        let is_late = placing.until.is_some_and(|until| until <= at);
        if !may_change || placing.nth() >= outbound.tries || is_late {
            return Ok(Vec::new());
        }
        placing.tries.push(PlacedTry {
            at,
            ..PlacedTry::default()
        });
        let account = self.text_account.as_deref().unwrap_or_default();
        let row = order::row(call, &version.flow, account, now);
        Ok(row.into_iter().collect())
    }

    /// Ends a placement whose last try came out: it is reached, or the flow's way is taken for a call that nobody answered.
    /// The call as it is then; nothing where others were faster.
    async fn end_placement(&self, found: LoadedCall) -> Result<Option<Call>, store::Error> {
        let LoadedCall { call, from, .. } = found;
        let last = call.placing().and_then(|placing| placing.tries.last());
        let outcome = last.and_then(|last| last.outcome);
        let input = match outcome {
            // It is not over: only its name was told.
            None => return Ok(Some(call)),
            Some(outcome) if outcome.is_answered() => Input::Reached,
            Some(outcome) => Input::Placed(outcome),
        };
        let Some(version) = self.version_of(&call).await? else {
            tracing::error!(placement = %call.sid, flow = call.flow, "A placement ends whose flow version is nowhere kept.");
            return Ok(Some(call));
        };
        let plan = TurnPlan {
            version,
            call: call.clone(),
            input: &input,
            from,
            leaves: None,
        };
        let (committed, _) = self.commit_turn(plan, self.clock.now()).await?;
        match committed {
            Committed::Done => {
                let is_reached = outcome.is_some_and(PlacedOutcome::is_answered);
                let state = if is_reached { "reached" } else { "unreached" };
                tracing::info!(placement = %call.sid, flow = call.flow, state, "Placement ended.");
                Ok(Some(call))
            }
            Committed::Behind(_) | Committed::Gone => Ok(None),
        }
    }

    /// Takes the row of a try away from those that are owed: it is known how the try came out.
    pub(super) async fn settle_try(&self, row: &RowId) -> Result<(), store::Error> {
        let owed = self.store.row(row).await?;
        let owed = owed.filter(|row| row.state != store::RowState::Delivered);
        if let Some(row) = owed {
            let settled = store::Settlement::Delivered;
            self.store.settle(&row.id, settled).await?;
        }
        Ok(())
    }
}

/// What there is to learn of news.
enum Learned {
    Nothing,
    News(Happened),
    /// The try is known by the name of another call.
    Other,
    Unknown,
}

/// Notes news in a placement's state.
fn learn(call: &mut Call, news: &TryNews) -> Learned {
    let Some(placing) = call.placing_mut() else {
        return Learned::Unknown;
    };
    let place = (news.nth as usize).wrapping_sub(1);
    let Some(one) = placing.tries.get_mut(place) else {
        return Learned::Unknown;
    };
    match (&one.sid, &news.sid) {
        (Some(known), Some(told)) if known != told => return Learned::Other,
        _ => {}
    }
    let is_news =
        one.sid.is_none() && news.sid.is_some() || one.outcome.is_none() && news.outcome.is_some();
    if !is_news {
        return Learned::Nothing;
    }
    one.sid = one.sid.take().or_else(|| news.sid.clone());
    one.outcome = one.outcome.or(news.outcome);
    let came_to = match news.outcome {
        None => "placed".to_owned(),
        Some(outcome) if news.why.is_empty() => outcome.as_str().to_owned(),
        Some(outcome) => format!("{}: {}", outcome.as_str(), news.why),
    };
    Learned::News(Happened::Tried {
        nth: news.nth,
        sid: one.sid.as_ref().map(CallSid::to_string).unwrap_or_default(),
        came_to,
    })
}

impl App {
    /// Takes a call at the carrier for that of a row; false where it is another row's.
    ///
    /// # Errors
    /// When the store is away.
    pub(super) async fn claim_call(&self, row: &RowId, sid: &str) -> Result<bool, store::Error> {
        let (name, now) = (row.to_string(), self.store.now());
        let allowances = self.remembering(&[b"placed call", sid.as_bytes()], CLAIMED);
        let act = ActName {
            name: self
                .store
                .seal()
                .name(&[b"call of", name.as_bytes(), sid.as_bytes()]),
            until: end_of_days(now, 2),
        };
        Ok(self.store.count(act, &allowances).await?.is_none())
    }

    /// What is counted once, and remembered for so many days at least and twice as many at most.
    pub(super) fn remembering(&self, what: &[&[u8]], days: i64) -> [Allowance; 2] {
        let period = days * DAY;
        // Counted in this period and in the one before: so it is known for a whole one.
        let this = self.store.now().as_second().div_euclid(period);
        [this - 1, this].map(|one| Allowance {
            name: self.store.seal().name(what),
            until: at_second((one + 2) * period),
            most: 1,
        })
    }
}

/// For how many days a call at the carrier is known to be a row's, at least.
const CLAIMED: i64 = 30;
/// The seconds of a day.
const DAY: i64 = 86_400;

/// When so many days are over, by UTC; today is the first.
pub(super) fn end_of_days(now: Timestamp, days: i64) -> Timestamp {
    at_second((now.as_second().div_euclid(DAY) + days) * DAY)
}

fn at_second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

/// The number of the try whose row this is, from 1.
pub(super) fn nth_of(call: &Call, row: &RowId) -> Option<u32> {
    let placing = call.placing()?;
    let mut all = 1..=placing.nth();
    all.find(|nth| order::row_id(&call.sid, *nth) == *row)
}

/// When a row was created, as far as a call may be known to the carrier since.
pub(super) fn since(row: &Row) -> Timestamp {
    let first = row.history.attempts.first().map(|attempt| attempt.at);
    first.unwrap_or(row.created)
}

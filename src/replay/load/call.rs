//! One call of a load.

use std::time::Instant;

use fastrand::Rng;
use jiff::Timestamp;

use super::random_caller::{Behaviour, RandomCaller};
use super::wire::MeasuredWire;
use super::{CallResult, Run};
use crate::phone::{CallClock, Callback, EndedBy, Method, Plan, Unforeseen, World, place};
use crate::replay::judge::judge;
use crate::replay::play::play;
use crate::replay::script::Script;

pub struct LoadCall {
    /// Its number, from 0.
    pub number: u64,
    /// When it was due.
    pub due: Instant,
    pub rng: Rng,
}

impl LoadCall {
    /// Places it and counts how it ended.
    pub async fn go(mut self, run: &Run) {
        let load = &run.load;
        let sid = format!("CA{:016x}{:016x}", self.rng.u64(..), self.rng.u64(..));
        let is_impatient = load.trouble.impatient > 0.0 && self.rng.f64() < load.trouble.impatient;
        let wire = MeasuredWire::new(run, self.due, self.rng.fork());
        let script = match load.scripts.len() {
            0 => None,
            ways => load.scripts.get((self.number % ways as u64) as usize),
        };
        let outcome = match script.filter(|_| !is_impatient) {
            Some(script) => walk(run, script, &wire, &sid).await,
            None => self.wander(run, &wire, sid, is_impatient).await,
        };
        run.tally.borrow_mut().count(outcome, 1);
    }

    /// A call by chance.
    async fn wander(
        &mut self,
        run: &Run,
        wire: &MeasuredWire<'_>,
        sid: String,
        is_impatient: bool,
    ) -> CallResult {
        let manners = if is_impatient {
            Behaviour::Bad
        } else {
            Behaviour::Good
        };
        let mut caller = RandomCaller::new(self.rng.fork(), manners);
        let world = World {
            unforeseen: Unforeseen::NobodyThere,
            ..World::default()
        };
        let ended = place(
            &plan(run, sid),
            CallClock::jumping(),
            wire,
            &mut caller,
            &world,
        )
        .await;
        match ended.by {
            EndedBy::Fault(notice) => {
                run.tally.borrow_mut().fault(notice.message);
                CallResult::Faulty
            }
            _ if is_impatient => CallResult::Impatient,
            _ => CallResult::Right,
        }
    }
}

/// A call as its test file says.
async fn walk(run: &Run, script: &Script, wire: &MeasuredWire<'_>, sid: &str) -> CallResult {
    let played = play(script, &run.load.line, wire, sid).await;
    let mut tally = run.tally.borrow_mut();
    if let EndedBy::Fault(notice) = &played.ended.by {
        tally.fault(notice.message.clone());
        return CallResult::Faulty;
    }
    let failures = judge(script, &played, None);
    let Some(first) = failures.first() else {
        return CallResult::Right;
    };
    tally.fault(first.diag.message.clone());
    CallResult::Wrong
}

fn plan(run: &Run, sid: String) -> Plan {
    let load = &run.load;
    let named = |url: &String| url.replace("{flow}", &load.flow);
    let callback = |url: &String| Callback {
        url: named(url),
        method: Method::Post,
    };
    Plan {
        url: named(&load.line.url),
        method: load.line.method,
        fallback: load.line.fallback.as_ref().map(callback),
        status: load.line.status.as_ref().map(callback),
        account: load.line.account.clone(),
        sid,
        from: load.from_to.0.clone(),
        to: load.from_to.1.clone(),
        direction: "inbound".to_owned(),
        fields: Vec::new(),
        at: Timestamp::now(),
        words_a_minute: None,
    }
}

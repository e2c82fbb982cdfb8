//! What services answer in test calls: what the world of each call says. Nothing is asked over a network.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value as Json;

use crate::engine::{At, Call, CallSid, Came, Flow, ServiceAnswer, Value, awaited_answer};
use crate::phone::{ServiceReplies, ServiceReply, service, step};

/// The most calls whose worlds are kept.
const MOST: usize = 10_000;

/// What services answer, by call.
#[derive(Debug, Default)]
pub struct ServiceWorld {
    calls: Mutex<HashMap<CallSid, CallWorld>>,
}

/// What services answer to one call.
#[derive(Debug, Default)]
struct CallWorld {
    replies: ServiceReplies,
    /// How often each key was met.
    met: HashMap<String, usize>,
    /// What the turn that awaits now gets.
    now: Option<(u32, Option<ServiceReply>)>,
    /// What was asked and is not foreseen: the step, and the service.
    unforeseen: Option<String>,
}

impl ServiceWorld {
    fn calls(&self) -> MutexGuard<'_, HashMap<CallSid, CallWorld>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call is placed in a world.
    pub fn meets(&self, sid: &CallSid, replies: &ServiceReplies) {
        let mut calls = self.calls();
        if calls.len() >= MOST {
            calls.clear();
        }
        let replies = replies.clone();
        calls.insert(
            sid.clone(),
            CallWorld {
                replies,
                ..CallWorld::default()
            },
        );
    }

    /// What a call asked that its world does not foresee, once.
    pub fn unforeseen(&self, sid: &CallSid) -> Option<String> {
        self.calls().get_mut(sid)?.unforeseen.take()
    }

    /// A call is over.
    pub fn forget(&self, sid: &CallSid) {
        self.calls().remove(sid);
    }

    /// What comes of the nth thing that a call does at a step, from 0, where its world says so: the last one from then on.
    pub(super) fn outcome(&self, sid: &CallSid, at: &str, nth: usize) -> Option<String> {
        let calls = self.calls();
        let replies = calls.get(sid)?.replies.get(&step(at))?;
        replies.get(nth).or(replies.last())?.outcome.clone()
    }

    /// What is answered to a call once so much time has passed; nothing where it takes longer.
    pub(super) fn answer(&self, flow: &Flow, call: &Call, passed: Duration) -> Option<Came> {
        let At::Step(at) = call.at else { return None };
        let of = flow.step(at);
        let away = of.action.away()?;
        let mut calls = self.calls();
        let world = calls.entry(call.sid.clone()).or_default();
        let Some(reply) = world.reply(call.turn, &of.name, away.whom.written()) else {
            return awaited_answer(flow, call, &ServiceAnswer::Failed);
        };
        if reply.after > passed {
            return None;
        }
        let Some(outcome) = &reply.outcome else {
            let (status, json) = (reply.status, reply.json.clone());
            return awaited_answer(flow, call, &ServiceAnswer::Answered { status, json });
        };
        let known = away.outcome(outcome);
        let status = outcome.replace('x', "0").parse::<u16>().unwrap_or_default();
        // A status without a way of its own.
        let Some(known) = known else {
            return awaited_answer(flow, call, &ServiceAnswer::Answered { status, json: None });
        };
        let status = if outcome == "misfit" { 200 } else { status };
        let status = ("status", Value::Integer(status.into()));
        let mut came = Came::new(known.name, [status]);
        let taken = reply.take.iter();
        came.facts
            .extend(taken.filter_map(|(name, json)| Some((name.clone(), value(json)?))));
        // What a step does not take is a mistake of the test: that it shows, the answer counts as an error.
        if !away.admits(&came) {
            came = Came::new("error", []);
        }
        Some(came)
    }
}

/// A value as a call keeps it.
fn value(json: &Json) -> Option<Value> {
    match json {
        Json::String(text) => Some(Value::Text(text.clone())),
        Json::Number(number) => number
            .as_i64()
            .map(Value::Integer)
            .or_else(|| number.as_f64().map(Value::Number)),
        Json::Bool(yes) => Some(Value::Boolean(*yes)),
        Json::Array(all) => Some(Value::List(all.iter().map(value).collect::<Option<_>>()?)),
        Json::Null | Json::Object(_) => None,
    }
}

impl CallWorld {
    fn reply(&mut self, turn: u32, at: &str, of: &str) -> Option<ServiceReply> {
        if let Some((known, reply)) = &self.now
            && *known == turn
        {
            return reply.clone();
        }
        let keys = [step(at), service(of)];
        let key = keys.into_iter().find(|key| self.replies.contains_key(key));
        let reply = key.and_then(|key| {
            let all = &self.replies[&key];
            let met = self.met.entry(key).or_default();
            let reply = all.get(*met).or(all.last()).cloned();
            *met += 1;
            reply
        });
        if reply.is_none() {
            self.unforeseen = Some(of.to_owned());
        }
        self.now = Some((turn, reply.clone()));
        reply
    }
}

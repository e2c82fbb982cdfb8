//! Plays a call, and reports what happened.

use serde_json::Value;

use super::actor::{Actor, Stretch};
use super::script::Script;
use crate::phone::{Account, CallClock, Callback, Ended, Method, Notice, Plan, Wire, place};

/// Where calls are placed.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The URL of a call that comes in; `{flow}` in it stands for the flow's name.
    pub url: String,
    /// How it is asked first.
    pub method: Method,
    /// Where the carrier asks when that fails.
    pub fallback: Option<String>,
    /// Where it reports what becomes of the call.
    pub status: Option<String>,
    /// Who calls are placed for.
    pub account: Account,
}

/// What happened in a call.
#[derive(Clone, Debug)]
pub struct Played {
    /// What was heard before each act, and at last to the end.
    pub stretches: Vec<Stretch>,
    pub ended: Ended,
    /// Faults that the carrier would show in its debugger.
    pub notices: Vec<Notice>,
    /// The URLs of recordings that were asked for.
    pub recordings: Vec<String>,
    /// Whether it went on after the last turn.
    pub is_left_over: bool,
    /// What was done that nobody listened for: the turn, from 0, and what.
    pub lost: Vec<(usize, String)>,
}

/// What is left of a call when it is over, where that can be known.
#[derive(Clone, Debug, Default)]
pub struct AfterCall {
    /// The bodies that backends got, with their names, in order.
    pub sent: Vec<(String, Value)>,
    /// The steps that were done for a caller who had hung up.
    pub steps: Vec<String>,
    /// The steps that could not be done then, and why.
    pub faults: Vec<(String, String)>,
    /// The steps that read a name then which is not set, and the name.
    pub unset: Vec<(String, String)>,
}

/// Plays a call under a name, on a clock that jumps.
pub async fn play<W: Wire>(script: &Script, line: &Destination, wire: &W, sid: &str) -> Played {
    let post = |url: &String| Callback {
        url: url.replace("{flow}", &script.flow),
        method: Method::Post,
    };
    let caller_name = script
        .caller_name
        .iter()
        .map(|name| ("CallerName".to_owned(), name.clone()));
    let plan = Plan {
        url: line.url.replace("{flow}", &script.flow),
        method: line.method,
        fallback: line.fallback.as_ref().map(post),
        status: line.status.as_ref().map(post),
        account: line.account.clone(),
        sid: sid.to_owned(),
        from: script.from.clone(),
        to: script.to.clone(),
        direction: "inbound".to_owned(),
        fields: caller_name.chain(script.fields.iter().cloned()).collect(),
        at: script.at,
        words_a_minute: None,
    };
    let plan = match script.placed {
        Some(outcome) => plan.placed(outcome),
        None => plan,
    };
    let mut actor = Actor::new(script);
    let ended = place(&plan, CallClock::jumping(), wire, &mut actor, &script.world).await;
    let (notices, lost) = (
        std::mem::take(&mut actor.notices),
        std::mem::take(&mut actor.lost),
    );
    let (is_left_over, recordings) = (actor.is_left_over, std::mem::take(&mut actor.recordings));
    Played {
        stretches: actor.stretches(),
        ended,
        notices,
        recordings,
        is_left_over,
        lost,
    }
}

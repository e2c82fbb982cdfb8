//! What nobody asks for: calls whose end must be acted on, versions that must be kept, memory that can be freed.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use jiff::Timestamp;

use super::app::App;
use super::flows::FlowVersion;
use super::turns::{self, CommitBase, TurnPlan};
use super::voice::ending;
use crate::engine::{Call, CallSid, Input, fingerprint};
use crate::store::{self, Commit, Committed, Stored, Trace};
use crate::written::PlacedOutcome;

/// How often calls are looked for that are due.
const CALLS_EVERY: Duration = Duration::from_secs(1);
/// How long no other node looks at a call that this one does.
const LEASE: Duration = Duration::from_secs(30);
/// Calls that are taken up at once.
const BATCH: usize = 64;
/// How often a call is tried that a late turn overtakes.
const TRIES: usize = 4;
/// How often what is no longer needed is dropped: idle memory, finished calls, versions.
const TIDY_EVERY: Duration = Duration::from_mins(1);
/// How often versions in service are reported to the store.
const KEEP_EVERY: Duration = Duration::from_hours(1);
/// How long a version stays in the store that no call is on, no node has in service, and no trail needs any more.
const FORGET_AFTER: Duration = Duration::from_hours(24);

/// Ends calls whose end was reported or that have been silent for too long. Runs until it is dropped.
pub async fn end_calls(app: Data<App>) {
    loop {
        match sweep(&app, app.store.now()).await {
            Ok(BATCH..) => continue,
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "Calls that are due could not be looked for."),
        }
        tokio::time::sleep(CALLS_EVERY).await;
    }
}

/// Ends the calls that are due, and returns how many.
///
/// Once the store's time has moved forward at once, calls look silent that are not: they have their whole time again.
///
/// # Errors
/// When the store is away.
pub async fn sweep(app: &App, now: Timestamp) -> Result<usize, store::Error> {
    let silent_after = app.times.silent_after;
    let whose = match app.store.since_leap() {
        Some(since) if since < silent_after => Whose::Reported,
        _ => Whose::Any,
    };
    let lease = if whose == Whose::Reported {
        silent_after
    } else {
        LEASE
    };
    let due = app.store.lease_calls(now, now + lease, BATCH).await?;
    for sid in &due {
        if let Err(error) = end_if(app, sid, whose).await {
            tracing::warn!(call_sid = %sid, %error, "The end of a call could not be acted on; it is tried again.");
        }
    }
    Ok(due.len())
}

/// Which calls are ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Those whose end was reported.
    Reported,
    /// Also those that were silent for too long.
    Any,
}

/// Acts on the end of a call, if its flow is not over.
///
/// # Errors
/// When the store is away.
pub async fn end(app: &App, sid: &CallSid) -> Result<(), store::Error> {
    end_if(app, sid, Whose::Any).await
}

async fn end_if(app: &App, sid: &CallSid, whose: Whose) -> Result<(), store::Error> {
    let mut found = app.store.load(sid).await?;
    for _ in 0..TRIES {
        let Some(stored) = found.take().filter(|stored| !stored.finished) else {
            return Ok(());
        };
        let call = store::decode(sid, &stored.state, app.store.seal())?;
        let (told, rehearsal) = (stored.ended.is_some(), call.opened.rehearsal);
        if whose == Whose::Reported && !told {
            return Ok(());
        }
        let Some(version) = app.version_of(&call).await? else {
            return bury(app, call, &stored).await;
        };
        let from = CommitBase {
            turn: stored.turn,
            revision: stored.revision,
        };
        let moment = stored
            .ended
            .map_or_else(|| app.clock.now(), |ended| ended.at);
        let input = if sid.is_placement() {
            Input::Placed(PlacedOutcome::Failed)
        } else {
            ending(told)
        };
        let plan = TurnPlan {
            version,
            call,
            input: &input,
            from,
            leaves: None,
        };
        match app.commit_turn(plan, moment).await? {
            (Committed::Done, _) => {
                if !told && !rehearsal {
                    app.metrics.swept.inc();
                }
                return Ok(());
            }
            // A last turn came in between. If the carrier reported the end of the call, that still holds.
            (Committed::Behind(stored), _) if stored.ended.is_some() => found = Some(stored),
            _ => return Ok(()),
        }
    }
    Ok(())
}

/// Ends a call whose flow nobody knows any more, so that it does not come up for ever.
async fn bury(app: &App, call: Call, stored: &Stored) -> Result<(), store::Error> {
    tracing::error!(call_sid = %call.sid, flow = call.flow, version = %call.version, "A call ends whose flow version is nowhere kept.");
    let (version, input, now) = (
        call.version,
        ending(stored.ended.is_some()),
        app.clock.now(),
    );
    let buried = turns::bury(call);
    let (seal, call) = (app.store.seal(), &buried.call);
    let trail = if app.store.keeps_trails() {
        let reply = fingerprint(&stored.reply);
        vec![Trace::of(None, &buried, &input, false, now, reply, seal)?]
    } else {
        Vec::new()
    };
    let commit = Commit {
        sid: call.sid.clone(),
        from_turn: stored.turn,
        from_revision: stored.revision,
        turn: call.turn,
        state: stored.state.clone(),
        reply: stored.reply.clone(),
        version,
        finished: true,
        due: app.store.now(),
        rows: Vec::new(),
        trail,
    };
    app.store.commit(commit).await?;
    app.cache.remove(&call.sid);
    Ok(())
}

/// Keeps the house in order. Runs until it is dropped.
pub async fn tidy(app: Data<App>) {
    let mut since_keep = KEEP_EVERY;
    loop {
        if since_keep >= KEEP_EVERY && keep_versions(&app).await {
            since_keep = Duration::ZERO;
        }
        tokio::time::sleep(TIDY_EVERY).await;
        since_keep += TIDY_EVERY;
        app.cache.forget_idle();
        app.flows.forget_idle();
        if let Err(error) = app.store.expire_finished(app.store.now()).await {
            tracing::debug!(%error, "Finished calls could not be forgotten.");
        }
        if let Err(error) = app.store.expire_trails(app.store.now()).await {
            tracing::debug!(%error, "Old trails could not be forgotten.");
        }
        if let Err(error) = app.store.expire_delivered(app.clock.now()).await {
            tracing::debug!(%error, "Old deliveries could not be forgotten.");
        }
    }
}

/// Reports to the store which versions are in service, and lets it delete those that nobody needs.
async fn keep_versions(app: &App) -> bool {
    let versions: Vec<Arc<FlowVersion>> = app.flows.current().by_name.values().cloned().collect();
    for version in &versions {
        if let Err(error) = version.keep_again(&app.store, app.store.now()).await {
            tracing::warn!(%error, flow = version.flow.name, "A flow version could not be kept yet.");
            return false;
        }
    }
    let in_service: Vec<_> = versions
        .iter()
        .map(|version| version.fingerprint())
        .collect();
    let before = app.store.now() - app.store.keep_trail() - FORGET_AFTER;
    match app.store.forget_versions(&in_service, before).await {
        Ok(0) => {}
        Ok(forgotten) => tracing::info!(
            forgotten,
            "Flow versions that no call is on were forgotten."
        ),
        Err(error) => tracing::debug!(%error, "Old flow versions could not be forgotten."),
    }
    true
}

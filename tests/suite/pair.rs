//! Two nodes on one Redis.

use super::backend::Backend;
use super::caller::Caller;
use super::figures::Figures;
use super::ledger::settle;
use super::redis_server::{Redis, until};
use super::server::{Plan, Server};

/// Two nodes, the Redis that they share, and the backend.
pub struct Pair {
    /// The first node.
    pub one: Server,
    /// The second.
    pub other: Server,
    /// The Redis that they share.
    pub redis: Redis,
    /// Who gets what they submit.
    pub backend: Backend,
}

impl Pair {
    /// As they come.
    pub async fn start() -> Self {
        Self::with(|plan| plan).await
    }

    /// With other settings.
    pub async fn with(change: impl Fn(Plan) -> Plan) -> Self {
        Self::on(Redis::start().await, change).await
    }

    /// On a Redis with options of its own, with other settings.
    pub async fn on(redis: Redis, change: impl Fn(Plan) -> Plan) -> Self {
        let backend = Backend::start().await;
        let plan = Plan::default()
            .set("STORE__URL", redis.url())
            .pickups(&backend);
        let plan = change(plan);
        Self {
            one: plan.clone().start(),
            other: plan.start(),
            redis,
            backend,
        }
    }

    /// A caller whose requests go to the one and the other in turn.
    pub fn caller(&self) -> Caller {
        Caller::of(&[&self.one, &self.other])
    }

    /// The sum of a figure over both.
    pub async fn figure(&self, name: &str) -> u64 {
        Figures::of(&self.one).await.sum(name) + Figures::of(&self.other).await.sum(name)
    }

    /// Waits until no call is on.
    pub async fn all_over(&self) {
        until("every call is over", async || {
            self.redis
                .ask::<Vec<String>>(&["KEYS", "hs:*:due"])
                .await
                .is_empty()
        })
        .await;
    }

    /// Holds what callers heard against the backend: one submission each, that came once.
    pub async fn one_delivery_each(&self, heard: &[String]) {
        assert_eq!(settle(&self.other, &self.backend, heard).await, []);
        assert_eq!(self.backend.received().len(), heard.len());
    }
}

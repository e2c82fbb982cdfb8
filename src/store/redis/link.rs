//! How requests reach Redis: at one server, or at whichever node of a cluster serves their slot.

use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, ErrorKind, Pipeline, RedisResult, ServerErrorKind, Value};

use super::address::RedisAddress;
use super::cluster::Cluster;
use super::keys::{BUCKETS, Bucket};
use super::lane::Lane;
use super::lanes::Lanes;
use super::script::ScriptCall;
use super::source::Source;

/// Requests sent at once; more go in several rounds.
const ROUND: usize = 1_024;

/// The way to Redis.
pub(super) enum Link {
    Lanes(Lanes),
    Cluster(Arc<Cluster>),
}

impl Link {
    /// Connects. Each answer may take `response`.
    ///
    /// # Errors
    /// When Redis cannot be reached.
    pub async fn open(address: RedisAddress, response: Duration) -> RedisResult<Self> {
        match address {
            RedisAddress::Single(info) => Ok(Self::Lanes(
                Lanes::open(Source::single(info, response), response).await?,
            )),
            RedisAddress::Sentinel(info) => Ok(Self::Lanes(
                Lanes::open(Source::sentinel(info, response)?, response).await?,
            )),
            RedisAddress::Cluster(seeds) => {
                Ok(Self::Cluster(Cluster::open(seeds, response).await?))
            }
        }
    }

    /// Whether parts of it may be away by themselves.
    pub fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// A bucket of every server.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> {
        let buckets = match self {
            Self::Lanes(_) => vec![*BUCKETS.start()],
            Self::Cluster(cluster) => cluster.buckets(),
        };
        buckets.into_iter()
    }

    /// Sends one request.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let value = match self {
            Self::Lanes(lanes) => lanes.here().send(command).await?,
            // Boxed, so that it takes no room in the turns of other stores.
            Self::Cluster(cluster) => Box::pin(cluster.send(command)).await?,
        };
        accept(value)
    }

    /// Runs a script.
    ///
    /// # Errors
    /// As [`Link::send`].
    pub async fn run(&self, call: &ScriptCall) -> RedisResult<Value> {
        match self.send(call.command()).await {
            Err(error) if is_unknown(error.kind()) => Box::pin(self.send(&call.in_full())).await,
            result => result,
        }
    }

    /// Sends many requests at once, each with its own result: of a cluster a part may be away.
    pub async fn send_all(&self, commands: Vec<Cmd>) -> Vec<RedisResult<Value>> {
        let mut results = Vec::with_capacity(commands.len());
        for round in commands.chunks(ROUND) {
            match self {
                Self::Lanes(lanes) => results.extend(send_round(&lanes.here(), round).await),
                Self::Cluster(cluster) => results.extend(cluster.send_all(round).await),
            }
        }
        results
    }

    /// Runs many scripts at once, each with its own result.
    pub async fn run_all(&self, calls: &[ScriptCall]) -> Vec<RedisResult<Value>> {
        let mut results = self
            .send_all(calls.iter().map(|call| call.command().clone()).collect())
            .await;
        let unknown: Vec<_> = (0..results.len())
            .filter(|&index| matches!(&results[index], Err(error) if is_unknown(error.kind())))
            .collect();
        if !unknown.is_empty() {
            let in_full = unknown
                .iter()
                .map(|&index| calls[index].in_full())
                .collect();
            for (index, result) in unknown.into_iter().zip(self.send_all(in_full).await) {
                results[index] = result;
            }
        }
        results
    }

    /// Asks every server that takes writes.
    ///
    /// # Errors
    /// When one refuses or does not answer.
    pub async fn ask_each(&self, command: Cmd) -> RedisResult<Vec<Value>> {
        match self {
            Self::Lanes(_) => Ok(vec![self.send(&command).await?]),
            Self::Cluster(cluster) => cluster
                .ask_each(&command)
                .await?
                .into_iter()
                .map(accept)
                .collect(),
        }
    }
}

async fn send_round(lane: &Arc<Lane>, round: &[Cmd]) -> Vec<RedisResult<Value>> {
    let mut pipeline = Pipeline::with_capacity(round.len());
    for command in round {
        pipeline.add_command(command.clone());
    }
    match lane.send_all(&pipeline).await {
        Ok(values) => values.into_iter().map(accept).collect(),
        Err(error) => round.iter().map(|_| Err(error.clone())).collect(),
    }
}

fn accept(value: Value) -> RedisResult<Value> {
    match value {
        Value::ServerError(error) => Err(error.into()),
        value => Ok(value),
    }
}

fn is_unknown(kind: ErrorKind) -> bool {
    kind == ErrorKind::Server(ServerErrorKind::NoScript)
}

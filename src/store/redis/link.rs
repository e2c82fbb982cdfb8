//! How requests reach Redis: over a connection a thread, or over a cluster's client.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::join_all;
use redis::aio::ConnectionLike;
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
use redis::{Cmd, ErrorKind, Pipeline, RedisResult, ServerErrorKind, Value};

use super::address::Address;
use super::lane::Lane;
use super::script::Call;
use super::source::Source;

/// How long a cluster's node may take to be connected to.
const CONNECT: Duration = Duration::from_secs(1);
/// The shortest and the longest wait before the cluster's client tries again, in milliseconds.
const AGAIN: (u64, u64) = (20, 200);
/// Requests sent at once; more go in several rounds.
const ROUND: usize = 1_024;

/// The way to Redis.
pub(super) enum Link {
    Lanes(Lanes),
    Cluster(ClusterConnection),
}

impl Link {
    /// Connects. Each answer may take `response`.
    ///
    /// # Errors
    /// When Redis cannot be reached.
    pub async fn open(address: Address, response: Duration) -> RedisResult<Self> {
        match address {
            Address::Single(info) => Ok(Self::Lanes(Lanes::open(Source::single(info, response)?, response).await?)),
            Address::Sentinel(info) => Ok(Self::Lanes(Lanes::open(Source::sentinel(info, response)?, response).await?)),
            Address::Cluster(nodes) => {
                let client = ClusterClientBuilder::new(nodes)
                    .connection_timeout(CONNECT)
                    .response_timeout(response)
                    .overall_response_timeout(Some(response))
                    .tcp_settings(redis::io::tcp::TcpSettings::default().set_nodelay(true))
                    .min_retry_wait(AGAIN.0)
                    .max_retry_wait(AGAIN.1)
                    .build()?;
                Ok(Self::Cluster(client.get_async_connection().await?))
            }
        }
    }

    /// Sends one request.
    ///
    /// # Errors
    /// When it is refused, or no answer comes in time.
    pub async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let value = match self {
            Self::Lanes(lanes) => lanes.here().send(command).await?,
            Self::Cluster(cluster) => cluster.clone().req_packed_command(command).await?,
        };
        accept(value)
    }

    /// Runs a script.
    ///
    /// # Errors
    /// As [`Link::send`].
    pub async fn run(&self, call: &Call) -> RedisResult<Value> {
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
                Self::Cluster(_) => results.extend(join_all(round.iter().map(|command| self.send(command))).await),
            }
        }
        results
    }

    /// Runs many scripts at once, each with its own result.
    pub async fn run_all(&self, calls: &[Call]) -> Vec<RedisResult<Value>> {
        let mut results = self.send_all(calls.iter().map(|call| call.command().clone()).collect()).await;
        let unknown: Vec<_> = (0..results.len())
            .filter(|&index| matches!(&results[index], Err(error) if is_unknown(error.kind())))
            .collect();
        if !unknown.is_empty() {
            let in_full = unknown.iter().map(|&index| calls[index].in_full()).collect();
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
        let Self::Cluster(cluster) = self else { return Ok(vec![self.send(&command).await?]) };
        let everywhere = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        match cluster.clone().route_command(command, everywhere).await?.extract_error()? {
            Value::Map(answers) => Ok(answers.into_iter().map(|(_, answer)| answer).collect()),
            Value::Array(answers) => Ok(answers),
            other => Ok(vec![other]),
        }
    }
}

/// Connections to one server, one for each thread that asks: a thread's runtime then reads its own answers, and no turn
/// waits for another thread to wake.
pub(super) struct Lanes {
    number: u64,
    source: Arc<Source>,
    patience: Duration,
    open: Mutex<Vec<Arc<Lane>>>,
}

thread_local! {
    /// This thread's lanes, by the number of the link that they belong to.
    static HERE: RefCell<Vec<(u64, Weak<Lane>)>> = const { RefCell::new(Vec::new()) };
}

impl Lanes {
    async fn open(source: Source, patience: Duration) -> RedisResult<Self> {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let connection = source.connect().await?;
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let lanes = Self { number, source: Arc::new(source), patience, open: Mutex::new(Vec::new()) };
        lanes.add(Lane::new(lanes.source.clone(), Some(connection), patience));
        Ok(lanes)
    }

    fn here(&self) -> Arc<Lane> {
        let known = HERE.with_borrow(|lanes| {
            lanes.iter().find(|(number, _)| *number == self.number).and_then(|(_, lane)| lane.upgrade())
        });
        known.unwrap_or_else(|| self.add(Lane::new(self.source.clone(), None, self.patience)))
    }

    fn add(&self, lane: Arc<Lane>) -> Arc<Lane> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(lane.clone());
        HERE.with_borrow_mut(|lanes| {
            lanes.retain(|(_, lane)| lane.strong_count() > 0);
            lanes.push((self.number, Arc::downgrade(&lane)));
        });
        lane
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

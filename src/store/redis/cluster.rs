//! A cluster: requests go to the node that serves their slot, and follow the slot wherever it goes.
//!
//! A request that its node does not take (it is away, or the slot is another's now) is sent again for as long as an
//! answer may take: every write is a script that does nothing when its work is done. Meanwhile `cluster/layout.rs` finds
//! out who serves what. So a node that is away holds up only slots that nobody has taken over, and no request waits for
//! what becomes of the slot of another.
//!
//! The `redis` crate has a client for clusters, which is not used: while it looks at the slots none of its requests move,
//! and with more than a hundred of them under way some hold the lock that the look waits for, for ever.

mod layout;
mod slots;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::future::{join_all, try_join_all};
use redis::{
    Cmd, ConnectionInfo, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind, Value, cmd,
};
use tokio::time::timeout;

use self::layout::{ClusterNode, KnownNodes, SlotMap};
use self::slots::{Endpoint, slot_of};
use super::keys::{BUCKETS, Bucket, RedisKey};
use super::lane::{Failed, Lane};

/// How long a request waits before it is sent again, unless its node is back sooner.
const AGAIN: Duration = Duration::from_millis(50);

/// The nodes, and who serves what.
pub(super) struct Cluster {
    known: KnownNodes,
    map: ArcSwap<SlotMap>,
    patience: Duration,
}

/// What became of a request.
enum Tried {
    Done(RedisResult<Value>),
    /// Another node is to be asked: with `ASKING` while the slot is on its way there.
    Elsewhere {
        node: Endpoint,
        asking: bool,
        error: RedisError,
    },
    /// Nobody takes it now; its node may be back when the lane to it is mended.
    Later(RedisError, Option<(Arc<Lane>, Failed)>),
}

impl Cluster {
    /// Finds out who serves what. Each request may take `patience`.
    ///
    /// # Errors
    /// When no node answers.
    pub async fn open(seeds: Vec<ConnectionInfo>, patience: Duration) -> RedisResult<Arc<Self>> {
        let known = KnownNodes::new(seeds, patience);
        let map = known.look(&SlotMap::default()).await?;
        Ok(Arc::new(Self {
            known,
            map: ArcSwap::from_pointee(map),
            patience,
        }))
    }

    /// Sends one request.
    ///
    /// # Errors
    /// When nobody takes it in time.
    pub async fn send(self: &Arc<Self>, command: &Cmd) -> RedisResult<Value> {
        let node = self.map.load().node(slot_of(command)).cloned();
        match self.try_at(node, command).await {
            Tried::Done(result) => result,
            tried => Box::pin(self.send_again(command, tried)).await,
        }
    }

    /// Sends many requests at once, each with its own result. Those of a node share a round trip.
    pub async fn send_all(self: &Arc<Self>, commands: &[Cmd]) -> Vec<RedisResult<Value>> {
        let map = self.map.load_full();
        let mut tried: Vec<_> = commands
            .iter()
            .map(|_| Tried::Later(nobody(), None))
            .collect();
        let rounds = map.nodes().map(async |node| {
            let is_its_own = |command| {
                map.node(slot_of(command))
                    .is_some_and(|other| Arc::ptr_eq(node, other))
            };
            let (places, round): (Vec<_>, Vec<_>) = commands
                .iter()
                .enumerate()
                .filter(|(_, command)| is_its_own(command))
                .unzip();
            places
                .into_iter()
                .zip(self.try_round(node, &round).await)
                .collect::<Vec<_>>()
        });
        for (place, answer) in join_all(rounds).await.into_iter().flatten() {
            tried[place] = answer;
        }
        let finish = async |(command, tried)| match tried {
            Tried::Done(result) => result,
            tried => self.send_again(command, tried).await,
        };
        join_all(commands.iter().zip(tried).map(finish)).await
    }

    /// A bucket of every node, and one that nobody serves if there are any.
    pub fn buckets(&self) -> Vec<Bucket> {
        let map = self.map.load();
        let node = |bucket| {
            map.node(slot_of(cmd("GET").arg(RedisKey::Probe(bucket))))
                .map(Arc::as_ptr)
        };
        let mut nodes = HashSet::new();
        BUCKETS
            .filter(|bucket| nodes.insert(node(*bucket)))
            .collect()
    }

    /// Asks every node that serves slots.
    ///
    /// # Errors
    /// When one refuses or does not answer.
    pub async fn ask_each(&self, command: &Cmd) -> RedisResult<Vec<Value>> {
        let map = self.map.load_full();
        try_join_all(
            map.nodes()
                .map(async |node| node.lane().send(command).await),
        )
        .await
    }

    async fn try_at(self: &Arc<Self>, node: Option<Arc<ClusterNode>>, command: &Cmd) -> Tried {
        let Some(node) = node else {
            return self.judge(Tried::Later(nobody(), None));
        };
        let lane = node.lane();
        self.read(&node, &lane, lane.try_send(command).await)
    }

    /// Sends a request to a node that its slot is on its way to.
    async fn try_asking(self: &Arc<Self>, node: Arc<ClusterNode>, command: &Cmd) -> Tried {
        let mut round = Pipeline::with_capacity(2);
        round
            .add_command(cmd("ASKING"))
            .add_command(command.clone());
        let lane = node.lane();
        let answer = lane.try_send_all(&round).await;
        self.read(
            &node,
            &lane,
            answer.map(|mut values| values.pop().unwrap_or(Value::Nil)),
        )
    }

    async fn try_round(self: &Arc<Self>, node: &Arc<ClusterNode>, commands: &[&Cmd]) -> Vec<Tried> {
        if commands.is_empty() {
            return Vec::new();
        }
        let mut round = Pipeline::with_capacity(commands.len());
        for command in commands {
            round.add_command((*command).clone());
        }
        let lane = node.lane();
        match lane.try_send_all(&round).await {
            Ok(values) => values
                .into_iter()
                .map(|value| self.read(node, &lane, Ok(value)))
                .collect(),
            Err(failed) => commands
                .iter()
                .map(|_| self.read(node, &lane, Err(failed.clone())))
                .collect(),
        }
    }

    fn read(
        self: &Arc<Self>,
        node: &ClusterNode,
        lane: &Arc<Lane>,
        answer: Result<Value, Failed>,
    ) -> Tried {
        self.judge(match answer {
            Ok(Value::ServerError(error)) => refused(error.into(), &node.endpoint.host),
            Ok(value) => Tried::Done(Ok(value)),
            // What took too long once is not tried again.
            Err(failed) if failed.error.is_timeout() => Tried::Done(Err(failed.error)),
            Err(failed) => Tried::Later(failed.error.clone(), Some((lane.clone(), failed))),
        })
    }

    /// Looks at the slots where an answer tells that they may not be as they are known. One that is on its way to another
    /// node is no such sign: who serves it has not changed yet.
    fn judge(self: &Arc<Self>, tried: Tried) -> Tried {
        let is_news = match &tried {
            Tried::Done(result) => result.as_ref().is_err_and(RedisError::is_timeout),
            Tried::Elsewhere { asking, .. } => !asking,
            Tried::Later(error, _) => error.kind() != ErrorKind::Server(ServerErrorKind::TryAgain),
        };
        if is_news {
            self.look();
        }
        tried
    }

    async fn send_again(self: &Arc<Self>, command: &Cmd, tried: Tried) -> RedisResult<Value> {
        let mut failed = nobody();
        match timeout(self.patience, self.insist(command, tried, &mut failed)).await {
            Ok(result) => result,
            Err(_) => Err(failed),
        }
    }

    /// Sends a request until somebody takes it. Notes why nobody did so far.
    async fn insist(
        self: &Arc<Self>,
        command: &Cmd,
        mut tried: Tried,
        failed: &mut RedisError,
    ) -> RedisResult<Value> {
        let mut sent_on = false;
        loop {
            tried = match tried {
                Tried::Done(result) => return result,
                // Two that name each other are just handing the slot over: then it waits.
                Tried::Elsewhere {
                    node,
                    asking,
                    error,
                } if !sent_on => {
                    (sent_on, *failed) = (true, error);
                    let node = self.known.node(&node);
                    if asking {
                        self.try_asking(node, command).await
                    } else {
                        self.try_at(Some(node), command).await
                    }
                }
                Tried::Elsewhere { error, .. } | Tried::Later(error, None) => {
                    *failed = error;
                    tokio::time::sleep(AGAIN).await;
                    sent_on = false;
                    self.try_at(self.map.load().node(slot_of(command)).cloned(), command)
                        .await
                }
                Tried::Later(error, Some((lane, broken))) => {
                    *failed = error;
                    // Mended or not: by now the slot may be another's.
                    let _ = timeout(AGAIN, lane.mended(&broken)).await;
                    sent_on = false;
                    self.try_at(self.map.load().node(slot_of(command)).cloned(), command)
                        .await
                }
            };
        }
    }

    /// Finds out in the background who serves what, unless that is under way.
    fn look(self: &Arc<Self>) {
        let Some(turn) = self.known.begin_look() else {
            return;
        };
        let cluster = Arc::clone(self);
        tokio::spawn(async move {
            match cluster.known.look(&cluster.map.load_full()).await {
                Ok(map) => cluster.map.store(Arc::new(map)),
                Err(error) => {
                    tracing::warn!(%error, "No node of the cluster reports the layout.");
                }
            }
            tokio::time::sleep(AGAIN).await;
            drop(turn);
        });
    }
}

/// What a refusal means, by a node at `asked`.
fn refused(error: RedisError, asked: &str) -> Tried {
    let ErrorKind::Server(kind) = error.kind() else {
        return Tried::Done(Err(error));
    };
    let node = error
        .redirect_node()
        .and_then(|(node, _)| Endpoint::parse(node, asked));
    match (kind, node) {
        (ServerErrorKind::Moved, Some(node)) => Tried::Elsewhere {
            node,
            asking: false,
            error,
        },
        (ServerErrorKind::Ask, Some(node)) => Tried::Elsewhere {
            node,
            asking: true,
            error,
        },
        (
            ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::BusyLoading
            | ServerErrorKind::ReadOnly,
            _,
        ) => Tried::Later(error, None),
        _ => Tried::Done(Err(error)),
    }
}

fn nobody() -> RedisError {
    (
        ErrorKind::ClusterConnectionNotFound,
        "no node of the cluster serves the slot",
    )
        .into()
}

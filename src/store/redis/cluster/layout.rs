//! Who serves what: asked of every node that is known, and believed when most say so.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use redis::{Client, ConnectionAddr, ConnectionInfo, ErrorKind, RedisError, RedisResult, cmd};

use super::slots::{Endpoint, Layout, SLOTS};
use crate::store::redis::address::at_host;
use crate::store::redis::lane::Lane;
use crate::store::redis::lanes::Lanes;
use crate::store::redis::source::{Source, ask};

/// A node that requests are sent to.
pub(super) struct ClusterNode {
    pub endpoint: Endpoint,
    lanes: Lanes,
}

impl ClusterNode {
    /// The connection of the thread that asks.
    pub fn lane(&self) -> Arc<Lane> {
        self.lanes.here()
    }
}

/// Who serves what, as far as is known.
#[derive(Default)]
pub(super) struct SlotMap {
    layout: Layout,
    nodes: Vec<Arc<ClusterNode>>,
    /// For each slot the place of its node.
    slots: Vec<Option<u16>>,
}

impl SlotMap {
    /// The node that serves a slot; for what lies in none, any.
    pub fn node(&self, slot: Option<u16>) -> Option<&Arc<ClusterNode>> {
        match slot {
            Some(slot) => self
                .slots
                .get(usize::from(slot))
                .copied()
                .flatten()
                .map(|place| &self.nodes[usize::from(place)]),
            None => self.nodes.first(),
        }
    }

    /// Every node that serves slots.
    pub fn nodes(&self) -> impl Iterator<Item = &Arc<ClusterNode>> {
        self.nodes.iter()
    }
}

/// The nodes that are known, and how they are connected to.
pub(super) struct KnownNodes {
    /// Nodes that the settings name; the first one's login and encryption are those of all.
    seeds: Vec<ConnectionInfo>,
    patience: Duration,
    nodes: Mutex<HashMap<Endpoint, Arc<ClusterNode>>>,
    looking: Arc<AtomicBool>,
}

/// The turn of the one who looks; the next may when it is dropped.
pub(super) struct Look(Arc<AtomicBool>);

impl Drop for Look {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl KnownNodes {
    /// Nothing is known but the nodes that the settings name.
    pub fn new(seeds: Vec<ConnectionInfo>, patience: Duration) -> Self {
        Self {
            seeds,
            patience,
            nodes: Mutex::default(),
            looking: Arc::default(),
        }
    }

    /// The node at an endpoint: the one that is known, or a new one.
    pub fn node(&self, endpoint: &Endpoint) -> Arc<ClusterNode> {
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let lanes = Lanes::new(
                Source::single(self.info(endpoint), self.patience),
                self.patience,
            );
            Arc::new(ClusterNode {
                endpoint: endpoint.clone(),
                lanes,
            })
        };
        nodes.entry(endpoint.clone()).or_insert_with(new).clone()
    }

    /// Takes the turn to look, unless somebody has it.
    pub fn begin_look(&self) -> Option<Look> {
        (!self.looking.swap(true, Ordering::AcqRel)).then(|| Look(self.looking.clone()))
    }

    /// Asks every node who serves what.
    ///
    /// # Errors
    /// When none answers.
    pub async fn look(&self, before: &SlotMap) -> RedisResult<SlotMap> {
        let named: BTreeSet<_> = self
            .seeds
            .iter()
            .map(|seed| seed.addr().to_string())
            .collect();
        let more = before
            .layout
            .nodes
            .iter()
            .map(|endpoint| self.info(endpoint));
        let more = more.filter(|info| !named.contains(&info.addr().to_string()));
        let answers = join_all(self.seeds.iter().cloned().chain(more).map(ask_layout)).await;
        let mut failed = RedisError::from((
            ErrorKind::ClusterConnectionNotFound,
            "no node serves any slots",
        ));
        let mut told = Vec::new();
        for answer in answers {
            match answer {
                Ok(layout) => told.push(layout),
                Err(error) => failed = error,
            }
        }
        let layout = Layout::agree(&told, &before.layout).ok_or(failed)?;
        if layout.primaries != before.layout.primaries && !before.nodes.is_empty() {
            tracing::info!(
                primaries = layout.primaries().len(),
                "The slots of the cluster have moved."
            );
        }
        Ok(self.map(layout))
    }

    /// Nodes that are named no more are left.
    fn map(&self, layout: Layout) -> SlotMap {
        let primaries = layout.primaries();
        let place = |endpoint| {
            primaries
                .iter()
                .position(|other| *other == endpoint)
                .and_then(|at| u16::try_from(at).ok())
        };
        let mut slots = vec![None; usize::from(SLOTS)];
        for ((first, last), endpoint) in &layout.primaries {
            if let Some(range) = slots.get_mut(usize::from(*first)..=usize::from(*last)) {
                range.fill(place(endpoint));
            }
        }
        let nodes = primaries
            .into_iter()
            .map(|endpoint| self.node(endpoint))
            .collect();
        let mut known = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|endpoint, _| layout.nodes.contains(endpoint));
        drop(known);
        SlotMap {
            layout,
            nodes,
            slots,
        }
    }

    fn info(&self, endpoint: &Endpoint) -> ConnectionInfo {
        let Endpoint { host, port } = endpoint.clone();
        at_host(&self.seeds[0], host, port)
    }
}

/// What a node says of its cluster.
async fn ask_layout(info: ConnectionInfo) -> RedisResult<Layout> {
    let host = match info.addr() {
        ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, .. } => host.clone(),
        _ => String::new(),
    };
    let answer = ask(&Client::open(info)?, cmd("CLUSTER").arg("SLOTS")).await?;
    Layout::read(&answer, &host).ok_or_else(|| {
        (
            ErrorKind::UnexpectedReturnType,
            "not what CLUSTER SLOTS answers",
        )
            .into()
    })
}

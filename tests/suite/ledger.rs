//! What callers heard, held against what the backend got.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::backend::{Backend, Received};
use super::figures::Figures;
use super::server::Server;

/// How long rows of a node that was killed may take: their lease, a sweep, and a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A call heard its final words, and the backend nothing of it.
    Lost(String),
    /// One submission came under several ids.
    Twice(String, Vec<String>),
    /// One id came with several bodies.
    TwoBodies(String),
    /// A delivery was not signed.
    Unsigned(String),
    /// A delivery of a call that nobody made.
    Stranger(String),
}

/// What is wrong where each of these calls has submitted once.
pub fn faults(heard: &[String], received: &[Received]) -> Vec<Fault> {
    let mut ids: BTreeMap<&str, BTreeSet<&str>> = heard
        .iter()
        .map(|sid| (sid.as_str(), BTreeSet::new()))
        .collect();
    let mut bodies: BTreeMap<&str, &Received> = BTreeMap::new();
    let mut faults = Vec::new();
    for delivery in received {
        match ids.get_mut(
            delivery.body["data"]["call"]["sid"]
                .as_str()
                .unwrap_or_default(),
        ) {
            Some(ids) => drop(ids.insert(&delivery.id)),
            None => faults.push(Fault::Stranger(delivery.id.clone())),
        }
        if bodies.entry(&delivery.id).or_insert(delivery).body != delivery.body {
            faults.push(Fault::TwoBodies(delivery.id.clone()));
        }
        if !delivery.signed {
            faults.push(Fault::Unsigned(delivery.id.clone()));
        }
    }
    for (sid, ids) in ids {
        match ids.len() {
            0 => faults.push(Fault::Lost(sid.to_owned())),
            1 => {}
            _ => faults.push(Fault::Twice(
                sid.to_owned(),
                ids.into_iter().map(str::to_owned).collect(),
            )),
        }
    }
    faults
}

/// Waits until the node's store owes nothing to anybody, and tells what is wrong then.
pub async fn settle(server: &Server, backend: &Backend, heard: &[String]) -> Vec<Fault> {
    let begun = Instant::now();
    loop {
        let figures = Figures::of(server).await;
        // Recordings are erased at the carrier when their time is over, in weeks.
        let later = figures.get("outbox_rows{backend=\"@carrier\",state=\"waiting\"}");
        if figures.sum("outbox_rows") == later {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "deliveries are owed for ever");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    faults(heard, &backend.received())
}

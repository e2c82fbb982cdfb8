//! What calls did, as people see it: worked out again from their trails, sensitive answers masked.
//!
//! The trails are the store's, the working out is the engine's; here the flow versions are found that it takes.

mod event;
mod state;
mod traffic;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

pub use self::event::{EventKind, EventView};
pub use self::state::{StateView, ValueChange};
use self::traffic::Counter;
pub use self::traffic::{Traffic, UseCount};
pub use self::view::{CallDetail, CallView, FaultView, InputView, RuleView, TurnView, WayView};
use super::flows::{FlowVersion, Flows, make_up_contacts};
use crate::engine::flow::Bundle;
use crate::engine::{CallSid, Fingerprint, Flow, StepId, Trail};
use crate::outbox::admin;
use crate::store::{CallFilter, Error, Store};
use crate::study::Draft;

/// Where calls are looked up: the store, and the flow versions that a node knows already.
pub struct Archive<'a> {
    /// Where trails and versions are kept.
    pub store: &'a Store,
    /// A node's own versions; `None` where none runs.
    pub flows: Option<&'a Flows>,
    /// The path that stands before ours in every URL that is given out; mostly empty.
    pub prefix: &'a str,
}

/// Which calls a list shows.
#[derive(Clone, Debug, Default)]
pub struct CallQuery {
    /// What the store knows of them.
    pub filter: CallFilter,
    /// Only those that are at a step of this name, or were at last.
    pub step: Option<String>,
    /// Only those that reached a milestone of this name.
    pub reached: Option<String>,
}

/// The flow versions that calls ran on, as far as they are still kept.
pub type FlowVersions = BTreeMap<Fingerprint, Arc<FlowVersion>>;

impl Archive<'_> {
    /// The calls that are wanted, newest first.
    ///
    /// # Errors
    /// When the store cannot be read in time.
    pub async fn list(&self, wanted: &CallQuery) -> Result<Vec<CallView>, Error> {
        let mut filter = wanted.filter.clone();
        if let Some(step) = &wanted.step {
            let named = |flow: &Flow| {
                let steps = (0..).zip(&flow.steps);
                let steps = steps.filter(|(_, known)| known.name == *step);
                steps.map(|(place, _)| place).collect()
            };
            filter.steps = Some(self.steps(named, &filter).await?);
        }
        if let Some(name) = &wanted.reached {
            let named = |flow: &Flow| {
                let known = flow.milestones.iter();
                let known = known.filter(|milestone| milestone.name == *name);
                known
                    .flat_map(|milestone| milestone.steps.clone())
                    .collect()
            };
            filter.entered = Some(self.steps(named, &filter).await?);
        }
        let calls = self.store.calls(&filter).await?;
        let named = calls
            .iter()
            .filter_map(|call| call.flow.as_ref().map(|(_, version)| *version));
        let versions = self.versions(named).await?;
        Ok(calls
            .into_iter()
            .map(|call| CallView::of(call, &versions))
            .collect())
    }

    /// What a call did, turn by turn, and its deliveries; `None` where nothing is kept of it.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn show(&self, sid: &CallSid) -> Result<Option<CallDetail>, Error> {
        let Some((trail, versions)) = self.look_up(sid).await? else {
            return Ok(None);
        };
        let deliveries = admin::of_call(self.store, sid).await?;
        Ok(CallDetail::of(&trail, deliveries, &versions, self.prefix))
    }

    /// The trail of a call, and the flow versions that it takes to work it out again.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn look_up(&self, sid: &CallSid) -> Result<Option<(Trail, FlowVersions)>, Error> {
        let Some(trail) = self.store.trail(sid).await? else {
            return Ok(None);
        };
        let versions = self.versions(begun_on(&trail)).await?;
        Ok(Some((trail, versions)))
    }

    /// The draft of a call, with what its flow version was made of; `None` where too little is kept of it.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn draft(&self, sid: &CallSid) -> Result<Option<(Draft, Bundle)>, Error> {
        let Some((trail, versions)) = self.look_up(sid).await? else {
            return Ok(None);
        };
        let begun = trail.entries.first().and_then(|entry| entry.begun.as_ref());
        let version = begun.and_then(|begun| versions.get(&begun.version));
        Ok(version.and_then(|version| {
            Some((Draft::of(&trail, &version.flow)?, version.bundle().clone()))
        }))
    }

    /// What calls took of a flow, of those that began since a moment.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn traffic(&self, flow: &str, since: Option<Timestamp>) -> Result<Traffic, Error> {
        let filter = CallFilter {
            flow: Some(flow.to_owned()),
            since,
            ..CallFilter::default()
        };
        let mut named = BTreeSet::new();
        self.store
            .each_trail(&filter, |trail| named.extend(begun_on(&trail)))
            .await?;
        let versions = self.versions(named.into_iter()).await?;
        let mut counter = Counter::default();
        self.store
            .each_trail(&filter, |trail| counter.count(&trail, flow, &versions))
            .await?;
        Ok(counter.traffic(flow))
    }

    /// The steps that are wanted of each flow version that calls ran on.
    async fn steps(
        &self,
        wanted: impl Fn(&Flow) -> Vec<StepId>,
        filter: &CallFilter,
    ) -> Result<BTreeSet<(Fingerprint, StepId)>, Error> {
        let mut named = BTreeSet::new();
        let all = CallFilter {
            limit: 0,
            ..filter.clone()
        };
        self.store
            .each_trail(&all, |trail| named.extend(begun_on(&trail)))
            .await?;
        let mut places = BTreeSet::new();
        for (version, known) in self.versions(named.into_iter()).await? {
            let steps = wanted(&known.flow).into_iter();
            places.extend(steps.map(|step| (version, step)));
        }
        Ok(places)
    }

    async fn versions(
        &self,
        named: impl Iterator<Item = Fingerprint>,
    ) -> Result<FlowVersions, Error> {
        let mut versions = FlowVersions::new();
        let named: BTreeSet<_> = named.collect();
        for fingerprint in named {
            let known = self.flows.and_then(|flows| flows.version(fingerprint));
            let version = match known {
                Some(version) => Some(version),
                None => self.fetch(fingerprint).await?,
            };
            versions.extend(version.map(|version| (fingerprint, version)));
        }
        Ok(versions)
    }

    async fn fetch(&self, fingerprint: Fingerprint) -> Result<Option<Arc<FlowVersion>>, Error> {
        let names = |flow: &mut Flow| {
            if let Some(flows) = self.flows {
                flows.folders().tell(flow);
            }
            // Whom a call reached is shown, whether anybody knows the number now or not.
            make_up_contacts(flow);
        };
        match FlowVersion::fetch(fingerprint, self.store, names).await {
            Ok(version) => Ok(version.map(Arc::new)),
            // What is kept of its calls is still shown.
            Err(error @ Error::Corrupt { .. }) => {
                tracing::warn!(%error, "A flow version cannot be used.");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// The flow versions that the visits of a call ran on.
fn begun_on(trail: &Trail) -> impl Iterator<Item = Fingerprint> {
    trail
        .entries
        .iter()
        .filter_map(|entry| entry.begun.as_ref().map(|begun| begun.version))
}

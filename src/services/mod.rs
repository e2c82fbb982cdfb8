//! What a call asks of services while it is on: each request is made within the caller's patience and the limits of what may
//! be asked, and comes to an answer, whatever the service does.
//!
//! Owns how a service is asked: which addresses may be connected to, how much is read, how many requests are under way at
//! once, and when a service that fails is left alone. Leaves to others when a request is made, by which node, and what an
//! answer means (`engine`).

mod address;
mod answer;
mod gate;
mod service;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use address::{Addresses, Resolver, is_forbidden, is_inner};
pub use service::{Service, ServiceError, ServiceTerms};

use crate::engine::{ServiceAnswer, ServiceRequest};

/// How one of many ways to ask ended, for figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskEnd {
    /// The service answered, well or not.
    Answered,
    /// The time was over.
    TimeLimit,
    /// It could not be asked, or no whole answer came.
    Failed,
    /// It was not asked: it has failed too often, or the request may not be made.
    Refused,
}

impl AskEnd {
    /// Every end.
    pub const ALL: [Self; 4] = [Self::Answered, Self::TimeLimit, Self::Failed, Self::Refused];

    /// The word that figures use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::TimeLimit => "time_limit",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

/// Notes every request, and when a service is left alone.
pub trait ServiceObserver: Send + Sync {
    /// A request has ended after so long.
    fn asked(&self, service: &str, end: AskEnd, took: Duration);
    /// A service is left alone, except for a probe from time to time, or no longer.
    fn circuit(&self, service: &str, is_open: bool);
}

/// The services of the settings. Clones are the same.
#[derive(Clone, Default)]
pub struct Services {
    by_name: Arc<BTreeMap<String, Service>>,
    observer: Option<Arc<dyn ServiceObserver>>,
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

impl Services {
    /// These.
    pub fn new(services: Vec<Service>, observer: Option<Arc<dyn ServiceObserver>>) -> Self {
        let by_name = services
            .into_iter()
            .map(|service| (service.name().to_owned(), service));
        Self {
            by_name: Arc::new(by_name.collect()),
            observer,
        }
    }

    /// The one of a name.
    pub fn get(&self, name: &str) -> Option<&Service> {
        self.by_name.get(name)
    }

    /// Makes a request, and again where that does no harm, until `limit` is over. `key` names it: the same for each time
    /// that it is made. Never fails: what goes wrong is an answer, and is logged without anything that was sent.
    pub async fn ask(&self, request: &ServiceRequest, key: &str, limit: Duration) -> ServiceAnswer {
        let started = tokio::time::Instant::now();
        let Some(service) = self.get(&request.service) else {
            tracing::error!(
                service = request.service,
                "A service is asked that the settings do not know: add [services.<name>]."
            );
            return ServiceAnswer::Failed;
        };
        let (answer, end) = service
            .ask(request, key, limit, self.observer.as_deref())
            .await;
        if let Some(observer) = &self.observer {
            observer.asked(&request.service, end, started.elapsed());
        }
        answer
    }
}

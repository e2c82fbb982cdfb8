//! Who asks services for the calls of this node: over sockets, or a test call's world.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use dashmap::DashMap;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::service_world::ServiceWorld;
use crate::engine::{Call, CallSid};
use crate::services::{Service, Services};

/// How long a turn waits for an answer where the settings do not say it.
const IN_TURN: Duration = Duration::from_millis(800);

/// Asks for a call, of which the revision that was written is given, and notes what is answered.
type Ask = dyn Fn(Call, u32) -> BoxFuture<'static, ()> + Send + Sync;

/// Who asks services for the calls of a node.
#[derive(Debug)]
pub enum Asker {
    /// This node, over sockets.
    Sockets(SocketAsker),
    /// Nobody: the world of a test call says what is answered, and when.
    World(ServiceWorld),
}

/// Asks services over sockets, beside the webhooks.
pub struct SocketAsker {
    /// Those of the settings.
    pub services: Services,
    ask: OnceLock<Box<Ask>>,
    runtime: Handle,
    /// The calls for which a request is under way here.
    under_way: Arc<DashMap<CallSid, Arc<Notify>>>,
}

impl fmt::Debug for SocketAsker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SocketAsker").field(&self.services).finish()
    }
}

impl SocketAsker {
    /// One that asks these, on the runtime that it is made on.
    pub fn new(services: Services) -> Self {
        Self {
            services,
            ask: OnceLock::new(),
            runtime: Handle::current(),
            under_way: Arc::default(),
        }
    }

    /// Says how it is asked for a call.
    pub fn ask_by(
        &self,
        ask: impl Fn(Call, u32) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) {
        let _ = self.ask.set(Box::new(ask));
    }
}

impl Asker {
    /// Begins to ask for a call that awaits an answer, which this node alone may do now.
    pub fn begin(&self, call: &Call, revision: u32) {
        let Self::Sockets(asker) = self else { return };
        let Some(ask) = asker.ask.get() else { return };
        let asking = ask(call.clone(), revision);
        let (sid, known) = (call.sid.clone(), Arc::new(Notify::new()));
        asker.under_way.insert(sid.clone(), known.clone());
        let all = Arc::clone(&asker.under_way);
        asker.runtime.spawn(async move {
            asking.await;
            all.remove_if(&sid, |_, other| Arc::ptr_eq(other, &known));
            known.notify_waiters();
        });
    }

    /// What tells when a request of a call has come to an end that is under way here; nothing where none is.
    pub fn under_way(&self, sid: &CallSid) -> Option<Arc<Notify>> {
        match self {
            Self::Sockets(asker) => {
                let known = asker.under_way.get(sid)?;
                Some(Arc::clone(&known))
            }
            Self::World(_) => None,
        }
    }

    /// How long a turn waits for a service.
    pub fn in_turn(&self, service: &str) -> Duration {
        let set = match self {
            Self::Sockets(asker) => asker.services.get(service),
            Self::World(_) => None,
        };
        set.map_or(IN_TURN, Service::in_turn)
    }
}

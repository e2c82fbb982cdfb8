//! A node without a socket, in this process: for calls that are played. A request goes through the very same routes,
//! signature check and store as one that came over a network; only time is set, and nothing is delivered.

mod coverage;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix_web::App as Actix;
use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::http::header::{CONTENT_TYPE, HOST};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;

use super::app::{App, PublicAddress, Times};
use super::asker::Asker;
use super::cache::Cache;
use super::clock::NodeClock;
use super::flows::Flows;
use super::metrics::Metrics;
use super::placing::PlacingTerms;
use super::routes::routes;
use super::service_world::ServiceWorld;
use super::sweeper;
use super::switched_hours::SwitchedHours;
use super::turn_record::TurnRecord;
use super::turn_recorder::TurnRecorder;
use crate::engine::CallSid;
use crate::outbox::{self, Outbox, Surroundings};
use crate::phone::{Method, Request, Response, ServiceReplies, Wire, WireError};
use crate::store::{self, Options, Seal, Store};
use crate::twilio::Tokens;
use crate::verify::SendLimits;

pub use coverage::{Coverage, Covered, FlowCoverage};

/// How long the store may take to answer.
const STORE_DEADLINE: Duration = Duration::from_secs(10);
/// How long after a call's first sign of its end a last turn may come, as by default.
const HANGUP_GRACE: Duration = Duration::from_secs(15);
/// Without a sign of life until a call counts as over, as by default.
const SILENT_AFTER: Duration = Duration::from_mins(30);
/// More calls than are played at once.
const CACHED: usize = 10_000;

/// The header with the service that was asked of a world that does not know it.
const UNFORESEEN: &str = "hookswitch-unforeseen";

/// Where its requests come from.
const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// A node without a socket. It belongs to one thread; what it serves may be shared with others.
pub struct InProcess {
    app: Data<App>,
    recorder: Arc<TurnRecorder>,
    serve: Box<Serve>,
}

/// Answers a request.
type Serve = dyn Fn(TestRequest) -> LocalBoxFuture<'static, Result<Response, WireError>>;

/// Why there is no such node.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error("the store cannot be opened: {0}")]
    Store(#[from] store::Error),
    /// What seals.
    #[error("nothing can be sealed: {0}")]
    Seal(#[from] store::InvalidSealKey),
    /// The outbox.
    #[error("{0}")]
    Outbox(#[from] outbox::Error),
}

/// How long submissions wait for recordings.
const RECORDINGS_WAIT: Duration = Duration::from_mins(2);

/// What the outbox would have sent.
#[derive(Clone, Debug, PartialEq)]
pub struct SentDelivery {
    /// The backend, by its name.
    pub backend: String,
    /// The whole body, sensitive answers readable.
    pub body: serde_json::Value,
    /// The body as people may see it.
    pub masked: serde_json::Value,
}

/// What is left of a call when it is over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallResult {
    /// What the outbox would have sent, in order.
    pub sent: Vec<SentDelivery>,
    /// What was done for a caller who had hung up.
    pub did: TurnRecord,
}

impl InProcess {
    /// The address that it answers to.
    pub const BASE: &str = "http://127.0.0.1";

    /// Starts a node that serves these flows, keeps its calls in memory, and whose calls are watched by `coverage`.
    ///
    /// # Errors
    /// When a part of it cannot be set up.
    pub async fn start(flows: Arc<Flows>, coverage: Option<Arc<Coverage>>) -> Result<Self, Error> {
        Self::start_on("memory:", flows, coverage).await
    }

    /// The same with the store of this URL.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_on(
        url: &str,
        flows: Arc<Flows>,
        coverage: Option<Arc<Coverage>>,
    ) -> Result<Self, Error> {
        let clock = NodeClock::standing(Timestamp::UNIX_EPOCH);
        let stands = clock.clone();
        let options = Options {
            url: url.to_owned(),
            // What is sealed never leaves this process.
            seal: Seal::from_tokens(&["a node in this process"])?,
            deadline: STORE_DEADLINE,
            keep_finished: SILENT_AFTER,
            keep_trail: Duration::ZERO,
            keep_delivered: Duration::ZERO,
        };
        let store = Store::open_beside(
            options,
            store::StoreClock::set(Arc::new(move || stands.now())),
        )
        .await?;
        let outbox = Outbox::start(store.clone(), Vec::new(), &Surroundings::default())?;
        let recorder = Arc::new(TurnRecorder::of_all(coverage));
        let app = Data::new(App {
            store,
            spill: None,
            flows,
            outbox,
            carrier: None,
            asker: Asker::World(ServiceWorld::default()),
            text_account: Some(String::new()),
            placing: PlacingTerms::default(),
            switched: SwitchedHours::default(),
            cache: Cache::new(CACHED),
            metrics: Arc::new(Metrics::default()),
            tokens: Tokens::new(None, None, []),
            address: PublicAddress {
                public: None,
                prefix: String::new(),
                audio: "/audio/".to_owned(),
                listens: SocketAddr::from((Ipv4Addr::LOCALHOST, 80)),
            },
            times: Times {
                hangup_grace: HANGUP_GRACE,
                silent_after: SILENT_AFTER,
                recordings_wait: RECORDINGS_WAIT,
            },
            clock,
            recorder: Arc::clone(&recorder),
            random: || 0,
            draw: || Some(0),
            send_limits: SendLimits::default(),
            verify_form: None,
            node: 1,
            stopping: AtomicBool::new(false),
        });
        let serve = serve(app.clone()).await;
        Ok(Self {
            app,
            recorder,
            serve,
        })
    }

    /// Ends a call: acts on a hang-up once its grace is over, as the sweeper would, and takes what is left of the call.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn end(&self, sid: &str, at: Timestamp) -> Result<CallResult, store::Error> {
        let Ok(sid) = CallSid::parse(sid) else {
            return Ok(CallResult::default());
        };
        self.app
            .clock
            .set(at + HANGUP_GRACE + Duration::from_secs(1));
        sweeper::end(&self.app, &sid).await?;
        if let Asker::World(world) = &self.app.asker {
            world.forget(&sid);
        }
        let mut sent = Vec::new();
        let rows = self.app.store.rows_of(&sid).await?;
        for row in rows {
            let body = serde_json::from_slice(row.json()).unwrap_or_default();
            self.app.store.drop_row(&row.id).await?;
            sent.push(SentDelivery {
                masked: outbox::masked_body(&row),
                backend: row.backend,
                body,
            });
        }
        Ok(CallResult {
            sent,
            did: self.recorder.take(&sid).unwrap_or_default(),
        })
    }

    /// How what a call was handed on for ended, by the action; of a step that the call came to again, the last time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn outcomes(&self, sid: &str) -> Result<Vec<(&'static str, String)>, store::Error> {
        let Ok(sid) = CallSid::parse(sid) else {
            return Ok(Vec::new());
        };
        let Some(found) = self.app.find(&sid).await? else {
            return Ok(Vec::new());
        };
        let Some(version) = self.app.version_of(&found.call).await? else {
            return Ok(Vec::new());
        };
        let action = |step| Some(version.flow.step(step).action.away()?.action);
        let came = found.call.came.iter();
        Ok(came
            .filter_map(|(step, came)| Some((action(*step)?, came.outcome.clone())))
            .collect())
    }

    /// What the turn of a request did, and the service that it asked and that the world does not know.
    fn did(&self, request: &Request) -> Option<(Option<TurnRecord>, Option<String>)> {
        let (_, sid) = request.fields.iter().find(|(name, _)| name == "CallSid")?;
        let sid = CallSid::parse(sid).ok()?;
        let unforeseen = match &self.app.asker {
            Asker::World(world) => world.unforeseen(&sid),
            Asker::Sockets(_) => None,
        };
        Some((self.recorder.take(&sid), unforeseen))
    }
}

impl Wire for InProcess {
    async fn send(&self, request: &Request) -> Result<Response, WireError> {
        let Some(target) = target(&request.url) else {
            return Err(WireError::Host(
                "only what this process serves can be asked in a test".to_owned(),
            ));
        };
        self.app.clock.set(request.at);
        let mut response = (self.serve)(asked(request, target)).await?;
        if let Some((did, unforeseen)) = self.did(request) {
            response
                .headers
                .extend(did.iter().flat_map(TurnRecord::headers));
            let header = |service| (UNFORESEEN.to_owned(), service);
            response.headers.extend(unforeseen.map(header));
        }
        Ok(response)
    }

    fn meets(&self, sid: &str, replies: &ServiceReplies) {
        if let (Asker::World(services), Ok(sid)) = (&self.app.asker, CallSid::parse(sid)) {
            services.meets(&sid, replies);
        }
    }
}

/// Path and query of a URL of ours.
fn target(url: &str) -> Option<&str> {
    let target = url.strip_prefix(InProcess::BASE)?;
    match target {
        "" => Some("/"),
        _ => target.starts_with(['/', '?']).then_some(target),
    }
}

fn asked(request: &Request, target: &str) -> TestRequest {
    let mut asked = TestRequest::with_uri(target)
        .insert_header((HOST, "127.0.0.1"))
        .peer_addr(HERE);
    for (name, value) in &request.headers {
        asked = asked.append_header((name.as_str(), value.as_str()));
    }
    match request.method {
        Method::Get => asked,
        Method::Post => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(&request.fields);
            let asked = asked.method(actix_web::http::Method::POST);
            asked
                .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
                .set_payload(form.finish())
        }
    }
}

async fn serve(app: Data<App>) -> Box<Serve> {
    let service = Rc::new(init_service(Actix::new().configure(routes(app, None))).await);
    Box::new(move |request| {
        let service = Rc::clone(&service);
        Box::pin(async move {
            let broken = |error: actix_web::Error| WireError::Protocol(error.to_string());
            let response = service.call(request.to_request()).await.map_err(broken)?;
            let status = response.status().as_u16();
            let text = |value: &actix_web::http::header::HeaderValue| {
                value.to_str().unwrap_or_default().to_owned()
            };
            let headers = response.headers().iter();
            let headers = headers
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect();
            let body = to_bytes(response.into_body()).await;
            let body = body.map_err(|_| WireError::Protocol("the body broke off".to_owned()))?;
            Ok(Response {
                status,
                headers,
                body,
            })
        })
    })
}

#[cfg(test)]
mod tests;

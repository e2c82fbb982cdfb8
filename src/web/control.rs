//! How an operator's commands reach a node that runs: a JSON API, the same on the control socket and on the admin
//! listener.
//!
//! | request | answer |
//! |---|---|
//! | `GET /api/outbox?backend=&state=&since=&limit=` | `{ "rows": […] }`: what is owed, or `state=delivered`; oldest first; no limit, or 0, is all |
//! | `GET /api/outbox/{id}` | a row, its attempts, the backend's answer and what would be sent, sensitive answers masked; 404 |
//! | `POST /api/outbox/{id}/retry?again=` | `{ "acted": "done" }`; 404 `no_such_row`, 409 `being_sent`; 409 `delivered` without `again=true` |
//! | `POST /api/outbox/retry` with `{ "since", "backend", "why" }` | `{ "retried": 7 }`: what was set aside since then; the page has to say why |
//! | `DELETE /api/outbox/{id}` | `{ "acted": "done" }`; 404 |
//! | `GET /api/outbox/backends` | `{ "backends": […] }`: the state of each, and what it is owed |
//! | `POST /api/outbox/backends/{name}/pause`, `…/resume` | the backend as it is now |
//! | `GET /api/calls?flow=&since=&from=&outcome=&limit=` | `{ "calls": […] }`, newest first; no limit, or 0, is all |
//! | `GET /api/calls/{sid}` | `{ "call": … }`: what it did, turn by turn, sensitive answers masked; null where nothing is kept |
//! | `GET /api/traffic?flow=&since=` | `{ "traffic": … }`: how often calls came to each step of a flow and took each edge |
//! | `GET /api/traffic/picture?flow=&since=` | the same with the flow's picture, the counts on it: `{ "traffic": …, "picture": { "svg": … } }` |
//! | `GET /api/hours` | `{ "hours": […] }`: those that flows read or that are switched, whether they are open, and the switch with who and when |
//! | `POST /api/hours/{name}/switch` with `{ "open", "until", "note" }` | `{ "acted": "done" }`: open or closed until then, whatever the file says |
//! | `DELETE /api/hours/{name}/switch` | the same: as the file says again |
//! | `GET /api/recordings` | `{ "recordings": […] }`: what is asked of the carrier about each, or was |
//! | `GET /api/recordings/{sid}` | `{ "recording": … }`: one of them, and what is noted of its copy; null where nothing is known |
//! | `GET /api/recordings/{sid}/sound` | its sound as WAV, of its copy or else from the carrier; 404 |
//! | `DELETE /api/recordings/{sid}` | `{ "erased": true }`: at the carrier and its copy; false where nothing is known |
//! | `POST /calls` with `{ "flow", "to", "args", "from", "not_before", "not_after" }` and `Idempotency-Key` | 202 and how the call stands that is to be placed; the same again is the same call; 409 where the key was another call's, 422 where it cannot be placed |
//! | `POST /calls/many` with `{ "calls": [{ "key", "call" }], "only_check" }` | `{ "calls": […] }`: what became of each |
//! | `POST /calls/look` with `{ "keys": […] }`, `GET /calls/{id}` | how they stand |
//! | `GET /api/store/verify` | `{ "found": … }`: what is in a store on disk, and what of it is damaged |
//! | `POST /api/store/backup` with `{ "to" }` | the same, of the copy that was written to that file; on the control socket only, else 403 |
//! | `GET /api/node` | its version, where it listens, its flows, and the files that are out of service |
//! | `GET /healthz` | as where webhooks come in, and without a token |
//! | `GET /readyz`, `/metrics` | as where webhooks come in |
//!
//! A request that is not understood is 400, a store that is away 503, a carrier or a place of copies that
//! does not do it 502, all with `{ "error": "…" }`. The other families
//! of commands stand beside `outbox`, a file each.

mod access;
pub mod backends;
mod calls;
pub mod hours;
mod node;
mod outbox;
pub mod page;
pub mod placements;
mod recordings;
pub mod socket;
mod store;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, JsonConfig, QueryConfig, ServiceConfig};
use actix_web::{App as Actix, HttpResponse, HttpServer, ResponseError};
use futures_util::future::join_all;
use serde_json::json;

pub use self::access::CommandAccess;
pub use self::backends::BackendView;
pub use self::node::{NodeView, StoreView};
use self::socket::Socket;
use super::app::App;
use super::console::{self, Console};
use super::guesses::Guesses;
use super::limits::HEAD_TIME;
use super::{audio, health};
use crate::settings::Settings;

/// Connections that are open at once where commands come in.
const CONNECTIONS: usize = 256;

/// What is answered when a command cannot be carried out.
#[derive(Debug, thiserror::Error)]
enum Fault {
    /// The request is not understood.
    #[error("{0}")]
    Request(String),
    /// The store does not do it.
    #[error("{0}")]
    Store(#[from] crate::store::Error),
    /// Something that is neither this node nor its store does not do it.
    #[error("{0}")]
    Elsewhere(String),
    /// Only somebody on this machine may ask for it.
    #[error("only the control socket takes this: run it on the node's own machine")]
    Socket,
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Request(_) => StatusCode::BAD_REQUEST,
            Self::Socket => StatusCode::FORBIDDEN,
            Self::Elsewhere(_) => StatusCode::BAD_GATEWAY,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({ "error": self.to_string() }))
    }
}

/// The places where commands come in, before they are served.
#[derive(Debug)]
pub struct CommandListeners {
    socket: Option<(Socket, UnixListener)>,
    admin: Option<TcpListener>,
}

/// A place where commands come in.
enum CommandListener {
    Socket(UnixListener),
    Admin(TcpListener),
}

impl CommandListeners {
    /// Makes the control socket, to stand beside the admin listener. Where there can be none (the data folder cannot be
    /// written, its path is too long), calls are served without it.
    ///
    /// # Errors
    /// When another node answers there.
    pub fn open(settings: &Settings, admin: Option<TcpListener>) -> Result<Self, socket::Error> {
        match socket::bind(&settings.data.dir) {
            Ok(socket) => Ok(Self {
                socket: Some(socket),
                admin,
            }),
            Err(error @ socket::Error::InUse(_)) => Err(error),
            Err(error) => {
                tracing::warn!(%error, "No control socket: commands reach this node by its admin listener only.");
                Ok(Self {
                    socket: None,
                    admin,
                })
            }
        }
    }

    /// Begins to carry out commands; at the end, those under way have `grace`.
    ///
    /// # Errors
    /// When the system has no more threads or sockets to give.
    pub fn serve(
        self,
        console: &Data<Console>,
        settings: &Settings,
        grace: Duration,
    ) -> io::Result<CommandServer> {
        let app = console.app();
        let mut control = CommandServer {
            socket: None,
            admin: None,
            servers: Vec::new(),
        };
        if let Some((socket, listener)) = self.socket {
            control.socket = Some(socket);
            control.run(serve(
                CommandListener::Socket(listener),
                app.clone(),
                CommandAccess::Socket,
                None,
                grace,
            )?);
        }
        if let Some(listener) = self.admin {
            control.admin = listener.local_addr().ok();
            let guesses = Data::new(Guesses::default());
            let door = CommandAccess::Listener {
                token: settings.admin.token.clone(),
                of_calls: settings.outbound.token.clone(),
                guesses: guesses.clone(),
            };
            let page = page_access(settings, app, guesses).map(|door| (console.clone(), door));
            control.run(serve(
                CommandListener::Admin(listener),
                app.clone(),
                door,
                page,
                grace,
            )?);
        }
        Ok(control)
    }
}

/// Who may open the console on the admin listener. Where webhooks are signed its calls are real ones to real backends,
/// so somebody has to ask for it with a token.
fn page_access(
    settings: &Settings,
    app: &App,
    guesses: Data<Guesses>,
) -> Option<console::PageAccess> {
    match &settings.admin.token {
        Some(token) => Some(console::PageAccess::Token {
            token: token.clone(),
            guesses,
        }),
        None => app
            .tokens
            .is_empty()
            .then_some(console::PageAccess::Here { operates: true }),
    }
}

fn serve(
    place: CommandListener,
    app: Data<App>,
    door: CommandAccess,
    page: Option<(Data<Console>, console::PageAccess)>,
    grace: Duration,
) -> io::Result<Server> {
    let door = Data::new(door);
    let site = move || {
        let mut site = Actix::new().app_data(app.clone()).app_data(door.clone());
        if let Some((console, door)) = page.clone() {
            // Recordings have nothing to hide: whoever knows their hash has heard them.
            site = site
                .configure(page::routes(&door))
                .configure(console::routes(console, door))
                .route("/audio/{tail:.*}", web::get().to(audio::answer));
        }
        // Whoever watches whether the process is there needs no secret for that.
        site = site.route("/healthz", web::get().to(health::live));
        site.service(
            web::scope("")
                .wrap(from_fn(access::guard))
                .configure(routes),
        )
    };
    // One thread: commands are few, and the cores are the callers'.
    let server = HttpServer::new(site)
        .workers(1)
        .max_connections(CONNECTIONS)
        .shutdown_timeout(grace.as_secs());
    let server = server.client_request_timeout(HEAD_TIME).disable_signals();
    let server = match place {
        CommandListener::Socket(listener) => server.listen_uds(listener)?,
        CommandListener::Admin(listener) => server.listen(listener)?,
    };
    Ok(server.run())
}

fn routes(config: &mut ServiceConfig) {
    config
        .app_data(
            JsonConfig::default()
                .error_handler(|error, _| Fault::Request(error.to_string()).into()),
        )
        .app_data(
            QueryConfig::default()
                .error_handler(|error, _| Fault::Request(error.to_string()).into()),
        )
        .route("/readyz", web::get().to(health::ready))
        .route("/metrics", web::get().to(health::metrics))
        .configure(calls::routes)
        .configure(hours::routes)
        .configure(node::routes)
        .configure(outbox::routes)
        .configure(placements::routes)
        .configure(recordings::routes)
        .configure(store::routes);
}

/// The listeners for commands while they are served.
pub struct CommandServer {
    socket: Option<Socket>,
    admin: Option<SocketAddr>,
    servers: Vec<ServerHandle>,
}

impl CommandServer {
    /// Where the admin listener is; the port that was found where none was set.
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    fn run(&mut self, server: Server) {
        self.servers.push(server.handle());
        tokio::spawn(server);
    }

    /// Ends it: first the socket's file goes, so that the next node finds the place free, then what is under way ends.
    pub async fn stop(mut self) {
        drop(self.socket.take());
        join_all(self.servers.iter().map(|server| server.stop(true))).await;
    }
}

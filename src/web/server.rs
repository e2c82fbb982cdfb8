//! Starting a node and ending it: what is opened, what runs beside the webhooks, and in which order it goes.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App as Actix, HttpServer};
use secrecy::ExposeSecret;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::alarms::{self, AlarmChannels, AlarmError};
use super::app::{App, PublicAddress, Times, VerifyForm};
use super::asker::{Asker, SocketAsker};
use super::cache::Cache;
use super::clock::NodeClock;
use super::console::Console;
use super::control::{CommandListeners, CommandServer, socket};
use super::flows::{Flows, Folders, ReloadReport, watch};
use super::limits::{HEAD_TIME, make_room};
use super::metrics::Metrics;
use super::placing::{Dispatcher, PlacingTerms};
use super::recordings::HeldRows;
use super::routes::routes;
use super::spill::Spill;
use super::switched_hours::SwitchedHours;
use super::turn_recorder::TurnRecorder;
use super::turns::ask_for;
use super::{store_watch, sweeper, switched_hours};
use crate::carrier::Carrier;
use crate::carrier::recording::{Archive, ArchiveAccess, ArchiveError};
use crate::outbox::{self, Backend, Outbox, Performer, Surroundings};
use crate::services::{Service, ServiceError, ServiceTerms, Services};
use crate::settings::{Sender, Settings};
use crate::store::{self, Options, Seal, Store};
use crate::twilio::rest::{Logins, PATIENCE, Rest, RestError};
use crate::twilio::{InvalidPublicUrl, PublicUrl, Tokens};

/// How long the store may take to answer; then the caller is held.
const STORE_DEADLINE: Duration = Duration::from_millis(1500);
/// How long requests under way have to end when the node goes, and then deliveries under way.
const GRACE: Duration = Duration::from_secs(10);
/// How long a balancer has to see that the node goes.
const NOTICE: Duration = Duration::from_millis(300);
/// How long connections that were taken in have to reach a worker: one that is still on its way there when the workers
/// end is closed without an answer.
const HANDOVER: Duration = Duration::from_millis(100);
/// The name of the file in the data folder that seals where nothing else is set.
const SEAL_FILE: &str = "seal.key";

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error("the store cannot be opened: {0}")]
    Store(#[from] store::Error),
    /// A key that seals.
    #[error("store.seal_key cannot be used: {0}")]
    Seal(#[from] store::InvalidSealKey),
    /// The file of the key that seals.
    #[error("the key in {file} cannot be used: {source}")]
    SealFile {
        /// Which file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// A backend.
    #[error("{0}")]
    Outbox(#[from] outbox::Error),
    /// The carrier's API.
    #[error("twilio.api_url cannot be used: {0}")]
    Rest(#[from] RestError),
    /// Where recordings are copied to.
    #[error("recordings.copy cannot be used: {0}")]
    Archive(#[from] ArchiveError),
    /// A service.
    #[error("{0}")]
    Service(#[from] ServiceError),
    /// The public URL.
    #[error("server.public_url cannot be used: {0}")]
    PublicUrl(#[from] InvalidPublicUrl),
    /// Those who get alarms.
    #[error("alarms cannot be sent: {0}")]
    Alarms(#[from] AlarmError),
    /// The port.
    #[error("{address} cannot be listened on: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The control socket.
    #[error("{0}")]
    CommandServer(#[from] socket::Error),
    /// What serves commands.
    #[error("commands cannot be served: {0}")]
    Commands(#[source] std::io::Error),
}

/// A node that serves.
pub struct RunningNode {
    /// What its requests share.
    pub app: Data<App>,
    /// Where it listens; the port that was found where none was set.
    pub address: SocketAddr,
    /// What the first look at the flows came to.
    pub report: ReloadReport,
    /// Wakes the reloading of the flows.
    pub reload: mpsc::Sender<()>,
    /// Where commands come in.
    pub control: CommandServer,
    handle: ServerHandle,
    beside: Vec<JoinHandle<()>>,
}

/// Opens everything and begins to serve. `tell` hears what each reload of the flows came to.
///
/// # Errors
/// When something cannot be opened or used; nothing is left running then.
pub async fn start(
    settings: &Settings,
    tell: impl Fn(ReloadReport) + Send + 'static,
) -> Result<(RunningNode, Server), Error> {
    let listener = listen(settings.server.listen)?;
    let address = listener.local_addr().unwrap_or(settings.server.listen);
    let admin = settings.admin.listen.map(listen).transpose()?;
    let store = Store::open(store_options(settings)?).await?;
    let spill = spill(&store, settings).await;
    let listeners = CommandListeners::open(settings, admin)?;
    let (app, report) = shared_state(settings, address, store, spill)?;
    count_flows(&app);
    let (reload, woken) = mpsc::channel(1);
    let mut beside = background_tasks(&app, woken, tell);
    let channels = AlarmChannels::of(&settings.alarms, &address.to_string())?;
    if !channels.all.is_empty() {
        beside.push(tokio::spawn(alarms::watch(app.clone(), channels)));
    }
    let console = Data::new(Console::new(app.clone(), settings, address));
    // Where no token is set and anybody on this machine may call, anybody on it may do so by the page.
    let open = (app.tokens.is_empty() && app.address.is_loopback()).then(|| console.clone());
    let routes = routes(app.clone(), open);
    let server = serve(listener, routes, &settings.server)
        .map_err(|source| Error::Listen { address, source })?;
    let control = listeners
        .serve(&console, settings, GRACE)
        .map_err(Error::Commands)?;
    Ok((
        RunningNode {
            app,
            address,
            report,
            reload,
            control,
            handle: server.handle(),
            beside,
        },
        server,
    ))
}

/// What all requests share, with the flows as they are now and the outbox at work.
fn shared_state(
    settings: &Settings,
    address: SocketAddr,
    store: Store,
    spill: Option<Spill>,
) -> Result<(Data<App>, ReloadReport), Error> {
    let held = Arc::new(HeldRows::default());
    let carrier = carrier(settings)?;
    let mut backends = backends(settings)?;
    let dispatcher = carrier.clone().map(Dispatcher::new);
    let (dispatcher, belongs) = dispatcher.unzip();
    backends.extend(dispatcher.map(|dispatcher| Backend::carrier(Performer::new(dispatcher))));
    let names = backends.iter().map(|backend| backend.name.clone());
    let metrics = Arc::new(Metrics::new(names, settings.services.keys().cloned()));
    let services = Services::new(services(settings)?, Some(metrics.clone()));
    let surroundings = Surroundings {
        observer: metrics.clone(),
        completer: held.clone(),
        ..Surroundings::default()
    };
    let outbox = Outbox::start(store.clone(), backends, &surroundings)?;
    let (flows, report) = Flows::open(Folders::of(settings));
    let app = Data::new(App {
        store,
        spill,
        flows: Arc::new(flows),
        outbox,
        text_account: carrier.as_ref().and(settings.twilio.account_sid.clone()),
        carrier,
        placing: PlacingTerms::of(&settings.outbound),
        asker: Asker::Sockets(SocketAsker::new(services)),
        switched: SwitchedHours::default(),
        cache: Cache::new(settings.calls.cached),
        metrics,
        tokens: tokens(settings),
        address: public(settings, address)?,
        times: Times {
            hangup_grace: settings.calls.hangup_grace,
            silent_after: settings.calls.silent_after,
            recordings_wait: settings.recordings.wait,
        },
        clock: NodeClock::System,
        recorder: Arc::new(TurnRecorder::of_rehearsals()),
        stopping: AtomicBool::new(false),
        random: mark,
        draw: || getrandom::u32().ok(),
        send_limits: settings.verify,
        verify_form: verify_form(settings),
        node: mark(),
    });
    held.complete_with(&app);
    if let Some(belongs) = belongs {
        belongs(&app);
    }
    ask_for(&app);
    Ok((app, report))
}

/// Starts what goes on beside the requests.
fn background_tasks(
    app: &Data<App>,
    woken: mpsc::Receiver<()>,
    tell: impl Fn(ReloadReport) + Send + 'static,
) -> Vec<JoinHandle<()>> {
    let reloading = watch(app.flows.clone(), woken, keep_and_tell(app.clone(), tell));
    vec![
        tokio::spawn(sweeper::end_calls(app.clone())),
        tokio::spawn(sweeper::tidy(app.clone())),
        tokio::spawn(store_watch::watch(app.clone())),
        tokio::spawn(switched_hours::watch(app.clone())),
        tokio::spawn(reloading),
    ]
}

fn store_options(settings: &Settings) -> Result<Options, Error> {
    Ok(Options {
        url: settings.store.url.expose_secret().to_owned(),
        seal: seal(settings)?,
        deadline: STORE_DEADLINE,
        keep_finished: settings.calls.keep_finished,
        keep_trail: settings.calls.keep_trail,
        keep_delivered: settings.outbox.keep_delivered,
    })
}

/// Registers the metrics of the flows in service before the first call.
fn count_flows(app: &App) {
    for version in app.flows.current().by_name.values() {
        version.figures(&app.metrics);
    }
}

/// Versions that came into service are kept before the first call asks for them.
fn keep_and_tell(
    app: Data<App>,
    tell: impl Fn(ReloadReport) + Send + 'static,
) -> impl Fn(ReloadReport) + Send + 'static {
    move |report| {
        count_flows(&app);
        for version in app.flows.current().by_name.values().cloned() {
            let app = app.clone();
            tokio::spawn(async move {
                if let Err(error) = version.keep(&app.store, app.store.now()).await {
                    tracing::warn!(%error, flow = version.flow.name, "A flow version could not be kept yet.");
                }
            });
        }
        tell(report);
    }
}

fn serve(
    listener: TcpListener,
    routes: impl FnOnce(&mut ServiceConfig) + Clone + Send + 'static,
    settings: &crate::settings::Server,
) -> std::io::Result<Server> {
    let server = HttpServer::new(move || Actix::new().configure(routes.clone()))
        .workers(settings.workers)
        .max_connections(make_room(settings.connections).div_ceil(settings.workers))
        .client_request_timeout(HEAD_TIME)
        .shutdown_timeout(GRACE.as_secs())
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

impl RunningNode {
    /// Ends the node: first balancers see it, then requests under way are answered, then deliveries have their time.
    pub async fn stop(self) {
        self.app.stopping.store(true, Ordering::Relaxed);
        tokio::time::sleep(NOTICE).await;
        for task in &self.beside {
            task.abort();
        }
        self.handle.pause().await;
        tokio::time::sleep(HANDOVER).await;
        tokio::join!(self.handle.stop(true), self.control.stop());
        self.app.outbox.stop(GRACE).await;
        if let Err(error) = self.app.store.close().await {
            tracing::error!(%error, "The store did not close well.");
        }
    }
}

/// What web forms prove numbers with.
fn verify_form(settings: &Settings) -> Option<VerifyForm> {
    let form = settings.verify_form.as_ref()?;
    let from = match &form.from {
        Sender::Number(number) => number,
        Sender::Service(sid) => sid,
    };
    Some(VerifyForm {
        token: form.token.clone(),
        from: from.clone(),
        words: form.words.clone(),
        origin: form.origin.clone(),
    })
}

/// A number that no other node has, as good as surely, and never 0, which is nobody's.
fn mark() -> u32 {
    getrandom::u32()
        .unwrap_or_else(|_| std::process::id())
        .max(1)
}

fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    let refuse = |source| Error::Listen { address, source };
    let socket = socket(address).map_err(refuse)?;
    socket.set_nonblocking(true).map_err(refuse)?;
    Ok(socket)
}

fn socket(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address)
}

/// What seals: the keys that are set, else keys from the auth tokens, else a file of the data folder.
fn seal(settings: &Settings) -> Result<Seal, Error> {
    let keys: Vec<&str> = settings
        .store
        .seal_key
        .iter()
        .map(ExposeSecret::expose_secret)
        .collect();
    if !keys.is_empty() {
        return Ok(Seal::from_setting(&keys.join(","))?);
    }
    let main = [&settings.twilio.auth_token, &settings.twilio.auth_token_old];
    let accounts = settings
        .twilio
        .accounts
        .values()
        .map(|account| &account.auth_token);
    let tokens: Vec<&str> = main
        .into_iter()
        .flatten()
        .chain(accounts)
        .map(ExposeSecret::expose_secret)
        .collect();
    if !tokens.is_empty() {
        return Ok(Seal::from_tokens(&tokens)?);
    }
    from_file(&settings.data.dir)
}

fn from_file(folder: &Path) -> Result<Seal, Error> {
    use std::os::unix::fs::DirBuilderExt;
    let file = folder.join(SEAL_FILE);
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder);
    made.and_then(|()| Seal::from_file(&file))
        .map_err(|source| Error::SealFile {
            file: file.display().to_string(),
            source,
        })
}

/// Where the last turns of callers go who are sent away while a store at the other end of a network is away.
async fn spill(store: &Store, settings: &Settings) -> Option<Spill> {
    if !store.is_remote() {
        return None;
    }
    let opened = Spill::open(&settings.data.dir, store.seal().clone()).await;
    let folder = settings.data.dir.display();
    let tell = |error: &std::io::Error| {
        tracing::warn!(%folder, %error, "Last turns of callers cannot be kept on disk while the store is away.");
    };
    opened.inspect_err(tell).ok()
}

fn tokens(settings: &Settings) -> Tokens {
    let twilio = &settings.twilio;
    let accounts = twilio
        .accounts
        .iter()
        .map(|(sid, account)| (sid.as_str(), account.auth_token.expose_secret()));
    let expose = |token: &'_ Option<secrecy::SecretString>| {
        token.as_ref().map(|token| token.expose_secret().to_owned())
    };
    Tokens::new(
        expose(&twilio.auth_token).as_deref(),
        expose(&twilio.auth_token_old).as_deref(),
        accounts,
    )
    .owned_by(twilio.account_sid.as_deref())
    .sharing(
        twilio
            .keys
            .iter()
            .map(|(name, key)| (name.as_str(), key.secret.expose_secret())),
    )
}

fn public(settings: &Settings, address: SocketAddr) -> Result<PublicAddress, Error> {
    let public = settings
        .server
        .public_url
        .as_deref()
        .map(PublicUrl::parse)
        .transpose()?;
    let prefix = public
        .as_ref()
        .map_or_else(String::new, |public| public.path().to_owned());
    let audio = format!("{prefix}/audio/");
    Ok(PublicAddress {
        public,
        prefix,
        audio,
        listens: address,
    })
}

fn backends(settings: &Settings) -> Result<Vec<Backend>, Error> {
    let backend = |(name, backend): (&String, &crate::settings::Backend)| {
        let secret = backend
            .secret
            .as_ref()
            .map_or("", ExposeSecret::expose_secret);
        let mut parsed = Backend::parse(name, &backend.url, secret)?;
        parsed.remembers = backend.remembers;
        parsed.paused = backend.paused;
        parsed.concurrency = backend.concurrency;
        parsed.timeout = backend.timeout;
        parsed.pace = backend.pace;
        Ok(parsed)
    };
    settings.backends.iter().map(backend).collect()
}

fn services(settings: &Settings) -> Result<Vec<Service>, ServiceError> {
    let services = settings.services.iter();
    let service = |(name, service): (&String, &crate::settings::Service)| {
        let headers = service.headers.iter();
        Service::new(ServiceTerms {
            name: name.clone(),
            url: service.url.clone(),
            secret: service.secret.clone(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            private: service.private,
            at_once: service.at_once,
            remembers: service.remembers.is_some(),
            in_turn: service.in_turn,
            signs: service
                .sign
                .and_then(|_| settings.twilio.auth_token.clone()),
            trusted: service.trusted,
        })
    };
    services.map(service).collect()
}

/// Who asks the carrier for what must be done there; nobody where no login is set.
///
/// # Errors
/// When the API or the place for copies of recordings cannot be used.
pub fn carrier(settings: &Settings) -> Result<Option<Carrier>, Error> {
    let Some(rest) = rest(settings)? else {
        return Ok(None);
    };
    let recordings = &settings.recordings;
    let access = ArchiveAccess {
        key: recordings.key.clone(),
        secret: recordings.secret.clone(),
        region: recordings.region.clone(),
        endpoint: recordings.endpoint.clone(),
        patience: None,
    };
    let archive = recordings.copy.as_deref();
    let archive = archive.map(|url| Archive::open(url, &access)).transpose()?;
    let carrier = Carrier::new(rest, archive);
    Ok(Some(carrier.reached_at(settings.server.public_url.clone())))
}

/// The carrier's API with the logins of the settings; nothing where none is set.
///
/// # Errors
/// When it cannot be used.
pub fn rest(settings: &Settings) -> Result<Option<Rest>, Error> {
    let twilio = &settings.twilio;
    if !twilio.has_login() {
        return Ok(None);
    }
    let accounts = twilio.accounts.iter();
    let accounts = accounts.map(|(sid, account)| (sid.as_str(), &account.auth_token));
    let owner = twilio.account_sid.as_deref();
    let mut logins = Logins::new(twilio.auth_token.as_ref(), owner, accounts);
    if let (Some(key), Some(secret)) = (&twilio.api_key, &twilio.api_secret) {
        logins = logins.with_key(key, secret);
    }
    Ok(Some(Rest::new(&twilio.api_url, logins, PATIENCE)?))
}

/// The path that stands before ours in every URL that a node with these settings gives out; mostly empty.
///
/// # Errors
/// When the public URL cannot be used.
pub fn prefix(settings: &Settings) -> Result<String, Error> {
    let public = settings
        .server
        .public_url
        .as_deref()
        .map(PublicUrl::parse)
        .transpose()?;
    Ok(public.map_or_else(String::new, |public| public.path().to_owned()))
}

/// Opens the store as a node would, for commands that work on it while nobody serves it.
///
/// # Errors
/// When it cannot be opened.
pub async fn open_store(settings: &Settings) -> Result<Store, Error> {
    let options = Options {
        url: settings.store.url.expose_secret().to_owned(),
        seal: seal(settings)?,
        deadline: Duration::from_secs(10),
        keep_finished: settings.calls.keep_finished,
        keep_trail: settings.calls.keep_trail,
        keep_delivered: settings.outbox.keep_delivered,
    };
    Ok(Store::open(options).await?)
}

//! How a command reaches what it works on: the node that runs, else the store itself.

use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Client, Method, StatusCode, Url, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::settings::Settings;
use crate::store::{self, Store};
use crate::web::control::socket;
use crate::web::server;

/// How long a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long an answer may take: thousands of rows may have to be written one by one.
const ANSWER_LIMIT: Duration = Duration::from_secs(600);
/// The file of a store on disk, as `store::local` names it.
const STORE_FILE: &str = "hookswitch.redb";

/// Which node is meant
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Place {
    /// Admin listener of a node, instead of the control socket in the data folder
    #[arg(long, global = true, value_name = "URL")]
    server: Option<Url>,
    /// Token of that listener
    ///
    /// Without it, admin.token of the settings is taken (HOOKSWITCH__ADMIN__TOKEN), so that the token need not stand on
    /// the command line.
    #[arg(long, global = true, value_name = "TOKEN", allow_hyphen_values = true)]
    token: Option<String>,
}

/// What a command works on.
pub enum Reached {
    /// A node that runs.
    Node(Remote),
    /// The store, which nobody serves.
    Store(Store),
}

/// Why a command cannot do its work. Everything here is the surroundings' fault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL of `--server` is of another kind.
    #[error("--server `{0}` is not an http or https URL")]
    Url(Url),
    /// The client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[source] reqwest::Error),
    /// The control socket is there and not for us.
    #[error("{} cannot be opened: {source}", path.display())]
    Socket {
        /// Which socket.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The node does not answer.
    #[error("no answer from {at}: {}", chain(source))]
    NoAnswer {
        /// Which node.
        at: String,
        /// Why not.
        source: reqwest::Error,
    },
    /// The node does not do it.
    #[error("{at} answered {status}: {words}")]
    Refused {
        /// Which node.
        at: String,
        /// Its status.
        status: u16,
        /// Its words.
        words: String,
    },
    /// What answers is no node of ours, or of another version.
    #[error("{at} does not answer as a node does: {words}")]
    Strange {
        /// Which node.
        at: String,
        /// What is wrong with its answer.
        words: String,
    },
    /// A store that lives in its process.
    #[error("no node answers at {}, and a store in memory ends with its node", .0.display())]
    Memory(PathBuf),
    /// There is no store where there should be one.
    #[error("no node answers at {}, and there is no store at {}", socket.display(), file.display())]
    NoStore {
        /// Where a node would answer.
        socket: PathBuf,
        /// Where the store would be.
        file: PathBuf,
    },
    /// Somebody serves the store, and does not answer at our socket.
    #[error("no node answers at {}, and yet {source}", socket.display())]
    InUse {
        /// Where a node would answer.
        socket: PathBuf,
        /// Which store.
        source: store::Error,
    },
    /// The store cannot be opened.
    #[error("{0}")]
    Open(#[source] server::Error),
    /// The store does not do it.
    #[error("{0}")]
    Store(#[from] store::Error),
}

impl Error {
    /// What the operator can do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Socket { .. } => Some("run this as the user that the node runs as."),
            Self::Refused { status: 401, .. } => Some("give --token, or set HOOKSWITCH__ADMIN__TOKEN."),
            Self::Refused { status: 403, .. } => Some("set HOOKSWITCH__ADMIN__TOKEN for the node, and give it here."),
            Self::NoStore { .. } | Self::Memory(_) => {
                Some("run this in the node's folder and with its settings, or give --server.")
            }
            Self::InUse { .. } => Some(
                "if the node is just starting or ending, try again; else set HOOKSWITCH__DATA__DIR as the node has it, \
                 or give --server.",
            ),
            _ => None,
        }
    }
}

impl Place {
    /// Reaches the node that is named, else the one at the control socket, else (nobody answers there) the store.
    ///
    /// # Errors
    /// When none of them can be had.
    pub async fn reach(&self, settings: &Settings) -> Result<Reached, Error> {
        let token = self.token.clone().map(SecretString::from).or_else(|| settings.admin.token.clone());
        if let Some(url) = &self.server {
            return Remote::at_url(url, token).map(Reached::Node);
        }
        let socket = settings.data.dir.join(socket::NAME);
        if is_answered(&socket)? {
            return Remote::at_socket(&socket).map(Reached::Node);
        }
        open_store(settings, socket).await.map(Reached::Store)
    }
}

/// Whether a node listens there. A path that is too long for a socket has none.
fn is_answered(path: &Path) -> Result<bool, Error> {
    match UnixStream::connect(path) {
        Ok(_) => Ok(true),
        Err(error) if is_nobody(&error) => Ok(false),
        Err(source) => Err(Error::Socket { path: path.to_owned(), source }),
    }
}

fn is_nobody(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::ConnectionRefused | ErrorKind::InvalidInput
    )
}

/// A store is looked into, never made: an empty one would only say that this is the wrong folder.
async fn open_store(settings: &Settings, socket: PathBuf) -> Result<Store, Error> {
    match settings.store.url.expose_secret().split_once(':') {
        Some(("memory", _)) => return Err(Error::Memory(socket)),
        Some(("local", folder)) if !Path::new(folder).join(STORE_FILE).exists() => {
            return Err(Error::NoStore { socket, file: Path::new(folder).join(STORE_FILE) });
        }
        _ => {}
    }
    server::open_store(settings).await.map_err(|error| match error {
        server::Error::Store(source @ store::Error::InUse(_)) => Error::InUse { socket, source },
        error => Error::Open(error),
    })
}

/// A node that runs.
pub struct Remote {
    client: Client,
    base: Url,
    token: Option<SecretString>,
    /// Its name in messages.
    at: String,
}

impl Remote {
    fn at_socket(path: &Path) -> Result<Self, Error> {
        let client = builder().unix_socket(path).build().map_err(Error::Client)?;
        let base = Url::parse("http://localhost/").expect("it is a URL");
        Ok(Self { client, base, token: None, at: path.display().to_string() })
    }

    fn at_url(url: &Url, token: Option<SecretString>) -> Result<Self, Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Url(url.clone()));
        }
        let client = builder().build().map_err(Error::Client)?;
        let mut base = url.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", url.path()));
        }
        Ok(Self { client, at: base.origin().ascii_serialization(), base, token })
    }

    /// Asks the API: a path below the node's own, fields of a query, perhaps a JSON body.
    ///
    /// # Errors
    /// When no answer comes, or one that is neither a yes nor an `acted`.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), Error> {
        let mut url = self.base.join(path).map_err(|error| self.strange(&error))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.client.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let silent = |source: reqwest::Error| Error::NoAnswer { at: self.at.clone(), source: source.without_url() };
        let response = request.send().await.map_err(silent)?;
        let status = response.status();
        let text = response.text().await.map_err(silent)?;
        self.judge(status, &text)
    }

    fn judge(&self, status: StatusCode, text: &str) -> Result<(StatusCode, Value), Error> {
        let answer: Value = serde_json::from_str(text).unwrap_or_default();
        if (status.is_success() && answer.is_object()) || answer.get("acted").is_some() {
            return Ok((status, answer));
        }
        if status.is_success() {
            return Err(self.strange(&"not with a JSON object"));
        }
        let words =
            answer.get("error").and_then(Value::as_str).unwrap_or("is this a node's admin listener?").to_owned();
        Err(Error::Refused { at: self.at.clone(), status: status.as_u16(), words })
    }

    /// Reads a value out of an answer.
    ///
    /// # Errors
    /// When it is not what a node answers.
    pub fn read<T: serde::de::DeserializeOwned>(&self, answer: Value) -> Result<T, Error> {
        serde_json::from_value(answer).map_err(|error| self.strange(&error))
    }

    fn strange(&self, words: &dyn std::fmt::Display) -> Error {
        Error::Strange { at: self.at.clone(), words: words.to_string() }
    }
}

/// No proxy and no redirect: the token is for this node alone.
fn builder() -> reqwest::ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_LIMIT)
        .timeout(ANSWER_LIMIT)
        .user_agent(concat!("hookswitch/", env!("CARGO_PKG_VERSION")))
}

fn chain(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

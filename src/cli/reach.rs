//! How a command reaches what it works on: the running node, or else the store itself.

mod remote;

use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

pub use self::remote::Remote;
use super::exit;
use crate::carrier::admin::RecordingError;
use crate::settings::Settings;
use crate::store::{self, Store};
use crate::web::control::socket;
use crate::web::server;

/// Which node is meant
#[derive(Clone, Debug, Default, clap::Args)]
pub struct NodeArgs {
    /// Admin listener of a node, instead of the control socket in the data folder
    #[arg(long, global = true, value_name = "URL", value_parser = parse_server)]
    server: Option<Url>,
    /// Token of that listener
    ///
    /// Without it, admin.token of the settings is taken (HOOKSWITCH__ADMIN__TOKEN), so that the token need not be on
    /// the command line.
    #[arg(long, global = true, value_name = "TOKEN", allow_hyphen_values = true)]
    token: Option<String>,
}

fn parse_server(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or("write an http or https URL")
}

/// What a command works on.
pub enum Reached {
    /// A running node.
    Node(Remote),
    /// The store, which no node serves.
    Store(Store),
}

/// Why a command cannot do its work; never the fault of flows or of the command line.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
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
    /// A node serves the store, but does not answer at its socket.
    #[error("no node answers at {}, and yet {source}", socket.display())]
    InUse {
        /// Where a node would answer.
        socket: PathBuf,
        /// Which store.
        source: store::Error,
    },
    /// A node serves the store, and must not.
    #[error("a node answers at {0}")]
    Served(String),
    /// The store cannot be opened.
    #[error("{0}")]
    Open(#[source] server::Error),
    /// The store does not do it.
    #[error("{0}")]
    Store(#[from] store::Error),
    /// A recording cannot be had, or not be erased.
    #[error("{0}")]
    Recording(#[from] RecordingError),
    /// What was asked for cannot be written down.
    #[error("{} cannot be written: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl ReachError {
    /// What the operator can do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Socket { .. } => Some("run this as the user that the node runs as."),
            Self::Refused { status: 401, .. } => {
                Some("give --token, or set HOOKSWITCH__ADMIN__TOKEN.")
            }
            Self::Refused {
                status: 403, words, ..
            } if !words.contains("control socket") => {
                Some("set HOOKSWITCH__ADMIN__TOKEN for the node, and give it here.")
            }
            Self::NoStore { .. } | Self::Memory(_) => {
                Some("run this in the node's folder and with its settings, or give --server.")
            }
            Self::InUse { .. } => Some(
                "if the node is just starting or ending, try again; else set HOOKSWITCH__DATA__DIR as the node has it, \
                 or give --server.",
            ),
            Self::Served(_) => {
                Some("stop it first: a store can be restored only while no node serves it.")
            }
            Self::Open(server::Error::Store(error)) | Self::Store(error) => error.help(),
            _ => None,
        }
    }
}

impl NodeArgs {
    /// Makes sure that no node answers, for what cannot be done under one.
    ///
    /// # Errors
    /// When one does.
    pub fn refuse_node(&self, settings: &Settings) -> Result<(), ReachError> {
        let socket = settings.data.dir.join(socket::NAME);
        if self.server.is_some() || is_answered(&socket)? {
            return Err(ReachError::Served(
                self.server
                    .as_ref()
                    .map_or_else(|| socket.display().to_string(), Url::to_string),
            ));
        }
        Ok(())
    }

    /// Reaches the node that is named, else the one at the control socket, else (nobody answers there) the store.
    ///
    /// # Errors
    /// When none of them can be had.
    pub async fn reach(&self, settings: &Settings) -> Result<Reached, ReachError> {
        let token = self
            .token
            .clone()
            .map(SecretString::from)
            .or_else(|| settings.admin.token.clone());
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

/// The node that serves the data folder of the settings, if one runs.
///
/// # Errors
/// When its control socket is not for us.
pub fn running_node(settings: &Settings) -> Result<Option<Remote>, ReachError> {
    let socket = settings.data.dir.join(socket::NAME);
    let node = is_answered(&socket)?.then(|| Remote::at_socket(&socket));
    node.transpose()
}

/// Does a piece of work in this thread; its result, or the exit code if it failed, which is printed.
pub fn carry_out<T>(work: impl Future<Output = Result<T, ReachError>>) -> Result<T, u8> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            eprintln!("error: {error}");
            exit::SURROUNDINGS
        })?;
    runtime.block_on(work).map_err(|error| {
        eprintln!("error: {error}");
        if let Some(help) = error.help() {
            eprintln!("help: {help}");
        }
        exit::SURROUNDINGS
    })
}

/// Whether a node listens there. A path that is too long for a socket has none.
fn is_answered(path: &Path) -> Result<bool, ReachError> {
    match UnixStream::connect(path) {
        Ok(_) => Ok(true),
        Err(error) if is_nobody(&error) => Ok(false),
        Err(source) => Err(ReachError::Socket {
            path: path.to_owned(),
            source,
        }),
    }
}

fn is_nobody(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::ConnectionRefused
            | ErrorKind::InvalidInput
    )
}

/// A store is read, never made: an empty one would only say that this is the wrong folder.
async fn open_store(settings: &Settings, socket: PathBuf) -> Result<Store, ReachError> {
    match settings.store.url.expose_secret().split_once(':') {
        Some(("memory", _)) => return Err(ReachError::Memory(socket)),
        Some(("local", folder)) if !store::is_kept(Path::new(folder)) => {
            return Err(ReachError::NoStore {
                socket,
                file: Path::new(folder).join(store::FILE),
            });
        }
        _ => {}
    }
    server::open_store(settings)
        .await
        .map_err(|error| match error {
            server::Error::Store(source @ store::Error::InUse(_)) => {
                ReachError::InUse { socket, source }
            }
            error => ReachError::Open(error),
        })
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

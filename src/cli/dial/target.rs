//! Where a call goes: a URL, the node that runs, or a node in this process.

use std::io::IsTerminal as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use secrecy::SecretString;

use super::DialArgs;
use super::end::{Left, Submitted};
use crate::cli::reach::{ReachError, Remote, running_node};
use crate::cli::{diagnostics, exit};
use crate::engine::diag::nearest;
use crate::phone::{Ended, Http, Plan, Request, Response, ServiceReplies, Wire, WireError};
use crate::settings::Settings;
use crate::twilio::retry;
use crate::web::InProcess;
use crate::web::control::NodeView;
use crate::web::flows::{Flows, Folders, ReloadReport};
use crate::web::in_process;

/// How long a node on this machine may take to be there.
const KNOCK: Duration = Duration::from_secs(1);

/// The account that calls where the settings name none.
const ACCOUNT: &str = "AC00000000000000000000000000000000";

/// The URLs of a call, and how they are reached.
pub struct DialTarget {
    /// Where the call goes.
    pub voice: String,
    /// Where the carrier asks when that fails.
    pub fallback: Option<String>,
    /// Where it reports what becomes of the call.
    pub status: Option<String>,
    pub account: String,
    pub token: Option<SecretString>,
    pub signed_for: Option<String>,
    http: Http,
    end: End,
}

/// What is at the other end.
enum End {
    Anyone(String),
    /// A node that runs.
    Node(SocketAddr),
    /// A node in this process.
    Here(String, Box<InProcess>),
}

/// Why no call can be placed.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    #[error("`{0}` is neither a flow's name nor an http or https URL")]
    Target(String),
    #[error("no flow is named `{name}`")]
    Flow { name: String, known: Vec<String> },
    #[error("the flow `{0}` has faults: it cannot be called")]
    Faulty(String),
    #[error("{0}")]
    Node(#[from] ReachError),
    #[error("the flows' folder cannot be read")]
    Folder,
    #[error("the flow cannot be served here: {0}")]
    Here(#[from] in_process::Error),
    /// What is wrong with the settings has been printed already.
    #[error("the settings have faults")]
    Settings(u8),
}

impl DialError {
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Flow { name, known } => match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => Some(format!("did you mean `{near}`?")),
                None if known.is_empty() => None,
                None => Some(format!("there are {}", known.join(", "))),
            },
            Self::Node(error) => error.help().map(str::to_owned),
            Self::Target(_) => Some(
                "write `hookswitch dial pickup`, or `hookswitch dial https://ivr.example/voice`"
                    .into(),
            ),
            _ => None,
        }
    }

    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Target(_) | Self::Flow { .. } => exit::USAGE,
            Self::Faulty(_) => exit::FAULTS,
            Self::Folder | Self::Here(_) | Self::Node(_) => exit::SURROUNDINGS,
            Self::Settings(code) => *code,
        }
    }
}

impl DialTarget {
    /// Finds out where a call goes.
    pub async fn open(config: &Path, arguments: &DialArgs) -> Result<Self, DialError> {
        let target = arguments.target.as_str();
        if target.starts_with("http://") || target.starts_with("https://") {
            return Ok(Self::to(target.to_owned(), End::Anyone(target.to_owned())));
        }
        if target.is_empty()
            || target.contains(|one: char| !(one.is_alphanumeric() || "_-/".contains(one)))
        {
            return Err(DialError::Target(target.to_owned()));
        }
        let settings = crate::cli::settings(config).map_err(DialError::Settings)?;
        if let Some(node) = running_node(&settings)? {
            let listens = is_served(target, &node).await?;
            return Ok(Self::at_node(target, local(listens), settings));
        }
        // One with another data folder, of another user perhaps.
        let listens = local(settings.server.listen);
        match tokio::time::timeout(KNOCK, tokio::net::TcpStream::connect(listens)).await {
            Ok(Ok(_)) => Ok(Self::at_node(target, listens, settings)),
            _ => Self::here(target, settings).await,
        }
    }

    fn to(voice: String, end: End) -> Self {
        Self {
            voice,
            fallback: None,
            status: None,
            account: ACCOUNT.to_owned(),
            token: None,
            signed_for: None,
            http: Http::new(),
            end,
        }
    }

    /// The URLs of a node of ours.
    fn ours(flow: &str, base: &str, end: End) -> Self {
        let url = |path: &str| format!("{base}{path}{}", retry::FRAGMENT);
        Self {
            fallback: Some(url("/fallback")),
            status: Some(url("/status")),
            ..Self::to(url(&format!("/voice/{flow}")), end)
        }
    }

    fn at_node(flow: &str, listens: SocketAddr, settings: Settings) -> Self {
        Self {
            account: settings
                .twilio
                .account_sid
                .unwrap_or_else(|| ACCOUNT.to_owned()),
            signed_for: settings
                .server
                .public_url
                .filter(|_| settings.twilio.auth_token.is_some()),
            token: settings.twilio.auth_token,
            ..Self::ours(flow, &format!("http://{listens}"), End::Node(listens))
        }
    }

    async fn here(flow: &str, settings: Settings) -> Result<Self, DialError> {
        let folders = Folders {
            backends: None,
            ..Folders::of(&settings)
        };
        let (flows, report) = Flows::open(folders);
        if report.sources.is_partial {
            return Err(DialError::Folder);
        }
        if flows.by_name(flow).is_none() {
            return Err(not_in_service(flow, &flows, &report));
        }
        let node = InProcess::start(Arc::new(flows), None).await?;
        Ok(Self::ours(
            flow,
            InProcess::BASE,
            End::Here(flow.to_owned(), Box::new(node)),
        ))
    }

    /// Where the call goes, for the caller.
    pub fn told(&self) -> String {
        match &self.end {
            End::Anyone(url) => format!("Calling {url}"),
            End::Node(listens) => format!(
                "Calling {} (a node listens at {listens})",
                without_rules(&self.voice)
            ),
            End::Here(flow, _) => {
                format!("Calling {flow} here: no node runs, and nothing will be delivered")
            }
        }
    }

    /// Whether a flow of ours is called.
    pub fn is_ours(&self) -> bool {
        !matches!(self.end, End::Anyone(_))
    }

    /// What came of a call that is over.
    pub async fn left(&self, plan: &Plan, ended: &Ended) -> Left {
        let known = |submitted| Left {
            submitted,
            faults: Vec::new(),
        };
        let node = match &self.end {
            End::Anyone(_) => return known(Submitted::Unknown),
            End::Node(_) => return known(Submitted::AtTheNode),
            End::Here(_, node) => node,
        };
        let Ok(result) = node.end(&plan.sid, plan.at + ended.after).await else {
            return known(Submitted::Unknown);
        };
        let sent = result.sent.into_iter();
        Left {
            submitted: Submitted::These(sent.map(|sent| (sent.backend, sent.masked)).collect()),
            faults: result.did.faults,
        }
    }
}

/// Makes sure that a node serves a flow; where it listens.
async fn is_served(flow: &str, node: &Remote) -> Result<SocketAddr, DialError> {
    let (_, answer) = node.ask(Method::GET, "api/node", &[], None).await?;
    let view: NodeView = node.read(answer)?;
    if view.flows.contains_key(flow) {
        return Ok(view.listens);
    }
    if view.out.iter().any(|out| out == flow) {
        return Err(DialError::Faulty(flow.to_owned()));
    }
    Err(DialError::Flow {
        name: flow.to_owned(),
        known: view.flows.into_keys().chain(view.out).collect(),
    })
}

/// Why a flow is not in service. Of one that has faults they are printed, and no faults of others.
fn not_in_service(flow: &str, flows: &Flows, report: &ReloadReport) -> DialError {
    let current = flows.current();
    if let Some(faulty) = current.out.iter().find(|faulty| faulty.name == flow) {
        let colour = std::io::stderr().is_terminal();
        let faults = diagnostics::draw(&faulty.diags, &report.sources.texts, colour);
        eprint!("{faults}");
        return DialError::Faulty(flow.to_owned());
    }
    let out = current.out.iter().map(|faulty| &faulty.name);
    let known = current.by_name.keys().chain(out);
    DialError::Flow {
        name: flow.to_owned(),
        known: known.cloned().collect(),
    }
}

impl Wire for DialTarget {
    async fn send(&self, request: &Request) -> Result<Response, WireError> {
        match &self.end {
            End::Here(_, node) if is_of(&request.url, InProcess::BASE) => node.send(request).await,
            _ => self.http.send(request).await,
        }
    }

    fn meets(&self, sid: &str, services: &ServiceReplies) {
        if let End::Here(_, node) = &self.end {
            node.meets(sid, services);
        }
    }
}

/// Whether a URL is of the node at an address.
fn is_of(url: &str, base: &str) -> bool {
    url.strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// An address at which a node is reached from this machine.
fn local(listens: SocketAddr) -> SocketAddr {
    match listens.ip() {
        ip if !ip.is_unspecified() => listens,
        IpAddr::V4(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, listens.port())),
        IpAddr::V6(_) => SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, listens.port())),
    }
}

fn without_rules(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::{is_of, local, without_rules};

    #[test]
    fn a_node_that_listens_everywhere_is_reached_on_this_machine() {
        for (listens, reached) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:80", "[::1]:80"),
            ("10.0.0.1:80", "10.0.0.1:80"),
        ] {
            let listens = listens.parse().expect("an address");
            assert_eq!(local(listens).to_string(), reached);
        }
    }

    #[test]
    fn only_its_own_urls_go_to_the_node_in_this_process() {
        assert!(is_of("http://127.0.0.1/voice", "http://127.0.0.1"));
        assert!(!is_of("http://127.0.0.1:8080/voice", "http://127.0.0.1"));
        assert!(!is_of("http://127.0.0.10/voice", "http://127.0.0.1"));
        assert_eq!(
            without_rules("http://a.example/voice#rc=2"),
            "http://a.example/voice"
        );
    }
}

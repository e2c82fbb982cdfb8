//! `hookswitch serve`: starts a node, reports on it, and stops it.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{diagnostics, exit, settings};
use crate::engine::diag::{Diag, Severity, line_and_column};
use crate::settings::{Backend, Settings};
use crate::store::Durability;
use crate::telemetry::{self, Format};
use crate::twilio::retry;
use crate::web::flows::{Current, FlowChange, ReloadReport, Sources};
use crate::web::server::{Error, RunningNode, start};

/// Serves until it is stopped.
pub fn run(folder: &Path) -> u8 {
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    if let Err(error) = telemetry::init(settings.log.format, &settings.log.level) {
        eprintln!("error: {error}");
        return exit::USAGE;
    }
    actix_web::rt::System::new().block_on(serve(&settings))
}

async fn serve(settings: &Settings) -> u8 {
    // Before anything is open, so that nothing is cut off that has just been opened.
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => {
            eprintln!("error: signals cannot be waited for: {error}");
            return exit::SURROUNDINGS;
        }
    };
    let format = settings.log.format;
    let (node, server) = match start(settings, move |report| tell(&report, format)).await {
        Ok(started) => started,
        Err(error) => return refuse(&error),
    };
    show(&node.report, format);
    greet(&node, settings);
    let serving = actix_web::rt::spawn(server);
    signals.wait_for_the_end(&node).await;
    tracing::info!("Stopping: requests under way are answered first.");
    node.stop().await;
    let _ = serving.await;
    tracing::info!("Stopped.");
    exit::WELL
}

fn refuse(error: &Error) -> u8 {
    eprintln!("error: {error}");
    match error {
        Error::Listen { .. } => {
            eprintln!(
                "help: is another server running? Set HOOKSWITCH__SERVER__LISTEN to another port."
            );
        }
        Error::Store(error) => {
            if let Some(help) = error.help() {
                eprintln!("help: {help}");
            }
        }
        Error::CommandServer(_) => {
            eprintln!("help: each node needs a data folder of its own: set HOOKSWITCH__DATA__DIR.");
        }
        _ => {}
    }
    exit::SURROUNDINGS
}

/// The signals that a node listens to.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    /// Begins to listen: from now on none of them ends the process by itself.
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for one that ends the node; one that asks for a reload is passed on.
    async fn wait_for_the_end(&mut self, node: &RunningNode) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                // A full channel means that a reload is about to happen anyway.
                _ = self.hangup.recv() => drop(node.reload.try_send(())),
            }
        }
    }
}

/// Reports the result of a reload: one line for each flow that differs.
fn tell(report: &ReloadReport, format: Format) {
    show(report, format);
    for (flow, change) in &report.changes {
        match change {
            FlowChange::New(version) => tracing::info!(flow, %version, "New flow in service."),
            FlowChange::Changed(version) => {
                tracing::info!(flow, %version, "Changed flow in service for new calls.");
            }
            FlowChange::Mended(version) => {
                tracing::info!(flow, %version, "Flow file is sound again, and what is in service.");
            }
            FlowChange::Broken { kept: true } => {
                tracing::error!(
                    flow,
                    "Flow file has faults: its older version stays in service."
                );
            }
            FlowChange::Broken { kept: false } => {
                tracing::error!(flow, "Flow file has faults: it is out of service.");
            }
            FlowChange::Gone => tracing::warn!(
                flow,
                "Flow out of service: its file is gone. Calls on it go on."
            ),
        }
    }
}

/// Shows faults to whoever reads the log: drawn for people, a line each for machines.
fn show(report: &ReloadReport, format: Format) {
    let Sources { faults, texts, .. } = &report.sources;
    match format {
        Format::Human if faults.is_empty() => {}
        Format::Human => {
            let drawn = diagnostics::draw(faults, texts, io::stderr().is_terminal());
            let _ = write!(io::stderr(), "\n{drawn}");
        }
        Format::Json => faults.iter().for_each(|diag| log(diag, texts)),
    }
}

fn log(diag: &Diag, texts: &BTreeMap<Arc<str>, String>) {
    let (file, code, help) = (
        &*diag.at.file,
        diag.code.name(),
        diag.help.as_deref().unwrap_or_default(),
    );
    let (line, column) = texts
        .get(&diag.at.file)
        .map_or((1, 1), |text| line_and_column(text, diag.at.span.start));
    match diag.severity {
        Severity::Error => tracing::error!(file, line, column, code, help, "{}", diag.message),
        Severity::Warning => tracing::warn!(file, line, column, code, help, "{}", diag.message),
        Severity::Note => tracing::info!(file, line, column, code, help, "{}", diag.message),
    }
}

/// What is served, what to give to Twilio, and what is not safe yet.
fn greet(node: &RunningNode, settings: &Settings) {
    let current = node.app.flows.current();
    let flows = match current.by_name.len() {
        0 => "no flow".to_owned(),
        1 => "1 flow".to_owned(),
        count => format!("{count} flows"),
    };
    let mut lines = vec![format!(
        "Hookswitch {} serves {flows} at http://{}",
        env!("CARGO_PKG_VERSION"),
        node.address
    )];
    if current.by_name.is_empty() {
        lines.extend(nothing_served(&current, &settings.flows.dir));
    } else {
        lines.extend(page(node, settings));
    }
    lines.extend(flow_lines(&current));
    lines.push(store_in_use(node));
    lines.extend(
        settings
            .backends
            .iter()
            .map(|(name, backend)| submissions(name, backend)),
    );
    if let Some(admin) = node.control.admin() {
        lines.push(format!("Commands come in at http://{admin}"));
    }
    lines.extend(urls_for_twilio(&base(node)));
    for warning in unsafe_yet(node, settings) {
        lines.push(format!("Not safe yet: {warning}"));
    }
    let out = lines.join("\n") + "\n";
    let _ = io::stdout().write_all(out.as_bytes());
    let _ = io::stdout().flush();
}

/// Why nobody can be called, and where flows were looked for.
fn nothing_served(current: &Current, folder: &Path) -> Vec<String> {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let found = match current.out.len() {
        0 if whole.is_dir() => "there is no flow (*.toml) in",
        0 => "there is no folder",
        _ => "every flow has faults in",
    };
    let mut lines = vec![format!(
        "Nothing will be answered: {found} {}",
        whole.display()
    )];
    if current.out.is_empty() {
        lines.push(
            "Run this where the flows are, or set HOOKSWITCH__FLOWS__DIR; `hookswitch new NAME` makes a project to begin with"
                .to_owned(),
        );
    }
    lines
}

/// The flows in service, then those whose file has faults.
fn flow_lines(current: &Current) -> Vec<String> {
    let mut lines = Vec::new();
    let is_for_any = current.for_any_number().is_some();
    for (name, version) in &current.by_name {
        let numbers = if is_for_any {
            "every number that is called: it is the only flow, and its `numbers` are empty"
                .to_owned()
        } else {
            version.flow.numbers.join(", ")
        };
        lines.push(format!(
            "  {name:<12} {}  {:<24} {numbers}",
            version.fingerprint(),
            version.flow.title
        ));
    }
    for faulty in &current.out {
        let what = if faulty.kept {
            "has faults: its older version stays in service"
        } else {
            "is out of service: see its faults above"
        };
        lines.push(format!("  {:<12} {what}", faulty.name));
    }
    lines
}

fn store_in_use(node: &RunningNode) -> String {
    let level = node.app.store.level();
    format!(
        "Calls live in {} ({}): {}",
        node.app.store.describe(),
        level.as_str(),
        level.meaning()
    )
}

fn submissions(name: &str, backend: &Backend) -> String {
    let url = if backend.is_log() {
        "printed here (log:)".to_owned()
    } else {
        backend.place()
    };
    let paused = if backend.paused { ", paused" } else { "" };
    format!("Submissions to `{name}`: {url}{paused}")
}

fn urls_for_twilio(base: &str) -> [String; 4] {
    let fragment = retry::FRAGMENT;
    [
        "Give these to Twilio, for the number:".to_owned(),
        format!("  a call comes in  {base}/voice{fragment}"),
        format!("  handler fails    {base}/fallback{fragment}"),
        format!("  status changes   {base}/status{fragment}"),
    ]
}

/// Where the page with the telephone is.
fn page(node: &RunningNode, settings: &Settings) -> Option<String> {
    if node.app.tokens.is_empty() {
        return Some(format!("Call them in a browser: http://{}/", node.address));
    }
    let admin = node
        .control
        .admin()
        .filter(|_| settings.admin.token.is_some())?;
    Some(format!(
        "Call them in a browser: http://{admin}/ (log in with the admin token)"
    ))
}

fn base(node: &RunningNode) -> String {
    match &node.app.address.public {
        Some(public) => public.base().to_owned(),
        None => format!("http://{}", node.address),
    }
}

fn unsafe_yet(node: &RunningNode, settings: &Settings) -> Vec<String> {
    let mut warnings: Vec<String> = settings.warnings.iter().map(ToString::to_string).collect();
    if node.app.tokens.is_empty() {
        warnings.push(
            "no auth token, so only this machine may call: set HOOKSWITCH__TWILIO__AUTH_TOKEN"
                .to_owned(),
        );
    }
    if node.app.address.public.is_none() {
        warnings.push(
            "no public URL, so Twilio's signatures cannot be checked: set HOOKSWITCH__SERVER__PUBLIC_URL".to_owned(),
        );
    }
    if matches!(
        node.app.store.level(),
        Durability::Memory | Durability::RedisVolatile | Durability::RedisUnknown
    ) {
        warnings.push(format!("the store: {}", node.app.store.level().meaning()));
    }
    let errors = node
        .report
        .sources
        .faults
        .iter()
        .filter(|diag| diag.severity == Severity::Error)
        .count();
    if errors > 0 {
        warnings.push(format!("{errors} faults in the flows, shown above"));
    }
    warnings
}

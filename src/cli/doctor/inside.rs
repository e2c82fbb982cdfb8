//! What is looked at on this machine: settings, the node, its store, its limits, its flows.

use secrecy::ExposeSecret as _;

use super::Facts;
use super::finding::Finding;
use crate::settings::Settings;
use crate::web::control::{BackendView, NodeView};
use crate::web::flows::{Flows, Folders};
use crate::web::limits::{files_at_most, files_for};

/// How far a clock may be off that of the store, in seconds: beyond it, a node takes nothing that is due.
const CLOCK: f64 = 2.0;

/// Everything that is looked at here.
pub fn look(settings: &Settings, facts: &Facts) -> Vec<Finding> {
    let node = facts.node.as_ref();
    let mut findings = vec![is_running(settings, node), token(settings, node)];
    let warnings = settings.warnings.iter().map(|warning| {
        Finding::warning(
            "settings",
            warning.to_string(),
            "see the table of settings in the README",
        )
    });
    findings.extend(warnings);
    findings.push(store(facts));
    findings.extend(node.map(clock));
    findings.push(limits(settings, node));
    findings.extend(flows(settings, node));
    findings.extend(facts.backends.iter().filter_map(backend));
    findings
}

fn is_running(settings: &Settings, node: Option<&NodeView>) -> Finding {
    let own = env!("CARGO_PKG_VERSION");
    match node {
        None => Finding::warning(
            "node",
            format!("no node serves {}", settings.data.dir.display()),
            "start `hookswitch serve`; or run this in the node's folder, with its settings",
        ),
        Some(node) if node.version != own => Finding::warning(
            "node",
            format!("release {} runs, and this is {own}", node.version),
            "restart the node",
        ),
        Some(node) => Finding::well("node", format!("runs at {}", node.listens)),
    }
}

fn token(settings: &Settings, node: Option<&NodeView>) -> Finding {
    let about = "token";
    let Some(token) = &settings.twilio.auth_token else {
        return Finding::warning(
            about,
            "no auth token is set, so only this machine may call",
            "set HOOKSWITCH__TWILIO__AUTH_TOKEN to the account's auth token (Twilio's console shows it)",
        );
    };
    if node.is_some_and(|node| !node.is_signed) {
        return Finding::wrong(
            about,
            "it is set here, and the node that runs has none",
            "restart the node with the same settings",
        );
    }
    let token = token.expose_secret();
    if token.len() != 32 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Finding::warning(
            about,
            "it is not 32 hexadecimal digits, as Twilio's are",
            "is it an API secret, or cut off? Signatures are made with the auth token",
        );
    }
    Finding::well(about, "is set")
}

fn store(facts: &Facts) -> Finding {
    let about = "store";
    if facts.node.as_ref().is_some_and(|node| node.store.is_away) {
        return Finding::wrong(
            about,
            "it takes no writes: callers are held",
            "the node's log says why: is it reachable, full, read-only?",
        );
    }
    match &facts.level {
        Err(error) => Finding::wrong(
            about,
            error.clone(),
            "is it running, and is store.url right?",
        ),
        Ok((level, meaning)) => match level.as_str() {
            "file" | "redis-safe" | "redis-fast" => {
                Finding::well(about, format!("{level}: {meaning}"))
            }
            "redis-unknown" => Finding::warning(
                about,
                format!("{level}: {meaning}"),
                "it must have appendonly yes and maxmemory-policy noeviction",
            ),
            _ => Finding::wrong(
                about,
                format!("{level}: {meaning}"),
                "docs/operating.md says which settings a store needs",
            ),
        },
    }
}

fn clock(node: &NodeView) -> Finding {
    let ahead = node.store.clock_ahead;
    if ahead.abs() > CLOCK {
        return Finding::wrong(
            "clock",
            format!(
                "the node's clock is {ahead:.1} s ahead of the store's: it takes nothing that is due"
            ),
            "run a time service (chrony, systemd-timesyncd) on this machine and on the store's",
        );
    }
    Finding::well("clock", "agrees with the store's")
}

fn limits(settings: &Settings, node: Option<&NodeView>) -> Finding {
    let wanted = settings.server.connections;
    let files = node.map_or_else(files_at_most, |node| node.files);
    let needed = files_for(wanted);
    if files < needed {
        return Finding::warning(
            "limits",
            format!("{files} files may be open, and {wanted} connections need {needed}"),
            "raise LimitNOFILE of the unit (`ulimit -Hn`), or lower server.connections",
        );
    }
    Finding::well("limits", format!("{files} files may be open"))
}

fn flows(settings: &Settings, node: Option<&NodeView>) -> Vec<Finding> {
    let (served, out) = match node {
        Some(node) => (node.flows.keys().cloned().collect(), node.out.clone()),
        None => {
            let (flows, _) = Flows::open(Folders::of(settings));
            let current = flows.current();
            let out = current.out.iter().map(|faulty| faulty.name.clone());
            let served: Vec<String> = current.by_name.keys().cloned().collect();
            (served, out.collect())
        }
    };
    let mut findings: Vec<Finding> = out
        .iter()
        .map(|name| {
            Finding::wrong(
                "flows",
                format!("`{name}` has faults, and is out of service"),
                "`hookswitch check` shows them",
            )
        })
        .collect();
    if served.is_empty() {
        findings.push(Finding::wrong(
            "flows",
            format!(
                "there is none in service from {}",
                settings.flows.dir.display()
            ),
            "run this where the flows are, or set HOOKSWITCH__FLOWS__DIR",
        ));
    } else {
        findings.push(Finding::well(
            "flows",
            format!("{} in service", served.len()),
        ));
    }
    findings
}

/// What is not well with a backend.
fn backend(view: &BackendView) -> Option<Finding> {
    let name = &view.backend;
    let set_aside = view.dead + view.uncertain;
    if set_aside > 0 {
        return Some(Finding::warning(
            "backends",
            format!("{set_aside} deliveries to `{name}` are set aside, and wait for a person"),
            format!("`hookswitch outbox list --backend {name}` shows them with their last error"),
        ));
    }
    if view.failing {
        return Some(Finding::warning(
            "backends",
            format!(
                "`{name}` fails so often that it gets probes only; {} wait",
                view.waiting
            ),
            format!("`hookswitch outbox list --backend {name}` shows what it answers"),
        ));
    }
    let is_forgotten = view.paused && view.waiting > 0;
    is_forgotten.then(|| {
        Finding::warning(
            "backends",
            format!("`{name}` is paused, and {} deliveries wait", view.waiting),
            format!("`hookswitch outbox resume {name}` lets them go"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::finding::FindingVerdict;
    use super::{BackendView, backend, clock, limits, store, token};
    use crate::cli::doctor::Facts;
    use crate::settings::Settings;
    use crate::web::control::{NodeView, StoreView};

    fn settings(set: &[(&str, &str)]) -> Settings {
        let set = set
            .iter()
            .map(|(name, value)| (format!("HOOKSWITCH__{name}"), (*value).to_owned()));
        Settings::load(std::path::Path::new("nowhere"), set).expect("they are right")
    }

    fn node() -> NodeView {
        NodeView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            listens: ([127, 0, 0, 1], 80).into(),
            public_url: None,
            is_signed: true,
            files: 65_536,
            store: StoreView {
                level: "file".to_owned(),
                meaning: String::new(),
                is_away: false,
                clock_ahead: 0.0,
            },
            flows: [("pickup".to_owned(), String::new())].into(),
            out: Vec::new(),
        }
    }

    #[test]
    fn a_token_that_cannot_be_one_or_that_the_node_lacks_is_found() {
        let right = settings(&[
            ("TWILIO__AUTH_TOKEN", "0123456789abcdef0123456789abcdef"),
            ("SERVER__PUBLIC_URL", "https://a.example"),
        ]);
        assert_eq!(token(&right, Some(&node())).verdict, FindingVerdict::Well);
        let unsigned = NodeView {
            is_signed: false,
            ..node()
        };
        assert_eq!(
            token(&right, Some(&unsigned)).verdict,
            FindingVerdict::Wrong
        );
        let short = settings(&[
            ("TWILIO__AUTH_TOKEN", "0123456789abcdef"),
            ("SERVER__PUBLIC_URL", "https://a.example"),
        ]);
        assert_eq!(token(&short, None).verdict, FindingVerdict::Warning);
        assert_eq!(token(&settings(&[]), None).verdict, FindingVerdict::Warning);
    }

    #[test]
    fn a_store_that_loses_calls_is_wrong() {
        let facts = |level: Result<&str, &str>, node: Option<NodeView>| Facts {
            node,
            backends: Vec::new(),
            level: level
                .map(|level| (level.to_owned(), String::new()))
                .map_err(str::to_owned),
        };
        for (level, verdict) in [
            (Ok("file"), FindingVerdict::Well),
            (Ok("redis-fast"), FindingVerdict::Well),
            (Ok("redis-unknown"), FindingVerdict::Warning),
            (Ok("redis-volatile"), FindingVerdict::Wrong),
            (Ok("memory"), FindingVerdict::Wrong),
            (Err("nobody answers"), FindingVerdict::Wrong),
        ] {
            assert_eq!(store(&facts(level, None)).verdict, verdict, "{level:?}");
        }
        let mut away = node();
        away.store.is_away = true;
        assert_eq!(
            store(&facts(Ok("file"), Some(away))).verdict,
            FindingVerdict::Wrong
        );
    }

    #[test]
    fn clocks_and_limits_are_held_against_what_a_node_needs() {
        let mut off = node();
        off.store.clock_ahead = -3.0;
        assert_eq!(clock(&off).verdict, FindingVerdict::Wrong);
        assert_eq!(clock(&node()).verdict, FindingVerdict::Well);
        let few = NodeView {
            files: 1024,
            ..node()
        };
        assert_eq!(
            limits(&settings(&[]), Some(&few)).verdict,
            FindingVerdict::Warning
        );
        assert_eq!(
            limits(&settings(&[]), Some(&node())).verdict,
            FindingVerdict::Well
        );
    }

    #[test]
    fn of_backends_only_what_needs_somebody_is_told() {
        let view = BackendView {
            backend: "crm".to_owned(),
            ..BackendView::default()
        };
        assert_eq!(backend(&view), None);
        for (view, told) in [
            (
                BackendView {
                    dead: 2,
                    uncertain: 1,
                    ..view.clone()
                },
                "3 deliveries to `crm` are set aside",
            ),
            (
                BackendView {
                    failing: true,
                    ..view.clone()
                },
                "gets probes only",
            ),
            (
                BackendView {
                    paused: true,
                    waiting: 4,
                    ..view.clone()
                },
                "is paused, and 4",
            ),
        ] {
            let found = backend(&view).expect("it is told").found;
            assert!(found.contains(told), "{found}");
        }
    }
}

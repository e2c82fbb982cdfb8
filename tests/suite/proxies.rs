//! The proxies of `deploy/`, as they are shipped but for names and ports: a real nginx and a real Caddy before a node that
//! checks signatures, and sample calls through them, which ask for every kind of path that the carrier asks for.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::architecture::root;
use super::server::{PATIENCE, PUBLIC_URL, Plan, Server, TOKEN, binary, free_port, until};

/// The samples whose calls are played: menus, legs, queues and recordings.
const FLOWS: [&str; 3] = ["pickup.", "helpdesk.", "night."];

/// A proxy; it ends with its handle.
pub struct Proxy {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Proxy {
    #[track_caller]
    fn start(command: &mut Command, port: u16, folder: TempDir) -> Self {
        let child = command
            .env("HOME", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}: tests/run installs it"));
        let proxy = Self {
            child,
            port,
            _folder: folder,
        };
        until("the proxy listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        proxy
    }

    fn nginx(server: &Server) -> Self {
        Self::nginx_at(server, free_port())
    }

    fn caddy(server: &Server) -> Self {
        Self::caddy_at(server, free_port())
    }

    /// A real nginx with the file of ours, at a port.
    #[track_caller]
    pub fn nginx_at(server: &Server, port: u16) -> Self {
        Self::nginx_with(
            &shipped("deploy/nginx.conf", "127.0.0.1:8080", server),
            port,
        )
    }

    /// A real nginx that serves so, at a port.
    #[track_caller]
    pub fn nginx_with(served: &str, port: u16) -> Self {
        let folder = tempfile::tempdir().expect("one can be made");
        let at = folder.path().display();
        let whole = format!(
            "daemon off; pid {at}/pid; error_log {at}/error; events {{}}\nhttp {{\naccess_log off;\n\
             client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/f;\n\
             uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;\nserver {{\nlisten 127.0.0.1:{port};\n{served}}}\n}}\n"
        );
        let file = write(&folder, &whole);
        let mut command = Command::new("nginx");
        command.args(["-e", "stderr", "-c"]).arg(file);
        Self::start(&mut command, port, folder)
    }

    /// A real Caddy with the file of ours, at a port.
    #[track_caller]
    pub fn caddy_at(server: &Server, port: u16) -> Self {
        let folder = tempfile::tempdir().expect("one can be made");
        let shipped = shipped("deploy/Caddyfile", "127.0.0.1:8080", server);
        let here = format!("http://127.0.0.1:{port}");
        let site = replaced(&shipped, "ivr.example.com", &here);
        let file = write(&folder, &format!("{{\n\tadmin off\n}}\n{site}"));
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]);
        Self::start(command.arg(file), port, folder)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // nginx ends its workers only if it is asked to.
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        if asked.is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// A file of ours, before this node.
fn shipped(file: &str, address: &str, server: &Server) -> String {
    let text = std::fs::read_to_string(root().join(file)).expect("it is shipped");
    let node = server.url("");
    replaced(&text, address, node.trim_start_matches("http://"))
}

#[track_caller]
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

fn write(folder: &TempDir, text: &str) -> std::path::PathBuf {
    let file = folder.path().join("proxy.conf");
    std::fs::write(&file, text).expect("it can be written");
    file
}

/// Plays the samples' calls through the proxy, signed as the carrier signs; what is no path of the carrier's is not there.
async fn carries_calls_and_nothing_else(proxy: &Proxy) {
    let calls = std::fs::read_dir(root().join("tests/calls")).expect("it is there");
    let names = calls.map(|entry| entry.expect("it can be read").file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    let played: Vec<_> = names
        .filter(|name| FLOWS.iter().any(|flow| name.starts_with(flow)))
        .map(|name| Path::new("tests/calls").join(name))
        .collect();
    let here = format!("http://127.0.0.1:{}", proxy.port);
    let output = Command::new(binary())
        .current_dir(root())
        .arg("test")
        .args(&played)
        .args(["--url", &format!("{here}/voice/{{flow}}")])
        .args(["--status", &format!("{here}/status")])
        .args(["--fallback", &format!("{here}/fallback")])
        .args(["--token", TOKEN, "--public-url", PUBLIC_URL])
        .output()
        .expect("the binary can be run");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}");
    assert!(
        printed.contains(&format!("{} passed, 0 failed", played.len())),
        "{printed}"
    );
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
    let client = client.build().expect("a client can be made");
    // What the carrier reports of SMS, and calls that we place: the node asks for a signature.
    for path in ["/text/a", "/placed/a", "/leg/a", "/wait/a", "/recording/a"] {
        let answer = client.post(format!("{here}{path}")).send().await;
        assert_eq!(answer.expect("it answers").status(), 403, "{path}");
    }
    for path in ["/", "/metrics", "/readyz", "/console/flows", "/voices"] {
        let answer = client.get(format!("{here}{path}")).send().await;
        assert_eq!(answer.expect("it answers").status(), 404, "{path}");
    }
}

fn node() -> Server {
    let plan = Plan::default().set("BACKENDS__TICKETS__URL", "log:");
    plan.set("BACKENDS__MESSAGES__URL", "log:").start()
}

#[tokio::test]
async fn calls_come_through_nginx_as_it_is_shipped() {
    let server = node();
    carries_calls_and_nothing_else(&Proxy::nginx(&server)).await;
}

#[tokio::test]
async fn calls_come_through_caddy_as_it_is_shipped() {
    let server = node();
    carries_calls_and_nothing_else(&Proxy::caddy(&server)).await;
}

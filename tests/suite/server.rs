//! A real node: the binary, in a folder of its own, on a free port, ended by its process id.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::backend::{Backend, SECRET};

/// The auth token that nodes are started with unless a test says otherwise.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// The address that the carrier is told.
pub const PUBLIC_URL: &str = "https://ivr.example.test";
/// How long anything may take that a test waits for.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The binary under test: the one that is named, else the one that cargo has built beside the tests.
pub fn binary() -> PathBuf {
    std::env::var_os("HOOKSWITCH_BIN")
        .map_or_else(|| env!("CARGO_BIN_EXE_hookswitch").into(), PathBuf::from)
}

/// Whether the long form of the tests is wanted, in which loads are far larger.
pub fn is_long() -> bool {
    std::env::var_os("HOOKSWITCH_LONG").is_some_and(|value| value == "1")
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("it is bound").port()
}

/// What a node is started with.
#[derive(Clone)]
pub struct Plan {
    settings: Vec<(String, String)>,
    variables: Vec<(String, String)>,
    unset: Vec<String>,
    flows: PathBuf,
    audio: PathBuf,
    hours: PathBuf,
    within: Option<PathBuf>,
    files: Option<u32>,
}

impl Default for Plan {
    /// The project's own flows with the backend that they name, `local:` in the node's folder, signed webhooks.
    fn default() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let plan = Self {
            settings: Vec::new(),
            variables: Vec::new(),
            unset: Vec::new(),
            flows: root.join("flows"),
            audio: root.join("audio-manifest"),
            hours: root.join("config/hours"),
            within: None,
            files: None,
        };
        plan.set("TWILIO__AUTH_TOKEN", TOKEN)
            .set("SERVER__PUBLIC_URL", PUBLIC_URL)
            .set("SERVER__WORKERS", "2")
            .set("BACKENDS__PICKUPS__URL", "log:")
    }
}

impl Plan {
    /// With a setting, named without `HOOKSWITCH__`.
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.retain(|(other, _)| other != name);
        self.settings.push((name.to_owned(), value.into()));
        self
    }

    /// A setting, by its name without `HOOKSWITCH__`; empty where the plan does not have it.
    pub fn setting(&self, name: &str) -> &str {
        let mut all = self.settings.iter();
        all.find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// With several settings.
    pub fn settings(self, settings: &[(&str, &str)]) -> Self {
        settings
            .iter()
            .fold(self, |plan, (name, value)| plan.set(name, *value))
    }

    /// With the backend `pickups`, and the secret that it knows.
    pub fn pickups(self, backend: &Backend) -> Self {
        self.set("BACKENDS__PICKUPS__URL", backend.url())
            .set("BACKENDS__PICKUPS__SECRET", SECRET)
    }

    /// With an environment variable that is no setting.
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Without a setting that the plan has by itself.
    pub fn unset(mut self, name: &str) -> Self {
        self.settings.retain(|(other, _)| other != name);
        self.unset.push(name.to_owned());
        self
    }

    /// With other opening hours.
    pub fn hours(mut self, folder: &Path) -> Self {
        self.hours = folder.to_owned();
        self
    }

    /// With other flows.
    pub fn flows(mut self, folder: &Path) -> Self {
        self.flows = folder.to_owned();
        self
    }

    /// With another audio manifest.
    pub fn audio(mut self, folder: &Path) -> Self {
        self.audio = folder.to_owned();
        self
    }

    /// In this folder rather than in one of the node's own.
    pub fn within(mut self, folder: &Path) -> Self {
        self.within = Some(folder.to_owned());
        self
    }

    /// With so many files that the process may open, unless it raises that limit itself.
    pub fn files(mut self, files: u32) -> Self {
        self.files = Some(files);
        self
    }

    /// Starts the node and waits until it serves.
    #[track_caller]
    pub fn start(self) -> Server {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut server = Server {
            plan: self,
            port: 0,
            folder,
            child: None,
            log: Arc::default(),
        };
        server.start();
        server
    }

    /// Starts a node that is to refuse to serve; its exit code and all that it printed.
    #[track_caller]
    pub fn fail(self) -> (i32, String) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = self.command(folder.path(), 0);
        let mut child = command
            .arg("serve")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let log = Arc::default();
        pump(child.stdout.take().expect("it is piped"), Arc::clone(&log));
        pump(child.stderr.take().expect("it is piped"), Arc::clone(&log));
        let begun = Instant::now();
        let status = loop {
            match child.try_wait().expect("it is our child") {
                Some(status) => break status,
                None if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(5)),
                None => {
                    let _ = child.kill();
                    let _ = child.wait();
                    panic!(
                        "the node serves:\n{}",
                        log.lock().expect("nobody panics with it")
                    );
                }
            }
        };
        // Both pumps hold the log until their stream is at its end.
        until("all is printed", || Arc::strong_count(&log) == 1);
        (
            status.code().unwrap_or(-1),
            log.lock().expect("nobody panics with it").clone(),
        )
    }

    /// Runs a subcommand with these settings in a folder, to its end: exit code, stdout, stderr.
    pub fn run(&self, folder: &Path, arguments: &[&str]) -> (i32, String, String) {
        let output = self
            .command(folder, 0)
            .args(arguments)
            .output()
            .expect("the binary can be run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.code().unwrap_or(-1),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    /// Begins a command whose output is read as it comes.
    pub fn begin(&self, folder: &Path, arguments: &[&str]) -> Child {
        let mut command = self.command(folder, 0);
        command.args(arguments).stdout(Stdio::piped());
        command.spawn().expect("the binary can be run")
    }

    fn command(&self, folder: &Path, port: u16) -> Command {
        let mut command = match self.files {
            None => Command::new(binary()),
            Some(files) => {
                let mut shell = Command::new("sh");
                shell
                    .arg("-c")
                    .arg(format!("ulimit -Sn {files}; exec \"$0\" \"$@\""))
                    .arg(binary());
                shell
            }
        };
        command
            .current_dir(self.within.as_deref().unwrap_or(folder))
            .env_clear();
        for name in ["PATH", "HOME", "SSL_CERT_FILE", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("HOOKSWITCH__SERVER__LISTEN", format!("127.0.0.1:{port}"));
        command
            .env("HOOKSWITCH__FLOWS__DIR", &self.flows)
            .env("HOOKSWITCH__AUDIO__DIR", &self.audio)
            .env("HOOKSWITCH__HOURS__DIR", &self.hours);
        command.envs(
            self.settings
                .iter()
                .map(|(name, value)| (format!("HOOKSWITCH__{name}"), value)),
        );
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        for name in &self.unset {
            command.env_remove(format!("HOOKSWITCH__{name}"));
        }
        command
    }
}

/// A node that runs. The first start finds a free port; it keeps it.
pub struct Server {
    plan: Plan,
    port: u16,
    folder: TempDir,
    child: Option<Child>,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// The URL of a path, as a proxy in front of the node would call it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What happened to a call beside its turns, as `calls show` has it.
    pub fn events(&self, sid: &str) -> Vec<serde_json::Value> {
        let arguments = ["calls", "show", sid, "--format", "json"];
        let (code, stdout, stderr) = self.plan.run(self.folder(), &arguments);
        assert_eq!(code, 0, "{stderr}");
        let mut told: serde_json::Value = serde_json::from_str(&stdout).expect("an object");
        match told["events"].take() {
            serde_json::Value::Array(events) => events,
            other => panic!("a list: {other}"),
        }
    }

    /// The folder that the node runs in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the node was started with.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The node's process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("the node runs").id()
    }

    /// What it has printed so far, on both streams.
    pub fn log(&self) -> String {
        self.log.lock().expect("nobody panics with it").clone()
    }

    /// Waits until it has printed something.
    #[track_caller]
    pub fn wait_for_log(&self, what: &str) {
        let begun = Instant::now();
        while !self.log().contains(what) {
            assert!(
                begun.elapsed() < PATIENCE,
                "`{what}` is not in the log:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts the node again: same folder, same port.
    #[track_caller]
    pub fn start(&mut self) {
        let mut command = self.plan.command(self.folder.path(), self.port);
        command
            .arg("serve")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .stdin(Stdio::null());
        let mut child = command.spawn().expect("the binary can be started");
        let before = self.log().len();
        pump(
            child.stdout.take().expect("it is piped"),
            Arc::clone(&self.log),
        );
        pump(
            child.stderr.take().expect("it is piped"),
            Arc::clone(&self.log),
        );
        let begun = Instant::now();
        while !self.log()[before..].contains("status changes") {
            if let Some(status) = child.try_wait().expect("it is our child") {
                std::thread::sleep(Duration::from_millis(50));
                panic!("the node ended with {status}:\n{}", self.log());
            }
            if begun.elapsed() > PATIENCE {
                let _ = child.kill();
                panic!("the node does not start:\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.port = port(&self.log()[before..]).expect("the first line tells where it serves");
        self.child = Some(child);
    }

    /// Restarts it as a crash and its cure would.
    #[track_caller]
    pub fn restart(&mut self) {
        self.kill();
        self.start();
    }

    /// Ends it as a crash would: `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks it to end, and waits until it has; its exit code.
    pub fn stop(&mut self) -> i32 {
        self.signal("TERM");
        let mut child = self.child.take().expect("the node runs");
        child.wait().expect("it is our child").code().unwrap_or(-1)
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.pid().to_string())
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "the signal was not sent"
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The port in the first line that a node prints.
fn port(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once(" at http://")?;
    rest.lines().next()?.rsplit_once(':')?.1.trim().parse().ok()
}

fn pump(stream: impl Read + Send + 'static, log: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut log = log.lock().expect("nobody panics with it");
            log.push_str(&line);
            log.push('\n');
        }
    });
}

/// Waits until something holds.
#[track_caller]
pub fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until something holds that must be asked for.
#[track_caller]
pub fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) -> impl Future<Output = ()> {
    let place = std::panic::Location::caller();
    let what = what.to_owned();
    async move {
        let begun = Instant::now();
        while !holds().await {
            assert!(begun.elapsed() < PATIENCE, "{place}: in vain: {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

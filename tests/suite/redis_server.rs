//! Real Redis servers for tests: alone, encrypted, as a cluster, watched by a sentinel. Each lives in a folder of its own
//! on ports of its own, and ends with the value that stands for it.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

/// After so long a test gives up waiting: far longer than anything takes, for a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many slots a cluster has.
const SLOTS: usize = 16_384;

/// Waits until a question is answered with yes.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < PATIENCE, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A port that nobody listened on a moment ago.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// One `redis-server` with an append-only file.
pub struct Redis {
    child: Child,
    folder: TempDir,
    port: u16,
    args: Vec<String>,
    /// The port where it speaks TLS, and the certificate that vouches for it.
    tls: Option<(u16, PathBuf)>,
}

impl Redis {
    /// A server as it comes, with an append-only file synced every second. While a sync is slow, Redis holds back what
    /// it appends, up to two seconds: a test that kills it wants `--appendfsync always`.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server with more options, such as `["--maxmemory-policy", "allkeys-lru"]`.
    pub async fn with(options: &[&str]) -> Self {
        Self::launch(
            tempfile::tempdir().unwrap(),
            options.iter().map(ToString::to_string).collect(),
            None,
        )
        .await
    }

    /// A server that speaks TLS too; [`Redis::url`] is then the encrypted one.
    pub async fn tls() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificates = write_certificates(folder.path());
        let port = free_port();
        let mut args = vec![
            "--tls-port".to_owned(),
            port.to_string(),
            "--tls-auth-clients".to_owned(),
            "no".to_owned(),
        ];
        for (option, file) in ["--tls-ca-cert-file", "--tls-cert-file", "--tls-key-file"]
            .into_iter()
            .zip(&certificates)
        {
            args.extend([option.to_owned(), file.display().to_string()]);
        }
        Self::launch(folder, args, Some((port, certificates[0].clone()))).await
    }

    async fn launch(folder: TempDir, args: Vec<String>, tls: Option<(u16, PathBuf)>) -> Self {
        let port = free_port();
        let child = spawn(folder.path(), port, &args);
        let mut redis = Self {
            child,
            folder,
            port,
            args,
            tls,
        };
        redis.answers().await;
        redis
    }

    /// Where it keeps its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its URL as the store takes it.
    pub fn url(&self) -> String {
        match &self.tls {
            Some((port, _)) => format!("rediss://127.0.0.1:{port}"),
            None => self.plain_url(),
        }
    }

    fn plain_url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The certificate file that `SSL_CERT_FILE` must name, of a server that speaks TLS.
    pub fn certificate(&self) -> &Path {
        &self
            .tls
            .as_ref()
            .expect("this server was started with TLS")
            .1
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, on the same port and with the same files.
    pub async fn restart(&mut self) {
        self.kill();
        self.child = spawn(self.folder.path(), self.port, &self.args);
        self.answers().await;
    }

    /// Starts it again with the same files, at another port.
    pub async fn move_to_another_port(&mut self) {
        self.kill();
        self.port = free_port();
        if let Some(bus) = self.args.iter().position(|arg| arg == "--cluster-port") {
            self.args[bus + 1] = free_port().to_string();
        }
        self.child = spawn(self.folder.path(), self.port, &self.args);
        self.answers().await;
    }

    /// The port where it speaks with the other nodes of its cluster.
    fn bus(&self) -> String {
        let option = self.args.iter().position(|arg| arg == "--cluster-port");
        self.args[option.expect("it is a node of a cluster") + 1].clone()
    }

    /// Its name within its cluster.
    async fn id(&self) -> String {
        self.ask(&["CLUSTER", "MYID"]).await
    }

    /// Becomes the replica of a primary, and waits until it has all that the primary has.
    async fn follow(&self, primary: &Self) {
        let id = primary.id().await;
        until("the replica knows its primary", async || {
            self.try_ask::<()>(&["CLUSTER", "REPLICATE", &id])
                .await
                .is_ok()
        })
        .await;
        until("the replica follows", async || {
            let info: String = self.ask(&["INFO", "replication"]).await;
            info.contains("master_link_status:up")
        })
        .await;
    }

    /// Waits until its replica has all that it has. `WAIT` waits for the writes of its own connection only.
    pub async fn is_replicated(&self) {
        until("the replica has it all", async || {
            let info: String = self.ask(&["INFO", "replication"]).await;
            let written = info
                .lines()
                .find_map(|line| line.strip_prefix("master_repl_offset:"));
            let replica = info.lines().find(|line| line.starts_with("slave0:"));
            let offset = replica.and_then(|line| {
                line.split(',')
                    .find_map(|field| field.strip_prefix("offset="))
            });
            offset.is_some() && offset == written
        })
        .await;
    }

    /// Whether it was ended.
    fn is_down(&self) -> bool {
        TcpListener::bind(("127.0.0.1", self.port)).is_ok()
    }

    /// Freezes it: it is there and silent.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Asks it something.
    pub async fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        self.try_ask(words).await.unwrap()
    }

    /// Asks it something that is not text.
    pub async fn ask_bytes<T: redis::FromRedisValue>(&self, words: &[&[u8]]) -> T {
        self.try_ask(words).await.unwrap()
    }

    async fn try_ask<T: redis::FromRedisValue>(
        &self,
        words: &[impl redis::ToRedisArgs],
    ) -> redis::RedisResult<T> {
        let mut connection = redis::Client::open(self.plain_url())?
            .get_multiplexed_async_connection()
            .await?;
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(word);
        }
        command.query_async(&mut connection).await
    }

    /// Waits until it takes requests; a port that was taken meanwhile is told at once.
    async fn answers(&mut self) {
        let begin = Instant::now();
        while self.try_ask::<String>(&["PING"]).await.is_err() {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!(
                    "redis-server ended with {status}: {}",
                    log(self.folder.path())
                );
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "redis-server does not answer: {}",
                log(self.folder.path())
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // Both fail only for a process that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(folder: &Path, port: u16, args: &[String]) -> Child {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    Command::new("redis-server")
        .current_dir(folder)
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--appendonly",
            "yes",
            "--save",
            "",
        ])
        .args(args)
        .stdin(Stdio::null())
        .stderr(log.try_clone().unwrap())
        .stdout(log)
        .spawn()
        .expect("redis-server is installed")
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}

/// An authority's certificate, a server's, and the server's key.
fn write_certificates(folder: &Path) -> [PathBuf; 3] {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let files = ["authority.pem", "server.pem", "key.pem"].map(|name| folder.join(name));
    let texts = [
        authority.as_ref().pem(),
        certificate.pem(),
        key.serialize_pem(),
    ];
    for (file, text) in files.iter().zip(texts) {
        std::fs::write(file, text).unwrap();
    }
    files
}

/// Primaries that share the slots, and replicas of the first of them.
pub struct Cluster {
    /// The primaries at first.
    pub nodes: Vec<Redis>,
    /// The replica of each primary that has one, in their order.
    pub replicas: Vec<Redis>,
}

impl Cluster {
    /// Three primaries without replicas.
    pub async fn start() -> Self {
        Self::of(3, 0).await
    }

    /// Starts them, which sync before they answer, and waits until each says that the cluster is whole.
    pub async fn of(primaries: usize, replicas: usize) -> Self {
        let mut cluster = Self {
            nodes: Vec::new(),
            replicas: Vec::new(),
        };
        for place in 0..primaries {
            let node = cluster.join().await;
            let _: () = node
                .ask(&["CLUSTER", "SET-CONFIG-EPOCH", &(place + 1).to_string()])
                .await;
            let first = |place: usize| (SLOTS * place / primaries).to_string();
            let last = (SLOTS * (place + 1) / primaries - 1).to_string();
            let _: () = node
                .ask(&["CLUSTER", "ADDSLOTSRANGE", &first(place), &last])
                .await;
            cluster.meet(&node).await;
            cluster.nodes.push(node);
        }
        cluster.is_whole().await;
        for primary in 0..replicas {
            let replica = cluster.join().await;
            cluster.meet(&replica).await;
            replica.follow(&cluster.nodes[primary]).await;
            cluster.replicas.push(replica);
        }
        cluster
    }

    /// A server that may become a node.
    async fn join(&self) -> Redis {
        let bus = free_port().to_string();
        let options = [
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "2000",
            "--cluster-replica-validity-factor",
        ];
        let options = [
            &options[..],
            &["0", "--appendfsync", "always", "--cluster-port", &bus],
        ]
        .concat();
        Redis::with(&options).await
    }

    async fn meet(&self, node: &Redis) {
        if let Some(first) = self.nodes.first() {
            let _: () = first
                .ask(&[
                    "CLUSTER",
                    "MEET",
                    "127.0.0.1",
                    &node.port.to_string(),
                    &node.bus(),
                ])
                .await;
        }
    }

    /// Waits until every node that runs says that all slots are served.
    pub async fn is_whole(&self) {
        for node in self.nodes.iter().chain(&self.replicas) {
            until("the cluster is whole", async || {
                let info = node.try_ask::<String>(&["CLUSTER", "INFO"]).await;
                let whole = |info: &String| {
                    info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:16384")
                };
                info.as_ref().map_or(node.is_down(), whole)
            })
            .await;
        }
    }

    /// Waits until the replica of a primary serves its slots.
    pub async fn is_promoted(&self, primary: usize) {
        until("the replica is promoted", async || {
            let info = self.replicas[primary]
                .try_ask::<String>(&["INFO", "replication"])
                .await;
            info.is_ok_and(|info| info.contains("role:master"))
        })
        .await;
    }

    /// Moves every slot that keys of calls lie in from one primary to another, while it is in use.
    pub async fn move_slots(&self, from: usize, to: usize) {
        let source = &self.nodes[from];
        let mut slots = BTreeSet::new();
        for bucket in 0..=255 {
            let slot = self.slot_of(&format!("{{b{bucket:03}}}")).await;
            let first = SLOTS * from / self.nodes.len();
            slots.extend(
                (first..SLOTS * (from + 1) / self.nodes.len())
                    .contains(&slot)
                    .then_some(slot.to_string()),
            );
        }
        assert!(!slots.is_empty());
        for slot in &slots {
            self.begin_to_move(slot, from, to).await;
            loop {
                let keys: Vec<String> = source.ask(&["CLUSTER", "GETKEYSINSLOT", slot, "3"]).await;
                if keys.is_empty() {
                    break;
                }
                self.move_keys(&keys, from, to).await;
            }
            self.end_move(slot, from, to).await;
        }
    }

    /// The slot of a key.
    pub async fn slot_of(&self, key: &str) -> usize {
        self.nodes[0].ask(&["CLUSTER", "KEYSLOT", key]).await
    }

    /// The only key like a pattern, and the primary that has it.
    pub async fn find_key(&self, pattern: &str) -> (usize, String) {
        for (place, node) in self.nodes.iter().enumerate() {
            let mut keys: Vec<String> = node.ask(&["KEYS", pattern]).await;
            if let Some(key) = keys.pop() {
                assert!(keys.is_empty(), "there are more keys like {pattern}");
                return (place, key);
            }
        }
        panic!("there is no key like {pattern}");
    }

    /// Sets a slot on its way; its keys stay where they are.
    pub async fn begin_to_move(&self, slot: &str, from: usize, to: usize) {
        let (source, target) = (&self.nodes[from], &self.nodes[to]);
        let (source_id, target_id) = (source.id().await, target.id().await);
        let _: () = target
            .ask(&["CLUSTER", "SETSLOT", slot, "IMPORTING", &source_id])
            .await;
        let _: () = source
            .ask(&["CLUSTER", "SETSLOT", slot, "MIGRATING", &target_id])
            .await;
    }

    /// Moves keys of a slot that is on its way.
    pub async fn move_keys(&self, keys: &[String], from: usize, to: usize) {
        let port = self.nodes[to].port.to_string();
        let migrate = ["MIGRATE", "127.0.0.1", &port, "", "0", "5000", "KEYS"];
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        let _: String = self.nodes[from].ask(&[&migrate[..], &keys].concat()).await;
    }

    /// Tells both that the slot has arrived.
    pub async fn end_move(&self, slot: &str, from: usize, to: usize) {
        let id = self.nodes[to].id().await;
        for node in [&self.nodes[to], &self.nodes[from]] {
            let _: () = node.ask(&["CLUSTER", "SETSLOT", slot, "NODE", &id]).await;
        }
    }

    /// Its URL as the store takes it.
    pub fn url(&self) -> String {
        let hosts: Vec<_> = self
            .nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port))
            .collect();
        format!("redis+cluster://{}", hosts.join(","))
    }
}

/// A primary, a replica, and a sentinel that makes the one into the other.
pub struct Sentinel {
    /// The primary at first.
    pub primary: Redis,
    /// The replica at first.
    pub replica: Redis,
    watcher: Redis,
}

impl Sentinel {
    /// Starts the three, and waits until the sentinel knows both servers and the replica follows.
    pub async fn start() -> Self {
        let primary = Redis::start().await;
        let port = primary.port.to_string();
        let replica = Redis::with(&[
            "--replicaof",
            "127.0.0.1",
            &port,
            "--repl-diskless-sync-delay",
            "0",
        ])
        .await;
        until("the replica follows", async || {
            let info: String = replica.ask(&["INFO", "replication"]).await;
            info.contains("master_link_status:up")
        })
        .await;
        let sentinel = Self {
            watcher: watch(&port).await,
            primary,
            replica,
        };
        until("the sentinel knows the replica", async || {
            sentinel
                .watcher
                .ask::<Vec<redis::Value>>(&["SENTINEL", "REPLICAS", "main"])
                .await
                .len()
                == 1
        })
        .await;
        sentinel
    }

    /// Makes the replica the primary while both live; the one before becomes its replica.
    pub async fn fail_over(&self) {
        until("the sentinel finds the replica good enough", async || {
            self.watcher
                .try_ask::<()>(&["SENTINEL", "FAILOVER", "main"])
                .await
                .is_ok()
        })
        .await;
        // A server that changes its role closes the connections of its clients.
        until("the replica is the primary", async || {
            let info = self
                .replica
                .try_ask::<String>(&["INFO", "replication"])
                .await;
            info.is_ok_and(|info| info.contains("role:master"))
        })
        .await;
    }

    /// Its URL as the store takes it.
    pub fn url(&self) -> String {
        format!("redis+sentinel://127.0.0.1:{}/main", self.watcher.port)
    }
}

/// A sentinel, which keeps what it learns in its settings file.
async fn watch(port: &str) -> Redis {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!(
        "sentinel monitor main 127.0.0.1 {port} 1\nsentinel down-after-milliseconds main 1000\n\
         sentinel failover-timeout main 3000\n"
    );
    std::fs::write(folder.path().join("sentinel.conf"), settings).unwrap();
    let own = free_port();
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let child = Command::new("redis-server")
        .current_dir(folder.path())
        .args([
            "sentinel.conf",
            "--sentinel",
            "--bind",
            "127.0.0.1",
            "--port",
            &own.to_string(),
        ])
        .stdin(Stdio::null())
        .stderr(log.try_clone().unwrap())
        .stdout(log)
        .spawn()
        .expect("redis-server is installed");
    let mut watcher = Redis {
        child,
        folder,
        port: own,
        args: Vec::new(),
        tls: None,
    };
    watcher.answers().await;
    watcher
}

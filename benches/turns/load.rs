//! The generator: whole calls over connections that stay open, every request signed, every answer checked.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::{join_all, try_join_all};
use hdrhistogram::Histogram;
use serde_json::json;
use tokio::time::sleep_until;

use super::call::{Call, Carrier, TURNS};
use super::http::Connection;
use super::{Fault, USAGE, process};

/// The longest latency that is told apart from others, in nanoseconds.
const LONGEST: u64 = 60_000_000_000;
/// Connections that leave calls open; two turns of each are played.
const OPENERS: usize = 32;

/// What the connections share.
struct Shared {
    port: u16,
    carrier: RefCell<Carrier>,
    /// Whether the server knows no calls, so that it cannot repeat what was entered.
    fixed: bool,
    stop: Cell<bool>,
    turns: Cell<u64>,
    wrong: Cell<u64>,
    latency: RefCell<Histogram<u64>>,
}

impl Shared {
    fn new(port: u16, fixed: bool) -> Result<Rc<Self>, Fault> {
        Ok(Rc::new(Self {
            port,
            carrier: RefCell::new(Carrier::new()),
            fixed,
            stop: Cell::new(false),
            turns: Cell::new(0),
            wrong: Cell::new(0),
            latency: RefCell::new(Histogram::new_with_max(LONGEST, 3)?),
        }))
    }

    /// Plays one turn; a call that hears what it should not is given up.
    async fn turn(&self, line: &mut Line) -> Result<(), Fault> {
        self.carrier.borrow().request(&line.call, &mut line.request);
        let right = match line.connection.ask(&line.request).await? {
            (200, answer) => line.call.hear(answer, self.fixed),
            _ => false,
        };
        self.turns.set(self.turns.get() + 1);
        self.wrong.set(self.wrong.get() + u64::from(!right));
        if !right || line.call.is_over() {
            line.call = self.carrier.borrow_mut().call();
        }
        Ok(())
    }

    /// One call after the other, each request as soon as the answer before is there.
    async fn closed(&self) -> Result<(), Fault> {
        let mut line = Line::open(self).await?;
        while !self.stop.get() {
            let sent = Instant::now();
            self.turn(&mut line).await?;
            self.note(sent.elapsed());
        }
        Ok(())
    }

    /// A request whenever its time has come. One that had to wait for the answer before counts from when it was due, so
    /// that a server that stands still is not asked less.
    async fn constant(&self, mut due: Instant, every: Duration) -> Result<(), Fault> {
        let mut line = Line::open(self).await?;
        while !self.stop.get() {
            let late = Instant::now() > due;
            sleep_until(due.into()).await;
            // Where it had not to wait, only the timer's own lateness is left out.
            let since = if late { due } else { Instant::now() };
            self.turn(&mut line).await?;
            self.note(since.elapsed());
            due += every;
        }
        Ok(())
    }

    fn note(&self, latency: Duration) {
        let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(LONGEST);
        self.latency.borrow_mut().saturating_record(nanoseconds);
    }

    fn begin(&self) {
        self.turns.set(0);
        self.wrong.set(0);
        self.latency.borrow_mut().reset();
    }
}

/// A connection and the call on it.
struct Line {
    connection: Connection,
    call: Call,
    request: String,
}

impl Line {
    async fn open(shared: &Shared) -> Result<Self, Fault> {
        let connection = Connection::open(shared.port).await?;
        let call = shared.carrier.borrow_mut().call();
        Ok(Self {
            connection,
            call,
            request: String::new(),
        })
    }
}

/// Runs on this thread alone: the machine's other processor is the server's.
fn block_on<T>(future: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(tokio::task::LocalSet::new().run_until(future))
}

/// `load`: one window of one server; a line of JSON on stdout.
pub fn run(words: &[&str]) -> Result<(), Fault> {
    let (words, rate) = match words {
        [words @ .., rate] if words.len() == 7 => (words, rate.parse()?),
        words => (words, 0.0),
    };
    let [server, port, pid, redis, connections, warmup, seconds] = words else {
        return Err(USAGE.into());
    };
    let shared = Shared::new(port.parse()?, server.starts_with("bare"))?;
    let (pid, redis, connections) = (pid.parse()?, redis.parse()?, connections.parse()?);
    let (warmup, seconds) = (
        Duration::from_secs_f64(warmup.parse()?),
        Duration::from_secs_f64(seconds.parse()?),
    );
    block_on(async {
        let lines = (0..connections).map(|number| line(shared.clone(), number, connections, rate));
        let lines: Vec<_> = lines.map(tokio::task::spawn_local).collect();
        tokio::time::sleep(warmup).await;
        let window = Window::open(&shared, [pid, redis, std::process::id()]);
        tokio::time::sleep(seconds).await;
        let figures = window.close(&shared, server, rate);
        shared.stop.set(true);
        for line in join_all(lines).await {
            line??;
        }
        println!("{figures}");
        Ok(())
    })
}

async fn line(shared: Rc<Shared>, number: u32, connections: u32, rate: f64) -> Result<(), String> {
    let played = if rate > 0.0 {
        let every = Duration::from_secs_f64(f64::from(connections) / rate);
        shared
            .constant(Instant::now() + every * number / connections, every)
            .await
    } else {
        shared.closed().await
    };
    played.map_err(|fault| fault.to_string())
}

/// A time in which something is measured.
struct Window {
    began: Instant,
    pids: [u32; 3],
    used: [Duration; 3],
    machine: Duration,
}

impl Window {
    fn open(shared: &Shared, pids: [u32; 3]) -> Self {
        shared.begin();
        Self {
            began: Instant::now(),
            pids,
            used: pids.map(process::cpu),
            machine: process::machine(),
        }
    }

    fn close(self, shared: &Shared, server: &str, rate: f64) -> serde_json::Value {
        let used: Vec<f64> = self
            .pids
            .iter()
            .zip(self.used)
            .map(|(pid, before)| (process::cpu(*pid) - before).as_secs_f64())
            .collect();
        let (elapsed, turns) = (
            self.began.elapsed().as_secs_f64(),
            shared.turns.get() as f64,
        );
        let others = (process::machine() - self.machine).as_secs_f64() - used.iter().sum::<f64>();
        let latency = shared.latency.borrow();
        let quantile = |quantile: f64| latency.value_at_quantile(quantile) as f64 / 1000.0;
        json!({
            "server": server,
            "rate": rate,
            "cpu_us": used[0] * 1e6 / turns,
            "redis_us": used[1] * 1e6 / turns,
            "turns_s": turns / elapsed,
            "busy": used[0] / elapsed,
            "load": used[2] / elapsed,
            "others": others / elapsed,
            "p50_us": quantile(0.5),
            "p99_us": quantile(0.99),
            "p999_us": quantile(0.999),
            "resident": process::resident(self.pids[0]),
            "wrong": shared.wrong.get(),
        })
    }
}

/// `play`: so many whole calls, one after the other on one connection; for counting instructions.
pub fn play(words: &[&str]) -> Result<(), Fault> {
    let [server, port, calls] = words else {
        return Err(USAGE.into());
    };
    let shared = Shared::new(port.parse()?, server.starts_with("bare"))?;
    let calls: usize = calls.parse()?;
    block_on(async {
        let mut line = Line::open(&shared).await?;
        for _ in 0..calls * TURNS {
            shared.turn(&mut line).await?;
        }
        match shared.wrong.get() {
            0 => Ok(()),
            wrong => Err(format!("{wrong} wrong answers").into()),
        }
    })
}

/// `calls`: begins calls and leaves them at their second question; bytes a call of the node and of Redis.
pub fn leave_calls_open(words: &[&str]) -> Result<(), Fault> {
    let [server, port, pid, redis, calls] = words else {
        return Err(USAGE.into());
    };
    let (pid, calls): (u32, usize) = (pid.parse()?, calls.parse()?);
    let shared = Shared::new(port.parse()?, false)?;
    block_on(async {
        // What a node needs once is there before it is counted.
        open_calls(&shared, OPENERS).await?;
        let before = (process::resident(pid), redis_memory(redis).await?);
        open_calls(&shared, calls).await?;
        let after = (process::resident(pid), redis_memory(redis).await?);
        let each = |before: u64, after: u64| after.saturating_sub(before) as f64 / calls as f64;
        println!(
            "{}",
            json!({ "server": server, "node": each(before.0, after.0), "redis": each(before.1, after.1) })
        );
        Ok(())
    })
}

async fn open_calls(shared: &Shared, calls: usize) -> Result<(), Fault> {
    let lines = (0..OPENERS).map(|_| async {
        let mut line = Line::open(shared).await?;
        for _ in 0..calls / OPENERS {
            shared.turn(&mut line).await?;
            shared.turn(&mut line).await?;
            line.call = shared.carrier.borrow_mut().call();
        }
        Ok::<_, Fault>(())
    });
    try_join_all(lines).await?;
    match shared.wrong.get() {
        0 => Ok(()),
        wrong => Err(format!("{wrong} wrong answers").into()),
    }
}

async fn redis_memory(port: &str) -> Result<u64, Fault> {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}"))?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let info: String = redis::cmd("INFO")
        .arg("memory")
        .query_async(&mut connection)
        .await?;
    let used = info
        .lines()
        .find_map(|line| line.strip_prefix("used_memory:"));
    Ok(used.and_then(|used| used.trim().parse().ok()).unwrap_or(0))
}

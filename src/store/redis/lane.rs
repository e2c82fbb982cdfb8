//! One connection that mends itself.
//!
//! A connection that broke is replaced in the background, again and again until it works or nobody needs it. Meanwhile
//! requests wait for it, as long as an answer may take, and are sent once more: every write is a script that does
//! nothing when its work is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::sync::Notify;

use super::source::Source;

/// How long it waits between attempts to connect.
const AGAIN: Duration = Duration::from_millis(100);

/// A connection and what replaces it.
pub(super) struct Lane {
    source: Arc<Source>,
    live: ArcSwapOption<Live>,
    mended: Notify,
    mending: AtomicBool,
    patience: Duration,
}

/// A request that a connection did not bring back.
#[derive(Clone)]
pub(super) struct Failed {
    number: u64,
    /// Why.
    pub error: RedisError,
}

struct Live {
    number: u64,
    connection: MultiplexedConnection,
}

impl Lane {
    /// A lane that connects when it is first used, or goes on with a connection that is there.
    pub fn new(
        source: Arc<Source>,
        connection: Option<MultiplexedConnection>,
        patience: Duration,
    ) -> Arc<Self> {
        let live = connection.map(|connection| {
            Arc::new(Live {
                number: 1,
                connection,
            })
        });
        let (mended, mending) = (Notify::new(), AtomicBool::new(false));
        Arc::new(Self {
            source,
            live: ArcSwapOption::new(live),
            mended,
            mending,
            patience,
        })
    }

    /// Sends one request once, if there is a connection; else that is replaced in the background.
    pub async fn try_send(self: &Arc<Self>, command: &Cmd) -> Result<Value, Failed> {
        let Some((number, mut connection)) = self.current() else {
            return Err(self.failed(0, not_connected()));
        };
        connection
            .send_packed_command(command)
            .await
            .map_err(|error| self.failed(number, error))
    }

    /// Sends many requests once, as [`Lane::try_send`] does. A refused one is a `Value::ServerError` in its place.
    pub async fn try_send_all(self: &Arc<Self>, commands: &Pipeline) -> Result<Vec<Value>, Failed> {
        let Some((number, mut connection)) = self.current() else {
            return Err(self.failed(0, not_connected()));
        };
        let sent = connection
            .send_packed_commands(commands, 0, commands.len())
            .await;
        sent.map_err(|error| self.failed(number, error))
    }

    fn failed(self: &Arc<Self>, number: u64, error: RedisError) -> Failed {
        self.mend(number);
        Failed { number, error }
    }

    /// Waits until there is another connection than the one that failed.
    pub async fn mended(&self, failed: &Failed) {
        self.newer_than(failed.number).await;
    }

    /// Sends one request.
    pub async fn send(self: &Arc<Self>, command: &Cmd) -> RedisResult<Value> {
        let (number, failed) = match self.current() {
            Some((number, mut connection)) => match connection.send_packed_command(command).await {
                Ok(Value::ServerError(error)) if is_elsewhere(error.kind()) => {
                    (number, error.into())
                }
                Ok(value) => return Ok(value),
                Err(error) => (number, error),
            },
            None => (0, not_connected()),
        };
        // Boxed, so that the way that is rarely gone takes no room in every turn.
        Box::pin(self.send_again(command, number, failed)).await
    }

    async fn send_again(
        self: &Arc<Self>,
        command: &Cmd,
        number: u64,
        failed: RedisError,
    ) -> RedisResult<Value> {
        let mut connection = self.after(number, failed).await?;
        connection.send_packed_command(command).await
    }

    /// Sends many requests at once. A refused one is a `Value::ServerError` in its place.
    pub async fn send_all(self: &Arc<Self>, commands: &Pipeline) -> RedisResult<Vec<Value>> {
        let count = commands.len();
        let (number, failed) = match self.current() {
            Some((number, mut connection)) => {
                match connection.send_packed_commands(commands, 0, count).await {
                    Ok(values) => match values.iter().find_map(elsewhere) {
                        Some(error) => (number, error),
                        None => return Ok(values),
                    },
                    Err(error) => (number, error),
                }
            }
            None => (0, not_connected()),
        };
        let mut connection = self.after(number, failed).await?;
        connection.send_packed_commands(commands, 0, count).await
    }

    fn current(&self) -> Option<(u64, MultiplexedConnection)> {
        self.live
            .load()
            .as_ref()
            .map(|live| (live.number, live.connection.clone()))
    }

    fn number(&self) -> u64 {
        self.live.load().as_ref().map_or(0, |live| live.number)
    }

    /// The connection after the one that failed, if it comes in time. What took too long once is not tried again.
    async fn after(
        self: &Arc<Self>,
        number: u64,
        failed: RedisError,
    ) -> RedisResult<MultiplexedConnection> {
        self.mend(number);
        if failed.is_timeout() {
            return Err(failed);
        }
        match tokio::time::timeout(self.patience, self.newer_than(number)).await {
            Ok(connection) => Ok(connection),
            Err(_) => Err(failed),
        }
    }

    async fn newer_than(&self, number: u64) -> MultiplexedConnection {
        loop {
            let mut mended = std::pin::pin!(self.mended.notified());
            mended.as_mut().enable();
            match self.current() {
                Some((current, connection)) if current > number => return connection,
                _ => mended.await,
            }
        }
    }

    /// Replaces connection `number` in the background, unless that is done or under way.
    fn mend(self: &Arc<Self>, number: u64) {
        if self.number() != number || self.mending.swap(true, Ordering::AcqRel) {
            return;
        }
        let guard = Mending(self.clone());
        tokio::spawn(async move {
            let lane = &guard.0;
            let mut told = false;
            // Two owners are this task and the link: with the link gone, nobody needs the connection.
            while lane.number() == number && Arc::strong_count(lane) > 1 {
                match lane.source.connect().await {
                    Ok(connection) => lane.put(number + 1, connection, told),
                    Err(error) => {
                        if !std::mem::replace(&mut told, true) {
                            tracing::warn!(server = %lane.source, %error, "Redis is away.");
                        }
                        tokio::time::sleep(AGAIN).await;
                    }
                }
            }
        });
    }

    fn put(&self, number: u64, connection: MultiplexedConnection, was_away: bool) {
        self.live.store(Some(Arc::new(Live { number, connection })));
        self.mended.notify_waiters();
        if was_away {
            tracing::info!(server = %self.source, "Redis is back.");
        }
    }
}

/// Says that nobody mends any more, however the task that did has ended: a runtime that stops drops it.
struct Mending(Arc<Lane>);

impl Drop for Mending {
    fn drop(&mut self) {
        self.0.mending.store(false, Ordering::Release);
    }
}

fn not_connected() -> RedisError {
    (ErrorKind::Io, "not connected to redis").into()
}

fn elsewhere(value: &Value) -> Option<RedisError> {
    match value {
        Value::ServerError(error) if is_elsewhere(error.kind()) => Some(error.clone().into()),
        _ => None,
    }
}

/// Whether a refusal means that this server is not, or not yet, the one that takes writes.
fn is_elsewhere(kind: Option<ServerErrorKind>) -> bool {
    matches!(
        kind,
        Some(
            ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown | ServerErrorKind::BusyLoading
        )
    )
}

//! Where a connection comes from: one server, or the primary that the sentinels name now.

use std::fmt;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, ErrorKind, FromRedisValue, RedisError,
    RedisResult, Value, cmd,
};

use super::address::{Sentinels, at_host};

/// How long a server may take to be connected to.
const CONNECT: Duration = Duration::from_secs(1);
/// How long a sentinel, or a node that is asked about its cluster, may take: there are others.
const ASK: Duration = Duration::from_millis(400);
/// Requests under way on one connection before the next one waits.
const PIPELINE: usize = 1_024;

/// Makes connections that can be written to.
pub(super) struct Source {
    target: Target,
    response: Duration,
}

enum Target {
    Single(ConnectionInfo),
    Sentinel {
        nodes: Vec<Client>,
        name: String,
        primary: ConnectionInfo,
    },
}

impl Source {
    /// A server at one address; it has `response` for each answer.
    pub fn single(info: ConnectionInfo, response: Duration) -> Self {
        Self {
            target: Target::Single(info),
            response,
        }
    }

    /// The primary that sentinels know.
    ///
    /// # Errors
    /// When an address cannot be used.
    pub fn sentinel(sentinels: Sentinels, response: Duration) -> RedisResult<Self> {
        let Sentinels {
            nodes,
            name,
            primary,
        } = sentinels;
        let nodes = nodes
            .into_iter()
            .map(Client::open)
            .collect::<RedisResult<_>>()?;
        Ok(Self {
            target: Target::Sentinel {
                nodes,
                name,
                primary,
            },
            response,
        })
    }

    /// Connects, and makes sure that the server answers and is not still reading its files.
    ///
    /// # Errors
    /// When it cannot be reached, or no sentinel knows a primary that says so itself.
    pub async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        match &self.target {
            Target::Single(info) => greet(&Client::open(info.clone())?, self.response).await,
            Target::Sentinel {
                nodes,
                name,
                primary,
            } => self.find_primary(nodes, name, primary).await,
        }
    }

    async fn find_primary(
        &self,
        nodes: &[Client],
        name: &str,
        primary: &ConnectionInfo,
    ) -> RedisResult<MultiplexedConnection> {
        let mut failed = RedisError::from((ErrorKind::EmptySentinelList, "no sentinel was named"));
        for node in nodes {
            let found = match ask_primary(node, name).await {
                Ok((host, port)) => self.connect_primary(primary, host, port).await,
                Err(error) => Err(error),
            };
            match found {
                Ok(connection) => return Ok(connection),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// A sentinel may name a primary that is none any more: only its own word counts.
    async fn connect_primary(
        &self,
        primary: &ConnectionInfo,
        host: String,
        port: u16,
    ) -> RedisResult<MultiplexedConnection> {
        let client = Client::open(at_host(primary, host, port))?;
        let mut connection = greet(&client, self.response).await?;
        let role = connection
            .send_packed_command(&cmd("ROLE"))
            .await?
            .extract_error()?;
        match role {
            Value::Array(parts) if is(parts.first(), b"master") => Ok(connection),
            _ => Err((ErrorKind::Io, "the sentinels name a primary that is none").into()),
        }
    }
}

/// Which server, for the log.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Single(info) => write!(f, "{}", info.addr()),
            Target::Sentinel { name, .. } => write!(f, "the primary `{name}`"),
        }
    }
}

fn is(value: Option<&Value>, text: &[u8]) -> bool {
    matches!(value, Some(Value::BulkString(bytes)) if bytes == text)
}

async fn greet(client: &Client, response: Duration) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(response))
        .set_pipeline_buffer_size(PIPELINE);
    let mut connection = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    connection
        .send_packed_command(&cmd("PING"))
        .await?
        .extract_error()?;
    Ok(connection)
}

/// Asks a server one question, over a connection that is made for it.
///
/// # Errors
/// When it does not answer soon.
pub(super) async fn ask(server: &Client, question: &Cmd) -> RedisResult<Value> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(ASK))
        .set_response_timeout(Some(ASK));
    let mut connection = server
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    connection
        .send_packed_command(question)
        .await?
        .extract_error()
}

async fn ask_primary(sentinel: &Client, name: &str) -> RedisResult<(String, u16)> {
    let answer = ask(
        sentinel,
        cmd("SENTINEL").arg("get-master-addr-by-name").arg(name),
    )
    .await?;
    let primary = Option::<(String, u16)>::from_redis_value(answer)?;
    primary.ok_or_else(|| {
        (
            ErrorKind::MasterNameNotFoundBySentinel,
            "the sentinel does not know",
            name.into(),
        )
            .into()
    })
}

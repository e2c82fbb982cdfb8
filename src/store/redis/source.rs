//! Where a connection comes from: one server, or the primary that the sentinels name now.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, FromRedisValue, RedisError, RedisResult,
    Value, cmd,
};

use super::address::Sentinels;

/// How long a server may take to be connected to.
const CONNECT: Duration = Duration::from_secs(1);
/// How long a sentinel may take: there are others.
const ASK: Duration = Duration::from_millis(400);
/// Requests under way on one connection before the next one waits.
const PIPELINE: usize = 1_024;

/// Makes connections that can be written to.
pub(super) struct Source {
    target: Target,
    response: Duration,
}

enum Target {
    Single(Client),
    Sentinel { nodes: Vec<Client>, name: String, primary: ConnectionInfo },
}

impl Source {
    /// A server at one address; it has `response` for each answer.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn single(info: ConnectionInfo, response: Duration) -> RedisResult<Self> {
        Ok(Self { target: Target::Single(Client::open(info)?), response })
    }

    /// The primary that sentinels know.
    ///
    /// # Errors
    /// When an address cannot be used.
    pub fn sentinel(sentinels: Sentinels, response: Duration) -> RedisResult<Self> {
        let Sentinels { nodes, name, primary } = sentinels;
        let nodes = nodes.into_iter().map(Client::open).collect::<RedisResult<_>>()?;
        Ok(Self { target: Target::Sentinel { nodes, name, primary }, response })
    }

    /// Connects, and makes sure that the server answers and is not still reading its files.
    ///
    /// # Errors
    /// When it cannot be reached, or no sentinel knows a primary that says so itself.
    pub async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        match &self.target {
            Target::Single(client) => greet(client, self.response).await,
            Target::Sentinel { nodes, name, primary } => self.find_primary(nodes, name, primary).await,
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
            let found = match ask(node, name).await {
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
        let address = match primary.addr() {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
                ConnectionAddr::TcpTls { host, port, insecure: *insecure, tls_params: tls_params.clone() }
            }
            _ => ConnectionAddr::Tcp(host, port),
        };
        let client = Client::open(primary.clone().set_addr(address))?;
        let mut connection = greet(&client, self.response).await?;
        let role = connection.send_packed_command(&cmd("ROLE")).await?.extract_error()?;
        match role {
            Value::Array(parts) if is(parts.first(), b"master") => Ok(connection),
            _ => Err((ErrorKind::Io, "the sentinels name a primary that is none").into()),
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
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    connection.send_packed_command(&cmd("PING")).await?.extract_error()?;
    Ok(connection)
}

async fn ask(sentinel: &Client, name: &str) -> RedisResult<(String, u16)> {
    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(ASK)).set_response_timeout(Some(ASK));
    let mut connection = sentinel.get_multiplexed_async_connection_with_config(&config).await?;
    let question = cmd("SENTINEL").arg("get-master-addr-by-name").arg(name).take();
    let answer = connection.send_packed_command(&question).await?.extract_error()?;
    let primary = Option::<(String, u16)>::from_redis_value(answer)?;
    primary.ok_or_else(|| (ErrorKind::MasterNameNotFoundBySentinel, "the sentinel does not know", name.into()).into())
}

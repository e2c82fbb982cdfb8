//! Reading the URLs of Redis: one server, a cluster, or a primary that sentinels know.

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo};

use crate::store::Error;

/// Where a sentinel listens if the URL does not say.
const SENTINEL_PORT: u16 = 26_379;

/// Where Redis is.
pub(super) enum RedisAddress {
    /// `redis://[user:password@]host[:port][/db]`, with TLS `rediss://`.
    Single(ConnectionInfo),
    /// `redis+cluster://[user:password@]host[:port],…`, with TLS `rediss+cluster://`.
    Cluster(Vec<ConnectionInfo>),
    /// `redis+sentinel://[user:password@]host[:port],…/name[/db]`, with TLS `rediss+sentinel://`.
    Sentinel(Sentinels),
}

/// The sentinels that know a primary, and how to greet it.
pub(super) struct Sentinels {
    /// Each of them, in the order of the URL. Their own password is `?sentinel_password=`.
    pub nodes: Vec<ConnectionInfo>,
    /// What the sentinels call the primary.
    pub name: String,
    /// The primary's user, password and database; the address in it means nothing.
    pub primary: ConnectionInfo,
}

/// A URL, cut at its signs.
struct Parts<'a> {
    /// `redis` or `rediss`.
    scheme: &'a str,
    /// `user:password@`, or nothing.
    login: &'a str,
    hosts: Vec<&'a str>,
    path: &'a str,
    query: &'a str,
}

impl RedisAddress {
    /// Reads a URL.
    ///
    /// # Errors
    /// `Url`, which shows no password.
    pub fn parse(url: &str) -> Result<Self, Error> {
        Self::read(url).map_err(|reason| Error::Url {
            url: without_password(url),
            reason,
        })
    }

    fn read(url: &str) -> Result<Self, String> {
        let (scheme, _) = url
            .split_once("://")
            .ok_or("`redis://host:port` is how it looks")?;
        let (base, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
        if !matches!(base, "redis" | "rediss") {
            return Err(format!("`{scheme}` is no scheme of Redis"));
        }
        match kind {
            "" => Ok(Self::Single(info(url)?)),
            "cluster" => Ok(Self::Cluster(Parts::of(url, base)?.cluster()?)),
            "sentinel" => Ok(Self::Sentinel(Parts::of(url, base)?.sentinels()?)),
            _ => Err(format!("`{kind}` is neither `cluster` nor `sentinel`")),
        }
    }

    /// Whether connections are encrypted.
    pub fn is_encrypted(&self) -> bool {
        let encrypted =
            |info: &ConnectionInfo| matches!(info.addr(), redis::ConnectionAddr::TcpTls { .. });
        match self {
            Self::Single(info) => encrypted(info),
            Self::Cluster(nodes) => nodes.iter().any(encrypted),
            Self::Sentinel(sentinels) => encrypted(&sentinels.primary),
        }
    }
}

impl<'a> Parts<'a> {
    fn of(url: &'a str, scheme: &'a str) -> Result<Self, String> {
        let (_, rest) = url.split_once("://").ok_or("`://` is missing")?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let split = rest.rfind('@').map_or(0, |at| at + 1);
        let (login, rest) = rest.split_at(split);
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        let hosts: Vec<_> = hosts.split(',').filter(|host| !host.is_empty()).collect();
        if hosts.is_empty() {
            return Err("it names no host".to_owned());
        }
        Ok(Self {
            scheme,
            login,
            hosts,
            path,
            query,
        })
    }

    fn cluster(&self) -> Result<Vec<ConnectionInfo>, String> {
        if !matches!(self.path, "" | "0") {
            return Err("a cluster has no databases".to_owned());
        }
        self.hosts
            .iter()
            .map(|host| info(&format!("{}://{}{host}", self.scheme, self.login)))
            .collect()
    }

    fn sentinels(&self) -> Result<Sentinels, String> {
        let (name, db) = self.path.split_once('/').unwrap_or((self.path, "0"));
        if name.is_empty() {
            return Err(
                "the name that the sentinels know goes behind the hosts: `/mymaster`".to_owned(),
            );
        }
        let primary = info(&format!("{}://{}sentinels/{db}", self.scheme, self.login))?;
        let mut greeting = RedisConnectionInfo::default();
        for (key, value) in form_urlencoded::parse(self.query.as_bytes()) {
            greeting = match key.as_ref() {
                "sentinel_username" => greeting.set_username(value),
                "sentinel_password" => greeting.set_password(value),
                _ => {
                    return Err(format!(
                        "`{key}` is not known: `sentinel_username` and `sentinel_password` are"
                    ));
                }
            };
        }
        let node = |host: &&str| -> Result<_, String> {
            let port = if has_port(host) {
                String::new()
            } else {
                format!(":{SENTINEL_PORT}")
            };
            Ok(info(&format!("{}://{host}{port}", self.scheme))?
                .set_redis_settings(greeting.clone()))
        };
        let nodes = self.hosts.iter().map(node).collect::<Result<_, _>>()?;
        Ok(Sentinels {
            nodes,
            name: name.to_owned(),
            primary,
        })
    }
}

fn has_port(host: &str) -> bool {
    let behind_address = host.rsplit_once(']').map_or(host, |(_, behind)| behind);
    behind_address.contains(':')
}

/// Reads one server's URL. A turn is a small write: it must not wait for the one before it to be acknowledged.
fn info(url: &str) -> Result<ConnectionInfo, String> {
    let info = url
        .into_connection_info()
        .map_err(|error| error.to_string())?;
    let settings = info.tcp_settings().clone().set_nodelay(true);
    Ok(info.set_tcp_settings(settings))
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((_, behind)) => format!("{scheme}://***@{behind}"),
        None => url.to_owned(),
    }
}

/// The same way of connecting, with the same encryption and password, to another host.
pub(super) fn at_host(known: &ConnectionInfo, host: String, port: u16) -> ConnectionInfo {
    let address = match known.addr() {
        ConnectionAddr::TcpTls {
            insecure,
            tls_params,
            ..
        } => ConnectionAddr::TcpTls {
            host,
            port,
            insecure: *insecure,
            tls_params: tls_params.clone(),
        },
        _ => ConnectionAddr::Tcp(host, port),
    };
    known.clone().set_addr(address)
}

#[cfg(test)]
mod tests {
    use super::RedisAddress;

    #[test]
    fn each_kind_of_url_is_read() {
        let Ok(RedisAddress::Single(info)) =
            RedisAddress::parse("redis://ivr:p%40ss@10.0.0.1:7000/3")
        else {
            panic!()
        };
        assert_eq!(info.addr().to_string(), "10.0.0.1:7000");
        assert_eq!(
            (info.redis_settings().db(), info.redis_settings().password()),
            (3, Some("p@ss"))
        );

        let Ok(RedisAddress::Cluster(nodes)) = RedisAddress::parse("rediss+cluster://:pw@a:1,b:2")
        else {
            panic!()
        };
        assert_eq!(
            nodes
                .iter()
                .map(|node| node.addr().to_string())
                .collect::<Vec<_>>(),
            ["a:1", "b:2"]
        );
        assert!(
            nodes
                .iter()
                .all(|node| node.redis_settings().password() == Some("pw"))
        );

        let url = "redis+sentinel://:pw@a,[::1],[::2]:3/main/4?sentinel_password=s";
        let Ok(RedisAddress::Sentinel(sentinels)) = RedisAddress::parse(url) else {
            panic!()
        };
        assert_eq!(
            (
                sentinels.name.as_str(),
                sentinels.primary.redis_settings().db()
            ),
            ("main", 4)
        );
        assert_eq!(sentinels.primary.redis_settings().password(), Some("pw"));
        let nodes: Vec<_> = sentinels
            .nodes
            .iter()
            .map(|node| node.addr().to_string())
            .collect();
        assert_eq!(nodes, ["a:26379", "::1:26379", "::2:3"]);
        assert!(
            sentinels
                .nodes
                .iter()
                .all(|node| node.redis_settings().password() == Some("s"))
        );
    }

    #[test]
    fn encryption_is_a_matter_of_the_scheme() {
        for (url, encrypted) in [
            ("redis://a", false),
            ("rediss://a", true),
            ("rediss+cluster://a,b", true),
            ("rediss+sentinel://a/m", true),
            ("redis+sentinel://a/m", false),
        ] {
            assert_eq!(
                RedisAddress::parse(url).unwrap().is_encrypted(),
                encrypted,
                "{url}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_without_the_password() {
        for url in [
            "http://u:secret@a",
            "redis+x://u:secret@a",
            "redis+cluster://u:secret@a/5",
            "redis+cluster://u:secret@",
            "redis+sentinel://u:secret@a",
            "redis+sentinel://u:secret@a/m?x=1",
            "redis://u:secret@a/none",
        ] {
            let Err(error) = RedisAddress::parse(url) else {
                panic!("{url} was read")
            };
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
